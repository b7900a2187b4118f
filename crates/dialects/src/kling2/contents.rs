//! Reads `contents`: words, pictures, clips, elements and voices, each by its type, and the names by which the
//! prompt refers to them. They become what the legacy calls have: lists, and places such as `<<<image_1>>>`.

use domain::ask::{Mention, Role};
use domain::fields::{Field, Fields};
use domain::item::ItemKind;
use domain::{Input, MediaRule, Refusal};
use serde_json::{Value, json};

use super::guide;
use super::offers::{O1, Offer};
use crate::field_tables::names_under;
use crate::kling_frames::{entry, mover, picture};
use crate::kling_given::file;
use crate::kling_media::{first_omni_rule, motion_rule, omni_rule};
use crate::kling_options::{Notes, line, word};

/// Most entries.
const CONTENTS_MAX: usize = 16;
/// The longest name of an entry, in characters.
const NAME_CHARS_MAX: usize = 64;
/// The most voices.
const VOICES_MAX: usize = 2;
/// Most pictures and elements together, and with a clip.
const FIGURES_MAX: usize = 7;
const FIGURES_BESIDE_CLIP_MAX: usize = 4;
/// Most elements beside a first frame.
const ELEMENTS_BESIDE_FRAME_MAX: usize = 3;
/// The wire ids of elements and voices that come with the house.
const PRESETS: std::ops::RangeInclusive<u64> = 810_000_001..=810_999_999;

/// What stands in `contents`.
#[derive(Default)]
pub(super) struct Contents {
    /// The words, as they were sent.
    pub(super) prompt: String,
    /// Media: pictures in the list's order, then clips.
    pub(super) inputs: Vec<Input>,
    /// Elements and voices that are not the house's own.
    pub(super) mentions: Vec<Mention>,
    /// What each picture is, in the words of the legacy omni call.
    images: Vec<Value>,
    elements: Vec<Value>,
    voices: Vec<Value>,
    clips: Vec<Clip>,
    /// The longest clip that may lend its motion, in seconds.
    motion_seconds_max: u64,
    names: Vec<Name>,
}

/// A clip that is worked on or looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clip {
    /// It is changed.
    Base,
    /// It is looked at.
    Feature,
    /// It lends its motion.
    Motion,
}

/// The name of an entry, and the place that stands for it.
struct Name {
    name: String,
    place: String,
    path: String,
}

/// Reads the list.
///
/// # Errors
/// A refusal that names the entry at fault.
pub(super) fn read(
    top: &Fields,
    offer: &Offer,
    motion_seconds_max: u64,
    notes: &mut Notes,
) -> Result<Contents, Refusal> {
    let count = top.list("contents")?.map_or(0, <[Field]>::len);
    if count == 0 {
        // The vendor's own text.
        return Err(Refusal::invalid("contents", "contents cannot be empty"));
    }
    if count > CONTENTS_MAX {
        let message = format!("has `{count}` entries, at most {CONTENTS_MAX}");
        return Err(top.wrong("contents", &message));
    }
    let mut contents = Contents {
        motion_seconds_max,
        ..Contents::default()
    };
    for at in 0..count {
        let entry = entry(top, "contents", at)?;
        notes.unknown(&entry, &names_under(guide::CONTENTS, "contents"));
        let kind = word(&entry, "type", offer.contents)?;
        let kind = kind.ok_or_else(|| entry.wrong("type", "is required").allowing(offer.contents))?;
        contents.take(&entry, &kind, offer)?;
    }
    contents.check_names()?;
    contents.check(offer)?;
    Ok(contents)
}

impl Contents {
    /// Words alone.
    pub(super) fn of_words(prompt: String) -> Contents {
        Contents {
            prompt,
            ..Contents::default()
        }
    }

    /// Whether there is an entry in this role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.inputs.iter().any(|input| input.role == role)
    }

    /// The clip, where there is one.
    pub(super) fn clip(&self) -> Option<Clip> {
        self.clips.first().copied()
    }

    /// Whether voices are named.
    pub(super) fn has_voices(&self) -> bool {
        !self.voices.is_empty()
    }

    /// Whether elements are named.
    pub(super) fn has_elements(&self) -> bool {
        !self.elements.is_empty()
    }

    /// The words with places for names, the longest name first.
    pub(super) fn words(&self) -> String {
        let mut names: Vec<&Name> = self.names.iter().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.name.len()));
        let put = |words: String, name: &&Name| words.replace(&format!("@{}", name.name), &name.place);
        names.iter().fold(self.prompt.clone(), put)
    }

    /// Leaves the lists among the vendor's fields.
    pub(super) fn leave(&mut self, is_omni: bool, notes: &mut Notes) {
        let lists = [
            ("element_ids", std::mem::take(&mut self.elements)),
            ("voice_ids", std::mem::take(&mut self.voices)),
            ("image_types", std::mem::take(&mut self.images)),
        ];
        for (name, list) in lists {
            if !list.is_empty() && (is_omni || name != "image_types") {
                notes.extra(name, Value::Array(list));
            }
        }
    }

    fn take(&mut self, entry: &Fields, kind: &str, offer: &Offer) -> Result<(), Refusal> {
        let place = match kind {
            "prompt" => return self.take_words(entry, offer),
            "first_frame" => self.take_picture(entry, Role::FirstFrame, json!("first_frame"))?,
            "last_frame" => self.take_picture(entry, Role::LastFrame, json!("end_frame"))?,
            "refer_image" => self.take_picture(entry, Role::Reference, Value::Null)?,
            "image" => {
                let input = mover(entry, "url")?;
                self.keep_picture(entry, input, Value::Null)?
            }
            "feature_video" => self.take_clip(entry, Clip::Feature, offer)?,
            "base_video" => self.take_clip(entry, Clip::Base, offer)?,
            "video" => self.take_clip(entry, Clip::Motion, offer)?,
            "element" => self.take_item(entry, ItemKind::Element)?,
            _ => self.take_item(entry, ItemKind::Voice)?,
        };
        if let Some(name) = line(entry, "id", NAME_CHARS_MAX)? {
            let path = entry.path("id");
            self.names.push(Name { name, place, path });
        }
        Ok(())
    }

    fn take_words(&mut self, entry: &Fields, offer: &Offer) -> Result<(), Refusal> {
        if !self.prompt.is_empty() {
            return Err(entry.wrong("type", "`prompt` is there already; give one"));
        }
        let text = line(entry, "text", offer.prompt_chars_max)?;
        self.prompt = text.ok_or_else(|| entry.wrong("text", "is required"))?;
        Ok(())
    }

    fn take_picture(&mut self, entry: &Fields, role: Role, kind: Value) -> Result<String, Refusal> {
        if role != Role::Reference && self.has(role) {
            return Err(entry.wrong("type", "is there already; give one"));
        }
        let input = picture(entry, "url", role)?;
        self.keep_picture(entry, input, kind)
    }

    fn keep_picture(&mut self, entry: &Fields, input: Option<Input>, kind: Value) -> Result<String, Refusal> {
        let input = input.ok_or_else(|| entry.wrong("url", "is required"))?;
        // Pictures stand before clips.
        self.inputs.insert(self.images.len(), input);
        self.images.push(kind);
        Ok(format!("<<<image_{}>>>", self.images.len()))
    }

    fn take_clip(&mut self, entry: &Fields, clip: Clip, offer: &Offer) -> Result<String, Refusal> {
        if !self.clips.is_empty() {
            return Err(entry.wrong("type", "is a second video, at most 1 is taken"));
        }
        let role = match clip {
            Clip::Base => Role::SourceVideo,
            Clip::Feature | Clip::Motion => Role::MotionVideo,
        };
        let rule = match clip {
            Clip::Motion => motion_rule(self.motion_seconds_max),
            Clip::Base | Clip::Feature if offer.model == O1 => first_omni_rule(),
            Clip::Base | Clip::Feature => omni_rule(),
        };
        self.inputs.push(moving(entry, role, rule)?);
        self.clips.push(clip);
        Ok("<<<video_1>>>".to_owned())
    }

    fn take_item(&mut self, entry: &Fields, kind: ItemKind) -> Result<String, Refusal> {
        let (field, word) = match kind {
            ItemKind::Voice => ("voice_id", "voice"),
            _ => ("element_id", "element"),
        };
        let wire_id = line(entry, field, NAME_CHARS_MAX)?;
        let wire_id = wire_id.ok_or_else(|| entry.wrong(field, "is required"))?;
        if line(entry, "id", NAME_CHARS_MAX)?.is_none() {
            return Err(entry.wrong("id", "is required: the name that the prompt refers to it by"));
        }
        let is_preset = wire_id.parse().is_ok_and(|id| PRESETS.contains(&id));
        let listed = if is_preset { json!(wire_id) } else { Value::Null };
        if !is_preset {
            self.mentions.push(Mention {
                kind,
                name: wire_id,
                field: entry.path(field),
                item: None,
            });
        }
        let list = match kind {
            ItemKind::Voice => &mut self.voices,
            _ => &mut self.elements,
        };
        list.push(listed);
        Ok(format!("<<<{word}_{}>>>", list.len()))
    }

    /// No name may be another's, or a part of it, or stand among the words without its `@`: nobody could tell
    /// which one is meant.
    fn check_names(&self) -> Result<(), Refusal> {
        for (at, name) in self.names.iter().enumerate() {
            let mut others = self.names.iter().enumerate().filter(|(other, _)| *other != at);
            if let Some((_, other)) = others.find(|(_, other)| other.name.contains(&name.name)) {
                let message = format!(
                    "`{}` cannot be `{}`: it is part of `{}`",
                    name.path, name.name, other.name
                );
                return Err(Refusal::invalid(&name.path, message));
            }
        }
        let put = |words: String, name: &Name| words.replace(&format!("@{}", name.name), " ");
        let words = self.names.iter().fold(self.prompt.clone(), put);
        if let Some(name) = self.names.iter().find(|name| words.contains(&name.name)) {
            let message = format!(
                "`{}` cannot be `{}`: the prompt has it without `@` too",
                name.path, name.name
            );
            return Err(Refusal::invalid(&name.path, message));
        }
        Ok(())
    }

    fn check(&self, offer: &Offer) -> Result<(), Refusal> {
        let is_offered = |kind: &str| offer.contents.contains(&kind);
        let missing = |kind: &str| {
            let message = format!("content item of type '{kind}' is required");
            Err(Refusal::invalid("contents", message))
        };
        let wrong = |message: String| Err(Refusal::invalid("contents", message));
        let (first, last) = (self.has(Role::FirstFrame), self.has(Role::LastFrame));
        match offer.operation {
            domain::Operation::ImageToVideo if !first => return missing("first_frame"),
            domain::Operation::OmniVideo if self.prompt.is_empty() => return missing("prompt"),
            domain::Operation::OmniVideo if last && !first => return missing("first_frame"),
            _ => {}
        }
        if is_offered("video") && self.clips.is_empty() {
            return missing("video");
        }
        if is_offered("image") && self.images.len() != 1 {
            return missing("image");
        }
        if self.voices.len() > VOICES_MAX {
            return wrong(format!(
                "`contents` has `{}` voices, at most {VOICES_MAX}",
                self.voices.len()
            ));
        }
        if self.elements.len() > offer.elements_max {
            let (found, most) = (self.elements.len(), offer.elements_max);
            return wrong(format!("`contents` has `{found}` elements, at most {most}"));
        }
        if is_offered("base_video") {
            return self.check_omni(offer);
        }
        Ok(())
    }

    /// What the omni models take together.
    fn check_omni(&self, offer: &Offer) -> Result<(), Refusal> {
        let wrong = |message: String| Err(Refusal::invalid("contents", message));
        let (first, last) = (self.has(Role::FirstFrame), self.has(Role::LastFrame));
        let (clip, elements) = (self.clip(), self.elements.len());
        let is_o1 = offer.model == O1;
        if clip == Some(Clip::Base) && first {
            return wrong("`base_video` cannot be used together with frames".to_owned());
        }
        if is_o1 && clip == Some(Clip::Feature) && last {
            return wrong("`feature_video` can be used together with a first frame only".to_owned());
        }
        let frames = usize::from(first) + usize::from(last);
        if is_o1 && last && (elements > 0 || self.images.len() > frames) {
            let message = "`first_frame` with `last_frame` can have no elements and no more pictures";
            return wrong(message.to_owned());
        }
        if first && elements > ELEMENTS_BESIDE_FRAME_MAX {
            let most = ELEMENTS_BESIDE_FRAME_MAX;
            return wrong(format!(
                "`contents` has `{elements}` elements beside a frame, at most {most}"
            ));
        }
        let figures = self.images.len() + elements;
        let most = if clip.is_some() {
            FIGURES_BESIDE_CLIP_MAX
        } else {
            FIGURES_MAX
        };
        if figures > most {
            return wrong(format!(
                "`contents` has `{figures}` pictures and elements together, at most {most}"
            ));
        }
        Ok(())
    }
}

/// A clip in `url`.
fn moving(entry: &Fields, role: Role, rule: MediaRule) -> Result<Input, Refusal> {
    let input = file(entry, "url", role, rule)?;
    input.ok_or_else(|| entry.wrong("url", "is required: a link to a video"))
}
