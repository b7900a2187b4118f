//! Tenants, keys, items: what is written once and read by its names. Their SQL is every database's.

use async_trait::async_trait;
use domain::item::Item;
use domain::store::{Booked, Entry, Founding, StoreError};
use domain::tenant::{Key, Tenant};

use crate::cache::Written;
use crate::nouns::Columns as _;
use crate::postgres::cells::Cells;
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Job, Param, Session, fetch, run};
use crate::postgres::statements::Book;
use crate::rows::{self, ProofRow};
use crate::sql;

/// Creates a tenant with its pockets.
pub(super) struct CreateTenant(pub(super) Tenant);

#[async_trait]
impl Job for CreateTenant {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        let tenant = &self.0;
        let id = &rows::id_bytes(tenant.id.0)[..];
        let terms = rows::terms_text(&tenant.terms)?;
        let params: [Param<'_>; 4] = [&id, &tenant.name, &tenant.created_at.0, &terms];
        if run(client, sql::CREATE_TENANT, &params).await? == 0 {
            return Err(StoreError::Taken(tenant.name.clone()).into());
        }
        run(client, sql::CREATE_PURSE, &[&id, &i64::from(tenant.unlimited)]).await?;
        Ok(Written::other(()))
    }
}

/// Takes a tenant in with its keys and its first credit.
pub(super) struct TakeIn {
    tenant: CreateTenant,
    keys: Vec<CreateKey>,
    credit: Option<(Entry, Book)>,
}

impl TakeIn {
    pub(super) fn of(newcomer: &Founding) -> Result<TakeIn, StoreError> {
        let credit = newcomer.credit.as_ref();
        let credit = credit.map(|credit| Ok((credit.clone(), Book::of(credit)?)));
        Ok(TakeIn {
            tenant: CreateTenant(newcomer.tenant.clone()),
            keys: newcomer.keys.iter().cloned().map(CreateKey).collect(),
            credit: credit.transpose()?,
        })
    }
}

#[async_trait]
impl Job for TakeIn {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        self.tenant.run(client).await?;
        for key in &self.keys {
            key.run(client).await?;
        }
        let Some((credit, book)) = &self.credit else {
            return Ok(Written::other(()));
        };
        match book.run(client).await?.answer {
            Booked::Done(_) => Ok(Written::other(())),
            refused => Err(rows::no_first_credit(credit, &refused).into()),
        }
    }
}

/// Founds a store without tenants.
pub(super) struct Found(pub(super) TakeIn);

#[async_trait]
impl Job for Found {
    type Answer = bool;

    async fn run(&self, client: &Session<'_>) -> Result<Written<bool>, Trouble> {
        if !fetch(client, sql::TENANTS, &[]).await?.is_empty() {
            return Ok(Written::other(false));
        }
        self.0.run(client).await?;
        Ok(Written::other(true))
    }
}

/// Creates a key.
pub(super) struct CreateKey(pub(super) Key);

#[async_trait]
impl Job for CreateKey {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        let key = &self.0;
        let proof = ProofRow::of(&key.proof);
        let created = run(
            client,
            sql::CREATE_KEY,
            &[
                &&rows::id_bytes(key.id.0)[..],
                &&rows::id_bytes(key.tenant.0)[..],
                &key.name,
                &key.role.word(),
                &proof.hash,
                &key.hint,
                &key.dialect.as_deref(),
                &key.created_at.0,
                &key.expires_at.map(|at| at.0),
                &key.revoked_at.map(|at| at.0),
                &proof.access,
                &proof.sealed_by,
                &proof.sealed,
                &rows::terms_text(&key.terms)?,
                &&rows::id_bytes(key.holder.0)[..],
            ],
        )
        .await?;
        if created == 0 {
            return Err(rows::key_taken().into());
        }
        Ok(Written::other(()))
    }
}

/// Creates an item; the database gives it its wire id.
pub(super) async fn create_item(ground: &Ground, item: &Item) -> Result<Item, StoreError> {
    let created = ground
        .tell(
            sql::CREATE_ITEM,
            &[
                &&rows::id_bytes(item.id.0)[..],
                &&rows::id_bytes(item.tenant.0)[..],
                &item.kind.word(),
                &item.account,
                &item.vendor_ref,
                &item.task.map(|task| rows::id_bytes(task.0).to_vec()),
                &item.state.word(),
                &item.created_at.0,
                &item.expires_at.map(|at| at.0),
                &item.detail.to_string(),
            ],
        )
        .await?;
    let row = created
        .first()
        .ok_or_else(|| StoreError::Taken(item.id.0.hex()))?;
    Ok(Item {
        wire_id: Cells(row).number(0)?,
        ..item.clone()
    })
}

/// Replaces what changes of an item; whether it is there.
pub(super) async fn update_item(ground: &Ground, item: &Item) -> Result<bool, StoreError> {
    let updated = ground
        .ask(
            &format!("{} RETURNING wire_id", sql::UPDATE_ITEM),
            &[
                &item.state.word(),
                &item.vendor_ref,
                &item.expires_at.map(|at| at.0),
                &item.detail.to_string(),
                &&rows::id_bytes(item.id.0)[..],
                &&rows::id_bytes(item.tenant.0)[..],
            ],
        )
        .await?;
    Ok(!updated.is_empty())
}
