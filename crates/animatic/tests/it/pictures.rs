//! Given pictures: clips start and end on them, and bombs are refused without being read.

use std::io::Cursor;

use animatic::{RenderError, Watch, Wish, render};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::media::{difference, frames, rendered, small, spread};

/// A picture with large shapes, bright on the left for `bright_left`.
fn drawing(width: u32, height: u32, bright_left: bool) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let left = (x * 2 < width) == bright_left;
        let level = if left { 200 } else { 40 };
        let ring = (x / (width / 8) + y / (height / 6)).is_multiple_of(2);
        Rgb([level, if ring { level } else { level / 2 }, 90])
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .into()
        .write_to(&mut bytes, format)
        .expect("the picture is encoded");
    bytes.into_inner()
}

/// The picture's luma as a limited-range plane of the frame's size.
fn plane(picture: &RgbImage, width: u32, height: u32) -> Vec<u8> {
    let small = image::imageops::resize(picture, width, height, image::imageops::FilterType::Triangle);
    let luma = |pixel: &Rgb<u8>| {
        let [red, green, blue] = pixel.0.map(f64::from);
        (16.0 + (0.2126 * red + 0.7152 * green + 0.0722 * blue) * 219.0 / 255.0) as u8
    };
    small.pixels().map(luma).collect()
}

#[test]
fn a_clip_starts_on_its_first_frame_in_every_format() {
    let picture = drawing(640, 360, true);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let wish = Wish {
            first_frame: Some(encoded(picture.clone(), format)),
            ..small()
        };
        let frames = frames(&rendered(&wish).bytes);
        let apart = difference(&frames[0], &plane(&picture, 320, 180));
        assert!(
            apart < 14.0,
            "the first frame is `{apart}` levels from its picture in {format:?}"
        );
        assert!(
            difference(&frames[0], &frames[23]) > 1.0,
            "the picture does not move"
        );
    }
}

#[test]
fn a_clip_ends_on_its_last_frame() {
    let (first, last) = (drawing(640, 360, true), drawing(640, 360, false));
    let wish = Wish {
        prompt: String::new(),
        first_frame: Some(encoded(first.clone(), ImageFormat::Png)),
        last_frame: Some(encoded(last.clone(), ImageFormat::Png)),
        ..small()
    };
    let frames = frames(&rendered(&wish).bytes);
    assert!(difference(&frames[0], &plane(&first, 320, 180)) < 14.0);
    let apart = difference(&frames[23], &plane(&last, 320, 180));
    assert!(
        apart < 14.0,
        "the last frame is `{apart}` levels from its picture"
    );
}

#[test]
fn a_scene_can_fade_to_a_last_frame_and_pass_references() {
    let last = drawing(640, 360, false);
    let bytes = encoded(last.clone(), ImageFormat::Png);
    let wish = Wish {
        last_frame: Some(bytes.clone()),
        prompt: String::new(),
        ..small()
    };
    let ended = frames(&rendered(&wish).bytes);
    assert!(difference(&ended[23], &plane(&last, 320, 180)) < 14.0);
    assert!(difference(&ended[0], &plane(&last, 320, 180)) > 20.0);
    let wish = Wish {
        references: vec![bytes; 3],
        duration_ms: 2000,
        ..small()
    };
    assert_eq!(frames(&rendered(&wish).bytes).len(), 48);
}

#[test]
fn a_picture_of_another_shape_covers_the_whole_frame() {
    let white = RgbImage::from_pixel(300, 900, Rgb([255, 255, 255]));
    let wish = Wish {
        first_frame: Some(encoded(white, ImageFormat::Png)),
        prompt: String::new(),
        ..small()
    };
    for frame in frames(&rendered(&wish).bytes) {
        let darkest = frame.iter().min().expect("a frame has pixels");
        assert!(*darkest > 150, "an edge of level `{darkest}` shows");
    }
}

#[test]
fn transparent_and_tiny_pictures_render() {
    let clear = RgbaImage::from_fn(3, 2, |x, _| Rgba([255, 0, 0, (x * 100) as u8]));
    let wish = Wish {
        first_frame: Some(encoded(clear, ImageFormat::Png)),
        ..small()
    };
    assert!(spread(&frames(&rendered(&wish).bytes)[0]) > 1.0);
}

#[test]
fn a_broken_picture_is_refused_by_name() {
    let mut bytes = encoded(drawing(640, 360, true), ImageFormat::Png);
    bytes.truncate(bytes.len() / 2);
    let ended = render(
        &Wish {
            first_frame: Some(bytes),
            ..small()
        },
        &mut |_| Watch::Continue,
    );
    assert!(matches!(ended, Err(RenderError::Wish(error)) if error.field == "first_frame"));
}

/// A PNG file that claims a size and holds next to nothing.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(RgbImage::new(1, 1), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32| {
        if sum & 1 == 1 {
            (sum >> 1) ^ 0xedb8_8320
        } else {
            sum >> 1
        }
    };
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum))
    })
}

#[test]
fn a_bomb_is_refused_by_its_header_in_little_memory() {
    for (width, height) in [(30_000, 30_000), (100_000, 2), (65_535, 65_535), (20_000, 5_001)] {
        let wish = Wish {
            first_frame: Some(bomb(width, height)),
            ..small()
        };
        let before = peak_kib();
        let error = wish.check().expect_err("the picture is too large");
        assert_eq!(error.field, "first_frame");
        assert_eq!(error.value, format!("{width}x{height}"));
        let grown = peak_kib() - before;
        assert!(grown < 64 * 1024, "the check took `{grown}` KiB");
    }
}

/// The most memory this process ever held, in KiB. Other tests may raise it too, hence the wide margin above.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells about the process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak is told");
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .expect("a number of KiB")
}
