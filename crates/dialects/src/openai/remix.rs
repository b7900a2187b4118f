//! A remix by the clip: where the earlier task's model can change a clip, the clip that it made is what is
//! changed. Every other remix is the earlier wish with other words.

use domain::ask::REMADE_FROM;
use domain::{Artifact, Ask, Input, MediaKind, Operation, Role, Source, Staged, Task};
use serde_json::{Map, json};

use crate::kling::omni;
use crate::kling_models::{self, Use, Variant, size_of};

/// A length that every offer for clips has: what is changed keeps its own.
const ANY_SECONDS: u64 = 5;
/// The rate of what the models make.
const FPS: u32 = 24;
/// Extras that a remix by the clip has of the earlier wish.
const KEPT_EXTRAS: [&str; 1] = [REMADE_FROM];

/// The wish that changes the clip of an earlier task, made of the wish with other words; none where the model
/// changes no clips, or not this one.
pub(super) fn by_clip(earlier: &Task, ask: &Ask) -> Option<Ask> {
    let model = kling_models::find(&ask.model)?;
    let mode = ask.mode.as_deref()?;
    let variant = Variant {
        usage: Use::OmniClip,
        mode,
        seconds: ANY_SECONDS,
        sound: false,
    };
    model.check(&variant).ok()?;
    let (_, clip) = earlier.course.results().next()?;
    let rule = omni::base_clip(&ask.model);
    if clip.kind != MediaKind::Video || rule.check(&staged(clip)).is_err() {
        return None;
    }
    let mut extras: Map<_, _> = ask.extras.clone();
    extras.retain(|name, _| KEPT_EXTRAS.contains(&name.as_str()));
    extras.insert("kling.refer_type".to_owned(), json!("base"));
    extras.insert("kling.keep_original_sound".to_owned(), json!("yes"));
    Some(Ask {
        operation: Operation::OmniVideo,
        inputs: vec![Input {
            role: Role::SourceVideo,
            source: Source::Earlier(clip.id.0.hyphenated()),
            field: "id".to_owned(),
            rule: Some(rule),
            parent: None,
        }],
        mentions: Vec::new(),
        duration_ms: omni::longest_ms(&ask.model) / 1_000 * 1_000,
        lasts_like: Some(Role::SourceVideo),
        size: size_of(mode, "16:9"),
        follows_picture: true,
        fps: Some(FPS),
        count: 1,
        sound: Some(false),
        extras,
        ..ask.clone()
    })
}

fn staged(file: &Artifact) -> Staged {
    Staged {
        blob: file.blob.clone(),
        bytes: file.bytes,
        content_type: Some(file.content_type.clone()),
        facts: file.facts,
    }
}
