//! Scenes made into layers: each draws its sprites once and says where they are at any moment.

mod air;
mod bamboo;
mod beasts;
mod brook;
mod cast;
mod company;
mod crafts;
mod cyclist;
mod figure;
mod fire;
mod flyers;
mod frame;
mod furniture;
mod glow;
mod group;
mod growth;
mod heads;
mod interior;
mod lake;
mod land;
mod owl;
mod people;
mod ribbons;
mod sea;
mod sky;
mod space;
mod standing;
mod studio;
mod subject;
mod suits;
mod swimmers;
mod underwater;
mod vehicles;
mod village;
mod volcano;
mod waterfall;

use crate::motion;
use crate::planes::{Frame, Sprite};
use crate::scene::{Ground, Scene};

/// The stage's measures, in pixels and seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// The shorter side, by which things are sized.
    pub(crate) unit: f32,
    /// How far the camera travels over the whole clip, at the depth of the nearest layer.
    pub(crate) travel: f32,
    /// How far the camera rises or sinks over the whole clip, at the depth of the nearest layer.
    pub(crate) rise: f32,
    pub(crate) seconds: f32,
}

/// The nearest layers may drift by this much up and down, as a share of the height.
const BOB: f32 = 0.006;

impl Size {
    pub(crate) fn new(width: u32, height: u32, duration_ms: u32) -> Self {
        let (width, height, seconds) = (width as f32, height as f32, duration_ms as f32 / 1000.0);
        let travel = width * (0.10 + 0.014 * seconds).min(0.36);
        Self {
            width,
            height,
            unit: width.min(height),
            travel,
            rise: 0.0,
            seconds,
        }
    }

    /// How far a layer of this depth must reach beyond each side of the frame.
    pub(crate) fn reach(&self, depth: f32) -> f32 {
        libm::ceilf(self.travel * 0.5 * depth + 6.0)
    }

    /// How far a layer must reach below the frame.
    pub(crate) fn foot(&self) -> f32 {
        libm::ceilf(self.height * BOB * 1.5 + self.rise * 0.5) + 4.0
    }
}

/// A point in time, and where the camera is by then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) seconds: f32,
    /// How much of the clip has passed, from 0 to 1.
    pub(crate) at: f32,
    pub(crate) camera_x: f32,
    pub(crate) camera_y: f32,
}

impl Moment {
    pub(crate) fn new(seconds: f32, size: &Size, drift: f32) -> Self {
        let at = (seconds / size.seconds).clamp(0.0, 1.0);
        let camera_x = (motion::glide(at) - 0.5) * size.travel * drift;
        let camera_y = motion::wave(seconds * 0.11) * size.height * BOB;
        Self {
            seconds,
            at,
            camera_x,
            camera_y,
        }
    }
}

/// Where one copy of a layer's sprite stands, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) pose: usize,
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// From 0, unseen, to 1.
    pub(crate) strength: f32,
}

type Motion = Box<dyn Fn(usize, &Moment) -> Spot>;

/// Sprites drawn once, and the rule by which their copies move.
pub(crate) struct Layer {
    pub(crate) poses: Vec<Sprite>,
    pub(crate) copies: usize,
    pub(crate) motion: Motion,
}

impl Layer {
    /// A layer that only follows the camera: `x` and `y` are its place while the camera rests.
    pub(crate) fn fixed(sprite: Sprite, x: f32, y: f32, depth: f32) -> Self {
        let motion = move |_: usize, moment: &Moment| Spot {
            pose: 0,
            x: x - moment.camera_x * depth,
            y: y - moment.camera_y * depth,
            strength: 1.0,
        };
        Self {
            poses: vec![sprite],
            copies: 1,
            motion: Box::new(motion),
        }
    }
}

/// A drawn scene: what never moves, and the layers over it from far to near.
pub(crate) struct Set {
    pub(crate) backdrop: Frame,
    pub(crate) layers: Vec<Layer>,
}

/// Draws everything a scene needs, once.
pub(crate) fn build(scene: &Scene, size: &Size) -> Set {
    let mut backdrop = sky::backdrop(scene, size);
    let mut layers = Vec::new();
    match scene.ground {
        Ground::Space => space::build(scene, size, &mut layers),
        Ground::Ribbons => ribbons::build(scene, size, &mut layers),
        Ground::Studio => studio::build(scene, size, &mut layers),
        Ground::Underwater => underwater::build(scene, size, &mut layers),
        Ground::Sea => {
            sky::build(scene, size, &mut layers);
            sea::build(scene, size, &mut layers);
        }
        Ground::Lake => {
            sky::build(scene, size, &mut layers);
            lake::build(scene, size, &mut layers);
        }
        Ground::Interior => {
            sky::build(scene, size, &mut layers);
            interior::room(scene, size, &mut layers);
        }
        Ground::Forest
        | Ground::City
        | Ground::Desert
        | Ground::Mountains
        | Ground::Meadow
        | Ground::Snowfield
        | Ground::Village => {
            sky::build(scene, size, &mut layers);
            land::build(scene, size, &mut layers);
        }
    }
    frame::build(scene, size, &mut layers);
    glow::air(scene, size, &mut layers);
    air::build(scene, size, &mut layers);
    let grade = scene.palette.grade;
    backdrop.grade(&grade);
    for sprite in layers.iter_mut().flat_map(|layer| &mut layer.poses) {
        sprite.grade(&grade);
    }
    Set { backdrop, layers }
}
