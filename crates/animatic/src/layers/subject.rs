//! The subject's place and way through the scene. How it looks is drawn next door.

use crate::chance::Chance;
use crate::drawing::clear;
use crate::layers::cast::{self, Cast, Way};
use crate::layers::group::{self, Member, Rank};
use crate::layers::{Layer, Moment, Size, Spot};
use crate::motion::{between, glide, wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Ground, Pace, Scene, Subject};

/// A crossing of the frame takes about this long; longer clips see the subject come again.
const CROSSING_SECONDS: f32 = 9.0;

/// Adds the subject with its feet at `footing` pixels from the top, on ground of the given depth.
pub(super) fn build(scene: &Scene, size: &Size, footing: f32, depth: f32, layers: &mut Vec<Layer>) {
    let Some(cast) = cast::of(scene) else {
        return;
    };
    let mut chance = Chance::new(scene.seed, "subject");
    for (at, rank) in group::ranks(scene, &cast, size, footing).into_iter().enumerate() {
        let mut other = scene.clone();
        if rank.share < group::FIRST {
            other.palette.subject = scene.palette.others[at % 2];
        }
        layers.push(play(&other, &cast, (*size, footing, depth), rank, &mut chance));
    }
}

/// One size of the subject: all that are as far away as one another.
pub(super) fn play(
    scene: &Scene,
    cast: &Cast,
    (size, footing, depth): (Size, f32, f32),
    rank: Rank,
    chance: &mut Chance,
) -> Layer {
    // In a tall frame things may be a little larger than its width alone would have them.
    let unit = size.unit.max(size.height * 0.62).min(size.unit * 1.3) * rank.share;
    let tall = libm::ceilf((unit * cast.tall * chance.between(0.94, 1.08)).max(8.0)).min(size.height * 0.92);
    let wide = (tall * cast.wide).min(size.width * 1.6);
    let right = scene.drift > 0.0;
    // What is small needs fewer poses to be smooth.
    let count = if rank.share < group::FIRST {
        cast.poses.div_ceil(2)
    } else {
        cast.poses
    };
    let poses: Vec<Sprite> = (0..count)
        .map(|pose| {
            let mut pixmap = clear(wide, tall);
            cast::draw(scene, pose as f32 / count as f32, &mut pixmap);
            Sprite::from_pixmap(&if right { pixmap } else { cast::mirrored(&pixmap) })
        })
        .collect();
    let stage = Stage {
        size,
        footing,
        depth,
        tall,
        wide,
        drift: scene.drift,
        far: 0.4 + 0.6 * rank.share,
    };
    match cast.way {
        Way::Walk { stride } => walk(scene, cast, poses, stage, stride, rank.members),
        Way::Fly {
            above,
            bob,
            span,
            flock,
        } => {
            let above = match (scene.subject, scene.ground) {
                (_, Ground::Underwater | Ground::Space) => 0.06,
                // Deep enough in the water that the nearest swell wets the hull.
                (Subject::Boat, Ground::Sea) => tall / size.height * 0.42,
                (Subject::Whale, Ground::Sea) => 0.03,
                _ => above,
            };
            let places = if flock > 1 {
                let mut chance = Chance::new(scene.seed, "flock");
                formation(scene.subject, flock, &stage, &mut chance)
            } else {
                rank.members
            };
            fly(scene, cast, poses, stage, (above, bob, span), places)
        }
        Way::Stand => stand(scene, cast, poses, stage, rank.members),
    }
}

/// What the ways share.
#[derive(Clone, Copy)]
struct Stage {
    size: Size,
    footing: f32,
    depth: f32,
    tall: f32,
    wide: f32,
    drift: f32,
    /// What is far away comes a shorter way: 1 is the whole one.
    far: f32,
}

fn span_of(scene: &Scene, usual: f32) -> f32 {
    match scene.pace {
        Pace::Still => 0.0,
        Pace::Slow => usual * 0.6,
        Pace::Usual => usual,
        Pace::Fast => usual * 1.45,
    }
}

/// On foot or on wheels: the pose follows the way covered, so that no foot slips.
fn walk(
    scene: &Scene,
    cast: &Cast,
    poses: Vec<Sprite>,
    stage: Stage,
    stride: f32,
    members: Vec<Member>,
) -> Layer {
    let crossing = Crossing::new(&stage.size, span_of(scene, 0.42) * stage.far, stage.drift);
    let count = poses.len();
    let (footing, tall, wide, drift, depth) =
        (stage.footing, stage.tall, stage.wide, stage.drift, stage.depth);
    let stride = (stride * tall).max(4.0);
    let still = scene.pace == Pace::Still;
    let pace = cast.pace;
    let copies = members.len();
    let motion = move |copy: usize, moment: &Moment| {
        let member = members[copy];
        let x = crossing.at(moment) + member.aside * drift;
        let covered = (x + moment.camera_x * depth) * drift;
        let turn = if still {
            moment.seconds * pace * 0.3
        } else {
            covered / stride
        };
        Spot {
            pose: (wrap(turn + member.phase, 1.0) * count as f32) as usize % count,
            x: x - wide / 2.0 - if still { moment.camera_x * depth } else { 0.0 },
            y: footing - member.above - tall * (1.0 - super::figure::UNDER) - moment.camera_y * depth,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// Through air or water, alone or as a flock.
fn fly(
    scene: &Scene,
    cast: &Cast,
    poses: Vec<Sprite>,
    stage: Stage,
    (above, bob, span): (f32, f32, f32),
    places: Vec<Member>,
) -> Layer {
    let crossing = Crossing::new(&stage.size, span_of(scene, span) * stage.far, stage.drift);
    let count = poses.len();
    let (size, wide, tall, drift) = (stage.size, stage.wide, stage.tall, stage.drift);
    let middle = stage.footing - above * size.height - tall * 0.5;
    let pace = cast.pace
        * match scene.pace {
            Pace::Still | Pace::Slow => 0.6,
            Pace::Usual => 1.0,
            Pace::Fast => 1.35,
        };
    let rise = if matches!(
        scene.subject,
        Subject::Lantern | Subject::Balloon | Subject::Jellyfish
    ) {
        0.05
    } else {
        0.0
    };
    let copies = places.len();
    let motion = move |copy: usize, moment: &Moment| {
        let Member { aside, above, phase } = places[copy];
        let x = crossing.at(moment) + aside * drift - wide / 2.0;
        let lift =
            wave(moment.seconds * 0.19 + phase) * size.unit * bob - rise * size.height * (moment.at - 0.5);
        let turn = wrap(moment.seconds * pace * (0.94 + 0.12 * phase) + phase, 1.0);
        Spot {
            pose: (turn * count as f32) as usize % count,
            x,
            y: middle - above + lift,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// Where each of a flock is: behind and below the first one, and its place in the beat.
fn formation(subject: Subject, flock: usize, stage: &Stage, chance: &mut Chance) -> Vec<Member> {
    let (wide, tall) = (stage.wide, stage.tall);
    let place = |at: usize, chance: &mut Chance| {
        let row = usize::div_ceil(at, 2) as f32;
        let side = if at.is_multiple_of(2) { 1.0 } else { -1.0 };
        let jitter = (
            chance.between(-0.2, 0.2),
            chance.between(-0.2, 0.2),
            chance.unit(),
        );
        match subject {
            Subject::Birds => (
                -(row * 0.78 + jitter.0) * wide,
                (side * row * 0.62 + jitter.1) * tall,
                jitter.2,
            ),
            Subject::Lantern => (
                (((at * 5) % flock) as f32 / flock as f32 - 0.5) * stage.size.width * 0.95 + jitter.0 * wide,
                (jitter.1 * 4.0 - 0.1 + side * 0.5) * tall,
                jitter.2,
            ),
            _ => (
                -(row * 0.95 + jitter.0) * wide,
                (side * (0.5 + row * 0.36) + jitter.1 - 0.3) * tall,
                jitter.2,
            ),
        }
    };
    (0..flock)
        .map(|at| {
            let (aside, below, phase) = if at == 0 {
                (0.0, 0.0, chance.unit())
            } else {
                place(at, chance)
            };
            Member {
                aside,
                above: -below,
                phase,
            }
        })
        .collect()
}

/// In one place, a third of the way into the frame or in its middle.
fn stand(scene: &Scene, cast: &Cast, poses: Vec<Sprite>, stage: Stage, members: Vec<Member>) -> Layer {
    let mut chance = Chance::new(scene.seed, "stand");
    // Members of a group stand to both sides of the middle.
    let grouped = scene.count.is_some_and(|count| count > 1);
    let third = if chance.likely(0.5) { 0.36 } else { 0.64 };
    let portrait = stage.size.height > stage.size.width;
    let centred = grouped || portrait || matches!(scene.ground, Ground::Studio | Ground::Ribbons);
    let x = stage.size.width
        * if centred {
            0.5
        } else {
            third + chance.between(-0.03, 0.03)
        };
    let (count, pace, depth) = (poses.len(), cast.pace, stage.depth);
    let (wide, top) = (
        stage.wide,
        stage.footing - stage.tall * (1.0 - super::figure::UNDER),
    );
    let copies = members.len();
    let motion = move |copy: usize, moment: &Moment| {
        let member = members[copy];
        Spot {
            pose: (wrap(moment.seconds * pace + member.phase, 1.0) * count as f32) as usize % count,
            x: x + member.aside - wide / 2.0 - moment.camera_x * depth,
            y: top - member.above - moment.camera_y * depth,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// The way across the frame: once in a short clip, again and again in a long one.
struct Crossing {
    width: f32,
    span: f32,
    seconds: f32,
    drift: f32,
}

impl Crossing {
    fn new(size: &Size, span: f32, drift: f32) -> Self {
        // A very short clip shows a part of the way only, or the subject would race.
        let share = (size.seconds / 4.0).clamp(0.15, 1.0);
        Self {
            width: size.width,
            span: span * share,
            seconds: size.seconds,
            drift,
        }
    }

    fn at(&self, moment: &Moment) -> f32 {
        let along = if self.span == 0.0 {
            0.42
        } else if self.seconds <= CROSSING_SECONDS * 1.3 {
            0.48 + (glide(moment.at) - 0.5) * self.span
        } else {
            // A pass from beyond one edge to beyond the other, entered half way.
            between(
                -0.35,
                1.35,
                wrap(
                    moment.seconds / CROSSING_SECONDS * self.span.clamp(0.2, 0.6) + 0.3,
                    1.0,
                ),
            )
        };
        if self.drift > 0.0 {
            along * self.width
        } else {
            (1.0 - along) * self.width
        }
    }
}
