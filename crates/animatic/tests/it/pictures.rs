//! Given pictures: clips start and end on them, and bombs are refused without being read.

use std::io::Cursor;

use animatic::{CameraControl, RenderError, Watch, Wish, render};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::media::{difference, frames, rendered, small, spread};

/// A picture with large shapes, bright on the left for `bright_left`.
pub(crate) fn drawing(width: u32, height: u32, bright_left: bool) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let left = (x * 2 < width) == bright_left;
        let level = if left { 200 } else { 40 };
        let ring = (x / (width / 8) + y / (height / 6)).is_multiple_of(2);
        Rgb([level, if ring { level } else { level / 2 }, 90])
    })
}

pub(crate) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .into()
        .write_to(&mut bytes, format)
        .expect("the picture is encoded");
    bytes.into_inner()
}

/// Hills before hills under a bright sky, all of them textured; what is seen lies `aside` pixels to the right.
pub(crate) fn landscape(width: u32, height: u32, aside: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (
            f64::from(x + aside) / f64::from(width),
            f64::from(y) / f64::from(height),
        );
        let texture = ((across * 173.0).sin() * (down * 141.0 + across * 61.0).cos() * 14.0) as i16;
        let crest = |base: f64, rate: f64, tall: f64| {
            base + (across * rate).sin() * tall + (across * rate * 2.7).cos() * tall * 0.4
        };
        let base = if down > crest(0.8, 7.0, 0.07) {
            [92, 128, 70]
        } else if down > crest(0.58, 11.0, 0.09) {
            [120, 158, 140]
        } else if (across - 0.7).hypot((down - 0.22) * 0.56) < 0.07 {
            [250, 236, 190]
        } else {
            [150 + (down * 90.0) as i16, 180, 230 - (down * 60.0) as i16]
        };
        Rgb(base.map(|part: i16| (part + texture).clamp(70, 255) as u8))
    })
}

/// How like its picture a first or last frame must be after decoding.
const SAME: f64 = 0.97;

/// A wish without words or mark over it.
fn pictured() -> Wish {
    Wish {
        prompt: String::new(),
        width: 640,
        height: 360,
        sound: false,
        ..small()
    }
}

/// The structural similarity of two planes: the mean over blocks of 8×8 pixels, 1 where they are the same.
fn similarity(one: &[u8], other: &[u8], width: usize) -> f64 {
    const BLOCK: usize = 8;
    let (mut sum, mut count) = (0.0, 0.0);
    for top in (0..one.len() / width - BLOCK + 1).step_by(BLOCK) {
        for left in (0..=width - BLOCK).step_by(BLOCK) {
            let places = (0..BLOCK * BLOCK).map(|at| (top + at / BLOCK) * width + left + at % BLOCK);
            let pairs: Vec<(f64, f64)> = places
                .map(|at| (f64::from(one[at]), f64::from(other[at])))
                .collect();
            let mean =
                |part: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(part).sum::<f64>() / pairs.len() as f64;
            let (a, b) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
            let (aa, bb) = (
                mean(&|pair| (pair.0 - a).powi(2)),
                mean(&|pair| (pair.1 - b).powi(2)),
            );
            let ab = mean(&|pair| (pair.0 - a) * (pair.1 - b));
            let light = (2.0 * a * b + 6.5) / (a * a + b * b + 6.5);
            sum += light * (2.0 * ab + 58.5) / (aa + bb + 58.5);
            count += 1.0;
        }
    }
    sum / count
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
    let picture = landscape(1280, 720, 0);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let wish = Wish {
            first_frame: Some(encoded(picture.clone(), format)),
            ..pictured()
        };
        let frames = frames(&rendered(&wish).bytes);
        let alike = similarity(&frames[0], &plane(&picture, 640, 360), 640);
        assert!(
            alike >= SAME,
            "the first frame is `{alike}` like its picture in {format:?}"
        );
        assert!(
            difference(&frames[0], &frames[23]) > 1.0,
            "the picture does not move"
        );
    }
}

#[test]
fn a_clip_ends_on_its_last_frame_whether_the_two_have_much_or_nothing_in_common() {
    let first = landscape(1280, 720, 0);
    for last in [landscape(1280, 720, 90), drawing(1280, 720, false)] {
        let wish = Wish {
            // The caption is gone before the end.
            prompt: "from here to there".to_owned(),
            first_frame: Some(encoded(first.clone(), ImageFormat::Png)),
            last_frame: Some(encoded(last.clone(), ImageFormat::Png)),
            duration_ms: 2000,
            ..pictured()
        };
        let frames = frames(&rendered(&wish).bytes);
        assert_eq!(frames.len(), 48);
        let (begun, ended) = (
            similarity(&frames[0], &plane(&first, 640, 360), 640),
            similarity(&frames[47], &plane(&last, 640, 360), 640),
        );
        assert!(begun >= SAME, "the first frame is `{begun}` like its picture");
        assert!(ended >= SAME, "the last frame is `{ended}` like its picture");
        let jumps = frames.windows(2).map(|pair| difference(&pair[0], &pair[1]));
        let largest = jumps.fold(0.0, f64::max);
        assert!(largest < 60.0, "the pictures jump by `{largest}` levels");
    }
}

#[test]
fn two_pictures_of_one_thing_flow_into_one_another_without_a_double_image() {
    let (first, last) = (landscape(1280, 720, 0), landscape(1280, 720, 90));
    let wish = Wish {
        first_frame: Some(encoded(first.clone(), ImageFormat::Png)),
        last_frame: Some(encoded(last.clone(), ImageFormat::Png)),
        ..pictured()
    };
    let frames = frames(&rendered(&wish).bytes);
    // A cross-fade of the two would lose this much of the sharpness in its middle.
    let sharp = |plane: &[u8]| -> f64 {
        let pairs = plane.windows(2).map(|pair| f64::from(pair[0].abs_diff(pair[1])));
        pairs.sum::<f64>() / plane.len() as f64
    };
    let faded: Vec<u8> = frames[0]
        .iter()
        .zip(&frames[23])
        .map(|(a, b)| a.midpoint(*b))
        .collect();
    let (middle, faded) = (sharp(&frames[12]), sharp(&faded));
    assert!(
        middle > faded * 1.1,
        "the middle is as soft as a cross-fade: `{middle}`, `{faded}`"
    );
}

#[test]
fn a_sequence_of_pictures_shows_each_of_them_in_motion_until_its_end() {
    let pictures = [
        landscape(1280, 720, 0),
        drawing(1280, 720, true),
        drawing(1280, 720, false),
    ];
    for seed in [1, 2, 3, 4] {
        let wish = Wish {
            references: pictures
                .iter()
                .map(|picture| encoded(picture.clone(), ImageFormat::Png))
                .collect(),
            duration_ms: 6600,
            fps: 10,
            seed,
            ..pictured()
        };
        let frames = frames(&rendered(&wish).bytes);
        assert_eq!(frames.len(), 66);
        for (at, picture) in pictures.iter().enumerate() {
            let own = difference(&frames[at * 22 + 11], &plane(picture, 640, 360));
            let other = difference(&frames[at * 22 + 11], &plane(&pictures[(at + 1) % 3], 640, 360));
            assert!(own < other, "picture {at} is not seen in its third of the clip");
        }
        for (number, pair) in frames.windows(2).enumerate() {
            let moved = difference(&pair[0], &pair[1]);
            assert!(moved > 0.1, "frame {number} does not move: `{moved}`");
        }
    }
}

#[test]
fn a_picture_keeps_moving_through_a_minute() {
    let wish = Wish {
        first_frame: Some(encoded(landscape(640, 360, 0), ImageFormat::Png)),
        width: 320,
        height: 180,
        fps: 2,
        duration_ms: 60_000,
        ..pictured()
    };
    let frames = frames(&rendered(&wish).bytes);
    assert_eq!(frames.len(), 120);
    for (number, pair) in frames.windows(2).enumerate() {
        let moved = difference(&pair[0], &pair[1]);
        assert!(moved > 0.2, "frame {number} does not move: `{moved}`");
    }
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
fn a_picture_of_a_far_shape_is_seen_whole_from_the_first_frame() {
    // White at either end, so wide that a portrait frame could never hold both without the whole.
    let picture = RgbImage::from_fn(900, 300, |x, _| {
        Rgb(if (90..810).contains(&x) {
            [40, 60, 90]
        } else {
            [255; 3]
        })
    });
    let wish = Wish {
        first_frame: Some(encoded(picture, ImageFormat::Png)),
        width: 180,
        height: 320,
        ..pictured()
    };
    let first = frames(&rendered(&wish).bytes).swap_remove(0);
    let level = |x: usize, y: usize| first[y * 180 + x];
    assert!(
        level(6, 160) > 200 && level(173, 160) > 200,
        "the ends are cut off"
    );
    assert!(level(90, 160) < 90, "the middle is not the picture's");
    let above = level(90, 20);
    assert!(
        above > 24 && above < level(90, 160),
        "the surround is not the darkened picture: `{above}`"
    );
}

#[test]
fn equal_wishes_with_pictures_and_a_camera_give_equal_bytes() {
    let picture = |aside: u32| Some(encoded(landscape(640, 360, aside), ImageFormat::Png));
    let wish = Wish {
        first_frame: picture(0),
        last_frame: picture(60),
        width: 320,
        height: 180,
        ..pictured()
    };
    assert_eq!(rendered(&wish).bytes, rendered(&wish).bytes);
    let other = Wish {
        camera: Some(CameraControl::ForwardUp),
        ..wish.clone()
    };
    assert_eq!(rendered(&other).bytes, rendered(&other).bytes);
    assert_ne!(rendered(&other).bytes, rendered(&wish).bytes);
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
