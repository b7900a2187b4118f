//! Furniture of a room: shelf, armchair and lamp.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, block, clear, disc, ellipse, fade, fill, halo, line, plain, polygon};
use crate::layers::interior::{SKIRTING, lamp_is_on, paint_of};
use crate::layers::{Layer, Size};
use crate::planes::Sprite;
use crate::scene::Scene;

/// An armchair under a lamp on the side away from the window, and a shelf.
pub(super) fn build(scene: &Scene, size: &Size, window_left: bool, chance: &mut Chance) -> Layer {
    let depth = 0.3;
    let unit = size.unit;
    let (width, tall) = (unit * 0.74, unit * 0.66);
    let mut pixmap = clear(width, tall);
    let ink = paint_of(scene);
    let ground = tall * 0.985;
    shelf(&mut pixmap, unit, ground, ink, chance);
    let cloth = Colour::hex(chance.pick(&[0x4a_6a70, 0x9a_5a44, 0x6a_6a48, 0x50_5478]))
        .lit(ink.mix(Colour::WHITE, 0.4));
    armchair(&mut pixmap, (unit, ground), ink, cloth);
    lamp(
        &mut pixmap,
        (unit, ground),
        ink,
        lamp_is_on(scene).then_some(Colour::hex(0xff_dc98)),
    );
    let x = if window_left {
        size.width * 0.95 - width
    } else {
        size.width * 0.05
    };
    Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        x,
        size.height * (SKIRTING + 0.035) - tall,
        depth,
    )
}

fn shelf(pixmap: &mut Pixmap, unit: f32, ground: f32, ink: Colour, chance: &mut Chance) {
    let (left, wide, tall) = (unit * 0.005, unit * 0.17, unit * 0.60);
    let wood = ink.mix(Colour::hex(0x3a_2418), 0.62);
    fill(pixmap, block(left, ground - tall, wide, tall), &plain(wood, 1.0));
    let rows = 5;
    for row in 0..rows {
        let top = ground - tall + unit * 0.012 + row as f32 * tall / rows as f32;
        let high = tall / rows as f32 - unit * 0.014;
        fill(
            pixmap,
            block(left + unit * 0.01, top, wide - unit * 0.02, high),
            &plain(wood.mix(Colour::BLACK, 0.4), 1.0),
        );
        let mut x = left + unit * 0.013;
        while x < left + wide - unit * 0.03 {
            let thick = unit * chance.between(0.009, 0.018);
            let book = high * chance.between(0.62, 0.94);
            let tones = [0xb8_5c48, 0x5c_7c84, 0xd0_a860, 0x6c_6c50, 0x84_5468, 0xd8_ccb8];
            let tone = Colour::hex(chance.pick(&tones)).lit(ink.mix(Colour::WHITE, 0.3));
            fill(
                pixmap,
                block(x, top + high - book, thick, book),
                &plain(tone, 1.0),
            );
            x += thick + unit * 0.0015;
        }
    }
}

fn armchair(pixmap: &mut Pixmap, (unit, ground): (f32, f32), ink: Colour, cloth: Colour) {
    let at = |x: f32, y: f32| (unit * (0.30 + x), ground - unit * y);
    let chair = fade(
        ground - unit * 0.32,
        ground,
        &[
            (0.0, cloth.mix(Colour::WHITE, 0.14), 1.0),
            (1.0, cloth.mix(Colour::BLACK, 0.36), 1.0),
        ],
    );
    for x in [-0.085, 0.155] {
        line(
            pixmap,
            &[at(x, 0.06), at(x, 0.0)],
            unit * 0.014,
            &plain(ink.mix(Colour::BLACK, 0.6), 1.0),
        );
    }
    fill(
        pixmap,
        blob(&[
            at(-0.10, 0.10),
            at(-0.115, 0.27),
            at(-0.07, 0.335),
            at(0.14, 0.335),
            at(0.185, 0.27),
            at(0.17, 0.10),
        ]),
        &chair,
    );
    fill(
        pixmap,
        blob(&[
            at(-0.09, 0.05),
            at(-0.09, 0.145),
            at(-0.05, 0.165),
            at(0.12, 0.165),
            at(0.16, 0.145),
            at(0.16, 0.05),
        ]),
        &plain(cloth.mix(Colour::WHITE, 0.10), 1.0),
    );
    for x in [-0.115, 0.175] {
        fill(
            pixmap,
            blob(&[
                at(x - 0.03, 0.04),
                at(x - 0.034, 0.17),
                at(x, 0.205),
                at(x + 0.034, 0.17),
                at(x + 0.03, 0.04),
            ]),
            &chair,
        );
    }
}

fn lamp(pixmap: &mut Pixmap, (unit, ground): (f32, f32), ink: Colour, lit: Option<Colour>) {
    let at = |x: f32, y: f32| (unit * (0.30 + x), ground - unit * y);
    let pole = plain(ink.mix(Colour::BLACK, 0.65), 1.0);
    line(pixmap, &[at(0.29, 0.0), at(0.29, 0.47)], unit * 0.007, &pole);
    fill(
        pixmap,
        ellipse(at(0.29, 0.004).0, at(0.29, 0.004).1, unit * 0.05, unit * 0.008),
        &pole,
    );
    let shade = lit.unwrap_or(ink.mix(Colour::WHITE, 0.35));
    if lit.is_some() {
        let (x, y) = at(0.29, 0.48);
        let glow = [(0.0, shade, 0.62), (0.4, shade, 0.22), (1.0, shade, 0.0)];
        fill(pixmap, disc(x, y, unit * 0.15), &halo(x, y, unit * 0.15, &glow));
    }
    fill(
        pixmap,
        polygon(&[at(0.245, 0.56), at(0.335, 0.56), at(0.365, 0.45), at(0.215, 0.45)]),
        &plain(shade, 1.0),
    );
}
