//! Areas of a picture that move along paths, in front of what was behind them, and one area that stands still.

use super::{Masks, Plan, Proceed, Reel, ambience, first_frame, read};
use crate::RenderError;
use crate::h264::Detail;
use crate::motion::smooth;
use crate::picture;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::plaster;
use crate::stage::Overlay;
use crate::wish::Wish;

/// Edges of areas are soft over this part of the shorter side.
const EDGE: f32 = 0.003;
/// The hole behind an area reaches this part of the shorter side beyond it, so that no rim of it is left.
const RIM: f32 = 0.008;

/// The picture taken apart.
struct Parts {
    ground: Frame,
    moving: Vec<(Sprite, Way)>,
    still: Option<Sprite>,
    brush: Brush,
    caption: Overlay,
    frames: u32,
}

/// A way in pixels of the frame, counted from its first point, downwards.
struct Way {
    points: Vec<(f32, f32)>,
    /// The length of the way up to every point.
    gone: Vec<f32>,
}

pub(super) fn plan<'a>(wish: &'a Wish, masks: &Masks, proceed: Proceed<'_>) -> Result<Plan<'a>, RenderError> {
    let bytes = first_frame(wish)?;
    let sound = ambience(wish, &read(wish), proceed)?;
    let fitted = picture::fit("first_frame", bytes, wish.width, wish.height)?;
    let picture = fitted.frame;
    let shorter = wish.width.min(wish.height) as f32;
    let sides = (wish.width as usize, wish.height as usize);
    let grown = |mask: &[u8], by: f32| plaster::grown(mask, sides, (shorter * by).max(1.0) as usize);
    let scale = picture::scale_in(bytes, wish.width, wish.height);
    let (mut moving, mut hole) = (Vec::new(), vec![0; sides.0 * sides.1]);
    for (at, area) in masks.moving.iter().enumerate() {
        let mask = picture::mask(&format!("masks[{at}]"), &area.mask, wish.width, wish.height)?;
        for (hole, level) in hole.iter_mut().zip(grown(&mask, RIM)) {
            *hole = level.max(*hole);
        }
        let soft = plaster::softened(&mask, sides, (shorter * EDGE).max(1.0) as usize);
        moving.push((Sprite::masked(&picture, &soft), Way::new(&area.path, scale)));
    }
    let still = match &masks.still {
        Some(bytes) => {
            let mask = picture::mask("static_mask", bytes, wish.width, wish.height)?;
            let soft = plaster::softened(&mask, sides, (shorter * EDGE).max(1.0) as usize);
            Some(Sprite::masked(&picture, &soft))
        }
        None => None,
    };
    let ground = plaster::filled(&picture, &plaster::softened(&hole, sides, 2));
    Ok(Plan {
        reel: Box::new(Parts {
            ground,
            moving,
            still,
            brush: Brush::default(),
            caption: Overlay::caption(wish, wish.duration_ms),
            frames: wish.frames(),
        }),
        sound,
        duration_ms: wish.duration_ms,
        detail: Detail::Given,
    })
}

impl Reel for Parts {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        frame.copy_from(&self.ground);
        let through = number as f32 / self.frames.saturating_sub(1).max(1) as f32;
        let mut put = |frame: &mut Frame, sprite: &Sprite, (x, y): (f32, f32)| {
            let fixed = |at: f32| libm::floorf(at * PIXEL as f32) as i32;
            let place = Place {
                x: fixed(x),
                y: fixed(y),
                strength: SOLID,
                bottom: frame.height,
            };
            self.brush.blend(frame, sprite, place);
        };
        for (sprite, way) in &self.moving {
            put(frame, sprite, way.at(smooth(through)));
        }
        if let Some(still) = &self.still {
            put(frame, still, (0.0, 0.0));
        }
        self.caption.paint(number, frame);
        Ok(())
    }
}

impl Way {
    fn new(path: &[(i32, i32)], scale: f32) -> Self {
        let (first_x, first_y) = path.first().copied().unwrap_or_default();
        let points: Vec<(f32, f32)> = path
            .iter()
            .map(|(x, y)| {
                // The vendor counts upwards, a frame downwards.
                let (x, y) = (
                    f64::from(*x) - f64::from(first_x),
                    f64::from(first_y) - f64::from(*y),
                );
                (x as f32 * scale, y as f32 * scale)
            })
            .collect();
        let mut gone = vec![0.0];
        for pair in points.windows(2) {
            let step = libm::hypotf(pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            gone.push(gone[gone.len() - 1] + step);
        }
        Self { points, gone }
    }

    /// Where the area is after a part of the way, from 0 to 1.
    fn at(&self, through: f32) -> (f32, f32) {
        let whole = self.gone.last().copied().unwrap_or(0.0);
        let gone = whole * through;
        let next = self
            .gone
            .partition_point(|at| *at < gone)
            .min(self.points.len() - 1);
        let Some(before) = next.checked_sub(1) else {
            return self.points.first().copied().unwrap_or_default();
        };
        let leg = (self.gone[next] - self.gone[before]).max(f32::MIN_POSITIVE);
        let share = ((gone - self.gone[before]) / leg).clamp(0.0, 1.0);
        let (from, to) = (self.points[before], self.points[next]);
        (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
    }
}
