//! Base64 as clients write it: with a `data:` prefix or without, folded, in either alphabet, padded or
//! not. Decoded as it is read; what is inside is not known here.

use std::io::{self, Read};

use base64::DecodeError;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::read::DecoderReader;

/// How far into a string a `data:` prefix is looked for.
const PREFIX_BYTES_MAX: usize = 1_024;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Why a text is no Base64, beyond what the decoder itself finds.
#[derive(Debug, thiserror::Error)]
#[error("two alphabets in one text")]
struct TwoAlphabets;

/// Where Base64 starts in a string of which this is the beginning; none when that is empty, a link, or a
/// `data:` of another kind.
pub(super) fn payload_start(head: &[u8]) -> Option<usize> {
    let text = head.trim_ascii_start();
    let skipped = head.len() - text.len();
    let starts_with = |prefix: &str| {
        let start = text.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if text.is_empty() || starts_with("http://") || starts_with("https://") {
        return None;
    }
    if !starts_with("data:") {
        return Some(skipped);
    }
    let prefix = &text[..text.len().min(PREFIX_BYTES_MAX)];
    let mark = b";base64,";
    let at = prefix.windows(mark.len()).position(|window| window == mark)?;
    Some(skipped + at + mark.len())
}

/// Decodes what `source` yields.
pub(super) fn reader<R: Read>(source: R) -> impl Read {
    let plain = Plain {
        source,
        standard: false,
        url_safe: false,
    };
    DecoderReader::new(plain, &STANDARD)
}

/// Whether reading stopped because the text is no Base64, and not because its source failed.
pub(super) fn is_no_base64(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.is::<DecodeError>() || inner.is::<TwoAlphabets>())
}

/// Takes white space out and turns the URL-safe alphabet into the standard one.
struct Plain<R> {
    source: R,
    standard: bool,
    url_safe: bool,
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.source.read(buffer)?;
            if read == 0 {
                return Ok(0);
            }
            let kept = self.plain(&mut buffer[..read]);
            if self.standard && self.url_safe {
                return Err(io::Error::new(io::ErrorKind::InvalidData, TwoAlphabets));
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

impl<R> Plain<R> {
    /// Rewrites a handful in place; how much of it is left.
    fn plain(&mut self, handful: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..handful.len() {
            let byte = match handful[at] {
                b'-' => {
                    self.url_safe = true;
                    b'+'
                }
                b'_' => {
                    self.url_safe = true;
                    b'/'
                }
                byte @ (b'+' | b'/') => {
                    self.standard = true;
                    byte
                }
                byte if byte.is_ascii_whitespace() => continue,
                byte => byte,
            };
            handful[kept] = byte;
            kept += 1;
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

    use super::{payload_start, reader};

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let start = payload_start(text.as_bytes())?;
        let mut bytes = Vec::new();
        let read = reader(&text.as_bytes()[start..]).read_to_end(&mut bytes);
        read.ok().map(|_| bytes)
    }

    #[test]
    fn every_way_of_writing_it_is_read() {
        let bytes: Vec<u8> = (0..4_000_u32).map(|n| (n * 7 % 256) as u8).collect();
        for length in [1, 2, 3, 4, 1_022, 1_023, 1_024, 3_999, 4_000] {
            let bytes = &bytes[..length];
            for text in [
                STANDARD.encode(bytes),
                STANDARD_NO_PAD.encode(bytes),
                URL_SAFE.encode(bytes),
                URL_SAFE_NO_PAD.encode(bytes),
            ] {
                let folded: Vec<&str> = text
                    .as_bytes()
                    .chunks(76)
                    .map(|line| std::str::from_utf8(line).expect("Base64 is ASCII"))
                    .collect();
                for written in [
                    text.clone(),
                    format!(" \n{text}\t"),
                    format!("data:image/png;base64,{text}"),
                    format!("DATA:;x=y;base64,{text}"),
                    folded.join("\r\n"),
                ] {
                    assert_eq!(decoded(&written).as_deref(), Some(bytes), "{written}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_base64_is_not_read() {
        for text in [
            "",
            "  ",
            "http://example.com/a",
            "HTTPS://x",
            "data:image/png,abc",
            "a",
            "ab=c",
            "a-b+",
            "!!!!",
            "abcd====",
            "QUJD=QUJD",
            "Zoë!",
        ] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
