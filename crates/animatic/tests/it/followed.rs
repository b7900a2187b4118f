//! What follows a given clip or picture shows it, moves as it moves, and changes what it is asked to change.

use animatic::{AreaAt, Edit, Elements, MotionControl, Omni, Refer, Shape, Wish, Work};
use image::{ImageFormat, Rgb, RgbImage};

use crate::given::{Film, film, loudness, pixels, played, refused};
use crate::media::{difference, frames, rendered, small, sound};
use crate::pictures::{drawing, encoded};

#[test]
fn a_picture_moves_as_the_clip_moves_and_cuts_where_it_cuts() {
    // A wide noise that slides to the left by 6 % of the frame a second, and cuts to another after a second and a half.
    let pan = "nullsrc=size=640x180:rate=24:duration=1.5,geq=lum='128+60*sin(X/9)*cos(Y/7)+40*sin(X/31+Y/23)':cb=128:cr=128,crop=320:180:n*0.8:0";
    let other = "color=c=white:size=320x180:rate=24:duration=1.5,noise=alls=60:all_seed=3";
    let source = format!("{pan}[a];{other}[b];[a][b]concat");
    let clip = crate::media::made_by_ffmpeg(
        "mp4",
        &[
            "-filter_complex",
            &source,
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=300:duration=3",
        ],
        &[
            "-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p", "-c:a", "aac",
        ],
    );
    let picture = RgbImage::from_fn(640, 360, |x, y| {
        let block = (280..360).contains(&x) && (140..220).contains(&y);
        if block {
            Rgb([220, 30, 30])
        } else {
            Rgb([90, 110 + (x / 20 % 4) as u8 * 6, 120])
        }
    });
    let wish = Wish {
        prompt: String::new(),
        first_frame: Some(encoded(picture, ImageFormat::Png)),
        work: Work::MotionControl(MotionControl {
            clip,
            keeps_sound: true,
        }),
        ..small()
    };
    let (bytes, frames) = played(&wish, 3000);
    let film = Film::of(&bytes);
    let (from, to) = (film.block(2, [220, 30, 30]), film.block(33, [220, 30, 30]));
    // 31 frames of 0.8 pixels.
    assert!((from.0 - to.0 - 24.8).abs() < 6.0, "{from:?} to {to:?}");
    assert!((from.1 - to.1).abs() < 3.0, "{from:?} to {to:?}");
    let steps: Vec<f64> = frames
        .windows(2)
        .map(|pair| difference(&pair[0], &pair[1]))
        .collect();
    let sharpest = (0..steps.len()).max_by(|a, b| steps[*a].total_cmp(&steps[*b]));
    assert_eq!(sharpest, Some(35), "{steps:?}");
    assert!(loudness(&sound(&bytes), 200, 2800) > 0.01);
    let Work::MotionControl(control) = wish.work.clone() else {
        return;
    };
    let work = Work::MotionControl(MotionControl {
        keeps_sound: false,
        ..control
    });
    assert!(!rendered(&Wish { work, ..wish }).sound);
}

#[test]
fn every_family_of_effects_shows_the_picture_and_changes_it() {
    let picture = encoded(drawing(640, 360, true), ImageFormat::Png);
    let other = encoded(drawing(640, 360, false), ImageFormat::Png);
    let still = |name: &str, references: Vec<Vec<u8>>| {
        let wish = Wish {
            prompt: String::new(),
            references,
            width: 160,
            height: 90,
            fps: 8,
            duration_ms: 2000,
            work: Work::Effect(name.to_owned()),
            ..small()
        };
        played(&wish, 2000).1
    };
    let mut middles: Vec<(String, Vec<u8>)> = Vec::new();
    for name in [
        "squish",
        "expansion",
        "fuzzyfuzzy",
        "rocket_rocket",
        "spin_me",
        "melt_away",
        "pixelpixel",
        "heart_rain",
        "firework_2026",
        "snow_globe",
        "retro_film",
        "never_heard_of_it",
    ] {
        let frames = still(name, vec![picture.clone()]);
        middles.push((name.to_owned(), frames[7].clone()));
    }
    for name in ["hug_pro", "finger_swipe"] {
        let frames = still(name, vec![picture.clone(), other.clone()]);
        middles.push((name.to_owned(), frames[7].clone()));
        let lonely = still(name, vec![picture.clone()]);
        assert!(
            difference(&frames[12], &lonely[12]) > 3.0,
            "{name} does not show the second picture"
        );
    }
    let known = middles.len() - 3;
    for (at, (name, middle)) in middles.iter().enumerate().filter(|(at, _)| *at != known) {
        for (other, beside) in &middles[at + 1..] {
            if other != "never_heard_of_it" {
                assert!(difference(middle, beside) > 0.8, "{name} looks like {other}");
            }
        }
    }
    let none = Wish {
        work: Work::Effect("squish".to_owned()),
        ..small()
    };
    assert_eq!(refused(&none), "references");
}

#[test]
fn an_area_of_a_clip_is_filled_swapped_or_added_to_and_goes_along() {
    // A yellow block that goes to the right by two pixels a frame over a grey ground with a grain.
    let ground = "color=c=0x707070:size=320x180:rate=24:duration=2,noise=alls=30:all_seed=5[g]";
    let source =
        format!("{ground};color=c=yellow:size=40x40:rate=24:duration=2[b];[g][b]overlay=x=60+2*n:y=70");
    let clip = crate::media::made_by_ffmpeg(
        "mp4",
        &["-filter_complex", &source],
        &["-c:v", "libx264", "-crf", "10", "-pix_fmt", "yuv420p"],
    );
    let mut mask = RgbImage::new(320, 180);
    for (x, y) in pixels(58, 68, 44, 44) {
        mask.put_pixel(x, y, Rgb([255; 3]));
    }
    let green = encoded(
        RgbImage::from_pixel(400, 400, Rgb([20, 200, 40])),
        ImageFormat::Png,
    );
    let changed = |edit| {
        let wish = Wish {
            prompt: String::new(),
            references: if edit == Edit::Removal {
                Vec::new()
            } else {
                vec![green.clone()]
            },
            work: Work::Elements(Elements {
                clip: clip.clone(),
                edit,
                areas: vec![AreaAt {
                    at_ms: 0,
                    shape: Shape::Mask(encoded(mask.clone(), ImageFormat::Png)),
                }],
            }),
            ..small()
        };
        Film::of(&played(&wish, 2000).0)
    };
    let removed = changed(Edit::Removal);
    for number in [0, 12, 30] {
        assert_eq!(
            removed.count_of(number, [250, 250, 10]),
            0,
            "yellow is left in frame {number}"
        );
    }
    for edit in [Edit::Swap, Edit::Addition] {
        let film = changed(edit);
        let (from, to) = (film.block(0, [20, 200, 40]), film.block(30, [20, 200, 40]));
        assert!(
            (to.0 - from.0 - 60.0).abs() < 8.0 && (to.1 - from.1).abs() < 4.0,
            "{edit:?}: {from:?} to {to:?}"
        );
        assert!(film.count_of(30, [20, 200, 40]) > 500);
    }
}

#[test]
fn a_base_clip_is_graded_and_a_feature_clip_leads() {
    let clip = film(
        "testsrc2=size=320x180:rate=24:duration=1.5,hue=s=0.2",
        Some("sine=frequency=300:duration=1.5"),
    );
    let card = encoded(
        RgbImage::from_pixel(300, 300, Rgb([230, 20, 200])),
        ImageFormat::Png,
    );
    let omni = |refer, prompt: &str, references: Vec<Vec<u8>>| Wish {
        prompt: prompt.to_owned(),
        duration_ms: 2000,
        references,
        work: Work::Omni(Omni {
            clip: clip.clone(),
            refer,
            keeps_sound: refer == Refer::Base,
        }),
        ..small()
    };
    let (bytes, base) = played(
        &omni(Refer::Base, "a blue night at sea", vec![card.clone()]),
        1500,
    );
    let own = frames(&clip);
    assert!(
        difference(&base[20], &own[20]) < 45.0,
        "the clip is not seen any more"
    );
    let film = Film::of(&bytes);
    assert!(film.count_of(30, [230, 20, 200]) > 300, "the card is not seen");
    assert!(
        film.mean(30)[2] > Film::of(&clip).mean(30)[2].min(film.mean(30)[0]),
        "no blue light"
    );
    let warm = Film::of(&rendered(&omni(Refer::Base, "a red desert at noon", Vec::new())).bytes);
    let cold = Film::of(&rendered(&omni(Refer::Base, "a blue night at sea", Vec::new())).bytes);
    assert!(warm.mean(30)[0] - warm.mean(30)[2] > cold.mean(30)[0] - cold.mean(30)[2] + 15.0);
    assert!(loudness(&sound(&bytes), 200, 1300) > 0.02);
    let (_, led) = played(&omni(Refer::Feature, "a forest", vec![card]), 2000);
    assert!(difference(&led[0], &own[0]) > 15.0, "the clip itself is seen");
    played(&omni(Refer::Feature, "a forest", Vec::new()), 2000);
}
