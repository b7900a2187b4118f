//! Sounds from words and for clips, as the renderer's work. How they are made is the renderer's business.

use ::animatic::{Clip, Errand, Nearness, SoundWish, Sounds, scored, sounds};
use domain::provider::{Job, UpstreamError, Wire};
use domain::{Operation, Role};
use serde_json::Value;

use super::given::Given;
use super::wish::refused;

/// What a client says of the sounds under a clip, and of the music.
pub(super) const EFFECTS: &str = "kling.sound_effect_prompt";
pub(super) const MUSIC: &str = "kling.bgm_prompt";
/// Whether it is close to the ear.
pub(super) const ASMR: &str = "kling.asmr_mode";

/// The one piece of work of a job that makes a sound: an MP3, and a WAV beside it; for a clip, first the clip with
/// the sound under it.
///
/// # Errors
/// Refused when it is out of the renderer's bounds, busy when the clip cannot be had now.
pub(super) async fn work(job: &Job, wire: &Wire) -> Result<Errand, UpstreamError> {
    let wish = wish(job);
    if job.ask.operation == Operation::VideoToAudio {
        let source = Given::read(job, wire)
            .await?
            .need(Role::SourceVideo, "video_id")?;
        return Ok(Box::new(move |watch| scored(&source, &wish, watch)));
    }
    wish.check().map_err(|error| refused(&error.to_string()))?;
    Ok(Box::new(move |watch| Ok(clip(sounds(&wish, watch)?))))
}

fn wish(job: &Job) -> SoundWish {
    let ask = &job.ask;
    let said = |name: &str| {
        let words = ask.extras.get(name).and_then(Value::as_str);
        words.unwrap_or_default().to_owned()
    };
    let (effects, music) = match ask.operation {
        Operation::VideoToAudio => (said(EFFECTS), said(MUSIC)),
        _ => (ask.prompt.clone(), String::new()),
    };
    let close = ask.extras.get(ASMR) == Some(&Value::Bool(true));
    SoundWish {
        effects,
        music,
        nearness: if close { Nearness::Close } else { Nearness::Around },
        duration_ms: u32::try_from(ask.duration_ms).unwrap_or(u32::MAX),
        seed: job.seed,
    }
}

/// A sound in the shape of the pool's results.
fn clip(made: Sounds) -> Clip {
    Clip {
        bytes: made.mp3,
        beside: vec![made.wav],
        duration_ms: made.duration_ms,
        sound: true,
        ..Clip::default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ask::Ask;
    use domain::{Id, TaskId};
    use serde_json::json;

    use super::*;

    fn job(ask: Ask) -> Job {
        Job {
            task: TaskId(Id(1)),
            client_ref: "rw-1".to_owned(),
            ask: Arc::new(ask),
            seed: 9,
            media: Vec::new(),
            receipt: None,
        }
    }

    #[test]
    fn a_sound_is_read_from_its_prompt_and_one_for_a_clip_from_the_vendors_fields() {
        let plain = wish(&job(Ask {
            operation: Operation::TextToAudio,
            prompt: "rain".to_owned(),
            duration_ms: 3_100,
            ..testkit::sample::ask()
        }));
        assert_eq!(
            plain,
            SoundWish {
                effects: "rain".to_owned(),
                music: String::new(),
                nearness: Nearness::Around,
                duration_ms: 3_100,
                seed: 9,
            }
        );
        let extras = [
            (EFFECTS, json!("steps")),
            (MUSIC, json!("calm piano")),
            (ASMR, json!(true)),
        ];
        let under = wish(&job(Ask {
            operation: Operation::VideoToAudio,
            prompt: String::new(),
            extras: extras
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..testkit::sample::ask()
        }));
        assert_eq!(
            (under.effects.as_str(), under.music.as_str()),
            ("steps", "calm piano")
        );
        assert_eq!(under.nearness, Nearness::Close);
    }
}
