//! One visit to a dialect route, step by step: gate, body, parse, verb, render. Every way out that is
//! not an answer is a refusal in the dialect's own shape.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use domain::dialect::{Answer, Call, Context, Method, Submission};
use domain::fields::Fields;
use domain::http::Reply;
use domain::store::Filter;
use domain::{BlobKey, Dialect, Face, Millis, Quote, Refusal, RefusalKind, Route, Source, Task, TaskId};
use engine::Order;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use http::request::Parts;
use http::{HeaderValue, header};

use crate::front::body::{self, Fingerprint, Taken};
use crate::front::doors::{Choice, Door, Entrance};
use crate::front::head::{self, flag, query, text};
use crate::front::media::Pending;
use crate::front::remade::remade;
use crate::front::wait::{self, Until};
use crate::front::{base_url, repeats, respond};
use crate::gate::rates::Standing;
use crate::gate::{Caller, shows_token};
use crate::metrics::Spoken;
use crate::wiring::House;
use crate::{content, problem};

/// Longest time for work whose answer is its result.
const RUN_MAX: Duration = Duration::from_secs(30);
/// Longest list of fields without effect: what proxies let through in one header.
const IGNORED_MAX_BYTES: usize = 1_024;

/// What a visit has found out so far.
struct Visit<'a> {
    house: &'a House,
    choice: Choice,
    arrived_at: Millis,
    peer: IpAddr,
    request_id: Arc<str>,
    base_url: String,
    /// How many requests are left to the caller, where there is a limit.
    standing: Option<Standing>,
}

/// How a request came to one path.
pub(crate) struct Arrival {
    /// What is named in the path.
    pub(crate) named: Result<Option<String>, Refusal>,
    /// The other end of its connection.
    pub(crate) peer: IpAddr,
    /// The request's id.
    pub(crate) request_id: Arc<str>,
}

/// Answers a request at one path; with the answer, the dialect that it is in, where there was one.
pub(crate) async fn answer(
    house: &House,
    entrance: &Entrance,
    arrival: Arrival,
    request: Request,
) -> (Response, Option<Spoken>) {
    let Arrival {
        named,
        peer,
        request_id,
    } = arrival;
    let Some(choice) = entrance.choose(request.method()) else {
        let refusal =
            Refusal::new(RefusalKind::Method, "this path has other methods").allowing([entrance.methods()]);
        let mut response = match entrance.any() {
            Some(door) => refuse(house, door.dialect, None, &refusal, &request_id),
            None => problem::answer(&refusal, &request_id),
        };
        if let Ok(methods) = HeaderValue::from_str(&entrance.methods()) {
            response.headers_mut().insert(header::ALLOW, methods);
        }
        return (response, None);
    };
    let (parts, mut body) = request.into_parts();
    let mut visit = Visit {
        house,
        choice,
        arrived_at: house.clock.now(),
        base_url: base_url(house, &parts.uri, &parts.headers),
        peer,
        request_id,
        standing: None,
    };
    let served = visit.serve(&parts, named, &mut body).await;
    let Door { dialect, route, .. } = visit.choice.door();
    let mut response = match served {
        Ok(response) => response,
        Err(refusal) => {
            body::drain(&parts.headers, &mut body).await;
            refuse(house, dialect, Some(route), &refusal, &visit.request_id)
        }
    };
    if let Some(standing) = visit.standing {
        standing.write(response.headers_mut());
    }
    (response, Some(Spoken(dialect.name())))
}

/// A refusal in a dialect's own shape.
pub(crate) fn refuse(
    house: &House,
    dialect: &dyn Dialect,
    route: Option<&Route>,
    refusal: &Refusal,
    request_id: &str,
) -> Response {
    let links = house.links_at("");
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
    async fn serve(
        &mut self,
        parts: &Parts,
        named: Result<Option<String>, Refusal>,
        body: &mut Body,
    ) -> Result<Response, Refusal> {
        if !self.choice.door().dialect.takes_tokens() && shows_token(&parts.headers) {
            return Err(keys_only());
        }
        let caller = self.house.gate.admit(&parts.headers, Some(self.peer)).await?;
        self.choice.by_key(caller.dialect.as_deref());
        let taken = self.house.rates.take(&caller);
        self.standing = taken.standing;
        taken.verdict?;
        if self.choice.is_settled() {
            caller.terms.speaks(self.choice.door().dialect.name())?;
        }
        let mut call = Call {
            id: named?,
            query: query(parts)?,
            fields: Fields::default(),
            preview: flag(parts, &head::PREVIEW),
            webhook_url: text(parts, &head::WEBHOOK_URL),
        };
        let mut brought = Brought::default();
        if self.choice.limit_bytes() > 0 {
            let (limit_bytes, media) = (self.choice.limit_bytes(), self.choice.media());
            let intake = &self.house.intake;
            let taken = intake.take(&parts.headers, body, limit_bytes, media).await?;
            let Taken {
                fields,
                pending,
                fingerprint,
            } = taken;
            self.choice.by_body(&fields);
            call.fields = fields;
            brought = Brought {
                pending,
                fingerprint: Some(fingerprint),
            };
        }
        if self.choice.asks_task() {
            let name = call.id.as_deref().unwrap_or_default();
            let task = self.house.engine.find(caller.tenant, name).await?;
            self.choice.by_birth(&task.origin.face.dialect);
        }
        let Door { dialect, route, .. } = self.choice.door();
        caller.terms.speaks(dialect.name())?;
        let request = dialect.parse(route, &call)?;
        let query = std::mem::take(&mut call.query);
        drop(call);
        self.carry_out(request, &caller, parts, brought, &query).await
    }

    /// Does what a call asks for.
    async fn carry_out(
        &self,
        request: domain::Request,
        caller: &Caller,
        parts: &Parts,
        brought: Brought,
        query: &[(String, String)],
    ) -> Result<Response, Refusal> {
        let tenant = caller.tenant;
        let engine = &self.house.engine;
        let task = match request {
            domain::Request::Submit(mut submission) => {
                submission.dry_run |= flag(parts, &head::DRY_RUN);
                return self.submit(caller, parts, submission, brought).await;
            }
            domain::Request::Run(mut submission) => {
                submission.dry_run |= flag(parts, &head::DRY_RUN);
                return self.run(caller, parts, submission, brought).await;
            }
            domain::Request::Balance => {
                let balance = engine.balance(tenant).await?;
                return Ok(respond(self.render(&Answer::Balance(&balance))));
            }
            domain::Request::Bill(period) => {
                let bill = engine.bill(tenant, &period).await?;
                return Ok(respond(self.render(&Answer::Bill(&bill, &period))));
            }
            domain::Request::Presets { page } => {
                return Ok(respond(self.render(&Answer::Presets(page))));
            }
            domain::Request::List { filter, page } => {
                let filter = filter.as_of(self.house.clock.now());
                let listing = engine.list(tenant, &filter, page).await?;
                return Ok(respond(self.render(&Answer::Listing(&listing, &filter))));
            }
            domain::Request::Lookup(names) => {
                let listing = engine.look_up(tenant, &names).await?;
                let all = Filter::default();
                return Ok(respond(self.render(&Answer::Listing(&listing, &all))));
            }
            domain::Request::Content { id, kind } => {
                let task = engine.find(tenant, &id).await?;
                return content::of_kind(self.house, &task, kind, parts).await;
            }
            domain::Request::Remake(remake) => {
                let earlier = engine.find(tenant, &remake.id).await?;
                let mut submission = remade(self.house, self.choice.door().dialect, &earlier, remake).await;
                submission.dry_run = flag(parts, &head::DRY_RUN);
                return self.submit(caller, parts, Box::new(submission), brought).await;
            }
            domain::Request::Erase { id } => engine.erase(tenant, &id).await?,
            domain::Request::Cancel { id } => engine.cancel(tenant, &id).await?,
            domain::Request::Status { id } => {
                let longest = wait::asked(query)?;
                let task = engine.find(tenant, &id).await?;
                let longest = longest.unwrap_or_default();
                wait::wait(self.house, tenant, task, Until::NextStatus, longest).await?
            }
        };
        Ok(self.status(parts, &task))
    }

    async fn submit(
        &self,
        caller: &Caller,
        parts: &Parts,
        submission: Box<Submission>,
        brought: Brought,
    ) -> Result<Response, Refusal> {
        if submission.dry_run {
            caller.terms.covers(&submission.ask)?;
            let engine = &self.house.engine;
            let quote = engine.appraise(caller.tenant, submission.ask.clone()).await?;
            return Ok(respond(self.quoted(&submission, &quote)));
        }
        let (taken, ignored) = self.take(caller, parts, submission, brought).await?;
        let mut reply = taken.reply;
        if let Some(longest) = wait::preferred(&parts.headers) {
            let task = self.ended(caller, taken.task, longest).await?;
            if task.word().is_final() {
                reply = with_ignored(with_task(self.render(&Answer::Status(&task)), &task), &ignored);
            }
            reply = reply.with("preference-applied", format!("wait={}", longest.as_secs()));
        }
        if taken.replayed {
            reply = reply.with("idempotency-replayed", "true");
        }
        Ok(respond(reply))
    }

    /// Takes a wish whose answer is its result, and answers when there is one.
    async fn run(
        &self,
        caller: &Caller,
        parts: &Parts,
        submission: Box<Submission>,
        brought: Brought,
    ) -> Result<Response, Refusal> {
        if submission.dry_run {
            return self.submit(caller, parts, submission, brought).await;
        }
        let (taken, ignored) = self.take(caller, parts, submission, brought).await?;
        let task = self.ended(caller, taken.task, RUN_MAX).await?;
        if !task.word().is_final() {
            let message = format!(
                "no result within {} seconds; it may still come, as task `{}`",
                RUN_MAX.as_secs(),
                task.id().prefixed()
            );
            return Err(Refusal::new(RefusalKind::Ambiguous, message));
        }
        let mut reply = with_ignored(with_task(self.render(&Answer::Status(&task)), &task), &ignored);
        if taken.replayed {
            reply = reply.with("idempotency-replayed", "true");
        }
        Ok(respond(reply))
    }

    /// The task when it has ended, or as it is after so long.
    async fn ended(&self, caller: &Caller, id: TaskId, longest: Duration) -> Result<Arc<Task>, Refusal> {
        let task = self.house.engine.read(caller.tenant, id).await?;
        wait::wait(self.house, caller.tenant, task, Until::Final, longest).await
    }

    /// Hands a wish to the engine; with what came of it, the fields without effect.
    async fn take(
        &self,
        caller: &Caller,
        parts: &Parts,
        submission: Box<Submission>,
        brought: Brought,
    ) -> Result<(engine::Taken, String), Refusal> {
        caller.terms.may_submit()?;
        caller.terms.covers(&submission.ask)?;
        let Brought { pending, fingerprint } = brought;
        let idempotency = repeats::named(caller, parts, fingerprint, self.arrived_at)?;
        let named = named_only(&submission, pending);
        self.house.intake.keep(&self.house.engine, named).await?;
        let ignored = listed(&submission.ignored);
        let order = Order {
            caller: engine::Caller {
                tenant: caller.tenant,
                key: caller.key,
                holder: caller.holder,
                guards: caller.terms.guards,
            },
            face: self.face(),
            base_url: self.base_url.clone(),
            submission,
            idempotency,
            render: &|task| self.acknowledgement(task, &ignored),
        };
        let taken = self.house.engine.submit(order).await?;
        Ok((taken, ignored))
    }

    /// What a wish costs. No vendor has such an answer: it is in our own shape in every dialect.
    fn quoted(&self, submission: &Submission, quote: &Quote) -> Reply {
        let links = self.house.links_at(&self.base_url);
        let context = Context {
            request_id: &self.request_id,
            links: &links,
            route: None,
        };
        let reply = problem::VOICE.render(&Answer::Quoted(&submission.ask, quote), &context);
        with_ignored(reply, &listed(&submission.ignored)).with("reelway-cost", quote.hold_micros.dollars())
    }

    fn acknowledgement(&self, task: &Task, ignored: &str) -> Reply {
        let reply = self.render(&Answer::Submitted(task));
        with_ignored(with_task(reply, task), ignored)
    }

    /// How far a task is; nothing more than that where the client has it already.
    fn status(&self, parts: &Parts, task: &Task) -> Response {
        let door = self.choice.door();
        if door.route.method != Method::Get {
            return respond(with_task(self.render(&Answer::Status(task)), task));
        }
        let position = self.house.engine.place(task).map_or(0, |place| place.position);
        let etag = etag(task, self.house.links.ends(), position);
        let known: Option<IfNoneMatch> = parts.headers.typed_get();
        let is_known = known.is_some_and(|known| {
            let current: Result<ETag, _> = etag.parse();
            current.is_ok_and(|current| !known.precondition_passes(&current))
        });
        if is_known {
            let reply = with_task(Reply::empty(304), task).with("etag", etag);
            return respond(reply);
        }
        let reply = with_task(self.render(&Answer::Status(task)), task);
        respond(
            reply
                .with("etag", etag)
                .with("cache-control", "private, no-cache"),
        )
    }

    fn render(&self, answer: &Answer<'_>) -> Reply {
        let Door { dialect, route, .. } = self.choice.door();
        let links = self.house.links_at(&self.base_url);
        let context = Context {
            request_id: &self.request_id,
            links: &links,
            route: Some(route),
        };
        dialect.render(answer, &context)
    }

    fn face(&self) -> Face {
        let Door { dialect, mount, .. } = self.choice.door();
        Face {
            dialect: dialect.name().to_owned(),
            mount: mount.to_owned(),
            version: dialect.version(),
        }
    }
}

fn keys_only() -> Refusal {
    Refusal::new(
        RefusalKind::BadKey,
        "this API does not support AK/SK: a signed token opens nothing here, send an API key",
    )
}

/// What a body brought besides its fields.
#[derive(Default)]
struct Brought {
    pending: Vec<Pending>,
    /// None where the call has no body.
    fingerprint: Option<Fingerprint>,
}

/// Of the media that a body brought, what the wish names.
fn named_only(submission: &Submission, pending: Vec<Pending>) -> Vec<Pending> {
    let named = |key: &BlobKey| {
        let mut inputs = submission.ask.inputs.iter();
        inputs.any(|input| matches!(&input.source, Source::Staged(staged) if staged.blob == *key))
    };
    pending.into_iter().filter(|media| named(&media.key)).collect()
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

fn with_ignored(reply: Reply, ignored: &str) -> Reply {
    if ignored.is_empty() {
        return reply;
    }
    reply.with("reelway-ignored-fields", ignored)
}

/// Names what an answer about a task shows: it changes with the task, with the links in it, and with its
/// place in the queue. Weak, as each answer has a request id of its own in some dialects.
fn etag(task: &Task, links_end: u64, position: u64) -> String {
    let course = &task.course;
    let end = if course.kept().is_empty() { 0 } else { links_end };
    let cancelled = u8::from(course.cancel_requested);
    format!(
        "W/\"{:x}-{}-{}-{cancelled}-{end:x}-{position:x}\"",
        course.updated_at.0,
        task.word(),
        course.progress
    )
}
