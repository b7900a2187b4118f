//! Those in suits of their own: astronaut and robot, posed anywhere in their stride.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, joint, step};
use crate::layers::people::PLANTED;
use crate::motion::wave;

/// One in a space suit, walking or, without ground, floating.
pub(super) fn astronaut(figure: &mut Figure<'_>, accent: Colour, turn: f32, floating: f32) {
    let walking = 1.0 - floating;
    let white = figure.tone(0xf0_f0f4);
    let suit = figure.body(white, 1.0, -0.1);
    let far = figure.body(white.mix(Colour::BLACK, 0.34), 1.0, -0.2);
    let bob = 0.014 * wave(turn * 2.0) * walking;
    let hip = (0.0, 0.40 + bob);
    let neck = (0.015, 0.68 + bob);
    if walking > 0.5 {
        figure.shadow(0.0, 0.19);
    }
    let pack = figure.body(white.mix(Colour::hex(0x50_5868), 0.45), 0.9, 0.3);
    figure.blob(
        &[
            (-0.06, 0.74 + bob),
            (-0.20, 0.73 + bob),
            (-0.23, 0.62 + bob),
            (-0.22, 0.42 + bob),
            (-0.06, 0.40 + bob),
        ],
        &pack,
    );
    boots(figure, accent, hip, (turn, floating), [&far, &suit]);
    let swing = |phase: f32| wave(turn + phase) * (0.09 * walking + 0.05 * floating);
    let arm = |figure: &mut Figure<'_>, phase: f32, paint: &Paint<'_>| {
        let root = (neck.0, neck.1 - 0.03);
        let raised = floating * (0.16 + 0.08 * wave(turn + phase));
        let hand = (
            root.0 + 0.06 + swing(phase) * 1.5 + raised * 0.9,
            root.1 - 0.24 + raised,
        );
        let elbow = joint(root, hand, 0.135, 0.135, -1.0);
        figure.limb(
            &[
                (root.0, root.1, 0.064),
                (elbow.0, elbow.1, 0.054),
                (hand.0, hand.1, 0.044),
            ],
            paint,
        );
        figure.disc(
            hand.0 + 0.01,
            hand.1 - 0.012,
            0.040,
            &plain(accent.mix(Colour::BLACK, 0.25), 1.0),
        );
    };
    arm(figure, 0.25, &far);
    figure.blob(
        &[
            (neck.0 - 0.09, 0.72 + bob),
            (neck.0 + 0.09, 0.72 + bob),
            (0.125, 0.56 + bob),
            (0.10, 0.38 + bob),
            (0.0, 0.335 + bob),
            (-0.10, 0.38 + bob),
            (-0.12, 0.56 + bob),
        ],
        &suit,
    );
    figure.block(0.03, 0.545 + bob, 0.105, 0.61 + bob, &plain(accent, 0.95));
    helmet(figure, accent, bob);
    arm(figure, 0.75, &suit);
}

pub(super) fn robot(figure: &mut Figure<'_>, coat: Colour, turn: f32, moving: f32) {
    let bob = 0.012 * wave(turn * 2.0) * moving;
    let metal = figure.body(coat, 1.0, -0.05);
    let dark_tone = coat.mix(Colour::hex(0x18_1c28), 0.7);
    let dark = figure.body(dark_tone, 1.0, -0.1);
    figure.shadow(0.0, 0.18);
    let hip = (0.0, 0.40 + bob);
    for (phase, paint, joint_paint) in [(0.5, &dark, &dark), (0.0, &metal, &dark)] {
        let (ahead, lift) = step(turn + phase, PLANTED, 0.13 * moving, 0.09 * moving);
        let foot = (
            hip.0 + ahead + (1.0 - moving) * (0.05 - phase * 0.2),
            0.045 + lift,
        );
        let knee = joint(hip, foot, 0.19, 0.19, 1.0);
        figure.limb(&[(hip.0, hip.1, 0.034), (knee.0, knee.1, 0.030)], joint_paint);
        figure.limb(&[(knee.0, knee.1, 0.050), (foot.0, foot.1 + 0.025, 0.058)], paint);
        figure.limb(
            &[
                (foot.0 - 0.025, foot.1 - 0.005, 0.038),
                (foot.0 + 0.065, foot.1 - 0.01, 0.034),
            ],
            paint,
        );
    }
    let arm = |figure: &mut Figure<'_>, phase: f32, paint: &Paint<'_>| {
        let root = (0.0, 0.655 + bob);
        let hand = (root.0 + 0.05 + wave(turn + phase) * 0.13 * moving, root.1 - 0.27);
        let elbow = joint(root, hand, 0.145, 0.145, -1.0);
        figure.limb(&[(root.0, root.1, 0.052), (elbow.0, elbow.1, 0.032)], paint);
        figure.limb(&[(elbow.0, elbow.1, 0.040), (hand.0, hand.1, 0.048)], paint);
    };
    arm(figure, 0.25, &dark);
    figure.blob(
        &[
            (-0.115, 0.70 + bob),
            (0.0, 0.725 + bob),
            (0.13, 0.70 + bob),
            (0.135, 0.56 + bob),
            (0.08, 0.42 + bob),
            (-0.07, 0.42 + bob),
            (-0.12, 0.56 + bob),
        ],
        &metal,
    );
    let glow = Colour::hex(0x58_e8f0);
    figure.disc(0.055, 0.60 + bob, 0.032, &plain(dark_tone, 1.0));
    figure.disc(0.055, 0.60 + bob, 0.020, &plain(glow, 1.0));
    figure.glow(0.055, 0.60 + bob, 0.10, glow, 0.5 + 0.2 * wave(turn));
    figure.block(-0.03, 0.70 + bob, 0.05, 0.76 + bob, &dark);
    face(figure, bob, &metal, &dark);
    arm(figure, 0.75, &metal);
}

fn boots(
    figure: &mut Figure<'_>,
    accent: Colour,
    hip: (f32, f32),
    (turn, floating): (f32, f32),
    paints: [&Paint<'_>; 2],
) {
    let walking = 1.0 - floating;
    for (phase, paint) in [(0.5, paints[0]), (0.0, paints[1])] {
        let (ahead, lift) = step(turn + phase, PLANTED, 0.13 * walking, 0.09 * walking);
        let drift = floating * (0.05 + 0.05 * wave(turn + phase) + if phase > 0.0 { 0.09 } else { -0.05 });
        let foot = (
            hip.0 + ahead + drift,
            0.05 + lift + floating * (0.03 + 0.03 * wave(turn + phase)),
        );
        let knee = joint(hip, foot, 0.19, 0.19, 1.0);
        figure.limb(
            &[
                (hip.0, hip.1, 0.075),
                (knee.0, knee.1, 0.062),
                (foot.0, foot.1 + 0.02, 0.052),
            ],
            paint,
        );
        figure.limb(
            &[
                (foot.0 - 0.01, foot.1 - 0.005, 0.046),
                (foot.0 + 0.06, foot.1 - 0.015, 0.034),
            ],
            paint,
        );
        let stripe = plain(accent.mix(Colour::BLACK, phase * 0.5), 0.9);
        figure.limb(
            &[
                (knee.0 - 0.05, knee.1 + 0.035, 0.008),
                (knee.0 + 0.055, knee.1 + 0.05, 0.008),
            ],
            &stripe,
        );
    }
}

fn helmet(figure: &mut Figure<'_>, accent: Colour, bob: f32) {
    let white = figure.tone(0xf0_f0f4);
    let (x, y) = (0.025, 0.845 + bob);
    figure.disc(x, y, 0.145, &figure.body(white, 1.0, 0.6));
    let glass = [
        (x + 0.03, y + 0.095),
        (x + 0.115, y + 0.06),
        (x + 0.142, y - 0.005),
        (x + 0.105, y - 0.075),
        (x + 0.02, y - 0.085),
        (x - 0.03, y),
    ];
    figure.blob(&glass, &plain(Colour::hex(0x16_2238), 1.0));
    figure.blob(
        &glass,
        &figure.body(accent.mix(Colour::hex(0x20_3860), 0.75), y + 0.14, y - 0.12),
    );
    figure.ellipse(x + 0.075, y + 0.042, 0.028, 0.012, &plain(Colour::WHITE, 0.75));
}

fn face(figure: &mut Figure<'_>, bob: f32, metal: &Paint<'_>, dark: &Paint<'_>) {
    let glow = Colour::hex(0x58_e8f0);
    let (x, y) = (0.02, 0.845 + bob);
    figure.blob(
        &[
            (x - 0.11, y + 0.07),
            (x, y + 0.105),
            (x + 0.12, y + 0.075),
            (x + 0.135, y - 0.03),
            (x + 0.08, y - 0.09),
            (x - 0.08, y - 0.09),
            (x - 0.125, y - 0.02),
        ],
        metal,
    );
    figure.limb(
        &[(x + 0.02, y + 0.01, 0.045), (x + 0.105, y + 0.01, 0.045)],
        &plain(Colour::hex(0x10_1620), 1.0),
    );
    for eye in [0.03, 0.098] {
        figure.disc(x + eye, y + 0.012, 0.017, &plain(glow, 1.0));
        figure.glow(x + eye, y + 0.012, 0.06, glow, 0.45);
    }
    figure.curve(&[(x - 0.04, y + 0.09), (x - 0.06, y + 0.14)], 0.012, dark);
    figure.disc(x - 0.06, y + 0.145, 0.016, &plain(Colour::hex(0xff_7a5a), 1.0));
}
