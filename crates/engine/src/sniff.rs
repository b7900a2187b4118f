//! Sniff: what bytes say that they are. Only headers are read and nothing is decoded; what a client or
//! a server calls them is never believed. Pure: no clock, no tasks, no storage. Which media a wish may
//! have is a rule of its dialect and judged elsewhere.

use std::io::{self, BufRead, Cursor, Read as _, Seek, SeekFrom};

use domain::{MediaFacts, MediaKind};
use image::{ImageError, ImageFormat, ImageReader};

mod measure;

/// The most bytes of a header that are looked at. Cameras and editors put previews, profiles and edit histories of
/// several megabytes before a picture's size; the table of a clip's frames is as long.
pub const HEADER_MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Most pixels of a picture: the renderer could not hold more in bounded memory.
pub const PIXELS_MAX: u64 = 100_000_000;
/// Pictures up to this many pixels may be as flat as they like: decoded they take 64 MB at most.
pub const FLAT_PIXELS_MAX: u64 = 16_000_000;
/// How many bytes one byte of a larger picture may decode to, at four bytes a pixel. Deflate makes at
/// most 1,032 bytes of one, so that a PNG of one colour comes to 1,376 and a grey one to 4,128; what
/// lies above is a picture of one bit a pixel, or a bomb.
pub const INFLATION_MAX: u64 = 5_000;
/// Bytes of one decoded pixel.
const PIXEL_BYTES: u64 = 4;
/// Memory that reading a picture's header may take.
const HEADER_ALLOC_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes that tell the type.
const TYPE_BYTES: u64 = 4 * 1024;

/// What bytes say that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sniffed {
    /// The kind of media, where the house can work with it: pictures that it can decode, and clips and
    /// sounds. `None` for everything else, GIF and SVG among it.
    pub kind: Option<MediaKind>,
    /// The type, such as `image/png` or `text/html`; `None` where the bytes say nothing.
    pub content_type: Option<&'static str>,
    /// What its header tells: the size of a picture, the length, size and rate of a clip, the length of a sound.
    /// None of it when the header is cut off or broken.
    pub facts: MediaFacts,
}

impl Sniffed {
    /// Whether this is a picture whose header did not say its size: broken, or longer than what was
    /// looked at.
    #[must_use]
    pub fn is_without_size(&self) -> bool {
        self.kind == Some(MediaKind::Image) && self.facts.width.is_none()
    }
}

/// Why bytes are not to be handed to any decoder; the text goes on after the field's name.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// More pixels than [`PIXELS_MAX`].
    #[error(
        "is a picture of {width}×{height} pixels, more than {} megapixels",
        PIXELS_MAX / 1_000_000
    )]
    Pixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// More pixels than so few bytes hold in an honest picture.
    #[error(
        "is a picture of {width}×{height} pixels in {bytes} bytes, which decodes to more than \
         {INFLATION_MAX} times its length"
    )]
    Inflates {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The length of the file.
        bytes: u64,
    },
    /// A header that takes more memory than headers do.
    #[error("is a picture that takes too much memory")]
    Memory,
    /// The bytes themselves could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Says what bytes are. `content` is a whole file, of which little is read, or its head; `bytes` is the length of
/// the whole file.
///
/// # Errors
/// [`Unfit`] for pictures that no decoder should be given, and when `content` cannot be read.
pub fn sniff(mut content: impl BufRead + Seek, bytes: u64) -> Result<Sniffed, Unfit> {
    let mut head = Vec::new();
    content.seek(SeekFrom::Start(0))?;
    content.by_ref().take(TYPE_BYTES).read_to_end(&mut head)?;
    let format = image::guess_format(&head).ok();
    let Some(format) = format.filter(ImageFormat::reading_enabled) else {
        let mut sniffed = no_picture(&head);
        if let Some(content_type) = sniffed.content_type {
            sniffed.facts = measure::facts(content, content_type)?;
        }
        return Ok(sniffed);
    };
    content.seek(SeekFrom::Start(0))?;
    let mut sniffed = Sniffed {
        kind: Some(MediaKind::Image),
        content_type: Some(format.to_mime_type()),
        facts: MediaFacts::default(),
    };
    match dimensions(content, format) {
        Ok((width, height)) => {
            check_pixels(width, height, bytes)?;
            sniffed.facts.width = Some(width);
            sniffed.facts.height = Some(height);
        }
        Err(ImageError::Limits(_)) => return Err(Unfit::Memory),
        Err(ImageError::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(Unfit::Io(error));
        }
        Err(_) => {}
    }
    Ok(sniffed)
}

/// Clips, sounds, and what is named only so that a refusal can say it.
fn no_picture(head: &[u8]) -> Sniffed {
    let found = infer::get(head);
    let kind = found.and_then(|found| match found.matcher_type() {
        infer::MatcherType::Video => Some(MediaKind::Video),
        infer::MatcherType::Audio => Some(MediaKind::Audio),
        _ => None,
    });
    let mut content_type = found.map(|found| found.mime_type());
    if content_type.is_none_or(|found| found == "text/xml") && is_svg(head) {
        content_type = Some("image/svg+xml");
    }
    Sniffed {
        kind,
        content_type,
        facts: MediaFacts::default(),
    }
}

fn is_svg(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|tag| tag.eq_ignore_ascii_case(b"<svg"))
}

/// The size by the header. The reader of JPEG takes in all that it is given, so it is given no more
/// than a header may be.
fn dimensions(content: impl BufRead + Seek, format: ImageFormat) -> Result<(u32, u32), ImageError> {
    if format == ImageFormat::Jpeg {
        let mut header = Vec::new();
        content.take(HEADER_MAX_BYTES).read_to_end(&mut header)?;
        return limited(Cursor::new(header), format);
    }
    limited(content, format)
}

fn limited(content: impl BufRead + Seek, format: ImageFormat) -> Result<(u32, u32), ImageError> {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(HEADER_ALLOC_MAX_BYTES);
    let mut reader = ImageReader::with_format(content, format);
    reader.limits(limits);
    reader.into_dimensions()
}

fn check_pixels(width: u32, height: u32, bytes: u64) -> Result<(), Unfit> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS_MAX {
        return Err(Unfit::Pixels { width, height });
    }
    if pixels > FLAT_PIXELS_MAX && pixels * PIXEL_BYTES > bytes.saturating_mul(INFLATION_MAX) {
        return Err(Unfit::Inflates { width, height, bytes });
    }
    Ok(())
}
