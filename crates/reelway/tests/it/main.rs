//! The one integration test binary of the roof: it mirrors the house, a module for each verb or surface.

mod backlog;
mod bad_input;
mod cancel;
mod cli;
mod content;
mod dispatch;
mod guard;
mod house;
mod house_under_test;
mod ingest;
mod intake;
mod keys;
mod native;
mod poll;
mod rig;
mod settle;
mod site;
mod submit;
