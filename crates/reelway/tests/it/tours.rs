//! The tours of the README and of docs/tours.md, run as they stand there against the real binary: each
//! ends in a file that plays.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::binary::Serving;
use crate::house_under_test::picture;
use crate::site::{Site, answer};

const KEY: &str = "a-client-key-that-a-test-brings-along";
/// The address in the documents.
const WRITTEN: &str = "http://127.0.0.1:8787";
/// What stands before each tour: its name, whose ending says who runs it.
const MARK: &str = "<!-- tour: ";
/// The file that each tour leaves.
const CLIP: &str = "clip.mp4";

/// A script out of a document.
struct Tour {
    name: String,
    script: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The scripts of a document: the fenced block that follows each mark.
fn tours(document: &str) -> Vec<Tour> {
    let text = std::fs::read_to_string(root().join(document)).expect("the document is there");
    let parts = text.split(MARK).skip(1);
    let tours = parts.map(|part| {
        let (name, rest) = part
            .split_once(" -->\n```")
            .expect("a fenced block follows the mark");
        let (_, rest) = rest.split_once('\n').expect("a block begins on its own line");
        let (script, _) = rest.split_once("\n```").expect("the block ends");
        Tour {
            name: name.to_owned(),
            script: script.to_owned(),
        }
    });
    tours.collect()
}

/// Python with `requests`: the first on the path, else the system's own.
fn python() -> &'static str {
    let has_requests = |program: &&str| {
        let mut command = Command::new(program);
        command.args(["-c", "import requests"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_requests);
    found.expect("a python3 with `requests`: apt-get install python3-requests")
}

/// Runs a script in a directory of its own.
fn run(tour: &Tour, serving: &Serving, image: &str, directory: &Path) {
    std::fs::create_dir(directory).expect("a fresh directory");
    let address = format!("http://{}", serving.address());
    let script = tour.script.replace(WRITTEN, &address);
    let file = directory.join(&tour.name);
    std::fs::write(&file, script).expect("the script is written");
    let (program, arguments): (&str, &[&str]) = match tour.name.rsplit_once('.') {
        Some((_, "sh")) => ("bash", &["-euo", "pipefail"]),
        Some((_, "py")) => (python(), &[]),
        Some((_, "mjs")) => ("node", &[]),
        _ => panic!("nobody runs `{}`", tour.name),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(&file).current_dir(directory);
    command.env("KEY", KEY).env("IMAGE_URL", image);
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{}: {said}", tour.name);
    plays(&directory.join(CLIP), &tour.name);
}

/// Every frame of a clip is decoded without a complaint.
fn plays(clip: &Path, name: &str) {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-v", "error", "-i"])
        .arg(clip)
        .args(["-f", "null", "-"]);
    let output = command.output().expect("ffmpeg runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    let mut command = Command::new("ffprobe");
    command
        .args([
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
        ])
        .arg(clip);
    let output = command.output().expect("ffprobe runs");
    let seconds: f64 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a length");
    assert!((4.9..=5.2).contains(&seconds), "{name}: {seconds} s");
}

/// Runs a document's tours, one after the other, against one gateway.
async fn all_of(document: &str, least: usize) {
    let directory = tempfile::tempdir().expect("a directory");
    let site = Site::start(|_| answer(200, "image/png", &picture(640, 360))).await;
    let host = site.address.to_string();
    let opened = format!("[network]\nallow_hosts = [\"{host}\"]\n");
    std::fs::write(directory.path().join("reelway.toml"), opened).expect("the settings are written");
    let variables = [
        ("REELWAY_BOOTSTRAP_API_KEY", KEY),
        (
            "REELWAY_BOOTSTRAP_ADMIN_KEY",
            "an-admin-key-that-a-test-brings-along",
        ),
    ];
    let serving = Serving::start(directory.path(), &variables);
    let tours = tours(document);
    assert!(tours.len() >= least, "{document} has {} tours", tours.len());
    let image = format!("http://{host}/picture.png");
    let ran = tokio::task::spawn_blocking(move || {
        for tour in &tours {
            run(
                tour,
                &serving,
                &image,
                &directory.path().join(tour.name.replace('.', "-")),
            );
        }
        serving.end();
    });
    ran.await.expect("every tour ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tour_of_the_readme_ends_in_a_file_that_plays() {
    all_of("README.md", 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tour_in_python_and_javascript_ends_in_a_file_that_plays() {
    all_of("docs/tours.md", 9).await;
}
