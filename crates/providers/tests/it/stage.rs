//! What a provider is tested with: a clock, media in memory, logins with planted secrets, and jobs.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::ask::{Input, Mentioned, Source};
use domain::blobs::{BlobError, Kept, stream_of};
use domain::credentials::Credentials;
use domain::ids::ItemId;
use domain::item::ItemKind;
use domain::provider::{Account, Job, JobMedia, Provider, Publish, Receipt};
use domain::{Ask, BlobKey, Blobs, ByteStream, Id, MediaFacts, Mention, Operation, Role, Staged, TaskId};
use providers::Setup;
use providers::kling::calls::Row;
use secrecy::SecretString;
use serde_json::Value;
use testkit::clock::ManualClock;
use testkit::sample;

/// Where the tests' upstream is.
pub(crate) const BASE_URL: &str = "https://upstream.test";
/// Our reference on every job.
pub(crate) const CLIENT_REF: &str = "rw-0001";
/// The secrets that are planted.
pub(crate) const API_KEY: &str = "planted-api-key-7f31";
pub(crate) const ACCESS_KEY: &str = "planted-access-key-90ab";
pub(crate) const SECRET_KEY: &str = "planted-secret-key-55cd";
/// What callbacks of [`signed_account`] are signed with.
pub(crate) const CALLBACK_SECRET: &str = "whsec_bG9jYWwtY29uZm9ybWFuY2Utc2VjcmV0LTAxMjM0NTY=";

/// A provider by name, with the clock that it was given.
pub(crate) fn provider(name: &str) -> (Arc<dyn Provider>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    let entry = providers::find(name).expect("the provider is listed");
    let setup = Setup {
        threads: 1,
        clock: Arc::<ManualClock>::clone(&clock),
    };
    ((entry.build)(setup), clock)
}

/// A login with an API key.
pub(crate) fn key_account(provider: &str) -> Account {
    Account {
        name: format!("{provider}-main"),
        provider: provider.to_owned(),
        slots: 5,
        base_url: Some(format!("{BASE_URL}/")),
        credentials: Credentials::ApiKey(SecretString::from(API_KEY)),
        ..Account::default()
    }
}

/// A login with an access key and a secret key.
pub(crate) fn pair_account(provider: &str) -> Account {
    Account {
        credentials: Credentials::Pair {
            access: SecretString::from(ACCESS_KEY),
            secret: SecretString::from(SECRET_KEY),
        },
        ..key_account(provider)
    }
}

/// A login whose upstream signs its callbacks.
pub(crate) fn signed_account(provider: &str) -> Account {
    Account {
        callback_secret: Some(SecretString::from(CALLBACK_SECRET)),
        ..key_account(provider)
    }
}

/// A job with media that lies in blobs.
pub(crate) fn job(ask: Ask, media: &[(Role, &str)], receipt: Option<&str>) -> (Job, Arc<Memory>) {
    let media: Vec<_> = media
        .iter()
        .map(|(role, text)| (*role, text.as_bytes()))
        .collect();
    job_of(ask, &media, receipt)
}

/// A job with files that lie in blobs; the `n`th one has the key [`key`] makes of `n`.
pub(crate) fn job_of(mut ask: Ask, media: &[(Role, &[u8])], receipt: Option<&str>) -> (Job, Arc<Memory>) {
    let mut blobs = HashMap::new();
    let mut pieces = Vec::new();
    for (n, (role, text)) in media.iter().enumerate() {
        let staged = Staged {
            blob: key(n),
            bytes: text.len() as u64,
            content_type: Some("image/png".to_owned()),
            facts: MediaFacts::default(),
        };
        blobs.insert(staged.blob.clone(), Bytes::copy_from_slice(text));
        ask.inputs.push(Input {
            role: *role,
            source: Source::Staged(staged.clone()),
            field: "image".to_owned(),
            rule: None,
            parent: None,
        });
        pieces.push(JobMedia {
            role: *role,
            staged,
            parent: None,
        });
    }
    let job = Job {
        task: TaskId(Id(1)),
        client_ref: CLIENT_REF.to_owned(),
        ask: Arc::new(ask),
        seed: 7,
        media: pieces,
        receipt: receipt.map(|receipt| Receipt(receipt.to_owned())),
    };
    (job, Arc::new(Memory(blobs)))
}

/// A plain wish for one call, with the items that the call cannot be without.
pub(crate) fn kling_ask(row: &Row) -> Ask {
    let mut ask = sample::ask();
    ask.operation = row.operation;
    ask.model = "kling-v1-6".to_owned();
    let kind = match (row.operation, row.case) {
        (Operation::LipSync, "advanced") => Some(ItemKind::FaceSession),
        (Operation::ItemDeletion, "voice") => Some(ItemKind::Voice),
        (Operation::ItemDeletion, _) => Some(ItemKind::Element),
        _ => None,
    };
    ask.mentions.extend(kind.map(|kind| Mention {
        kind,
        name: "41".to_owned(),
        field: "id".to_owned(),
        item: Some(Mentioned {
            id: ItemId(Id(3)),
            account: None,
            vendor_ref: Some("v-77".to_owned()),
            memory: Value::Null,
        }),
    }));
    for name in ["kling.selection", "kling.generation"] {
        ask.extras.insert(name.to_owned(), row.case.into());
    }
    ask
}

/// The key of the `n`th piece of a job's media.
pub(crate) fn key(n: usize) -> BlobKey {
    BlobKey::from_sha256([u8::try_from(n).expect("few media"); 32])
}

/// The plain job.
pub(crate) fn plain_job() -> (Job, Arc<Memory>) {
    job(sample::ask(), &[], None)
}

/// Addresses of kept media, by the first byte of its name.
pub(crate) struct Shelf;

impl Publish for Shelf {
    fn address(&self, media: &Staged) -> String {
        format!("https://gateway.test/media/{}", &media.blob.as_str()[..2])
    }
}

/// Media in memory, read in pieces of an odd length.
pub(crate) struct Memory(HashMap<BlobKey, Bytes>);

impl Memory {
    /// A warehouse that has lost everything.
    pub(crate) fn empty() -> Arc<Memory> {
        Arc::new(Memory(HashMap::new()))
    }
}

#[async_trait]
impl Blobs for Memory {
    async fn put(&self, _content: ByteStream, limit_bytes: u64) -> Result<Kept, BlobError> {
        Err(BlobError::TooLarge { limit_bytes })
    }

    async fn get(&self, key: &BlobKey, _range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        const PIECE_BYTES: usize = 7;
        let content = self.0.get(key).cloned().ok_or(BlobError::Absent)?;
        if content.len() <= PIECE_BYTES {
            return Ok(stream_of(content));
        }
        let pieces: Vec<_> = content
            .chunks(PIECE_BYTES)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        Ok(Box::pin(futures_util::stream::iter(pieces)))
    }

    async fn delete(&self, _key: &BlobKey) -> Result<(), BlobError> {
        Ok(())
    }
}
