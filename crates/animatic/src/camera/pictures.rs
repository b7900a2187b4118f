//! The camera over a given picture: slow moves of its own, or what the wish's camera control says. Draws nothing.

use crate::camera::{ROLL, Sweep, View, ZOOM, eased, rolled};
use crate::chance::Chance;
use crate::motion::{between, glide, wave};
use crate::wish::Wish;

/// How far a full pan, tilt or travel shifts a picture, in shares of the frame; it is shown larger by twice that.
const SHIFT: f32 = 0.13;
/// How much of a travel's shift the farthest part of a picture follows; the rest grows with nearness.
const FAR_SHARE: f32 = 0.55;
/// By what factor a full zoom to a wider view shrinks a picture, whose outside must be made up.
const WIDEN: f32 = 1.25;

/// The camera over a given picture. It begins or ends on the whole of it where the clip must.
#[derive(Debug)]
pub(crate) struct PictureCamera {
    sweep: Option<Sweep>,
    /// How much nearer the camera stands at the start and at the end.
    zoom: (f32, f32),
    /// Where the view is at the start and at the end, from -1, as far left or up as it goes, to 1.
    x: (f32, f32),
    y: (f32, f32),
    /// How far it swings on the way in a long shot, and from where.
    swing: (f32, f32),
    wide: f32,
    rests: bool,
}

/// How a shot stands to its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bond {
    /// It begins on the whole picture.
    Starts,
    /// It passes through it.
    Passes,
    /// It ends on the whole picture.
    Rests,
}

impl PictureCamera {
    /// A path for a shot of so many seconds towards `focus`, a point in shares of the picture.
    pub(crate) fn new(wish: &Wish, bond: Bond, focus: (f32, f32), seconds: f32, chance: &mut Chance) -> Self {
        let depth = (0.13 + 0.008 * seconds).min(0.34);
        let side = if chance.likely(0.5) { 1.0 } else { -1.0 };
        let towards = ((focus.0 - 0.5) * 3.0, (focus.1 - 0.5) * 3.0);
        let (zoom, x, y) = match (bond, chance.below(3)) {
            (Bond::Passes, 0) => ((0.12, 0.16), (-0.9 * side, 0.9 * side), (0.2, -0.2)),
            (Bond::Passes, 1) => ((0.15, 0.12), (-0.3 * side, 0.3 * side), (0.8, -0.8)),
            (Bond::Passes, _) => ((0.06, 0.06 + depth), (-0.6 * side, towards.0), (0.4, towards.1)),
            (_, 0) => ((0.0, depth), (0.0, 0.95 * side), (0.0, towards.1)),
            (_, 1) => ((0.0, depth), (0.0, 0.35 * side), (0.0, -0.9)),
            _ => ((0.0, depth * 1.15), (-0.5 * side, towards.0), (0.0, towards.1)),
        };
        let within = |pair: (f32, f32)| (pair.0, pair.1.clamp(-1.0, 1.0));
        Self {
            sweep: wish.camera.map(Sweep::of),
            zoom,
            x: within(x),
            y: within(y),
            swing: ((seconds / 40.0).min(0.55), chance.unit()),
            wide: wish.width as f32 / wish.height as f32,
            rests: bond == Bond::Rests,
        }
    }

    /// What is seen after so much of the shot, from 0 to 1, at so many seconds of the clip.
    pub(crate) fn view(&self, through: f32, seconds: f32) -> View {
        if let Some(sweep) = &self.sweep {
            let at = eased(if self.rests { 1.0 - through } else { through });
            let view = swept(sweep, at, self.wide);
            return if self.rests { mirrored(view) } else { view };
        }
        let at = glide(through);
        let at = if self.rests { 1.0 - at } else { at };
        let scale = 1.0 - between(self.zoom.0, self.zoom.1, at);
        let slack = (1.0 - scale) * 0.5;
        let swing = |rate: f32, part: f32| wave(seconds * rate + self.swing.1) * self.swing.0 * part;
        let x = (between(self.x.0, self.x.1, at) + swing(0.083, 1.0)).clamp(-1.0, 1.0) * slack;
        let y = (between(self.y.0, self.y.1, at) + swing(0.061, 0.7)).clamp(-1.0, 1.0) * slack;
        View {
            x: x * FAR_SHARE,
            y: y * FAR_SHARE,
            scale,
            turn: 0.0,
            near_x: x * (1.0 - FAR_SHARE),
            near_y: y * (1.0 - FAR_SHARE),
            swell: (1.0 - scale) * 0.35,
        }
    }

    /// How far any view of the shot reaches beyond the picture, as a share of its sides.
    pub(crate) fn margin(&self) -> f32 {
        const LOOKS: u8 = 16;
        if self.sweep.is_none_or(|sweep| sweep.zoom <= 0.0) {
            return 0.0;
        }
        let reach = |look: u8| {
            let view = self.view(f32::from(look) / f32::from(LOOKS), 0.0);
            let shift = (view.x.abs() + view.near_x.abs()).max(view.y.abs() + view.near_y.abs());
            view.scale / rolled(view.turn, self.wide) * 0.5 + shift - 0.5
        };
        (0..=LOOKS).map(reach).fold(0.0, f32::max)
    }
}

/// A controlled camera over a picture: from the whole of it, moved by `at` of its way.
fn swept(sweep: &Sweep, at: f32, wide: f32) -> View {
    let travel = (SHIFT * sweep.horizontal * at, -SHIFT * sweep.vertical * at);
    let turned = (SHIFT * sweep.pan * at, -SHIFT * sweep.tilt * at);
    // Travel and turn may pull to different sides, and near and far parts follow them differently.
    let shift = (travel.0.abs() + turned.0.abs()).max(travel.1.abs() + turned.1.abs());
    let factor = if sweep.zoom < 0.0 { ZOOM } else { WIDEN };
    let zoomed = libm::powf(1.0 + (factor - 1.0) * sweep.zoom.abs(), at);
    let (room, zoomed) = if sweep.zoom > 0.0 {
        (1.0, zoomed)
    } else {
        (1.0 - shift * 2.0, 1.0 / zoomed)
    };
    let turn = ROLL * sweep.roll * at;
    let closer = if sweep.zoom < 0.0 { 1.0 - zoomed } else { 0.0 };
    View {
        x: travel.0 * FAR_SHARE + turned.0,
        y: travel.1 * FAR_SHARE + turned.1,
        scale: room * zoomed * rolled(turn, wide),
        turn,
        near_x: travel.0 * (1.0 - FAR_SHARE),
        near_y: travel.1 * (1.0 - FAR_SHARE),
        swell: closer * 0.25,
    }
}

/// The view from the other side, so that a move that ends on the whole picture goes the same way.
fn mirrored(view: View) -> View {
    View {
        x: -view.x,
        y: -view.y,
        turn: -view.turn,
        near_x: -view.near_x,
        near_y: -view.near_y,
        ..view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::tests::{CORNERS, ROUNDING, SIZES, controls, wish};

    #[test]
    fn no_corner_ever_leaves_a_picture_and_its_widened_border() {
        for size in SIZES {
            for (seed, control) in (0..).zip(controls()) {
                for bond in [Bond::Starts, Bond::Passes, Bond::Rests] {
                    let mut chance = Chance::new(seed, "test");
                    let camera =
                        PictureCamera::new(&wish(control, size), bond, (0.72, 0.3), 60.0, &mut chance);
                    let margin = camera.margin() + ROUNDING;
                    for look in 0..=20_u8 {
                        let view = camera.view(f32::from(look) / 20.0, f32::from(look) * 3.0);
                        for (corner, near) in CORNERS.iter().flat_map(|corner| [(corner, 0.0), (corner, 1.0)])
                        {
                            let (x, y) = view.place(*corner, camera.wide, near);
                            assert!(
                                x.abs() <= 0.5 + margin && y.abs() <= 0.5 + margin,
                                "{control:?}, {bond:?} at {look} sees {x}, {y} with {margin}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_picture_is_whole_where_a_clip_must_begin_or_end_on_it() {
        for control in controls() {
            for (bond, through) in [(Bond::Starts, 0.0), (Bond::Rests, 1.0)] {
                let mut chance = Chance::new(1, "test");
                let camera = PictureCamera::new(&wish(control, SIZES[0]), bond, (0.6, 0.4), 5.0, &mut chance);
                let view = camera.view(through, 5.0 * through);
                for corner in CORNERS {
                    let place = view.place(corner, camera.wide, 1.0);
                    assert!(
                        (place.0 - corner.0).abs() < 1e-6 && (place.1 - corner.1).abs() < 1e-6,
                        "{control:?}: {view:?}"
                    );
                }
            }
        }
    }
}
