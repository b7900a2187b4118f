//! A lake: hills with trees, the same upside down in the water, ripples, and a bank with reeds.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{below, block, clear, curve, ellipse, fade, fill, plain};
use crate::layers::land::Noise;
use crate::layers::{Layer, Size, company, growth, sky, subject, volcano, waterfall};
use crate::planes::Sprite;
use crate::scene::{Ground, Scene, Sight, Subject};

pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let line = size.height * sky::horizon(Ground::Lake);
    let far = hills(scene, size, 0, (0.10, 0.36, 1.5));
    let near = hills(scene, size, 1, (0.20, 0.15, 2.2));
    let water = water(scene, size, &[&far, &near]);
    if scene.shows(Sight::Volcano) {
        volcano::build(scene, size, line + 2.0, layers);
    }
    for (pixmap, depth) in [(far, 0.10), (near, 0.20)] {
        let (reach, y) = (size.reach(depth), line - pixmap.height() as f32 + 2.0);
        layers.push(Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, y, depth));
    }
    layers.push(Layer::fixed(
        Sprite::from_pixmap(&water),
        -size.reach(0.2),
        line,
        0.2,
    ));
    if scene.shows(Sight::Waterfall) {
        waterfall::build(scene, size, line + size.height * 0.01, 0.2, layers);
    }
    let far = if scene.company == Subject::Boat {
        0.665
    } else {
        0.87
    };
    company::build(scene, size, size.height * far, 0.22, layers);
    let afloat = matches!(
        scene.subject,
        Subject::Boat | Subject::Fish | Subject::Whale | Subject::Lantern
    );
    if afloat || matches!(scene.subject, Subject::Birds | Subject::Nobody) {
        subject::build(scene, size, size.height * 0.745, 0.5, layers);
        layers.push(bank(scene, size, 0.97, 1.0));
    } else {
        layers.push(bank(scene, size, 0.82, 0.5));
        subject::build(scene, size, size.height * 0.875, 0.5, layers);
        layers.push(bank(scene, size, 1.0, 1.0));
    }
}

/// Hills whose lower edge is the water line.
fn hills(scene: &Scene, size: &Size, at: usize, (depth, rise, waves): (f32, f32, f32)) -> Pixmap {
    let mut chance = Chance::new(scene.seed, ["shore 0", "shore 1"][at]);
    let noise = Noise::new(&mut chance);
    let width = size.width + size.reach(depth) * 2.0;
    let (trees, rise) = (size.height * [0.018, 0.085][at], size.height * rise);
    let tall = rise + trees + 4.0;
    let crest: Vec<(f32, f32)> = (0..=(width / 2.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 2.0;
            let level = noise.at(x / size.height * waves, 0.45, at == 0);
            (x, tall - 3.0 - rise * (0.10 + 0.88 * level))
        })
        .collect();
    let mut pixmap = clear(width, tall);
    let palette = &scene.palette;
    let stone = if at == 0 {
        palette.land.mix(Colour::hex(0x4a_5f80), 0.6)
    } else {
        palette.leaf.mix(palette.land, 0.5)
    };
    let colour = palette.far(stone, [0.74, 0.36][at]);
    if at == 1 {
        growth::trees_along(scene, &crest, trees, colour, &mut chance, &mut pixmap);
    }
    let body = [
        (0.0, colour.mix(palette.light, 0.10), 1.0),
        (1.0, colour.mix(palette.haze(), 0.35), 1.0),
    ];
    fill(&mut pixmap, below(&crest, tall + 4.0), &fade(0.0, tall, &body));
    pixmap
}

/// The water with the shore in it, paler and drawn out downwards.
fn water(scene: &Scene, size: &Size, shores: &[&Pixmap]) -> Pixmap {
    let mut chance = Chance::new(scene.seed, "ripples");
    let line = size.height * sky::horizon(Ground::Lake);
    let tall = size.height - line + size.foot();
    let width = size.width + size.reach(0.2) * 2.0;
    let mut pixmap = clear(width, tall);
    let palette = &scene.palette;
    let deep = Colour::hex(0x24_5870).lit(palette.shade);
    let mirror = [
        (0.0, palette.sky_low.mix(deep, 0.22), 1.0),
        (0.45, palette.sky_middle.mix(deep, 0.40), 1.0),
        (1.0, palette.sky_top.mix(deep, 0.60), 1.0),
    ];
    fill(
        &mut pixmap,
        block(0.0, 0.0, width + 2.0, tall + 2.0),
        &fade(0.0, tall, &mirror),
    );
    for shore in shores {
        let left = (shore.width() as i32 - pixmap.width() as i32) / 2;
        reflect(shore, &mut pixmap, left, 150);
    }
    for _ in 0..300 {
        let down = chance.unit();
        let (x, y) = (width * chance.unit(), 2.0 + tall * down * down);
        let long = size.unit * (0.015 + 0.14 * down * down) * chance.between(0.4, 1.0);
        let pale = chance.likely(0.6);
        let tone = if pale {
            palette.sky_low.mix(Colour::WHITE, 0.25)
        } else {
            deep.mix(Colour::BLACK, 0.4)
        };
        fill(
            &mut pixmap,
            ellipse(x, y, long, (long * 0.022).max(0.55)),
            &plain(tone, if pale { 0.20 } else { 0.14 }),
        );
    }
    fill(
        &mut pixmap,
        block(0.0, 0.0, width + 2.0, (size.unit * 0.004).max(1.0)),
        &plain(palette.light, 0.35),
    );
    pixmap
}

/// Lays a drawing upside down over the upper rows of another, with `strength` of 255 at the top and none far below.
fn reflect(from: &Pixmap, onto: &mut Pixmap, left: i32, strength: u32) {
    let (width, height) = (onto.width() as i32, onto.height().min(from.height()) as i32);
    let (source, target) = (from.pixels(), onto.pixels_mut());
    for row in 0..height {
        let upper = (from.height() as i32 - 3 - row).max(0);
        let fading = strength * (height - row) as u32 / height as u32;
        // Every other pair of rows is shifted a little, as ripples do.
        let ripple = if row / 2 % 2 == 0 { row / 12 } else { -(row / 16) };
        for column in 0..width {
            let x = (column + left + ripple).clamp(0, from.width() as i32 - 1);
            let over = source[(upper * from.width() as i32 + x) as usize];
            let under = &mut target[(row * width + column) as usize];
            let alpha = u32::from(over.alpha()) * fading / 255;
            let part = |above: u8, beneath: u8| {
                ((u32::from(above) * fading + u32::from(beneath) * (255 - alpha)) / 255).min(255) as u8
            };
            let mixed = tiny_skia::PremultipliedColorU8::from_rgba(
                part(over.red(), under.red()),
                part(over.green(), under.green()),
                part(over.blue(), under.blue()),
                255,
            );
            *under = mixed.expect("no part exceeds full alpha");
        }
    }
}

fn bank(scene: &Scene, size: &Size, crest: f32, depth: f32) -> Layer {
    let mut chance = Chance::new(scene.seed, if depth < 0.9 { "bank far" } else { "bank near" });
    let noise = Noise::new(&mut chance);
    let reach = size.reach(depth);
    let width = size.width + reach * 2.0;
    let reeds = size.height * 0.17;
    let top = size.height * (crest - 0.05) - reeds;
    let points: Vec<(f32, f32)> = (0..=(width / 3.0) as usize + 1)
        .map(|column| {
            let x = column as f32 * 3.0;
            let edge = (x / width - 0.5).abs() * 2.0;
            let rise = noise.at(x / size.height, 0.2, false) * 0.02
                + if depth > 0.9 { edge * edge * 0.05 } else { 0.0 };
            (x, size.height * (crest - rise) - top)
        })
        .collect();
    let bottom = size.height + size.foot() - top;
    let mut pixmap = clear(width, bottom);
    let colour = scene
        .palette
        .land_at(if depth < 0.9 { 0.16 } else { 0.0 })
        .mix(Colour::BLACK, 0.32 * depth);
    if depth > 0.9 {
        for clump in 0..7 {
            let side = if clump % 2 == 0 {
                chance.between(0.0, 0.3)
            } else {
                chance.between(0.7, 1.0)
            };
            for _ in 0..9 {
                let x = width * side + size.unit * chance.between(-0.05, 0.05);
                let high = reeds * chance.between(0.35, 0.95);
                let lean = high * chance.between(-0.14, 0.14);
                let foot = size.height * crest - top + 4.0;
                let ink = plain(colour.mix(Colour::BLACK, chance.between(0.1, 0.4)), 1.0);
                curve(
                    &mut pixmap,
                    &[
                        (x, foot),
                        (x + lean * 0.3, foot - high * 0.6),
                        (x + lean, foot - high),
                    ],
                    (size.unit * 0.0035).max(1.0),
                    &ink,
                );
                fill(
                    &mut pixmap,
                    ellipse(
                        x + lean * 0.95,
                        foot - high * 0.95,
                        size.unit * 0.005,
                        size.unit * 0.02,
                    ),
                    &ink,
                );
            }
        }
    }
    let body = [
        (0.0, colour.mix(scene.palette.light, 0.14), 1.0),
        (1.0, colour.mix(Colour::BLACK, 0.3), 1.0),
    ];
    let highest = points.iter().map(|point| point.1).fold(f32::INFINITY, f32::min);
    fill(
        &mut pixmap,
        below(&points, bottom + 4.0),
        &fade(highest, bottom, &body),
    );
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, top, depth)
}
