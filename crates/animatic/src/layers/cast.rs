//! Who plays the subject: its size, its way of moving, and which drawing it is. Draws no body itself.

use tiny_skia::Pixmap;

use crate::chance::Chance;
use crate::colour::Colour;
use crate::layers::beasts::{self, Gait};
use crate::layers::figure::Figure;
use crate::layers::people::{self, Dress};
use crate::layers::{crafts, cyclist, fire, flyers, owl, standing, suits, swimmers, vehicles};
use crate::scene::{Ground, Pace, Scene, Subject};

/// Poses of a stride: enough that a slow walk is smooth.
const STRIDE_POSES: usize = 24;

/// How a subject is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast {
    /// Height as a share of the frame's shorter side.
    pub(super) tall: f32,
    /// Width by the height.
    pub(super) wide: f32,
    pub(super) poses: usize,
    /// Cycles of movement a second, where no way covered says it.
    pub(super) pace: f32,
    pub(super) way: Way,
}

/// How a subject moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// On the ground; one cycle covers `stride` heights of the figure.
    Walk {
        stride: f32,
    },
    /// Above the footing by a share of the frame's height.
    Fly {
        above: f32,
        bob: f32,
        span: f32,
        flock: usize,
    },
    Stand,
}

const fn walk(tall: f32, wide: f32, stride: f32) -> Cast {
    Cast {
        tall,
        wide,
        poses: STRIDE_POSES,
        pace: 1.0,
        way: Way::Walk { stride },
    }
}

const fn fly(
    (tall, wide): (f32, f32),
    poses: usize,
    pace: f32,
    above: f32,
    bob: f32,
    span: f32,
    flock: usize,
) -> Cast {
    Cast {
        tall,
        wide,
        poses,
        pace,
        way: Way::Fly {
            above,
            bob,
            span,
            flock,
        },
    }
}

const fn stand(tall: f32, wide: f32, poses: usize, pace: f32) -> Cast {
    Cast {
        tall,
        wide,
        poses,
        pace,
        way: Way::Stand,
    }
}

/// The subject's part; `None` if nobody plays.
pub(super) fn of(scene: &Scene) -> Option<Cast> {
    let subject = scene.subject;
    if let Some(build) = beasts::build_of(subject) {
        let tall = match subject {
            Subject::Elephant => 0.44,
            Subject::Horse => 0.40,
            Subject::Deer => 0.44,
            Subject::Bear | Subject::Panda => 0.32,
            Subject::Lion | Subject::Tiger => 0.31,
            Subject::Rabbit => 0.24,
            Subject::Dog | Subject::Fox => 0.28,
            _ => 0.28,
        };
        // A gallop is shown a little faster than its ground allows, or it would look slow.
        let gait = gait(scene);
        let hurry = if gait == Gait::Gallop { 0.62 } else { 1.0 };
        return Some(walk(tall, build.wide, gait.stride(&build) * hurry));
    }
    let floats = matches!(scene.ground, Ground::Space | Ground::Underwater);
    let cast = match subject {
        Subject::Walker => walk(0.36, 0.62, people::STRIDE),
        Subject::Child => walk(0.38, 0.5, people::STRIDE * 0.62),
        Subject::Couple => walk(0.36, 0.85, people::STRIDE),
        Subject::Dancer => stand(0.46, 0.9, 32, 0.34),
        Subject::Astronaut if floats => fly((0.38, 0.8), 24, 0.16, 0.06, 0.03, 0.26, 1),
        Subject::Astronaut => walk(0.36, 0.7, 0.43),
        Subject::Robot => walk(0.36, 0.7, 0.43),
        Subject::Bicycle => walk(0.34, 1.15, 1.26),
        Subject::Car => walk(0.19, 3.3, 1.35),
        Subject::Train => Cast {
            poses: 10,
            ..walk(0.24, 6.2, 0.9)
        },
        Subject::Birds => fly((0.13, 1.15), 20, 1.3, 0.34, 0.012, 0.50, 7),
        Subject::Owl => fly((0.30, 2.2), 24, 0.75, 0.42, 0.016, 0.40, 1),
        Subject::Butterfly => fly((0.20, 1.15), 16, 2.2, 0.16, 0.05, 0.34, 1),
        Subject::Dragon => fly((0.42, 2.3), 24, 0.5, 0.20, 0.02, 0.30, 1),
        Subject::Plane => fly((0.22, 2.6), 1, 0.2, 0.36, 0.008, 0.44, 1),
        Subject::Rocket => fly((0.20, 2.38), 12, 3.0, 0.12, 0.008, 0.46, 1),
        Subject::Balloon => fly((0.42, 0.69), 1, 0.2, 0.34, 0.012, 0.22, 1),
        Subject::Lantern => fly((0.17, 1.0), 10, 0.7, 0.18, 0.012, 0.12, 9),
        Subject::Boat => fly((0.36, 0.95), 16, 0.25, 0.0, 0.008, 0.24, 1),
        Subject::Fish => fly((0.17, 1.7), 16, 1.1, 0.10, 0.03, 0.42, 5),
        Subject::Whale => fly((0.30, 3.0), 24, 0.22, 0.12, 0.02, 0.30, 1),
        Subject::Jellyfish => fly((0.30, 0.9), 20, 0.35, 0.10, 0.03, 0.12, 4),
        Subject::Lighthouse => stand(0.56, 0.95, 16, 0.16),
        Subject::Fire => stand(0.34, 1.5, 24, 0.7),
        Subject::House => stand(0.34, 1.5, 16, 0.25),
        Subject::Tree => stand(0.58, 1.0, 12, 0.12),
        Subject::Flower => stand(0.46, 0.65, 12, 0.22),
        Subject::Product => stand(0.62, 1.1, 16, 0.2),
        Subject::Cup => stand(0.40, 1.35, 20, 0.16),
        Subject::Orb => fly((0.34, 1.0), 1, 0.2, 0.02, 0.03, 0.16, 1),
        _ => return None,
    };
    Some(counted(cast, scene.count))
}

/// As many of a flock as are asked for; one alone is larger.
fn counted(cast: Cast, count: Option<usize>) -> Cast {
    match (cast.way, count) {
        (
            Way::Fly {
                above,
                bob,
                span,
                flock,
            },
            Some(count),
        ) if flock > 1 => Cast {
            tall: if count == 1 { cast.tall * 1.6 } else { cast.tall },
            way: Way::Fly {
                above,
                bob,
                span,
                flock: count,
            },
            ..cast
        },
        _ => cast,
    }
}

fn gait(scene: &Scene) -> Gait {
    match scene.pace {
        Pace::Still => Gait::Stand,
        Pace::Fast => Gait::Gallop,
        Pace::Slow | Pace::Usual if scene.subject == Subject::Rabbit => Gait::Gallop,
        Pace::Slow | Pace::Usual => Gait::Walk,
    }
}

/// Draws one pose facing right; `turn` is the part of the cycle from 0 to 1.
pub(super) fn draw(scene: &Scene, turn: f32, pixmap: &mut Pixmap) {
    let palette = &scene.palette;
    // Water is clear enough to leave the colours of what is near.
    let clear = if scene.ground == Ground::Underwater {
        0.65
    } else {
        0.28
    };
    let shade = palette.shade.mix(Colour::WHITE, clear);
    let coat = palette.subject.lit(shade).mix(palette.sky_low, 0.05);
    match scene.subject {
        Subject::Boat => return crafts::boat(scene, coat, turn, pixmap),
        Subject::Balloon => return crafts::balloon(scene, coat, pixmap),
        Subject::Rocket => return crafts::rocket(coat, turn, pixmap),
        _ => {}
    }
    let mut figure = Figure::new(pixmap, palette.light, shade);
    let figure = &mut figure;
    match scene.subject {
        subject if beasts::build_of(subject).is_some() => {
            beasts::draw(figure, subject, coat, gait(scene), turn)
        }
        Subject::Birds => flyers::bird(figure, birds(scene, coat), turn),
        Subject::Owl => owl::draw(figure, coat.mix(palette.subject, 0.3), turn),
        Subject::Butterfly => flyers::butterfly(figure, coat, turn),
        Subject::Dragon => flyers::dragon(figure, coat, turn),
        Subject::Plane => flyers::plane(figure, coat, turn),
        Subject::Lantern => flyers::lantern(figure, palette.subject, turn),
        Subject::Fish => swimmers::fish(figure, coat, turn),
        Subject::Whale => swimmers::whale(figure, coat, turn),
        Subject::Jellyfish => swimmers::jellyfish(figure, palette.subject, turn),
        Subject::Car => vehicles::car(figure, scene, coat, turn),
        Subject::Train => vehicles::train(figure, scene, coat, turn),
        Subject::Lighthouse => standing::lighthouse(figure, scene, coat, turn),
        Subject::Fire => fire::draw(figure, turn),
        Subject::House => standing::house(figure, scene, coat, turn),
        Subject::Tree => standing::tree(figure, palette, scene.seed, turn),
        Subject::Flower => standing::flower(figure, coat, turn),
        Subject::Product => standing::product(figure, coat, turn),
        Subject::Cup => standing::cup(figure, coat, turn),
        Subject::Orb => standing::orb(figure, palette.light),
        _ => person(figure, scene, coat, turn),
    }
}

/// Birds are dark before a bright sky and pale before a dark one.
fn birds(scene: &Scene, coat: Colour) -> Colour {
    let palette = &scene.palette;
    let dark = palette.land_at(0.1).mix(Colour::BLACK, 0.4);
    let pale = Colour::hex(0xf4_f2ee).lit(palette.shade.mix(Colour::WHITE, 0.4));
    match scene.ground {
        Ground::Sea | Ground::Lake => pale,
        _ if scene.hour == crate::scene::Hour::Day => coat.mix(dark, 0.55),
        _ => dark,
    }
}

fn person(figure: &mut Figure<'_>, scene: &Scene, coat: Colour, turn: f32) {
    let moving = if scene.pace == Pace::Still { 0.0 } else { 1.0 };
    let mut chance = Chance::new(scene.seed, "dress");
    let first = dress(figure, coat, &mut chance);
    match scene.subject {
        Subject::Walker => people::walker(figure, 0.0, &first, turn, moving),
        Subject::Child => people::child(figure, &first, turn, moving),
        Subject::Couple => {
            let other = figure.tone(chance.pick(&[0x3c_4a6a, 0x6a_4a4a, 0x48_6458, 0x2f_3a4c]));
            let second = Dress {
                way: 2 - first.way.min(1) * 2,
                ..dress(figure, other, &mut chance)
            };
            figure.scaled(0.94, |figure| {
                people::walker(figure, -0.15, &second, turn + 0.07, moving)
            });
            people::walker(figure, 0.12, &first, turn, moving);
        }
        Subject::Dancer => people::dancer(figure, &first, turn),
        Subject::Astronaut => {
            let floats = matches!(scene.ground, Ground::Space | Ground::Underwater);
            suits::astronaut(figure, coat, turn, if floats { 1.0 } else { 0.0 });
        }
        Subject::Robot => suits::robot(figure, coat, turn, moving),
        Subject::Bicycle => cyclist::draw(figure, &first, turn),
        _ => {}
    }
}

fn dress(figure: &Figure<'_>, coat: Colour, chance: &mut Chance) -> Dress {
    Dress {
        coat,
        trousers: figure.tone(chance.pick(&[0x2e_3648, 0x4a_3c38, 0x38_4440, 0x50_4a58])),
        skin: figure.tone(chance.pick(&[0xe8_b890, 0xc8_8c64, 0x8c_5c40, 0xf0_c8a4])),
        hair: figure.tone(chance.pick(&[0x2a_1e1c, 0x4a_2e20, 0x1c_1a20, 0x7a_4a28])),
        way: chance.below(3),
    }
}

/// The drawing as it looks in a mirror.
pub(super) fn mirrored(pixmap: &Pixmap) -> Pixmap {
    let mut out = pixmap.clone();
    let stride = pixmap.width() as usize * 4;
    for (line, from) in out
        .data_mut()
        .chunks_exact_mut(stride)
        .zip(pixmap.data().chunks_exact(stride))
    {
        for (pixel, source) in line.chunks_exact_mut(4).zip(from.chunks_exact(4).rev()) {
            pixel.copy_from_slice(source);
        }
    }
    out
}
