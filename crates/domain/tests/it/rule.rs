//! What input media must be: each bound at its edge, and rows from before there were rules.

use domain::{BlobKey, Input, MediaFacts, MediaKind, MediaRule, Staged};

fn rule() -> MediaRule {
    MediaRule {
        kind: MediaKind::Image,
        types: vec!["image/png".to_owned(), "image/jpeg".to_owned()],
        bytes_max: 1_000,
        side_min: Some(300),
        ratio_max_tenths: Some(25),
        duration_ms_min: None,
        duration_ms_max: None,
    }
}

fn staged(content_type: Option<&str>, bytes: u64, sides: Option<(u32, u32)>) -> Staged {
    Staged {
        blob: BlobKey::from_sha256([7; 32]),
        bytes,
        content_type: content_type.map(str::to_owned),
        facts: MediaFacts {
            width: sides.map(|(width, _)| width),
            height: sides.map(|(_, height)| height),
            ..MediaFacts::default()
        },
    }
}

#[test]
fn each_bound_binds_at_its_edge() {
    let png = Some("image/png");
    let allowed = "allowed: image/png, image/jpeg";
    for (content_type, bytes, sides, says) in [
        (png, 1_000, Some((300, 300)), String::new()),
        (png, 1_000, Some((750, 300)), String::new()),
        (Some("image/jpeg"), 1, Some((300, 750)), String::new()),
        (Some("text/html"), 1, None, format!("is `text/html`; {allowed}")),
        (None, 1, None, format!("is not an image that is known; {allowed}")),
        (
            png,
            1_001,
            Some((300, 300)),
            "has `1001` bytes, at most 1000".to_owned(),
        ),
        (png, 1, None, "is an image whose size cannot be read".to_owned()),
        (
            png,
            1,
            Some((300, 299)),
            "is `300x299` pixels, at least 300 on each side".to_owned(),
        ),
        (
            png,
            1,
            Some((300, 751)),
            "is `300x751` pixels, its sides must be within 1:2.5 and 2.5:1".to_owned(),
        ),
    ] {
        let judged = rule().check(&staged(content_type, bytes, sides));
        assert_eq!(
            judged.err().map_or_else(String::new, |misfit| misfit.to_string()),
            says
        );
    }
}

#[test]
fn bounds_that_are_not_set_do_not_bind() {
    let rule = MediaRule {
        side_min: None,
        ratio_max_tenths: None,
        ..rule()
    };
    for sides in [None, Some((1, 9_000))] {
        assert_eq!(rule.check(&staged(Some("image/png"), 1, sides)), Ok(()));
    }
}

#[test]
fn an_input_from_before_there_were_rules_still_reads() {
    let row = r#"{"role":"first_frame","source":{"link":"https://media.example/a.png"},"field":"image"}"#;
    let old: Input = serde_json::from_str(row).expect("an old row");
    assert_eq!(old.rule, None);
    assert_eq!(serde_json::to_string(&old).expect("a row"), row);
    let new = Input {
        rule: Some(rule()),
        parent: None,
        ..old
    };
    let text = serde_json::to_string(&new).expect("a row");
    assert_eq!(serde_json::from_str::<Input>(&text).expect("a row"), new);
}

#[test]
fn what_tells_its_length_must_be_as_long_as_it_may_be() {
    let rule = MediaRule {
        duration_ms_min: Some(2_000),
        duration_ms_max: Some(60_500),
        side_min: None,
        ratio_max_tenths: None,
        ..rule()
    };
    let lasting = |duration_ms| {
        let mut staged = staged(Some("image/png"), 1, None);
        staged.facts.duration_ms = duration_ms;
        rule.check(&staged)
            .err()
            .map_or_else(String::new, |misfit| misfit.to_string())
    };
    let none = String::new();
    assert_eq!(
        [None, Some(2_000), Some(60_500)].map(lasting),
        [none.clone(), none.clone(), none]
    );
    assert_eq!(lasting(Some(1_999)), "lasts `1.999` seconds, from 2 to 60.5");
    assert_eq!(lasting(Some(61_000)), "lasts `61` seconds, from 2 to 60.5");
}
