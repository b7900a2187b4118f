//! A volcano far away: its cone with lava on it, the glow over the crater, smoke and sparks.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, clear, curve, disc, ellipse, fade, fill, halo, plain};
use crate::layers::land::Noise;
use crate::layers::{Layer, Moment, Size, Spot, sky};
use crate::motion::{smooth, wave, wrap};
use crate::planes::Sprite;
use crate::scene::Scene;

/// The cone moves with this share of the camera's travel.
const DEPTH: f32 = 0.13;
/// Puffs of smoke, and sizes that they grow through.
const PUFFS: usize = 18;
const PUFF_SIZES: usize = 6;
/// Glowing stones in the air.
const SPARKS: usize = 26;
/// Furrows in the slopes.
const FOLDS: usize = 14;
/// Streams of lava.
const STREAMS: usize = 4;

/// Where the volcano stands, in pixels.
#[derive(Clone, Copy)]
struct Cone {
    x: f32,
    apex: f32,
    base: f32,
    crater: f32,
}

/// Adds a volcano whose foot, hidden by what is nearer, is at `base` pixels from the top.
pub(super) fn build(scene: &Scene, size: &Size, base: f32, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "volcano");
    // On the other side than sun or moon.
    let (light, _) = sky::light_at(scene, size)(&Moment::new(0.0, size, scene.drift));
    let aside = if light > size.width / 2.0 {
        chance.between(0.26, 0.36)
    } else {
        chance.between(0.64, 0.74)
    };
    let cone = Cone {
        x: size.width * aside,
        apex: size.height * chance.between(0.26, 0.31),
        base,
        crater: size.unit * chance.between(0.055, 0.07),
    };
    layers.push(glow(size, &cone));
    layers.push(smoke(scene, size, &cone));
    layers.push(mountain(scene, size, &cone));
    layers.push(sparks(scene, size, &cone));
}

fn glow(size: &Size, cone: &Cone) -> Layer {
    let radius = size.unit * 0.72;
    let mut pixmap = clear(radius * 2.0, radius * 2.0);
    let (hot, red) = (Colour::hex(0xff_a040), Colour::hex(0xe0_3010));
    let stops = [
        (0.0, hot, 0.95),
        (0.16, red, 0.72),
        (0.45, red, 0.32),
        (1.0, red, 0.0),
    ];
    fill(
        &mut pixmap,
        disc(radius, radius, radius),
        &halo(radius, radius, radius, &stops),
    );
    let (x, y) = (cone.x - radius, cone.apex - radius);
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: x - moment.camera_x * DEPTH,
        y: y - moment.camera_y * DEPTH,
        strength: 0.84 + 0.11 * wave(moment.seconds * 0.31) + 0.05 * wave(moment.seconds * 0.83),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

fn mountain(scene: &Scene, size: &Size, cone: &Cone) -> Layer {
    let mut chance = Chance::new(scene.seed, "cone");
    let noise = Noise::new(&mut chance);
    let tall = cone.base - cone.apex + 6.0;
    let half = (tall * 1.6).min(size.width * 0.7);
    let mut pixmap = clear(half * 2.0, tall);
    let (wide, rim) = (pixmap.width() as f32, 6.0);
    let middle = wide / 2.0;
    // Slopes that grow steeper towards the crater, and a notch where it is open.
    let slope = |x: f32| {
        let out = ((x - middle).abs() - cone.crater).max(0.0) / (half - cone.crater);
        let notch = (1.0 - (x - middle).abs() / cone.crater).max(0.0) * cone.crater * 0.22;
        let rough = (noise.at(x / size.height * 9.0, 0.6, true) - 0.5) * size.unit * 0.018;
        rim + notch + (tall - rim) * libm::powf(out, 0.74) + rough
    };
    let crest: Vec<(f32, f32)> = (0..=(wide / 2.0) as usize)
        .map(|at| (at as f32 * 2.0, slope(at as f32 * 2.0)))
        .collect();
    let palette = &scene.palette;
    let rock = palette
        .far(Colour::hex(0x3a_3038), 0.34)
        .mix(Colour::hex(0x1c_1420), 0.45);
    let stops = [
        (0.0, rock.mix(Colour::hex(0xc8_4818), 0.72), 1.0),
        (0.16, rock.mix(Colour::hex(0x90_2c14), 0.42), 1.0),
        (0.55, rock, 1.0),
        (1.0, rock.mix(palette.haze(), 0.30), 1.0),
    ];
    fill(&mut pixmap, below(&crest, tall + 4.0), &fade(0.0, tall, &stops));
    for fold in 0..FOLDS {
        let side = (fold as f32 / (FOLDS - 1) as f32 - 0.5) * 2.0 + chance.between(-0.05, 0.05);
        let at = |share: f32, sink: f32| {
            let x = middle + side * half * share;
            (x, slope(x) + tall * sink)
        };
        let line = [
            at(0.1, 0.01),
            at(0.3, 0.12),
            (middle + side * half * 0.8, tall * 1.04),
        ];
        curve(&mut pixmap, &line, size.unit * 0.006, &plain(Colour::BLACK, 0.16));
    }
    for at in 0..STREAMS {
        stream(
            &mut pixmap,
            size,
            (middle, rim + cone.crater * 0.18, tall, half),
            at,
            &mut chance,
        );
    }
    let lip = [
        (0.0, Colour::hex(0xff_f0b0), 1.0),
        (0.5, Colour::hex(0xff_b040), 0.95),
        (1.0, Colour::hex(0xf0_5018), 0.0),
    ];
    fill(
        &mut pixmap,
        ellipse(
            middle,
            rim + cone.crater * 0.24,
            cone.crater * 1.05,
            cone.crater * 0.26,
        ),
        &halo(middle, rim + cone.crater * 0.24, cone.crater, &lip),
    );
    Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        cone.x - middle,
        cone.apex - rim,
        DEPTH,
    )
}

/// One stream of lava down the slope: a wide glow, and a bright core that cools on its way.
fn stream(
    pixmap: &mut tiny_skia::Pixmap,
    size: &Size,
    (middle, top, tall, half): (f32, f32, f32, f32),
    at: usize,
    chance: &mut Chance,
) {
    let side = (at as f32 - 1.5) * 0.30 + chance.between(-0.08, 0.08);
    let long = chance.between(0.45, 0.85);
    let mut x = middle + side * size.unit * 0.08;
    let points: Vec<(f32, f32)> = (0..9u8)
        .map(|step| {
            let down = f32::from(step) / 8.0 * long;
            x += (side * half * 0.05 * (1.0 + down * 2.0)) + size.unit * chance.between(-0.010, 0.010);
            (x, top + (tall - top) * down)
        })
        .collect();
    let layers = [
        (0.034, 0xd0_2c10, 0.26),
        (0.018, 0xf0_5818, 0.60),
        (0.008, 0xff_c858, 0.95),
    ];
    for (wide, tone, strength) in layers {
        let ink = [
            (0.0, Colour::hex(tone), strength),
            (
                0.7,
                Colour::hex(tone).mix(Colour::hex(0xb0_2010), 0.5),
                strength * 0.75,
            ),
            (1.0, Colour::hex(0x80_1810), 0.0),
        ];
        let paint = fade(top, top + (tall - top) * long, &ink);
        curve(pixmap, &points, (size.unit * wide).max(1.0), &paint);
    }
}

/// Smoke that rises, grows and thins; what is near the crater is lit from below.
fn smoke(scene: &Scene, size: &Size, cone: &Cone) -> Layer {
    let mut chance = Chance::new(scene.seed, "smoke");
    let grey = scene.palette.sky_middle.mix(Colour::hex(0x6a_4a48), 0.6);
    let poses: Vec<Sprite> = (0..PUFF_SIZES)
        .map(|pose| {
            let age = pose as f32 / (PUFF_SIZES - 1) as f32;
            let radius = size.unit * (0.05 + 0.10 * age);
            let tone = Colour::hex(0xe0_5828).mix(grey, (age * 2.2).min(1.0));
            let mut pixmap = clear(radius * 2.0, radius * 2.0);
            let stops = [(0.0, tone, 0.62), (0.5, tone, 0.40), (1.0, tone, 0.0)];
            fill(
                &mut pixmap,
                disc(radius, radius, radius),
                &halo(radius, radius, radius, &stops),
            );
            Sprite::from_pixmap(&pixmap)
        })
        .collect();
    let each: Vec<(f32, f32)> = (0..PUFFS)
        .map(|at| (at as f32 / PUFFS as f32, chance.between(-1.0, 1.0)))
        .collect();
    let (x, y, unit, drift) = (cone.x, cone.apex, size.unit, scene.drift);
    let motion = move |copy: usize, moment: &Moment| {
        let (phase, aside) = each[copy];
        let age = wrap(moment.seconds * 0.065 + phase, 1.0);
        let pose = (age * PUFF_SIZES as f32) as usize % PUFF_SIZES;
        let half = unit * (0.05 + 0.10 * pose as f32 / (PUFF_SIZES - 1) as f32);
        let lean = -drift * unit * 0.34 * age * age + aside * unit * 0.05 * (0.3 + age);
        Spot {
            pose,
            x: x + lean - half - moment.camera_x * DEPTH,
            y: y - unit * 0.44 * libm::powf(age, 0.8) - half,
            strength: 0.85 * smooth(age * 7.0) * (1.0 - smooth((age - 0.45) / 0.55)),
        }
    };
    Layer {
        poses,
        copies: PUFFS,
        motion: Box::new(motion),
    }
}

/// Glowing stones that fly up and fall back.
fn sparks(scene: &Scene, size: &Size, cone: &Cone) -> Layer {
    let mut chance = Chance::new(scene.seed, "sparks");
    let poses: Vec<Sprite> = [0.004, 0.006, 0.009]
        .map(|share| {
            let radius = (size.unit * share).max(1.4);
            let mut pixmap = clear(radius * 4.0, radius * 4.0);
            let tone = Colour::hex(0xff_b850);
            let stops = [
                (0.0, Colour::hex(0xff_f0b8), 1.0),
                (0.3, tone, 0.8),
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
        .to_vec();
    let each: Vec<(f32, f32, f32)> = (0..SPARKS)
        .map(|_| (chance.unit(), chance.between(-1.0, 1.0), chance.between(0.5, 1.0)))
        .collect();
    let (x, y, unit) = (cone.x, cone.apex, size.unit);
    let motion = move |copy: usize, moment: &Moment| {
        let (phase, aside, force) = each[copy];
        let age = wrap(moment.seconds * 0.42 + phase, 1.0);
        let up = unit * force * (0.72 * age - 0.66 * age * age);
        Spot {
            pose: copy % 3,
            x: x + aside * unit * 0.20 * age - moment.camera_x * DEPTH - 4.0,
            y: y - up - 2.0,
            strength: smooth((1.0 - age) * 2.2),
        }
    };
    Layer {
        poses,
        copies: SPARKS,
        motion: Box::new(motion),
    }
}
