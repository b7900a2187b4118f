//! The dialects' tests: the exam that every dialect sits, golden pairs, the pages of the documentation,
//! the rules of the contracts, every refusal in every dialect, and the price book's cover.

mod exam;
mod fixtures;
mod limits;
mod openapi;
mod pages;
mod prices;
mod refusals;
mod rules;
mod tasks;
