//! What flies before a picture: hearts, fireworks, snow, the dust of an old film. Bends no picture.

use super::Family;
use crate::chance::Chance;
use crate::colour::Colour;
use crate::drawing::{blob, clear, disc, fill, plain};
use crate::motion::{smooth, wave};
use crate::planes::{Brush, Frame, PIXEL, Place, SOLID, Sprite};
use crate::wish::Wish;

/// So many hearts, sparks of one firework, and flakes.
const HEARTS: usize = 26;
const RAYS: usize = 36;
const FLAKES: usize = 130;
/// Fireworks go up so many seconds apart.
const APART: f32 = 0.7;
/// Colours of the fireworks.
const COLOURS: [u32; 4] = [0xff_d166, 0xff_6b6b, 0x6b_cbff, 0xc7_9bff];

/// Drawings, and where each of them goes.
pub(super) struct Sparks {
    family: Family,
    sprites: Vec<Sprite>,
    flights: Vec<Flight>,
    /// The shorter side of the frame in pixels.
    unit: f32,
    brush: Brush,
}

/// What chance decided for one of them.
struct Flight {
    x: f32,
    y: f32,
    size: usize,
    pace: f32,
    sway: f32,
}

impl Sparks {
    /// What flies in a family; `None` where nothing does.
    pub(super) fn of(family: Family, wish: &Wish) -> Option<Self> {
        let unit = wish.width.min(wish.height) as f32;
        let mut chance = Chance::new(wish.seed, "sparks");
        let (sprites, count) = match family {
            Family::Hearts => (
                [0.035, 0.055, 0.08].map(|size| heart(unit * size)).to_vec(),
                HEARTS,
            ),
            Family::Fireworks => (COLOURS.map(|colour| dot(unit * 0.011, colour, 1.0)).to_vec(), 24),
            Family::Snow => (
                [0.006, 0.01, 0.016]
                    .map(|size| dot(unit * size, 0xff_ffff, 0.9))
                    .to_vec(),
                FLAKES,
            ),
            Family::Film => (vec![dot(unit * 0.006, 0x10_0c08, 0.8), scratch(wish)], 7),
            _ => return None,
        };
        let kinds = sprites.len();
        let flights = (0..count).map(|_| Flight {
            x: chance.unit(),
            y: chance.unit(),
            size: chance.below(kinds),
            pace: chance.between(0.7, 1.3),
            sway: chance.unit(),
        });
        Some(Self {
            family,
            flights: flights.collect(),
            sprites,
            unit,
            brush: Brush::default(),
        })
    }

    /// Paints what flies at a second of the clip, of which `through` has passed.
    pub(super) fn paint(&mut self, frame: &mut Frame, seconds: f32, through: f32) {
        let (width, height) = (frame.width as f32, frame.height as f32);
        for at in 0..self.flights.len() {
            let flight = &self.flights[at];
            let size = flight.size;
            match self.family {
                Family::Hearts => {
                    let risen = (flight.y + seconds * 0.22 * flight.pace) % 1.0;
                    let x = flight.x + 0.03 * wave(seconds * 0.4 + flight.sway);
                    let seen = smooth(seconds * 2.0) * smooth((1.0 - risen) * 4.0);
                    self.put(frame, size, (x * width, (1.1 - risen * 1.2) * height), seen);
                }
                Family::Snow => {
                    let fallen = (flight.y + seconds * 0.16 * flight.pace * (1.0 + size as f32 * 0.4)) % 1.0;
                    let x = flight.x + 0.02 * wave(seconds * 0.3 + flight.sway);
                    self.put(
                        frame,
                        size,
                        (x * width, (fallen * 1.1 - 0.05) * height),
                        smooth(seconds * 3.0),
                    );
                }
                Family::Fireworks => self.burst(frame, at, seconds),
                _ => {
                    // Dust and scratches jump with every picture of an old film.
                    let jump = libm::floorf(seconds * 12.0 * flight.pace) * 0.37 + flight.sway;
                    let x = (flight.x + jump) % 1.0;
                    let y = if size == 1 {
                        0.5
                    } else {
                        (flight.y + jump * 1.7) % 1.0
                    };
                    let seen = if wave(jump * 3.3 + through) > 0.3 {
                        0.7
                    } else {
                        0.0
                    };
                    self.put(frame, size, (x * width, y * height), seen);
                }
            }
        }
    }

    /// One firework: its sparks fly apart, sink and fade.
    fn burst(&mut self, frame: &mut Frame, number: usize, seconds: f32) {
        const LASTS: f32 = 1.5;
        let since = seconds - number as f32 * APART * 0.8;
        if !(0.0..LASTS).contains(&since) {
            return;
        }
        let flight = &self.flights[number];
        let at = since / LASTS;
        let reach = self.unit * 0.3 * flight.pace * (1.0 - libm::expf(-3.5 * at));
        let middle = (
            (0.15 + 0.7 * flight.x) * frame.width as f32,
            (0.12 + 0.4 * flight.y) * frame.height as f32,
        );
        let size = flight.size;
        for ray in 0..RAYS {
            let turn = ray as f32 / RAYS as f32;
            let far = reach * (0.55 + 0.45 * ((ray * 7) % 5) as f32 / 4.0);
            let place = (
                middle.0 + far * wave(turn),
                middle.1 + far * wave(turn + 0.25) + self.unit * 0.1 * at * at,
            );
            self.put(frame, size, place, smooth((1.0 - at) * 2.0));
        }
    }

    fn put(&mut self, frame: &mut Frame, sprite: usize, middle: (f32, f32), strength: f32) {
        let sprite = &self.sprites[sprite];
        let fixed = |middle: f32, side: usize| ((middle - side as f32 * 0.5) * PIXEL as f32) as i32;
        let place = Place {
            x: fixed(middle.0, sprite.width()),
            y: fixed(middle.1, sprite.height()),
            strength: (strength.clamp(0.0, 1.0) * f32::from(SOLID)) as u16,
            bottom: frame.height,
        };
        if place.strength > 0 {
            self.brush.blend(frame, sprite, place);
        }
    }
}

fn dot(radius: f32, colour: u32, alpha: f32) -> Sprite {
    let radius = radius.max(1.5);
    let side = radius * 2.0 + 4.0;
    let mut pixmap = clear(side, side);
    let (middle, colour) = (side * 0.5, Colour::hex(colour));
    fill(
        &mut pixmap,
        disc(middle, middle, radius),
        &plain(colour, alpha * 0.4),
    );
    fill(
        &mut pixmap,
        disc(middle, middle, radius * 0.65),
        &plain(colour, alpha),
    );
    Sprite::from_pixmap(&pixmap)
}

fn heart(size: f32) -> Sprite {
    let size = size.max(8.0);
    let side = size * 2.0 + 4.0;
    let mut pixmap = clear(side, side);
    let middle = side * 0.5;
    const POINTS: usize = 40;
    let points: Vec<(f32, f32)> = (0..POINTS)
        .map(|at| {
            let turn = at as f32 / POINTS as f32;
            let (sine, cosine) = (wave(turn), wave(turn + 0.25));
            let x = sine * sine * sine;
            let y = (13.0 * cosine
                - 5.0 * wave(turn * 2.0 + 0.25)
                - 2.0 * wave(turn * 3.0 + 0.25)
                - wave(turn * 4.0 + 0.25))
                / 16.0;
            (middle + x * size * 0.95, middle - y * size * 0.95)
        })
        .collect();
    fill(&mut pixmap, blob(&points), &plain(Colour::hex(0xe8_3f5b), 0.94));
    Sprite::from_pixmap(&pixmap)
}

/// A thin line from top to bottom.
fn scratch(wish: &Wish) -> Sprite {
    let mut pixmap = clear(4.0, wish.height as f32);
    let line = crate::drawing::block(1.0, 0.0, 1.5, wish.height as f32);
    fill(&mut pixmap, line, &plain(Colour::hex(0xe8_e0d0), 0.5));
    Sprite::from_pixmap(&pixmap)
}
