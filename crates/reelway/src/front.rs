//! The front: every path of the house on one page, and the one handler behind all dialect routes.
//! What a body means is the dialect's business; who may come in is the gate's; reading bodies and
//! media is in `front/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use domain::dialect::Method;
use domain::{Dialect, Refusal, RefusalKind, Route};
use http::{Extensions, HeaderName, HeaderValue, StatusCode, Uri, header};

use crate::telemetry::RequestId;
use crate::wiring::House;
use crate::{admin, api, content, health, problem, telemetry};

mod base64_text;
pub mod body;
mod decode;
mod form;
mod json;
mod kind;
pub mod media;
mod spool;
mod visit;

/// One dialect route at one place.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) route: &'static Route,
    /// The dialect's mount, or empty at the root.
    pub(crate) mount: &'static str,
}

/// Every path of the house, for the one port.
pub fn router(house: Arc<House>) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/docs/errors", get(problem::page))
        .route("/api/v1/tasks/{id}", get(api::show))
        .route("/api/v1/tasks/{id}/cancel", post(api::cancel))
        .route("/api/v1/tasks/{id}/content", get(content::first))
        .route("/api/v1/tasks/{id}/content/{n}", get(content::nth))
        .nest("/api/v1/admin", admin::over_tcp(Arc::clone(&house)))
        .method_not_allowed_fallback(wrong_method);
    for (path, doors) in doors() {
        let handler = move |State(house): State<Arc<House>>, request: Request| {
            let doors = Arc::clone(&doors);
            async move { visit::answer(house, &doors, request).await }
        };
        router = router.route(&path, any(handler));
    }
    let access = axum::middleware::from_fn_with_state(Arc::clone(&house), telemetry::access);
    router.fallback(no_route).layer(access).with_state(house)
}

/// Every dialect's routes by path: under its mount, and at the root where it says so. Of dialects
/// that share a root path, the first in the list answers.
fn doors() -> BTreeMap<String, Arc<[Door]>> {
    let mut doors: BTreeMap<String, Vec<Door>> = BTreeMap::new();
    for dialect in dialects::ALL.iter().copied() {
        for route in dialect.routes() {
            let mounts = [Some(dialect.mount()), route.at_root.then_some("")];
            for mount in mounts.into_iter().flatten() {
                let path = format!("{mount}{}", route.path);
                doors.entry(path).or_default().push(Door {
                    dialect,
                    route,
                    mount,
                });
            }
        }
    }
    doors
        .into_iter()
        .map(|(path, doors)| (path, doors.into()))
        .collect()
}

/// The dialect in whose realm a path lies that no route fits: below its mount, or beside one of its
/// root paths.
fn realm(path: &str) -> Option<&'static dyn Dialect> {
    let below = |prefix: &str| {
        let rest = path.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let dialects = || dialects::ALL.iter().copied();
    dialects().find(|dialect| below(dialect.mount())).or_else(|| {
        dialects().find(|dialect| {
            let rooted = dialect.routes().iter().filter(|route| route.at_root);
            rooted.into_iter().any(|route| below(family(route.path)))
        })
    })
}

/// The first two segments of a path: `/kling/v1`.
fn family(path: &str) -> &str {
    let ends = path.match_indices('/').nth(2);
    ends.map_or(path, |(end, _)| &path[..end])
}

async fn no_route(State(house): State<Arc<House>>, request: Request) -> Response {
    let refusal = Refusal::new(RefusalKind::NoRoute, "there is no such path");
    let id = request_id(request.extensions());
    match realm(request.uri().path()) {
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
    let typed = [("content-type".to_owned(), reply.content_type)];
    for (name, value) in typed.into_iter().chain(reply.headers) {
        let name = HeaderName::try_from(name);
        let value = HeaderValue::from_str(&value);
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Whether a route's method serves a request's; a read serves HEAD too.
pub(crate) fn fits(method: Method, asked: &http::Method) -> bool {
    match method {
        Method::Get => asked == http::Method::GET || asked == http::Method::HEAD,
        Method::Post => asked == http::Method::POST,
        Method::Delete => asked == http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn the_family_of_a_path_is_its_first_two_segments() {
        assert_eq!(family("/kling/v1/videos/text2video"), "/kling/v1");
        assert_eq!(family("/tasks"), "/tasks");
    }
}
