//! Prices: what a dry run says is what is held and what is charged, for every row of the built-in book; and
//! editions, which begin by the clock and leave what was quoted alone.

use std::sync::Arc;

use domain::account::Account;
use domain::artifact::MediaFacts;
use domain::price::{Edition, EditionHead, Multipliers, PriceRow, Unit};
use domain::store::StoreError;
use domain::tenant::TenantTerms;
use domain::{
    Ask, BlobKey, Input, Micros, Operation, PriceBook, Provider, Quote, RefusalKind, Role, Source, Staged,
    TaskId, TenantId,
};
use engine::{ANIMATIC, Caller, Engine, Parts, ServeRule, Settings};
use testkit::provider::{OnSubmit, Scripted};
use testkit::sample;

use crate::rig::{Rig, submission};

mod api;
mod book;
mod dry_runs;

/// How long every result of the scripted provider is, in milliseconds.
const MADE_MS: u64 = 5_000;
/// How long results may become that are as long as an input, in milliseconds.
const LONGEST_MS: u64 = 7_000;
/// Turns of the belts before a test gives its tasks up.
const TURNS_MAX: u32 = 400;

/// What is charged by the length of what was made: the model, the kind of work, whether a clip comes in.
const FOLLOWING: [(&str, Operation); 6] = [
    ("kling-avatar", Operation::Avatar),
    ("kling-lip-sync", Operation::LipSync),
    ("kling-v2-6", Operation::MotionControl),
    ("kling-v3", Operation::MotionControl),
    ("kling-v3-omni", Operation::OmniVideo),
    ("kling-video-o1", Operation::OmniVideo),
];

/// The input that a result of a row is as long as; none where the length is asked for.
fn followed(row: &PriceRow) -> Option<Role> {
    if !matches!(row.unit, Unit::Second | Unit::FiveSeconds) {
        return None;
    }
    match (row.operation?, row.video_input) {
        (Operation::LipSync, _) | (Operation::OmniVideo, Some(true)) => Some(Role::SourceVideo),
        (Operation::Avatar, _) => Some(Role::Audio),
        (Operation::MotionControl, _) => Some(Role::MotionVideo),
        _ => None,
    }
}

fn input(role: Role) -> Input {
    Input {
        role,
        source: Source::Staged(Staged {
            blob: BlobKey::from_sha256([5; 32]),
            bytes: 9,
            content_type: None,
            facts: MediaFacts::default(),
        }),
        field: "given".to_owned(),
        rule: None,
        parent: None,
    }
}

/// A wish that has what a row asks for, and nothing more.
fn ask_of(row: &PriceRow, count: u32) -> Ask {
    let follows = followed(row);
    let asked_ms = row
        .seconds
        .or(row.seconds_min)
        .map_or(MADE_MS, |seconds| seconds * 1_000);
    let mut ask = Ask {
        operation: row.operation.unwrap_or(Operation::TextToVideo),
        model: row.model.clone(),
        mode: Some(row.mode.clone().unwrap_or_else(|| "std".to_owned())),
        sound: row.sound,
        duration_ms: if follows.is_some() { LONGEST_MS } else { asked_ms },
        lasts_like: follows,
        count: row.count.unwrap_or(count),
        ..sample::ask()
    };
    let clip = row
        .video_input
        .and_then(|wanted| wanted.then_some(Role::SourceVideo));
    let picture = row
        .picture_input
        .and_then(|wanted| wanted.then_some(Role::Reference));
    for role in [follows.or(clip), picture].into_iter().flatten() {
        ask.inputs.push(input(role));
    }
    if row.voice == Some(true) {
        let voices = serde_json::json!(["810000001"]);
        ask.extras.insert("kling.voice_ids".to_owned(), voices);
    }
    ask
}

/// A process with an upstream and the embedded renderer, both doing all work and done at once.
fn all_work(rig: &Rig) -> Arc<Engine> {
    let provider: Arc<dyn Provider> = Arc::clone(&rig.provider) as _;
    let renderer = Account {
        name: ANIMATIC.to_owned(),
        provider: ANIMATIC.to_owned(),
        slots: 8,
        ..Account::default()
    };
    let parts = rig.parts_beside();
    Engine::new(Parts {
        accounts: vec![
            (Scripted::account(8), Arc::clone(&provider)),
            (renderer, provider),
        ],
        settings: Settings {
            animatic_serve: ServeRule::WhenAlone,
            ..parts.settings
        },
        ..parts
    })
}

async fn finish(rig: &Rig, engine: &Engine, tasks: &[TaskId]) {
    for _ in 0..TURNS_MAX {
        engine.crank().await.expect("the belts turn");
        let census = engine.store().census().await.expect("a census");
        if census.iter().all(|(_, count)| *count == 0) {
            break;
        }
        rig.clock.advance_ms(1_000);
    }
    for id in tasks {
        assert_eq!(rig.state(*id).await, domain::StateWord::Succeeded);
    }
}

async fn agree(rig: &Rig, tenant: TenantId, terms: &TenantTerms) {
    let registry = rig.engine.store().registry();
    let there = registry.tenant(tenant).await.expect("read").expect("there");
    let set = registry.set_tenant_terms(tenant, &there.terms, terms, None).await;
    assert_eq!(set, Ok(domain::store::Replaced::Done));
}

/// Dry run, submit and success of a wish for every row; the tasks with their rows and quotes.
async fn walk(rig: &mut Rig, engine: &Engine, tenant: TenantId) -> Vec<(TaskId, PriceRow, Quote)> {
    let book = engine.book();
    rig.caller = Caller { tenant, ..rig.caller };
    let mut taken = Vec::new();
    for (place, row) in book.rows.iter().enumerate() {
        for count in [1, 2] {
            let ask = ask_of(row, count);
            let first = book.rows.iter().position(|row| row.fits(&ask));
            assert_eq!(first, Some(place), "{row:?} is not the price of {ask:?}");
            let quote = engine.appraise(tenant, ask.clone()).await;
            let quote = quote.unwrap_or_else(|refusal| panic!("{row:?}: {refusal:?}"));
            let id = rig.try_submit_to(engine, submission(ask)).await;
            let id = id.unwrap_or_else(|refusal| panic!("{row:?}: {refusal:?}")).task;
            taken.push((id, row.clone(), quote));
        }
    }
    rig.provider
        .on_submit(std::iter::repeat_n(OnSubmit::Done, taken.len()));
    let ids: Vec<TaskId> = taken.iter().map(|(id, ..)| *id).collect();
    finish(rig, engine, &ids).await;
    taken
}

#[tokio::test]
async fn what_a_dry_run_says_is_held_and_charged_for_every_row_of_the_built_in_book() {
    let mut rig = Rig::with(Scripted::of_all_work(), 8).await;
    let engine = all_work(&rig);
    let dear = sample::tenant(2);
    rig.credit(dear, Micros(1_000_000_000)).await;
    let terms = TenantTerms {
        multiplier: Some("0.333".to_owned()),
        ..TenantTerms::default()
    };
    agree(&rig, dear, &terms).await;
    let mut following: Vec<(String, Operation)> = Vec::new();
    for tenant in [sample::tenant(1), dear] {
        let taken = walk(&mut rig, &engine, tenant).await;
        assert_eq!(taken.len(), engine.book().rows.len() * 2);
        for (id, row, quote) in taken {
            let course = &rig.task(id).await.course;
            let charge = course.charge_micros.expect("a success is charged");
            let hold = quote.hold_micros;
            let lines = rig.money(id).await;
            assert_eq!(lines[0], (domain::LineKind::Hold, hold.0), "{row:?}");
            assert_eq!(Ok(hold), quote.amount(quote.quantity), "{row:?}");
            assert_eq!(quote.listed.is_some(), tenant == dear, "{row:?}");
            if followed(&row).is_none() {
                assert_eq!(charge, hold, "{row:?}");
                continue;
            }
            let count = rig.task(id).await.origin.ask.count;
            let made = quote.unit.of_length(MADE_MS, count).expect("a length is counted");
            assert_eq!(Ok(charge), quote.amount(made), "{row:?}");
            assert!(charge < hold, "{row:?}");
            let name = (row.model.clone(), row.operation.expect("a kind of work"));
            if !following.contains(&name) {
                following.push(name);
            }
        }
    }
    following.sort();
    let known = FOLLOWING.map(|(model, operation)| (model.to_owned(), operation));
    assert_eq!(following, known);
    rig.books().await;
}

fn edition(version: &str, effective_at: domain::Millis, rows: Vec<PriceRow>) -> Edition {
    Edition {
        head: EditionHead {
            version: version.to_owned(),
            effective_at,
            loaded_at: effective_at,
            loaded_by: "a test".to_owned(),
        },
        book: Arc::new(PriceBook {
            version: version.to_owned(),
            multipliers: Multipliers::default(),
            rows,
        }),
    }
}

async fn keep(rig: &Rig, edition: &Edition) -> Result<(), StoreError> {
    rig.engine.store().pricing().keep_edition(edition).await?;
    rig.engine.refresh_prices().await
}

#[tokio::test]
async fn an_edition_begins_by_the_clock_and_what_was_quoted_before_is_charged_as_it_was() {
    let rig = Rig::new().await;
    let now = domain::Clock::now(&*rig.clock);
    let row = PriceRow::of("kling-v3", Unit::Clip, Micros(7));
    keep(&rig, &edition("next", now.plus(10_000), vec![row]))
        .await
        .expect("kept");
    let early = rig.submit().await;
    rig.clock.advance_ms(9_999);
    let last = rig.submit().await;
    rig.clock.advance_ms(1);
    let late = rig.submit().await;
    let quote = |id| {
        let task = rig.task(id);
        async move { task.await.origin.quote.clone() }
    };
    assert_eq!(quote(early).await, quote(last).await);
    let found = quote(late).await;
    assert_eq!((found.book.as_str(), found.hold_micros), ("next", Micros(7)));
    finish(&rig, &rig.engine, &[early, last, late]).await;
    for (id, charge) in [(early, 420_000), (last, 420_000), (late, 7)] {
        assert_eq!(rig.task(id).await.course.charge_micros, Some(Micros(charge)));
    }
    rig.books().await;
    let rig = rig.restart().await;
    assert_ne!(rig.engine.book().version, "next");
    rig.engine.refresh_prices().await.expect("read");
    assert_eq!(rig.engine.book().version, "next");
}

#[tokio::test]
async fn what_is_sold_no_longer_is_still_made_for_whom_it_was_taken() {
    let rig = Rig::new().await;
    let now = domain::Clock::now(&*rig.clock);
    let waiting = rig.submit().await;
    let row = PriceRow::of("another-model", Unit::Clip, Micros(7));
    keep(&rig, &edition("bare", now, vec![row])).await.expect("kept");
    let refused = rig
        .try_submit(submission(sample::ask()))
        .await
        .expect_err("not sold");
    assert_eq!(refused.kind, RefusalKind::Model);
    finish(&rig, &rig.engine, &[waiting]).await;
}

#[tokio::test]
async fn every_process_goes_by_a_new_edition_once_it_has_read_it() {
    let rig = Rig::new().await;
    let twin = all_work(&rig);
    let now = domain::Clock::now(&*rig.clock);
    let row = PriceRow::of("kling-v3", Unit::Clip, Micros(7));
    keep(&rig, &edition("next", now, vec![row])).await.expect("kept");
    assert_eq!(rig.engine.book().version, "next");
    assert_ne!(twin.book().version, "next");
    twin.refresh_prices().await.expect("read");
    assert_eq!(twin.book().version, "next");
}

#[tokio::test]
async fn a_tenant_pays_by_its_terms_within_a_second_and_never_by_a_guess() {
    let rig = Rig::new().await;
    let tenant = rig.caller.tenant;
    let hold = async || {
        rig.engine
            .appraise(tenant, sample::ask())
            .await
            .map(|quote| quote.hold_micros.0)
    };
    assert_eq!(hold().await, Ok(420_000));
    let now = domain::Clock::now(&*rig.clock);
    let mut book = edition("grouped", now, rig.engine.book().rows.clone());
    let multipliers = Multipliers {
        groups: [("studios".to_owned(), "0.85".parse().expect("a multiplier"))].into(),
    };
    Arc::make_mut(&mut book.book).multipliers = multipliers;
    keep(&rig, &book).await.expect("kept");
    let terms = |group: Option<&str>, multiplier: Option<&str>| TenantTerms {
        group: group.map(str::to_owned),
        multiplier: multiplier.map(str::to_owned),
        ..TenantTerms::default()
    };
    for (terms, expected) in [
        (terms(Some("studios"), None), 357_000),
        (terms(Some("studios"), Some("2")), 840_000),
        (terms(Some("schools"), None), 420_000),
        (terms(None, Some("0")), 0),
    ] {
        agree(&rig, tenant, &terms).await;
        rig.clock.advance_ms(1_000);
        assert_eq!(hold().await, Ok(expected), "{terms:?}");
    }
    agree(&rig, tenant, &terms(None, Some("half"))).await;
    rig.clock.advance_ms(1_000);
    let refused = hold().await.expect_err("no multiplier");
    assert_eq!(refused.kind, RefusalKind::Unavailable);
}
