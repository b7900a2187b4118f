//! Signed links: an address that opens one result file for a while without a key. Making and checking
//! them; the master key that they hang on is in `sealing.rs`, serving the file in `content.rs`.

use std::collections::HashMap;
use std::sync::Arc;

use base16ct::{lower, mixed};
use domain::dialect::{Links, Place};
use domain::{Artifact, Clock, Task, TaskId};
use engine::Engine;
use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::RwLock;
use secrecy::ExposeSecret as _;
use sha2::Sha256;

use crate::sealing::MasterKey;

/// Links of one hour share their end, so that repeated reads show the same address and caches work.
const LINK_STEP_SECONDS: u64 = 3_600;
/// What the key of links is derived for; another purpose gets another key.
const PURPOSE: &[u8] = b"reelway/links/v1";

/// Why a link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLink {
    /// It was not made here, or was changed.
    Forged,
    /// Its time is over.
    Expired,
}

/// The provider of each account, by the account's name; accounts come and go while the house is open.
#[derive(Default)]
pub struct Providers(RwLock<Arc<HashMap<String, String>>>);

impl Providers {
    /// As it is now.
    #[must_use]
    pub fn now(&self) -> Arc<HashMap<String, String>> {
        Arc::clone(&self.0.read())
    }

    /// Learns of accounts. Those that are gone are kept: their tasks are still shown.
    pub fn learn(&self, providers: HashMap<String, String>) {
        let mut known = self.0.write();
        let mut all = HashMap::clone(&known);
        all.extend(providers);
        *known = Arc::new(all);
    }
}

/// Makes and checks signed links.
pub struct Signer {
    mac: Hmac<Sha256>,
    lifetime_seconds: u64,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// A signer whose key is derived from the master key.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    #[must_use]
    pub fn new(master_key: &MasterKey, lifetime_seconds: u64, clock: Arc<dyn Clock>) -> Signer {
        let key = master_key.derive(PURPOSE);
        let mac = Hmac::new_from_slice(key.expose_secret()).expect("HMAC takes keys of every length");
        Signer {
            mac,
            lifetime_seconds,
            clock,
        }
    }

    /// The links of answers whose base is `base_url`; `providers` are those behind the accounts.
    #[must_use]
    pub fn at<'a>(&'a self, base_url: &'a str, providers: Arc<HashMap<String, String>>) -> LinksAt<'a> {
        LinksAt {
            signer: self,
            base_url,
            providers,
            queue: None,
        }
    }

    /// When links that are made now end, in Unix seconds.
    #[must_use]
    pub fn ends(&self) -> u64 {
        let end = self.now_seconds().saturating_add(self.lifetime_seconds);
        end.div_ceil(LINK_STEP_SECONDS).saturating_mul(LINK_STEP_SECONDS)
    }

    /// Whether a link's query opens the `n`th file of a task now.
    ///
    /// # Errors
    /// [`BadLink`], which says why not. A forged link is never told whether its task exists.
    pub fn verify(&self, task: TaskId, n: usize, expires: u64, signature: &str) -> Result<(), BadLink> {
        let signature = mixed::decode_vec(signature).map_err(|_| BadLink::Forged)?;
        let mac = self.signed(task, n, expires);
        mac.verify_slice(&signature).map_err(|_| BadLink::Forged)?;
        if expires <= self.now_seconds() {
            return Err(BadLink::Expired);
        }
        Ok(())
    }

    fn signed(&self, task: TaskId, n: usize, expires: u64) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(format!("{}\n{n}\n{expires}", task.0.hex()).as_bytes());
        mac
    }

    fn now_seconds(&self) -> u64 {
        u64::try_from(self.clock.now().seconds()).unwrap_or(0)
    }
}

/// Signed links below one base.
pub struct LinksAt<'a> {
    signer: &'a Signer,
    base_url: &'a str,
    providers: Arc<HashMap<String, String>>,
    queue: Option<&'a Engine>,
}

impl<'a> LinksAt<'a> {
    /// The same links, from which answers can also tell a task's place in the queue.
    #[must_use]
    pub fn with_queue(self, engine: &'a Engine) -> LinksAt<'a> {
        LinksAt {
            queue: Some(engine),
            ..self
        }
    }
}

impl Links for LinksAt<'_> {
    fn content(&self, task: &Task, n: usize, _artifact: &Artifact) -> String {
        let expires = self.signer.ends();
        let mac = self.signer.signed(task.id(), n, expires);
        let signature = lower::encode_string(&mac.finalize().into_bytes());
        format!(
            "{}/api/v1/tasks/{}/content/{n}?expires={expires}&signature={signature}",
            self.base_url,
            task.id().prefixed()
        )
    }

    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn provider(&self, account: &str) -> Option<&str> {
        self.providers.get(account).map(String::as_str)
    }

    fn place(&self, task: &Task) -> Option<Place> {
        self.queue?.place(task)
    }

    fn is_indeterminate(&self, task: &Task) -> bool {
        self.queue.is_some_and(|engine| engine.is_indeterminate(task))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::dialect::Links as _;
    use domain::{Id, TaskId};
    use testkit::clock::ManualClock;
    use testkit::sample;

    use super::{BadLink, Signer};
    use crate::sealing::MasterKey;

    fn parts(link: &str) -> (u64, String) {
        let query = link.split_once("?expires=").unwrap().1;
        let (expires, signature) = query.split_once("&signature=").unwrap();
        (expires.parse().unwrap(), signature.to_owned())
    }

    #[test]
    fn a_link_opens_its_own_file_only_and_only_while_it_lives() {
        let clock = Arc::new(ManualClock::new());
        let signer = Signer::new(&MasterKey::of_bytes([7; 32]), 60, clock.clone());
        let task = sample::birth(Id(9)).task;
        let link = signer
            .at("http://h", Arc::default())
            .content(&task, 0, &sample::artifact(Id(1)));
        assert!(link.starts_with("http://h/api/v1/tasks/task_"));
        let (expires, signature) = parts(&link);
        assert_eq!(signer.verify(task.id(), 0, expires, &signature), Ok(()));
        assert_eq!(
            signer.verify(task.id(), 1, expires, &signature),
            Err(BadLink::Forged)
        );
        assert_eq!(
            signer.verify(TaskId(Id(10)), 0, expires, &signature),
            Err(BadLink::Forged)
        );
        assert_eq!(
            signer.verify(task.id(), 0, expires + 1, &signature),
            Err(BadLink::Forged)
        );
        assert_eq!(signer.verify(task.id(), 0, expires, "zz"), Err(BadLink::Forged));
        let other = Signer::new(&MasterKey::of_bytes([8; 32]), 60, clock.clone());
        assert_eq!(
            other.verify(task.id(), 0, expires, &signature),
            Err(BadLink::Forged)
        );
        clock.advance_ms(2 * 3_600 * 1_000);
        assert_eq!(
            signer.verify(task.id(), 0, expires, &signature),
            Err(BadLink::Expired)
        );
    }
}
