//! A brook: a narrow band of running water that winds towards the viewer, with glints that run along it.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, ellipse, fade, fill, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot};
use crate::motion::{smooth, wave, wrap};
use crate::planes::Sprite;
use crate::scene::Scene;

/// Points along the bed.
const STEPS: usize = 40;
/// Glints on the water.
const GLINTS: usize = 34;

/// A point of the bed: its middle, in pixels, and half the water's width.
type Bed = [(f32, f32, f32); STEPS];

/// Adds the brook to the land whose crest is given in pixels from the frame's left edge.
pub(super) fn build(scene: &Scene, size: &Size, crest: &[(f32, f32)], depth: f32, layers: &mut Vec<Layer>) {
    let bed = bed(scene, size, crest);
    layers.push(water(scene, size, &bed, depth));
    layers.push(glints(scene, size, bed, depth));
}

fn bed(scene: &Scene, size: &Size, crest: &[(f32, f32)]) -> Bed {
    let mut chance = Chance::new(scene.seed, "bed");
    let start = size.width * chance.between(0.66, 0.76);
    let start = if scene.drift > 0.0 {
        start
    } else {
        size.width - start
    };
    let end = size.width - start;
    let near = |point: &&(f32, f32)| point.0 >= start;
    let top = crest.iter().find(near).map_or(size.height * 0.8, |point| point.1) + size.height * 0.006;
    let (bend, phase) = (size.unit * chance.between(0.07, 0.11), chance.unit() * 0.2);
    let foot = size.height * 1.01;
    std::array::from_fn(|step| {
        let along = step as f32 / (STEPS - 1) as f32;
        // What is near is larger, and its bends are wider.
        let down = libm::powf(along, 1.15);
        let x =
            start + (end - start) * 1.25 * smooth(along) + bend * wave(along * 2.0 + phase) * (0.2 + down);
        (x, top + (foot - top) * down, size.unit * (0.011 + 0.13 * down))
    })
}

fn water(scene: &Scene, size: &Size, bed: &Bed, depth: f32) -> Layer {
    let mut chance = Chance::new(scene.seed, "brook");
    let edge = |(x, _, half): &(f32, f32, f32)| (x - half * 1.7, x + half * 1.7);
    let left = bed
        .iter()
        .map(|point| edge(point).0)
        .fold(f32::INFINITY, f32::min)
        - size.unit * 0.03;
    let right = bed.iter().map(|point| edge(point).1).fold(0.0, f32::max) + size.unit * 0.03;
    let (top, foot) = (bed[0].1, bed[STEPS - 1].1);
    let mut pixmap = clear(right - left, foot - top);
    let palette = &scene.palette;
    let band = |share: f32| {
        let sides = bed.iter().map(|(x, y, half)| (x - left - half * share, y - top));
        let other = bed
            .iter()
            .rev()
            .map(|(x, y, half)| (x - left + half * share, y - top));
        sides.chain(other).collect::<Vec<_>>()
    };
    let earth = palette.land_at(0.1).mix(Colour::hex(0x3a_2c20), 0.5);
    fill(&mut pixmap, polygon(&band(1.18)), &plain(earth, 0.55));
    let blue = Colour::hex(0x3c_88a0).lit(palette.shade.mix(Colour::WHITE, 0.15));
    let stops = [
        (0.0, palette.sky_low.mix(blue, 0.25), 1.0),
        (0.4, palette.sky_middle.mix(blue, 0.5), 1.0),
        (1.0, blue.mix(Colour::BLACK, 0.25), 1.0),
    ];
    fill(&mut pixmap, polygon(&band(1.0)), &fade(0.0, foot - top, &stops));
    for _ in 0..26 {
        let (x, y, half) = bed[chance.below(STEPS)];
        let side = chance.pick(&[-1.0, 1.0]);
        let radius = (half * chance.between(0.10, 0.30)).max(1.0);
        let tone = palette
            .far(Colour::hex(0x70_7070), 0.1)
            .mix(Colour::BLACK, chance.between(0.0, 0.3));
        let (at_x, at_y) = (x - left + side * half * chance.between(0.95, 1.2), y - top);
        let shading = [
            (0.0, tone.mix(palette.light, 0.3), 1.0),
            (1.0, tone.mix(Colour::BLACK, 0.4), 1.0),
        ];
        fill(
            &mut pixmap,
            ellipse(at_x, at_y, radius * 1.4, radius * 0.8),
            &fade(at_y - radius, at_y + radius, &shading),
        );
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), left, top, depth)
}

/// Light on the ripples, which runs down with the water.
fn glints(scene: &Scene, size: &Size, bed: Bed, depth: f32) -> Layer {
    let mut chance = Chance::new(scene.seed, "glints");
    let tone = scene.palette.sky_low.mix(Colour::WHITE, 0.6);
    let poses: Vec<Sprite> = [0.010, 0.020, 0.036]
        .map(|share| {
            let half = (size.unit * share).max(2.0);
            let flat = (half * 0.11).max(0.8);
            let mut pixmap = clear(half * 2.0, flat * 2.0 + 2.0);
            fill(
                &mut pixmap,
                ellipse(half, flat + 1.0, half, flat),
                &plain(tone, 0.6),
            );
            Sprite::from_pixmap(&pixmap)
        })
        .to_vec();
    let each: Vec<(f32, f32)> = (0..GLINTS)
        .map(|_| (chance.unit(), chance.between(-0.66, 0.66)))
        .collect();
    let unit = size.unit;
    let motion = move |copy: usize, moment: &Moment| {
        let (phase, aside) = each[copy];
        let along = wrap(phase + moment.seconds * 0.07, 1.0);
        let (x, y, half) = bed[(along * (STEPS - 1) as f32) as usize];
        let (next_x, next_y, _) = bed[((along * (STEPS - 1) as f32) as usize + 1).min(STEPS - 1)];
        let part = along * (STEPS - 1) as f32 - libm::floorf(along * (STEPS - 1) as f32);
        let pose = usize::from(along > 0.4) + usize::from(along > 0.7);
        let wide = unit * [0.010, 0.020, 0.036][pose];
        Spot {
            pose,
            x: x + (next_x - x) * part + aside * half - wide - moment.camera_x * depth,
            y: y + (next_y - y) * part - moment.camera_y * depth,
            strength: (0.5 + 0.5 * wave(moment.seconds * 0.6 + phase * 7.0)) * smooth((1.0 - along) * 8.0),
        }
    };
    Layer {
        poses,
        copies: GLINTS,
        motion: Box::new(motion),
    }
}
