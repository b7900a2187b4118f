//! The dialects' tests: the exam that every dialect sits, golden pairs, and the price book's cover.

mod exam;
mod fixtures;
mod prices;
mod tasks;
