//! Figures on two feet, posed anywhere in their stride: walker, child, couple, dancer, astronaut, robot, cyclist.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, joint, step};
use crate::motion::wave;

/// The share of a stride in which a foot is on the ground.
const PLANTED: f32 = 0.6;
/// How far a foot reaches before and behind the hip, in heights.
const REACH: f32 = 0.15;

/// How far a walker comes in one stride, in heights of the figure.
pub(super) const STRIDE: f32 = 2.0 * REACH / PLANTED;

/// What a person wears.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dress {
    pub(super) coat: Colour,
    pub(super) trousers: Colour,
    pub(super) skin: Colour,
    pub(super) hair: Colour,
    /// Which of the ways to dress: coat and scarf, rucksack, or skirt and bun.
    pub(super) way: usize,
}

/// Height of hip, shoulder and the head's middle, and the head's size, in heights of the figure.
#[derive(Clone, Copy, Debug)]
struct Frame {
    hip: f32,
    shoulder: f32,
    head: f32,
    round: f32,
    thick: f32,
}

const GROWN: Frame = Frame {
    hip: 0.50,
    shoulder: 0.79,
    head: 0.905,
    round: 0.068,
    thick: 1.0,
};
const SMALL: Frame = Frame {
    hip: 0.42,
    shoulder: 0.66,
    head: 0.83,
    round: 0.125,
    thick: 1.3,
};

/// A grown person who walks to the right; `moving` is 0 for one who stands.
pub(super) fn walker(figure: &mut Figure<'_>, x: f32, dress: &Dress, turn: f32, moving: f32) {
    person(figure, x, &GROWN, dress, turn, moving);
}

/// A child with a balloon.
pub(super) fn child(figure: &mut Figure<'_>, dress: &Dress, turn: f32, moving: f32) {
    // The balloon takes the upper part of the drawing, so the child is as tall as the rest.
    let share = 0.62;
    let hand = (0.15, 0.40 * share + 0.05);
    let float = (0.02 + 0.02 * wave(turn), 0.87 + 0.01 * wave(turn + 0.3));
    let string = plain(figure.tone(0xf4_f0e8), 0.7);
    figure.curve(
        &[hand, (hand.0 - 0.03, 0.6), (float.0, float.1 - 0.12)],
        0.004,
        &string,
    );
    let red = figure.body(figure.tone(0xe0_4038), float.1 + 0.13, float.1 - 0.2);
    figure.ellipse(float.0, float.1, 0.095, 0.115, &red);
    figure.polygon(
        &[
            (float.0 - 0.018, float.1 - 0.13),
            (float.0 + 0.018, float.1 - 0.13),
            (float.0, float.1 - 0.105),
        ],
        &red,
    );
    figure.ellipse(
        float.0 - 0.035,
        float.1 + 0.045,
        0.018,
        0.03,
        &plain(Colour::WHITE, 0.45),
    );
    figure.scaled(share, |figure| person(figure, 0.0, &SMALL, dress, turn, moving));
}

fn person(figure: &mut Figure<'_>, x: f32, frame: &Frame, dress: &Dress, turn: f32, moving: f32) {
    let bob = 0.010 * wave(turn * 2.0 + 0.1) * moving + 0.003 * wave(turn) * (1.0 - moving);
    let hip = (x, frame.hip + bob - 0.012);
    let lean = 0.018 * moving;
    let neck = (x + lean, frame.shoulder + bob);
    figure.shadow(x, 0.15);
    let thick = frame.thick;
    let trousers = figure.body(dress.trousers, frame.hip, -0.1);
    let far = plain(dress.trousers.mix(Colour::BLACK, 0.35), 1.0);
    arm(
        figure,
        (neck, frame),
        turn,
        moving,
        &plain(dress.coat.mix(Colour::BLACK, 0.38), 1.0),
        dress.skin,
    );
    leg(figure, hip, (turn + 0.5, moving), thick, &far);
    leg(figure, hip, (turn, moving), thick, &trousers);
    if dress.way == 1 && frame.thick < 1.2 {
        let pack = figure.body(dress.coat.mix(Colour::hex(0x40_3020), 0.6), neck.1, hip.1);
        figure.blob(
            &[
                (neck.0 - 0.03, neck.1),
                (neck.0 - 0.13, neck.1 - 0.03),
                (neck.0 - 0.15, hip.1 + 0.10),
                (neck.0 - 0.10, hip.1 + 0.03),
                (neck.0 - 0.02, hip.1 + 0.06),
            ],
            &pack,
        );
    }
    torso(figure, frame, dress, hip, neck, wave(turn) * moving);
    head(figure, frame, dress, (neck.0 + 0.012, frame.head + bob), turn);
    let sleeve = figure.body(dress.coat.mix(figure.light, 0.08), neck.1, hip.1 - 0.1);
    arm(figure, (neck, frame), turn + 0.5, moving, &sleeve, dress.skin);
}

fn leg(figure: &mut Figure<'_>, hip: (f32, f32), (turn, moving): (f32, f32), thick: f32, paint: &Paint<'_>) {
    let (ahead, lift) = step(turn, PLANTED, REACH * moving, 0.07 * moving);
    let stand = (1.0 - moving) * if turn > 0.25 { 0.03 } else { -0.03 };
    let foot = (hip.0 + ahead + stand, 0.026 + lift);
    let bone = hip.1 * 0.505;
    let knee = joint(hip, foot, bone, bone, 1.0);
    let thick = 0.030 * thick;
    figure.limb(
        &[
            (hip.0, hip.1, thick * 1.6),
            (knee.0, knee.1, thick * 1.12),
            (foot.0, foot.1, thick * 0.8),
        ],
        paint,
    );
    let toe = if lift > 0.02 && ahead < 0.0 { -0.02 } else { 0.0 };
    figure.limb(
        &[
            (foot.0 - 0.004, foot.1 - 0.004, thick * 0.74),
            (foot.0 + 0.052, foot.1 - 0.006 + toe, thick * 0.55),
        ],
        paint,
    );
}

fn arm(
    figure: &mut Figure<'_>,
    (neck, frame): ((f32, f32), &Frame),
    turn: f32,
    moving: f32,
    paint: &Paint<'_>,
    skin: Colour,
) {
    let swing = wave(turn + 0.25) * 0.085 * moving;
    let root = (neck.0 - 0.004, neck.1 - 0.035);
    let long = (frame.shoulder - frame.hip) * 1.12;
    let hand = (root.0 + swing * 1.5 + 0.018, root.1 - long + swing.abs() * 0.35);
    let elbow = joint(root, hand, long * 0.52, long * 0.52, -1.0);
    let thick = 0.027 * frame.thick;
    figure.disc(hand.0, hand.1, thick * 0.78, &plain(skin, 1.0));
    figure.limb(
        &[
            (root.0, root.1, thick * 1.25),
            (elbow.0, elbow.1, thick),
            (hand.0, hand.1 + 0.02, thick * 0.74),
        ],
        paint,
    );
}

fn torso(
    figure: &mut Figure<'_>,
    frame: &Frame,
    dress: &Dress,
    hip: (f32, f32),
    neck: (f32, f32),
    sway: f32,
) {
    let coat = figure.body(dress.coat, neck.1 + 0.06, hip.1 - 0.22);
    let wide = 0.066 * frame.thick;
    let hem = match dress.way {
        0 => hip.1 - 0.13,
        1 => hip.1 - 0.015,
        _ => hip.1 - 0.19,
    };
    let flare = wide * if dress.way == 1 { 1.02 } else { 1.45 } + sway.abs() * 0.02;
    figure.blob(
        &[
            (neck.0 - 0.02, neck.1 + 0.028),
            (neck.0 + 0.028, neck.1 + 0.024),
            (neck.0 + wide * 0.92, neck.1 - 0.03),
            (hip.0 + wide * 0.86, hip.1 + 0.09),
            (hip.0 + flare, hem + 0.005),
            (hip.0, hem - 0.008),
            (hip.0 - flare - 0.012, hem + 0.004),
            (hip.0 - wide * 0.92, hip.1 + 0.09),
            (neck.0 - wide, neck.1 - 0.03),
        ],
        &coat,
    );
    if dress.way == 0 {
        let scarf = figure.body(
            dress.trousers.mix(figure.tone(0xe8_c060), 0.8),
            neck.1 + 0.05,
            neck.1 - 0.15,
        );
        figure.limb(
            &[
                (neck.0 - 0.03, neck.1 + 0.022, 0.024),
                (neck.0 + 0.032, neck.1 + 0.018, 0.024),
            ],
            &scarf,
        );
        figure.limb(
            &[
                (neck.0 - 0.035, neck.1 + 0.015, 0.018),
                (neck.0 - 0.11, neck.1 - 0.02 + sway * 0.02, 0.017),
                (neck.0 - 0.17, neck.1 + 0.0 - sway * 0.03, 0.013),
            ],
            &scarf,
        );
    }
}

fn head(figure: &mut Figure<'_>, frame: &Frame, dress: &Dress, (x, y): (f32, f32), turn: f32) {
    let round = frame.round;
    let skin = figure.body(dress.skin, y + round, y - round * 2.4);
    figure.limb(
        &[
            (x - round * 0.1, y - round * 0.6, round * 0.40),
            (x - round * 0.22, y - round * 1.5, round * 0.42),
        ],
        &skin,
    );
    figure.ellipse(x + round * 0.06, y, round * 0.84, round, &skin);
    figure.disc(x + round * 0.86, y - round * 0.1, round * 0.14, &skin);
    let hair = figure.body(dress.hair, y + round * 1.2, y - round);
    figure.blob(
        &[
            (x + round * 0.78, y + round * 0.42),
            (x + round * 0.45, y + round * 1.02),
            (x - round * 0.3, y + round * 1.12),
            (x - round * 0.98, y + round * 0.5),
            (x - round * 0.95, y - round * 0.5),
            (x - round * 0.35, y - round * 0.75),
            (x - round * 0.22, y + round * 0.1),
            (x + round * 0.3, y + round * 0.52),
        ],
        &hair,
    );
    match dress.way {
        0 => {}
        1 => {
            let cap = figure.body(dress.coat.mix(Colour::hex(0x30_2820), 0.45), y + round * 1.3, y);
            figure.blob(
                &[
                    (x + round * 0.92, y + round * 0.5),
                    (x + round * 0.4, y + round * 1.16),
                    (x - round * 0.5, y + round * 1.2),
                    (x - round * 1.02, y + round * 0.5),
                    (x, y + round * 0.4),
                ],
                &cap,
            );
            figure.limb(
                &[
                    (x + round * 0.5, y + round * 0.48, round * 0.12),
                    (x + round * 1.35, y + round * 0.36, round * 0.08),
                ],
                &cap,
            );
        }
        _ => {
            let sway = wave(turn) * round * 0.12;
            figure.limb(
                &[
                    (x - round * 0.72, y + round * 0.1, round * 0.42),
                    (x - round * 1.0 + sway, y - round * 1.1, round * 0.34),
                    (x - round * 1.12 + sway * 2.0, y - round * 2.1, round * 0.12),
                ],
                &hair,
            );
        }
    }
}

/// One who turns and leaps: the free leg and the arms flow through the cycle.
pub(super) fn dancer(figure: &mut Figure<'_>, dress: &Dress, turn: f32) {
    let rise = 0.5 + 0.5 * wave(turn);
    let tilt = 0.03 * wave(turn + 0.12);
    let hip = (0.0, 0.485 + 0.012 * rise);
    let neck = (0.02 + tilt, 0.735 + 0.016 * rise);
    figure.shadow(0.0, 0.16);
    let skin = figure.body(dress.skin, 1.0, 0.0);
    let far = plain(dress.skin.mix(Colour::BLACK, 0.25), 1.0);
    let up = (-0.26 - 0.10 * rise, 0.30 + 0.30 * rise);
    let free = joint(hip, up, 0.25, 0.25, 1.0);
    figure.limb(
        &[
            (hip.0, hip.1, 0.036),
            (free.0, free.1, 0.026),
            (up.0, up.1, 0.015),
            (up.0 - 0.05, up.1 + 0.004, 0.009),
        ],
        &far,
    );
    let foot = (0.0, 0.045);
    let knee = joint(hip, foot, 0.228, 0.228, 1.0);
    let arm = |figure: &mut Figure<'_>, side: f32, lift: f32, paint: &Paint<'_>| {
        let root = (neck.0, neck.1 - 0.02);
        let hand = (root.0 + side * (0.20 - 0.07 * lift), root.1 + 0.02 + 0.20 * lift);
        let elbow = (
            (root.0 + hand.0) / 2.0 + side * 0.035,
            (root.1 + hand.1) / 2.0 - 0.012,
        );
        figure.limb(
            &[
                (root.0, root.1, 0.020),
                (elbow.0, elbow.1, 0.017),
                (hand.0, hand.1, 0.010),
                (hand.0 + side * 0.022, hand.1 + 0.012, 0.006),
            ],
            paint,
        );
    };
    arm(figure, -1.0, 0.4 + 0.35 * wave(turn + 0.45), &far);
    figure.limb(
        &[
            (hip.0, hip.1, 0.038),
            (knee.0, knee.1, 0.027),
            (foot.0, foot.1, 0.016),
            (foot.0 + 0.012, 0.012, 0.010),
        ],
        &skin,
    );
    let dress_paint = figure.body(dress.coat, neck.1 + 0.05, hip.1 - 0.2);
    figure.limb(
        &[
            (neck.0, neck.1 - 0.02, 0.046),
            (hip.0 + 0.01, hip.1 + 0.08, 0.036),
            (hip.0, hip.1, 0.046),
        ],
        &dress_paint,
    );
    let swirl = 0.05 * wave(turn + 0.2);
    let hem: Vec<(f32, f32)> = (0..=10u8)
        .map(|at| {
            let along = f32::from(at) / 10.0;
            let x = -0.25 + 0.46 * along + swirl;
            (
                x,
                hip.1 - 0.105 - 0.04 * wave(along * 0.5)
                    + 0.016 * wave(along * 4.0 + turn)
                    + 0.07 * rise * (1.0 - along),
            )
        })
        .collect();
    let mut skirt = vec![(hip.0 + 0.042, hip.1 + 0.075), (hip.0 - 0.04, hip.1 + 0.075)];
    skirt.extend(hem);
    figure.blob(&skirt, &dress_paint);
    let (x, y) = (neck.0 + 0.018 + tilt, neck.1 + 0.098);
    figure.limb(
        &[(neck.0, neck.1 - 0.01, 0.020), (x - 0.008, y - 0.04, 0.020)],
        &skin,
    );
    figure.ellipse(x, y, 0.046, 0.056, &skin);
    let hair = figure.body(dress.hair, y + 0.08, y - 0.06);
    figure.blob(
        &[
            (x + 0.035, y + 0.035),
            (x, y + 0.064),
            (x - 0.05, y + 0.035),
            (x - 0.046, y - 0.03),
            (x - 0.016, y + 0.004),
            (x + 0.014, y + 0.03),
        ],
        &hair,
    );
    figure.disc(x - 0.052, y + 0.048, 0.024, &hair);
    arm(figure, 1.0, 0.62 + 0.35 * wave(turn + 0.1), &skin);
}

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
    for (phase, paint) in [(0.5, &far), (0.0, &suit)] {
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
        &metal,
    );
    figure.limb(
        &[(x + 0.02, y + 0.01, 0.045), (x + 0.105, y + 0.01, 0.045)],
        &plain(Colour::hex(0x10_1620), 1.0),
    );
    for eye in [0.03, 0.098] {
        figure.disc(x + eye, y + 0.012, 0.017, &plain(glow, 1.0));
        figure.glow(x + eye, y + 0.012, 0.06, glow, 0.45);
    }
    figure.curve(&[(x - 0.04, y + 0.09), (x - 0.06, y + 0.14)], 0.012, &dark);
    figure.disc(x - 0.06, y + 0.145, 0.016, &plain(Colour::hex(0xff_7a5a), 1.0));
    arm(figure, 0.75, &metal);
}

/// A rider on a bicycle; one turn of the cycle is one turn of the wheels.
pub(super) fn cyclist(figure: &mut Figure<'_>, dress: &Dress, turn: f32) {
    let (radius, rear, front) = (0.20, (-0.32, 0.205), (0.32, 0.205));
    figure.shadow(0.0, 0.5);
    let dark = plain(figure.tone(0x22_2228), 1.0);
    let steel = plain(figure.tone(0xc8_ccd0), 0.7);
    for wheel in [rear, front] {
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
    head(figure, &frame, dress, (neck.0 + 0.045, 0.915), turn);
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
