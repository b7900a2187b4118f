//! Who could do the work: the lane of a wish, decided once at submit, and the account for a queued
//! task, decided when a slot is free.

use std::sync::Arc;

use domain::provider::{Account, Wire};
use domain::{Ask, Blobs, Provider, Refusal, RefusalKind, State, Task, Transport};

use crate::{ANIMATIC, Engine, ServeRule};

/// An account with its provider and its wire.
pub(crate) struct Post {
    pub(crate) account: Arc<Account>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) wire: Wire,
}

impl Post {
    pub(crate) fn new(
        account: Account,
        provider: Arc<dyn Provider>,
        transport: &Arc<dyn Transport>,
        blobs: &Arc<dyn Blobs>,
    ) -> Arc<Post> {
        let account = Arc::new(account);
        let wire = Wire {
            account: Arc::clone(&account),
            transport: Arc::clone(transport),
            blobs: Arc::clone(blobs),
        };
        Arc::new(Post {
            account,
            provider,
            wire,
        })
    }

    fn is_animatic(&self) -> bool {
        self.account.provider == ANIMATIC
    }

    /// Whether tasks of a lane may go here.
    pub(crate) fn serves(&self, lane: &str) -> bool {
        if self.is_animatic() || lane == ANIMATIC {
            return self.is_animatic() && lane == ANIMATIC;
        }
        if !self.account.models.is_empty() {
            return self.account.models.iter().any(|model| model == lane);
        }
        let listed = self.provider.manifest().models;
        listed.is_empty() || listed.contains(&lane)
    }
}

impl Engine {
    /// The lane of a wish: the embedded renderer's for its own model, for previews and where the
    /// serve rule says so; else the model's.
    pub(crate) fn lane(&self, ask: &Ask) -> Result<String, Refusal> {
        let animatic = self.posts.iter().find(|post| post.is_animatic());
        let alone = self.posts.iter().all(|post| post.is_animatic());
        let embedded = ask.model == ANIMATIC
            || ask.preview
            || match self.settings.animatic_serve {
                ServeRule::Always => true,
                ServeRule::WhenAlone => alone,
                ServeRule::Never => false,
            };
        let lane = if embedded { ANIMATIC } else { ask.model.as_str() };
        let post = if embedded {
            animatic
        } else {
            self.posts.iter().find(|post| post.serves(lane))
        };
        match post {
            Some(post) if post.provider.manifest().operations.contains(&ask.operation) => Ok(lane.to_owned()),
            Some(_) => Err(Refusal::new(
                RefusalKind::NoProvider,
                format!(
                    "nobody who is plugged in does `{}` for model `{}`",
                    ask.operation.word(),
                    ask.model
                ),
            )),
            None => Err(Refusal::new(
                RefusalKind::NoProvider,
                format!("no account serves model `{}`", ask.model),
            )),
        }
    }

    /// Every lane that has a free slot, with how many.
    pub(crate) fn free_lanes(&self) -> Vec<(String, usize)> {
        let mut lanes: Vec<(String, usize)> = Vec::new();
        for post in &self.posts {
            let free = self.pace.free(&post.account.name);
            if free == 0 {
                continue;
            }
            for lane in self.lanes_of(post) {
                match lanes.iter_mut().find(|(known, _)| *known == lane) {
                    Some((_, sum)) => *sum += free,
                    None => lanes.push((lane, free)),
                }
            }
        }
        lanes
    }

    fn lanes_of(&self, post: &Post) -> Vec<String> {
        if post.is_animatic() {
            return vec![ANIMATIC.to_owned()];
        }
        let models = self.book.models().into_iter().filter(|model| post.serves(model));
        models.map(ToOwned::to_owned).collect()
    }

    /// Takes a slot for a queued task at an account that serves its lane; the one with most free
    /// slots first, the pinned one only when there is one.
    pub(crate) fn assign(&self, task: &Task) -> Option<Arc<Post>> {
        let pinned = match &task.course.state {
            State::Queued { pinned, .. } => pinned.as_deref(),
            _ => None,
        };
        let mut posts: Vec<_> = self
            .posts
            .iter()
            .filter(|post| post.serves(&task.origin.lane))
            .filter(|post| pinned.is_none_or(|pinned| pinned == post.account.name))
            .collect();
        posts.sort_by_key(|post| std::cmp::Reverse(self.pace.free(&post.account.name)));
        let post = posts
            .into_iter()
            .find(|post| self.pace.reserve(task.id(), &post.account.name));
        post.map(Arc::clone)
    }

    /// The account by name, if it is still plugged in.
    pub(crate) fn post(&self, account: &str) -> Option<&Arc<Post>> {
        self.posts.iter().find(|post| post.account.name == account)
    }
}
