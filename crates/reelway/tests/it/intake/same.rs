//! The two readers of JSON come to the same: a body is read as it is, and once more with so many blanks
//! behind it that it is read as a stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::fields::Fields;
use domain::{Refusal, RefusalKind};
use futures_util::TryStreamExt as _;
use proptest::prelude::{Strategy, any, prop};
use proptest::test_runner::{Config, TestRunner};
use reelway::front::body::{Bounds, Intake, SMALL_BODY_BYTES, Taken};

use super::{intake, large_picture, noise, take};
use crate::house_under_test::picture;

/// Bodies of the property.
const CASES: u32 = 1_500;

/// What a body came to: its fields, and names and bytes of its media.
type Outcome = Result<(Fields, Vec<(String, Bytes)>), RefusalKind>;

async fn outcome(taken: Result<Taken, Refusal>) -> Outcome {
    let taken = taken.map_err(|refusal| refusal.kind)?;
    let mut media = Vec::new();
    for pending in taken.pending {
        let chunks: Vec<Bytes> = pending.stream().try_collect().await.expect("spooled bytes");
        let bytes = Bytes::from(chunks.concat());
        assert_eq!(bytes.len() as u64, pending.bytes);
        media.push((pending.key.as_str().to_owned(), bytes));
    }
    Ok((taken.fields, media))
}

/// Both readers' outcome of one body, which must be short.
async fn both(intake: &Intake, body: &[u8]) -> (Outcome, Outcome) {
    let mut padded = body.to_vec();
    padded.resize(body.len() + SMALL_BODY_BYTES as usize + 1, b' ');
    let short = take(intake, "application/json", body.to_vec()).await;
    let long = take(intake, "application/json", padded).await;
    (outcome(short).await, outcome(long).await)
}

fn text() -> impl Strategy<Value = String> {
    let quoted = |text: String| serde_json::to_string(&text).expect("a string is JSON");
    let odd = [
        r#""\ud83d\ude00\u00e9\/\b\f\n\r\t""#,
        r#""\u0000""#,
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#""\ud800\u0041""#,
        r#""\x""#,
        r#""\u12g4""#,
        "\"\t\"",
        "\"\u{7f}\u{2028}\"",
        "\"\"",
        "\"QUJD\"",
        "\"https://a.example/x\"",
        "\"data:image/png;base64,QUI=\"",
        "'single'",
        "\"open",
    ];
    let inline = quoted(STANDARD.encode(picture(9, 7)));
    prop::strategy::Union::new_weighted(vec![
        (40, any::<String>().prop_map(quoted).boxed()),
        (
            1,
            prop::sample::select(odd.to_vec()).prop_map(str::to_owned).boxed(),
        ),
        (4, proptest::strategy::Just(inline).boxed()),
    ])
}

fn leaf() -> impl Strategy<Value = String> {
    let plain = ["null", "true", "false", "0", "-0", "0.5", "-1e-400", "1E5", "5.0"];
    let odd = [
        "1e400", "-1e400", "01", "+1", "1.", ".5", "-", "1e", "NaN", "Infinity", "nul", "truex", "0x10",
        "1_0",
    ];
    prop::strategy::Union::new_weighted(vec![
        (24, text().boxed()),
        (
            16,
            prop::sample::select(plain.to_vec())
                .prop_map(str::to_owned)
                .boxed(),
        ),
        (8, any::<i64>().prop_map(|number| number.to_string()).boxed()),
        (8, any::<f64>().prop_map(|number| format!("{number:e}")).boxed()),
        (8, "[1-9][0-9]{0,40}(\\.[0-9]{1,30})?".boxed()),
        (
            1,
            prop::sample::select(odd.to_vec()).prop_map(str::to_owned).boxed(),
        ),
    ])
}

/// Text that is mostly a JSON object.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "a", "b", "image", "images", "masks", "mask", "a.b", "\\u0061", "é", "",
    ]);
    let pairs = move |value: proptest::strategy::BoxedStrategy<String>| {
        prop::collection::vec((name.clone(), value), 0..5).prop_map(|pairs| {
            let pairs: Vec<String> = pairs
                .into_iter()
                .map(|(name, value)| format!("\"{name}\" : {value}"))
                .collect();
            format!("{{ {} }}", pairs.join(",\n"))
        })
    };
    let nested = pairs.clone();
    let value = leaf().boxed().prop_recursive(5, 40, 5, move |inner| {
        let list =
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(", ")));
        prop::strategy::Union::new(vec![list.boxed(), nested(inner).boxed()])
    });
    let top = prop::strategy::Union::new_weighted(vec![
        (9, pairs(value.clone().boxed()).boxed()),
        (1, value.boxed()),
    ]);
    let before = ["", "", "", "", "", "", " \r\n\t", "\u{feff}", "\u{a0}", "//x\n"];
    let behind = ["", "", "", "", "", "", " \n", "}", ",", "null", "\0", "{}"];
    let harm = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
    let (before, behind) = (
        prop::sample::select(before.to_vec()),
        prop::sample::select(behind.to_vec()),
    );
    (before, top, behind, harm).prop_map(|(before, top, behind, harm)| {
        let mut bytes = format!("{before}{top}{behind}").into_bytes();
        if let Some((at, byte)) = harm
            && !bytes.is_empty()
        {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

#[test]
fn any_body_means_the_same_to_both_readers() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (intake, _folder) = intake(Bounds::default());
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let taken = std::cell::Cell::new(0_u32);
    let held = runner.run(&body(), |body| {
        let (short, long) = runtime.block_on(both(&intake, &body));
        taken.set(taken.get() + u32::from(short.is_ok()));
        assert_eq!(short, long, "{}", String::from_utf8_lossy(&body));
        Ok(())
    });
    held.unwrap_or_else(|failure| panic!("{failure}"));
    let share = (CASES / 5)..(CASES * 4 / 5);
    assert!(
        share.contains(&taken.get()),
        "{} of {CASES} were taken",
        taken.get()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn long_strings_mean_the_same_to_both_readers() {
    let (intake, _folder) = intake(Bounds::default());
    let image = STANDARD.encode(large_picture(1, 50_000));
    let folded: Vec<&str> = image
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).expect("Base64 is ASCII"))
        .collect();
    let strings = [
        image.clone(),
        format!("data:image/png;base64,{image}"),
        folded.join("\r\n"),
        image.replace('+', "-").replace('/', "_"),
        image.trim_end_matches('=').to_owned(),
        image.replace('+', "-"),
        format!("{}*", image),
        format!("data:image/png,{image}"),
        format!("https://a.example/{image}"),
        " ".repeat(40_000),
        "é\"\\\u{1}".repeat(10_000),
        STANDARD.encode(noise(2, 60_000)),
        "a".repeat(32 * 1024),
        "a".repeat(32 * 1024 + 1),
        "é".repeat(16 * 1024),
    ];
    for (number, string) in strings.iter().enumerate() {
        for body in [
            serde_json::json!({ "image": string }),
            serde_json::json!({ "image": ["QUJD", string], "masks": [{ "mask": string }], "prompt": string }),
            serde_json::json!({ "other": { "image": string } }),
        ] {
            let (short, long) = both(&intake, body.to_string().as_bytes()).await;
            let (fields, _) = short.as_ref().expect("long strings are no fault");
            assert_eq!(
                Some(fields),
                long.as_ref().ok().map(|(fields, _)| fields),
                "{number}"
            );
            assert_eq!(short, long, "{number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_readers_follow_the_same_depth_and_keep_the_last_of_a_name() {
    let (intake, _folder) = intake(Bounds::default());
    for (depth, is_taken) in [(126, true), (127, false)] {
        let body = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let (short, long) = both(&intake, body.as_bytes()).await;
        assert_eq!(short.is_ok(), is_taken, "{depth}");
        assert_eq!(short, long);
    }
    let (one, two) = (
        STANDARD.encode(picture(8, 8)),
        STANDARD.encode(large_picture(3, 40_000)),
    );
    let body = format!(r#"{{"image":"{two}","a":1,"image":"{one}","b":2,"a":3}}"#);
    let (short, long) = both(&intake, body.as_bytes()).await;
    assert_eq!(short, long);
    let (fields, media) = long.expect("a good body");
    assert_eq!(fields.names().collect::<Vec<_>>(), ["image", "a", "b"]);
    assert_eq!(media.len(), 1, "what was replaced is not kept");
    assert_eq!(media[0].1, picture(8, 8));
}
