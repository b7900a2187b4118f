//! What fixtures cannot say of `kling`: keys and tokens, signatures, bounds, every code, any JSON.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::findings::{Place, filled};
use domain::provider::{Account, Callback, Jam, Job, Look, Outputs, Receipt, Submitted, UpstreamError, Wire};
use domain::{Clock as _, Role};
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use providers::kling::calls::ROWS;
use providers::kling::codes::{CODES, Then};
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::sample;
use testkit::transport::{OnSend, ScriptedTransport};

use crate::stage::{
    API_KEY, CALLBACK_SECRET, Memory, job, key_account, kling_ask, pair_account, plain_job, provider,
    signed_account,
};

const BUSY: &str = r#"{"code":1303,"message":"parallel task over resource pack limit"}"#;

fn wire(account: &Arc<Account>, blobs: Arc<Memory>) -> (Wire, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::default());
    let wire = Wire {
        account: Arc::clone(account),
        transport: Arc::<ScriptedTransport>::clone(&transport),
        blobs,
        publish: None,
    };
    (wire, transport)
}

fn header(transport: &ScriptedTransport, at: usize, name: &str) -> String {
    let sent = transport.sent();
    let header = sent[at].headers.iter().find(|(known, _)| known == name);
    header.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn running(receipt: &str) -> (Job, Arc<Memory>) {
    job(sample::ask(), &[], Some(receipt))
}

#[tokio::test]
async fn a_key_is_sent_in_the_header_and_nowhere_else() {
    let (provider, _) = provider("kling");
    let (job, blobs) = plain_job();
    let (wire, transport) = wire(&Arc::new(key_account("kling")), blobs);
    transport.on_send([OnSend::answer(429, BUSY)]);
    let _ = provider.submit(&job, &wire).await;
    assert_eq!(
        header(&transport, 0, "authorization"),
        format!("Bearer {API_KEY}")
    );
    assert_eq!(header(&transport, 0, "content-type"), "application/json");
}

#[tokio::test]
async fn a_pair_signs_one_token_until_it_grows_old_or_is_not_taken() {
    let (provider, clock) = provider("kling");
    let (job, blobs) = plain_job();
    let (wire, transport) = wire(&Arc::new(pair_account("kling")), blobs);
    let expired = r#"{"code":1004,"message":"token expired"}"#;
    transport.on_send([
        OnSend::answer(429, BUSY),
        OnSend::answer(429, BUSY),
        OnSend::answer(401, expired),
        OnSend::answer(429, BUSY),
        OnSend::answer(429, BUSY),
    ]);
    let _ = provider.submit(&job, &wire).await;
    clock.advance_ms(60_000);
    let _ = provider.submit(&job, &wire).await;
    let refused = provider.submit(&job, &wire).await;
    assert!(
        matches!(refused, Err(UpstreamError::Busy { .. })),
        "an expired token loses no task"
    );
    let _ = provider.submit(&job, &wire).await;
    clock.advance_ms(1_600_000);
    let _ = provider.submit(&job, &wire).await;
    let tokens: Vec<String> = (0..5).map(|at| header(&transport, at, "authorization")).collect();
    assert!(tokens[0].starts_with("Bearer eyJ"));
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(tokens[1], tokens[2]);
    assert_ne!(
        tokens[2], tokens[3],
        "a token that was not taken is not used again"
    );
    assert_ne!(tokens[3], tokens[4], "an old token is not used");
}

#[tokio::test]
async fn every_code_is_the_instruction_of_the_table() {
    let (provider, _) = provider("kling");
    for row in &CODES {
        let (job, blobs) = plain_job();
        let (wire, transport) = wire(&Arc::new(key_account("kling")), blobs);
        let body = json!({ "code": row.code, "message": "no", "request_id": "r" }).to_string();
        transport.on_send([OnSend::answer(row.http, body)]);
        let Err(error) = provider.submit(&job, &wire).await else {
            panic!("code {} is no success", row.code);
        };
        match (error, row.then) {
            (
                UpstreamError::Busy {
                    jam, retry_after_ms, ..
                },
                Then::Busy(pause_ms),
            ) => {
                assert_eq!(retry_after_ms, Some(pause_ms), "code {}", row.code);
                let expected = match row.code {
                    1302 => Jam::Rate,
                    1303 => Jam::Slots,
                    _ => Jam::Login,
                };
                assert_eq!(jam, expected, "code {}", row.code);
            }
            (UpstreamError::Refused(error), Then::Refused(kind)) => {
                assert_eq!((error.code, error.vendor_code), (kind, Some(row.code)));
            }
            (UpstreamError::Unknown(_), Then::Unknown) => {}
            (error, then) => panic!("code {} is {error:?}, not {then:?}", row.code),
        }
    }
}

#[tokio::test]
async fn a_refusing_code_proves_nothing_beside_a_status_of_500() {
    let (provider, _) = provider("kling");
    for status in [302, 500, 503] {
        let (job, blobs) = plain_job();
        let (wire, transport) = wire(&Arc::new(key_account("kling")), blobs);
        transport.on_send([OnSend::answer(status, r#"{"code":1201,"message":"bad"}"#)]);
        let error = provider.submit(&job, &wire).await.err();
        assert!(matches!(error, Some(UpstreamError::Unknown(_))), "HTTP {status}");
    }
}

#[tokio::test]
async fn no_code_fails_a_task_by_a_look_or_proves_an_absence() {
    let (provider, _) = provider("kling");
    for account in [key_account("kling"), pair_account("kling")] {
        let account = Arc::new(account);
        for row in &CODES {
            let (job, blobs) = running("900");
            let (wire, transport) = wire(&account, blobs);
            let body = json!({ "code": row.code, "message": "no" }).to_string();
            transport.on_send(vec![OnSend::answer(row.http, body); 4]);
            match provider.poll(std::slice::from_ref(&job), &wire).await {
                Ok(looks) => assert!(matches!(looks[..], [Look::Unseen(_)]), "code {}", row.code),
                Err(error) => assert!(!matches!(error, UpstreamError::Refused(_)), "code {}", row.code),
            }
            assert!(
                provider.reconcile(&job, &wire).await.is_err(),
                "code {}",
                row.code
            );
        }
    }
}

#[tokio::test]
async fn a_picture_above_the_bound_is_refused_and_nothing_is_sent() {
    let (provider, _) = provider("kling");
    let mut ask = sample::ask();
    ask.operation = domain::Operation::ImageToVideo;
    for (model, mebibytes) in [("kling-v1-6", 10), ("kling-v3", 50)] {
        ask.model = model.to_owned();
        let (mut job, blobs) = job(ask.clone(), &[(Role::FirstFrame, "short")], None);
        job.media[0].staged.bytes = mebibytes * 1024 * 1024 + 1;
        let (wire, transport) = wire(&Arc::new(key_account("kling")), blobs);
        let error = provider.submit(&job, &wire).await.err();
        assert!(matches!(error, Some(UpstreamError::Refused(_))), "{model}");
        assert!(transport.sent().is_empty());
    }
}

#[tokio::test]
async fn a_picture_that_is_not_kept_any_more_is_refused_and_nothing_is_sent() {
    let (provider, _) = provider("kling");
    let mut ask = sample::ask();
    ask.operation = domain::Operation::ImageToVideo;
    let (job, _) = job(ask, &[(Role::FirstFrame, "a picture")], None);
    let (wire, transport) = wire(&Arc::new(key_account("kling")), Memory::empty());
    let error = provider.submit(&job, &wire).await.err();
    assert!(matches!(error, Some(UpstreamError::Refused(_))));
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn twenty_tasks_are_one_look() {
    let (provider, _) = provider("kling");
    let jobs: Vec<Job> = (0..20).map(|n| running(&format!("{}", 900 + n)).0).collect();
    let (wire, transport) = wire(&Arc::new(key_account("kling")), Memory::empty());
    let rows: Vec<Value> = (0..20)
        .map(|n| json!({ "id": (919 - n).to_string(), "status": "processing" }))
        .collect();
    transport.on_send([OnSend::answer(
        200,
        json!({ "code": 0, "data": rows }).to_string(),
    )]);
    let looks = provider.poll(&jobs, &wire).await.expect("a look");
    assert_eq!(looks.len(), 20);
    assert!(looks.iter().all(|look| matches!(look, Look::Running(None))));
    assert_eq!(transport.sent().len(), 1);
}

#[test]
fn a_callback_names_its_task_where_its_signature_holds() {
    let (provider, clock) = provider("kling");
    let body = br#"{"id":"900100200300400501","status":"submitted"}"#;
    let timestamp = clock.now().seconds().to_string();
    let secret = CALLBACK_SECRET.trim_start_matches("whsec_");
    let key = STANDARD.decode(secret).expect("Base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
    mac.update(format!("msg-1.{timestamp}.").as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = [
        header("webhook-id", "msg-1"),
        header("webhook-timestamp", &timestamp),
        header("webhook-signature", &signature),
    ];
    let named = Some(Receipt("900100200300400501".to_owned()));
    let (account, unsigned) = (signed_account("kling"), key_account("kling"));
    let hint = |headers, body, account| provider.hint(&Callback { headers, body }, account);
    assert_eq!(hint(&headers, body, &account), named);
    assert_eq!(hint(&[], body, &account), None, "not signed");
    assert_eq!(
        hint(&headers, br#"{"id":"1"}"#, &account),
        None,
        "signed for another body"
    );
    assert_eq!(hint(&[], body, &unsigned), named, "no secret, no signature");
    clock.advance_ms(301_000);
    assert_eq!(hint(&headers, body, &account), None, "too old");
}

/// The vendor's names of fields.
const NAMES: [&str; 38] = [
    "code",
    "message",
    "data",
    "task_id",
    "id",
    "task_status",
    "status",
    "task_result",
    "videos",
    "outputs",
    "url",
    "duration",
    "type",
    "billing",
    "amount",
    "charge_type",
    "package_type",
    "final_unit_deduction",
    "final_balance_deduction",
    "quota",
    "task_info",
    "external_task_id",
    "external_id",
    "currency",
    "images",
    "series_images",
    "audios",
    "url_mp3",
    "voices",
    "voice_id",
    "trial_url",
    "elements",
    "element_id",
    "element_image_list",
    "session_id",
    "face_data",
    "face_image",
    "res",
];

/// JSON that has the vendor's names in unlikely places.
fn any_answer() -> impl Strategy<Value = Value> {
    let names = select(NAMES.to_vec());
    let words = select(vec![
        "900",
        "rw-0001",
        "succeed",
        "succeeded",
        "failed",
        "submitted",
        "unit",
        "video",
        "2.4",
        "-1",
        "",
        "99999999999999999999999",
        "1e400",
        "USD",
        "cash",
        "\u{0}",
        "💥",
        "https://cdn.test/a",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(0)),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(names.clone(), inner, 0..6).prop_map(|map| map
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

#[test]
fn no_answer_panics_and_nothing_but_the_vendors_word_ends_a_task() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let (provider, _) = provider("kling");
    let account = Arc::new(key_account("kling"));
    let (job, blobs) = running("900");
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        cases: 512,
        ..Config::default()
    });
    let outcome = runner.run(&any_answer(), |data| {
        let body = json!({ "code": 0, "data": [data] }).to_string();
        let has_failed = body.contains(r#""failed""#);
        let (wire, transport) = wire(&account, Arc::clone(&blobs));
        transport.on_send(vec![OnSend::answer(200, body); 2]);
        let looks = runtime.block_on(provider.poll(std::slice::from_ref(&job), &wire));
        for look in looks.unwrap_or_default() {
            assert!(!matches!(look, Look::Lost));
            assert!(has_failed || !matches!(look, Look::Failed(_)));
        }
        let bare = OnSend::answer(200, data.to_string());
        transport.on_send(vec![bare; 6]);
        let _ = runtime.block_on(provider.submit(&job, &wire));
        let _ = runtime.block_on(provider.reconcile(&job, &wire));
        let _ = runtime.block_on(provider.check(&wire));
        let headers = [];
        let body = data.to_string();
        let callback = Callback {
            headers: &headers,
            body: body.as_bytes(),
        };
        let _ = provider.hint(&callback, &account);
        Ok(())
    });
    outcome.expect("no answer breaks it");
}

#[test]
fn no_result_of_any_kind_panics_and_every_place_that_is_told_is_a_file_that_is_offered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let (provider, _) = provider("kling");
    let account = Arc::new(pair_account("kling"));
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        cases: 2_048,
        ..Config::default()
    });
    let any_row = select(ROWS.iter().collect::<Vec<_>>());
    let outcome = runner.run(&(any_row, any_answer()), |(row, result)| {
        let (mut job, blobs) = running("900");
        job.ask = Arc::new(kling_ask(row));
        let mut data = result.clone();
        if let Some(fields) = data.as_object_mut() {
            fields.insert("task_id".to_owned(), json!("900"));
            fields.insert("task_status".to_owned(), json!("succeed"));
            fields.insert("task_result".to_owned(), result);
        }
        let body = json!({ "code": 0, "data": data }).to_string();
        let (wire, transport) = wire(&account, blobs);
        transport.on_send(vec![OnSend::answer(200, body.clone()); 2]);
        let looks = runtime.block_on(provider.poll(std::slice::from_ref(&job), &wire));
        for look in looks.unwrap_or_default() {
            if let Look::Done(outputs) = look {
                assert_places(&outputs);
            }
        }
        transport.on_send([OnSend::answer(200, body)]);
        if let Ok(Submitted::Done(_, outputs)) = runtime.block_on(provider.submit(&job, &wire)) {
            assert_places(&outputs);
        }
        Ok(())
    });
    outcome.expect("no result breaks it");
}

/// Every file that is told is there, and no link of the vendor's is told.
fn assert_places(outputs: &Outputs) {
    let Some(found) = &outputs.findings else { return };
    let _ = filled(&found.told, &|place| {
        if let Place::File(n) | Place::Artifact(n) = place {
            assert!(n < outputs.files.len(), "file {n} of {}", outputs.files.len());
        }
        None
    });
    assert!(!found.told.to_string().contains("://"), "{}", found.told);
}
