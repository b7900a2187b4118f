//! The roof: configuration, commands, HTTP and wiring of Reelway. A library only so that tests can
//! assemble the house without a process; what tasks are and do lives on the floors below.

pub mod accounts;
pub mod admin;
pub mod balance;
pub mod bootstrap;
pub mod cli;
pub mod client;
pub mod config;
pub mod content;
pub mod front;
pub mod gate;
pub mod health;
pub mod hints;
pub mod import;
pub mod keys;
pub mod lending;
pub mod links;
pub mod metrics;
pub mod models;
pub mod period;
pub mod prices;
pub mod problem;
pub mod reference;
pub mod sealing;
pub mod server;
pub mod statement;
pub mod telemetry;
pub mod token;
pub mod transport;
pub mod webhooks;
pub mod wiring;
