//! What frames a view from very near: a pine's boughs, a leafy branch, broad leaves, rocks. Never in the middle.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, clear, curve, ellipse, fade, fill, limb, plain, polygon};
use crate::layers::{Layer, Size, bamboo, growth};
use crate::planes::Sprite;
use crate::scene::{Ground, Scene, Sight, Subject};

/// Nearer than the nearest ground.
const DEPTH: f32 = 1.2;

/// Boughs of a pine on either side of its trunk.
const BOUGHS: usize = 15;

/// The drawing of one side: its left edge is the outer one.
struct Side {
    pixmap: Pixmap,
    /// Where the frame's edge is while the camera rests.
    edge: f32,
    tone: Colour,
}

/// Adds what stands before the view at its sides, if there is any.
pub(super) fn build(scene: &Scene, size: &Size, layers: &mut Vec<Layer>) {
    let jungle = scene.ground == Ground::Forest && scene.shows(Sight::Jungle);
    if jungle {
        for (at, left) in [true, false].into_iter().enumerate() {
            layers.push(side(scene, size, Place { left, at }, leaves));
        }
        return;
    }
    // A subject has its place to itself, and stalks of bamboo are frame enough.
    if scene.subject != Subject::Nobody || scene.shows(Sight::Bamboo) {
        return;
    }
    let mut chance = Chance::new(scene.seed, "frame");
    let left = chance.likely(0.5);
    let draw: Draw = match scene.ground {
        Ground::Mountains | Ground::Snowfield | Ground::Forest => pine,
        Ground::Meadow | Ground::Lake | Ground::Village => branch,
        Ground::Sea | Ground::Desert => rocks,
        _ => return,
    };
    layers.push(side(scene, size, Place { left, at: 0 }, draw));
}

type Draw = fn(&Scene, &Size, &mut Side, &mut Chance);

/// On which side of the frame something stands.
#[derive(Clone, Copy)]
struct Place {
    left: bool,
    at: usize,
}

fn side(scene: &Scene, size: &Size, place: Place, draw: Draw) -> Layer {
    let mut chance = Chance::new(scene.seed, ["frame 0", "frame 1"][place.at]);
    let reach = size.reach(DEPTH);
    let inner = (size.unit * 0.50).min(size.width * 0.36);
    let palette = &scene.palette;
    let green = palette.leaf.mix(palette.land, 0.3).lit(palette.shade);
    let mut side = Side {
        pixmap: clear(reach * 2.0 + inner, size.height + size.foot()),
        edge: reach,
        tone: green.mix(Colour::BLACK, 0.52),
    };
    draw(scene, size, &mut side, &mut chance);
    let wide = side.pixmap.width() as f32;
    if place.left {
        return Layer::fixed(Sprite::from_pixmap(&side.pixmap), -reach, 0.0, DEPTH);
    }
    let pixmap = super::cast::mirrored(&side.pixmap);
    Layer::fixed(
        Sprite::from_pixmap(&pixmap),
        size.width + reach - wide,
        0.0,
        DEPTH,
    )
}

/// A pine's trunk with boughs that hang towards the middle.
fn pine(scene: &Scene, size: &Size, side: &mut Side, chance: &mut Chance) {
    let x = side.edge + size.unit * 0.015;
    let foot = side.pixmap.height() as f32 + 4.0;
    let bark = plain(side.tone.mix(Colour::hex(0x1c_1410), 0.6), 1.0);
    limb(
        &mut side.pixmap,
        &[
            (x, foot, size.unit * 0.030),
            (x + size.unit * 0.012, -8.0, size.unit * 0.017),
        ],
        &bark,
    );
    let snow = growth::snowed(scene) || scene.ground == Ground::Snowfield;
    for row in 0..BOUGHS {
        let share = row as f32 / (BOUGHS - 1) as f32;
        let y = size.height * (-0.06 + 0.92 * share) + size.unit * chance.between(-0.02, 0.02);
        for way in [1.0, -1.0] {
            let long = size.unit
                * (0.15 + 0.13 * share)
                * chance.between(0.75, 1.05)
                * if way < 0.0 { 0.7 } else { 1.0 };
            bough(
                &mut side.pixmap,
                (x, y),
                (way * long, long * 0.42),
                side.tone,
                chance,
            );
            if snow {
                let white = Colour::hex(0xe4_ecf6).lit(scene.palette.shade);
                let lie = [
                    (x + way * long * 0.12, y - long * 0.005),
                    (x + way * long * 0.5, y + long * 0.07),
                    (x + way * long * 0.86, y + long * 0.27),
                ];
                curve(&mut side.pixmap, &lie, long * 0.075, &plain(white, 0.85));
            }
        }
    }
}

/// One bough: a bent spine with needles in teeth along its lower edge.
fn bough(
    pixmap: &mut Pixmap,
    (x, y): (f32, f32),
    (across, down): (f32, f32),
    tone: Colour,
    chance: &mut Chance,
) {
    const TEETH: usize = 8;
    let spine = |along: f32| {
        (
            x + across * along,
            y + down * (0.15 * along + 0.85 * along * along),
        )
    };
    let mut points: Vec<(f32, f32)> = (0..=8u8).map(|at| spine(f32::from(at) / 8.0)).collect();
    for tooth in (0..TEETH).rev() {
        let along = (tooth as f32 + 0.5) / TEETH as f32;
        let (px, py) = spine(along);
        let deep = across.abs() * (0.13 + 0.30 * (1.0 - along)) * chance.between(0.8, 1.2);
        points.push((px + across * 0.05, py + deep));
        let (px, py) = spine(tooth as f32 / TEETH as f32);
        points.push((px, py + deep * 0.5));
    }
    let paint = plain(tone.mix(Colour::BLACK, chance.between(0.0, 0.25)), 1.0);
    fill(pixmap, polygon(&points), &paint);
}

/// A branch from the upper corner, with the season's leaves.
fn branch(scene: &Scene, size: &Size, side: &mut Side, chance: &mut Chance) {
    let edge = side.edge;
    let bark = plain(side.tone.mix(Colour::hex(0x1c_1410), 0.6), 1.0);
    let leaf = scene
        .palette
        .leaf
        .lit(scene.palette.shade)
        .mix(Colour::BLACK, 0.40);
    for twig in 0..4 {
        let long = size.unit * chance.between(0.26, 0.46) * (1.0 - 0.08 * twig as f32);
        let y = size.height * (-0.05 + 0.055 * twig as f32);
        let fall = long * (0.12 + 0.20 * twig as f32) * chance.between(0.7, 1.2);
        let at = |along: f32| {
            (
                edge - size.unit * 0.05 + long * along,
                y + fall * along * along + long * 0.10 * along,
            )
        };
        let path: Vec<(f32, f32)> = (0..=5u8).map(|step| at(f32::from(step) / 5.0)).collect();
        let mut whole = vec![(0.0, y - long * 0.04)];
        whole.extend(path);
        curve(&mut side.pixmap, &whole, size.unit * 0.011, &bark);
        for _ in 0..46 {
            let (x, y) = at(chance.between(0.0, 1.04));
            let radius = size.unit * chance.between(0.014, 0.026);
            let (x, y) = (
                x + radius * chance.between(-1.8, 1.8),
                y + radius * chance.between(-1.6, 2.0),
            );
            let turn = chance.unit();
            let (across, up) = (
                crate::motion::wave(turn) * radius,
                crate::motion::wave(turn + 0.25) * radius,
            );
            let shape = [
                (x - across, y - up),
                (x + up * 0.42, y - across * 0.42),
                (x + across, y + up),
                (x - up * 0.42, y + across * 0.42),
            ];
            let tone = leaf
                .mix(Colour::BLACK, chance.between(0.0, 0.4))
                .mix(scene.palette.light, chance.between(0.0, 0.08));
            fill(&mut side.pixmap, blob(&shape), &plain(tone, 1.0));
        }
    }
}

/// Broad leaves from above, from the side and from below.
fn leaves(scene: &Scene, size: &Size, side: &mut Side, chance: &mut Chance) {
    let tone = scene
        .palette
        .leaf
        .lit(scene.palette.shade.mix(Colour::WHITE, 0.1))
        .mix(Colour::BLACK, 0.46);
    let (edge, unit) = (side.edge, size.unit);
    // Root by the frame's sides, and which way the leaf goes, from far to near.
    let places = [
        (0.02, (0.34, 0.10)),
        (0.12, (0.30, 0.22)),
        (-0.03, (0.20, 0.34)),
        (0.36, (0.22, 0.14)),
        (0.58, (0.24, -0.06)),
        (0.86, (0.26, -0.22)),
        (0.98, (0.36, -0.16)),
        (1.03, (0.20, -0.34)),
    ];
    for (at, (y, (across, down))) in places.into_iter().enumerate() {
        let grow = unit * chance.between(0.85, 1.12);
        let root = (
            edge - unit * 0.06,
            size.height * y + unit * chance.between(-0.02, 0.02),
        );
        let shade = tone.mix(Colour::BLACK, [0.34, 0.10, 0.22, 0.0][at % 4]);
        curve(
            &mut side.pixmap,
            &[(0.0, root.1 - down * unit * 0.4), root],
            unit * 0.012,
            &plain(shade, 1.0),
        );
        bamboo::broad_leaf(&mut side.pixmap, root, (across * grow, down * grow), shade);
    }
}

/// Rocks at the lower corner, with a few blades of grass or a stone on top.
fn rocks(scene: &Scene, size: &Size, side: &mut Side, chance: &mut Chance) {
    let palette = &scene.palette;
    let stone = if scene.ground == Ground::Desert {
        palette.land.mix(Colour::hex(0x60_3020), 0.5)
    } else {
        Colour::hex(0x3c_3c44)
    };
    let rock = stone.lit(palette.shade).mix(Colour::BLACK, 0.34);
    let foot = side.pixmap.height() as f32 + 8.0;
    let heights = if scene.ground == Ground::Desert {
        [0.50, 0.34, 0.16]
    } else {
        [0.30, 0.20, 0.10]
    };
    let mut from = 0.0;
    for (at, high) in heights.into_iter().enumerate() {
        let to = side.edge + size.unit * [0.10, 0.24, 0.38][at] * chance.between(0.9, 1.1);
        let top = size.height - size.unit * high * chance.between(0.85, 1.15);
        let mut points = vec![(from, foot), (from, top + size.unit * 0.02)];
        for step in 1..6 {
            let share = step as f32 / 6.0;
            let fall = size.unit * high * 0.55 * share * share;
            points.push((
                from + (to - from) * share,
                top + fall + size.unit * chance.between(-0.016, 0.016),
            ));
        }
        points.push((to, foot));
        let tone = rock.mix(palette.haze(), 0.10 * (2 - at) as f32);
        let body = [
            (0.0, tone.mix(palette.light, 0.22), 1.0),
            (0.3, tone, 1.0),
            (1.0, tone.mix(Colour::BLACK, 0.45), 1.0),
        ];
        fill(&mut side.pixmap, polygon(&points), &fade(top, foot, &body));
        for layer in 0..5 {
            let y = top + (foot - top) * (0.2 + 0.16 * layer as f32);
            let x = from + (to - from) * chance.between(0.1, 0.6);
            fill(
                &mut side.pixmap,
                ellipse(x, y, (to - from) * 0.16, size.unit * 0.004),
                &plain(Colour::BLACK, 0.16),
            );
        }
        if scene.ground == Ground::Sea {
            for _ in 0..12 {
                let x = from + (to - from) * chance.between(0.1, 0.7);
                let (y, high) = (top + size.unit * 0.04, size.unit * chance.between(0.03, 0.07));
                let lean = high * chance.between(-0.2, 0.5);
                let ink = plain(side.tone.mix(Colour::BLACK, chance.between(0.0, 0.3)), 1.0);
                curve(
                    &mut side.pixmap,
                    &[(x, y), (x + lean * 0.3, y - high * 0.6), (x + lean, y - high)],
                    size.unit * 0.004,
                    &ink,
                );
            }
        }
        from += (to - from) * 0.42;
    }
}
