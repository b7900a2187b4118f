//! The text of API keys and of pairs: how one is made, checked for slips of the pen, and hashed. Who may
//! do what with a key is the gate's business, where keys are kept the store's.

use base16ct::lower;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Id, Ids, KeyId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::token;

/// What every key of ours begins with, for look-up and for secret scanners.
pub const PREFIX: &str = "rw_key_";
/// What the public name of every pair begins with.
pub const ACCESS_PREFIX: &str = "rw_access_";
/// What the secret of every pair begins with.
pub const SECRET_PREFIX: &str = "rw_secret_";
/// Characters of 256 bits in Base64 without padding.
const SECRET_LENGTH: usize = 43;
/// Hexadecimal digits of a CRC-32.
const CHECK_LENGTH: usize = 8;
/// Shortest key that an operator may bring: shorter ones can be guessed.
pub const OWN_KEY_MIN_LENGTH: usize = 24;
/// Longest text that is looked at as a key.
pub const KEY_MAX_LENGTH: usize = 512;
/// Last characters of a key that are kept for people.
const HINT_LENGTH: usize = 4;

/// What is left of a key when its secret is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The id inside the key's text; operators' own keys have none.
    pub id: Option<KeyId>,
    /// SHA-256 of the secret, in hexadecimal.
    pub hash: String,
    /// The last characters of the secret.
    pub hint: String,
}

/// A new key's text: `rw_key_<id>_<secret>_<check>`.
#[must_use]
pub fn make(id: KeyId, ids: &dyn Ids) -> String {
    let secret = URL_SAFE_NO_PAD.encode(ids.secret());
    let body = format!("{PREFIX}{}_{secret}", id.0.hex());
    let check = check(&body);
    format!("{body}_{check}")
}

/// A new pair, as its holder needs it.
pub struct Pair {
    /// The public name, which stands in every token: `rw_access_<id>_<check>`.
    pub access: String,
    /// What tokens are signed with, its bytes as they are: `rw_secret_<secret>`.
    pub secret: SecretString,
}

impl Pair {
    /// Makes a pair.
    #[must_use]
    pub fn make(id: KeyId, ids: &dyn Ids) -> Pair {
        let body = format!("{ACCESS_PREFIX}{}", id.0.hex());
        let check = check(&body);
        let secret = URL_SAFE_NO_PAD.encode(ids.secret());
        Pair {
            access: format!("{body}_{check}"),
            secret: SecretString::from(format!("{SECRET_PREFIX}{secret}")),
        }
    }

    /// The last characters of the secret, so that people can tell pairs apart.
    #[must_use]
    pub fn hint(&self) -> String {
        hint(self.secret.expose_secret())
    }
}

/// The id inside the public name of a pair. `None`: this cannot be one, without asking the store.
#[must_use]
pub fn read_access(text: &str) -> Option<KeyId> {
    let (id, given) = text.strip_prefix(ACCESS_PREFIX)?.split_once('_')?;
    let body = text.get(..ACCESS_PREFIX.len() + id.len())?;
    let id = Id::from_hex(id)?;
    (given == check(body)).then_some(KeyId(id))
}

/// Whether a text is a half of a pair, which is never shown as a key.
#[must_use]
pub fn is_of_a_pair(text: &str) -> bool {
    text.starts_with(ACCESS_PREFIX) || text.starts_with(SECRET_PREFIX)
}

/// Reads a key's text. `None`: this cannot be a key, without asking the store.
#[must_use]
pub fn read(text: &str) -> Option<Fingerprint> {
    if text.len() > KEY_MAX_LENGTH {
        return None;
    }
    if let Some(rest) = text.strip_prefix(PREFIX) {
        return read_ours(text, rest);
    }
    if is_of_a_pair(text) || token::looks_like(text) {
        return None;
    }
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    (printable && text.len() >= OWN_KEY_MIN_LENGTH).then(|| fingerprint(None, text))
}

fn read_ours(text: &str, rest: &str) -> Option<Fingerprint> {
    // The secret's alphabet has `_` in it, so the parts are found by their lengths.
    let id = Id::from_hex(rest.get(..32)?)?;
    let secret = rest.get(33..33 + SECRET_LENGTH)?;
    let given = rest.get(34 + SECRET_LENGTH..)?;
    let separated =
        rest.as_bytes().get(32) == Some(&b'_') && rest.as_bytes().get(33 + SECRET_LENGTH) == Some(&b'_');
    let body = text.get(..text.len().checked_sub(CHECK_LENGTH + 1)?)?;
    if !separated || given.len() != CHECK_LENGTH || given != check(body) {
        return None;
    }
    Some(fingerprint(Some(KeyId(id)), secret))
}

fn fingerprint(id: Option<KeyId>, secret: &str) -> Fingerprint {
    Fingerprint {
        id,
        hash: lower::encode_string(&Sha256::digest(secret.as_bytes())),
        hint: hint(secret),
    }
}

fn hint(secret: &str) -> String {
    let hint = secret.get(secret.len().saturating_sub(HINT_LENGTH)..);
    hint.unwrap_or_default().to_owned()
}

fn check(body: &str) -> String {
    format!("{:08x}", crc32fast::hash(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use testkit::ids::SeededIds;

    use secrecy::ExposeSecret as _;

    use super::{ACCESS_PREFIX, Fingerprint, Pair, make, read, read_access};
    use domain::{Ids as _, KeyId};

    fn sample() -> (KeyId, String) {
        let ids = SeededIds::new(3);
        let id = KeyId(ids.id());
        (id, make(id, &ids))
    }

    #[test]
    fn a_made_key_is_read_back_with_its_id_and_without_its_secret() {
        let (id, text) = sample();
        let Fingerprint {
            id: read_id,
            hash,
            hint,
        } = read(&text).unwrap();
        assert_eq!(read_id, Some(id));
        assert_eq!(hash.len(), 64);
        assert!(text.contains(&hint) && !text.contains(&hash));
    }

    #[test]
    fn a_slip_of_the_pen_anywhere_in_a_key_is_noticed_without_the_store() {
        let (_, text) = sample();
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).unwrap();
            if wrong.starts_with(super::PREFIX) {
                assert_eq!(read(&wrong), None, "changed at {at}");
            }
        }
        assert_eq!(read(&text[..text.len() - 1]), None);
        assert_eq!(read(&format!("{text}0")), None);
    }

    #[test]
    fn an_operators_own_key_is_any_24_printable_characters() {
        assert!(read("my-own-key-of-24-letters").is_some());
        assert_eq!(read("too-short"), None);
        assert_eq!(read("has a space in the middle of it"), None);
        assert_eq!(read(&"x".repeat(10_000)), None);
    }

    #[test]
    fn a_pair_is_named_by_its_id_and_a_slip_of_the_pen_is_noticed_without_the_store() {
        let ids = SeededIds::new(3);
        let id = KeyId(ids.id());
        let pair = Pair::make(id, &ids);
        assert_eq!(read_access(&pair.access), Some(id));
        for at in 0..pair.access.len() {
            let mut wrong = pair.access.clone().into_bytes();
            wrong[at] = if wrong[at] == b'1' { b'2' } else { b'1' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(read_access(&wrong), None, "changed at {at}");
            assert_eq!(read_access(&pair.access[..at]), None, "cut at {at}");
        }
        for wrong in ["", "AKTEST0001", ACCESS_PREFIX, &format!("{}0", pair.access)] {
            assert_eq!(read_access(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_halves_of_a_pair_and_tokens_are_no_keys() {
        let ids = SeededIds::new(3);
        let pair = Pair::make(KeyId(ids.id()), &ids);
        let secret = pair.secret.expose_secret();
        assert!(secret.ends_with(&pair.hint()) && pair.hint().len() == 4);
        assert_eq!(read(&pair.access), None);
        assert_eq!(read(secret), None);
        assert_eq!(read("eyJhbGciOiJIUzI1NiJ9.e30.signature"), None);
        assert!(read("an.own-key.with-dots-in-it").is_some());
        assert!(!format!("{:?}", pair.secret).contains(&secret[10..]));
    }
}
