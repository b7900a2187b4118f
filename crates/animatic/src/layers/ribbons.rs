//! The abstract scene: bands of light that flow over each other, and glowing orbs between them.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, disc, fade, fill, halo, line, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot, subject};
use crate::motion::wave;
use crate::planes::Sprite;
use crate::scene::Scene;

const BANDS: usize = 5;

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    layers.push(glow(scene, size));
    for at in 0..BANDS {
        layers.push(band(scene, size, at));
        if at == 2 {
            subject::build(scene, size, size.height * 0.56, 0.5, layers);
        }
    }
}

/// A wide soft light behind everything.
fn glow(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "glow");
    let radius = size.unit * 0.62;
    let mut pixmap = clear(radius * 2.0, radius * 2.0);
    let (tone, edge) = (scene.palette.shade, scene.palette.sky_low);
    let stops = [
        (0.0, tone, 0.75),
        (0.4, tone.mix(edge, 0.6), 0.34),
        (1.0, edge, 0.0),
    ];
    fill(
        &mut pixmap,
        disc(radius, radius, radius),
        &halo(radius, radius, radius, &stops),
    );
    let (x, y) = (
        size.width * chance.between(0.3, 0.7),
        size.height * chance.between(0.3, 0.55),
    );
    let (side, up) = (size.width * 0.12 * scene.drift, size.height * 0.05);
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: x - radius + side * wave(moment.seconds * 0.05),
        y: y - radius + up * wave(moment.seconds * 0.07 + 0.2),
        strength: 0.9 + 0.1 * wave(moment.seconds * 0.13),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

fn band(scene: &Scene, size: &Size, at: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, ["band 0", "band 1", "band 2", "band 3", "band 4"][at]);
    let near = at as f32 / (BANDS - 1) as f32;
    let depth = 0.15 + 0.85 * near;
    let sweep = size.width * 0.06 * (0.4 + near);
    let reach = size.reach(depth) + libm::ceilf(sweep);
    let width = size.width + reach * 2.0;
    let thick = size.height * (0.16 + 0.12 * near);
    let swing = size.height * chance.between(0.07, 0.12);
    let (tall, long) = (
        thick * 1.35 + swing * 2.6,
        size.width.max(size.unit) * chance.between(0.6, 1.1),
    );
    let phases: [f32; 3] = std::array::from_fn(|_| chance.unit());
    let step = 3.0;
    let top: Vec<(f32, f32)> = (0..=(width / step) as usize + 1)
        .map(|column| {
            let x = column as f32 * step;
            let bend = wave(x / long + phases[0]) + 0.3 * wave(x / long * 2.3 + phases[1]);
            (x, 2.0 + swing * (1.3 + bend))
        })
        .collect();
    let lower = top
        .iter()
        .rev()
        .map(|(x, y)| (*x, y + thick * (0.8 + 0.4 * wave(x / long * 0.8 + phases[2]))));
    let outline: Vec<(f32, f32)> = top.iter().copied().chain(lower).collect();
    let palette = &scene.palette;
    let tones = [palette.sky_middle, palette.sky_low, palette.shade, palette.light];
    let share = chance.unit();
    // Colours that are asked for stay apart, or teal and gold would make green.
    let (tone, dense) = match palette.named {
        Some(_) if at.is_multiple_of(2) => (palette.sky_low.mix(palette.light, share * 0.3), 1.5),
        Some(_) => (palette.sky_middle.mix(palette.sky_top, share * 0.4), 1.5),
        None => (tones[at % 4].mix(tones[(at + 1) % 4], share), 1.0),
    };
    let mut pixmap = clear(width, tall);
    let pale = tone.mix(Colour::WHITE, 0.3 / dense);
    let stops = [
        (0.0, pale, 0.62 * dense),
        (0.35, tone, 0.42 * dense),
        (1.0, tone.mix(palette.sky_top, 0.6), 0.05),
    ];
    fill(&mut pixmap, polygon(&outline), &fade(0.0, tall, &stops));
    line(
        &mut pixmap,
        &top,
        (size.unit * 0.0028).max(0.8),
        &plain(pale.mix(Colour::WHITE, 0.4), 0.55),
    );
    let y = size.height * (0.10 + 0.56 * near) + size.height * chance.between(-0.04, 0.04);
    let (lift, pace, phase) = (size.height * 0.035, chance.between(0.05, 0.1), chance.unit());
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: -reach - moment.camera_x * depth + sweep * wave(moment.seconds * pace + phase),
        y: y + lift * wave(moment.seconds * pace * 1.6 + phase * 2.0),
        strength: 1.0,
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}
