//! What one round will do, drawn from its seed alone: which clips are asked for, and when the gateway is killed.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

/// Most kills that a seed draws by itself.
const KILLS_MAX: u32 = 3;
/// Sizes of the clips, in pixels: small, so that a round is about tasks and not about pictures.
const SIZES: [(u32, u32); 5] = [(64, 64), (128, 72), (160, 90), (256, 144), (320, 180)];
/// Frame rates of the clips.
const RATES: [u32; 4] = [1, 2, 4, 8];
/// The free model, and its lengths in seconds.
const FREE: (&str, [u32; 3]) = ("animatic", [1, 2, 3]);
/// A model that is paid for, so that money moves, and its shortest length in seconds.
const PAID: (&str, u32) = ("kling-v3", 3);
/// A kill in the first life: milliseconds after the first submit was sent. Each row is as likely as another: before
/// all answers are there, while clips are made, while they are kept.
const FIRST_KILLS_MS: [(u64, u64); 4] = [(0, 6), (6, 25), (25, 800), (800, 4_000)];
/// A kill in a later life: milliseconds after the process was started. Before it is ready, as it takes up what was
/// left, in the middle of the work.
const LATER_KILLS_MS: [(u64, u64); 4] = [(0, 60), (60, 200), (200, 1_000), (1_000, 4_000)];

/// What one round will do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// What it is drawn from.
    pub seed: u64,
    /// Bodies of the submits, in the unified dialect.
    pub wishes: Vec<Value>,
    /// When each life ends, but the last, which has no end: the first after the first submit, the others after their
    /// start.
    pub kills: Vec<Duration>,
}

impl Plan {
    /// Draws a round.
    #[must_use]
    pub(crate) fn draw(seed: u64, tasks: u32, kills: Option<u32>) -> Plan {
        let mut chance = Rng::with_seed(seed);
        let wishes = (0..tasks).map(|number| wish(number, &mut chance)).collect();
        let count = kills.unwrap_or_else(|| chance.u32(1..=KILLS_MAX));
        let kills = (0..count).map(|number| {
            let rows = if number == 0 {
                FIRST_KILLS_MS
            } else {
                LATER_KILLS_MS
            };
            let (from, to) = rows[chance.usize(..rows.len())];
            // Microseconds: a kill between two writes is a matter of less than a millisecond.
            Duration::from_micros(chance.u64(from * 1_000..to * 1_000))
        });
        Plan {
            seed,
            kills: kills.collect(),
            wishes,
        }
    }

    /// The name under which a wish is sent, however often.
    #[must_use]
    pub(crate) fn idempotency_key(&self, number: usize) -> String {
        format!("bench-{:016x}-{number}", self.seed)
    }
}

fn wish(number: u32, chance: &mut Rng) -> Value {
    let (width, height) = SIZES[chance.usize(..SIZES.len())];
    let (model, duration) = if chance.bool() {
        (FREE.0, FREE.1[chance.usize(..FREE.1.len())])
    } else {
        PAID
    };
    json!({
        "model": model,
        "prompt": format!("Clip {number} of a round: a lantern over a quiet harbour"),
        "duration": duration,
        "width": width,
        "height": height,
        "fps": RATES[chance.usize(..RATES.len())],
        "seed": chance.u32(..),
    })
}

#[cfg(test)]
mod tests {
    use super::{KILLS_MAX, Plan};

    #[test]
    fn the_same_seed_gives_the_same_round() {
        assert_eq!(Plan::draw(7, 60, None), Plan::draw(7, 60, None));
        assert_ne!(Plan::draw(7, 60, None).wishes, Plan::draw(8, 60, None).wishes);
    }

    #[test]
    fn seeds_bring_every_number_of_kills_and_both_models() {
        let plans: Vec<Plan> = (0..100).map(|seed| Plan::draw(seed, 60, None)).collect();
        for count in 1..=KILLS_MAX as usize {
            assert!(plans.iter().any(|plan| plan.kills.len() == count), "{count}");
        }
        for model in ["animatic", "kling-v3"] {
            assert!(
                plans[0].wishes.iter().any(|wish| wish["model"] == model),
                "{model}"
            );
        }
        assert_eq!(Plan::draw(1, 60, Some(5)).kills.len(), 5);
    }
}
