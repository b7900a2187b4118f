//! Several of one kind: how many, how large each is, and where it keeps to beside the first. Draws nothing.

use crate::chance::Chance;
use crate::layers::cast::{Cast, Way};
use crate::layers::{Size, sky};
use crate::scene::{Ground, Scene, Subject};

/// How large those behind the first are, from far to near.
const SHARES: [f32; 2] = [0.46, 0.70];

/// The first one is at least as large as this; all others are smaller.
pub(super) const FIRST: f32 = 0.8;

/// One of a group, beside the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// How far ahead of the first, in pixels.
    pub(super) aside: f32,
    /// How far up the frame, in pixels.
    pub(super) above: f32,
    /// Its place in the cycle of movement, from 0 to 1.
    pub(super) phase: f32,
}

/// Those of a group that are as large as one another.
#[derive(Clone, Debug)]
pub(super) struct Rank {
    /// Size by the first one's.
    pub(super) share: f32,
    pub(super) members: Vec<Member>,
}

impl Rank {
    /// The first one, alone.
    pub(super) fn single(share: f32) -> Self {
        let first = Member {
            aside: 0.0,
            above: 0.0,
            phase: 0.0,
        };
        Self {
            share,
            members: vec![first],
        }
    }
}

/// The subject's ranks, from far to near; the last holds the first one.
pub(super) fn ranks(scene: &Scene, cast: &Cast, size: &Size, footing: f32) -> Vec<Rank> {
    let count = match cast.way {
        Way::Fly { flock, .. } if flock > 1 => 1,
        _ => scene.count.unwrap_or(1),
    };
    if count < 2 {
        return vec![Rank::single(1.0)];
    }
    let mut chance = Chance::new(scene.seed, "group");
    let side = chance.pick(&[1.0, -1.0]);
    let mut ranks = SHARES.map(|share| Rank {
        share,
        members: Vec::new(),
    });
    for at in 1..count {
        let row = at.div_ceil(2) as f32;
        let side = if at.is_multiple_of(2) { side } else { -side };
        // The nearer ones go next to the first, the far ones farther out.
        let near = usize::from(at < 3);
        let out = 0.08 + 0.15 * row + chance.between(-0.02, 0.04);
        ranks[near].members.push(Member {
            aside: side * out * size.width,
            above: above(scene, cast, size, (footing, SHARES[near]), &mut chance),
            phase: chance.unit(),
        });
    }
    let first = Rank::single(if count > 2 { 0.9 } else { 1.0 });
    let behind = ranks.into_iter().filter(|rank| !rank.members.is_empty());
    behind.chain([first]).collect()
}

/// How far up the frame one stands that is smaller by `share`: nearer to the horizon, or anywhere in the air.
fn above(scene: &Scene, cast: &Cast, size: &Size, (footing, share): (f32, f32), chance: &mut Chance) -> f32 {
    let afloat = matches!(scene.subject, Subject::Boat | Subject::Whale)
        && matches!(scene.ground, Ground::Sea | Ground::Lake);
    if afloat {
        let line = size.height * (sky::horizon(scene.ground) + 0.02);
        return (footing - line) * (1.0 - share);
    }
    match cast.way {
        Way::Fly { .. } => size.height * chance.between(-0.10, 0.20),
        Way::Walk { .. } | Way::Stand => size.height * 0.10 * (1.0 - share),
    }
}
