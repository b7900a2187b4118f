//! Lent media: addresses at which an upstream fetches kept input media that it takes as a link only. Making and
//! checking them; the file is served by `content.rs`. Nothing is said about a task: who has the address may have
//! the file, until its time is over.

use std::sync::Arc;

use base16ct::{lower, mixed};
use domain::provider::Publish;
use domain::{BlobKey, Clock, Staged};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::Sha256;

use crate::links::BadLink;
use crate::sealing::MasterKey;

/// What the key is derived for; another purpose gets another key.
const PURPOSE: &[u8] = b"reelway/lending/v1";
/// How long an address is good, in seconds: vendors fetch when they begin, which may be after hours in a queue.
const LIFETIME_SECONDS: u64 = 24 * 60 * 60;
/// What kept media may be, with the ending that tells it to the upstream.
const ENDINGS: [(&str, &str); 11] = [
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/webp", "webp"),
    ("audio/mpeg", "mp3"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    (UNKNOWN_TYPE, "bin"),
];
/// What is said of media whose bytes do not say what they are.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Makes and checks addresses of lent media.
pub struct Lender {
    mac: Hmac<Sha256>,
    base_url: String,
    clock: Arc<dyn Clock>,
}

/// What an address opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// The content.
    pub blob: BlobKey,
    /// Its length.
    pub bytes: u64,
    /// Its type.
    pub content_type: &'static str,
}

impl Lender {
    /// A lender whose addresses begin with the base that the outside reaches this gateway by.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    #[must_use]
    pub fn new(master_key: &MasterKey, base_url: &str, clock: Arc<dyn Clock>) -> Lender {
        let key = master_key.derive(PURPOSE);
        Lender {
            mac: Hmac::new_from_slice(key.expose_secret()).expect("HMAC takes keys of every length"),
            base_url: base_url.trim_end_matches('/').to_owned(),
            clock,
        }
    }

    /// What an address opens now. `name` is its last part, such as `0a1b….mp4`.
    ///
    /// # Errors
    /// [`BadLink`], which says why not. A forged address is never told whether there is such content.
    pub fn verify(&self, name: &str, bytes: u64, expires: u64, signature: &str) -> Result<Lent, BadLink> {
        let signature = mixed::decode_vec(signature).map_err(|_| BadLink::Forged)?;
        let mac = self.signed(name, bytes, expires);
        mac.verify_slice(&signature).map_err(|_| BadLink::Forged)?;
        if expires <= self.now_seconds() {
            return Err(BadLink::Expired);
        }
        let (blob, ending) = name.split_once('.').ok_or(BadLink::Forged)?;
        let row = ENDINGS.iter().find(|(_, known)| *known == ending);
        Ok(Lent {
            blob: BlobKey::new(blob).ok_or(BadLink::Forged)?,
            bytes,
            content_type: row.map_or(UNKNOWN_TYPE, |(content_type, _)| content_type),
        })
    }

    fn signed(&self, name: &str, bytes: u64, expires: u64) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(format!("{name}\n{bytes}\n{expires}").as_bytes());
        mac
    }

    fn now_seconds(&self) -> u64 {
        u64::try_from(self.clock.now().seconds()).unwrap_or(0)
    }
}

impl Publish for Lender {
    fn address(&self, media: &Staged) -> String {
        let content_type = media.content_type.as_deref().unwrap_or(UNKNOWN_TYPE);
        let row = ENDINGS.iter().find(|(known, _)| *known == content_type);
        let ending = row.map_or("bin", |(_, ending)| ending);
        let name = format!("{}.{ending}", media.blob.as_str());
        let expires = self.now_seconds().saturating_add(LIFETIME_SECONDS);
        let mac = self.signed(&name, media.bytes, expires);
        let signature = lower::encode_string(&mac.finalize().into_bytes());
        let (base, bytes) = (&self.base_url, media.bytes);
        format!("{base}/media/{name}?bytes={bytes}&expires={expires}&signature={signature}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::MediaFacts;
    use testkit::clock::ManualClock;

    use super::{BadLink, BlobKey, Lender, Publish as _, Staged};
    use crate::sealing::MasterKey;

    fn parts(address: &str) -> (String, u64, u64, String) {
        let rest = address.strip_prefix("https://media.test/media/").unwrap();
        let (name, query) = rest.split_once("?bytes=").unwrap();
        let (bytes, query) = query.split_once("&expires=").unwrap();
        let (expires, signature) = query.split_once("&signature=").unwrap();
        let number = |text: &str| text.parse().unwrap();
        (
            name.to_owned(),
            number(bytes),
            number(expires),
            signature.to_owned(),
        )
    }

    #[test]
    fn an_address_opens_its_own_content_until_its_time_is_over() {
        let clock = Arc::new(ManualClock::new());
        let lender = Lender::new(
            &MasterKey::of_bytes([7; 32]),
            "https://media.test/",
            clock.clone(),
        );
        let media = Staged {
            blob: BlobKey::from_sha256([9; 32]),
            bytes: 1_234,
            content_type: Some("video/quicktime".to_owned()),
            facts: MediaFacts::default(),
        };
        let (name, bytes, expires, signature) = parts(&lender.address(&media));
        let lent = lender.verify(&name, bytes, expires, &signature).unwrap();
        assert_eq!(lent.blob, media.blob);
        assert_eq!((lent.bytes, lent.content_type), (1_234, "video/quicktime"));
        let other = format!("{}.mov", BlobKey::from_sha256([8; 32]).as_str());
        let forged = Err(BadLink::Forged);
        assert_eq!(lender.verify(&other, bytes, expires, &signature), forged);
        assert_eq!(lender.verify(&name, bytes + 1, expires, &signature), forged);
        assert_eq!(lender.verify(&name, bytes, expires + 1, &signature), forged);
        assert_eq!(lender.verify(&name, bytes, expires, "00"), forged);
        clock.advance_ms(24 * 60 * 60 * 1_000);
        assert_eq!(
            lender.verify(&name, bytes, expires, &signature),
            Err(BadLink::Expired)
        );
    }
}
