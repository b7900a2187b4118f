//! What a file is by ffprobe, and what is seen and heard in it when ffmpeg has decoded it. Knows no calls.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::row::{Colour, File, Form, Heard, Sight};

/// Every frame is looked at in so many pixels a side.
const SIDE: usize = 50;
/// Sounds are listened to at so many samples a second.
const SAMPLES_A_SECOND: f64 = 16_000.0;
/// What is not louder than this, in decibels below full scale, is silence.
pub(super) const SILENCE_DB: f64 = -50.0;
/// The part of a second over which a tone is looked for.
const TONE_WINDOW: usize = 1_600;
/// How far a hue may be from the colour that it counts as, in degrees.
const HUE_REACH: f64 = 30.0;

/// What is wrong with a file; empty where it is as its row says.
pub(super) fn wrong_with(bytes: &[u8], file: &File) -> Vec<String> {
    let kept = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(kept.path(), bytes).expect("written");
    let mut wrong = Vec::new();
    let streams = match probed(kept.path()) {
        Ok(streams) => streams,
        Err(complaint) => return vec![complaint],
    };
    let kinds: Vec<&str> = streams
        .iter()
        .filter_map(|stream| stream["codec_type"].as_str())
        .collect();
    let expected: &[&str] = match (&file.form, file.heard) {
        (Form::Sound(..), _) => &["audio"],
        (_, Heard::Nothing) => &["video"],
        _ => &["video", "audio"],
    };
    if kinds != expected {
        wrong.push(format!("streams {kinds:?}, not {expected:?}"));
    }
    if let Form::Clip(_, _, size) | Form::Still(size) = file.form {
        let side = |name: &str| streams[0][name].as_u64().unwrap_or(0);
        let found = [side("width"), side("height")];
        if found != size.map(u64::from) {
            wrong.push(format!("{found:?} pixels, not {size:?}"));
        }
    }
    if let Form::Clip(_, fps, _) = file.form
        && streams[0]["r_frame_rate"] != format!("{fps}/1")
    {
        wrong.push(format!(
            "{} frames a second, not {fps}",
            streams[0]["r_frame_rate"]
        ));
    }
    match file.form {
        Form::Sound(from_ms, to_ms) => {
            let ms = length_ms(&streams[0]);
            if !(from_ms..=to_ms).contains(&ms) {
                wrong.push(format!("{ms} ms, not {from_ms} to {to_ms}"));
            }
        }
        Form::Clip(frames, fps, _) => {
            let film = film(kept.path());
            if film.len().abs_diff(frames) > 1 {
                wrong.push(format!("{} frames, not {frames}", film.len()));
            }
            let (ms, whole_ms) = (length_ms(&streams[0]), frames as u64 * 1_000 / u64::from(fps));
            if ms.abs_diff(whole_ms) > 1_000 / u64::from(fps) {
                wrong.push(format!("{ms} ms, not {whole_ms}"));
            }
            wrong.extend(file.seen.iter().filter_map(|sight| unseen(&film, sight)));
        }
        Form::Still(_) => {
            let film = film(kept.path());
            wrong.extend(file.seen.iter().filter_map(|sight| unseen(&film, sight)));
        }
    }
    if kinds.contains(&"audio") {
        wrong.extend(unheard(kept.path(), file.heard));
    }
    wrong
}

/// What ffprobe says of the streams. Any complaint is an error.
fn probed(file: &Path) -> Result<Vec<Value>, String> {
    let entries = "stream=codec_type,width,height,r_frame_rate,duration";
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", entries, "-of", "json"])
        .arg(file)
        .output()
        .expect("ffprobe runs");
    if !output.stderr.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    match said["streams"].take() {
        Value::Array(streams) => Ok(streams),
        other => Err(format!("no streams: {other}")),
    }
}

fn length_ms(stream: &Value) -> u64 {
    let seconds: Option<f64> = stream["duration"].as_str().and_then(|text| text.parse().ok());
    (seconds.unwrap_or(0.0) * 1_000.0).round() as u64
}

fn decoded(file: &Path, how: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(how)
        .arg("-")
        .output()
        .expect("ffmpeg runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.is_empty(), "{complaint}");
    output.stdout
}

/// Every frame of a clip, or the one of a picture, small.
fn film(file: &Path) -> Vec<Vec<u8>> {
    let scale = format!("scale={SIDE}:{SIDE}:flags=area");
    let raw = decoded(
        file,
        &[
            "-map",
            "0:v:0",
            "-vf",
            &scale,
            "-fps_mode",
            "passthrough",
            "-pix_fmt",
            "rgb24",
            "-f",
            "rawvideo",
        ],
    );
    raw.chunks_exact(SIDE * SIDE * 3).map(<[u8]>::to_vec).collect()
}

/// What is not seen as it should be.
fn unseen(film: &[Vec<u8>], sight: &Sight) -> Option<String> {
    let last = film.len().checked_sub(1)?;
    let frame = &film[last * sight.at / 100];
    let [left, top, right, bottom] = sight.area.map(|percent| percent * SIDE / 100);
    let pixels = (top..bottom).flat_map(|y| (left..right).map(move |x| (y * SIDE + x) * 3));
    let pixels: Vec<&[u8]> = pixels.map(|at| &frame[at..at + 3]).collect();
    let found = pixels.iter().filter(|pixel| is_of(pixel, sight.colour)).count();
    let share = found * 100 / pixels.len();
    let (least, most) = sight.share;
    let place = format!("{:?} in {:?} at {} %", sight.colour, sight.area, sight.at);
    (!(least..=most).contains(&share)).then(|| format!("{place}: {share} %, not {least} to {most}"))
}

/// Whether a pixel counts as a colour: by its hue where it has one, else by its light.
fn is_of(pixel: &[u8], colour: Colour) -> bool {
    let [red, green, blue] = [0, 1, 2].map(|n| f64::from(pixel[n]));
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let hue = match colour {
        Colour::White => return least > 190.0,
        Colour::Black => return most < 60.0,
        Colour::Yellow => 60.0,
        Colour::Green => 120.0,
        Colour::Blue => 240.0,
        Colour::Magenta => 300.0,
    };
    let chroma = most - least;
    if most < 50.0 || chroma < 0.3 * most {
        return false;
    }
    let found = if most == red {
        60.0 * ((green - blue) / chroma).rem_euclid(6.0)
    } else if most == green {
        60.0 * ((blue - red) / chroma + 2.0)
    } else {
        60.0 * ((red - green) / chroma + 4.0)
    };
    let apart = (found - hue).abs();
    apart.min(360.0 - apart) <= HUE_REACH
}

/// What is not heard as it should be.
fn unheard(file: &Path, heard: Heard) -> Option<String> {
    if matches!(heard, Heard::Nothing) {
        return None;
    }
    let rate = format!("{SAMPLES_A_SECOND}");
    let raw = decoded(file, &["-map", "0:a:0", "-ac", "1", "-ar", &rate, "-f", "f32le"]);
    let samples: Vec<f64> = raw
        .chunks_exact(4)
        .map(|part| f64::from(f32::from_le_bytes([part[0], part[1], part[2], part[3]])))
        .collect();
    let power: f64 = samples.iter().map(|sample| sample * sample).sum();
    let loudness = 10.0 * (power / samples.len().max(1) as f64).max(1e-12).log10();
    if loudness <= SILENCE_DB {
        return Some(format!("{loudness:.1} dB is silence"));
    }
    let Heard::Tone(hertz, least) = heard else {
        return None;
    };
    let of_tone: f64 = samples
        .chunks_exact(TONE_WINDOW)
        .map(|window| power_at(hertz, window))
        .sum();
    let share = of_tone * 100.0 / power;
    (share < least).then(|| format!("{hertz} Hz has {share:.0} % of the sound, not {least}"))
}

/// The power of one tone in some samples, as much as they would have if they were nothing else.
fn power_at(hertz: f64, samples: &[f64]) -> f64 {
    let turn = std::f64::consts::TAU * hertz / SAMPLES_A_SECOND;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let angle = turn * n as f64;
        real += sample * angle.cos();
        imaginary += sample * angle.sin();
    }
    2.0 * (real * real + imaginary * imaginary) / samples.len() as f64
}
