//! Masks: which parts of a picture belong to something, how much, and what can be done to them. Finds nothing.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::motion::smooth;
use crate::render::RenderError;

/// Above this a level belongs to what the mask shows.
pub(super) const WITHIN: u8 = 127;

/// Which pixels of a picture belong to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// One level a pixel, row by row from the upper left: 255 within, 0 without.
    pub levels: Vec<u8>,
}

/// A box of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelBox {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl PixelBox {
    pub(crate) fn right(self) -> u32 {
        self.left + self.width
    }

    pub(crate) fn bottom(self) -> u32 {
        self.top + self.height
    }

    /// The same box in a picture of another size.
    pub(crate) fn scaled(self, from: (u32, u32), to: (u32, u32)) -> Self {
        let place = |at: u32, from: u32, to: u32| (u64::from(at) * u64::from(to) / u64::from(from)) as u32;
        let (left, top) = (place(self.left, from.0, to.0), place(self.top, from.1, to.1));
        Self {
            left,
            top,
            width: (place(self.right(), from.0, to.0) - left).max(1),
            height: (place(self.bottom(), from.1, to.1) - top).max(1),
        }
    }
}

impl Mask {
    pub(crate) fn empty(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            levels: vec![0; width as usize * height as usize],
        }
    }

    /// Everything for which `within` says so.
    pub(crate) fn where_is(width: u32, height: u32, mut within: impl FnMut(u32, u32) -> bool) -> Self {
        let mut mask = Self::empty(width, height);
        for (at, level) in mask.levels.iter_mut().enumerate() {
            let at = at as u32;
            *level = if within(at % width, at / width) { 255 } else { 0 };
        }
        mask
    }

    pub(crate) fn is_within(&self, x: u32, y: u32) -> bool {
        x < self.width && y < self.height && self.levels[(y * self.width + x) as usize] > WITHIN
    }

    /// How much of the picture is within, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f32 {
        let within = self.levels.iter().filter(|level| **level > WITHIN).count();
        within as f32 / self.levels.len().max(1) as f32
    }

    /// The smallest box around everything within; `None` where nothing is.
    #[must_use]
    pub fn area(&self) -> Option<PixelBox> {
        let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
        for y in 0..self.height {
            for x in 0..self.width {
                if self.is_within(x, y) {
                    (left, top) = (left.min(x), top.min(y));
                    (right, bottom) = (right.max(x + 1), bottom.max(y + 1));
                }
            }
        }
        (left < right).then(|| PixelBox {
            left,
            top,
            width: right - left,
            height: bottom - top,
        })
    }

    /// The mask between its pixels, at a place in shares of the sides, from 0 to 1; edges stay narrow.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x * self.width as f32 - 0.5).clamp(0.0, (self.width - 1) as f32);
        let y = (y * self.height as f32 - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as u32, y as u32);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (x, y) = (x - left as f32, y - top as f32);
        let level = |x: u32, y: u32| f32::from(self.levels[(y * self.width + x) as usize]) / 255.0;
        let upper = level(left, top) * (1.0 - x) + level(right, top) * x;
        let lower = level(left, bottom) * (1.0 - x) + level(right, bottom) * x;
        smooth((upper * (1.0 - y) + lower * y - 0.3) / 0.4)
    }

    /// The mask at another size, with no level between within and without.
    pub(crate) fn sized(&self, width: u32, height: u32) -> Self {
        Self::where_is(width, height, |x, y| {
            self.at((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32) > 0.5
        })
    }

    /// The mean of a square of `radius` pixels around every pixel.
    pub(crate) fn blurred(&self, radius: u32) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut blurred = self.clone();
        let mut line = Vec::with_capacity(width.max(height));
        let mut run = |levels: &mut [u8], from: usize, stride: usize, count: usize| {
            line.clear();
            line.extend((0..count).map(|at| u32::from(levels[from + at * stride])));
            let radius = radius as usize;
            let mut sum: u32 = line[..radius.min(count)].iter().sum();
            for at in 0..count {
                sum += line.get(at + radius).copied().unwrap_or(0);
                sum -= at.checked_sub(radius + 1).map_or(0, |gone| line[gone]);
                let seen = (at + radius + 1).min(count) - at.saturating_sub(radius);
                levels[from + at * stride] = (sum / seen as u32) as u8;
            }
        };
        for row in 0..height {
            run(&mut blurred.levels, row * width, 1, width);
        }
        for column in 0..width {
            run(&mut blurred.levels, column, width, height);
        }
        blurred
    }

    /// Rounds ragged edges off.
    pub(crate) fn rounded(&self, radius: u32) -> Self {
        let mut rounded = self.blurred(radius);
        for level in &mut rounded.levels {
            *level = if *level > WITHIN { 255 } else { 0 };
        }
        rounded
    }

    /// A little smaller all around, so that nothing of the ground comes with what is cut out.
    pub(crate) fn tightened(&self) -> Self {
        const INNER: u8 = 215;
        let mut tight = self.blurred(1);
        for level in &mut tight.levels {
            *level = if *level > INNER { 255 } else { 0 };
        }
        if tight.area().is_some() {
            tight
        } else {
            self.clone()
        }
    }

    /// The connected parts of what is within, the largest first, each with its number of pixels.
    pub(crate) fn parts(&self) -> Vec<(Self, usize)> {
        let mut left = self.clone();
        let mut parts = Vec::new();
        for from in 0..left.levels.len() {
            if left.levels[from] <= WITHIN {
                continue;
            }
            let mut part = Self::empty(self.width, self.height);
            let count = left.flood(from, &mut part);
            parts.push((part, count));
        }
        parts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        parts
    }

    /// Moves everything connected with a pixel over to `part`; answers how much it was.
    fn flood(&mut self, from: usize, part: &mut Self) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut count = 0;
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if self.levels[at] <= WITHIN {
                continue;
            }
            self.levels[at] = 0;
            part.levels[at] = 255;
            count += 1;
            let (x, y) = (at % width, at / width);
            stack.extend((x > 0).then(|| at - 1));
            stack.extend((x + 1 < width).then(|| at + 1));
            stack.extend((y > 0).then(|| at - width));
            stack.extend((y + 1 < height).then(|| at + width));
        }
        count
    }

    /// Fills what is without but enclosed.
    pub(crate) fn filled(&self) -> Self {
        let without = Self {
            levels: self
                .levels
                .iter()
                .map(|level| if *level > WITHIN { 0 } else { 255 })
                .collect(),
            ..*self
        };
        let mut filled = self.clone();
        for (part, _) in without.parts() {
            let open = part.area().is_some_and(|area| {
                area.left == 0 || area.top == 0 || area.right() == self.width || area.bottom() == self.height
            });
            if !open {
                filled.join(&part);
            }
        }
        filled
    }

    /// Adds everything within another mask of the same size.
    pub(crate) fn join(&mut self, other: &Self) {
        for (ours, theirs) in self.levels.iter_mut().zip(&other.levels) {
            *ours = (*ours).max(*theirs);
        }
    }

    /// The mask as a PNG file: white within, black without.
    ///
    /// # Errors
    ///
    /// [`RenderError::Encoder`], which no mask within bounds is known to cause.
    pub fn png(&self) -> Result<Vec<u8>, RenderError> {
        let mut out = Vec::new();
        PngEncoder::new(&mut out)
            .write_image(&self.levels, self.width, self.height, ExtendedColorType::L8)
            .map_err(|error| RenderError::Encoder(error.to_string()))?;
        Ok(out)
    }
}
