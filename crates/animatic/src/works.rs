//! What a clip may be made of besides a scene or a few pictures: one operation a file. Says what each needs, checks
//! it, and hands the render a plan of it: frames to paint, a sound and a length. Encodes nothing.

mod avatar;
mod check;
mod cuts;
mod effects;
mod elements;
mod extend;
mod inset;
mod lips;
mod masks;
mod mixing;
mod mouth;
mod omni;
mod steered;
mod track;

pub(crate) use check::check;

use crate::RenderError;
use crate::h264::Detail;
use crate::planes::Frame;
use crate::scene::Scene;
use crate::sound::{self, Stereo};
use crate::stage::{Stage, Words};
use crate::wish::{Wish, WishError};

/// The most shots of a clip.
pub const MAX_SHOTS: usize = 20;
/// The most areas of a picture that are moved.
pub const MAX_MOVING: usize = 6;
/// The most points of a path.
pub const MAX_POINTS: usize = 1_000;
/// The most moments at which an area of a clip is given.
pub const MAX_AREAS: usize = 60;
/// The highest volume, in percent of what was given.
pub const MAX_VOLUME: u16 = 200;

/// What the clip is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// The scene of the prompt, or the wish's pictures in motion.
    #[default]
    Scene,
    /// Several scenes one after the other; their lengths add up to the clip's.
    Shots(Vec<PlannedShot>),
    /// The first frame, of which areas move and another stands still.
    Masks(Masks),
    /// A given clip and what follows it; the clip's length is theirs together.
    Extend(Extend),
    /// The first frame, moved as a given clip moves and as long as that.
    MotionControl(MotionControl),
    /// A given clip whose mouth moves with a given sound.
    LipSync(LipSync),
    /// The first frame, whose mouth moves with a given sound; as long as the sound.
    Avatar(Avatar),
    /// A transformation of one or two reference pictures, by the name of its scene.
    Effect(String),
    /// A given clip with an area of it changed.
    Elements(Elements),
    /// A given clip edited by the words, or the wish's pictures moved as it moves.
    Omni(Omni),
}

impl Work {
    /// Whether the clip is as long as a clip or sound that was given.
    pub(crate) fn has_its_own_length(&self) -> bool {
        match self {
            Self::Extend(_)
            | Self::MotionControl(_)
            | Self::LipSync(_)
            | Self::Avatar(_)
            | Self::Elements(_) => true,
            Self::Omni(omni) => omni.refer == Refer::Base,
            Self::Scene | Self::Shots(_) | Self::Masks(_) | Self::Effect(_) => false,
        }
    }
}

/// One scene of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedShot {
    /// What it shows.
    pub prompt: String,
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
}

/// Areas of the first frame that move, and one that does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// What stands still and hides what passes behind it: a picture in the first frame's shape, white or opaque
    /// where the area is.
    pub still: Option<Vec<u8>>,
    /// What moves, at most [`MAX_MOVING`].
    pub moving: Vec<Moving>,
}

/// An area and the way it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moving {
    /// A picture in the first frame's shape, white or opaque where the area is.
    pub mask: Vec<u8>,
    /// The way, in pixels of the first frame from its lower left corner: the area keeps its distance to the first
    /// point. At least two and at most [`MAX_POINTS`].
    pub path: Vec<(i32, i32)>,
}

/// A clip that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extend {
    /// The clip: H.264 in MP4 or MOV.
    pub clip: Vec<u8>,
    /// How much longer it gets, in milliseconds.
    pub added_ms: u32,
}

/// A clip whose motion is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MotionControl {
    /// The clip: H.264 in MP4 or MOV.
    pub clip: Vec<u8>,
    /// Whether its sound is kept.
    pub keeps_sound: bool,
}

/// A clip and a voice that is put into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LipSync {
    /// The clip: H.264 in MP4 or MOV.
    pub clip: Vec<u8>,
    /// The sound: WAV, MP3 or AAC.
    pub voice: Vec<u8>,
    /// What is heard of the sound begins here, in milliseconds.
    pub from_ms: u32,
    /// What is heard of the sound ends here, in milliseconds; without it, at its end.
    pub to_ms: Option<u32>,
    /// Where in the clip it begins, in milliseconds.
    pub at_ms: u32,
    /// How loud it is, in percent of what was given; at most [`MAX_VOLUME`].
    pub volume: u16,
    /// How loud the clip's own sound is, in percent of what it was.
    pub original_volume: u16,
    /// Where the face is; without it, in the middle of the clip.
    pub face: Option<Area>,
}

/// A part of a frame, in thousandths of its sides from the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Where it begins across.
    pub left: u16,
    /// Where it begins down.
    pub top: u16,
    /// How wide it is.
    pub width: u16,
    /// How tall it is.
    pub height: u16,
}

/// A sound that a portrait speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Avatar {
    /// The sound: WAV, MP3 or AAC.
    pub voice: Vec<u8>,
}

/// What is done with an area of a clip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edit {
    /// The wish's reference pictures are put there.
    #[default]
    Addition,
    /// The wish's first reference picture takes its place.
    Swap,
    /// It is filled with what is around it.
    Removal,
}

/// A clip with an area of it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elements {
    /// The clip: H.264 in MP4 or MOV.
    pub clip: Vec<u8>,
    /// What is done.
    pub edit: Edit,
    /// Where the area is at some moments, in rising order; in between it follows the clip. None means the middle.
    pub areas: Vec<AreaAt>,
}

/// Where an area of a clip is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaAt {
    /// The moment in milliseconds.
    pub at_ms: u32,
    /// Where it is then.
    pub shape: Shape,
}

/// An area of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A picture in the clip's shape, white or opaque where the area is.
    Mask(Vec<u8>),
    /// What lies around these points, in thousandths of the sides from the upper left corner; at most
    /// [`MAX_POINTS`].
    Points(Vec<(u16, u16)>),
}

/// How a given clip is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refer {
    /// It is edited: the clip is as long as it.
    #[default]
    Base,
    /// Its motion leads: the clip has the wish's length.
    Feature,
}

/// A clip that the words and pictures refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omni {
    /// The clip: H.264 in MP4 or MOV.
    pub clip: Vec<u8>,
    /// How it is taken.
    pub refer: Refer,
    /// Whether its sound is kept.
    pub keeps_sound: bool,
}

/// Frames that are painted in order, the first one first.
pub(crate) trait Reel {
    /// Paints one frame over whatever `frame` held.
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError>;
}

impl Reel for Stage {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        self.paint(number, frame);
        Ok(())
    }
}

/// Everything of a clip that is yet to be encoded.
pub(crate) struct Plan<'a> {
    pub(crate) reel: Box<dyn Reel + 'a>,
    /// As long as the clip, if it has one.
    pub(crate) sound: Option<Stereo>,
    pub(crate) duration_ms: u32,
    pub(crate) detail: Detail,
}

/// Asked between the steps of a plan whether to go on.
pub(crate) type Proceed<'a> = &'a mut dyn FnMut() -> Result<(), RenderError>;

/// Plans the clip of a wish that passed its check.
pub(crate) fn plan<'a>(wish: &'a Wish, proceed: Proceed<'_>) -> Result<Plan<'a>, RenderError> {
    match &wish.work {
        Work::Scene => scene(wish, proceed),
        Work::Shots(shots) => cuts::plan(wish, shots, proceed),
        Work::Masks(masks) => masks::plan(wish, masks, proceed),
        Work::Extend(extend) => extend::plan(wish, extend, proceed),
        Work::MotionControl(control) => steered::plan(wish, control),
        Work::LipSync(sync) => lips::plan(wish, sync),
        Work::Avatar(avatar) => avatar::plan(wish, avatar),
        Work::Effect(name) => effects::plan(wish, name, proceed),
        Work::Elements(elements) => elements::plan(wish, elements),
        Work::Omni(omni) => omni::plan(wish, omni, proceed),
    }
}

fn scene<'a>(wish: &'a Wish, proceed: Proceed<'_>) -> Result<Plan<'a>, RenderError> {
    let scene = read(wish);
    let sound = ambience(wish, &scene, proceed)?;
    let detail = if wish.pictures().next().is_some() {
        Detail::Given
    } else {
        Detail::Drawn
    };
    Ok(Plan {
        reel: Box::new(Stage::new(wish, &scene, Words::Caption)?),
        sound,
        duration_ms: wish.duration_ms,
        detail,
    })
}

/// The scene of a wish's words.
fn read(wish: &Wish) -> Scene {
    let negative = wish.negative_prompt.as_deref().unwrap_or_default();
    Scene::read(&wish.prompt, negative, wish.seed)
}

/// The sound of a wish's scene, if it wants one.
fn ambience(wish: &Wish, scene: &Scene, proceed: Proceed<'_>) -> Result<Option<Stereo>, RenderError> {
    if !wish.sound {
        return Ok(None);
    }
    let samples = mixing::samples(wish.duration_ms);
    sound::ambience(wish, scene, samples, proceed).map(Some)
}

/// The words and measures of a wish without its pictures and its work, for another length.
fn bare(wish: &Wish, duration_ms: u32) -> Wish {
    Wish {
        prompt: wish.prompt.clone(),
        negative_prompt: wish.negative_prompt.clone(),
        width: wish.width,
        height: wish.height,
        fps: wish.fps,
        duration_ms,
        seed: wish.seed,
        camera: wish.camera,
        sound: wish.sound,
        ..Wish::default()
    }
}

/// The picture a wish must have in its first frame.
fn first_frame(wish: &Wish) -> Result<&[u8], WishError> {
    let missing = || WishError::new("first_frame", "nothing", "a JPEG, PNG or WebP picture");
    wish.first_frame.as_deref().ok_or_else(missing)
}

/// When a frame is shown, in microseconds.
fn micros(number: u32, fps: u32) -> u64 {
    u64::from(number) * 1_000_000 / u64::from(fps.max(1))
}

/// How many frames begin before a moment in milliseconds.
fn frames_until(at_ms: u32, fps: u32) -> u32 {
    let frames = (u64::from(at_ms) * u64::from(fps)).div_ceil(1000);
    u32::try_from(frames).unwrap_or(u32::MAX)
}
