//! Fairness: how long one tenant's few clips take behind another tenant's backlog, beside how long they take when nobody
//! else wants anything.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use domain::tenant::{KeyRole, KeyTerms, Tenant, TenantTerms};
use domain::{Clock as _, Ids as _, TenantId};
use reelway::bootstrap::{self, Wish};
use reelway::wiring::{chance::SystemIds, clock::SystemClock};
use store::{Lock, Options};

use super::backlog::{clip, done};
use super::effort::Effort;
use super::page::{Page, Target};
use super::reads::order;
use crate::gateway::{self, Binary, CLIENT_KEY, Dwelling};
use crate::stopwatch::Stopwatch;
use crate::wire::{self, Call, Line};

/// Clips of the tenant that comes late.
const FEW: usize = 5;
/// Two tenants share the cores: each gets half of them, and some time goes by until the next clip ends.
const TARGET_TIMES: f64 = 3.0;
/// Longest wait for clips.
const CLIPS_LIMIT: Duration = Duration::from_secs(300);
/// Pause between two counts of what is done.
const COUNT_PAUSE: Duration = Duration::from_millis(20);
/// Bytes of tasks that the store may keep in memory while a tenant is made.
const CACHE_BYTES: u64 = 1024 * 1024;

/// Has a few clips made: first alone, then behind another tenant's backlog.
///
/// # Errors
/// When the gateway does not answer, or does not get through.
pub(crate) async fn measure(
    page: &mut Page,
    effort: &Effort,
    binary: &Binary,
    scratch: &Path,
) -> anyhow::Result<()> {
    let dwelling = Dwelling::prepare(binary, &scratch.join("fairness"), "")?;
    let first = dwelling.start()?;
    gateway::ready(first.address).await?;
    first.kill().await?;
    let second_key = second_tenant(&dwelling).await?;
    let gateway = dwelling.start()?;
    gateway::ready(gateway.address).await?;
    let mut line = Line::open(gateway.address).await?;

    let alone = few(&mut line, gateway.address, &second_key, 0).await?;
    let mut calls = Vec::new();
    for number in 0..effort.backlog {
        calls.push(clip_ordered(&mut line, gateway.address, CLIENT_KEY, 2 * FEW + number).await?);
    }
    let behind = few(&mut line, gateway.address, &second_key, FEW).await?;
    let left = effort.backlog - done(&mut line, &calls).await?;
    gateway.kill().await?;

    page.section("Backlog fairness");
    page.line(format!(
        "{FEW} clips of 3 s, 640×360, 24 frames a second, of one tenant: {:.2} s until all are done with nobody else, {:.2} s \
         behind {} such clips of another tenant, of which {left} were left then",
        alone.as_secs_f64(),
        behind.as_secs_f64(),
        effort.backlog
    ));
    page.result(
        format!("{FEW} clips behind another tenant's {}", effort.backlog),
        (behind.as_secs_f64() / alone.as_secs_f64(), "×"),
        format!("{:.2} s with nobody else", alone.as_secs_f64()),
        Target::AtMost(TARGET_TIMES),
    );
    Ok(())
}

/// A second tenant beside the first start's; its key's text. The gateway must not run.
async fn second_tenant(dwelling: &Dwelling) -> anyhow::Result<String> {
    let store = store::open(Options {
        url: format!("sqlite:{}", dwelling.data_dir().join("reelway.db").display()),
        cache_bytes: CACHE_BYTES,
        lock: Lock::Exclusive,
    })
    .await?;
    let (clock, ids) = (SystemClock::new(), SystemIds);
    let tenant = Tenant {
        id: TenantId(ids.id()),
        name: "second".to_owned(),
        unlimited: true,
        created_at: clock.now(),
        terms: TenantTerms::default(),
    };
    store.registry().create_tenant(&tenant).await?;
    let wish = Wish {
        tenant: tenant.id,
        name: "second",
        role: KeyRole::Client,
        dialect: None,
        expires_at: None,
        terms: KeyTerms::default(),
    };
    let (_, text) = bootstrap::issue(&*store, &clock, &ids, &wish).await?;
    Ok(text)
}

/// Has a few clips made one behind the other in the queue; until the last is done.
async fn few(line: &mut Line, address: SocketAddr, key: &str, seed: usize) -> anyhow::Result<Duration> {
    let watch = Stopwatch::start();
    let mut calls = Vec::new();
    for number in 0..FEW {
        calls.push(clip_ordered(line, address, key, seed + number).await?);
    }
    while done(line, &calls).await? < FEW {
        let seconds = CLIPS_LIMIT.as_secs();
        ensure!(
            watch.elapsed() < CLIPS_LIMIT,
            "{FEW} clips are not done after {seconds} s"
        );
        tokio::time::sleep(COUNT_PAUSE).await;
    }
    Ok(watch.elapsed())
}

/// Orders a clip; the call that reads how far it is.
async fn clip_ordered(line: &mut Line, address: SocketAddr, key: &str, seed: usize) -> anyhow::Result<Call> {
    let id = order(line, address, &clip(seed), key).await?;
    Ok(wire::get(address, &wire::status_path(&id), Some(key)))
}
