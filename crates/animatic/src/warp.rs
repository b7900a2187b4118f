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

/// A picture laid out for sampling: a border of one repeated pixel saves the inner loop its checks, and the two
/// chroma planes stand pixel by pixel beside one another.
#[derive(Debug, Default)]
pub(crate) struct Lens {
    width: usize,
    luma: Vec<u8>,
    chroma: Vec<u8>,
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
        self.width = width;
        self.luma.clear();
        self.luma.reserve((width + 2) * (height + 2));
        for line in 0..height + 2 {
            let row = bordered(&picture.y, line, width);
            self.luma.push(row[0]);
            self.luma.extend_from_slice(row);
            self.luma.push(row[width - 1]);
        }
        let (width, height) = (width / 2, height / 2);
        self.chroma.clear();
        self.chroma.reserve((width + 2) * (height + 2) * 2);
        for line in 0..height + 2 {
            let blue = bordered(&picture.u, line, width);
            let red = bordered(&picture.v, line, width);
            self.chroma.extend_from_slice(&[blue[0], red[0]]);
            self.chroma
                .extend(blue.iter().zip(red).flat_map(|(blue, red)| [*blue, *red]));
            self.chroma.extend_from_slice(&[blue[width - 1], red[width - 1]]);
        }
    }
}

/// The row of a plane for a line that counts the border's.
fn bordered(plane: &[u8], line: usize, width: usize) -> &[u8] {
    let rows = plane.len() / width;
    let row = line.saturating_sub(1).min(rows - 1);
    &plane[row * width..][..width]
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

    /// For every pixel along the way the `BYTES` bytes that begin at its place, above and below it. Past the end
    /// of a shorter cell at the frame's edge there may be none; what is found for those is not shown.
    #[inline(always)]
    fn fetch<const COUNT: usize, const BYTES: usize>(
        &self,
        data: &[u8],
        stride: usize,
    ) -> ([u32; COUNT], [u32; COUNT]) {
        let (mut upper, mut lower) = ([0; COUNT], [0; COUNT]);
        let word = |at: usize| {
            let mut word = [0; 4];
            if let Some(bytes) = data.get(at..at + BYTES) {
                word[..BYTES].copy_from_slice(bytes);
            }
            u32::from_le_bytes(word)
        };
        for (pixel, (upper, lower)) in upper.iter_mut().zip(&mut lower).enumerate() {
            let (x, y) = self.at(pixel);
            let (x, y) = ((x.max(0) >> 16) as usize, (y.max(0) >> 16) as usize);
            let place = (y * stride + x) * (BYTES / 2);
            *upper = word(place);
            *lower = word(place + stride * (BYTES / 2));
        }
        (upper, lower)
    }

    /// The levels along the way between the pairs above and below it.
    #[inline(always)]
    fn between<const COUNT: usize>(&self, upper: [u32; COUNT], lower: [u32; COUNT]) -> [u8; COUNT] {
        let mut levels = [0; COUNT];
        for (pixel, (level, (upper, lower))) in levels.iter_mut().zip(upper.iter().zip(&lower)).enumerate() {
            let (x, y) = self.at(pixel);
            *level = between(*upper, *lower, (x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
        }
        levels
    }
}

/// The level between two pairs of neighbours, each pair in the even bytes of its word; the weights of the right
/// and of the lower ones are in 1/256.
#[inline(always)]
fn between(upper: u32, lower: u32, right: u32, down: u32) -> u8 {
    let rows = upper * (256 - down) + lower * down + HALVES;
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
        let stride = lens.width + 2;
        for (line, out) in frame.y.chunks_exact_mut(self.width).enumerate() {
            self.find_edge(line * 2 + 1);
            for (cell, out) in out.chunks_mut(CELL).enumerate() {
                let (at, step) = self.way(cell, out.len());
                let way = Way {
                    from: (at.0 + step.0 / 2 + HALF, at.1 + step.1 / 2 + HALF),
                    step,
                };
                let (upper, lower) = way.fetch::<CELL, 2>(&lens.luma, stride);
                let apart = |pair: u32| (pair | pair << 8) & PAIR;
                let levels = way.between(upper.map(apart), lower.map(apart));
                out.copy_from_slice(&levels[..out.len()]);
            }
        }
        let stride = lens.width / 2 + 2;
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
                let (upper, lower) = way.fetch::<{ CELL / 2 }, 4>(&lens.chroma, stride);
                let even = |both: u32| both & PAIR;
                let levels = way.between(upper.map(even), lower.map(even));
                blue.copy_from_slice(&levels[..blue.len()]);
                let odd = |both: u32| both >> 8 & PAIR;
                let levels = way.between(upper.map(odd), lower.map(odd));
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
