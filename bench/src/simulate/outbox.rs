//! The outbox of a store that fails as the plan says. No client of a run wants to be called back, so that it
//! is passed on as it is; the world only knows that a call is under way.

use async_trait::async_trait;
use domain::ids::TenantId;
use domain::store::{
    Delivery, DeliveryFilter, Errand, ErrandClaim, Outbox, Outstanding, SigningSecret, StoreError, Tried,
};
use domain::{Id, Millis, TaskId};

use super::shaky::Shaky;

impl Shaky {
    async fn passed_on<T>(&self, call: impl Future<Output = T>) -> T {
        let _busy = self.world.busy();
        call.await
    }
}

#[async_trait]
impl Outbox for Shaky {
    async fn receivers(&self) -> Result<Vec<(String, Millis)>, StoreError> {
        self.passed_on(self.inner.outbox().receivers()).await
    }

    async fn claim_errands(&self, claim: &ErrandClaim) -> Result<Vec<Errand>, StoreError> {
        self.passed_on(self.inner.outbox().claim_errands(claim)).await
    }

    async fn keep_body(&self, id: &str, body: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.passed_on(self.inner.outbox().keep_body(id, body)).await
    }

    async fn tried(&self, tried: &Tried) -> Result<bool, StoreError> {
        self.passed_on(self.inner.outbox().tried(tried)).await
    }

    async fn delivery(&self, owner: Option<TenantId>, id: &str) -> Result<Option<Delivery>, StoreError> {
        self.passed_on(self.inner.outbox().delivery(owner, id)).await
    }

    async fn deliveries_of(&self, task: TaskId) -> Result<Vec<Delivery>, StoreError> {
        self.passed_on(self.inner.outbox().deliveries_of(task)).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        self.passed_on(self.inner.outbox().deliveries(filter)).await
    }

    async fn replay(&self, id: &str, now: Millis, since: Millis) -> Result<bool, StoreError> {
        self.passed_on(self.inner.outbox().replay(id, now, since)).await
    }

    async fn forget_deliveries(&self, before: Millis, limit: usize) -> Result<u64, StoreError> {
        self.passed_on(self.inner.outbox().forget_deliveries(before, limit))
            .await
    }

    async fn outstanding(&self) -> Result<Outstanding, StoreError> {
        self.passed_on(self.inner.outbox().outstanding()).await
    }

    async fn signing_secrets(&self, tenant: TenantId) -> Result<Vec<SigningSecret>, StoreError> {
        self.passed_on(self.inner.outbox().signing_secrets(tenant)).await
    }

    async fn keep_signing_secret(&self, secret: &SigningSecret) -> Result<bool, StoreError> {
        self.passed_on(self.inner.outbox().keep_signing_secret(secret))
            .await
    }

    async fn rotate_signing_secret(&self, secret: &SigningSecret, until: Millis) -> Result<bool, StoreError> {
        self.passed_on(self.inner.outbox().rotate_signing_secret(secret, until))
            .await
    }

    async fn show_signing_secret(&self, id: Id) -> Result<bool, StoreError> {
        self.passed_on(self.inner.outbox().show_signing_secret(id)).await
    }
}
