//! The embedded renderer makes something of every operation that it lists, from media with roles, the vendor's
//! fields, and what sessions remember; and says what it cannot take.

use std::sync::Arc;

use domain::ask::{Mention, Mentioned, Size};
use domain::ids::ItemId;
use domain::item::ItemKind;
use domain::provider::{Job, Look, Outputs, Provider, Submitted, UpstreamError, Wire};
use domain::{Ask, Id, Operation, Role};
use serde_json::{Map, Value, json};
use testkit::sample;
use testkit::transport::ScriptedTransport;

use crate::stage::{self, Memory};

const SMALL: Size = Size {
    width: 128,
    height: 96,
};

/// A wish for an operation with the vendor's fields.
fn ask(operation: Operation, fields: Value) -> Ask {
    let Value::Object(fields) = fields else {
        panic!("fields are an object");
    };
    let extras: Map<String, Value> = fields
        .into_iter()
        .map(|(name, value)| (format!("kling.{name}"), value))
        .collect();
    Ask {
        operation,
        size: SMALL,
        fps: Some(12),
        duration_ms: 1_000,
        sound: Some(false),
        extras,
        ..sample::ask()
    }
}

fn session(kind: ItemKind, memory: Value) -> Mention {
    Mention {
        kind,
        name: "1".to_owned(),
        field: "session_id".to_owned(),
        item: Some(Mentioned {
            id: ItemId(Id(1)),
            account: None,
            vendor_ref: None,
            memory,
        }),
    }
}

/// A second of a clip, 160 by 96.
fn clip(prompt: &str) -> Vec<u8> {
    let wish = animatic::Wish {
        prompt: prompt.to_owned(),
        width: 160,
        height: 96,
        fps: 12,
        duration_ms: 1_000,
        sound: true,
        ..animatic::Wish::default()
    };
    let clip = animatic::render(&wish, &mut |_| animatic::Watch::Continue);
    clip.expect("a plain wish renders").bytes
}

fn picture(prompt: &str) -> Vec<u8> {
    let wish = animatic::Wish {
        prompt: prompt.to_owned(),
        width: 160,
        height: 120,
        ..animatic::Wish::default()
    };
    animatic::still(&wish, animatic::Format::Png)
        .expect("a plain wish renders")
        .bytes
}

/// A second and a half of a tone as a WAV file.
fn voice() -> Vec<u8> {
    const RATE: u32 = 8_000;
    let count = RATE * 3 / 2;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + count * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((count * 2).to_le_bytes());
    bytes.extend((0..count).flat_map(|at| (if at / 10 % 2 == 0 { 9_000_i16 } else { -9_000 }).to_le_bytes()));
    bytes
}

fn wire(blobs: Arc<Memory>) -> Wire {
    Wire {
        publish: None,
        account: Arc::new(stage::key_account("animatic")),
        transport: Arc::new(ScriptedTransport::default()),
        blobs,
    }
}

async fn submitted(
    provider: &dyn Provider,
    ask: Ask,
    media: &[(Role, &[u8])],
) -> (Job, Wire, Result<Submitted, UpstreamError>) {
    let (job, blobs) = stage::job_of(ask, media, None);
    let wire = wire(blobs);
    let answer = provider.submit(&job, &wire).await;
    (job, wire, answer)
}

/// Submits a wish and waits for its clip: width, height and milliseconds.
async fn made(ask: Ask, media: &[(Role, &[u8])]) -> (u32, u32, u64) {
    let (provider, _) = stage::provider("animatic");
    let operation = ask.operation;
    assert!(
        provider.manifest().operations.contains(&operation),
        "{operation:?} is not listed"
    );
    for field in ask.extras.keys() {
        assert!(
            provider.manifest().extras.contains(&field.as_str()),
            "{field} is not listed"
        );
    }
    let (job, wire, answer) = submitted(&*provider, ask, media).await;
    if let Err(error) = answer {
        panic!("{operation:?}: {}", told(error));
    }
    loop {
        let looks = provider.poll(std::slice::from_ref(&job), &wire).await;
        match looks.unwrap_or_default().pop() {
            Some(Look::Done(outputs)) => return facts(&outputs),
            Some(Look::Running(_)) => std::thread::yield_now(),
            Some(Look::Failed(error)) => panic!("{operation:?}: {error:?}"),
            _ => panic!("{operation:?} is lost"),
        }
    }
}

fn facts(outputs: &Outputs) -> (u32, u32, u64) {
    let facts = outputs.files[0].facts;
    let sides = facts.width.zip(facts.height).expect("a clip has sides");
    (sides.0, sides.1, facts.duration_ms.expect("a clip has a length"))
}

async fn refused(ask: Ask, media: &[(Role, &[u8])]) -> String {
    let (provider, _) = stage::provider("animatic");
    let (_, _, answer) = submitted(&*provider, ask, media).await;
    told(answer.err().expect("a refusal"))
}

fn told(error: UpstreamError) -> String {
    match error {
        UpstreamError::Refused(error) => error.message,
        _ => "no refusal".to_owned(),
    }
}

#[tokio::test]
async fn shots_follow_the_plan_or_the_sentences() {
    let plan = json!({
        "multi_shot": true,
        "shot_type": "customize",
        "multi_prompt": [
            {"index": 1, "prompt": "a boat", "duration": "1"},
            {"index": 2, "prompt": "<<<voice_1>>> a forest", "duration": "1"},
        ],
    });
    let two_seconds = Ask {
        duration_ms: 2_000,
        ..ask(Operation::TextToVideo, plan.clone())
    };
    assert_eq!(made(two_seconds, &[]).await, (128, 96, 2_000));
    let message = refused(ask(Operation::TextToVideo, plan), &[]).await;
    assert!(message.contains("2000 milliseconds together"), "{message}");
    let sentences = Ask {
        prompt: "A boat at sea. A forest at night.".to_owned(),
        duration_ms: 2_000,
        ..ask(
            Operation::OmniVideo,
            json!({"multi_shot": true, "shot_type": "intelligence"}),
        )
    };
    assert_eq!(made(sentences, &[]).await, (128, 96, 2_000));
}

#[tokio::test]
async fn masks_come_with_their_paths() {
    let (first, mask) = (picture("a lighthouse"), picture("a white wall"));
    let media = [
        (Role::FirstFrame, first.as_slice()),
        (Role::Mask, mask.as_slice()),
        (Role::Mask, mask.as_slice()),
    ];
    let paths = json!({"dynamic_masks": [{"trajectories": [{"x": 10, "y": 10}, {"x": 60, "y": 40}]}]});
    assert_eq!(
        made(ask(Operation::ImageToVideo, paths.clone()), &media).await,
        (128, 96, 1_000)
    );
    let two = [(Role::FirstFrame, first.as_slice())].into_iter().chain(media);
    let many: Vec<_> = two.chain([(Role::Mask, mask.as_slice())]).skip(1).collect();
    let message = refused(ask(Operation::ImageToVideo, paths), &many).await;
    assert!(message.contains("`3` masks came for `1` paths"), "{message}");
}

#[tokio::test]
async fn what_follows_a_clip_has_its_shape_and_its_length() {
    let (clip, card) = (clip("a boat at sea"), picture("a red balloon"));
    let source = (Role::SourceVideo, clip.as_slice());
    let longer = Ask {
        duration_ms: 2_500,
        ..ask(Operation::VideoExtend, json!({}))
    };
    assert_eq!(made(longer, &[source]).await, (128, 76, 2_500));
    let base = json!({"refer_type": "base", "keep_original_sound": "yes"});
    let edited = Ask {
        prompt: "put <<<image_1>>> into <<<video_1>>> at night".to_owned(),
        duration_ms: 10_000,
        ..ask(Operation::OmniVideo, base)
    };
    let media = [(Role::Reference, card.as_slice()), source];
    assert_eq!(made(edited, &media).await, (128, 76, 1_000));
    let leads = ask(
        Operation::OmniVideo,
        json!({"refer_type": "feature", "keep_original_sound": "no"}),
    );
    let media = [(Role::MotionVideo, clip.as_slice())];
    assert_eq!(made(leads, &media).await, (128, 96, 1_000));
    let motion = Ask {
        duration_ms: 30_000,
        ..ask(Operation::MotionControl, json!({"keep_original_sound": "yes"}))
    };
    let media = [
        (Role::Reference, card.as_slice()),
        (Role::MotionVideo, clip.as_slice()),
    ];
    assert_eq!(made(motion, &media).await, (128, 96, 1_000));
}

#[tokio::test]
async fn lips_avatars_and_effects_take_their_media() {
    let (clip, face, sound) = (clip("a woman in a garden"), picture("a woman"), voice());
    let media = [
        (Role::SourceVideo, clip.as_slice()),
        (Role::Audio, sound.as_slice()),
    ];
    assert_eq!(
        made(ask(Operation::LipSync, json!({})), &media).await,
        (128, 76, 1_000)
    );
    let late = json!({"face_choose": [{"face_id": "0", "sound_insert_time": 5_000, "sound_volume": 1.0}]});
    let message = refused(ask(Operation::LipSync, late), &media).await;
    assert!(message.contains("at_ms"), "{message}");
    let media = [
        (Role::FirstFrame, face.as_slice()),
        (Role::Audio, sound.as_slice()),
    ];
    assert_eq!(
        made(ask(Operation::Avatar, json!({})), &media).await,
        (128, 96, 1_500)
    );
    let media = [(Role::Reference, face.as_slice())];
    let effect = ask(Operation::VideoEffects, json!({"effect_scene": "squish"}));
    assert_eq!(made(effect, &media).await, (128, 96, 1_000));
    let message = refused(ask(Operation::VideoEffects, json!({})), &media).await;
    assert!(message.contains("effect_scene"), "{message}");
}

#[tokio::test]
async fn sessions_keep_the_clip_that_they_are_about() {
    let (clip, face, sound) = (clip("a man in a room"), picture("a red balloon"), voice());
    // The clip lies in the blobs as the last piece of the media; the session knows its key.
    let lips = Ask {
        mentions: vec![session(
            ItemKind::FaceSession,
            json!({"clip": stage::key(1).as_str(), "faces": [
                {"face_id": "0", "left": 0.4, "top": 0.2, "width": 0.2, "height": 0.3}
            ]}),
        )],
        ..ask(
            Operation::LipSync,
            json!({"face_choose": [{"face_id": "0", "sound_insert_time": 100}]}),
        )
    };
    let media = [
        (Role::Audio, sound.as_slice()),
        (Role::Reference, clip.as_slice()),
    ];
    let (job, blobs) = stage::job_of(lips, &media, None);
    let job = Job {
        media: job.media[..1].to_vec(),
        ..job
    };
    let (provider, _) = stage::provider("animatic");
    let answer = provider.submit(&job, &wire(blobs)).await;
    assert!(answer.is_ok(), "{}", answer.err().map(told).unwrap_or_default());
    let edit = |mode: &str| Ask {
        mentions: vec![session(
            ItemKind::SelectionSession,
            json!({"clip": stage::key(1).as_str(), "fps": 12, "picked": [
                {"frame_index": 0, "points": [{"x": 0.5, "y": 0.5}]}
            ]}),
        )],
        ..ask(Operation::MultiElements, json!({"edit_mode": mode}))
    };
    let media = [
        (Role::Reference, face.as_slice()),
        (Role::SourceVideo, clip.as_slice()),
    ];
    assert_eq!(made(edit("swap"), &media).await, (128, 76, 1_000));
    let message = refused(edit("erase"), &media).await;
    assert!(message.contains("`edit_mode` is `erase`"), "{message}");
}

#[tokio::test]
async fn a_clip_that_cannot_be_read_is_refused_by_what_it_is() {
    let media = [(Role::SourceVideo, &b"no clip"[..])];
    let message = refused(ask(Operation::VideoExtend, json!({})), &media).await;
    assert!(message.contains("H.264 in MP4 or MOV"), "{message}");
}
