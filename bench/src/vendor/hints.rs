//! What the scripted vendor tells by itself: callbacks, of which some come too early, some twice and some never.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;

use super::Shared;
use super::books::Job;
use super::desk::row;
use crate::wire::Line;

/// In a hundred jobs so many are never told of, told of too early, told of twice.
const NEVER: u32 = 15;
const TOO_EARLY: u32 = 10;
const TWICE: u32 = 10;
/// How much earlier a callback comes that is too early.
const EARLY_BY: u32 = 2;

/// Sends the callbacks of a job that was taken, when their time has come.
pub(super) fn send_later(job: Job, shared: &Arc<Shared>) {
    let Some(url) = job
        .callback_url
        .as_deref()
        .and_then(|url| url.parse::<Uri>().ok())
    else {
        return;
    };
    let drawn = shared.chance.lock().u32(..100);
    let pauses = match drawn {
        drawn if drawn < NEVER => Vec::new(),
        drawn if drawn < NEVER + TOO_EARLY => vec![job.lasts() / EARLY_BY],
        drawn if drawn < NEVER + TOO_EARLY + TWICE => vec![job.lasts(), Duration::from_millis(1)],
        _ => vec![job.lasts()],
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        for pause in pauses {
            tokio::time::sleep(pause).await;
            // A gateway that is down hears nothing, as in life.
            drop(send(&url, row(&job, &shared).to_string()).await);
        }
    });
}

async fn send(url: &Uri, body: String) -> anyhow::Result<()> {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let mut line = Line::open(authority.parse()?).await?;
    let call = Request::builder()
        .method("POST")
        .uri(url.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))?;
    line.call(call).await?;
    Ok(())
}
