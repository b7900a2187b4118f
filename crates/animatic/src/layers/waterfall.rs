//! A waterfall: the cliff that it falls from, the falling water, its spray, and the pool below.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, clear, disc, ellipse, fade, fill, halo, line, plain, polygon};
use crate::layers::land::Noise;
use crate::layers::{Layer, Moment, Size, Spot, growth};
use crate::motion::{smooth, wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Ground, Scene};

/// Drawings of the falling water, which come round in [`ROUND_SECONDS`].
const POSES: usize = 16;
const ROUND_SECONDS: f32 = 1.15;
/// Streaks in the water.
const STREAKS: usize = 46;
/// Clouds of spray.
const SPRAY: usize = 12;

/// Where the water falls, in pixels.
#[derive(Clone, Copy)]
struct Fall {
    x: f32,
    top: f32,
    foot: f32,
    half: f32,
    depth: f32,
}

/// Adds a waterfall that ends at `foot` pixels from the top, at the given depth.
pub(super) fn build(scene: &Scene, size: &Size, foot: f32, depth: f32, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "waterfall");
    let fall = Fall {
        x: size.width * chance.between(0.42, 0.58),
        top: size.height * chance.between(0.24, 0.29),
        foot,
        half: size.unit * chance.between(0.075, 0.095),
        depth,
    };
    layers.push(cliff(scene, size, &fall));
    layers.push(water(scene, size, &fall));
    if scene.ground != Ground::Lake {
        layers.push(pool(scene, size, &fall));
    }
    layers.push(spray(scene, size, &fall));
}

/// How bright falling water is under the scene's light.
fn foam(scene: &Scene) -> Colour {
    Colour::hex(0xf0_f8fc).lit(scene.palette.shade.mix(Colour::WHITE, 0.42))
}

fn cliff(scene: &Scene, size: &Size, fall: &Fall) -> Layer {
    let mut chance = Chance::new(scene.seed, "cliff");
    let noise = Noise::new(&mut chance);
    let reach = size.reach(fall.depth);
    let width = size.width + reach * 2.0;
    let trees = size.unit * 0.15;
    let top = fall.top - trees - size.height * 0.06;
    let tall = fall.foot - top;
    let middle = reach + fall.x;
    let crest: Vec<(f32, f32)> = (0..=(width / 2.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 2.0;
            let out = (x - middle).abs();
            let bed = 1.0 - smooth((out - fall.half * 0.8) / (fall.half * 0.8));
            let rise = (noise.at(x / size.height * 3.0, 0.5, true) - 0.2) * size.height * 0.055;
            let slope = smooth((out - size.unit * 0.34) / (size.unit * 0.95)) * size.height * 0.40;
            (x, fall.top - top + slope - rise * (1.0 - bed))
        })
        .collect();
    let mut pixmap = clear(width, tall);
    let palette = &scene.palette;
    let stone = Colour::hex(0x5c_5a58).mix(palette.leaf, 0.30);
    let rock = palette.far(stone, 0.14);
    let leaf = palette.far(palette.leaf, 0.16);
    growth::along(&crest, trees * 0.42, &mut chance, |x, y, chance| {
        if (x - middle).abs() > fall.half * 1.3 {
            let high = trees * chance.between(0.55, 1.0);
            growth::round_tree(scene, &mut pixmap, (x, y + trees * 0.1), high, leaf, chance);
        }
    });
    let stops = [
        (0.0, rock.mix(palette.light, 0.20), 1.0),
        (0.5, rock, 1.0),
        (1.0, rock.mix(Colour::BLACK, 0.36), 1.0),
    ];
    fill(&mut pixmap, below(&crest, tall + 4.0), &fade(trees, tall, &stops));
    faces(&mut pixmap, size, &crest, (middle, tall, rock), &mut chance);
    // Moss and shrubs hang over the edge.
    growth::along(&crest, size.unit * 0.032, &mut chance, |x, y, chance| {
        if (x - middle).abs() > fall.half * 1.15 {
            let tone = leaf.mix(Colour::BLACK, chance.between(0.0, 0.3));
            fill(
                &mut pixmap,
                ellipse(
                    x,
                    y + size.unit * 0.008,
                    size.unit * 0.034,
                    size.unit * chance.between(0.012, 0.030),
                ),
                &plain(tone, 1.0),
            );
        }
    });
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, top, fall.depth)
}

/// Facets of the rock: light on one side, dark on the other, all upright.
fn faces(
    pixmap: &mut Pixmap,
    size: &Size,
    crest: &[(f32, f32)],
    (middle, tall, rock): (f32, f32, Colour),
    chance: &mut Chance,
) {
    growth::along(crest, size.unit * 0.055, chance, |x, y, chance| {
        let wide = size.unit * chance.between(0.020, 0.055);
        let (from, to) = (
            y + (tall - y) * chance.between(0.02, 0.45),
            y + (tall - y) * chance.between(0.5, 1.05),
        );
        let lit = (x < middle) == chance.likely(0.8);
        let tone = if lit {
            rock.mix(Colour::WHITE, 0.20)
        } else {
            rock.mix(Colour::BLACK, 0.45)
        };
        let shape = [
            (x, from),
            (x + wide, from + wide * 0.8),
            (x + wide * 0.8, to),
            (x - wide * 0.3, to - wide),
        ];
        fill(pixmap, polygon(&shape), &plain(tone, 0.34));
    });
}

fn water(scene: &Scene, size: &Size, fall: &Fall) -> Layer {
    let mut chance = Chance::new(scene.seed, "falling water");
    let tall = fall.foot - fall.top + size.unit * 0.01;
    let wide = fall.half * 2.6;
    let foam = foam(scene);
    let deep = Colour::hex(0x6c_a4bc).lit(scene.palette.shade.mix(Colour::WHITE, 0.2));
    let streaks: Vec<(f32, f32, f32, f32)> = (0..STREAKS)
        .map(|_| {
            (
                chance.between(-0.95, 0.95),
                chance.unit(),
                chance.between(0.10, 0.30),
                chance.between(0.004, 0.011),
            )
        })
        .collect();
    let poses: Vec<Sprite> = (0..POSES)
        .map(|pose| {
            let mut pixmap = clear(wide, tall);
            let middle = wide / 2.0;
            let body = [
                (middle - fall.half * 0.86, 0.0),
                (middle + fall.half * 0.86, 0.0),
                (middle + fall.half * 1.16, tall),
                (middle - fall.half * 1.16, tall),
            ];
            let stops = [
                (0.0, deep.mix(foam, 0.35), 1.0),
                (0.12, foam.mix(deep, 0.30), 0.96),
                (0.7, foam.mix(deep, 0.42), 0.94),
                (1.0, foam, 0.98),
            ];
            fill(&mut pixmap, polygon(&body), &fade(0.0, tall, &stops));
            for (at, (aside, start, long, thick)) in streaks.iter().enumerate() {
                // Whole rounds, so that the last drawing goes over into the first.
                let rounds = 1.0 + (at % 2) as f32;
                let down = wrap(start + rounds * pose as f32 / POSES as f32, 1.0);
                let tone = if at.is_multiple_of(3) {
                    deep
                } else {
                    Colour::WHITE.mix(foam, 0.4)
                };
                for turn in [0.0, 1.0] {
                    let (from, to) = (down - turn, down + long - turn);
                    let x = |along: f32| middle + aside * fall.half * (0.84 + 0.30 * along);
                    let points = [(x(from), from * tall), (x(to), to * tall)];
                    line(
                        &mut pixmap,
                        &points,
                        (size.unit * thick).max(0.8),
                        &plain(tone, 0.42),
                    );
                }
            }
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let (x, y, depth) = (fall.x - wide / 2.0, fall.top, fall.depth);
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: (wrap(moment.seconds / ROUND_SECONDS, 1.0) * POSES as f32) as usize % POSES,
        x: x - moment.camera_x * depth,
        y: y - moment.camera_y * depth,
        strength: 1.0,
    };
    Layer {
        poses,
        copies: 1,
        motion: Box::new(motion),
    }
}

/// The pool with rings of foam, and stones at its edge.
fn pool(scene: &Scene, size: &Size, fall: &Fall) -> Layer {
    let mut chance = Chance::new(scene.seed, "pool");
    let (half, flat) = ((size.unit * 0.62).min(size.width * 0.52), size.height * 0.060);
    let (wide, tall) = (half * 2.2, flat * 2.0 + size.unit * 0.06);
    let mut pixmap = clear(wide, tall);
    let (x, y) = (wide / 2.0, tall / 2.0);
    let foam = foam(scene);
    let palette = &scene.palette;
    let blue = Colour::hex(0x2c_7c8c).lit(palette.shade.mix(Colour::WHITE, 0.15));
    let stops = [
        (0.0, foam.mix(blue, 0.25), 1.0),
        (0.35, blue.mix(palette.sky_middle, 0.25), 1.0),
        (1.0, blue.mix(Colour::BLACK, 0.35), 1.0),
    ];
    fill(
        &mut pixmap,
        ellipse(x, y, half, flat),
        &fade(y - flat, y + flat, &stops),
    );
    for ring in 0..22 {
        let out = chance.unit();
        let side = chance.between(-0.8, 0.8) * half;
        let down = y + flat * (out * 1.5 - 0.7);
        fill(
            &mut pixmap,
            ellipse(
                x + side * (1.0 - out * 0.3),
                down,
                half * chance.between(0.04, 0.16),
                flat * 0.030 + 0.5,
            ),
            &plain(foam, if ring % 2 == 0 { 0.40 } else { 0.24 }),
        );
    }
    for stone in 0..15 {
        let turn = 0.02 + 0.46 * stone as f32 / 14.0 + chance.between(-0.015, 0.015);
        let (side, down) = (wave(turn + 0.25), wave(turn));
        let radius = size.unit * chance.between(0.014, 0.036);
        let tone = palette
            .far(Colour::hex(0x5c_5c58), 0.08)
            .mix(palette.leaf.lit(palette.shade), chance.between(0.0, 0.3));
        let (at_x, at_y) = (x + side * half * 0.98, y + down * flat * 0.95);
        let shading = [
            (0.0, tone.mix(palette.light, 0.22), 1.0),
            (1.0, tone.mix(Colour::BLACK, 0.4), 1.0),
        ];
        fill(
            &mut pixmap,
            ellipse(at_x, at_y, radius * 1.3, radius * 0.8),
            &fade(at_y - radius, at_y + radius, &shading),
        );
    }
    let place = (fall.x - x, fall.foot - y + flat * 0.55);
    Layer::fixed(Sprite::from_pixmap(&pixmap), place.0, place.1, fall.depth)
}

/// Spray at the foot that billows up and thins.
fn spray(scene: &Scene, size: &Size, fall: &Fall) -> Layer {
    let mut chance = Chance::new(scene.seed, "spray");
    let tone = foam(scene);
    let poses: Vec<Sprite> = [0.055, 0.08, 0.11]
        .map(|share| {
            let radius = size.unit * share;
            let mut pixmap = clear(radius * 2.0, radius * 2.0);
            let stops = [(0.0, tone, 0.48), (0.5, tone, 0.22), (1.0, tone, 0.0)];
            fill(
                &mut pixmap,
                disc(radius, radius, radius),
                &halo(radius, radius, radius, &stops),
            );
            Sprite::from_pixmap(&pixmap)
        })
        .to_vec();
    let each: Vec<(f32, f32)> = (0..SPRAY)
        .map(|at| (at as f32 / SPRAY as f32, chance.between(-1.0, 1.0)))
        .collect();
    let (unit, fall) = (size.unit, *fall);
    let motion = move |copy: usize, moment: &Moment| {
        let (phase, aside) = each[copy];
        let age = wrap(moment.seconds * 0.34 + phase, 1.0);
        let half = unit * [0.055, 0.08, 0.11][copy % 3];
        let out = aside * (fall.half * 1.1 + unit * 0.07 * age);
        Spot {
            pose: copy % 3,
            x: fall.x + out - half - moment.camera_x * fall.depth,
            y: fall.foot - unit * 0.085 * age - half,
            strength: smooth(age * 4.0) * (1.0 - age),
        }
    };
    Layer {
        poses,
        copies: SPRAY,
        motion: Box::new(motion),
    }
}
