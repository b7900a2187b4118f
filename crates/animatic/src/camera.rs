//! The camera's path: where it is and what it sees at any moment, over a drawn scene; over given pictures it
//! is in `camera/pictures.rs`. Draws nothing.
//!
//! Signs are the camera's own (see [`CameraAxes`](crate::CameraAxes)). A camera that goes or turns to the right
//! sees things move to the left; one that rolls clockwise sees them turn counter-clockwise.

mod pictures;

use crate::chance::Chance;
use crate::layers::{Moment, Size};
use crate::motion::{glide, smooth, wave};
use crate::wish::{CameraAxes, CameraControl, MAX_CAMERA_TENTHS, Wish};

pub(crate) use pictures::{Bond, PictureCamera};

/// How far a full roll turns, in turns of a circle.
const ROLL: f32 = 10.0 / 360.0;
/// By what factor a full zoom lets things grow or shrink.
const ZOOM: f32 = 1.45;
/// How far a full pan or tilt shifts a scene, in shares of the frame.
const TURN: f32 = 0.24;
/// How far a full travel shifts the nearest layer of a scene, in shares of the frame.
const TRAVEL: f32 = 0.5;
const RISE: f32 = 0.34;
/// The largest canvas for a scene, in pixels; a larger frame is zoomed into a little less sharply.
const MAX_CANVAS: f32 = 12_500_000.0;

/// What the camera sees of a picture at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// The middle of what is seen, from the middle of the picture in shares of the frame.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// How much of the picture is seen, as a share of its sides.
    pub(crate) scale: f32,
    /// How far the camera is rolled clockwise, in turns of a circle.
    pub(crate) turn: f32,
    /// How much further the view is shifted where the picture is nearest, in shares of the frame.
    pub(crate) near_x: f32,
    pub(crate) near_y: f32,
    /// How much more what is nearest has grown.
    pub(crate) swell: f32,
}

impl View {
    /// The whole picture, as it is.
    pub(crate) const WHOLE: Self = Self {
        x: 0.0,
        y: 0.0,
        scale: 1.0,
        turn: 0.0,
        near_x: 0.0,
        near_y: 0.0,
        swell: 0.0,
    };

    /// The same view of a picture that is equally far everywhere.
    pub(crate) fn flat(self) -> Self {
        Self {
            x: self.x + self.near_x * 0.5,
            y: self.y + self.near_y * 0.5,
            near_x: 0.0,
            near_y: 0.0,
            swell: 0.0,
            ..self
        }
    }

    /// Which point of the picture is seen at a point of the frame: both in shares of the frame, counted from the
    /// middle. `wide` is the frame's width by its height, `near` how near the picture is there.
    pub(crate) fn place(&self, point: (f32, f32), wide: f32, near: f32) -> (f32, f32) {
        let scale = self.scale * (1.0 - self.swell * near);
        let (x, y) = (point.0 * scale, point.1 * scale);
        let (sine, cosine) = (wave(self.turn), wave(self.turn + 0.25));
        (
            x * cosine - y * sine / wide + self.x + self.near_x * near,
            x * sine * wide + y * cosine + self.y + self.near_y * near,
        )
    }
}

/// The axes of a control from -1 to 1.
#[derive(Clone, Copy, Debug, Default)]
struct Sweep {
    horizontal: f32,
    vertical: f32,
    pan: f32,
    tilt: f32,
    roll: f32,
    zoom: f32,
}

impl Sweep {
    fn of(control: CameraControl) -> Self {
        let rest = Self::default();
        match control {
            CameraControl::Simple(axes) => Self::along(axes),
            CameraControl::DownBack => Self {
                vertical: -0.5,
                tilt: -0.4,
                zoom: 0.7,
                ..rest
            },
            CameraControl::ForwardUp => Self {
                vertical: 0.5,
                tilt: 0.4,
                zoom: -0.7,
                ..rest
            },
            CameraControl::RightTurnForward => Self {
                pan: 0.8,
                zoom: -0.6,
                ..rest
            },
            CameraControl::LeftTurnForward => Self {
                pan: -0.8,
                zoom: -0.6,
                ..rest
            },
        }
    }

    fn along(axes: CameraAxes) -> Self {
        let share = |tenths: i16| f32::from(tenths) / f32::from(MAX_CAMERA_TENTHS);
        Self {
            horizontal: share(axes.horizontal),
            vertical: share(axes.vertical),
            pan: share(axes.pan),
            tilt: share(axes.tilt),
            roll: share(axes.roll),
            zoom: share(axes.zoom),
        }
    }
}

/// Starts and ends gently, but is never quite at rest.
fn eased(at: f32) -> f32 {
    0.1 * at.clamp(0.0, 1.0) + 0.9 * smooth(at)
}

/// How much of a frame can be seen while it is rolled by so many turns, so that no corner leaves the picture.
fn rolled(turn: f32, wide: f32) -> f32 {
    let (sine, cosine) = (wave(turn).abs(), wave(turn + 0.25));
    1.0 / (cosine + sine * wide.max(1.0 / wide))
}

/// The camera over a drawn scene. The scene is drawn on a canvas that is larger than the frame where the view
/// moves within it, and layers pass one another where the camera travels.
#[derive(Debug)]
pub(crate) struct SceneCamera {
    /// The measures to draw the scene by: those of the canvas.
    pub(crate) canvas: Size,
    sweep: Sweep,
    /// Whether the wish leaves the camera to its gentle drift, and which way that goes.
    drift: Option<f32>,
    /// By what factor things grow until the end while it drifts.
    push: f32,
    /// Pixels of the canvas for the frame's width and height.
    unit: (f32, f32),
    wide: f32,
    still: bool,
    /// Whether the view only slides over the canvas, pixel for pixel.
    level: bool,
}

impl SceneCamera {
    pub(crate) fn new(wish: &Wish, seed: u64, drift: f32) -> Self {
        let frame = Size::new(wish.width, wish.height, wish.duration_ms);
        let mut size = frame;
        let mut chance = Chance::new(seed, "camera");
        let (mut push, mut own_drift) = (1.0, None);
        let sweep = wish.camera.map_or_else(Sweep::default, Sweep::of);
        if wish.camera.is_some() {
            size.travel = frame.width * TRAVEL * sweep.horizontal.abs();
            size.rise = frame.height * RISE * sweep.vertical.abs();
        } else {
            own_drift = Some(drift);
            match chance.below(4) {
                0 => push = 1.0 + (0.08 + 0.004 * frame.seconds).min(0.2),
                1 => {
                    size.rise = frame.height * (0.05 + 0.006 * frame.seconds).min(0.16);
                    size.travel = frame.travel * 0.7;
                }
                _ => {}
            }
        }
        let wide = frame.width / frame.height;
        let reserve = (1.0 + TURN * sweep.pan.abs(), 1.0 + TURN * sweep.tilt.abs());
        let nearest = push * (1.0 + (ZOOM - 1.0) * sweep.zoom.abs()) / rolled(ROLL * sweep.roll.abs(), wide);
        // Drawn between the sizes at which it is seen, a scene is never stretched or shrunk by much.
        let pixels = frame.width * frame.height * reserve.0 * reserve.1;
        let density = libm::sqrtf(nearest)
            .min(libm::sqrtf(MAX_CANVAS / pixels))
            .max(1.0);
        let even = |side: f32| (libm::ceilf(side / 2.0) * 2.0) as u32;
        let (width, height) = (
            even(frame.width * reserve.0 * density),
            even(frame.height * reserve.1 * density),
        );
        let canvas = Size {
            travel: size.travel * density,
            rise: size.rise * density,
            ..Size::new(width, height, wish.duration_ms)
        };
        let still = (width, height) == (wish.width, wish.height) && nearest <= 1.0;
        Self {
            canvas,
            sweep,
            drift: own_drift,
            push,
            unit: (frame.width * density, frame.height * density),
            wide,
            still,
            level: nearest <= 1.0 && density <= 1.0,
        }
    }

    /// Where the camera stands among the layers.
    pub(crate) fn moment(&self, seconds: f32) -> Moment {
        let mut moment = Moment::new(seconds, &self.canvas, self.drift.unwrap_or(0.0));
        let along = |at: f32| at - 0.5;
        if self.drift.is_none() {
            let (right, up) = (self.sweep.horizontal, self.sweep.vertical);
            moment.camera_x = along(eased(moment.at)) * self.canvas.travel * sign(right);
            moment.camera_y -= along(eased(moment.at)) * self.canvas.rise * sign(up);
        } else {
            moment.camera_y -= along(glide(moment.at)) * self.canvas.rise;
        }
        moment
    }

    /// What is seen of the canvas, in the shares of [`View`]; `None` where the canvas is the frame.
    pub(crate) fn view(&self, at: f32) -> Option<View> {
        if self.still {
            return None;
        }
        let (through, sweep) = (eased(at), &self.sweep);
        let turn = ROLL * sweep.roll * through;
        let grown = if self.drift.is_some() {
            libm::powf(self.push, glide(at))
        } else {
            let factor = 1.0 + (ZOOM - 1.0) * sweep.zoom.abs();
            let near = if sweep.zoom < 0.0 { through } else { 1.0 - through };
            libm::powf(factor, if sweep.zoom == 0.0 { 0.0 } else { near })
        };
        let scale = rolled(turn, self.wide) / grown;
        // What matters in a scene stands below its middle; a camera that rises or sinks needs no help.
        let level = sweep.tilt == 0.0 && sweep.vertical == 0.0;
        let below = if level { 0.15 * (1.0 - 1.0 / grown) } else { 0.0 };
        Some(View {
            x: (through - 0.5) * TURN * sweep.pan,
            y: (0.5 - through) * TURN * sweep.tilt + below,
            scale,
            turn,
            ..View::WHOLE
        })
    }

    /// Where on the canvas the frame's upper left corner lies, in pixels, while the view neither grows nor turns.
    pub(crate) fn corner(&self, at: f32) -> Option<(f32, f32)> {
        let view = self.view(at).filter(|_| self.level)?;
        Some(self.pixel((view.x - 0.5, view.y - 0.5)))
    }

    /// The point of the canvas, in pixels, for a place of a view.
    pub(crate) fn pixel(&self, place: (f32, f32)) -> (f32, f32) {
        (
            self.canvas.width * 0.5 + place.0 * self.unit.0,
            self.canvas.height * 0.5 + place.1 * self.unit.1,
        )
    }
}

fn sign(value: f32) -> f32 {
    if value < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Everything that a camera may be told, at full reach, and nothing.
    pub(crate) fn controls() -> Vec<Option<CameraControl>> {
        let mut controls = vec![
            None,
            Some(CameraControl::DownBack),
            Some(CameraControl::ForwardUp),
            Some(CameraControl::RightTurnForward),
            Some(CameraControl::LeftTurnForward),
        ];
        for choice in 0..729_u32 {
            let full =
                |place: u32| (choice / 3_u32.pow(place) % 3) as i16 * MAX_CAMERA_TENTHS - MAX_CAMERA_TENTHS;
            controls.push(Some(CameraControl::Simple(CameraAxes {
                horizontal: full(0),
                vertical: full(1),
                pan: full(2),
                tilt: full(3),
                roll: full(4),
                zoom: full(5),
            })));
        }
        controls
    }

    pub(crate) fn wish(camera: Option<CameraControl>, (width, height): (u32, u32)) -> Wish {
        Wish {
            width,
            height,
            duration_ms: 60_000,
            camera,
            ..Wish::default()
        }
    }

    pub(crate) const CORNERS: [(f32, f32); 4] = [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)];
    pub(crate) const SIZES: [(u32, u32); 3] = [(1280, 720), (720, 1280), (960, 960)];
    /// Rounding may reach this far out, as a share of a side: less than a pixel of the largest frame.
    pub(crate) const ROUNDING: f32 = 0.0002;

    #[test]
    fn no_corner_ever_leaves_the_canvas_of_a_scene() {
        for size in SIZES {
            for (seed, control) in (0..).zip(controls()) {
                let camera = SceneCamera::new(&wish(control, size), seed, 1.0);
                for look in 0..=20_u8 {
                    let Some(view) = camera.view(f32::from(look) / 20.0) else {
                        continue;
                    };
                    for corner in CORNERS {
                        let place = view.place(corner, camera.wide, 0.0);
                        let (x, y) = camera.pixel(place);
                        let (x, y) = (x / camera.canvas.width, y / camera.canvas.height);
                        let within = -ROUNDING..=1.0 + ROUNDING;
                        assert!(
                            within.contains(&x) && within.contains(&y),
                            "{control:?} at {look} sees {x}, {y} of {size:?}"
                        );
                    }
                }
            }
        }
    }
}
