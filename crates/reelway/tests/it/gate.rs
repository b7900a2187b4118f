//! The gate with a clock that the test moves: which tokens of which pairs are let in, and as whom.

use std::sync::Arc;

use domain::tenant::{Key, KeyRole, KeyTerms, Proof};
use domain::{Clock as _, RefusalKind, Store};
use http::HeaderMap;
use jsonwebtoken::{EncodingKey, Header, encode};
use reelway::bootstrap::{Wish, issue, issue_pair};
use reelway::gate::{Caller, Gate};
use reelway::keys::Pair;
use reelway::sealing::{MasterKey, Sealer};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use store::{Lock, Options};
use testkit::clock::ManualClock;
use testkit::ids::SeededIds;
use testkit::sample;

/// Milliseconds of half an hour, the life of a token as Kling's own code makes it.
const LIFE_MS: i64 = 1_800_000;

struct Table {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    ids: SeededIds,
    sealer: Arc<Sealer>,
    gate: Gate,
    directory: tempfile::TempDir,
}

impl Table {
    async fn new() -> Table {
        let directory = tempfile::tempdir().expect("a directory");
        let options = Options {
            url: format!("sqlite:{}", directory.path().join("reelway.db").display()),
            cache_bytes: 0,
            lock: Lock::Exclusive,
        };
        let store = store::open(options).await.expect("an empty database");
        let tenant = sample::tenant_row(1, true);
        store.registry().create_tenant(&tenant).await.expect("a tenant");
        let clock = Arc::new(ManualClock::new());
        let sealer = sealer(7);
        Table {
            gate: Gate::new(Arc::clone(&store), clock.clone(), Arc::clone(&sealer), Vec::new()),
            store,
            clock,
            ids: SeededIds::new(1),
            sealer,
            directory,
        }
    }

    /// A pair that works for so long.
    async fn pair(&self, dialect: Option<&str>, life_ms: Option<i64>) -> (Key, Pair) {
        let chance = (&self.ids as &dyn domain::Ids, &*self.sealer);
        let wish = wish(dialect, life_ms.map(|life| self.clock.now().plus(life)));
        let issued = issue_pair(&*self.store, &*self.clock, chance, &wish).await;
        issued.expect("a pair")
    }

    /// A token as Kling's clients make it now.
    fn token(&self, pair: &Pair) -> String {
        let now = self.clock.now().seconds();
        sign(
            pair,
            &json!({ "iss": pair.access, "exp": now + LIFE_MS / 1_000, "nbf": now - 5 }),
        )
    }

    async fn admit(&self, text: &str) -> Result<Caller, RefusalKind> {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {text}");
        headers.insert("authorization", bearer.parse().expect("a header"));
        self.gate
            .admit(&headers, None)
            .await
            .map_err(|refusal| refusal.kind)
    }

    /// Admitted, or why not.
    async fn verdict(&self, text: &str) -> Option<RefusalKind> {
        self.admit(text).await.err()
    }
}

fn sealer(byte: u8) -> Arc<Sealer> {
    Arc::new(Sealer::new(&MasterKey::of_bytes([byte; 32]), b"pairs"))
}

fn wish(dialect: Option<&str>, expires_at: Option<domain::Millis>) -> Wish<'static> {
    Wish {
        tenant: sample::tenant(1),
        name: "sdk",
        role: KeyRole::Client,
        dialect: dialect.map(Arc::from),
        expires_at,
        terms: KeyTerms::default(),
    }
}

fn sign(pair: &Pair, claims: &Value) -> String {
    let key = EncodingKey::from_secret(pair.secret.expose_secret().as_bytes());
    encode(&Header::default(), claims, &key).expect("a token")
}

#[tokio::test]
async fn a_token_lets_its_pairs_tenant_in_with_the_dialect_of_the_pair() {
    let table = Table::new().await;
    for dialect in [None, Some("kling")] {
        let (key, pair) = table.pair(dialect, None).await;
        let caller = Caller {
            tenant: sample::tenant(1),
            key: key.id,
            holder: key.id,
            role: KeyRole::Client,
            dialect: dialect.map(Arc::from),
            terms: Arc::default(),
        };
        assert_eq!(table.admit(&table.token(&pair)).await, Ok(caller));
    }
    let wish = wish(Some("elk"), None);
    let issued = issue(&*table.store, &*table.clock, &table.ids, &wish).await;
    let caller = table.admit(&issued.expect("a key").1).await.expect("let in");
    assert_eq!(caller.dialect.as_deref(), Some("elk"));
}

#[tokio::test]
async fn a_token_is_judged_by_the_clock_of_the_house() {
    let table = Table::new().await;
    let (_, pair) = table.pair(None, None).await;
    let token = table.token(&pair);
    table.clock.advance_ms(LIFE_MS - 1);
    assert_eq!(table.verdict(&token).await, None);
    table.clock.advance_ms(1);
    assert_eq!(table.verdict(&token).await, Some(RefusalKind::ExpiredKey));

    let start = table.clock.now().seconds() + 60;
    let early = sign(
        &pair,
        &json!({ "iss": pair.access, "exp": start + 60, "nbf": start }),
    );
    table.clock.advance_ms(54_999);
    assert_eq!(table.verdict(&early).await, Some(RefusalKind::EarlyKey));
    table.clock.advance_ms(1);
    assert_eq!(table.verdict(&early).await, None);
}

#[tokio::test]
async fn a_pair_that_expired_is_told_so_whatever_its_tokens_say() {
    let table = Table::new().await;
    let (_, pair) = table.pair(None, Some(60_000)).await;
    assert_eq!(table.verdict(&table.token(&pair)).await, None);
    table.clock.advance_ms(59_999);
    assert_eq!(table.verdict(&table.token(&pair)).await, None);
    table.clock.advance_ms(1);
    assert_eq!(
        table.verdict(&table.token(&pair)).await,
        Some(RefusalKind::ExpiredKey)
    );
}

#[tokio::test]
async fn a_revoked_pair_is_a_bad_key_at_once_when_the_gate_forgets() {
    let table = Table::new().await;
    let (key, pair) = table.pair(None, None).await;
    let token = table.token(&pair);
    assert_eq!(table.verdict(&token).await, None);
    let revoked = table.store.registry().revoke_key(key.id, table.clock.now()).await;
    assert_eq!(revoked, Ok(true));
    table.gate.forget_all();
    assert_eq!(table.verdict(&token).await, Some(RefusalKind::BadKey));
    // Its times are not told to whoever was shut out.
    table.clock.advance_ms(LIFE_MS);
    assert_eq!(table.verdict(&token).await, Some(RefusalKind::BadKey));
}

#[tokio::test]
async fn a_revoked_pair_is_a_bad_key_within_five_seconds_when_nobody_tells_the_gate() {
    let table = Table::new().await;
    let (key, pair) = table.pair(None, None).await;
    let token = table.token(&pair);
    assert_eq!(table.verdict(&token).await, None);
    let revoked = table.store.registry().revoke_key(key.id, table.clock.now()).await;
    assert_eq!(revoked, Ok(true));
    // The memory of the gate goes by the machine's clock, which no test can move.
    let shut = async {
        while table.verdict(&token).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let shut = tokio::time::timeout(std::time::Duration::from_secs(5), shut).await;
    assert_eq!(shut, Ok(()));
    assert_eq!(table.verdict(&token).await, Some(RefusalKind::BadKey));
}

#[tokio::test]
async fn tokens_that_prove_nothing_are_bad_keys() {
    let table = Table::new().await;
    let (_, pair) = table.pair(None, None).await;
    let (_, other) = table.pair(None, None).await;
    let stranger = Pair::make(sample::key_row(9, "").id, &table.ids);
    let end = table.clock.now().seconds() + 60;
    let good = table.token(&pair);
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    let cases = [
        (
            "another pair's signature",
            sign(&other, &json!({ "iss": pair.access, "exp": end })),
        ),
        (
            "an unknown pair",
            sign(&stranger, &json!({ "iss": stranger.access, "exp": end })),
        ),
        ("no issuer", sign(&pair, &json!({ "exp": end }))),
        (
            "a mistyped issuer",
            sign(
                &pair,
                &json!({ "iss": pair.access.replace("rw_", "RW_"), "exp": end }),
            ),
        ),
        ("no end", sign(&pair, &json!({ "iss": pair.access }))),
        ("no signature", format!("{signed}.")),
        (
            "expired and not signed by the pair",
            sign(&other, &json!({ "iss": pair.access, "exp": 1 })),
        ),
        ("the access key alone", pair.access.clone()),
        ("the secret key alone", pair.secret.expose_secret().to_owned()),
        (
            "a very long one",
            sign(
                &pair,
                &json!({ "iss": pair.access, "exp": end, "x": "x".repeat(9_000) }),
            ),
        ),
    ];
    for (what, token) in cases {
        for _ in 0..2 {
            let verdict = table.verdict(&token).await;
            assert_eq!(verdict, Some(RefusalKind::BadKey), "{what}");
        }
    }
    assert_eq!(table.verdict(&good).await, None);
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_our_fault_and_lets_nobody_in() {
    let table = Table::new().await;
    let (_, pair) = table.pair(None, None).await;
    let token = table.token(&pair);
    let other = Gate::new(
        Arc::clone(&table.store),
        table.clock.clone(),
        sealer(8),
        Vec::new(),
    );
    let table = Table { gate: other, ..table };
    assert_eq!(table.verdict(&token).await, Some(RefusalKind::Unavailable));
    drop(table.directory);
}

#[tokio::test]
async fn the_sealed_secret_of_one_row_does_not_open_in_another() {
    let table = Table::new().await;
    let (key, pair) = table.pair(None, None).await;
    let Proof::Pair { sealed, .. } = key.proof.clone() else {
        panic!("a pair has a pair's proof");
    };
    let id = sample::key_row(9, "").id;
    let access = Pair::make(id, &table.ids).access;
    let moved = Key {
        id,
        proof: Proof::Pair {
            access: access.clone(),
            sealed,
        },
        ..key
    };
    table.store.registry().create_key(&moved).await.expect("a row");
    let end = table.clock.now().seconds() + 60;
    let forged = sign(&pair, &json!({ "iss": access, "exp": end }));
    assert_eq!(table.verdict(&forged).await, Some(RefusalKind::Unavailable));
}
