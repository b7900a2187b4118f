//! What the judgements before a submit cost: the key, its terms, the requests a minute, the price, and the limits.
//! In CPU time of the process, while nothing else of it runs.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use domain::limits::{Guards, Used};
use domain::tenant::{KeyRole, KeyTerms, Limits, Scope, TenantTerms};
use domain::{Ask, Clock as _, Micros, Store};
use http::HeaderMap;
use reelway::bootstrap::{Wish, issue};
use reelway::gate::Gate;
use reelway::gate::rates::Rates;
use testkit::sample;

use crate::schedules::house::Ground;
use crate::stopwatch::cpu_time;

/// What a submit's judgements may cost, in microseconds of CPU.
const BOUND_MICROS: f64 = 30.0;
/// Calls before measuring, which fill what is remembered.
const WARM_UP: u32 = 1_000;

/// What `bench cost` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench cost --calls 200000")]
pub(crate) struct Options {
    /// Submits to judge.
    #[arg(long, default_value_t = 200_000)]
    calls: u32,
}

/// Measures. The exit status is 1 when a submit's judgements cost more than they may.
///
/// # Errors
/// When the house cannot be opened.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(measure(options.calls))
}

/// Limits that are all asked and none in the way.
fn wide() -> Limits {
    Limits {
        budget_micros: Some(Micros(i64::MAX / 4)),
        day_budget_micros: Some(Micros(i64::MAX / 4)),
        task_budget_micros: Some(Micros(i64::MAX / 4)),
        requests_per_minute: Some(u32::MAX),
        concurrent_tasks: Some(u32::MAX),
    }
}

fn terms(ask: &Ask) -> KeyTerms {
    KeyTerms {
        limits: wide(),
        scope: Scope {
            dialects: vec!["elk".to_owned(), "kling".to_owned()],
            operations: vec![ask.operation],
            models: vec!["kling-v2-6".to_owned(), ask.model.clone()],
            networks: Vec::new(),
        },
    }
}

async fn measure(calls: u32) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let book = reelway::prices::built_in().map_err(anyhow::Error::msg)?;
    let ground = Ground::new(1, folder.path(), book);
    let house = ground.open().await?;
    let store: &Arc<dyn Store> = house.engine.store();
    let ask = sample::ask();
    let mut tenant = sample::tenant_row(1, false);
    tenant.terms = TenantTerms {
        limits: wide(),
        multiplier: Some("0.85".to_owned()),
        ..TenantTerms::default()
    };
    store.registry().create_tenant(&tenant).await?;
    let wish = Wish {
        tenant: tenant.id,
        name: "measured",
        role: KeyRole::Client,
        dialect: None,
        expires_at: None,
        terms: terms(&ask),
    };
    let (_, text) = issue(&**store, &*ground.clock, &*ground.ids, &wish).await?;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {text}").parse()?);
    let rates = Rates::new(ground.clock.clone());
    let judged = Judged {
        gate: &house.gate,
        rates: &rates,
        engine: &house.engine,
        headers: &headers,
        ask: &ask,
    };
    for _ in 0..WARM_UP {
        judged.once().await?;
    }
    let before = cpu_time();
    for _ in 0..calls {
        judged.once().await?;
    }
    let spent = cpu_time().saturating_sub(before);
    let micros = spent.as_secs_f64() * 1e6 / f64::from(calls);
    println!(
        "{micros:.2} µs of CPU a submit for key, scope, rate, price and limits, over {calls} calls (bound {BOUND_MICROS}); at {}",
        ground.clock.now().0
    );
    Ok(if micros <= BOUND_MICROS {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Judged<'a> {
    gate: &'a Gate,
    rates: &'a Rates,
    engine: &'a engine::Engine,
    headers: &'a HeaderMap,
    ask: &'a Ask,
}

impl Judged<'_> {
    async fn once(&self) -> anyhow::Result<()> {
        let plain = |refusal: domain::Refusal| anyhow::anyhow!(refusal.message);
        let caller = self.gate.admit(self.headers, None).await.map_err(plain)?;
        self.rates.take(&caller).verdict.map_err(plain)?;
        caller.terms.speaks("elk").map_err(plain)?;
        caller.terms.may_submit().map_err(plain)?;
        caller.terms.covers(self.ask).map_err(plain)?;
        let quote = self.engine.quote(caller.tenant, self.ask).await.map_err(plain)?;
        let Guards { key, tenant } = caller.terms.guards;
        for (holder, limits) in [
            (domain::limits::Holder::Key, key),
            (domain::limits::Holder::Tenant, tenant),
        ] {
            let hit = limits.hit(holder, quote.hold_micros, black_box(Used::default()));
            anyhow::ensure!(hit.is_none(), "a limit stands in the way: {hit:?}");
        }
        Ok(())
    }
}
