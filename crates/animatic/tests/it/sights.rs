//! What is named is seen: colours where they belong, things of a place, and as many as are asked for.

use animatic::{Picture, Wish, frames};

use crate::media::small;

/// Seeds that every picture is looked at with.
const SEEDS: u64 = 6;

/// The middle of a clip, without its sound.
fn seen(prompt: &str, negative: &str, seed: u64) -> Picture {
    let wish = Wish {
        prompt: prompt.to_owned(),
        negative_prompt: Some(negative.to_owned()),
        duration_ms: 5_000,
        seed,
        ..small()
    };
    frames(&wish, &[0.5])
        .expect("a wish within bounds")
        .swap_remove(0)
}

/// The share of the pixels between two rows, in shares of the height, that are of a kind.
fn share(picture: &Picture, (top, bottom): (f32, f32), kind: fn([i32; 3]) -> bool) -> f32 {
    let rows = (picture.height as f32 * top) as usize..(picture.height as f32 * bottom) as usize;
    let wide = picture.width as usize * 3;
    let part = &picture.rgb[rows.start * wide..rows.end * wide];
    let found = part
        .chunks_exact(3)
        .filter(|pixel| kind([pixel[0], pixel[1], pixel[2]].map(i32::from)));
    found.count() as f32 / (part.len() / 3) as f32
}

fn is_red([red, green, blue]: [i32; 3]) -> bool {
    red > green + 50 && red > blue + 40
}

fn is_green([red, green, blue]: [i32; 3]) -> bool {
    green > red + 10 && green > blue + 10
}

fn is_teal([red, green, blue]: [i32; 3]) -> bool {
    green > red + 40 && blue > red + 30
}

fn is_gold([red, green, blue]: [i32; 3]) -> bool {
    red > blue + 45 && green > blue + 25 && red >= green - 10
}

fn is_purple([red, green, blue]: [i32; 3]) -> bool {
    blue > green + 20 && red > green + 8
}

fn is_dark([red, green, blue]: [i32; 3]) -> bool {
    red.max(green).max(blue) < 90
}

fn is_hot([red, green, blue]: [i32; 3]) -> bool {
    red > 150 && red > blue + 70 && red > green + 20
}

fn is_white([red, green, blue]: [i32; 3]) -> bool {
    red.min(green).min(blue) > 170 && red.max(green).max(blue) - red.min(green).min(blue) < 45
}

fn is_blue([red, _, blue]: [i32; 3]) -> bool {
    blue > red + 25
}

/// The rows above the caption.
const PICTURE: (f32, f32) = (0.0, 0.86);

/// A kind of pixel and the least share of them.
type Shares = [(fn([i32; 3]) -> bool, f32)];

fn check(prompt: &str, rows: (f32, f32), kinds: &Shares) {
    for seed in 0..SEEDS {
        let picture = seen(prompt, "", seed);
        for (at, (kind, least)) in kinds.iter().enumerate() {
            let share = share(&picture, rows, *kind);
            assert!(
                share > *least,
                "`{prompt}`, seed {seed}, kind {at}: `{share}` of the picture"
            );
        }
    }
}

#[test]
fn named_colours_are_seen() {
    let ribbons = "Slow abstract ribbons of teal and gold, calm and elegant";
    check(ribbons, PICTURE, &[(is_teal, 0.2), (is_gold, 0.1)]);
    check(
        "青色和金色的丝带，宁静",
        PICTURE,
        &[(is_teal, 0.2), (is_gold, 0.1)],
    );
    let dance = "A restless dance of crimson and black, dramatic";
    check(dance, PICTURE, &[(is_dark, 0.5), (is_red, 0.004)]);
    check("a perfume on a black background", PICTURE, &[(is_dark, 0.4)]);
}

#[test]
fn a_colour_before_a_place_is_the_places() {
    let valley = "Hot air balloons drift over a green valley in the morning";
    check(valley, (0.72, 0.86), &[(is_green, 0.6)]);
    check("绿色的山谷，清晨", (0.72, 0.86), &[(is_green, 0.6)]);
    check("red mountains by day", (0.6, 0.86), &[(is_red, 0.4)]);
    check(
        "a lake under a purple sky by day",
        (0.2, 0.5),
        &[(is_purple, 0.4)],
    );
    check("a violet nebula in space", PICTURE, &[(is_purple, 0.3)]);
}

#[test]
fn things_of_a_place_are_drawn_and_kept_out() {
    type Kind = fn([i32; 3]) -> bool;
    type Line = (&'static str, &'static str, (f32, f32), Kind, f32);
    let table: [Line; 4] = [
        ("a volcano at night", "volcano", (0.1, 0.8), is_hot, 0.006),
        ("夜晚的火山", "火山", (0.1, 0.8), is_hot, 0.006),
        (
            "a waterfall in the jungle at noon",
            "waterfall",
            (0.45, 0.72),
            is_white,
            0.03,
        ),
        (
            "a brook through a meadow at noon",
            "brook",
            (0.76, 0.95),
            is_blue,
            0.006,
        ),
    ];
    for (prompt, negative, rows, kind, least) in table {
        for seed in 0..SEEDS {
            let with = share(&seen(prompt, "", seed), rows, kind);
            let without = share(&seen(prompt, negative, seed), rows, kind);
            assert!(
                with > without + least,
                "`{prompt}`, seed {seed}: `{with}` with and `{without}` without"
            );
        }
    }
}

/// How often a row goes from dark to light and back, as stalks do.
fn edges(picture: &Picture, at: f32) -> usize {
    let row = (picture.height as f32 * at) as usize * picture.width as usize * 3;
    let line = &picture.rgb[row..][..picture.width as usize * 3];
    let green: Vec<u8> = line.chunks_exact(3).map(|pixel| pixel[1]).collect();
    green
        .windows(2)
        .filter(|pair| pair[0].abs_diff(pair[1]) > 12)
        .count()
}

#[test]
fn bamboo_stands_in_stalks() {
    for seed in 0..SEEDS {
        let (bamboo, pines) = (
            edges(&seen("a bamboo forest at noon", "", seed), 0.55),
            edges(&seen("a pine forest at noon", "", seed), 0.55),
        );
        assert!(
            bamboo > pines + 10,
            "seed {seed}: {bamboo} edges, {pines} among pines"
        );
    }
}

/// From the first to the last column with red in it, as a share of the width.
fn extent(picture: &Picture) -> f32 {
    let wide = picture.width as usize;
    let red = |pixel: &[u8]| is_red([pixel[0], pixel[1], pixel[2]].map(i32::from));
    let columns: Vec<usize> = picture
        .rgb
        .chunks_exact(3)
        .enumerate()
        .filter(|(_, pixel)| red(pixel))
        .map(|(at, _)| at % wide)
        .collect();
    let (first, last) = (columns.iter().min(), columns.iter().max());
    (last.unwrap_or(&0) - first.unwrap_or(&0)) as f32 / wide as f32
}

#[test]
fn several_take_more_room_than_one() {
    for things in ["balloon", "car"] {
        for seed in 0..SEEDS {
            let one = extent(&seen(&format!("a red {things} in a snowfield at noon"), "", seed));
            let many = extent(&seen(
                &format!("four red {things}s in a snowfield at noon"),
                "",
                seed,
            ));
            assert!(
                one > 0.0 && many > one * 1.3,
                "{things}, seed {seed}: {one} and {many}"
            );
        }
    }
}

#[test]
fn an_owl_has_eyes() {
    fn is_eye([red, green, blue]: [i32; 3]) -> bool {
        red > 130 && red > blue + 60 && green > blue + 20
    }
    for seed in 0..SEEDS {
        let prompt = "at noon over a snowfield";
        let owl = share(&seen(&format!("an owl {prompt}"), "", seed), (0.2, 0.7), is_eye);
        let none = share(&seen(prompt, "", seed), (0.2, 0.7), is_eye);
        assert!(owl > none + 0.0004, "seed {seed}: {owl} and {none}");
    }
}

#[test]
fn a_ring_goes_around_the_planet_that_is_asked_for() {
    fn is_ice([red, green, blue]: [i32; 3]) -> bool {
        red.min(green) > 130 && red >= blue && red - blue < 110
    }
    for seed in 0..SEEDS {
        let ringed = share(&seen("a ringed planet", "", seed), PICTURE, is_ice);
        assert!(ringed > 0.003, "seed {seed}: {ringed}");
    }
}

#[test]
fn ink_is_dark_where_it_is_near_and_pale_where_it_is_far() {
    for prompt in [
        "清晨的山谷，云雾缭绕，水墨风格",
        "an ink wash painting of mountains",
    ] {
        for seed in 0..SEEDS {
            let picture = seen(prompt, "", seed);
            let near = share(&picture, (0.80, 0.88), is_dark);
            let far = share(&picture, (0.1, 0.3), is_dark);
            assert!(
                near > 0.15 && far < 0.12,
                "`{prompt}`, seed {seed}: {near} and {far}"
            );
        }
    }
}
