//! A portrait that speaks: the picture under a gentle camera, with a mouth and a nod that follow the sound.

use super::lips::mouth;
use super::mouth::{Mouth, openings};
use super::{Area, Avatar, Plan, Reel, first_frame, mixing};
use crate::RenderError;
use crate::footage;
use crate::h264::Detail;
use crate::motion::{smooth, wave};
use crate::picture;
use crate::planes::Frame;
use crate::warp::{Lens, Mesh};
use crate::wish::{MIN_DURATION_MS, Wish, WishError};

/// Where a portrait's face is taken to be, in thousandths of the frame.
const FACE: Area = Area {
    left: 340,
    top: 140,
    width: 320,
    height: 460,
};
/// How much of the picture the camera leaves out once it has come near, as a share of its sides.
const NEARER: f32 = 0.07;
/// The camera comes near in so many seconds.
const APPROACH: f32 = 2.5;
/// How far a nod goes, in shares of what the camera left out.
const NOD: f32 = 0.7;
/// How much of the last frame's nod stays.
const LASTING: f32 = 0.8;

struct Portrait {
    picture: Frame,
    canvas: Frame,
    lens: Lens,
    mesh: Mesh,
    mouth: Mouth,
    open: Vec<f32>,
    nods: Vec<f32>,
    fps: f32,
}

pub(super) fn plan<'a>(wish: &'a Wish, avatar: &Avatar) -> Result<Plan<'a>, RenderError> {
    let voice = footage::of_file("voice", &avatar.voice)?;
    let duration_ms = mixing::length_ms(&voice);
    if duration_ms < MIN_DURATION_MS {
        let value = format!("{duration_ms} milliseconds of sound");
        return Err(
            WishError::new("voice", value, format!("at least {MIN_DURATION_MS} milliseconds")).into(),
        );
    }
    let picture = picture::fit("first_frame", first_frame(wish)?, wish.width, wish.height)?.frame;
    let (width, height) = (picture.width, picture.height);
    let open = openings(&voice, wish.fps, Wish::frames_in(duration_ms, wish.fps));
    let mut nod = 0.0_f32;
    let nods = open.iter().map(|open| {
        nod = nod * LASTING + open * (1.0 - LASTING);
        nod
    });
    let nods = nods.collect();
    let samples = mixing::samples(duration_ms);
    Ok(Plan {
        reel: Box::new(Portrait {
            picture,
            canvas: Frame::new(width, height),
            lens: Lens::default(),
            mesh: Mesh::new(width, height),
            mouth: mouth(wish, FACE),
            open,
            nods,
            fps: wish.fps as f32,
        }),
        sound: Some(mixing::sized(voice, samples)),
        duration_ms,
        detail: Detail::Given,
    })
}

impl Reel for Portrait {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let of = |values: &[f32]| values.get(number as usize).copied().unwrap_or(0.0);
        let (open, nod) = (of(&self.open), of(&self.nods));
        self.canvas.copy_from(&self.picture);
        self.mouth.paint(&mut self.canvas, open);
        self.lens.load(&self.canvas);
        let seconds = number as f32 / self.fps;
        let near = NEARER * smooth(seconds / APPROACH);
        let slack = near * 0.5;
        let x = slack * 0.6 * wave(seconds * 0.11);
        let y = slack * (0.25 * wave(seconds * 0.07) - NOD * nod);
        let (width, height) = (frame.width as f32, frame.height as f32);
        self.mesh
            .bend((self.canvas.width, self.canvas.height), |across, down| {
                let place =
                    |at: f32, side: f32, shift: f32| ((at / side - 0.5) * (1.0 - near) + 0.5 + shift) * side;
                (place(across, width, x), place(down, height, y))
            });
        self.mesh.paint(&self.lens, frame);
        Ok(())
    }
}
