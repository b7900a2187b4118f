//! The roster: who is plugged in. A new roster takes the place of the old one as a whole, while work
//! goes on; steps that began with an old one end with it. Who gets which task is decided in `route.rs`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::account::Duty;
use domain::credentials::AccountFacts;
use domain::provider::{Account, Publish, UpstreamError, Wire};
use domain::{Ask, Blobs, Provider, Transport};
use parking_lot::{Mutex, RwLock};

use crate::{ANIMATIC, Engine};

/// Longest time for a question about a login.
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);

/// An account with its provider and its wire.
pub(crate) struct Post {
    pub(crate) account: Arc<Account>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) wire: Wire,
}

impl Post {
    /// Whether it is the embedded renderer's.
    pub(crate) fn is_animatic(&self) -> bool {
        self.account.provider == ANIMATIC
    }

    /// Whether it takes new tasks now.
    pub(crate) fn is_working(&self) -> bool {
        self.account.duty == Duty::Working
    }

    /// Whether new tasks may wait for it: it takes some now, or will again.
    pub(crate) fn is_kept(&self) -> bool {
        self.account.duty != Duty::Retired
    }

    /// A wish in the words of this account's vendor: some of our models have another name there.
    pub(crate) fn ask(&self, ask: &Arc<Ask>) -> Arc<Ask> {
        match self.account.aliases.get(&ask.model) {
            None => Arc::clone(ask),
            Some(model) => Arc::new(Ask {
                model: model.clone(),
                ..Ask::clone(ask)
            }),
        }
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
        let named = self.account.aliases.get(lane).map_or(lane, String::as_str);
        listed.is_empty() || listed.contains(&named)
    }
}

/// Who is plugged in now, and whose turn it is.
pub(crate) struct Roster {
    posts: RwLock<Arc<[Arc<Post>]>>,
    /// By account: how far behind its share it is. Kept over rosters, so that a change of one account
    /// does not begin the turns of the others anew.
    arrears: Mutex<HashMap<String, i64>>,
}

impl Roster {
    pub(crate) fn new(posts: Vec<Arc<Post>>) -> Roster {
        Roster {
            posts: RwLock::new(posts.into()),
            arrears: Mutex::default(),
        }
    }

    /// Everybody, in the order of the configuration.
    pub(crate) fn posts(&self) -> Arc<[Arc<Post>]> {
        Arc::clone(&self.posts.read())
    }

    /// Orders posts of one priority so that each comes first as often as its weight says (smooth weighted
    /// round robin), and notes the turn of the first.
    pub(crate) fn take_turns(&self, posts: &mut [Arc<Post>]) {
        if posts.len() < 2 {
            return;
        }
        let mut arrears = self.arrears.lock();
        let mut sum = 0;
        for post in posts.iter() {
            let weight = i64::from(post.account.weight.max(1));
            *arrears.entry(post.account.name.clone()).or_default() += weight;
            sum += weight;
        }
        let of = |post: &Arc<Post>| arrears.get(&post.account.name).copied().unwrap_or(0);
        // Stable: among equals the order that they came in.
        posts.sort_by_key(|post| std::cmp::Reverse(of(post)));
        if let Some(first) = posts.first() {
            *arrears.entry(first.account.name.clone()).or_default() -= sum;
        }
    }
}

/// Accounts as posts.
pub(crate) fn posts(
    accounts: Vec<(Account, Arc<dyn Provider>)>,
    transport: &Arc<dyn Transport>,
    blobs: &Arc<dyn Blobs>,
    publish: Option<&Arc<dyn Publish>>,
) -> Vec<Arc<Post>> {
    let post = |(account, provider)| {
        let account = Arc::new(account);
        let wire = Wire {
            account: Arc::clone(&account),
            transport: Arc::clone(transport),
            blobs: Arc::clone(blobs),
            publish: publish.cloned(),
        };
        Arc::new(Post {
            account,
            provider,
            wire,
        })
    };
    accounts.into_iter().map(post).collect()
}

impl Engine {
    /// Puts other accounts in the place of those that are plugged in, from the next step on. Whoever has
    /// tasks in flight must be among them, retired if it takes no new ones: an account that is missing
    /// leaves its tasks waiting for it.
    pub fn enlist(&self, accounts: Vec<(Account, Arc<dyn Provider>)>) {
        let posts = posts(accounts, &self.transport, &self.blobs, self.publish.as_ref());
        let names: Vec<&str> = posts.iter().map(|post| post.account.name.as_str()).collect();
        self.roster
            .arrears
            .lock()
            .retain(|name, _| names.contains(&name.as_str()));
        self.pace.enlist(&posts);
        *self.roster.posts.write() = posts.into();
        self.expect_queue(self.clock.now());
        self.bell.notify_one();
    }

    /// The accounts that are plugged in, with their providers.
    #[must_use]
    pub fn accounts(&self) -> Vec<(Arc<Account>, Arc<dyn Provider>)> {
        let posts = self.roster.posts();
        let account = |post: &Arc<Post>| (Arc::clone(&post.account), Arc::clone(&post.provider));
        posts.iter().map(account).collect()
    }

    /// Asks an account's upstream whether its login works, without making anything; none where there is no
    /// such account.
    pub async fn check(&self, account: &str) -> Option<Result<AccountFacts, UpstreamError>> {
        let post = self.post(account)?;
        let asked = tokio::time::timeout(CHECK_TIMEOUT, post.provider.check(&post.wire)).await;
        Some(
            asked.unwrap_or_else(|_| Err(UpstreamError::Unknown("no answer within the time-out".to_owned()))),
        )
    }

    /// The account by name, if it is still plugged in.
    pub(crate) fn post(&self, account: &str) -> Option<Arc<Post>> {
        let posts = self.roster.posts();
        posts.iter().find(|post| post.account.name == account).cloned()
    }
}
