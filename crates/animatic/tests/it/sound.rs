//! What a clip sounds like: loudness, peaks, width, ends, and whose sound it is. All of it measured by ffmpeg.

use animatic::Wish;

use crate::media::{loudness, probe, rendered, small, sound, stream};

/// Prompts that between them use every kind of sound.
const SCENES: [&str; 16] = [
    "a forest in the morning, birdsong",
    "a forest at night under the moon",
    "heavy rain over a city street at night",
    "a sailboat on the sea at sunset",
    "a desert with dunes at noon",
    "a planet and a nebula in space",
    "mountains in winter, snow falling",
    "a sunny meadow with butterflies",
    "a meadow at night with stars",
    "an abstract dance of colours",
    "a campfire by a brook at night",
    "underwater, a coral reef with fish",
    "a quiet room with a wooden table",
    "thunder over the sea, storm",
    "a waterfall in the jungle",
    "traffic in tokyo by day",
];
/// The loudness that every clip aims at and how far it may be off, in LUFS and LU.
const LOUDNESS: (f64, f64) = (-23.0, 1.0);
/// The highest peak between samples, in decibels of full level.
const PEAK: f64 = -3.0;

/// A clip whose pictures cost next to nothing.
fn heard(prompt: &str, duration_ms: u32, seed: u64) -> Wish {
    Wish {
        prompt: prompt.to_owned(),
        width: 64,
        height: 64,
        fps: 1,
        duration_ms,
        seed,
        ..small()
    }
}

/// Integrated loudness in LUFS and true peak in dBTP.
fn measured(wish: &Wish) -> (f64, f64) {
    loudness(&rendered(wish).bytes)
}

/// Both channels by themselves.
fn channels(wish: &Wish) -> (Vec<f32>, Vec<f32>) {
    let samples = sound(&rendered(wish).bytes);
    samples.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip()
}

fn power(samples: impl Iterator<Item = f32>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for sample in samples {
        sum += f64::from(sample) * f64::from(sample);
        count += 1.0;
    }
    sum / f64::max(count, 1.0)
}

#[test]
fn every_scene_is_as_loud_as_the_others_and_none_peaks() {
    let (aim, off) = LOUDNESS;
    let mut wrong = Vec::new();
    for prompt in SCENES {
        for (duration_ms, seed) in [(5_000, 7), (10_000, 8), (3_000, 9)] {
            let (loudness, peak) = measured(&heard(prompt, duration_ms, seed));
            let line = format!("{prompt}, {duration_ms} ms: {loudness} LUFS, {peak} dBTP");
            println!("{line}");
            if (loudness - aim).abs() > off || peak > PEAK {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_shortest_clip_is_heard_and_does_not_peak() {
    for duration_ms in [500, 1_000, 2_000] {
        let (_, peak) = measured(&heard("a forest in the morning", duration_ms, 7));
        assert!(
            (-40.0..=PEAK).contains(&peak),
            "{duration_ms} ms peak at {peak} dBTP"
        );
    }
}

#[test]
fn both_ends_are_silent_and_nothing_is_shifted() {
    for prompt in SCENES {
        let (left, right) = channels(&heard(prompt, 3_000, 7));
        for channel in [left, right] {
            // 2 ms at each end; a step above this is heard as a click when the clip loops.
            let ends = channel.iter().take(96).chain(channel.iter().rev().take(96));
            let loudest = ends.fold(0.0f32, |most, sample| most.max(sample.abs()));
            assert!(loudest < 0.003, "{prompt}: {loudest} at an end");
            let mean = channel.iter().map(|sample| f64::from(*sample)).sum::<f64>() / channel.len() as f64;
            assert!(mean.abs() < 0.001, "{prompt}: shifted by {mean}");
        }
    }
}

#[test]
fn every_scene_is_wide_and_still_whole_on_one_loudspeaker() {
    for prompt in SCENES {
        let (left, right) = channels(&heard(prompt, 4_000, 7));
        let middle = power(left.iter().zip(&right).map(|(l, r)| (l + r) / 2.0));
        let side = power(left.iter().zip(&right).map(|(l, r)| (l - r) / 2.0));
        let width = side / middle;
        assert!(
            (0.03..1.5).contains(&width),
            "{prompt}: the sides hold {width:.3} of the middle"
        );
        let lean = 10.0 * (power(left.iter().copied()) / power(right.iter().copied())).log10();
        assert!(lean.abs() < 4.0, "{prompt}: leans by {lean:.1} dB");
    }
}

#[test]
fn a_seed_has_a_sound_of_its_own() {
    for prompt in [
        "a forest in the morning",
        "a sailboat on the sea",
        "an abstract dance of colours",
    ] {
        let one = channels(&heard(prompt, 2_000, 1));
        assert_eq!(one, channels(&heard(prompt, 2_000, 1)), "{prompt}");
        let (other, _) = channels(&heard(prompt, 2_000, 2));
        let apart = power(one.0.iter().zip(&other).map(|(one, other)| one - other));
        assert!(
            apart > 0.5 * power(one.0.iter().copied()),
            "{prompt}: the seeds sound alike"
        );
    }
}

#[test]
fn scenes_differ_as_their_places_do() {
    // Sign changes a second: the plainest measure of how bright a sound is.
    let bright = |prompt: &str| {
        let (left, _) = channels(&heard(prompt, 4_000, 7));
        let changes = left
            .windows(2)
            .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0))
            .count();
        changes / 4
    };
    let (rain, forest) = (bright("rain on a meadow"), bright("a forest in the morning"));
    let (deep, city) = (bright("underwater, a whale"), bright("a city by day"));
    assert!(rain > 2 * city, "rain {rain}, city {city}");
    assert!(forest > 2 * deep, "forest {forest}, underwater {deep}");
}

#[test]
fn a_negative_prompt_silences_what_it_names() {
    let fire = heard("a campfire in the desert", 2_000, 7);
    let struck = Wish {
        negative_prompt: Some("campfire".to_owned()),
        ..fire.clone()
    };
    assert_ne!(channels(&fire), channels(&struck));
}

#[test]
fn without_sound_there_is_no_track() {
    let wish = Wish {
        sound: false,
        ..heard("a sailboat on the sea", 1_000, 7)
    };
    assert!(stream(&probe(&rendered(&wish).bytes), "audio").is_none());
    assert!(stream(&probe(&rendered(&Wish { sound: true, ..wish }).bytes), "audio").is_some());
}
