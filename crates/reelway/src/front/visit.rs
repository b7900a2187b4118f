//! One visit to a dialect route, step by step: gate, body, parse, verb, render. Every way out that is
//! not an answer is a refusal in the dialect's own shape.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Query, RawPathParams, Request};
use axum::response::Response;
use domain::dialect::{Answer, Call, Context, Submission};
use domain::fields::Fields;
use domain::http::Reply;
use domain::{Dialect, Face, Intent, Refusal, RefusalKind, Route, Task};
use engine::{IdempotencyAsk, Order};
use http::request::Parts;

use crate::front::body::{self, Taken};
use crate::front::{Door, base_url, fits, request_id, respond};
use crate::gate::Caller;
use crate::wiring::House;

/// Most bytes of a query string that are looked at.
const QUERY_MAX_BYTES: usize = 8 * 1024;
/// Longest list of fields without effect: what proxies let through in one header.
const IGNORED_MAX_BYTES: usize = 1_024;

struct Visit<'a> {
    house: &'a House,
    door: Door,
    request_id: Arc<str>,
    base_url: String,
}

/// Answers a request at one path.
pub(crate) async fn answer(house: Arc<House>, doors: &[Door], request: Request) -> Response {
    let id = request_id(request.extensions());
    let Some(door) = doors
        .iter()
        .find(|door| fits(door.route.method, request.method()))
    else {
        let refusal = Refusal::new(RefusalKind::Method, "this path has other methods");
        let first = doors.first().map(|door| door.dialect);
        return match first {
            Some(dialect) => refuse(&house, dialect, None, &refusal, &id),
            None => crate::problem::answer(&refusal, &id),
        };
    };
    let (mut parts, mut body) = request.into_parts();
    let visit = Visit {
        house: &house,
        door: *door,
        base_url: base_url(&house, &parts.uri, &parts.headers),
        request_id: id,
    };
    match visit.serve(&mut parts, &mut body).await {
        Ok(response) => response,
        Err(refusal) => {
            body::drain(&parts.headers, &mut body).await;
            refuse(
                &house,
                door.dialect,
                Some(door.route),
                &refusal,
                &visit.request_id,
            )
        }
    }
}

/// A refusal in a dialect's own shape.
pub(crate) fn refuse(
    house: &House,
    dialect: &dyn Dialect,
    route: Option<&Route>,
    refusal: &Refusal,
    request_id: &str,
) -> Response {
    let links = house.links.at("");
    let context = Context {
        request_id,
        links: &links,
        route,
    };
    let mut reply = dialect.render(&Answer::Refused(refusal), &context);
    if let Some(seconds) = refusal.retry_after_seconds {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if refusal.kind == RefusalKind::Ambiguous {
        reply = reply.with("x-should-retry", "false");
    }
    respond(reply)
}

impl Visit<'_> {
    async fn serve(&self, parts: &mut Parts, body: &mut Body) -> Result<Response, Refusal> {
        let caller = self.house.gate.admit(&parts.headers).await?;
        let mut call = Call {
            id: id(parts).await?,
            query: query(parts)?,
            fields: Fields::default(),
            preview: flag(parts, "reelway-preview"),
        };
        if let Intent::Submit(_) = self.door.route.intent {
            let limit = self.door.route.limit_bytes;
            let media = self.door.route.media;
            let intake = &self.house.intake;
            let taken = intake.take(&parts.headers, body, limit, media).await?;
            return self.submit(&caller, parts, &mut call, taken).await;
        }
        let tenant = caller.tenant;
        let engine = &self.house.engine;
        let task = match self.door.dialect.parse(self.door.route, &call)? {
            domain::Request::Status { id } => engine.find(tenant, &id).await?,
            domain::Request::Cancel { id } => engine.cancel(tenant, &id).await?,
            domain::Request::List { filter, page } => {
                let listing = engine.list(tenant, &filter, page).await?;
                return Ok(respond(self.render(&Answer::Listing(&listing))));
            }
            domain::Request::Submit(_) => return Err(broken("a read was parsed as a submit")),
        };
        Ok(respond(self.status(&task)))
    }

    async fn submit(
        &self,
        caller: &Caller,
        parts: &Parts,
        call: &mut Call,
        taken: Taken,
    ) -> Result<Response, Refusal> {
        let Taken {
            fields,
            pending,
            hash,
        } = taken;
        let idempotency = self.idempotency(caller, parts, hash)?;
        call.fields = fields;
        let parsed = self.door.dialect.parse(self.door.route, call)?;
        let domain::Request::Submit(submission) = parsed else {
            return Err(broken("a submit was parsed as a read"));
        };
        call.fields = Fields::default();
        self.house.intake.keep(&self.house.engine, pending).await?;
        let Submission { ignored, .. } = &*submission;
        let ignored = listed(ignored);
        let taken = self
            .house
            .engine
            .submit(Order {
                caller: engine::Caller {
                    tenant: caller.tenant,
                    key: caller.key,
                },
                face: self.face(),
                base_url: self.base_url.clone(),
                submission: *submission,
                idempotency,
                render: &|task| self.acknowledgement(task, &ignored),
            })
            .await?;
        let mut reply = taken.reply;
        if taken.replayed {
            reply = reply.with("idempotency-replayed", "true");
        }
        Ok(respond(reply))
    }

    fn idempotency(
        &self,
        caller: &Caller,
        parts: &Parts,
        body_hash: String,
    ) -> Result<Option<IdempotencyAsk>, Refusal> {
        let name = "idempotency-key";
        let Some(value) = parts.headers.get(name) else {
            return Ok(None);
        };
        let unreadable = |_| Refusal::invalid("Idempotency-Key", "the idempotency key must be plain ASCII");
        let key = value.to_str().map_err(unreadable)?.trim().to_owned();
        let scope = format!(
            "{}/{}/{}{}",
            caller.tenant.0.hex(),
            caller.key.0.hex(),
            self.door.mount,
            self.door.route.path
        );
        Ok(Some(IdempotencyAsk {
            scope,
            key,
            body_hash,
        }))
    }

    fn acknowledgement(&self, task: &Task, ignored: &str) -> Reply {
        let reply = self.render(&Answer::Submitted(task));
        let reply = with_task(reply, task);
        if ignored.is_empty() {
            return reply;
        }
        reply.with("reelway-ignored-fields", ignored)
    }

    fn status(&self, task: &Task) -> Reply {
        with_task(self.render(&Answer::Status(task)), task)
    }

    fn render(&self, answer: &Answer<'_>) -> Reply {
        let links = self.house.links.at(&self.base_url);
        let context = Context {
            request_id: &self.request_id,
            links: &links,
            route: Some(self.door.route),
        };
        self.door.dialect.render(answer, &context)
    }

    fn face(&self) -> Face {
        Face {
            dialect: self.door.dialect.name().to_owned(),
            mount: self.door.mount.to_owned(),
            version: self.door.dialect.version(),
        }
    }
}

/// Names of fields as a header can carry them: cut off where they grow too long.
fn listed(fields: &[String]) -> String {
    let mut list = String::new();
    for field in fields {
        let plain = field
            .chars()
            .map(|char| if char.is_ascii_graphic() { char } else { '?' });
        let plain: String = plain.collect();
        if list.len() + plain.len() + 2 > IGNORED_MAX_BYTES {
            break;
        }
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&plain);
    }
    list
}

/// What every answer about a task says in its headers: its id, and its charge or, before that, hold.
fn with_task(reply: Reply, task: &Task) -> Reply {
    let hold = task.origin.quote.hold_micros;
    let cost = task.course.charge_micros.unwrap_or(hold);
    reply
        .with("reelway-task-id", task.id().prefixed())
        .with("reelway-cost", cost.dollars())
}

async fn id(parts: &mut Parts) -> Result<Option<String>, Refusal> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| Refusal::not_found())?;
    let id = params.iter().find(|(name, _)| *name == "id");
    Ok(id.map(|(_, id)| id.to_owned()))
}

fn query(parts: &Parts) -> Result<Vec<(String, String)>, Refusal> {
    let unreadable = || Refusal::new(RefusalKind::Malformed, "the query cannot be read");
    if parts
        .uri
        .query()
        .is_some_and(|query| query.len() > QUERY_MAX_BYTES)
    {
        return Err(unreadable());
    }
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    query.map(|Query(pairs)| pairs).map_err(|_| unreadable())
}

fn flag(parts: &Parts, name: &str) -> bool {
    let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

fn broken(what: &'static str) -> Refusal {
    tracing::error!(what, "front.broken: the house contradicts itself");
    Refusal::new(
        RefusalKind::Unavailable,
        "something broke on our side; nothing was accepted",
    )
}
