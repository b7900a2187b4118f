//! Stand-ins and exams for tests: a clock that is moved by hand, seeded ids, sample nouns, a scripted
//! provider, a throw-away PostgreSQL, and the exam of each port. Never shipped.

pub mod clock;
pub mod conform;
pub mod ids;
pub mod postgres;
pub mod provider;
pub mod sample;
pub mod scribe;
pub mod transport;
pub mod wishes;
