//! Bad input that only the house can know of: sessions that have gone, results and items that are not there, are
//! another's, were taken away or failed, and media inside the body that turns out to be too long, too small or of the
//! wrong kind. Each is answered in the shape of its dialect, and nothing changes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::TenantId;
use domain::ids::ItemId;
use domain::item::{Item, ItemKind, ItemState};
use reelway::config::Environment;
use serde_json::{Value, json};

use crate::house_under_test::{Gateway, picture};

/// Lets a gateway of a test fetch from this machine.
pub(super) const OPEN: &str = "[network]\nallow_private = true\n";
/// A name that nobody has.
const NOBODY: &str = "0b1c2d3e-1111-4222-8333-444455556666";

/// What wishes name: how it is called, and how it may not be used.
pub(super) struct Named {
    /// The clip of a second that the client made, and its signed link.
    clip: String,
    pub(super) link: String,
    foreign: String,
    erased: String,
    pub(super) failed: String,
    still: String,
    expired: i64,
    foreign_session: i64,
    deleted_voice: i64,
    foreign_voice: i64,
    deleted_element: i64,
    foreign_element: i64,
}

/// A path, a body, and words that the refusal must have.
type Case = (&'static str, Value, &'static [&'static str]);
/// One wish that is refused: its path, its body, the status, the code, and what is said.
type Row<'a> = (&'a str, Value, u16, Value, &'a [&'a str]);

async fn item(gateway: &Gateway, tenant: TenantId, kind: ItemKind, state: ItemState) -> i64 {
    let now = gateway.house.clock.now();
    let item = Item {
        id: ItemId(gateway.house.ids.id()),
        wire_id: 0,
        tenant,
        kind,
        account: Some("animatic".to_owned()),
        vendor_ref: None,
        task: None,
        state,
        created_at: now,
        expires_at: (kind == ItemKind::FaceSession && state == ItemState::Pending).then_some(now),
        detail: Value::Null,
    };
    let kept = gateway.house.engine.store().create_item(&item).await;
    kept.expect("a new item").wire_id
}

/// A session whose day is over.
async fn expired(gateway: &Gateway, tenant: TenantId) -> i64 {
    let store = gateway.house.engine.store();
    let wire_id = item(gateway, tenant, ItemKind::FaceSession, ItemState::Pending).await;
    let kept = store.item_by_wire_id(tenant, wire_id).await.expect("an answer");
    let mut kept = kept.expect("the item");
    kept.state = ItemState::Ready;
    store.update_item(&kept).await.expect("kept");
    wire_id
}

pub(super) async fn named(gateway: &Gateway) -> Named {
    let clip = gateway.clip().await;
    let own = gateway.row(&clip).await.origin.tenant;
    let page = gateway
        .ask("GET", &format!("/kling/v1/videos/text2video/{clip}"), "")
        .await;
    let link = page.json()["url"].as_str().expect("a link").to_owned();
    let bearer = format!("Bearer {}", gateway.stranger().await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let wish =
        json!({ "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64, "fps": 5 });
    let taken = gateway
        .send("POST", "/kling/v1/videos/text2video", &headers, wish.to_string())
        .await;
    let foreign = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let other = gateway.row(&foreign).await.origin.tenant;
    let erased = gateway.clip().await;
    let gone = gateway.house.engine.erase(own, &erased).await;
    gone.expect("an ended task");
    let still = json!({ "model_name": "kling-v3", "prompt": "a dot" });
    let still = gateway
        .ask("POST", "/v1/images/generations", still.to_string())
        .await;
    let still = still.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    ended(gateway, "/v1/images/generations", &still).await;
    let short = json!({
        "image_url": STANDARD.encode(picture(320, 320)), "video_url": link,
        "character_orientation": "image", "mode": "std",
    });
    let failed = gateway
        .ask("POST", "/v1/videos/motion-control", short.to_string())
        .await;
    let failed = failed.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    ended(gateway, "/v1/videos/motion-control", &failed).await;
    Named {
        clip,
        link,
        foreign,
        erased,
        failed,
        still,
        expired: expired(gateway, own).await,
        foreign_session: item(gateway, other, ItemKind::FaceSession, ItemState::Ready).await,
        deleted_voice: item(gateway, own, ItemKind::Voice, ItemState::Deleted).await,
        foreign_voice: item(gateway, other, ItemKind::Voice, ItemState::Ready).await,
        deleted_element: item(gateway, own, ItemKind::Element, ItemState::Deleted).await,
        foreign_element: item(gateway, other, ItemKind::Element, ItemState::Ready).await,
    }
}

/// The data of a native task that has ended, well or not.
pub(super) async fn ended(gateway: &Gateway, path: &str, id: &str) -> Value {
    for _ in 0..4 {
        let read = gateway.ask("GET", &format!("{path}/{id}?wait=30"), "").await;
        let data = read.json()["data"].clone();
        if ["succeed", "failed"].contains(&data["task_status"].as_str().unwrap_or_default()) {
            return data;
        }
    }
    panic!("{path}/{id} did not end");
}

/// A sound of so many seconds of silence, 8,000 bytes each.
fn wav(seconds: u32) -> String {
    let data = seconds * 8_000;
    let parts: [&[u8]; 12] = [
        b"RIFF",
        &(data + 36).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &8_000_u32.to_le_bytes(),
        &8_000_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &8_u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ];
    let mut bytes = parts.concat();
    bytes.resize(bytes.len() + data as usize, 0x80);
    STANDARD.encode(bytes)
}

/// Plays wishes, each of which is refused as its row says; all that is wrong is told at once.
async fn refused(gateway: &Gateway, rows: &[Row<'_>]) {
    let before = gateway.holdings().await;
    let mut wrong = Vec::new();
    for (path, body, status, code, says) in rows {
        let answer = gateway.ask("POST", path, body.to_string()).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        let said = answer.json();
        let message = said["message"].as_str().unwrap_or_default();
        let is_shaped = said["code"] == *code && says.iter().all(|words| message.contains(words));
        if answer.status.as_u16() != *status || !is_shaped {
            wrong.push(format!("{path} {says:?}: {} {text}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(gateway.holdings().await, before);
}

fn lips(session: &Value, sound: &Value) -> Value {
    json!({ "session_id": session, "face_choose": [{
        "face_id": "0", "sound_file": sound, "sound_start_time": 0, "sound_end_time": 2_000, "sound_insert_time": 0,
    }] })
}

/// Clips to go on from, in the three dialects that have the call.
fn extensions(named: &Named) -> Vec<Row<'static>> {
    let cases: [(&str, &'static [&'static str]); 5] = [
        (NOBODY, &["video_id", "names no result", NOBODY]),
        (&named.foreign, &["video_id", "names no result"]),
        (&named.erased, &["video_id", "names no result"]),
        (&named.failed, &["video_id", "names a task without a result"]),
        (
            &named.still,
            &[
                "video_id",
                "image_generation",
                "text_to_video, image_to_video, video_extend",
            ],
        ),
    ];
    let doors = [
        ("/kling-native/v1/videos/video-extend", json!(1201)),
        ("/elk/kling/v1/videos/video-extend", json!(1201)),
        ("/ezmodel/kling/v1/videos/video-extend", json!("invalid_request")),
    ];
    let mut rows: Vec<Row<'static>> = Vec::new();
    for (path, code) in doors {
        for (name, says) in cases {
            rows.push((path, json!({ "video_id": name }), 400, code.clone(), says));
        }
    }
    rows
}

/// Rows with the one refusal of the dialect at each path.
fn answered(rows: Vec<Case>) -> Vec<Row<'static>> {
    let rows = rows.into_iter().map(|(path, body, says)| {
        let code = match path.starts_with("/ezmodel") {
            true => json!("invalid_request"),
            false => json!(1201),
        };
        (path, body, 400, code, says)
    });
    rows.collect()
}

/// Sessions that are not there.
fn sessions(named: &Named) -> Vec<Row<'static>> {
    let sound = json!("https://media.example/s.mp3");
    let session = |id: i64| lips(&json!(id.to_string()), &sound);
    let no_session: &[&str] = &["session_id", "names no face session"];
    let no_areas: &[&str] = &["session_id", "names no selection session"];
    let lips_native = "/kling-native/v1/videos/advanced-lip-sync";
    let point = json!({ "session_id": named.expired.to_string(), "frame_index": 0, "points": [{ "x": 0.5, "y": 0.5 }] });
    answered(vec![
        (lips_native, session(named.expired), no_session),
        (lips_native, session(named.foreign_session), no_session),
        (lips_native, session(4), no_session),
        (lips_native, session(named.deleted_voice), no_session),
        (
            "/kling-native/v1/videos/multi-elements/add-selection",
            point.clone(),
            no_areas,
        ),
        (
            "/ezmodel/kling/v1/videos/advanced-lip-sync",
            session(named.expired),
            no_session,
        ),
        (
            "/ezmodel/kling/v1/videos/multi-elements/add-selection",
            point,
            no_areas,
        ),
    ])
}

/// Voices and elements that are not there.
fn items(named: &Named) -> Vec<Row<'static>> {
    let no_element: &[&str] = &["element_list.0.element_id", "names no element"];
    let image = json!("https://media.example/a.png");
    let element =
        |id: i64| json!({ "model_name": "kling-v3", "image": image, "element_list": [{ "element_id": id }] });
    let voice = |id: i64| json!({ "model_name": "kling-v2-6", "image": image, "mode": "pro", "sound": "on", "voice_list": [{ "voice_id": id.to_string() }] });
    let no_voice: &[&str] = &["voice_list.0.voice_id", "names no voice"];
    let image_native = "/kling-native/v1/videos/image2video";
    let figure = |kind: &str, field: &str, id: i64| {
        json!({ "contents": [
            { "type": "first_frame", "url": image }, { "type": kind, field: id.to_string(), "id": "ann" },
        ], "settings": { "resolution": "1080p", "audio": "native" } })
    };
    answered(vec![
        (image_native, element(named.deleted_element), no_element),
        (image_native, element(named.foreign_element), no_element),
        (image_native, element(5), no_element),
        (
            "/ezmodel/kling/v1/videos/image2video",
            element(named.deleted_element),
            no_element,
        ),
        (image_native, voice(named.deleted_voice), no_voice),
        (image_native, voice(named.foreign_voice), no_voice),
        (
            "/kling-native/v1/general/delete-voices",
            json!({ "voice_id": named.foreign_voice.to_string() }),
            &["voice_id", "names no voice"],
        ),
        (
            "/kling-native/v1/general/delete-elements",
            json!({ "element_id": named.deleted_element.to_string() }),
            &["element_id", "names no element"],
        ),
        (
            "/kling-native/image-to-video/kling-3.0",
            figure("element", "element_id", named.deleted_element),
            &["contents.1.element_id", "names no element"],
        ),
        (
            "/kling-native/image-to-video/kling-3.0",
            figure("element", "element_id", named.foreign_element),
            &["contents.1.element_id", "names no element"],
        ),
        (
            "/kling-native/image-to-video/kling-2.6",
            figure("voice", "voice_id", named.foreign_voice),
            &["contents.1.voice_id", "names no voice"],
        ),
    ])
}

/// Media that is judged at the submit: earlier results, and what came inside the body.
fn media(named: &Named) -> Vec<Row<'static>> {
    let short: &[&str] = &["video_id", "lasts `1` seconds", "from 2 to"];
    let portrait = STANDARD.encode(picture(320, 320));
    let small = STANDARD.encode(picture(299, 320));
    let flat = STANDARD.encode(picture(900, 320));
    let talk = |sound: &str| json!({ "image": portrait, "sound_file": sound });
    let frame = |image: &str| json!({ "contents": [{ "type": "first_frame", "url": image }] });
    let dub =
        json!({ "input": { "video_id": named.clip, "mode": "text2video", "text": "a", "voice_id": "v" } });
    answered(vec![
        (
            "/kling-native/v1/videos/identify-face",
            json!({ "video_id": named.clip }),
            short,
        ),
        (
            "/ezmodel/kling/v1/videos/identify-face",
            json!({ "video_id": named.clip }),
            short,
        ),
        (
            "/elk/kling/v1/videos/lip-sync",
            dub,
            &["input.video_id", "lasts `1` seconds", "from 2 to 10"],
        ),
        (
            "/kling-native/v1/videos/identify-face",
            json!({ "video_id": named.still }),
            &["video_id", "image/png", "video/mp4"],
        ),
        (
            "/kling-native/v1/videos/avatar/image2video",
            talk(&wav(1)),
            &["sound_file", "lasts `1` seconds", "from 2 to 300"],
        ),
        (
            "/kling-native/v1/videos/avatar/image2video",
            talk(&wav(301)),
            &["sound_file", "lasts `301` seconds", "from 2 to 300"],
        ),
        (
            "/ezmodel/kling/v1/videos/avatar/image2video",
            talk(&wav(1)),
            &["sound_file", "lasts `1` seconds"],
        ),
        (
            "/kling-native/v1/videos/avatar/image2video",
            talk(&portrait),
            &["sound_file", "image/png", "audio/mpeg"],
        ),
        (
            "/kling-native/image-to-video/kling-3.0",
            frame(&small),
            &["contents.0.url", "299x320", "300"],
        ),
        (
            "/kling-native/image-to-video/kling-3.0",
            frame(&flat),
            &["contents.0.url", "900x320", "2.5"],
        ),
        (
            "/kling-native/image-to-video/kling-3.0",
            frame(&wav(3)),
            &["contents.0.url", "audio/x-wav", "image/png"],
        ),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wish_names_and_cannot_have_is_refused_in_every_dialect_and_changes_nothing() {
    let gateway = Gateway::with_file(OPEN, &Environment::default()).await;
    let named = named(&gateway).await;
    refused(&gateway, &extensions(&named)).await;
    refused(&gateway, &sessions(&named)).await;
    refused(&gateway, &items(&named)).await;
    refused(&gateway, &media(&named)).await;
    gateway.stop().await;
}
