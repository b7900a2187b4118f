//! A wish on its way from a native body: what every call has, filled in by its reader, and the small
//! readers that several calls share.

use domain::ask::Size;
use domain::dialect::{FieldRow, Submission};
use domain::fields::{Field, Fields};
use domain::{Ask, Call, Operation, Refusal};
use serde_json::{Value, json};

use crate::field_tables::names;
use crate::kling_models::size_of;
use crate::kling_options::{self as options, Notes, PROMPT_CHARS_MAX, line, plain, within, word};

/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;
/// The most results of one call for pictures.
const COUNTS: std::ops::RangeInclusive<i64> = 1..=9;

/// A wish that is being read.
pub(super) struct Draft<'a> {
    /// The body.
    pub(super) top: &'a Fields,
    /// Vendor fields and fields without effect.
    pub(super) notes: Notes,
    /// What is wanted so far.
    pub(super) ask: Ask,
}

impl<'a> Draft<'a> {
    /// The beginning of a wish; fields in no row are reported.
    pub(super) fn begin(call: &'a Call, operation: Operation, model: &str, rows: &[FieldRow]) -> Draft<'a> {
        let mut notes = Notes::default();
        notes.unknown(&call.fields, &names(rows));
        Draft {
            top: &call.fields,
            notes,
            ask: Ask {
                operation,
                model: model.to_owned(),
                prompt: String::new(),
                negative_prompt: None,
                inputs: Vec::new(),
                mentions: Vec::new(),
                duration_ms: 0,
                lasts_like: None,
                size: size_of("std", "16:9"),
                follows_picture: false,
                fps: None,
                seed: None,
                count: 1,
                sound: None,
                mode: None,
                preview: call.preview,
                marked_copy: false,
                extras: serde_json::Map::new(),
            },
        }
    }

    /// Keeps a vendor field.
    pub(super) fn keep(&mut self, name: &str, value: impl Into<Value>) {
        self.notes.extra(name, value.into());
    }

    /// Reads `model_name`, which keeps the model of the beginning where it is not said.
    ///
    /// # Errors
    /// A refusal when it is too long.
    pub(super) fn read_model(&mut self) -> Result<(), Refusal> {
        if let Some(name) = line(self.top, "model_name", MODEL_CHARS_MAX)? {
            self.ask.model = name;
        }
        Ok(())
    }

    /// Reads `model_name` where the call has a list of models.
    ///
    /// # Errors
    /// A refusal naming the list.
    pub(super) fn read_model_of(&mut self, models: &[&str]) -> Result<(), Refusal> {
        if let Some(name) = word(self.top, "model_name", models)? {
            self.ask.model = name;
        }
        Ok(())
    }

    /// Reads `prompt` and `negative_prompt`, both of which may be left out.
    ///
    /// # Errors
    /// A refusal naming the bound.
    pub(super) fn read_prompts(&mut self) -> Result<(), Refusal> {
        self.read_prompt()?;
        self.ask.negative_prompt = line(self.top, "negative_prompt", PROMPT_CHARS_MAX)?;
        Ok(())
    }

    /// Reads `prompt`, which may be left out.
    ///
    /// # Errors
    /// A refusal naming the bound.
    pub(super) fn read_prompt(&mut self) -> Result<(), Refusal> {
        self.ask.prompt = line(self.top, "prompt", PROMPT_CHARS_MAX)?.unwrap_or_default();
        Ok(())
    }

    /// Reads `prompt`, which must be there.
    ///
    /// # Errors
    /// A refusal in the vendor's own words, or one naming the bound.
    pub(super) fn read_needed_prompt(&mut self, chars_max: usize) -> Result<(), Refusal> {
        let said = line(self.top, "prompt", chars_max)?;
        self.ask.prompt = said.ok_or_else(|| Refusal::invalid("prompt", "prompt is required"))?;
        Ok(())
    }

    /// Reads the quality of calls that have `std` and `pro`; the frame's ratio follows an input.
    ///
    /// # Errors
    /// A refusal naming both words.
    pub(super) fn read_std_pro(&mut self) -> Result<(), Refusal> {
        let mode = word(self.top, "mode", &["std", "pro"])?.unwrap_or_else(|| "std".to_owned());
        self.set_mode(mode, "16:9");
        Ok(())
    }

    /// The quality and the frame that follows from it.
    pub(super) fn set_mode(&mut self, mode: String, ratio: &str) {
        self.ask.size = size_of(&mode, ratio);
        self.ask.mode = Some(mode);
    }

    /// Reads a length of 5 or 10 seconds; 5 where none is said.
    ///
    /// # Errors
    /// A refusal naming both.
    pub(super) fn read_five_or_ten(&mut self, home: &Fields) -> Result<(), Refusal> {
        let seconds = home.whole("duration")?.unwrap_or(5);
        if seconds != 5 && seconds != 10 {
            let message = format!("cannot be `{seconds}`");
            return Err(home.wrong("duration", &message).allowing(["5", "10"]));
        }
        self.ask.duration_ms = if seconds == 5 { 5_000 } else { 10_000 };
        Ok(())
    }

    /// Reads `n`.
    ///
    /// # Errors
    /// A refusal naming the range.
    pub(super) fn read_count(&mut self) -> Result<(), Refusal> {
        let count = within(self.top, "n", &COUNTS)?.and_then(|count| u32::try_from(count).ok());
        self.ask.count = count.unwrap_or(1);
        Ok(())
    }

    /// The wish of a call that is answered before it is done: with the client's own name and callback.
    ///
    /// # Errors
    /// A refusal of one of the two, or of `watermark_info` where the rows have it.
    pub(super) fn named(self) -> Result<Submission, Refusal> {
        let (external_id, callback_url) = (options::external_id(self.top)?, options::callback_url(self.top)?);
        Ok(Submission {
            external_id,
            callback_url,
            ..self.unnamed()
        })
    }

    /// As [`Draft::named`], of a call that has `watermark_info`.
    ///
    /// # Errors
    /// As [`Draft::named`].
    pub(super) fn marked(mut self) -> Result<Submission, Refusal> {
        options::watermark(self.top, &mut self.notes)?;
        self.named()
    }

    /// The wish of a call that answers at once.
    pub(super) fn unnamed(self) -> Submission {
        let Notes {
            extras,
            marked_copy,
            ignored,
        } = self.notes;
        Submission {
            ask: Ask {
                extras,
                marked_copy,
                ..self.ask
            },
            external_id: None,
            callback_url: None,
            ignored,
            dry_run: false,
            deadline_at: None,
        }
    }
}

/// A text that must be there.
///
/// # Errors
/// A refusal naming the field, or its bound.
pub(super) fn needed(home: &Fields, name: &str, chars_max: usize) -> Result<String, Refusal> {
    line(home, name, chars_max)?.ok_or_else(|| home.wrong(name, "is required"))
}

/// A word of a closed list that must be there.
///
/// # Errors
/// A refusal naming the list.
pub(super) fn needed_word(home: &Fields, name: &str, allowed: &[&str]) -> Result<String, Refusal> {
    word(home, name, allowed)?.ok_or_else(|| home.wrong(name, "is required").allowing(allowed))
}

/// A number within a range.
///
/// # Errors
/// A refusal naming the range.
pub(super) fn number_within(
    home: &Fields,
    name: &str,
    range: &std::ops::RangeInclusive<f64>,
) -> Result<Option<f64>, Refusal> {
    match home.number(name)? {
        Some(number) if !range.contains(&number) => {
            let message = format!("cannot be `{number}`");
            let allowed = format!("{} to {}", range.start(), range.end());
            Err(home.wrong(name, &message).allowing([allowed]))
        }
        number => Ok(number),
    }
}

/// A number within a range as JSON, with what counts where none is said.
///
/// # Errors
/// As [`number_within`].
pub(super) fn number_or(
    home: &Fields,
    name: &str,
    range: &std::ops::RangeInclusive<f64>,
    usual: f64,
) -> Result<Value, Refusal> {
    Ok(plain(number_within(home, name, range)?.unwrap_or(usual)))
}

/// How many entries a list has, within bounds.
///
/// # Errors
/// A refusal naming the bounds.
pub(super) fn entries(
    home: &Fields,
    name: &str,
    counts: &std::ops::RangeInclusive<usize>,
) -> Result<usize, Refusal> {
    let count = home.list(name)?.map_or(0, <[Field]>::len);
    if counts.contains(&count) {
        return Ok(count);
    }
    let (least, most) = (counts.start(), counts.end());
    let message = match (count, least == most) {
        (0, _) => "is required".to_owned(),
        (_, true) => format!("has `{count}` entries"),
        (_, false) => format!("has `{count}` entries, at most {most}"),
    };
    let allowed = if least == most {
        format!("exactly {most}")
    } else {
        format!("{least} to {most} entries")
    };
    Err(home.wrong(name, &message).allowing([allowed]))
}

/// The frame of a picture: by its resolution and ratio, in steps in which every ratio is exact.
pub(super) fn picture_size(resolution: &str, ratio: &str) -> Size {
    const SIDES: [(&str, u32, u32); 8] = [
        ("16:9", 1344, 756),
        ("9:16", 756, 1344),
        ("1:1", 1024, 1024),
        ("4:3", 1184, 888),
        ("3:4", 888, 1184),
        ("3:2", 1248, 832),
        ("2:3", 832, 1248),
        ("21:9", 1568, 672),
    ];
    let row = SIDES.iter().find(|(known, ..)| *known == ratio);
    let (_, width, height) = *row.unwrap_or(&SIDES[2]);
    let times = match resolution {
        "4k" => 4,
        "2k" => 2,
        _ => 1,
    };
    Size {
        width: width * times,
        height: height * times,
    }
}

/// A reading of a flag as JSON, with what counts where it is not said.
///
/// # Errors
/// A refusal when it is no flag.
pub(super) fn flag_or(home: &Fields, name: &str, usual: bool) -> Result<Value, Refusal> {
    Ok(json!(home.flag(name)?.unwrap_or(usual)))
}
