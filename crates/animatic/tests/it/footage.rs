//! Given clips are read by what they hold, frame by frame, and whatever cannot be read is refused by name.

use animatic::{Facts, Picture, RenderError, Wish, WishError, frame_at, probe};

use crate::media::{frames, made_by_ffmpeg, rendered, small};

/// How far apart two levels of one moment may lie after another decoder has read them, on average.
const SAME: f64 = 1.5;

fn facts(bytes: &[u8]) -> Facts {
    probe(bytes).expect("a clip that is read")
}

fn refused(bytes: &[u8]) -> WishError {
    probe(bytes).expect_err("a clip that is not read")
}

fn luma(picture: &Picture) -> Vec<u8> {
    let level = |pixel: &[u8]| {
        let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
        red * 0.2126 + green * 0.7152 + blue * 0.0722
    };
    picture
        .rgb
        .chunks_exact(3)
        .map(|pixel| level(pixel).round() as u8)
        .collect()
}

/// Compares what we show at a frame's time with what ffmpeg decodes.
fn check_frames(bytes: &[u8], fps: u32, looked_at: &[usize]) {
    let decoded = frames(bytes);
    assert_eq!(facts(bytes).frames as usize, decoded.len());
    for number in looked_at {
        let at_ms = (*number as u32 * 1000).div_ceil(fps);
        let shown = luma(&frame_at(bytes, at_ms).expect("a frame"));
        let apart = crate::media::difference(&shown, &decoded[*number]);
        assert!(apart < SAME, "frame {number} is {apart} levels off");
        let other = (*number + decoded.len() / 2) % decoded.len();
        let beside = crate::media::difference(&shown, &decoded[other]);
        assert!(beside > apart + 1.0, "frame {number} looks like frame {other}");
    }
}

#[test]
fn a_clip_of_our_own_is_read_frame_by_frame() {
    let clip = rendered(&Wish {
        fps: 10,
        duration_ms: 2300,
        ..small()
    });
    let facts = facts(&clip.bytes);
    assert_eq!((facts.width, facts.height, facts.frames), (320, 180, 23));
    assert_eq!(
        (facts.duration_ms, facts.rotation, facts.has_sound),
        (2300, 0, true)
    );
    assert!((facts.fps - 10.0).abs() < 0.01, "{}", facts.fps);
    let silent = rendered(&Wish {
        sound: false,
        ..small()
    });
    assert!(!probe(&silent.bytes).expect("a clip").has_sound);
}

#[test]
fn frames_that_are_stored_out_of_order_are_shown_in_order() {
    let bytes = made_by_ffmpeg(
        "mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=24:duration=2,hue=s=0.2",
        ],
        &[
            "-c:v",
            "libx264",
            "-profile:v",
            "high",
            "-bf",
            "3",
            "-b_strategy",
            "0",
            "-refs",
            "4",
            "-pix_fmt",
            "yuv420p",
        ],
    );
    check_frames(&bytes, 24, &[0, 1, 2, 3, 5, 12, 30, 46, 47]);
}

#[test]
fn baseline_main_and_quicktime_are_read() {
    for (kind, profile, size, rate) in [
        ("mp4", "baseline", "202x118", "30"),
        ("mp4", "main", "854x480", "25"),
        ("mov", "high", "180x320", "24"),
    ] {
        let source = format!("testsrc2=size={size}:rate={rate}:duration=1,hue=s=0.2");
        let bytes = made_by_ffmpeg(
            kind,
            &["-f", "lavfi", "-i", &source],
            &["-c:v", "libx264", "-profile:v", profile, "-pix_fmt", "yuv420p"],
        );
        let facts = facts(&bytes);
        assert_eq!(format!("{}x{}", facts.width, facts.height), size);
        check_frames(&bytes, rate.parse().expect("a rate"), &[0, 7, 20]);
    }
}

#[test]
fn a_clip_is_turned_the_way_it_says() {
    let upright = made_by_ffmpeg(
        "mp4",
        &["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=1"],
        &["-c:v", "libx264", "-pix_fmt", "yuv420p"],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("upright.mp4");
    std::fs::write(&path, &upright).expect("the clip is written");
    let path = path.to_str().expect("a plain path");
    let turned = made_by_ffmpeg(
        "mp4",
        &["-i", path],
        &["-c", "copy", "-metadata:s:v", "rotate=270"],
    );
    let facts = facts(&turned);
    assert_eq!((facts.width, facts.height, facts.rotation), (180, 320, 90));
    let (lying, standing) = (
        frame_at(&upright, 0).expect("a frame"),
        frame_at(&turned, 0).expect("a frame"),
    );
    // The upper left corner of what was stored is the upper right one of what is shown.
    let pixel = |picture: &Picture, x: u32, y: u32| {
        let at = ((y * picture.width + x) * 3) as usize;
        picture.rgb[at..at + 3].to_vec()
    };
    for (x, y) in [(20, 20), (300, 20), (20, 160), (150, 90)] {
        let (before, after) = (pixel(&lying, x, y), pixel(&standing, 179 - y, x));
        let apart = before.iter().zip(&after).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(apart < Some(12), "{before:?} became {after:?}");
    }
}

#[test]
fn what_is_no_h264_in_mp4_is_refused_by_its_name() {
    let source = ["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=10:duration=1"];
    let mpeg4 = made_by_ffmpeg("mp4", &source, &["-c:v", "mpeg4"]);
    assert_eq!(refused(&mpeg4).value, "mp4v");
    let vp9 = made_by_ffmpeg("mp4", &source, &["-c:v", "libvpx-vp9"]);
    assert_eq!(refused(&vp9).value, "vp09");
    let webm = made_by_ffmpeg("webm", &source, &["-c:v", "libvpx-vp9"]);
    assert_eq!(refused(&webm).allowed, "H.264 in MP4 or MOV");
    let fragments = made_by_ffmpeg(
        "mp4",
        &source,
        &[
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            "-movflags",
            "frag_keyframe+empty_moov",
        ],
    );
    assert!(
        refused(&fragments).value.contains("fragmented"),
        "{}",
        refused(&fragments)
    );
    let deep = made_by_ffmpeg("mp4", &source, &["-c:v", "libx264", "-pix_fmt", "yuv422p"]);
    let error = frame_at(&deep, 0).expect_err("4:2:2 is not decoded");
    assert!(error.to_string().contains("4:2:0"), "{error}");
    for nothing in [&b""[..], b"no clip at all", &[0; 4096]] {
        assert_eq!(refused(nothing).field, "clip");
    }
}

#[test]
fn a_broken_clip_ends_in_an_error_or_a_frame_and_never_in_a_panic() {
    let whole = made_by_ffmpeg(
        "mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=128x96:rate=10:duration=1",
            "-f",
            "lavfi",
            "-i",
            "sine=d=1",
        ],
        &[
            "-c:v",
            "libx264",
            "-bf",
            "2",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-shortest",
            "-movflags",
            "faststart",
        ],
    );
    let look = |bytes: &[u8]| match frame_at(bytes, 700) {
        Ok(_) => true,
        Err(RenderError::Wish(error)) => {
            assert_eq!(error.field, "clip");
            false
        }
        Err(other) => panic!("{other}"),
    };
    assert!(look(&whole));
    let mut read = 0_u32;
    for cut in (0..whole.len()).step_by(whole.len() / 150 + 1) {
        read += u32::from(look(&whole[..cut]));
    }
    // The index, which stands first, and then the frames.
    for at in (0..whole.len()).step_by(whole.len() / 500 + 1) {
        for flip in [0x01, 0x80, 0xff] {
            let mut broken = whole.clone();
            broken[at] ^= flip;
            read += u32::from(look(&broken));
        }
    }
    assert!(read > 100, "only {read} broken clips showed anything");
}
