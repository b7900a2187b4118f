//! Renders one clip to a file, for looking at and for measuring:
//! `clip OUT.mp4 "a prompt" 1280x720 30 5000 7 first=a.png last=b.png ref=c.png zoom=-50 camera=down_back`.

use std::process::ExitCode;

use animatic::{CameraAxes, CameraControl, Watch, Wish, render};

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let Some(out) = given.first() else {
        eprintln!("usage: clip OUT.mp4 [PROMPT [WIDTHxHEIGHT [FPS [MILLISECONDS [SEED [OPTION=VALUE]]]]]]");
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
    let mut wish = Wish {
        prompt: word(1, "A small kitten running through a sunny garden"),
        width: width.parse().unwrap_or(1280),
        height: height.parse().unwrap_or(720),
        fps: number(3, 30),
        duration_ms: number(4, 5000),
        seed: u64::from(number(5, 7)),
        sound: true,
        ..Wish::default()
    };
    for option in given.iter().skip(6).filter_map(|option| option.split_once('=')) {
        apply(&mut wish, option);
    }
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

/// Takes a picture (`first`, `last`, `ref`) or a movement of the camera in tenths.
fn apply(wish: &mut Wish, (name, value): (&str, &str)) {
    let mut axes = match wish.camera {
        Some(CameraControl::Simple(axes)) => axes,
        _ => CameraAxes::default(),
    };
    let axis = match name {
        "first" => {
            wish.first_frame = std::fs::read(value).ok();
            return;
        }
        "last" => {
            wish.last_frame = std::fs::read(value).ok();
            return;
        }
        "ref" => {
            wish.references.extend(std::fs::read(value).ok());
            return;
        }
        "camera" => {
            wish.camera = match value {
                "down_back" => Some(CameraControl::DownBack),
                "forward_up" => Some(CameraControl::ForwardUp),
                "right_turn_forward" => Some(CameraControl::RightTurnForward),
                _ => Some(CameraControl::LeftTurnForward),
            };
            return;
        }
        "horizontal" => &mut axes.horizontal,
        "vertical" => &mut axes.vertical,
        "pan" => &mut axes.pan,
        "tilt" => &mut axes.tilt,
        "roll" => &mut axes.roll,
        _ => &mut axes.zoom,
    };
    *axis = value.parse().unwrap_or_default();
    wish.camera = Some(CameraControl::Simple(axes));
}
