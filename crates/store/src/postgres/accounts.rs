//! Accounts that were enrolled while the gateway runs.

use async_trait::async_trait;
use domain::Millis;
use domain::account::{Duty, Enrolled};
use domain::credentials::LoginKind;
use domain::ids::AccountId;
use domain::store::StoreError;

use crate::cache::Written;
use crate::nouns::{self, Columns as _};
use crate::postgres::cells::{self, Cells};
use crate::postgres::fault::Trouble;
use crate::postgres::ground::{Ground, Job, Session, run};
use crate::{rows, sql};

/// The account of a task that is in flight.
const ACCOUNT: &str = "(course::json #>> '{state,account}')";

/// Keeps a new account.
pub(super) struct Enrol(pub(super) Enrolled);

#[async_trait]
impl Job for Enrol {
    type Answer = ();

    async fn run(&self, client: &Session<'_>) -> Result<Written<()>, Trouble> {
        let account = &self.0;
        let id = &rows::id_bytes(account.id.0)[..];
        let sealed = account.sealed.as_ref();
        let created = run(
            client,
            sql::ENROL,
            &[
                &id,
                &account.name,
                &account.provider,
                &account.duty.word(),
                &account.login.map(LoginKind::word),
                &rows::terms_text(&account.terms)?,
                &account.created_at.0,
                &account.changed_at.0,
                &sealed.map(|sealed| sealed.master.as_str()),
                &sealed.map(|sealed| sealed.bytes.as_slice()),
            ],
        )
        .await?;
        // Of a try whose answer was lost the row is there already.
        let known = client.query_one(sql::IS_ENROLLED, &[&id]).await?;
        if created == 0 && Cells(&known).number(0)? == 0 {
            return Err(StoreError::Taken(account.name.clone()).into());
        }
        Ok(Written::other(()))
    }
}

pub(super) async fn all(ground: &Ground) -> Result<Vec<Enrolled>, StoreError> {
    cells::all(&ground.ask(sql::ENROLLED, &[]).await?, nouns::enrolled_of)
}

pub(super) async fn set_duty(
    ground: &Ground,
    id: AccountId,
    duty: Duty,
    at: Millis,
) -> Result<bool, StoreError> {
    let id = &rows::id_bytes(id.0)[..];
    let returning = |sql: &str| format!("{sql} RETURNING id");
    let changed = match duty {
        Duty::Removed => {
            ground
                .tell(&returning(sql::REMOVE_ACCOUNT), &[&at.0, &id])
                .await?
        }
        duty => {
            let word = duty.word();
            ground
                .ask(&returning(sql::SET_DUTY), &[&word, &at.0, &id])
                .await?
        }
    };
    Ok(!changed.is_empty())
}

pub(super) async fn is_in_use(ground: &Ground, name: &str) -> Result<bool, StoreError> {
    let sql = sql::IS_IN_USE.replace("{account}", ACCOUNT);
    let found = cells::one(&ground.ask(&sql, &[&name]).await?, |row| row.number(0))?;
    Ok(found == Some(1))
}
