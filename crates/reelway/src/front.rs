//! The front: every path of the house on one page, and the one handler behind all dialect routes. Paths of
//! dialects, which nearly every request is for, are looked up first and lead straight to that handler; the
//! others go through a router with layers. Which dialect answers where is in `front/doors.rs`, what belongs to none in `front/paths.rs`, one visit in
//! `front/visit.rs`, remixes in `front/remade.rs`, waiting in `front/wait.rs`. What a body means is the
//! dialect's business; who may come in is the gate's.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use domain::{Refusal, RefusalKind};
use http::{Extensions, HeaderName, HeaderValue, StatusCode, Uri, header};
use tower::ServiceExt as _;

use crate::front::doors::Entrance;
use crate::front::visit::Arrival;
use crate::gate::Caller;
use crate::gate::origin::{self, Peer};
use crate::telemetry::{Access, RequestId};
use crate::wiring::House;
use crate::{admin, problem, telemetry};

mod base64_text;
pub mod body;
mod decode;
mod doors;
mod form;
mod head;
mod json;
mod kind;
pub mod media;
pub mod paths;
mod remade;
mod repeats;
mod spool;
mod visit;
mod wait;

pub use wait::WAIT_MAX_SECONDS;

impl House {
    /// The caller behind a request that goes to no dialect, who has requests left.
    ///
    /// # Errors
    /// As [`Gate::admit`](crate::gate::Gate::admit), and a refusal of a caller who sends too many.
    pub(crate) async fn admit(
        &self,
        headers: &http::HeaderMap,
        extensions: &Extensions,
    ) -> Result<Caller, Refusal> {
        let caller = self.gate.admit(headers, origin::peer(extensions)).await?;
        self.rates.take(&caller).verdict?;
        Ok(caller)
    }
}

/// Every path of the house, for the one port.
pub struct Front {
    house: Arc<House>,
    entrances: matchit::Router<Arc<Entrance>>,
    others: Router,
}

impl Front {
    /// The front of a house.
    #[must_use]
    pub fn new(house: Arc<House>) -> Front {
        Front {
            entrances: entrances(),
            others: others(Arc::clone(&house)),
            house,
        }
    }

    /// Answers a request that came from an address, counts it, and says how it ended. What the way to a dialect
    /// needs is handed along it; extensions, which take some room of their own, are for the router.
    pub async fn answer(&self, mut request: Request, peer: IpAddr) -> Response {
        let Ok(found) = self.entrances.at(request.uri().path()) else {
            request.extensions_mut().insert(Peer(peer));
            let answered = self.others.clone().oneshot(request).await;
            return answered.unwrap_or_else(|never| match never {});
        };
        let named = head::named(&found.params);
        let entrance = Arc::clone(found.value);
        let access = Access::begin(&self.house, &request);
        let arrival = Arrival {
            named,
            peer,
            request_id: access.id(),
        };
        // In a place of its own: a connection that waits for its next request needs none.
        let visit = Box::pin(visit::answer(&self.house, &entrance, arrival, request));
        let (mut response, spoken) = visit.await;
        access.end(&self.house, Some(&entrance.path), spoken, &mut response);
        response
    }
}

/// The paths of dialects.
///
/// # Panics
/// When two paths cannot be told apart; they are data, and a test looks them all up.
fn entrances() -> matchit::Router<Arc<Entrance>> {
    let mut router = matchit::Router::new();
    for entrance in doors::entrances() {
        let path = entrance.path.clone();
        router
            .insert(path, entrance)
            .expect("paths of dialects can be told apart");
    }
    router
}

/// Every path that is no dialect's.
fn others(house: Arc<House>) -> Router {
    let mut router = Router::new().nest(admin::MOUNT, admin::over_tcp(Arc::clone(&house)));
    for row in paths::ALL {
        router = router.route(row.path, (row.mount)());
    }
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    router
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_route)
        .layer(access)
        .with_state(house)
}

async fn no_route(State(house): State<Arc<House>>, request: Request) -> Response {
    let refusal = Refusal::no_route();
    let id = request_id(request.extensions());
    match doors::realm(request.uri().path()) {
        Some(dialect) => visit::refuse(&house, dialect, None, &refusal, &id),
        None => problem::answer(&refusal, &id),
    }
}

async fn wrong_method(request: Request) -> Response {
    let refusal = Refusal::new(RefusalKind::Method, "this path has other methods");
    problem::answer(&refusal, &request_id(request.extensions()))
}

/// The request's id, as `telemetry::access` gave it.
pub(crate) fn request_id(extensions: &Extensions) -> Arc<str> {
    let id = extensions.get::<RequestId>();
    id.map_or_else(|| Arc::from("req_unknown"), |id| Arc::clone(&id.0))
}

/// The base of links for a request: the configured one, else the host that it was sent to.
pub(crate) fn base_url(house: &House, uri: &Uri, headers: &http::HeaderMap) -> String {
    if let Some(base) = &house.config.public_url {
        return base.clone();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let good = host.filter(|host| !host.contains('@') && host.parse::<http::uri::Authority>().is_ok());
    good.map_or_else(
        || format!("http://{}", house.config.listen),
        |host| format!("http://{host}"),
    )
}

/// The names that nearly every answer has, made once.
const NAMES: [HeaderName; 2] = [
    HeaderName::from_static("reelway-task-id"),
    HeaderName::from_static("reelway-cost"),
];

/// As many headers as most answers have.
const USUAL_HEADERS: usize = 8;

/// An answer as HTTP. Headers that cannot be written are left out.
pub(crate) fn respond(reply: domain::http::Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    let typed = match reply.content_type {
        none if none.is_empty() => None,
        Cow::Borrowed(usual) => Some(HeaderValue::from_static(usual)),
        Cow::Owned(kind) => HeaderValue::try_from(kind).ok(),
    };
    headers.extend(typed.map(|kind| (header::CONTENT_TYPE, kind)));
    for (name, value) in reply.headers {
        let known = NAMES.iter().find(|known| known.as_str() == name).cloned();
        let name = known.or_else(|| HeaderName::try_from(&*name).ok());
        if let (Some(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{admin, doors, entrances, paths};

    /// A path with something in the place of each name.
    fn walked(path: &str) -> String {
        let steps = path.split('/');
        let steps = steps.map(|step| if step.starts_with('{') { "something" } else { step });
        steps.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_path_of_a_dialect_leads_to_it_and_no_other_path_does() {
        let entrances = entrances();
        for entrance in doors::entrances() {
            let found = entrances
                .at(&walked(&entrance.path))
                .map(|found| found.value.path.clone());
            assert_eq!(found.as_ref(), Ok(&entrance.path));
        }
        let own = paths::ALL.iter().map(|row| row.path.to_owned());
        let operators = admin::paths::ALL.iter();
        let operators = operators.map(|row| format!("{}{}", admin::MOUNT, row.path));
        for path in own.chain(operators) {
            assert!(entrances.at(&walked(&path)).is_err(), "{path}");
        }
    }
}
