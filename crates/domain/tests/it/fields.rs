//! Readers of fields: lenient where clients are careless, exact about what was wrong and where.

use domain::fields::{Field, Fields};
use domain::{Refusal, RefusalKind};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, proptest};
use proptest::{collection, prop_assert_eq, prop_oneof};
use serde_json::{Number, Value, json};

use crate::walk;

/// Levels of the deepest nest that is tried, several times what a JSON reader lets through.
const DEEP: usize = 1_000;

fn fields(value: Value) -> Fields {
    match serde_json::from_value(value).expect("any value is a field") {
        Field::Map(pairs) => Fields::new(pairs),
        other => panic!("the sample is {}", other.kind()),
    }
}

fn one(value: Value) -> Fields {
    fields(json!({ "x": value }))
}

/// The message of a refusal that must name the field `x`.
fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> String {
    let refusal = answer.expect_err("the value is wrong");
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert_eq!(refusal.field.as_deref(), Some("x"));
    assert!(refusal.message.starts_with("`x` "), "{}", refusal.message);
    refusal.message
}

#[test]
fn what_is_missing_or_null_is_nothing() {
    for fields in [fields(json!({})), one(Value::Null)] {
        assert_eq!(fields.get("x"), None);
        assert_eq!(fields.text("x"), Ok(None));
        assert_eq!(fields.whole("x"), Ok(None));
        assert_eq!(fields.number("x"), Ok(None));
        assert_eq!(fields.flag("x"), Ok(None));
        assert_eq!(fields.object("x"), Ok(None));
        assert_eq!(fields.list("x"), Ok(None));
    }
}

#[test]
fn a_string_is_taken_as_it_is() {
    for text in ["", " spaced ", "5", "null", "日本"] {
        assert_eq!(one(json!(text)).text("x"), Ok(Some(text)));
    }
    for (value, kind) in [
        (json!(5), "a number"),
        (json!(true), "a boolean"),
        (json!([]), "a list"),
        (json!({}), "an object"),
    ] {
        let message = refused(one(value).text("x"));
        assert_eq!(message, format!("`x` must be a string, not {kind}"));
    }
}

#[test]
fn a_string_that_became_a_blob_is_refused_by_its_length() {
    let staged = Fields::new(vec![("x".to_owned(), Field::Staged(walk::staged()))]);
    assert_eq!(
        refused(staged.text("x")),
        "`x` 77 bytes is too long for a string here"
    );
    assert_eq!(
        refused(staged.whole("x")),
        "`x` must be a whole number, not media"
    );
    assert_eq!(refused(staged.list("x")), "`x` must be a list, not media");
}

/// Clients send `"duration": "5"` and mean five.
#[test]
fn a_whole_number_is_taken_from_digits_in_a_string_too() {
    for (value, whole) in [
        (json!(5), 5),
        (json!("5"), 5),
        (json!(" 5 "), 5),
        (json!("-5"), -5),
        (json!(5.0), 5),
        (json!(-0.0), 0),
        (json!(1e15), 1_000_000_000_000_000),
        (json!(i64::MAX), i64::MAX),
        (json!(i64::MIN), i64::MIN),
        (json!(i64::MAX.to_string()), i64::MAX),
    ] {
        assert_eq!(one(value.clone()).whole("x"), Ok(Some(whole)), "{value}");
    }
    for value in [
        json!(5.5),
        json!("5.5"),
        json!("five"),
        json!(""),
        json!("5s"),
        json!("0x5"),
        json!(u64::MAX),
        json!(1e300),
        json!("9223372036854775808"),
    ] {
        assert_eq!(
            refused(one(value.clone()).whole("x")),
            "`x` must be a whole number",
            "{value}"
        );
    }
    let message = refused(one(json!([5])).whole("x"));
    assert_eq!(message, "`x` must be a whole number, not a list");
}

#[test]
fn a_number_is_taken_from_a_string_too_and_is_finite() {
    for (value, number) in [
        (json!(0.5), 0.5),
        (json!(2), 2.0),
        (json!("0.5"), 0.5),
        (json!(" 1e3 "), 1_000.0),
        (json!("-.5"), -0.5),
    ] {
        assert_eq!(one(value.clone()).number("x"), Ok(Some(number)), "{value}");
    }
    for value in [
        json!("NaN"),
        json!("inf"),
        json!("-infinity"),
        json!("1e999"),
        json!(""),
        json!("half"),
        json!(true),
        json!([1]),
    ] {
        assert_eq!(
            refused(one(value.clone()).number("x")),
            "`x` must be a number",
            "{value}"
        );
    }
}

#[test]
fn a_flag_is_taken_from_the_usual_words_and_numbers_too() {
    for value in [
        json!(true),
        json!("true"),
        json!("TRUE"),
        json!(" on "),
        json!("1"),
        json!(1),
    ] {
        assert_eq!(one(value.clone()).flag("x"), Ok(Some(true)), "{value}");
    }
    for value in [json!(false), json!("false"), json!("Off"), json!("0"), json!(0)] {
        assert_eq!(one(value.clone()).flag("x"), Ok(Some(false)), "{value}");
    }
    for value in [
        json!("yes"),
        json!(""),
        json!(2),
        json!(0.5),
        json!(-1),
        json!([]),
        json!({}),
    ] {
        let refusal = one(value.clone()).flag("x").unwrap_err();
        assert_eq!(refusal.allowed, ["true", "false"], "{value}");
        assert_eq!(
            refusal.sentence(),
            "`x` must be true or false; allowed: true, false"
        );
    }
}

#[test]
fn objects_and_lists_are_nothing_else() {
    assert_eq!(one(json!([1, null])).list("x").unwrap().unwrap().len(), 2);
    assert_eq!(one(json!([])).list("x"), Ok(Some(&[][..])));
    assert_eq!(
        refused(one(json!({})).list("x")),
        "`x` must be a list, not an object"
    );
    assert_eq!(
        refused(one(json!("[]")).list("x")),
        "`x` must be a list, not a string"
    );
    assert_eq!(
        refused(one(json!([])).object("x")),
        "`x` must be an object, not a list"
    );
    assert_eq!(one(json!({})).object("x").unwrap().unwrap().names().count(), 0);
}

#[test]
fn an_error_names_the_whole_path() {
    let top = fields(json!({"metadata": {"camera": {"zoom": "far"}}}));
    let metadata = top.object("metadata").unwrap().unwrap();
    let camera = metadata.object("camera").unwrap().unwrap();
    assert_eq!(top.path("metadata"), "metadata");
    assert_eq!(camera.path("zoom"), "metadata.camera.zoom");
    let refusal = camera.whole("zoom").unwrap_err();
    assert_eq!(refusal.field.as_deref(), Some("metadata.camera.zoom"));
    assert_eq!(
        refusal.sentence(),
        "`metadata.camera.zoom` must be a whole number"
    );
    let refusal = metadata.text("camera").unwrap_err();
    assert_eq!(
        refusal.sentence(),
        "`metadata.camera` must be a string, not an object"
    );
}

#[test]
fn of_a_repeated_name_the_last_counts() {
    let pair = |field| ("x".to_owned(), field);
    let text = |text: &str| Field::Text(text.to_owned());
    let repeated = vec![pair(text("first")), pair(Field::Bool(true)), pair(text("last"))];
    assert_eq!(Fields::new(repeated.clone()).text("x"), Ok(Some("last")));
    assert_eq!(Field::Map(repeated.clone()).to_json(), json!({"x": "last"}));
    let taken_back = [repeated, vec![pair(Field::Null)]].concat();
    assert_eq!(
        Fields::new(taken_back.clone()).text("x"),
        Ok(None),
        "the last one is nothing"
    );
    assert_eq!(Fields::new(taken_back).names().count(), 4);
}

#[test]
fn names_keep_the_clients_order() {
    let fields = fields(serde_json::from_str(r#"{"z": 1, "a": null, "m": {}}"#).unwrap());
    assert_eq!(fields.names().collect::<Vec<_>>(), ["z", "a", "m"]);
}

#[test]
fn deep_nests_are_read_without_a_panic() {
    let (mut list, mut json) = (Field::Null, Value::Null);
    let mut object = Field::Text("bottom".to_owned());
    for _ in 0..DEEP {
        list = Field::List(vec![list]);
        json = Value::Array(vec![json]);
        object = Field::Map(vec![("in".to_owned(), object)]);
    }
    assert_eq!(list.to_json(), json);
    let Field::Map(pairs) = object else {
        panic!("an object is a map");
    };
    let mut at = Fields::new(pairs);
    for _ in 1..DEEP {
        at = at.object("in").unwrap().unwrap();
    }
    assert_eq!(at.text("in"), Ok(Some("bottom")));
    assert_eq!(at.path("in").matches("in").count(), DEEP);
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
        any::<String>().prop_map(Value::String),
        "[0-9eE+. -]{0,24}".prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        let pairs = collection::vec(("[a-c]{0,2}", inner.clone()), 0..6);
        prop_oneof![
            collection::vec(inner, 0..6).prop_map(Value::Array),
            pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fields_give_back_the_json_that_they_came_from(value in values()) {
        prop_assert_eq!(serde_json::from_value::<Field>(value.clone()).unwrap().to_json(), value);
    }

    #[test]
    fn no_reader_panics_and_every_refusal_names_the_field(value in values()) {
        let fields = one(value);
        let refusals = [
            fields.text("x").err(),
            fields.whole("x").err(),
            fields.number("x").err(),
            fields.flag("x").err(),
            fields.object("x").err(),
            fields.list("x").err(),
        ];
        for refusal in refusals.into_iter().flatten() {
            prop_assert_eq!(refusal.field.as_deref(), Some("x"));
        }
    }

    #[test]
    fn every_whole_number_is_read_from_both_of_its_forms(whole in any::<i64>()) {
        prop_assert_eq!(one(json!(whole)).whole("x"), Ok(Some(whole)));
        prop_assert_eq!(one(json!(whole.to_string())).whole("x"), Ok(Some(whole)));
    }
}
