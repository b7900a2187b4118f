//! Cottages between trees.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{block, disc, fill, halo, plain, polygon};
use crate::layers::growth::{along, round_tree, snowed};
use crate::scene::{Hour, Scene};

/// Cottages with lit windows between trees.
pub(super) fn houses(
    scene: &Scene,
    at: usize,
    crest: &[(f32, f32)],
    tall: f32,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let far = [0.0, 0.45, 0.22, 0.0][at];
    along(
        crest,
        tall * if at == 2 { 1.25 } else { 0.85 },
        chance,
        |x, y, chance| {
            if chance.likely(0.52) {
                return cottage(
                    scene,
                    pixmap,
                    (x, y + tall * 0.10),
                    tall * chance.between(0.5, 0.72),
                    far,
                    chance,
                );
            }
            let leaf = scene.palette.far(scene.palette.leaf, far);
            round_tree(
                scene,
                pixmap,
                (x, y + tall * 0.05),
                tall * chance.between(0.6, 0.95),
                leaf,
                chance,
            );
        },
    );
}

fn cottage(scene: &Scene, pixmap: &mut Pixmap, foot: (f32, f32), tall: f32, far: f32, chance: &mut Chance) {
    let (x, y) = foot;
    let palette = &scene.palette;
    let half = tall * chance.between(0.52, 0.8);
    let wall = palette.far(Colour::hex(chance.pick(&[0xf0_e4d0, 0xe4_d0b8, 0xf4_ecdc])), far);
    let tiles = if snowed(scene) {
        0xee_f2f8
    } else {
        chance.pick(&[0xa8_5040, 0x8a_5a48, 0x6c_5460])
    };
    let roof = palette.far(Colour::hex(tiles), far);
    let eaves = y - tall * 0.48;
    fill(
        pixmap,
        block(x + half * 0.4, y - tall * 1.0, half * 0.2, tall * 0.4),
        &plain(wall.mix(Colour::BLACK, 0.3), 1.0),
    );
    fill(
        pixmap,
        block(x - half, eaves, half * 2.0, y - eaves),
        &plain(wall, 1.0),
    );
    fill(
        pixmap,
        block(x + half * 0.35, eaves, half * 0.65, y - eaves),
        &plain(Colour::BLACK, 0.10),
    );
    let gable = [
        (x - half * 1.16, eaves + tall * 0.05),
        (x - half * 0.72, y - tall * 0.94),
        (x + half * 0.72, y - tall * 0.94),
        (x + half * 1.16, eaves + tall * 0.05),
    ];
    fill(pixmap, polygon(&gable), &plain(roof, 1.0));
    let lit = scene.hour != Hour::Day;
    let glass = if lit {
        Colour::hex(0xff_d078)
    } else {
        palette.far(Colour::hex(0x50_6478), far)
    };
    for side in [-0.58, 0.0, 0.52] {
        if chance.likely(0.75) {
            let (wide, high) = (half * 0.26, tall * 0.17);
            fill(
                pixmap,
                block(x + half * side - wide / 2.0, eaves + tall * 0.13, wide, high),
                &plain(glass, 1.0),
            );
            if lit {
                let (cx, cy) = (x + half * side, eaves + tall * 0.21);
                let glow = [(0.0, glass, 0.4), (1.0, glass, 0.0)];
                fill(pixmap, disc(cx, cy, tall * 0.3), &halo(cx, cy, tall * 0.3, &glow));
            }
        }
    }
}
