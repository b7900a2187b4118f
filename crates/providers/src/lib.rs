//! The back door: who makes the media. One file or folder per upstream; none of them knows a dialect,
//! a database or the clock.
//!
//! To add a provider:
//! 1. Write `src/<name>.rs` (or a folder): the vendor's documentation in the first line, constants,
//!    the manifest, then `submit`, `poll`, `cancel`, `reconcile`, `hint`, in this order.
//! 2. Add its line to [`ALL`], in alphabetical order.
//! 3. Record the vendor's replies under `fixtures/<name>/`.
//!
//! Routing, prices, documentation and the exam read the manifest; nothing else has to change.

use std::sync::Arc;

use domain::Provider;

pub mod animatic;

/// What a provider may be told at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Threads for work that is done in this process.
    pub threads: usize,
}

/// A provider that can be plugged in.
pub struct Entry {
    /// The name that accounts call it by.
    pub name: &'static str,
    /// Makes it ready.
    pub build: fn(Setup) -> Arc<dyn Provider>,
}

/// Every provider, by name.
pub static ALL: &[&Entry] = &[&animatic::ENTRY];

/// The provider with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().copied().find(|entry| entry.name == name)
}
