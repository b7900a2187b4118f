//! What the process says about itself: log events, human on a terminal and JSON otherwise, one event
//! per request that failed (with `REELWAY_LOG=debug`, per request), and panics. Never prompts, secrets, media or query strings.

use std::io::{BufWriter, IsTerminal as _};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, header};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::Environment;
use crate::metrics::Spoken;
use crate::wiring::House;

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Lines that wait to be written, at most; whoever has a further one waits for a place.
const LINES_MAX: usize = 16_384;
/// Most bytes that are written at once.
const WRITE_BYTES: usize = 64 * 1024;

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

/// The log while it is written. When it is dropped, what was said is written to its end.
pub struct Log {
    _writing: Option<WorkerGuard>,
}

/// Starts logging to stderr. `REELWAY_LOG`, else `RUST_LOG`, chooses what is said, else `usual`. What goes to
/// no terminal is written by a thread of its own, many lines at a time: a task is not taken later because a
/// disk or a pipe takes its line slowly.
pub fn start(environment: &Environment, usual: &str) -> Log {
    let wish = environment.get("REELWAY_LOG").or(environment.get("RUST_LOG"));
    let filter = wish.and_then(|wish| EnvFilter::try_new(wish).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(usual));
    let terminal = std::io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal);
    let (started, writing) = if terminal {
        let subscriber = subscriber.with_writer(|| Willing(std::io::stderr()));
        (subscriber.with_target(false).try_init(), None)
    } else {
        let lines = BufWriter::with_capacity(WRITE_BYTES, Willing(std::io::stderr()));
        let (writer, writing) = NonBlockingBuilder::default()
            .buffered_lines_limit(LINES_MAX)
            .lossy(false)
            .thread_name("log")
            .finish(lines);
        let subscriber = subscriber.with_writer(writer);
        (subscriber.json().flatten_event(true).try_init(), Some(writing))
    };
    // A second start in one process (tests) keeps the first subscriber.
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
    Log { _writing: writing }
}

/// A request while it is answered.
pub(crate) struct Access {
    id: Arc<str>,
    method: Method,
    began_ms: u64,
}

impl Access {
    /// Gives a request an id.
    pub(crate) fn begin(house: &House, request: &Request) -> Access {
        Access {
            id: Arc::from(house.ids.id().after("req_")),
            method: request.method().clone(),
            began_ms: house.clock.monotonic_ms(),
        }
    }

    /// The request's id.
    pub(crate) fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    /// Counts the answer, says how the request ended, and writes the id into the answer. The route is the
    /// path as it is in the tables; none where there is no such path.
    pub(crate) fn end(
        self,
        house: &House,
        route: Option<&str>,
        spoken: Option<Spoken>,
        response: &mut Response,
    ) {
        house.metrics.answers.count(spoken, response.status().as_u16());
        self.tell(house, route, response);
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID, value);
        }
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
    }

    fn tell(&self, house: &House, route: Option<&str>, response: &Response) {
        // Thousands of good answers a second would only hide the others, and cost more than they do. Each
        // step of a task has an event of its own.
        let failed = response.status().is_client_error() || response.status().is_server_error();
        if !failed && !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let task = response.headers().get("reelway-task-id");
        tracing::info!(
            request_id = &*self.id,
            method = self.method.as_str(),
            route = route.unwrap_or("none"),
            status = response.status().as_u16(),
            task = task.and_then(|task| task.to_str().ok()),
            duration_ms = house.clock.monotonic_ms().saturating_sub(self.began_ms),
            "http.answered"
        );
    }
}

/// Gives a request at a path of no dialect its id, and says how it ended.
pub async fn access(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let access = Access::begin(&house, &request);
    request.extensions_mut().insert(RequestId(access.id()));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    access.end(
        &house,
        route.as_ref().map(MatchedPath::as_str),
        None,
        &mut response,
    );
    response
}
