//! What the embedded renderer makes of asks for sounds, speech, stills and masks: which files, how large, what is told.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use animatic::{Format, shown_size, still};
use bytes::Bytes;
use domain::ask::{Mention, Mentioned, Size};
use domain::ids::ItemId;
use domain::item::ItemKind;
use domain::provider::{Look, OutputSource, Outputs, Provider, Submitted, UpstreamError, Wire};
use domain::{Ask, Id, MediaKind, Operation, Role};
use futures_util::StreamExt;
use serde_json::{Value, json};
use testkit::sample;
use testkit::transport::ScriptedTransport;

use crate::stage::{job_of, key, key_account, provider};

/// A picture that is quickly drawn.
fn picture(prompt: &str, width: u32, height: u32) -> Bytes {
    let wish = animatic::Wish {
        prompt: prompt.to_owned(),
        width,
        height,
        still: Some(Format::Png),
        ..animatic::Wish::default()
    };
    Bytes::from(still(&wish, Format::Png).expect("a picture").bytes)
}

fn ask(operation: Operation, extras: &[(&str, Value)]) -> Ask {
    let extras = extras
        .iter()
        .map(|(name, value)| (format!("kling.{name}"), value.clone()));
    Ask {
        operation,
        prompt: "a quiet lake at dawn".to_owned(),
        size: Size {
            width: 320,
            height: 180,
        },
        duration_ms: 3_000,
        extras: extras.collect(),
        ..sample::ask()
    }
}

/// What became of an ask.
struct Made {
    outputs: Outputs,
    files: Vec<Vec<u8>>,
}

impl Made {
    fn sizes(&self) -> Vec<(u32, u32)> {
        self.files
            .iter()
            .map(|file| shown_size(file).expect("a picture"))
            .collect()
    }

    fn told(&self) -> Value {
        self.outputs
            .findings
            .as_ref()
            .map_or(Value::Null, |found| found.told.clone())
    }
}

async fn made(ask: Ask, media: &[(Role, Bytes)]) -> Result<Made, UpstreamError> {
    let (provider, _clock) = provider("animatic");
    let media: Vec<_> = media
        .iter()
        .map(|(role, bytes)| (*role, bytes.as_ref()))
        .collect();
    let (job, blobs) = job_of(ask, &media, None);
    let wire = Wire {
        publish: None,
        account: Arc::new(key_account("animatic")),
        transport: Arc::new(ScriptedTransport::default()),
        blobs,
    };
    let outputs = match provider.submit(&job, &wire).await? {
        Submitted::Done(_, outputs) => outputs,
        Submitted::Accepted(_) => ended(&*provider, &job, &wire).await,
    };
    let mut outputs = outputs;
    let mut files = Vec::new();
    for output in &mut outputs.files {
        let source = std::mem::replace(&mut output.source, OutputSource::Link(String::new()));
        let OutputSource::Stream(mut stream) = source else {
            panic!("the renderer has no links");
        };
        let mut file = Vec::new();
        while let Some(chunk) = stream.next().await {
            file.extend_from_slice(&chunk.expect("bytes at hand"));
        }
        files.push(file);
    }
    Ok(Made { outputs, files })
}

async fn ended(provider: &dyn Provider, job: &domain::provider::Job, wire: &Wire) -> Outputs {
    loop {
        let looks = provider.poll(std::slice::from_ref(job), wire).await;
        match looks.ok().and_then(|mut looks| looks.pop()) {
            Some(Look::Done(outputs)) => return outputs,
            Some(Look::Running(_)) => thread::park_timeout(Duration::from_millis(2)),
            Some(Look::Failed(error)) => panic!("it failed: {error:?}"),
            _ => panic!("it is lost"),
        }
    }
}

/// A clip that is quickly rendered.
fn film() -> Bytes {
    let wish = animatic::Wish {
        prompt: "a snowfield under a cold blue sky".to_owned(),
        width: 192,
        height: 108,
        fps: 12,
        duration_ms: 3_000,
        sound: true,
        ..animatic::Wish::default()
    };
    let clip = animatic::render(&wish, &mut |_| animatic::Watch::Continue);
    Bytes::from(clip.expect("a clip").bytes)
}

#[tokio::test]
async fn a_sound_is_an_mp3_and_a_wav_of_the_same_length_and_for_a_clip_the_clip_too() {
    let made = |operation, media: Vec<(Role, Bytes)>| async move {
        let ask = ask(operation, &[("bgm_prompt", json!("calm piano"))]);
        made(ask, &media).await.expect("a sound")
    };
    let alone = made(Operation::TextToAudio, vec![]).await;
    let under = made(Operation::VideoToAudio, vec![(Role::SourceVideo, film())]).await;
    assert_eq!((alone.files.len(), under.files.len()), (2, 3));
    for (made, first) in [(&alone, 0), (&under, 1)] {
        assert!(made.files[first].starts_with(&[0xff, 0xfb]), "no MP3");
        assert!(made.files[first + 1].starts_with(b"RIFF"), "no WAV");
        for output in &made.outputs.files[first..] {
            assert_eq!(output.kind, MediaKind::Audio);
            assert_eq!(output.facts.duration_ms, Some(3_000));
            assert_eq!(output.facts.width, None);
        }
    }
    let clip = &under.outputs.files[0];
    assert_eq!(clip.kind, MediaKind::Video);
    assert_eq!(
        (clip.facts.width, clip.facts.duration_ms),
        (Some(192), Some(3_000))
    );
    let facts = animatic::probe(&under.files[0]).expect("a clip");
    assert!(facts.has_sound && facts.frames == 36, "{facts:?}");
}

#[tokio::test]
async fn a_clip_without_a_face_has_one_face_that_is_the_whole_frame() {
    let media = [(Role::SourceVideo, film())];
    let made = made(ask(Operation::FaceIdentification, &[]), &media).await;
    let made = made.expect("a session");
    let face =
        json!({"face_id": "whole_frame", "face_image": {"file": 0}, "start_time": 0, "end_time": 3_000});
    let told = made.told();
    assert_eq!(told, json!({"session_id": {"item": "text"}, "face_data": [face]}));
    assert_eq!(made.sizes(), [(192, 108)]);
    let memory = &made.outputs.findings.as_ref().expect("a session").memory;
    let place = json!({"face_id": "whole_frame", "left": 0.0, "top": 0.0, "width": 1.0, "height": 1.0});
    assert_eq!(memory["faces"], json!([place]));
    assert_eq!(memory["clip"], key(0).as_str());
}

/// One call about areas of the film, in a session that remembers something.
async fn picked(call: &str, index: u64, points: &Value, memory: &Value) -> Result<Made, UpstreamError> {
    let extras = [
        ("selection", json!(call)),
        ("frame_index", json!(index)),
        ("points", points.clone()),
    ];
    let mut ask = ask(Operation::AreaSelection, &extras);
    if call != "init" {
        ask.mentions.push(Mention {
            kind: ItemKind::SelectionSession,
            name: "1".to_owned(),
            field: "session_id".to_owned(),
            item: Some(Mentioned {
                id: ItemId(Id(1)),
                account: None,
                vendor_ref: None,
                memory: memory.clone(),
            }),
        });
    }
    made(ask, &[(Role::SourceVideo, film())]).await
}

#[tokio::test]
async fn areas_are_picked_shown_and_taken_back_in_a_session() {
    let memory = |made: &Made| made.outputs.findings.as_ref().expect("a session").memory.clone();
    let begun = picked("init", 0, &Value::Null, &Value::Null)
        .await
        .expect("a session");
    assert_eq!(begun.files, [film().to_vec()]);
    let told = begun.told();
    assert_eq!(
        (&told["width"], &told["total_frame"], &told["status"]),
        (&json!(192), &json!(36), &json!(0))
    );
    let points = json!([{"x": 0.5, "y": 0.8}]);
    let added = picked("add", 12, &points, &memory(&begun))
        .await
        .expect("an area");
    let area = &added.told()["res"]["rle_mask_list"][0];
    assert_eq!(area["rle_mask"]["size"], json!([108, 192]));
    let counts = area["rle_mask"]["counts"].as_str().expect("run lengths");
    let mask = animatic::read_rle(counts, 192, 108).expect("a mask");
    assert!(mask.levels[86 * 192 + 96] > 127, "the point is not in its area");
    let kept = memory(&added);
    assert_eq!(kept["picked"][0]["frame_index"], 12);
    let shown = picked("preview", 0, &Value::Null, &kept)
        .await
        .expect("a preview");
    assert_eq!(shown.told()["res"]["video_cover"], json!({"file": 1}));
    assert_eq!(shown_size(&shown.files[1]), Some((192, 108)));
    assert_eq!(
        shown.told()["res"]["tracking_output"][0]["rle_mask_list"][0]["rle_mask"]["counts"],
        counts
    );
    let gone = picked("delete", 12, &points, &kept).await.expect("taken back");
    assert_eq!(memory(&gone)["picked"], json!([]));
    let cleared = picked("clear", 0, &Value::Null, &kept).await.expect("cleared");
    assert_eq!(memory(&cleared)["picked"], json!([]));
    let other = json!([{"x": 0.1, "y": 0.1}]);
    for (call, points) in [
        ("delete", &other),
        ("add", &json!([])),
        ("add", &json!([{"x": 2, "y": 0}])),
        ("no", &other),
    ] {
        let refused = picked(call, 12, points, &kept).await;
        assert!(matches!(refused, Err(UpstreamError::Refused(_))), "{call}");
    }
}

#[tokio::test]
async fn speech_is_answered_at_once_with_one_mp3() {
    let extras = [
        ("voice_id", json!("oversea_male1")),
        ("voice_language", json!("en")),
    ];
    let made = made(ask(Operation::Speech, &extras), &[]).await.expect("speech");
    assert_eq!(made.files.len(), 1);
    assert!(made.files[0].starts_with(&[0xff, 0xfb]));
    let facts = made.outputs.files[0].facts;
    assert!(
        facts
            .duration_ms
            .is_some_and(|length| (800..5_000).contains(&length)),
        "{facts:?}"
    );
}

/// An ask with its media, and the sizes of what comes of it.
type Case = (Ask, Vec<(Role, Bytes)>, Vec<(u32, u32)>);

fn cases() -> Vec<Case> {
    let one = picture("a red balloon over the sea", 200, 150);
    let other = picture("a cat in a garden", 160, 160);
    let reference = |bytes: &Bytes| (Role::Reference, bytes.clone());
    let several = |ask: Ask, count: u32| Ask { count, ..ask };
    let plain = |operation| ask(operation, &[]);
    let large = Ask {
        size: Size {
            width: 2_400,
            height: 2_400,
        },
        ..plain(Operation::ImageGeneration)
    };
    let auto = Ask {
        follows_picture: true,
        ..plain(Operation::OmniImage)
    };
    let ratios = ["up", "down", "left", "right"].map(|side| format!("{side}_expansion_ratio"));
    let expansions: Vec<_> = ratios
        .iter()
        .zip([0.5, 0.0, 0.25, 0.25])
        .map(|(name, share)| (name.as_str(), json!(share)))
        .collect();
    vec![
        (
            several(plain(Operation::ImageGeneration), 2),
            vec![],
            vec![(320, 180); 2],
        ),
        (
            several(plain(Operation::ImageGeneration), 3),
            vec![reference(&one)],
            vec![(320, 180); 3],
        ),
        (large, vec![], vec![(2_400, 2_400)]),
        (auto, vec![reference(&one)], vec![(240, 180)]),
        (
            plain(Operation::MultiImageToImage),
            vec![
                reference(&one),
                (Role::Setting, other.clone()),
                (Role::Style, one.clone()),
            ],
            vec![(320, 180)],
        ),
        (
            several(ask(Operation::ImageExpand, &expansions), 2),
            vec![reference(&one)],
            vec![(300, 225); 2],
        ),
        (
            plain(Operation::VirtualTryOn),
            vec![(Role::Person, one.clone()), (Role::Garment, other.clone())],
            vec![(200, 150)],
        ),
        (
            plain(Operation::MultiShotViews),
            vec![reference(&other)],
            vec![(1_024, 1_024); 9],
        ),
    ]
}

#[tokio::test]
async fn stills_of_every_operation_have_their_number_and_their_size() {
    for (ask, media, sizes) in cases() {
        let operation = ask.operation;
        let made = made(ask, &media).await.expect("stills");
        assert_eq!(made.sizes(), sizes, "{operation:?}");
        for output in &made.outputs.files {
            assert_eq!(output.kind, MediaKind::Image);
            let facts = (output.facts.width, output.facts.height);
            assert_eq!(facts, (Some(sizes[0].0), Some(sizes[0].1)), "{operation:?}");
        }
        let mut files = made.files;
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), sizes.len(), "{operation:?}: two stills are the same");
    }
}

#[tokio::test]
async fn a_series_whose_length_is_free_has_four_pictures_and_says_so() {
    let extras = [("result_type", json!("series")), ("series_amount", json!("auto"))];
    let free = Ask {
        count: 9,
        ..ask(Operation::OmniImage, &extras)
    };
    let made = made(free, &[]).await.expect("a series");
    assert_eq!(made.files.len(), 4);
    assert_eq!(made.outputs.quantity, Some(4));
    assert_eq!(made.told()["result_type"], "series");
    assert_eq!(made.told()["series_images"][3]["url"], json!({"file": 3}));
}

#[tokio::test]
async fn recognition_is_answered_at_once_with_four_masks_of_the_pictures_size() {
    let one = picture("a red balloon over the sea", 200, 150);
    let made = made(ask(Operation::ImageRecognition, &[]), &[(Role::Reference, one)]).await;
    let made = made.expect("masks");
    assert_eq!(made.sizes(), vec![(200, 150); 4]);
    let told = made.told();
    for (n, kind) in ["object_seg", "head_seg", "face_seg", "cloth_seg"]
        .into_iter()
        .enumerate()
    {
        let image = &told["images"][n];
        assert_eq!(image["type"], kind);
        assert_eq!(image["url"], json!({"file": n}));
        assert!(image["is_contain"].is_boolean());
    }
}

#[tokio::test]
async fn what_is_missing_or_no_picture_is_refused_before_any_work() {
    let none = (Role::Reference, Bytes::from_static(b"no picture"));
    for (ask, media) in [
        (ask(Operation::ImageRecognition, &[]), vec![]),
        (ask(Operation::ImageRecognition, &[]), vec![none]),
        (ask(Operation::MultiShotViews, &[]), vec![]),
        (
            ask(Operation::ImageExpand, &[]),
            vec![(Role::Reference, picture("sea", 64, 64))],
        ),
        (ask(Operation::VirtualTryOn, &[]), vec![]),
        (ask(Operation::Speech, &[("voice_speed", json!(3.0))]), vec![]),
    ] {
        let operation = ask.operation;
        let refused = made(ask, &media).await;
        assert!(matches!(refused, Err(UpstreamError::Refused(_))), "{operation:?}");
    }
}
