//! `reelway generate --gallery`: what the embedded renderer can do, as clips, sheets and a page that plays them.
//! The pieces themselves are the provider's; here they get their files. No gateway is started.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use providers::animatic::gallery::{Measures, contact_sheet, hang, pieces};
use serde_json::json;

use super::Generate;
use crate::cli::{Misuse, paper};

/// Width and height where none are named.
const DEFAULT_SIZE: (u32, u32) = (960, 540);
/// Length in seconds where none is named.
const DEFAULT_SECONDS: f64 = 4.0;
/// Steps of the bar for each piece.
const STEPS: u64 = 100;

impl Generate {
    /// Makes the whole gallery in a directory, which is made where it is missing.
    pub(super) async fn gallery(&self, directory: &Path) -> anyhow::Result<()> {
        let milliseconds = self.duration.unwrap_or(DEFAULT_SECONDS) * 1_000.0;
        if !(500.0..=60_000.0).contains(&milliseconds) {
            bail!(Misuse("--duration must be from 0.5 to 60 seconds".to_owned()));
        }
        let measures = Measures {
            size: self.gallery_size.unwrap_or(DEFAULT_SIZE),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it was just held between 500 and 60000"
            )]
            duration_ms: milliseconds as u32,
            fps: self.fps,
            seed: self.seed,
        };
        let directory = directory.to_owned();
        let made = tokio::task::spawn_blocking(move || make(&directory, &measures));
        let (directory, count) = made.await.context("the gallery broke off")??;
        if self.json {
            return paper::json(&json!({ "path": directory.to_string_lossy(), "clips": count }));
        }
        paper::line(&format!(
            "{count} clips: {}",
            directory.join("index.html").display()
        ))
    }
}

fn make(directory: &Path, measures: &Measures) -> anyhow::Result<(PathBuf, usize)> {
    let cannot = || format!("`{}` cannot be written", directory.display());
    std::fs::create_dir_all(directory).with_context(cannot)?;
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("`{}` cannot be written", path.display()))
    };
    let count = pieces().count();
    let bar = bar(count as u64);
    let mut page = Page::default();
    let mut tiles = Vec::with_capacity(count);
    for (number, piece) in pieces() {
        bar.set_message(piece.slug);
        let begin = (number as u64 - 1) * STEPS;
        let mut watch = |percent: u8| bar.set_position(begin + u64::from(percent));
        let hung = hang(number, piece, measures, &mut watch).map_err(|error| Misuse(error.to_string()))?;
        let name = format!("{number:02}-{}", piece.slug);
        write(&format!("{name}.mp4"), &hung.clip)?;
        write(&format!("{name}.jpg"), &hung.sheet)?;
        page.add(&name, piece.prompt, hung.size);
        tiles.push(hung.tile);
    }
    write("contact-sheet.jpg", &contact_sheet(&tiles)?)?;
    write("index.html", page.finished().as_bytes())?;
    bar.finish_and_clear();
    Ok((directory.to_owned(), count))
}

fn bar(pieces: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(pieces * STEPS);
    let style =
        ProgressStyle::with_template("{spinner} {msg:<22} [{bar:30}] {percent:>3}% {elapsed} left {eta}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// The page that plays all clips. It needs nothing but the files beside it.
#[derive(Default)]
struct Page {
    figures: String,
}

impl Page {
    fn add(&mut self, name: &str, prompt: &str, (width, height): (u32, u32)) {
        let prompt = escaped(prompt);
        let written = writeln!(
            self.figures,
            "<figure><video src=\"{name}.mp4\" width=\"{width}\" height=\"{height}\" controls loop playsinline \
             preload=\"metadata\"></video><figcaption dir=\"auto\">{prompt} \
             <a href=\"{name}.jpg\" dir=\"ltr\">{name}</a></figcaption></figure>"
        );
        written.expect("a string takes everything");
    }

    fn finished(&self) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>Reelway animatic gallery</title>\n\
             <style>body{{margin:2rem;background:#16171c;color:#d8d6d0;font:16px/1.5 system-ui,sans-serif}}\
             main{{display:grid;grid-template-columns:repeat(auto-fill,minmax(22rem,1fr));gap:1.5rem}}\
             figure{{margin:0}}video{{width:100%;height:auto;max-height:70vh;background:#000;border-radius:4px}}\
             a{{color:#8a8880}}</style></head>\n<body><h1>Reelway animatic gallery</h1>\
             <p>Storyboard previews, drawn from the words of a prompt by a renderer and not by a video model. \
             <a href=\"contact-sheet.jpg\">Contact sheet</a></p>\n<main>\n{}</main></body></html>\n",
            self.figures
        )
    }
}

/// Text that means itself in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_prompt_means_itself_on_the_page() {
        assert_eq!(escaped("<b>&\"月\""), "&lt;b&gt;&amp;&quot;月&quot;");
    }
}
