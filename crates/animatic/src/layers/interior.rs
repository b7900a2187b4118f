//! A room with a window and the light that falls through it. The furniture is drawn next door.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, block, clear, curve, disc, ellipse, fade, fill, halo, line, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot, furniture, subject};
use crate::motion::wave;
use crate::planes::Sprite;
use crate::scene::{Hour, Light, Scene, Subject};

/// Where wall and floor meet, as a share of the height.
pub(super) const SKIRTING: f32 = 0.76;

/// Draws the room; the sky behind the window is there already.
pub(super) fn room(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "room");
    let left = chance.likely(0.5);
    let (wide, tall) = (
        size.width.min(size.height * 1.3) * chance.between(0.26, 0.34),
        size.height * 0.46,
    );
    let x = if left {
        size.width * 0.10
    } else {
        size.width * 0.90 - wide
    };
    let window = (x, size.height * 0.13, wide, tall);
    layers.push(wall(scene, size, window, &mut chance));
    layers.push(floor(scene, size));
    layers.push(furniture::build(scene, size, left, &mut chance));
    layers.push(beam(scene, size, window, left));
    let small = matches!(scene.subject, Subject::Cup | Subject::Flower | Subject::Product);
    if small {
        layers.push(table(scene, size, 0.80));
        subject::build(scene, size, size.height * 0.845, 0.7, layers);
    } else {
        subject::build(scene, size, size.height * 0.90, 0.5, layers);
    }
    layers.push(plant(scene, size, !left));
}

pub(super) fn lamp_is_on(scene: &Scene) -> bool {
    scene.hour != Hour::Day || scene.light == Light::Warm
}

pub(super) fn paint_of(scene: &Scene) -> Colour {
    let palette = &scene.palette;
    let lamp = if lamp_is_on(scene) {
        Colour::hex(0xb8_8458)
    } else {
        Colour::BLACK
    };
    let day = palette.land.lit(palette.shade.mix(Colour::WHITE, 0.12));
    day.mix(Colour::BLACK, 0.26)
        .mix(lamp, if lamp_is_on(scene) { 0.34 } else { 0.0 })
}

/// The wall around the window, which is left open for the sky.
fn wall(scene: &Scene, size: &Size, window: (f32, f32, f32, f32), chance: &mut Chance) -> Layer {
    let depth = 0.18;
    let reach = size.reach(depth);
    let (width, tall) = (size.width + reach * 2.0, size.height * SKIRTING + 4.0);
    let above = size.foot();
    let mut pixmap = clear(width, tall + above);
    let colour = paint_of(scene);
    let (x, y, wide, high) = (window.0 + reach, window.1 + above, window.2, window.3);
    let shading = [
        (0.0, colour.mix(Colour::BLACK, 0.30), 1.0),
        (0.6, colour, 1.0),
        (1.0, colour.mix(Colour::BLACK, 0.12), 1.0),
    ];
    let paint = fade(0.0, tall, &shading);
    for part in [
        block(0.0, 0.0, width + 2.0, y),
        block(0.0, y + high, width + 2.0, tall + above - y - high + 2.0),
        block(0.0, y - 0.5, x, high + 1.0),
        block(x + wide, y - 0.5, width - x - wide + 2.0, high + 1.0),
    ] {
        fill(&mut pixmap, part, &paint);
    }
    let glow = [
        (0.0, scene.palette.light, 0.42),
        (0.4, scene.palette.light, 0.14),
        (1.0, scene.palette.light, 0.0),
    ];
    let (middle_x, middle_y) = (x + wide / 2.0, y + high / 2.0);
    let hole = 1.0 - if scene.hour == Hour::Night { 0.7 } else { 0.25 };
    let strength = [glow[0], (0.4, glow[1].1, glow[1].2 * hole), glow[2]];
    fill(
        &mut pixmap,
        disc(middle_x, middle_y, high * 1.5),
        &halo(middle_x, middle_y, high * 1.5, &strength[1..]),
    );
    casement(&mut pixmap, (x, y, wide, high), size, colour);
    pictures(&mut pixmap, scene, size, (x, wide), colour, chance);
    fill(
        &mut pixmap,
        block(
            0.0,
            tall + above - size.height * 0.03,
            width + 2.0,
            size.height * 0.03,
        ),
        &plain(colour.mix(Colour::WHITE, 0.18), 1.0),
    );
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, -above, depth)
}

fn casement(pixmap: &mut Pixmap, (x, y, wide, high): (f32, f32, f32, f32), size: &Size, wall: Colour) {
    let bar = size.unit * 0.013;
    let wood = plain(wall.mix(Colour::WHITE, 0.46), 1.0);
    for at in [0.0, 0.5, 1.0] {
        fill(
            pixmap,
            block(x + wide * at - bar * 0.5, y - bar, bar, high + bar * 2.0),
            &wood,
        );
    }
    for at in [0.0, 0.42, 1.0] {
        fill(
            pixmap,
            block(x - bar, y + high * at - bar * 0.5, wide + bar * 2.0, bar),
            &wood,
        );
    }
    fill(
        pixmap,
        block(x - bar * 3.0, y + high + bar * 0.5, wide + bar * 6.0, bar * 1.3),
        &wood,
    );
    let cloth = wall.mix(Colour::hex(0xb8_6a54), 0.32);
    for side in [-1.0, 1.0] {
        let edge = if side < 0.0 {
            x - bar * 2.0
        } else {
            x + wide + bar * 2.0
        };
        for fold in 0..6u8 {
            let out = edge + side * (f32::from(fold) - 1.6) * wide * 0.045;
            let tone = cloth.mix(Colour::BLACK, if fold % 2 == 0 { 0.10 } else { 0.26 });
            let foot = y + high * 1.26;
            let shape = [
                (out - wide * 0.03, y - bar * 4.0),
                (out + wide * 0.03, y - bar * 4.0),
                (out + wide * 0.04, foot),
                (out - wide * 0.04, foot),
            ];
            fill(pixmap, polygon(&shape), &plain(tone, 0.97));
        }
    }
    line(
        pixmap,
        &[(x - wide * 0.3, y - bar * 4.0), (x + wide * 1.3, y - bar * 4.0)],
        bar * 0.8,
        &plain(wall.mix(Colour::BLACK, 0.5), 1.0),
    );
}

fn pictures(
    pixmap: &mut Pixmap,
    scene: &Scene,
    size: &Size,
    window: (f32, f32),
    wall: Colour,
    chance: &mut Chance,
) {
    let width = pixmap.width() as f32;
    let right = window.0 < width / 2.0;
    // The shelf and the lamp stand below; pictures hang between them.
    let reach = (width - size.width) / 2.0;
    let start = if right {
        reach + size.width * 0.95 - size.unit * 0.53
    } else {
        reach + size.width * 0.05 + size.unit * 0.21
    };
    for at in 0..2u8 {
        let (wide, tall) = (
            size.unit * chance.between(0.09, 0.13),
            size.unit * chance.between(0.11, 0.15),
        );
        let x = start + f32::from(at) * size.unit * 0.155;
        let y = size.height * chance.between(0.17, 0.24);
        if x + wide > width * 0.97 || (!right && x + wide > window.0 - window.1 * 0.5) {
            continue;
        }
        let frame = size.unit * 0.008;
        fill(
            pixmap,
            block(x - frame, y - frame, wide + frame * 2.0, tall + frame * 2.0),
            &plain(wall.mix(Colour::BLACK, 0.55), 1.0),
        );
        let sky = scene.palette.sky_middle.mix(wall, 0.45);
        fill(
            pixmap,
            block(x, y, wide, tall),
            &fade(
                y,
                y + tall,
                &[(0.0, sky, 1.0), (1.0, scene.palette.sky_low.mix(wall, 0.4), 1.0)],
            ),
        );
        let hill = [
            (x, y + tall),
            (x, y + tall * 0.72),
            (x + wide * 0.4, y + tall * 0.55),
            (x + wide, y + tall * 0.78),
            (x + wide, y + tall),
        ];
        fill(
            pixmap,
            polygon(&hill),
            &plain(scene.palette.subject.mix(wall, 0.55), 1.0),
        );
        fill(
            pixmap,
            disc(x + wide * 0.68, y + tall * 0.32, wide * 0.1),
            &plain(Colour::hex(0xf4_e4c0).mix(wall, 0.3), 1.0),
        );
    }
}

fn floor(scene: &Scene, size: &Size) -> Layer {
    let depth = 0.4;
    let reach = size.reach(depth);
    let (width, tall) = (
        size.width + reach * 2.0,
        size.height * (1.0 - SKIRTING) + size.foot() + 2.0,
    );
    let mut pixmap = clear(width, tall);
    let wood = Colour::hex(0x94_6440).lit(paint_of(scene).mix(Colour::WHITE, 0.25));
    let shading = [
        (0.0, wood.mix(Colour::BLACK, 0.16), 1.0),
        (1.0, wood.mix(Colour::BLACK, 0.44), 1.0),
    ];
    fill(
        &mut pixmap,
        block(0.0, 0.0, width + 2.0, tall + 2.0),
        &fade(0.0, tall, &shading),
    );
    let dark = plain(wood.mix(Colour::BLACK, 0.5), 0.34);
    let middle = width / 2.0;
    for board in -16..=16 {
        let x = board as f32 * size.unit * 0.105;
        line(
            &mut pixmap,
            &[(middle + x, 0.0), (middle + x * 2.1, tall)],
            (size.unit * 0.0022).max(0.8),
            &dark,
        );
    }
    let rug = Colour::hex(0xa8_5c50).lit(paint_of(scene).mix(Colour::WHITE, 0.3));
    for (share, tone) in [
        (1.0, rug),
        (0.88, rug.mix(Colour::hex(0xf0_dcb8), 0.55)),
        (0.82, rug),
    ] {
        fill(
            &mut pixmap,
            ellipse(
                middle,
                tall * 0.52,
                size.width.min(size.height * 1.4) * 0.32 * share,
                tall * 0.31 * share,
            ),
            &plain(tone, 0.9),
        );
    }
    Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        -reach,
        size.height * SKIRTING,
        depth,
    )
}

/// The light that falls through the window and lies on the floor.
fn beam(scene: &Scene, size: &Size, window: (f32, f32, f32, f32), left: bool) -> Layer {
    let (x, y, wide, high) = window;
    let lean = size.width * if left { 0.30 } else { -0.30 };
    let mut pixmap = clear(size.width * 1.3, size.height);
    let shift = size.width * 0.15;
    let tone = scene.palette.light;
    let strength = match scene.hour {
        Hour::Night => 0.05,
        Hour::Dusk => 0.08,
        Hour::Dawn | Hour::Day | Hour::Sunset => 0.15,
    };
    let paint = fade(
        y,
        size.height,
        &[
            (0.0, tone, strength),
            (0.7, tone, strength * 0.55),
            (1.0, tone, strength * 0.2),
        ],
    );
    for column in [0.0, 0.5] {
        let (from, to) = (
            x + shift + wide * (column + 0.03),
            x + shift + wide * (column + 0.47),
        );
        let shape = [
            (from, y),
            (to, y),
            (to + lean, size.height * 0.95),
            (from + lean, size.height * 0.95),
        ];
        fill(&mut pixmap, polygon(&shape), &paint);
        let (upper, lower) = (SKIRTING + 0.03, SKIRTING + 0.19);
        let along = |share: f32| lean * (size.height * share - y) / (size.height * 0.95 - y);
        let pool = [
            (from + along(upper), size.height * upper),
            (to + along(upper), size.height * upper),
            (to + along(lower), size.height * lower),
            (from + along(lower), size.height * lower),
        ];
        fill(&mut pixmap, polygon(&pool), &plain(tone, strength * 1.7));
    }
    let _ = high;
    let motion = move |_: usize, moment: &Moment| Spot {
        pose: 0,
        x: -shift - moment.camera_x * 0.24,
        y: 0.0,
        strength: 0.9 + 0.1 * wave(moment.seconds * 0.09),
    };
    Layer {
        poses: vec![Sprite::from_pixmap(&pixmap)],
        copies: 1,
        motion: Box::new(motion),
    }
}

fn table(scene: &Scene, size: &Size, top: f32) -> Layer {
    let depth = 0.7;
    let reach = size.reach(depth);
    let (width, tall) = (size.width + reach * 2.0, size.height * (1.0 - top) + size.foot());
    let mut pixmap = clear(width, tall);
    let wood = Colour::hex(0xb0_7a4c).lit(paint_of(scene).mix(Colour::WHITE, 0.4));
    let shading = [
        (0.0, wood.mix(scene.palette.light, 0.22), 1.0),
        (0.42, wood, 1.0),
        (1.0, wood.mix(Colour::BLACK, 0.42), 1.0),
    ];
    fill(
        &mut pixmap,
        block(0.0, 0.0, width + 2.0, tall + 2.0),
        &fade(0.0, tall, &shading),
    );
    let mut chance = Chance::new(scene.seed, "grain of wood");
    for _ in 0..46 {
        let (x, y) = (width * chance.unit(), tall * chance.unit());
        let long = size.unit * chance.between(0.1, 0.4);
        fill(
            &mut pixmap,
            ellipse(x, y, long, (size.unit * 0.0012).max(0.6)),
            &plain(wood.mix(Colour::BLACK, 0.5), 0.2),
        );
    }
    Layer::fixed(Sprite::from_pixmap(&pixmap), -reach, size.height * top, depth)
}

/// A plant at the edge of the frame, before everything.
fn plant(scene: &Scene, size: &Size, at_right: bool) -> Layer {
    let mut chance = Chance::new(scene.seed, "pot plant");
    let (wide, tall) = (size.unit * 0.44, size.unit * 0.62);
    let mut pixmap = clear(wide, tall);
    let green = Colour::hex(0x2c_5040)
        .lit(paint_of(scene).mix(Colour::WHITE, 0.3))
        .mix(Colour::BLACK, 0.25);
    for leaf in 0..11u8 {
        let angle = (f32::from(leaf) / 10.0 - 0.5) * 0.44;
        let long = tall * chance.between(0.55, 0.92);
        let (side, up) = (wave(angle), wave(angle + 0.25));
        let (x, y) = (wide * 0.5, tall * 1.02);
        let tip = (x + side * long * 0.78, y - up * long);
        let bow = (x + side * long * 0.30, y - up * long * 0.62);
        let half = wide * chance.between(0.045, 0.075);
        let shape = [
            (x, y),
            (bow.0 - half, bow.1),
            tip,
            (bow.0 + half, bow.1 + half * 0.5),
        ];
        fill(
            &mut pixmap,
            blob(&shape),
            &plain(green.mix(scene.palette.light, chance.between(0.0, 0.12)), 1.0),
        );
        curve(
            &mut pixmap,
            &[(x, y), bow, tip],
            (size.unit * 0.002).max(0.8),
            &plain(green.mix(Colour::BLACK, 0.4), 0.6),
        );
    }
    let x = if at_right {
        size.width - wide * 0.62
    } else {
        -wide * 0.38
    };
    Layer::fixed(Sprite::from_pixmap(&pixmap), x, size.height - tall * 0.86, 1.0)
}
