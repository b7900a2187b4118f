//! Statements: every line of a tenant's books in a period, between an opening and a closing balance, as CSV or
//! JSON. They are written page by page, so that one of any length takes little memory; the same pages serve
//! the API and commands that open the database themselves. How a line is written is in this folder.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use domain::money::{Balance, Overflow};
use domain::store::{Place, Recorded, STATEMENT_PAGE_MOST, Span, StoreError};
use domain::{Clock, LedgerAccount, LineKind, Micros, Refusal, Store, TenantId};
use futures_util::stream;
use http::Uri;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::period::{self, Period};
use crate::problem;
use crate::wiring::House;

mod csv_lines;
mod json_lines;

/// Lines that are read and written at a time.
const PAGE: usize = if STATEMENT_PAGE_MOST < 500 {
    STATEMENT_PAGE_MOST
} else {
    500
};
/// The fields of a wish.
const FIELDS: [&str; 4] = ["tenant", "from", "to", "format"];

/// How a statement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A line each, amounts in dollars, for spreadsheets.
    Csv,
    /// One object, amounts in micro-dollars.
    Json,
}

impl Format {
    /// Reads a format by its word.
    ///
    /// # Errors
    /// A refusal that names the others.
    pub fn parse(word: &str) -> Result<Format, Refusal> {
        match word {
            "csv" => Ok(Format::Csv),
            "json" => Ok(Format::Json),
            _ => {
                let refusal = Refusal::invalid("format", format!("there is no format `{word}`"));
                Err(refusal.allowing(["csv", "json"]))
            }
        }
    }
}

/// What a statement is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// The tenant by name; for the operator only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The first day, or from which moment; none: from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, or before which moment; none: until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `csv` or `json`; none: `json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// Where the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Lines(Option<Place>),
    Over,
}

/// A statement that is being written.
pub struct Statement {
    store: Arc<dyn Store>,
    tenant: String,
    period: Period,
    format: Format,
    span: Span,
    balance: Balance,
    lines: u64,
    stage: Stage,
}

/// A line with what it does to its tenant's balance, and the balance after it.
struct Entry {
    recorded: Recorded,
    available: Micros,
    held: Micros,
    after: Balance,
}

impl Entry {
    /// What the tenant has more or less by the line: what is held is still the tenant's.
    fn amount(&self) -> Micros {
        Micros(self.available.0.saturating_add(self.held.0))
    }

    /// The quantity that the line is about: what was asked where it holds, what was settled where it charges.
    fn quantity(&self) -> Option<u64> {
        match self.recorded.line.kind {
            LineKind::Hold => self.recorded.quote.as_ref().map(|quote| quote.quantity),
            LineKind::Charge => self.recorded.quantity,
            _ => None,
        }
    }
}

/// What a tenant has, what is held among it.
fn total(balance: &Balance) -> Micros {
    Micros(balance.available.0.saturating_add(balance.held.0))
}

impl Statement {
    /// Begins a statement: it ends with the last line that is in the books now.
    ///
    /// # Errors
    /// [`StoreError`] when the books cannot be read.
    pub async fn begin(
        store: Arc<dyn Store>,
        (tenant, name): (TenantId, String),
        period: Period,
        format: Format,
    ) -> Result<Statement, StoreError> {
        let span = Span {
            tenant,
            from: period.from,
            to: period.to,
            last: store.statements().last_line().await?,
        };
        let balance = store.statements().opening(&span).await?;
        Ok(Statement {
            store,
            tenant: name,
            period,
            format,
            span,
            balance,
            lines: 0,
            stage: Stage::Opening,
        })
    }

    /// The next piece; none when all is written.
    ///
    /// # Errors
    /// [`StoreError`] when the books cannot be read any more: the statement is not whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        match self.stage {
            Stage::Opening => {
                self.stage = Stage::Lines(None);
                Ok(Some(match self.format {
                    Format::Csv => csv_lines::opening(self),
                    Format::Json => json_lines::opening(self),
                }))
            }
            Stage::Lines(after) => {
                let page = self.store.statements().recorded(&self.span, after, PAGE).await?;
                let Some(last) = page.last() else {
                    self.stage = Stage::Over;
                    return Ok(Some(match self.format {
                        Format::Csv => csv_lines::closing(self),
                        Format::Json => json_lines::closing(self),
                    }));
                };
                self.stage = Stage::Lines(Some(Place {
                    at: last.line.at,
                    number: last.number,
                }));
                let is_first = self.lines == 0;
                let entries = page.into_iter().map(|recorded| self.entry(recorded));
                let entries = entries.collect::<Result<Vec<_>, _>>();
                let entries = entries.map_err(|error| StoreError::Corrupt(error.to_string()))?;
                Ok(Some(match self.format {
                    Format::Csv => csv_lines::lines(&entries),
                    Format::Json => json_lines::lines(&entries, is_first),
                }))
            }
            Stage::Over => Ok(None),
        }
    }

    fn entry(&mut self, recorded: Recorded) -> Result<Entry, Overflow> {
        let line = &recorded.line;
        let moved = |pocket: LedgerAccount| {
            let into = if line.to == pocket { line.amount.0 } else { 0 };
            Micros(into - if line.from == pocket { line.amount.0 } else { 0 })
        };
        let available = moved(LedgerAccount::Available(self.span.tenant));
        let held = moved(LedgerAccount::Held(self.span.tenant));
        self.balance.available = self.balance.available.plus(available)?;
        self.balance.held = self.balance.held.plus(held)?;
        self.lines += 1;
        Ok(Entry {
            recorded,
            available,
            held,
            after: self.balance,
        })
    }

    /// A name for the file: letters, digits and dashes only.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        };
        let tenant: String = self.tenant.chars().map(plain).collect();
        let (from, to) = (
            period::day(self.period.from),
            period::day(self.period.to.plus(-1)),
        );
        let ending = match self.format {
            Format::Csv => "csv",
            Format::Json => "json",
        };
        format!("statement-{tenant}-{from}-{to}.{ending}")
    }

    /// The statement as an answer. An answer that breaks off is not whole, and its reader is told by the
    /// connection.
    fn answer(self) -> Response {
        let kind = match self.format {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Json => "application/json",
        };
        let place = format!("attachment; filename=\"{}\"", self.file_name());
        let pieces = stream::try_unfold(self, |mut statement| async move {
            let piece = statement.next().await.inspect_err(|error| {
                tracing::error!(%error, "statement.broken: the books could not be read on");
            })?;
            Ok::<_, StoreError>(piece.map(|piece| (piece, statement)))
        });
        let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, place)];
        (headers, Body::from_stream(pieces)).into_response()
    }
}

/// The tenant of a name.
///
/// # Errors
/// A refusal when there is none.
pub async fn tenant(store: &dyn Store, name: &str) -> Result<(TenantId, String), Refusal> {
    let tenants = store.registry().tenants().await;
    let tenants = tenants.map_err(|error| unavailable(&error))?;
    let found = tenants.into_iter().find(|tenant| tenant.name == name);
    found
        .map(|tenant| (tenant.id, tenant.name))
        .ok_or_else(|| Refusal::invalid("tenant", format!("there is no tenant `{name}`")))
}

/// Begins the statement that is wished for, of a tenant that is known.
///
/// # Errors
/// A refusal that names the field at fault.
pub async fn begin(
    store: &Arc<dyn Store>,
    clock: &dyn Clock,
    tenant: (TenantId, String),
    wish: &Wish,
) -> Result<Statement, Refusal> {
    let format = Format::parse(wish.format.as_deref().unwrap_or("json"))?;
    let period = Period::read(wish.from.as_deref(), wish.to.as_deref(), clock)?;
    let begun = Statement::begin(Arc::clone(store), tenant, period, format).await;
    begun.map_err(|error| unavailable(&error))
}

/// `GET /api/v1/statement`
pub async fn own(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let begun = async {
        let caller = house.admit(&headers, &extensions).await?;
        let wish: Wish = period::of_query(&uri, &FIELDS[1..])?;
        if wish.tenant.is_some() {
            return Err(Refusal::invalid("tenant", "`tenant` is for operators"));
        }
        let store = house.engine.store();
        let tenant = store.registry().tenant(caller.tenant).await;
        let tenant = tenant
            .map_err(|error| unavailable(&error))?
            .ok_or_else(Refusal::not_found)?;
        begin(store, &*house.clock, (tenant.id, tenant.name), &wish).await
    };
    answered(begun.await, &request)
}

/// `GET /api/v1/admin/ledger/statement`
pub async fn of_tenant(State(house): State<Arc<House>>, uri: Uri, request: Request) -> Response {
    let begun = async {
        let wish: Wish = period::of_query(&uri, &FIELDS)?;
        let name = wish.tenant.as_deref();
        let name = name.ok_or_else(|| Refusal::invalid("tenant", "`tenant` is required"))?;
        let store = house.engine.store();
        begin(store, &*house.clock, tenant(&**store, name).await?, &wish).await
    };
    answered(begun.await, &request)
}

fn answered(begun: Result<Statement, Refusal>, request: &Request) -> Response {
    match begun {
        Ok(statement) => statement.answer(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
