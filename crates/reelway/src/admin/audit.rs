//! The audit log: every act of an operator is written down before it is done, and ended with what came of
//! it. Names and ids are written down; bodies, query strings and secrets are not. Where it is kept is the
//! store's business.

use std::sync::Arc;

use axum::Json;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dialects::reelway::time;
use domain::audit::{Act, ActFilter, Actor, Ending};
use domain::store::StoreError;
use domain::tenant::Key;
use domain::{Id, Millis, Refusal, Store};
use http::Uri;
use serde::{Deserialize, Serialize};

use crate::admin::keys::unavailable;
use crate::admin::tasks::wish::since;
use crate::front::request_id;
use crate::keys::OWN_KEY_MIN_LENGTH;
use crate::problem;
use crate::wiring::{House, Nature};

/// Where the admin API is mounted; acts are named without it.
const MOUNT: &str = "/api/v1/admin";
/// What came of a command that did what it was to do.
const DONE: &str = "done";
/// What came of a command that did not.
const FAILED: &str = "failed";
/// Before the id of an act.
const PREFIX: &str = "act_";
/// Before the ids that paths name.
const ID_PREFIXES: [&str; 3] = ["key_", "task_", "tenant_"];
/// Longest name that is written down.
const NAME_MAX_LENGTH: usize = 64;
/// Characters that are written down of what may be no name.
const BEGINNING: usize = 6;
/// Acts in one part of the list where none is asked for.
const LIMIT_USUAL: usize = 100;
/// Most acts in one part of the list.
pub const LIMIT_MAX: usize = 500;
/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 4 * 1024;

/// Who acts, in a request's extensions; none over the socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct By(pub(super) Actor);

/// What an act was done to, in an answer's extensions, where its path does not say it.
#[derive(Debug, Clone)]
struct About(String);

/// An answer that says what the act was done to: ids and names, never a secret.
pub(crate) fn about(what: &str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(About(what.to_owned()));
    response
}

/// Writes every request down that may change something, before and after. One that cannot be written down
/// is not done.
pub(super) async fn record(
    State(house): State<Arc<House>>,
    parameters: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let extensions = request.extensions();
    let id = request_id(extensions);
    let path = extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let named: Vec<&str> = parameters.iter().map(|(_, value)| value).collect();
    let act = Act {
        id: house.ids.id(),
        at: house.clock.now(),
        actor: extensions.get::<By>().map_or(Actor::CommandLine, |by| by.0),
        act: format!(
            "{} {}",
            request.method(),
            path.strip_prefix(MOUNT).unwrap_or(path)
        ),
        about: joined(&named, beginning),
        request: id.to_string(),
        outcome: None,
        ended_at: None,
    };
    let audit = house.engine.store().audit();
    if let Err(error) = audit.begin_act(&act).await {
        return problem::answer(&unavailable(&error), &id);
    }
    let whole = joined(&named, whole);
    let response = next.run(request).await;
    let said = response.extensions().get::<About>();
    // What there is has the name that the path has; what there is not may have been a slip of the pen.
    let found = || response.status().is_success().then_some(whole);
    let ending = Ending {
        outcome: response.status().as_str().to_owned(),
        about: said.map(|about| about.0.clone()).or_else(found),
        at: house.clock.now(),
    };
    ended(house.engine.store().as_ref(), act.id, &ending).await;
    response
}

/// Does what a command does on the database itself, and writes it down before and after.
///
/// # Errors
/// That of the work, or that it could not be written down.
pub async fn recorded<T>(
    (store, nature): (&dyn Store, &Nature),
    (act, about): (&str, &str),
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let act = Act {
        id: nature.ids.id(),
        at: nature.clock.now(),
        actor: Actor::CommandLine,
        act: act.to_owned(),
        about: joined(&[about], beginning),
        request: String::new(),
        outcome: None,
        ended_at: None,
    };
    let begun = store.audit().begin_act(&act).await;
    begun.map_err(|error| unavailable(&error))?;
    let done = work.await;
    let ending = Ending {
        outcome: if done.is_ok() { DONE } else { FAILED }.to_owned(),
        about: done.is_ok().then(|| joined(&[about], whole)),
        at: nature.clock.now(),
    };
    ended(store, act.id, &ending).await;
    done
}

async fn ended(store: &dyn Store, id: Id, ending: &Ending) {
    let written: Result<(), StoreError> = store.audit().end_act(id, ending).await;
    if let Err(error) = written {
        tracing::error!(%error, act = id.hex(), "audit.unended: an act was done and its end not written down");
    }
}

fn joined(named: &[&str], cut: impl Fn(&str) -> String) -> String {
    let named: Vec<String> = named.iter().map(|text| cut(text)).collect();
    named.join(",")
}

/// A name as it is, unless it cannot be one.
fn whole(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    match is_plain && text.len() <= NAME_MAX_LENGTH {
        true => text.to_owned(),
        false => beginning(text),
    }
}

/// A text that may be a name and may be anything: ids as they are, of what could be a key the beginning.
fn beginning(text: &str) -> String {
    let of = |prefix: &&str| text.strip_prefix(prefix).and_then(Id::from_hex);
    let is_id = ID_PREFIXES.iter().find_map(of).is_some() || text.strip_prefix("wh_").is_some_and(is_webhook);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && (is_id || text.len() < OWN_KEY_MIN_LENGTH) {
        return text.to_owned();
    }
    let plain = text.chars().filter(char::is_ascii_graphic);
    let beginning: String = plain.take(BEGINNING).collect();
    format!("{beginning}…")
}

fn is_webhook(rest: &str) -> bool {
    let parts = rest.split_once('_');
    parts.is_some_and(|(task, version)| Id::from_hex(task).is_some() && version.parse::<u64>().is_ok())
}

/// An act as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActView {
    /// Its id: `act_` and 32 hexadecimal digits.
    pub id: String,
    /// Always `act`.
    pub object: String,
    /// When it began.
    pub at: String,
    /// Who acted: the id of an admin key, or `command line`.
    pub who: String,
    /// The key's name.
    pub who_name: Option<String>,
    /// Method and path, or a command.
    pub act: String,
    /// What it was done to.
    pub about: String,
    /// The HTTP status, or `done` or `failed`; null while it is under way, and where the process died in it.
    pub outcome: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// The id of the request; empty for a command on the database.
    pub request_id: String,
}

/// A part of the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActList {
    /// Always `list`.
    pub object: String,
    /// The acts, newest first.
    pub data: Vec<ActView>,
    /// What `after` must be for the next part.
    pub next_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// What a list is asked for; what is left out is not narrowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListWish {
    /// The id of an admin key, or `command line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// How the act begins: `POST /keys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
    /// A moment (RFC 3339), or a length of time back from now (`90s`, `24h`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Most acts in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The last act of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl ListWish {
    fn of_query(uri: &Uri) -> Result<ListWish, Refusal> {
        let is_short = uri.query().unwrap_or_default().len() <= QUERY_MAX_BYTES;
        let read = is_short
            .then(|| axum::extract::Query::try_from_uri(uri).ok())
            .flatten();
        let refusal = || {
            let refusal = Refusal::invalid("query", "the query cannot be read");
            refusal.allowing(["who", "act", "since", "limit", "after"])
        };
        read.map(|axum::extract::Query(wish)| wish).ok_or_else(refusal)
    }

    /// The wish as a query string.
    #[must_use]
    pub fn query(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        let pairs = [
            ("who", &self.who),
            ("act", &self.act),
            ("since", &self.since),
            ("limit", &limit),
            ("after", &self.after),
        ];
        let given = pairs
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(given)
            .finish()
    }

    fn read(&self, now: Millis) -> Result<ActFilter, Refusal> {
        let limit = self.limit.unwrap_or(LIMIT_USUAL);
        if limit == 0 || limit > LIMIT_MAX {
            let message = format!("`limit` is `{limit}` and must be from 1 to {LIMIT_MAX}");
            return Err(Refusal::invalid("limit", message));
        }
        let actor = self.who.as_deref().map(|who| {
            let message = format!("`who` is `{}` and must be the id of a key", beginning(who));
            let refusal = || Refusal::invalid("who", message).allowing(["key_…", "command line"]);
            Actor::parse(who).ok_or_else(refusal)
        });
        let after = self.after.as_deref().map(|text| {
            let message = "`after` must be the `next_cursor` of the part before";
            let id = text.strip_prefix(PREFIX).and_then(Id::from_hex);
            id.ok_or_else(|| Refusal::invalid("after", message))
        });
        Ok(ActFilter {
            actor: actor.transpose()?,
            act: self.act.clone().unwrap_or_default(),
            since: self.since.as_deref().map(|text| since(text, now)).transpose()?,
            after: after.transpose()?,
            limit,
        })
    }
}

/// A part of the list of acts.
///
/// # Errors
/// A refusal that names the field at fault.
pub async fn listed(store: &dyn Store, wish: &ListWish, now: Millis) -> Result<ActList, Refusal> {
    let mut filter = wish.read(now)?;
    let limit = filter.limit;
    filter.limit += 1;
    let acts = store.audit().acts(&filter).await;
    let mut acts = acts.map_err(|error| unavailable(&error))?;
    let keys = store.registry().keys(None).await;
    let keys = keys.map_err(|error| unavailable(&error))?;
    let has_more = acts.len() > limit;
    acts.truncate(limit);
    let data: Vec<_> = acts.into_iter().map(|act| view(act, &keys)).collect();
    Ok(ActList {
        object: "list".to_owned(),
        next_cursor: data.last().filter(|_| has_more).map(|last| last.id.clone()),
        data,
        has_more,
    })
}

fn view(act: Act, keys: &[Key]) -> ActView {
    let key = match act.actor {
        Actor::Key(id) => keys.iter().find(|key| key.id == id),
        Actor::CommandLine => None,
    };
    ActView {
        id: format!("{PREFIX}{}", act.id.hex()),
        object: "act".to_owned(),
        at: time(act.at),
        who: act.actor.word(),
        who_name: key.map(|key| key.name.clone()),
        act: act.act,
        about: act.about,
        outcome: act.outcome,
        ended_at: act.ended_at.map(time),
        request_id: act.request,
    }
}

/// `GET /audit`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let wish = ListWish::of_query(request.uri());
    let listed = async { listed(&**house.engine.store(), &wish?, house.clock.now()).await };
    match listed.await {
        Ok(list) => Json(list).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}

#[cfg(test)]
mod tests {
    use super::{beginning, whole};

    #[test]
    fn ids_and_short_names_are_told_and_of_what_could_be_a_key_the_beginning_only() {
        let id = "key_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b";
        for told in [id, "kling-main", "wh_019ab4c2d0f87a3f9d5b6b1c2e3f4a5b_3"] {
            assert_eq!(beginning(told), told);
        }
        for secret in [
            "an-operators-own-key-of-many-letters",
            &format!("{id}_c2VjcmV0_0badc0de"),
        ] {
            assert_eq!(beginning(secret), format!("{}…", &secret[..6]));
        }
        assert_eq!(beginning("with\nlines"), "withli…");
        assert_eq!(whole("a-long-name-of-an-account-that-there-is").len(), 39);
    }
}
