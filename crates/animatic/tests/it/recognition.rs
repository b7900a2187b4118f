//! What is found in pictures: masks are where things are, faces are found or the frame is, regions are selected.

use animatic::{Mask, find_faces, identify_faces, preview, read_rle, recognise, select, write_rle};
use image::{Rgb, RgbImage};

use crate::editing::{area, mean, person, picture, png, product};
use crate::media::{probe, stream};
use crate::pictures::landscape;

/// How much a mask and the truth share of what either has.
fn agreement(mask: &Mask, truth: impl Fn(u32, u32) -> bool) -> f64 {
    let (mut both, mut either) = (0.0, 0.0);
    for y in 0..mask.height {
        for x in 0..mask.width {
            let (one, other) = (mask.levels[(y * mask.width + x) as usize] > 127, truth(x, y));
            both += f64::from(u8::from(one && other));
            either += f64::from(u8::from(one || other));
        }
    }
    both / f64::max(either, 1.0)
}

#[test]
fn the_parts_of_a_person_are_found_where_they_are() {
    let found = recognise(&png(&person())).expect("a picture");
    let down = |y: u32| f64::from(y);
    let body = |x: u32, y: u32| {
        let across = f64::from(x) - 150.0;
        let head = (across / 42.0).hypot((down(y) - 86.0) / 52.0) < 1.0;
        let shirt = (136..330).contains(&y) && across.abs() < 72.0;
        head || shirt || ((330..560).contains(&y) && across.abs() < 60.0)
    };
    let face = |x: u32, y: u32| {
        let across = f64::from(x) - 150.0;
        (across / 34.0).hypot((down(y) - 92.0) / 44.0) < 1.0 && y > 62
    };
    let clothes = |x: u32, y: u32| y > 148 && body(x, y);
    let cases = [
        ("object", &found.object, agreement(&found.object, body), 0.8),
        ("face", &found.face, agreement(&found.face, face), 0.7),
        (
            "clothes",
            &found.clothes,
            agreement(&found.clothes, clothes),
            0.75,
        ),
    ];
    for (name, mask, agrees, least) in cases {
        println!("{name}: {agrees:.2}");
        assert_eq!((mask.width, mask.height), (300, 600), "{name}");
        assert!(agrees > least, "{name} agrees by {agrees:.2}");
        let file = mask.png().expect("a file");
        let seen = probe(&file);
        assert_eq!(stream(&seen, "video").expect("a picture")["width"], 300);
    }
    assert!(
        found.head.share() > found.face.share(),
        "a head is more than its face"
    );
    assert!(found.head.share() < found.object.share() / 2.0);
}

#[test]
fn where_nothing_is_nothing_is_said_to_be() {
    let found = recognise(&png(&RgbImage::from_pixel(200, 120, Rgb([120, 130, 125])))).expect("a picture");
    for mask in [&found.object, &found.head, &found.face, &found.clothes] {
        assert_eq!((mask.width, mask.height), (200, 120));
        assert!(mask.area().is_none() && mask.share() == 0.0);
    }
    let bottle = recognise(&png(&product([30, 120, 60], |x, y| x.hypot(y) < 0.3))).expect("a picture");
    assert!(
        agreement(&bottle.object, |x, y| (f64::from(x) - 120.0)
            .hypot(f64::from(y) - 120.0)
            < 72.0)
            > 0.85
    );
    assert!(bottle.face.area().is_none());
}

#[test]
fn a_face_is_found_by_its_skin_and_without_one_the_frame_is_it() {
    let faces = identify_faces(&png(&person())).expect("a picture");
    assert_eq!(faces.len(), 1);
    let face = &faces[0];
    assert!(!face.whole_frame);
    let (x, y) = (
        face.area.left + face.area.width / 2,
        face.area.top + face.area.height / 2,
    );
    assert!(x.abs_diff(150) < 10 && y.abs_diff(98) < 14, "{:?}", face.area);
    assert!(face.picture.width > face.area.width && face.picture.height < 200);
    let none = find_faces(&picture(&landscape(320, 180, 0)));
    assert_eq!(none.len(), 1);
    assert!(none[0].whole_frame);
    assert_eq!(none[0].area, area(0, 0, 320, 180));
    assert_eq!((none[0].picture.width, none[0].picture.height), (320, 180));
}

#[test]
fn a_point_selects_the_region_it_stands_on_and_a_preview_shows_it() {
    let frame = picture(&person());
    let shirt = select(&frame, &[(0.5, 0.4)]).expect("a point");
    let truth = |x: u32, y: u32| (148..330).contains(&y) && x.abs_diff(150) < 72;
    let agrees = agreement(&shirt, truth);
    assert!(agrees > 0.85, "the shirt agrees by {agrees:.2}");
    let both = select(&frame, &[(0.5, 0.4), (0.4, 0.75)]).expect("points");
    assert!(
        both.share() > shirt.share() * 1.4,
        "the second point adds nothing"
    );
    let shown = preview(&frame, &shirt).expect("a mask of the frame's size");
    let (before, after) = (
        mean(&frame, area(100, 200, 80, 80)),
        mean(&shown, area(100, 200, 80, 80)),
    );
    assert!(after[2] > before[2] + 60.0, "{before:?} {after:?}");
    assert_eq!(mean(&frame, area(0, 0, 40, 40)), mean(&shown, area(0, 0, 40, 40)));
    for points in [
        vec![],
        vec![(0.5, 1.1)],
        vec![(f32::NAN, 0.5)],
        vec![(0.5, 0.5); 11],
    ] {
        assert!(select(&frame, &points).is_err(), "{points:?}");
    }
    for point in [(0.0, 0.0), (1.0, 1.0)] {
        assert!(select(&frame, &[point]).expect("a corner").share() > 0.0);
    }
}

fn mask(width: u32, height: u32, within: impl Fn(u32, u32) -> bool) -> Mask {
    let level = |at: u32| if within(at % width, at / width) { 255 } else { 0 };
    Mask {
        width,
        height,
        levels: (0..width * height).map(level).collect(),
    }
}

#[test]
fn masks_are_written_as_coco_writes_them_and_read_back() {
    // The expected texts are those of the data sets' own tools, for the same masks.
    let disc = "\\k4a0S38I6K4L4L4M2N2M4M2N2N2N2N2N2O0O2N2N2O0O2O0O2O0O2O000O2O00000O2O00000000000000000000000000000001N1000001N10001N101N101N101N2N2N101N2N2N2N2N2N3L3N2N3L4L4L5J7H`d4";
    let square = |x: u32, y: u32| (1..3).contains(&x) && (1..3).contains(&y);
    let cases = [
        (mask(4, 4, square), "52203"),
        (mask(5, 3, |x, y| x == 0 || (x == 3 && y == 1)), "037NM"),
        (
            mask(160, 120, |x, y| {
                (i64::from(x) - 80).pow(2) + (i64::from(y) - 60).pow(2) < 1_600
            }),
            disc,
        ),
        (mask(9, 7, |_, _| false), "o1"),
        (mask(9, 7, |_, _| true), "0o1"),
    ];
    for (mask, text) in &cases {
        assert_eq!(write_rle(mask), *text);
        assert_eq!(read_rle(text, mask.width, mask.height).as_ref(), Some(mask));
    }
    let strewn = mask(48, 64, |x, y| (x * 7 + y * 13) % 31 < 9);
    assert_eq!(read_rle(&write_rle(&strewn), 48, 64), Some(strewn));
    for wrong in ["", "5220", "o", "~~~~", "ooooooooooooooo", "52203x", "\u{7f}"] {
        assert_eq!(read_rle(wrong, 4, 4), None, "{wrong}");
    }
}
