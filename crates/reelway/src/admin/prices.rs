//! The price book for the operator: show, check, load. The same verbs serve commands that open the database
//! themselves. How a book is written and what is wrong with one is in `crate::prices`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::account::Terms;
use domain::audit::Actor;
use domain::price::{Edition, EditionHead, Multiplier, Multipliers, PriceRow};
use domain::store::StoreError;
use domain::{Micros, Millis, PriceBook, Refusal, RefusalKind, Store};
use http::request::Parts;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use crate::accounts::EMBEDDED;
use crate::admin::audit::{By, about};
use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::prices::{self, Draft, Form, Remark, TEXT_MAX_BYTES};
use crate::problem;
use crate::wiring::House;

/// Editions that are listed; those that begin last.
const LISTED_MAX: usize = 256;
/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 4 * 1024;

/// What a book is asked for; what is left out is not narrowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShowWish {
    /// Only this model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The book in force at this moment (RFC 3339); none: now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// As the tenant of this name pays it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// How a book is to be loaded.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LoadWish {
    /// Whether it is only looked at.
    check: bool,
    /// From when on (RFC 3339); none: as the book says, else now.
    effective_at: Option<String>,
}

/// An edition without its prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EditionView {
    /// Always `price_edition`.
    pub object: String,
    /// Its name.
    pub version: String,
    /// `over`, `in_force` or `coming`.
    pub state: String,
    /// From when on it is in force; none of the built-in book.
    pub effective_at: Option<String>,
    /// When it was loaded; none of the built-in book.
    pub loaded_at: Option<String>,
    /// Who loaded it: `command line`, a key's id, or `built-in`.
    pub loaded_by: String,
    /// What is doubtful about it: only in the answer that loads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Remark>,
}

/// One row, as whoever it is shown for pays it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RowView {
    /// The row.
    #[serde(flatten)]
    pub row: PriceRow,
    /// The book's own price, where another is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_price_micros: Option<Micros>,
}

/// A book with its prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BookView {
    /// Always `price_book`.
    pub object: String,
    /// The edition that it is.
    pub edition: EditionView,
    /// Always `USD`.
    pub currency: String,
    /// What groups of tenants pay of these prices.
    pub multipliers: Multipliers,
    /// Whose prices the rows show; none: the book's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What that tenant pays of the book's own prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<Multiplier>,
    /// The rows; the first that fits is the price.
    pub rows: Vec<RowView>,
    /// All editions, the one that begins last first; the built-in one last.
    pub editions: Vec<EditionView>,
}

/// What a check found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckView {
    /// Always `price_check`.
    pub object: String,
    /// The edition's name, where the book can be read.
    pub version: Option<String>,
    /// How many rows it has.
    pub rows: usize,
    /// What is wrong with it; a book with a fault is not loaded.
    pub faults: Vec<Remark>,
    /// What is doubtful about it.
    pub warnings: Vec<Remark>,
}

/// What these verbs work with.
pub struct Desk<'a> {
    /// Where editions and tenants are kept; none: nothing was ever kept.
    pub store: Option<&'a dyn Store>,
    /// The book that is in force while no other has begun.
    pub built_in: &'a PriceBook,
    /// Now.
    pub now: Millis,
}

impl Desk<'_> {
    /// A book: the edition of a name, else the one in force.
    ///
    /// # Errors
    /// A refusal when there is no such edition, model or tenant.
    pub async fn show(&self, version: Option<&str>, wish: &ShowWish) -> Result<BookView, Refusal> {
        let heads = self.heads().await?;
        let at = match &wish.at {
            None => self.now,
            Some(text) => prices::moment(text).map_err(|why| Refusal::invalid("at", why))?,
        };
        let version = version.or_else(|| in_force(&heads, at));
        let edition = match version.filter(|version| *version != self.built_in.version) {
            None => None,
            Some(version) => Some(self.edition(version).await?),
        };
        let book = edition.as_ref().map_or(self.built_in, |edition| &edition.book);
        let multiplier = match &wish.tenant {
            None => Multiplier::ONE,
            Some(name) => self.multiplier(book, name).await?,
        };
        if let Some(model) = &wish.model
            && !book.models().contains(&model.as_str())
        {
            let refusal = Refusal::new(
                RefusalKind::NotFound,
                format!("model `{model}` is not in the book"),
            );
            return Err(refusal.at("model").allowing(book.models()));
        }
        let named = |row: &&PriceRow| wish.model.as_ref().is_none_or(|model| row.model == *model);
        let rows: Result<Vec<RowView>, Refusal> = book
            .rows
            .iter()
            .filter(named)
            .map(|row| shown(row, multiplier))
            .collect();
        let now = in_force(&heads, self.now);
        let mut editions: Vec<EditionView> = heads.iter().map(|head| self.view(head, now)).collect();
        editions.push(self.built_in_view(now));
        Ok(BookView {
            object: "price_book".to_owned(),
            edition: match &edition {
                Some(edition) => self.view(&edition.head, now),
                None => self.built_in_view(now),
            },
            currency: "USD".to_owned(),
            multipliers: book.multipliers.clone(),
            multiplier: wish.tenant.as_ref().map(|_| multiplier),
            tenant: wish.tenant.clone(),
            rows: rows?,
            editions,
        })
    }

    /// Keeps a book as an edition.
    ///
    /// # Errors
    /// A refusal when its name is taken or its moment has passed.
    pub async fn load(&self, draft: Draft, at: Option<Millis>, by: Actor) -> Result<EditionView, Refusal> {
        let Some(store) = self.store else {
            return Err(Refusal::new(RefusalKind::Unavailable, "there is no database"));
        };
        let effective_at = at.or(draft.effective_at).unwrap_or(self.now);
        if effective_at < self.now {
            let message = format!(
                "`effective_at` is `{}` and has passed; leave it out to begin now",
                time(effective_at)
            );
            return Err(Refusal::invalid("effective_at", message));
        }
        let version = draft.book.version.clone();
        let taken = || {
            let message = format!(
                "there is an edition `{version}`; an edition never changes, give this one another `version`"
            );
            Refusal::new(RefusalKind::Conflict, message).at("version")
        };
        if version == self.built_in.version {
            return Err(taken());
        }
        let head = EditionHead {
            version: version.clone(),
            effective_at,
            loaded_at: self.now,
            loaded_by: by.word(),
        };
        let edition = Edition {
            head,
            book: Arc::new(draft.book),
        };
        match store.pricing().keep_edition(&edition).await {
            Ok(()) => {}
            Err(StoreError::Taken(_)) => return Err(taken()),
            Err(error) => return Err(unavailable(&error)),
        }
        let heads = self.heads().await?;
        Ok(self.view(&edition.head, in_force(&heads, self.now)))
    }

    async fn heads(&self) -> Result<Vec<EditionHead>, Refusal> {
        let Some(store) = self.store else {
            return Ok(Vec::new());
        };
        let heads = store.pricing().editions(LISTED_MAX).await;
        heads.map_err(|error| unavailable(&error))
    }

    async fn edition(&self, version: &str) -> Result<Edition, Refusal> {
        let found = match self.store {
            None => None,
            Some(store) => {
                let found = store.pricing().edition(version).await;
                found.map_err(|error| unavailable(&error))?
            }
        };
        found.ok_or_else(|| {
            let shown: String = version.chars().take(128).collect();
            Refusal::new(
                RefusalKind::NotFound,
                format!("there is no edition `{shown}` of the price book"),
            )
        })
    }

    async fn multiplier(&self, book: &PriceBook, name: &str) -> Result<Multiplier, Refusal> {
        let tenants = match self.store {
            None => Vec::new(),
            Some(store) => {
                let tenants = store.registry().tenants().await;
                tenants.map_err(|error| unavailable(&error))?
            }
        };
        let Some(tenant) = tenants.iter().find(|tenant| tenant.name == name) else {
            let refusal = Refusal::new(RefusalKind::NotFound, format!("there is no tenant `{name}`"));
            return Err(refusal.at("tenant"));
        };
        let paid = book.multiplier(&tenant.terms);
        paid.map_err(|error| Refusal::invalid("multiplier", format!("of tenant `{name}`: {error}")))
    }

    fn view(&self, head: &EditionHead, in_force: Option<&str>) -> EditionView {
        let state = if in_force == Some(head.version.as_str()) {
            "in_force"
        } else if head.effective_at > self.now {
            "coming"
        } else {
            "over"
        };
        EditionView {
            object: "price_edition".to_owned(),
            version: head.version.clone(),
            state: state.to_owned(),
            effective_at: Some(time(head.effective_at)),
            loaded_at: Some(time(head.loaded_at)),
            loaded_by: head.loaded_by.clone(),
            warnings: Vec::new(),
        }
    }

    fn built_in_view(&self, in_force: Option<&str>) -> EditionView {
        EditionView {
            object: "price_edition".to_owned(),
            version: self.built_in.version.clone(),
            state: if in_force.is_none() { "in_force" } else { "over" }.to_owned(),
            effective_at: None,
            loaded_at: None,
            loaded_by: "built-in".to_owned(),
            warnings: Vec::new(),
        }
    }
}

/// The name of the edition in force at a moment; none: the built-in one.
fn in_force(heads: &[EditionHead], at: Millis) -> Option<&str> {
    let begun = heads.iter().filter(|head| head.effective_at <= at);
    let last = begun.max_by(|left, right| left.rank().cmp(&right.rank()));
    last.map(|head| head.version.as_str())
}

fn shown(row: &PriceRow, multiplier: Multiplier) -> Result<RowView, Refusal> {
    let paid = row.times(multiplier);
    let row_view = |paid: PriceRow| RowView {
        list_price_micros: (paid.price_micros != row.price_micros).then_some(row.price_micros),
        row: paid,
    };
    let beyond = |error: domain::money::Overflow| Refusal::new(RefusalKind::Invalid, error.to_string());
    paid.map(row_view).map_err(beyond)
}

/// Looks a book over, as text.
#[must_use]
pub fn check(text: &str, accounts: &[Terms]) -> (CheckView, Option<Draft>) {
    let draft = prices::read(text, form(text));
    let (draft, faults) = match draft {
        Ok(draft) => (Some(draft), Vec::new()),
        Err(faults) => (None, faults),
    };
    let warnings = draft
        .as_ref()
        .map(|draft| draft.unserved(&|model| serves(model, accounts)));
    let view = CheckView {
        object: "price_check".to_owned(),
        version: draft.as_ref().map(|draft| draft.book.version.clone()),
        rows: draft.as_ref().map_or(0, |draft| draft.book.rows.len()),
        faults,
        warnings: warnings.unwrap_or_default(),
    };
    (view, draft)
}

/// No book in TOML begins like an object.
fn form(text: &str) -> Form {
    if text.trim_start().starts_with('{') {
        return Form::Json;
    }
    Form::Toml
}

/// Whether a provider lists a model, or an account names it.
fn serves(model: &str, accounts: &[Terms]) -> bool {
    let lists =
        |terms: &Terms| terms.aliases.contains_key(model) || terms.models.iter().any(|known| known == model);
    let mut providers = providers::ALL.iter();
    model == EMBEDDED
        || providers.any(|entry| entry.manifest.models.contains(&model))
        || accounts.iter().any(lists)
}

impl House {
    fn prices<'a>(&'a self, built_in: &'a PriceBook) -> Desk<'a> {
        Desk {
            store: Some(&**self.engine.store()),
            built_in,
            now: self.clock.now(),
        }
    }

    async fn load_prices(&self, uri: &Uri, body: Body, by: Actor) -> Result<Response, Refusal> {
        let wish: LoadWish = query(uri)?;
        let at = wish.effective_at.as_deref().map(prices::moment).transpose();
        let at = at.map_err(|why| Refusal::invalid("effective_at", why))?;
        let text = text(body).await?;
        let enrolled = self.engine.store().enrolled().await;
        let enrolled = enrolled.map_err(|error| unavailable(&error))?.into_iter();
        let declared = self
            .config
            .accounts
            .iter()
            .map(|entry| entry.declared.terms.clone());
        let accounts: Vec<Terms> = declared.chain(enrolled.map(|row| row.terms)).collect();
        let (checked, draft) = check(&text, &accounts);
        if wish.check {
            return Ok(Json(checked).into_response());
        }
        let Some(draft) = draft else {
            let faults: Vec<String> = checked.faults.iter().map(Remark::to_string).collect();
            let message = format!("the price book is not in order: {}", faults.join("; "));
            return Err(Refusal::invalid("rows", message));
        };
        let built_in = self.engine.built_in_book();
        let loaded = self.prices(&built_in).load(draft, at, by).await?;
        // The answer leaves when this process goes by it; the others follow within a second.
        if let Err(error) = self.engine.refresh_prices().await {
            tracing::warn!(%error, "prices.stale: the edition is kept, and is read at the next look");
        }
        let view = EditionView {
            warnings: checked.warnings,
            ..loaded
        };
        Ok(about(&view.version.clone(), (StatusCode::CREATED, Json(view))))
    }
}

/// `GET /prices`
pub async fn show(State(house): State<Arc<House>>, request: Request) -> Response {
    told(&house, None, &request.into_parts().0).await
}

/// `GET /prices/{version}`
pub async fn one(State(house): State<Arc<House>>, Path(version): Path<String>, request: Request) -> Response {
    told(&house, Some(&version), &request.into_parts().0).await
}

async fn told(house: &House, version: Option<&str>, request: &Parts) -> Response {
    let built_in = house.engine.built_in_book();
    let shown = async { house.prices(&built_in).show(version, &query(&request.uri)?).await };
    match shown.await {
        Ok(book) => Json(book).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(&request.extensions)),
    }
}

/// `POST /prices`
pub async fn load(State(house): State<Arc<House>>, request: Request) -> Response {
    let id = request_id(request.extensions());
    let by = request
        .extensions()
        .get::<By>()
        .map_or(Actor::CommandLine, |by| by.0);
    let (parts, body) = request.into_parts();
    match house.load_prices(&parts.uri, body, by).await {
        Ok(response) => response,
        Err(refusal) => problem::answer(&refusal, &id),
    }
}

fn query<T: serde::de::DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    if uri.query().unwrap_or_default().len() > QUERY_MAX_BYTES {
        let message = format!("the query is longer than {QUERY_MAX_BYTES} bytes");
        return Err(Refusal::invalid("query", message));
    }
    let read = Query::try_from_uri(uri);
    let unread = |error| Refusal::invalid("query", format!("the query cannot be read: {error}"));
    read.map(|Query(wish)| wish).map_err(unread)
}

async fn text(body: Body) -> Result<String, Refusal> {
    let bytes = axum::body::to_bytes(body, TEXT_MAX_BYTES).await.map_err(|_| {
        let message = format!("the body is longer than {TEXT_MAX_BYTES} bytes");
        Refusal::new(RefusalKind::TooLarge, message)
    })?;
    String::from_utf8(bytes.into()).map_err(|_| Refusal::new(RefusalKind::Malformed, "the body is no text"))
}
