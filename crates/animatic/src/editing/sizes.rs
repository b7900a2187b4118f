//! The sizes of stills: eight ratios at three resolutions. Draws none.

/// How many pixels a still has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// About one million pixels.
    #[default]
    OneK,
    /// Twice the sides.
    TwoK,
    /// Four times the sides.
    FourK,
}

/// Every ratio with the sides of its smallest still, in pixels.
const SIZES: [((u32, u32), (u32, u32)); 8] = [
    ((16, 9), (1_360, 768)),
    ((9, 16), (768, 1_360)),
    ((1, 1), (1_024, 1_024)),
    ((4, 3), (1_184, 888)),
    ((3, 4), (888, 1_184)),
    ((3, 2), (1_248, 832)),
    ((2, 3), (832, 1_248)),
    ((21, 9), (1_568, 672)),
];

impl Resolution {
    fn times(self) -> u32 {
        match self {
            Self::OneK => 1,
            Self::TwoK => 2,
            Self::FourK => 4,
        }
    }
}

/// Width and height of a still in a ratio, such as 16 to 9; `None` for a ratio that is not among the eight.
#[must_use]
pub fn still_size(ratio: (u32, u32), resolution: Resolution) -> Option<(u32, u32)> {
    let (_, (width, height)) = SIZES.iter().find(|(known, _)| *known == ratio)?;
    Some((width * resolution.times(), height * resolution.times()))
}

/// The ratio of the eight that is nearest to a picture's.
#[must_use]
pub fn nearest_ratio(width: u32, height: u32) -> (u32, u32) {
    let shape = f64::from(width.max(1)) / f64::from(height.max(1));
    let off = |ratio: (u32, u32)| {
        let other = f64::from(ratio.0) / f64::from(ratio.1);
        (shape / other).max(other / shape)
    };
    let ratios = SIZES.map(|(ratio, _)| ratio);
    ratios
        .into_iter()
        .min_by(|one, other| off(*one).total_cmp(&off(*other)))
        .unwrap_or((1, 1))
}
