//! Solid ground: ridges behind ridges with what grows or stands on them, and the subject between.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, clear, fade, fill, plain};
use crate::layers::{Layer, Size, brook, company, growth, subject, volcano, waterfall};
use crate::motion::smooth;
use crate::planes::Sprite;
use crate::scene::{Ground, Scene, Sight, Subject};

/// One ridge of the land, measured in shares of the frame's height.
#[derive(Clone, Copy, Debug)]
struct Ridge {
    /// 0 is infinitely far, 1 moves with the camera's full travel.
    depth: f32,
    /// Where the crest runs on average.
    crest: f32,
    /// How far the crest rises and falls.
    swing: f32,
    /// How many hills a frame's height is wide.
    hills: f32,
    /// How much finer shapes count.
    rough: f32,
}

const fn ridge(depth: f32, crest: f32, swing: f32, hills: f32, rough: f32) -> Ridge {
    Ridge {
        depth,
        crest,
        swing,
        hills,
        rough,
    }
}

fn ridges(ground: Ground) -> [Ridge; 4] {
    match ground {
        Ground::Mountains => [
            ridge(0.10, 0.60, 0.42, 1.9, 0.5),
            ridge(0.24, 0.70, 0.30, 2.3, 0.5),
            ridge(0.48, 0.80, 0.14, 1.6, 0.35),
            ridge(1.0, 0.93, 0.10, 1.2, 0.3),
        ],
        Ground::Forest => [
            ridge(0.10, 0.60, 0.26, 1.3, 0.4),
            ridge(0.26, 0.69, 0.16, 1.4, 0.3),
            ridge(0.50, 0.80, 0.10, 1.2, 0.2),
            ridge(1.0, 0.93, 0.08, 1.0, 0.2),
        ],
        Ground::City => [
            ridge(0.10, 0.66, 0.03, 1.0, 0.2),
            ridge(0.24, 0.74, 0.02, 1.0, 0.2),
            ridge(0.50, 0.84, 0.01, 1.0, 0.1),
            ridge(1.0, 0.93, 0.0, 1.0, 0.0),
        ],
        Ground::Desert => [
            ridge(0.10, 0.66, 0.22, 1.1, 0.12),
            ridge(0.26, 0.74, 0.18, 0.9, 0.05),
            ridge(0.50, 0.82, 0.13, 0.8, 0.03),
            ridge(1.0, 0.95, 0.12, 0.7, 0.02),
        ],
        Ground::Snowfield => [
            ridge(0.10, 0.60, 0.30, 1.7, 0.5),
            ridge(0.26, 0.70, 0.14, 1.2, 0.3),
            ridge(0.50, 0.80, 0.07, 0.8, 0.06),
            ridge(1.0, 0.96, 0.07, 0.6, 0.05),
        ],
        Ground::Village => [
            ridge(0.10, 0.62, 0.24, 1.3, 0.3),
            ridge(0.26, 0.72, 0.10, 0.9, 0.12),
            ridge(0.50, 0.82, 0.04, 0.7, 0.05),
            ridge(1.0, 0.96, 0.05, 0.6, 0.06),
        ],
        _ => [
            ridge(0.10, 0.64, 0.22, 1.2, 0.25),
            ridge(0.26, 0.70, 0.14, 1.0, 0.15),
            ridge(0.50, 0.79, 0.08, 0.8, 0.08),
            ridge(1.0, 0.94, 0.06, 0.6, 0.08),
        ],
    }
}

/// The ridge before which the subject moves.
const STAGE: usize = 2;

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "lie of the land");
    let (lift, swell, spread) = (
        chance.between(-0.05, 0.035),
        chance.between(0.75, 1.25),
        chance.between(0.8, 1.25),
    );
    // A volcano looks over low hills.
    let flat = if scene.shows(Sight::Volcano) { 0.4 } else { 1.0 };
    for (at, ridge) in ridges(scene.ground).iter().enumerate() {
        // The nearest ground leaves the brook behind it in view.
        let (sunk, level) = if at == 3 && scene.shows(Sight::Brook) {
            (0.035, 0.4)
        } else {
            (0.0, 1.0)
        };
        let ridge = Ridge {
            crest: ridge.crest + lift * [1.0, 0.8, 0.3, 0.0][at] + sunk,
            swing: ridge.swing * swell * if at < 2 { flat } else { level },
            hills: ridge.hills * spread,
            ..*ridge
        };
        let (layer, crest) = draw(scene, size, at, ridge);
        layers.push(layer);
        match at {
            0 => {
                if scene.shows(Sight::Volcano) {
                    volcano::build(scene, size, size.height * 0.80, layers);
                }
                if scene.company == Subject::Birds {
                    company::build(scene, size, size.height * 0.87, ridge.depth, layers);
                }
            }
            STAGE => {
                if scene.shows(Sight::Waterfall) {
                    waterfall::build(scene, size, size.height * 0.83, ridge.depth, layers);
                }
                if scene.shows(Sight::Brook) {
                    brook::build(scene, size, &crest, ridge.depth, layers);
                }
                let footing = size.height * (ridge.crest + 0.07).min(0.87);
                subject::build(scene, size, footing, ridge.depth, layers);
                if scene.company == Subject::Car {
                    company::build(scene, size, footing, ridge.depth, layers);
                }
            }
            _ => {}
        }
    }
}

/// One ridge, and its crest in pixels from the frame's left edge.
fn draw(scene: &Scene, size: &Size, at: usize, ridge: Ridge) -> (Layer, Vec<(f32, f32)>) {
    let mut chance = Chance::new(scene.seed, ["ridge 0", "ridge 1", "ridge 2", "ridge 3"][at]);
    let reach = size.reach(ridge.depth);
    let width = size.width + reach * 2.0;
    let noise = Noise::new(&mut chance);
    let sharp =
        (scene.ground == Ground::Mountains && at < 3) || (scene.ground == Ground::Snowfield && at == 0);
    let step = (size.height / 240.0).max(1.0);
    let crest: Vec<(f32, f32)> = (0..=(width / step) as usize + 1)
        .map(|column| {
            let x = column as f32 * step;
            let height = noise.at(x / size.height * ridge.hills, ridge.rough, sharp);
            (x, size.height * (ridge.crest - ridge.swing * height))
        })
        .collect();
    let summit = crest.iter().map(|point| point.1).fold(f32::INFINITY, f32::min);
    let top = libm::floorf((summit - growth::tallest(scene, size, at)).max(-size.height * 0.1));
    let lifted: Vec<(f32, f32)> = crest.iter().map(|point| (point.0, point.1 - top)).collect();
    let bottom = size.height + size.foot() - top;
    let mut pixmap = clear(width, bottom);
    let colour = scene.palette.land_at(1.0 - smooth_depth(ridge.depth));
    let misty = colour.mix(scene.palette.sky_low, 0.42 * (1.0 - ridge.depth));
    growth::behind(scene, size, at, &lifted, colour, &mut chance, &mut pixmap);
    let dark = colour.mix(Colour::BLACK, 0.28 * ridge.depth);
    let end = if ridge.depth < 0.9 { misty } else { dark };
    let body = fade(
        summit - top,
        bottom,
        &[(0.0, colour.mix(scene.palette.light, 0.08), 1.0), (1.0, end, 1.0)],
    );
    fill(&mut pixmap, below(&lifted, bottom + 4.0), &body);
    if sharp && at < 2 && !scene.shows(Sight::Volcano) {
        let snow = scene
            .palette
            .accent
            .lit(scene.palette.shade)
            .mix(scene.palette.sky_low, 0.35);
        let cap = fade(
            summit - top,
            summit - top + size.height * 0.2,
            &[(0.0, snow, 0.85), (0.45, snow, 0.3), (1.0, snow, 0.0)],
        );
        fill(&mut pixmap, below(&lifted, bottom), &cap);
    }
    rim(scene, &lifted, size, &mut pixmap);
    growth::before(scene, size, at, &lifted, colour, &mut chance, &mut pixmap);
    let layer = Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, top, ridge.depth);
    (layer, crest.iter().map(|(x, y)| (x - reach, *y)).collect())
}

/// A thin line of light along the crest.
fn rim(scene: &Scene, crest: &[(f32, f32)], size: &Size, pixmap: &mut tiny_skia::Pixmap) {
    let width = (size.unit * 0.0022).max(0.7);
    crate::drawing::line(pixmap, crest, width, &plain(scene.palette.light, 0.16));
}

fn smooth_depth(depth: f32) -> f32 {
    0.16 + 0.84 * smooth(depth * 0.5 + 0.5 * libm::sqrtf(depth))
}

/// One-dimensional noise of five octaves, from 0 to 1.
pub(super) struct Noise {
    table: [f32; 256],
}

impl Noise {
    pub(super) fn new(chance: &mut Chance) -> Self {
        Self {
            table: std::array::from_fn(|_| chance.unit()),
        }
    }

    pub(super) fn at(&self, x: f32, rough: f32, sharp: bool) -> f32 {
        let (mut sum, mut weight, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
        for octave in 0..5u8 {
            let value = self.single(x * scale + f32::from(octave) * 37.0, sharp);
            sum += value * weight;
            total += weight;
            weight *= rough;
            scale *= 2.1;
        }
        // Sums of noise crowd around the middle; spread them out again.
        // The ends are bent over gently, because a cut would make plateaus.
        let far = (sum / total - 0.5) * 3.4;
        0.5 + 0.5 * far / libm::sqrtf(1.0 + far * far)
    }

    /// One octave: round hills, or straight slopes between peaks when `sharp`.
    fn single(&self, x: f32, sharp: bool) -> f32 {
        let floor = libm::floorf(x);
        let (left, share) = (floor as i32, x - floor);
        let (from, to) = (
            self.table[(left & 255) as usize],
            self.table[((left + 1) & 255) as usize],
        );
        from + (to - from)
            * if sharp {
                share
            } else {
                share * share * (3.0 - 2.0 * share)
            }
    }
}
