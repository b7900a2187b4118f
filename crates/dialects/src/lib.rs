//! The front door: how clients speak. One module per dialect; pure, no I/O, no clock, no provider.
//!
//! To add a dialect:
//! 1. Write `src/<name>.rs` (over 400 lines: with a folder `src/<name>/`), in the rooms and the order
//!    of `elk`: the vendor's page and the date it was checked, facts as constants, the route table,
//!    then parse, render and webhook. The fields that it reads are tables in its `guide.rs`, and its reader
//!    takes the names that it knows from there.
//! 2. Add its line to [`ALL`], sorted by name.
//! 3. Put its golden pairs into `fixtures/<name>/*.json`; `tests/it/fixtures.rs` reads every file there.
//! 4. Run `cargo test -p dialects`: the exam `testkit::conform::dialect` is sat by everyone in [`ALL`].
//! 5. Write its page with `BLESS=1 cargo test -p dialects pages`, and read it.
//!
//! What several dialects of one vendor share lies beside them: `kling_models` (who can do what),
//! `kling_options` (the vendor's own option fields, with their rows in `kling_fields`), `kling_frames`
//! (pictures and masks), `kling_media` and `kling_given` (clips and sounds of the legacy calls, and of
//! others), `kling_sizes` (sizes in pixels) and `kling_resale` (bodies of resellers). What tables of fields are
//! to readers is in `field_tables`.

use domain::Dialect;

pub mod elk;
pub mod ezmodel;
mod field_tables;
pub mod kling;
pub mod kling2;
mod kling_fields;
mod kling_frames;
mod kling_given;
mod kling_media;
pub mod kling_models;
mod kling_options;
mod kling_resale;
mod kling_sizes;
pub mod openai;
pub mod openaiwrapped;
pub mod pixazo;
pub mod reelway;

/// Every dialect, sorted by name.
pub static ALL: &[&dyn Dialect] = &[
    &elk::Elk,
    &ezmodel::EzModel,
    &kling::Kling,
    &kling2::Kling2,
    &openai::OpenAi,
    &openaiwrapped::OpenAiWrapped,
    &pixazo::Pixazo,
    &reelway::Reelway,
];
