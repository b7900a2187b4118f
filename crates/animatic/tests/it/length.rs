//! A clip has exactly the asked size, rate, frames and length, and players find no fault in it.

use animatic::{Watch, Wish, render};

use crate::media::{frames, probe, rendered, small, sound, stream};

/// Renders and compares everything ffprobe can tell with what was asked.
fn check(width: u32, height: u32, fps: u32, duration_ms: u32, frames: u32) {
    let wish = Wish {
        width,
        height,
        fps,
        duration_ms,
        ..small()
    };
    let clip = rendered(&wish);
    assert_eq!(
        (clip.width, clip.height, clip.fps, clip.duration_ms),
        (width, height, fps, duration_ms)
    );
    assert_eq!((clip.frames, wish.frames()), (frames, frames));
    let found = probe(&clip.bytes);
    let seconds = format!("{}.{:03}000", duration_ms / 1000, duration_ms % 1000);
    let video = stream(&found, "video").expect("a picture stream");
    assert_eq!(video["codec_name"], "h264");
    assert_eq!(video["pix_fmt"], "yuv420p");
    assert_eq!(video["color_space"], "bt709");
    assert_eq!(video["color_range"], "tv");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&width.into(), &height.into())
    );
    assert_eq!(video["nb_frames"], frames.to_string());
    assert_eq!(video["nb_read_frames"], frames.to_string());
    assert_eq!(video["r_frame_rate"], format!("{fps}/1"));
    assert_eq!(video["duration"], seconds);
    assert_eq!(video["start_time"], "0.000000");
    let audio = stream(&found, "audio").expect("a sound stream");
    assert_eq!(audio["codec_name"], "aac");
    assert_eq!(audio["profile"], "LC");
    assert_eq!(audio["start_time"], "0.000000");
    assert_eq!(audio["duration"], seconds);
    assert_eq!(found["format"]["duration"], seconds);
}

#[test]
fn five_seconds_of_720p_at_30_are_150_frames() {
    check(1280, 720, 30, 5000, 150);
}

#[test]
fn a_second_in_portrait_at_24_is_24_frames() {
    check(360, 640, 24, 1000, 24);
}

#[test]
fn an_odd_aspect_keeps_its_size() {
    check(438, 190, 25, 2000, 50);
}

#[test]
fn a_square_at_60_keeps_its_rate() {
    check(240, 240, 60, 1500, 90);
}

#[test]
fn the_smallest_clip_is_whole() {
    check(64, 64, 12, 500, 6);
}

#[test]
fn a_started_frame_is_shown_for_the_time_that_is_left() {
    let wish = Wish {
        duration_ms: 1234,
        ..small()
    };
    let clip = rendered(&wish);
    assert_eq!(clip.frames, 30);
    let found = probe(&clip.bytes);
    assert_eq!(
        stream(&found, "video").expect("a picture stream")["duration"],
        "1.234000"
    );
    assert_eq!(found["format"]["duration"], "1.234000");
}

#[test]
fn a_slide_show_of_one_frame_a_second_is_whole() {
    let clip = rendered(&Wish {
        fps: 1,
        duration_ms: 3000,
        ..small()
    });
    assert_eq!(frames(&clip.bytes).len(), 3);
}

#[test]
fn a_silent_clip_has_no_sound_stream() {
    let clip = rendered(&Wish {
        sound: false,
        ..small()
    });
    assert!(!clip.sound);
    assert!(stream(&probe(&clip.bytes), "audio").is_none());
}

#[test]
fn the_index_stands_before_the_media() {
    let clip = rendered(&small());
    let find = |kind: &[u8]| {
        clip.bytes
            .windows(4)
            .position(|part| part == kind)
            .expect("the box is there")
    };
    assert!(find(b"ftyp") < find(b"moov"));
    assert!(find(b"moov") < find(b"mdat"));
}

#[test]
fn a_keyframe_comes_every_two_seconds() {
    let clip = rendered(&Wish {
        fps: 10,
        duration_ms: 5000,
        ..small()
    });
    let at = clip
        .bytes
        .windows(4)
        .position(|part| part == b"stss")
        .expect("a table of keyframes");
    let word = |from: usize| u32::from_be_bytes(clip.bytes[from..from + 4].try_into().expect("four bytes"));
    let keys: Vec<u32> = (0..word(at + 8) as usize)
        .map(|key| word(at + 12 + key * 4))
        .collect();
    assert_eq!(keys, [1, 21, 41]);
}

#[test]
fn the_sound_is_heard_and_does_not_clip() {
    for prompt in [
        "waves on the beach",
        "night rain in the city",
        "forest",
        "a quiet idea",
    ] {
        let clip = rendered(&Wish {
            prompt: prompt.to_owned(),
            duration_ms: 3000,
            ..small()
        });
        let samples = sound(&clip.bytes);
        // The decoder leaves its last unit of 1024 samples whole; players stop at the edit list's end.
        let wished = 3 * 48_000 * 2;
        assert!(
            (wished..wished + 2048).contains(&samples.len()),
            "`{}` for `{prompt}`",
            samples.len()
        );
        let samples = &samples[..wished];
        let peak = samples.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!(
            (0.05..0.95).contains(&peak),
            "the peak is `{peak}` for `{prompt}`"
        );
        let edge = |part: &[f32]| part.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!(
            edge(&samples[..480]) < peak * 0.2,
            "the start is abrupt for `{prompt}`"
        );
        assert!(
            edge(&samples[samples.len() - 480..]) < peak * 0.2,
            "the end is abrupt for `{prompt}`"
        );
    }
}

#[test]
fn progress_only_rises_and_ends_at_100() {
    let mut told = Vec::new();
    let ended = render(&small(), &mut |percent| {
        told.push(percent);
        Watch::Continue
    });
    assert!(ended.is_ok());
    assert!(told.is_sorted());
    assert_eq!((told.first(), told.last()), (Some(&0), Some(&100)));
}
