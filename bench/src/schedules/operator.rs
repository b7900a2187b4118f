//! What the operator does in a schedule: money, keys, prices.

use std::sync::Arc;

use domain::price::{Edition, EditionHead};
use domain::tenant::{KeyRole, KeyTerms, Limits, TenantTerms};
use domain::{Clock as _, LedgerAccount, Line, LineKind, Micros, TenantId};

use fastrand::Rng;

use super::play::{Held, Player};

impl Player {
    async fn move_money(
        &mut self,
        kind: LineKind,
        from: LedgerAccount,
        to: LedgerAccount,
        amount: i64,
    ) -> anyhow::Result<()> {
        self.moves += 1;
        let line = Line {
            task: None,
            tenant: from.tenant().or(to.tenant()),
            kind,
            sequence: self.moves,
            from,
            to,
            amount: Micros(amount),
            at: self.ground.clock.now(),
            note: format!("the {}. of this schedule", self.moves),
        };
        self.house()?.engine.store().post(vec![line]).await?;
        Ok(())
    }

    pub(super) async fn credit(&mut self, tenant: TenantId, amount: i64) -> anyhow::Result<()> {
        self.note(format!("{tenant:?} is credited with {amount}"));
        let to = LedgerAccount::Available(tenant);
        self.move_money(LineKind::Credit, LedgerAccount::Funding, to, amount)
            .await?;
        self.books.put_in(tenant, amount);
        Ok(())
    }

    /// Some of what is available is taken back, or something is given.
    pub(super) async fn correct(&mut self) -> anyhow::Result<()> {
        let tenant = self.any_tenant();
        let pocket = LedgerAccount::Available(tenant);
        let available = self
            .books
            .tenants
            .get(&tenant)
            .map_or(0, |pockets| pockets.available);
        let taken = available.max(0) / 2;
        self.note(format!("{tenant:?} is corrected by -{taken}"));
        self.move_money(LineKind::Correction, pocket, LedgerAccount::Corrections, taken)
            .await?;
        self.books.put_in(tenant, -taken);
        Ok(())
    }

    pub(super) async fn new_key(&mut self, tenant: TenantId) -> anyhow::Result<()> {
        let terms = KeyTerms {
            limits: limits(&mut self.rng),
            ..KeyTerms::default()
        };
        let wish = reelway::bootstrap::Wish {
            tenant,
            name: "a key",
            role: KeyRole::Client,
            dialect: None,
            expires_at: None,
            terms,
        };
        let store = self.house()?.engine.store();
        let (clock, ids) = (&*self.ground.clock, &*self.ground.ids);
        let (key, text) = reelway::bootstrap::issue(&**store, clock, ids, &wish).await?;
        self.keys.push(Held {
            id: key.id,
            tenant,
            text,
            is_revoked: false,
        });
        Ok(())
    }

    /// Something else is agreed with a tenant.
    pub(super) async fn agree(&mut self, tenant: TenantId) -> anyhow::Result<()> {
        let terms = TenantTerms {
            limits: limits(&mut self.rng),
            ..TenantTerms::default()
        };
        let house = self.house()?;
        let registry = house.engine.store().registry();
        let there = registry.tenant(tenant).await?;
        let read = there.map(|tenant| tenant.terms).unwrap_or_default();
        registry.set_tenant_terms(tenant, &read, &terms, None).await?;
        house.gate.forget_all();
        self.note(format!("{tenant:?} has other limits"));
        Ok(())
    }

    pub(super) async fn revoke(&mut self) -> anyhow::Result<()> {
        let at = self.rng.usize(0..self.keys.len());
        let now = self.ground.clock.now();
        let registry = self.house()?.engine.store().registry();
        registry.revoke_key(self.keys[at].id, now).await?;
        self.house()?.gate.forget_all();
        self.keys[at].is_revoked = true;
        self.note(format!("key {at} is revoked"));
        let tenant = self.keys[at].tenant;
        if self.keys.iter().all(|key| key.tenant != tenant || key.is_revoked) {
            self.new_key(tenant).await?;
        }
        Ok(())
    }

    /// Another edition of the book comes into force; what was taken keeps its price.
    pub(super) async fn change_prices(&mut self) -> anyhow::Result<()> {
        self.editions += 1;
        let factor = self.rng.i64(0..40);
        let mut book = (*self.house()?.engine.book()).clone();
        book.version = format!("edition {}", self.editions);
        for row in &mut book.rows {
            row.price_micros = Micros(1_000 + row.price_micros.0 % 100_000 * factor / 10);
        }
        let now = self.ground.clock.now();
        let head = EditionHead {
            version: book.version.clone(),
            effective_at: now.plus(self.rng.i64(-60_000..120_000)),
            loaded_at: now,
            loaded_by: "a schedule".to_owned(),
        };
        self.note(format!("{} is loaded", head.version));
        let edition = Edition {
            head,
            book: Arc::new(book),
        };
        let engine = &self.house()?.engine;
        engine.store().pricing().keep_edition(&edition).await?;
        engine.refresh_prices().await?;
        Ok(())
    }
}

/// What a key or a tenant may use: often nothing is said.
pub(super) fn limits(rng: &mut Rng) -> Limits {
    let mut some = |most: i64| (rng.u8(0..4) == 0).then(|| Micros(rng.i64(0..most)));
    let (budget_micros, day_budget_micros, task_budget_micros) =
        (some(4_000_000), some(2_000_000), some(1_500_000));
    Limits {
        budget_micros,
        day_budget_micros,
        task_budget_micros,
        requests_per_minute: None,
        concurrent_tasks: (rng.u8(0..4) == 0).then(|| rng.u32(1..4)),
    }
}
