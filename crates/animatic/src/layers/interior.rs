//! Rooms: one with a window and the light that falls through it, and the studio with its table.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, block, clear, curve, disc, ellipse, fade, fill, halo, line, plain, polygon};
use crate::layers::{Layer, Moment, Size, Spot, subject};
use crate::motion::wave;
use crate::planes::Sprite;
use crate::scene::{Hour, Light, Scene, Subject};

/// Where wall and floor meet, as a share of the height.
const SKIRTING: f32 = 0.76;

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
    layers.push(furniture(scene, size, left, &mut chance));
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

fn lamp_is_on(scene: &Scene) -> bool {
    scene.hour != Hour::Day || scene.light == Light::Warm
}

fn paint_of(scene: &Scene) -> Colour {
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
    let start = if right {
        window.0 + window.1 * 1.75
    } else {
        width * 0.12
    };
    for at in 0..3u8 {
        let (wide, tall) = (
            size.unit * chance.between(0.10, 0.17),
            size.unit * chance.between(0.12, 0.19),
        );
        let x = start + f32::from(at) * size.unit * 0.24;
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

/// An armchair under a lamp on the side away from the window, and a shelf.
fn furniture(scene: &Scene, size: &Size, window_left: bool, chance: &mut Chance) -> Layer {
    let depth = 0.3;
    let unit = size.unit;
    let (width, tall) = (unit * 0.74, unit * 0.66);
    let mut pixmap = clear(width, tall);
    let ink = paint_of(scene);
    let ground = tall * 0.985;
    shelf(&mut pixmap, unit, ground, ink, chance);
    let cloth = Colour::hex(chance.pick(&[0x4a_6a70, 0x9a_5a44, 0x6a_6a48, 0x50_5478]))
        .lit(ink.mix(Colour::WHITE, 0.4));
    let at = |x: f32, y: f32| (unit * (0.30 + x), ground - unit * y);
    let chair = fade(
        ground - unit * 0.32,
        ground,
        &[
            (0.0, cloth.mix(Colour::WHITE, 0.14), 1.0),
            (1.0, cloth.mix(Colour::BLACK, 0.36), 1.0),
        ],
    );
    for x in [-0.085, 0.155] {
        line(
            &mut pixmap,
            &[at(x, 0.06), at(x, 0.0)],
            unit * 0.014,
            &plain(ink.mix(Colour::BLACK, 0.6), 1.0),
        );
    }
    fill(
        &mut pixmap,
        blob(&[
            at(-0.10, 0.10),
            at(-0.115, 0.27),
            at(-0.07, 0.335),
            at(0.14, 0.335),
            at(0.185, 0.27),
            at(0.17, 0.10),
        ]),
        &chair,
    );
    fill(
        &mut pixmap,
        blob(&[
            at(-0.09, 0.05),
            at(-0.09, 0.145),
            at(-0.05, 0.165),
            at(0.12, 0.165),
            at(0.16, 0.145),
            at(0.16, 0.05),
        ]),
        &plain(cloth.mix(Colour::WHITE, 0.10), 1.0),
    );
    for x in [-0.115, 0.175] {
        fill(
            &mut pixmap,
            blob(&[
                at(x - 0.03, 0.04),
                at(x - 0.034, 0.17),
                at(x, 0.205),
                at(x + 0.034, 0.17),
                at(x + 0.03, 0.04),
            ]),
            &chair,
        );
    }
    let pole = plain(ink.mix(Colour::BLACK, 0.65), 1.0);
    line(&mut pixmap, &[at(0.29, 0.0), at(0.29, 0.47)], unit * 0.007, &pole);
    fill(
        &mut pixmap,
        ellipse(at(0.29, 0.004).0, at(0.29, 0.004).1, unit * 0.05, unit * 0.008),
        &pole,
    );
    let shade = if lamp_is_on(scene) {
        Colour::hex(0xff_dc98)
    } else {
        ink.mix(Colour::WHITE, 0.35)
    };
    if lamp_is_on(scene) {
        let (x, y) = at(0.29, 0.48);
        let glow = [(0.0, shade, 0.62), (0.4, shade, 0.22), (1.0, shade, 0.0)];
        fill(
            &mut pixmap,
            disc(x, y, unit * 0.15),
            &halo(x, y, unit * 0.15, &glow),
        );
    }
    fill(
        &mut pixmap,
        polygon(&[at(0.245, 0.56), at(0.335, 0.56), at(0.365, 0.45), at(0.215, 0.45)]),
        &plain(shade, 1.0),
    );
    let x = if window_left {
        size.width * 0.95 - width
    } else {
        size.width * 0.05
    };
    Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        x,
        size.height * (SKIRTING + 0.035) - tall,
        depth,
    )
}

fn shelf(pixmap: &mut Pixmap, unit: f32, ground: f32, ink: Colour, chance: &mut Chance) {
    let (left, wide, tall) = (unit * 0.005, unit * 0.17, unit * 0.60);
    let wood = ink.mix(Colour::hex(0x3a_2418), 0.62);
    fill(pixmap, block(left, ground - tall, wide, tall), &plain(wood, 1.0));
    let rows = 5;
    for row in 0..rows {
        let top = ground - tall + unit * 0.012 + row as f32 * tall / rows as f32;
        let high = tall / rows as f32 - unit * 0.014;
        fill(
            pixmap,
            block(left + unit * 0.01, top, wide - unit * 0.02, high),
            &plain(wood.mix(Colour::BLACK, 0.4), 1.0),
        );
        let mut x = left + unit * 0.013;
        while x < left + wide - unit * 0.03 {
            let thick = unit * chance.between(0.009, 0.018);
            let book = high * chance.between(0.62, 0.94);
            let tones = [0xb8_5c48, 0x5c_7c84, 0xd0_a860, 0x6c_6c50, 0x84_5468, 0xd8_ccb8];
            let tone = Colour::hex(chance.pick(&tones)).lit(ink.mix(Colour::WHITE, 0.3));
            fill(
                pixmap,
                block(x, top + high - book, thick, book),
                &plain(tone, 1.0),
            );
            x += thick + unit * 0.0015;
        }
    }
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

/// A wall without a corner, two soft shapes on it, and a table.
pub(super) fn studio(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let mut chance = Chance::new(scene.seed, "studio");
    let palette = &scene.palette;
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
    let reach = size.reach(0.1);
    let (width, line_y) = (size.width + reach * 2.0, size.height * 0.74);
    let mut wall = clear(width, line_y + size.foot() * 2.0 + 2.0);
    let x = reach + size.width * chance.between(0.4, 0.6);
    let light = [
        (0.0, tone(pale).mix(palette.light, 0.35), 1.0),
        (0.55, tone(pale), 1.0),
        (1.0, tone(mean), 1.0),
    ];
    let bottom = wall.height() as f32;
    fill(
        &mut wall,
        block(0.0, 0.0, width + 2.0, bottom),
        &halo(x, size.height * 0.34, size.width.max(size.height) * 0.72, &light),
    );
    let radius = size.unit * chance.between(0.30, 0.36);
    let side = scene.drift * size.unit * 0.12;
    let round = [
        (0.0, tone(mean).mix(palette.light, 0.2), 0.95),
        (1.0, tone(mean), 0.95),
    ];
    fill(
        &mut wall,
        disc(x + side, size.height * 0.42, radius),
        &fade(size.height * 0.1, size.height * 0.75, &round),
    );
    let arch_x = x - side * 2.4;
    let arch = fade(
        size.height * 0.25,
        size.height * 0.75,
        &[
            (0.0, tone(deep), 0.8),
            (1.0, tone(deep).mix(tone(mean), 0.6), 0.8),
        ],
    );
    fill(&mut wall, disc(arch_x, size.height * 0.40, radius * 0.46), &arch);
    fill(
        &mut wall,
        block(arch_x - radius * 0.46, size.height * 0.40, radius * 0.92, line_y),
        &arch,
    );
    layers.push(Layer::fixed(
        Sprite::from_pixmap(&wall),
        -reach,
        -size.foot(),
        0.1,
    ));
    let reach = size.reach(0.5);
    let mut floor = clear(size.width + reach * 2.0, size.height - line_y + size.foot() + 2.0);
    let tall = floor.height() as f32;
    let wide = floor.width() as f32;
    let shading = [
        (0.0, tone(mean).mix(tone(pale), 0.6), 1.0),
        (0.12, tone(pale), 1.0),
        (1.0, tone(mean).mix(Colour::BLACK, 0.10), 1.0),
    ];
    fill(
        &mut floor,
        block(0.0, 0.0, wide + 2.0, tall + 2.0),
        &fade(0.0, tall, &shading),
    );
    layers.push(Layer::fixed(Sprite::from_pixmap(&floor), -reach, line_y, 0.5));
    subject::build(scene, size, size.height * 0.86, 0.5, layers);
}
