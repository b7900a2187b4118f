//! From a JSON body to fields: strings in media fields that are no links are Base64, which is decoded
//! and sniffed here by its header only. Nothing is kept yet: refused requests leave nothing behind.

use std::io::Cursor;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use domain::fields::{Field, Fields};
use domain::{BlobKey, Refusal, RefusalKind, Staged};
use engine::sniff::sniff;
use sha2::{Digest as _, Sha256};

/// How deep `serde_json` follows nested values before it gives up.
const NESTING_MAX: usize = 127;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Media that came inside a body: still in memory, kept only once the request is taken.
pub struct Pending {
    /// The name that it will have.
    pub key: BlobKey,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A body after decoding.
pub struct Decoded {
    /// The fields, media already shown as staged.
    pub fields: Fields,
    /// The media.
    pub pending: Vec<Pending>,
}

/// Decodes a JSON body. `media` are dotted paths of fields that carry media.
///
/// # Errors
/// A refusal when the body is no JSON object, or a picture has too many pixels.
pub fn decode(body: Bytes, media: &[&str]) -> Result<Decoded, Refusal> {
    let value: serde_json::Value = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    drop(body);
    let Field::Map(mut pairs) = Field::from_json(value) else {
        return Err(Refusal::new(
            RefusalKind::Malformed,
            "the body must be a JSON object",
        ));
    };
    let mut pending = Vec::new();
    for path in media {
        let steps: Vec<&str> = path.split('.').collect();
        stage_pairs(&mut pairs, &steps, path, &mut pending)?;
    }
    Ok(Decoded {
        fields: Fields::new(pairs),
        pending,
    })
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    let message = if text.contains("recursion limit") {
        format!("the body is nested deeper than {NESTING_MAX} levels")
    } else {
        format!("the body is no JSON that can be read: {text}")
    };
    Refusal::new(RefusalKind::Malformed, message)
}

fn stage_pairs(
    pairs: &mut [(String, Field)],
    steps: &[&str],
    path: &str,
    pending: &mut Vec<Pending>,
) -> Result<(), Refusal> {
    let Some((first, rest)) = steps.split_first() else {
        return Ok(());
    };
    for (name, field) in pairs.iter_mut().filter(|(name, _)| name == first) {
        let _ = name;
        stage_field(field, rest, path, pending)?;
    }
    Ok(())
}

/// Follows a path into lists and objects; the nesting is bounded by the JSON reader's own limit.
fn stage_field(
    field: &mut Field,
    rest: &[&str],
    path: &str,
    pending: &mut Vec<Pending>,
) -> Result<(), Refusal> {
    match field {
        Field::List(list) => {
            for field in list {
                stage_field(field, rest, path, pending)?;
            }
            Ok(())
        }
        Field::Map(pairs) => stage_pairs(pairs, rest, path, pending),
        Field::Text(text) if rest.is_empty() => {
            if let Some(bytes) = inline(text) {
                let staged = staged(&bytes, path)?;
                pending.push(Pending {
                    key: staged.blob.clone(),
                    bytes,
                });
                *field = Field::Staged(staged);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The bytes behind a string, unless it is empty, a link, or no Base64.
fn inline(text: &str) -> Option<Bytes> {
    let text = text.trim();
    let scheme = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if text.is_empty() || scheme.starts_with("http://") || scheme.starts_with("https://") {
        return None;
    }
    let text = match text.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("data:") => text.split_once(";base64,")?.1,
        _ => text,
    };
    let folded = text.bytes().any(|byte| byte.is_ascii_whitespace());
    let unfolded: String;
    let text = if folded {
        unfolded = text.split_ascii_whitespace().collect();
        &unfolded
    } else {
        text
    };
    let url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if url_safe { URL_SAFE } else { STANDARD };
    let bytes = engine.decode(text).ok()?;
    (!bytes.is_empty()).then(|| Bytes::from(bytes))
}

/// A picture, clip or sound as its bytes say; what is no media that we know has no type.
fn staged(bytes: &Bytes, path: &str) -> Result<Staged, Refusal> {
    let length = bytes.len() as u64;
    let sniffed = sniff(Cursor::new(bytes), length)
        .map_err(|unfit| Refusal::media(path, format!("`{path}` {unfit}")))?;
    let is_known = sniffed.kind.is_some() && !sniffed.is_without_size();
    Ok(Staged {
        blob: BlobKey::from_sha256(Sha256::digest(bytes).into()),
        bytes: length,
        content_type: sniffed.content_type.filter(|_| is_known).map(str::to_owned),
        facts: sniffed.facts,
    })
}
