//! What is in the air: rain, snow, fog, lightning, leaves, embers, bubbles, dust. Small sprites in great number.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, block, clear, disc, ellipse, fade, fill, halo, line, plain};
use crate::layers::{Layer, Moment, Size, Spot};
use crate::motion::{smooth, wave, wrap};
use crate::planes::Sprite;
use crate::scene::{Air, Ground, Scene, Season, Tone, Weather};

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let crowd = (size.width * size.height / (size.unit * size.unit)).min(3.0);
    let many = |count: f32| (count * crowd) as usize;
    if scene.weather == Weather::Fog {
        fog(scene, size, layers);
    }
    if scene.ground == Ground::Interior {
        // Rain and snow stay before the window.
        return layers.extend(floating(scene, size, crowd * 0.7));
    }
    match scene.weather {
        Weather::Rain => layers.push(rain(scene, size, many(150.0))),
        Weather::Storm => {
            layers.push(rain(scene, size, many(230.0)));
            layers.push(lightning(scene, size));
        }
        Weather::Snow => layers.push(snow(scene, size, many(110.0))),
        Weather::Clear | Weather::Cloudy | Weather::Wind | Weather::Fog => {}
    }
    layers.extend(floating(scene, size, crowd));
}

fn floating(scene: &Scene, size: &Size, crowd: f32) -> Option<Layer> {
    let many = |count: f32| (count * crowd) as usize;
    match scene.air {
        Air::Empty => None,
        Air::Dust => Some(motes(scene, size, many(26.0))),
        Air::Fireflies => Some(motes(scene, size, many(24.0))),
        Air::Leaves | Air::Petals => Some(tumbling(
            scene,
            size,
            many(if scene.air == Air::Petals { 26.0 } else { 18.0 }),
        )),
        Air::Embers => Some(rising(scene, size, many(30.0))),
        Air::Bubbles => Some(rising(scene, size, many(18.0))),
    }
}

fn rain(scene: &Scene, size: &Size, copies: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, "rain");
    let slant = if scene.weather == Weather::Storm {
        0.34
    } else {
        0.16
    } * scene.drift;
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
    let glowing = scene.air == Air::Fireflies;
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

/// Leaves or petals that turn while they fall.
fn tumbling(scene: &Scene, size: &Size, copies: usize) -> Layer {
    const TURNS: usize = 10;
    let mut chance = Chance::new(scene.seed, "leaves");
    let petals = scene.air == Air::Petals;
    let tones: [u32; 3] = match (petals, scene.season) {
        (true, _) => [0xff_c8d8, 0xff_e0e8, 0xf8_a8c0],
        (false, Some(Season::Autumn)) => [0xd8_7a2c, 0xc8_4a2c, 0xe8_b040],
        (false, _) => [0x7a_a848, 0xa8_b850, 0x58_8c40],
    };
    let light = scene.palette.shade.mix(Colour::WHITE, 0.4);
    let mut poses = Vec::new();
    for (at, tone) in tones.iter().enumerate() {
        let radius = (size.unit * [0.0085, 0.012, 0.016][at] * if petals { 0.8 } else { 1.15 }).max(2.0);
        for turn in 0..TURNS {
            let turn = turn as f32 / TURNS as f32;
            let mut pixmap = clear(radius * 2.6, radius * 2.6);
            let (middle, flat) = (radius * 1.3, 0.22 + 0.5 * wave(turn).abs());
            let (side, up) = (wave(turn * 0.5 + 0.25), wave(turn * 0.5));
            let shape = [
                (-1.0, 0.0),
                (-0.35, flat),
                (0.35, flat * 0.9),
                (1.1, 0.0),
                (0.35, -flat * 0.9),
                (-0.35, -flat),
            ];
            let points: Vec<(f32, f32)> = shape
                .iter()
                .map(|(x, y)| {
                    (
                        middle + radius * (x * side - y * up),
                        middle + radius * (x * up + y * side),
                    )
                })
                .collect();
            let tone = Colour::hex(*tone)
                .lit(light)
                .mix(Colour::BLACK, 0.22 * wave(turn).abs());
            fill(&mut pixmap, blob(&points), &plain(tone, 0.94));
            poses.push(Sprite::from_pixmap(&pixmap));
        }
    }
    let each: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.unit(), chance.unit()))
        .collect();
    let (span, fall, unit, drift) = (size.width * 1.1, size.height * 1.12, size.unit, scene.drift);
    let gust = if scene.weather == Weather::Wind { 3.0 } else { 1.0 };
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, phase) = each[copy];
        let near = (copy % 3) as f32 * 0.4 + 0.6;
        let sway = wave(moment.seconds * (0.22 + 0.2 * phase) + phase) * unit * 0.05 * near;
        let wind = moment.seconds * unit * 0.07 * near * gust * drift;
        let turn = (moment.seconds * (0.5 + 0.5 * phase) + phase * 7.0) * TURNS as f32;
        Spot {
            pose: copy % 3 * TURNS + turn as usize % TURNS,
            x: wrap(span * x + sway - wind - moment.camera_x * near, span) - span * 0.05,
            y: wrap(
                fall * y + moment.seconds * unit * (0.05 + 0.05 * phase) * near,
                fall,
            ) - fall * 0.06,
            strength: 1.0,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

/// Embers or bubbles, which go up.
fn rising(scene: &Scene, size: &Size, copies: usize) -> Layer {
    let mut chance = Chance::new(scene.seed, "rising");
    let bubbles = scene.air == Air::Bubbles;
    let poses: Vec<Sprite> = if bubbles {
        [0.006, 0.010, 0.017]
            .map(|share| bubble(scene, size, share))
            .to_vec()
    } else {
        [0.005, 0.008, 0.012]
            .map(|share| speck(size, share, Colour::hex(0xff_a040), 0.95))
            .to_vec()
    };
    let each: Vec<(f32, f32, f32)> = (0..copies)
        .map(|_| (chance.unit(), chance.unit(), chance.unit()))
        .collect();
    let (span, rise, unit) = (size.width * 1.1, size.height * 1.1, size.unit);
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, phase) = each[copy];
        let near = (copy % 3) as f32 * 0.4 + 0.6;
        let sway = wave(moment.seconds * (0.3 + 0.3 * phase) + phase) * unit * 0.018;
        let up = wrap(
            rise * y - moment.seconds * unit * (0.07 + 0.07 * phase) * near,
            rise,
        );
        let glow = if bubbles {
            0.8
        } else {
            (0.55 + 0.45 * wave(moment.seconds * 1.3 * (0.6 + phase) + phase)) * (up / rise)
        };
        Spot {
            pose: copy % 3,
            x: wrap(span * x + sway - moment.camera_x * near, span) - span * 0.05,
            y: up - rise * 0.05,
            strength: glow,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

fn bubble(scene: &Scene, size: &Size, share: f32) -> Sprite {
    let radius = (size.unit * share).max(2.0);
    let middle = radius + 1.0;
    let mut pixmap = clear(middle * 2.0, middle * 2.0);
    let tone = scene.palette.light.mix(Colour::WHITE, 0.5);
    let glass = [
        (0.0, tone, 0.05),
        (0.75, tone, 0.14),
        (0.92, tone, 0.62),
        (1.0, tone, 0.1),
    ];
    fill(
        &mut pixmap,
        disc(middle, middle, radius),
        &halo(middle, middle, radius, &glass),
    );
    fill(
        &mut pixmap,
        ellipse(
            middle - radius * 0.35,
            middle - radius * 0.4,
            radius * 0.2,
            radius * 0.14,
        ),
        &plain(Colour::WHITE, 0.85),
    );
    Sprite::from_pixmap(&pixmap)
}

/// Wide veils of mist that pass slowly at three depths.
fn fog(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let tone = scene.palette.sky_low.mix(Colour::WHITE, 0.18);
    for (at, (low, strength)) in [(0.62, 0.34), (0.78, 0.40), (0.94, 0.30)].into_iter().enumerate() {
        let mut chance = Chance::new(scene.seed, ["mist 0", "mist 1", "mist 2"][at]);
        let depth = 0.3 + 0.3 * at as f32;
        // Mist on ink is left white paper, and never lies over the nearest strokes.
        let strength = strength
            * if scene.tone == Tone::Ink {
                [0.9, 0.55, 0.0][at]
            } else {
                1.0
            };
        let (reach, tall) = (size.reach(depth) + size.width * 0.08, size.height * 0.46);
        let mut pixmap = clear(size.width + reach * 2.0, tall);
        let wide = pixmap.width() as f32;
        let veil = [(0.0, tone, 0.0), (0.5, tone, strength * 0.7), (1.0, tone, 0.0)];
        fill(&mut pixmap, block(0.0, 0.0, wide, tall), &fade(0.0, tall, &veil));
        for _ in 0..12 {
            let (x, y) = (wide * chance.unit(), tall * chance.between(0.36, 0.64));
            let radius = (tall * chance.between(0.2, 0.36)).min(y).min(tall - y);
            let puff = [
                (0.0, tone, strength * 0.55),
                (0.5, tone, strength * 0.26),
                (1.0, tone, 0.0),
            ];
            fill(&mut pixmap, disc(x, y, radius), &halo(x, y, radius, &puff));
        }
        let (y, phase, pan) = (size.height * low - tall / 2.0, chance.unit(), size.width * 0.05);
        let motion = move |_: usize, moment: &Moment| Spot {
            pose: 0,
            x: -reach - moment.camera_x * depth + pan * wave(moment.seconds * 0.035 + phase),
            y: y - moment.camera_y * depth,
            strength: 1.0,
        };
        layers.push(Layer {
            poses: vec![Sprite::from_pixmap(&pixmap)],
            copies: 1,
            motion: Box::new(motion),
        });
    }
}

/// A far glow in the clouds now and then, never quick enough to flicker.
fn lightning(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "lightning");
    let radius = size.unit * 0.7;
    let mut pixmap = clear(radius * 2.0, radius * 1.2);
    let tone = Colour::hex(0xe0_e4ff);
    let glow = [(0.0, tone, 0.75), (0.4, tone, 0.28), (1.0, tone, 0.0)];
    fill(
        &mut pixmap,
        ellipse(radius, radius * 0.5, radius, radius * 0.5),
        &halo(radius, radius * 0.5, radius * 0.5, &glow),
    );
    let bolt = [
        (1.0, 0.36),
        (0.94, 0.56),
        (1.03, 0.66),
        (0.96, 0.86),
        (1.04, 0.94),
        (0.99, 1.12),
    ];
    let points: Vec<(f32, f32)> = bolt.iter().map(|(x, y)| (x * radius, y * radius)).collect();
    line(&mut pixmap, &points, size.unit * 0.014, &plain(tone, 0.25));
    line(
        &mut pixmap,
        &points,
        size.unit * 0.005,
        &plain(Colour::WHITE, 0.95),
    );
    let (x, first) = (
        size.width * chance.between(0.15, 0.85) - radius,
        chance.between(0.9, 1.7),
    );
    let y = -radius * 0.35;
    let motion = move |_: usize, moment: &Moment| {
        let since = wrap(moment.seconds - first, 3.7);
        Spot {
            pose: 0,
            x: x - moment.camera_x * 0.06,
            y,
            strength: if moment.seconds < first {
                0.0
            } else {
                smooth(since / 0.12) * smooth(1.0 - since / 0.9)
            },
        }
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
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
