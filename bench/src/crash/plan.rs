//! What one round will do, drawn from its seed alone: which clips are asked for, when the gateway is killed, and what
//! else happens to it.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most kills that a seed draws by itself.
const KILLS_MAX: u32 = 3;
/// Sizes of the clips, in pixels: small, so that a round is about tasks and not about pictures.
const SIZES: [(u32, u32); 5] = [(64, 64), (128, 72), (160, 90), (256, 144), (320, 180)];
/// Frame rates of the clips.
const RATES: [u32; 4] = [1, 2, 4, 8];
/// The free model, and its lengths in seconds.
const FREE: (&str, [u32; 3]) = ("animatic", [1, 2, 3]);
/// A model that is paid for, so that money moves, and that the vendor makes; its shortest length in seconds.
const PAID: (&str, u32) = ("kling-v3", 3);
/// Of so many clips one is the renderer's, the others are the vendor's.
const FREE_ONE_OF: u32 = 4;
/// In one of so many rounds the process is stopped for a while.
const STOPS_ONE_OF: u64 = 2;
/// For how long it is stopped, in milliseconds.
const STOPPED_MS: (u64, u64) = (50, 2_500);
/// In one of so many rounds on PostgreSQL its server is killed.
const DATABASE_KILLS_ONE_OF: u64 = 3;
/// For how long the database is gone, in milliseconds, before it is started again.
const GONE_MS: (u64, u64) = (10, 1_500);
/// Trouble in a life comes so long after it began to serve, in milliseconds.
const TROUBLE_MS: (u64, u64) = (0, 1_500);
/// A kill in the first life: milliseconds after the first submit was sent. Each row is as likely as another: before
/// all answers are there, while clips are made, while they are kept.
const FIRST_KILLS_MS: [(u64, u64); 4] = [(0, 6), (6, 25), (25, 800), (800, 4_000)];
/// A kill in a later life: milliseconds after the process was started. Before it is ready, as it takes up what was
/// left, in the middle of the work.
const LATER_KILLS_MS: [(u64, u64); 4] = [(0, 60), (60, 200), (200, 1_000), (1_000, 4_000)];

/// What happens to a gateway that lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Its process is stopped for so long, and goes on.
    Stop(Duration),
    /// Its database's server is killed, and started again after so long.
    DatabaseKill(Duration),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Stop(lasting) => write!(f, "stopped for {} ms", lasting.as_millis()),
            Trouble::DatabaseKill(gone) => write!(f, "database killed for {} ms", gone.as_millis()),
        }
    }
}

/// Where the rounds keep their tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Database {
    /// A file of the gateway's own.
    Sqlite,
    /// A server of the bench's own, which may be killed too.
    Postgres,
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        })
    }
}

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
    /// What else happens: in which life, and how long after it began to serve.
    pub troubles: Vec<(u32, Duration, Trouble)>,
}

impl Plan {
    /// Draws a round.
    #[must_use]
    pub(crate) fn draw(seed: u64, tasks: u32, kills: Option<u32>, database: Database) -> Plan {
        let mut chance = Rng::with_seed(seed);
        let wishes = (0..tasks).map(|number| wish(seed, number, &mut chance)).collect();
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
        let kills: Vec<Duration> = kills.collect();
        let troubles = troubles(seed, count + 1, &mut chance, database);
        Plan {
            seed,
            wishes,
            kills,
            troubles,
        }
    }

    /// The words of the wishes that the vendor makes.
    #[must_use]
    pub(crate) fn vendors(&self) -> Vec<String> {
        let vendors = self.wishes.iter().filter(|wish| wish["model"] == PAID.0);
        vendors
            .map(|wish| wish["prompt"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The name under which a wish is sent, however often.
    #[must_use]
    pub(crate) fn idempotency_key(&self, number: usize) -> String {
        format!("bench-{:016x}-{number}", self.seed)
    }
}

/// What else happens in a round of so many lives. Which kinds there are depends on the seed alone, so that of many
/// rounds in a row the promised share has each.
fn troubles(seed: u64, lives: u32, chance: &mut Rng, database: Database) -> Vec<(u32, Duration, Trouble)> {
    let mut troubles = Vec::new();
    if database == Database::Postgres && seed.is_multiple_of(DATABASE_KILLS_ONE_OF) {
        let gone = moment(chance, GONE_MS);
        troubles.push((
            chance.u32(1..=lives),
            moment(chance, TROUBLE_MS),
            Trouble::DatabaseKill(gone),
        ));
    }
    if seed.is_multiple_of(STOPS_ONE_OF) {
        let stopped = moment(chance, STOPPED_MS);
        troubles.push((
            chance.u32(1..=lives),
            moment(chance, TROUBLE_MS),
            Trouble::Stop(stopped),
        ));
    }
    troubles
}

fn moment(chance: &mut Rng, (from_ms, to_ms): (u64, u64)) -> Duration {
    Duration::from_micros(chance.u64(from_ms * 1_000..to_ms * 1_000))
}

fn wish(seed: u64, number: u32, chance: &mut Rng) -> Value {
    let prompt = format!("Clip {number} of round {seed}: a lantern over a quiet harbour");
    if !chance.u32(..).is_multiple_of(FREE_ONE_OF) {
        return json!({ "model": PAID.0, "prompt": prompt, "duration": PAID.1, "seed": chance.u32(..) });
    }
    let (width, height) = SIZES[chance.usize(..SIZES.len())];
    json!({
        "model": FREE.0,
        "prompt": prompt,
        "duration": FREE.1[chance.usize(..FREE.1.len())],
        "width": width,
        "height": height,
        "fps": RATES[chance.usize(..RATES.len())],
        "seed": chance.u32(..),
    })
}

#[cfg(test)]
mod tests {
    use super::{Database, KILLS_MAX, Plan, Trouble};

    fn plan(seed: u64) -> Plan {
        Plan::draw(seed, 60, None, Database::Postgres)
    }

    #[test]
    fn the_same_seed_gives_the_same_round() {
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7).wishes, plan(8).wishes);
    }

    #[test]
    fn seeds_bring_every_number_of_kills_and_both_models() {
        let plans: Vec<Plan> = (0..100).map(plan).collect();
        for count in 1..=KILLS_MAX as usize {
            assert!(plans.iter().any(|plan| plan.kills.len() == count), "{count}");
        }
        for model in ["animatic", "kling-v3"] {
            assert!(
                plans[0].wishes.iter().any(|wish| wish["model"] == model),
                "{model}"
            );
        }
        assert_eq!(Plan::draw(1, 60, Some(5), Database::Sqlite).kills.len(), 5);
    }

    #[test]
    fn a_third_of_the_rounds_on_postgresql_kills_it_and_none_on_sqlite() {
        let kills = |database| {
            let plans = (0..300).map(|seed| Plan::draw(seed, 1, None, database));
            let has = |plan: &Plan| {
                let mut troubles = plan.troubles.iter();
                troubles.any(|(life, _, trouble)| {
                    assert!((1..=plan.kills.len() as u32 + 1).contains(life));
                    matches!(trouble, Trouble::DatabaseKill(_))
                })
            };
            plans.filter(has).count()
        };
        assert_eq!((kills(Database::Postgres), kills(Database::Sqlite)), (100, 0));
    }
}
