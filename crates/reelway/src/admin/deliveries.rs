//! Webhooks of all tenants for the operator: list, show, replay; and the secrets that they are signed with.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::response::Response;
use domain::Refusal;
use serde::{Deserialize, Serialize};

use crate::webhooks::api::{ListWish, Sight, answer};
use crate::wiring::House;

/// Whose secret.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Whose {
    /// The tenant by name; none: `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

fn whose(request: &Request) -> Result<Whose, Refusal> {
    let read = Query::try_from_uri(request.uri());
    let Query(whose) = read.map_err(|error| {
        Refusal::invalid("query", format!("the query cannot be read: {error}")).allowing(["tenant"])
    })?;
    Ok(whose)
}

/// `GET /deliveries`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let listed = match ListWish::of_query(request.uri()) {
        Ok(wish) => Sight::All.list(&**house.engine.store(), &wish).await,
        Err(refusal) => Err(refusal),
    };
    answer(listed, &request)
}

/// `GET /deliveries/{id}`
pub async fn show(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    answer(Sight::All.show(&**house.engine.store(), &id).await, &request)
}

/// `POST /deliveries/{id}/replay`
pub async fn replay(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    answer(Sight::All.replay(&house, &id).await, &request)
}

/// `POST /tasks/{id}/replay-webhook`: the last one of the task.
pub async fn replay_last(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    answer(Sight::All.replay_last(&house, &id).await, &request)
}

/// `POST /webhooks/secret`: shown the first time; it is no read, so it is no `GET`.
pub async fn secret(State(house): State<Arc<House>>, request: Request) -> Response {
    let looked = match whose(&request) {
        Ok(whose) => house.secrets.look(whose.tenant.as_deref()).await,
        Err(refusal) => Err(refusal),
    };
    answer(looked, &request)
}

/// `POST /webhooks/secret/rotate`
pub async fn rotate(State(house): State<Arc<House>>, request: Request) -> Response {
    let rotated = match whose(&request) {
        Ok(whose) => house.secrets.rotate(whose.tenant.as_deref()).await,
        Err(refusal) => Err(refusal),
    };
    answer(rotated, &request)
}
