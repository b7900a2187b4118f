//! The front: every path of the house on one page, and the one handler behind all dialect routes. Which
//! dialect answers where is in `front/doors.rs`, what belongs to none in `front/paths.rs`, one visit in
//! `front/visit.rs`, remixes in `front/remade.rs`, waiting in `front/wait.rs`. What a body means is the
//! dialect's business; who may come in is the gate's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use domain::{Refusal, RefusalKind};
use http::{Extensions, HeaderName, HeaderValue, StatusCode, Uri, header};

use crate::gate::Caller;
use crate::telemetry::RequestId;
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
        let caller = self.gate.admit(headers, extensions).await?;
        self.rates.take(&caller).verdict?;
        Ok(caller)
    }
}

/// Every path of the house, for the one port.
pub fn router(house: Arc<House>) -> Router {
    let mut router = Router::new().nest(admin::MOUNT, admin::over_tcp(Arc::clone(&house)));
    for row in paths::ALL {
        router = router.route(row.path, (row.mount)());
    }
    router = router.method_not_allowed_fallback(wrong_method);
    for entrance in doors::entrances() {
        let path = entrance.path.clone();
        let handler = move |State(house): State<Arc<House>>, request: Request| {
            let entrance = Arc::clone(&entrance);
            async move { visit::answer(house, &entrance, request).await }
        };
        router = router.route(&path, any(handler));
    }
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    router.fallback(no_route).layer(access).with_state(house)
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

/// An answer as HTTP. Headers that cannot be written are left out.
pub(crate) fn respond(reply: domain::http::Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(reply.body)).into_response();
    let typed = ("content-type".to_owned(), reply.content_type);
    let typed = (!typed.1.is_empty()).then_some(typed);
    for (name, value) in typed.into_iter().chain(reply.headers) {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::from_str(&value);
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
