//! What stands: lighthouse, house, tree, flower, a thing on a pedestal, a cup; and the orb of abstract scenes.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::Figure;
use crate::motion::wave;
use crate::scene::{Hour, Palette, Scene};

fn is_dark(scene: &Scene) -> bool {
    matches!(scene.hour, Hour::Night | Hour::Dusk)
}

pub(super) fn lighthouse(figure: &mut Figure<'_>, scene: &Scene, coat: Colour, turn: f32) {
    let white = figure.tone(0xf6_f2ea);
    let rock = figure.tone(0x4c_4a50);
    let half = figure.half();
    figure.blob(
        &[
            (-half * 0.97, -0.04),
            (-half * 0.8, 0.06),
            (-0.22, 0.115),
            (0.0, 0.135),
            (0.24, 0.11),
            (half * 0.75, 0.07),
            (half * 0.97, -0.04),
        ],
        &figure.body(rock, 0.13, -0.05),
    );
    let tower = |low: f32, high: f32| {
        let side = |up: f32| 0.105 - 0.045 * (up - 0.1) / 0.65;
        [
            (-side(low), low),
            (-side(high), high),
            (side(high), high),
            (side(low), low),
        ]
    };
    figure.polygon(&tower(0.10, 0.74), &plain(white, 1.0));
    for (low, high) in [(0.10, 0.22), (0.36, 0.48), (0.62, 0.70)] {
        figure.polygon(&tower(low, high), &plain(coat, 1.0));
    }
    let shine = [(0.30, 0.04), (0.62, 0.30)];
    for (at, strength) in shine {
        let x = -0.105 + 0.21 * at;
        figure.polygon(
            &[(x, 0.10), (x * 0.58, 0.74), (0.061, 0.74), (0.105, 0.10)],
            &plain(Colour::BLACK, strength * 0.6),
        );
    }
    figure.block(-0.085, 0.735, 0.085, 0.755, &plain(rock, 1.0));
    figure.block(-0.048, 0.755, 0.048, 0.85, &plain(Colour::hex(0xff_f0b8), 1.0));
    for x in [-0.048, 0.0, 0.044] {
        figure.block(x, 0.755, x + 0.006, 0.85, &plain(rock, 1.0));
    }
    figure.blob(
        &[
            (-0.066, 0.85),
            (-0.03, 0.90),
            (0.0, 0.93),
            (0.03, 0.90),
            (0.066, 0.85),
        ],
        &plain(coat, 1.0),
    );
    figure.block(-0.02, 0.12, 0.022, 0.19, &plain(rock, 1.0));
    for (y, x) in [(0.30, 0.012), (0.54, -0.016)] {
        figure.block(
            x - 0.012,
            y,
            x + 0.012,
            y + 0.04,
            &plain(
                rock.mix(Colour::hex(0xff_d890), if is_dark(scene) { 0.9 } else { 0.1 }),
                1.0,
            ),
        );
    }
    beam(figure, scene, turn);
}

pub(super) fn house(figure: &mut Figure<'_>, scene: &Scene, coat: Colour, turn: f32) {
    let wall = figure.tone(0xf0_e4d0);
    let roof = figure.body(coat.mix(figure.tone(0x8a_4030), 0.45), 0.95, 0.4);
    let wood = figure.tone(0x6a_4630);
    figure.shadow(0.0, 0.75);
    figure.block(0.28, 0.66, 0.40, 0.98, &plain(figure.tone(0x8c_6a5a), 1.0));
    for puff in 0..4u8 {
        let along = (turn + f32::from(puff) / 4.0) % 1.0;
        let x = 0.34 - along * 0.22 + 0.02 * wave(along * 2.0);
        figure.disc(
            x,
            1.0 + along * 0.10,
            0.03 + 0.03 * along,
            &plain(Colour::WHITE, 0.32 * (1.0 - along)),
        );
    }
    figure.block(-0.56, 0.0, 0.56, 0.46, &figure.body(wall, 0.6, -0.2));
    figure.polygon(
        &[(-0.34, 0.46), (0.0, 0.80), (0.34, 0.46)],
        &plain(wall.mix(Colour::BLACK, 0.08), 1.0),
    );
    figure.polygon(&[(-0.68, 0.42), (-0.48, 0.84), (0.48, 0.84), (0.68, 0.42)], &roof);
    figure.polygon(
        &[(-0.24, 0.42), (0.0, 0.70), (0.24, 0.42)],
        &figure.body(wall, 0.8, 0.2),
    );
    figure.curve(&[(-0.29, 0.40), (0.0, 0.735)], 0.04, &roof);
    figure.curve(&[(0.29, 0.40), (0.0, 0.735)], 0.04, &roof);
    let lit = scene.hour != Hour::Day;
    let glass = if lit {
        Colour::hex(0xff_d47c)
    } else {
        figure.tone(0x6a_8ca8)
    };
    for (x, y, wide, tall) in [
        (-0.42, 0.15, 0.17, 0.19),
        (0.26, 0.15, 0.17, 0.19),
        (-0.055, 0.46, 0.11, 0.12),
    ] {
        figure.block(
            x - 0.018,
            y - 0.018,
            x + wide + 0.018,
            y + tall + 0.018,
            &plain(wood, 1.0),
        );
        figure.block(x, y, x + wide, y + tall, &plain(glass, 1.0));
        figure.block(
            x + wide / 2.0 - 0.008,
            y,
            x + wide / 2.0 + 0.008,
            y + tall,
            &plain(wood, 1.0),
        );
        figure.block(
            x,
            y + tall / 2.0 - 0.008,
            x + wide,
            y + tall / 2.0 + 0.008,
            &plain(wood, 1.0),
        );
        if lit {
            figure.glow(x + wide / 2.0, y + tall / 2.0, 0.26, glass, 0.34);
        }
    }
    figure.block(-0.09, 0.0, 0.09, 0.29, &plain(wood, 1.0));
    figure.disc(0.055, 0.14, 0.012, &plain(Colour::hex(0xf0_d080), 1.0));
}

/// One great tree, its crown in three shades of leaves.
pub(super) fn tree(figure: &mut Figure<'_>, palette: &Palette, seed: u64, turn: f32) {
    let mut chance = Chance::new(seed, "great tree");
    let bark = figure.tone(0x5a_3e2c);
    let trunk = figure.body(bark, 0.6, -0.2);
    figure.shadow(0.0, 0.42);
    figure.limb(
        &[
            (0.0, 0.0, 0.062),
            (0.012, 0.20, 0.043),
            (-0.01, 0.40, 0.036),
            (0.0, 0.58, 0.020),
        ],
        &trunk,
    );
    for side in [-1.0, 1.0] {
        figure.limb(
            &[(side * 0.03, 0.01, 0.035), (side * 0.11, -0.012, 0.010)],
            &trunk,
        );
        figure.limb(
            &[
                (0.0, 0.33, 0.030),
                (side * 0.13, 0.50, 0.020),
                (side * 0.25, 0.62, 0.010),
            ],
            &trunk,
        );
    }
    let leaf = palette.leaf.lit(figure.shade);
    let lean = chance.between(-0.04, 0.04);
    for (layer, dark) in [(0u8, 0.34), (1, 0.14), (2, -0.16)] {
        let tone = if dark > 0.0 {
            leaf.mix(Colour::BLACK, dark)
        } else {
            leaf.mix(figure.light, 0.24)
        };
        let count = [26, 30, 26][usize::from(layer)];
        for at in 0..count {
            let angle = at as f32 / count as f32 + chance.between(0.0, 0.06);
            let far = libm::sqrtf(chance.unit());
            let (wide, tall) = (
                [0.40, 0.37, 0.30][usize::from(layer)],
                [0.25, 0.23, 0.18][usize::from(layer)],
            );
            let sway = 0.006 * wave(turn + angle * 2.0);
            let shift = f32::from(layer) * 0.028;
            let x = lean + far * wide * wave(angle + 0.25) + sway - shift * 0.6;
            let y = 0.665 + shift + far * tall * wave(angle);
            figure.disc(
                x,
                y,
                chance.between(0.045, 0.088),
                &plain(tone.mix(Colour::BLACK, chance.between(0.0, 0.09)), 1.0),
            );
        }
    }
}

pub(super) fn flower(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let sway = 0.02 * wave(turn);
    let green = figure.tone(0x3e_7c3c);
    let stem = figure.body(green, 0.7, -0.1);
    let head = (0.02 + sway * 2.0, 0.735 + 0.006 * wave(turn + 0.25));
    figure.shadow(0.0, 0.16);
    figure.curve(
        &[(0.0, 0.0), (-0.035, 0.30), (0.0 + sway, 0.55), head],
        0.026,
        &stem,
    );
    for (side, y) in [(-1.0, 0.20), (1.0, 0.32)] {
        let bend = sway * side;
        figure.blob(
            &[
                (-0.02, y),
                (side * 0.09, y + 0.11),
                (side * 0.24, y + 0.17 + bend),
                (side * 0.20, y + 0.07 + bend),
                (side * 0.08, y + 0.005),
            ],
            &stem,
        );
    }
    for (ring, petals, long, wide) in [(0u8, 11u8, 0.225, 0.062), (1, 9, 0.165, 0.052)] {
        let tone = if ring == 0 {
            coat.mix(Colour::BLACK, 0.16)
        } else {
            coat.mix(figure.light, 0.22)
        };
        for at in 0..petals {
            let angle = f32::from(at) / f32::from(petals) + f32::from(ring) * 0.05 + 0.008 * wave(turn);
            let (x, y) = (wave(angle + 0.25), wave(angle));
            let along = |far: f32, side: f32| (head.0 + x * far - y * side, head.1 + y * far + x * side);
            figure.blob(
                &[
                    along(0.02, 0.0),
                    along(long * 0.5, wide * 0.9),
                    along(long * 0.88, wide * 0.6),
                    along(long, 0.0),
                    along(long * 0.88, -wide * 0.6),
                    along(long * 0.5, -wide * 0.9),
                ],
                &plain(tone, 1.0),
            );
            figure.curve(
                &[along(0.05, 0.0), along(long * 0.75, 0.0)],
                0.005,
                &plain(coat.mix(Colour::BLACK, 0.35), 0.4),
            );
        }
    }
    figure.disc(head.0, head.1, 0.075, &plain(figure.tone(0x6a_4420), 1.0));
    figure.disc(
        head.0 - 0.008,
        head.1 + 0.01,
        0.058,
        &plain(figure.tone(0xd8_9830), 1.0),
    );
    for at in 0..14u8 {
        let angle = f32::from(at) * 0.382;
        let far = 0.05 * libm::sqrtf(f32::from(at) / 14.0);
        figure.disc(
            head.0 + far * wave(angle + 0.25),
            head.1 + far * wave(angle),
            0.007,
            &plain(figure.tone(0x7a_4c18), 0.9),
        );
    }
}

/// A bottle of coloured glass on a round pedestal: any thing that is shown for itself.
pub(super) fn product(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    figure.shadow(0.0, 0.52);
    pedestal(figure);
    figure.ellipse(0.06, 0.205, 0.21, 0.018, &plain(Colour::BLACK, 0.22));
    let glass = figure.body(coat, 0.68, 0.12);
    figure.blob(
        &[
            (-0.15, 0.225),
            (-0.165, 0.33),
            (-0.165, 0.50),
            (-0.13, 0.60),
            (-0.05, 0.645),
            (0.05, 0.645),
            (0.13, 0.60),
            (0.165, 0.50),
            (0.165, 0.33),
            (0.15, 0.225),
            (0.0, 0.205),
        ],
        &glass,
    );
    figure.blob(
        &[
            (-0.128, 0.25),
            (-0.138, 0.40),
            (0.0, 0.415),
            (0.138, 0.40),
            (0.128, 0.25),
            (0.0, 0.232),
        ],
        &plain(coat.mix(Colour::hex(0x60_2828), 0.34), 0.55),
    );
    figure.limb(
        &[
            (-0.118, 0.31, 0.012),
            (-0.122, 0.50, 0.014),
            (-0.09, 0.565, 0.010),
        ],
        &plain(Colour::WHITE, 0.62),
    );
    figure.limb(
        &[(0.136, 0.33, 0.005), (0.138, 0.47, 0.006)],
        &plain(Colour::WHITE, 0.5),
    );
    figure.block(
        -0.075,
        0.335,
        0.075,
        0.45,
        &plain(Colour::hex(0xfa_f6ee).lit(figure.shade), 0.92),
    );
    figure.block(-0.045, 0.40, 0.045, 0.408, &plain(Colour::hex(0x4a_4440), 0.8));
    figure.block(-0.03, 0.375, 0.03, 0.381, &plain(Colour::hex(0x4a_4440), 0.55));
    let gold = figure.tone(0xe0_bc74);
    figure.block(
        -0.045,
        0.64,
        0.045,
        0.685,
        &plain(gold.mix(Colour::BLACK, 0.12), 1.0),
    );
    figure.block(-0.07, 0.685, 0.07, 0.81, &plain(gold, 1.0));
    figure.block(-0.07, 0.685, -0.045, 0.81, &plain(Colour::WHITE, 0.35));
    figure.block(0.035, 0.685, 0.07, 0.81, &plain(Colour::BLACK, 0.16));
    let glint = (0.5 + 0.5 * wave(turn)).max(0.0);
    figure.glow(-0.10, 0.55, 0.10 * glint + 0.01, Colour::WHITE, 0.8 * glint);
}

/// A cup on a saucer with steam over it.
pub(super) fn cup(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    figure.shadow(0.03, 0.62);
    let china = figure.body(coat, 0.62, 0.0);
    let pale = coat.mix(Colour::WHITE, 0.45);
    figure.ellipse(
        0.0,
        0.050,
        0.55,
        0.062,
        &plain(coat.mix(Colour::BLACK, 0.26), 1.0),
    );
    figure.ellipse(0.0, 0.068, 0.55, 0.060, &plain(pale, 1.0));
    figure.ellipse(
        0.0,
        0.066,
        0.34,
        0.034,
        &plain(coat.mix(Colour::BLACK, 0.12), 0.8),
    );
    figure.curve(
        &[
            (0.30, 0.44),
            (0.48, 0.46),
            (0.52, 0.34),
            (0.42, 0.23),
            (0.25, 0.22),
        ],
        0.050,
        &figure.body(coat.mix(Colour::BLACK, 0.10), 0.5, 0.1),
    );
    figure.blob(
        &[
            (-0.36, 0.54),
            (0.36, 0.54),
            (0.355, 0.40),
            (0.28, 0.20),
            (0.15, 0.085),
            (-0.15, 0.085),
            (-0.28, 0.20),
            (-0.355, 0.40),
        ],
        &china,
    );
    figure.limb(
        &[(-0.285, 0.44, 0.018), (-0.245, 0.27, 0.014), (-0.19, 0.19, 0.009)],
        &plain(Colour::WHITE, 0.42),
    );
    figure.ellipse(0.0, 0.54, 0.362, 0.072, &plain(pale, 1.0));
    figure.ellipse(0.0, 0.535, 0.322, 0.056, &plain(figure.tone(0x6a_3c22), 1.0));
    figure.ellipse(-0.06, 0.528, 0.18, 0.026, &plain(figure.tone(0xb0_7a4c), 0.75));
    for wisp in 0..3u8 {
        let x = -0.15 + 0.15 * f32::from(wisp);
        for part in 0..14u8 {
            let along = (f32::from(part) / 14.0 + turn / 14.0).min(1.0);
            let sway = 0.055 * along * wave(along * 1.3 - turn + f32::from(wisp) * 0.31);
            let strength = 0.16 * wave(along * 0.5);
            figure.glow(
                x + sway,
                0.58 + along * 0.40,
                0.045 + 0.045 * along,
                Colour::WHITE,
                strength,
            );
        }
    }
}

pub(super) fn orb(figure: &mut Figure<'_>, light: Colour) {
    for (radius, strength) in [(0.5, 0.35), (0.34, 0.5), (0.2, 0.8)] {
        figure.glow(0.0, 0.48, radius, light, strength);
    }
    figure.glow(0.0, 0.48, 0.17, Colour::WHITE, 1.0);
}

/// The light of the lamp, to both sides in turn.
fn beam(figure: &mut Figure<'_>, scene: &Scene, turn: f32) {
    let half = figure.half();
    if scene.hour != Hour::Day {
        let beam = 0.5 + 0.5 * wave(turn);
        figure.glow(0.0, 0.80, 0.30, Colour::hex(0xff_e8a8), 0.55);
        for (side, strength) in [(-1.0, beam), (1.0, 1.0 - beam)] {
            for (wide, share) in [(0.15, 0.10), (0.09, 0.12), (0.045, 0.14)] {
                let ray = [
                    (side * 0.02, 0.805),
                    (side * half, 0.80 + wide),
                    (side * half, 0.80 - wide * 0.6),
                ];
                figure.ray((0.0, 0.805), &ray, Colour::hex(0xff_f0c0), strength * share * 4.0);
            }
        }
    }
}

fn pedestal(figure: &mut Figure<'_>) {
    let stone = figure.tone(0xf4_f0ea);
    for (y, wide, tone) in [(0.0, 0.44, 0.10), (0.10, 0.34, 0.0)] {
        let side = stone.mix(Colour::BLACK, tone);
        figure.block(
            -wide,
            y + 0.02,
            wide,
            y + 0.10,
            &plain(side.mix(Colour::BLACK, 0.14), 1.0),
        );
        figure.block(-wide, y + 0.02, -wide * 0.35, y + 0.10, &plain(side, 0.6));
        figure.ellipse(
            0.0,
            y + 0.02,
            wide,
            0.030,
            &plain(side.mix(Colour::BLACK, 0.16), 1.0),
        );
        figure.ellipse(
            0.0,
            y + 0.10,
            wide,
            0.030,
            &plain(side.mix(Colour::WHITE, 0.4), 1.0),
        );
    }
}
