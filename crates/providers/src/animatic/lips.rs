//! Lip sync of both generations: a clip, a sound in it, and the face that speaks.
//!
//! A face session remembers `{"clip": blob, "faces": [{"face_id", "left", "top", "width", "height"}]}`: the clip that
//! was looked at, and where each face is, in shares of the frame from its upper left corner.

use ::animatic::{Area, LipSync, MAX_VOLUME, SpeechWish, Wish, Work};
use domain::Role;
use domain::item::ItemKind;
use domain::provider::{Job, UpstreamError};
use serde_json::Value;

use super::extend::sized_like;
use super::given::Given;
use super::speech;
use super::wish::refused;

/// Which face speaks what, and when.
pub(super) const FACE_CHOOSE: &str = "kling.face_choose";
/// The words and the voice of the old generation.
pub(super) const INPUT: &str = "kling.input";

/// The words of the old generation, where it has words instead of a sound.
pub(super) fn words(job: &Job) -> Option<Result<SpeechWish, UpstreamError>> {
    let input = job
        .ask
        .extras
        .get(INPUT)
        .filter(|input| input["mode"] == "text2video")?;
    let how = [
        &input["voice_id"],
        &input["voice_language"],
        &input["voice_speed"],
    ];
    Some(speech::read(input["text"].as_str().unwrap_or_default(), how))
}

/// Reads the clip, which is a session's or the wish's own, and the sound.
pub(super) async fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    let memory = given.memory(ItemKind::FaceSession);
    let clip = match (given.take(Role::SourceVideo), memory) {
        (Some(clip), _) => clip,
        (None, Some(memory)) => given.session_clip(memory).await?,
        (None, None) => {
            return Err(refused(
                "`session_id` or `video_id` is missing, and with it the clip",
            ));
        }
    };
    sized_like(&clip, given, wish)?;
    let chosen = given
        .ask
        .extras
        .get(FACE_CHOOSE)
        .map_or(&Value::Null, |list| &list[0]);
    let ms = |name: &str| {
        chosen[name]
            .as_u64()
            .map(|ms| u32::try_from(ms).unwrap_or(u32::MAX))
    };
    wish.work = Work::LipSync(LipSync {
        clip,
        voice: given.need(Role::Audio, "sound_file")?,
        from_ms: ms("sound_start_time").unwrap_or(0),
        to_ms: ms("sound_end_time"),
        at_ms: ms("sound_insert_time").unwrap_or(0),
        volume: percent(&chosen["sound_volume"]),
        original_volume: original(chosen),
        face: memory.and_then(|memory| face(memory, &chosen["face_id"])),
    });
    Ok(())
}

/// The clip's own sound: as loud as it is said; where nothing is said of faces, it gives way to the voice.
fn original(chosen: &Value) -> u16 {
    if chosen.is_null() {
        return 0;
    }
    percent(&chosen["original_audio_volume"])
}

fn percent(volume: &Value) -> u16 {
    let volume = volume.as_f64().unwrap_or(1.0) * 100.0;
    volume.round().clamp(0.0, f64::from(MAX_VOLUME)) as u16
}

/// Where a face of a session is.
fn face(memory: &Value, id: &Value) -> Option<Area> {
    let faces = memory["faces"].as_array()?;
    let face = faces
        .iter()
        .find(|face| face["face_id"] == *id)
        .or(faces.first())?;
    let share = |name: &str| {
        let share = face[name].as_f64().filter(|share| (0.0..=1.0).contains(share))?;
        Some((share * 1000.0).round() as u16)
    };
    let (left, top) = (share("left")?, share("top")?);
    let area = Area {
        left,
        top,
        width: share("width")?.min(1000 - left),
        height: share("height")?.min(1000 - top),
    };
    // A face as large as the frame is a guess: then the mouth is where faces mostly are.
    (area.width > 0 && area.height > 0 && (area.width < 900 || area.height < 900)).then_some(area)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn volumes_and_faces_are_read_as_they_were_said() {
        for (said, read) in [
            (json!(0.5), 50),
            (json!(2), 200),
            (json!(9), 200),
            (Value::Null, 100),
        ] {
            assert_eq!(percent(&said), read);
        }
        assert_eq!(original(&Value::Null), 0);
        assert_eq!(original(&json!({"original_audio_volume": 0.25})), 25);
        let memory = json!({"faces": [
            {"face_id": "0", "left": 0.0, "top": 0.0, "width": 1.0, "height": 1.0},
            {"face_id": "1", "left": 0.5, "top": 0.25, "width": 0.2, "height": 0.9},
        ]});
        let second = Area {
            left: 500,
            top: 250,
            width: 200,
            height: 750,
        };
        assert_eq!(face(&memory, &json!("1")), Some(second));
        assert_eq!(face(&memory, &json!("0")), None);
        assert_eq!(face(&Value::Null, &json!("0")), None);
    }
}
