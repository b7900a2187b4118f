//! The exams: what every implementation of a port must do, one module for each port.

pub mod store;
