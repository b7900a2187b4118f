//! What stands on the land: trees, houses, grass, flowers, cacti. Draws no ground.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{block, disc, ellipse, fill, line, plain, polygon};
use crate::layers::{Size, bamboo, village};
use crate::scene::{Ground, Hour, Scene, Season, Sight, Subject, Weather};

/// How far things rise above the crest of ridge `at`, in pixels.
pub(super) fn height(ground: Ground, size: &Size, at: usize) -> f32 {
    let share = match ground {
        Ground::Forest => [0.06, 0.14, 0.26, 0.5][at],
        Ground::City => [0.30, 0.36, 0.26, 0.16][at],
        Ground::Desert => [0.01, 0.01, 0.05, 0.14][at],
        Ground::Meadow => [0.02, 0.08, 0.16, 0.16][at],
        Ground::Mountains => [0.01, 0.01, 0.07, 0.14][at],
        Ground::Snowfield => [0.01, 0.05, 0.12, 0.10][at],
        Ground::Village => [0.02, 0.09, 0.17, 0.12][at],
        _ => 0.0,
    };
    share * size.height.min(size.width * 1.2) + 4.0
}

/// How far what this scene has on ridge `at` rises above its crest, in pixels.
pub(super) fn tallest(scene: &Scene, size: &Size, at: usize) -> f32 {
    let share = match scene.ground {
        Ground::Forest if scene.shows(Sight::Bamboo) => [0.22, 0.40, 0.68, 1.0][at],
        Ground::Forest if scene.shows(Sight::Jungle) => [0.09, 0.19, 0.30, 0.42][at],
        ground => return height(ground, size, at),
    };
    share * size.height.min(size.width * 1.5) + 4.0
}

/// Whether a tall thing on the nearest ridge stays off the middle, wherever the camera is. `x` counts from the
/// left end of a crest that is `width` pixels long.
fn at_edge(scene: &Scene, size: &Size, x: f32, width: f32) -> bool {
    let clear = if scene.subject == Subject::Nobody {
        0.22
    } else {
        0.36
    };
    let way = size.travel * 0.5 / size.width;
    ((x - width / 2.0) / size.width).abs() > clear + way
}

/// Draws what the ridge itself partly hides.
pub(super) fn behind(
    scene: &Scene,
    size: &Size,
    at: usize,
    crest: &[(f32, f32)],
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let tall = height(scene.ground, size, at) * 0.94;
    match scene.ground {
        Ground::Forest => trees(scene, size, at, crest, colour, chance, pixmap),
        Ground::Mountains if at >= 2 => along(crest, tall * 0.36, chance, |x, y, chance| {
            if chance.likely(0.7) {
                conifer(
                    pixmap,
                    (x, y + tall * 0.08),
                    tall * chance.between(0.5, 1.0),
                    colour.mix(Colour::BLACK, 0.12),
                );
            }
        }),
        Ground::Snowfield if at == 1 || at == 2 => along(crest, tall * 0.7, chance, |x, y, chance| {
            if chance.likely(0.5) {
                let green = scene
                    .palette
                    .far(Colour::hex(0x3a_6058), [0.0, 0.42, 0.2, 0.0][at]);
                conifer(
                    pixmap,
                    (x, y + tall * 0.06),
                    tall * chance.between(0.5, 1.0),
                    green,
                );
            }
        }),
        Ground::Village if at == 1 || at == 2 => village::houses(scene, at, crest, tall, chance, pixmap),
        Ground::Meadow if at == 1 || at == 2 => along(crest, tall * 1.1, chance, |x, y, chance| {
            let leaf = scene.palette.far(scene.palette.leaf, [0.0, 0.42, 0.2, 0.0][at]);
            if chance.likely(0.6) {
                round_tree(
                    scene,
                    pixmap,
                    (x, y + tall * 0.05),
                    tall * chance.between(0.55, 0.95),
                    leaf,
                    chance,
                );
            }
        }),
        Ground::City if at < 3 => houses(scene, size, at, crest, colour, tall, chance, pixmap),
        _ => {}
    }
}

/// The trees of a forest, by what grows in it.
fn trees(
    scene: &Scene,
    size: &Size,
    at: usize,
    crest: &[(f32, f32)],
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let tall = tallest(scene, size, at) * 0.94;
    let width = crest.last().map_or(1.0, |point| point.0);
    let off = |x: f32| at == 3 && !at_edge(scene, size, x, width);
    let leaf = scene.palette.far(scene.palette.leaf, [0.66, 0.40, 0.2, 0.05][at]);
    if scene.shows(Sight::Bamboo) {
        let thick = size.unit * [0.007, 0.012, 0.021, 0.036][at];
        let gap = thick * [2.2, 2.8, 3.4, 2.6][at];
        return along(crest, gap, chance, |x, y, chance| {
            if !off(x) {
                let young = Colour::hex(0x6c_9c3c).mix(scene.palette.leaf, 0.4);
                let green = scene.palette.far(young, [0.52, 0.32, 0.14, 0.03][at]);
                let tone = green.mix(Colour::BLACK, chance.between(0.0, 0.2));
                let high = tall * chance.between(0.7, 1.0);
                bamboo::stalk(pixmap, (x, y + tall * 0.03), (high, thick), tone, chance);
            }
        });
    }
    if scene.shows(Sight::Jungle) {
        return along(crest, tall * 0.24, chance, |x, y, chance| {
            if off(x) {
                return;
            }
            let high = tall * chance.between(0.6, 1.0);
            let tone = leaf.mix(Colour::BLACK, chance.between(0.0, 0.25));
            if chance.likely(0.4) {
                bamboo::palm(pixmap, (x, y + tall * 0.05), high, tone, chance);
            } else {
                round_tree(scene, pixmap, (x, y + tall * 0.08), high * 0.9, tone, chance);
            }
        });
    }
    let gap = tall * if at == 3 { 0.34 } else { 0.3 };
    along(crest, gap, chance, |x, y, chance| {
        // The nearest trees frame the picture and leave its middle to the subject.
        if off(x) {
            return;
        }
        let leafy = at < 3 && scene.season.is_some_and(|season| season != Season::Winter);
        if leafy || chance.likely(0.12) {
            let high = tall * chance.between(0.6, 0.9);
            return round_tree(scene, pixmap, (x, y + tall * 0.06), high, leaf, chance);
        }
        let high = tall * chance.between(0.55, 1.0);
        conifer(pixmap, (x, y + tall * 0.08), high, colour.mix(Colour::BLACK, 0.1));
    });
}

/// Draws what stands in front of the ridge.
pub(super) fn before(
    scene: &Scene,
    size: &Size,
    at: usize,
    crest: &[(f32, f32)],
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let tall = height(scene.ground, size, at) * 0.94;
    match scene.ground {
        Ground::Meadow | Ground::Village if at == 3 && !snowed(scene) => {
            grass(scene, size, crest, colour, chance, pixmap)
        }
        Ground::Desert if at >= 2 => along(crest, size.unit * 0.5, chance, |x, y, chance| {
            let width = crest.last().map_or(1.0, |point| point.0);
            if chance.likely(0.55) && (at < 3 || at_edge(scene, size, x, width)) {
                let green = Colour::hex(0x2f_5a3a).lit(scene.palette.shade).mix(colour, 0.3);
                bamboo::cactus(
                    pixmap,
                    (x, y + tall * 0.06),
                    tall * chance.between(0.5, 0.95),
                    green,
                    chance,
                );
            }
        }),
        Ground::City if at == 3 => lamps(scene, size, crest, colour, chance, pixmap),
        _ => {}
    }
}

/// Broad trees close together, as on a far shore.
pub(super) fn trees_along(
    scene: &Scene,
    crest: &[(f32, f32)],
    tall: f32,
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    along(crest, tall * 0.5, chance, |x, y, chance| {
        let high = tall * chance.between(0.5, 0.95);
        if chance.likely(0.55) {
            conifer(
                pixmap,
                (x, y + tall * 0.08),
                high,
                colour.mix(Colour::BLACK, 0.12),
            );
        } else {
            round_tree(scene, pixmap, (x, y + tall * 0.05), high, colour, chance);
        }
    });
}

/// Whether snow lies on the land.
pub(super) fn snowed(scene: &Scene) -> bool {
    scene.weather == Weather::Snow || scene.season == Some(Season::Winter)
}

/// Walks along a crest in uneven steps of about `gap` pixels.
pub(super) fn along(
    crest: &[(f32, f32)],
    gap: f32,
    chance: &mut Chance,
    mut plant: impl FnMut(f32, f32, &mut Chance),
) {
    let gap = gap.max(2.0);
    let mut next = gap * chance.unit();
    for (x, y) in crest {
        if *x >= next {
            plant(*x, *y, chance);
            next = x + gap * chance.between(0.55, 1.45);
        }
    }
}

fn conifer(pixmap: &mut Pixmap, foot: (f32, f32), tall: f32, colour: Colour) {
    let (x, y) = foot;
    let trunk = tall * 0.035;
    fill(
        pixmap,
        block(x - trunk, y - tall * 0.2, trunk * 2.0, tall * 0.22),
        &plain(colour.mix(Colour::BLACK, 0.3), 1.0),
    );
    for tier in 0..4 {
        let up = tier as f32 / 4.0;
        let (low, high) = (y - tall * (0.1 + 0.62 * up), y - tall * (0.42 + 0.58 * up));
        let half = tall * 0.21 * (1.0 - 0.72 * up);
        let paint = plain(colour.mix(Colour::WHITE, 0.025 * tier as f32), 1.0);
        fill(
            pixmap,
            polygon(&[
                (x - half, low),
                (x, high),
                (x + half, low),
                (x, low - tall * 0.03),
            ]),
            &paint,
        );
    }
}

pub(super) fn round_tree(
    scene: &Scene,
    pixmap: &mut Pixmap,
    foot: (f32, f32),
    tall: f32,
    colour: Colour,
    chance: &mut Chance,
) {
    let (x, y) = foot;
    let bark = colour.mix(Colour::hex(0x3a_2416), 0.55);
    line(
        pixmap,
        &[(x, y), (x, y - tall * 0.5)],
        tall * 0.07,
        &plain(bark, 1.0),
    );
    let leaf = colour.mix(Colour::BLACK, 0.16);
    for _ in 0..9 {
        let (side, up) = (chance.between(-0.2, 0.2), chance.between(0.45, 0.8));
        let shade = leaf.mix(scene.palette.light, (up - 0.45) * 0.5);
        fill(
            pixmap,
            disc(x + tall * side, y - tall * up, tall * chance.between(0.12, 0.2)),
            &plain(shade, 1.0),
        );
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one street of houses needs all of the scene's measures"
)]
fn houses(
    scene: &Scene,
    size: &Size,
    at: usize,
    crest: &[(f32, f32)],
    colour: Colour,
    tall: f32,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let wide = size.unit * [0.055, 0.085, 0.13][at];
    let lit = scene.hour != Hour::Day || matches!(scene.weather, Weather::Rain | Weather::Storm);
    along(crest, wide * 1.02, chance, |x, y, chance| {
        let (half, high) = (
            wide * chance.between(0.42, 0.62),
            tall * chance.between(0.28, 1.0),
        );
        let tone = colour.mix(Colour::BLACK, chance.between(0.0, 0.16));
        fill(
            pixmap,
            block(x - half, y - high, half * 2.0, high + size.unit * 0.05),
            &plain(tone, 1.0),
        );
        if chance.likely(0.3) {
            line(
                pixmap,
                &[(x, y - high), (x, y - high * 1.06)],
                (wide * 0.03).max(0.8),
                &plain(tone, 1.0),
            );
        }
        windows(
            scene,
            (x - half, y - high, half * 2.0, high),
            wide,
            lit,
            tone,
            chance,
            pixmap,
        );
    });
}

fn windows(
    scene: &Scene,
    wall: (f32, f32, f32, f32),
    wide: f32,
    lit: bool,
    tone: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let pitch = (wide * 0.16).max(3.0);
    let (columns, rows) = ((wall.2 / pitch) as usize, (wall.3 / (pitch * 1.3)) as usize);
    let warm = plain(
        scene.palette.accent.mix(scene.palette.light, 0.2),
        if lit { 0.85 } else { 0.3 },
    );
    let dull = plain(tone.mix(scene.palette.sky_low, 0.35), 0.5);
    for row in 1..rows {
        for column in 0..columns {
            let shines = chance.likely(if lit { 0.34 } else { 0.12 });
            let x = wall.0 + (wall.2 - columns as f32 * pitch) / 2.0 + (column as f32 + 0.25) * pitch;
            let y = wall.1 + (row as f32 - 0.4) * pitch * 1.3;
            let paint = if shines { &warm } else { &dull };
            fill(pixmap, block(x, y, pitch * 0.5, pitch * 0.62), paint);
        }
    }
}

fn lamps(
    scene: &Scene,
    size: &Size,
    crest: &[(f32, f32)],
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let tall = height(Ground::City, size, 3) * 0.8;
    let post = plain(colour.mix(Colour::BLACK, 0.4), 1.0);
    let glowing = scene.hour != Hour::Day;
    along(crest, size.unit * 0.62, chance, |x, y, _| {
        let head = (x + tall * 0.16, y - tall);
        line(
            pixmap,
            &[(x, y + 4.0), (x, y - tall * 0.96), head],
            (tall * 0.03).max(1.0),
            &post,
        );
        if glowing {
            let warm = scene.palette.accent;
            let radius = tall * 0.34;
            let stops = [(0.0, warm, 0.6), (0.3, warm, 0.2), (1.0, warm, 0.0)];
            let glow = crate::drawing::halo(head.0, head.1, radius, &stops);
            fill(pixmap, disc(head.0, head.1, radius), &glow);
        }
        fill(
            pixmap,
            ellipse(head.0, head.1, tall * 0.05, tall * 0.025),
            &plain(scene.palette.light, 0.95),
        );
    });
}

/// Blades and flowers at the viewer's feet.
fn grass(
    scene: &Scene,
    size: &Size,
    crest: &[(f32, f32)],
    colour: Colour,
    chance: &mut Chance,
    pixmap: &mut Pixmap,
) {
    let tall = height(Ground::Meadow, size, 3) * 0.6;
    along(crest, size.unit * 0.007, chance, |x, y, chance| {
        let high = tall * chance.between(0.2, 0.6);
        let lean = high * chance.between(-0.3, 0.3);
        let tone = colour
            .mix(scene.palette.light, chance.between(0.0, 0.16))
            .mix(Colour::BLACK, chance.between(0.0, 0.2));
        let half = (size.unit * 0.0032).max(0.8);
        let foot = y + size.unit * 0.02;
        fill(
            pixmap,
            polygon(&[(x - half, foot), (x + lean, y - high), (x + half, foot)]),
            &plain(tone, 1.0),
        );
    });
    let petals = [
        scene.palette.accent,
        Colour::hex(0xff_8fb0),
        Colour::WHITE,
        Colour::hex(0xe0_6a5a),
    ];
    along(crest, size.unit * 0.05, chance, |x, y, chance| {
        let (high, radius) = (
            tall * chance.between(0.3, 0.95),
            size.unit * chance.between(0.006, 0.012),
        );
        let head = (x + high * chance.between(-0.15, 0.15), y - high);
        let stem = plain(colour.mix(Colour::BLACK, 0.12), 1.0);
        line(pixmap, &[(x, y + radius), head], (radius * 0.3).max(0.7), &stem);
        let petal = plain(
            chance
                .pick(&petals)
                .lit(scene.palette.shade)
                .mix(scene.palette.light, 0.12),
            1.0,
        );
        for turn in 0..5u8 {
            let angle = f32::from(turn) / 5.0;
            let (side, up) = (crate::motion::wave(angle), crate::motion::wave(angle + 0.25));
            fill(
                pixmap,
                disc(head.0 + side * radius, head.1 + up * radius, radius * 0.72),
                &petal,
            );
        }
        fill(
            pixmap,
            disc(head.0, head.1, radius * 0.55),
            &plain(Colour::hex(0xf0_b030).lit(scene.palette.shade), 1.0),
        );
    });
}

#[cfg(test)]
mod tests {
    use super::{Size, at_edge};
    use crate::motion::glide;
    use crate::scene::Scene;

    #[test]
    fn no_tall_thing_on_the_nearest_ridge_comes_before_the_subject() {
        let size = Size::new(1280, 720, 5_000);
        let scene = Scene::read("a deer in a pine forest", "", 3);
        let width = size.width + size.reach(1.0) * 2.0;
        let mut standing = 0;
        for step in 0..=200u8 {
            let x = width * f32::from(step) / 200.0;
            if !at_edge(&scene, &size, x, width) {
                continue;
            }
            standing += 1;
            for moment in 0..=10u8 {
                let camera = (glide(f32::from(moment) / 10.0) - 0.5) * size.travel;
                let seen = (x - size.reach(1.0) - camera) / size.width;
                assert!((seen - 0.5).abs() > 0.3, "a tree at `{seen}` of the frame");
            }
        }
        assert!(standing > 10, "no tree is left");
    }
}
