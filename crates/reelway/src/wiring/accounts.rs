//! Who is plugged in: the embedded renderer, and the accounts of the file, as the engine takes them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::account::{Duty, Terms};
use domain::provider::Account;
use domain::{Clock, Provider, Store};
use providers::{Entry, Setup};

use super::HouseError;
use crate::accounts::EMBEDDED;
use crate::accounts::secrets::Secrets;
use crate::config::{AccountEntry, Config, Environment};

/// A login and the provider that it is at.
pub type Login = (Account, Arc<dyn Provider>);

/// Below it, a path for each account, where upstreams call back.
pub const CALLBACKS: &str = "/callbacks";

/// Makes accounts ready for the engine. There is one of each provider, whoever is at it.
pub struct Plugs {
    ready: HashMap<&'static str, Arc<dyn Provider>>,
    threads: usize,
    clock: Arc<dyn Clock>,
    public_url: Option<String>,
}

impl Plugs {
    /// Plugs of a configuration.
    #[must_use]
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Plugs {
        Plugs {
            ready: HashMap::new(),
            threads: embedded_slots(config),
            clock,
            public_url: config.public_url.clone(),
        }
    }

    /// An account as the engine takes it.
    pub fn login(
        &mut self,
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
            callback_url: base.map(|base| format!("{base}{CALLBACKS}/{name}")),
            callback_secret: secrets.callback_secret.clone(),
        };
        (account, self.provider(provider))
    }

    fn provider(&mut self, entry: &'static Entry) -> Arc<dyn Provider> {
        let setup = || Setup {
            threads: self.threads,
            clock: Arc::clone(&self.clock),
        };
        let ready = self.ready.entry(entry.name);
        Arc::clone(ready.or_insert_with(|| (entry.build)(setup())))
    }
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
    plugs: &mut Plugs,
) -> Result<Vec<Login>, HouseError> {
    let slots = Some(u32::try_from(plugs.threads).unwrap_or(u32::MAX));
    let mut logins = Vec::with_capacity(1 + config.accounts.len());
    if embedded(config).is_none() {
        let entry = providers::find(EMBEDDED);
        let entry = entry.ok_or_else(|| HouseError::NoProvider(EMBEDDED.to_owned()))?;
        let terms = Terms {
            base_url: None,
            models: Vec::new(),
            aliases: std::collections::BTreeMap::new(),
            slots,
            weight: 1,
            priority: 0,
            requests_per_second: None,
        };
        logins.push(plugs.login((EMBEDDED, Duty::Working), entry, &terms, &Secrets::default()));
    }
    for entry in &config.accounts {
        let (declared, secrets) = (&entry.declared, entry.secrets(environment)?);
        let mut terms = declared.terms.clone();
        if declared.provider.name == EMBEDDED {
            terms.slots = slots;
        }
        keep_kind(store, entry, &secrets).await?;
        let named = (declared.name.as_str(), Duty::Working);
        logins.push(plugs.login(named, declared.provider, &terms, &secrets));
    }
    Ok(logins)
}

/// Refuses a login of a kind that the account may not go back to: what was sent with the later kind could
/// not be looked up any more. Which kinds it had is remembered in the database.
async fn keep_kind(store: &dyn Store, entry: &AccountEntry, secrets: &Secrets) -> Result<(), HouseError> {
    let Some(kind) = secrets.credentials().kind() else {
        return Ok(());
    };
    let name = &entry.declared.name;
    let setting = |word: &str| format!("account.{name}.{word}");
    let logins = entry.declared.provider.manifest.logins;
    for later in logins.iter().skip_while(|known| **known != kind).skip(1) {
        if store.setting(&setting(later.word())).await?.is_some() {
            let message = format!(
                "it was opened with {} before, and cannot go back to {}; give the login a new `name`",
                later.keys(),
                kind.keys()
            );
            return Err(entry.fault(&message).into());
        }
    }
    store.keep_setting(&setting(kind.word()), "seen").await?;
    Ok(())
}

/// The provider of each account, by the account's name.
#[must_use]
pub fn providers_of(logins: &[Login]) -> HashMap<String, String> {
    let pairs = logins.iter();
    pairs
        .map(|(account, _)| (account.name.clone(), account.provider.clone()))
        .collect()
}
