//! Below the surface: shafts of light, far rocks, plants that sway, sand, and a shoal in the distance.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, blob, clear, curve, disc, fade, fill, plain, polygon};
use crate::layers::land::Noise;
use crate::layers::{Layer, Moment, Size, Spot, subject};
use crate::motion::{wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Scene, Subject};

/// Poses of a plant's sway.
const SWAYS: usize = 12;

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    layers.push(rocks(scene, size, 0, (0.12, 0.72, 0.34)));
    layers.push(shoal(scene, size));
    layers.push(rocks(scene, size, 1, (0.28, 0.84, 0.26)));
    for at in 0..4 {
        layers.push(shaft(scene, size, at));
    }
    let walks = !matches!(
        scene.subject,
        Subject::Fish | Subject::Whale | Subject::Jellyfish | Subject::Astronaut
    );
    layers.push(rocks(scene, size, 2, (0.55, 0.93, 0.07)));
    subject::build(
        scene,
        size,
        size.height * if walks { 0.90 } else { 0.60 },
        0.55,
        layers,
    );
    for side in [-1.0, 1.0] {
        layers.push(plants(scene, size, side));
    }
    layers.push(rocks(scene, size, 3, (1.0, 1.0, 0.10)));
}

fn rocks(scene: &Scene, size: &Size, at: usize, (depth, crest, swing): (f32, f32, f32)) -> Layer {
    let mut chance = Chance::new(scene.seed, ["rocks 0", "rocks 1", "rocks 2", "rocks 3"][at]);
    let reach = size.reach(depth);
    let noise = Noise::new(&mut chance);
    let width = size.width + reach * 2.0;
    let points: Vec<(f32, f32)> = (0..=(width / 3.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 3.0;
            let bowl = (x / width - 0.5) * (x / width - 0.5) * 1.6;
            let rise = noise.at(x / size.height * 2.2, 0.4, at < 2) * (0.55 + bowl);
            (x, size.height * (crest - swing * rise))
        })
        .collect();
    let top = points.iter().map(|point| point.1).fold(f32::INFINITY, f32::min) - size.unit * 0.09;
    let lifted: Vec<(f32, f32)> = points.iter().map(|point| (point.0, point.1 - top)).collect();
    let bottom = size.height + size.foot() - top;
    let mut pixmap = clear(width, bottom);
    let palette = &scene.palette;
    let stone = if at >= 2 {
        Colour::hex(0xd8_c090)
    } else {
        palette.land
    };
    let near = stone
        .lit(palette.shade)
        .mix(palette.sky_low, 0.78 - 0.5 * depth)
        .mix(Colour::BLACK, 0.45 * (depth - 0.5).max(0.0));
    if at == 1 || at == 2 {
        corals(scene, size, &lifted, depth, &mut chance, &mut pixmap);
    }
    let body = [
        (0.0, near.mix(palette.light, 0.10), 1.0),
        (1.0, near.mix(palette.sky_low, 0.55), 1.0),
    ];
    fill(
        &mut pixmap,
        below(&lifted, bottom + 4.0),
        &fade(size.unit * 0.09, bottom, &body),
    );
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, top, depth)
}

fn corals(
    scene: &Scene,
    size: &Size,
    crest: &[(f32, f32)],
    depth: f32,
    chance: &mut Chance,
    pixmap: &mut tiny_skia::Pixmap,
) {
    let tones = [0xf0_787c, 0xf0_a860, 0xc8_70b8, 0xe8_5890];
    let mut next = 0.0;
    for (x, y) in crest {
        if *x < next {
            continue;
        }
        next = x + size.unit * chance.between(0.07, 0.26);
        let tone = Colour::hex(chance.pick(&tones))
            .lit(scene.palette.shade)
            .mix(scene.palette.sky_low, 0.72 - depth * 0.7);
        let tall = size.unit * chance.between(0.035, 0.085);
        let paint = plain(tone, 1.0);
        if chance.likely(0.5) {
            for branch in 0..7u8 {
                let lean = (f32::from(branch) - 3.0) / 3.0 * 0.62;
                let top = tall * chance.between(0.65, 1.0);
                curve(
                    pixmap,
                    &[
                        (*x, y + 5.0),
                        (x + lean * top * 0.35, y - top * 0.5),
                        (x + lean * top, y - top),
                    ],
                    (tall * 0.13).max(1.2),
                    &paint,
                );
            }
        } else {
            for lump in 0..6u8 {
                let side = (f32::from(lump) - 2.5) * tall * 0.26;
                fill(
                    pixmap,
                    disc(
                        x + side,
                        y - tall * chance.between(0.05, 0.34),
                        tall * chance.between(0.18, 0.34),
                    ),
                    &paint,
                );
            }
        }
    }
}

/// A band of light from the surface that leans and breathes.
fn shaft(scene: &Scene, size: &Size, at: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, ["shaft 0", "shaft 1", "shaft 2", "shaft 3"][at]);
    let (tall, lean) = (
        size.height * chance.between(0.72, 0.95),
        size.height * chance.between(0.2, 0.34),
    );
    let wide = size.unit * chance.between(0.07, 0.17);
    let mut pixmap = clear(lean + wide * 3.2, tall);
    let tone = scene.palette.light;
    let paint = fade(
        0.0,
        tall,
        &[(0.0, tone, 0.16), (0.5, tone, 0.07), (1.0, tone, 0.0)],
    );
    for share in [1.0, 0.66, 0.34] {
        let (top, foot) = (wide * 0.5 * share, wide * 1.4 * share);
        let shape = [
            (lean + wide * 1.6 - top, 0.0),
            (lean + wide * 1.6 + top, 0.0),
            (wide * 1.6 + foot, tall),
            (wide * 1.6 - foot, tall),
        ];
        fill(&mut pixmap, polygon(&shape), &paint);
    }
    let x = size.width * (at as f32 * 0.27 + chance.between(-0.05, 0.12)) - lean * 0.5;
    let (phase, pan) = (chance.unit(), size.width * 0.02);
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: x - moment.camera_x * 0.15 + pan * wave(moment.seconds * 0.06 + phase),
        y: 0.0,
        strength: 0.72 + 0.28 * wave(moment.seconds * 0.16 + phase),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

/// Small far fish that pass together.
fn shoal(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "shoal");
    let long = size.unit * 0.026;
    let tone = scene
        .palette
        .sky_middle
        .mix(scene.palette.sky_low, 0.75)
        .mix(Colour::BLACK, 0.12);
    let poses: Vec<Sprite> = (0..4u8)
        .map(|pose| {
            let mut pixmap = clear(long * 1.5, long * 0.8);
            let (middle, swing) = (long * 0.4, long * 0.10 * wave(f32::from(pose) / 4.0));
            let nose = scene.drift;
            let x = |along: f32| long * (0.75 + along * nose);
            let shape = [
                (x(0.6), middle),
                (x(0.2), middle - long * 0.2),
                (x(-0.35), middle),
                (x(-0.65), middle - long * 0.2 + swing),
                (x(-0.65), middle + long * 0.2 + swing),
                (x(-0.35), middle),
                (x(0.2), middle + long * 0.2),
            ];
            fill(&mut pixmap, blob(&shape), &plain(tone, 0.8));
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let copies = 26;
    let places: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| {
            (
                (chance.unit() + chance.unit() - 1.0) * 0.22,
                (chance.unit() + chance.unit() - 1.0) * 0.13,
                chance.unit(),
            )
        })
        .collect();
    let (start, y, span) = (
        chance.between(0.1, 0.7),
        size.height * chance.between(0.22, 0.42),
        size.width * 1.5,
    );
    let (drift, pace, wide, tall) = (scene.drift, size.width * 0.035, size.width, size.height);
    let motion = move |copy: usize, moment: &Moment| {
        let (side, up, phase) = places[copy];
        let x = wrap(
            wide * (start + side) + pace * moment.seconds * drift - moment.camera_x * 0.14,
            span,
        ) - wide * 0.2;
        Spot {
            pose: ((moment.seconds * 1.6 + phase) * 4.0) as usize % 4,
            x,
            y: y + up * tall + wave(moment.seconds * 0.13 + phase * 0.3) * tall * 0.015,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// Tall plants in the corners of the frame, before everything else.
fn plants(scene: &Scene, size: &Size, side: f32) -> Layer {
    let label = if side < 0.0 { "plants left" } else { "plants right" };
    let mut chance = Chance::new(scene.seed, label);
    let (wide, tall) = (size.unit * 0.46, size.height * chance.between(0.42, 0.66));
    let dark = scene.palette.sky_low.mix(Colour::hex(0x06_2c2c), 0.6);
    let blades: Vec<(f32, f32, f32)> = (0..9)
        .map(|_| {
            (
                chance.between(0.22, 0.78),
                chance.between(0.45, 1.0),
                chance.unit(),
            )
        })
        .collect();
    let poses: Vec<Sprite> = (0..SWAYS)
        .map(|pose| {
            let mut pixmap = clear(wide, tall);
            let turn = pose as f32 / SWAYS as f32;
            for (at, (x, high, phase)) in blades.iter().enumerate() {
                let tone = dark.mix(
                    Colour::hex(0x2c_8c6c).lit(scene.palette.shade),
                    0.10 + 0.05 * at as f32,
                );
                let sway = |along: f32| wave(turn + phase - along * 0.45) * wide * 0.09 * along;
                let middle = |along: f32| (wide * x + sway(along), tall * (1.0 - along * high * 0.98));
                let thick = |along: f32| size.unit * 0.017 * (0.35 + 1.5 * along * (1.0 - along) * 1.6);
                let edge = |side: f32, step: u8| {
                    let along = f32::from(step) / 10.0;
                    let (px, py) = middle(along);
                    (
                        px + side * thick(along) * (1.0 + 0.35 * wave(along * 4.0 + phase)),
                        py,
                    )
                };
                let points: Vec<(f32, f32)> = (0..=10u8)
                    .map(|step| edge(-1.0, step))
                    .chain((0..=10u8).rev().map(|step| edge(1.0, step)))
                    .collect();
                fill(&mut pixmap, blob(&points), &plain(tone, 1.0));
            }
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let x = if side < 0.0 {
        -wide * 0.32
    } else {
        size.width - wide * 0.68
    };
    let y = size.height - tall + size.foot();
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: (wrap(moment.seconds * 0.22, 1.0) * SWAYS as f32) as usize % SWAYS,
        x: x - moment.camera_x * 0.9,
        y: y - moment.camera_y,
        strength: 1.0,
    };
    Layer {
        poses,
        copies: 1,
        motion: Box::new(motion),
    }
}
