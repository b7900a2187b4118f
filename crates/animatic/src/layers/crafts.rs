//! What people built to travel by air and water: boat, balloon and rocket, drawn facing right.

use tiny_skia::Pixmap;

use crate::colour::Colour;
use crate::drawing::{block, disc, ellipse, fill, halo, line, plain, polygon};
use crate::motion::wave;
use crate::scene::Scene;

pub(super) fn boat(scene: &Scene, coat: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let lean = wave(turn) * w * 0.02;
    let wood = Colour::hex(0x6a_3a24).lit(scene.palette.shade);
    let deck = h * 0.80;
    line(
        pixmap,
        &[(w * 0.46, deck), (w * 0.46 + lean, h * 0.06)],
        w * 0.018,
        &plain(wood.mix(Colour::BLACK, 0.3), 1.0),
    );
    let cloth = Colour::hex(0xfa_f2e2)
        .lit(scene.palette.shade)
        .mix(scene.palette.light, 0.3);
    let main = [
        (w * 0.44 + lean, h * 0.08),
        (w * 0.44, deck - h * 0.05),
        (w * 0.08, deck - h * 0.05),
    ];
    fill(pixmap, polygon(&main), &plain(cloth, 1.0));
    let fore = [
        (w * 0.49 + lean, h * 0.14),
        (w * 0.86, deck - h * 0.06),
        (w * 0.49, deck - h * 0.06),
    ];
    fill(pixmap, polygon(&fore), &plain(coat.mix(cloth, 0.25), 1.0));
    let hull = [
        (w * 0.04, deck),
        (w * 0.97, deck),
        (w * 0.82, h * 0.97),
        (w * 0.18, h * 0.97),
    ];
    fill(pixmap, polygon(&hull), &plain(wood, 1.0));
    line(
        pixmap,
        &[(w * 0.06, deck), (w * 0.95, deck)],
        h * 0.022,
        &plain(cloth, 0.9),
    );
}

pub(super) fn balloon(scene: &Scene, coat: Colour, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let (x, y, radius) = (w * 0.5, h * 0.36, w * 0.46);
    let pale = Colour::hex(0xfa_eed8).lit(scene.palette.shade);
    let body = [
        (x - radius * 0.72, y + radius * 0.62),
        (x + radius * 0.72, y + radius * 0.62),
        (x + w * 0.07, h * 0.80),
        (x - w * 0.07, h * 0.80),
    ];
    fill(pixmap, polygon(&body), &plain(coat, 1.0));
    for (share, tone) in [(1.0, coat), (0.74, pale), (0.48, coat), (0.2, pale)] {
        fill(
            pixmap,
            ellipse(x, y, radius * share, radius * 1.02),
            &plain(tone, 1.0),
        );
    }
    let light = scene.palette.light;
    let (glow_x, glow_y) = (x - radius * 0.35, y - radius * 0.35);
    let shine = halo(
        glow_x,
        glow_y,
        radius * 1.5,
        &[(0.0, light, 0.4), (0.5, light, 0.0), (1.0, Colour::BLACK, 0.3)],
    );
    fill(pixmap, ellipse(x, y, radius, radius * 1.02), &shine);
    let rope = plain(Colour::hex(0x3a_2a20).lit(scene.palette.shade), 1.0);
    for side in [-1.0, 1.0] {
        line(
            pixmap,
            &[(x + side * w * 0.07, h * 0.79), (x + side * w * 0.06, h * 0.89)],
            w * 0.012,
            &rope,
        );
    }
    fill(
        pixmap,
        block(x - w * 0.08, h * 0.88, w * 0.16, h * 0.09),
        &plain(Colour::hex(0x7a_4a2a).lit(scene.palette.shade), 1.0),
    );
}

pub(super) fn rocket(coat: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let middle = h * 0.5;
    let flame = w * (0.22 + 0.06 * wave(turn));
    let (hot, warm) = (Colour::hex(0xff_f4c0), Colour::hex(0xff_8a3a));
    let x = w * 0.36;
    let burn = [(0.0, hot, 1.0), (0.4, warm, 0.8), (1.0, warm, 0.0)];
    fill(
        pixmap,
        ellipse(x, middle, flame * 1.4, h * 0.16),
        &halo(x, middle, flame * 1.4, &burn),
    );
    let white = Colour::hex(0xe8_ecf4);
    let body = [
        (w * 0.36, middle - h * 0.17),
        (w * 0.74, middle - h * 0.18),
        (w * 0.88, middle - h * 0.1),
        (w * 0.97, middle),
        (w * 0.88, middle + h * 0.1),
        (w * 0.74, middle + h * 0.18),
        (w * 0.36, middle + h * 0.17),
    ];
    fill(pixmap, polygon(&body), &plain(white, 1.0));
    let belly = [
        (w * 0.36, middle),
        (w * 0.97, middle),
        (w * 0.88, middle + h * 0.1),
        (w * 0.74, middle + h * 0.18),
        (w * 0.36, middle + h * 0.17),
    ];
    fill(pixmap, polygon(&belly), &plain(Colour::hex(0x4a_5070), 0.45));
    let red = coat.mix(Colour::hex(0xd0_3a3a), 0.5);
    fill(
        pixmap,
        polygon(&[
            (w * 0.84, middle - h * 0.13),
            (w * 0.97, middle),
            (w * 0.84, middle + h * 0.13),
        ]),
        &plain(red, 1.0),
    );
    for side in [-1.0, 1.0] {
        let fin = [
            (w * 0.5, middle + side * h * 0.15),
            (w * 0.33, middle + side * h * 0.4),
            (w * 0.36, middle + side * h * 0.14),
        ];
        fill(pixmap, polygon(&fin), &plain(red, 1.0));
    }
    fill(
        pixmap,
        disc(w * 0.7, middle - h * 0.02, h * 0.08),
        &plain(Colour::hex(0x2a_3a5a), 1.0),
    );
    fill(
        pixmap,
        disc(w * 0.7, middle - h * 0.03, h * 0.055),
        &plain(Colour::hex(0x8a_d0f0), 1.0),
    );
}

fn sides(pixmap: &Pixmap) -> (f32, f32) {
    (pixmap.width() as f32, pixmap.height() as f32)
}
