//! The renderer's gallery: what it can do at a glance, piece by piece. Makes files in memory and writes none.
//!
//! Pieces with pictures in them get stills of other pieces, so that no picture of anybody else is needed. Sheets
//! show frames as the stage paints them, before they are encoded.

use ::animatic::{CameraAxes, CameraControl, Format, Layout, Picture, RenderError, Tile, Watch, Wish};

use super::wish::DEFAULT_FPS;

/// Frames of a piece's own sheet, as places from the first, 0, to the last, 1.
const PLACES: [f32; 3] = [0.0, 0.5, 1.0];
/// A tile of a piece's own sheet, in pixels.
const TILE: (u32, u32) = (640, 360);
/// A tile of the contact sheet, in pixels.
const SMALL_TILE: (u32, u32) = (300, 169);
/// Tiles in a row of the contact sheet.
const COLUMNS: u32 = 5;
/// The seed of the first piece, where none is named; every piece has the next one.
const FIRST_SEED: u64 = 20;

/// Pictures that a piece starts from: stills of other prompts.
#[derive(Clone, Copy, Debug)]
enum Given {
    Nothing,
    First(&'static str),
    FirstAndLast(&'static str, &'static str),
    References(&'static [&'static str]),
}

/// One piece of the gallery.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// What it is called in names of files.
    pub slug: &'static str,
    /// What is asked for.
    pub prompt: &'static str,
    /// Width to height.
    ratio: (u32, u32),
    given: Given,
    camera: Option<CameraControl>,
}

/// How large and how long every piece is.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    /// Pixels of a piece at 16:9; others have as many in their own ratio.
    pub size: (u32, u32),
    /// Length in milliseconds.
    pub duration_ms: u32,
    /// Frames a second.
    pub fps: Option<u32>,
    /// The seed of the first piece.
    pub seed: Option<u64>,
}

/// A piece that is done.
#[derive(Debug)]
pub struct Hung {
    /// The clip, as an MP4 file.
    pub clip: Vec<u8>,
    /// First, middle and last frame side by side, as a JPEG file.
    pub sheet: Vec<u8>,
    /// Its middle frame, for [`contact_sheet`].
    pub tile: Tile,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

const WIDE: (u32, u32) = (16, 9);
const fn words(slug: &'static str, prompt: &'static str) -> Piece {
    shaped(slug, prompt, WIDE)
}

const fn shaped(slug: &'static str, prompt: &'static str, ratio: (u32, u32)) -> Piece {
    Piece {
        slug,
        prompt,
        ratio,
        given: Given::Nothing,
        camera: None,
    }
}

const fn filmed(slug: &'static str, prompt: &'static str, camera: CameraControl) -> Piece {
    Piece {
        camera: Some(camera),
        ..words(slug, prompt)
    }
}

const fn given(slug: &'static str, prompt: &'static str, given: Given) -> Piece {
    Piece {
        slug,
        prompt,
        ratio: WIDE,
        given,
        camera: None,
    }
}

/// The pieces of words alone, in the order of the sheet.
const PIECES: [Piece; 33] = [
    words("kitten-garden", "A small kitten running through a sunny garden"),
    words("sailboat-sunset", "A white sailboat on a calm sea at sunset"),
    words(
        "city-rain-night",
        "Neon city street at night in heavy rain, a taxi drives by",
    ),
    words("forest-dawn", "A deer in a misty pine forest at dawn"),
    words(
        "desert-caravan",
        "A traveller crosses golden desert dunes at noon",
    ),
    words("winter-mountains", "Snow falling over silent mountains in winter"),
    words(
        "starry-meadow",
        "A starry night over a meadow, crickets and moonlight",
    ),
    words(
        "rocket-nebula",
        "A rocket flies past a ringed planet and a violet nebula in space",
    ),
    words(
        "balloons-valley",
        "Hot air balloons drift over a green valley in the morning",
    ),
    words(
        "abstract-calm",
        "Slow abstract ribbons of teal and gold, calm and elegant",
    ),
    words(
        "abstract-storm",
        "A restless dance of crimson and black, dramatic",
    ),
    words("unknown-words", "The quiet arithmetic of remembering"),
    words("coral-reef", "Underwater, colourful fish above a coral reef"),
    words(
        "quiet-room",
        "A quiet room with a lamp and a window in the evening",
    ),
    words("campfire-lake", "A campfire by a lake at night, sparks rising"),
    words("thunder-coast", "Thunderstorm over a rocky coast, dark waves"),
    words(
        "autumn-park",
        "A dog trots through an autumn park, leaves falling",
    ),
    words(
        "horse-prairie",
        "A brown horse gallops across the prairie at sunset",
    ),
    words("skyline-dusk", "City skyline at dusk, lights come on one by one"),
    words(
        "aurora-ice",
        "Aurora over a frozen lake, green light, cold and still",
    ),
    words(
        "butterflies",
        "Butterflies over a flower field in spring, no camera movement",
    ),
    words("zh-boat-moon", "月光下的湖面，一只小船缓缓划过"),
    words("zh-mountain-mist", "清晨的山谷，云雾缭绕，水墨风格"),
    words("zh-city-rain", "雨夜的城市街道，霓虹灯闪烁"),
    shaped("zh-bamboo-portrait", "竹林里的小溪，鸟鸣，竖屏", (9, 16)),
    words("ar-desert-night", "قافلة تعبر الصحراء تحت ضوء القمر"),
    shaped(
        "waterfall-portrait",
        "A waterfall in the jungle, birds in the air",
        (9, 16),
    ),
    shaped(
        "owl-square",
        "An owl flies over a forest under a full moon",
        (1, 1),
    ),
    shaped(
        "volcano-cinema",
        "A volcano glows behind dark hills, cinematic wide shot",
        (21, 9),
    ),
    filmed(
        "pan-left",
        "A harbour with boats at sunrise",
        CameraControl::Simple(CameraAxes {
            pan: -80,
            ..CameraAxes::REST
        }),
    ),
    filmed(
        "zoom-in",
        "A lone tree in a wheat field",
        CameraControl::Simple(CameraAxes {
            zoom: -80,
            ..CameraAxes::REST
        }),
    ),
    filmed(
        "travel-right",
        "A pine forest in the morning, a fox",
        CameraControl::Simple(CameraAxes {
            horizontal: 80,
            ..CameraAxes::REST
        }),
    ),
    filmed(
        "forward-up",
        "A village in the hills in summer",
        CameraControl::ForwardUp,
    ),
];

/// The pieces with pictures in, after the others.
const PIECES_WITH_PICTURES: [Piece; 6] = [
    given(
        "first-frame",
        "Slow push in, gentle light",
        Given::First("A lighthouse on a cliff above the sea at sunset"),
    ),
    given(
        "first-frame-forest",
        "The camera drifts through the trees",
        Given::First("A forest in autumn, golden light"),
    ),
    given(
        "day-to-night",
        "Day turns into night",
        Given::FirstAndLast(
            "A city skyline by day, clear sky",
            "A city skyline at night, clear sky",
        ),
    ),
    given(
        "earth-to-space",
        "From the mountains to the stars",
        Given::FirstAndLast("Mountains at dawn", "A nebula in space"),
    ),
    given(
        "three-references",
        "A journey in three pictures",
        Given::References(&["A boat at sea", "A desert with dunes", "A snowy forest at night"]),
    ),
    given(
        "two-references",
        "Two friends, one evening",
        Given::References(&["A cat in a garden at sunset", "A dog in a meadow at sunset"]),
    ),
];

/// All pieces, numbered from 1 by their place.
pub fn pieces() -> impl Iterator<Item = (usize, &'static Piece)> {
    (1..).zip(PIECES.iter().chain(&PIECES_WITH_PICTURES))
}

/// Makes a piece on the calling thread; `watch` hears the percentage done.
///
/// # Errors
/// Why there is no clip: the measures are out of bounds.
pub fn hang(
    number: usize,
    piece: &Piece,
    measures: &Measures,
    watch: &mut dyn FnMut(u8),
) -> Result<Hung, RenderError> {
    let wish = wish(number, piece, measures)?;
    let clip = ::animatic::render(&wish, &mut |percent| {
        watch(percent);
        Watch::Continue
    })?;
    let frames = ::animatic::frames(&wish, &PLACES)?;
    let tiles: Vec<Tile> = frames
        .into_iter()
        .zip(["first", "middle", "last"])
        .map(|(picture, place)| Tile {
            picture,
            name: format!("{number:02} {} · {place}", piece.slug),
        })
        .collect();
    let layout = Layout {
        columns: 3,
        room: TILE,
    };
    let sheet = ::animatic::sheet(&tiles, layout)?.encode(Format::SmallJpeg)?;
    let middle = tiles.into_iter().nth(1).map(|tile| tile.picture);
    Ok(Hung {
        clip: clip.bytes,
        sheet,
        tile: Tile {
            picture: middle.unwrap_or(Picture {
                width: 1,
                height: 1,
                rgb: vec![0; 3],
            }),
            name: format!("{number:02} {}", piece.slug),
        },
        size: (wish.width, wish.height),
    })
}

/// All pieces on one JPEG.
///
/// # Errors
/// When there are none.
pub fn contact_sheet(tiles: &[Tile]) -> Result<Vec<u8>, RenderError> {
    let layout = Layout {
        columns: COLUMNS,
        room: SMALL_TILE,
    };
    ::animatic::sheet(tiles, layout)?.encode(Format::SmallJpeg)
}

fn wish(number: usize, piece: &Piece, measures: &Measures) -> Result<Wish, RenderError> {
    let (width, height) = shape(piece.ratio, measures.size);
    let seed = measures.seed.unwrap_or(FIRST_SEED).wrapping_add(number as u64);
    let mut wish = Wish {
        prompt: piece.prompt.to_owned(),
        width,
        height,
        fps: measures.fps.unwrap_or(DEFAULT_FPS),
        duration_ms: measures.duration_ms,
        seed,
        sound: true,
        camera: piece.camera,
        ..Wish::default()
    };
    let still = |prompt: &str| {
        let source = Wish {
            prompt: prompt.to_owned(),
            ..wish.clone()
        };
        ::animatic::still(&source, Format::Png).map(|still| still.bytes)
    };
    let (mut first, mut last, mut references) = (None, None, Vec::new());
    match piece.given {
        Given::Nothing => {}
        Given::First(prompt) => first = Some(still(prompt)?),
        Given::FirstAndLast(from, to) => {
            first = Some(still(from)?);
            last = Some(still(to)?);
        }
        Given::References(prompts) => {
            for prompt in prompts {
                references.push(still(prompt)?);
            }
        }
    }
    wish.first_frame = first;
    wish.last_frame = last;
    wish.references = references;
    Ok(wish)
}

/// Even sides of a ratio with about as many pixels as `size` has.
fn shape((across, down): (u32, u32), (width, height): (u32, u32)) -> (u32, u32) {
    if across * height == down * width {
        return (width, height);
    }
    let pixels = u64::from(width) * u64::from(height);
    let side = |by: u32, other: u32| {
        let square = pixels * u64::from(by) / u64::from(other);
        u32::try_from(square.isqrt()).unwrap_or(u32::MAX) & !1
    };
    (side(across, down), side(down, across))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Given, Measures, hang, pieces, shape};

    #[test]
    fn there_are_pieces_of_every_kind_and_no_name_is_there_twice() {
        let slugs: BTreeSet<_> = pieces().map(|(_, piece)| piece.slug).collect();
        assert_eq!(slugs.len(), pieces().count());
        let with_pictures = pieces().filter(|(_, piece)| !matches!(piece.given, Given::Nothing));
        assert!(with_pictures.count() >= 6);
        let of_words = pieces().filter(|(_, piece)| matches!(piece.given, Given::Nothing));
        assert!(of_words.count() >= 24);
        let chinese = pieces().filter(|(_, piece)| piece.slug.starts_with("zh-"));
        assert!(chinese.count() >= 4);
    }

    #[test]
    fn a_ratio_keeps_the_number_of_pixels() {
        assert_eq!(shape((16, 9), (960, 540)), (960, 540));
        assert_eq!(shape((9, 16), (960, 540)), (540, 960));
        assert_eq!(shape((1, 1), (960, 540)), (720, 720));
        assert_eq!(shape((21, 9), (960, 540)), (1098, 470));
    }

    #[test]
    fn every_piece_can_be_made() {
        let measures = Measures {
            size: (160, 90),
            duration_ms: 500,
            fps: Some(2),
            seed: None,
        };
        for (number, piece) in pieces() {
            let hung = hang(number, piece, &measures, &mut |_| {}).expect("a piece within bounds");
            assert_eq!(&hung.clip[4..8], b"ftyp", "{}", piece.slug);
            assert_eq!(&hung.sheet[..2], &[0xff, 0xd8], "{}", piece.slug);
        }
    }
}
