//! Plants of warm lands: stalks of bamboo with their leaves, palms, broad leaves, and cacti. Plants none itself.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, curve, fill, line, plain, polygon};
use crate::motion::wave;

/// One stalk, its leaves near its upper nodes.
pub(super) fn stalk(
    pixmap: &mut Pixmap,
    (x, y): (f32, f32),
    (tall, thick): (f32, f32),
    colour: Colour,
    chance: &mut Chance,
) {
    let lean = tall * chance.between(-0.05, 0.05);
    let at = |up: f32| (x + lean * up * up, y - tall * up);
    let nodes = (tall / (thick * 6.0)).clamp(4.0, 16.0) as usize;
    let (light, dark) = (colour.mix(Colour::WHITE, 0.26), colour.mix(Colour::BLACK, 0.34));
    for node in 0..nodes {
        let (low, high) = (node as f32 / nodes as f32, (node as f32 + 1.0) / nodes as f32);
        let wide = thick * (1.0 - 0.45 * low) * 0.5;
        let (from, to) = (at(low), at(high));
        let gap = tall * 0.003;
        let segment = [
            (from.0 - wide, from.1 - gap),
            (to.0 - wide * 0.94, to.1 + gap),
            (to.0 + wide * 0.94, to.1 + gap),
            (from.0 + wide, from.1 - gap),
        ];
        fill(pixmap, polygon(&segment), &plain(colour, 1.0));
        if thick > 4.0 {
            let shine = [
                (from.0 - wide * 0.4, from.1 - gap),
                (to.0 - wide * 0.4, to.1 + gap),
            ];
            line(pixmap, &shine, wide * 0.4, &plain(light, 0.6));
            let shade = [
                (from.0 + wide * 0.7, from.1 - gap),
                (to.0 + wide * 0.7, to.1 + gap),
            ];
            line(pixmap, &shade, wide * 0.5, &plain(dark, 0.5));
        }
        let ring = [(to.0 - wide, to.1), (to.0 + wide, to.1)];
        line(pixmap, &ring, (thick * 0.16).max(0.7), &plain(dark, 0.9));
        if high > 0.34 {
            tuft(
                pixmap,
                to,
                (thick * 4.2).max(tall * 0.05).min(tall * 0.13),
                colour,
                chance,
            );
        }
    }
}

/// A twig with narrow leaves that hang from it.
fn tuft(pixmap: &mut Pixmap, from: (f32, f32), long: f32, colour: Colour, chance: &mut Chance) {
    let side = chance.pick(&[-1.0, 1.0]);
    let end = (
        from.0 + side * long * 0.9,
        from.1 - long * chance.between(0.2, 0.6),
    );
    let ink = plain(colour.mix(Colour::BLACK, 0.2), 1.0);
    line(pixmap, &[from, end], (long * 0.035).max(0.6), &ink);
    for leaf in 0..5 {
        let share = 0.35 + 0.16 * leaf as f32;
        let root = (
            from.0 + (end.0 - from.0) * share,
            from.1 + (end.1 - from.1) * share,
        );
        let (across, down) = (
            side * long * chance.between(0.25, 0.65),
            long * chance.between(0.10, 0.55),
        );
        let tone = colour
            .mix(Colour::WHITE, chance.between(0.0, 0.16))
            .mix(Colour::BLACK, chance.between(0.0, 0.2));
        blade(pixmap, root, (across, down), long * 0.075, tone);
    }
}

/// A narrow leaf from its root.
fn blade(pixmap: &mut Pixmap, (x, y): (f32, f32), (across, down): (f32, f32), half: f32, tone: Colour) {
    let long = libm::sqrtf(across * across + down * down).max(0.1);
    let (side_x, side_y) = (-down / long * half, across / long * half);
    let shape = [
        (x, y),
        (x + across * 0.4 + side_x, y + down * 0.4 + side_y),
        (x + across, y + down),
        (x + across * 0.4 - side_x, y + down * 0.4 - side_y),
    ];
    fill(pixmap, polygon(&shape), &plain(tone, 1.0));
}

/// A palm with a bent stem.
pub(super) fn palm(pixmap: &mut Pixmap, (x, y): (f32, f32), tall: f32, colour: Colour, chance: &mut Chance) {
    let lean = tall * chance.between(-0.18, 0.18);
    let head = (x + lean, y - tall * 0.78);
    let bark = plain(colour.mix(Colour::hex(0x3a_2818), 0.55), 1.0);
    curve(
        pixmap,
        &[(x, y), (x + lean * 0.3, y - tall * 0.4), head],
        tall * 0.045,
        &bark,
    );
    for frond in 0..9 {
        let turn = 0.02 + 0.46 * frond as f32 / 8.0 + chance.between(-0.02, 0.02);
        let (across, up) = (wave(turn + 0.25), wave(turn));
        let long = tall * chance.between(0.30, 0.40);
        let tone = colour
            .mix(Colour::WHITE, 0.10 * up)
            .mix(Colour::BLACK, chance.between(0.0, 0.22));
        let shape = [
            head,
            (
                head.0 + across * long * 0.5,
                head.1 - up * long * 0.45 - tall * 0.055,
            ),
            (head.0 + across * long, head.1 - up * long * 0.30 + tall * 0.10),
            (
                head.0 + across * long * 0.5,
                head.1 - up * long * 0.38 + tall * 0.015,
            ),
        ];
        fill(pixmap, blob(&shape), &plain(tone, 1.0));
    }
}

/// A broad leaf with a rib, from its root along `(across, down)`.
pub(super) fn broad_leaf(pixmap: &mut Pixmap, (x, y): (f32, f32), (across, down): (f32, f32), tone: Colour) {
    let (side_x, side_y) = (-down * 0.24, across * 0.24);
    let point = |along: f32, side: f32| {
        let bend = along * along * 0.16;
        (
            x + across * along + side_x * side - side_x * bend,
            y + down * along + side_y * side + (across.abs() + down.abs()) * bend * 0.5,
        )
    };
    let shape = [
        point(0.0, 0.0),
        point(0.18, 0.70),
        point(0.45, 1.0),
        point(0.78, 0.62),
        point(1.0, 0.0),
        point(0.78, -0.62),
        point(0.45, -1.0),
        point(0.18, -0.70),
    ];
    fill(pixmap, blob(&shape), &plain(tone, 1.0));
    let long = libm::sqrtf(across * across + down * down);
    let rib = plain(tone.mix(Colour::WHITE, 0.22), 0.8);
    curve(
        pixmap,
        &[point(0.0, 0.0), point(0.5, 0.0), point(0.96, 0.0)],
        (long * 0.014).max(0.8),
        &rib,
    );
    for vein in 1..6 {
        let along = 0.14 * vein as f32;
        for side in [-1.0, 1.0] {
            let line_to = point(along + 0.10, side * 0.72 * (1.0 - (along - 0.4).abs()));
            line(
                pixmap,
                &[point(along, 0.0), line_to],
                (long * 0.006).max(0.6),
                &rib,
            );
        }
    }
}

/// A cactus with two arms.
pub(super) fn cactus(pixmap: &mut Pixmap, foot: (f32, f32), tall: f32, colour: Colour, chance: &mut Chance) {
    let (x, y) = foot;
    let (paint, thick) = (plain(colour, 1.0), tall * 0.13);
    line(pixmap, &[(x, y), (x, y - tall * 0.9)], thick, &paint);
    for side in [-1.0, 1.0] {
        let (low, high) = (chance.between(0.3, 0.45), chance.between(0.6, 0.78));
        let out = x + side * tall * 0.2;
        line(
            pixmap,
            &[(x, y - tall * low), (out, y - tall * low), (out, y - tall * high)],
            thick * 0.7,
            &paint,
        );
    }
}
