//! The exams: one for each port, sat by every implementation. What a port promises is asked here, and
//! nowhere else.

pub mod blobs;
pub mod dialect;
pub mod provider;
pub mod store;
