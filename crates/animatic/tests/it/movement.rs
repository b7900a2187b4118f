//! Every kind of scene moves, and no frame is flat.

use animatic::Wish;

use crate::media::{difference, frames, rendered, small, spread};

fn check(prompt: &str) {
    let clip = rendered(&Wish {
        prompt: prompt.to_owned(),
        fps: 12,
        duration_ms: 2000,
        ..small()
    });
    let frames = frames(&clip.bytes);
    assert_eq!(frames.len(), 24);
    for (number, frame) in frames.iter().enumerate() {
        let spread = spread(frame);
        assert!(spread > 8.0, "frame {number} of `{prompt}` is flat: `{spread}`");
    }
    for (number, pair) in frames.windows(2).enumerate() {
        let moved = difference(&pair[0], &pair[1]);
        assert!(
            moved > 0.1,
            "frame {number} of `{prompt}` does not move: `{moved}`"
        );
    }
    let moved = difference(&frames[0], &frames[23]);
    assert!(moved > 2.0, "`{prompt}` comes nowhere: `{moved}`");
}

#[test]
fn every_place_moves() {
    for place in [
        "sea",
        "forest",
        "city",
        "desert",
        "space",
        "mountains",
        "meadow",
        "an abstract idea",
    ] {
        check(place);
    }
}

#[test]
fn every_weather_and_hour_moves() {
    for words in [
        "rain in the forest",
        "snow on the mountains",
        "night meadow",
        "dawn at sea",
        "city at sunset",
    ] {
        check(words);
    }
}

#[test]
fn every_subject_moves() {
    let subjects = "cat dog horse woman birds butterfly boat balloon rocket car fish orb";
    for subject in subjects.split(' ') {
        check(subject);
    }
}

#[test]
fn strange_prompts_render() {
    let long = "a very long story about everything ".repeat(200);
    let strange = [
        "",
        " \n\t ",
        "\u{0}\u{1f600}日本語 العربية 👩‍👩‍👧",
        "\u{202e}backwards",
        "WWWWWWWWWWWWWWWW".repeat(40).as_str(),
        &long,
    ]
    .map(str::to_owned);
    for prompt in strange {
        let clip = rendered(&Wish {
            prompt,
            duration_ms: 500,
            width: 128,
            height: 96,
            ..small()
        });
        assert_eq!(frames(&clip.bytes).len(), 12);
    }
}

#[test]
fn the_caption_is_in_the_picture() {
    let wish = Wish {
        prompt: "an abstract idea".to_owned(),
        width: 640,
        height: 360,
        ..small()
    };
    let clip = rendered(&wish);
    let last = frames(&clip.bytes).pop().expect("a last frame");
    let foot = &last[640 * 300..640 * 350];
    assert!(
        foot.iter().filter(|level| **level > 160).count() > 200,
        "no bright letters at the foot"
    );
}

#[test]
fn the_mark_is_there_only_when_wished() {
    let corner = |mark: bool| {
        let clip = rendered(&Wish {
            mark,
            width: 640,
            height: 360,
            duration_ms: 500,
            ..small()
        });
        let first = frames(&clip.bytes).swap_remove(0);
        (8..22)
            .flat_map(|row| first[row * 640 + 560..row * 640 + 636].to_vec())
            .collect::<Vec<u8>>()
    };
    let changed = difference(&corner(true), &corner(false));
    assert!(changed > 3.0, "the corner differs by `{changed}` only");
}
