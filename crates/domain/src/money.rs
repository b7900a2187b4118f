//! Money: integer micro-dollars with checked arithmetic, and the ledger's lines. No floats, ever.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::ids::{TaskId, TenantId};

/// An amount in millionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

/// An amount left the range of 64 bits: about nine million million dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount of money is out of range")]
pub struct Overflow;

impl Micros {
    /// No money.
    pub const ZERO: Micros = Micros(0);

    /// Adds, or says that the sum cannot be held.
    ///
    /// # Errors
    /// [`Overflow`] when the sum leaves 64 bits.
    pub fn plus(self, other: Micros) -> Result<Micros, Overflow> {
        self.0.checked_add(other.0).map(Micros).ok_or(Overflow)
    }

    /// Subtracts, or says that the difference cannot be held.
    ///
    /// # Errors
    /// [`Overflow`] when the difference leaves 64 bits.
    pub fn minus(self, other: Micros) -> Result<Micros, Overflow> {
        self.0.checked_sub(other.0).map(Micros).ok_or(Overflow)
    }

    /// Multiplies by a quantity.
    ///
    /// # Errors
    /// [`Overflow`] when the product leaves 64 bits.
    pub fn times(self, quantity: u64) -> Result<Micros, Overflow> {
        let quantity = i64::try_from(quantity).map_err(|_| Overflow)?;
        self.0.checked_mul(quantity).map(Micros).ok_or(Overflow)
    }

    /// Reads dollars as people write them: digits, at most six of them behind a point, and a sign before them
    /// where money is taken. None for anything else, and for more than can be held.
    #[must_use]
    pub fn of_dollars(text: &str) -> Option<Micros> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || rest.len() > 6 || !are_digits(whole) || !are_digits(rest) {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let rest: i64 = format!("{rest:0<6}").parse().ok()?;
        let micros = whole.checked_mul(1_000_000)?.checked_add(rest)?;
        Some(Micros(sign * micros))
    }

    /// Dollars and cents as people read them, cut off at the sixth digit: `0.42`, `1.000001`.
    #[must_use]
    pub fn dollars(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / 1_000_000;
        let rest = format!("{:06}", self.0.unsigned_abs() % 1_000_000);
        let rest = rest.trim_end_matches('0');
        format!("{sign}{whole}.{rest:0<2}")
    }
}

/// One side of a ledger line: a pocket that money is in. (An `account` without "ledger" is a login at
/// a provider.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "pocket", content = "tenant")]
pub enum LedgerAccount {
    /// What a tenant may still spend.
    Available(TenantId),
    /// What is set aside for a tenant's unfinished tasks.
    Held(TenantId),
    /// What the house earned.
    Revenue,
    /// What upstreams cost the house for work that tenants paid.
    UpstreamCost,
    /// What the house paid for work that no tenant was charged for.
    Corrections,
    /// Where credits come from.
    Funding,
    /// What the house owes to vendors.
    Payable,
}

impl LedgerAccount {
    /// The pocket's name in SQL, logs and statements.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LedgerAccount::Available(_) => "tenant:available",
            LedgerAccount::Held(_) => "tenant:held",
            LedgerAccount::Revenue => "house:revenue",
            LedgerAccount::UpstreamCost => "house:upstream_cost",
            LedgerAccount::Corrections => "house:corrections",
            LedgerAccount::Funding => "house:funding",
            LedgerAccount::Payable => "house:payable",
        }
    }

    /// The tenant whose pocket this is, if it is a tenant's.
    #[must_use]
    pub fn tenant(self) -> Option<TenantId> {
        match self {
            LedgerAccount::Available(tenant) | LedgerAccount::Held(tenant) => Some(tenant),
            _ => None,
        }
    }

    /// Reads a pocket back from its name and tenant.
    #[must_use]
    pub fn parse(word: &str, tenant: Option<TenantId>) -> Option<LedgerAccount> {
        Some(match (word, tenant) {
            ("tenant:available", Some(tenant)) => LedgerAccount::Available(tenant),
            ("tenant:held", Some(tenant)) => LedgerAccount::Held(tenant),
            ("house:revenue", None) => LedgerAccount::Revenue,
            ("house:upstream_cost", None) => LedgerAccount::UpstreamCost,
            ("house:corrections", None) => LedgerAccount::Corrections,
            ("house:funding", None) => LedgerAccount::Funding,
            ("house:payable", None) => LedgerAccount::Payable,
            _ => return None,
        })
    }
}

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Set aside at submit: available → held.
    Hold,
    /// Earned at settlement: held → revenue.
    Charge,
    /// Given back: held → available.
    Release,
    /// True quantity above the hold: available → revenue, flagged.
    Excess,
    /// What the vendor takes for the task: upstream cost or corrections → payable.
    Cost,
    /// Money put in by the operator: funding → available.
    Credit,
    /// Mended by the operator, with a reason.
    Correction,
}

impl LineKind {
    /// Every kind, in the order of a task's life.
    pub const ALL: [LineKind; 7] = [
        LineKind::Hold,
        LineKind::Charge,
        LineKind::Release,
        LineKind::Excess,
        LineKind::Cost,
        LineKind::Credit,
        LineKind::Correction,
    ];

    /// The kind's name in SQL, logs and statements.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LineKind::Hold => "hold",
            LineKind::Charge => "charge",
            LineKind::Release => "release",
            LineKind::Excess => "excess",
            LineKind::Cost => "cost",
            LineKind::Credit => "credit",
            LineKind::Correction => "correction",
        }
    }

    /// Reads a kind back from its name.
    #[must_use]
    pub fn parse(word: &str) -> Option<LineKind> {
        LineKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One immutable line of the double-entry ledger: `amount` leaves `from` and enters `to`, so that the
/// sum over all pockets is zero by construction. Unique by (task, kind, sequence).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The task that moved the money; none for credits and corrections of a tenant.
    pub task: Option<TaskId>,
    /// Whose books the line is listed in; none for lines between house pockets only.
    pub tenant: Option<TenantId>,
    /// Why the money moved.
    pub kind: LineKind,
    /// Counts lines of one kind at one task, from zero.
    pub sequence: u32,
    /// The pocket that the money leaves.
    pub from: LedgerAccount,
    /// The pocket that the money enters.
    pub to: LedgerAccount,
    /// How much; never negative.
    pub amount: Micros,
    /// When.
    pub at: Millis,
    /// For people: the reason of a credit or correction.
    pub note: String,
}

impl Line {
    /// A line of a task, with sequence zero and no note.
    #[must_use]
    pub fn of_task(
        task: TaskId,
        kind: LineKind,
        (from, to): (LedgerAccount, LedgerAccount),
        amount: Micros,
        at: Millis,
    ) -> Line {
        let tenant = from.tenant().or(to.tenant());
        Line {
            task: Some(task),
            tenant,
            kind,
            sequence: 0,
            from,
            to,
            amount,
            at,
            note: String::new(),
        }
    }
}

/// A tenant's money at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Balance {
    /// What may still be spent; negative only by an Excess or for an unlimited tenant.
    pub available: Micros,
    /// What is set aside for unfinished tasks.
    pub held: Micros,
    /// Whether submits are accepted whatever `available` says.
    pub unlimited: bool,
}
