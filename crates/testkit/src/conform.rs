//! The exams: what every implementation of a port must do, whoever wrote it.

pub mod dialect;
