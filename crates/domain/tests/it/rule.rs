//! What input media must be: each bound at its edge, and rows from before there were rules.

use domain::{BlobKey, Input, MediaFacts, MediaKind, MediaRule, Staged};

fn rule() -> MediaRule {
    MediaRule {
        side_min: Some(300),
        ratio_max_tenths: Some(25),
        ..MediaRule::of(MediaKind::Image, &["image/png", "image/jpeg"], 1_000)
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

fn clip(width: u32, height: u32, fps: u32, duration_ms: u64) -> Staged {
    let mut clip = staged(Some("video/mp4"), 1, Some((width, height)));
    clip.facts.fps = Some(fps);
    clip.facts.duration_ms = Some(duration_ms);
    clip
}

#[test]
fn clips_are_judged_by_their_sides_rates_and_gaps() {
    let rule = MediaRule {
        pixels_max: Some(2_000_000),
        ratio_max_tenths: Some(25),
        wide_max_tenths: Some(20),
        ratio_min_tenths: Some(11),
        duration_ms_gap: Some((5_000, 7_000)),
        ..MediaRule::of(MediaKind::Video, &["video/mp4"], 1_000)
            .sides(&(700..=2_000))
            .rates(&(24..=60))
            .lasting(&(2_000..=10_000))
    };
    let says = |clip| rule.check(&clip).err().map(|misfit| misfit.to_string());
    for good in [
        clip(1_280, 720, 24, 5_000),
        clip(720, 1_280, 60, 7_000),
        clip(1_400, 700, 30, 2_000),
    ] {
        assert_eq!(says(good), None);
    }
    for (bad, why) in [
        (
            clip(1_280, 699, 30, 3_000),
            "is `1280x699` pixels, at least 700 on each side",
        ),
        (
            clip(2_001, 720, 30, 3_000),
            "is `2001x720` pixels, at most 2000 on each side",
        ),
        (
            clip(1_500, 1_350, 30, 3_000),
            "is `1500x1350` pixels, at most 2000000 together",
        ),
        (
            clip(1_420, 700, 30, 3_000),
            "is `1420x700` pixels, at most 2 times as wide as high",
        ),
        (
            clip(700, 1_760, 30, 3_000),
            "is `700x1760` pixels, its sides must be within 1:2.5 and 2.5:1",
        ),
        (
            clip(800, 800, 30, 3_000),
            "is `800x800` pixels, its long side must be 1.1 times the short one at least",
        ),
        (
            clip(1_280, 720, 23, 3_000),
            "has `23` frames a second, from 24 to 60",
        ),
        (
            clip(1_280, 720, 61, 3_000),
            "has `61` frames a second, from 24 to 60",
        ),
        (
            clip(1_280, 720, 30, 5_001),
            "lasts `5.001` seconds, from 2 to 10, and nothing between 5 and 7",
        ),
    ] {
        assert_eq!(says(bad).as_deref(), Some(why));
    }
    let listed = MediaRule {
        fps_among: vec![24, 30, 60],
        ..rule
    };
    let misfit = listed
        .check(&clip(1_280, 720, 25, 3_000))
        .expect_err("no such rate");
    assert_eq!(
        misfit.to_string(),
        "has `25` frames a second, allowed: 24, 30, 60"
    );
}

#[test]
fn a_clip_that_does_not_tell_its_size_is_believed() {
    let rule = MediaRule::of(MediaKind::Video, &["video/mp4"], 1_000).sides(&(700..=2_000));
    assert_eq!(rule.check(&staged(Some("video/mp4"), 1, None)), Ok(()));
}
