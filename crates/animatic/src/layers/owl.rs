//! An owl on broad wings, seen from before, its round face towards the viewer.

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::Figure;
use crate::motion::wave;

/// Feathers at the hind edge of a wing.
const FEATHERS: u8 = 7;

/// Draws one pose of the flight; `turn` is the part of the beat from 0 to 1.
pub(super) fn draw(figure: &mut Figure<'_>, coat: Colour, turn: f32) {
    let flap = wave(turn);
    let y = 0.50 - 0.05 * flap;
    for side in [-1.0, 1.0] {
        wing(figure, coat, (side, y), (flap, turn));
    }
    let pale = coat.mix(Colour::WHITE, 0.42);
    let tail = figure.body(coat.mix(Colour::BLACK, 0.2), y, y - 0.36);
    figure.blob(
        &[
            (-0.07, y - 0.08),
            (-0.12, y - 0.30),
            (0.0, y - 0.34),
            (0.12, y - 0.30),
            (0.07, y - 0.08),
        ],
        &tail,
    );
    let body = figure.body(coat, y + 0.16, y - 0.24);
    figure.ellipse(0.0, y - 0.03, 0.135, 0.19, &body);
    figure.ellipse(0.0, y - 0.06, 0.095, 0.14, &plain(pale, 0.75));
    for row in 0..3u8 {
        for spot in 0..3u8 {
            let x = (f32::from(spot) - 1.0) * 0.05 + (f32::from(row % 2) - 0.5) * 0.024;
            let up = y - 0.005 - f32::from(row) * 0.055;
            figure.ellipse(x, up, 0.011, 0.017, &plain(coat.mix(Colour::BLACK, 0.35), 0.8));
        }
    }
    head(figure, coat, y + 0.15);
}

/// One wing from the shoulder out; it bends at the wrist while it beats.
fn wing(figure: &mut Figure<'_>, coat: Colour, (side, y): (f32, f32), (flap, turn): (f32, f32)) {
    let late = wave(turn - 0.1);
    let wrist = (side * 0.46, y + 0.05 + 0.20 * flap);
    let tip = (side * 1.0, y + 0.02 + 0.34 * late);
    let dark = coat.mix(Colour::BLACK, 0.22);
    let paint = figure.body(dark, y + 0.35, y - 0.35);
    let inner = figure.body(coat, y + 0.35, y - 0.35);
    // The hind feathers first: the arm lies over them.
    for feather in 0..FEATHERS {
        let share = f32::from(feather) / f32::from(FEATHERS - 1);
        let root = (
            wrist.0 * 0.35 + (tip.0 - wrist.0 * 0.35) * share,
            between(y, wrist.1, tip.1, share),
        );
        let long = 0.30 - 0.10 * share;
        let out = side * (0.02 + 0.13 * share * share);
        figure.limb(
            &[
                (root.0, root.1, 0.060 - 0.018 * share),
                (root.0 + out, root.1 - long, 0.022),
            ],
            &paint,
        );
    }
    figure.blob(
        &[
            (side * 0.06, y + 0.09),
            (wrist.0, wrist.1 + 0.075),
            (side * 0.78, (wrist.1 + tip.1) / 2.0 + 0.06),
            tip,
            (side * 0.80, (wrist.1 + tip.1) / 2.0 - 0.10),
            (wrist.0, wrist.1 - 0.14),
            (side * 0.08, y - 0.10),
        ],
        &inner,
    );
    for bar in 0..4u8 {
        let share = 0.30 + 0.19 * f32::from(bar);
        let x = side * share;
        let middle = between(y, wrist.1, tip.1, share) + 0.01;
        figure.curve(
            &[
                (x, middle + 0.05),
                (x + side * 0.02, middle - 0.02),
                (x + side * 0.03, middle - 0.10),
            ],
            0.016,
            &plain(coat.mix(Colour::WHITE, 0.4), 0.5),
        );
    }
}

/// The height of a wing at a share of its length.
fn between(root: f32, wrist: f32, tip: f32, share: f32) -> f32 {
    if share < 0.45 {
        return root + (wrist - root) * share / 0.45;
    }
    wrist + (tip - wrist) * (share - 0.45) / 0.55
}

fn head(figure: &mut Figure<'_>, coat: Colour, y: f32) {
    let skull = figure.body(coat, y + 0.14, y - 0.14);
    figure.ellipse(0.0, y, 0.142, 0.130, &skull);
    for side in [-1.0, 1.0] {
        figure.polygon(
            &[
                (side * 0.05, y + 0.10),
                (side * 0.125, y + 0.175),
                (side * 0.125, y + 0.05),
            ],
            &skull,
        );
    }
    let face = coat.mix(Colour::WHITE, 0.62);
    for side in [-1.0, 1.0] {
        figure.disc(side * 0.056, y - 0.004, 0.074, &plain(face, 1.0));
    }
    for side in [-1.0, 1.0] {
        figure.disc(
            side * 0.058,
            y + 0.006,
            0.040,
            &plain(Colour::hex(0xf4_b83a), 1.0),
        );
        figure.disc(
            side * 0.056,
            y + 0.004,
            0.023,
            &plain(Colour::hex(0x14_1014), 1.0),
        );
        figure.disc(
            side * 0.050 + 0.006,
            y + 0.014,
            0.007,
            &plain(Colour::WHITE, 0.95),
        );
    }
    figure.polygon(
        &[(-0.020, y - 0.022), (0.020, y - 0.022), (0.0, y - 0.072)],
        &plain(figure.tone(0xc8_9440), 1.0),
    );
}
