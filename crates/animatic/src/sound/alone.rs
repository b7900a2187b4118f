//! A sound that no clip carries: effects and music from words, as files. Mixes with the parts that clips are mixed of.

use super::files;
use super::score::Score;
use super::signal::{Filter, Stereo};
use super::tune::Tune;
use super::{finish, heard, mixed};
use crate::aac::RATE;
use crate::chance::Chance;
use crate::footage;
use crate::motion::wave;
use crate::render::{RenderError, Watch};
use crate::scene::Scene;
use crate::wish::{MAX_PROMPT_BYTES, WishError};

/// The shortest and the longest allowed sound, in milliseconds.
pub const SOUND_MS: (u32, u32) = (500, 300_000);
/// What is close to the ear is bright above this, in hertz, by so much …
const CLOSE: (f32, f32) = (3_200.0, 0.9);
/// … and wanders from ear to ear so often a second, by this share.
const SWAY: (f32, f32) = (0.13, 0.35);

/// How far away a sound is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nearness {
    /// In the space that its words name.
    #[default]
    Around,
    /// At the ear: dry, bright and wandering (ASMR).
    Close,
}

/// A sound to be made. Equal wishes give equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoundWish {
    /// What is heard; its place is read from the same words.
    pub effects: String,
    /// The music that is heard with it. Both empty means a quiet room.
    pub music: String,
    /// How far away it is.
    pub nearness: Nearness,
    /// Length in milliseconds, exact to the sample.
    pub duration_ms: u32,
    /// Varies the sound; the same seed gives the same one.
    pub seed: u64,
}

/// A finished sound as files: 48 kHz, stereo, at -23 LUFS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sounds {
    /// The MP3 file, with a tag that tells its exact length.
    pub mp3: Vec<u8>,
    /// The WAV file, 16 bits.
    pub wav: Vec<u8>,
    /// Length in milliseconds.
    pub duration_ms: u32,
}

/// Makes a sound from words. `watch` is told the percentage done and is asked whether to go on.
///
/// # Errors
///
/// See [`RenderError`].
pub fn sounds(wish: &SoundWish, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Sounds, RenderError> {
    wish.check()?;
    let sound = performed(wish, &mut || asked(watch, 10))?;
    written(&sound, watch)
}

/// The samples of a sound.
///
/// # Errors
///
/// What `proceed` answers.
pub(crate) fn performed<E>(
    wish: &SoundWish,
    proceed: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Stereo, E> {
    let silent = wish.effects.trim().is_empty();
    let music = Tune::read(&wish.music);
    let words = if silent { "a quiet room" } else { &wish.effects };
    let scene = Scene::read(words, "", wish.seed);
    let mut score = match music {
        Some(tune) if silent => Score::music(&scene, tune),
        _ => Score::alone(
            &scene,
            &heard::read(words, ""),
            music.or_else(|| Tune::named(words)),
        ),
    };
    if wish.nearness == Nearness::Close {
        score.near();
    }
    let samples = u64::from(wish.duration_ms) * u64::from(RATE) / 1000;
    let mut mix = mixed(&score, scene.seed, samples as usize, proceed)?;
    if wish.nearness == Nearness::Close {
        lean(&mut mix, scene.seed);
    }
    finish(&mut mix);
    Ok(mix)
}

/// Brings a sound to the ears: brighter, and slowly from one to the other.
fn lean(mix: &mut Stereo, seed: u64) {
    let from = Chance::new(seed, "lean").unit();
    for (channel, side) in [(&mut mix.left, 1.0), (&mut mix.right, -1.0)] {
        let mut high = Filter::new(CLOSE.0, 0.7);
        for (at, sample) in channel.iter_mut().enumerate() {
            let sway = wave(from + SWAY.0 * at as f32 / RATE as f32) * side;
            *sample = (*sample + high.high(*sample) * CLOSE.1) * (1.0 + SWAY.1 * sway);
        }
    }
}

/// The sound of a given file by itself, cut off after `most_ms`: of a sound file all of it, of a clip what is heard
/// with it.
///
/// # Errors
///
/// See [`RenderError`]; a file without a sound that can be read is refused.
pub fn sound_of(
    file: &[u8],
    most_ms: u32,
    watch: &mut dyn FnMut(u8) -> Watch,
) -> Result<Sounds, RenderError> {
    if matches!(footage::of_clip("sample", file), Ok(None)) {
        return Err(WishError::new("sample", "a clip without a sound", "a sound, or a clip with one").into());
    }
    let mut sound = footage::of_file("sample", file)?;
    let most = (u64::from(most_ms) * u64::from(RATE) / 1000) as usize;
    sound.left.truncate(most);
    sound.right.truncate(most);
    written(&sound, watch)
}

/// Both files of a finished sound.
pub(crate) fn written(sound: &Stereo, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Sounds, RenderError> {
    let wav = files::wav(sound)?;
    asked(watch, 60)?;
    let mp3 = files::mp3(sound, &mut || asked(watch, 70))?;
    asked(watch, 100)?;
    Ok(Sounds {
        mp3,
        wav,
        duration_ms: (sound.len() as u64 * 1000 / u64::from(RATE)) as u32,
    })
}

pub(super) fn asked(watch: &mut dyn FnMut(u8) -> Watch, percent: u8) -> Result<(), RenderError> {
    match watch(percent) {
        Watch::Continue => Ok(()),
        Watch::Stop => Err(RenderError::Stopped),
    }
}

impl SoundWish {
    /// Checks every field against the bounds of this module.
    ///
    /// # Errors
    ///
    /// The first field outside its bounds.
    pub fn check(&self) -> Result<(), WishError> {
        for (field, text) in [("effects", &self.effects), ("music", &self.music)] {
            if text.len() > MAX_PROMPT_BYTES {
                let allowed = format!("at most {MAX_PROMPT_BYTES} bytes");
                return Err(WishError::new(field, format!("{} bytes", text.len()), allowed));
            }
        }
        if (SOUND_MS.0..=SOUND_MS.1).contains(&self.duration_ms) {
            return Ok(());
        }
        let allowed = format!("from {} to {} milliseconds", SOUND_MS.0, SOUND_MS.1);
        Err(WishError::new("duration_ms", self.duration_ms, allowed))
    }
}
