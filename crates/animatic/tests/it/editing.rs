//! Pictures made of given pictures: what was given is seen in them, and sizes are as asked.

use animatic::{
    Composition, ExpandWish, Garment, Picture, PixelBox, Resolution, TryOnWish, VIEW_SIDE, Variation,
    compose, expand, nearest_ratio, still_size, try_on, vary, views,
};
use image::{ImageFormat, Rgb, RgbImage};

use crate::media::difference;
use crate::pictures::{encoded, landscape};

const SHIRT: [u8; 3] = [196, 40, 44];
const TROUSERS: [u8; 3] = [38, 52, 120];
const SKIN: [u8; 3] = [224, 172, 140];
const HAIR: [u8; 3] = [52, 36, 30];

/// A person before a pale wall, from head to feet, in a box of 300 by 600.
pub(crate) fn person() -> RgbImage {
    RgbImage::from_fn(300, 600, |x, y| {
        let (across, down) = (f64::from(x) - 150.0, f64::from(y));
        let texture = ((f64::from(x) * 0.9).sin() * (down * 0.7).cos() * 5.0) as i16;
        let eye = |side: f64| (across - side).hypot(down - 82.0) < 5.0;
        let mouth = across.abs() < 12.0 && (112.0..117.0).contains(&down);
        let colour = if eye(-14.0) || eye(14.0) {
            [30, 26, 26]
        } else if mouth {
            [150, 60, 60]
        } else if (across / 34.0).hypot((down - 92.0) / 44.0) < 1.0 && down > 62.0 {
            SKIN
        } else if (across / 42.0).hypot((down - 80.0) / 48.0) < 1.0 && down < 100.0 {
            HAIR
        } else if (136.0..150.0).contains(&down) && across.abs() < 14.0 {
            SKIN
        } else if (148.0..330.0).contains(&down) && across.abs() < 72.0 {
            SHIRT
        } else if (330.0..560.0).contains(&down)
            && across.abs() < 60.0
            && (across.abs() > 8.0 || down < 380.0)
        {
            TROUSERS
        } else {
            [206, 218, 228]
        };
        Rgb(colour.map(|part: u8| (i16::from(part) + texture).clamp(0, 255) as u8))
    })
}

/// A thing of one colour and a given outline before white.
pub(crate) fn product(colour: [u8; 3], outline: impl Fn(f64, f64) -> bool) -> RgbImage {
    RgbImage::from_fn(240, 240, |x, y| {
        let within = outline(f64::from(x) / 240.0 - 0.5, f64::from(y) / 240.0 - 0.5);
        Rgb(if within { colour } else { [250, 250, 250] })
    })
}

pub(crate) fn png(picture: &RgbImage) -> Vec<u8> {
    encoded(picture.clone(), ImageFormat::Png)
}

pub(crate) fn picture(image: &RgbImage) -> Picture {
    Picture {
        width: image.width(),
        height: image.height(),
        rgb: image.as_raw().clone(),
    }
}

fn image(picture: &Picture) -> RgbImage {
    RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone()).expect("three bytes a pixel")
}

/// How many pixels are near a colour.
fn near(picture: &Picture, colour: [u8; 3], reach: u8) -> usize {
    let like = |pixel: &&[u8]| {
        pixel
            .iter()
            .zip(colour)
            .all(|(one, other)| one.abs_diff(other) <= reach)
    };
    picture.rgb.chunks_exact(3).filter(like).count()
}

pub(crate) fn mean(picture: &Picture, area: PixelBox) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for y in area.top..area.top + area.height {
        for x in area.left..area.left + area.width {
            let at = ((y * picture.width + x) * 3) as usize;
            for (sum, level) in sum.iter_mut().zip(&picture.rgb[at..at + 3]) {
                *sum += f64::from(*level);
            }
        }
    }
    sum.map(|sum| sum / f64::from(area.width * area.height))
}

pub(crate) fn area(left: u32, top: u32, width: u32, height: u32) -> PixelBox {
    PixelBox {
        left,
        top,
        width,
        height,
    }
}

#[test]
fn eight_ratios_have_three_sizes_each_and_keep_their_shape() {
    let ratios = [(16, 9), (9, 16), (1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (21, 9)];
    for ratio in ratios {
        let (width, height) = still_size(ratio, Resolution::OneK).expect("one of the eight");
        let off = f64::from(width * ratio.1) / f64::from(height * ratio.0);
        assert!((0.985..1.015).contains(&off), "{ratio:?}: {width}x{height}");
        assert!((900_000..1_200_000).contains(&(width * height)), "{ratio:?}");
        assert_eq!(still_size(ratio, Resolution::TwoK), Some((width * 2, height * 2)));
        assert_eq!(
            still_size(ratio, Resolution::FourK),
            Some((width * 4, height * 4))
        );
        assert_eq!(nearest_ratio(width + 9, height), ratio);
    }
    assert_eq!(still_size((5, 4), Resolution::OneK), None);
    assert_eq!(nearest_ratio(0, 0), (1, 1));
}

#[test]
fn a_wider_picture_has_the_asked_size_and_the_given_one_in_it() {
    let given = landscape(320, 180, 0);
    let cases = [
        ((0, 0, 0, 0), (320, 180), (0, 0)),
        ((500, 0, 0, 0), (320, 270), (0, 90)),
        ((0, 250, 300, 100), (448, 225), (96, 0)),
        ((100, 100, 1_000, 0), (640, 216), (320, 18)),
        ((2_000, 0, 0, 0), (320, 540), (0, 360)),
    ];
    for ((up, down, left, right), size, (x, y)) in cases {
        for prompt in ["", "a desert at sunset"] {
            let wish = ExpandWish {
                picture: png(&given),
                up,
                down,
                left,
                right,
                prompt: prompt.to_owned(),
                seed: 3,
            };
            let wide = expand(&wish).expect("within bounds");
            assert_eq!((wide.width, wide.height), size);
            let kept = image::imageops::crop_imm(&image(&wide), x, y, 320, 180).to_image();
            assert_eq!(kept, given, "the given picture is touched");
            assert_eq!(expand(&wish).expect("again"), wide);
        }
    }
}

#[test]
fn a_wider_picture_goes_on_without_a_seam_and_seeds_and_prompts_differ() {
    let given = landscape(320, 180, 0);
    let wide = |prompt: &str, seed: u64| {
        expand(&ExpandWish {
            picture: png(&given),
            up: 0,
            down: 0,
            left: 500,
            right: 500,
            prompt: prompt.to_owned(),
            seed,
        })
        .expect("within bounds")
    };
    let plain = wide("", 1);
    let column = |x: u32| -> Vec<u8> {
        let pixel = |y: u32| (((y * plain.width + x) * 3) as usize..).take(3);
        (0..plain.height)
            .flat_map(pixel)
            .map(|at| plain.rgb[at])
            .collect()
    };
    let usual = difference(&column(200), &column(201));
    for seam in [159, 479] {
        let step = difference(&column(seam), &column(seam + 1));
        assert!(
            step < usual * 2.0 + 3.0,
            "a step of {step:.1} where others are {usual:.1}"
        );
    }
    assert_ne!(plain, wide("", 2));
    let red = |picture: &Picture| {
        let [red, _, blue] = mean(picture, area(0, 20, 60, 140));
        red - blue
    };
    assert!(
        red(&wide("a desert at sunset", 1)) > red(&plain) + 15.0,
        "the prompt is not seen"
    );
}

#[test]
fn what_cannot_be_made_wider_is_refused() {
    let wish = ExpandWish {
        picture: png(&landscape(320, 180, 0)),
        ..ExpandWish::default()
    };
    for wrong in [
        ExpandWish {
            up: 2_001,
            ..wish.clone()
        },
        ExpandWish {
            up: 1_000,
            left: 1_000,
            ..wish.clone()
        },
        ExpandWish {
            picture: b"no picture".to_vec(),
            ..wish.clone()
        },
        ExpandWish {
            picture: Vec::new(),
            ..wish
        },
    ] {
        assert!(expand(&wrong).is_err());
    }
}

#[test]
fn a_garment_lies_on_the_part_of_the_body_that_it_belongs_to() {
    let green = [24u8, 150, 70];
    let shirt = product(green, |x, y| x.abs() < 0.3 && y.abs() < 0.3);
    let trousers = product(green, |x, y| {
        (0.03..0.2).contains(&x.abs()) && y.abs() < 0.42 || x.abs() < 0.2 && (-0.42..-0.3).contains(&y)
    });
    let dress = product(green, |x, y| {
        x.abs() < 0.12 + (y + 0.45).max(0.0) * 0.12 && y.abs() < 0.45
    });
    let chest = area(120, 200, 60, 80);
    let thigh = area(102, 400, 30, 40);
    let shin = area(102, 520, 30, 20);
    let is_green = |picture: &Picture, area| {
        let [red, green, blue] = mean(picture, area);
        green > red + 30.0 && green > blue + 20.0
    };
    let cases = [
        (&shirt, Some(Garment::Upper), [true, false, false]),
        (&shirt, None, [true, false, false]),
        (&trousers, None, [false, true, true]),
        (&dress, None, [true, true, false]),
    ];
    let human = person();
    for (number, (garment, kind, expected)) in cases.into_iter().enumerate() {
        let worn = try_on(&TryOnWish {
            person: png(&human),
            garment: png(garment),
            kind,
        })
        .expect("two pictures");
        assert_eq!((worn.width, worn.height), (300, 600));
        let found = [chest, thigh, shin].map(|area| is_green(&worn, area));
        assert_eq!(found, expected, "case {number}");
        let head = |picture: &Picture| mean(picture, area(110, 40, 80, 90));
        assert_eq!(
            head(&worn),
            head(&picture(&human)),
            "case {number} touches the head"
        );
    }
}

#[test]
fn an_upper_and_a_lower_garment_of_one_picture_are_both_worn() {
    let both = RgbImage::from_fn(480, 240, |x, y| {
        let (across, down) = (f64::from(x), f64::from(y));
        let upper = (30.0..190.0).contains(&across) && (40.0..200.0).contains(&down);
        let leg = (300.0..350.0).contains(&across) || (380.0..430.0).contains(&across);
        let lower = (10.0..230.0).contains(&down) && (leg || (300.0..430.0).contains(&across) && down < 60.0);
        Rgb(if upper {
            [24, 150, 70]
        } else if lower {
            [230, 190, 30]
        } else {
            [250, 250, 250]
        })
    });
    let worn = try_on(&TryOnWish {
        person: png(&person()),
        garment: png(&both),
        kind: None,
    })
    .expect("two pictures");
    let [red, green, _] = mean(&worn, area(120, 200, 60, 80));
    assert!(green > red + 30.0, "no green above");
    let [red, green, blue] = mean(&worn, area(102, 430, 30, 40));
    assert!(red > blue + 60.0 && green > blue + 40.0, "no yellow below");
}

#[test]
fn three_sets_of_three_views_show_the_same_thing_from_other_sides() {
    let sets = views(&png(&person()), 5).expect("a picture");
    let whole = (VIEW_SIDE * VIEW_SIDE) as usize;
    for set in &sets {
        for view in set {
            assert_eq!((view.width, view.height), (VIEW_SIDE, VIEW_SIDE));
            let red = |pixel: &&[u8]| pixel[0] > pixel[1].max(pixel[2]).saturating_add(60);
            let shirt = view.rgb.chunks_exact(3).filter(red).count();
            assert!(shirt * 100 > whole, "the shirt covers {shirt} pixels");
        }
        let [left, right, back] = set;
        assert!(
            difference(&left.rgb, &right.rgb) > 0.4,
            "left and right are alike"
        );
        // From behind no eye is seen; before a dark wall nobody could tell.
        if left.rgb[0] < 100 {
            continue;
        }
        let dark = |view: &Picture| near(view, [30, 26, 26], 14);
        assert!(
            dark(back) < dark(left).min(dark(right)) / 2 + 10,
            "{} dark pixels",
            dark(back)
        );
    }
    assert!(
        difference(&sets[0][0].rgb, &sets[1][0].rgb) > 2.0,
        "the sets are alike"
    );
    assert_eq!(views(&png(&person()), 5).expect("again"), sets);
}

/// A scene without subjects.
fn meadow() -> Composition {
    Composition {
        prompt: "a green meadow in summer".to_owned(),
        width: 640,
        height: 360,
        seed: 4,
        ..Composition::default()
    }
}

#[test]
fn subjects_stand_in_the_scene_that_is_given_or_drawn() {
    let wish = meadow();
    let bare = compose(&wish).expect("a scene");
    let ball = product([220, 30, 160], |x, y| x.hypot(y) < 0.34);
    let cup = product([30, 60, 220], |x, y| x.abs() < 0.3 && y.abs() < 0.35);
    let subjects = vec![png(&ball), png(&cup)];
    let together = compose(&Composition {
        subjects,
        ..wish.clone()
    })
    .expect("a composition");
    let pink = |picture: &Picture, area| {
        let [red, green, blue] = mean(picture, area);
        red - green + blue - green
    };
    let (left, right) = (area(120, 180, 80, 80), area(440, 180, 80, 80));
    assert!(
        pink(&together, left) > pink(&bare, left) + 80.0,
        "no ball on the left"
    );
    let blue = |picture: &Picture| mean(picture, right)[2] - mean(picture, right)[0];
    assert!(blue(&together) > blue(&bare) + 60.0, "no cup on the right");
    let corner = area(0, 0, 100, 60);
    assert_eq!(
        mean(&together, corner),
        mean(&bare, corner),
        "the scene is touched"
    );
    let scene = landscape(640, 360, 0);
    let given = compose(&Composition {
        scene: Some(png(&scene)),
        ..wish
    })
    .expect("a scene");
    assert_eq!(given.rgb, *scene.as_raw());
}

#[test]
fn a_composition_takes_on_a_style_and_may_be_larger_than_any_clip() {
    let wish = meadow();
    let bare = compose(&wish).expect("a scene");
    let ball = product([220, 30, 160], |x, y| x.hypot(y) < 0.34);
    let warm = RgbImage::from_pixel(64, 64, Rgb([220, 120, 40]));
    let styled = compose(&Composition {
        style: Some(png(&warm)),
        ..wish.clone()
    })
    .expect("a style");
    let red = |picture: &Picture| {
        let [red, _, blue] = mean(picture, area(0, 0, 640, 360));
        red - blue
    };
    assert!(red(&styled) > red(&bare) + 40.0, "the style is not seen");
    assert_ne!(
        compose(&Composition {
            seed: 5,
            ..wish.clone()
        })
        .expect("a scene"),
        bare
    );
    let large = compose(&Composition {
        width: 4_096,
        height: 4_096,
        ..wish.clone()
    })
    .expect("larger than any clip");
    assert_eq!((large.width, large.height), (4_096, 4_096));
    for wrong in [
        Composition {
            width: 8,
            ..wish.clone()
        },
        Composition {
            width: 16_384,
            height: 16_384,
            ..wish.clone()
        },
        Composition {
            subjects: vec![png(&ball); 11],
            ..wish.clone()
        },
        Composition {
            subjects: vec![b"none".to_vec()],
            ..wish
        },
    ] {
        assert!(compose(&wrong).is_err());
    }
}

#[test]
fn a_picture_is_drawn_towards_its_prompt_the_more_the_less_of_it_is_kept() {
    let given = landscape(640, 360, 0);
    let varied = |fidelity: u8, seed: u64| {
        vary(&Variation {
            picture: png(&given),
            fidelity,
            prompt: "a red desert at sunset".to_owned(),
            negative_prompt: None,
            width: 640,
            height: 360,
            seed,
        })
        .expect("within bounds")
    };
    let off = |picture: &Picture| difference(&picture.rgb, given.as_raw());
    let (all, half, none) = (varied(100, 1), varied(50, 1), varied(0, 1));
    println!("off by {:.1}, {:.1}, {:.1}", off(&all), off(&half), off(&none));
    assert!(off(&all) < 1.0, "off by {:.1}", off(&all));
    assert!(off(&half) > off(&all) + 5.0 && off(&none) > off(&half) + 5.0);
    assert_ne!(half, varied(50, 2));
    assert_eq!(half, varied(50, 1));
    let wrong = Variation {
        picture: png(&given),
        fidelity: 101,
        width: 640,
        height: 360,
        ..Variation::default()
    };
    assert!(vary(&wrong).is_err());
}
