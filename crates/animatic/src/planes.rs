//! Pixels in the encoder's own shape: frames and sprites as 4:2:0 planes, and the one loop that blends them.

use tiny_skia::Pixmap;

use crate::colour::Grade;
use crate::plaster::halved;

/// Positions of sprites are counted in 1/256 of a pixel.
pub(crate) const PIXEL: i32 = 256;
/// Full strength of a sprite.
pub(crate) const SOLID: u16 = 256;

/// One picture of the clip: limited-range BT.709 luma and two half-size chroma planes.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) y: Vec<u8>,
    pub(crate) u: Vec<u8>,
    pub(crate) v: Vec<u8>,
}

impl Frame {
    /// A black frame; both sides must be even.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let (luma, chroma) = (width * height, width * height / 4);
        Self {
            width,
            height,
            y: vec![16; luma],
            u: vec![128; chroma],
            v: vec![128; chroma],
        }
    }

    /// Grades every pixel.
    pub(crate) fn grade(&mut self, grade: &Grade) {
        let graded = Graded::new(grade);
        for luma in &mut self.y {
            *luma = graded.luma(*luma, 255);
        }
        for (u, v) in self.u.iter_mut().zip(&mut self.v) {
            (*u, *v) = graded.chroma((*u, *v), 255);
        }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.y.copy_from_slice(&other.y);
        self.u.copy_from_slice(&other.u);
        self.v.copy_from_slice(&other.v);
    }

    /// Moves every pixel towards `other`; `share` is its weight in 1/256.
    pub(crate) fn mix(&mut self, other: &Self, share: u16) {
        let planes = [
            (&mut self.y, &other.y),
            (&mut self.u, &other.u),
            (&mut self.v, &other.v),
        ];
        for (ours, theirs) in planes {
            for (our, their) in ours.iter_mut().zip(theirs) {
                let sum = u32::from(*our) * u32::from(256 - share) + u32::from(*their) * u32::from(share);
                *our = ((sum + 128) >> 8) as u8;
            }
        }
    }
}

/// One plane with a clear border of one pixel on every side, so that blending between pixels needs no branch.
#[derive(Clone, Debug)]
struct Plane {
    width: usize,
    height: usize,
    stride: usize,
    data: Vec<u8>,
}

impl Plane {
    fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        Self {
            width,
            height,
            stride,
            data: vec![0; stride * (height + 2)],
        }
    }

    fn filled(values: &[u8], width: usize, height: usize) -> Self {
        let mut plane = Self::new(width, height);
        let rows = plane.data[plane.stride..].chunks_exact_mut(width + 2);
        for (row, values) in rows.zip(values.chunks_exact(width)) {
            row[1..=width].copy_from_slice(values);
        }
        plane
    }

    fn set(&mut self, x: usize, y: usize, value: u8) {
        self.data[(y + 1) * self.stride + x + 1] = value;
    }

    fn row(&self, padded_row: usize) -> &[u8] {
        &self.data[padded_row * self.stride..(padded_row + 1) * self.stride]
    }
}

/// A picture with transparency, ready to be blended at any place, also between pixels.
/// Colours are premultiplied with the alpha of their own resolution.
#[derive(Clone, Debug)]
pub(crate) struct Sprite {
    y: Plane,
    alpha: Plane,
    u: Plane,
    v: Plane,
    thin: Plane,
    /// For every padded luma row: the columns that are not clear, and whether the row is wholly opaque.
    rows: Vec<Row>,
    thin_rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: usize,
    end: usize,
    opaque: bool,
}

impl Sprite {
    pub(crate) fn width(&self) -> usize {
        self.y.width
    }

    pub(crate) fn height(&self) -> usize {
        self.y.height
    }

    /// Grades every pixel.
    pub(crate) fn grade(&mut self, grade: &Grade) {
        let graded = Graded::new(grade);
        for (luma, alpha) in self.y.data.iter_mut().zip(&self.alpha.data) {
            *luma = graded.luma(*luma, *alpha);
        }
        for ((u, v), alpha) in self.u.data.iter_mut().zip(&mut self.v.data).zip(&self.thin.data) {
            (*u, *v) = graded.chroma((*u, *v), *alpha);
        }
    }

    /// The first row from which the sprite hides everything behind it, down to its lower edge.
    pub(crate) fn hides_from(&self) -> usize {
        let rows = &self.rows[1..=self.height()];
        self.height() - rows.iter().rev().take_while(|row| row.opaque).count()
    }

    /// A picture without transparency.
    pub(crate) fn opaque(picture: &Frame) -> Self {
        let (width, height) = (picture.width, picture.height);
        let (wide, tall) = (width / 2, height / 2);
        let alpha = Plane::filled(&vec![255; width * height], width, height);
        let thin = Plane::filled(&vec![255; wide * tall], wide, tall);
        let (rows, thin_rows) = (measure(&alpha), measure(&thin));
        Self {
            y: Plane::filled(&picture.y, width, height),
            alpha,
            u: Plane::filled(&picture.u, wide, tall),
            v: Plane::filled(&picture.v, wide, tall),
            thin,
            rows,
            thin_rows,
        }
    }

    /// The part of a picture that lies under a mask of one level a pixel.
    pub(crate) fn masked(picture: &Frame, mask: &[u8]) -> Self {
        let (width, height) = (picture.width, picture.height);
        let (wide, tall) = (width / 2, height / 2);
        let half = halved(mask, (width, height));
        let under = |plane: &[u8], mask: &[u8]| -> Vec<u8> {
            let product = |level: u8, alpha: u8| ((u32::from(level) * u32::from(alpha) + 127) / 255) as u8;
            plane
                .iter()
                .zip(mask)
                .map(|(level, alpha)| product(*level, *alpha))
                .collect()
        };
        let alpha = Plane::filled(mask, width, height);
        let thin = Plane::filled(&half, wide, tall);
        let (rows, thin_rows) = (measure(&alpha), measure(&thin));
        Self {
            y: Plane::filled(&under(&picture.y, mask), width, height),
            alpha,
            u: Plane::filled(&under(&picture.u, &half), wide, tall),
            v: Plane::filled(&under(&picture.v, &half), wide, tall),
            thin,
            rows,
            thin_rows,
        }
    }

    /// Converts a drawing; an odd side is cut by one pixel.
    pub(crate) fn from_pixmap(pixmap: &Pixmap) -> Self {
        let (width, height) = (pixmap.width() as usize & !1, pixmap.height() as usize & !1);
        let pixels = pixmap.data();
        let stride = pixmap.width() as usize * 4;
        let (mut y, mut alpha) = (Plane::new(width, height), Plane::new(width, height));
        let (mut u, mut v) = (
            Plane::new(width / 2, height / 2),
            Plane::new(width / 2, height / 2),
        );
        let mut thin = Plane::new(width / 2, height / 2);
        for row in 0..height {
            for column in 0..width {
                let pixel = &pixels[row * stride + column * 4..][..4];
                alpha.set(column, row, pixel[3]);
                y.set(
                    column,
                    row,
                    luma([pixel[0], pixel[1], pixel[2]].map(i32::from), i32::from(pixel[3])),
                );
            }
        }
        for row in 0..height / 2 {
            for column in 0..width / 2 {
                let at = row * 2 * stride + column * 8;
                let sum = |part: usize| -> i32 {
                    let places = [at, at + 4, at + stride, at + stride + 4];
                    places.iter().map(|place| i32::from(pixels[place + part])).sum()
                };
                let (rgb, coverage) = ([sum(0), sum(1), sum(2)], sum(3));
                thin.set(column, row, ((coverage + 2) / 4) as u8);
                u.set(column, row, chroma_u(rgb, coverage, 4));
                v.set(column, row, chroma_v(rgb, coverage, 4));
            }
        }
        let (rows, thin_rows) = (measure(&alpha), measure(&thin));
        Self {
            y,
            alpha,
            u,
            v,
            thin,
            rows,
            thin_rows,
        }
    }
}

/// A grade in the numbers of limited-range video, scaled by 256.
struct Graded {
    gain: i32,
    lift: i32,
    saturation: i32,
    /// What is added to the two chroma planes, so that greys take on the tint.
    tint: (i32, i32),
}

impl Graded {
    fn new(grade: &Grade) -> Self {
        let whole = |value: f32| (value * 256.0) as i32;
        Self {
            gain: whole(grade.gain * (1.0 - grade.lift)),
            lift: (grade.lift * 219.0) as i32,
            saturation: whole(grade.saturation),
            tint: (whole(-grade.warmth * 13.0), whole(grade.warmth * 9.0)),
        }
    }

    /// Grades luma that is premultiplied with `alpha`.
    fn luma(&self, luma: u8, alpha: u8) -> u8 {
        let alpha = i32::from(alpha);
        let black = 16 * alpha / 255;
        let light = (i32::from(luma) - black).max(0);
        (black + ((light * self.gain) >> 8) + self.lift * alpha / 255).clamp(0, 235) as u8
    }

    /// Grades chroma that is premultiplied with `alpha`.
    fn chroma(&self, (u, v): (u8, u8), alpha: u8) -> (u8, u8) {
        let alpha = i32::from(alpha);
        let grey = (128 * alpha + 127) / 255;
        let part = |value: u8, tint: i32| {
            let graded =
                grey + (((i32::from(value) - grey) * self.saturation) >> 8) + ((tint * alpha / 255) >> 8);
            graded.clamp(0, 255) as u8
        };
        (part(u, self.tint.0), part(v, self.tint.1))
    }
}

/// Luma of a premultiplied colour whose alpha is `alpha`.
pub(crate) fn luma(rgb: [i32; 3], alpha: i32) -> u8 {
    let sum = 11_966 * rgb[0] + 40_254 * rgb[1] + 4_064 * rgb[2] + 4_112 * alpha;
    ((sum + 32_768) >> 16).clamp(0, 255) as u8
}

/// Blue-difference chroma of `count` premultiplied pixels added up.
pub(crate) fn chroma_u(rgb: [i32; 3], alpha: i32, count: i32) -> u8 {
    let sum = -6_596 * rgb[0] - 22_189 * rgb[1] + 28_784 * rgb[2] + 32_897 * alpha;
    ((sum / count + 32_768) >> 16).clamp(0, 255) as u8
}

/// Red-difference chroma of `count` premultiplied pixels added up.
pub(crate) fn chroma_v(rgb: [i32; 3], alpha: i32, count: i32) -> u8 {
    let sum = 28_784 * rgb[0] - 26_145 * rgb[1] - 2_639 * rgb[2] + 32_897 * alpha;
    ((sum / count + 32_768) >> 16).clamp(0, 255) as u8
}

fn measure(alpha: &Plane) -> Vec<Row> {
    let clear = Row {
        start: alpha.width,
        end: 0,
        opaque: false,
    };
    let mut rows = vec![clear; alpha.height + 2];
    for (at, row) in rows.iter_mut().enumerate().skip(1).take(alpha.height) {
        let inner = &alpha.row(at)[1..=alpha.width];
        row.start = inner.iter().position(|value| *value != 0).unwrap_or(alpha.width);
        row.end = inner
            .iter()
            .rposition(|value| *value != 0)
            .map_or(0, |last| last + 1);
        row.opaque = inner.iter().all(|value| *value == 255);
    }
    rows
}

/// Where and how a sprite is blended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Left edge in 1/256 pixel.
    pub(crate) x: i32,
    /// Upper edge in 1/256 pixel.
    pub(crate) y: i32,
    /// Strength from 0 to [`SOLID`].
    pub(crate) strength: u16,
    /// Frame rows from here on are left alone, because something nearer will hide them.
    pub(crate) bottom: usize,
}

/// Blends sprites into frames. Holds the row buffers, so that painting allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Brush {
    colour: Vec<u8>,
    alpha: Vec<u8>,
}

impl Brush {
    pub(crate) fn blend(&mut self, frame: &mut Frame, sprite: &Sprite, place: Place) {
        let (width, height) = (frame.width, frame.height);
        self.colour.resize(width, 0);
        self.alpha.resize(width, 0);
        let luma = Pass {
            x: place.x >> 8,
            y: place.y >> 8,
            tap: taps(place.x >> 4, place.y >> 4),
            place,
        };
        luma.run(
            self,
            &mut frame.y,
            width,
            place.bottom.min(height),
            (&sprite.y, &sprite.alpha, &sprite.rows),
        );
        let tap = taps(place.x >> 5, place.y >> 5);
        let chroma = Pass {
            x: place.x >> 9,
            y: place.y >> 9,
            tap,
            place,
        };
        let bottom = place.bottom.min(height).div_ceil(2).min(height / 2);
        chroma.run(
            self,
            &mut frame.u,
            width / 2,
            bottom,
            (&sprite.u, &sprite.thin, &sprite.thin_rows),
        );
        chroma.run(
            self,
            &mut frame.v,
            width / 2,
            bottom,
            (&sprite.v, &sprite.thin, &sprite.thin_rows),
        );
    }
}

/// Weights of the four neighbours, in 1/256, for a place given in 1/16 pixel.
fn taps(x: i32, y: i32) -> [u16; 4] {
    let (x, y) = ((x & 15) as u16, (y & 15) as u16);
    [(16 - x) * (16 - y), x * (16 - y), (16 - x) * y, x * y]
}

/// The blending of one plane.
struct Pass {
    x: i32,
    y: i32,
    tap: [u16; 4],
    place: Place,
}

impl Pass {
    fn run(
        &self,
        brush: &mut Brush,
        out: &mut [u8],
        width: usize,
        bottom: usize,
        from: (&Plane, &Plane, &[Row]),
    ) {
        let (colour, alpha, rows) = from;
        let top = self.y.max(0) as usize;
        let end = (self.y + colour.height as i32 + 1).clamp(0, bottom as i32) as usize;
        for line in top..end {
            // The sample lies between padded rows `upper` and `lower`.
            let lower = (line as i32 - self.y + 1) as usize;
            let upper = lower - 1;
            let (near, far) = (rows[lower], rows[upper]);
            let start = near.start.min(far.start) as i32;
            let stop = near.end.max(far.end) as i32 + 1;
            let left = (self.x + start).clamp(0, width as i32) as usize;
            let right = (self.x + stop).clamp(0, width as i32) as usize;
            if left >= right {
                continue;
            }
            let source = (left as i32 - self.x) as usize;
            let line_out = &mut out[line * width..][left..right];
            let inside = source >= 1 && source + (right - left) <= colour.width;
            if near.opaque && far.opaque && inside && self.place.strength == SOLID {
                self.sample(colour, (upper, lower), source, line_out);
                continue;
            }
            let (colours, alphas) = (
                &mut brush.colour[..right - left],
                &mut brush.alpha[..right - left],
            );
            self.sample(colour, (upper, lower), source, colours);
            self.sample(alpha, (upper, lower), source, alphas);
            over(line_out, colours, alphas, self.place.strength);
        }
    }

    /// Reads one row of the plane between pixels. `source` counts columns without the border.
    fn sample(&self, plane: &Plane, rows: (usize, usize), source: usize, out: &mut [u8]) {
        let count = out.len();
        let (upper, lower) = (plane.row(rows.0), plane.row(rows.1));
        let [own, left, above, corner] = self.tap;
        let (a, b) = (&lower[source + 1..][..count], &lower[source..][..count]);
        if own == 256 {
            out.copy_from_slice(a);
            return;
        }
        if above == 0 && corner == 0 {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = ((u16::from(*a) * own + u16::from(*b) * left + 128) >> 8) as u8;
            }
            return;
        }
        let (c, d) = (&upper[source + 1..][..count], &upper[source..][..count]);
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let near = u16::from(*a) * own + u16::from(*b) * left;
            let far = u16::from(*c) * above + u16::from(*d) * corner;
            *out = ((near + far + 128) >> 8) as u8;
        }
    }
}

fn over(out: &mut [u8], colours: &[u8], alphas: &[u8], strength: u16) {
    if strength == SOLID {
        for ((out, colour), alpha) in out.iter_mut().zip(colours).zip(alphas) {
            let rest = u16::from(*out) * u16::from(255 - *alpha) + 128;
            *out = (((rest + (rest >> 8)) >> 8) as u8).saturating_add(*colour);
        }
        return;
    }
    for ((out, colour), alpha) in out.iter_mut().zip(colours).zip(alphas) {
        let alpha = (u16::from(*alpha) * strength) >> 8;
        let colour = (u16::from(*colour) * strength) >> 8;
        let rest = u16::from(*out) * (255 - alpha) + 128;
        *out = (((rest + (rest >> 8)) >> 8) as u8).saturating_add(colour as u8);
    }
}
