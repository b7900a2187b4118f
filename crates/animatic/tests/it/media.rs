//! The tests' tools: wishes to start from, and clips looked at by ffprobe and ffmpeg. Tests nothing itself.

use std::path::Path;
use std::process::{Command, Output};

use animatic::{Clip, Watch, Wish, render};
use serde_json::Value;

/// A small wish that is quick to render.
pub(crate) fn small() -> Wish {
    Wish {
        prompt: "A small kitten running through a sunny garden".to_owned(),
        width: 320,
        height: 180,
        fps: 24,
        duration_ms: 1000,
        seed: 7,
        sound: true,
        ..Wish::default()
    }
}

pub(crate) fn rendered(wish: &Wish) -> Clip {
    render(wish, &mut |_| Watch::Continue).expect("a wish within bounds renders")
}

/// Runs a tool that the tests need; a missing tool fails the test and says what to install.
pub(crate) fn run(tool: &str, package: &str, arguments: &[&str]) -> Output {
    let output = Command::new(tool).args(arguments).output();
    output.unwrap_or_else(|error| {
        panic!("`{tool}` could not be run ({error}): install the package `{package}`")
    })
}

/// A file of a kind, named by its ending, that ffmpeg makes of some sources in some manner.
pub(crate) fn made_by_ffmpeg(kind: &str, sources: &[&str], how: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let path = folder.path().join("made").with_extension(kind);
    let name = path.to_str().expect("a plain path");
    let arguments = [&["-v", "error", "-y"], sources, how, &[name]].concat();
    let output = run("ffmpeg", "ffmpeg", &arguments);
    assert!(
        output.status.success(),
        "ffmpeg failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::read(&path).expect("ffmpeg wrote the file")
}

/// What ffprobe finds in a clip, with every frame counted. Any complaint of ffprobe fails the test.
pub(crate) fn probe(bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().expect("a folder for the clip");
    let path = folder.path().join("clip.mp4");
    std::fs::write(&path, bytes).expect("the clip is written");
    let path = path.to_str().expect("a plain path");
    let wanted = [
        "-v",
        "warning",
        "-of",
        "json",
        "-count_frames",
        "-show_streams",
        "-show_format",
        path,
    ];
    let output = run("ffprobe", "ffmpeg", &wanted);
    assert!(output.status.success(), "ffprobe refused the clip");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "ffprobe complained");
    serde_json::from_slice(&output.stdout).expect("ffprobe writes JSON")
}

/// The stream of a kind, `video` or `audio`.
pub(crate) fn stream<'a>(probe: &'a Value, kind: &str) -> Option<&'a Value> {
    let streams = probe["streams"].as_array().expect("ffprobe lists streams");
    streams.iter().find(|stream| stream["codec_type"] == kind)
}

/// Every frame of a clip as luma, decoded by ffmpeg.
pub(crate) fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder for the clip");
    let path = folder.path().join("clip.mp4");
    std::fs::write(&path, bytes).expect("the clip is written");
    let probe = probe(bytes);
    let video = stream(&probe, "video").expect("a picture stream");
    let side = |name: &str| video[name].as_u64().expect("a number of pixels") as usize;
    let raw = decode(
        &path,
        &[
            "-fps_mode",
            "passthrough",
            "-pix_fmt",
            "gray",
            "-f",
            "rawvideo",
            "-",
        ],
    );
    raw.chunks_exact(side("width") * side("height"))
        .map(<[u8]>::to_vec)
        .collect()
}

/// The sound of a clip as stereo samples, decoded by ffmpeg.
pub(crate) fn sound(bytes: &[u8]) -> Vec<f32> {
    let folder = tempfile::tempdir().expect("a folder for the clip");
    let path = folder.path().join("clip.mp4");
    std::fs::write(&path, bytes).expect("the clip is written");
    let raw = decode(&path, &["-vn", "-f", "f32le", "-"]);
    raw.chunks_exact(4)
        .map(|part| f32::from_le_bytes([part[0], part[1], part[2], part[3]]))
        .collect()
}

/// Integrated loudness in LUFS and true peak in dBTP of a file's sound, by ffmpeg's `ebur128`.
pub(crate) fn loudness(bytes: &[u8]) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).expect("the file is written");
    let path = path.to_str().expect("a plain path");
    let how = [
        "-hide_banner",
        "-nostats",
        "-i",
        path,
        "-vn",
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ];
    let output = run("ffmpeg", "ffmpeg", &how);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = said
        .split("Summary:")
        .nth(1)
        .expect("ebur128 writes a summary")
        .to_owned();
    let after = |name: &str| -> f64 {
        let rest = summary.split(name).nth(1).expect("the summary names it");
        let number = rest.split_whitespace().next().expect("a number follows");
        number.parse().unwrap_or(f64::NEG_INFINITY)
    };
    (after("I:"), after("Peak:"))
}

fn decode(path: &Path, how: &[&str]) -> Vec<u8> {
    let mut arguments = vec!["-v", "warning", "-i", path.to_str().expect("a plain path")];
    arguments.extend_from_slice(how);
    let output = run("ffmpeg", "ffmpeg", &arguments);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "ffmpeg complained");
    output.stdout
}

/// The mean difference of two equally large planes, in levels.
pub(crate) fn difference(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / one.len() as f64
}

/// How much a plane's levels vary: their standard deviation.
pub(crate) fn spread(plane: &[u8]) -> f64 {
    let mean = plane.iter().map(|level| f64::from(*level)).sum::<f64>() / plane.len() as f64;
    let squares = plane
        .iter()
        .map(|level| (f64::from(*level) - mean) * (f64::from(*level) - mean));
    (squares.sum::<f64>() / plane.len() as f64).sqrt()
}
