//! What an operator's list is asked for: filters and the place in the list, from a query string or from
//! a command line.

use domain::overview::{Portion, Survey};
use domain::tenant::Tenant;
use domain::{Millis, Refusal, StateWord, TaskId};
use http::Uri;
use serde::{Deserialize, Serialize};

/// Tasks in one part of the list where none is asked for.
pub const LIMIT_USUAL: usize = 50;
/// Most tasks in one part of the list.
pub const LIMIT_MAX: usize = 500;
/// Most tasks that one part of the list looks at: some tenths of a second of a database's time.
const WALK_MAX: usize = 20_000;
/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 4 * 1024;

/// What a list is asked for; what is left out is not narrowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListWish {
    /// States by word, with commas between them; `open` stands for all that are not final.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The tenant by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The model, as clients name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The account that made it or was last at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A moment (RFC 3339), or a length of time back from now (`90s`, `24h`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Most tasks in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The last task of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl ListWish {
    /// Reads a request's query string.
    ///
    /// # Errors
    /// A refusal when it is too long, or has a field that is none.
    pub fn of_query(uri: &Uri) -> Result<ListWish, Refusal> {
        let query = uri.query().unwrap_or_default();
        if query.len() > QUERY_MAX_BYTES {
            let message = format!("the query is longer than {QUERY_MAX_BYTES} bytes");
            return Err(Refusal::invalid("query", message));
        }
        let read = axum::extract::Query::try_from_uri(uri);
        let axum::extract::Query(wish) = read.map_err(|error| {
            Refusal::invalid("query", format!("the query cannot be read: {error}"))
                .allowing(["state", "tenant", "model", "account", "since", "limit", "after"])
        })?;
        Ok(wish)
    }

    /// The wish as a query string.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let limit = self.limit.map(|limit| limit.to_string());
        let pairs = [
            ("state", &self.state),
            ("tenant", &self.tenant),
            ("model", &self.model),
            ("account", &self.account),
            ("since", &self.since),
            ("limit", &limit),
            ("after", &self.after),
        ];
        for (name, value) in pairs {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The wish as the store takes it.
    ///
    /// # Errors
    /// A refusal that names the field at fault and what is allowed.
    pub fn read(&self, tenants: &[Tenant], now: Millis) -> Result<(Survey, Portion), Refusal> {
        let limit = self.limit.unwrap_or(LIMIT_USUAL);
        if limit == 0 || limit > LIMIT_MAX {
            let message = format!("`limit` is {limit} and must be from 1 to {LIMIT_MAX}");
            return Err(Refusal::invalid("limit", message));
        }
        let survey = Survey {
            tenant: self
                .tenant
                .as_deref()
                .map(|name| tenant(name, tenants))
                .transpose()?,
            states: self.state.as_deref().map(states).transpose()?.unwrap_or_default(),
            model: self.model.clone(),
            account: self.account.clone(),
            since: self.since.as_deref().map(|text| since(text, now)).transpose()?,
        };
        let portion = Portion {
            after: self.after.as_deref().map(cursor).transpose()?,
            limit,
            walk: WALK_MAX,
        };
        Ok((survey, portion))
    }
}

fn tenant(name: &str, tenants: &[Tenant]) -> Result<domain::TenantId, Refusal> {
    let found = tenants.iter().find(|tenant| tenant.name == name);
    found.map(|tenant| tenant.id).ok_or_else(|| {
        let names = tenants.iter().map(|tenant| &tenant.name);
        Refusal::invalid("tenant", format!("there is no tenant `{name}`")).allowing(names)
    })
}

fn states(text: &str) -> Result<Vec<StateWord>, Refusal> {
    let open = || StateWord::ALL.into_iter().filter(|state| !state.is_final());
    if text == "open" {
        return Ok(open().collect());
    }
    let words = text.split(',').map(str::trim);
    let states = words.map(|word| {
        StateWord::parse(word).ok_or_else(|| {
            let refusal = Refusal::invalid("state", format!("there is no state `{word}`"));
            refusal.allowing(StateWord::ALL.iter().map(|state| state.word()).chain(["open"]))
        })
    });
    states.collect()
}

/// A moment, or a length of time back from now.
///
/// # Errors
/// A refusal when it is neither.
pub fn since(text: &str, now: Millis) -> Result<Millis, Refusal> {
    if let Ok(back) = humantime::parse_duration(text) {
        let back = i64::try_from(back.as_millis()).unwrap_or(i64::MAX);
        return Ok(now.plus(back.saturating_neg()));
    }
    let moment = text.parse::<jiff::Timestamp>();
    moment.map(|moment| Millis(moment.as_millisecond())).map_err(|_| {
        let message = format!("`since` is `{text}` and must be a moment or a length of time");
        Refusal::invalid("since", message).allowing(["2026-11-21T08:00:00Z", "90s", "24h", "7d"])
    })
}

fn cursor(text: &str) -> Result<TaskId, Refusal> {
    TaskId::parse(text).ok_or_else(|| {
        let message = format!("`after` is `{text}` and must be the `next_cursor` of the part before");
        Refusal::invalid("after", message)
    })
}
