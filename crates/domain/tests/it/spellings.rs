//! Spellings of ids: every one of ours is read back, and nothing else is taken for one.

use domain::{Id, TaskId};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{prop_assert, prop_assert_eq};

/// Every spelling that a dialect writes.
fn spellings(id: Id) -> Vec<String> {
    vec![
        id.decimal(),
        TaskId(id).prefixed(),
        format!("video_{}", id.hex()),
        format!("audio_{}", id.hex()),
        id.hyphenated(),
        format!("kling-v3-text-to-video_{}", id.hyphenated()),
        format!("api_with_underscores_{}", id.hyphenated()),
    ]
}

/// Whether a text has one of the forms, said without the code under test.
fn is_a_spelling(text: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    if !text.is_empty() && digits(text) {
        return text.len() <= 39 && text.parse::<u128>().is_ok();
    }
    let (prefixed, name) = match text.rfind('_') {
        Some(at) => (true, &text[at + 1..]),
        None => (false, text),
    };
    let groups: Vec<&str> = name.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hyphenated = lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| hex(group));
    is_hyphenated || (prefixed && name.len() == 32 && hex(name))
}

#[test]
fn the_ends_of_the_range_are_read_back() {
    for id in [0, 1, u128::from(u64::MAX), u128::MAX - 1, u128::MAX].map(Id) {
        for text in spellings(id) {
            assert_eq!(TaskId::parse(&text), Some(TaskId(id)), "{text}");
        }
        assert_eq!(Id::from_hex(&id.hex()), Some(id));
    }
}

#[test]
fn the_spellings_of_one_id_look_as_they_should() {
    let id = Id(0x0199_a0f3_0000_7000_8000_0000_0000_002a);
    assert_eq!(id.hex(), "0199a0f300007000800000000000002a");
    assert_eq!(id.hyphenated(), "0199a0f3-0000-7000-8000-00000000002a");
    assert_eq!(TaskId(id).prefixed(), "task_0199a0f300007000800000000000002a");
    assert_eq!(
        id.decimal(),
        0x0199_a0f3_0000_7000_8000_0000_0000_002a_u128.to_string()
    );
}

#[test]
fn decimals_beyond_128_bits_are_no_ids() {
    for text in [
        "340282366920938463463374607431768211456",
        "340282366920938463463374607431768211460",
        "999999999999999999999999999999999999999",
        "1000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000001",
    ] {
        assert_eq!(TaskId::parse(text), None, "{text}");
    }
}

#[test]
fn what_only_looks_like_a_spelling_is_none() {
    let hex = Id(42).hex();
    let uuid = Id(42).hyphenated();
    for text in [
        String::new(),
        " ".to_owned(),
        "-1".to_owned(),
        "+1".to_owned(),
        "1_000".to_owned(),
        "٣".to_owned(),
        hex.replace('2', "a"),
        format!("task{hex}"),
        format!("task-{hex}"),
        format!("task_{hex}0"),
        format!("task_{}", &hex[1..]),
        format!("task_{}g", &hex[1..]),
        format!("task_{}é", &hex[2..]),
        format!("task_{hex}_"),
        format!("task_{hex} "),
        format!("task_{}", Id(42).decimal()),
        format!("task_+{}", &hex[1..]),
        format!("{{{uuid}}}"),
        format!("{uuid}0"),
        uuid.replace('-', "_"),
        uuid.replacen('-', "", 1) + "-",
        uuid[1..].to_owned() + "-",
        "------------------------------------".to_owned(),
        "id_------------------------------------".to_owned(),
    ] {
        assert_eq!(TaskId::parse(&text), None, "{text}");
    }
}

#[test]
fn capitals_and_leading_zeros_name_the_same_id() {
    let id = Id(0xabcd_ef00_1234_5678_9abc_def0_1234_5678);
    assert_eq!(Id::from_any(&id.hyphenated().to_uppercase()), Some(id));
    assert_eq!(
        Id::from_any(&format!("task_{}", id.hex().to_uppercase())),
        Some(id)
    );
    assert_eq!(Id::from_any("0042"), Some(Id(42)));
}

#[test]
fn an_id_in_json_is_its_hexadecimal_spelling_only() {
    let id = TaskId(Id(42));
    let text = serde_json::to_string(&id).unwrap();
    assert_eq!(text, format!("\"{}\"", Id(42).hex()));
    assert_eq!(serde_json::from_str::<TaskId>(&text).unwrap(), id);
    for text in [
        "42",
        "\"42\"",
        "\"\"",
        "null",
        "\"0000000000000000000000000000002g\"",
    ] {
        assert!(serde_json::from_str::<TaskId>(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_spelling_is_read_back(number in any::<u128>(), prefix in "[a-zA-Z0-9._/-]{1,40}") {
        let id = Id(number);
        for text in spellings(id) {
            prop_assert_eq!(TaskId::parse(&text), Some(TaskId(id)), "{}", text);
        }
        for tail in [id.hex(), id.hyphenated()] {
            prop_assert_eq!(Id::from_any(&format!("{prefix}_{tail}")), Some(id));
        }
    }

    #[test]
    fn any_text_at_all_is_an_id_only_if_it_has_the_form(text in any::<String>()) {
        prop_assert_eq!(TaskId::parse(&text).is_some(), is_a_spelling(&text));
        prop_assert!(Id::from_hex(&text).is_none() || text.len() == 32);
    }

    #[test]
    fn text_of_the_same_letters_is_an_id_only_if_it_has_the_form(
        text in "([a-z]{0,5}_)?([0-9]{36,40}|[0-9a-fA-Fg_é-]{30,38}|[0-9a-f]{8}(-[0-9a-g]{4}){3}-[0-9a-f]{11,13})"
    ) {
        prop_assert_eq!(TaskId::parse(&text).is_some(), is_a_spelling(&text), "{}", text);
    }

    #[test]
    fn one_wrong_letter_is_no_other_id(number in any::<u128>(), at in any::<usize>(), letter in any::<char>()) {
        let id = Id(number);
        for text in spellings(id) {
            let mut letters: Vec<char> = text.chars().collect();
            let at = at % letters.len();
            letters[at] = letter;
            let text: String = letters.into_iter().collect();
            prop_assert_eq!(TaskId::parse(&text).is_some(), is_a_spelling(&text), "{}", text);
        }
    }

    #[test]
    fn ids_are_ordered_as_they_are_spelled(one in any::<u128>(), other in any::<u128>()) {
        prop_assert_eq!(Id(one).cmp(&Id(other)), Id(one).hex().cmp(&Id(other).hex()));
    }
}
