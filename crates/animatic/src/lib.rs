//! The embedded renderer: a wish in, a real MP4 clip out. Knows no tasks, no HTTP, no database and no clock.
//!
//! The way of a clip: `wish` (what is asked) → `scene` (what is to be seen, as data) → `layers` (drawn once) →
//! `stage` (frame by frame) → `h264` and, from `sound`, `aac` → `mp4`. Everything that looks random comes from
//! `chance`, everything that moves from `motion`; a clip is made on one thread, so equal wishes give equal bytes.

mod aac;
mod camera;
mod caption;
mod chance;
mod colour;
mod depth;
mod drawing;
mod editing;
mod finish;
mod flow;
mod footage;
mod h264;
mod layers;
mod mark;
mod motion;
mod mp4;
mod picture;
mod planes;
mod plaster;
mod pool;
mod render;
mod scene;
mod scored;
mod sheet;
mod shots;
mod sound;
mod stage;
mod still;
mod text;
mod warp;
mod wish;
mod works;

pub use editing::compose::{Composition, MAX_SUBJECTS, Variation, compose, vary};
pub use editing::expand::{ExpandWish, MAX_EXPANDED_AREA, MAX_EXPANSION, expand};
pub use editing::mask::{Mask, PixelBox};
pub use editing::recognise::{Face, Recognised, find_faces, identify_faces, recognise};
pub use editing::rle::{read as read_rle, write as write_rle};
pub use editing::selection::{MAX_PICKED_POINTS, preview, select};
pub use editing::sizes::{Resolution, nearest_ratio, still_size};
pub use editing::try_on::{Garment, TryOnWish, try_on};
pub use editing::views::{SETS, VIEW_SIDE, views};
pub use editing::{MAX_EDITED_PIXELS, MAX_EDITED_SIDE};
pub use footage::{
    Facts, MAX_CLIP_BYTES, MAX_CLIP_FRAMES, MAX_CLIP_MS, MAX_CLIP_SIDE, MAX_SOUND_FILE_BYTES,
    MAX_SOUND_FILE_MS, frame_at, probe, sides_like,
};
pub use picture::shown_size;
pub use pool::{Errand, Look, MAX_KEPT, MAX_WAITING, Pool, PoolError, Renderer};
pub use render::{Clip, RenderError, Watch, render};
pub use scene::outline;
pub use scored::scored;
pub use sheet::{Layout, Tile, sheet};
pub use sound::alone::{Nearness, SOUND_MS, SoundWish, Sounds, sound_of, sounds};
pub use sound::speech::{MAX_SPEECH_CHARACTERS, MAX_VOICE_BYTES, SPEEDS, SpeechWish, speech};
pub use sound::syllables::Language;
pub use still::{Format, Picture, Still, captioned_still, frames, still};
pub use wish::{
    CameraAxes, CameraControl, MAX_CAMERA_TENTHS, MAX_DURATION_MS, MAX_FPS, MAX_PICTURE_BYTES,
    MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE, MAX_PIXELS, MAX_PROMPT_BYTES, MAX_REFERENCES, MAX_SHORT_SIDE,
    MAX_SIDE, MIN_DURATION_MS, MIN_FPS, MIN_SIDE, Wish, WishError,
};
pub use works::{
    Area, AreaAt, Avatar, Edit, Elements, Extend, LipSync, MAX_AREAS, MAX_MOVING, MAX_POINTS, MAX_SHOTS,
    MAX_VOLUME, Masks, MotionControl, Moving, Omni, PlannedShot, Refer, Shape, Work,
};
