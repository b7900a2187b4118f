//! From a job to what the renderer is asked for: its pictures, its frame, its camera, its format. Nothing is
//! rendered here.

use ::animatic::{CameraAxes, CameraControl, Format, MAX_CAMERA_TENTHS, Wish, Work};
use domain::ask::Size;
use domain::error::TaskErrorCode;
use domain::provider::{Job, UpstreamError, Wire};
use domain::{Ask, MediaKind, Operation, Role, TaskError};
use serde_json::Value;

use super::given::Given;
use super::{avatar, effects, elements, extend, kind, lips, masks, motion, omni, shots, tags};

/// Frames a second where nobody names them.
pub(super) const DEFAULT_FPS: u32 = 30;
/// The longest ratio of a frame that follows its picture, which is the longest that vendors take.
const LONGEST_RATIO: (u64, u64) = (5, 2);
/// Where the movement of the camera stands among an ask's extras.
pub(super) const CAMERA: &str = "kling.camera_control";
/// Where the format of a still stands among them.
pub(super) const FORMAT: &str = "animatic.format";

/// What a job asks of the renderer, with its media.
///
/// # Errors
/// Refused when it is out of the renderer's bounds, busy when its media cannot be read now.
pub(super) async fn wish(job: &Job, wire: &Wire, spoken: Option<Vec<u8>>) -> Result<Wish, UpstreamError> {
    let ask = &job.ask;
    let mut wish = Wish {
        prompt: tags::plain(&ask.prompt),
        negative_prompt: ask.negative_prompt.as_deref().map(tags::plain),
        width: ask.size.width,
        height: ask.size.height,
        fps: ask.fps.unwrap_or(DEFAULT_FPS),
        duration_ms: u32::try_from(ask.duration_ms).unwrap_or(u32::MAX),
        seed: job.seed,
        camera: camera(ask.extras.get(CAMERA))?,
        sound: ask.sound.unwrap_or(true),
        marked_copy: ask.marked_copy,
        still: still(ask)?,
        ..Wish::default()
    };
    let mut given = Given::read(job, wire).await?;
    given.add(Role::Audio, spoken);
    wish.first_frame = given.take(Role::FirstFrame);
    wish.last_frame = given.take(Role::LastFrame);
    wish.references = given.all(Role::Reference);
    wish.references.extend(given.elements().await?);
    let sides = (wish.width, wish.height);
    match ask.operation {
        Operation::ImageToVideo => masks::read(&mut given, &mut wish)?,
        Operation::OmniVideo => omni::read(&mut given, &mut wish)?,
        Operation::MotionControl => motion::read(&mut given, &mut wish)?,
        Operation::VideoExtend => extend::read(&mut given, &mut wish)?,
        Operation::LipSync => lips::read(&mut given, &mut wish).await?,
        Operation::Avatar => avatar::read(&mut given, &mut wish)?,
        Operation::VideoEffects => effects::read(&given, &mut wish)?,
        Operation::MultiElements => elements::read(&mut given, &mut wish).await?,
        _ => {}
    }
    shots::read(ask, &mut wish)?;
    // What follows a clip has taken its sides already.
    if ask.follows_picture
        && sides == (wish.width, wish.height)
        && let Some(picture) = followed(&wish)
        && let Some(shown) = ::animatic::shown_size(picture)
    {
        (wish.width, wish.height) = framed(ask.size, shown);
    }
    wish.check().map_err(|error| refused(&error.to_string()))?;
    Ok(wish)
}

/// The picture whose ratio a frame takes.
fn followed(wish: &Wish) -> Option<&Vec<u8>> {
    let frames = wish.first_frame.as_ref().or(wish.last_frame.as_ref());
    let effect = matches!(wish.work, Work::Effect(_)).then(|| wish.references.first());
    frames.or(effect.flatten())
}

/// The largest frame in the ratio of a picture that fits into `size`, either way up. A very long picture gets the
/// longest ratio there is.
pub(super) fn framed(size: Size, shown: (u32, u32)) -> (u32, u32) {
    let (across, down) = (u64::from(shown.0.max(1)), u64::from(shown.1.max(1)));
    let (mut more, mut less) = (across.max(down), across.min(down));
    if more * LONGEST_RATIO.1 > less * LONGEST_RATIO.0 {
        (more, less) = LONGEST_RATIO;
    }
    let (most, lines) = (size.width.max(size.height), size.width.min(size.height));
    let long = u64::from(most).min(u64::from(lines) * more / less);
    let even = |pixels: u64| u32::try_from(pixels & !1).unwrap_or(most);
    let (long, short) = (even(long), even(long * less / more));
    if across > down {
        (long, short)
    } else {
        (short, long)
    }
}

/// How a still is written, PNG where nobody says; none for a clip.
pub(super) fn still(ask: &Ask) -> Result<Option<Format>, UpstreamError> {
    if kind(ask) != MediaKind::Image {
        return Ok(None);
    }
    let said = ask.extras.get(FORMAT);
    match said.map_or(Some("png"), Value::as_str) {
        Some("png") => Ok(Some(Format::Png)),
        Some("jpeg") => Ok(Some(Format::Jpeg)),
        Some("webp") => Ok(Some(Format::WebP)),
        other => {
            let other = other.unwrap_or("no word");
            Err(refused(&format!(
                "`format` is `{other}`; allowed: `png`, `jpeg`, `webp`"
            )))
        }
    }
}

/// Reads the movement of the camera as the dialects hand it on: a preset, or `simple` with its axes.
fn camera(control: Option<&Value>) -> Result<Option<CameraControl>, UpstreamError> {
    let Some(control) = control else {
        return Ok(None);
    };
    let axis = |name: &str| tenths(name, &control["config"][name]);
    let moves = match control["type"].as_str() {
        Some("simple") => CameraControl::Simple(CameraAxes {
            horizontal: axis("horizontal")?,
            vertical: axis("vertical")?,
            pan: axis("pan")?,
            tilt: axis("tilt")?,
            roll: axis("roll")?,
            zoom: axis("zoom")?,
        }),
        Some("down_back") => CameraControl::DownBack,
        Some("forward_up") => CameraControl::ForwardUp,
        Some("right_turn_forward") => CameraControl::RightTurnForward,
        Some("left_turn_forward") => CameraControl::LeftTurnForward,
        _ => {
            let allowed = "`simple`, `down_back`, `forward_up`, `right_turn_forward`, `left_turn_forward`";
            let kind = &control["type"];
            return Err(refused(&format!(
                "`camera_control.type` is `{kind}`; allowed: {allowed}"
            )));
        }
    };
    Ok(Some(moves))
}

/// An axis in whole tenths; what is not 0 stays so, however small.
fn tenths(name: &str, value: &Value) -> Result<i16, UpstreamError> {
    if value.is_null() {
        return Ok(0);
    }
    let reach = f64::from(MAX_CAMERA_TENTHS) / 10.0;
    let number = value.as_f64().filter(|number| number.abs() <= reach);
    let Some(number) = number else {
        let field = format!("camera_control.config.{name}");
        return Err(refused(&format!(
            "`{field}` is `{value}`; allowed: from -{reach} to {reach}"
        )));
    };
    let tenths = (number * 10.0).round() as i16;
    if tenths == 0 && number != 0.0 {
        return Ok(if number < 0.0 { -1 } else { 1 });
    }
    Ok(tenths)
}

pub(super) fn refused(why: &str) -> UpstreamError {
    UpstreamError::Refused(TaskError::new(TaskErrorCode::InputRejected, why))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(control: Value) -> Option<CameraControl> {
        camera(Some(&control)).ok().flatten()
    }

    #[test]
    fn every_axis_and_preset_of_the_camera_is_read_with_its_sign() {
        let read_axis = |name: &str, value: f64| {
            let Some(CameraControl::Simple(axes)) = read(json!({"type": "simple", "config": {name: value}}))
            else {
                panic!("`{name}` is not read");
            };
            axes
        };
        let none = CameraAxes::default();
        let cases = [
            (
                "horizontal",
                CameraAxes {
                    horizontal: -50,
                    ..none
                },
            ),
            (
                "vertical",
                CameraAxes {
                    vertical: -50,
                    ..none
                },
            ),
            ("pan", CameraAxes { pan: -50, ..none }),
            ("tilt", CameraAxes { tilt: -50, ..none }),
            ("roll", CameraAxes { roll: -50, ..none }),
            ("zoom", CameraAxes { zoom: -50, ..none }),
        ];
        for (name, axes) in cases {
            assert_eq!(read_axis(name, -5.0), axes);
        }
        assert_eq!(read_axis("zoom", 9.96).zoom, 100);
        assert_eq!(read_axis("zoom", 0.01).zoom, 1);
        assert_eq!(read_axis("zoom", -0.01).zoom, -1);
        for (word, preset) in [
            ("down_back", CameraControl::DownBack),
            ("forward_up", CameraControl::ForwardUp),
            ("right_turn_forward", CameraControl::RightTurnForward),
            ("left_turn_forward", CameraControl::LeftTurnForward),
        ] {
            assert_eq!(read(json!({"type": word})), Some(preset));
        }
        assert!(matches!(camera(None), Ok(None)));
    }

    #[test]
    fn a_still_is_png_unless_it_is_said_and_a_clip_is_none() {
        let asked = |operation, format: Value| {
            let extras = [(FORMAT.to_owned(), format)];
            still(&Ask {
                operation,
                extras: extras
                    .into_iter()
                    .filter(|(_, format)| !format.is_null())
                    .collect(),
                ..testkit::sample::ask()
            })
        };
        let words = [
            ("png", Format::Png),
            ("jpeg", Format::Jpeg),
            ("webp", Format::WebP),
        ];
        let words = words.map(|(word, format)| (json!(word), format));
        for (said, format) in words.into_iter().chain([(Value::Null, Format::Png)]) {
            let read = asked(Operation::ImageGeneration, said).ok().flatten();
            assert_eq!(read, Some(format));
        }
        assert!(matches!(asked(Operation::TextToVideo, json!("webp")), Ok(None)));
        for format in [json!("gif"), json!(7)] {
            let read = asked(Operation::ImageGeneration, format);
            assert!(matches!(read, Err(UpstreamError::Refused(_))));
        }
    }

    #[test]
    fn a_camera_beyond_its_reach_or_of_an_unknown_kind_is_refused() {
        for control in [
            json!({"type": "simple", "config": {"pan": 10.1}}),
            json!({"type": "simple", "config": {"pan": "left"}}),
            json!({"type": "sideways"}),
            json!({}),
        ] {
            assert!(matches!(camera(Some(&control)), Err(UpstreamError::Refused(_))));
        }
    }

    #[test]
    fn a_frame_that_follows_its_picture_has_its_ratio_and_no_more_pixels_than_were_paid_for() {
        let std = Size {
            width: 1280,
            height: 720,
        };
        let cases = [
            ((1920, 1080), (1280, 720)),
            ((1080, 1920), (720, 1280)),
            ((500, 500), (720, 720)),
            ((4000, 3000), (960, 720)),
            ((2000, 1000), (1280, 640)),
            ((9000, 300), (1280, 512)),
            ((300, 9000), (512, 1280)),
            ((333, 500), (718, 1080)),
        ];
        for (shown, expected) in cases {
            assert_eq!(framed(std, shown), expected, "{shown:?}");
        }
    }
}
