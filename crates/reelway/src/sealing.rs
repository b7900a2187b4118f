//! Sealing: the installation's master key, the keys that are derived from it, and secrets that must be
//! read again, encrypted under it. What is sealed, and where it is kept, is decided elsewhere.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base16ct::lower;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use domain::Ids;
use domain::tenant::Sealed;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox, SecretSlice};
use sha2::Sha256;

/// Bytes of the master key and of every key that is derived from it.
const KEY_BYTES: usize = 32;
/// Bytes before a sealed secret that no other sealed secret has.
const NONCE_BYTES: usize = 24;
/// What the name of a master key is derived for; it tells master keys apart and nothing about them.
const NAME_PURPOSE: &[u8] = b"reelway/master-name/v1";
/// Bytes of that name; in a row they are twice as many hexadecimal digits.
const NAME_BYTES: usize = 8;

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or written.
    #[error("the master key `{0}` cannot be used: {1}")]
    Io(String, std::io::Error),
    /// The file holds something else.
    #[error("the master key `{0}` must be {KEY_BYTES} bytes; restore it from your backup")]
    Length(String),
}

/// The installation's master key. It is never used itself: each purpose gets a key of its own.
pub struct MasterKey(SecretBox<[u8; KEY_BYTES]>);

impl MasterKey {
    /// A master key of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: [u8; KEY_BYTES]) -> MasterKey {
        MasterKey(SecretBox::new(Box::new(bytes)))
    }

    /// The master key in a file; made there at the first start, for the owner only.
    ///
    /// # Errors
    /// [`MasterKeyError`] when the file cannot be read, made, or is no key.
    pub fn of_file(path: &Path, ids: &dyn Ids) -> Result<MasterKey, MasterKeyError> {
        let shown = path.display().to_string();
        let io = |error| MasterKeyError::Io(shown.clone(), error);
        match std::fs::File::open(path) {
            Ok(file) => {
                let mode = file.metadata().map_err(io)?.permissions().mode();
                if mode & 0o077 != 0 {
                    tracing::warn!(path = %shown, "master_key.open: others may read the master key; chmod 600 it");
                }
                let mut bytes = Vec::with_capacity(1 + KEY_BYTES);
                file.take(1 + KEY_BYTES as u64)
                    .read_to_end(&mut bytes)
                    .map_err(io)?;
                let bytes = SecretSlice::from(bytes);
                let bytes = bytes.expose_secret().try_into();
                bytes
                    .map(MasterKey::of_bytes)
                    .map_err(|_| MasterKeyError::Length(shown))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = MasterKey::of_bytes(ids.secret());
                write_new(path, key.0.expose_secret()).map_err(io)?;
                Ok(key)
            }
            Err(error) => Err(io(error)),
        }
    }

    /// The key of one purpose, which says nothing about the master key or about another purpose's.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    #[must_use]
    pub fn derive(&self, purpose: &[u8]) -> SecretBox<[u8; KEY_BYTES]> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.0.expose_secret())
            .expect("HMAC takes keys of every length");
        mac.update(purpose);
        SecretBox::new(Box::new(mac.finalize().into_bytes().into()))
    }
}

/// Written under another name first: a key that is half there after a crash would be a wrong key.
fn write_new(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("key.new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    if let Some(directory) = path.parent() {
        std::fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Why a sealed secret cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotOpen {
    /// It was sealed under another master key.
    #[error("it was sealed under master key `{0}`, and this one is `{1}`; restore the key from your backup")]
    OtherMaster(String, String),
    /// It was changed, or is another row's.
    #[error("it is not what was sealed for this row")]
    Spoiled,
}

/// Seals and opens the secrets of one purpose (XChaCha20-Poly1305).
pub struct Sealer {
    master: String,
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    /// A sealer whose key is derived from the master key for one purpose.
    #[must_use]
    pub fn new(master_key: &MasterKey, purpose: &[u8]) -> Sealer {
        let name = master_key.derive(NAME_PURPOSE);
        let key = master_key.derive(purpose);
        Sealer {
            master: lower::encode_string(&name.expose_secret()[..NAME_BYTES]),
            cipher: XChaCha20Poly1305::new(<&Key>::from(key.expose_secret())),
        }
    }

    /// Seals a secret for its owner: `owner` is in no row beside it twice, and opens nothing else.
    ///
    /// # Panics
    /// Never: only secrets of hundreds of gigabytes are too long for the cipher.
    #[must_use]
    pub fn seal(&self, secret: &[u8], owner: &[u8], ids: &dyn Ids) -> Sealed {
        let chance = ids.secret();
        let nonce: [u8; NONCE_BYTES] = std::array::from_fn(|at| chance[at]);
        let payload = Payload {
            msg: secret,
            aad: owner,
        };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a secret is shorter than the cipher's limit");
        Sealed {
            master: self.master.clone(),
            bytes: [&nonce[..], &sealed].concat(),
        }
    }

    /// The secret that was sealed for `owner`.
    ///
    /// # Errors
    /// [`CannotOpen`], which says why not.
    pub fn open(&self, sealed: &Sealed, owner: &[u8]) -> Result<SecretSlice<u8>, CannotOpen> {
        if sealed.master != self.master {
            return Err(CannotOpen::OtherMaster(
                sealed.master.clone(),
                self.master.clone(),
            ));
        }
        let (nonce, bytes) = sealed
            .bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(CannotOpen::Spoiled)?;
        let payload = Payload {
            msg: bytes,
            aad: owner,
        };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        opened.map(SecretSlice::from).map_err(|_| CannotOpen::Spoiled)
    }
}

#[cfg(test)]
mod tests {
    use domain::tenant::Sealed;
    use secrecy::ExposeSecret as _;
    use testkit::ids::SeededIds;

    use super::{CannotOpen, MasterKey, Sealer};

    fn sealer(byte: u8, purpose: &[u8]) -> Sealer {
        Sealer::new(&MasterKey::of_bytes([byte; 32]), purpose)
    }

    #[test]
    fn a_sealed_secret_opens_for_its_owner_only_and_only_as_it_was_sealed() {
        let sealer = sealer(7, b"a");
        let sealed = sealer.seal(b"planted", b"row-1", &SeededIds::new(1));
        assert!(!sealed.bytes.windows(7).any(|part| part == b"planted"));
        assert_eq!(
            sealer.open(&sealed, b"row-1").unwrap().expose_secret(),
            b"planted"
        );
        assert_eq!(sealer.open(&sealed, b"row-2").unwrap_err(), CannotOpen::Spoiled);
        for at in 0..sealed.bytes.len() {
            let mut spoiled = sealed.clone();
            spoiled.bytes[at] ^= 1;
            assert_eq!(
                sealer.open(&spoiled, b"row-1").unwrap_err(),
                CannotOpen::Spoiled,
                "{at}"
            );
            spoiled.bytes.truncate(at);
            assert_eq!(
                sealer.open(&spoiled, b"row-1").unwrap_err(),
                CannotOpen::Spoiled,
                "{at}"
            );
        }
    }

    #[test]
    fn another_master_key_is_named_and_another_purpose_does_not_open() {
        let sealed = sealer(7, b"a").seal(b"planted", b"row", &SeededIds::new(1));
        let other = sealer(8, b"a");
        let why = other.open(&sealed, b"row").unwrap_err();
        assert_eq!(
            why,
            CannotOpen::OtherMaster(sealed.master.clone(), other.master.clone())
        );
        let lying = Sealed {
            master: other.master.clone(),
            ..sealed.clone()
        };
        assert_eq!(other.open(&lying, b"row").unwrap_err(), CannotOpen::Spoiled);
        assert_eq!(
            sealer(7, b"b").open(&sealed, b"row").unwrap_err(),
            CannotOpen::Spoiled
        );
    }

    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let (sealer, ids) = (sealer(7, b"a"), SeededIds::new(1));
        assert_ne!(
            sealer.seal(b"planted", b"row", &ids),
            sealer.seal(b"planted", b"row", &ids)
        );
    }

    #[test]
    fn the_master_key_is_made_once_for_its_owner_and_a_broken_one_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let of_file = |seed| MasterKey::of_file(&path, &SeededIds::new(seed));
        let made = of_file(1).unwrap();
        let read = of_file(2).unwrap();
        assert_eq!(read.0.expose_secret(), made.0.expose_secret());
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for wrong in [31, 33] {
            std::fs::write(&path, vec![7; wrong]).unwrap();
            assert!(of_file(3).is_err());
        }
    }
}
