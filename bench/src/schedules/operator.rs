//! What the operator does in a schedule: money, keys, prices.

use domain::tenant::{KeyRole, KeyTerms};
use domain::{Clock as _, LedgerAccount, Line, LineKind, Micros, TenantId};

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
        let wish = reelway::bootstrap::Wish {
            tenant,
            name: "a key",
            role: KeyRole::Client,
            dialect: None,
            expires_at: None,
            terms: KeyTerms::default(),
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
        self.ground.book.version = format!("edition {}", self.editions);
        for row in &mut self.ground.book.rows {
            row.price_micros = Micros(1_000 + row.price_micros.0 % 100_000 * factor / 10);
        }
        self.note(format!("{}: prices change", self.ground.book.version));
        self.reopen().await
    }
}
