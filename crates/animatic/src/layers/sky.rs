//! The sky: its gradient with stars, the drifting sun or moon, and clouds. Draws no land.

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{clear, disc, ellipse, fade, fill, halo, plain};
use crate::layers::{Layer, Moment, Size, Spot, glow};
use crate::motion;
use crate::planes::{Frame, Sprite, chroma_u, chroma_v};
use crate::scene::{Ground, Hour, Scene, Weather};

/// Thresholds that spread the rounding of slow gradients, so that no bands show.
const DITHER: [[i32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

/// Where the sky ends, as a share of the height.
pub(super) fn horizon(ground: Ground) -> f32 {
    match ground {
        Ground::Sea => 0.56,
        Ground::City => 0.78,
        Ground::Space | Ground::Ribbons | Ground::Underwater | Ground::Studio => 1.0,
        Ground::Lake => 0.60,
        Ground::Interior => 0.62,
        _ => 0.68,
    }
}

/// Paints the gradient and, where the sky is dark, the stars.
pub(super) fn backdrop(scene: &Scene, size: &Size) -> Frame {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut frame = Frame::new(width, height);
    let low = size.height * horizon(scene.ground);
    for row in 0..height {
        let colour = sky_at(scene, row as f32 / low);
        let luma =
            (16.0 + 219.0 * (0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue)) * 16.0;
        let line = &mut frame.y[row * width..][..width];
        for (column, out) in line.iter_mut().enumerate() {
            *out = ((luma as i32 + DITHER[row & 3][column & 3]) >> 4).clamp(16, 235) as u8;
        }
        if row % 2 == 0 {
            let rgb = [colour.red, colour.green, colour.blue].map(|part| (part * 255.0) as i32);
            let half = row / 2 * (width / 2);
            frame.u[half..][..width / 2].fill(chroma_u(rgb, 255, 1));
            frame.v[half..][..width / 2].fill(chroma_v(rgb, 255, 1));
        }
    }
    let dark = match scene.hour {
        Hour::Night => true,
        Hour::Dusk => scene.seed.is_multiple_of(2),
        Hour::Dawn | Hour::Day | Hour::Sunset => false,
    };
    let open = matches!(scene.weather, Weather::Clear | Weather::Cloudy | Weather::Wind);
    let outside = !matches!(scene.ground, Ground::Underwater | Ground::Studio);
    if dark && open && outside {
        stars(scene, &mut frame, low);
    }
    frame
}

fn sky_at(scene: &Scene, at: f32) -> Colour {
    let palette = &scene.palette;
    if at < 0.55 {
        return palette.sky_top.mix(
            palette.sky_middle,
            motion::smooth(at / 0.55) * 0.6 + at / 0.55 * 0.4,
        );
    }
    palette.sky_middle.mix(palette.sky_low, (at - 0.55) / 0.45)
}

fn stars(scene: &Scene, frame: &mut Frame, low: f32) {
    let mut chance = Chance::new(scene.seed, "stars");
    let rows = (low as usize).min(frame.height);
    let count = (frame.width * rows / 2600).min(2400);
    for _ in 0..count {
        let (column, row) = (chance.below(frame.width), chance.below(rows));
        let depth = 1.0 - row as f32 / low;
        let gleam = (chance.unit() * chance.unit() * 190.0 * (0.25 + 0.75 * depth)) as u8;
        let at = row * frame.width + column;
        frame.y[at] = frame.y[at].saturating_add(gleam).min(235);
        if gleam > 90 && column + 1 < frame.width && row + 1 < frame.height {
            for beside in [at + 1, at + frame.width] {
                frame.y[beside] = frame.y[beside].saturating_add(gleam / 2).min(235);
            }
        }
    }
}

/// Adds the light and the clouds.
pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    glow::sky(scene, size, layers);
    layers.push(light(scene, size));
    if scene.weather != Weather::Clear || scene.hour != Hour::Night {
        layers.push(clouds(scene, size));
    }
}

/// Where the light stands at a moment, in pixels; things on the ground may want to know.
pub(super) fn light_at(scene: &Scene, size: &Size) -> impl Fn(&Moment) -> (f32, f32) + use<> {
    let mut chance = Chance::new(scene.seed, "light");
    let x = size.width * chance.between(0.24, 0.76);
    let rise = match scene.hour {
        Hour::Day => chance.between(0.14, 0.26),
        Hour::Night => chance.between(0.16, 0.30),
        Hour::Dawn | Hour::Sunset | Hour::Dusk => horizon(scene.ground) - chance.between(0.10, 0.18),
    };
    let sink = match scene.hour {
        Hour::Sunset | Hour::Dusk => 0.05,
        Hour::Dawn => -0.05,
        Hour::Day | Hour::Night => -0.015,
    };
    let (y, fall) = (size.height * rise, size.height * sink);
    let drift = size.width * 0.03 * scene.drift;
    move |moment: &Moment| (x - drift * (moment.at - 0.5), y + fall * motion::glide(moment.at))
}

fn light(scene: &Scene, size: &Size) -> Layer {
    let radius = size.unit * if scene.hour == Hour::Day { 0.06 } else { 0.075 };
    let reach = radius * 5.0;
    let colour = scene.palette.light;
    let mut pixmap = clear(reach * 2.0, reach * 2.0);
    let haze = match scene.weather {
        Weather::Storm => 0.08,
        Weather::Rain | Weather::Snow | Weather::Fog => 0.35,
        Weather::Clear | Weather::Cloudy | Weather::Wind => 1.0,
    };
    let glow = [
        (0.0, colour, 0.60 * haze),
        (0.18, colour, 0.36 * haze),
        (0.42, colour.mix(scene.palette.sky_low, 0.5), 0.13 * haze),
        (1.0, scene.palette.sky_low, 0.0),
    ];
    fill(
        &mut pixmap,
        disc(reach, reach, reach),
        &halo(reach, reach, reach, &glow),
    );
    let edge = colour.mix(Colour::WHITE, 0.5);
    fill(&mut pixmap, disc(reach, reach, radius), &plain(edge, 0.92 * haze));
    if scene.hour == Hour::Night {
        let mut chance = Chance::new(scene.seed, "craters");
        for _ in 0..7 {
            let (x, y) = (
                chance.between(-0.6, 0.6) * radius,
                chance.between(-0.6, 0.6) * radius,
            );
            let size = radius * chance.between(0.08, 0.26);
            fill(
                &mut pixmap,
                disc(reach + x, reach + y, size),
                &plain(colour.mix(scene.palette.sky_middle, 0.5), 0.16),
            );
        }
    }
    let place = light_at(scene, size);
    let motion = move |_: usize, moment: &Moment| {
        let (x, y) = place(moment);
        Spot {
            pose: 0,
            x: x - reach,
            y: y - reach,
            strength: 1.0,
        }
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

/// Soft clouds of several sizes that pass slowly and come back on the other side.
fn clouds(scene: &Scene, size: &Size) -> Layer {
    let mut chance = Chance::new(scene.seed, "clouds");
    let heavy = !matches!(scene.weather, Weather::Clear | Weather::Wind);
    let poses: Vec<Sprite> = (0..4)
        .map(|_| Sprite::from_pixmap(&cloud(scene, size, &mut chance)))
        .collect();
    let copies = if heavy { 9 } else { 4 };
    let low = horizon(scene.ground) * size.height;
    let widest = poses.iter().map(Sprite::width).max().unwrap_or(0) as f32;
    let span = size.width + widest;
    let wind = size.width * chance.between(0.012, 0.022) * scene.drift;
    let places: Vec<(f32, f32, f32)> = (0..copies)
        .map(|at| {
            let x = span * (at as f32 + chance.between(0.0, 0.8)) / copies as f32;
            (
                x,
                low * chance.between(0.02, 0.62) - size.unit * 0.05,
                chance.between(0.5, 1.0),
            )
        })
        .collect();
    let motion = move |copy: usize, moment: &Moment| {
        let (x, y, near) = places[copy];
        let x = motion::wrap(x - wind * near * moment.seconds - moment.camera_x * 0.06, span) - widest;
        Spot {
            pose: copy % 4,
            x,
            y,
            strength: if heavy { 0.95 } else { 0.75 } * near,
        }
    };
    Layer {
        poses,
        copies,
        motion: Box::new(motion),
    }
}

fn cloud(scene: &Scene, size: &Size, chance: &mut Chance) -> tiny_skia::Pixmap {
    let palette = &scene.palette;
    let (width, height) = (
        size.unit * chance.between(0.5, 0.95),
        size.unit * chance.between(0.12, 0.2),
    );
    let mut pixmap = clear(width, height);
    let (top, base) = match scene.weather {
        Weather::Rain | Weather::Storm => (
            palette.sky_low.mix(Colour::BLACK, 0.25),
            palette.sky_top.mix(Colour::BLACK, 0.35),
        ),
        _ => (
            palette.light.mix(palette.sky_low, 0.35),
            palette.sky_middle.mix(palette.sky_low, 0.4),
        ),
    };
    for at in 0..26 {
        let along = (at as f32 + 0.5) / 26.0;
        let arch = 1.0 - (along * 2.0 - 1.0) * (along * 2.0 - 1.0);
        let radius = height * (0.16 + 0.3 * arch) * chance.between(0.7, 1.0);
        let x = width * (0.1 + 0.8 * along);
        let y = height * (0.72 - 0.34 * arch * chance.unit());
        let colour = base.mix(top, 0.35 + 0.65 * arch * chance.unit());
        let stops = [(0.0, colour, 0.42), (0.5, colour, 0.22), (1.0, colour, 0.0)];
        let radius = radius.min(y).min(height - y).max(1.0);
        fill(
            &mut pixmap,
            ellipse(x, y, radius * 1.6, radius),
            &halo(x, y, radius, &stops),
        );
    }
    let shade = [(0.0, base, 0.0), (0.7, base, 0.10), (1.0, base, 0.0)];
    fill(
        &mut pixmap,
        ellipse(width / 2.0, height * 0.72, width * 0.42, height * 0.2),
        &fade(0.0, height, &shade),
    );
    pixmap
}
