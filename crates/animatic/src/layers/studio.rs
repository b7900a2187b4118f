//! The studio: a wall without a corner, two soft shapes on it, and a table for what is shown.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{block, clear, disc, ellipse, fade, fill, halo, plain, polygon};
use crate::layers::{Layer, Size, subject};
use crate::planes::Sprite;
use crate::scene::{Hour, Mood, Scene};

/// Where the wall goes over into the table, as a share of the height.
const LINE: f32 = 0.74;

/// Walls below this level of light are lit by one hard light.
const DARK: f32 = 0.24;

/// A wall without a corner, two soft shapes on it, and a table.
pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "studio");
    let families = [
        (0xf0_d8c8, 0xe0_a890, 0xc8_7868),
        (0xd0_dcd8, 0x9c_b8b4, 0x60_8888),
        (0xe4_d8ec, 0xb8_a0cc, 0x80_6ca0),
        (0xf4_e4c0, 0xe0_bc78, 0xb8_8048),
        (0xd0_dcf0, 0x94_acd4, 0x5c_74ac),
    ];
    let (pale, mean, deep) = chance.pick(&families);
    let stern = matches!(scene.mood, Mood::Epic | Mood::Dark);
    let tones = match scene.palette.named {
        Some(named) => shades(named),
        None if stern => shades(Colour::hex(0x26_242c)),
        None => [pale, mean, deep].map(Colour::hex),
    };
    let dim = if scene.hour == Hour::Night { 0.62 } else { 0.0 };
    let tones = tones.map(|tone| tone.mix(Colour::hex(0x12_1018), dim));
    let hard = tones[1].level() < DARK;
    if hard {
        layers.push(dark_wall(scene, size, tones, &mut chance));
        layers.push(floor(size, tones));
        layers.push(spot(scene, size));
    } else {
        layers.push(wall(scene, size, tones, &mut chance));
        layers.push(floor(size, tones));
    }
    subject::build(scene, size, size.height * 0.86, 0.5, layers);
}

/// A wall's pale, middle and deep tones, made from one colour.
fn shades(colour: Colour) -> [Colour; 3] {
    let pale = if colour.level() < DARK { 0.12 } else { 0.42 };
    [
        colour.mix(Colour::WHITE, pale),
        colour,
        colour.mix(Colour::BLACK, 0.42),
    ]
}

/// A wall that is dark but for a ring of the subject's colour.
fn dark_wall(scene: &Scene, size: &Size, [pale, mean, deep]: [Colour; 3], chance: &mut Chance) -> Layer {
    let reach = size.reach(0.1);
    let (width, tall) = (
        size.width + reach * 2.0,
        size.height * LINE + size.foot() * 2.0 + 2.0,
    );
    let mut wall = clear(width, tall);
    let (x, y) = (width * chance.between(0.46, 0.54), size.height * 0.40);
    let radius = size.unit * chance.between(0.30, 0.36);
    let glow = [(0.0, pale, 1.0), (0.5, mean, 1.0), (1.0, deep, 1.0)];
    let far = size.width.max(size.height) * 0.62;
    let bottom = wall.height() as f32;
    fill(
        &mut wall,
        block(0.0, 0.0, width + 2.0, bottom),
        &halo(x, y, far, &glow),
    );
    let rim = scene.palette.subject;
    let ring = [
        (0.0, rim, 0.0),
        (0.62, rim, 0.05),
        (0.80, rim.mix(Colour::WHITE, 0.12), 0.85),
        (0.84, rim, 0.30),
        (1.0, rim, 0.0),
    ];
    fill(
        &mut wall,
        disc(x, y, radius * 1.25),
        &halo(x, y, radius * 1.25, &ring),
    );
    Layer::fixed(Sprite::from_pixmap(&wall), -reach, -size.foot(), 0.1)
}

/// One hard light from above, and the pool that it makes on the floor.
fn spot(scene: &Scene, size: &Size) -> Layer {
    let reach = size.reach(0.5);
    let width = size.width + reach * 2.0;
    let mut pixmap = clear(width, size.height + size.foot());
    let light = scene.palette.light;
    let (middle, foot) = (width * 0.5, size.height * 0.865);
    let half = size.unit * 0.40;
    for (share, strength) in [(1.0, 0.07), (0.86, 0.09)] {
        let cone = [
            (middle - half * 0.12, -4.0),
            (middle + half * 0.12, -4.0),
            (middle + half * share, foot),
            (middle - half * share, foot),
        ];
        let stops = [(0.0, light, strength * 2.2), (1.0, light, strength)];
        fill(&mut pixmap, polygon(&cone), &fade(0.0, foot, &stops));
    }
    for (share, strength) in [(1.0, 0.22), (0.86, 0.30)] {
        fill(
            &mut pixmap,
            ellipse(middle, foot, half * share, half * 0.17 * share),
            &plain(light, strength),
        );
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, 0.0, 0.5)
}

fn wall(scene: &Scene, size: &Size, [pale, mean, deep]: [Colour; 3], chance: &mut Chance) -> Layer {
    let palette = &scene.palette;
    let reach = size.reach(0.1);
    let (width, line_y) = (size.width + reach * 2.0, size.height * LINE);
    let mut wall = clear(width, line_y + size.foot() * 2.0 + 2.0);
    let x = reach + size.width * chance.between(0.4, 0.6);
    let light = [
        (0.0, pale.mix(palette.light, 0.35), 1.0),
        (0.55, pale, 1.0),
        (1.0, mean, 1.0),
    ];
    let bottom = wall.height() as f32;
    fill(
        &mut wall,
        block(0.0, 0.0, width + 2.0, bottom),
        &halo(x, size.height * 0.34, size.width.max(size.height) * 0.72, &light),
    );
    let radius = size.unit * chance.between(0.30, 0.36);
    let side = scene.drift * size.unit * 0.12;
    let round = [(0.0, mean.mix(palette.light, 0.2), 0.95), (1.0, mean, 0.95)];
    fill(
        &mut wall,
        disc(x + side, size.height * 0.42, radius),
        &fade(size.height * 0.1, size.height * 0.75, &round),
    );
    let arch_x = x - side * 2.4;
    let arch = fade(
        size.height * 0.25,
        size.height * 0.75,
        &[(0.0, deep, 0.8), (1.0, deep.mix(mean, 0.6), 0.8)],
    );
    fill(&mut wall, disc(arch_x, size.height * 0.40, radius * 0.46), &arch);
    fill(
        &mut wall,
        block(arch_x - radius * 0.46, size.height * 0.40, radius * 0.92, line_y),
        &arch,
    );
    Layer::fixed(Sprite::from_pixmap(&wall), -reach, -size.foot(), 0.1)
}

fn floor(size: &Size, [pale, mean, _]: [Colour; 3]) -> Layer {
    let line_y = size.height * LINE;
    let reach = size.reach(0.5);
    let mut floor = clear(size.width + reach * 2.0, size.height - line_y + size.foot() + 2.0);
    let tall = floor.height() as f32;
    let wide = floor.width() as f32;
    let shading = [
        (0.0, mean.mix(pale, 0.6), 1.0),
        (0.12, pale, 1.0),
        (1.0, mean.mix(Colour::BLACK, 0.10), 1.0),
    ];
    fill(
        &mut floor,
        block(0.0, 0.0, wide + 2.0, tall + 2.0),
        &fade(0.0, tall, &shading),
    );
    Layer::fixed(Sprite::from_pixmap(&floor), -reach, line_y, 0.5)
}
