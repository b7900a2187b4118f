//! `multi_shot`: several scenes one after the other, as they are named, or as the sentences of the prompt give them.

use ::animatic::{MAX_SHOTS, MIN_DURATION_MS, PlannedShot, Wish, Work};
use domain::Ask;
use domain::provider::UpstreamError;
use serde_json::Value;

use super::tags;
use super::wish::refused;

/// Whether there are several shots, who plans them, and the plan.
pub(super) const MULTI_SHOT: &str = "kling.multi_shot";
pub(super) const SHOT_TYPE: &str = "kling.shot_type";
pub(super) const MULTI_PROMPT: &str = "kling.multi_prompt";
/// The most shots that are made of a prompt's sentences, and the shortest, in milliseconds.
const PLANNED: usize = 4;
const SHORTEST_MS: u32 = 1_000;

/// Reads the shots of a wish that has no other work.
pub(super) fn read(ask: &Ask, wish: &mut Wish) -> Result<(), UpstreamError> {
    if ask.extras.get(MULTI_SHOT).and_then(Value::as_bool) != Some(true) || wish.work != Work::Scene {
        return Ok(());
    }
    let shots = match ask.extras.get(SHOT_TYPE).and_then(Value::as_str) {
        Some("intelligence") => planned(&wish.prompt, wish.duration_ms),
        _ => named(ask.extras.get(MULTI_PROMPT).unwrap_or(&Value::Null))?,
    };
    // One shot is a plain clip, which may have pictures.
    if shots.len() > 1 {
        wish.work = Work::Shots(shots);
    } else if let Some(shot) = shots.into_iter().next() {
        wish.prompt = shot.prompt;
    }
    Ok(())
}

fn named(list: &Value) -> Result<Vec<PlannedShot>, UpstreamError> {
    let wrong = |at: usize| {
        refused(&format!(
            "`multi_prompt.{at}` is no shot with a `prompt` and a `duration` in seconds"
        ))
    };
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    if list.is_empty() || list.len() > MAX_SHOTS {
        let count = list.len();
        return Err(refused(&format!(
            "`multi_prompt` has `{count}` shots; allowed: 1 to {MAX_SHOTS}"
        )));
    }
    let mut shots: Vec<(i64, PlannedShot)> = Vec::with_capacity(list.len());
    for (at, shot) in list.iter().enumerate() {
        let seconds = match &shot["duration"] {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        let seconds: f64 = seconds
            .filter(|seconds: &f64| (0.5..=60.0).contains(seconds))
            .ok_or_else(|| wrong(at))?;
        let prompt = shot["prompt"].as_str().ok_or_else(|| wrong(at))?;
        let planned = PlannedShot {
            prompt: tags::plain(prompt),
            duration_ms: (seconds * 1000.0).round() as u32,
        };
        shots.push((shot["index"].as_i64().unwrap_or(at as i64), planned));
    }
    shots.sort_by_key(|(index, _)| *index);
    Ok(shots.into_iter().map(|(_, shot)| shot).collect())
}

/// A shot for every sentence, the last ones in one if there are many.
fn planned(prompt: &str, duration_ms: u32) -> Vec<PlannedShot> {
    let most = PLANNED
        .min((duration_ms / SHORTEST_MS.max(MIN_DURATION_MS)) as usize)
        .max(1);
    let sentences = prompt.split_inclusive(['.', ';', '!', '?', '。', '；', '！', '？', '\n']);
    let mut texts: Vec<String> = Vec::new();
    for sentence in sentences
        .map(str::trim)
        .filter(|text| text.chars().any(char::is_alphanumeric))
    {
        let full = texts.len() >= most;
        match texts.last_mut() {
            Some(last) if full => {
                last.push(' ');
                last.push_str(sentence);
            }
            _ => texts.push(sentence.to_owned()),
        }
    }
    let count = u32::try_from(texts.len()).unwrap_or(1).max(1);
    let each = duration_ms / count / 100 * 100;
    let shot = |(at, prompt): (u32, String)| PlannedShot {
        prompt,
        duration_ms: if at + 1 == count {
            duration_ms - each * (count - 1)
        } else {
            each
        },
    };
    (0..).zip(texts).map(shot).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shots_are_in_the_order_of_their_index_and_as_long_as_they_say() {
        let shots = named(&json!([
            {"index": 2, "prompt": "a <<<element_1>>> at sea", "duration": "3"},
            {"index": 1, "prompt": "a forest", "duration": "2"},
        ]));
        let shots = shots.unwrap_or_default();
        let told: Vec<_> = shots
            .iter()
            .map(|shot| (shot.prompt.as_str(), shot.duration_ms))
            .collect();
        assert_eq!(told, [("a forest", 2000), ("a at sea", 3000)]);
        for wrong in [
            json!([]),
            json!([{"prompt": "x"}]),
            json!([{"prompt": "x", "duration": "0"}]),
            json!(7),
        ] {
            assert!(named(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sentences_become_shots_that_fill_the_clip() {
        let shots = planned("A boat. A storm comes! Night. Calm. The end.", 5000);
        assert_eq!(shots.len(), 4);
        assert_eq!(shots.iter().map(|shot| shot.duration_ms).sum::<u32>(), 5000);
        assert_eq!(shots[3].prompt, "Calm. The end.");
        assert_eq!(planned("one thing only", 3000).len(), 1);
        assert_eq!(planned("清晨的海。夜里的森林。", 5000).len(), 2);
    }
}
