//! Invoices: what a vendor says that it deducted, task by task. It is read to be compared with our books and
//! changes nothing in them.

use crate::clock::Millis;
use crate::money::Micros;
use crate::provider::Receipt;

/// Which part of an invoice is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceWish {
    /// Deductions from this moment.
    pub from: Millis,
    /// To before this moment.
    pub to: Millis,
    /// What the part before said to go on with; none: the first part.
    pub after: Option<String>,
}

/// One deduction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
    /// The vendor's name for the task.
    pub receipt: Receipt,
    /// The model, in the vendor's words.
    pub model: Option<String>,
    /// What was deducted in the vendor's own units, in thousandths; none: it was money.
    pub units_milli: Option<u64>,
    /// What that is in money, at the vendor's list price; none where it cannot be told exactly.
    pub amount: Option<Micros>,
    /// When it was deducted.
    pub at: Option<Millis>,
}

/// A part of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoice {
    /// Deductions.
    pub lines: Vec<InvoiceLine>,
    /// With what the next part is asked for; none: this was the last.
    pub next: Option<String>,
}
