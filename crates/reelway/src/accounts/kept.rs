//! What is kept of accounts: secrets sealed for their row, and which kinds of login a name has had. The
//! rows themselves are the store's.

use domain::account::Enrolled;
use domain::credentials::LoginKind;
use domain::ids::AccountId;
use domain::store::StoreError;
use domain::tenant::Sealed;
use domain::{Ids, Store};
use providers::Entry;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::{Map, Value};

use crate::accounts::Flaw;
use crate::accounts::secrets::{FIELDS, Secrets};
use crate::sealing::Sealer;

/// What the key that seals the secrets of accounts is derived for.
pub const PURPOSE: &[u8] = b"reelway/accounts/v1";

/// Seals secrets: they open in this account's row only.
#[must_use]
pub fn seal(id: AccountId, secrets: &Secrets, sealer: &Sealer, ids: &dyn Ids) -> Sealed {
    let mut secrets = secrets.clone();
    let mut fields = Map::new();
    for field in FIELDS {
        if let Some(Some(secret)) = secrets.field_mut(field) {
            fields.insert(field.to_owned(), Value::from(secret.expose_secret()));
        }
    }
    let text = SecretString::from(Value::Object(fields).to_string());
    sealer.seal(text.expose_secret().as_bytes(), &owner(id), ids)
}

/// The secrets of an account.
///
/// # Errors
/// Why they cannot be read, in one sentence without them.
pub fn open(account: &Enrolled, sealer: &Sealer) -> Result<Secrets, String> {
    let mut secrets = Secrets::default();
    let Some(sealed) = &account.sealed else {
        return Ok(secrets);
    };
    let opened = sealer.open(sealed, &owner(account.id));
    let opened: SecretSlice<u8> = opened.map_err(|why| format!("its secrets cannot be read: {why}"))?;
    let fields: Map<String, Value> = serde_json::from_slice(opened.expose_secret())
        .map_err(|_| "its secrets cannot be read: they are not what was sealed".to_owned())?;
    for (name, value) in fields {
        if let (Some(field), Value::String(text)) = (secrets.field_mut(&name), value) {
            *field = Some(SecretString::from(text));
        }
    }
    Ok(secrets)
}

fn owner(id: AccountId) -> [u8; 16] {
    id.0.0.to_be_bytes()
}

/// Notes the kind of login that an account has, unless it may not go back to it: what was sent with a later
/// kind could not be looked up any more.
///
/// # Errors
/// [`StoreError`] when the database does not answer; inside, the [`Flaw`].
pub async fn keep_kind(
    store: &dyn Store,
    name: &str,
    provider: &Entry,
    kind: Option<LoginKind>,
) -> Result<Result<(), Flaw>, StoreError> {
    let Some(kind) = kind else {
        return Ok(Ok(()));
    };
    let setting = |word: &str| format!("account.{name}.{word}");
    let logins = provider.manifest.logins.iter();
    for later in logins.skip_while(|known| **known != kind).skip(1) {
        if store.setting(&setting(later.word())).await?.is_some() {
            let message = format!(
                "it was opened with {} before, and cannot go back to {}; give the login a new `name`",
                later.keys(),
                kind.keys()
            );
            return Ok(Err(Flaw::new("name", message)));
        }
    }
    store.keep_setting(&setting(kind.word()), "seen").await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use domain::Id;
    use domain::account::{Duty, Terms};
    use testkit::ids::SeededIds;
    use testkit::sample;

    use super::*;
    use crate::sealing::MasterKey;

    #[test]
    fn sealed_secrets_open_in_their_own_row_only() {
        let sealer = Sealer::new(&MasterKey::of_bytes([7; 32]), PURPOSE);
        let secrets = Secrets {
            access_key: Some("planted-access".into()),
            secret_key: Some("planted-secret".into()),
            callback_secret: Some("planted-callback".into()),
            ..Secrets::default()
        };
        let id = AccountId(Id(7));
        let sealed = seal(id, &secrets, &sealer, &SeededIds::new(1));
        assert!(!sealed.bytes.windows(7).any(|part| part == b"planted"));
        let row = Enrolled {
            id,
            name: "main".to_owned(),
            provider: "kling".to_owned(),
            duty: Duty::Working,
            login: Some(LoginKind::Pair),
            terms: Terms::default(),
            sealed: Some(sealed),
            created_at: sample::at(0),
            changed_at: sample::at(0),
        };
        assert!(!format!("{row:?} {secrets:?}").contains("planted"));
        let opened = open(&row, &sealer).unwrap();
        let text = |secret: &Option<SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
        assert_eq!(text(&opened.access_key).as_deref(), Some("planted-access"));
        assert_eq!(text(&opened.secret_key).as_deref(), Some("planted-secret"));
        assert_eq!(text(&opened.callback_secret).as_deref(), Some("planted-callback"));
        assert_eq!(text(&opened.api_key), None);
        let other = Enrolled {
            id: AccountId(Id(8)),
            ..row.clone()
        };
        assert!(open(&other, &sealer).unwrap_err().contains("not what was sealed"));
        let stranger = Sealer::new(&MasterKey::of_bytes([8; 32]), PURPOSE);
        assert!(open(&row, &stranger).unwrap_err().contains("restore the key"));
    }
}
