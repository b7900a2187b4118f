//! Pictures made of pictures: subjects cut out and placed in a scene, a picture drawn towards a prompt, a look carried
//! over. Understands no sentence: who stands where is decided by their number and the seed.

use image::RgbImage;

use super::grade::{Look, carry};
use super::mask::Mask;
use super::segment::{cut, subject};
use super::{bytes, check_sides, drawn, mixed, picture_of, read, sample, sized};
use crate::chance::Chance;
use crate::motion::smooth;
use crate::render::RenderError;
use crate::still::Picture;
use crate::wish::{MAX_PROMPT_BYTES, WishError};

/// The most pictures of one composition.
pub const MAX_SUBJECTS: usize = 10;
/// How much of the scene's look a subject takes on, and how much of a style's look everything does.
const SETTLED: f32 = 0.3;
const STYLED: f32 = 0.85;
/// How much of the prompt's look a picture takes on where nothing of it must be kept.
const DRAWN_TO: f32 = 0.9;

/// A picture to be composed. Equal wishes give equal pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    /// What is seen besides the subjects, where no scene is given.
    pub prompt: String,
    /// What is kept out of the drawn scene.
    pub negative_prompt: Option<String>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Varies the drawn scene and the places.
    pub seed: u64,
    /// What stands in the scene: the bytes of JPEG, PNG or WebP files. None means the scene alone.
    pub subjects: Vec<Vec<u8>>,
    /// The scene; without it the prompt is drawn.
    pub scene: Option<Vec<u8>>,
    /// A picture whose colours everything takes on.
    pub style: Option<Vec<u8>>,
}

/// A picture to be drawn towards a prompt. Equal wishes give equal pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variation {
    /// The bytes of a JPEG, PNG or WebP file.
    pub picture: Vec<u8>,
    /// How much of it is kept, in hundredths.
    pub fidelity: u8,
    /// What it is drawn towards.
    pub prompt: String,
    /// What is kept out of that.
    pub negative_prompt: Option<String>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Varies the drawn scene.
    pub seed: u64,
}

/// Composes a picture.
///
/// # Errors
///
/// For sides out of bounds, too many subjects, and bytes that are no picture.
pub fn compose(wish: &Composition) -> Result<Picture, RenderError> {
    check_prompt(&wish.prompt)?;
    let (width, height) = check_sides(u64::from(wish.width), u64::from(wish.height))?;
    if wish.subjects.len() > MAX_SUBJECTS {
        let allowed = format!("at most {MAX_SUBJECTS} pictures");
        return Err(WishError::new("subjects", wish.subjects.len(), allowed).into());
    }
    let mut canvas = match &wish.scene {
        Some(scene) => sized(read("scene", scene)?, width, height)?,
        None => drawn(
            &wish.prompt,
            wish.negative_prompt.as_deref(),
            (width, height),
            wish.seed,
        )?,
    };
    let look = Look::of(&canvas);
    let mut chance = Chance::new(wish.seed, "compose");
    let count = wish.subjects.len();
    for (number, subject) in wish.subjects.iter().enumerate() {
        let picture = read(&format!("subjects[{number}]"), subject)?;
        let place = Place::of(number, count, &mut chance);
        stand(&mut canvas, &picture, place, &look);
    }
    if let Some(style) = &wish.style {
        let style = Look::of(&read("style", style)?);
        carry(&mut canvas, &style, STYLED);
    }
    Ok(picture_of(canvas))
}

/// Where a subject stands, in shares of the canvas.
#[derive(Clone, Copy)]
struct Place {
    middle: f32,
    ground: f32,
    tall: f32,
    wide: f32,
}

impl Place {
    /// Side by side, the ones in the middle a little farther to the front.
    fn of(number: usize, count: usize, chance: &mut Chance) -> Self {
        let room = 1.0 / count.max(1) as f32;
        let middle = room * (number as f32 + 0.5);
        let front = 1.0 - (middle - 0.5).abs() * 2.0;
        Self {
            middle: middle + chance.between(-0.06, 0.06) * room,
            ground: 0.9 + 0.05 * front,
            tall: match count {
                1 => 0.72,
                2 => 0.64,
                _ => 0.56,
            },
            wide: room * 0.98,
        }
    }
}

/// Places one subject with a shadow under it.
fn stand(canvas: &mut RgbImage, picture: &RgbImage, place: Place, look: &Look) {
    let (width, height) = (canvas.width() as f32, canvas.height() as f32);
    let cut = cut(picture);
    let shape = cut.area.width as f32 / cut.area.height as f32;
    let tall = (place.tall * height).min(place.wide * width / shape);
    let wide = tall * shape;
    let left = (place.middle * width - wide / 2.0).clamp(0.0, (width - wide).max(0.0));
    let top = place.ground * height - tall;
    let own = Look::of(picture);
    shadow(canvas, (left + wide / 2.0, top + tall), (wide * 0.5, tall * 0.05));
    let (from_width, from_height) = (picture.width() as f32, picture.height() as f32);
    for y in top.max(0.0) as u32..((top + tall).ceil().max(0.0) as u32).min(canvas.height()) {
        for x in left as u32..((left + wide).ceil() as u32).min(canvas.width()) {
            let (across, down) = ((x as f32 + 0.5 - left) / wide, (y as f32 + 0.5 - top) / tall);
            let from_x = cut.area.left as f32 + across * cut.area.width as f32;
            let from_y = cut.area.top as f32 + down * cut.area.height as f32;
            let alpha = cut.mask.at(from_x / from_width, from_y / from_height);
            if alpha <= 0.0 || !(0.0..1.0).contains(&across) || !(0.0..1.0).contains(&down) {
                continue;
            }
            let colour = own.carried(sample(picture, from_x, from_y), look, SETTLED);
            let under = canvas.get_pixel(x, y).0.map(f32::from);
            canvas.put_pixel(x, y, image::Rgb(bytes(mixed(under, colour, alpha))));
        }
    }
}

/// A soft dark patch on the ground.
fn shadow(canvas: &mut RgbImage, (middle_x, middle_y): (f32, f32), (wide, tall): (f32, f32)) {
    let (width, height) = canvas.dimensions();
    let within = |at: f32, most: u32| at.clamp(0.0, most as f32) as u32;
    for y in within(middle_y - tall * 1.5, height)..within(middle_y + tall * 1.5, height) {
        for x in within(middle_x - wide * 1.5, width)..within(middle_x + wide * 1.5, width) {
            let (across, down) = (
                (x as f32 + 0.5 - middle_x) / wide.max(1.0),
                (y as f32 + 0.5 - middle_y) / tall.max(1.0),
            );
            let dark = 0.45 * smooth((1.5 - libm::sqrtf(across * across + down * down)) / 1.2);
            let pixel = canvas.get_pixel_mut(x, y);
            pixel.0 = bytes(pixel.0.map(|part| f32::from(part) * (1.0 - dark)));
        }
    }
}

/// Draws a picture towards a prompt: its ground gives way to the prompt's scene, its colours to that scene's, the
/// more the less of it is kept; what stands in it stays.
///
/// # Errors
///
/// For sides and fidelities out of bounds, and bytes that are no picture.
pub fn vary(wish: &Variation) -> Result<Picture, RenderError> {
    check_prompt(&wish.prompt)?;
    if wish.fidelity > 100 {
        return Err(WishError::new("fidelity", wish.fidelity, "from 0 to 100 hundredths").into());
    }
    let (width, height) = check_sides(u64::from(wish.width), u64::from(wish.height))?;
    let given = read("picture", &wish.picture)?;
    let scene = drawn(
        &wish.prompt,
        wish.negative_prompt.as_deref(),
        (width, height),
        wish.seed,
    )?;
    let mut canvas = sized(given, width, height)?;
    let free = 1.0 - f32::from(wish.fidelity) / 100.0;
    let kept = subject(&canvas).unwrap_or_else(|| oval(width, height));
    carry(&mut canvas, &Look::of(&scene), DRAWN_TO * free);
    let (across, down) = (width as f32, height as f32);
    for (x, y, pixel) in canvas.enumerate_pixels_mut() {
        let within = kept.at((x as f32 + 0.5) / across, (y as f32 + 0.5) / down);
        let share = (free * 1.3 - 0.15 - within * 0.8).clamp(0.0, 1.0);
        let there = scene.get_pixel(x, y).0.map(f32::from);
        pixel.0 = bytes(mixed(pixel.0.map(f32::from), there, share));
    }
    Ok(picture_of(canvas))
}

/// The middle of a picture in which nothing stands out.
fn oval(width: u32, height: u32) -> Mask {
    let (across, down) = (width.min(96), height.min(96));
    Mask::where_is(across, down, |x, y| {
        let x = (x as f32 + 0.5) / across as f32 - 0.5;
        let y = (y as f32 + 0.5) / down as f32 - 0.5;
        x * x + y * y < 0.12
    })
    .blurred(4)
}

fn check_prompt(prompt: &str) -> Result<(), WishError> {
    if prompt.len() <= MAX_PROMPT_BYTES {
        return Ok(());
    }
    let allowed = format!("at most {MAX_PROMPT_BYTES} bytes");
    Err(WishError::new(
        "prompt",
        format!("{} bytes", prompt.len()),
        allowed,
    ))
}
