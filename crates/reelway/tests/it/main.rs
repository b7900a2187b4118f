//! The one integration test binary of the roof: it mirrors the house, a module for each verb or surface.

mod backlog;
mod bad_input;
mod binary;
mod cancel;
mod cli;
mod content;
mod dispatch;
mod doors;
mod envelope;
mod foreign;
mod gate;
mod guard;
mod house;
mod house_under_test;
mod ingest;
mod keys;
mod native;
mod poll;
mod polling;
mod repeats;
mod rig;
mod settle;
mod site;
mod submit;
mod tours;
mod waiting;
