//! Stills: any shape and format, the clip's own scene, read back by ffmpeg's own decoders.

use animatic::{Format, Layout, Picture, Tile, Wish, captioned_still, frames, sheet, still};

use crate::media::{difference, probe, small, spread, stream};

/// A still's luma, near enough for comparing.
fn luma(picture: &Picture) -> Vec<u8> {
    let weigh = |pixel: &[u8]| (u32::from(pixel[0]) + 2 * u32::from(pixel[1]) + u32::from(pixel[2])) / 4;
    picture
        .rgb
        .chunks_exact(3)
        .map(|pixel| weigh(pixel) as u8)
        .collect()
}

fn read(bytes: &[u8]) -> Picture {
    let decoded = image::load_from_memory(bytes)
        .expect("a whole picture")
        .into_rgb8();
    Picture {
        width: decoded.width(),
        height: decoded.height(),
        rgb: decoded.into_raw(),
    }
}

#[test]
fn every_format_has_the_asked_size_and_is_what_it_says() {
    for (format, codec) in [
        (Format::Png, "png"),
        (Format::Jpeg, "mjpeg"),
        (Format::WebP, "webp"),
    ] {
        for (width, height) in [(320, 180), (181, 321), (64, 64), (420, 180)] {
            let wish = Wish {
                width,
                height,
                ..small()
            };
            let made = still(&wish, format).expect("a still within bounds");
            assert_eq!((made.width, made.height), (width, height));
            let found = probe(&made.bytes);
            let picture = stream(&found, "video").expect("a picture");
            assert_eq!(picture["codec_name"], codec);
            assert_eq!(
                (picture["width"].as_u64(), picture["height"].as_u64()),
                (Some(u64::from(width)), Some(u64::from(height)))
            );
            let name = concat!("Reelway animatic ", env!("CARGO_PKG_VERSION")).as_bytes();
            assert!(
                made.bytes.windows(name.len()).any(|part| part == name),
                "{codec} says not what made it"
            );
        }
    }
}

#[test]
fn a_still_shows_the_scene_and_no_word_unless_asked() {
    let wish = Wish {
        width: 480,
        height: 270,
        ..small()
    };
    let plain = read(&still(&wish, Format::Png).expect("a still").bytes);
    let captioned = read(&captioned_still(&wish, Format::Png).expect("a still").bytes);
    assert!(spread(&luma(&plain)) > 12.0, "a flat still");
    let half = plain.rgb.len() / 2;
    assert_eq!(
        plain.rgb[..half],
        captioned.rgb[..half],
        "the upper half is touched"
    );
    assert!(
        difference(&plain.rgb[half..], &captioned.rgb[half..]) > 3.0,
        "no caption was set"
    );
}

#[test]
fn the_same_wish_gives_the_same_still_and_another_seed_another() {
    let one = still(&small(), Format::Png).expect("a still");
    assert_eq!(one, still(&small(), Format::Png).expect("a still"));
    assert_ne!(
        one,
        still(&Wish { seed: 8, ..small() }, Format::Png).expect("a still")
    );
}

#[test]
fn a_still_is_a_moment_of_the_clip() {
    let wish = Wish {
        duration_ms: 5_000,
        fps: 30,
        prompt: "  ".to_owned(),
        ..small()
    };
    let moment = frames(&wish, &[60.0 / 149.0 + 0.001]).expect("frames within bounds");
    let still = read(&still(&wish, Format::Png).expect("a still").bytes);
    assert_eq!(still, moment[0]);
}

#[test]
fn a_still_keeps_the_colours_of_a_picture_given() {
    // What is put in comes out: neither the matrix nor the range of the levels is confused.
    let (width, height) = (320u32, 180u32);
    let colours = [[200u8, 40, 30], [30, 160, 60], [40, 60, 190], [230, 230, 225]];
    let quarter = |x: u32, y: u32| colours[(x / (width / 2) + 2 * (y / (height / 2))) as usize];
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb(quarter(x, y)));
    let mut file = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut file, image::ImageFormat::Png)
        .expect("a picture");
    let wish = Wish {
        first_frame: Some(file.into_inner()),
        prompt: String::new(),
        width,
        height,
        ..small()
    };
    let first = &frames(&wish, &[0.0]).expect("frames")[0];
    for (x, y) in [(80, 45), (240, 45), (80, 135), (240, 135)] {
        let at = ((y * width + x) * 3) as usize;
        for (got, want) in first.rgb[at..at + 3].iter().zip(quarter(x, y)) {
            // The vignette and the grain take their share.
            assert!(
                got.abs_diff(want) <= 26,
                "at {x},{y}: {:?}",
                &first.rgb[at..at + 3]
            );
        }
    }
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    for (width, height) in [(32, 64), (4000, 64), (3840, 2200), (u32::MAX, 64)] {
        let refused = still(
            &Wish {
                width,
                height,
                ..small()
            },
            Format::Jpeg,
        );
        assert!(refused.is_err(), "{width}x{height}");
    }
}

#[test]
fn a_sheet_holds_every_picture_whole() {
    let colours = [[220u8, 30, 30], [30, 200, 30], [30, 30, 220]];
    let tile = |rgb: [u8; 3], width: u32, height: u32| Tile {
        picture: Picture {
            width,
            height,
            rgb: rgb.repeat((width * height) as usize),
        },
        name: "a name".to_owned(),
    };
    let tiles = [
        tile(colours[0], 160, 90),
        tile(colours[1], 90, 160),
        tile(colours[2], 120, 120),
    ];
    let layout = Layout {
        columns: 2,
        room: (80, 45),
    };
    let page = sheet(&tiles, layout).expect("a sheet");
    for rgb in colours {
        let found = page.rgb.chunks_exact(3).filter(|pixel| *pixel == rgb).count();
        assert!(found > 900, "{rgb:?} covers {found} pixels");
    }
    assert!(sheet(&[], layout).is_err());
}
