//! PostgreSQL's errors in the words of the port, and whether the same may be tried again. No SQL here.
//! Messages carry the server's code and sentence, never its details: they quote values of rows.

use domain::store::StoreError;
use tokio_postgres::error::{Error, SqlState};

/// Constraints that two transactions may both want to be the first at. Whoever comes second is told so
/// by its next look.
const RACES: [&str; 4] = ["tasks_id", "tasks_external", "idempotency_key", "lines_of_entry"];

/// Why a transaction, or a statement of its own, did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server or another transaction stood in the way: the same may go well now.
    Passing(StoreError),
    /// The connection was cut before the server answered: as [`Trouble::Passing`], unless what was asked
    /// is done as soon as it is asked, for then it may be done.
    Cut(StoreError),
    /// The same would come to the same end.
    Lasting(StoreError),
}

impl Trouble {
    /// What the caller hears when there is no further try.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Trouble::Passing(error) | Trouble::Cut(error) | Trouble::Lasting(error) => error,
        }
    }
}

/// Of what was decided here and not by the server.
impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Lasting(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        let Some(answer) = error.as_db_error() else {
            return unanswered(&error);
        };
        let code = answer.code();
        let sentence = say(&error);
        if *code == SqlState::UNIQUE_VIOLATION {
            let error = StoreError::Corrupt(sentence);
            return match answer.constraint() {
                Some(name) if RACES.contains(&name) => Trouble::Passing(error),
                _ => Trouble::Lasting(error),
            };
        }
        if is_passing(code) {
            return Trouble::Passing(StoreError::Unavailable(sentence));
        }
        // Class 22: a value that cannot be; class 23: a rule of the tables that was broken.
        if code.code().starts_with("22") || code.code().starts_with("23") {
            return Trouble::Lasting(StoreError::Corrupt(sentence));
        }
        Trouble::Lasting(StoreError::Unavailable(sentence))
    }
}

/// An error without an answer of the server: a connection that is gone, or a row that is not as it
/// should be.
fn unanswered(error: &Error) -> Trouble {
    let sentence = say(error);
    let lost = error.is_closed()
        || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
        || sentence.contains("communicating");
    if lost {
        return Trouble::Cut(StoreError::Unavailable(sentence));
    }
    Trouble::Lasting(StoreError::Corrupt(sentence))
}

/// A server that starts, stops or is full; a transaction that was in another's way.
fn is_passing(code: &SqlState) -> bool {
    const PASSING: [SqlState; 11] = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::IN_FAILED_SQL_TRANSACTION,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::OUT_OF_MEMORY,
    ];
    PASSING.contains(code) || code.code().starts_with("08")
}

/// An error in one sentence, with the server's code where it spoke.
pub(super) fn say(error: &Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return format!("{} ({})", answer.message(), answer.code().code());
    }
    let mut sentence = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        sentence = format!("{sentence}: {inner}");
        source = inner.source();
    }
    sentence
}

/// Something that this process held and that is there no more.
pub(super) fn gone(what: &str) -> StoreError {
    StoreError::Unavailable(format!("{what} is gone"))
}
