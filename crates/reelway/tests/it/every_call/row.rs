//! What a row of the tables says: a call, and what must come of it. Holds no rows and plays none.

use serde_json::Value;

/// Which generation of the vendor's API an account by key speaks for a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// The calls under `/v1`, which are all that a pair opens.
    Legacy,
    /// The new standard, with the model in the path.
    Standard,
}

/// A colour by its hue; white and black by their light.
#[derive(Debug, Clone, Copy)]
pub(super) enum Colour {
    Magenta,
    Green,
    Blue,
    Yellow,
    White,
    Black,
}

/// How much of a part of one moment has a colour.
pub(super) struct Sight {
    /// When, in percent of the clip: 0 is the first frame and 100 the last.
    pub(super) at: usize,
    /// Left, top, right and bottom, in percent of the frame.
    pub(super) area: [usize; 4],
    pub(super) colour: Colour,
    /// The least and the largest share of the area, in percent.
    pub(super) share: (usize, usize),
}

/// What the sound of a file is.
#[derive(Clone, Copy)]
pub(super) enum Heard {
    /// There is no sound stream.
    Nothing,
    /// Sound above [`super::look::SILENCE_DB`].
    Something,
    /// A tone of so many hertz, with at least so many percent of all power.
    Tone(f64, f64),
}

/// What a file is.
pub(super) enum Form {
    /// A clip: frames (one more or less), frames a second, width and height.
    Clip(usize, u32, [u32; 2]),
    /// A sound: the shortest and the longest length in milliseconds.
    Sound(u64, u64),
    /// A picture: width and height.
    Still([u32; 2]),
}

/// One file of a result.
pub(super) struct File {
    /// Where its link stands in the result, as a JSON pointer; where no link stands, it is the file as Base64.
    pub(super) at: &'static str,
    pub(super) form: Form,
    pub(super) heard: Heard,
    pub(super) seen: &'static [Sight],
}

/// One call.
pub(super) struct Row {
    /// Its path, for submits and reads.
    pub(super) path: &'static str,
    /// Whether the answer to the submit is the result.
    pub(super) at_once: bool,
    /// How an account by key puts it.
    pub(super) by_key: Generation,
    /// Its body; `{…}` is a prop.
    pub(super) body: fn() -> Value,
    pub(super) files: &'static [File],
    /// What must stand in the result, as JSON pointers and JSON; `*` is anything but null.
    pub(super) says: &'static [(&'static str, &'static str)],
    /// Props that later rows may name, and where they stand in the result.
    pub(super) keeps: &'static [(&'static str, &'static str)],
}

/// Everywhere in a frame.
pub(super) const WHOLE: [usize; 4] = [0, 0, 100, 100];
/// The left half of a frame, without its edges.
pub(super) const LEFT: [usize; 4] = [5, 10, 40, 90];
/// The right half, without its edges.
pub(super) const RIGHT: [usize; 4] = [60, 10, 95, 90];

pub(super) const fn see(at: usize, area: [usize; 4], colour: Colour, share: (usize, usize)) -> Sight {
    Sight {
        at,
        area,
        colour,
        share,
    }
}

/// The only clip of a result.
pub(super) const fn film(
    (frames, fps): (usize, u32),
    side: u32,
    heard: Heard,
    seen: &'static [Sight],
) -> File {
    File {
        at: "/videos/0/url",
        form: Form::Clip(frames, fps, [side, side]),
        heard,
        seen,
    }
}

/// A picture at a place of a result.
pub(super) const fn picture(at: &'static str, size: [u32; 2], seen: &'static [Sight]) -> File {
    File {
        at,
        form: Form::Still(size),
        heard: Heard::Nothing,
        seen,
    }
}

/// A sound at a place of a result, from one length to another in milliseconds.
pub(super) const fn sound(at: &'static str, length_ms: (u64, u64), heard: Heard) -> File {
    File {
        at,
        form: Form::Sound(length_ms.0, length_ms.1),
        heard,
        seen: &[],
    }
}

/// A call that is answered with a task.
pub(super) const fn later(path: &'static str, files: &'static [File], body: fn() -> Value) -> Row {
    Row {
        path,
        at_once: false,
        by_key: Generation::Legacy,
        body,
        files,
        says: &[],
        keeps: &[],
    }
}

/// A call of which there is one by the new standard too.
pub(super) const fn of_both(path: &'static str, files: &'static [File], body: fn() -> Value) -> Row {
    Row {
        by_key: Generation::Standard,
        ..later(path, files, body)
    }
}

/// A call that is answered with its result.
pub(super) const fn at_once(path: &'static str, files: &'static [File], body: fn() -> Value) -> Row {
    Row {
        at_once: true,
        ..later(path, files, body)
    }
}
