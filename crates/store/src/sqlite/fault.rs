//! SQLite's errors in the words of the port. No SQL here.

use std::any::Any;
use std::fmt::Display;

use domain::Id;
use domain::store::StoreError;
use rusqlite::ErrorCode;

/// The database cannot be used.
pub(super) fn unavailable(error: impl Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Says whether a row is at fault or the database.
pub(super) fn of(what: &str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| classify(&what, error)
}

/// As [`of`], for a row with an id. The name is spelled only when there is something to say.
pub(super) fn by_id(what: &str, id: Id) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| classify(&format_args!("{what} {}", id.hex()), error)
}

/// As [`of`], for a row with a name.
pub(super) fn by_name(what: &str, name: &str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| classify(&format_args!("{what} `{name}`"), error)
}

fn classify(what: &dyn Display, error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::ConstraintViolation
            | ErrorCode::TypeMismatch
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase => StoreError::Corrupt(format!("{what}: {error}")),
            _ => StoreError::Unavailable(error.to_string()),
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..)
        | rusqlite::Error::InvalidColumnType(..) => StoreError::Corrupt(format!("{what}: {error}")),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// What a panic said, logged, as an answer to whoever waits.
pub(super) fn panicked(what: &str, panic: &(dyn Any + Send)) -> StoreError {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = message, "{what} panicked");
    StoreError::Unavailable(format!("{what} panicked: {message}"))
}
