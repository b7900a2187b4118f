//! The ambience: what a scene sounds like, mixed, brought to a broadcaster's loudness and faded at both ends.
//! `score` chooses the sounds, `weather`, `water`, `places`, `creatures` and `music` make them from `signal`,
//! `hall` puts them into a space, `loudness` measures; `alone` is a sound that no clip carries, `speech` a voice.
//! Encodes nothing but `files`, which writes what is heard by itself.

pub(crate) mod alone;
mod creatures;
mod files;
mod hall;
mod heard;
mod loudness;
mod music;
mod places;
mod score;
mod signal;
pub(crate) mod speech;
pub(crate) mod syllables;
mod things;
mod tune;
mod voice;
mod water;
mod weather;

pub(crate) use signal::Stereo;

use crate::aac::RATE;
use crate::chance::Chance;
use crate::motion::smooth;
use crate::scene::Scene;
use crate::wish::Wish;
use score::Score;
use signal::Soft;

/// The loudness of every clip, in LUFS (EBU R 128).
const AIM: f64 = -23.0;
/// No peak rises above this before it is encoded, in decibels of full level; the encoder may add a little.
const CEILING: f64 = -4.5;
/// The clip fades in and out over these times, in seconds, or a quarter of itself if that is shorter.
const FADES: (f32, f32) = (0.35, 0.8);
/// What lies below this is no sound but a shift of the whole, in hertz.
const SHIFT: f32 = 16.0;

/// The sound of a scene for `samples` samples a channel; `proceed` is asked between its parts whether to go on.
///
/// # Errors
///
/// What `proceed` answers.
pub(crate) fn ambience<E>(
    wish: &Wish,
    scene: &Scene,
    samples: usize,
    mut proceed: impl FnMut() -> Result<(), E>,
) -> Result<Stereo, E> {
    let negative = wish.negative_prompt.as_deref().unwrap_or_default();
    let score = Score::of(scene, &heard::read(&wish.prompt, negative));
    let mut mix = mixed(&score, scene.seed, samples, &mut proceed)?;
    finish(&mut mix);
    Ok(mix)
}

/// Plays every part of a score at its loudness beside the others.
fn mixed<E>(
    score: &Score,
    seed: u64,
    samples: usize,
    proceed: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Stereo, E> {
    let (mut mix, mut sound) = (Stereo::silent(samples), Stereo::silent(samples));
    for part in &score.parts {
        proceed()?;
        sound.clear();
        let mut chance = Chance::new(seed, part.source.label());
        part.source.play(&mut sound, &mut chance, score.harmony);
        if part.hall > 0.0 {
            hall::answer(&mut sound, part.hall, score.lasting);
        }
        // Every sound is measured, so that its place in the mix does not hang on how it was made.
        if let Some(loud) = loudness::measure(&sound) {
            mix.add(&sound, loudness::factor(AIM + f64::from(part.loud) - loud));
        }
    }
    proceed()?;
    Ok(mix)
}

/// Fades both ends and brings the whole to the loudness of every clip.
fn finish(mix: &mut Stereo) {
    fade(mix);
    loudness::bring(mix, AIM, loudness::factor(CEILING));
}

/// Takes any shift away and lets both ends come from and go to silence, so that a loop has no click.
fn fade(mix: &mut Stereo) {
    let length = mix.seconds();
    let (fade_in, fade_out) = (FADES.0.min(length / 4.0), FADES.1.min(length / 4.0));
    for channel in [&mut mix.left, &mut mix.right] {
        let mut shift = Soft::new(SHIFT);
        for (at, sample) in channel.iter_mut().enumerate() {
            *sample -= shift.next(*sample);
            let here = at as f32 / RATE as f32;
            if here < fade_in {
                *sample *= smooth(here / fade_in);
            } else if here > length - fade_out {
                *sample *= smooth((length - here) / fade_out);
            }
        }
    }
}
