//! Submit: a wish goes in. Quote, route check, hold and the answer to a repeat commit in one
//! transaction; only then is it acknowledged. No upstream is called here.

use std::sync::Arc;

use domain::dialect::{Names, Submission};
use domain::http::Reply;
use domain::limits::Hit;
use domain::store::{Birth, Existing, Filter, Idempotency, Listing, Outcome, Page, StoreError, Try};
use domain::task::Origin;
use domain::{Ask, Face, Micros, Quote, Refusal, RefusalKind, Task, TaskId, TenantId};

use crate::erase::seen;
use crate::{ANIMATIC, Caller, Engine};

/// Longest external id, in bytes.
const MAX_EXTERNAL_ID_BYTES: usize = 256;
/// Longest idempotency key, in bytes.
const MAX_IDEMPOTENCY_KEY_BYTES: usize = 256;

/// The client's wish to be answered once, however often it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyAsk {
    /// Tenant, key and route, as one string.
    pub scope: String,
    /// The client's idempotency key; where it gave none, a name for equal bodies.
    pub key: String,
    /// How the submit may be a repeat.
    pub tries: Try,
    /// SHA-256 of the body, in hexadecimal.
    pub body_hash: String,
}

/// A submit with all that belongs to it.
pub struct Order<'a> {
    /// Who asks.
    pub caller: Caller,
    /// The door that it came through.
    pub face: Face,
    /// The base of links in webhooks.
    pub base_url: String,
    /// The wish.
    pub submission: Box<Submission>,
    /// The repeat guard.
    pub idempotency: Option<IdempotencyAsk>,
    /// Writes the acknowledgement; kept with the repeat guard, byte for byte.
    pub render: &'a (dyn Fn(&Task) -> Reply + Sync),
}

/// What a submit came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The task.
    pub task: TaskId,
    /// The acknowledgement.
    pub reply: Reply,
    /// Whether this was a repeat that is answered with the first task.
    pub replayed: bool,
}

impl Engine {
    /// Takes a wish.
    ///
    /// # Errors
    /// A refusal; nothing was created and nothing held.
    pub async fn submit(&self, mut order: Order<'_>) -> Result<Taken, Refusal> {
        check_names(&order)?;
        if let Some(ask) = &order.idempotency
            && ask.tries == Try::Named
            && let Some(existing) = self
                .store
                .idempotent(&ask.scope, &ask.key)
                .await
                .map_err(unavailable)?
        {
            return self.repeated(order.caller.tenant, existing, Some(ask)).await;
        }
        let pinned = self.refer(order.caller.tenant, &mut order.submission.ask).await?;
        let quote = self.quote(order.caller.tenant, &order.submission.ask).await?;
        let (caller, ask, render) = (order.caller, order.idempotency.take(), order.render);
        let origin = self.origin(order, pinned, quote)?;
        let change = Arc::new(Task::born(origin));
        let task = change.task.id();
        let reply = render(&change.task);
        let idempotency = ask.as_ref().map(|ask| Idempotency {
            scope: ask.scope.clone(),
            key: ask.key.clone(),
            tries: ask.tries,
            body_hash: ask.body_hash.clone(),
            answer: reply.clone(),
        });
        let birth = Box::new(Birth {
            change: Arc::clone(&change),
            idempotency,
            guards: caller.guards,
        });
        let born = &change.task;
        match self.committer.insert(birth).await {
            Ok(Outcome::Done) => {
                self.tell(born, "submitted");
                let is_awaited = born.origin.callback_url.is_some();
                if is_awaited {
                    self.look_for_webhooks();
                }
                let may_go = self.may_go(&born.origin.lane);
                if may_go {
                    self.expect_queue(self.clock.now());
                }
                if is_awaited || may_go {
                    self.bell.notify_one();
                }
                Ok(Taken {
                    task,
                    reply,
                    replayed: false,
                })
            }
            Ok(Outcome::NoMoney) => Err(Refusal::new(
                RefusalKind::NoMoney,
                format!(
                    "the balance does not cover {} USD",
                    born.origin.quote.hold_micros.dollars()
                ),
            )),
            Ok(Outcome::Limited(hit)) => Err(limited(hit, born.origin.quote.hold_micros)),
            Ok(Outcome::Duplicate(existing)) => self.repeated(caller.tenant, existing, ask.as_ref()).await,
            Ok(Outcome::Stale | Outcome::NoSlot) | Err(StoreError::LostReply(_)) => Err(Refusal::new(
                RefusalKind::Ambiguous,
                "it is not known whether the task was taken",
            )),
            Err(error) => Err(unavailable(error)),
        }
    }

    fn origin(&self, order: Order<'_>, pinned: Option<String>, quote: Quote) -> Result<Origin, Refusal> {
        let (caller, submission) = (order.caller, *order.submission);
        let lane = self.lane(&submission.ask, pinned.as_deref())?;
        let id = TaskId(self.ids.id());
        let now = self.clock.now();
        if submission.deadline_at.is_some_and(|end| end <= now) {
            return Err(Refusal::invalid("deadline", "`deadline` has passed already"));
        }
        let life_ms = if lane == ANIMATIC {
            self.settings.animatic_deadline_ms
        } else {
            self.settings.upstream_deadline_ms
        };
        let deadline_at = now.plus(i64::try_from(life_ms).unwrap_or(i64::MAX));
        Ok(Origin {
            id,
            tenant: caller.tenant,
            key: caller.key,
            holder: (caller.holder != caller.key).then_some(caller.holder),
            face: order.face,
            // Seeds stay below 2^31, which every vendor and every JSON reader can hold.
            seed: submission.ask.seed.unwrap_or_else(|| self.ids.chance() >> 33),
            ask: Arc::new(submission.ask),
            quote,
            lane,
            pinned,
            client_ref: id.0.after("rw-"),
            external_id: submission.external_id,
            callback_url: submission.callback_url,
            base_url: order.base_url,
            created_at: now,
            deadline_at: submission
                .deadline_at
                .map_or(deadline_at, |end| end.min(deadline_at)),
        })
    }

    /// What a repeat is answered: the first answer, as long as its task was not taken away.
    async fn repeated(
        &self,
        tenant: TenantId,
        existing: Existing,
        ask: Option<&IdempotencyAsk>,
    ) -> Result<Taken, Refusal> {
        let taken = repeat(existing, ask)?;
        let task = self.store.task(tenant, taken.task).await.map_err(unavailable)?;
        if seen(task).is_none() {
            let message = "the task that was made with this idempotency key was taken away";
            return Err(Refusal::new(RefusalKind::NotFound, message).at("Idempotency-Key"));
        }
        Ok(taken)
    }

    /// Finds a task of a tenant by any spelling of its id, then by the tenant's own name for it.
    ///
    /// # Errors
    /// A refusal that does not tell an unknown task from another tenant's.
    pub async fn find(&self, tenant: TenantId, id: &str) -> Result<Arc<Task>, Refusal> {
        if let Some(id) = TaskId::parse(id)
            && let Some(task) = seen(self.store.task(tenant, id).await.map_err(unavailable)?)
        {
            return Ok(task);
        }
        if id.is_empty() || id.len() > MAX_EXTERNAL_ID_BYTES {
            return Err(Refusal::not_found());
        }
        let found = self
            .store
            .task_by_external_id(tenant, id)
            .await
            .map_err(unavailable)?;
        seen(found).ok_or_else(Refusal::not_found)
    }

    /// Reads a task of a tenant that was found before.
    ///
    /// # Errors
    /// A refusal when it is not there any more, or the store does not answer.
    pub async fn read(&self, tenant: TenantId, id: TaskId) -> Result<Arc<Task>, Refusal> {
        let found = self.store.task(tenant, id).await.map_err(unavailable)?;
        seen(found).ok_or_else(Refusal::not_found)
    }

    /// Checks and prices a wish as a submit would, and takes nothing.
    ///
    /// # Errors
    /// The refusal that a submit would get for the wish itself; money and names are not looked at.
    pub async fn appraise(&self, tenant: TenantId, mut ask: Ask) -> Result<Quote, Refusal> {
        let pinned = self.refer(tenant, &mut ask).await?;
        let quote = self.quote(tenant, &ask).await?;
        self.lane(&ask, pinned.as_deref())?;
        Ok(quote)
    }

    /// Finds several tasks of a tenant, in the order of their names; what is not there is left out.
    ///
    /// # Errors
    /// A refusal when the store does not answer.
    pub async fn look_up(&self, tenant: TenantId, names: &Names) -> Result<Listing, Refusal> {
        let mut tasks: Vec<Arc<Task>> = Vec::new();
        let (Names::Ids(list) | Names::External(list)) = names;
        for name in list {
            let found = match names {
                Names::Ids(_) => match TaskId::parse(name) {
                    Some(id) => self.store.task(tenant, id).await,
                    None => Ok(None),
                },
                Names::External(_) => self.store.task_by_external_id(tenant, name).await,
            };
            let found = seen(found.map_err(unavailable)?);
            tasks.extend(found.filter(|found| tasks.iter().all(|task| task.id() != found.id())));
        }
        Ok(Listing {
            tasks,
            has_more: false,
        })
    }

    /// Lists tasks of a tenant.
    ///
    /// # Errors
    /// A refusal when the store does not answer.
    pub async fn list(&self, tenant: TenantId, filter: &Filter, page: Page) -> Result<Listing, Refusal> {
        self.store.list(tenant, filter, page).await.map_err(unavailable)
    }
}

fn check_names(order: &Order<'_>) -> Result<(), Refusal> {
    let external_id = order.submission.external_id.as_deref().unwrap_or_default();
    if external_id.len() > MAX_EXTERNAL_ID_BYTES {
        let message = format!("the external id is longer than {MAX_EXTERNAL_ID_BYTES} bytes");
        return Err(Refusal::invalid("external_task_id", message));
    }
    if external_id.contains('\0') {
        // Not every database keeps it.
        let message = "the external id has a zero character (U+0000), which is not allowed";
        return Err(Refusal::invalid("external_task_id", message));
    }
    let Some(ask) = &order.idempotency else {
        return Ok(());
    };
    if ask.key.is_empty() || ask.key.len() > MAX_IDEMPOTENCY_KEY_BYTES {
        let message = format!("the idempotency key must have 1 to {MAX_IDEMPOTENCY_KEY_BYTES} bytes");
        return Err(Refusal::invalid("Idempotency-Key", message));
    }
    Ok(())
}

/// A limit of money is told with what the task would hold.
fn limited(hit: Hit, hold: Micros) -> Refusal {
    let mut refusal = Refusal::limited(hit);
    if refusal.kind == RefusalKind::OverBudget {
        refusal.message = format!("{}; it would hold {} USD", refusal.message, hold.dollars());
    }
    refusal
}

fn repeat(existing: Existing, ask: Option<&IdempotencyAsk>) -> Result<Taken, Refusal> {
    match existing {
        Existing::Idempotent {
            body_hash,
            answer,
            task,
        } => {
            if ask.is_some_and(|ask| ask.body_hash == body_hash) {
                return Ok(Taken {
                    task,
                    reply: answer,
                    replayed: true,
                });
            }
            Err(Refusal::new(
                RefusalKind::IdempotencyConflict,
                "this idempotency key was used before with another body",
            )
            .at("Idempotency-Key"))
        }
        Existing::ExternalId(task) => Err(Refusal::new(
            RefusalKind::DuplicateExternalId(task),
            "a task with this external id already exists",
        )
        .at("external_task_id")),
    }
}

/// The client's words for a database that does not answer; the cause is for the log.
#[expect(clippy::needless_pass_by_value, reason = "reads as a function for map_err")]
pub(crate) fn unavailable(error: StoreError) -> Refusal {
    tracing::error!(%error, "the store did not answer");
    let mut refusal = Refusal::new(
        RefusalKind::Unavailable,
        "the service cannot take requests right now",
    );
    refusal.retry_after_seconds = Some(2);
    refusal
}
