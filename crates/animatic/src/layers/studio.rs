//! The studio: a wall without a corner, two soft shapes on it, and a table for what is shown.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{block, clear, disc, fade, fill, halo};
use crate::layers::{Layer, Size, subject};
use crate::planes::Sprite;
use crate::scene::{Hour, Scene};

/// Where the wall goes over into the table, as a share of the height.
const LINE: f32 = 0.74;

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
    let dim = if scene.hour == Hour::Night { 0.62 } else { 0.0 };
    let tone = |value: u32| Colour::hex(value).mix(Colour::hex(0x12_1018), dim);
    let tones = [tone(pale), tone(mean), tone(deep)];
    layers.push(wall(scene, size, tones, &mut chance));
    layers.push(floor(size, tones));
    subject::build(scene, size, size.height * 0.86, 0.5, layers);
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
