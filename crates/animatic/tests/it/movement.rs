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
        "lake",
        "coral reef",
        "glacier",
        "village",
        "living room",
        "studio",
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
        "thunderstorm at sea",
        "foggy autumn forest",
        "aurora over a glacier at night",
        "cherry blossoms in the wind",
        "embers of a campfire",
        "black and white city at dusk",
    ] {
        check(words);
    }
}

#[test]
fn every_subject_moves() {
    let subjects = "cat dog fox lion tiger horse deer elephant bear panda rabbit woman child couple ballerina \
                    astronaut robot birds butterfly dragon plane rocket balloon lantern boat car train \
                    bicycle fish whale jellyfish lighthouse house tree flower perfume coffee orb";
    for subject in subjects.split_whitespace() {
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

/// How often neighbours at the foot of the last frame differ as only letters do.
fn edges_at_the_foot(prompt: &str) -> usize {
    let wish = Wish {
        prompt: prompt.to_owned(),
        width: 640,
        height: 360,
        ..small()
    };
    let last = frames(&rendered(&wish).bytes).pop().expect("a last frame");
    let rows = last[640 * 290..640 * 352].chunks(640);
    let sharp = |pair: &&[u8]| pair[0].abs_diff(pair[1]) > 45;
    rows.map(|row| row.windows(2).filter(sharp).count()).sum()
}

#[test]
fn every_script_is_set() {
    for prompt in [
        "abstract ideas in words",
        "抽象的光影流动",
        "夢のような光",
        "추상적인 생각",
        "فكرة مجردة جميلة",
        "רעיון מופשט יפה",
        "एक अमूर्त विचार",
        "ความคิดเชิงนามธรรม",
        "абстрактная идея",
        "αφηρημένη ιδέα",
        "\u{1f600}\u{1f308}\u{1f680}\u{2728}",
    ] {
        let edges = edges_at_the_foot(prompt);
        assert!(edges > 60, "`{prompt}` left only `{edges}` edges at the foot");
    }
}

#[test]
fn letters_that_no_font_knows_leave_no_boxes() {
    let edges = edges_at_the_foot("\u{f0001}\u{f0002}\u{f0003}\u{f0004}\u{f0005}");
    assert!(edges < 20, "`{edges}` edges at the foot");
}
