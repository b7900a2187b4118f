//! Core-seconds a clip: the CPU time that the renderer takes for the clip that everybody asks for, in this process.

use std::time::Duration;

use animatic::{Watch, Wish, render};
use anyhow::Context as _;

use super::effort::{Effort, median};
use super::page::{Page, Target};
use crate::stopwatch::{Stopwatch, cpu_time};

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
const FPS: u32 = 30;
const DURATION_MS: u32 = 5_000;
const SEED: u64 = 7;
/// Core-seconds for one clip.
const TARGET_CORE_SECONDS: f64 = 2.0;

/// Renders each prompt with and without sound. The process does nothing else meanwhile.
///
/// # Errors
/// When a clip cannot be rendered.
pub(crate) fn measure(page: &mut Page, effort: &Effort) -> anyhow::Result<()> {
    page.section("Core-seconds a clip");
    page.line(format!(
        "{DURATION_MS} ms of {WIDTH}×{HEIGHT} at {FPS} frames a second, as the gateway renders it, grain included, one thread; \
         CPU time of the process"
    ));
    let mut spent = Vec::new();
    for prompt in effort.prompts {
        for sound in [true, false] {
            let (cpu, wall, bytes) = one(prompt, sound)?;
            let with = if sound { "with sound" } else { "silent" };
            page.line(format!(
                "“{prompt}”, {with}: {:.2} core-seconds, {:.2} s by the clock, {} KiB",
                cpu.as_secs_f64(),
                wall.as_secs_f64(),
                bytes / 1024
            ));
            spent.push(cpu.as_secs_f64());
        }
    }
    let worst = spent.iter().copied().fold(0.0, f64::max);
    page.line(format!(
        "median {:.2}, worst {worst:.2} core-seconds; the encoder's share is not told apart",
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

fn one(prompt: &str, sound: bool) -> anyhow::Result<(Duration, Duration, usize)> {
    let wish = Wish {
        prompt: prompt.to_owned(),
        width: WIDTH,
        height: HEIGHT,
        fps: FPS,
        duration_ms: DURATION_MS,
        seed: SEED,
        sound,
        marked_copy: false,
        ..Wish::default()
    };
    let (cpu, watch) = (cpu_time(), Stopwatch::start());
    let clip = render(&wish, &mut |_| Watch::Continue).context("the renderer gave up")?;
    Ok((cpu_time().saturating_sub(cpu), watch.elapsed(), clip.bytes.len()))
}
