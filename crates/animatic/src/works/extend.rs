//! A given clip and what follows it: the camera goes on over its last frame, which gives way to the scene of the
//! words. The clip itself is shown as it is.

use super::{Extend, Plan, Proceed, Reel, ambience, bare, frames_until, micros, mixing, read};
use crate::RenderError;
use crate::footage::{self, Projector};
use crate::h264::Detail;
use crate::motion::smooth;
use crate::planes::Frame;
use crate::stage::{Stage, Words};
use crate::still::{Format, colours};
use crate::wish::Wish;

/// The scene comes in between these shares of the continuation.
const DISSOLVE: (f32, f32) = (0.4, 0.75);

struct Extended<'a> {
    projector: Projector<'a>,
    own: Wish,
    fps: u32,
    /// The first frame of the continuation, and how many it has.
    begins: u32,
    frames: u32,
    /// The last frame under the camera, and the scene; drawn when they are needed.
    drift: Option<Stage>,
    scene: Option<Stage>,
    other: Frame,
}

pub(super) fn plan<'a>(
    wish: &'a Wish,
    extend: &'a Extend,
    proceed: Proceed<'_>,
) -> Result<Plan<'a>, RenderError> {
    let projector = Projector::new("clip", &extend.clip, wish.width, wish.height)?;
    let before = projector.facts().duration_ms;
    let given = footage::of_clip("clip", &extend.clip)?;
    let duration_ms = before + extend.added_ms;
    let own = Wish {
        sound: wish.sound || given.is_some(),
        ..bare(wish, extend.added_ms)
    };
    let added = ambience(&own, &read(&own), proceed)?;
    let sound = added.map(|added| {
        let given = mixing::sized(given.unwrap_or_default(), mixing::samples(before));
        mixing::sized(mixing::joined(given, &added), mixing::samples(duration_ms))
    });
    let begins = frames_until(before, wish.fps);
    let frames = Wish::frames_in(duration_ms, wish.fps);
    Ok(Plan {
        reel: Box::new(Extended {
            projector,
            fps: wish.fps,
            begins,
            frames: frames.saturating_sub(begins),
            drift: None,
            scene: None,
            other: Frame::new(wish.width as usize, wish.height as usize),
            own,
        }),
        sound,
        duration_ms,
        detail: Detail::Given,
    })
}

impl Reel for Extended<'_> {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let Some(since) = number.checked_sub(self.begins) else {
            frame.copy_from(self.projector.at(micros(number, self.fps))?);
            return Ok(());
        };
        let through = (since + 1) as f32 / self.frames.max(1) as f32;
        let share = smooth((through - DISSOLVE.0) / (DISSOLVE.1 - DISSOLVE.0));
        let scene = read(&self.own);
        if share < 1.0 {
            let drift = match &mut self.drift {
                Some(drift) => drift,
                drift => {
                    let last = self.projector.at(u64::MAX)?;
                    let picture = colours(last, self.own.width, self.own.height).encode(Format::Png)?;
                    let wish = Wish {
                        first_frame: Some(picture),
                        ..self.own.clone()
                    };
                    drift.insert(Stage::new(&wish, &scene, Words::None)?)
                }
            };
            drift.paint(since, frame);
        }
        if share > 0.0 {
            let stage = match &mut self.scene {
                Some(stage) => stage,
                stage => stage.insert(Stage::new(&self.own, &scene, Words::Caption)?),
            };
            if share < 1.0 {
                stage.paint(since, &mut self.other);
                frame.mix(&self.other, (share * 256.0) as u16);
            } else {
                stage.paint(since, frame);
            }
        }
        Ok(())
    }
}
