//! Dry runs over a socket: on every submit of every dialect, and nothing comes of them.

use domain::item::{Item, ItemKind, ItemState};
use domain::{Intent, Operation, Route, TenantId};
use serde_json::{Map, Value, json};
use testkit::wishes;

use crate::house_under_test::{Answer, Gateway};

/// Paths of the new standard that are refused by name, dry or not.
const UNSERVED: &str = "/solutions/";

/// What some of the resold products ask for, beside the fields of the smallest wish.
const RESOLD: [(&str, &str); 8] = [
    ("start_image_url", "https://media.example/a.png"),
    ("human_image", "https://media.example/a.png"),
    ("cloth_image", "https://media.example/b.png"),
    ("video_url", "https://media.example/a.mp4"),
    ("audio_url", "https://media.example/a.mp3"),
    ("text", "hello"),
    ("voice_id", "oversea_male1"),
    ("character_orientation", "image"),
];

/// What the wishes may name: made once.
struct Props {
    clip: String,
    sound: String,
    face: i64,
    selection: i64,
    voice: i64,
    element: i64,
}

async fn item(gateway: &Gateway, tenant: TenantId, kind: ItemKind) -> i64 {
    let house = &gateway.house;
    let item = Item {
        id: domain::ids::ItemId(house.ids.id()),
        wire_id: 0,
        tenant,
        kind,
        account: None,
        vendor_ref: None,
        task: None,
        state: ItemState::Ready,
        created_at: house.clock.now(),
        expires_at: None,
        detail: Value::Null,
    };
    let made = house.engine.store().create_item(&item).await;
    made.expect("an item").wire_id
}

async fn props(gateway: &Gateway) -> Props {
    let wish = json!({ "model_name": "kling-v1-6", "prompt": "a red fox", "duration": "5" });
    let taken = gateway
        .ask("POST", "/v1/videos/text2video", wish.to_string())
        .await
        .json();
    let clip = taken["data"]["task_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{taken}"))
        .to_owned();
    for _ in 0..6 {
        let read = gateway
            .ask("GET", &format!("/v1/videos/text2video/{clip}?wait=30"), "")
            .await
            .json();
        if read["data"]["task_status"] == "succeed" {
            break;
        }
    }
    let text = "the fox goes over the hill and far away";
    let speech = json!({ "text": text, "voice_id": "oversea_male1", "voice_language": "en" });
    let speech = gateway
        .ask("POST", "/v1/audio/tts", speech.to_string())
        .await
        .json();
    let sound = &speech["data"]["task_result"]["audios"][0]["id"];
    let tenant = gateway.row(&clip).await.origin.tenant;
    Props {
        sound: sound.as_str().unwrap_or_else(|| panic!("{speech}")).to_owned(),
        clip,
        face: item(gateway, tenant, ItemKind::FaceSession).await,
        selection: item(gateway, tenant, ItemKind::SelectionSession).await,
        voice: item(gateway, tenant, ItemKind::Voice).await,
        element: item(gateway, tenant, ItemKind::Element).await,
    }
}

/// A wish with its names of nothing replaced.
fn filled(path: &str, name: &str, value: Value, props: &Props) -> Value {
    let session = match path.contains("multi-elements") {
        true => props.selection,
        false => props.face,
    };
    match (name, &value) {
        ("video_id", _) => json!(props.clip),
        ("audio_id", _) => json!(props.sound),
        ("session_id", _) => json!(session.to_string()),
        ("element_id", _) => json!(props.element),
        ("voice_id", Value::String(text)) if text == "1" => json!(props.voice.to_string()),
        _ => match value {
            Value::Object(map) => {
                let pairs = map.into_iter();
                let pairs = pairs.map(|(name, value)| (name.clone(), filled(path, &name, value, props)));
                Value::Object(pairs.collect())
            }
            Value::Array(list) => {
                let values = list.into_iter().map(|value| filled(path, name, value, props));
                values.collect()
            }
            other => other,
        },
    }
}

fn body(dialect: &str, route: &Route, props: &Props) -> Value {
    let wish = match dialect {
        "kling2" => wishes::standard(route.operation),
        _ => wishes::at(route.path),
    };
    let more = RESOLD
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    let pairs = more
        .filter(|_| dialect == "pixazo")
        .chain(wish)
        .map(|(name, value)| (name.clone(), filled(route.path, &name, value, props)));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

/// What is wrong with the answer to a dry run; none where it is a quote.
fn unquoted(at: &str, answer: &Answer) -> Option<String> {
    let said = answer.json();
    if at.contains(UNSERVED) {
        return (answer.status != 403).then(|| format!("{} {said}", answer.status));
    }
    let price = &said["price"];
    let hold = price["hold_micros"].as_i64().filter(|hold| *hold >= 0);
    let cost = hold.map(|hold| domain::Micros(hold).dollars());
    let is_quote = answer.status == 200
        && (&said["object"], &price["currency"]) == (&json!("quote"), &json!("USD"))
        && cost.is_some_and(|cost| answer.header("reelway-cost") == cost)
        && answer.header("reelway-task-id").is_empty();
    (!is_quote).then(|| format!("{} {said}", answer.status))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_submit_of_every_dialect_has_a_dry_run_and_nothing_comes_of_it() {
    let gateway = Gateway::start().await;
    let props = props(&gateway).await;
    let before = gateway.holdings().await;
    let bearer = format!("Bearer {}", gateway.client_key);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("reelway-dry-run", "true"),
    ];
    let (mut seen, mut wrong) = (0, Vec::new());
    for dialect in dialects::ALL {
        let submits = dialect.routes().iter();
        let makes = [Intent::Submit, Intent::Run, Intent::Remake];
        for route in submits.filter(|route| makes.contains(&route.intent)) {
            let model = match route.operation {
                Some(Operation::OmniVideo) => "kling-3.0-omni",
                _ => "kling-3.0",
            };
            let body = body(dialect.name(), route, &props);
            let mounted = format!("{}{}", dialect.mount(), route.path);
            let roots = route.roots.iter().map(|root| (*root).to_owned());
            for path in std::iter::once(mounted).chain(roots) {
                let at = path.replace("{model}", model).replace("{id}", &props.clip);
                let answer = gateway.send("POST", &at, &headers, body.to_string()).await;
                seen += 1;
                if let Some(said) = unquoted(&at, &answer) {
                    wrong.push(format!("{} {at}: {said}", dialect.name()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 40, "only {seen} paths");
    let wish = json!({ "prompt": "a kite", "model": "kling-v3" });
    let by_query = gateway
        .ask("POST", "/api/v1/tasks?dry_run=true", wish.to_string())
        .await;
    assert_eq!(
        (by_query.status.as_u16(), by_query.json()["object"].take()),
        (200, json!("quote"))
    );
    assert_eq!(gateway.holdings().await, before);
    gateway.stop().await;
}
