//! The one integration test binary of the roof: it mirrors the house, a module for each verb or surface.

mod house;
