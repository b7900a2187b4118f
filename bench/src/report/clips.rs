//! Core-seconds a clip: the CPU time that the renderer takes for clips of every kind, in this process.

use std::time::Duration;

use animatic::{CameraAxes, CameraControl, Format, Watch, Wish, render, still};
use anyhow::Context as _;

use super::effort::{Effort, median};
use super::page::{Page, Target};
use crate::stopwatch::{Stopwatch, cpu_time};

/// The size that the target is about.
const USUAL: (u32, u32) = (1280, 720);
/// Other sizes that are measured, for their figures alone.
const OTHERS: [(u32, u32); 3] = [(854, 480), (1920, 1080), (3840, 2160)];
const FPS: u32 = 30;
const DURATION_MS: u32 = 5_000;
const SEED: u64 = 7;
/// Core-seconds for one clip.
const TARGET_CORE_SECONDS: f64 = 2.0;

/// Scenes of words alone, the first of them the one that everybody asks for.
const SCENES: [&str; 14] = [
    "A small kitten running through a sunny garden",
    "A lighthouse in a storm at night, waves against the rocks",
    "Slow flight over snowy mountains under the stars",
    "A deer in a misty pine forest at dawn",
    "Neon city street at night in heavy rain, a taxi drives by",
    "A sailboat on a mountain lake at sunset",
    "A cozy living room with a cat",
    "Underwater, colourful fish above a coral reef",
    "The quiet arithmetic of remembering",
    "A volcano erupting at night, lava and smoke",
    "A waterfall in the jungle, birds",
    "A bamboo grove with a brook, a panda",
    "A dancer in a studio with a red backdrop",
    "A ringed planet, a spaceship glides past",
];

/// What the camera does over the fourth scene, the one with the most in it.
const CAMERAS: [(&str, CameraControl); 6] = [
    (
        "travels",
        CameraControl::Simple(CameraAxes {
            horizontal: 100,
            ..CameraAxes::REST
        }),
    ),
    (
        "pans",
        CameraControl::Simple(CameraAxes {
            pan: 100,
            ..CameraAxes::REST
        }),
    ),
    (
        "rolls",
        CameraControl::Simple(CameraAxes {
            roll: 100,
            ..CameraAxes::REST
        }),
    ),
    (
        "zooms in",
        CameraControl::Simple(CameraAxes {
            zoom: -100,
            ..CameraAxes::REST
        }),
    ),
    ("`down_back`", CameraControl::DownBack),
    ("`forward_up`", CameraControl::ForwardUp),
];

/// Renders clips of every kind. The process does nothing else meanwhile.
///
/// # Errors
/// When a clip cannot be rendered.
pub(crate) fn measure(page: &mut Page, effort: &Effort) -> anyhow::Result<()> {
    page.section("Core-seconds a clip");
    page.line(format!(
        "{DURATION_MS} ms at {FPS} frames a second, as the gateway renders it, grain and sound included, one thread; CPU \
         time of the process"
    ));
    let mut spent = Vec::new();
    for (name, wish) in kinds()?.into_iter().take(effort.clips) {
        let (cpu, wall, bytes) = one(&wish)?;
        page.line(format!(
            "{}×{}, {name}: {:.2} core-seconds, {:.2} s by the clock, {} KiB",
            wish.width,
            wish.height,
            cpu.as_secs_f64(),
            wall.as_secs_f64(),
            bytes / 1024
        ));
        if (wish.width, wish.height) == USUAL {
            spent.push(cpu.as_secs_f64());
        }
    }
    let worst = spent.iter().copied().fold(0.0, f64::max);
    page.line(format!(
        "of those of {}×{}: median {:.2}, worst {worst:.2} core-seconds; the encoder's share is not told apart",
        USUAL.0,
        USUAL.1,
        median(&spent)
    ));
    let seconds = f64::from(DURATION_MS) / 1_000.0;
    let by = format!("one clip of {seconds} s; the worst of {}", spent.len());
    page.result(
        "core-seconds a clip",
        (worst, "s"),
        by,
        Target::AtMost(TARGET_CORE_SECONDS),
    );
    Ok(())
}

/// Every kind with its name, those of the usual size first.
fn kinds() -> anyhow::Result<Vec<(String, Wish)>> {
    let scene = |prompt: &str| wish(prompt, USUAL);
    let mut kinds: Vec<(String, Wish)> = Vec::new();
    for prompt in SCENES {
        kinds.push((format!("“{prompt}”"), scene(prompt)));
    }
    let silent = Wish {
        sound: false,
        ..scene(SCENES[0])
    };
    kinds.push(("the first again, silent".to_owned(), silent));
    for (moves, camera) in CAMERAS {
        let wish = Wish {
            camera: Some(camera),
            ..scene(SCENES[3])
        };
        kinds.push((format!("the forest, and the camera {moves}"), wish));
    }
    let picture = |prompt: &str| -> anyhow::Result<Vec<u8>> {
        let still = still(&scene(prompt), Format::Png).context("a still")?;
        Ok(still.bytes)
    };
    let (forest, city, sea) = (picture(SCENES[3])?, picture(SCENES[4])?, picture(SCENES[1])?);
    let first = |size| Wish {
        first_frame: Some(forest.clone()),
        ..wish("", size)
    };
    kinds.push(("a first frame".to_owned(), first(USUAL)));
    let both = Wish {
        last_frame: Some(city.clone()),
        ..first(USUAL)
    };
    kinds.push(("a first and a last frame with nothing in common".to_owned(), both));
    let same = Wish {
        last_frame: Some(forest.clone()),
        ..first(USUAL)
    };
    kinds.push(("a first and a last frame of one thing".to_owned(), same));
    let several = Wish {
        references: vec![forest.clone(), city, sea],
        ..scene("")
    };
    kinds.push(("three references".to_owned(), several));
    for size in OTHERS {
        kinds.push((format!("“{}”", SCENES[0]), wish(SCENES[0], size)));
        kinds.push(("a first frame".to_owned(), first(size)));
    }
    Ok(kinds)
}

fn wish(prompt: &str, (width, height): (u32, u32)) -> Wish {
    Wish {
        prompt: prompt.to_owned(),
        width,
        height,
        fps: FPS,
        duration_ms: DURATION_MS,
        seed: SEED,
        sound: true,
        ..Wish::default()
    }
}

fn one(wish: &Wish) -> anyhow::Result<(Duration, Duration, usize)> {
    let (cpu, watch) = (cpu_time(), Stopwatch::start());
    let clip = render(wish, &mut |_| Watch::Continue).context("the renderer gave up")?;
    Ok((cpu_time().saturating_sub(cpu), watch.elapsed(), clip.bytes.len()))
}
