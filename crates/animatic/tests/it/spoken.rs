//! Voices are cut, mixed and seen to be spoken, and whatever is no sound is refused.

use animatic::{Area, Avatar, LipSync, RenderError, Watch, Wish, Work, render};
use image::{ImageFormat, Rgb, RgbImage};

use crate::given::{film, loudness, played, refused, voice};
use crate::media::{difference, rendered, small, sound};
use crate::pictures::encoded;

#[test]
fn a_voice_is_cut_and_laid_where_it_is_asked_and_a_mouth_moves_with_it() {
    let clip = film(
        "color=c=0x806050:size=320x180:rate=24:duration=3",
        Some("sine=frequency=300:duration=3"),
    );
    // Silence for a second, then a tone for a second.
    let spoken = voice("wav", "sine=frequency=1200:duration=1,volume=2", 1000);
    let sync = LipSync {
        clip,
        voice: spoken,
        from_ms: 1200,
        to_ms: Some(1800),
        at_ms: 1500,
        volume: 100,
        original_volume: 0,
        face: Some(Area {
            left: 400,
            top: 200,
            width: 200,
            height: 400,
        }),
    };
    let wish = Wish {
        work: Work::LipSync(sync.clone()),
        ..small()
    };
    let (bytes, frames) = played(&wish, 3000);
    let heard = sound(&bytes);
    let within = loudness(&heard, 1550, 2050);
    assert!(within > 0.1, "{within}");
    for (from, to) in [(100, 1400), (2200, 2900)] {
        assert!(
            loudness(&heard, from, to) < within / 30.0,
            "sound from {from} to {to}"
        );
    }
    // The mouth is at 76 % of the face, which is pixel row 93 of 180, and nowhere else.
    let changed = |number: usize, row: usize| {
        let part = |frame: &[u8]| frame[row * 320 + 150..row * 320 + 170].to_vec();
        difference(&part(&frames[number]), &part(&frames[2]))
    };
    assert!(changed(42, 93) > 25.0, "{}", changed(42, 93));
    assert!(changed(42, 30) < 2.0 && changed(20, 93) < 2.0 && changed(70, 93) < 2.0);
    let mixed = |volume, original_volume| {
        let work = Work::LipSync(LipSync {
            volume,
            original_volume,
            ..sync.clone()
        });
        sound(&rendered(&Wish { work, ..small() }).bytes)
    };
    let (whole, half) = (mixed(100, 100), mixed(50, 100));
    let own = loudness(&whole, 200, 1200);
    assert!((loudness(&half, 200, 1200) / own - 1.0).abs() < 0.05);
    let louder = loudness(&mixed(0, 200), 200, 1200);
    assert!((louder / own - 2.0).abs() < 0.1, "{louder} against {own}");
    let voice_alone = |heard: &[f32]| {
        (loudness(heard, 1550, 2050).powi(2) - own.powi(2))
            .max(0.0)
            .sqrt()
    };
    let ratio = voice_alone(&half) / voice_alone(&whole);
    assert!((ratio - 0.5).abs() < 0.08, "{ratio}");
    let beyond = LipSync { at_ms: 3000, ..sync };
    assert_eq!(
        refused(&Wish {
            work: Work::LipSync(beyond),
            ..wish
        }),
        "at_ms"
    );
}

#[test]
fn every_kind_of_sound_is_read_at_its_pitch() {
    let clip = film("color=c=gray:size=128x96:rate=10:duration=2", None);
    for (kind, rate) in [
        ("wav", "44100"),
        ("mp3", "44100"),
        ("m4a", "48000"),
        ("aac", "32000"),
        ("wav", "16000"),
    ] {
        let made = voice(
            kind,
            &format!("sine=frequency=500:duration=2:sample_rate={rate}"),
            0,
        );
        let wish = Wish {
            work: Work::LipSync(LipSync {
                clip: clip.clone(),
                voice: made,
                volume: 100,
                ..LipSync::default()
            }),
            ..small()
        };
        let heard = sound(&rendered(&wish).bytes);
        let left: Vec<f32> = heard.iter().step_by(2).copied().collect();
        let crossings = left[24_000..72_000]
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0);
        let crossings = crossings.count();
        assert!((498..=502).contains(&crossings), "{kind} at {rate}: {crossings}");
    }
    let none = LipSync {
        clip,
        voice: b"RIFF and no sound".to_vec(),
        ..LipSync::default()
    };
    assert_eq!(
        refused(&Wish {
            work: Work::LipSync(none),
            ..small()
        }),
        "voice"
    );
}

#[test]
fn broken_sounds_are_refused_and_never_panic() {
    let clip = film("color=c=gray:size=64x64:rate=4:duration=1", None);
    for kind in ["wav", "mp3", "m4a", "aac"] {
        let whole = voice(kind, "sine=frequency=500:duration=1", 0);
        let cuts = (0..whole.len())
            .step_by(whole.len() / 20 + 1)
            .map(|cut| whole[..cut].to_vec());
        let flips = (0..whole.len()).step_by(whole.len() / 60 + 1).map(|at| {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            broken
        });
        for broken in cuts.chain(flips) {
            let wish = Wish {
                fps: 4,
                width: 64,
                height: 64,
                work: Work::LipSync(LipSync {
                    clip: clip.clone(),
                    voice: broken,
                    volume: 100,
                    ..LipSync::default()
                }),
                ..small()
            };
            match render(&wish, &mut |_| Watch::Continue) {
                Ok(_) => {}
                Err(RenderError::Wish(error)) => {
                    assert!(["voice", "from_ms"].contains(&error.field.as_str()), "{error}")
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn a_portrait_speaks_as_long_as_its_sound() {
    let portrait = RgbImage::from_fn(320, 180, |x, y| {
        Rgb([150 + (x / 8 % 9) as u8, 120 + (y / 8 % 9) as u8, 100])
    });
    let spoken = voice("mp3", "sine=frequency=400:duration=1", 1500);
    let wish = Wish {
        first_frame: Some(encoded(portrait, ImageFormat::Png)),
        fps: 12,
        work: Work::Avatar(Avatar {
            voice: spoken.clone(),
        }),
        ..small()
    };
    let length = rendered(&wish).duration_ms;
    assert!((2490..=2560).contains(&length), "{length}");
    let (bytes, frames) = played(&wish, length);
    let heard = sound(&bytes);
    assert!(loudness(&heard, 1700, 2300) > 0.05 && loudness(&heard, 100, 1300) < 0.005);
    // The mouth is at 76 % of the face's height, in its middle.
    let mouth = |number: usize| {
        let (row, part) = (89 * 320, 155..166);
        frames[number][row + part.start..row + part.end]
            .iter()
            .map(|level| u32::from(*level))
            .sum::<u32>()
            / 11
    };
    assert!(mouth(6) > mouth(22) + 30, "{} and {}", mouth(6), mouth(22));
    assert_eq!(
        refused(&Wish {
            first_frame: None,
            ..wish
        }),
        "first_frame"
    );
}
