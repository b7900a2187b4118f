//! Who is plugged in: the embedded renderer, and the accounts of the file, as the engine takes them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::account::{Duty, Terms};
use domain::credentials::AccountFacts;
use domain::provider::{Account, UpstreamError, Wire};
use domain::{Clock, Provider, Store};
use parking_lot::Mutex;
use providers::{Entry, Setup};

use super::HouseError;
use crate::accounts::secrets::Secrets;
use crate::accounts::{EMBEDDED, kept};
use crate::config::{AccountEntry, Config, Environment};
use crate::sealing::Sealer;

/// A login and the provider that it is at.
pub type Login = (Account, Arc<dyn Provider>);

/// Below it, a path for each account, where upstreams call back.
const CALLBACKS: &str = "/callbacks";

/// Makes accounts ready for the engine. There is one of each provider, whoever is at it.
pub struct Plugs {
    ready: Mutex<HashMap<&'static str, Arc<dyn Provider>>>,
    threads: usize,
    clock: Arc<dyn Clock>,
    public_url: Option<String>,
}

impl Plugs {
    /// Plugs of a configuration.
    #[must_use]
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Plugs {
        Plugs {
            ready: Mutex::default(),
            threads: embedded_slots(config),
            clock,
            public_url: config.public_url.clone(),
        }
    }

    /// An account as the engine takes it.
    #[must_use]
    pub fn login(
        &self,
        (name, duty): (&str, Duty),
        provider: &'static Entry,
        terms: &Terms,
        secrets: &Secrets,
    ) -> Login {
        let manifest = provider.manifest;
        // Only asked for where the outside can reach us under a name that is said.
        let base = self.public_url.as_deref().filter(|_| manifest.calls_back);
        let account = Account {
            name: name.to_owned(),
            provider: provider.name.to_owned(),
            duty,
            slots: terms.slots.unwrap_or(manifest.slots),
            weight: terms.weight,
            priority: terms.priority,
            requests_per_second: terms.requests_per_second,
            models: terms.models.clone(),
            aliases: terms.aliases.clone(),
            base_url: terms.base_url.clone(),
            credentials: secrets.credentials(),
            callback_url: callback_url(base, name),
            callback_secret: secrets.callback_secret.clone(),
        };
        (account, self.provider(provider))
    }

    fn provider(&self, entry: &'static Entry) -> Arc<dyn Provider> {
        let setup = || Setup {
            threads: self.threads,
            clock: Arc::clone(&self.clock),
        };
        let mut ready = self.ready.lock();
        Arc::clone(ready.entry(entry.name).or_insert_with(|| (entry.build)(setup())))
    }
}

/// Where an account's upstream calls back, below a base.
#[must_use]
pub fn callback_url(base: Option<&str>, name: &str) -> Option<String> {
    base.map(|base| format!("{base}{CALLBACKS}/{name}"))
}

/// Threads of the embedded renderer, which are its slots.
fn embedded_slots(config: &Config) -> usize {
    let declared = embedded(config).and_then(|entry| entry.declared.terms.slots);
    match usize::try_from(declared.unwrap_or(config.animatic_slots)) {
        Ok(0) | Err(_) => super::cores(),
        Ok(slots) => slots,
    }
}

fn embedded(config: &Config) -> Option<&AccountEntry> {
    let mut entries = config.accounts.iter();
    entries.find(|entry| entry.declared.provider.name == EMBEDDED)
}

/// The embedded renderer's account, as declared or of its own making, and the accounts of the file.
///
/// # Errors
/// [`HouseError`] when a secret cannot be had, or an account cannot be what it says.
pub async fn declared(
    config: &Config,
    environment: &Environment,
    store: &dyn Store,
    plugs: &Plugs,
) -> Result<Vec<Login>, HouseError> {
    let slots = Some(u32::try_from(plugs.threads).unwrap_or(u32::MAX));
    let mut logins = Vec::with_capacity(1 + config.accounts.len());
    if embedded(config).is_none() {
        let entry = providers::find(EMBEDDED);
        let entry = entry.ok_or_else(|| HouseError::NoProvider(EMBEDDED.to_owned()))?;
        let terms = Terms {
            slots,
            ..Terms::default()
        };
        logins.push(plugs.login((EMBEDDED, Duty::Working), entry, &terms, &Secrets::default()));
    }
    for entry in &config.accounts {
        let (declared, secrets) = (&entry.declared, entry.secrets(environment)?);
        let mut terms = declared.terms.clone();
        if declared.provider.name == EMBEDDED {
            terms.slots = slots;
        }
        let kind = secrets.credentials().kind();
        let fits = kept::keep_kind(store, &declared.name, declared.provider, kind).await?;
        fits.map_err(|flaw| entry.fault(&flaw.message))?;
        let named = (declared.name.as_str(), Duty::Working);
        logins.push(plugs.login(named, declared.provider, &terms, &secrets));
    }
    Ok(logins)
}

/// Asks the upstream of an account about its login, for commands that need no whole house.
///
/// # Errors
/// [`HouseError`] when the account is not there or cannot be made ready.
pub async fn check_alone(
    (config, environment): (&Config, &Environment),
    store: &dyn Store,
    sealer: &Sealer,
    clock: &Arc<dyn Clock>,
    name: &str,
) -> Result<Result<AccountFacts, UpstreamError>, HouseError> {
    let plugs = Plugs::new(config, Arc::clone(clock));
    let declared = config.accounts.iter().find(|entry| entry.declared.name == name);
    let (account, provider) = match declared {
        Some(entry) => {
            let (declared, secrets) = (&entry.declared, entry.secrets(environment)?);
            plugs.login(
                (name, Duty::Working),
                declared.provider,
                &declared.terms,
                &secrets,
            )
        }
        None => {
            let rows = store.enrolled().await?;
            let row = rows
                .iter()
                .find(|row| row.name == name && row.duty != Duty::Removed);
            let row = row.ok_or_else(|| HouseError::NoAccount(name.to_owned()))?;
            let provider = providers::find(&row.provider);
            let provider = provider.ok_or_else(|| HouseError::NoProvider(row.provider.clone()))?;
            let secrets = kept::open(row, sealer);
            let secrets = secrets.map_err(|why| HouseError::Login(name.to_owned(), why))?;
            plugs.login((name, row.duty), provider, &row.terms, &secrets)
        }
    };
    let wire = Wire {
        account: Arc::new(account),
        transport: Arc::new(super::outside(config)?),
        blobs: blobs::open(&config.blobs_url).await?,
        publish: None,
    };
    Ok(provider.check(&wire).await)
}
