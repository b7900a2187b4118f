//! One clip's pictures: scene, given pictures and words put together, frame by frame. Encodes nothing.

use crate::RenderError;
use crate::camera::{Bond, SceneCamera, View};
use crate::caption;
use crate::chance::Chance;
use crate::finish::Finish;
use crate::flow::Flow;
use crate::layers::{self, Layer, Moment, Set, Size, Spot};
use crate::mark;
use crate::motion::smooth;
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::scene::Scene;
use crate::shots::{Cut, Ending, Join, Next, Schedule, Shot, slide};
use crate::warp::{Lens, Mesh};
use crate::wish::Wish;

/// How near the camera dives where two pictures have nothing in common.
const DIVE: f32 = 0.55;
/// The part of a dive's time in which both are seen.
const DIVE_DISSOLVE: (f32, f32) = (0.42, 0.58);
/// While one picture bends into another, the one gives way to the other between these shares of the way.
const DISSOLVE: (f32, f32) = (0.34, 0.66);
/// Words are gone this many seconds before a clip ends on a given picture.
const QUIET_SECONDS: f32 = 0.6;
/// Pictures shown for less than this, in seconds, are cut and not slid.
const SLIDE_SECONDS: f32 = 2.0;

/// Everything drawn and ready to be put together.
pub(crate) struct Stage {
    size: Size,
    fps: f32,
    acts: Vec<Act>,
    schedule: Schedule,
    flow: Option<Flow>,
    words: Vec<Layer>,
    ending: Ending,
    tools: Tools,
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
    Scene(Box<Filmed>),
    Shot(Box<Shot>),
}

/// A drawn scene and the camera over it.
struct Filmed {
    set: Set,
    camera: SceneCamera,
    /// The backdrop, if the frame only slides over it.
    ground: Option<Sprite>,
    /// Where the scene is put together before the camera looks at it, if it is larger than the frame.
    canvas: Frame,
    lens: Lens,
    finish: Finish,
}

/// What painting needs beside the pictures.
struct Tools {
    brush: Brush,
    mesh: Mesh,
}

impl Stage {
    /// Draws the scene and reads the pictures of a wish that passed its check.
    pub(crate) fn new(wish: &Wish, scene: &Scene, words: Words) -> Result<Self, RenderError> {
        let size = Size::new(wish.width, wish.height, wish.duration_ms);
        let (width, height) = (wish.width as usize, wish.height as usize);
        let ending = if wish.last_frame.is_some() {
            Ending::Rests
        } else {
            Ending::Passes
        };
        let schedule = Schedule::new(joins(wish, scene.seed), ending, size.seconds);
        let mut acts = Vec::new();
        if begins_with_scene(wish) {
            acts.push(Act::Scene(Box::new(Filmed::new(wish, scene))));
        }
        for (field, bytes) in wish.pictures() {
            let bond = match field.as_str() {
                "first_frame" => Bond::Starts,
                "last_frame" => Bond::Rests,
                _ => Bond::Passes,
            };
            let seconds = schedule.length(acts.len()) * size.seconds;
            let shot = Shot::read(wish, (&field, bytes), bond, seconds, scene.seed)?;
            acts.push(Act::Shot(Box::new(shot)));
        }
        let flow = match acts.as_slice() {
            [Act::Shot(first), Act::Shot(last)] if ending == Ending::Rests => first.flow_to(last),
            _ => None,
        };
        let schedule = if flow.is_some() {
            Schedule::new(vec![Join::Flow], ending, size.seconds)
        } else {
            schedule
        };
        let words = match words {
            Words::Caption => caption::caption(&wish.prompt, &size).into_iter().collect(),
            Words::None => Vec::new(),
        };
        Ok(Self {
            size,
            schedule,
            flow,
            fps: wish.fps as f32,
            acts,
            words,
            ending,
            tools: Tools {
                brush: Brush::default(),
                mesh: Mesh::new(width, height),
            },
            other: Frame::new(width, height),
        })
    }

    /// Paints one frame over whatever `frame` held.
    pub(crate) fn paint(&mut self, number: u32, frame: &mut Frame) {
        let moment = Moment::new(number as f32 / self.fps, &self.size, 0.0);
        // The last frame is the end, although it begins a moment before.
        let whole = (self.size.seconds - 1.0 / self.fps).max(1.0 / self.fps);
        let at = (moment.seconds / whole).min(1.0);
        let cut = self.schedule.cut(at);
        if let Some(Act::Shot(passed)) = cut.act.checked_sub(1).and_then(|act| self.acts.get_mut(act)) {
            passed.rest();
        }
        let point = Point {
            number,
            seconds: moment.seconds,
            at,
        };
        let (now, coming) = self.acts.split_at_mut(cut.act + 1);
        let now = &mut now[cut.act];
        match (cut.next, coming.first_mut()) {
            (Some(next), Some(coming)) => {
                let frames = (&mut *frame, &mut self.other);
                give_way(
                    (now, coming),
                    &mut self.tools,
                    frames,
                    (&cut, &next),
                    self.flow.as_ref(),
                    &point,
                );
            }
            _ => now.paint(&mut self.tools, frame, &point, cut.through, 1.0),
        }
        let left = (self.size.seconds - moment.seconds) / QUIET_SECONDS - 0.5;
        let loud = match self.ending {
            Ending::Rests => smooth(left),
            Ending::Passes => 1.0,
        };
        let look = Look { loud, ..Look::PLAIN };
        blend(&mut self.tools.brush, &self.words, frame, &moment, look);
    }
}

/// One frame's place in the clip.
#[derive(Clone, Copy)]
struct Point {
    number: u32,
    seconds: f32,
    /// How much of the clip has passed, from 0 at the first to 1 at the last frame.
    at: f32,
}

fn begins_with_scene(wish: &Wish) -> bool {
    wish.first_frame.is_none() && wish.references.is_empty()
}

/// How the acts of a wish follow one another: a sequence of pictures keeps to one manner.
fn joins(wish: &Wish, seed: u64) -> Vec<Join> {
    let pictures = wish.pictures().count();
    let count = pictures - usize::from(!begins_with_scene(wish));
    let mut chance = Chance::new(seed, "joins");
    let each = wish.duration_ms as f32 / 1000.0 / pictures.max(1) as f32;
    let side = chance.pick(&[1.0, -1.0]);
    let manner = if each < SLIDE_SECONDS || chance.likely(0.5) {
        Join::Cut
    } else {
        Join::Slide(side)
    };
    let mut joins = vec![manner; count];
    if wish.last_frame.is_some()
        && let Some(last) = joins.last_mut()
    {
        *last = if begins_with_scene(wish) {
            Join::Fade
        } else {
            Join::Dive
        };
    }
    joins
}

/// Paints a frame of two acts, of which the one gives way to the other.
fn give_way(
    acts: (&mut Act, &mut Act),
    tools: &mut Tools,
    frames: (&mut Frame, &mut Frame),
    (cut, next): (&Cut, &Next),
    flow: Option<&Flow>,
    point: &Point,
) {
    let ((now, coming), (frame, other)) = (acts, frames);
    let share = next.share;
    match (next.join, flow) {
        (Join::Flow, Some(flow)) => {
            let (Act::Shot(from), Act::Shot(to)) = (now, coming) else {
                return;
            };
            // One camera for both, back on the whole picture at either end.
            let view = from
                .view(smooth(1.0 - (2.0 * share - 1.0).abs()), point.seconds)
                .flat();
            let gone = 0.25 * share + 0.75 * smooth(share);
            let weight = smooth((share - DISSOLVE.0) / (DISSOLVE.1 - DISSOLVE.0));
            from.paint(&mut tools.mesh, frame, &view, Some((flow, gone)));
            if weight > 0.0 {
                to.paint(&mut tools.mesh, other, &view, Some((flow, gone - 1.0)));
                frame.mix(other, (weight * 256.0) as u16);
            }
        }
        (Join::Dive, _) => {
            let (begin, end) = DIVE_DISSOLVE;
            let weight = smooth((share - begin) / (end - begin));
            // Ever faster into the one, ever slower out of the other.
            let (into, out) = (cube(share / end), cube((1.0 - share) / (1.0 - begin)));
            if weight < 1.0 {
                now.paint(tools, frame, point, cut.through, 1.0 - DIVE * into);
            }
            if weight > 0.0 {
                coming.paint(tools, other, point, next.through, 1.0 - DIVE * out);
                frame.mix(other, (weight * 256.0) as u16);
            }
        }
        (join, _) => {
            now.paint(tools, frame, point, cut.through, 1.0);
            coming.paint(tools, other, point, next.through, 1.0);
            match join {
                Join::Slide(side) => slide(frame, other, side, share),
                Join::Cut | Join::Fade | Join::Dive | Join::Flow => {
                    frame.mix(other, (smooth(share) * 256.0) as u16);
                }
            }
        }
    }
}

/// Layers over frames that come from elsewhere: a caption, or the mark.
pub(crate) struct Overlay {
    size: Size,
    fps: f32,
    layers: Vec<Layer>,
    brush: Brush,
}

impl Overlay {
    /// The words of a wish for a clip of some length; without a visible letter there is nothing to see.
    pub(crate) fn caption(wish: &Wish, duration_ms: u32) -> Self {
        let size = Size::new(wish.width, wish.height, duration_ms);
        Self::of(wish, size, caption::caption(&wish.prompt, &size))
    }

    /// The mark in a corner; where it could not be read there is none.
    pub(crate) fn mark(wish: &Wish, duration_ms: u32) -> Self {
        let size = Size::new(wish.width, wish.height, duration_ms);
        Self::of(wish, size, mark::layer(&size))
    }

    fn of(wish: &Wish, size: Size, layer: Option<Layer>) -> Self {
        Self {
            size,
            fps: wish.fps as f32,
            layers: layer.into_iter().collect(),
            brush: Brush::default(),
        }
    }

    /// Puts the layers over a frame.
    pub(crate) fn paint(&mut self, number: u32, frame: &mut Frame) {
        let moment = Moment::new(number as f32 / self.fps, &self.size, 0.0);
        blend(&mut self.brush, &self.layers, frame, &moment, Look::PLAIN);
    }
}

impl Act {
    /// Paints the act after `through` of its time, seen from nearer by the factor `scale`.
    fn paint(&mut self, tools: &mut Tools, frame: &mut Frame, point: &Point, through: f32, scale: f32) {
        match self {
            Self::Scene(scene) => scene.paint(tools, frame, point),
            Self::Shot(shot) => {
                let view = shot.view(through, point.seconds);
                let view = View {
                    x: view.x * scale,
                    y: view.y * scale,
                    scale: view.scale * scale,
                    ..view
                };
                shot.paint(&mut tools.mesh, frame, &view, None);
            }
        }
    }
}

impl Filmed {
    fn new(wish: &Wish, scene: &Scene) -> Self {
        let camera = SceneCamera::new(wish, scene.seed, scene.drift);
        let slides = camera.corner(0.0).is_some();
        let (width, height) = if camera.view(0.0).is_some() && !slides {
            (camera.canvas.width as usize, camera.canvas.height as usize)
        } else {
            (0, 0)
        };
        let set = layers::build(scene, &camera.canvas);
        Self {
            ground: slides.then(|| Sprite::opaque(&set.backdrop)),
            set,
            canvas: Frame::new(width, height),
            camera,
            lens: Lens::default(),
            finish: Finish::new(
                wish.width as usize,
                wish.height as usize,
                scene.seed,
                scene.palette.grade.corner,
            ),
        }
    }

    fn paint(&mut self, tools: &mut Tools, frame: &mut Frame, point: &Point) {
        let moment = self.camera.moment(point.seconds);
        let brush = &mut tools.brush;
        if let (Some(ground), Some(corner)) = (&self.ground, self.camera.corner(point.at)) {
            let place = Place {
                x: fixed(-corner.0),
                y: fixed(-corner.1),
                strength: SOLID,
                bottom: frame.height,
            };
            brush.blend(frame, ground, place);
            let look = Look { corner, loud: 1.0 };
            blend(brush, &self.set.layers, frame, &moment, look);
        } else if let Some(view) = self.camera.view(point.at) {
            self.canvas.copy_from(&self.set.backdrop);
            blend(brush, &self.set.layers, &mut self.canvas, &moment, Look::PLAIN);
            self.lens.load(&self.canvas);
            let (width, height) = (frame.width as f32, frame.height as f32);
            tools.mesh.bend((self.canvas.width, self.canvas.height), |x, y| {
                let place = (x / width - 0.5, y / height - 0.5);
                self.camera.pixel(view.place(place, width / height, 0.0))
            });
            tools.mesh.paint(&self.lens, frame);
        } else {
            frame.copy_from(&self.set.backdrop);
            blend(brush, &self.set.layers, frame, &moment, Look::PLAIN);
        }
        self.finish.touch(frame, point.number);
    }
}

fn cube(value: f32) -> f32 {
    let value = value.min(1.0);
    value * value * value
}

/// How layers are looked at.
#[derive(Clone, Copy)]
struct Look {
    /// The point among the layers that is seen in the frame's upper left corner, in pixels.
    corner: (f32, f32),
    /// The strength of all layers, from 0 to 1.
    loud: f32,
}

impl Look {
    const PLAIN: Self = Self {
        corner: (0.0, 0.0),
        loud: 1.0,
    };

    fn spot(&self, layer: &Layer, copy: usize, moment: &Moment) -> Spot {
        let spot = (layer.motion)(copy, moment);
        Spot {
            x: spot.x - self.corner.0,
            y: spot.y - self.corner.1,
            strength: spot.strength.clamp(0.0, 1.0) * self.loud,
            ..spot
        }
    }
}

/// Blends layers from far to near, leaving out the rows that nearer ones will hide.
fn blend(brush: &mut Brush, layers: &[Layer], frame: &mut Frame, moment: &Moment, look: Look) {
    let mut bottoms = vec![frame.height; layers.len()];
    let mut bottom = frame.height;
    for (at, layer) in layers.iter().enumerate().rev() {
        bottoms[at] = bottom;
        if layer.copies == 1 {
            bottom = bottom.min(hidden_from(layer, frame, look.spot(layer, 0, moment)));
        }
    }
    for (layer, bottom) in layers.iter().zip(bottoms) {
        for copy in 0..layer.copies {
            let spot = look.spot(layer, copy, moment);
            let strength = (spot.strength * f32::from(SOLID)) as u16;
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
fn hidden_from(layer: &Layer, frame: &Frame, spot: Spot) -> usize {
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
