//! The one integration test binary of the roof: it mirrors the house, a module for each verb or surface.

mod cancel;
mod dispatch;
mod house;
mod poll;
mod rig;
mod settle;
mod submit;
