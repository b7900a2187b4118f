//! Pictures sampled through a bent mesh: the inner loop of every camera move. Knows no camera and no time.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi16, _mm_and_si128, _mm_cmpeq_epi16, _mm_cvtsi128_si64, _mm_mullo_epi16,
    _mm_or_si128, _mm_packs_epi32, _mm_packus_epi16, _mm_set_epi64x, _mm_set1_epi16, _mm_shuffle_epi8,
    _mm_srli_epi16, _mm_sub_epi16, _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_mullo_epi32, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_srai_epi32,
    _mm256_sub_epi32,
};

use crate::planes::Frame;

/// Side of a mesh cell in luma pixels; inside a cell the way through the picture is straight.
const CELL: usize = 16;
/// So many pixels in a row are found together.
const GROUP: usize = 8;
/// Fixed-point ones of positions.
const ONE: i32 = 1 << 16;
const HALF: i32 = ONE / 2;
/// Bytes behind every plane, so that whole words can be read near its end.
const SPARE: usize = 32;

/// A picture laid out for sampling: a border of one repeated pixel saves the inner loop its checks.
#[derive(Debug, Default)]
pub(crate) struct Lens {
    luma: Sheet,
    blue: Sheet,
    red: Sheet,
}

impl Lens {
    pub(crate) fn new(picture: &Frame) -> Self {
        let mut lens = Self::default();
        lens.load(picture);
        lens
    }

    /// Lays out another picture in the same memory.
    pub(crate) fn load(&mut self, picture: &Frame) {
        let (width, height) = (picture.width, picture.height);
        self.luma.load(&picture.y, width, height);
        self.blue.load(&picture.u, width / 2, height / 2);
        self.red.load(&picture.v, width / 2, height / 2);
    }
}

/// One plane with its border.
#[derive(Debug, Default)]
struct Sheet {
    stride: usize,
    data: Vec<u8>,
}

impl Sheet {
    fn load(&mut self, plane: &[u8], width: usize, height: usize) {
        self.stride = width + 2;
        self.data.resize(self.stride * (height + 2) + SPARE, 0);
        for (line, out) in self
            .data
            .chunks_exact_mut(self.stride)
            .take(height + 2)
            .enumerate()
        {
            let row = line.saturating_sub(1).min(height - 1);
            let row = &plane[row * width..][..width];
            out[0] = row[0];
            out[1..=width].copy_from_slice(row);
            out[width + 1] = row[width - 1];
        }
    }

    /// The level of a pixel, its column counted along the rows; past the end there is none, and none is shown.
    fn level(&self, at: usize) -> i32 {
        self.data.get(at).copied().map_or(0, i32::from)
    }
}

/// The straight way through the picture along one line of a cell, in 1/65536 pixel.
#[derive(Clone, Copy)]
struct Way {
    from: (i32, i32),
    step: (i32, i32),
}

impl Way {
    #[inline(always)]
    fn at(&self, pixel: usize) -> (i32, i32) {
        let pixel = pixel as i32;
        (
            self.from.0 + self.step.0 * pixel,
            self.from.1 + self.step.1 * pixel,
        )
    }

    /// The levels of the first pixels along the way, each between its four neighbours.
    fn levels(&self, sheet: &Sheet) -> [u8; GROUP] {
        std::array::from_fn(|pixel| {
            let (x, y) = self.at(pixel);
            let (x, y) = (x.max(0), y.max(0));
            let (right, down) = (x >> 8 & 255, y >> 8 & 255);
            let place = (y >> 16) as usize * sheet.stride + (x >> 16) as usize;
            let row = |at: usize| between(sheet.level(at), sheet.level(at + 1), right);
            between(row(place), row(place + sheet.stride), down) as u8
        })
    }

    /// The same whole numbers as [`Self::levels`], all at once; `None` where the pixels lie too far apart, or
    /// where the way leaves the plane.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn levels_at_once(&self, sheet: &Sheet) -> Option<[u8; GROUP]> {
        // One word holds sixteen neighbours, of which each pixel needs two.
        const WIDEST: i32 = 14;
        const DEEPEST: i32 = 3;
        let (first, last) = (self.at(0), self.at(GROUP - 1));
        let (left, top) = (first.0.min(last.0) >> 16, first.1.min(last.1) >> 16);
        let wide = (first.0.max(last.0) >> 16) - left;
        let deep = (first.1.max(last.1) >> 16) - top;
        if left < 0 || top < 0 || wide > WIDEST || deep > DEEPEST {
            return None;
        }
        let pixels = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let along = |from: i32, step: i32| {
            _mm256_add_epi32(
                _mm256_set1_epi32(from),
                _mm256_mullo_epi32(_mm256_set1_epi32(step), pixels),
            )
        };
        let narrow = |wide: __m256i| {
            _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide))
        };
        let whole = |place: __m256i, least: i32| {
            narrow(_mm256_sub_epi32(
                _mm256_srai_epi32::<16>(place),
                _mm256_set1_epi32(least),
            ))
        };
        let part = |place: __m256i| {
            narrow(_mm256_and_si256(
                _mm256_srai_epi32::<8>(place),
                _mm256_set1_epi32(255),
            ))
        };
        let (x, y) = (along(self.from.0, self.step.0), along(self.from.1, self.step.1));
        let (full, half) = (_mm_set1_epi16(256), _mm_set1_epi16(128));
        let (right, down) = (part(x), part(y));
        let (nearer, upper) = (_mm_sub_epi16(full, right), _mm_sub_epi16(full, down));
        // The upper half of every sixteen bits stays clear.
        let own = _mm_or_si128(whole(x, left), _mm_set1_epi16(i16::MIN));
        let next = _mm_add_epi16(own, _mm_set1_epi16(1));
        let level = |row: i32| {
            let place = (top + row) as usize * sheet.stride + left as usize;
            let bytes: [u8; 16] = sheet.data.get(place..place + 16)?.try_into().ok()?;
            let word = u128::from_le_bytes(bytes);
            let word = _mm_set_epi64x((word >> 64) as i64, word as i64);
            let level = _mm_add_epi16(
                _mm_mullo_epi16(_mm_shuffle_epi8(word, own), nearer),
                _mm_mullo_epi16(_mm_shuffle_epi8(word, next), right),
            );
            Some(_mm_srli_epi16::<8>(_mm_add_epi16(level, half)))
        };
        let add = |sum: __m128i, level: __m128i, weight: __m128i| {
            _mm_add_epi16(sum, _mm_mullo_epi16(level, weight))
        };
        let mut sum = half;
        if deep == 0 {
            sum = add(add(sum, level(0)?, upper), level(1)?, down);
        } else {
            let line = whole(y, top);
            let below = _mm_add_epi16(line, _mm_set1_epi16(1));
            for row in 0..deep + 2 {
                let here = _mm_set1_epi16(row as i16);
                let weight = _mm_or_si128(
                    _mm_and_si128(upper, _mm_cmpeq_epi16(here, line)),
                    _mm_and_si128(down, _mm_cmpeq_epi16(here, below)),
                );
                sum = add(sum, level(row)?, weight);
            }
        }
        let levels = _mm_packus_epi16(_mm_srli_epi16::<8>(sum), half);
        Some(_mm_cvtsi128_si64(levels).to_le_bytes())
    }
}

/// The level between two, by the second one's weight in 1/256.
#[inline(always)]
fn between(one: i32, other: i32, weight: i32) -> i32 {
    (one * (256 - weight) + other * weight + 128) >> 8
}

/// For the corners of every cell of a frame: the place in the picture that is seen there.
#[derive(Debug)]
pub(crate) struct Mesh {
    width: usize,
    height: usize,
    columns: usize,
    rows: usize,
    /// Places in 1/65536 luma pixel of the picture, row by row.
    nodes: Vec<(i32, i32)>,
    edge: Vec<(i32, i32)>,
}

impl Mesh {
    /// A mesh over a frame of the given sides.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let (columns, rows) = (width.div_ceil(CELL) + 1, height.div_ceil(CELL) + 1);
        Self {
            width,
            height,
            columns,
            rows,
            nodes: Vec::with_capacity(columns * rows),
            edge: vec![(0, 0); columns],
        }
    }

    /// Bends the mesh: `place` says for a point of the frame, in pixels from its upper left corner, which point
    /// of the picture is seen there. Points outside a picture of the given sides are brought to its edge.
    pub(crate) fn bend(&mut self, sides: (usize, usize), place: impl Fn(f32, f32) -> (f32, f32)) {
        let fixed = |at: f32, side: usize| (at.clamp(0.0, side as f32) * ONE as f32) as i32;
        self.nodes.clear();
        for row in 0..self.rows {
            let y = (row * CELL).min(self.height) as f32;
            for column in 0..self.columns {
                let x = (column * CELL).min(self.width) as f32;
                let (x, y) = place(x, y);
                self.nodes.push((fixed(x, sides.0), fixed(y, sides.1)));
            }
        }
    }

    /// Paints what the lens shows through the mesh over the whole frame, which has the mesh's sides.
    pub(crate) fn paint(&mut self, lens: &Lens, frame: &mut Frame) {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for.
            unsafe { self.paint_wide(lens, frame) };
            return;
        }
        self.paint_rows(lens, frame, |way, sheet| way.levels(sheet));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn paint_wide(&mut self, lens: &Lens, frame: &mut Frame) {
        self.paint_rows(lens, frame, |way, sheet| {
            way.levels_at_once(sheet).unwrap_or_else(|| way.levels(sheet))
        });
    }

    #[inline(always)]
    fn paint_rows(&mut self, lens: &Lens, frame: &mut Frame, levels: impl Fn(&Way, &Sheet) -> [u8; GROUP]) {
        let put = |out: &mut [u8], way: Way, sheet: &Sheet| {
            for (group, out) in out.chunks_mut(GROUP).enumerate() {
                let way = Way {
                    from: way.at(group * GROUP),
                    step: way.step,
                };
                let levels = levels(&way, sheet);
                // A known length is one word, not a call.
                match <&mut [u8; GROUP]>::try_from(&mut *out) {
                    Ok(out) => *out = levels,
                    Err(_) => out.copy_from_slice(&levels[..out.len()]),
                }
            }
        };
        for (line, out) in frame.y.chunks_exact_mut(self.width).enumerate() {
            self.find_edge(line * 2 + 1);
            for (cell, out) in out.chunks_mut(CELL).enumerate() {
                let (at, step) = self.way(cell, out.len());
                let from = (at.0 + step.0 / 2 + HALF, at.1 + step.1 / 2 + HALF);
                put(out, Way { from, step }, &lens.luma);
            }
        }
        let half = self.width / 2;
        let lines = frame.u.chunks_exact_mut(half).zip(frame.v.chunks_exact_mut(half));
        for (line, (blue, red)) in lines.enumerate() {
            self.find_edge(line * 4 + 2);
            let cells = blue.chunks_mut(CELL / 2).zip(red.chunks_mut(CELL / 2));
            for (cell, (blue, red)) in cells.enumerate() {
                // Half as many pixels, each twice as wide, in a picture of half the size: the step stays.
                let (at, step) = self.way(cell, blue.len() * 2);
                let from = ((at.0 + step.0) / 2 + HALF, (at.1 + step.1) / 2 + HALF);
                put(blue, Way { from, step }, &lens.blue);
                put(red, Way { from, step }, &lens.red);
            }
        }
    }

    /// Finds where the cells' sides cross a line of the frame, given in half pixels.
    fn find_edge(&mut self, halves: usize) {
        let row = halves / (CELL * 2);
        let (top, bottom) = (row * CELL * 2, ((row + 1) * CELL * 2).min(self.height * 2));
        let share = ((halves - top) as i64) * i64::from(ONE) / (bottom - top) as i64;
        let (upper, lower) = self.nodes[row * self.columns..].split_at(self.columns);
        let mix = |from: i32, to: i32| from + ((i64::from(to - from) * share) >> 16) as i32;
        for ((edge, upper), lower) in self.edge.iter_mut().zip(upper).zip(lower) {
            *edge = (mix(upper.0, lower.0), mix(upper.1, lower.1));
        }
    }

    /// Where a cell's way through the picture begins on the line last found, and its step for each pixel.
    fn way(&self, cell: usize, pixels: usize) -> ((i32, i32), (i32, i32)) {
        let (from, to) = (self.edge[cell], self.edge[cell + 1]);
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        // Nearly all cells are whole, and a known divisor is a shift.
        let step = if pixels == CELL {
            (x / CELL as i32, y / CELL as i32)
        } else {
            (x / pixels as i32, y / pixels as i32)
        };
        (from, step)
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[target_feature(enable = "avx2")]
    fn at_once(way: &Way, sheet: &Sheet) -> Option<[u8; GROUP]> {
        way.levels_at_once(sheet)
    }

    #[test]
    fn pixels_found_at_once_are_those_found_one_by_one() {
        if !std::is_x86_feature_detected!("avx2") {
            return;
        }
        let (width, height) = (96, 64);
        let mut chance = Chance::new(5, "warp");
        let plane: Vec<u8> = (0..width * height).map(|_| chance.below(256) as u8).collect();
        let mut sheet = Sheet::default();
        sheet.load(&plane, width, height);
        let mut found = 0;
        for _ in 0..20_000 {
            let mut within = |low: f32, high: f32| ((low + (high - low) * chance.unit()) * ONE as f32) as i32;
            let way = Way {
                from: (
                    within(-1.0, width as f32 + 1.0),
                    within(-1.0, height as f32 + 1.0),
                ),
                step: (within(-2.0, 2.5), within(-0.6, 0.6)),
            };
            // SAFETY: the processor has what the function is compiled for.
            if let Some(levels) = unsafe { at_once(&way, &sheet) } {
                found += 1;
                assert_eq!(levels, way.levels(&sheet), "{:?}, {:?}", way.from, way.step);
            }
        }
        assert!(found > 10_000, "only {found} ways were found at once");
    }
}
