//! A submit with a picture that exists nowhere as a whole: a small real picture, and noise behind its end that is
//! made, and written as Base64, while it is sent.

use std::io::Cursor;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Pixels of a side: the least that is taken is 300.
const SIDE: u32 = 600;
/// Bytes of a picture in one chunk; a multiple of three, so that the chunks' Base64 can be joined.
const CHUNK_BYTES: u64 = 48 * 1024;

/// A submit, chunk by chunk.
#[derive(Debug)]
pub(super) struct Wish {
    chance: fastrand::Rng,
    start: Option<Vec<u8>>,
    noise_bytes: u64,
    end: Option<Vec<u8>>,
    bytes: u64,
}

impl Wish {
    /// A wish with a picture of so many bytes, which differs from that of every other number.
    ///
    /// # Errors
    /// When so small a picture has no room for its pixels.
    pub(super) fn new(number: u64, picture_bytes: u64) -> anyhow::Result<Wish> {
        let mut picture = Cursor::new(Vec::new());
        let drawn = image::GrayImage::from_pixel(SIDE, SIDE, image::Luma([120]));
        drawn
            .write_to(&mut picture, image::ImageFormat::Png)
            .context("a picture in memory")?;
        let mut picture = picture.into_inner();
        picture.resize(picture.len().next_multiple_of(3), 0);
        let noise_bytes = picture_bytes.saturating_sub(picture.len() as u64);
        ensure!(noise_bytes > 0, "a picture of {picture_bytes} bytes is too small");
        let start = format!(
            "{{\"model\":\"animatic\",\"prompt\":\"A lantern over a quiet harbour\",\"duration\":1,\"width\":64,\
             \"height\":64,\"fps\":1,\"seed\":{number},\"image\":\"{}",
            STANDARD.encode(&picture)
        );
        let end = "\"}";
        let noise_text_bytes = noise_bytes.div_ceil(3) * 4;
        Ok(Wish {
            chance: fastrand::Rng::with_seed(number),
            bytes: start.len() as u64 + noise_text_bytes + end.len() as u64,
            start: Some(start.into_bytes()),
            noise_bytes,
            end: Some(end.as_bytes().to_vec()),
        })
    }

    /// The length of the whole body.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Iterator for Wish {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if let Some(start) = self.start.take() {
            return Some(start);
        }
        if self.noise_bytes == 0 {
            return self.end.take();
        }
        let length = self.noise_bytes.min(CHUNK_BYTES);
        self.noise_bytes -= length;
        let mut noise = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        self.chance.fill(&mut noise);
        Some(STANDARD.encode(noise).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::Wish;

    #[test]
    fn a_wish_is_as_long_as_it_says_and_no_two_are_the_same() {
        let body = |number| {
            let wish = Wish::new(number, 1_000_000).expect("room for the pixels");
            let bytes = wish.bytes();
            let body: Vec<u8> = wish.flatten().collect();
            assert_eq!(body.len() as u64, bytes);
            let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            let picture = STANDARD.decode(body["image"].as_str().expect("a string"));
            picture.expect("Base64")
        };
        let (one, two) = (body(1), body(2));
        assert_eq!(one.len(), 1_000_000);
        assert_ne!(one, two);
        let drawn = image::load_from_memory(&one).expect("a picture");
        assert_eq!((drawn.width(), drawn.height()), (600, 600));
    }
}
