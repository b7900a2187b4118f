//! What swims: fish, whale, jellyfish.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::Figure;
use crate::motion::wave;

pub(super) fn fish(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let swing = wave(turn) * 0.10;
    let y = 0.5;
    let fin = figure.body(coat.mix(Colour::BLACK, 0.22), 0.85, 0.1);
    fins(figure, (y, swing), &fin);
    let body = figure.body(coat, y + 0.27, y - 0.30);
    figure.blob(
        &[
            (0.68, y + 0.0),
            (0.56, y + 0.13),
            (0.28, y + 0.26),
            (-0.08, y + 0.22),
            (-0.42, y + 0.06),
            (-0.46, y - 0.05),
            (-0.08, y - 0.23),
            (0.28, y - 0.25),
            (0.58, y - 0.11),
        ],
        &body,
    );
    let pale = coat.mix(Colour::WHITE, 0.72);
    for (x, tall) in [(0.27, 0.235), (-0.14, 0.19)] {
        figure.blob(
            &[
                (x + 0.05, y + tall),
                (x - 0.06, y + tall),
                (x - 0.09, y),
                (x - 0.06, y - tall),
                (x + 0.05, y - tall),
                (x + 0.02, y),
            ],
            &plain(pale, 0.9),
        );
    }
    figure.blob(
        &[
            (0.14, y - 0.03),
            (-0.10, y + 0.02 + swing * 0.5),
            (-0.15, y - 0.12 + swing * 0.5),
            (0.05, y - 0.13),
        ],
        &fin,
    );
    figure.disc(0.47, y + 0.055, 0.052, &plain(Colour::WHITE, 0.95));
    figure.disc(0.482, y + 0.055, 0.031, &plain(Colour::hex(0x14_1420), 1.0));
}

pub(super) fn whale(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let swing = 0.11 * wave(turn);
    let bend = 0.04 * wave(turn + 0.2);
    let body = figure.body(coat, 0.88, 0.2);
    let far = plain(coat.mix(Colour::BLACK, 0.35), 1.0);
    figure.blob(
        &[
            (0.30, 0.36),
            (0.16, 0.12 - bend),
            (-0.02, -0.0 - bend),
            (0.02, 0.16),
            (0.12, 0.40),
        ],
        &far,
    );
    let root = (-1.02, 0.56 + swing * 0.55);
    figure.blob(
        &[
            (root.0 + 0.1, root.1),
            (-1.22, 0.64 + swing),
            (-1.44, 0.74 + swing * 1.3),
            (-1.32, 0.58 + swing * 1.2),
            (-1.40, 0.40 + swing * 1.25),
            (-1.20, 0.50 + swing),
        ],
        &body,
    );
    figure.blob(
        &[
            (1.16, 0.54),
            (0.98, 0.72),
            (0.55, 0.845),
            (0.0, 0.80),
            (-0.55, 0.69 + bend),
            (-1.0, 0.60 + swing * 0.5),
            (-1.14, 0.56 + swing * 0.75),
            (-0.98, 0.51 + swing * 0.5),
            (-0.5, 0.42 + bend),
            (0.1, 0.235),
            (0.7, 0.245),
            (1.04, 0.38),
        ],
        &body,
    );
    throat(figure, coat, bend);
    figure.blob(
        &[(-0.30, 0.735), (-0.46, 0.83), (-0.54, 0.80), (-0.50, 0.70)],
        &body,
    );
    figure.blob(
        &[
            (0.42, 0.40),
            (0.22, 0.20 + bend),
            (-0.02, 0.055 + bend * 2.0),
            (-0.08, 0.11 + bend * 2.0),
            (0.04, 0.28),
            (0.20, 0.44),
        ],
        &figure.body(coat.mix(Colour::BLACK, 0.15), 0.5, 0.0),
    );
    figure.disc(0.76, 0.535, 0.026, &plain(Colour::hex(0x10_141c), 1.0));
    figure.disc(0.768, 0.543, 0.009, &plain(Colour::WHITE, 0.9));
}

pub(super) fn jellyfish(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let pulse = wave(turn);
    let wide = 0.30 + 0.035 * pulse;
    let tall = 0.24 - 0.02 * pulse;
    let y = 0.70;
    figure.glow(0.0, y, 0.50, coat, 0.45);
    for strand in 0..9u8 {
        let side = (f32::from(strand) / 8.0 - 0.5) * 2.0;
        let points: Vec<(f32, f32)> = (0..=6u8)
            .map(|step| {
                let along = f32::from(step) / 6.0;
                let sway = 0.05 * along * wave(turn - along * 0.8 + side * 0.2);
                (
                    side * wide * (0.82 - 0.25 * along) + sway,
                    y - 0.02 - along * (0.56 - 0.12 * side.abs()),
                )
            })
            .collect();
        let thick = if strand % 3 == 1 { 0.024 } else { 0.009 };
        figure.curve(
            &points,
            thick,
            &plain(
                coat.mix(Colour::WHITE, 0.35),
                if strand % 3 == 1 { 0.5 } else { 0.7 },
            ),
        );
    }
    let bell = [
        (-wide, y),
        (-wide * 0.86, y + tall * 0.62),
        (-wide * 0.4, y + tall * 1.02),
        (wide * 0.4, y + tall * 1.02),
        (wide * 0.86, y + tall * 0.62),
        (wide, y),
        (wide * 0.5, y - 0.035),
        (0.0, y - 0.012),
        (-wide * 0.5, y - 0.035),
    ];
    let glass = figure.body(coat.mix(Colour::WHITE, 0.25), y + tall, y - 0.3);
    figure.blob(&bell, &glass);
    figure.ellipse(
        -wide * 0.25,
        y + tall * 0.62,
        wide * 0.38,
        tall * 0.2,
        &plain(Colour::WHITE, 0.35),
    );
    figure.ellipse(
        0.0,
        y + tall * 0.18,
        wide * 0.55,
        tall * 0.2,
        &plain(coat.mix(Colour::WHITE, 0.6), 0.4),
    );
}

fn fins(figure: &mut Figure<'_>, (y, swing): (f32, f32), fin: &Paint<'_>) {
    figure.blob(
        &[
            (-0.36, y),
            (-0.56, y + 0.25 + swing),
            (-0.76, y + 0.33 + swing),
            (-0.64, y + swing),
            (-0.76, y - 0.31 + swing),
            (-0.56, y - 0.22 + swing),
        ],
        fin,
    );
    figure.blob(
        &[
            (0.28, y + 0.20),
            (0.05, y + 0.42),
            (-0.26, y + 0.38 + swing * 0.3),
            (-0.30, y + 0.12),
        ],
        fin,
    );
    figure.blob(
        &[
            (0.10, y - 0.2),
            (-0.10, y - 0.38),
            (-0.24, y - 0.34),
            (-0.16, y - 0.14),
        ],
        fin,
    );
}

/// The pale lower side and its folds.
fn throat(figure: &mut Figure<'_>, coat: Colour, bend: f32) {
    let pale = coat.mix(Colour::WHITE, 0.62);
    figure.blob(
        &[
            (1.13, 0.50),
            (0.70, 0.455),
            (0.30, 0.42),
            (-0.15, 0.395),
            (-0.42, 0.425 + bend),
            (0.1, 0.25),
            (0.7, 0.258),
            (1.02, 0.385),
        ],
        &plain(pale, 0.85),
    );
    for line in 0..5u8 {
        let down = 0.035 * f32::from(line);
        figure.curve(
            &[
                (1.02 - down, 0.45 - down * 0.8),
                (0.5, 0.40 - down),
                (-0.05, 0.375 - down * 0.7),
            ],
            0.007,
            &plain(coat.mix(Colour::BLACK, 0.2), 0.55),
        );
    }
}
