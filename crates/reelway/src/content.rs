//! Kept files over HTTP: for their owner's key, or for a signed link without one; and lent media for upstreams.
//! Ranges, HEAD and ETags; links are made and checked in `links.rs`, addresses of lent media in `lending.rs`.

use std::ops::{Bound, Range};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use domain::{Artifact, BlobKey, MediaKind, Refusal, RefusalKind, Task, TaskId};
use headers::{ETag, HeaderMapExt as _, IfNoneMatch, IfRange};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;

use crate::front::request_id;
use crate::links::BadLink;
use crate::problem;
use crate::wiring::House;

/// How long a client's own cache may keep a file before it asks again, in seconds. Files never
/// change under their address; an erased one should not live on for long.
const CACHE_SECONDS: u32 = 3_600;

/// A link's query.
#[derive(Debug, Default, Deserialize)]
pub struct Signed {
    expires: Option<u64>,
    signature: Option<String>,
}

/// The query of an address of lent media.
#[derive(Debug, Deserialize)]
pub struct LentQuery {
    bytes: u64,
    expires: u64,
    signature: String,
}

/// A file as it is sent.
struct Shown<'a> {
    blob: &'a BlobKey,
    bytes: u64,
    content_type: &'a str,
    name: String,
}

/// Media that an upstream fetches.
pub async fn lent(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    query: Result<Query<LentQuery>, QueryRejection>,
    parts: Parts,
) -> Response {
    let forged = || Refusal::new(RefusalKind::Forbidden, "the address is not valid");
    let opened = match (&house.lender, query) {
        (Some(lender), Ok(Query(query))) => lender
            .verify(&name, query.bytes, query.expires, &query.signature)
            .map_err(|bad| match bad {
                BadLink::Forged => forged(),
                BadLink::Expired => Refusal::new(RefusalKind::Forbidden, "the address has expired"),
            }),
        _ => Err(forged()),
    };
    let answered = match opened {
        Ok(lent) => {
            let shown = Shown {
                blob: &lent.blob,
                bytes: lent.bytes,
                content_type: lent.content_type,
                name,
            };
            send(&house, &shown, &parts).await
        }
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(|refusal| problem::answer(&refusal, &request_id(&parts.extensions)))
}

/// The first file of a task.
pub async fn first(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    signed: Result<Query<Signed>, QueryRejection>,
    parts: Parts,
) -> Response {
    serve(&house, &id, 0, link(signed), &parts).await
}

/// The `n`th file of a task, from zero.
pub async fn nth(
    State(house): State<Arc<House>>,
    Path((id, n)): Path<(String, String)>,
    signed: Result<Query<Signed>, QueryRejection>,
    parts: Parts,
) -> Response {
    // A number that is none names no file: the answer is the same as for one that is not there.
    let n = n.parse().unwrap_or(usize::MAX);
    serve(&house, &id, n, link(signed), &parts).await
}

/// A query that cannot be read is no link: then a key is asked for.
fn link(query: Result<Query<Signed>, QueryRejection>) -> Signed {
    query.map(|Query(signed)| signed).unwrap_or_default()
}

async fn serve(house: &House, id: &str, n: usize, signed: Signed, parts: &Parts) -> Response {
    let found = match signed {
        Signed {
            expires: Some(expires),
            signature: Some(signature),
        } => by_link(house, id, n, expires, &signature).await,
        _ => by_key(house, id, parts).await,
    };
    let answered = match found {
        Ok(task) => match file(&task, n) {
            Ok(artifact) => send(house, &shown(&task, n, artifact), parts).await,
            Err(refusal) => Err(refusal),
        },
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(|refusal| problem::answer(&refusal, &request_id(&parts.extensions)))
}

/// A result with the name that it is saved under.
fn shown<'a>(task: &Task, n: usize, artifact: &'a Artifact) -> Shown<'a> {
    let (id, ending) = (task.id().prefixed(), extension(&artifact.content_type));
    Shown {
        blob: &artifact.blob,
        bytes: artifact.bytes,
        content_type: &artifact.content_type,
        name: format!("{id}-{n}.{ending}"),
    }
}

/// The first file of a kind of a task that the caller has been let in to.
///
/// # Errors
/// A refusal when there is none, or not yet, or when it cannot be read.
pub(crate) async fn of_kind(
    house: &House,
    task: &Task,
    kind: MediaKind,
    parts: &Parts,
) -> Result<Response, Refusal> {
    let found = task.course.results().find(|(_, file)| file.kind == kind);
    match found {
        Some((n, artifact)) => send(house, &shown(task, n, artifact), parts).await,
        None if task.word().is_final() => Err(no_file()),
        None => Err(not_done()),
    }
}

async fn by_key(house: &House, id: &str, parts: &Parts) -> Result<Arc<Task>, Refusal> {
    let caller = house.admit(&parts.headers, &parts.extensions).await?;
    house.engine.find(caller.tenant, id).await
}

async fn by_link(
    house: &House,
    id: &str,
    n: usize,
    expires: u64,
    signature: &str,
) -> Result<Arc<Task>, Refusal> {
    let forged = || Refusal::new(RefusalKind::Forbidden, "the link is not valid");
    let id = TaskId::parse(id).ok_or_else(forged)?;
    house
        .links
        .verify(id, n, expires, signature)
        .map_err(|bad| match bad {
            BadLink::Forged => forged(),
            BadLink::Expired => Refusal::new(
                RefusalKind::Forbidden,
                "the link has expired; read the task again for a fresh one",
            ),
        })?;
    let found = house.engine.store().any_task(id).await.map_err(|error| {
        tracing::error!(%error, "content.lookup_failed: a task could not be read");
        Refusal::new(RefusalKind::Unavailable, "the task cannot be read right now")
    })?;
    found.ok_or_else(Refusal::not_found)
}

fn file(task: &Task, n: usize) -> Result<&Artifact, Refusal> {
    if let Some(artifact) = task.course.kept().get(n) {
        return Ok(artifact);
    }
    if task.word().is_final() {
        return Err(no_file());
    }
    Err(not_done())
}

fn no_file() -> Refusal {
    Refusal::new(RefusalKind::NotFound, "the task has no such file")
}

fn not_done() -> Refusal {
    Refusal::new(RefusalKind::Conflict, "the task is not done yet")
}

/// What of a file is asked for.
enum Part {
    Whole,
    Piece(Range<u64>),
    Nothing,
}

async fn send(house: &House, shown: &Shown<'_>, parts: &Parts) -> Result<Response, Refusal> {
    let etag = format!("\"{}\"", shown.blob.as_str());
    let etag: ETag = etag.parse().map_err(|_| unreadable())?;
    let asked = &parts.headers;
    let fresh = asked.typed_get::<IfNoneMatch>();
    if fresh.is_some_and(|known| !known.precondition_passes(&etag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        describe(response.headers_mut(), &etag);
        return Ok(response);
    }
    let (status, range) = match part(asked, &etag, shown.bytes) {
        Part::Whole => (StatusCode::OK, 0..shown.bytes),
        Part::Piece(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Nothing => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            let whole = format!("bytes */{}", shown.bytes);
            set(response.headers_mut(), header::CONTENT_RANGE, &whole);
            return Ok(response);
        }
    };
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        let piece = (status == StatusCode::PARTIAL_CONTENT).then(|| range.clone());
        let stream = house.engine.blobs().get(shown.blob, piece).await;
        Body::from_stream(stream.map_err(|error| {
            tracing::error!(%error, blob = shown.blob.as_str(), "content.blob_failed: a file cannot be read");
            unreadable()
        })?)
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    describe(headers, &etag);
    set(headers, header::CONTENT_TYPE, shown.content_type);
    set(
        headers,
        header::CONTENT_LENGTH,
        &(range.end - range.start).to_string(),
    );
    set(
        headers,
        header::CONTENT_DISPOSITION,
        &format!("inline; filename=\"{}\"", shown.name),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", range.start, range.end - 1, shown.bytes);
        set(headers, header::CONTENT_RANGE, &range);
    }
    Ok(response)
}

/// Single ranges are served; several at once, or a range of another version, get the whole file.
fn part(headers: &HeaderMap, etag: &ETag, length: u64) -> Part {
    let Some(asked) = headers.typed_get::<headers::Range>() else {
        return Part::Whole;
    };
    let condition = headers.typed_get::<IfRange>();
    if condition.is_some_and(|condition| condition.is_modified(Some(etag), None)) {
        return Part::Whole;
    }
    let asked_text = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    if asked_text.is_some_and(|text| text.contains(',')) {
        return Part::Whole;
    }
    let mut ranges = asked.satisfiable_ranges(length);
    let (Some((from, to)), None) = (ranges.next(), ranges.next()) else {
        return Part::Nothing;
    };
    let start = match from {
        Bound::Included(start) => start,
        Bound::Excluded(before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match to {
        Bound::Included(last) => last.saturating_add(1),
        Bound::Excluded(end) => end,
        Bound::Unbounded => length,
    };
    let end = end.min(length);
    if start < end {
        Part::Piece(start..end)
    } else {
        Part::Nothing
    }
}

fn describe(headers: &mut HeaderMap, etag: &ETag) {
    headers.typed_insert(etag.clone());
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(
        headers,
        header::CACHE_CONTROL,
        &format!("private, max-age={CACHE_SECONDS}"),
    );
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn extension(content_type: &str) -> &'static str {
    match content_type {
        "video/mp4" => "mp4",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "audio/mpeg" => "mp3",
        "audio/wav" | "audio/x-wav" => "wav",
        _ => "bin",
    }
}

fn unreadable() -> Refusal {
    Refusal::new(RefusalKind::Unavailable, "the file cannot be read right now")
}
