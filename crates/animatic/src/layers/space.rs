//! Deep space: nebulae, stars at two depths, a planet and drifting stones.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, disc, ellipse, fill, halo, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot, subject};
use crate::motion::{self, wave};
use crate::planes::Sprite;
use crate::scene::{Scene, Sight};

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    layers.push(nebula(scene, size));
    layers.push(stars(scene, size, "far stars", 0.12, 0.0032));
    layers.push(planet(scene, size));
    layers.push(stars(scene, size, "near stars", 0.4, 0.0052));
    subject::build(scene, size, size.height * 0.56, 0.4, layers);
    layers.push(stones(scene, size));
}

fn nebula(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "nebula");
    let reach = size.reach(0.06);
    let (width, height) = (size.width + reach * 2.0, size.height + size.foot() * 2.0);
    let mut pixmap = clear(width, height);
    let tones = [
        scene.palette.sky_low,
        scene.palette.accent,
        Colour::hex(0x1f_8a9a),
        Colour::hex(0xc2_4a7a),
    ];
    let (slope, start) = (chance.between(-0.5, 0.5), chance.between(0.35, 0.65));
    for _ in 0..34 {
        let along = chance.unit();
        let x = width * along;
        let y = height * (start + slope * (along - 0.5) + (chance.unit() + chance.unit() - 1.0) * 0.3);
        let radius = size.unit * chance.between(0.12, 0.42);
        let (tone, strength) = (chance.pick(&tones), chance.between(0.04, 0.14));
        let stops = [
            (0.0, tone, strength),
            (0.5, tone, strength * 0.45),
            (1.0, tone, 0.0),
        ];
        fill(&mut pixmap, disc(x, y, radius), &halo(x, y, radius, &stops));
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, -size.foot(), 0.06)
}

fn stars(scene: &Scene, size: &Size, label: &str, depth: f32, share: f32) -> Layer {
    let mut chance = Chance::new(scene.seed, label);
    let poses: Vec<Sprite> = (0..3u8)
        .map(|pose| {
            let radius = (size.unit * share * (0.5 + 0.5 * f32::from(pose))).max(1.2);
            let mut pixmap = clear(radius * 4.0, radius * 4.0);
            let tone = [Colour::WHITE, Colour::hex(0xcf_dcff), Colour::hex(0xff_e4c4)][usize::from(pose)];
            let stops = [
                (0.0, tone, 1.0),
                (0.25, tone, 0.7),
                (0.5, tone, 0.14),
                (1.0, tone, 0.0),
            ];
            let middle = radius * 2.0;
            fill(
                &mut pixmap,
                disc(middle, middle, middle),
                &halo(middle, middle, middle, &stops),
            );
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let copies = (90.0 * size.width * size.height / (size.unit * size.unit)) as usize;
    let places: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.unit() * size.height, chance.unit()))
        .collect();
    let span = size.width + size.unit * 0.1;
    let pace = size.width * 0.012 * depth * scene.drift;
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, phase) = places[copy];
        let x = motion::wrap(x * span - moment.camera_x * depth - pace * moment.seconds, span) - 6.0;
        let gleam = 0.62 + 0.38 * wave(moment.seconds * (0.2 + phase * 0.5) + phase);
        Spot {
            pose: copy % 3,
            x,
            y,
            strength: gleam * (0.35 + 0.65 * phase),
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

fn planet(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "planet");
    let large = if scene.shows(Sight::Rings) { 0.28 } else { 0.36 };
    let radius = size.unit * chance.between(0.22, large);
    let reach = radius * 1.7;
    let mut pixmap = clear(reach * 2.0, reach * 2.0);
    let hues = [0xd9_8a5a, 0x5a_8ad9, 0xb0_6ac0, 0x6a_b09a];
    let body = Colour::hex(chance.pick(&hues));
    let glow = body.mix(Colour::WHITE, 0.4);
    let air = [
        (0.0, glow, 0.5),
        (0.58, glow, 0.4),
        (0.72, glow, 0.10),
        (1.0, glow, 0.0),
    ];
    fill(
        &mut pixmap,
        disc(reach, reach, reach),
        &halo(reach, reach, reach, &air),
    );
    let asked = scene.shows(Sight::Rings);
    let ringed = chance.likely(0.6) || asked;
    let ice = body.mix(Colour::hex(0xf4_e4c4), if asked { 0.75 } else { 0.55 });
    if ringed {
        // The half behind the planet, which then covers its middle.
        rings(&mut pixmap, reach, radius, (0.5, ice.mix(Colour::BLACK, 0.25)));
    }
    fill(&mut pixmap, disc(reach, reach, radius), &plain(body, 1.0));
    for _ in 0..12 {
        let up = chance.between(-0.85, 0.85);
        let half = radius * libm::sqrtf(1.0 - up * up) * 0.985;
        let tone = body.mix(
            if chance.likely(0.5) {
                Colour::WHITE
            } else {
                Colour::BLACK
            },
            0.35,
        );
        let band = ellipse(
            reach,
            reach + up * radius,
            half,
            radius * chance.between(0.02, 0.07),
        );
        fill(&mut pixmap, band, &plain(tone, 0.24));
    }
    nightfall(&mut pixmap, reach, radius);
    if ringed {
        rings(&mut pixmap, reach, radius, (0.0, ice));
    }
    let (x, y) = (
        size.width * chance.between(0.62, 0.82),
        size.height * chance.between(0.22, 0.42),
    );
    let x = if scene.drift > 0.0 { x } else { size.width - x };
    let turn = size.width * 0.02 * scene.drift;
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: x - reach - moment.camera_x * 0.2 - turn * moment.at,
        y: y - reach - moment.camera_y,
        strength: 1.0,
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

/// Lays the side away from the light in shadow.
fn nightfall(pixmap: &mut tiny_skia::Pixmap, reach: f32, radius: f32) {
    let (x, y) = (reach - radius * 0.55, reach - radius * 0.5);
    let night = Colour::hex(0x04_0410);
    let shadow = [
        (0.0, night, 0.0),
        (0.45, night, 0.12),
        (0.8, night, 0.78),
        (1.0, night, 0.95),
    ];
    fill(
        pixmap,
        disc(reach, reach, radius + 0.6),
        &halo(x, y, radius * 1.75, &shadow),
    );
}

/// Half of the rings, seen from a little above: the near one from 0, the far one from half a turn.
fn rings(pixmap: &mut tiny_skia::Pixmap, reach: f32, radius: f32, (start, tone): (f32, Colour)) {
    for (share, strength) in [(1.24, 0.40), (1.34, 0.75), (1.44, 0.85), (1.55, 0.45)] {
        let points: Vec<(f32, f32)> = (0..=60u8)
            .map(|step| {
                let turn = start + 0.5 * f32::from(step) / 60.0;
                let (side, down) = (wave(turn + 0.25), wave(turn));
                let (x, y) = (side * radius * share, down * radius * share * 0.26);
                (reach + x - y * 0.35, reach + y + x * 0.22)
            })
            .collect();
        crate::drawing::line(pixmap, &points, radius * 0.075, &plain(tone, strength));
    }
}

fn stones(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "stones");
    let poses: Vec<Sprite> = (0..4)
        .map(|_| {
            let radius = size.unit * chance.between(0.02, 0.055);
            let mut pixmap = clear(radius * 2.6, radius * 2.6);
            let middle = radius * 1.3;
            let points: Vec<(f32, f32)> = (0..11u8)
                .map(|corner| {
                    let (turn, far) = (f32::from(corner) / 11.0, radius * chance.between(0.75, 1.2));
                    (middle + far * wave(turn + 0.25), middle + far * wave(turn))
                })
                .collect();
            let (dark, pale) = (
                Colour::hex(0x14_1220),
                scene.palette.sky_low.mix(Colour::hex(0x8a_8490), 0.6),
            );
            let stops = [(0.0, pale, 1.0), (0.7, dark, 1.0), (1.0, dark, 1.0)];
            let light = halo(middle - radius * 0.6, middle - radius * 0.6, radius * 2.2, &stops);
            fill(&mut pixmap, polygon(&points), &light);
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let places: Vec<(f32, f32, f32)> = (0..9)
        .map(|_| {
            (
                chance.unit(),
                chance.between(0.62, 0.98),
                chance.between(0.6, 1.0),
            )
        })
        .collect();
    let (span, height, drift) = (size.width * 1.3, size.height, scene.drift);
    let pace = size.width * 0.035;
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, near) = places[copy];
        let x = motion::wrap(
            x * span - (moment.camera_x + pace * moment.seconds * drift) * near,
            span,
        );
        let bob = wave(moment.seconds * 0.07 + near) * height * 0.012;
        Spot {
            pose: copy % 4,
            x: x - span * 0.12,
            y: y * height + bob,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies: 9,
        motion: Box::new(motion),
    }
}
