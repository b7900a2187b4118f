//! The back door: who makes the media. One file or folder per upstream; none of them knows a dialect
//! or a database, and only signatures are made by the clock. Shared by those that speak JSON:
//! `json_call` (one bounded call), `base64_media` (kept media as text), `decimal` (a vendor's exact
//! numbers).
//!
//! To add a provider:
//! 1. Write `src/<name>.rs` (or a folder): the vendor's documentation in the first line, constants,
//!    the manifest, then `submit`, `poll`, `cancel`, `reconcile`, `hint`, `check`, in this order.
//! 2. Add its line to [`ALL`], in alphabetical order.
//! 3. Record the vendor's replies under `fixtures/<name>/`.
//!
//! Routing, prices, documentation and the exam read the manifest; nothing else has to change.

use std::sync::Arc;

use domain::{Clock, Manifest, Provider};

pub mod animatic;
mod base64_media;
mod decimal;
mod json_call;
pub mod kling;

/// What a provider may be told at the start.
#[derive(Clone)]
pub struct Setup {
    /// Threads for work that is done in this process.
    pub threads: usize,
    /// Time, for signatures alone.
    pub clock: Arc<dyn Clock>,
}

/// A provider that can be plugged in.
#[derive(Debug)]
pub struct Entry {
    /// The name that accounts call it by.
    pub name: &'static str,
    /// The facts about it, without making it ready.
    pub manifest: &'static Manifest,
    /// Makes it ready.
    pub build: fn(Setup) -> Arc<dyn Provider>,
}

/// Every provider, by name.
pub static ALL: &[&Entry] = &[&animatic::ENTRY, &kling::ENTRY];

/// The provider with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().copied().find(|entry| entry.name == name)
}
