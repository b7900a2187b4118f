//! A picture moved as a clip moves: the camera over it goes where the clip's went, what is near in it stirs with the
//! clip's middle, and where the clip cuts, the picture is framed anew.

use super::track::{self, Step};
use super::{MotionControl, Plan, Reel, first_frame, mixing};
use crate::RenderError;
use crate::camera::{Bond, View};
use crate::footage;
use crate::h264::Detail;
use crate::planes::Frame;
use crate::shots::Shot;
use crate::sound::Stereo;
use crate::warp::Mesh;
use crate::wish::Wish;

/// How much of the picture is seen at first and after every other cut, as a share of its sides.
const FRAMINGS: [f32; 2] = [0.74, 0.5];
/// The bounds of how much is seen when the clip's camera comes near or goes back.
const SEEN: (f32, f32) = (0.42, 0.9);
/// How far what is near may stir, in shares of the frame, and how much of it stays for the next frame.
const STIR: f32 = 0.035;
const LASTING: f32 = 0.88;

/// A picture and what is seen of it, frame by frame.
pub(super) struct Steered {
    shot: Shot,
    views: Vec<View>,
    mesh: Mesh,
}

pub(super) fn plan<'a>(wish: &'a Wish, control: &MotionControl) -> Result<Plan<'a>, RenderError> {
    let duration_ms = footage::probe(&control.clip)?.duration_ms;
    let frames = Wish::frames_in(duration_ms, wish.fps);
    let steps = track::follow("clip", &control.clip, wish.fps, frames)?;
    let steered = Steered::new(wish, ("first_frame", first_frame(wish)?), &steps)?;
    Ok(Plan {
        reel: Box::new(steered),
        sound: kept(control.keeps_sound, &control.clip, duration_ms)?,
        duration_ms,
        detail: Detail::Given,
    })
}

/// The sound of a clip for a length, if it is kept and there is one.
pub(super) fn kept(keeps: bool, clip: &[u8], duration_ms: u32) -> Result<Option<Stereo>, RenderError> {
    if !keeps {
        return Ok(None);
    }
    let sound = footage::of_clip("clip", clip)?;
    Ok(sound.map(|sound| mixing::sized(sound, mixing::samples(duration_ms))))
}

impl Steered {
    /// Reads a picture that is moved by the steps.
    pub(super) fn new(wish: &Wish, picture: (&str, &[u8]), steps: &[Step]) -> Result<Self, RenderError> {
        let seconds = steps.len() as f32 / wish.fps as f32;
        Ok(Self {
            shot: Shot::read(wish, picture, Bond::Passes, seconds, wish.seed)?,
            views: views(steps),
            mesh: Mesh::new(wish.width as usize, wish.height as usize),
        })
    }
}

impl Reel for Steered {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let view = self.views.get(number as usize).or(self.views.last());
        let view = view.copied().unwrap_or(View::WHOLE);
        self.shot.paint(&mut self.mesh, frame, &view, None);
        Ok(())
    }
}

/// What is seen of the picture at every step.
fn views(steps: &[Step]) -> Vec<View> {
    let mut views = Vec::with_capacity(steps.len());
    let mut from = 0;
    for (cuts, to) in (0..).zip(scenes(steps)) {
        let framing: f32 = FRAMINGS[cuts % FRAMINGS.len()];
        let room = (1.0 - framing) * 0.5 - STIR;
        let (mut x, mut y, mut near, mut grown) = (0.0_f32, 0.0_f32, (0.0_f32, 0.0_f32), 1.0_f32);
        let scene = steps[from..to].iter().map(|step| {
            (x, y, grown) = (x + step.x, y + step.y, grown * step.grown);
            let stir = |last: f32, now: f32| (last * LASTING + now).clamp(-STIR, STIR);
            near = (stir(near.0, step.stir.0), stir(near.1, step.stir.1));
            (x, y, grown, near)
        });
        let scene: Vec<_> = scene.collect();
        // The whole way fits into the picture, its middle on the picture's.
        let (x, y) = (
            Range::of(scene.iter().map(|at| at.0)),
            Range::of(scene.iter().map(|at| at.1)),
        );
        let most = x.half().max(y.half()) * framing;
        let pace = if most > room { room / most } else { 1.0 };
        views.extend(scene.iter().map(|(at_x, at_y, grown, near)| {
            let scale = (framing / grown).clamp(SEEN.0, SEEN.1);
            let slack = (1.0 - scale) * 0.5 - STIR;
            // What is seen moves to the right when the camera goes to the left.
            let place =
                |at: f32, range: &Range| (-(at - range.middle()) * framing * pace).clamp(-slack, slack);
            View {
                x: place(*at_x, &x),
                y: place(*at_y, &y),
                scale,
                turn: 0.0,
                near_x: -near.0,
                near_y: -near.1,
                swell: 0.0,
            }
        }));
        from = to;
    }
    views
}

/// Where every scene ends.
fn scenes(steps: &[Step]) -> Vec<usize> {
    let cuts = steps.iter().enumerate().skip(1).filter(|(_, step)| step.cut);
    let mut ends: Vec<usize> = cuts.map(|(at, _)| at).collect();
    ends.push(steps.len());
    ends
}

struct Range {
    low: f32,
    high: f32,
}

impl Range {
    fn of(values: impl Iterator<Item = f32>) -> Self {
        let rest = Self { low: 0.0, high: 0.0 };
        values.fold(rest, |range, value| Self {
            low: range.low.min(value),
            high: range.high.max(value),
        })
    }

    fn middle(&self) -> f32 {
        (self.low + self.high) * 0.5
    }

    fn half(&self) -> f32 {
        (self.high - self.low) * 0.5
    }
}
