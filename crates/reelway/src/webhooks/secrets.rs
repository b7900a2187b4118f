//! The secrets that webhooks are signed with: one in force for each tenant, and for a while the one before.
//! They are kept sealed and shown once.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dialects::reelway::time;
use domain::ids::TenantId;
use domain::store::{SigningSecret, StoreError};
use domain::tenant::Tenant;
use domain::{Clock, Id, Ids, Millis, Refusal, RefusalKind, Store};
use secrecy::{SecretString, zeroize::Zeroize as _};
use serde::{Deserialize, Serialize};

use crate::admin::keys::{shown, unavailable};
use crate::bootstrap::DEFAULT_TENANT;
use crate::sealing::Sealer;

/// What the key that seals them is derived for.
pub const PURPOSE: &[u8] = b"reelway/webhooks/v1";
/// What every secret begins with; Base64 follows.
const PREFIX: &str = "whsec_";
/// How long the secret before goes on signing beside its successor, in milliseconds: seven days.
const OVERLAP_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A tenant's secret as people see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SecretView {
    /// Always `signing_secret`.
    pub object: String,
    /// The tenant by name.
    pub tenant: String,
    /// When the one in force was made.
    pub created_at: String,
    /// Until when the one before goes on signing beside it.
    pub previous_until: Option<String>,
    /// The secret: only the first time that it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub secret: Option<SecretString>,
}

/// Makes, keeps and opens secrets.
pub struct Secrets {
    store: Arc<dyn Store>,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Secrets {
    /// The secrets in a store, sealed under `sealer`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Sealer, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Secrets {
        Secrets {
            store,
            sealer,
            clock,
            ids,
        }
    }

    /// The secrets that sign a tenant's webhooks at a moment, the one in force first. A tenant that has none
    /// gets one.
    pub(super) async fn of(&self, tenant: TenantId, at: Millis) -> Result<Vec<SecretString>, String> {
        let rows = self.rows(tenant).await.map_err(|error| error.to_string())?;
        let now = rows.iter().filter(|row| row.ends_at.is_none_or(|end| end > at));
        now.map(|row| self.open(row)).collect()
    }

    /// A tenant's secret, which is shown the first time that this is asked; without a name, of `default`.
    ///
    /// # Errors
    /// A refusal when there is no such tenant.
    pub async fn look(&self, tenant: Option<&str>) -> Result<SecretView, Refusal> {
        let tenant = self.tenant(tenant).await?;
        let failed = |error: StoreError| unavailable(&error);
        let rows = self.rows(tenant.id).await.map_err(failed)?;
        let [row, ..] = &rows[..] else {
            return Err(Refusal::new(RefusalKind::Unavailable, "the secret is being made"));
        };
        let text = self.open(row).map_err(|why| {
            tracing::error!(why, "webhook.secret_unreadable");
            Refusal::new(
                RefusalKind::Unavailable,
                "the secret cannot be opened with this master key",
            )
        })?;
        let is_first = self.store.outbox().show_signing_secret(row.id).await;
        let secret = is_first.map_err(failed)?.then_some(text);
        Ok(view(&tenant, &rows, self.clock.now(), secret))
    }

    /// Makes a tenant's next secret and shows it. The one before goes on signing for seven days.
    ///
    /// # Errors
    /// A refusal when there is no such tenant, or somebody else does the same at this moment.
    pub async fn rotate(&self, tenant: Option<&str>) -> Result<SecretView, Refusal> {
        let tenant = self.tenant(tenant).await?;
        let (mut row, text) = self.make(tenant.id);
        row.is_shown = true;
        let until = row.made_at.plus(OVERLAP_MS);
        let rotated = self.store.outbox().rotate_signing_secret(&row, until).await;
        if !rotated.map_err(|error| unavailable(&error))? {
            let message = "somebody else is rotating the secret; look again";
            return Err(Refusal::new(RefusalKind::Unavailable, message));
        }
        let rows = self.rows(tenant.id).await.map_err(|error| unavailable(&error))?;
        Ok(view(&tenant, &rows, self.clock.now(), Some(text)))
    }

    async fn tenant(&self, name: Option<&str>) -> Result<Tenant, Refusal> {
        let tenants = self
            .store
            .registry()
            .tenants()
            .await
            .map_err(|error| unavailable(&error))?;
        let name = name.unwrap_or(DEFAULT_TENANT);
        let names: Vec<String> = tenants.iter().map(|tenant| tenant.name.clone()).collect();
        let found = tenants.into_iter().find(|tenant| tenant.name == name);
        found
            .ok_or_else(|| Refusal::invalid("tenant", format!("there is no tenant `{name}`")).allowing(names))
    }

    /// The rows of a tenant; one is made where there is none. Of many who make one, one does.
    async fn rows(&self, tenant: TenantId) -> Result<Vec<SigningSecret>, StoreError> {
        let rows = self.store.outbox().signing_secrets(tenant).await?;
        if !rows.is_empty() {
            return Ok(rows);
        }
        let (row, _) = self.make(tenant);
        self.store.outbox().keep_signing_secret(&row).await?;
        self.store.outbox().signing_secrets(tenant).await
    }

    fn make(&self, tenant: TenantId) -> (SigningSecret, SecretString) {
        let mut bytes = self.ids.secret();
        let text = format!("{PREFIX}{}", STANDARD.encode(bytes));
        bytes.zeroize();
        let id = self.ids.id();
        let row = SigningSecret {
            id,
            tenant,
            sealed: self.sealer.seal(text.as_bytes(), &owner(id), &*self.ids),
            made_at: self.clock.now(),
            ends_at: None,
            is_shown: false,
        };
        (row, SecretString::from(text))
    }

    fn open(&self, row: &SigningSecret) -> Result<SecretString, String> {
        use secrecy::ExposeSecret as _;
        let opened = self.sealer.open(&row.sealed, &owner(row.id));
        let opened = opened.map_err(|why| format!("a signing secret cannot be opened: {why}"))?;
        let text = String::from_utf8(opened.expose_secret().to_vec());
        let text = text.map_err(|_| "a signing secret is no text".to_owned())?;
        Ok(SecretString::from(text))
    }
}

/// What a secret is sealed for: it opens in this row only.
fn owner(id: Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

fn view(tenant: &Tenant, rows: &[SigningSecret], now: Millis, secret: Option<SecretString>) -> SecretView {
    let ends = rows.iter().filter_map(|row| row.ends_at);
    SecretView {
        object: "signing_secret".to_owned(),
        tenant: tenant.name.clone(),
        created_at: rows.first().map(|row| time(row.made_at)).unwrap_or_default(),
        previous_until: ends.filter(|end| *end > now).max().map(time),
        secret,
    }
}
