//! One schedule: at every step chance decides what is done; then every law is checked.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use domain::dialect::Submission;
use domain::http::Reply;
use domain::price::PriceBook;
use domain::store::{Filter, Page};
use domain::{
    Ask, Clock as _, Face, KeyId, LedgerAccount, LineKind, Micros, Quote, Refusal, RefusalKind, Task, TaskId,
    TenantId,
};
use engine::{Caller, Order, Taken};
use fastrand::Rng;
use http::HeaderMap;
use testkit::provider::{OnLook, OnSubmit};
use testkit::sample;

use super::books::{Books, Pockets};
use super::house::{Ground, House};
use super::moods;
use super::sums::Sums;

/// Tenants of a schedule; the last has no limit.
const TENANTS: u128 = 3;
/// Most money that a tenant begins with, in micro-dollars: enough for a dozen wishes.
const CREDIT_MAX: i64 = 8_000_000;
/// Turns of the runtime after which whoever is dropped half-way has done something, or nothing.
const HALF_WAY_MAX: u32 = 12;
/// Most tasks that are read at a time.
const PAGE: usize = 1_000;
/// Dollars in micro-dollars, for the largest single movement by the operator.
const MOVED_MAX: i64 = 3_000_000;

/// How a schedule went.
pub(super) struct Played {
    pub(super) history: Vec<String>,
    pub(super) breaches: Vec<String>,
    pub(super) steps: u32,
    pub(super) sums: Sums,
}

/// A key as its holder has it.
pub(super) struct Held {
    pub(super) id: KeyId,
    pub(super) tenant: TenantId,
    pub(super) text: String,
    pub(super) is_revoked: bool,
}

pub(super) struct Player {
    pub(super) rng: Rng,
    pub(super) ground: Ground,
    /// None while a process is dead.
    house: Option<House>,
    pub(super) books: Books,
    pub(super) keys: Vec<Held>,
    history: Vec<String>,
    breaches: Vec<String>,
    sums: Sums,
    pub(super) editions: u32,
    /// Credits and corrections so far, of each tenant a number of its own.
    pub(super) moves: u32,
}

/// Plays a schedule of so many steps.
///
/// # Errors
/// When the house cannot be opened.
pub(super) async fn play(seed: u64, folder: &Path, steps: u32) -> anyhow::Result<Played> {
    let mut rng = Rng::with_seed(seed);
    let book: PriceBook = toml::from_str(reelway::prices::BUILT_IN)?;
    let ground = Ground::new(seed, folder, book);
    let house = ground.open().await?;
    let mut books = Books::default();
    if rng.u8(0..3) == 0 {
        let quantity = rng.u64(1..14);
        books.reported = Some(quantity);
        ground.vendor.reports_quantity(quantity);
    }
    ground.vendor.costs(Micros(rng.i64(0..100_000)));
    let mut player = Player {
        rng,
        ground,
        house: Some(house),
        books,
        keys: Vec::new(),
        history: Vec::new(),
        breaches: Vec::new(),
        sums: Sums::default(),
        editions: 0,
        moves: 0,
    };
    player.open_for_business().await?;
    let mut made = 0;
    while made < steps && player.breaches.is_empty() {
        player.step().await?;
        player.check().await?;
        made += 1;
    }
    player.close_books().await?;
    Ok(Played {
        history: player.history,
        breaches: player.breaches,
        steps: made,
        sums: player.sums,
    })
}

impl Player {
    pub(super) fn house(&self) -> anyhow::Result<&House> {
        self.house.as_ref().context("the house is closed")
    }

    pub(super) fn note(&mut self, what: String) {
        let at = self.ground.clock.now().since(testkit::clock::START);
        self.history
            .push(format!("{:>8}.{:03} {what}", at / 1_000, at % 1_000));
    }

    fn breach(&mut self, what: String) {
        self.note(format!("BROKEN: {what}"));
        self.breaches.push(what);
    }

    async fn open_for_business(&mut self) -> anyhow::Result<()> {
        for n in 1..=TENANTS {
            let row = sample::tenant_row(n, n == TENANTS);
            self.house()?
                .engine
                .store()
                .registry()
                .create_tenant(&row)
                .await?;
            let pockets = Pockets {
                is_unlimited: row.unlimited,
                ..Pockets::default()
            };
            self.books.tenants.insert(row.id, pockets);
            self.new_key(row.id).await?;
            let amount = self.rng.i64(0..CREDIT_MAX);
            self.credit(row.id, amount).await?;
        }
        Ok(())
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        match self.rng.u8(0..100) {
            0..35 => self.submit().await,
            35..70 => self.turn().await,
            70..76 => self.cancel().await,
            76..80 => {
                let (tenant, amount) = (self.any_tenant(), self.rng.i64(0..MOVED_MAX));
                self.credit(tenant, amount).await
            }
            80..82 => self.correct().await,
            82..84 => self.revoke().await,
            84..86 => {
                let tenant = self.any_tenant();
                self.new_key(tenant).await
            }
            86..88 => self.change_prices().await,
            88..90 => {
                let tenant = self.any_tenant();
                self.agree(tenant).await
            }
            90..97 => {
                self.pass_time();
                Ok(())
            }
            _ => self.die().await,
        }
    }

    pub(super) fn any_tenant(&mut self) -> TenantId {
        sample::tenant(self.rng.u128(1..=TENANTS))
    }

    /// A wish with a price that another has not.
    fn wish(&mut self) -> Ask {
        let seconds = self.rng.u64(3..=10);
        Ask {
            duration_ms: seconds * 1_000,
            mode: Some(["std", "pro"][self.rng.usize(0..2)].to_owned()),
            sound: Some(self.rng.bool()),
            count: 1,
            ..sample::ask()
        }
    }

    async fn submit(&mut self) -> anyhow::Result<()> {
        let mut at = self.rng.usize(0..self.keys.len());
        if self.keys[at].is_revoked && self.rng.u8(0..4) > 0 {
            at = self.keys.len() - 1;
        }
        let (id, tenant, is_revoked) = (self.keys[at].id, self.keys[at].tenant, self.keys[at].is_revoked);
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {}", self.keys[at].text).parse()?);
        let admitted = self.house()?.gate.admit(&headers, None).await;
        if admitted.is_ok() == is_revoked {
            self.breach(format!(
                "a key of which revoked is {is_revoked} was answered {admitted:?}"
            ));
            return Ok(());
        }
        if is_revoked {
            self.sums.unlocked += 1;
            return Ok(());
        }
        let ask = self.wish();
        let guards = admitted.map(|caller| caller.terms.guards).unwrap_or_default();
        let caller = Caller {
            tenant,
            key: id,
            holder: id,
            guards,
        };
        self.submit_as(caller, ask).await
    }

    async fn submit_as(&mut self, caller: Caller, ask: Ask) -> anyhow::Result<()> {
        let engine = Arc::clone(&self.house()?.engine);
        let quote = engine.appraise(caller.tenant, ask.clone()).await;
        let quote = quote.map_err(|refusal| anyhow::anyhow!(refusal.message))?;
        let order = order(caller, ask);
        let hold = quote.hold_micros.0;
        if self.rng.u8(0..25) == 0 {
            // Its process dies before it hears; whether it was taken is seen in the rows.
            let turns = self.rng.u32(0..HALF_WAY_MAX);
            half(Box::pin(engine.submit(order)), turns).await;
            drop(engine);
            self.note(format!("a submit of {hold} is dropped half-way"));
            self.reopen().await?;
            return self.adopt(caller.tenant).await;
        }
        let answer = engine.submit(order).await;
        drop(engine);
        self.judge(caller, &quote, answer).await
    }

    /// Whether an answer to a submit is what the second books say.
    async fn judge(
        &mut self,
        caller: Caller,
        quote: &Quote,
        answer: Result<Taken, Refusal>,
    ) -> anyhow::Result<()> {
        let hold = quote.hold_micros.0;
        let Caller {
            tenant, key, guards, ..
        } = caller;
        let covered = self.books.covers(tenant, hold);
        let stopped = self
            .books
            .stops((tenant, key), &guards, hold, self.ground.clock.now());
        match answer {
            Ok(taken) => {
                let task = self.task(taken.task).await?;
                self.note(format!(
                    "{} of {tenant:?} is taken for {hold}",
                    task.id().prefixed()
                ));
                if !covered || stopped {
                    self.breach(format!(
                        "a hold of {hold} was taken that nothing covers, or a limit stops"
                    ));
                }
                if task.origin.quote != *quote {
                    self.breach(format!(
                        "a dry run said {quote:?}, the task has {:?}",
                        task.origin.quote
                    ));
                }
                self.sums.taken += 1;
                self.books.take(&task);
            }
            Err(refusal) if refusal.kind == RefusalKind::NoMoney && !covered => {
                self.sums.unpaid += 1;
                self.note(format!("a wish of {hold} is refused for money"));
            }
            Err(refusal) if is_of_a_limit(&refusal) && stopped => {
                self.sums.stopped += 1;
                self.note(format!("a wish of {hold} is refused: {}", refusal.message));
            }
            Err(refusal) => self.breach(format!("a wish of {hold} was refused: {}", refusal.message)),
        }
        Ok(())
    }

    /// Takes what a dropped submit left into the second books.
    async fn adopt(&mut self, tenant: TenantId) -> anyhow::Result<()> {
        let page = Page::Cursor {
            after: None,
            limit: PAGE,
        };
        let store = Arc::clone(self.house()?.engine.store());
        let known = self.books.all();
        let listed = store.list(tenant, &Filter::default(), page).await?;
        let mut strange = listed.tasks.iter().filter(|task| !known.contains(&task.id()));
        if let Some(task) = strange.next() {
            let hold = task.origin.quote.hold_micros.0;
            if !self.books.covers(tenant, hold) {
                self.breach(format!("a hold of {hold} was taken that nothing covers"));
            }
            self.sums.taken += 1;
            self.books.take(task);
        }
        if strange.next().is_some() {
            self.breach("one submit made two tasks".to_owned());
        }
        Ok(())
    }

    /// The belts turn, wholly or in part, with a vendor in some mood.
    async fn turn(&mut self) -> anyhow::Result<()> {
        let submits: Vec<OnSubmit> = (0..3).map(|_| moods::of_submits(&mut self.rng)).collect();
        let looks: Vec<OnLook> = (0..6).map(|_| moods::of_looks(&mut self.rng)).collect();
        self.ground.vendor.stops(self.rng.bool());
        self.ground.vendor.on_submit(submits);
        self.ground.vendor.on_look(looks);
        if self.rng.u8(0..4) > 0 {
            let made = self.house()?.engine.crank().await?;
            self.note(format!("the belts turn: {made} steps"));
            return Ok(());
        }
        let steps = self.house()?.engine.hand_out().await?;
        let (all, mut dropped) = (steps.len(), 0);
        for step in steps {
            if self.rng.u8(0..4) == 0 {
                half(step, self.rng.u32(0..HALF_WAY_MAX)).await;
                dropped += 1;
            } else {
                step.await;
            }
        }
        if dropped > 0 {
            self.note(format!("{dropped} of {all} steps are dropped half-way"));
            return self.reopen().await;
        }
        Ok(())
    }

    async fn cancel(&mut self) -> anyhow::Result<()> {
        let all = self.books.all();
        if all.is_empty() {
            return Ok(());
        }
        let at = self.rng.usize(0..all.len());
        let task = self.task(all[at]).await?;
        let name = task.id().prefixed();
        let answer = self.house()?.engine.cancel(task.origin.tenant, &name).await;
        let answer = answer
            .map(|task| task.word().word())
            .map_err(|refusal| refusal.message);
        self.note(format!("{name} is to be cancelled: {answer:?}"));
        Ok(())
    }

    fn pass_time(&mut self) {
        let milliseconds = match self.rng.u8(0..10) {
            0 => self.rng.i64(20..30) * 3_600_000,
            1..4 => self.rng.i64(60_000..600_000),
            _ => self.rng.i64(100..20_000),
        };
        self.ground.clock.advance_ms(milliseconds);
        self.note("time passes".to_owned());
    }

    async fn die(&mut self) -> anyhow::Result<()> {
        self.sums.deaths += 1;
        self.note("the process dies".to_owned());
        self.reopen().await
    }

    /// Opens the house anew on the same files.
    pub(super) async fn reopen(&mut self) -> anyhow::Result<()> {
        // The files have one process: the old one lets go of them first.
        self.house = None;
        self.house = Some(self.ground.open().await?);
        Ok(())
    }

    async fn task(&self, id: TaskId) -> anyhow::Result<Arc<Task>> {
        let task = self.house()?.engine.store().any_task(id).await?;
        task.ok_or_else(|| anyhow::anyhow!("{} is lost", id.prefixed()))
    }

    /// What the house earned in all, against its own second books.
    async fn close_books(&mut self) -> anyhow::Result<()> {
        let store = Arc::clone(self.house()?.engine.store());
        let mut earned = 0;
        for id in self.books.all() {
            let lines = store.lines(id).await?;
            let earnings = lines.iter().filter(|line| line.to == LedgerAccount::Revenue);
            earned += earnings.map(|line| line.amount.0).sum::<i64>();
            self.sums.late += u64::from(!self.task(id).await?.course.late.is_empty());
        }
        if earned != self.books.revenue {
            let should = self.books.revenue;
            self.breach(format!("the house earned {earned}, and should have {should}"));
        }
        Ok(())
    }

    /// Every law, after every step.
    async fn check(&mut self) -> anyhow::Result<()> {
        let store = Arc::clone(self.house()?.engine.store());
        for id in self.books.open() {
            let Some(task) = store.any_task(id).await? else {
                self.breach(format!("{} was acknowledged and is lost", id.prefixed()));
                continue;
            };
            let kinds: Vec<LineKind> = store.lines(id).await?.iter().map(|line| line.kind).collect();
            if let Some(wrong) = self.books.see(&task, &kinds) {
                self.breach(wrong);
            }
            match task.word() {
                domain::StateWord::Succeeded => self.sums.succeeded += 1,
                domain::StateWord::Failed => self.sums.failed += 1,
                domain::StateWord::Cancelled => self.sums.cancelled += 1,
                _ => {}
            }
        }
        for (tenant, pockets) in self.books.tenants.clone() {
            let balance = store.balance(tenant).await?.unwrap_or_default();
            let found = (balance.available.0, balance.held.0);
            if found != (pockets.available, pockets.held) {
                self.breach(format!(
                    "{tenant:?} has {found:?} (available, held), and should have {:?}",
                    (pockets.available, pockets.held)
                ));
            }
        }
        let report = store.verify_ledger().await?;
        for fault in report.faults {
            self.breach(fault);
        }
        if report.sum_micros != 0 {
            self.breach(format!("all pockets together hold {}", report.sum_micros));
        }
        Ok(())
    }
}

fn is_of_a_limit(refusal: &Refusal) -> bool {
    matches!(refusal.kind, RefusalKind::OverBudget | RefusalKind::TooManyTasks)
}

fn acknowledged(task: &Task) -> Reply {
    Reply::json(200, &serde_json::json!({"id": task.id().prefixed()}))
}

fn order(caller: Caller, ask: Ask) -> Order<'static> {
    Order {
        caller,
        face: Face {
            dialect: "elk".to_owned(),
            mount: String::new(),
            version: 1,
        },
        base_url: String::new(),
        submission: Box::new(Submission {
            ask,
            external_id: None,
            callback_url: None,
            ignored: Vec::new(),
            dry_run: false,
            deadline_at: None,
        }),
        idempotency: None,
        render: &acknowledged,
    }
}

/// Polls a piece of work a few times and drops it, as the death of its process would.
async fn half<T>(mut work: std::pin::Pin<Box<dyn Future<Output = T> + Send + '_>>, turns: u32) {
    for _ in 0..turns {
        if futures_util::poll!(&mut work).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
