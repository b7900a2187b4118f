//! The sea: an island, the water up to the horizon, light on it and waves before the subject.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, block, clear, ellipse, fade, fill, halo, line, plain};
use crate::layers::land::Noise;
use crate::layers::{Layer, Moment, Size, Spot, company, sky, subject, volcano};
use crate::motion::wave;
use crate::planes::Sprite;
use crate::scene::{Ground, Hour, Scene, Sight, Subject, Weather};

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    if scene.shows(Sight::Volcano) {
        volcano::build(scene, size, size.height * 0.58, layers);
    } else {
        layers.push(island(scene, size));
    }
    layers.push(water(scene, size));
    let far = if scene.company == Subject::Boat {
        0.615
    } else {
        0.87
    };
    company::build(scene, size, size.height * far, 0.2, layers);
    for (at, (depth, crest, tall)) in [(0.22, 0.64, 0.012), (0.42, 0.73, 0.020)].into_iter().enumerate() {
        layers.push(swell(scene, size, at, depth, crest, tall));
    }
    // Under heavy clouds nothing glitters.
    if !matches!(scene.weather, Weather::Storm | Weather::Rain | Weather::Fog) {
        layers.push(glitter(scene, size));
    }
    let afloat = !ashore(scene.subject);
    if afloat {
        subject::build(scene, size, size.height * 0.80, 0.6, layers);
    }
    for (at, (depth, crest, tall)) in [(0.66, 0.80, 0.030), (1.0, 0.91, 0.045)].into_iter().enumerate() {
        if afloat || at == 0 {
            layers.push(swell(
                scene,
                size,
                at + 2,
                depth,
                crest - if afloat { 0.0 } else { 0.02 },
                tall,
            ));
        }
    }
    if !afloat {
        layers.push(beach(scene, size));
        subject::build(scene, size, size.height * 0.90, 0.8, layers);
    }
}

/// Whether a subject needs sand under its feet.
fn ashore(subject: Subject) -> bool {
    let afloat = matches!(
        subject,
        Subject::Boat | Subject::Fish | Subject::Whale | Subject::Jellyfish | Subject::Lighthouse
    );
    let aloft = matches!(
        subject,
        Subject::Birds
            | Subject::Owl
            | Subject::Butterfly
            | Subject::Dragon
            | Subject::Plane
            | Subject::Rocket
            | Subject::Balloon
            | Subject::Lantern
            | Subject::Orb
            | Subject::Nobody
    );
    !afloat && !aloft
}

/// Sand before the sea, with a rim of foam and a darker wet edge.
fn beach(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "beach");
    let noise = Noise::new(&mut chance);
    let reach = size.reach(0.8);
    let width = size.width + reach * 2.0;
    let top = size.height * 0.80;
    let edge: Vec<(f32, f32)> = (0..=(width / 3.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 3.0;
            (
                x,
                4.0 + size.height * 0.035 * noise.at(x / size.height * 0.9, 0.25, false),
            )
        })
        .collect();
    let bottom = size.height - top + size.foot();
    let mut pixmap = clear(width, bottom);
    let palette = &scene.palette;
    let sand = Colour::hex(0xe4_c89c)
        .lit(palette.shade)
        .mix(palette.sky_low, 0.08);
    let wet = sand.mix(palette.land.lit(palette.shade), 0.42);
    let shading = [
        (0.0, wet, 1.0),
        (0.22, wet.mix(sand, 0.4), 1.0),
        (0.5, sand, 1.0),
        (1.0, sand.mix(Colour::BLACK, 0.24), 1.0),
    ];
    fill(
        &mut pixmap,
        below(&edge, bottom + 4.0),
        &fade(0.0, bottom, &shading),
    );
    let foam = palette.accent.lit(palette.shade).mix(palette.light, 0.4);
    line(&mut pixmap, &edge, size.unit * 0.008, &plain(foam, 0.75));
    for _ in 0..220 {
        let (x, y) = (width * chance.unit(), bottom * chance.between(0.3, 1.0));
        let grain = size.unit * chance.between(0.001, 0.003);
        let tone = if chance.likely(0.5) {
            Colour::BLACK
        } else {
            palette.light
        };
        fill(&mut pixmap, ellipse(x, y, grain * 2.0, grain), &plain(tone, 0.16));
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, top, 0.8)
}

fn horizon(size: &Size) -> f32 {
    size.height * sky::horizon(Ground::Sea)
}

fn island(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "island");
    let reach = size.reach(0.08);
    let width = size.width + reach * 2.0;
    let noise = Noise::new(&mut chance);
    let tall = size.height * 0.16;
    let middle = width
        * if chance.likely(0.5) {
            chance.between(0.08, 0.28)
        } else {
            chance.between(0.72, 0.92)
        };
    let mut pixmap = clear(width, tall + 4.0);
    let crest: Vec<(f32, f32)> = (0..=(width / 2.0) as usize)
        .map(|column| {
            let x = column as f32 * 2.0;
            let far = (x - middle) / size.height.min(size.width);
            let hump = libm::expf(-far * far * 7.0);
            (
                x,
                tall + 3.0 - tall * hump * (0.35 + 0.65 * noise.at(x / size.height * 3.0, 0.5, true)),
            )
        })
        .collect();
    let stone = Colour::hex(0x3a_5560)
        .lit(scene.palette.shade)
        .mix(scene.palette.sky_low, 0.55);
    let mist = stone.mix(scene.palette.sky_low, 0.5);
    fill(
        &mut pixmap,
        below(&crest, tall + 4.0),
        &fade(0.0, tall, &[(0.0, stone, 1.0), (1.0, mist, 1.0)]),
    );
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, horizon(size) - tall, 0.08)
}

fn water(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "water");
    let reach = size.reach(0.10);
    let width = size.width + reach * 2.0;
    let tall = size.height - horizon(size) + size.foot();
    let mut pixmap = clear(width, tall);
    let palette = &scene.palette;
    let far = palette.land.lit(palette.shade).mix(palette.sky_low, 0.62);
    let near = palette.land.lit(palette.shade);
    let body = fade(
        0.0,
        tall * 0.8,
        &[(0.0, far, 1.0), (0.25, far.mix(near, 0.5), 1.0), (1.0, near, 1.0)],
    );
    fill(&mut pixmap, block(0.0, 0.0, width + 2.0, tall + 2.0), &body);
    for _ in 0..260 {
        let down = chance.unit() * chance.unit();
        let (x, y) = (width * chance.unit(), 1.0 + tall * down);
        let long = size.unit * (0.02 + 0.12 * down) * chance.between(0.5, 1.0);
        let tone = if chance.likely(0.5) {
            palette.sky_low
        } else {
            near.mix(Colour::BLACK, 0.5)
        };
        fill(
            &mut pixmap,
            ellipse(x, y, long, (long * 0.03).max(0.6)),
            &plain(tone, 0.16),
        );
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, horizon(size), 0.10)
}

/// Short lines of light that come and go below the sun or the moon.
fn glitter(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "glitter");
    let long = size.unit * 0.035;
    let mut pixmap = clear(long * 2.0, (long * 0.16).max(4.0));
    let middle = pixmap.height() as f32 / 2.0;
    let colour = scene.palette.light;
    let stops = [(0.0, colour, 1.0), (0.6, colour, 0.85), (1.0, colour, 0.0)];
    fill(
        &mut pixmap,
        ellipse(long, middle, long, middle * 0.8),
        &halo(long, middle, long, &stops),
    );
    let (top, tall) = (horizon(size), size.height - horizon(size));
    let spread = size.unit * if scene.hour == Hour::Day { 0.5 } else { 0.24 };
    let sparks: Vec<(f32, f32, f32, f32)> = (0..90)
        .map(|_| {
            let down = chance.unit();
            let side = (chance.unit() + chance.unit() - 1.0) * spread * (0.25 + down);
            (
                side,
                top + 2.0 + tall * down,
                chance.between(0.25, 0.7),
                chance.unit(),
            )
        })
        .collect();
    let place = sky::light_at(scene, size);
    let motion = move |copy: usize, moment: &Moment| {
        let (side, y, pace, phase) = sparks[copy];
        let glow = wave(moment.seconds * pace + phase);
        let x = place(moment).0 + side - long + wave(moment.seconds * 0.2 + phase) * long * 0.3;
        Spot {
            pose: 0,
            x,
            y,
            strength: (0.3 + glow * 0.7).max(0.0),
        }
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 90,
        motion: Box::new(motion),
    }
}

/// One line of waves that rolls to and fro.
fn swell(scene: &Scene, size: &Size, at: usize, depth: f32, crest: f32, tall: f32) -> Layer {
    let mut chance = Chance::new(scene.seed, ["swell 0", "swell 1", "swell 2", "swell 3"][at]);
    let roll = size.width * 0.02 * (0.4 + depth);
    let reach = size.reach(depth) + libm::ceilf(roll);
    let width = size.width + reach * 2.0;
    let (tall, lift) = (size.height * tall, size.height * tall * 0.35);
    let bottom = size.height * (1.0 - crest) + tall + lift + size.foot();
    let phases: [f32; 3] = std::array::from_fn(|_| chance.unit());
    let long = size.unit * (0.16 + 0.34 * depth);
    let points: Vec<(f32, f32)> = (0..=(width / 2.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 2.0;
            let big = 1.0 - wave(x / long / 2.0 + phases[0]).abs();
            let small = wave(x / long * 1.7 + phases[1]) * 0.2 + wave(x / long * 0.31 + phases[2]) * 0.35;
            (x, 2.0 + tall * (1.15 - big * 0.75 - small * 0.5))
        })
        .collect();
    let palette = &scene.palette;
    let deep = palette.land.lit(palette.shade);
    let body = deep
        .mix(palette.sky_low, 0.42 * (1.0 - depth))
        .mix(Colour::BLACK, 0.22 * depth);
    let top = body.mix(palette.sky_low, 0.34);
    let mut pixmap = clear(width, bottom);
    let stops = [
        (0.0, top, 1.0),
        (0.3, body, 1.0),
        (1.0, body.mix(Colour::BLACK, 0.3), 1.0),
    ];
    fill(
        &mut pixmap,
        below(&points, bottom + 4.0),
        &fade(0.0, bottom.min(size.height * 0.22), &stops),
    );
    let foam = palette.accent.lit(palette.shade).mix(palette.light, 0.4);
    line(
        &mut pixmap,
        &points,
        (size.unit * 0.003 * (0.5 + depth)).max(0.8),
        &plain(foam, 0.5),
    );
    let (y, phase) = (size.height * crest - tall, chance.unit());
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: -reach - moment.camera_x * depth + roll * wave(moment.seconds * 0.16 + phase),
        y: y + lift * wave(moment.seconds * 0.23 + phase * 3.0) - moment.camera_y * depth,
        strength: 1.0,
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}
