//! Speech as the renderer says it: the text, whose voice, how fast. How it sounds is the renderer's business.

use ::animatic::{Language, Pool, SPEEDS, SpeechWish, speech};
use domain::provider::{Job, Outputs, UpstreamError};
use domain::{MediaFacts, MediaKind};
use serde_json::Value;

use super::quick::{Piece, at_once, outputs};
use super::wish::refused;

/// Whose voice it is, in the vendor's catalogue.
pub(super) const VOICE: &str = "kling.voice_id";
/// `zh` or `en`.
pub(super) const LANGUAGE: &str = "kling.voice_language";
/// How fast, as a number around 1.
pub(super) const SPEED: &str = "kling.voice_speed";

/// Says the text of a job; the result is one MP3.
///
/// # Errors
/// Refused when it is out of the renderer's bounds.
pub(super) async fn said(job: &Job, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let wish = wish(job)?;
    let made = at_once(pool, &job.client_ref, move |watch| speech(&wish, watch)).await?;
    let piece = Piece {
        kind: MediaKind::Audio,
        facts: MediaFacts {
            duration_ms: Some(u64::from(made.duration_ms)),
            ..MediaFacts::default()
        },
        bytes: made.mp3,
    };
    Ok(outputs(vec![piece], None))
}

/// The sound of words that another work needs: one MP3.
///
/// # Errors
/// Refused when they are out of the renderer's bounds.
pub(super) async fn spoken(name: &str, wish: SpeechWish, pool: &Pool) -> Result<Vec<u8>, UpstreamError> {
    Ok(at_once(pool, name, move |watch| speech(&wish, watch)).await?.mp3)
}

fn wish(job: &Job) -> Result<SpeechWish, UpstreamError> {
    let extras = &job.ask.extras;
    let said = |name: &str| extras.get(name).unwrap_or(&Value::Null);
    read(&job.ask.prompt, [said(VOICE), said(LANGUAGE), said(SPEED)])
}

/// Reads a text with its voice, language and speed.
///
/// # Errors
/// Refused when they are out of the renderer's bounds.
pub(super) fn read(words: &str, [voice, language, speed]: [&Value; 3]) -> Result<SpeechWish, UpstreamError> {
    let language = match language.as_str().unwrap_or_default() {
        "" | "zh" => Language::Chinese,
        "en" => Language::English,
        other => {
            return Err(refused(&format!(
                "`voice_language` is `{other}`; allowed: `zh`, `en`"
            )));
        }
    };
    let speed = match speed {
        Value::Null => 1.0,
        said => said.as_f64().unwrap_or(0.0),
    };
    let speed = (speed * 100.0).round().clamp(0.0, f64::from(SPEEDS.1) * 10.0) as u16;
    let wish = SpeechWish {
        text: words.to_owned(),
        voice: voice.as_str().unwrap_or_default().to_owned(),
        language,
        speed,
    };
    wish.check().map_err(|error| refused(&error.to_string()))?;
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ask::Ask;
    use domain::{Id, Operation, TaskId};
    use serde_json::json;

    use super::*;

    fn read_of(extras: &[(&str, Value)]) -> Result<SpeechWish, UpstreamError> {
        let extras = extras
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        wish(&Job {
            task: TaskId(Id(1)),
            client_ref: "rw-1".to_owned(),
            ask: Arc::new(Ask {
                operation: Operation::Speech,
                prompt: "hello".to_owned(),
                extras: extras.collect(),
                ..testkit::sample::ask()
            }),
            seed: 9,
            media: Vec::new(),
            receipt: None,
        })
    }

    #[test]
    fn voice_language_and_speed_are_read_and_what_is_out_of_bounds_is_refused() {
        let said = read_of(&[
            (VOICE, json!("oversea_male1")),
            (LANGUAGE, json!("en")),
            (SPEED, json!(1.2)),
        ]);
        let expected = SpeechWish {
            text: "hello".to_owned(),
            voice: "oversea_male1".to_owned(),
            language: Language::English,
            speed: 120,
        };
        assert_eq!(said.ok(), Some(expected));
        assert_eq!(
            read_of(&[]).ok().map(|wish| (wish.language, wish.speed)),
            Some((Language::Chinese, 100))
        );
        for wrong in [
            (LANGUAGE, json!("fr")),
            (SPEED, json!(0.7)),
            (SPEED, json!(1e300)),
            (SPEED, json!("fast")),
        ] {
            assert!(matches!(read_of(&[wrong]), Err(UpstreamError::Refused(_))));
        }
    }
}
