//! The subject: its poses and its way through the scene. Beasts and crafts are drawn next door.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, disc, ellipse, fill, halo, line, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot, beasts, crafts};
use crate::motion::{between, glide, wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Scene, Subject};

/// How near the subject is to the camera, of which 1 is the nearest: it rises and sinks with the land it is on.
const DEPTH: f32 = 0.5;
/// Poses of one cycle of movement.
const POSES: usize = 16;
/// A crossing of the frame takes about this long; longer clips see the subject come again.
const CROSSING_SECONDS: f32 = 9.0;

/// How a subject moves.
#[derive(Clone, Copy, Debug)]
struct Gait {
    /// Width of the drawing as a share of the shorter side.
    size: f32,
    /// Height of the drawing by its width.
    tall: f32,
    /// Cycles of movement a second.
    pace: f32,
    /// Middle of the drawing above the footing, as a share of the frame's height.
    above: f32,
    /// How far it rises and falls, as a share of the shorter side.
    bob: f32,
    /// How much of the frame's width it crosses.
    span: f32,
}

const fn gait(size: f32, tall: f32, pace: f32, above: f32, bob: f32, span: f32) -> Gait {
    Gait {
        size,
        tall,
        pace,
        above,
        bob,
        span,
    }
}

fn gait_of(subject: Subject) -> Gait {
    match subject {
        Subject::Cat => gait(0.36, 0.66, 1.7, 0.0, 0.006, 0.62),
        Subject::Dog => gait(0.40, 0.70, 1.6, 0.0, 0.006, 0.62),
        Subject::Horse => gait(0.48, 0.82, 1.3, 0.0, 0.006, 0.60),
        Subject::Walker => gait(0.20, 1.7, 1.0, 0.0, 0.004, 0.40),
        Subject::Birds => gait(0.14, 0.7, 1.5, 0.46, 0.02, 0.80),
        Subject::Butterfly => gait(0.15, 0.9, 3.0, 0.24, 0.06, 0.50),
        Subject::Boat => gait(0.36, 1.05, 0.25, 0.0, 0.012, 0.34),
        Subject::Balloon => gait(0.26, 1.45, 0.2, 0.36, 0.012, 0.30),
        Subject::Rocket => gait(0.46, 0.42, 3.0, 0.10, 0.008, 0.60),
        Subject::Car => gait(0.40, 0.42, 2.0, 0.0, 0.002, 0.80),
        Subject::Fish => gait(0.30, 0.6, 0.8, 0.06, 0.05, 0.50),
        Subject::Orb => gait(0.30, 1.0, 0.2, 0.06, 0.03, 0.30),
    }
}

/// Adds the subject with its feet at `footing` pixels from the top.
pub(super) fn build(scene: &Scene, size: &Size, footing: f32, layers: &mut Vec<Layer>) {
    let gait = gait_of(scene.subject);
    let width = (size.unit * gait.size).max(12.0);
    let tall = width * gait.tall;
    let right = scene.drift > 0.0;
    let poses = (0..POSES).map(|pose| {
        let mut pixmap = clear(width, tall);
        draw(scene, pose as f32 / POSES as f32, &mut pixmap);
        Sprite::from_pixmap(&if right { pixmap } else { mirrored(&pixmap) })
    });
    let mut chance = Chance::new(scene.seed, "subject");
    let flock = if scene.subject == Subject::Birds { 7 } else { 1 };
    let places: Vec<(f32, f32, f32)> = (0..flock)
        .map(|at| {
            let row = usize::div_ceil(at, 2) as f32;
            let side = if at % 2 == 0 { 1.0 } else { -1.0 };
            (-row * width * 0.62, side * row * width * 0.3, chance.unit())
        })
        .collect();
    let crossing = Crossing::new(size, gait, scene.drift);
    let (rise, unit, bob) = (footing - tall - gait.above * size.height, size.unit, gait.bob);
    let standing = if gait.above > 0.0 { tall * 0.5 } else { 0.0 };
    let drift = scene.drift;
    let motion = move |copy: usize, moment: &Moment| {
        let (behind, beside, phase) = places[copy];
        let x = crossing.at(moment) + behind * drift - width / 2.0;
        let lift = wave(moment.seconds * 0.31 + phase) * unit * bob;
        let turn = wrap(moment.seconds * gait.pace + phase, 1.0);
        Spot {
            pose: (turn * POSES as f32) as usize % POSES,
            x,
            y: rise + standing + beside + lift - moment.camera_y * DEPTH,
            strength: 1.0,
        }
    };
    layers.push(Layer {
        poses: poses.collect(),
        copies: flock,
        motion: Box::new(motion),
    });
}

/// The way across the frame: once in a short clip, again and again in a long one.
struct Crossing {
    width: f32,
    span: f32,
    seconds: f32,
    drift: f32,
}

impl Crossing {
    fn new(size: &Size, gait: Gait, drift: f32) -> Self {
        Self {
            width: size.width,
            span: gait.span,
            seconds: size.seconds,
            drift,
        }
    }

    fn at(&self, moment: &Moment) -> f32 {
        let along = if self.seconds <= CROSSING_SECONDS * 1.3 {
            0.5 + (glide(moment.at) - 0.5) * self.span
        } else {
            // A pass from beyond one edge to beyond the other, entered half way.
            between(
                -0.35,
                1.35,
                wrap(moment.seconds / CROSSING_SECONDS * self.span.max(0.3) + 0.3, 1.0),
            )
        };
        if self.drift > 0.0 {
            along * self.width
        } else {
            (1.0 - along) * self.width
        }
    }
}

fn mirrored(pixmap: &Pixmap) -> Pixmap {
    let mut out = pixmap.clone();
    let stride = pixmap.width() as usize * 4;
    for (line, from) in out
        .data_mut()
        .chunks_exact_mut(stride)
        .zip(pixmap.data().chunks_exact(stride))
    {
        for (pixel, source) in line.chunks_exact_mut(4).zip(from.chunks_exact(4).rev()) {
            pixel.copy_from_slice(source);
        }
    }
    out
}

/// Draws one pose facing right; `turn` is the part of the cycle from 0 to 1.
fn draw(scene: &Scene, turn: f32, pixmap: &mut Pixmap) {
    let palette = &scene.palette;
    let lit = palette.shade.mix(Colour::WHITE, 0.3);
    let coat = palette.subject.lit(lit).mix(palette.sky_low, 0.06);
    let rim = palette.light;
    match scene.subject {
        Subject::Cat => beasts::draw(&beasts::CAT, coat, rim, turn, pixmap),
        Subject::Dog => beasts::draw(&beasts::DOG, coat, rim, turn, pixmap),
        Subject::Horse => beasts::draw(&beasts::HORSE, coat, rim, turn, pixmap),
        Subject::Walker => beasts::walker(coat, palette.land.lit(palette.shade), rim, turn, pixmap),
        Subject::Birds => bird(palette.land_at(0.1).mix(Colour::BLACK, 0.4), turn, pixmap),
        Subject::Butterfly => butterfly(coat, rim, turn, pixmap),
        Subject::Boat => crafts::boat(scene, coat, turn, pixmap),
        Subject::Balloon => crafts::balloon(scene, coat, pixmap),
        Subject::Rocket => crafts::rocket(coat, turn, pixmap),
        Subject::Car => crafts::car(scene, coat, turn, pixmap),
        Subject::Fish => fish(coat, rim, turn, pixmap),
        Subject::Orb => orb(rim, pixmap),
    }
}

pub(super) fn sides(pixmap: &Pixmap) -> (f32, f32) {
    (pixmap.width() as f32, pixmap.height() as f32)
}

fn bird(colour: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let flap = wave(turn);
    let (x, y) = (w * 0.5, h * 0.55);
    let ink = plain(colour, 1.0);
    for side in [-1.0, 1.0] {
        let elbow = (x + side * w * 0.2, y - h * 0.2 * flap - h * 0.05);
        let tip = (x + side * w * 0.44, y - h * 0.36 * flap + h * 0.05);
        fill(
            pixmap,
            polygon(&[
                (x + w * 0.06, y - h * 0.05),
                elbow,
                tip,
                (elbow.0, elbow.1 + h * 0.12),
                (x - w * 0.07, y + h * 0.09),
            ]),
            &ink,
        );
    }
    fill(pixmap, ellipse(x, y, w * 0.13, h * 0.075), &ink);
    fill(
        pixmap,
        polygon(&[
            (x + w * 0.1, y - h * 0.05),
            (x + w * 0.2, y - h * 0.01),
            (x + w * 0.1, y + h * 0.04),
        ]),
        &ink,
    );
}

fn butterfly(coat: Colour, rim: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let open = 0.35 + 0.65 * wave(turn).abs();
    let (x, y) = (w * 0.5, h * 0.5);
    for side in [-1.0, 1.0] {
        let wide = w * 0.42 * open * side;
        let upper = [
            (x, y - h * 0.04),
            (x + wide * 0.5, y - h * 0.42),
            (x + wide, y - h * 0.36),
            (x + wide * 0.9, y - h * 0.04),
            (x, y + h * 0.05),
        ];
        fill(pixmap, polygon(&upper), &plain(coat.mix(rim, 0.2), 1.0));
        let lower = [
            (x, y),
            (x + wide * 0.8, y + h * 0.04),
            (x + wide * 0.7, y + h * 0.34),
            (x + wide * 0.25, y + h * 0.28),
        ];
        fill(pixmap, polygon(&lower), &plain(coat, 1.0));
        fill(
            pixmap,
            disc(x + wide * 0.68, y - h * 0.2, w * 0.06 * open),
            &plain(rim, 0.8),
        );
    }
    line(
        pixmap,
        &[(x, y - h * 0.2), (x, y + h * 0.24)],
        w * 0.05,
        &plain(coat.mix(Colour::BLACK, 0.7), 1.0),
    );
}

fn fish(coat: Colour, rim: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = sides(pixmap);
    let swing = wave(turn) * h * 0.1;
    let y = h * 0.5;
    let tail = [
        (w * 0.26, y),
        (w * 0.05, y - h * 0.26 + swing),
        (w * 0.11, y + swing),
        (w * 0.05, y + h * 0.26 + swing),
    ];
    fill(pixmap, polygon(&tail), &plain(coat.mix(Colour::BLACK, 0.2), 1.0));
    fill(
        pixmap,
        polygon(&[
            (w * 0.42, y - h * 0.2),
            (w * 0.55, y - h * 0.44),
            (w * 0.68, y - h * 0.18),
        ]),
        &plain(coat.mix(Colour::BLACK, 0.15), 1.0),
    );
    fill(
        pixmap,
        ellipse(w * 0.56, y, w * 0.36, h * 0.27),
        &plain(coat, 1.0),
    );
    fill(
        pixmap,
        ellipse(w * 0.58, y + h * 0.09, w * 0.3, h * 0.15),
        &plain(rim, 0.4),
    );
    fill(
        pixmap,
        disc(w * 0.8, y - h * 0.06, h * 0.04),
        &plain(Colour::BLACK, 0.9),
    );
}

fn orb(light: Colour, pixmap: &mut Pixmap) {
    let (w, _) = sides(pixmap);
    let middle = w * 0.5;
    let stops = [
        (0.0, Colour::WHITE, 1.0),
        (0.16, light, 0.95),
        (0.34, light, 0.4),
        (0.6, light, 0.12),
        (1.0, light, 0.0),
    ];
    fill(
        pixmap,
        disc(middle, middle, middle),
        &halo(middle, middle, middle, &stops),
    );
}
