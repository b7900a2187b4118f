//! The office: keeps the engine's roster in step with the file and the database. Every process has one;
//! what one of them writes down, the others read within two seconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::account::{Duty, Enrolled};
use domain::store::StoreError;
use domain::{Clock, Store};
use engine::Engine;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::accounts::kept;
use crate::accounts::secrets::Secrets;
use crate::links::Providers;
use crate::sealing::Sealer;
use crate::wiring::accounts::{Login, Plugs};

/// Time between two looks at the database.
const LOOK: Duration = Duration::from_secs(1);
/// How long the login of a removed account is kept at least, in milliseconds: every process has read by
/// then that it takes no new tasks.
const GRACE_MS: i64 = 10_000;
/// Time between two looks whether a removed account still has tasks, in milliseconds.
const FAREWELL_MS: i64 = 5_000;

/// What was read last.
#[derive(Default)]
struct Seen {
    enrolled: Vec<Enrolled>,
    farewell_at: i64,
}

/// Who is plugged in, by file and by command.
pub struct Office {
    declared: Vec<Login>,
    plugs: Plugs,
    sealer: Sealer,
    seen: tokio::sync::Mutex<Seen>,
}

impl Office {
    /// An office over the accounts of the file.
    #[must_use]
    pub fn new(declared: Vec<Login>, plugs: Plugs, sealer: Sealer) -> Office {
        Office {
            declared,
            plugs,
            sealer,
            seen: tokio::sync::Mutex::default(),
        }
    }

    /// What seals the secrets of accounts.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Everybody who is plugged in by now, read anew.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn logins(&self, store: &dyn Store, providers: &Providers) -> Result<Vec<Login>, StoreError> {
        let enrolled = store.enrolled().await?;
        let logins = self.plug(&enrolled);
        providers.learn(names(&self.declared, &enrolled));
        self.seen.lock().await.enrolled = enrolled;
        Ok(logins)
    }

    /// Reads the database, and tells the engine when something has changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read; everything stays as it is.
    pub async fn refresh(&self, engine: &Engine, providers: &Providers) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        let enrolled = engine.store().enrolled().await?;
        if enrolled == seen.enrolled {
            return Ok(());
        }
        providers.learn(names(&self.declared, &enrolled));
        engine.enlist(self.plug(&enrolled));
        seen.enrolled = enrolled;
        Ok(())
    }

    /// Forgets the logins of removed accounts whose last task has ended.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn bid_farewell(&self, store: &dyn Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let now = clock.now();
        let mut seen = self.seen.lock().await;
        if now.0 < seen.farewell_at {
            return Ok(());
        }
        seen.farewell_at = now.plus(FAREWELL_MS).0;
        let retired = seen
            .enrolled
            .iter()
            .filter(|account| account.duty == Duty::Retired && now.since(account.changed_at) >= GRACE_MS);
        for account in retired {
            if !store.is_in_use(&account.name).await? {
                store.set_duty(account.id, Duty::Removed, now).await?;
                tracing::info!(account = %account.name, "account.removed: its last task has ended, and its login is forgotten");
            }
        }
        Ok(())
    }

    /// Keeps in step until `stop`.
    pub async fn keep_in_step(&self, engine: Arc<Engine>, providers: &Providers, stop: CancellationToken) {
        let mut clock = tokio::time::interval(LOOK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_news = true;
        loop {
            tokio::select! {
                _ = clock.tick() => {}
                () = stop.cancelled() => return,
            }
            let done = async {
                self.bid_farewell(&**engine.store(), &**engine.clock()).await?;
                self.refresh(&engine, providers).await
            };
            match done.await {
                Ok(()) => is_news = true,
                // Said once for each time that it breaks, not each second.
                Err(error) if std::mem::take(&mut is_news) => {
                    tracing::warn!(%error, "account.stale: the accounts cannot be read; they stay as they are");
                }
                Err(_) => {}
            }
        }
    }

    /// Whether an account of the file has this name.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        self.declared.iter().any(|(account, _)| account.name == name)
    }

    /// The accounts of the file and of these rows. A row whose login cannot be opened hands nothing over,
    /// and its tasks wait; one that the file has too is the file's.
    fn plug(&self, enrolled: &[Enrolled]) -> Vec<Login> {
        let mut logins = self.declared.clone();
        for row in enrolled.iter().filter(|row| row.duty != Duty::Removed) {
            if self.declares(&row.name) {
                tracing::warn!(account = %row.name, "account.shadowed: the file has an account of this name, which is used");
                continue;
            }
            let Some(provider) = providers::find(&row.provider) else {
                tracing::warn!(account = %row.name, provider = %row.provider, "account.unusable: there is no such provider in this version");
                continue;
            };
            let (secrets, duty) = match kept::open(row, &self.sealer) {
                Ok(secrets) => (secrets, row.duty),
                Err(why) => {
                    tracing::warn!(account = %row.name, %why, "account.unusable: it is given no tasks");
                    let duty = match row.duty {
                        Duty::Working => Duty::Paused,
                        duty => duty,
                    };
                    (Secrets::default(), duty)
                }
            };
            logins.push(
                self.plugs
                    .login((&row.name, duty), provider, &row.terms, &secrets),
            );
        }
        logins
    }
}

/// The provider of each account, by the account's name.
fn names(declared: &[Login], enrolled: &[Enrolled]) -> HashMap<String, String> {
    let rows = enrolled
        .iter()
        .map(|row| (row.name.clone(), row.provider.clone()));
    let files = declared.iter();
    let files = files.map(|(account, _)| (account.name.clone(), account.provider.clone()));
    rows.chain(files).collect()
}
