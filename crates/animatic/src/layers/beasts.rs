//! Four-footed beasts: one skeleton with many builds, posed anywhere in its stride. The heads are drawn next door.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::{Figure, joint, step};
use crate::layers::heads;
use crate::motion::wave;
use crate::scene::Subject;

/// The build of a beast, in heights of the whole figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Build {
    /// Width of the drawing.
    pub(super) wide: f32,
    /// Height of hip and shoulder above the ground.
    pub(super) hip: f32,
    pub(super) shoulder: f32,
    /// Distance from hip to shoulder.
    pub(super) long: f32,
    /// Half the thickness of the body at hip, waist and chest.
    pub(super) girth: [f32; 3],
    /// Where the head's middle is, from the shoulder, and how large it is.
    pub(super) head: (f32, f32, f32),
    /// Half the thickness of the neck at its root and its end.
    pub(super) neck: (f32, f32),
    /// Half the thickness of a leg at its root, its joint and its foot.
    pub(super) leg: [f32; 3],
    /// Length, half thickness and how high the tail is carried.
    pub(super) tail: (f32, f32, f32),
    /// How far a foot reaches before and behind its root.
    pub(super) reach: f32,
}

const fn build(
    (wide, hip, shoulder, long): (f32, f32, f32, f32),
    girth: [f32; 3],
    head: (f32, f32, f32),
    neck: (f32, f32),
    leg: [f32; 3],
    tail: (f32, f32, f32),
    reach: f32,
) -> Build {
    Build {
        wide,
        hip,
        shoulder,
        long,
        girth,
        head,
        neck,
        leg,
        tail,
        reach,
    }
}

/// The build of a subject that walks on four feet.
pub(super) fn build_of(subject: Subject) -> Option<Build> {
    slender(subject).or_else(|| stout(subject))
}

fn slender(subject: Subject) -> Option<Build> {
    Some(match subject {
        Subject::Cat => build(
            (1.9, 0.50, 0.48, 0.60),
            [0.145, 0.135, 0.15],
            (0.21, 0.25, 0.18),
            (0.135, 0.12),
            [0.105, 0.060, 0.047],
            (0.58, 0.038, 0.9),
            0.19,
        ),
        Subject::Dog => build(
            (1.6, 0.60, 0.62, 0.50),
            [0.125, 0.11, 0.15],
            (0.24, 0.22, 0.125),
            (0.12, 0.09),
            [0.095, 0.05, 0.042],
            (0.36, 0.034, 0.75),
            0.22,
        ),
        Subject::Fox => build(
            (2.1, 0.54, 0.55, 0.52),
            [0.12, 0.105, 0.13],
            (0.25, 0.20, 0.125),
            (0.105, 0.085),
            [0.08, 0.042, 0.034],
            (0.62, 0.10, 0.02),
            0.22,
        ),
        Subject::Lion | Subject::Tiger => build(
            (1.95, 0.66, 0.66, 0.70),
            [0.155, 0.15, 0.18],
            (0.29, 0.13, 0.145),
            (0.15, 0.12),
            [0.12, 0.065, 0.056],
            (0.60, 0.032, -0.25),
            0.23,
        ),
        Subject::Horse => build(
            (1.5, 0.61, 0.61, 0.50),
            [0.135, 0.125, 0.145],
            (0.32, 0.27, 0.078),
            (0.13, 0.062),
            [0.095, 0.037, 0.030],
            (0.42, 0.05, -0.75),
            0.20,
        ),
        Subject::Deer => build(
            (1.25, 0.50, 0.49, 0.36),
            [0.095, 0.085, 0.105],
            (0.22, 0.23, 0.058),
            (0.085, 0.045),
            [0.062, 0.024, 0.019],
            (0.10, 0.026, 0.2),
            0.16,
        ),
        _ => return None,
    })
}

fn stout(subject: Subject) -> Option<Build> {
    Some(match subject {
        Subject::Elephant => build(
            (1.6, 0.66, 0.70, 0.50),
            [0.22, 0.25, 0.25],
            (0.30, 0.06, 0.20),
            (0.20, 0.19),
            [0.12, 0.098, 0.092],
            (0.34, 0.016, -0.9),
            0.14,
        ),
        Subject::Bear | Subject::Panda => build(
            (1.7, 0.60, 0.64, 0.52),
            [0.23, 0.23, 0.23],
            (0.36, 0.08, 0.165),
            (0.19, 0.15),
            [0.135, 0.098, 0.088],
            (0.07, 0.05, 0.0),
            0.17,
        ),
        Subject::Rabbit => build(
            (1.15, 0.34, 0.34, 0.30),
            [0.19, 0.165, 0.13],
            (0.20, 0.16, 0.125),
            (0.10, 0.09),
            [0.11, 0.045, 0.038],
            (0.05, 0.07, 0.3),
            0.14,
        ),
        _ => return None,
    })
}

/// How a beast goes: a walk on four beats, or a gallop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gait {
    Stand,
    Walk,
    Gallop,
}

impl Gait {
    /// The share of a stride in which a foot is on the ground, and by how much its reach grows.
    fn measures(self) -> (f32, f32) {
        match self {
            Self::Stand => (1.0, 0.0),
            Self::Walk => (0.62, 1.0),
            Self::Gallop => (0.38, 1.55),
        }
    }

    /// When in the stride each foot is set down: far hind, far fore, near hind, near fore.
    fn beats(self) -> [f32; 4] {
        match self {
            Self::Stand => [0.56, 0.44, 0.44, 0.56],
            Self::Walk => [0.5, 0.75, 0.0, 0.25],
            Self::Gallop => [0.1, 0.62, 0.0, 0.5],
        }
    }

    /// How far the body comes in one stride, in heights of the figure.
    pub(super) fn stride(self, build: &Build) -> f32 {
        let (planted, more) = self.measures();
        2.0 * build.reach * more.max(0.4) / planted
    }
}

/// Draws a beast that goes to the right; `turn` is the part of its stride.
pub(super) fn draw(figure: &mut Figure<'_>, subject: Subject, coat: Colour, gait: Gait, turn: f32) {
    let Some(build) = build_of(subject) else {
        return;
    };
    let bounce = match gait {
        Gait::Stand => 0.004 * wave(turn),
        Gait::Walk => 0.012 * wave(turn * 2.0 + 0.1),
        Gait::Gallop => 0.045 * wave(turn + 0.05),
    };
    let pitch = if gait == Gait::Gallop {
        0.05 * wave(turn + 0.3)
    } else {
        0.0
    };
    let middle = -(build.head.0 - 0.1) * 0.42 + build.tail.0 * 0.06;
    let hip = (middle - build.long / 2.0, build.hip + bounce - pitch);
    let shoulder = (middle + build.long / 2.0, build.shoulder + bounce + pitch);
    figure.shadow(middle, build.long * 0.8);
    let top = build.hip.max(build.shoulder) + build.girth[2] + 0.06;
    let near = figure.body(coat, top, 0.0);
    let far_coat = coat.mix(Colour::BLACK, 0.36);
    let far = figure.body(far_coat, top * 1.1, 0.0);
    let legs = leg_coat(figure, subject, coat);
    let near_leg = legs.map_or(near.clone(), |dark| figure.body(dark, top, 0.0));
    let far_leg = legs.map_or(far, |dark| plain(dark.mix(Colour::BLACK, 0.3), 1.0));
    let beats = gait.beats();
    leg(figure, &build, hip, (gait, turn, beats[0], -1.0), &far_leg);
    leg(figure, &build, shoulder, (gait, turn, beats[1], 1.0), &far_leg);
    tail(figure, subject, &build, hip, turn, coat);
    torso(figure, &build, hip, shoulder, &near);
    markings(figure, subject, &build, hip, shoulder);
    leg(figure, &build, hip, (gait, turn, beats[2], -1.0), &near_leg);
    leg(figure, &build, shoulder, (gait, turn, beats[3], 1.0), &near_leg);
    let nod = if gait == Gait::Stand {
        0.006 * wave(turn)
    } else {
        0.014 * wave(turn * 2.0 + 0.35)
    };
    let head = (shoulder.0 + build.head.0, shoulder.1 + build.head.1 + nod);
    heads::draw(figure, subject, &build, (shoulder, head), coat, (&near, turn));
}

/// Legs of a colour of their own.
fn leg_coat(figure: &Figure<'_>, subject: Subject, coat: Colour) -> Option<Colour> {
    match subject {
        Subject::Panda => Some(figure.tone(0x2c_2a30)),
        Subject::Fox => Some(coat.mix(figure.tone(0x28_1a18), 0.62)),
        _ => None,
    }
}

fn torso(figure: &mut Figure<'_>, build: &Build, hip: (f32, f32), shoulder: (f32, f32), paint: &Paint<'_>) {
    let [rump, waist, chest] = build.girth;
    let (x, y) = hip;
    let (to_x, to_y) = shoulder;
    let (middle, level) = ((x + to_x) / 2.0, (y + to_y) / 2.0);
    let points = [
        (x - rump * 1.02, y - rump * 0.1),
        (x - rump * 0.62, y + rump * 0.78),
        (x + rump * 0.3, y + rump * 0.98),
        (middle, level + waist * 0.92),
        (to_x - chest * 0.3, to_y + chest * 0.98),
        (to_x + chest * 0.55, to_y + chest * 0.72),
        (to_x + chest * 0.98, to_y - chest * 0.05),
        (to_x + chest * 0.6, to_y - chest * 0.85),
        (to_x - chest * 0.35, to_y - chest * 1.04),
        (middle, level - waist * 1.02),
        (x + rump * 0.35, y - rump * 0.80),
        (x - rump * 0.5, y - rump * 0.95),
    ];
    figure.blob(&points, paint);
}

/// One leg of two bones; `bend` below 0 is a hind leg.
fn leg(
    figure: &mut Figure<'_>,
    build: &Build,
    root: (f32, f32),
    way: (Gait, f32, f32, f32),
    paint: &Paint<'_>,
) {
    let (gait, turn, beat, bend) = way;
    let (planted, more) = gait.measures();
    let hind = bend < 0.0;
    let (ahead, lift) = if gait == Gait::Stand {
        ((beat - 0.5) * 5.0 * build.reach, 0.0)
    } else {
        step(
            turn - beat,
            planted,
            build.reach * more,
            root.1 * if gait == Gait::Gallop { 0.34 } else { 0.17 },
        )
    };
    let [thick, knee, foot] = build.leg;
    let root = (root.0, root.1 - thick * 0.25);
    let end = (root.0 + ahead, foot * 0.8 + lift);
    let bone = root.1 * 0.53;
    let middle = joint(root, end, bone, bone, if hind { 1.0 } else { -1.0 });
    let between = (
        (root.0 + middle.0) / 2.0,
        (root.1 + middle.1) / 2.0,
        (thick + knee) * 0.52,
    );
    figure.limb(
        &[
            (root.0, root.1, thick),
            between,
            (middle.0, middle.1, knee),
            (end.0, end.1, foot),
        ],
        paint,
    );
    figure.ellipse(
        end.0 + foot * 0.55,
        end.1 - foot * 0.12,
        foot * 1.35,
        foot * 0.72,
        paint,
    );
}

fn tail(figure: &mut Figure<'_>, subject: Subject, build: &Build, hip: (f32, f32), turn: f32, coat: Colour) {
    let (long, thick, up) = build.tail;
    let root = (hip.0 - build.girth[0] * 0.85, hip.1 + build.girth[0] * 0.42);
    let place = |along: f32| {
        let sway = wave(turn + 0.55 - along * 0.4) * 0.05 * along * (long / 0.5);
        if up < -0.5 {
            return (
                root.0 - long * 0.32 * libm::sqrtf(along) - sway,
                root.1 - long * along * along * 0.95,
            );
        }
        (
            root.0 - long * along * (1.0 - 0.32 * along * up.abs()),
            root.1 + long * up * along * along + sway - long * 0.08 * along,
        )
    };
    let bushy = matches!(subject, Subject::Fox | Subject::Horse);
    let joints: Vec<(f32, f32, f32)> = (0..=12u8)
        .map(|step| {
            let along = f32::from(step) / 12.0;
            let (x, y) = place(along);
            let shape = if bushy {
                0.35 + 1.1 * wave((along * 0.8 + 0.04) * 0.5)
            } else {
                1.0 - 0.35 * along
            };
            (
                x,
                y,
                thick * shape * if bushy { 1.0 - 0.55 * along * along } else { 1.0 },
            )
        })
        .collect();
    let own = match subject {
        Subject::Horse => coat.mix(Colour::BLACK, 0.5),
        _ => coat.mix(Colour::BLACK, 0.08),
    };
    let paint = figure.body(own, root.1 + long * up.max(0.0) + 0.1, root.1 - long);
    figure.limb(&joints, &paint);
    let end = joints[12];
    match subject {
        Subject::Fox => figure.limb(&joints[9..], &plain(figure.tone(0xf4_ece0), 1.0)),
        Subject::Lion | Subject::Elephant => {
            figure.ellipse(
                end.0,
                end.1,
                thick * 2.0,
                thick * 2.4,
                &plain(coat.mix(Colour::BLACK, 0.55), 1.0),
            );
        }
        Subject::Tiger => {
            for ring in joints.iter().skip(3).step_by(3) {
                figure.disc(
                    ring.0,
                    ring.1,
                    ring.2 * 1.02,
                    &plain(figure.tone(0x2a_1e1a), 0.85),
                );
            }
        }
        _ => {}
    }
}

fn markings(figure: &mut Figure<'_>, subject: Subject, build: &Build, hip: (f32, f32), shoulder: (f32, f32)) {
    match subject {
        Subject::Tiger => {
            let dark = plain(figure.tone(0x2a_1e1a), 0.82);
            for at in 0..7u8 {
                let along = (f32::from(at) + 0.2) / 6.6;
                let x = hip.0 - 0.06 + (shoulder.0 - hip.0 + 0.1) * along;
                let top = hip.1 + (shoulder.1 - hip.1) * along + build.girth[1] * 0.93;
                let deep = build.girth[1] * if at % 2 == 0 { 1.25 } else { 0.85 };
                figure.blob(
                    &[
                        (x - 0.014, top),
                        (x + 0.016, top),
                        (x + 0.02, top - deep * 0.5),
                        (x + 0.004, top - deep),
                        (x - 0.002, top - deep * 0.5),
                    ],
                    &dark,
                );
            }
        }
        Subject::Panda => {
            let black = figure.body(figure.tone(0x2c_2a30), shoulder.1 + build.girth[2], 0.0);
            let (x, y, girth) = (shoulder.0, shoulder.1, build.girth[2]);
            figure.blob(
                &[
                    (x - girth * 0.55, y + girth * 0.93),
                    (x + girth * 0.30, y + girth * 0.88),
                    (x + girth * 0.8, y - girth * 0.2),
                    (x + girth * 0.45, y - girth * 0.95),
                    (x - girth * 0.5, y - girth),
                    (x - girth * 0.2, y),
                ],
                &black,
            );
        }
        Subject::Deer => {
            let pale = plain(figure.tone(0xf4_e6d0), 0.75);
            for spot in 0..9u8 {
                let x = hip.0 + (shoulder.0 - hip.0) * f32::from(spot) / 9.0 - 0.02;
                let y = hip.1 + build.girth[1] * (0.25 + 0.3 * wave(f32::from(spot) * 0.37));
                figure.disc(x, y, 0.009, &pale);
            }
            figure.ellipse(hip.0 - build.girth[0] * 0.86, hip.1 + 0.01, 0.026, 0.05, &pale);
        }
        _ => {}
    }
}
