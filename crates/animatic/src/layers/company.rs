//! What passes far away in a place without a subject: a few birds, a sail, the cars of a city. Chooses nothing.

use crate::chance::Chance;
use crate::layers::cast::{self, Cast, Way};
use crate::layers::group::{Member, Rank};
use crate::layers::{Layer, Size, subject};
use crate::scene::{Pace, Scene, Subject};

/// Birds in the distance.
const BIRDS: usize = 4;
/// Cars that go one way.
const CARS: usize = 2;

/// Adds the company whose ground, if it needs any, is at `footing` pixels from the top.
pub(super) fn build(scene: &Scene, size: &Size, footing: f32, depth: f32, layers: &mut Vec<Layer>) {
    let mut alone = Scene {
        subject: scene.company,
        pace: Pace::Usual,
        ..scene.clone()
    };
    let Some(cast) = cast::of(&alone) else {
        return;
    };
    let mut chance = Chance::new(scene.seed, "company");
    let share = match scene.company {
        Subject::Birds => 0.34,
        Subject::Car => 0.40,
        _ => 0.26,
    };
    let cast = smaller(cast, scene.company);
    let stage = (*size, footing, depth);
    if scene.company != Subject::Car {
        layers.push(subject::play(
            &alone,
            &cast,
            stage,
            Rank::single(share),
            &mut chance,
        ));
        return;
    }
    for (at, way) in [-1.0, 1.0].into_iter().enumerate() {
        let lane = |car: usize, chance: &mut Chance| Member {
            aside: size.width * (0.45 * car as f32 - 0.25 + chance.between(-0.1, 0.1)),
            above: size.height * [0.022, 0.0][at],
            phase: chance.unit(),
        };
        let rank = Rank {
            share: share * [0.86, 1.0][at],
            members: (0..CARS).map(|car| lane(car, &mut chance)).collect(),
        };
        alone.drift = way;
        alone.palette.subject = crate::colour::Colour::hex(chance.pick(&COATS));
        layers.push(subject::play(&alone, &cast, stage, rank, &mut chance));
    }
}

/// The colours of cars.
const COATS: [u32; 5] = [0xd8_5a3a, 0xe0_b040, 0x4a_7cb8, 0xd0_d4d8, 0x3a_8a7c];

/// Fewer, and slower because they are far.
fn smaller(cast: Cast, company: Subject) -> Cast {
    match cast.way {
        Way::Fly { bob, .. } if company == Subject::Birds => Cast {
            way: Way::Fly {
                above: 0.50,
                bob,
                span: 0.22,
                flock: BIRDS,
            },
            ..cast
        },
        Way::Fly { bob, .. } => Cast {
            way: Way::Fly {
                above: 0.0,
                bob: bob * 0.3,
                span: 0.10,
                flock: 1,
            },
            ..cast
        },
        Way::Walk { .. } | Way::Stand => cast,
    }
}
