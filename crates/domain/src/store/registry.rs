//! The registry: tenants, their keys, and the terms of both.

use async_trait::async_trait;

use crate::clock::Millis;
use crate::ids::{Id, KeyId, TenantId};
use crate::store::{Founding, StoreError};
use crate::tenant::{Key, KeyTerms, Tenant, TenantTerms};

/// What one process let through of the requests of a key or a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateTaken {
    /// The key's or the tenant's id.
    pub holder: Id,
    /// How much of the holder's time the requests took, in microseconds: a minute is as many as it may send
    /// in one.
    pub weight_micros: i64,
    /// How long ago the first of them was, in microseconds.
    pub passed_micros: i64,
}

/// How far ahead of the clock the requests of a key or a tenant are, over all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateAhead {
    /// The key's or the tenant's id.
    pub holder: Id,
    /// By so many microseconds; negative: it could have sent more.
    pub micros: i64,
}

/// What became of terms that were to take the place of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// They are in force.
    Done,
    /// Other terms than those that were read are in force by now; nothing was written.
    Stale,
    /// There is no such tenant or key; nothing was written.
    Absent,
}

/// Tenants and keys.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Creates a tenant.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the name is.
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError>;

    /// Takes a tenant in with its keys and its first credit, all in one commit.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its id or name is, or a key is; then nothing is written.
    async fn take_in(&self, newcomer: &Founding) -> Result<(), StoreError>;

    /// All tenants, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError>;

    /// Creates a key.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its id, its hash or its access name is.
    async fn create_key(&self, key: &Key) -> Result<(), StoreError>;

    /// The key with this hash (SHA-256 of the secret, hexadecimal).
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn key_by_hash(&self, hash: &str) -> Result<Option<Key>, StoreError>;

    /// The pair with this access name.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn key_by_access(&self, access: &str) -> Result<Option<Key>, StoreError>;

    /// All keys, oldest first; of one tenant, when named.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn keys(&self, tenant: Option<TenantId>) -> Result<Vec<Key>, StoreError>;

    /// Revokes a key; false when there is no such key. Revoking twice keeps the first moment.
    ///
    /// # Errors
    /// [`StoreError`] when it was not revoked.
    async fn revoke_key(&self, id: KeyId, at: Millis) -> Result<bool, StoreError>;

    /// One tenant.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError>;

    /// Puts terms of a tenant in the place of those that were read, as long as these are in force. Whether
    /// its balance is looked at is changed in the same commit, when told.
    ///
    /// # Errors
    /// [`StoreError`] when it is not known that they were replaced.
    async fn set_tenant_terms(
        &self,
        id: TenantId,
        read: &TenantTerms,
        terms: &TenantTerms,
        unlimited: Option<bool>,
    ) -> Result<Replaced, StoreError>;

    /// Puts terms of a key in the place of those that were read, as long as these are in force.
    ///
    /// # Errors
    /// [`StoreError`] when it is not known that they were replaced.
    async fn set_key_terms(
        &self,
        id: KeyId,
        read: &KeyTerms,
        terms: &KeyTerms,
    ) -> Result<Replaced, StoreError>;

    /// Adds what this process let through to what all did, and answers how far ahead each holder is then;
    /// each holder at most once. A weight of zero only asks, and is not answered where nothing was told of
    /// the holder. Nothing where no other process can be at work.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    async fn exchange_rates(&self, taken: &[RateTaken]) -> Result<Vec<RateAhead>, StoreError>;

    /// Creates `key` in the place of an older one, which stops working at `ends_at`, or when it would
    /// have stopped without this, if that is earlier; both in one commit. False, and nothing is written,
    /// when the older one is not there or is revoked.
    ///
    /// # Errors
    /// [`StoreError::Taken`] as in creating a key; [`StoreError`] when nothing was written.
    async fn rotate_key(&self, old: KeyId, ends_at: Millis, key: &Key) -> Result<bool, StoreError>;
}
