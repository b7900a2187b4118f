//! What calls are given: pictures of loud plain colours, clips, tones, and a small server where the ones lie
//! that are taken as links. Knows no calls.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::extract::Path as At;
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What rows may name as `{…}`.
pub(super) type Props = BTreeMap<&'static str, Value>;

/// Side of a picture in pixels: the shortest that vendors take.
const SIDE: u32 = 300;
/// Samples a second of the tones.
const SAMPLES_A_SECOND: u32 = 16_000;
/// The tone of sounds and clips, in hertz.
pub(super) const TONE: f64 = 440.0;
/// The tone of a voice, in hertz.
pub(super) const VOICE: f64 = 660.0;

const MAGENTA: [u8; 3] = [230, 0, 230];
const GREEN: [u8; 3] = [0, 200, 0];
const BLUE: [u8; 3] = [20, 20, 230];
const YELLOW: [u8; 3] = [230, 220, 0];
const WHITE: [u8; 3] = [252, 252, 252];
const GREY: [u8; 3] = [150, 150, 150];
const SKIN: [u8; 3] = [226, 174, 142];
const DARK: [u8; 3] = [30, 26, 26];

/// A server of given files, and what is given.
pub(super) struct Given {
    pub(super) props: Props,
    serving: JoinHandle<()>,
}

impl Drop for Given {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Given {
    /// Makes everything and serves what is taken as links.
    pub(super) async fn start() -> Given {
        let files = [
            ("motion.mp4", panned()),
            ("clip.mp4", coloured([720, 720])),
            ("wide.mp4", coloured([1920, 1080])),
            ("voice.wav", tone(VOICE, 6)),
        ];
        let files: BTreeMap<String, Vec<u8>> = files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().route(
            "/{name}",
            get(move |At(name): At<String>| {
                let file = files.get(&name).cloned();
                async move { file.ok_or(http::StatusCode::NOT_FOUND) }
            }),
        );
        let serving = tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        let link = |name: &str| json!(format!("http://{address}/{name}"));
        let mut props = Props::new();
        props.extend(pictures());
        props.insert("sound", base64(&tone(TONE, 3)));
        props.insert("motion_url", link("motion.mp4"));
        props.insert("clip_url", link("clip.mp4"));
        props.insert("wide_clip_url", link("wide.mp4"));
        props.insert("voice_url", link("voice.wav"));
        Given { props, serving }
    }
}

fn base64(bytes: &[u8]) -> Value {
    json!(BASE64_STANDARD.encode(bytes))
}

/// A value with its props in place; a text that is nothing but a prop becomes the prop, whatever it is.
pub(super) fn filled(body: &Value, props: &Props) -> Value {
    match body {
        Value::String(text) => {
            let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let prop = name.and_then(|name| props.get(name));
            prop.cloned().unwrap_or_else(|| body.clone())
        }
        Value::Array(list) => list.iter().map(|value| filled(value, props)).collect(),
        Value::Object(map) => {
            let pairs = map
                .iter()
                .map(|(name, value)| (name.clone(), filled(value, props)));
            Value::Object(pairs.collect())
        }
        plain => plain.clone(),
    }
}

/// Every picture as Base64.
fn pictures() -> Vec<(&'static str, Value)> {
    let square = |draw: &dyn Fn(i64, i64) -> [u8; 3]| drawn([SIDE, SIDE], draw);
    let disc = |colour| {
        move |x, y| {
            if is_within((x - 150, y - 150), 90) {
                colour
            } else {
                WHITE
            }
        }
    };
    vec![
        ("duo", square(&|x, _| if x < 150 { MAGENTA } else { GREEN })),
        ("blue", square(&|_, _| BLUE)),
        ("yellow", square(&|_, _| YELLOW)),
        ("magenta_disc", square(&disc(MAGENTA))),
        ("yellow_disc", square(&disc(YELLOW))),
        ("box", square(&|x, y| if is_boxed(x, y) { YELLOW } else { BLUE })),
        (
            "box_mask",
            square(&|x, y| if is_boxed(x, y) { WHITE } else { [0; 3] }),
        ),
        ("person", drawn([SIDE, 2 * SIDE], &person)),
        ("shirt", square(&shirt)),
    ]
    .into_iter()
    .map(|(name, picture)| (name, base64(&png(&picture))))
    .collect()
}

fn drawn([width, height]: [u32; 2], draw: &dyn Fn(i64, i64) -> [u8; 3]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb(draw(i64::from(x), i64::from(y))))
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

fn is_within((x, y): (i64, i64), reach: i64) -> bool {
    x * x + y * y < reach * reach
}

/// The box that goes along a path: to the left of the middle.
fn is_boxed(x: i64, y: i64) -> bool {
    (30..110).contains(&x) && (110..190).contains(&y)
}

/// Somebody in grey, from head to feet.
fn person(x: i64, y: i64) -> [u8; 3] {
    let across = (x - 150).abs();
    let is_eye = is_within((across - 14, y - 84), 5);
    if is_eye || (across < 11 && (112..116).contains(&y)) {
        return DARK;
    }
    let is_head = across * across * 16 + (y - 94) * (y - 94) * 9 < 16 * 33 * 33;
    if is_head && y > 64 {
        return SKIN;
    }
    if is_within((across, y - 84), 46) && y < 104 {
        return DARK;
    }
    match y {
        134..150 if across < 14 => SKIN,
        150..330 if across < 70 => GREY,
        330..560 if across < 58 && (across > 8 || y < 380) => DARK,
        _ => [210, 220, 230],
    }
}

/// A shirt with short sleeves.
fn shirt(x: i64, y: i64) -> [u8; 3] {
    let across = (x - 150).abs();
    let is_trunk = across < 70 && (50..250).contains(&y);
    let is_sleeve = (70..120).contains(&across) && (50..120).contains(&y);
    if is_trunk || is_sleeve { MAGENTA } else { WHITE }
}

/// A tone of so many seconds as WAV.
fn tone(hertz: f64, seconds: u32) -> Vec<u8> {
    let samples = SAMPLES_A_SECOND * seconds;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(SAMPLES_A_SECOND.to_le_bytes());
    bytes.extend((2 * SAMPLES_A_SECOND).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((2 * samples).to_le_bytes());
    let turn = std::f64::consts::TAU * hertz / f64::from(SAMPLES_A_SECOND);
    let wave = (0..samples).map(|n| ((turn * f64::from(n)).sin() * 9_000.0) as i16);
    bytes.extend(wave.flat_map(i16::to_le_bytes));
    bytes
}

/// Three seconds in which the camera goes to the right over grey blocks, with a tone.
fn panned() -> Vec<u8> {
    let light = |x: i64, y: i64| {
        let block = (x / 24 * 7_919 + y / 24 * 104_729) % 251;
        [u8::try_from(block % 200).unwrap_or(0) + 30; 3]
    };
    filmed(&drawn([720, 360], &light), "crop=360:360:'60*t':0")
}

/// Three seconds of magenta on the left and green on the right, with a tone.
fn coloured([width, height]: [u32; 2]) -> Vec<u8> {
    let half = i64::from(width / 2);
    let picture = drawn([width, height], &|x, _| if x < half { MAGENTA } else { GREEN });
    filmed(&picture, "null")
}

fn filmed(picture: &RgbImage, filter: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("a.png"), folder.path().join("a.mp4"));
    std::fs::write(&from, png(picture)).expect("written");
    let text = |path: &Path| path.to_str().expect("a plain path").to_owned();
    let tone = format!("sine=frequency={TONE}:sample_rate=48000");
    let output = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-loop",
            "1",
            "-framerate",
            "24",
            "-i",
            &text(&from),
        ])
        .args(["-f", "lavfi", "-i", &tone, "-t", "3", "-vf", filter])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-crf", "16"])
        .args(["-pix_fmt", "yuv420p", "-c:a", "aac", &text(&to)])
        .output()
        .expect("ffmpeg runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::read(&to).expect("ffmpeg wrote the file")
}
