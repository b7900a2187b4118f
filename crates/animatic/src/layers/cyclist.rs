//! A rider on a bicycle.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, joint};
use crate::layers::people::{self, Dress, Frame, GROWN};
use crate::motion::wave;

/// A rider on a bicycle; one turn of the cycle is one turn of the wheels.
pub(super) fn draw(figure: &mut Figure<'_>, dress: &Dress, turn: f32) {
    let (rear, front) = ((-0.32, 0.205), (0.32, 0.205));
    figure.shadow(0.0, 0.5);
    let dark = plain(figure.tone(0x22_2228), 1.0);
    wheels(figure, [rear, front], turn);
    let crank = (-0.03, 0.22);
    let seat = (-0.15, 0.50);
    let bar = (0.24, 0.55);
    let pedal = |phase: f32| {
        (
            crank.0 + 0.075 * wave(0.25 - turn * 0.6 - phase),
            crank.1 + 0.075 * wave(-turn * 0.6 - phase),
        )
    };
    let hip = (seat.0, seat.1 + 0.045);
    let leg = |figure: &mut Figure<'_>, phase: f32, paint: &Paint<'_>| {
        let foot = pedal(phase);
        let knee = joint(hip, (foot.0, foot.1 + 0.02), 0.215, 0.215, 1.0);
        figure.limb(
            &[
                (hip.0, hip.1, 0.052),
                (knee.0, knee.1, 0.038),
                (foot.0, foot.1 + 0.02, 0.026),
            ],
            paint,
        );
        figure.limb(
            &[
                (foot.0 - 0.02, foot.1 + 0.01, 0.020),
                (foot.0 + 0.05, foot.1 + 0.006, 0.016),
            ],
            paint,
        );
    };
    leg(figure, 0.5, &plain(dress.trousers.mix(Colour::BLACK, 0.4), 1.0));
    let tube = figure.body(dress.coat.mix(Colour::hex(0x30_b0a0), 0.6), 0.6, 0.1);
    for pair in [
        [rear, crank],
        [rear, (seat.0 + 0.01, 0.43)],
        [crank, (seat.0, 0.48)],
        [crank, (0.20, 0.45)],
        [(seat.0 + 0.01, 0.43), (0.20, 0.46)],
        [(0.19, 0.50), front],
    ] {
        figure.curve(&pair, 0.020, &tube);
    }
    figure.limb(
        &[
            (seat.0 - 0.05, seat.1, 0.016),
            (seat.0 + 0.05, seat.1 - 0.004, 0.012),
        ],
        &dark,
    );
    figure.curve(&[(0.19, 0.49), (0.20, 0.56), (bar.0 + 0.02, bar.1)], 0.016, &dark);
    leg(figure, 0.0, &figure.body(dress.trousers, 0.6, 0.0));
    rider(figure, dress, (hip, bar), turn);
}

fn wheels(figure: &mut Figure<'_>, places: [(f32, f32); 2], turn: f32) {
    let radius = 0.20;
    let dark = plain(figure.tone(0x22_2228), 1.0);
    let steel = plain(figure.tone(0xc8_ccd0), 0.7);
    for wheel in places {
        let ring: Vec<(f32, f32)> = (0..=28u8)
            .map(|at| {
                (
                    wheel.0 + radius * wave(f32::from(at) / 28.0 + 0.25),
                    wheel.1 + radius * wave(f32::from(at) / 28.0),
                )
            })
            .collect();
        figure.curve(&ring, 0.022, &dark);
        for spoke in 0..6u8 {
            let angle = f32::from(spoke) / 6.0 - turn;
            let out = (
                wheel.0 + radius * wave(angle + 0.25),
                wheel.1 + radius * wave(angle),
            );
            figure.curve(&[wheel, out], 0.004, &steel);
        }
    }
}

fn rider(figure: &mut Figure<'_>, dress: &Dress, (hip, bar): ((f32, f32), (f32, f32)), turn: f32) {
    let neck = (0.02, 0.80);
    let coat = figure.body(dress.coat, 0.9, 0.4);
    figure.limb(
        &[
            (hip.0, hip.1 + 0.02, 0.062),
            (-0.07, 0.68, 0.066),
            (neck.0, neck.1, 0.046),
        ],
        &coat,
    );
    let frame = Frame {
        round: 0.066,
        ..GROWN
    };
    people::head(figure, &frame, dress, (neck.0 + 0.045, 0.915), turn);
    let elbow = joint((neck.0, neck.1 - 0.02), bar, 0.165, 0.165, -1.0);
    figure.limb(
        &[
            (neck.0, neck.1 - 0.02, 0.036),
            (elbow.0, elbow.1, 0.028),
            (bar.0, bar.1 + 0.006, 0.022),
        ],
        &figure.body(dress.coat.mix(figure.light, 0.08), 0.9, 0.4),
    );
}
