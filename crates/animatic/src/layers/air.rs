//! What is in the air: rain, snow, fireflies, pollen, dust. Small sprites in great number.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, disc, fill, halo, line, plain};
use crate::layers::{Layer, Moment, Size, Spot};
use crate::motion::{wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Ground, Hour, Scene, Weather};

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let crowd = (size.width * size.height / (size.unit * size.unit)).min(3.0);
    match (scene.ground, scene.weather) {
        (Ground::Space, _) => {}
        (_, Weather::Rain) => layers.push(rain(scene, size, (150.0 * crowd) as usize)),
        (_, Weather::Snow) => layers.push(snow(scene, size, (110.0 * crowd) as usize)),
        (Ground::Sea | Ground::Desert | Ground::City, _) if scene.hour != Hour::Night => {}
        (_, Weather::Clear | Weather::Cloudy) => layers.push(motes(scene, size, (26.0 * crowd) as usize)),
    }
}

fn rain(scene: &Scene, size: &Size, copies: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, "rain");
    let slant = 0.16 * scene.drift;
    let tone = scene.palette.sky_low.mix(Colour::WHITE, 0.55);
    let poses: Vec<Sprite> = (1..=3u8)
        .map(|near| {
            let long = size.unit * 0.028 * f32::from(near);
            let wide = long * slant.abs() + 6.0;
            let mut pixmap = clear(wide, long + 4.0);
            let (left, right) = (2.5, 2.5 + long * slant.abs());
            let (from, to) = if slant > 0.0 { (right, left) } else { (left, right) };
            let thick = (size.unit * 0.0011 * f32::from(near)).max(0.8);
            line(
                &mut pixmap,
                &[(from, 2.0), (to, long + 2.0)],
                thick,
                &plain(tone, 0.26 + 0.08 * f32::from(near)),
            );
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let drops: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.unit(), chance.between(0.85, 1.15)))
        .collect();
    let (span, fall) = (size.width * 1.2, size.height * 1.2);
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, pace) = drops[copy];
        let near = (copy % 3) as f32 * 0.45 + 0.7;
        let down = fall * (y + moment.seconds * 1.25 * near * pace);
        let x = wrap(span * x - down * slant - moment.camera_x * near, span) - span * 0.08;
        Spot {
            pose: copy % 3,
            x,
            y: wrap(down, fall) - fall * 0.1,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

fn snow(scene: &Scene, size: &Size, copies: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, "snow");
    let poses: Vec<Sprite> = [0.004, 0.0065, 0.010]
        .map(|share| speck(size, share, Colour::WHITE, if share > 0.008 { 0.7 } else { 0.9 }))
        .to_vec();
    let flakes: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.unit(), chance.unit()))
        .collect();
    let (span, fall, unit, drift) = (size.width * 1.1, size.height * 1.1, size.unit, scene.drift);
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, phase) = flakes[copy];
        let near = (copy % 3) as f32 * 0.5 + 0.5;
        let sway = wave(moment.seconds * (0.15 + 0.2 * phase) + phase) * unit * 0.03 * near;
        let wind = moment.seconds * unit * 0.05 * near * drift;
        let x = wrap(span * x + sway - wind - moment.camera_x * near, span) - span * 0.05;
        let y = wrap(
            fall * y + moment.seconds * unit * 0.10 * near * (0.8 + 0.4 * phase),
            fall,
        ) - fall * 0.05;
        Spot {
            pose: copy % 3,
            x,
            y,
            strength: 0.9,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// Fireflies by night, pollen and dust in the light by day.
fn motes(scene: &Scene, size: &Size, copies: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, "motes");
    let glowing = scene.hour == Hour::Night || scene.ground == Ground::Ribbons;
    let tone = if glowing {
        scene.palette.light.mix(Colour::hex(0xff_e890), 0.6)
    } else {
        scene.palette.light
    };
    let poses: Vec<Sprite> = [0.006, 0.010, 0.016]
        .map(|share| speck(size, share, tone, if glowing { 0.95 } else { 0.55 }))
        .to_vec();
    let top = if scene.ground == Ground::Ribbons {
        0.05
    } else {
        0.38
    };
    let specks: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.between(top, 0.98), chance.unit()))
        .collect();
    let (span, height, unit, drift) = (size.width * 1.1, size.height, size.unit, scene.drift);
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, phase) = specks[copy];
        let near = 0.4 + 0.3 * (copy % 3) as f32;
        let wander = wave(moment.seconds * (0.06 + 0.1 * phase) + phase) * unit * 0.06;
        let ahead = moment.camera_x * near + moment.seconds * unit * 0.02 * drift;
        let x = wrap(span * x + wander - ahead, span) - span * 0.05;
        let y = y * height + wave(moment.seconds * (0.09 + 0.07 * phase) + phase * 5.0) * unit * 0.04;
        let glow = 0.5 + 0.5 * wave(moment.seconds * (0.25 + 0.35 * phase) + phase * 9.0);
        Spot {
            pose: copy % 3,
            x,
            y,
            strength: glow,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

fn speck(size: &Size, share: f32, tone: Colour, strength: f32) -> Sprite {
    let radius = (size.unit * share).max(1.6);
    let mut pixmap = clear(radius * 2.0, radius * 2.0);
    let stops = [
        (0.0, tone, strength),
        (0.35, tone, strength * 0.65),
        (1.0, tone, 0.0),
    ];
    fill(
        &mut pixmap,
        disc(radius, radius, radius),
        &halo(radius, radius, radius, &stops),
    );
    Sprite::from_pixmap(&pixmap)
}
