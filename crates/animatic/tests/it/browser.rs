//! Chromium itself plays a clip: picture, length and sound. Everything stays on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use animatic::Wish;
use serde_json::Value;

use crate::media::{rendered, small};

/// The page plays the clip and tells what it saw.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>clip</title>
<video id="clip" src="/clip.mp4" playsinline></video><canvas id="eye"></canvas>
<script>
const clip = document.getElementById('clip'), eye = document.getElementById('eye');
let told = false;
function tell(verdict) {
  if (told) return;
  told = true;
  fetch('/verdict', { method: 'POST', body: JSON.stringify(verdict) });
}
function levels() {
  eye.width = clip.videoWidth; eye.height = clip.videoHeight;
  const ink = eye.getContext('2d', { willReadFrequently: true });
  ink.drawImage(clip, 0, 0);
  const data = ink.getImageData(0, 0, eye.width, eye.height).data;
  let low = 255, high = 0, sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    low = Math.min(low, data[at + 1]); high = Math.max(high, data[at + 1]); sum += data[at + 1];
  }
  return { low, high, mean: sum / (data.length / 4) };
}
clip.onerror = () => tell({ error: 'media error ' + clip.error.code + ': ' + clip.error.message });
clip.onended = () => tell({
  width: clip.videoWidth, height: clip.videoHeight, duration: clip.duration, time: clip.currentTime,
  audio: clip.webkitAudioDecodedByteCount, video: clip.webkitVideoDecodedByteCount, levels: levels(),
});
clip.play().catch((error) => tell({ error: String(error) }));
</script>"#;

/// Ends the browser whatever happens.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        self.0.kill().unwrap_or_default();
        self.0.wait().expect("the browser can be waited for");
    }
}

#[test]
fn chromium_plays_a_clip_to_its_end_with_picture_and_sound() {
    let wish = Wish {
        width: 640,
        height: 360,
        duration_ms: 2000,
        ..small()
    };
    let verdict = played(rendered(&wish).bytes);
    assert_eq!(verdict.get("error"), None, "{verdict}");
    assert_eq!(
        (&verdict["width"], &verdict["height"]),
        (&640.into(), &360.into())
    );
    let number = |name: &str| verdict[name].as_f64().expect("a number");
    assert!((number("duration") - 2.0).abs() < 0.01, "{verdict}");
    assert!((number("time") - 2.0).abs() < 0.05, "{verdict}");
    assert!(number("audio") > 1000.0, "no sound was decoded: {verdict}");
    assert!(number("video") > 1000.0, "no picture was decoded: {verdict}");
    let level = |name: &str| verdict["levels"][name].as_f64().expect("a number");
    assert!(
        level("high") - level("low") > 60.0,
        "the picture is flat: {verdict}"
    );
    assert!(
        (20.0..235.0).contains(&level("mean")),
        "the picture is blank: {verdict}"
    );
}

fn played(clip: Vec<u8>) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the port is bound");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (clip, sender) = (clip.clone(), sender.clone());
            thread::spawn(move || answer(stream, &clip, &sender));
        }
    });
    let profile = tempfile::tempdir().expect("a folder for the profile");
    let started = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
        ])
        .args([
            "--disable-dev-shm-usage",
            "--mute-audio",
            "--autoplay-policy=no-user-gesture-required",
        ])
        .arg("--remote-debugging-port=0")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://{address}/"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let started = started.unwrap_or_else(|error| {
        panic!("`chromium` could not be run ({error}): install the package `chromium`");
    });
    let browser = Browser(started);
    let verdict = receiver
        .recv_timeout(Duration::from_secs(60))
        .expect("the page tells its verdict");
    drop(browser);
    serde_json::from_str(&verdict).expect("the verdict is JSON")
}

/// Answers one request and closes: the page, the clip, or a thank-you for the verdict.
fn answer(mut stream: TcpStream, clip: &[u8], verdicts: &mpsc::Sender<String>) {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out is above zero");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    let (mut request, mut length) = (String::new(), 0);
    // The browser opens connections in advance that it never uses.
    if !reader.read_line(&mut request).is_ok_and(|count| count > 0) {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let (kind, body): (&str, &[u8]) = if request.starts_with("POST /verdict") {
        let mut verdict = vec![0; length];
        reader
            .read_exact(&mut verdict)
            .expect("the verdict arrives whole");
        verdicts
            .send(String::from_utf8_lossy(&verdict).into_owned())
            .unwrap_or_default();
        ("text/plain", b"thanks")
    } else if request.starts_with("GET /clip.mp4") {
        ("video/mp4", clip)
    } else {
        ("text/html", PAGE.as_bytes())
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The browser may hang up early once it has seen enough.
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body))
        .unwrap_or_default();
}
