//! A given clip with an area changed: a picture put there, a picture in its place, or the area filled with what is
//! around it. The area goes along with what it lay on.

use super::track::{Part, Scout};
use super::{Area, Edit, Elements, Plan, Reel, Shape, micros, steered};
use crate::RenderError;
use crate::footage::Projector;
use crate::h264::Detail;
use crate::picture;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::plaster;
use crate::wish::{Wish, WishError};

/// Where the area is taken to be without a word of it, in thousandths of the frame.
const MIDDLE: Area = Area {
    left: 350,
    top: 300,
    width: 300,
    height: 400,
};
/// Edges are soft over this part of the shorter side, and those of an added picture over this.
const EDGE: f32 = 0.004;
const SOFT: f32 = 0.012;
/// A filled area reaches this part of the shorter side beyond its mask.
const RIM: f32 = 0.012;
/// An area is filled from what lies within this part of the shorter side around it.
const AROUND: f32 = 0.12;
/// An area that is given by points reaches this part of the shorter side around them.
const AROUND_POINT: f32 = 0.14;

struct Edited<'a> {
    projector: Projector<'a>,
    areas: Vec<Changed>,
    /// Where the area is at every frame.
    places: Vec<Gone>,
    fps: u32,
    brush: Brush,
}

/// Which of the areas is seen, and how far it has gone since its moment, in pixels.
#[derive(Clone, Copy, Default)]
struct Gone {
    area: usize,
    x: f32,
    y: f32,
}

/// What is done at an area.
enum Changed {
    Sprite(Box<Sprite>),
    Hole(Hole),
}

/// An area that is filled: its mask, and the box of the frame that is looked at, in whole even pixels.
struct Hole {
    mask: Vec<u8>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// Left, top, right and bottom in pixels; even, and not empty.
#[derive(Clone, Copy)]
struct Bounds(usize, usize, usize, usize);

pub(super) fn plan<'a>(wish: &'a Wish, elements: &'a Elements) -> Result<Plan<'a>, RenderError> {
    let projector = Projector::new("clip", &elements.clip, wish.width, wish.height)?;
    let duration_ms = projector.facts().duration_ms;
    let mut masks = Vec::new();
    for (at, area) in elements.areas.iter().enumerate() {
        masks.push(match &area.shape {
            Shape::Mask(mask) => picture::mask(&format!("areas[{at}]"), mask, wish.width, wish.height)?,
            Shape::Points(points) => around(wish, points),
        });
    }
    if masks.is_empty() {
        masks.push(boxed(wish, MIDDLE));
    }
    let bounds: Vec<Bounds> = masks.iter().map(|mask| bounds(mask, wish)).collect();
    let changed = masks
        .iter()
        .zip(&bounds)
        .map(|(mask, bounds)| changed(wish, elements.edit, mask, *bounds));
    let areas = changed.collect::<Result<Vec<_>, WishError>>()?;
    let frames = Wish::frames_in(duration_ms, wish.fps);
    Ok(Plan {
        reel: Box::new(Edited {
            places: places(wish, elements, &bounds, frames)?,
            projector,
            areas,
            fps: wish.fps,
            brush: Brush::default(),
        }),
        sound: steered::kept(true, &elements.clip, duration_ms)?,
        duration_ms,
        detail: Detail::Given,
    })
}

impl Reel for Edited<'_> {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        frame.copy_from(self.projector.at(micros(number, self.fps))?);
        let Gone { area, x, y } = self.places.get(number as usize).copied().unwrap_or_default();
        match &self.areas[area] {
            Changed::Sprite(sprite) => {
                let fixed = |at: f32| libm::floorf(at * PIXEL as f32) as i32;
                let place = Place {
                    x: fixed(x),
                    y: fixed(y),
                    strength: SOLID,
                    bottom: frame.height,
                };
                self.brush.blend(frame, sprite, place);
            }
            Changed::Hole(hole) => hole.fill(frame, (x, y)),
        }
        Ok(())
    }
}

impl Hole {
    fn new(wish: &Wish, mask: &[u8], bounds: Bounds) -> Self {
        let sides = (wish.width as usize, wish.height as usize);
        let shorter = wish.width.min(wish.height) as f32;
        let rim = (shorter * RIM).max(2.0) as usize;
        let mask = plaster::softened(&plaster::grown(mask, sides, rim), sides, 2);
        let around = (shorter * AROUND).max(8.0) as usize / 2 * 2;
        let (left, top) = (bounds.0.saturating_sub(around), bounds.1.saturating_sub(around));
        let (right, bottom) = ((bounds.2 + around).min(sides.0), (bounds.3 + around).min(sides.1));
        let rows = mask.chunks_exact(sides.0).take(bottom).skip(top);
        Self {
            mask: rows.flat_map(|row| row[left..right].iter().copied()).collect(),
            left,
            top,
            width: right - left,
            height: bottom - top,
        }
    }

    /// Fills the area where it has gone to; a box that has left the frame is brought back to its edge.
    fn fill(&self, frame: &mut Frame, (x, y): (f32, f32)) {
        let to = |from: usize, by: f32, size: usize, side: usize| {
            let moved = (from as f32 + by).clamp(0.0, (side - size) as f32);
            moved as usize / 2 * 2
        };
        let left = to(self.left, x, self.width, frame.width);
        let top = to(self.top, y, self.height, frame.height);
        let part = part(frame, (left, top), (self.width, self.height));
        put(frame, &plaster::filled(&part, &self.mask), (left, top));
    }
}

/// A part of a frame; corner and sides are even.
fn part(frame: &Frame, (left, top): (usize, usize), (width, height): (usize, usize)) -> Frame {
    let cut = |plane: &[u8], by: usize| {
        let rows = plane
            .chunks_exact(frame.width / by)
            .skip(top / by)
            .take(height / by);
        rows.flat_map(|row| row[left / by..][..width / by].iter().copied())
            .collect()
    };
    Frame {
        width,
        height,
        y: cut(&frame.y, 1),
        u: cut(&frame.u, 2),
        v: cut(&frame.v, 2),
    }
}

/// Puts a picture into a frame; its corner and sides are even.
fn put(frame: &mut Frame, picture: &Frame, (left, top): (usize, usize)) {
    let across = frame.width;
    let planes = [
        (&picture.y, &mut frame.y, 1),
        (&picture.u, &mut frame.u, 2),
        (&picture.v, &mut frame.v, 2),
    ];
    for (from, to, by) in planes {
        let rows = to.chunks_exact_mut(across / by).skip(top / by);
        for (row, line) in rows.zip(from.chunks_exact(picture.width / by)) {
            row[left / by..][..line.len()].copy_from_slice(line);
        }
    }
}

/// A mask of a box.
fn boxed(wish: &Wish, area: Area) -> Vec<u8> {
    let (width, height) = (wish.width as usize, wish.height as usize);
    let pixels = |thousandths: u16, side: usize| usize::from(thousandths) * side / 1000;
    let (left, top) = (pixels(area.left, width), pixels(area.top, height));
    let (right, bottom) = (
        left + pixels(area.width, width),
        top + pixels(area.height, height),
    );
    let inside = |at: usize| {
        let (x, y) = (at % width, at / width);
        (left..right).contains(&x) && (top..bottom).contains(&y)
    };
    (0..width * height)
        .map(|at| if inside(at) { 255 } else { 0 })
        .collect()
}

/// A mask of what lies around points.
fn around(wish: &Wish, points: &[(u16, u16)]) -> Vec<u8> {
    let (width, height) = (wish.width as usize, wish.height as usize);
    let reach = width.min(height) as f32 * AROUND_POINT;
    let pixel = |share: u16, side: usize| f32::from(share.min(1000)) * side as f32 / 1000.0;
    let points: Vec<_> = points
        .iter()
        .map(|(x, y)| (pixel(*x, width), pixel(*y, height)))
        .collect();
    let near = |at: usize| {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        points
            .iter()
            .any(|point| libm::hypotf(x - point.0, y - point.1) <= reach)
    };
    (0..width * height)
        .map(|at| if near(at) { 255 } else { 0 })
        .collect()
}

/// The box around a mask; an empty one is taken for the middle.
fn bounds(mask: &[u8], wish: &Wish) -> Bounds {
    let (width, height) = (wish.width as usize, wish.height as usize);
    let mut found: Option<Bounds> = None;
    for (row, line) in mask.chunks_exact(width).enumerate() {
        let (Some(first), Some(last)) = (
            line.iter().position(|level| *level > 0),
            line.iter().rposition(|level| *level > 0),
        ) else {
            continue;
        };
        let Bounds(left, top, right, _) = found.unwrap_or(Bounds(first, row, last + 1, row + 1));
        found = Some(Bounds(left.min(first), top, right.max(last + 1), row + 1));
    }
    let Bounds(left, top, right, bottom) =
        found.unwrap_or(Bounds(width / 3, height / 3, width * 2 / 3, height * 2 / 3));
    let even = |from: usize, to: usize, side: usize| {
        let from = (from & !1).min(side - 4);
        (from, ((to + 1) & !1).clamp(from + 4, side))
    };
    let ((left, right), (top, bottom)) = (even(left, right, width), even(top, bottom, height));
    Bounds(left, top, right, bottom)
}

fn changed(wish: &Wish, edit: Edit, mask: &[u8], bounds: Bounds) -> Result<Changed, WishError> {
    let sides = (wish.width as usize, wish.height as usize);
    let shorter = wish.width.min(wish.height) as f32;
    let Bounds(left, top, right, bottom) = bounds;
    let mut canvas = Frame::new(sides.0, sides.1);
    let (soft, count) = match edit {
        Edit::Removal => return Ok(Changed::Hole(Hole::new(wish, mask, bounds))),
        Edit::Swap => (
            plaster::softened(mask, sides, (shorter * EDGE).max(1.0) as usize),
            1,
        ),
        Edit::Addition => {
            let mut inside = vec![0; mask.len()];
            let reach = (shorter * SOFT).max(1.0) as usize;
            let rim =
                |from: usize, to: usize| from + reach.min((to - from) / 3)..to - reach.min((to - from) / 3);
            for row in rim(top, bottom) {
                inside[row * sides.0..][rim(left, right)].fill(255);
            }
            (
                plaster::softened(&inside, sides, reach),
                wish.references.len().min(2),
            )
        }
    };
    // Several pictures share the box side by side.
    let wide = ((right - left) / count.max(1) / 2 * 2).max(4);
    for (at, bytes) in wish.references.iter().take(count).enumerate() {
        let corner = (left + at * wide).min(right - 4) & !1;
        let width = if at + 1 == count { right - corner } else { wide };
        let field = format!("references[{at}]");
        let fitted = picture::cover(&field, bytes, width as u32, (bottom - top) as u32)?;
        put(&mut canvas, &fitted, (corner, top));
    }
    Ok(Changed::Sprite(Box::new(Sprite::masked(&canvas, &soft))))
}

/// Which area is seen at every frame, and how far it has gone with the clip since its moment.
fn places(wish: &Wish, elements: &Elements, bounds: &[Bounds], frames: u32) -> Result<Vec<Gone>, WishError> {
    let (width, height) = (wish.width as f32, wish.height as f32);
    let mut scout = Scout::new("clip", &elements.clip, wish.fps)?;
    let mut places = Vec::with_capacity(frames as usize);
    let (mut area, mut gone) = (0, (0.0_f32, 0.0_f32));
    for number in 0..frames {
        let at_ms = micros(number, wish.fps) / 1000;
        let newest = elements
            .areas
            .partition_point(|area| u64::from(area.at_ms) <= at_ms);
        let Bounds(left, top, right, bottom) = bounds[area];
        let part: Part = (
            ((left as f32 + gone.0) / width).clamp(0.0, 1.0),
            ((top as f32 + gone.1) / height).clamp(0.0, 1.0),
            ((right as f32 + gone.0) / width).clamp(0.0, 1.0),
            ((bottom as f32 + gone.1) / height).clamp(0.0, 1.0),
        );
        let (x, y) = scout.shift(number, part)?;
        let now = newest.saturating_sub(1);
        let begun = newest > 0 || elements.areas.is_empty();
        (area, gone) = match (now == area, begun) {
            (true, true) => (area, (gone.0 + x * width, gone.1 + y * height)),
            // Before its moment an area waits where it will be.
            (true, false) => (area, (0.0, 0.0)),
            (false, _) => (now, (0.0, 0.0)),
        };
        places.push(Gone {
            area,
            x: gone.0,
            y: gone.1,
        });
    }
    Ok(places)
}
