//! Webhooks over HTTP: a list, one, and once more; for a client its own, for the operator everybody's. The
//! same reads serve commands that open the database themselves.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::ids::TenantId;
use domain::store::{Delivery, DeliveryFilter, DeliveryState};
use domain::tenant::Tenant;
use domain::{Id, Refusal, RefusalKind, Store, TaskId};
use http::{Extensions, HeaderMap, Uri};
use serde::{Deserialize, Serialize};

use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

/// Webhooks in one part of the list where no number is asked for.
pub const LIMIT_USUAL: usize = 50;
/// Most webhooks in one part of the list.
pub const LIMIT_MAX: usize = 500;
/// Longest query string that is read, in bytes.
const QUERY_MAX_BYTES: usize = 4 * 1024;
/// What a webhook's id begins with.
const PREFIX: &str = "wh_";

/// What a list is asked for; what is left out is not narrowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListWish {
    /// `pending`, `delivered`, `superseded` or `dead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The tenant by name; for the operator only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Most webhooks in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The last webhook of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A webhook as it is shown; never its body, which is the client's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookView {
    /// The same as in the header `webhook-id`.
    pub id: String,
    /// Always `webhook`.
    pub object: String,
    /// The tenant by name; for the operator only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The task that it speaks of.
    pub task: String,
    /// `task.queued`, `task.succeeded` …
    pub event: String,
    /// Where it goes.
    pub url: String,
    /// `pending`, `delivered`, `superseded` or `dead`.
    pub state: String,
    /// Tries since it was owed, or since it was replayed.
    pub tries: u32,
    /// When it came to be owed.
    pub created_at: String,
    /// When it is tried next, if it is.
    pub next_try_at: Option<String>,
    /// When it was tried last.
    pub last_try_at: Option<String>,
    /// The HTTP status of the last try.
    pub last_status: Option<u16>,
    /// Why the last try failed, or the beginning of what was answered.
    pub last_error: Option<String>,
    /// When the receiver took it.
    pub delivered_at: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookList {
    /// Always `list`.
    pub object: String,
    /// The webhooks: of the newest tasks first, of each task the latest first.
    pub data: Vec<WebhookView>,
    /// What `after` must be for the next part.
    pub next_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// Whose webhooks are seen.
#[derive(Clone, Copy)]
pub enum Sight {
    /// One tenant's.
    Own(TenantId),
    /// Everybody's.
    All,
}

impl Sight {
    fn owner(self) -> Option<TenantId> {
        match self {
            Sight::Own(tenant) => Some(tenant),
            Sight::All => None,
        }
    }

    fn view(self, delivery: &Delivery, tenants: &[Tenant]) -> WebhookView {
        let owed = &delivery.owed;
        let name = tenants.iter().find(|tenant| tenant.id == owed.tenant);
        let name = name.map_or_else(|| owed.tenant.0.hex(), |tenant| tenant.name.clone());
        let is_pending = delivery.state == DeliveryState::Pending;
        WebhookView {
            id: owed.id.clone(),
            object: "webhook".to_owned(),
            tenant: matches!(self, Sight::All).then_some(name),
            task: owed.task.prefixed(),
            event: owed.event.clone(),
            url: owed.url.clone(),
            state: delivery.state.word().to_owned(),
            tries: delivery.tries,
            created_at: time(owed.at),
            next_try_at: is_pending.then(|| time(delivery.next_at.max(owed.at))),
            last_try_at: delivery.tried_at.map(time),
            last_status: delivery.status,
            last_error: delivery.note.clone(),
            delivered_at: delivery.delivered_at.map(time),
        }
    }

    /// A part of the list.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn list(self, store: &dyn Store, wish: &ListWish) -> Result<WebhookList, Refusal> {
        let tenants = self.tenants(store).await?;
        let mut filter = wish.read(self, &tenants)?;
        let limit = filter.limit;
        filter.limit += 1;
        let found = store.outbox().deliveries(&filter).await;
        let mut found = found.map_err(|error| unavailable(&error))?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more);
        Ok(WebhookList {
            object: "list".to_owned(),
            next_cursor: last.map(|last| last.owed.id.clone()),
            data: found
                .iter()
                .map(|delivery| self.view(delivery, &tenants))
                .collect(),
            has_more,
        })
    }

    /// One webhook.
    ///
    /// # Errors
    /// A refusal when there is no such webhook, or when it is another's.
    pub async fn show(self, store: &dyn Store, id: &str) -> Result<WebhookView, Refusal> {
        let found = self.find(store, id).await?;
        Ok(self.view(&found, &self.tenants(store).await?))
    }

    async fn find(self, store: &dyn Store, id: &str) -> Result<Delivery, Refusal> {
        let unknown = || Refusal::new(RefusalKind::NotFound, "there is no such webhook");
        if cursor(id).is_none() {
            return Err(unknown());
        }
        let found = store.outbox().delivery(self.owner(), id).await;
        found.map_err(|error| unavailable(&error))?.ok_or_else(unknown)
    }

    async fn tenants(self, store: &dyn Store) -> Result<Vec<Tenant>, Refusal> {
        match self {
            Sight::Own(_) => Ok(Vec::new()),
            Sight::All => store
                .registry()
                .tenants()
                .await
                .map_err(|error| unavailable(&error)),
        }
    }

    /// Sends a webhook once more, with all its tries.
    ///
    /// # Errors
    /// A refusal when there is no such webhook, when it is being tried just now, or was never sent.
    pub async fn replay(self, house: &House, id: &str) -> Result<WebhookView, Refusal> {
        let store = &**house.engine.store();
        let found = self.find(store, id).await?;
        let replayed = house.engine.replay(id).await;
        if !replayed.map_err(|error| unavailable(&error))? {
            return Err(cannot_replay(&found));
        }
        self.show(store, id).await
    }

    /// Sends the last webhook of a task once more.
    ///
    /// # Errors
    /// A refusal when there is no such task, when it has no webhook, or as [`Sight::replay`].
    pub async fn replay_last(self, house: &House, task: &str) -> Result<WebhookView, Refusal> {
        let task = TaskId::parse(task).ok_or_else(Refusal::not_found)?;
        let found = house.engine.store().outbox().deliveries_of(task).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let mine = |delivery: &&Delivery| self.owner().is_none_or(|owner| owner == delivery.owed.tenant);
        let last = found.iter().rfind(mine).ok_or_else(|| {
            let message = "there is no such task, or it has no `callback_url`";
            Refusal::new(RefusalKind::NotFound, message)
        })?;
        self.replay(house, &last.owed.id).await
    }
}

fn cannot_replay(delivery: &Delivery) -> Refusal {
    let why = match delivery.state {
        DeliveryState::Pending => "it is being tried just now",
        DeliveryState::Superseded => "a later state was owed before it was sent",
        DeliveryState::Delivered | DeliveryState::Dead => "it is older than 30 days",
    };
    Refusal::invalid(
        "id",
        format!("webhook `{}` cannot be replayed: {why}", delivery.owed.id),
    )
}

impl ListWish {
    /// Reads a request's query string.
    ///
    /// # Errors
    /// A refusal when it is too long, or has a field that is none.
    pub fn of_query(uri: &Uri) -> Result<ListWish, Refusal> {
        if uri.query().unwrap_or_default().len() > QUERY_MAX_BYTES {
            let message = format!("the query is longer than {QUERY_MAX_BYTES} bytes");
            return Err(Refusal::invalid("query", message));
        }
        let read = Query::try_from_uri(uri);
        let Query(wish) = read.map_err(|error| {
            Refusal::invalid("query", format!("the query cannot be read: {error}"))
                .allowing(["state", "tenant", "limit", "after"])
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

    fn read(&self, sight: Sight, tenants: &[Tenant]) -> Result<DeliveryFilter, Refusal> {
        let limit = self.limit.unwrap_or(LIMIT_USUAL);
        if limit == 0 || limit > LIMIT_MAX {
            let message = format!("`limit` is `{limit}` and must be from 1 to {LIMIT_MAX}");
            return Err(Refusal::invalid("limit", message));
        }
        let words = DeliveryState::ALL.map(DeliveryState::word);
        let state = self.state.as_deref().map(|word| {
            let unknown = || Refusal::invalid("state", format!("there is no state `{word}`")).allowing(words);
            DeliveryState::parse(word).ok_or_else(unknown)
        });
        let named = self.tenant.as_deref().map(|name| {
            let found = tenants.iter().find(|tenant| tenant.name == name);
            let names = tenants.iter().map(|tenant| &tenant.name);
            let unknown =
                || Refusal::invalid("tenant", format!("there is no tenant `{name}`")).allowing(names);
            found.map(|tenant| tenant.id).ok_or_else(unknown)
        });
        let after = self.after.as_deref().map(|text| {
            let message = format!("`after` is `{text}` and must be the `next_cursor` of the part before");
            cursor(text).ok_or_else(|| Refusal::invalid("after", message))
        });
        Ok(DeliveryFilter {
            tenant: named.transpose()?.or(sight.owner()),
            state: state.transpose()?,
            after: after.transpose()?,
            limit,
        })
    }
}

/// The task and the version in a webhook's id.
fn cursor(text: &str) -> Option<(TaskId, u64)> {
    let (task, version) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Some((TaskId(Id::from_hex(task)?), version.parse().ok()?))
}

/// `GET /api/v1/webhooks`
pub async fn list(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    extensions: Extensions,
    request: Request,
) -> Response {
    let wish = ListWish::of_query(request.uri());
    let listed = async {
        let sight = own(&house, (&headers, &extensions)).await?;
        let wish = wish?;
        if wish.tenant.is_some() {
            return Err(Refusal::invalid("tenant", "`tenant` is for operators"));
        }
        sight.list(&**house.engine.store(), &wish).await
    };
    answer(listed.await, &request)
}

/// `GET /api/v1/webhooks/{id}`
pub async fn show(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    request: Request,
) -> Response {
    let shown = async {
        let sight = own(&house, (&headers, &extensions)).await?;
        sight.show(&**house.engine.store(), &id).await
    };
    answer(shown.await, &request)
}

/// `POST /api/v1/webhooks/{id}/replay`
pub async fn replay(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    extensions: Extensions,
    request: Request,
) -> Response {
    let replayed = async {
        own(&house, (&headers, &extensions))
            .await?
            .replay(&house, &id)
            .await
    };
    answer(replayed.await, &request)
}

async fn own(house: &House, (headers, extensions): (&HeaderMap, &Extensions)) -> Result<Sight, Refusal> {
    let caller = house.admit(headers, extensions).await?;
    Ok(Sight::Own(caller.tenant))
}

/// An answer, or why there is none.
pub(crate) fn answer<T: Serialize>(read: Result<T, Refusal>, request: &Request) -> Response {
    match read {
        Ok(read) => Json(read).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
