//! Sounds and speech by themselves: lengths, loudness, both files alike, and who is heard. Measured by ffmpeg.

use animatic::{
    Language, MAX_SPEECH_CHARACTERS, Nearness, RenderError, SoundWish, Sounds, SpeechWish, Watch, sounds,
    speech,
};

use crate::media::{loudness, probe, sound, stream};

fn made(effects: &str, duration_ms: u32) -> Sounds {
    let wish = SoundWish {
        effects: effects.to_owned(),
        duration_ms,
        seed: 7,
        ..SoundWish::default()
    };
    sounds(&wish, &mut |_| Watch::Continue).expect("a sound within bounds")
}

fn said(text: &str, voice: &str, language: Language, speed: u16) -> Sounds {
    let wish = SpeechWish {
        text: text.to_owned(),
        voice: voice.to_owned(),
        language,
        speed,
    };
    speech(&wish, &mut |_| Watch::Continue).expect("a text within bounds")
}

/// One side of a file's sound.
fn left(bytes: &[u8]) -> Vec<f32> {
    if bytes.starts_with(b"RIFF") {
        let file = hound::WavReader::new(bytes).expect("a WAV file");
        let levels = file.into_samples::<i16>().step_by(2);
        return levels
            .map(|level| f32::from(level.expect("a whole file")) / f32::from(i16::MAX))
            .collect();
    }
    sound(bytes).chunks_exact(2).map(|pair| pair[0]).collect()
}

fn power(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    sum / samples.len().max(1) as f64
}

#[test]
fn both_files_last_exactly_as_long_as_asked_and_are_what_they_say() {
    for duration_ms in [3_000, 3_100, 7_300, 10_000] {
        let files = made("rain on a window", duration_ms);
        assert_eq!(files.duration_ms, duration_ms);
        for (bytes, codec) in [(&files.wav, "pcm_s16le"), (&files.mp3, "mp3")] {
            let found = probe(bytes);
            let track = stream(&found, "audio").expect("a sound");
            assert_eq!(track["codec_name"], codec);
            assert_eq!(track["sample_rate"], "48000");
            assert_eq!(track["channels"], 2);
            let samples = left(bytes).len();
            assert_eq!(samples, duration_ms as usize * 48, "{codec} of {duration_ms} ms");
        }
        let (wav, mp3) = (left(&files.wav), left(&files.mp3));
        let apart: Vec<f32> = wav.iter().zip(&mp3).map(|(one, other)| one - other).collect();
        let lost = 10.0 * (power(&apart) / power(&wav)).log10();
        println!("{duration_ms} ms: the MP3 is off by {lost:.1} dB");
        assert!(lost < -12.0, "the MP3 is another sound: {lost:.1} dB");
    }
}

#[test]
fn every_sound_is_as_loud_as_a_clip_and_none_peaks() {
    let named = [
        "rain",
        "waves on a beach",
        "birds in a forest",
        "a church bell",
        "an engine",
        "footsteps in a hall",
        "a heartbeat",
        "applause",
        "a siren far away",
        "a dog barking",
        "a cat, meow",
        "knocking on a door",
        "a clock ticking",
        "upbeat drum music",
        "钟声",
        "lightning and thunder",
        "",
    ];
    for effects in named {
        let files = made(effects, 5_000);
        for bytes in [&files.wav, &files.mp3] {
            let (loud, peak) = loudness(bytes);
            println!("{effects}: {loud} LUFS, {peak} dBTP");
            assert!((loud + 23.0).abs() <= 1.0, "{effects}: {loud} LUFS");
            assert!(peak <= -3.0, "{effects}: {peak} dBTP");
        }
    }
}

#[test]
fn what_is_named_is_heard_and_music_and_nearness_change_the_sound() {
    let plain = left(&made("a meadow", 4_000).wav);
    for more in [
        "a meadow, a bell",
        "a meadow, an engine",
        "a meadow with soft piano music",
    ] {
        let other = left(&made(more, 4_000).wav);
        let apart: Vec<f32> = plain.iter().zip(&other).map(|(one, other)| one - other).collect();
        assert!(power(&apart) > 0.3 * power(&plain), "{more} is not heard");
    }
    let wish = SoundWish {
        effects: "rain".to_owned(),
        duration_ms: 4_000,
        seed: 7,
        ..SoundWish::default()
    };
    let wav = |wish: &SoundWish| left(&sounds(wish, &mut |_| Watch::Continue).expect("a sound").wav);
    // How often the sign changes tells how bright a sound is.
    let bright = |samples: &[f32]| {
        samples
            .windows(2)
            .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0))
            .count()
    };
    let around = wav(&wish);
    let close = wav(&SoundWish {
        nearness: Nearness::Close,
        ..wish.clone()
    });
    assert!(
        bright(&close) > bright(&around),
        "close is no brighter than around"
    );
    let music = wav(&SoundWish {
        music: "calm piano".to_owned(),
        ..wish.clone()
    });
    assert_ne!(music, around);
    let alone = wav(&SoundWish {
        effects: String::new(),
        music: "calm piano".to_owned(),
        ..wish.clone()
    });
    assert!(
        bright(&alone) * 2 < bright(&music),
        "rain is heard in music alone"
    );
    let other = wav(&SoundWish {
        seed: 8,
        ..wish.clone()
    });
    assert_ne!(other, around);
    assert_eq!(wav(&wish), around);
}

#[test]
fn a_sound_out_of_bounds_is_refused_and_one_can_be_stopped() {
    for duration_ms in [0, 499, 300_001] {
        let wish = SoundWish {
            duration_ms,
            ..SoundWish::default()
        };
        let refused = sounds(&wish, &mut |_| Watch::Continue).expect_err("too short or too long");
        assert!(refused.to_string().contains("duration_ms"), "{refused}");
    }
    let wish = SoundWish {
        duration_ms: 3_000,
        ..SoundWish::default()
    };
    assert_eq!(sounds(&wish, &mut |_| Watch::Stop), Err(RenderError::Stopped));
}

const TEXTS: [(&str, Language); 4] = [
    ("The quick brown fox jumps over the lazy dog.", Language::English),
    ("Is anybody there? Yes, number 42!", Language::English),
    ("今天的天气很好，我们去公园散步吧。", Language::Chinese),
    ("Reelway 生成视频 2026", Language::Chinese),
];

#[test]
fn speech_is_as_loud_as_a_clip_and_both_its_files_are_clean() {
    for (text, language) in TEXTS {
        let files = said(text, "oversea_male1", language, 100);
        for bytes in [&files.wav, &files.mp3] {
            let found = probe(bytes);
            assert!(stream(&found, "audio").is_some());
            assert_eq!(left(bytes).len(), files.duration_ms as usize * 48);
            let (loud, peak) = loudness(bytes);
            println!("{text}: {} ms, {loud} LUFS, {peak} dBTP", files.duration_ms);
            assert!((loud + 23.0).abs() <= 1.0, "{text}: {loud} LUFS");
            assert!(peak <= -2.5, "{text}: {peak} dBTP");
        }
    }
}

#[test]
fn a_faster_voice_takes_less_time_and_a_longer_text_more() {
    let length = |text: &str, speed| said(text, "a", Language::English, speed).duration_ms;
    let text = TEXTS[0].0;
    let (slow, usual, fast) = (length(text, 80), length(text, 100), length(text, 200));
    assert!(slow > usual && usual > fast, "{slow}, {usual}, {fast} ms");
    let twice = f64::from(usual - 380) / f64::from(fast - 380);
    assert!(
        (1.8..2.2).contains(&twice),
        "twice the speed takes {twice:.2} of the time"
    );
    assert!((2_000..5_000).contains(&usual), "nine words take {usual} ms");
    assert!(length(&format!("{text} {text}"), 100) > usual * 18 / 10);
    // Fourteen characters of Mandarin at some four a second.
    let chinese = said(TEXTS[2].0, "a", Language::Chinese, 100).duration_ms;
    assert!((2_500..6_000).contains(&chinese), "{chinese} ms");
}

/// The pitch that a voice has most often, in hertz, by the strongest echo of short stretches.
fn pitch(samples: &[f32]) -> f64 {
    let mut found: Vec<usize> = Vec::new();
    for stretch in samples.chunks_exact(4_800) {
        if power(stretch) < 0.3 * power(samples) {
            continue;
        }
        let echo = |lag: usize| -> f64 {
            let pairs = stretch.iter().zip(&stretch[lag..]);
            pairs.map(|(one, other)| f64::from(one * other)).sum::<f64>() / (stretch.len() - lag) as f64
        };
        let lags = 48_000 / 400..48_000 / 70;
        let best = lags.clone().map(echo).fold(f64::MIN, f64::max);
        // The first echo that is nearly as strong as the strongest is one turn away, not two.
        found.extend(lags.clone().find(|lag| echo(*lag) > 0.85 * best));
    }
    found.sort_unstable();
    48_000.0 / found[found.len() / 2] as f64
}

#[test]
fn voices_differ_by_their_names_and_are_men_and_women_where_they_say_so() {
    let text = "many years ago an old man lay near a warm river";
    let heard = |voice: &str| left(&said(text, voice, Language::English, 100).wav);
    let (man, woman) = (pitch(&heard("oversea_male1")), pitch(&heard("calm_female_02")));
    println!("a man at {man:.0} Hz, a woman at {woman:.0} Hz");
    assert!((80.0..160.0).contains(&man), "{man} Hz");
    assert!((165.0..290.0).contains(&woman), "{woman} Hz");
    assert_eq!(heard("genshin_vindi2"), heard("genshin_vindi2"));
    assert_ne!(heard("genshin_vindi2"), heard("zhinen_xuesheng"));
}

#[test]
fn commas_and_full_stops_are_heard_as_rests() {
    let quiet = |text: &str| {
        let samples = left(&said(text, "a", Language::English, 100).wav);
        let loudest = power(&samples);
        let parts = samples.chunks(480).map(power);
        parts.filter(|part| *part < loudest * 0.02).count()
    };
    let (run, stopped) = (
        quiet("one two three four five"),
        quiet("one. two, three. four, five"),
    );
    assert!(stopped > run + 60, "{run} and {stopped} quiet hundredths");
}

#[test]
fn a_text_without_a_sound_or_out_of_bounds_is_refused() {
    let wish = |text: &str, speed| SpeechWish {
        text: text.to_owned(),
        speed,
        ..SpeechWish::default()
    };
    let long = "a".repeat(MAX_SPEECH_CHARACTERS + 1);
    for (wish, field) in [
        (wish("", 100), "text"),
        (wish("?! … —", 100), "text"),
        (wish(&long, 100), "text"),
        (wish("a", 79), "speed"),
        (wish("a", 201), "speed"),
    ] {
        let refused = speech(&wish, &mut |_| Watch::Continue).expect_err("out of bounds");
        assert!(refused.to_string().contains(field), "{refused}");
    }
    // As long as is allowed, in every script: nothing panics and nothing is endless.
    let all: String = "a你б.あ한ع9!é"
        .chars()
        .cycle()
        .take(MAX_SPEECH_CHARACTERS)
        .collect();
    let whole = said(&all, "a", Language::Chinese, 200).duration_ms;
    assert!((30_000..300_000).contains(&whole), "{whole} ms");
}
