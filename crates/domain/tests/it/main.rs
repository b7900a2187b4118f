//! The tests of the nouns: every state with every event, the laws of the ledger over random lives,
//! and the readers and spellings that see what clients send.

mod books;
mod copies;
mod courses;
mod fields;
mod findings;
mod laws;
mod money;
mod prices;
mod rule;
mod spellings;
mod transitions;
mod walk;
