//! Shots in a prompt: `shot 1, 2, words; shot 2, 3, words;`. They become the list that the legacy calls have.

use domain::Refusal;
use serde_json::{Value, json};

/// The most shots.
const SHOTS_MAX: usize = 6;
/// The longest words of a shot, in characters.
const WORDS_CHARS_MAX: usize = 512;
/// What a shot begins with.
const KEYWORDS: [&str; 2] = ["shot", "镜头"];

/// The shots of a prompt.
#[derive(Debug, PartialEq)]
pub(super) struct Shots {
    /// As the legacy calls have them.
    pub(super) list: Value,
    /// The words of all shots.
    pub(super) prompt: String,
}

/// Reads the shots of a prompt; none where it does not begin with one.
///
/// # Errors
/// A refusal at `field` that names the shot at fault.
pub(super) fn read(prompt: &str, seconds: u64, field: &str) -> Result<Option<Shots>, Refusal> {
    let parts = prompt.split([';', '；']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if parts.first().and_then(|part| shot(part)).is_none() {
        return Ok(None);
    }
    let wrong = |message: String| Refusal::invalid(field, format!("`{field}` {message}"));
    if parts.len() > SHOTS_MAX {
        let count = parts.len();
        return Err(wrong(format!("has `{count}` shots, at most {SHOTS_MAX}")));
    }
    let (mut list, mut prompts, mut total) = (Vec::new(), Vec::new(), 0_u64);
    for (at, part) in parts.iter().enumerate() {
        let number = at + 1;
        let Some((index, length, words)) = shot(part) else {
            let form = "`shot n, seconds, words`";
            return Err(wrong(format!("has a shot {number} that is not {form}")));
        };
        if index != number {
            return Err(wrong(format!(
                "has the shot `{index}` in the place of shot {number}"
            )));
        }
        if length == 0 || length > seconds {
            let range = format!("1 to {seconds}");
            return Err(wrong(format!(
                "has a shot {number} of `{length}` seconds, {range}"
            )));
        }
        let chars = words.chars().count();
        if words.is_empty() || chars > WORDS_CHARS_MAX {
            let range = format!("1 to {WORDS_CHARS_MAX}");
            return Err(wrong(format!(
                "has a shot {number} of `{chars}` characters, {range}"
            )));
        }
        total += length;
        list.push(json!({ "index": index, "prompt": words, "duration": length.to_string() }));
        prompts.push(words);
    }
    if total != seconds {
        return Err(wrong(format!(
            "has shots of `{total}` seconds together, the clip has `{seconds}`"
        )));
    }
    Ok(Some(Shots {
        list: Value::Array(list),
        prompt: prompts.join("\n"),
    }))
}

/// Number, seconds and words of one shot.
fn shot(part: &str) -> Option<(usize, u64, &str)> {
    let rest = KEYWORDS.iter().find_map(|keyword| {
        let (start, rest) = part.split_at_checked(keyword.len())?;
        start.eq_ignore_ascii_case(keyword).then_some(rest)
    })?;
    let mut fields = rest.splitn(3, [',', '，']).map(str::trim);
    let index = fields.next()?.parse().ok()?;
    let seconds = fields.next()?.trim_end_matches(['s', 'S']).trim_end();
    Some((index, seconds.parse().ok()?, fields.next()?))
}
