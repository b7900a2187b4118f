//! What the process says about itself: log events, human on a terminal and JSON otherwise, one event
//! per request that failed (with `REELWAY_LOG=debug`, per request), and panics. Never prompts, secrets, media or query strings.

use std::io::IsTerminal as _;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::Clock;
use http::HeaderValue;
use tracing_subscriber::EnvFilter;

use crate::config::Environment;
use crate::metrics::Spoken;
use crate::wiring::House;

/// This request's id, in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// Stderr that takes whatever it is given. A log that cannot be written, on a full disk or with nobody who reads
/// it, must not end the process: complaining about it on stderr, as the subscriber would, panics.
struct Willing(std::io::Stderr);

impl std::io::Write for Willing {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        drop(self.0.write_all(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        drop(self.0.flush());
        Ok(())
    }
}

/// Starts logging to stderr. `REELWAY_LOG`, else `RUST_LOG`, chooses what is said, else `usual`.
pub fn start(environment: &Environment, usual: &str) {
    let wish = environment.get("REELWAY_LOG").or(environment.get("RUST_LOG"));
    let filter = wish.and_then(|wish| EnvFilter::try_new(wish).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(usual));
    let terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Willing(std::io::stderr()))
        .with_ansi(terminal);
    // A second start in one process (tests) keeps the first subscriber.
    let started = if terminal {
        subscriber.with_target(false).try_init()
    } else {
        subscriber.json().flatten_event(true).try_init()
    };
    drop(started);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        tracing::error!(
            place,
            message = message.unwrap_or("no message"),
            "process.panicked"
        );
    }));
}

/// Gives a request its id, and says how it ended.
pub async fn access(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let clock: &Arc<dyn Clock> = &house.clock;
    let id: Arc<str> = Arc::from(format!("req_{}", house.ids.id().hex()));
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start_ms = clock.monotonic_ms();
    let mut response = next.run(request).await;
    let duration_ms = clock.monotonic_ms().saturating_sub(start_ms);
    let spoken = response.extensions().get::<Spoken>().copied();
    house.metrics.answers.count(spoken, response.status().as_u16());
    let task = response.headers().get("reelway-task-id");
    // Thousands of good answers a second would only hide the others, and cost more than they do. Each
    // step of a task has an event of its own.
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed || tracing::enabled!(tracing::Level::DEBUG) {
        tracing::info!(
            request_id = &*id,
            method = method.as_str(),
            route = route.as_ref().map_or("none", MatchedPath::as_str),
            status = response.status().as_u16(),
            task = task.and_then(|task| task.to_str().ok()),
            duration_ms,
            "http.answered"
        );
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert("x-content-type-options", nosniff);
    response
}
