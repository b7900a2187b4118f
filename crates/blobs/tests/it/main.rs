//! The tests of the warehouse: the port's exam, sat by the folder, and what only a folder or an
//! address can get wrong.

mod address;
mod folder;
