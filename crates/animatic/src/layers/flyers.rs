//! What flies: birds, butterfly, dragon, plane, lantern.

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, Joint};
use crate::motion::wave;

/// A bird seen from the side, its wings at `turn` of their beat.
pub(super) fn bird(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let flap = wave(turn);
    let y = 0.46 - 0.05 * flap;
    let paint = figure.body(coat, 0.9, 0.1);
    let dark = figure.body(coat.mix(Colour::BLACK, 0.25), 0.9, 0.1);
    let wing = |figure: &mut Figure<'_>, side: f32, paint: &tiny_skia::Paint<'_>| {
        let wrist = (0.02 + side * 0.05, y + 0.26 * flap + 0.05);
        let tip = (
            -0.16 + side * 0.10,
            y + 0.50 * flap * (0.75 + 0.25 * wave(turn - 0.12)),
        );
        figure.blob(
            &[
                (0.16, y + 0.02),
                (wrist.0 + 0.10, wrist.1 + 0.02),
                ((wrist.0 + tip.0) / 2.0 + 0.03, (wrist.1 + tip.1) / 2.0 + 0.03),
                tip,
                (
                    (wrist.0 + tip.0) / 2.0 - 0.07,
                    (wrist.1 + tip.1) / 2.0 - 0.05 - 0.03 * flap,
                ),
                (-0.13, y - 0.005),
            ],
            paint,
        );
    };
    wing(figure, 1.0, &dark);
    figure.blob(
        &[
            (0.40, y + 0.045),
            (0.30, y + 0.085),
            (0.10, y + 0.06),
            (-0.25, y + 0.01),
            (-0.52, y - 0.03),
            (-0.50, y - 0.06),
            (-0.25, y - 0.055),
            (0.05, y - 0.085),
            (0.28, y - 0.03),
        ],
        &paint,
    );
    figure.polygon(
        &[(0.38, y + 0.075), (0.52, y + 0.03), (0.37, y + 0.015)],
        &plain(figure.tone(0xe8_a84c), 1.0),
    );
    wing(figure, 0.0, &paint);
}

pub(super) fn butterfly(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let open = 0.30 + 0.70 * wave(turn * 0.5).abs();
    let edge = coat.mix(Colour::BLACK, 0.68);
    let inner = coat.mix(figure.light, 0.35);
    for (side, dim) in [(-1.0, 0.22), (1.0, 0.0)] {
        let x = |out: f32| side * out * open + 0.03 * (1.0 - open);
        let upper = [
            (0.0, 0.52),
            (x(0.10), 0.74),
            (x(0.34), 0.97),
            (x(0.52), 0.93),
            (x(0.50), 0.70),
            (x(0.36), 0.52),
            (x(0.06), 0.46),
        ];
        let lower = [
            (0.0, 0.47),
            (x(0.34), 0.47),
            (x(0.42), 0.32),
            (x(0.30), 0.13),
            (x(0.16), 0.10),
            (x(0.06), 0.28),
        ];
        for (shape, centre) in [(&lower[..], (0.22, 0.34)), (&upper[..], (0.30, 0.72))] {
            figure.blob(shape, &plain(edge.mix(Colour::BLACK, dim), 1.0));
            let smaller: Vec<(f32, f32)> = shape
                .iter()
                .map(|(px, py)| (px + (x(centre.0) - px) * 0.17, py + (centre.1 - py) * 0.17))
                .collect();
            figure.blob(&smaller, &figure.body(coat.mix(Colour::BLACK, dim), 1.0, 0.0));
            let heart: Vec<(f32, f32)> = shape
                .iter()
                .map(|(px, py)| (px + (x(centre.0 * 0.7) - px) * 0.52, py + (centre.1 - py) * 0.52))
                .collect();
            figure.blob(&heart, &plain(inner.mix(Colour::BLACK, dim), 0.85));
        }
        figure.disc(x(0.45), 0.86, 0.022, &plain(Colour::WHITE, 0.75));
        figure.disc(x(0.46), 0.78, 0.016, &plain(Colour::WHITE, 0.6));
    }
    let body = plain(edge.mix(Colour::BLACK, 0.4), 1.0);
    figure.limb(
        &[(0.0, 0.66, 0.026), (0.0, 0.48, 0.030), (0.0, 0.26, 0.014)],
        &body,
    );
    for side in [-1.0, 1.0] {
        figure.curve(
            &[(0.0, 0.68), (side * 0.05, 0.80), (side * 0.11, 0.86)],
            0.012,
            &body,
        );
    }
}

/// A long dragon that winds through the air, without wings, as the East paints it.
pub(super) fn dragon(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let half = figure.half();
    let belly = coat.mix(figure.tone(0xf8_dca0), 0.65);
    let place = |along: f32| {
        let x = half * 0.60 - along * half * 1.5;
        (
            x,
            0.52 + (0.05 + 0.17 * along.min(0.8)) * wave(along * 1.45 - turn + 0.1) + 0.10 * (1.0 - along),
        )
    };
    let spine: Vec<Joint> = (0..=46u8)
        .map(|step| {
            let along = f32::from(step) / 46.0;
            let (x, y) = place(along);
            (
                x,
                y,
                0.088 * (1.0 - along * along * 0.92) * (0.72 + 0.28 * wave((along * 1.6).min(0.5))),
            )
        })
        .collect();
    let fin = figure.body(coat.mix(figure.tone(0xf0_b040), 0.75), 0.9, 0.2);
    for pair in spine.windows(2).step_by(2) {
        let ((x, y, radius), (to_x, to_y, _)) = (pair[0], pair[1]);
        figure.polygon(
            &[
                (x, y + radius * 0.7),
                (to_x - 0.02, to_y + radius * 1.95),
                (to_x - 0.02, to_y + radius * 0.6),
            ],
            &fin,
        );
    }
    claws(figure, &spine, coat, turn);
    let body = figure.body(coat, 0.95, 0.15);
    figure.limb(&spine, &body);
    let under: Vec<Joint> = spine
        .iter()
        .map(|(x, y, radius)| (*x, y - radius * 0.48, radius * 0.42))
        .collect();
    figure.limb(&under[2..40], &plain(belly, 0.85));
    let end = spine[46];
    figure.blob(
        &[
            (end.0 + 0.03, end.1),
            (end.0 - 0.05, end.1 + 0.08),
            (end.0 - 0.17, end.1 + 0.05),
            (end.0 - 0.09, end.1),
            (end.0 - 0.15, end.1 - 0.07),
            (end.0 - 0.03, end.1 - 0.04),
        ],
        &fin,
    );
    head_of_dragon(figure, (spine[0].0 + 0.03, spine[0].1 + 0.02), coat, turn);
}

fn head_of_dragon(figure: &mut Figure<'_>, (x, y): (f32, f32), coat: Colour, turn: f32) {
    let body = figure.body(coat, y + 0.2, y - 0.25);
    let gold = figure.body(coat.mix(figure.tone(0xf0_b040), 0.8), y + 0.2, y - 0.2);
    for at in 0..5u8 {
        let angle = 0.28 + f32::from(at) * 0.085;
        let long = 0.20 + 0.02 * wave(turn * 2.0 + f32::from(at) * 0.3);
        let (side, up) = (wave(angle + 0.25), wave(angle));
        figure.limb(&[(x, y, 0.07), (x + side * long, y + up * long, 0.008)], &gold);
    }
    figure.limb(
        &[
            (x - 0.01, y, 0.098),
            (x + 0.10, y + 0.005, 0.070),
            (x + 0.22, y - 0.005, 0.045),
            (x + 0.25, y + 0.01, 0.035),
        ],
        &body,
    );
    figure.limb(
        &[
            (x + 0.05, y - 0.065, 0.045),
            (x + 0.17, y - 0.10, 0.026),
            (x + 0.20, y - 0.095, 0.016),
        ],
        &body,
    );
    for back in [0.0, 0.05] {
        figure.curve(
            &[
                (x - back, y + 0.07),
                (x - 0.07 - back, y + 0.17),
                (x - 0.17 - back, y + 0.20),
            ],
            0.022,
            &gold,
        );
    }
    figure.curve(
        &[
            (x + 0.25, y),
            (x + 0.33, y - 0.03 + 0.03 * wave(turn * 2.0)),
            (x + 0.28, y - 0.14),
            (x + 0.20, y - 0.20 + 0.03 * wave(turn)),
        ],
        0.010,
        &gold,
    );
    figure.disc(x + 0.075, y + 0.045, 0.024, &plain(Colour::hex(0xff_f4c0), 1.0));
    figure.disc(x + 0.083, y + 0.045, 0.012, &plain(Colour::hex(0x20_1010), 1.0));
}

pub(super) fn plane(figure: &mut Figure<'_>, coat: Colour, _turn: f32) {
    let white = figure.tone(0xf2_f2ee);
    let body = figure.body(white, 0.85, 0.25);
    let trim = figure.body(coat, 0.9, 0.2);
    let far = plain(white.mix(Colour::BLACK, 0.34), 1.0);
    figure.polygon(&[(0.15, 0.58), (0.0, 0.58), (-0.42, 0.80), (-0.30, 0.80)], &far);
    figure.polygon(
        &[(-0.86, 0.60), (-0.98, 0.60), (-1.12, 0.70), (-1.05, 0.70)],
        &far,
    );
    figure.polygon(
        &[(-0.70, 0.60), (-0.96, 0.60), (-1.16, 0.95), (-1.02, 0.95)],
        &trim,
    );
    figure.blob(
        &[
            (1.10, 0.52),
            (0.95, 0.61),
            (0.70, 0.655),
            (-0.6, 0.65),
            (-1.08, 0.615),
            (-1.10, 0.585),
            (-0.7, 0.50),
            (-0.2, 0.44),
            (0.7, 0.435),
            (1.0, 0.465),
        ],
        &body,
    );
    figure.limb(&[(0.9, 0.49, 0.012), (-0.9, 0.555, 0.012)], &trim);
    for window in 0..15u8 {
        figure.ellipse(
            0.66 - f32::from(window) * 0.085,
            0.575,
            0.016,
            0.022,
            &plain(Colour::hex(0x30_4660), 0.9),
        );
    }
    figure.blob(
        &[(0.98, 0.575), (0.86, 0.615), (0.82, 0.58), (0.93, 0.555)],
        &plain(Colour::hex(0x28_3c56), 0.95),
    );
    figure.ellipse(0.05, 0.36, 0.14, 0.058, &figure.body(coat, 0.45, 0.25));
    figure.ellipse(0.165, 0.36, 0.018, 0.048, &plain(Colour::hex(0x20_2430), 0.9));
    figure.polygon(
        &[(0.28, 0.50), (-0.06, 0.49), (-0.62, 0.20), (-0.48, 0.20)],
        &figure.body(white.mix(Colour::BLACK, 0.08), 0.5, 0.1),
    );
    figure.polygon(
        &[(-0.82, 0.57), (-0.98, 0.57), (-1.20, 0.46), (-1.12, 0.46)],
        &body,
    );
}

/// A paper lantern with a flame in it.
pub(super) fn lantern(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let flame = 0.9 + 0.1 * wave(turn);
    figure.glow(0.0, 0.46, 0.48, Colour::hex(0xff_b060), 0.55 * flame);
    let paper = coat.mix(Colour::hex(0xff_b050), 0.45);
    let stops = [
        (0.0, paper.mix(Colour::hex(0xb0_3020), 0.45), 1.0),
        (0.6, paper, 1.0),
        (1.0, Colour::hex(0xff_f0b0), 1.0),
    ];
    let (top, bottom) = (
        figure.pixmap.height() as f32 * 0.22,
        figure.pixmap.height() as f32 * 0.72,
    );
    let fade = crate::drawing::fade(top, bottom, &stops);
    figure.blob(
        &[
            (-0.13, 0.73),
            (0.13, 0.73),
            (0.205, 0.60),
            (0.17, 0.38),
            (0.125, 0.27),
            (-0.125, 0.27),
            (-0.17, 0.38),
            (-0.205, 0.60),
        ],
        &fade,
    );
    figure.ellipse(0.0, 0.27, 0.125, 0.024, &plain(Colour::hex(0xff_f6d0), 1.0));
    for side in [-0.07, 0.0, 0.07] {
        figure.curve(
            &[(side * 0.9, 0.74), (side * 1.9, 0.56), (side * 1.2, 0.28)],
            0.006,
            &plain(Colour::hex(0x80_2818), 0.35),
        );
    }
}

fn claws(figure: &mut Figure<'_>, spine: &[Joint], coat: Colour, turn: f32) {
    for at in [9, 27] {
        let (x, y, radius) = spine[at];
        let swing = 0.04 * wave(turn + at as f32 * 0.1);
        let paint = plain(coat.mix(Colour::BLACK, 0.25), 1.0);
        figure.limb(
            &[
                (x, y - radius * 0.4, radius * 0.55),
                (x - 0.05 + swing, y - 0.16, 0.030),
                (x + 0.03 + swing, y - 0.23, 0.020),
            ],
            &paint,
        );
        for claw in [-0.02, 0.03, 0.07] {
            figure.limb(
                &[
                    (x + 0.03 + swing, y - 0.23, 0.014),
                    (x + 0.04 + swing + claw, y - 0.27, 0.005),
                ],
                &paint,
            );
        }
    }
}
