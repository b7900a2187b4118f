//! People on two feet, posed anywhere in their stride: walker, child, dancer.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, joint, step};
use crate::motion::wave;

/// The share of a stride in which a foot is on the ground.
pub(super) const PLANTED: f32 = 0.6;
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
pub(super) struct Frame {
    pub(super) hip: f32,
    pub(super) shoulder: f32,
    pub(super) head: f32,
    pub(super) round: f32,
    pub(super) thick: f32,
}

pub(super) const GROWN: Frame = Frame {
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

pub(super) fn head(figure: &mut Figure<'_>, frame: &Frame, dress: &Dress, (x, y): (f32, f32), turn: f32) {
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
    skirt(figure, dress, (hip, neck.1), (rise, turn));
    bun(figure, dress, neck, tilt);
    arm(figure, 1.0, 0.62 + 0.35 * wave(turn + 0.1), &skin);
}

fn skirt(figure: &mut Figure<'_>, dress: &Dress, (hip, collar): ((f32, f32), f32), (rise, turn): (f32, f32)) {
    let dress_paint = figure.body(dress.coat, collar + 0.05, hip.1 - 0.2);
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
}

/// A head with its hair tied up.
fn bun(figure: &mut Figure<'_>, dress: &Dress, neck: (f32, f32), tilt: f32) {
    let skin = figure.body(dress.skin, 1.0, 0.0);
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
}
