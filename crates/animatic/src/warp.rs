//! Pictures sampled through a bent mesh: the inner loop of every camera move. Knows no camera and no time.

use crate::planes::Frame;

/// Side of a mesh cell in luma pixels; inside a cell the way through the picture is straight.
const CELL: usize = 16;
/// Fixed-point ones of positions.
const ONE: i32 = 1 << 16;
const HALF: i32 = ONE / 2;
/// Keeps every second byte: two neighbours side by side, with room to multiply each by 256.
const PAIR: u32 = 0x00ff_00ff;
/// Rounds both neighbours of a pair.
const HALVES: u32 = 0x0080_0080;

/// A picture laid out for sampling: every entry holds a pixel and its three neighbours, so that one load
/// fetches all that lies around a place. A border of one repeated pixel saves the inner loop its checks.
#[derive(Debug, Default)]
pub(crate) struct Lens {
    width: usize,
    height: usize,
    luma: Vec<u32>,
    /// Both chroma planes, the blue one in the lower half.
    chroma: Vec<u64>,
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
        (self.width, self.height) = (width, height);
        self.luma.clear();
        self.luma.reserve((width + 1) * (height + 1));
        for line in 0..=height {
            let (upper, lower) = (
                around(&picture.y, line, width),
                around(&picture.y, line + 1, width),
            );
            self.luma.push(quad(upper[0], upper[0], lower[0], lower[0]));
            let pairs = upper.windows(2).zip(lower.windows(2));
            self.luma
                .extend(pairs.map(|(up, low)| quad(up[0], up[1], low[0], low[1])));
            let last = width - 1;
            self.luma
                .push(quad(upper[last], upper[last], lower[last], lower[last]));
        }
        let (width, height) = (width / 2, height / 2);
        self.chroma.clear();
        self.chroma.reserve((width + 1) * (height + 1));
        for line in 0..=height {
            let rows = [&picture.u, &picture.v]
                .map(|plane| (around(plane, line, width), around(plane, line + 1, width)));
            for column in 0..=width {
                let (left, right) = (column.saturating_sub(1), column.min(width - 1));
                let [blue, red] = rows.map(|(upper, lower)| {
                    u64::from(quad(upper[left], upper[right], lower[left], lower[right]))
                });
                self.chroma.push(blue | red << 32);
            }
        }
    }
}

/// The row before which the border line `line` lies, repeated beyond the edges.
fn around(plane: &[u8], line: usize, width: usize) -> &[u8] {
    let rows = plane.len() / width;
    let row = line.saturating_sub(1).min(rows - 1);
    &plane[row * width..][..width]
}

/// Four neighbours in one word: the upper two in the even bytes, the lower two in the odd ones.
fn quad(upper_left: u8, upper_right: u8, lower_left: u8, lower_right: u8) -> u32 {
    u32::from_le_bytes([upper_left, lower_left, upper_right, lower_right])
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

    /// The entries along the way. Past the end of a shorter cell at the frame's edge there may be none; what is
    /// found for those is not shown.
    #[inline(always)]
    fn fetch<T: Copy + Default, const COUNT: usize>(&self, entries: &[T], stride: usize) -> [T; COUNT] {
        let mut found = [T::default(); COUNT];
        for (pixel, found) in found.iter_mut().enumerate() {
            let (x, y) = self.at(pixel);
            let place = (y >> 16) as usize * stride + (x >> 16) as usize;
            *found = entries.get(place).copied().unwrap_or_default();
        }
        found
    }

    /// The levels along the way between the fetched entries.
    #[inline(always)]
    fn between<const COUNT: usize>(&self, entries: &[u32; COUNT]) -> [u8; COUNT] {
        let mut levels = [0; COUNT];
        for (pixel, (level, entry)) in levels.iter_mut().zip(entries).enumerate() {
            let (x, y) = self.at(pixel);
            *level = between(*entry, (x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
        }
        levels
    }
}

/// The level between four neighbours; the weights of the right and of the lower ones are in 1/256.
#[inline(always)]
fn between(quad: u32, right: u32, lower: u32) -> u8 {
    let rows = (quad & PAIR) * (256 - lower) + ((quad >> 8) & PAIR) * lower + HALVES;
    let rows = (rows >> 8) & PAIR;
    (((rows & 0xffff) * (256 - right) + (rows >> 16) * right + 128) >> 8) as u8
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
        self.paint_rows(lens, frame);
    }

    /// The same whole numbers as [`Self::paint_rows`], eight at a time.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn paint_wide(&mut self, lens: &Lens, frame: &mut Frame) {
        self.paint_rows(lens, frame);
    }

    #[inline(always)]
    fn paint_rows(&mut self, lens: &Lens, frame: &mut Frame) {
        let stride = lens.width + 1;
        for (line, out) in frame.y.chunks_exact_mut(self.width).enumerate() {
            self.find_edge(line * 2 + 1);
            for (cell, out) in out.chunks_mut(CELL).enumerate() {
                let (at, step) = self.way(cell, out.len());
                let way = Way {
                    from: (at.0 + step.0 / 2 + HALF, at.1 + step.1 / 2 + HALF),
                    step,
                };
                let around: [u32; CELL] = way.fetch(&lens.luma, stride);
                let levels: [u8; CELL] = way.between(&around);
                out.copy_from_slice(&levels[..out.len()]);
            }
        }
        let stride = lens.width / 2 + 1;
        let half = self.width / 2;
        let lines = frame.u.chunks_exact_mut(half).zip(frame.v.chunks_exact_mut(half));
        for (line, (blue, red)) in lines.enumerate() {
            self.find_edge(line * 4 + 2);
            let cells = blue.chunks_mut(CELL / 2).zip(red.chunks_mut(CELL / 2));
            for (cell, (blue, red)) in cells.enumerate() {
                // Half as many pixels, each twice as wide, in a picture of half the size: the step stays.
                let (at, step) = self.way(cell, blue.len() * 2);
                let way = Way {
                    from: ((at.0 + step.0) / 2 + HALF, (at.1 + step.1) / 2 + HALF),
                    step,
                };
                let around: [u64; CELL / 2] = way.fetch(&lens.chroma, stride);
                let levels: [u8; CELL / 2] = way.between(&around.map(|both| both as u32));
                blue.copy_from_slice(&levels[..blue.len()]);
                let levels: [u8; CELL / 2] = way.between(&around.map(|both| (both >> 32) as u32));
                red.copy_from_slice(&levels[..red.len()]);
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
        let (from, to, count) = (self.edge[cell], self.edge[cell + 1], pixels as i32);
        (from, ((to.0 - from.0) / count, (to.1 - from.1) / count))
    }
}
