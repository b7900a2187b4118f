//! The engine's tests that need no house around them; its verbs are tested in the roof's, with all that
//! they work on.

mod lease_model;
mod measure;
mod sniff;
