//! Who could do the work: the lane of a wish, decided once at submit, and the account for a queued
//! task, decided when a slot is free. Who is plugged in is in `roster.rs`.

use std::cmp::Reverse;
use std::sync::Arc;

use domain::{Ask, Operation, Refusal, RefusalKind, State, Task};

use crate::roster::Post;
use crate::{ANIMATIC, Engine, ServeRule};

impl Engine {
    /// The lane of a wish: the embedded renderer's for its own model, for previews and where the
    /// serve rule says so; else the model's. A paused account counts: the task waits for it. A wish that
    /// is pinned to an account goes into a lane of that account.
    pub(crate) fn lane(&self, ask: &Ask, pinned: Option<&str>) -> Result<String, Refusal> {
        let posts = self.roster.posts();
        let is_meant = |post: &&Arc<Post>| pinned.is_none_or(|name| name == post.account.name);
        let kept = || posts.iter().filter(is_meant).filter(|post| post.is_kept());
        let is_off = self.settings.animatic_serve == ServeRule::Never;
        let embedded = match pinned {
            // What comes of a preview stays a preview, and what was paid for is not continued by one.
            Some(_) => kept().all(|post| post.is_animatic()),
            None => ask.preview || self.is_embedded(&ask.model),
        };
        let lane = if embedded { ANIMATIC } else { ask.model.as_str() };
        let mut last = None;
        for post in kept().filter(|post| post.serves(lane) && !(is_off && post.is_animatic())) {
            match unfit(post, ask) {
                None => return Ok(lane.to_owned()),
                why => last = why,
            }
        }
        let why = last.unwrap_or_else(|| format!("no account serves model `{}`", ask.model));
        Err(Refusal::new(RefusalKind::NoProvider, why))
    }

    /// Whether wishes for a model are the embedded renderer's.
    fn is_embedded(&self, model: &str) -> bool {
        let posts = self.roster.posts();
        model == ANIMATIC
            || match self.settings.animatic_serve {
                ServeRule::Always => true,
                ServeRule::WhenAlone => {
                    let mut kept = posts.iter().filter(|post| post.is_kept());
                    kept.all(|post| post.is_animatic())
                }
                ServeRule::Never => false,
            }
    }

    /// The kinds of work that somebody who is plugged in does for a model, in the order of our own API; none
    /// where nobody serves it.
    #[must_use]
    pub fn offers(&self, model: &str) -> Vec<Operation> {
        let posts = self.roster.posts();
        let is_off = self.settings.animatic_serve == ServeRule::Never;
        let lane = if self.is_embedded(model) { ANIMATIC } else { model };
        let kept = posts.iter().filter(|post| post.is_kept());
        let serving = kept.filter(|post| post.serves(lane) && !(is_off && post.is_animatic()));
        let mut offered: Vec<Operation> = serving
            .flat_map(|post| post.provider.manifest().operations.iter().copied())
            .collect();
        offered.sort_unstable();
        offered.dedup();
        offered
    }

    /// The lanes of which work can be taken now: one list for all accounts that serve the same lanes, as
    /// long as one of them has a free slot.
    pub(crate) fn open_lanes(&self) -> Vec<Vec<String>> {
        let mut open = Vec::new();
        for post in self.roster.posts().iter().filter(|post| self.free_at(post) > 0) {
            let lanes = self.lanes_of(post);
            if !lanes.is_empty() && !open.contains(&lanes) {
                open.push(lanes);
            }
        }
        open
    }

    /// Whether there is any use in looking for a new task of a lane: an account that serves it has a free slot,
    /// or some account opens by itself. Where all slots are taken, whichever comes free first rings.
    pub(crate) fn may_go(&self, lane: &str) -> bool {
        let posts = self.roster.posts();
        let mut serving = posts.iter().filter(|post| post.serves(lane));
        serving.any(|post| self.free_at(post) > 0) || self.pace.next_opening().is_some()
    }

    /// Free slots of all accounts that serve exactly these lanes.
    pub(crate) fn free_in(&self, lanes: &[String]) -> usize {
        let posts = self.roster.posts();
        let same = posts.iter().filter(|post| self.lanes_of(post) == lanes);
        same.map(|post| self.free_at(post)).sum()
    }

    /// The lanes whose tasks wait for the same accounts as those of a lane, and the slots of these accounts.
    pub(crate) fn neighbours(&self, lane: &str) -> (Vec<String>, usize) {
        let (mut lanes, mut slots) = (vec![lane.to_owned()], 0);
        let posts = self.roster.posts();
        for post in posts.iter().filter(|post| post.is_working() && post.serves(lane)) {
            slots += self.pace.usable(&post.account.name);
            let served = self.lanes_of(post).into_iter();
            for other in served {
                if !lanes.contains(&other) {
                    lanes.push(other);
                }
            }
        }
        (lanes, slots)
    }

    fn free_at(&self, post: &Post) -> usize {
        if post.is_working() {
            self.pace.free(&post.account.name)
        } else {
            0
        }
    }

    fn lanes_of(&self, post: &Post) -> Vec<String> {
        if post.is_animatic() {
            return vec![ANIMATIC.to_owned()];
        }
        let mut models = self.shelf.models();
        models.retain(|model| post.serves(model));
        models
    }

    /// Takes a slot for a queued task at an account that serves it: the highest priority that has a free
    /// slot, there in turns by weight, among equals the one with most free slots; the pinned one only
    /// when there is one.
    pub(crate) fn assign(&self, task: &Task) -> Option<Arc<Post>> {
        let pinned = match &task.course.state {
            State::Queued { pinned, .. } => pinned.as_deref(),
            _ => None,
        };
        let free = |post: &Post| self.pace.free(&post.account.name);
        let posts = self.roster.posts();
        let fit = posts.iter().filter(|post| {
            post.is_working()
                && post.serves(&task.origin.lane)
                && pinned.is_none_or(|pinned| pinned == post.account.name)
                && unfit(post, &task.origin.ask).is_none()
                && free(post) > 0
        });
        let mut posts: Vec<Arc<Post>> = fit.cloned().collect();
        posts.sort_by_key(|post| (Reverse(post.account.priority), Reverse(free(post))));
        while let Some(first) = posts.first() {
            let highest = first.account.priority;
            let end = posts.partition_point(|post| post.account.priority == highest);
            let mut group: Vec<Arc<Post>> = posts.drain(..end).collect();
            self.roster.take_turns(&mut group);
            let found = group
                .into_iter()
                .find(|post| self.pace.reserve(task.id(), &post.account.name));
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// Why an account that serves the model cannot do the work.
fn unfit(post: &Post, ask: &Ask) -> Option<String> {
    if !post.provider.manifest().operations.contains(&ask.operation) {
        return Some(format!(
            "nobody who is plugged in does `{}` for model `{}`",
            ask.operation.word(),
            ask.model
        ));
    }
    let taken = match post.account.aliases.get(&ask.model) {
        None => post.provider.takes(ask, &post.account),
        Some(model) => {
            let ask = Ask {
                model: model.clone(),
                ..ask.clone()
            };
            post.provider.takes(&ask, &post.account)
        }
    };
    taken.err().map(|error| error.message)
}
