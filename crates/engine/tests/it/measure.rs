//! What clips and sounds tell by their headers: written here box by box, wherever the `moov` stands, and with every
//! byte of them broken.

use std::io::Cursor;

use domain::MediaFacts;
use engine::sniff::sniff;

/// The ticks of every clock here, a second.
const TICKS: u32 = 24_000;

/// What a clip says of itself.
#[derive(Clone, Copy)]
struct Film {
    width: u16,
    height: u16,
    frames: u32,
    /// Ticks of one frame.
    delta: u32,
    is_turned: bool,
}

const FILM: Film = Film {
    width: 1_280,
    height: 720,
    frames: 120,
    delta: 1_000,
    is_turned: false,
};

fn a_box(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let inner = parts.concat();
    let bytes = u32::try_from(inner.len() + 8).expect("a small box");
    [&bytes.to_be_bytes(), &name[..], &inner].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn moov(film: Film) -> Vec<u8> {
    let lasting = film.frames * film.delta;
    let (one, minus) = (0x1_0000, 0xffff_0000);
    let matrix = if film.is_turned {
        [0, one, 0, minus, 0, 0, 0, 0, 0x4000_0000]
    } else {
        [one, 0, 0, 0, one, 0, 0, 0, 0x4000_0000]
    };
    let sides = [u32::from(film.width) << 16, u32::from(film.height) << 16];
    let mvhd = a_box(
        b"mvhd",
        &[
            &numbers(&[0, 0, 0, TICKS, lasting, one]),
            &[0; 12],
            &numbers(&matrix),
            &[0; 24],
            &numbers(&[2]),
        ],
    );
    let tkhd = a_box(
        b"tkhd",
        &[
            &numbers(&[3, 0, 0, 1, 0, lasting]),
            &[0; 16],
            &numbers(&matrix),
            &numbers(&sides),
        ],
    );
    let mdhd = a_box(b"mdhd", &[&numbers(&[0, 0, 0, TICKS, lasting, 0])]);
    let hdlr = a_box(b"hdlr", &[&numbers(&[0, 0]), b"vide", &[0; 13]]);
    let stts = a_box(b"stts", &[&numbers(&[0, 1, film.frames, film.delta])]);
    let stbl = a_box(b"stbl", &[&stts]);
    let minf = a_box(b"minf", &[&stbl]);
    let mdia = a_box(b"mdia", &[&mdhd, &hdlr, &minf]);
    let trak = a_box(b"trak", &[&tkhd, &mdia]);
    a_box(b"moov", &[&mvhd, &trak])
}

fn ftyp() -> Vec<u8> {
    a_box(b"ftyp", &[b"mp42", &[0; 4], b"mp42isom"])
}

/// A clip with its frames behind its `moov`, or before it.
fn clip(film: Film, is_moov_last: bool) -> Vec<u8> {
    let (moov, mdat) = (moov(film), a_box(b"mdat", &[&[7; 300_000]]));
    if is_moov_last {
        return [ftyp(), mdat, moov].concat();
    }
    [ftyp(), moov, mdat].concat()
}

fn facts(bytes: &[u8]) -> MediaFacts {
    let length = bytes.len() as u64;
    sniff(Cursor::new(bytes), length).expect("no bomb").facts
}

fn told(width: u32, height: u32, duration_ms: u64, fps: u32) -> MediaFacts {
    MediaFacts {
        width: Some(width),
        height: Some(height),
        duration_ms: Some(duration_ms),
        fps: Some(fps),
    }
}

#[test]
fn a_clip_tells_its_sides_its_length_and_its_rate_wherever_its_moov_stands() {
    for is_moov_last in [false, true] {
        assert_eq!(facts(&clip(FILM, is_moov_last)), told(1_280, 720, 5_000, 24));
    }
    let slow = Film { delta: 1_001, ..FILM };
    assert_eq!(facts(&clip(slow, true)), told(1_280, 720, 5_005, 24));
    let fast = Film {
        delta: 400,
        frames: 60,
        ..FILM
    };
    assert_eq!(facts(&clip(fast, true)), told(1_280, 720, 1_000, 60));
}

#[test]
fn a_turned_clip_has_the_sides_that_are_seen() {
    let turned = Film {
        is_turned: true,
        ..FILM
    };
    assert_eq!(facts(&clip(turned, false)), told(720, 1_280, 5_000, 24));
}

#[test]
fn a_long_box_is_stepped_over() {
    let inner = vec![0; 1_000];
    let long = [&numbers(&[1])[..], b"mdat", &1_016_u64.to_be_bytes(), &inner].concat();
    let bytes = [ftyp(), long, moov(FILM)].concat();
    assert_eq!(facts(&bytes), told(1_280, 720, 5_000, 24));
}

#[test]
fn a_clip_that_lies_or_breaks_off_tells_nothing_and_breaks_nothing() {
    let whole = clip(FILM, true);
    assert_eq!(facts(&whole[..whole.len() - 300]), MediaFacts::default());
    for size in [2_u32, 7, u32::MAX] {
        let bytes = [&ftyp()[..], &size.to_be_bytes(), b"mdat", &moov(FILM)].concat();
        assert_eq!(facts(&bytes), MediaFacts::default(), "{size}");
    }
    let endless = [&ftyp()[..], &a_box(b"free", &[]).repeat(1_000), &moov(FILM)].concat();
    assert_eq!(facts(&endless), MediaFacts::default());
    // Every byte of a header, one at a time: whatever is told, nothing panics.
    let head = [ftyp(), moov(FILM)].concat();
    for at in 0..head.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut broken = head.clone();
            broken[at] = value;
            let _ = sniff(Cursor::new(&broken), broken.len() as u64);
        }
    }
}

fn wav(seconds: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a header");
    for _ in 0..seconds * 8_000 * 2 {
        writer.write_sample(3_i16).expect("a sample");
    }
    writer.finalize().expect("a sound");
    bytes.into_inner()
}

/// Silence in frames of 1,152 samples at 44,100 a second.
fn mp3(frames: usize) -> Vec<u8> {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    frame.repeat(frames)
}

#[test]
fn a_sound_tells_its_length() {
    assert_eq!(facts(&wav(3)).duration_ms, Some(3_000));
    let second = facts(&mp3(115)).duration_ms.expect("a length");
    assert!((2_900..=3_010).contains(&second), "{second}");
}

#[test]
fn a_sound_that_lies_tells_nothing() {
    let mut bytes = wav(1);
    let at = bytes
        .windows(4)
        .position(|name| name == b"data")
        .expect("a sound")
        + 4;
    bytes[at..at + 4].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    assert_eq!(facts(&bytes).duration_ms, None);
    let head = wav(1);
    for at in 0..64 {
        for value in [0, 1, 0x7f, 0xff] {
            let mut broken = head.clone();
            broken[at] = value;
            let _ = sniff(Cursor::new(&broken), broken.len() as u64);
        }
    }
}
