//! Sizes in pixels beside Kling's ratios and modes: what `width` and `height` stand for where a dialect
//! has them.

use domain::Refusal;
use domain::ask::Size;
use domain::fields::Fields;

use crate::kling_models::{DEFAULT_MODE, MODES, Model, Use};

/// Each side of a frame, in pixels.
const SIDES: std::ops::RangeInclusive<i64> = 64..=3840;

/// The mode with the most lines.
const LARGEST_MODE: (&str, u32) = MODES[MODES.len() - 1];

/// What the sides of a frame must be beside in range.
struct Sides {
    /// What they are multiples of.
    step: i64,
    /// What such a number is called.
    number: &'static str,
}

/// Reads `width` and `height` of a clip, which come together.
///
/// # Errors
/// A refusal naming the side at fault and its range.
pub(crate) fn asked_size(top: &Fields) -> Result<Option<Size>, Refusal> {
    let even = Sides {
        step: 2,
        number: "an even number",
    };
    size_with(top, &even)
}

/// Reads `width` and `height` of a still, which come together and may be odd.
///
/// # Errors
/// A refusal naming the side at fault and its range.
pub(crate) fn asked_still_size(top: &Fields) -> Result<Option<Size>, Refusal> {
    let any = Sides {
        step: 1,
        number: "a whole number",
    };
    size_with(top, &any)
}

fn size_with(top: &Fields, sides: &Sides) -> Result<Option<Size>, Refusal> {
    let side = |name: &str| -> Result<Option<u32>, Refusal> {
        let Some(pixels) = top.whole(name)? else {
            return Ok(None);
        };
        let (least, most) = (SIDES.start(), SIDES.end());
        if !SIDES.contains(&pixels) || pixels % sides.step != 0 {
            let number = sides.number;
            let message = format!("cannot be `{pixels}`, only {number} from {least} to {most}");
            return Err(top.wrong(name, &message));
        }
        Ok(u32::try_from(pixels).ok())
    };
    match (side("width")?, side("height")?) {
        (Some(width), Some(height)) => Ok(Some(Size { width, height })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(top.wrong("height", "is required with `width`")),
        (None, Some(_)) => Err(top.wrong("width", "is required with `height`")),
    }
}

/// The mode that a size stands for, where the map knows the model; else the default.
pub(crate) fn implied_mode(model: Option<&Model>, usage: Use, asked: Option<Size>) -> String {
    let mode = match (model, asked) {
        (Some(model), Some(size)) => model.mode_for_lines(usage, lines(size)),
        (Some(model), None) => model.fixed_mode.unwrap_or(DEFAULT_MODE),
        (None, _) => DEFAULT_MODE,
    };
    mode.to_owned()
}

/// Holds a size against the mode by which the clip is priced: nobody gets more pixels than the mode has.
/// A model that the map does not know has no modes; it is held against the largest.
///
/// # Errors
/// A refusal of the longer side, with what would do.
pub(crate) fn check_size(
    top: &Fields,
    model: Option<&Model>,
    mode: &str,
    asked: Option<Size>,
) -> Result<(), Refusal> {
    let Some(size) = asked else { return Ok(()) };
    let mode = if model.is_some() { mode } else { LARGEST_MODE.0 };
    let row = MODES.iter().find(|(word, _)| *word == mode);
    let most = row.map_or(LARGEST_MODE.1, |(_, lines)| *lines);
    let needed = match model {
        Some(_) => lines(size),
        None => size.width.min(size.height),
    };
    if needed <= most {
        return Ok(());
    }
    let name = if size.width > size.height {
        "width"
    } else {
        "height"
    };
    let message = format!(
        "makes {}x{} pixels, more than mode `{mode}` has",
        size.width, size.height
    );
    let long = most * 16 / 9;
    let allowed = format!("at most {long} pixels on the longer side and {most} on the shorter");
    Err(top.wrong(name, &message).allowing([allowed]))
}

/// The lines of the smallest frame of 16:9, either way up, that the size fits into.
fn lines(size: Size) -> u32 {
    let (short, long) = (size.width.min(size.height), size.width.max(size.height));
    short.max((long * 9).div_ceil(16))
}

/// The vendor's ratio that is nearest; the borders lie in the geometric middle of two ratios.
pub(crate) fn nearest_ratio(size: Size) -> String {
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    let ratio = if width * 3 >= height * 4 {
        "16:9"
    } else if height * 3 >= width * 4 {
        "9:16"
    } else {
        "1:1"
    };
    ratio.to_owned()
}
