//! Given pictures in motion, and when one gives way to the next. Puts nothing over them.

use crate::camera::{Bond, PictureCamera, View};
use crate::chance::Chance;
use crate::depth::Depth;
use crate::flow::Flow;
use crate::motion::smooth;
use crate::picture::{self, Fitted};
use crate::planes::Frame;
use crate::warp::{Lens, Mesh};
use crate::wish::{Wish, WishError};

/// A picture and its camera.
#[derive(Debug)]
pub(crate) struct Shot {
    picture: Frame,
    depth: Depth,
    camera: PictureCamera,
    /// How much larger the kept picture is than what was given, with its made-up outside.
    widened: (f32, f32),
    lens: Option<Lens>,
}

/// A bend of a picture on its way to another: how far along the flow every point has gone.
pub(crate) type Bend<'a> = Option<(&'a Flow, f32)>;

impl Shot {
    /// Reads a picture of a wish for a shot of so many seconds.
    pub(crate) fn read(
        wish: &Wish,
        (field, bytes): (&str, &[u8]),
        bond: Bond,
        seconds: f32,
        seed: u64,
    ) -> Result<Self, WishError> {
        // As large as the frame, so that the whole picture is seen as it was given, pixel for pixel.
        let fitted = picture::fit(field, bytes, wish.width, wish.height)?;
        let depth = Depth::of(&fitted);
        let mut chance = Chance::new(seed, field);
        let camera = PictureCamera::new(wish, bond, depth.focus, seconds, &mut chance);
        let Fitted { frame, .. } = fitted;
        let margin = camera.margin();
        let (width, height) = (frame.width as f32, frame.height as f32);
        let picture = if margin > 0.0 {
            picture::widened(&frame, margin)
        } else {
            frame
        };
        Ok(Self {
            widened: (picture.width as f32 / width, picture.height as f32 / height),
            picture,
            depth,
            camera,
            lens: None,
        })
    }

    /// How the picture became another; `None` where no movement tells.
    pub(crate) fn flow_to(&self, other: &Self) -> Option<Flow> {
        if (self.picture.width, self.picture.height) != (other.picture.width, other.picture.height) {
            return None;
        }
        Flow::between(&self.picture, &other.picture)
    }

    /// What its camera sees.
    pub(crate) fn view(&self, through: f32, seconds: f32) -> View {
        self.camera.view(through, seconds)
    }

    /// Paints what a view shows of the picture over the whole frame.
    pub(crate) fn paint(&mut self, mesh: &mut Mesh, frame: &mut Frame, view: &View, bend: Bend<'_>) {
        let lens = self.lens.get_or_insert_with(|| Lens::new(&self.picture));
        let sides = (self.picture.width as f32, self.picture.height as f32);
        let unit = (sides.0 / self.widened.0, sides.1 / self.widened.1);
        let (width, height) = (frame.width as f32, frame.height as f32);
        let depth = &self.depth;
        mesh.bend((self.picture.width, self.picture.height), |x, y| {
            let (mut x, mut y) = (x / width, y / height);
            if let Some((flow, gone)) = bend {
                let (dx, dy) = flow.at(x, y);
                (x, y) = (x - dx * gone, y - dy * gone);
            }
            let place = view.place((x - 0.5, y - 0.5), width / height, depth.at(x, y));
            (sides.0 * 0.5 + place.0 * unit.0, sides.1 * 0.5 + place.1 * unit.1)
        });
        mesh.paint(lens, frame);
    }

    /// Lets go of what only painting needs.
    pub(crate) fn rest(&mut self) {
        self.lens = None;
    }
}

/// How one act gives way to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Join {
    /// From one frame to the next.
    Cut,
    /// The next act comes in from the right (1) or from the left (-1) and covers the last.
    Slide(f32),
    /// The next act shows through more and more.
    Fade,
    /// The camera dives into the one and comes out of the other.
    Dive,
    /// The one bends into the other along the flow between them.
    Flow,
}

impl Join {
    /// How long it takes, in seconds, and at most as a share of the clip.
    fn length(self) -> (f32, f32) {
        match self {
            Self::Cut => (0.0, 0.0),
            Self::Slide(_) => (0.8, 0.16),
            Self::Fade => (1.2, 0.24),
            Self::Dive => (1.5, 0.45),
            Self::Flow => (f32::INFINITY, 1.0),
        }
    }
}

/// What is to be seen at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// The number of the act.
    pub(crate) act: usize,
    /// How much of that act has passed, from 0 to 1.
    pub(crate) through: f32,
    /// The act that follows, while it is already seen.
    pub(crate) next: Option<Next>,
}

/// An act that gives way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    pub(crate) join: Join,
    /// How much of the following act has passed, from 0 to 1.
    pub(crate) through: f32,
    /// How much of the join has passed, from 0 to 1.
    pub(crate) share: f32,
}

/// When which act is seen, in shares of the clip.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// Begin and end of every act; where two overlap, the one gives way to the other.
    spans: Vec<(f32, f32)>,
    joins: Vec<Join>,
}

/// The picture a longer sequence ends on begins here, as a part of the clip.
const ENDING: f32 = 0.74;

impl Schedule {
    /// Plans one act more than there are joins: they share the clip evenly, but where one of several pictures is
    /// the `ending`, it takes only the last part.
    pub(crate) fn new(joins: Vec<Join>, ending: Ending, seconds: f32) -> Self {
        let count = joins.len() + 1;
        let (shared, until) = match ending {
            Ending::Rests if count > 2 => (count - 1, ENDING),
            Ending::Rests | Ending::Passes => (count, 1.0),
        };
        let middle = |at: usize| (until * at as f32 / shared as f32).min(1.0);
        let mut spans: Vec<(f32, f32)> = (0..count)
            .map(|at| (middle(at), if at + 1 == count { 1.0 } else { middle(at + 1) }))
            .collect();
        for (at, join) in joins.iter().enumerate() {
            let (longest, most) = join.length();
            let shorter = (middle(at + 1) - middle(at)).min(spans[at + 1].1 - middle(at + 1));
            let half = (longest / seconds).min(most).min(shorter * 2.0) * 0.5;
            // Neighbouring joins leave each act a while of its own.
            let half = if count > 2 { half.min(shorter * 0.4) } else { half };
            spans[at].1 += half;
            spans[at + 1].0 -= half;
        }
        Self { spans, joins }
    }

    /// How long an act is seen, in shares of the clip.
    pub(crate) fn length(&self, act: usize) -> f32 {
        self.spans[act].1 - self.spans[act].0
    }

    /// Finds the cut for a part of the clip from 0 to 1.
    pub(crate) fn cut(&self, at: f32) -> Cut {
        let last = self.spans.len() - 1;
        let act = self.spans.iter().position(|span| at < span.1).unwrap_or(last);
        let through = |act: usize| {
            let (begin, end) = self.spans[act];
            ((at - begin) / (end - begin)).clamp(0.0, 1.0)
        };
        let next = self.spans.get(act + 1).filter(|next| at > next.0);
        let next = next.map(|following| Next {
            join: self.joins[act],
            through: through(act + 1),
            share: (at - following.0) / (self.spans[act].1 - following.0),
        });
        Cut {
            act,
            through: through(act),
            next,
        }
    }
}

/// Whether the clip ends on its last picture as that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Rests,
    Passes,
}

/// Lets one act cover another from the side: the covered one gives way at a slower pace and darkens.
pub(crate) fn slide(frame: &mut Frame, coming: &Frame, side: f32, share: f32) {
    const PACE: f32 = 0.3;
    const DARK: f32 = 90.0;
    let gone = smooth(share);
    let light = (256.0 - DARK * gone) as u32;
    let planes = [
        (&mut frame.y, &coming.y, frame.width, 16),
        (&mut frame.u, &coming.u, frame.width / 2, 128),
        (&mut frame.v, &coming.v, frame.width / 2, 128),
    ];
    // Whole pixels of both resolutions, so that luma and chroma move together.
    let half = frame.width / 2;
    let (covered, moved) = (
        (half as f32 * gone) as usize,
        (half as f32 * gone * PACE) as usize,
    );
    for (out, coming, width, black) in planes {
        let part = width / half;
        let (covered, moved) = (covered * part, moved * part);
        let kept = width - covered;
        for (out, coming) in out.chunks_exact_mut(width).zip(coming.chunks_exact(width)) {
            let dim = |level: &mut u8| {
                let light = u32::from(*level) * light + black * (256 - light);
                *level = (light >> 8) as u8;
            };
            if side > 0.0 {
                out.copy_within(moved..moved + kept, 0);
                out[..kept].iter_mut().for_each(dim);
                out[kept..].copy_from_slice(&coming[..covered]);
            } else {
                out.copy_within(width - kept - moved..width - moved, covered);
                out[covered..].iter_mut().for_each(dim);
                out[..covered].copy_from_slice(&coming[kept..]);
            }
        }
    }
}
