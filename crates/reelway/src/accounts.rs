//! What an operator may say of an account: the one set of rules for the file, the admin API and the
//! command line. Which facts hold for a provider is asked of its manifest, never of its name. Secrets
//! are read in `accounts/secrets.rs`.

use std::collections::BTreeMap;

use domain::account::Terms;
use domain::credentials::LoginKind;
use providers::Entry;

use crate::accounts::secrets::Secrets;
use crate::transport::guard::{self, Rules};

pub mod kept;
pub mod office;
pub mod secrets;

/// The embedded renderer's provider, and the name of its account unless the file gives it another.
pub const EMBEDDED: &str = "animatic";

/// Longest name of an account or a model, in bytes.
const NAME_MAX_BYTES: usize = 64;
/// Most models of one account.
const MODELS_MAX: usize = 256;
/// Most concurrent tasks of one account.
const SLOTS_MAX: i64 = 1_024;
/// The greatest share of an account.
const WEIGHT_MAX: i64 = 100;
/// How far a priority is from zero at most.
const PRIORITY_MAX: i64 = 1_000;
/// Most requests a second that can be asked for.
const REQUESTS_PER_SECOND_MAX: i64 = 1_000;

/// What is wrong with an account, and in which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Flaw {
    /// The field at fault, as the file and the API call it.
    pub field: &'static str,
    /// One sentence with what would be allowed. It never repeats a secret or an address.
    pub message: String,
}

impl Flaw {
    /// A flaw of a field.
    pub fn new(field: &'static str, message: impl Into<String>) -> Flaw {
        Flaw {
            field,
            message: message.into(),
        }
    }
}

/// An account as somebody wrote it.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The operator's name for it.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// Where the provider is reached; none: where its vendor documents.
    pub base_url: Option<String>,
    /// What the login is opened with.
    pub secrets: Secrets,
    /// Models it serves; empty: all that the provider lists.
    pub models: Vec<String>,
    /// Concurrent tasks; none: as the provider's manifest says.
    pub slots: Option<i64>,
    /// Its share among accounts of one priority; none: 1.
    pub weight: Option<i64>,
    /// Accounts of a higher priority are filled first; none: 0.
    pub priority: Option<i64>,
    /// Most requests a second; none: as many as there is work for.
    pub requests_per_second: Option<i64>,
}

/// An account that can be.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The operator's name for it.
    pub name: String,
    /// The provider.
    pub provider: &'static Entry,
    /// Everything but the secrets.
    pub terms: Terms,
    /// The secrets, or references to them.
    pub secrets: Secrets,
}

impl Wish {
    /// Checks everything that can be checked without asking anybody.
    ///
    /// # Errors
    /// The first [`Flaw`].
    pub fn check(self, rules: &Rules) -> Result<Declared, Flaw> {
        name("name", &self.name)?;
        let provider = provider(&self.provider)?;
        if self.name == EMBEDDED && provider.name != EMBEDDED {
            let message = format!("`{EMBEDDED}` is the embedded renderer's own name; choose another");
            return Err(Flaw::new("name", message));
        }
        login(provider, &self)?;
        let base_url = self.base_url.map(|url| base_url(&url, rules)).transpose()?;
        models(&self.models)?;
        let terms = Terms {
            base_url,
            models: self.models,
            aliases: BTreeMap::new(),
            slots: self
                .slots
                .map(|slots| within("slots", slots, 1, SLOTS_MAX))
                .transpose()?,
            weight: within("weight", self.weight.unwrap_or(1), 1, WEIGHT_MAX)?,
            priority: within(
                "priority",
                self.priority.unwrap_or(0),
                -PRIORITY_MAX,
                PRIORITY_MAX,
            )?,
            requests_per_second: self
                .requests_per_second
                .map(|most| within("requests_per_second", most, 1, REQUESTS_PER_SECOND_MAX))
                .transpose()?,
        };
        Ok(Declared {
            name: self.name,
            provider,
            terms,
            secrets: self.secrets,
        })
    }
}

fn provider(name: &str) -> Result<&'static Entry, Flaw> {
    providers::find(name).ok_or_else(|| {
        let known: Vec<String> = providers::ALL
            .iter()
            .map(|entry| format!("`{}`", entry.name))
            .collect();
        let known = known.join(", ");
        Flaw::new(
            "provider",
            format!("there is no provider `{name}`; there are {known}"),
        )
    })
}

/// Whether a login is of a kind that its provider takes.
fn login(provider: &Entry, wish: &Wish) -> Result<(), Flaw> {
    let (name, manifest, secrets) = (provider.name, provider.manifest, &wish.secrets);
    if manifest.logins.is_empty() {
        let given = [("base_url", wish.base_url.is_some())];
        let given = given.into_iter().chain(secrets.given()).find(|(_, given)| *given);
        let Some((field, _)) = given else { return Ok(()) };
        let message = format!("provider `{name}` needs no login; leave `{field}` out");
        return Err(Flaw::new(field, message));
    }
    let allowed: Vec<&str> = manifest.logins.iter().map(|kind| kind.keys()).collect();
    let allowed = allowed.join(" or ");
    let kind = match (&secrets.api_key, &secrets.access_key, &secrets.secret_key) {
        (Some(_), None, None) => LoginKind::ApiKey,
        (None, Some(_), Some(_)) => LoginKind::Pair,
        (None, Some(_), None) => {
            return Err(Flaw::new("access_key", "an `access_key` needs its `secret_key`"));
        }
        (None, None, Some(_)) => {
            return Err(Flaw::new("secret_key", "a `secret_key` needs its `access_key`"));
        }
        (Some(_), _, _) => {
            let message = "an account has an `api_key`, or an `access_key` with a `secret_key`, not both";
            return Err(Flaw::new("api_key", message));
        }
        (None, None, None) => {
            let message = format!("an account at `{name}` needs {allowed}");
            return Err(Flaw::new("api_key", message));
        }
    };
    if !manifest.logins.contains(&kind) {
        let message = format!("an account at `{name}` is opened with {allowed}");
        return Err(Flaw::new("api_key", message));
    }
    if secrets.callback_secret.is_some() && !manifest.calls_back {
        let message = format!("provider `{name}` sends no callbacks; leave `callback_secret` out");
        return Err(Flaw::new("callback_secret", message));
    }
    Ok(())
}

/// A name that can stand in a path, a log and a metric as it is.
fn name(field: &'static str, name: &str) -> Result<(), Flaw> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let starts = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts && name.len() <= NAME_MAX_BYTES && name.bytes().all(plain) {
        return Ok(());
    }
    let message = format!(
        "`{field}` must have 1 to {NAME_MAX_BYTES} letters, digits, `-`, `_` and `.`, and begin with a letter \
         or digit"
    );
    Err(Flaw::new(field, message))
}

fn models(models: &[String]) -> Result<(), Flaw> {
    if models.len() > MODELS_MAX {
        let message = format!("`models` may name at most {MODELS_MAX}");
        return Err(Flaw::new("models", message));
    }
    for (at, model) in models.iter().enumerate() {
        name("models", model).map_err(|flaw| Flaw::new("models", format!("each of {}", flaw.message)))?;
        if models[..at].contains(model) {
            return Err(Flaw::new("models", format!("`models` names `{model}` twice")));
        }
    }
    Ok(())
}

/// The address of a provider, judged as every address from outside. It is never repeated: it may hold
/// what should not be there.
fn base_url(text: &str, rules: &Rules) -> Result<String, Flaw> {
    let flaw = |reason: &str| {
        let cure = "give it as `https://HOST[:PORT][/PATH]`, or open its host with `network.allow_hosts`";
        Flaw::new("base_url", format!("`base_url` is not gone to: {reason}; {cure}"))
    };
    let target = guard::check_url(text, rules).map_err(|refused| flaw(&refused.0))?;
    if target.url.query().is_some() || target.url.fragment().is_some() {
        return Err(flaw("it has a query or a fragment"));
    }
    Ok(target.url.as_str().trim_end_matches('/').to_owned())
}

fn within<T: TryFrom<i64>>(field: &'static str, number: i64, least: i64, most: i64) -> Result<T, Flaw> {
    let bounded = (least..=most).contains(&number).then(|| T::try_from(number).ok());
    bounded.flatten().ok_or_else(|| {
        let message = format!("`{field}` is `{number}` and must be from {least} to {most}");
        Flaw::new(field, message)
    })
}
