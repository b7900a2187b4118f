//! What bytes say that they are: every kind of media by a small file, heads, bombs, and what the bound
//! on flat pictures was measured by.

use std::io::Cursor;

use domain::MediaKind;
use engine::sniff::{FLAT_PIXELS_MAX, INFLATION_MAX, Sniffed, Unfit, sniff};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageFormat};

/// Sides of a flat picture of more than [`FLAT_PIXELS_MAX`] pixels.
const FLAT_SIDE: u32 = 4_200;

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

fn small(format: ImageFormat) -> Vec<u8> {
    written(&DynamicImage::new_rgb8(40, 30), format)
}

/// A PNG whose header, with a good checksum, announces these sides.
fn announcing(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = small(ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

/// A JPEG with so many full application segments before its size.
fn with_segments(count: usize) -> Vec<u8> {
    let plain = small(ImageFormat::Jpeg);
    let segment = [&[0xff, 0xe1, 0xff, 0xff][..], &[0x20; 65_533]].concat();
    [&plain[..2], &segment.repeat(count), &plain[2..]].concat()
}

fn of(bytes: &[u8]) -> Result<Sniffed, Unfit> {
    sniff(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn bytes_say_what_they_are() {
    let image = Some(MediaKind::Image);
    let mp3 = b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\0";
    for (bytes, kind, content_type, sides) in [
        (
            &small(ImageFormat::Png)[..],
            image,
            Some("image/png"),
            Some((40, 30)),
        ),
        (
            &small(ImageFormat::Jpeg),
            image,
            Some("image/jpeg"),
            Some((40, 30)),
        ),
        (
            &small(ImageFormat::WebP),
            image,
            Some("image/webp"),
            Some((40, 30)),
        ),
        (&with_segments(5), image, Some("image/jpeg"), Some((40, 30))),
        (&with_segments(5)[..64 * 1024], image, Some("image/jpeg"), None),
        (&small(ImageFormat::Png)[..20], image, Some("image/png"), None),
        (&small(ImageFormat::Jpeg)[..20], image, Some("image/jpeg"), None),
        (b"GIF89a\x28\0\x1e\0\x80\0\0", None, Some("image/gif"), None),
        (
            b"<svg width=\"40\" height=\"30\"/>",
            None,
            Some("image/svg+xml"),
            None,
        ),
        (
            b"<?xml version=\"1.0\"?>\n<!-- a --><SVG/>",
            None,
            Some("image/svg+xml"),
            None,
        ),
        (b"<?xml version=\"1.0\"?><feed/>", None, Some("text/xml"), None),
        (b"\n <!doctype html><svg/>", None, Some("text/html"), None),
        (b"<html>no picture</html>", None, Some("text/html"), None),
        (b"no picture", None, None, None),
        (b"", None, None, None),
        (
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
            Some(MediaKind::Video),
            Some("video/mp4"),
            None,
        ),
        (mp3, Some(MediaKind::Audio), Some("audio/mpeg"), None),
    ] {
        let found = of(bytes).expect("fit");
        let size = found.facts.width.zip(found.facts.height);
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
        assert_eq!(
            (found.kind, found.content_type, size),
            (kind, content_type, sides),
            "{start}"
        );
        assert_eq!(
            found.is_without_size(),
            kind == image && sides.is_none(),
            "{start}"
        );
    }
}

#[test]
fn a_size_behind_more_than_a_header_may_be_is_not_looked_for() {
    let found = of(&with_segments(200)).expect("fit");
    assert!(found.is_without_size(), "{found:?}");
}

#[test]
fn a_head_is_judged_by_the_length_of_its_file() {
    let head = announcing(5_000, 5_000);
    let whole = 5_000 * 5_000 * 4 / INFLATION_MAX;
    assert!(sniff(Cursor::new(&head), whole).is_ok());
    assert!(matches!(
        sniff(Cursor::new(&head), whole - 1),
        Err(Unfit::Inflates { .. })
    ));
}

#[test]
fn bombs_are_refused_by_their_headers() {
    for (sides, says) in [
        ((30_000, 30_000), "30000×30000 pixels, more than 100 megapixels"),
        ((10_001, 10_000), "more than 100 megapixels"),
        ((10_000, 10_000), "more than 5000 times its length"),
    ] {
        let unfit = of(&announcing(sides.0, sides.1)).expect_err("a bomb").to_string();
        assert!(
            unfit.starts_with("is a picture of ") && unfit.contains(says),
            "{unfit}"
        );
    }
    assert!(of(&announcing(4_000, 4_000)).is_ok());
}

#[test]
fn a_header_that_takes_too_much_memory_is_refused() {
    // One row of pixels alone is longer than any header.
    for sides in [(20_000_000, 1), (u32::MAX >> 1, u32::MAX >> 1)] {
        let unfit = of(&announcing(sides.0, sides.1)).expect_err("a bomb");
        assert!(matches!(unfit, Unfit::Memory), "{unfit}");
    }
}

/// What [`INFLATION_MAX`] was chosen by: pictures of one colour as encoders write them.
#[test]
fn pictures_of_one_colour_pass() {
    assert!(u64::from(FLAT_SIDE * FLAT_SIDE) > FLAT_PIXELS_MAX);
    let (rgb, grey) = (
        DynamicImage::new_rgb8(FLAT_SIDE, FLAT_SIDE),
        DynamicImage::new_luma8(FLAT_SIDE, FLAT_SIDE),
    );
    let dense = |picture: &DynamicImage| {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::NoFilter);
        picture.write_with_encoder(encoder).expect("a picture");
        bytes
    };
    for (name, bytes) in [
        ("PNG", written(&rgb, ImageFormat::Png)),
        ("dense PNG", dense(&rgb)),
        ("dense grey PNG", dense(&grey)),
        ("JPEG", written(&rgb, ImageFormat::Jpeg)),
        ("grey JPEG", written(&grey, ImageFormat::Jpeg)),
    ] {
        let ratio = u64::from(FLAT_SIDE * FLAT_SIDE * 4) / bytes.len() as u64;
        println!("{name}: {ratio}:1");
        assert!(of(&bytes).is_ok(), "{name}: {ratio}:1");
    }
}
