//! Given pictures in motion: a slow zoom that never shows an edge, and the fades from one to the next.

use crate::chance::Chance;
use crate::motion::{glide, smooth};
use crate::planes::Frame;

/// Pictures are kept this much larger than the frame, so that zooming in stays sharp.
pub(crate) const RESERVE: f32 = 1.16;
/// How far a shot zooms over its time.
const ZOOM: f32 = 0.12;
/// A fade takes this share of the clip, at most [`MAX_FADE_SECONDS`].
const FADE_SHARE: f32 = 0.24;
const MAX_FADE_SECONDS: f32 = 1.2;
/// The picture a clip ends on begins here, as a part of the clip.
const ENDING: f32 = 0.72;
/// Fixed-point ones of the sampling.
const ONE: i64 = 1 << 16;

/// A picture and its slow movement.
#[derive(Debug)]
pub(crate) struct Shot {
    picture: Frame,
    /// The point the zoom goes towards, in shares of the picture.
    towards: (f32, f32),
    rows: Vec<u8>,
}

impl Shot {
    pub(crate) fn new(picture: Frame, seed: u64, label: &str) -> Self {
        let mut chance = Chance::new(seed, label);
        let towards = (chance.between(0.3, 0.7), chance.between(0.3, 0.6));
        Self {
            picture,
            towards,
            rows: Vec::new(),
        }
    }

    /// Paints the picture into the frame, `zoomed` from 0, all of it, to 1, as near as it goes.
    pub(crate) fn paint(&mut self, frame: &mut Frame, zoomed: f32) {
        let share = 1.0 / (1.0 + ZOOM * zoomed);
        let corner = (self.towards.0 * (1.0 - share), self.towards.1 * (1.0 - share));
        let sides = (self.picture.width, self.picture.height);
        let target = (frame.width, frame.height);
        let half = |sides: (usize, usize)| (sides.0 / 2, sides.1 / 2);
        let rows = &mut self.rows;
        stretch(
            (&self.picture.y, sides),
            (&mut frame.y, target),
            corner,
            share,
            rows,
        );
        stretch(
            (&self.picture.u, half(sides)),
            (&mut frame.u, half(target)),
            corner,
            share,
            rows,
        );
        stretch(
            (&self.picture.v, half(sides)),
            (&mut frame.v, half(target)),
            corner,
            share,
            rows,
        );
    }
}

type Plane<'a> = (&'a [u8], (usize, usize));

/// Samples the part of a plane that starts at `corner` and is `share` of its sides long, between its pixels.
fn stretch(
    from: Plane<'_>,
    to: (&mut [u8], (usize, usize)),
    corner: (f32, f32),
    share: f32,
    row: &mut Vec<u8>,
) {
    let (source, (width, height)) = from;
    let (out, (across, down)) = to;
    let columns = steps(width, across, corner.0, share);
    let lines = steps(height, down, corner.1, share);
    row.resize(width, 0);
    for (line, out) in lines.iter().zip(out.chunks_exact_mut(across)) {
        let (upper, lower) = (
            &source[line.0 * width..][..width],
            &source[line.1 * width..][..width],
        );
        let near = 256 - line.2;
        for ((mixed, upper), lower) in row.iter_mut().zip(upper).zip(lower) {
            *mixed = ((u16::from(*upper) * near + u16::from(*lower) * line.2 + 128) >> 8) as u8;
        }
        for (out, column) in out.iter_mut().zip(&columns) {
            let (left, right) = (u16::from(row[column.0]), u16::from(row[column.1]));
            *out = ((left * (256 - column.2) + right * column.2 + 128) >> 8) as u8;
        }
    }
}

/// For every target pixel: the two source pixels it lies between and the weight of the second in 1/256.
fn steps(source: usize, target: usize, corner: f32, share: f32) -> Vec<(usize, usize, u16)> {
    let step = (source as f64 * f64::from(share) / target as f64 * ONE as f64) as i64;
    let start = (source as f64 * f64::from(corner) * ONE as f64) as i64 + step / 2 - ONE / 2;
    let last = source - 1;
    (0..target as i64)
        .map(|at| {
            let place = (start + at * step).clamp(0, last as i64 * ONE);
            let left = (place >> 16) as usize;
            (left, (left + 1).min(last), ((place & 0xffff) >> 8) as u16)
        })
        .collect()
}

/// What is to be seen at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The number of the act.
    pub(crate) act: usize,
    /// How near that act's picture is zoomed, from 0 to 1.
    pub(crate) zoomed: f32,
    /// How near the next act's picture is zoomed and its weight in 1/256, while one fades into it.
    pub(crate) next: Option<(f32, u16)>,
}

/// When which act begins: they share the clip evenly, but an ending takes only its last part.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// The middle of the fade to each act, as a part of the clip; the first begins at 0.
    begins: Vec<f32>,
    fade: f32,
    ending: bool,
}

impl Schedule {
    /// Plans `count` acts; with `ending` the last of them is the picture the clip comes to rest on.
    pub(crate) fn new(count: usize, ending: bool, seconds: f32) -> Self {
        let ending = ending && count > 1;
        let until = if ending { ENDING } else { 1.0 };
        let shared = count - usize::from(ending);
        let mut begins: Vec<f32> = (0..shared).map(|at| until * at as f32 / shared as f32).collect();
        if ending {
            begins.push(ENDING);
        }
        let longest = until / shared as f32 * 0.8;
        let fade = FADE_SHARE.min(MAX_FADE_SECONDS / seconds).min(longest);
        Self { begins, fade, ending }
    }

    /// Finds the cut for a part of the clip from 0 to 1.
    pub(crate) fn cut(&self, at: f32) -> Cut {
        let half = self.fade * 0.5;
        let begun = |begin: &f32| at >= begin + half;
        let act = self
            .begins
            .iter()
            .skip(1)
            .take_while(|begin| begun(begin))
            .count();
        let coming = self
            .begins
            .get(act + 1)
            .map(|begin| (at - begin + half) / self.fade);
        let next = coming.filter(|share| *share > 0.0);
        Cut {
            act,
            zoomed: self.zoomed(act, at),
            next: next.map(|share| (self.zoomed(act + 1, at), (smooth(share) * 256.0) as u16)),
        }
    }

    fn zoomed(&self, act: usize, at: f32) -> f32 {
        let begin = if act == 0 {
            0.0
        } else {
            self.begins[act] - self.fade * 0.5
        };
        let end = self
            .begins
            .get(act + 1)
            .map_or(1.0, |begin| begin + self.fade * 0.5);
        let through = glide((at - begin) / (end - begin));
        let rests = self.ending && act + 1 == self.begins.len();
        if rests { 1.0 - through } else { through }
    }
}
