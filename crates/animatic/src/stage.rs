//! One clip's pictures: scene, given pictures and words put together, frame by frame. Encodes nothing.

use crate::RenderError;
use crate::caption;
use crate::finish::Finish;
use crate::layers::{self, Layer, Moment, Set, Size};
use crate::mark;
use crate::picture;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID};
use crate::scene::Scene;
use crate::shots::{RESERVE, Schedule, Shot};
use crate::wish::Wish;

/// Everything drawn and ready to be put together.
pub(crate) struct Stage {
    size: Size,
    drift: f32,
    fps: f32,
    acts: Vec<Act>,
    schedule: Schedule,
    words: Vec<Layer>,
    mark: Vec<Layer>,
    finish: Finish,
    brush: Brush,
    other: Frame,
}

/// Whether the prompt stands in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    Caption,
    None,
}

/// What fills the frame for a part of the clip.
enum Act {
    Scene(Set),
    Shot(Shot),
}

impl Stage {
    /// Draws the scene and reads the pictures of a wish that passed its check.
    pub(crate) fn new(wish: &Wish, scene: &Scene, words: Words) -> Result<Self, RenderError> {
        let size = Size::new(wish.width, wish.height, wish.duration_ms);
        let (width, height) = (wish.width as usize, wish.height as usize);
        let mut acts = Vec::new();
        if wish.first_frame.is_none() && wish.references.is_empty() {
            acts.push(Act::Scene(layers::build(scene, &size)));
        }
        for (field, bytes) in wish.pictures() {
            let reserve = |side: u32| ((side as f32 * RESERVE) as u32).next_multiple_of(2);
            let picture = picture::fit(&field, bytes, reserve(wish.width), reserve(wish.height))?;
            acts.push(Act::Shot(Shot::new(picture, scene.seed, &field)));
        }
        let words = match words {
            Words::Caption => caption::caption(&wish.prompt, &size).into_iter().collect(),
            Words::None => Vec::new(),
        };
        let mark = wish.marked_copy.then(|| mark::layer(&size)).flatten();
        Ok(Self {
            size,
            drift: scene.drift,
            schedule: Schedule::new(acts.len(), wish.last_frame.is_some(), size.seconds),
            fps: wish.fps as f32,
            acts,
            words,
            mark: mark.into_iter().collect(),
            finish: Finish::new(width, height, scene.seed, scene.palette.grade.corner),
            brush: Brush::default(),
            other: Frame::new(width, height),
        })
    }

    /// Paints one frame over whatever `frame` held.
    pub(crate) fn paint(&mut self, number: u32, frame: &mut Frame) {
        let moment = Moment::new(number as f32 / self.fps, &self.size, self.drift);
        let cut = self.schedule.cut(moment.at);
        self.acts[cut.act].paint(&mut self.brush, frame, &moment, cut.zoomed);
        if let Some((zoomed, share)) = cut.next {
            self.acts[cut.act + 1].paint(&mut self.brush, &mut self.other, &moment, zoomed);
            frame.mix(&self.other, share);
        }
        blend(&mut self.brush, &self.words, frame, &moment);
        self.finish.touch(frame, number);
    }
}

impl Stage {
    /// Puts the mark on a frame that was painted; where none is wished for, or none could be read, nothing.
    pub(crate) fn stamp(&mut self, number: u32, frame: &mut Frame) {
        let moment = Moment::new(number as f32 / self.fps, &self.size, self.drift);
        blend(&mut self.brush, &self.mark, frame, &moment);
    }
}

impl Act {
    fn paint(&mut self, brush: &mut Brush, frame: &mut Frame, moment: &Moment, zoomed: f32) {
        match self {
            Self::Scene(set) => {
                frame.copy_from(&set.backdrop);
                blend(brush, &set.layers, frame, moment);
            }
            Self::Shot(shot) => shot.paint(frame, zoomed),
        }
    }
}

/// Blends layers from far to near, leaving out the rows that nearer ones will hide.
fn blend(brush: &mut Brush, layers: &[Layer], frame: &mut Frame, moment: &Moment) {
    let mut bottoms = vec![frame.height; layers.len()];
    let mut bottom = frame.height;
    for (at, layer) in layers.iter().enumerate().rev() {
        bottoms[at] = bottom;
        if layer.copies == 1 {
            bottom = bottom.min(hidden_from(layer, frame, moment));
        }
    }
    for (layer, bottom) in layers.iter().zip(bottoms) {
        for copy in 0..layer.copies {
            let spot = (layer.motion)(copy, moment);
            let strength = (spot.strength.clamp(0.0, 1.0) * f32::from(SOLID)) as u16;
            if strength > 0 {
                let place = Place {
                    x: fixed(spot.x),
                    y: fixed(spot.y),
                    strength,
                    bottom,
                };
                brush.blend(frame, &layer.poses[spot.pose], place);
            }
        }
    }
}

/// The first row of the frame below which this layer hides everything.
fn hidden_from(layer: &Layer, frame: &Frame, moment: &Moment) -> usize {
    let spot = (layer.motion)(0, moment);
    let sprite = &layer.poses[spot.pose];
    let wide = spot.x <= -1.0 && spot.x + sprite.width() as f32 >= frame.width as f32 + 1.0;
    let deep = spot.y + sprite.height() as f32 >= frame.height as f32;
    if !(wide && deep && spot.strength >= 1.0) {
        return frame.height;
    }
    let row = libm::ceilf(spot.y) as i32 + sprite.hides_from() as i32 + 2;
    row.clamp(0, frame.height as i32) as usize
}

fn fixed(pixels: f32) -> i32 {
    libm::floorf(pixels * PIXEL as f32) as i32
}
