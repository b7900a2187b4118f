//! Refer: what a wish names of the tenant's own, earlier results and kept items, is found before the task is
//! born, and the task goes where these are kept. Whose they are is asked of the store; nothing is changed.

use std::sync::Arc;

use domain::ask::{Mentioned, Parent};
use domain::ids::ArtifactId;
use domain::item::ItemState;
use domain::{
    Artifact, Ask, Id, Input, Mention, Operation, Refusal, RefusalKind, Source, Staged, Task, TenantId,
};

use crate::Engine;
use crate::erase::seen;
use crate::submit::unavailable;

/// How much longer an extended clip is than the one before it, in milliseconds.
const EXTENSION_MS: u64 = 5_000;

impl Engine {
    /// Completes a wish by what it names: earlier results become kept media, mentions get their items, and
    /// what the wish takes over from an earlier task is taken over. Answers the account that alone may take
    /// the task, if there is one.
    ///
    /// # Errors
    /// A refusal at the field that names what is not there, another tenant's, or kept at an account that
    /// is gone.
    pub(crate) async fn refer(&self, tenant: TenantId, ask: &mut Ask) -> Result<Option<String>, Refusal> {
        let mut pin = Pin::default();
        let mut mentions = std::mem::take(&mut ask.mentions);
        for mention in &mut mentions {
            let item = self.mentioned(tenant, mention).await?;
            pin.add(item.account.as_deref(), &mention.field)?;
            mention.item = Some(item);
        }
        ask.mentions = mentions;
        let mut inputs = std::mem::take(&mut ask.inputs);
        let mut first = None;
        for input in &mut inputs {
            if let Source::Earlier(name) = &input.source {
                let found = self.earlier(tenant, name, &input.field).await?;
                pin.add(found.task.course.account.as_deref(), &input.field)?;
                found.put_into(input)?;
                first = first.or(Some(found));
            }
        }
        ask.inputs = inputs;
        if let Some(found) = first.filter(|_| ask.operation == Operation::VideoExtend) {
            found.inherit(ask);
        }
        measure(ask);
        if let Some((account, field)) = &pin.0 {
            self.at_hand(account, field)?;
        }
        Ok(pin.0.map(|(account, _)| account))
    }

    async fn mentioned(&self, tenant: TenantId, mention: &Mention) -> Result<Mentioned, Refusal> {
        let found = match mention.name.parse() {
            Ok(wire_id) => {
                let found = self.store.item_by_wire_id(tenant, wire_id).await;
                found.map_err(unavailable)?
            }
            Err(_) => None,
        };
        let now = self.clock.now();
        let item = found.filter(|item| {
            item.kind == mention.kind
                && item.state == ItemState::Ready
                && item.expires_at.is_none_or(|end| end > now)
        });
        let Some(item) = item else {
            let kind = mention.kind.word().replace('_', " ");
            let message = format!("`{}` names no {kind}: `{}`", mention.field, mention.name);
            return Err(Refusal::invalid(&mention.field, message));
        };
        Ok(Mentioned {
            id: item.id,
            account: item.account,
            vendor_ref: item.vendor_ref,
            memory: item.detail,
        })
    }

    /// An earlier result by its own id, else the first result of the task of that name.
    async fn earlier(&self, tenant: TenantId, name: &str, field: &str) -> Result<Found, Refusal> {
        if let Some(id) = Id::from_any(name).map(ArtifactId) {
            let candidates: Vec<_> = id.tasks().collect();
            let tasks = self.store.any_tasks(&candidates).await.map_err(unavailable)?;
            let own = tasks
                .into_iter()
                .filter_map(seen)
                .filter(|task| task.origin.tenant == tenant);
            for task in own {
                if let Some(file) = task.course.kept().iter().find(|file| file.id == id) {
                    let file = file.clone();
                    return Ok(Found { task, file });
                }
            }
        }
        let unknown = || Refusal::invalid(field, format!("`{field}` names no result: `{name}`"));
        let task = self
            .find(tenant, name)
            .await
            .map_err(|refusal| match refusal.kind {
                RefusalKind::NotFound => unknown(),
                _ => refusal,
            })?;
        let first = task.course.results().next().map(|(_, file)| file.clone());
        let Some(file) = first else {
            let message = format!("`{field}` names a task without a result: `{name}`");
            return Err(Refusal::invalid(field, message));
        };
        Ok(Found { task, file })
    }

    /// Whether new work may go to the account that keeps what a wish names.
    fn at_hand(&self, account: &str, field: &str) -> Result<(), Refusal> {
        if self.post(account).is_some_and(|post| post.is_kept()) {
            return Ok(());
        }
        let message = format!("the account that made what `{field}` names is not plugged in any more");
        Err(Refusal::new(RefusalKind::NoProvider, message).at(field))
    }
}

/// The one account that a wish may go to, with the field that said so first.
#[derive(Default)]
struct Pin(Option<(String, String)>);

impl Pin {
    fn add(&mut self, account: Option<&str>, field: &str) -> Result<(), Refusal> {
        match (account, &self.0) {
            (None, _) => {}
            (Some(account), None) => self.0 = Some((account.to_owned(), field.to_owned())),
            (Some(account), Some((pinned, _))) if pinned == account => {}
            (Some(_), Some((_, first))) => {
                let message = format!(
                    "`{field}` and `{first}` were made at different accounts and cannot be used together"
                );
                return Err(Refusal::invalid(field, message));
            }
        }
        Ok(())
    }
}

/// An earlier result with its task.
struct Found {
    task: Arc<Task>,
    file: Artifact,
}

impl Found {
    /// Puts the kept file in the place of its name.
    fn put_into(&self, input: &mut Input) -> Result<(), Refusal> {
        let staged = Staged {
            blob: self.file.blob.clone(),
            bytes: self.file.bytes,
            content_type: Some(self.file.content_type.clone()),
            facts: self.file.facts,
        };
        let judged = input.rule.as_ref().map_or(Ok(()), |rule| {
            rule.check_work(self.task.origin.ask.operation)?;
            rule.check(&staged)
        });
        if let Err(misfit) = judged {
            let message = format!("`{}` {misfit}", input.field);
            return Err(Refusal::media(&input.field, message));
        }
        input.source = Source::Staged(staged);
        input.parent = Some(Parent {
            task: self.task.id(),
            artifact: self.file.id,
            account: self.task.course.account.clone(),
            vendor_ref: self.file.vendor_ref.clone(),
        });
        Ok(())
    }

    /// Model, quality, frame and sound of a clip that is made longer are those of the clip.
    fn inherit(&self, ask: &mut Ask) {
        let earlier = &self.task.origin.ask;
        ask.model.clone_from(&earlier.model);
        ask.mode.clone_from(&earlier.mode);
        ask.fps = self.file.facts.fps.or(earlier.fps);
        ask.sound = earlier.sound;
        ask.size = earlier.size;
        if let (Some(width), Some(height)) = (self.file.facts.width, self.file.facts.height) {
            ask.size = domain::ask::Size { width, height };
        }
        ask.duration_ms = self.file.facts.duration_ms.unwrap_or(earlier.duration_ms) + EXTENSION_MS;
    }
}

/// A result that is as long as an input is priced by that one's length, once it is known.
fn measure(ask: &mut Ask) {
    let Some(role) = ask.lasts_like else { return };
    let mut inputs = ask.inputs.iter().filter(|input| input.role == role);
    let known = inputs.find_map(|input| match &input.source {
        Source::Staged(staged) => staged.facts.duration_ms,
        _ => None,
    });
    if let Some(known) = known {
        ask.duration_ms = ask.duration_ms.min(known.max(1));
    }
}
