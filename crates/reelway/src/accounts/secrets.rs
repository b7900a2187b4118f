//! The secrets of an account as they are written down: themselves, or references to where they stand.
//! Nothing here prints one. Sealing them for a row is in `accounts/kept.rs`.

use std::fmt;
use std::io::Read as _;

use domain::credentials::Credentials;
use secrecy::{ExposeSecret as _, SecretString};

use crate::accounts::Flaw;
use crate::config::Environment;

/// Every field that is a secret, as the file and the API call it.
pub const FIELDS: [&str; 4] = ["api_key", "access_key", "secret_key", "callback_secret"];
/// Before the name of an environment variable that holds the secret.
const ENV: &str = "env:";
/// Before the path of a file that holds the secret.
const FILE: &str = "file:";
/// The shortest secret, in bytes: shorter ones could not be kept out of texts.
const LENGTH_MIN: usize = 6;
/// The longest secret, in bytes.
const LENGTH_MAX: usize = 4 * 1_024;

/// The secrets of a login, or references to them.
#[derive(Clone, Default)]
pub struct Secrets {
    /// One secret that is sent with each call.
    pub api_key: Option<SecretString>,
    /// The name of a pair.
    pub access_key: Option<SecretString>,
    /// What a pair signs with.
    pub secret_key: Option<SecretString>,
    /// What the upstream signs its callbacks with.
    pub callback_secret: Option<SecretString>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self.given().into_iter().filter(|(_, given)| *given);
        f.debug_list().entries(given.map(|(field, _)| field)).finish()
    }
}

impl Secrets {
    /// The field of a name.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Option<SecretString>> {
        match name {
            "api_key" => Some(&mut self.api_key),
            "access_key" => Some(&mut self.access_key),
            "secret_key" => Some(&mut self.secret_key),
            "callback_secret" => Some(&mut self.callback_secret),
            _ => None,
        }
    }

    /// Which of the fields are there.
    #[must_use]
    pub fn given(&self) -> [(&'static str, bool); 4] {
        [
            ("api_key", self.api_key.is_some()),
            ("access_key", self.access_key.is_some()),
            ("secret_key", self.secret_key.is_some()),
            ("callback_secret", self.callback_secret.is_some()),
        ]
    }

    /// The secrets themselves, references followed.
    ///
    /// # Errors
    /// A [`Flaw`] of the first field that leads to no secret.
    pub fn follow(&self, environment: &Environment) -> Result<Secrets, Flaw> {
        let mut followed = self.clone();
        for field in FIELDS {
            if let Some(secret) = followed.field_mut(field)
                && let Some(written) = secret.as_ref()
            {
                *secret = Some(read(field, written.expose_secret(), environment)?);
            }
        }
        Ok(followed)
    }

    /// Refuses references, for places where none is followed, and what is no secret.
    ///
    /// # Errors
    /// A [`Flaw`] of the first field that is at fault.
    pub fn check(&mut self) -> Result<(), Flaw> {
        for field in FIELDS {
            let Some(Some(secret)) = self.field_mut(field) else {
                continue;
            };
            let text = secret.expose_secret();
            if is_reference(text) {
                let message = format!("`{field}` must be the secret itself here, not where it stands");
                return Err(Flaw::new(field, message));
            }
            sound(field, text)?;
        }
        Ok(())
    }

    /// What a login is opened with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        match (&self.api_key, &self.access_key, &self.secret_key) {
            (Some(key), _, _) => Credentials::ApiKey(key.clone()),
            (None, Some(access), Some(secret)) => Credentials::Pair {
                access: access.clone(),
                secret: secret.clone(),
            },
            _ => Credentials::None,
        }
    }
}

/// Whether a text says where a secret stands instead of being one.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    text.starts_with(ENV) || text.starts_with(FILE)
}

/// The secret that a text is or leads to.
///
/// # Errors
/// A [`Flaw`] that names the variable or the file, and never what is in it.
pub fn read(field: &'static str, text: &str, environment: &Environment) -> Result<SecretString, Flaw> {
    let secret = if let Some(name) = text.strip_prefix(ENV) {
        let value = environment.get(name).ok_or_else(|| {
            let message = format!(
                "`{field}` refers to the environment variable `{name}`, which is not set; set it, or name a \
                 file with `{FILE}PATH`"
            );
            Flaw::new(field, message)
        })?;
        SecretString::from(value)
    } else if let Some(path) = text.strip_prefix(FILE) {
        of_file(field, path)?
    } else {
        SecretString::from(text)
    };
    sound(field, secret.expose_secret())?;
    Ok(secret)
}

fn of_file(field: &'static str, path: &str) -> Result<SecretString, Flaw> {
    let flaw = |why: &str| {
        let message = format!(
            "`{field}` refers to the file `{path}`, which {why}; it must hold the secret and nothing else"
        );
        Flaw::new(field, message)
    };
    let file = std::fs::File::open(path);
    let file = file.map_err(|error| flaw(&format!("cannot be read ({})", error.kind())))?;
    let mut text = String::new();
    // A line end beside the longest secret.
    let most = LENGTH_MAX as u64 + 3;
    let read = file.take(most).read_to_string(&mut text);
    let secret = SecretString::from(text.trim_end_matches(['\r', '\n']));
    drop(SecretString::from(text));
    read.map_err(|error| flaw(&format!("cannot be read ({})", error.kind())))?;
    Ok(secret)
}

/// Whether a text can be a secret: it must fit into a header, and be long enough to be searched for.
fn sound(field: &'static str, text: &str) -> Result<(), Flaw> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && (LENGTH_MIN..=LENGTH_MAX).contains(&text.len()) {
        return Ok(());
    }
    let message = format!(
        "`{field}` must have {LENGTH_MIN} to {LENGTH_MAX} printable ASCII characters without spaces; it is \
         not shown"
    );
    Err(Flaw::new(field, message))
}
