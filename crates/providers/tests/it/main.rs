//! The providers' tests: the exam that every provider sits, what the embedded renderer makes, fixtures of
//! what a vendor was asked and answered, and the pages of the documentation.

mod exam;
mod fixtures;
mod kling;
mod page;
mod renders;
mod stage;
mod stills;
