//! Bringing another gateway's users, tokens, channels, prices and balances over. What the other gateway has
//! is read by its documented tables; what becomes of it is decided in a plan, which can be looked at before
//! anything is done; what is left out is named, with the reason. Bringing the same over again changes nothing.

pub mod carry;
mod channels;
pub mod new_api;
pub mod plan;
mod prices;
mod tokens;
