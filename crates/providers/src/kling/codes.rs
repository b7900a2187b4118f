//! The vendor's error codes as one table: what each means, and what happens next. The page for operators
//! is rendered from it. What is not in the table proves nothing.
//!
//! Source: <https://kling.ai/document-api/>, the error table, checked 2026-11-21.

use domain::TaskError;
use domain::error::TaskErrorCode;
use domain::provider::{Jam, UpstreamError};

/// Whom a code blames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The login: keys, money, rights. Its owner is the operator, so clients are not told the vendor's
    /// words.
    Account,
    /// The wish.
    Wish,
    /// The pace of the calls.
    Pace,
    /// The vendor itself.
    Vendor,
}

/// What a code proves about a submit, and what happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing was taken; not before so many milliseconds.
    Busy(u64),
    /// Nothing was taken and never will be.
    Refused(TaskErrorCode),
    /// It may have been taken.
    Unknown,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The HTTP status that it comes with.
    pub http: u16,
    /// The vendor's number.
    pub code: i64,
    /// Whom it blames.
    pub blame: Blame,
    /// What it means.
    pub meaning: &'static str,
    /// What happens next.
    pub then: Then,
}

/// Pause after a login that was not let in: until its owner mends it, or another account takes the task.
const LOGIN_PAUSE_MS: u64 = 60_000;
/// Pause after a token that was too early or too late: the next one is signed anew.
const TOKEN_PAUSE_MS: u64 = 5_000;
/// The vendor's own advice for the first pause after too many calls or tasks.
const PACE_PAUSE_MS: u64 = 1_000;

const fn row(http: u16, code: i64, blame: Blame, meaning: &'static str, then: Then) -> Code {
    Code {
        http,
        code,
        blame,
        meaning,
        then,
    }
}

const REFUSED: Then = Then::Refused(TaskErrorCode::Refused);
const POLICY: Then = Then::Refused(TaskErrorCode::Policy);

/// Every documented code, by number.
pub static CODES: [Code; 21] = [
    row(
        401,
        1000,
        Blame::Account,
        "authentication failed",
        Then::Busy(LOGIN_PAUSE_MS),
    ),
    row(
        401,
        1001,
        Blame::Account,
        "no authorization was sent",
        Then::Busy(LOGIN_PAUSE_MS),
    ),
    row(
        401,
        1002,
        Blame::Account,
        "the key or token is invalid",
        Then::Busy(LOGIN_PAUSE_MS),
    ),
    row(
        401,
        1003,
        Blame::Account,
        "the token is not valid yet",
        Then::Busy(TOKEN_PAUSE_MS),
    ),
    row(
        401,
        1004,
        Blame::Account,
        "the token has expired",
        Then::Busy(TOKEN_PAUSE_MS),
    ),
    row(
        429,
        1100,
        Blame::Account,
        "the account is in an abnormal state",
        REFUSED,
    ),
    row(429, 1101, Blame::Account, "the account is in arrears", REFUSED),
    row(
        429,
        1102,
        Blame::Account,
        "the account's pack is used up or has expired",
        REFUSED,
    ),
    row(
        403,
        1103,
        Blame::Account,
        "the account has no right to this call or model",
        REFUSED,
    ),
    row(400, 1200, Blame::Wish, "a parameter is bad", REFUSED),
    row(400, 1201, Blame::Wish, "a key or value is illegal", REFUSED),
    row(404, 1202, Blame::Wish, "there is no such call", REFUSED),
    row(
        404,
        1203,
        Blame::Wish,
        "there is no such resource or model",
        REFUSED,
    ),
    row(400, 1300, Blame::Wish, "a rule of the platform", POLICY),
    row(400, 1301, Blame::Wish, "the content rules", POLICY),
    row(
        429,
        1302,
        Blame::Pace,
        "too many calls",
        Then::Busy(PACE_PAUSE_MS),
    ),
    row(
        429,
        TOO_MANY_TASKS,
        Blame::Pace,
        "too many tasks at once",
        Then::Busy(PACE_PAUSE_MS),
    ),
    row(
        429,
        1304,
        Blame::Account,
        "the address is not on the account's list",
        REFUSED,
    ),
    row(500, 5000, Blame::Vendor, "an internal error", Then::Unknown),
    row(503, 5001, Blame::Vendor, "maintenance", Then::Unknown),
    row(504, 5002, Blame::Vendor, "an internal time-out", Then::Unknown),
];

/// The code of an account that has as many tasks in flight as its pack allows.
const TOO_MANY_TASKS: i64 = 1303;
/// What the vendor says with 1201 when our reference is there already, which proves an earlier submit.
const TAKEN_BEFORE: &str = "already exist";
/// What the vendor says with 1201 when it has no such task.
const NO_SUCH_TASK: &str = "task not found";
/// Codes after which the next token must be a new one.
const TOKEN_CODES: [i64; 3] = [1002, 1003, 1004];

/// The row of a code.
#[must_use]
pub fn find(code: i64) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == code)
}

/// Whether a token that was answered with this code is of no more use.
pub(super) fn spoils_token(code: i64) -> bool {
    TOKEN_CODES.contains(&code)
}

/// Whether an answer to a look-up proves that there is no such task.
pub(super) fn is_absence(status: u16, code: i64, message: &str) -> bool {
    (400..500).contains(&status) && code == 1201 && message.to_lowercase().contains(NO_SUCH_TASK)
}

/// What an answer that is no success proves about a submit. `message` must be free of secrets.
pub(super) fn instruction(
    status: u16,
    code: i64,
    message: &str,
    retry_after_ms: Option<u64>,
) -> UpstreamError {
    let said = format!("HTTP {status}, code {code}: {message}");
    let known = find(code).filter(|_| (200..300).contains(&status) || (400..500).contains(&status));
    let Some(row) = known else {
        return UpstreamError::Unknown(said);
    };
    if code == 1201 && message.to_lowercase().contains(TAKEN_BEFORE) {
        return UpstreamError::Unknown(said);
    }
    match row.then {
        Then::Busy(pause_ms) => UpstreamError::Busy {
            jam: jam(row),
            reason: said,
            retry_after_ms: Some(retry_after_ms.unwrap_or(0).max(pause_ms)),
        },
        Then::Refused(kind) => UpstreamError::Refused(TaskError {
            code: kind,
            message: client_words(row, message),
            vendor_code: Some(code),
        }),
        Then::Unknown => UpstreamError::Unknown(said),
    }
}

/// What stood in the way when a code says "not now".
fn jam(row: &Code) -> Jam {
    match (row.code, row.blame) {
        (TOO_MANY_TASKS, _) => Jam::Slots,
        (_, Blame::Pace) => Jam::Rate,
        (_, Blame::Account) => Jam::Login,
        (_, Blame::Wish | Blame::Vendor) => Jam::Upstream,
    }
}

fn client_words(row: &Code, message: &str) -> String {
    match row.blame {
        Blame::Account => "the upstream account cannot take this work".to_owned(),
        _ if message.is_empty() => row.meaning.to_owned(),
        _ => message.to_owned(),
    }
}
