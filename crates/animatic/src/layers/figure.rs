//! A drawing in its own measures: heights of the figure, up from the ground. Knows no particular figure.

use tiny_skia::{Paint, Pixmap};

use crate::colour::Colour;
use crate::drawing::{self, disc, ellipse, fill, halo, plain};
use crate::motion::wave;

/// How much of a drawing's height lies below the ground, for the shadow.
pub(super) const UNDER: f32 = 0.05;

/// Where a figure is drawn. It looks to the right; `x` counts from the middle, `y` from the ground upwards.
pub(super) struct Figure<'a> {
    pub(super) pixmap: &'a mut Pixmap,
    /// Pixels of one unit, the height of the figure.
    unit: f32,
    middle: f32,
    ground: f32,
    /// The colour of the light on it.
    pub(super) light: Colour,
    /// How bright things are by themselves: white in full daylight.
    pub(super) shade: Colour,
}

/// A joint of a limb: place and radius.
pub(super) type Joint = (f32, f32, f32);

impl<'a> Figure<'a> {
    pub(super) fn new(pixmap: &'a mut Pixmap, light: Colour, shade: Colour) -> Self {
        let (width, height) = (pixmap.width() as f32, pixmap.height() as f32);
        Self {
            pixmap,
            unit: height * (1.0 - UNDER),
            middle: width / 2.0,
            ground: height * (1.0 - UNDER),
            light,
            shade,
        }
    }

    /// Half the width of the drawing, in units.
    pub(super) fn half(&self) -> f32 {
        self.middle / self.unit
    }

    /// Draws a smaller figure on the same ground.
    pub(super) fn scaled(&mut self, share: f32, draw: impl FnOnce(&mut Figure<'_>)) {
        let mut smaller = Figure {
            pixmap: self.pixmap,
            unit: self.unit * share,
            middle: self.middle,
            ground: self.ground,
            light: self.light,
            shade: self.shade,
        };
        draw(&mut smaller);
    }

    fn at(&self, point: (f32, f32)) -> (f32, f32) {
        (
            self.middle + point.0 * self.unit,
            self.ground - point.1 * self.unit,
        )
    }

    /// A colour under the scene's light.
    pub(super) fn tone(&self, value: u32) -> Colour {
        Colour::hex(value).lit(self.shade)
    }

    /// A paint that is lit from above: every part of a body that uses the same one melts into the others.
    pub(super) fn body(&self, colour: Colour, top: f32, bottom: f32) -> Paint<'static> {
        let (from, to) = (self.at((0.0, top)).1, self.at((0.0, bottom)).1);
        let stops = [
            (0.0, colour.mix(self.light, 0.34), 1.0),
            (0.35, colour.mix(self.light, 0.06), 1.0),
            (1.0, colour.mix(Colour::BLACK, 0.30), 1.0),
        ];
        drawing::fade(from, to, &stops)
    }

    pub(super) fn limb(&mut self, joints: &[Joint], paint: &Paint<'_>) {
        let unit = self.unit;
        let joints: Vec<Joint> = joints
            .iter()
            .map(|joint| {
                let (x, y) = self.at((joint.0, joint.1));
                (x, y, joint.2 * unit)
            })
            .collect();
        drawing::limb(self.pixmap, &joints, paint);
    }

    pub(super) fn blob(&mut self, points: &[(f32, f32)], paint: &Paint<'_>) {
        let points: Vec<(f32, f32)> = points.iter().map(|point| self.at(*point)).collect();
        fill(self.pixmap, drawing::blob(&points), paint);
    }

    pub(super) fn polygon(&mut self, points: &[(f32, f32)], paint: &Paint<'_>) {
        let points: Vec<(f32, f32)> = points.iter().map(|point| self.at(*point)).collect();
        fill(self.pixmap, drawing::polygon(&points), paint);
    }

    pub(super) fn curve(&mut self, points: &[(f32, f32)], width: f32, paint: &Paint<'_>) {
        let points: Vec<(f32, f32)> = points.iter().map(|point| self.at(*point)).collect();
        drawing::curve(self.pixmap, &points, (width * self.unit).max(0.7), paint);
    }

    pub(super) fn disc(&mut self, x: f32, y: f32, radius: f32, paint: &Paint<'_>) {
        let (x, y) = self.at((x, y));
        fill(self.pixmap, disc(x, y, radius * self.unit), paint);
    }

    pub(super) fn ellipse(&mut self, x: f32, y: f32, across: f32, up: f32, paint: &Paint<'_>) {
        let (x, y) = self.at((x, y));
        fill(
            self.pixmap,
            ellipse(x, y, across * self.unit, up * self.unit),
            paint,
        );
    }

    pub(super) fn block(&mut self, left: f32, bottom: f32, right: f32, top: f32, paint: &Paint<'_>) {
        self.polygon(
            &[(left, bottom), (left, top), (right, top), (right, bottom)],
            paint,
        );
    }

    /// A light that fades outwards.
    pub(super) fn glow(&mut self, x: f32, y: f32, radius: f32, colour: Colour, strength: f32) {
        let (x, y) = self.at((x, y));
        let radius = radius * self.unit;
        let stops = [
            (0.0, colour, strength),
            (0.35, colour, strength * 0.42),
            (1.0, colour, 0.0),
        ];
        fill(self.pixmap, disc(x, y, radius), &halo(x, y, radius, &stops));
    }

    /// A shape of light that fades away from its source.
    pub(super) fn ray(&mut self, source: (f32, f32), shape: &[(f32, f32)], colour: Colour, strength: f32) {
        let (x, y) = self.at(source);
        let reach = shape
            .iter()
            .map(|point| (point.0 - source.0).abs())
            .fold(0.01, f32::max)
            * self.unit;
        let stops = [
            (0.0, colour, strength),
            (0.4, colour, strength * 0.5),
            (1.0, colour, 0.0),
        ];
        let points: Vec<(f32, f32)> = shape.iter().map(|point| self.at(*point)).collect();
        fill(self.pixmap, drawing::polygon(&points), &halo(x, y, reach, &stops));
    }

    /// The soft shadow of something that stands on the ground.
    pub(super) fn shadow(&mut self, x: f32, half: f32) {
        for (share, strength) in [(1.0, 0.10), (0.8, 0.12), (0.55, 0.14)] {
            self.ellipse(
                x,
                -0.004,
                half * share,
                (UNDER * 0.8 * share).min(half * 0.2),
                &plain(Colour::BLACK, strength),
            );
        }
    }
}

/// Where a foot is in a stride: before or behind its root by shares of `reach`, and how high.
pub(super) fn step(turn: f32, planted: f32, reach: f32, lift: f32) -> (f32, f32) {
    let turn = turn - libm::floorf(turn);
    if turn < planted {
        return (reach * (1.0 - 2.0 * turn / planted), 0.0);
    }
    let swing = (turn - planted) / (1.0 - planted);
    let eased = swing * swing * (3.0 - 2.0 * swing);
    (reach * (2.0 * eased - 1.0), lift * wave(swing * 0.5))
}

/// The joint between two bones from `root` to `end`; `side` above 0 bends it forwards, below 0 backwards.
pub(super) fn joint(root: (f32, f32), end: (f32, f32), upper: f32, lower: f32, side: f32) -> (f32, f32) {
    let (across, up) = (end.0 - root.0, end.1 - root.1);
    let long = libm::sqrtf(across * across + up * up).clamp(0.001, (upper + lower) * 0.9995);
    let along = (upper * upper - lower * lower + long * long) / (2.0 * long);
    let out = libm::sqrtf((upper * upper - along * along).max(0.0)) * side;
    let (x, y) = (across / long, up / long);
    (root.0 + x * along - y * out, root.1 + y * along + x * out)
}
