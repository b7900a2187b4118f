//! Remember: items that a success makes, changes or takes away are written down before the success is
//! committed. One task makes at most one item and gives it its own id, so that a step that is made again
//! after a crash finds the item that the first one made.

use std::sync::Arc;

use domain::findings::{self, Place};
use domain::ids::ItemId;
use domain::item::{Item, ItemKind, ItemState};
use domain::store::StoreError;
use domain::{Findings, Operation, Task};
use serde_json::{Value, json};

use crate::Engine;
use crate::advance::Halt;

/// How long a session lives, in milliseconds: a day, as at the vendor.
const SESSION_LIFE_MS: i64 = 24 * 60 * 60 * 1_000;

impl Engine {
    /// Writes down what a success leaves to be remembered, and fills the item's wire id into what is told.
    pub(crate) async fn remember(
        &self,
        task: &Arc<Task>,
        account: &str,
        found: Option<&Findings>,
    ) -> Result<Option<Box<Findings>>, Halt> {
        let Some(found) = found else { return Ok(None) };
        let ask = &task.origin.ask;
        if task.course.cancel_requested {
            return Ok(Some(Box::new(found.clone())));
        }
        if ask.operation == Operation::ItemDeletion {
            for mention in &ask.mentions {
                if let Some(item) = &mention.item {
                    self.change_item(task, item.id, |item| item.state = ItemState::Deleted)
                        .await?;
                }
            }
            return Ok(Some(Box::new(found.clone())));
        }
        let Some(kind) = ask.operation.makes() else {
            return Ok(Some(Box::new(found.clone())));
        };
        let known = ask.mentions.iter().find(|mention| mention.kind == kind);
        let wire_id = match known.and_then(|mention| mention.item.as_ref()) {
            None => self.make_item(task, account, kind, found).await?.wire_id,
            Some(known) => {
                let remember = |item: &mut Item| {
                    if !found.memory.is_null() {
                        item.detail = found.memory.clone();
                    }
                };
                self.change_item(task, known.id, remember).await?.wire_id
            }
        };
        let fill = |place| match place {
            Place::ItemNumber => Some(json!(wire_id)),
            Place::ItemText => Some(Value::String(wire_id.to_string())),
            Place::File(_) | Place::Artifact(_) => None,
        };
        Ok(Some(Box::new(Findings {
            told: findings::filled(&found.told, &fill),
            ..found.clone()
        })))
    }

    async fn make_item(
        &self,
        task: &Task,
        account: &str,
        kind: ItemKind,
        found: &Findings,
    ) -> Result<Item, Halt> {
        let now = self.clock.now();
        let is_session = matches!(kind, ItemKind::FaceSession | ItemKind::SelectionSession);
        let item = Item {
            id: ItemId(task.id().0),
            wire_id: 0,
            tenant: task.origin.tenant,
            kind,
            account: Some(account.to_owned()),
            vendor_ref: found.vendor_ref.clone(),
            task: Some(task.id()),
            state: ItemState::Ready,
            created_at: now,
            expires_at: is_session.then(|| now.plus(SESSION_LIFE_MS)),
            detail: found.memory.clone(),
        };
        match self.store.create_item(&item).await {
            Ok(item) => Ok(item),
            Err(StoreError::Taken(_)) => self.item_of(task, item.id).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn change_item(
        &self,
        task: &Task,
        id: ItemId,
        change: impl FnOnce(&mut Item),
    ) -> Result<Item, Halt> {
        let mut item = self.item_of(task, id).await?;
        change(&mut item);
        self.store.update_item(&item).await?;
        Ok(item)
    }

    async fn item_of(&self, task: &Task, id: ItemId) -> Result<Item, Halt> {
        let item = self.store.item(task.origin.tenant, id).await?;
        item.ok_or_else(|| Halt::Store(StoreError::Corrupt(format!("item `{}` is gone", id.0.hex()))))
    }
}
