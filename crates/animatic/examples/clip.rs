//! Renders one clip to a file, for looking at and for measuring: `clip OUT.mp4 "a prompt" 1280x720 30 5000 7 [first.png]`.

use std::process::ExitCode;

use animatic::{Watch, Wish, render};

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let Some(out) = given.first() else {
        eprintln!("usage: clip OUT.mp4 [PROMPT [WIDTHxHEIGHT [FPS [MILLISECONDS [SEED [FIRST_FRAME]]]]]]");
        return ExitCode::FAILURE;
    };
    let word = |at: usize, default: &str| given.get(at).map_or(default.to_owned(), Clone::clone);
    let number = |at: usize, default: u32| {
        given
            .get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let size = word(2, "1280x720");
    let (width, height) = size.split_once('x').unwrap_or(("1280", "720"));
    let wish = Wish {
        prompt: word(1, "A small kitten running through a sunny garden"),
        width: width.parse().unwrap_or(1280),
        height: height.parse().unwrap_or(720),
        fps: number(3, 30),
        duration_ms: number(4, 5000),
        seed: u64::from(number(5, 7)),
        sound: true,
        first_frame: given.get(6).and_then(|path| std::fs::read(path).ok()),
        ..Wish::default()
    };
    let written = match render(&wish, &mut |_| Watch::Continue) {
        Ok(clip) => std::fs::write(out, &clip.bytes).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
