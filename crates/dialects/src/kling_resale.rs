//! What resellers of Kling's native calls share: a body is sifted by the reseller's own table of fields
//! before the native reader sees it. What the fields may say is the native reader's business.

use domain::dialect::FieldRow;
use domain::fields::{Field, Fields};

use crate::field_tables::names;

/// A body, parted by a table of fields.
pub(crate) struct Sifted {
    /// The fields that the table knows, as they were sent.
    pub(crate) known: Vec<(String, Field)>,
    /// The names of all others, in the client's order.
    pub(crate) ignored: Vec<String>,
}

/// Parts a body. Rows such as `a.b` are about what lies in `a`, which is kept or left as a whole.
pub(crate) fn sift(top: &Fields, rows: &[FieldRow]) -> Sifted {
    let rows = names(rows);
    let mut sifted = Sifted {
        known: Vec::new(),
        ignored: Vec::new(),
    };
    for name in top.names() {
        if rows.contains(&name) {
            let is_new = !sifted.known.iter().any(|(known, _)| known == name);
            if let Some(field) = top.get(name).filter(|_| is_new) {
                sifted.known.push((name.to_owned(), field.clone()));
            }
        } else if !sifted.ignored.iter().any(|known| known == name) {
            sifted.ignored.push(name.to_owned());
        }
    }
    sifted
}
