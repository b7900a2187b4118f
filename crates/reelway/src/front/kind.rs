//! What kind of body its headers announce, as far as clients can be believed.

use std::io::Read;

use domain::{Refusal, RefusalKind};
use http::{HeaderMap, header};

use crate::front::media::broken;

/// The types that are read, as refusals name them.
const READ: [&str; 2] = ["application/json", "multipart/form-data"];
/// Blanks that may stand before a body that is JSON under another name.
const BLANK_BYTES_MAX: u64 = 4 * 1024;
/// How much of an unknown type is repeated to the client.
const SHOWN_CHARS: usize = 100;

/// A kind of body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON.
    Json,
    /// What `curl -d` and its like announce for anything: it may be JSON.
    Unsaid {
        /// The type as it was announced.
        announced: &'static str,
    },
    /// `multipart/form-data`.
    Form {
        /// What stands between its parts.
        boundary: String,
    },
}

impl Kind {
    /// By the `Content-Type`; without one, JSON.
    ///
    /// # Errors
    /// A refusal when the type is not read, or a form has no boundary.
    pub(super) fn of(headers: &HeaderMap) -> Result<Kind, Refusal> {
        let Some(value) = headers.get(header::CONTENT_TYPE) else {
            return Ok(Kind::Json);
        };
        let value = String::from_utf8_lossy(value.as_bytes());
        let essence = value.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/json" => Ok(Kind::Json),
            "text/plain" => Ok(Kind::Unsaid {
                announced: "text/plain",
            }),
            "application/x-www-form-urlencoded" => Ok(Kind::Unsaid {
                announced: "application/x-www-form-urlencoded",
            }),
            "multipart/form-data" => match multer::parse_boundary(&*value) {
                Ok(boundary) => Ok(Kind::Form { boundary }),
                Err(_) => Err(Refusal::new(
                    RefusalKind::Malformed,
                    "the content type `multipart/form-data` needs a `boundary`",
                )),
            },
            other if other.ends_with("+json") => Ok(Kind::Json),
            other => Err(unread(other)),
        }
    }

    /// Whether a body that begins like this may be of this kind.
    ///
    /// # Errors
    /// A refusal when it was announced as something that is not read, and does not look like JSON.
    pub(super) fn check(&self, start: &[u8]) -> Result<(), Refusal> {
        match self {
            Kind::Unsaid { announced } if start.trim_ascii_start().first() != Some(&b'{') => {
                Err(unread(announced))
            }
            _ => Ok(()),
        }
    }

    /// The same for a body that is read from its start.
    ///
    /// # Errors
    /// The same, and when it cannot be read.
    pub(super) fn check_start(&self, body: &mut dyn Read) -> Result<(), Refusal> {
        let mut start = Vec::new();
        let read = body.take(BLANK_BYTES_MAX).read_to_end(&mut start);
        read.map_err(|error| broken(&error))?;
        self.check(&start)
    }
}

fn unread(kind: &str) -> Refusal {
    let kind: String = kind.chars().take(SHOWN_CHARS).collect();
    let message = format!("the content type `{kind}` is not read");
    Refusal::new(RefusalKind::Malformed, message).allowing(READ)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::Kind;

    fn kind(value: &'static str) -> Option<Kind> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
        Kind::of(&headers).ok()
    }

    #[test]
    fn types_are_read_as_clients_write_them() {
        assert_eq!(Kind::of(&HeaderMap::new()).ok(), Some(Kind::Json));
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/problem+json",
            " ",
        ] {
            assert_eq!(kind(json), Some(Kind::Json), "{json}");
        }
        let boundary = "a b".to_owned();
        assert_eq!(
            kind("multipart/form-data; boundary=\"a b\""),
            Some(Kind::Form { boundary })
        );
        for unread in ["multipart/form-data", "multipart/mixed; boundary=x", "image/png"] {
            assert_eq!(kind(unread), None, "{unread}");
        }
    }

    #[test]
    fn what_says_nothing_is_json_when_it_looks_like_it() {
        for unsaid in ["text/plain", "application/x-www-form-urlencoded; charset=utf-8"] {
            let kind = kind(unsaid).expect("a kind that is read");
            assert!(kind.check(b" \n{\"prompt\"").is_ok());
            let refusal = kind.check(b"prompt=a").expect_err("no JSON");
            assert!(refusal.sentence().contains("multipart/form-data"), "{refusal:?}");
        }
    }
}
