//! Light in the air: the curtains of an aurora, and shafts of sun through trees or clouds.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, fade, fill, polygon};
use crate::layers::{Layer, Moment, Size, Spot, sky};
use crate::motion::wave;
use crate::planes::Sprite;
use crate::scene::{Ground, Hour, Light, Scene, Weather};

/// Adds what hangs in the sky, behind the land.
pub(super) fn sky(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let dark = matches!(scene.hour, Hour::Night | Hour::Dusk);
    let north = scene.ground == Ground::Snowfield && scene.hour == Hour::Night;
    let clear_sky = !matches!(scene.weather, Weather::Rain | Weather::Storm | Weather::Fog);
    if (scene.light == Light::Aurora && dark) || (north && clear_sky) {
        for at in 0..3 {
            layers.push(curtain(scene, size, at));
        }
    }
}

/// Adds what falls through the air before the land.
pub(super) fn air(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    if scene.light == Light::Rays
        && !matches!(scene.ground, Ground::Space | Ground::Studio | Ground::Interior)
    {
        for at in 0..4 {
            layers.push(ray(scene, size, at));
        }
    }
}

fn curtain(scene: &Scene, size: &Size, at: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, ["curtain 0", "curtain 1", "curtain 2"][at]);
    let reach = size.reach(0.05) + size.width * 0.06;
    let width = size.width + reach * 2.0;
    let (tall, swing) = (
        size.height * chance.between(0.40, 0.54),
        size.height * chance.between(0.05, 0.09),
    );
    let mut pixmap = clear(width, tall + swing * 2.0);
    let low = Colour::hex([0x58_f0a0, 0x40_e0b8, 0x70_f090][at]);
    let high = Colour::hex([0x6a_50d8, 0x9a_4cc8, 0x40_78d8][at]);
    let (long, phase, other) = (
        size.width * chance.between(0.5, 0.8),
        chance.unit(),
        chance.unit(),
    );
    let strip = (size.unit * 0.0085).max(2.0);
    let mut x = 0.0;
    let mut level = 0.5;
    while x < width {
        let bend = wave(x / long + phase) * 0.7 + wave(x / long * 2.6 + other) * 0.3;
        let foot = tall + swing * (1.0 + bend);
        level = level * 0.7 + chance.unit() * 0.3;
        let fold = 0.55 + 0.45 * wave(x / long * 1.7 + phase * 3.0);
        let strength = (0.24 + 0.60 * level) * fold;
        let top = foot - tall * (0.55 + 0.45 * level);
        let stops = [
            (0.0, high, 0.0),
            (0.45, high.mix(low, 0.4), strength * 0.34),
            (0.86, low, strength),
            (1.0, low, 0.0),
        ];
        let shape = [(x, top), (x + strip, top), (x + strip, foot), (x, foot)];
        fill(&mut pixmap, polygon(&shape), &fade(top, foot, &stops));
        x += strip;
    }
    let y = size.height * (0.05 * at as f32 - 0.06) - swing;
    let (pan, lift, turn) = (size.width * 0.05, size.height * 0.01, chance.unit());
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: -reach - moment.camera_x * 0.05 + pan * wave(moment.seconds * 0.035 + turn),
        y: y + lift * wave(moment.seconds * 0.08 + turn),
        strength: 0.72 + 0.28 * wave(moment.seconds * 0.13 + turn * 2.0),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

fn ray(scene: &Scene, size: &Size, at: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, ["ray 0", "ray 1", "ray 2", "ray 3"][at]);
    let place = sky::light_at(scene, size);
    let start = Moment::new(0.0, size, scene.drift);
    let (sun, _) = place(&start);
    let foot = size.width * (0.12 + 0.25 * at as f32 + chance.between(-0.06, 0.06));
    let lean = (foot - sun) * 0.8;
    let tall = size.height * 0.98;
    let wide = size.unit * chance.between(0.05, 0.12);
    let mut pixmap = clear(lean.abs() + wide * 3.4, tall);
    let tone = scene.palette.light;
    let stops = [(0.0, tone, 0.13), (0.5, tone, 0.08), (1.0, tone, 0.0)];
    let paint = fade(0.0, tall, &stops);
    let (from, to) = if lean > 0.0 {
        (wide * 1.7, lean + wide * 1.7)
    } else {
        (wide * 1.7 - lean, wide * 1.7)
    };
    for share in [1.0, 0.7, 0.4] {
        let (top, bottom) = (wide * 0.4 * share, wide * 1.5 * share);
        let shape = [
            (from - top, 0.0),
            (from + top, 0.0),
            (to + bottom, tall),
            (to - bottom, tall),
        ];
        fill(&mut pixmap, polygon(&shape), &paint);
    }
    let (x, phase) = (foot - to, chance.unit());
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: x - moment.camera_x * 0.2,
        y: 0.0,
        strength: 0.7 + 0.3 * wave(moment.seconds * 0.12 + phase),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}
