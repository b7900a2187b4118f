//! Shots, masks and continuations do visibly what they are asked for, and every work is the same every time.

use animatic::{Edit, Elements, Extend, Masks, MotionControl, Moving, PlannedShot, Wish, Work};
use image::{ImageFormat, Rgb, RgbImage};

use crate::given::{Film, film, loudness, pixels, played, refused};
use crate::media::{difference, frames, rendered, small, sound};
use crate::pictures::{drawing, encoded};

#[test]
fn shots_cut_at_their_frames_and_each_shows_its_own_words() {
    let shot = |prompt: &str, duration_ms| PlannedShot {
        prompt: prompt.to_owned(),
        duration_ms,
    };
    let wish = Wish {
        duration_ms: 3000,
        fps: 10,
        work: Work::Shots(vec![
            shot("a boat on the sea at sunset", 1000),
            shot("a pine forest at night", 1250),
            shot("a city street in rain", 750),
        ]),
        ..small()
    };
    let (bytes, frames) = played(&wish, 3000);
    let steps: Vec<f64> = frames
        .windows(2)
        .map(|pair| difference(&pair[0], &pair[1]))
        .collect();
    let cuts: Vec<usize> = (0..steps.len())
        .filter(|at| steps[*at] > 12.0)
        .map(|at| at + 1)
        .collect();
    assert_eq!(cuts, [10, 23], "{steps:?}");
    // Every shot looks as a clip of its own words does.
    let alone = Wish {
        prompt: "a pine forest at night".to_owned(),
        duration_ms: 1250,
        fps: 10,
        ..small()
    };
    let alone = self::frames(&rendered(&alone).bytes);
    assert!(difference(&frames[16], &alone[6]) < 3.0);
    assert!(loudness(&sound(&bytes), 0, 3000) > 0.005);
    let wrong = Wish {
        duration_ms: 3100,
        ..wish
    };
    assert_eq!(refused(&wrong), "shots");
}

#[test]
fn a_masked_area_goes_its_way_and_the_rest_stands_still() {
    // A red block on grey, near the lower left; a blue one that is held.
    let mut picture = RgbImage::from_fn(640, 360, |x, y| {
        Rgb([110, 112 + (x / 32 % 2) as u8 * 8, 105 + (y / 9 % 8) as u8])
    });
    let block = |picture: &mut RgbImage, colour, (left, top)| {
        for (x, y) in pixels(left, top, 80, 80) {
            picture.put_pixel(x, y, Rgb(colour));
        }
    };
    block(&mut picture, [220, 30, 30], (60, 240));
    block(&mut picture, [30, 40, 220], (500, 40));
    let mask = |corner: (u32, u32)| {
        let mut mask = RgbImage::new(640, 360);
        for (x, y) in pixels(corner.0, corner.1, 80, 80) {
            mask.put_pixel(x, y, Rgb([255; 3]));
        }
        encoded(mask, ImageFormat::Png)
    };
    let wish = Wish {
        prompt: String::new(),
        first_frame: Some(encoded(picture, ImageFormat::Png)),
        work: Work::Masks(Masks {
            still: Some(mask((500, 40))),
            moving: vec![Moving {
                mask: mask((60, 240)),
                // 240 to the right and 120 up, counted from the lower left.
                path: vec![(100, 80), (220, 80), (340, 200)],
            }],
        }),
        ..small()
    };
    let clip = rendered(&wish);
    let film = Film::of(&clip.bytes);
    let (from, to) = (
        film.block(0, [220, 30, 30]),
        film.block(film.count() - 1, [220, 30, 30]),
    );
    // The frame is half as large as the picture.
    let moved = (to.0 - from.0, to.1 - from.1);
    assert!(
        (moved.0 - 120.0).abs() < 2.0 && (moved.1 + 60.0).abs() < 2.0,
        "{moved:?}"
    );
    let held = (
        film.block(0, [30, 40, 220]),
        film.block(film.count() - 1, [30, 40, 220]),
    );
    assert!(
        (held.0.0 - held.1.0).abs() < 0.5 && (held.0.1 - held.1.1).abs() < 0.5,
        "{held:?}"
    );
    // Where it was, the grey around it is seen.
    let hole = film.pixel(film.count() - 1, 50, 140);
    assert!(hole.iter().all(|level| (80..150).contains(level)), "{hole:?}");
    // In between it is under way, and it begins and ends gently.
    let middle = film.block(film.count() / 2, [220, 30, 30]);
    assert!(middle.0 > from.0 + 20.0 && middle.0 < to.0 - 20.0, "{middle:?}");
    let early = film.block(2, [220, 30, 30]);
    assert!((early.0 - from.0).abs() < 4.0, "{early:?}");
    let short = Wish {
        work: Work::Masks(Masks {
            still: None,
            moving: vec![Moving {
                mask: mask((60, 240)),
                path: vec![(1, 1)],
            }],
        }),
        ..wish
    };
    assert_eq!(refused(&short), "masks[0].path");
}

#[test]
fn an_extended_clip_begins_with_its_parent_and_goes_on_from_its_last_frame() {
    let parent = Wish {
        prompt: "a sailboat on a calm lake at noon".to_owned(),
        duration_ms: 1500,
        ..small()
    };
    let parent = rendered(&parent).bytes;
    let wish = Wish {
        prompt: "a city skyline at night".to_owned(),
        work: Work::Extend(Extend {
            clip: parent.clone(),
            added_ms: 2000,
        }),
        ..small()
    };
    let (bytes, longer) = played(&wish, 3500);
    let before = frames(&parent);
    for (at, frame) in before.iter().enumerate() {
        assert!(
            difference(frame, &longer[at]) < 2.5,
            "frame {at} of the parent is not seen"
        );
    }
    let last = before.last().expect("a frame");
    assert!(
        difference(last, &longer[before.len()]) < 4.0,
        "the continuation does not start there"
    );
    assert!(
        difference(last, longer.last().expect("a frame")) > 12.0,
        "nothing new is seen"
    );
    let heard = sound(&bytes);
    for (from, to) in [(300, 1200), (2000, 3000)] {
        assert!(loudness(&heard, from, to) > 0.005, "silence from {from} to {to}");
    }
    // The parent's sound is its own.
    let own = sound(&parent);
    let (ours, theirs) = (loudness(&heard, 400, 1100), loudness(&own, 400, 1100));
    assert!((ours / theirs - 1.0).abs() < 0.1, "{ours} against {theirs}");
}

#[test]
fn equal_works_give_equal_bytes() {
    let clip = film("testsrc2=size=128x96:rate=12:duration=1", None);
    let portrait = encoded(drawing(320, 180, true), ImageFormat::Png);
    let works = [
        Work::Extend(Extend {
            clip: clip.clone(),
            added_ms: 600,
        }),
        Work::MotionControl(MotionControl {
            clip: clip.clone(),
            keeps_sound: false,
        }),
        Work::Effect("heart_rain".to_owned()),
        Work::Elements(Elements {
            clip,
            edit: Edit::Addition,
            areas: Vec::new(),
        }),
    ];
    for work in works {
        let wish = Wish {
            first_frame: Some(portrait.clone()),
            references: vec![portrait.clone()],
            fps: 12,
            width: 128,
            height: 96,
            work,
            ..small()
        };
        assert_eq!(
            rendered(&wish).bytes,
            rendered(&wish).bytes,
            "{:?}",
            wish.duration_ms
        );
    }
}
