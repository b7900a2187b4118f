//! The colours of a scene, made from its place, hour, weather, season, mood and tone. Knows no layer.

use super::colours::Colours;
use super::{Ground, Hour, Light, Mood, Scene, Season, Subject, Tone, Weather};
use crate::chance::Chance;
use crate::colour::{Colour, Grade};

/// Every colour a scene is drawn with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(crate) sky_top: Colour,
    pub(crate) sky_middle: Colour,
    /// The sky at the horizon; distance fades into it.
    pub(crate) sky_low: Colour,
    /// Sun, moon and windows.
    pub(crate) light: Colour,
    /// What light falls on things.
    pub(crate) shade: Colour,
    /// The land by itself, in white light.
    pub(crate) land: Colour,
    /// A second colour of the land: flowers, crests, snow.
    pub(crate) accent: Colour,
    /// The leaves of trees by themselves, in white light.
    pub(crate) leaf: Colour,
    /// The subject by itself, in white light.
    pub(crate) subject: Colour,
    /// Those behind the first of a group: the same, unless chance chose it.
    pub(crate) others: [Colour; 2],
    /// The colour that the prompt gives the place.
    pub(crate) named: Option<Colour>,
    /// What is done to all colours at the end.
    pub(crate) grade: Grade,
}

impl Palette {
    /// Stands in while the scene is being read.
    pub(super) const BLANK: Self = Self {
        sky_top: Colour::BLACK,
        sky_middle: Colour::BLACK,
        sky_low: Colour::BLACK,
        light: Colour::WHITE,
        shade: Colour::WHITE,
        land: Colour::BLACK,
        accent: Colour::WHITE,
        leaf: Colour::BLACK,
        subject: Colour::WHITE,
        others: [Colour::WHITE; 2],
        named: None,
        grade: Grade::NONE,
    };

    pub(super) fn of(scene: &Scene, colours: &Colours, chance: &mut Chance) -> Self {
        let mut palette = match scene.ground {
            Ground::Ribbons => ribbons(scene.mood, &colours.place, chance),
            _ => daylight(scene.hour, chance),
        };
        palette.place(scene, chance);
        let (land, accent) = land(scene.ground, chance);
        (palette.land, palette.accent) = (land, accent);
        palette.leaf = leaf(scene.season, land, chance);
        let coats = coats(scene.subject);
        let drawn = Colour::hex(chance.pick(coats));
        palette.subject = colours.subject.unwrap_or(drawn);
        palette.others =
            std::array::from_fn(|_| colours.subject.unwrap_or_else(|| Colour::hex(chance.pick(coats))));
        palette.named = colours.place.first().copied();
        palette.season(scene);
        palette.weather(scene);
        palette.light_of(scene);
        palette.tint(scene, colours);
        if scene.tone == Tone::Ink {
            palette.ink();
        }
        palette.grade = grade(scene);
        palette
    }

    /// The land at a distance: 0 is at the viewer's feet, 1 is lost in haze.
    pub(crate) fn land_at(&self, distance: f32) -> Colour {
        self.far(self.land, distance)
    }

    /// Any thing of the land at a distance.
    pub(crate) fn far(&self, colour: Colour, distance: f32) -> Colour {
        colour.lit(self.shade).mix(self.haze(), distance * 0.84)
    }

    /// What distance fades into.
    pub(crate) fn haze(&self) -> Colour {
        self.sky_low.mix(self.sky_middle, 0.22)
    }

    /// Skies that are none.
    fn place(&mut self, scene: &Scene, chance: &mut Chance) {
        match scene.ground {
            Ground::Space => {
                self.sky_top = Colour::hex(0x05_0618);
                self.sky_middle = Colour::hex(0x1a_1240).mix(Colour::hex(0x0b_2a4a), chance.unit());
                self.sky_low = Colour::hex(0x4a_1f5e).mix(Colour::hex(0x12_4a6e), chance.unit());
            }
            Ground::Underwater => {
                let share = chance.unit();
                let dim = match scene.hour {
                    Hour::Night => 0.45,
                    Hour::Dusk => 0.65,
                    Hour::Dawn | Hour::Day | Hour::Sunset => 1.0,
                };
                let deep = |one: u32, other: u32| {
                    Colour::hex(one)
                        .mix(Colour::hex(other), share)
                        .mix(Colour::BLACK, 1.0 - dim)
                };
                self.sky_top = deep(0x6f_d8e0, 0x58_b4e4);
                self.sky_middle = deep(0x1f_8fb0, 0x20_6cb4);
                self.sky_low = deep(0x0a_3f66, 0x0c_2c66);
                self.light = Colour::hex(0xe4_fff4);
                self.shade = deep(0xa8_d8e0, 0x98_c4e8);
            }
            _ => {}
        }
    }

    fn season(&mut self, scene: &Scene) {
        let open = matches!(
            scene.ground,
            Ground::Forest | Ground::Meadow | Ground::Village | Ground::Mountains | Ground::Lake
        );
        match scene.season {
            Some(Season::Autumn) if open => {
                self.land = self.land.mix(Colour::hex(0xb0_7a34), 0.55);
                self.accent = Colour::hex(0xe8_9a3a);
            }
            Some(Season::Spring) if open => self.accent = Colour::hex(0xff_b4cc),
            Some(Season::Winter) if scene.weather != Weather::Snow => self.snow(0.6),
            _ => {}
        }
    }

    fn snow(&mut self, share: f32) {
        self.land = self.land.mix(Colour::hex(0xe6_eef8), share);
        self.leaf = self.leaf.mix(Colour::hex(0xd4_e0ec), share * 0.6);
        self.accent = Colour::WHITE;
    }

    fn weather(&mut self, scene: &Scene) {
        match scene.weather {
            Weather::Snow => {
                self.snow(0.72);
                self.grey(0.35);
                let cold = Colour::hex(0xdc_e8f6).lit(self.shade.mix(Colour::WHITE, 0.5));
                self.sky_low = self.sky_low.mix(cold, 0.5);
                self.shade = self.shade.mix(Colour::hex(0xa8_bcd8).lit(self.shade), 0.7);
            }
            Weather::Rain => {
                self.grey(0.5);
                self.shade = self.shade.lit(Colour::hex(0xb4_bcc8));
            }
            Weather::Storm => {
                self.grey(0.6);
                for sky in [&mut self.sky_top, &mut self.sky_middle, &mut self.sky_low] {
                    *sky = sky.lit(Colour::hex(0x98_a2b4));
                }
                self.shade = self.shade.lit(Colour::hex(0x8c_98ac));
            }
            Weather::Fog => {
                self.grey(0.35);
                self.sky_middle = self.sky_middle.mix(self.sky_low, 0.5);
                self.sky_top = self.sky_top.mix(self.sky_low, 0.3);
            }
            Weather::Clear | Weather::Cloudy | Weather::Wind => {}
        }
    }

    fn light_of(&mut self, scene: &Scene) {
        match scene.light {
            Light::Neon if scene.hour != Hour::Day => {
                self.sky_low = self.sky_low.mix(Colour::hex(0xb8_3a9c), 0.55);
                self.sky_middle = self.sky_middle.mix(Colour::hex(0x3c_2a90), 0.5);
                self.accent = Colour::hex(0x3a_e0f0);
            }
            Light::Warm => self.shade = self.shade.mix(Colour::hex(0xf0_b078).lit(self.shade), 0.4),
            Light::Backlit => {
                self.shade = self.shade.lit(Colour::hex(0x6c_6470));
                self.sky_low = self.sky_low.mix(self.light, 0.3);
            }
            Light::Aurora => {
                self.sky_top = self.sky_top.mix(Colour::hex(0x08_1838), 0.5);
                self.sky_middle = self.sky_middle.mix(Colour::hex(0x10_4a5c), 0.4);
            }
            Light::Plain | Light::Rays | Light::Neon => {}
        }
    }

    /// Gives place and sky the colours that the prompt says they have.
    fn tint(&mut self, scene: &Scene, colours: &Colours) {
        if let Some(sky) = colours.sky {
            self.sky_top = self.sky_top.mix(sky.mix(Colour::BLACK, 0.4), 0.5);
            self.sky_middle = self.sky_middle.mix(sky, 0.78);
            self.sky_low = self.sky_low.mix(sky.mix(Colour::WHITE, 0.25), 0.72);
        }
        let Some(place) = self.named else {
            return;
        };
        match scene.ground {
            Ground::Space => {
                self.sky_middle = self.sky_middle.mix(place.mix(Colour::BLACK, 0.6), 0.8);
                self.sky_low = self.sky_low.mix(place, 0.8);
                self.accent = place.mix(Colour::WHITE, 0.2);
            }
            Ground::Underwater => {
                self.sky_top = self.sky_top.mix(place.mix(Colour::WHITE, 0.3), 0.5);
                self.sky_middle = self.sky_middle.mix(place, 0.6);
                self.sky_low = self.sky_low.mix(place.mix(Colour::BLACK, 0.5), 0.6);
            }
            Ground::Forest | Ground::Meadow | Ground::Village | Ground::Mountains | Ground::Lake => {
                self.land = self.land.mix(place, 0.85);
                self.leaf = self.leaf.mix(place, 0.7);
                // A light of another colour would hide the one that is asked for.
                self.shade = self.shade.mix(self.shade.paled(), 0.6);
            }
            _ => {
                self.land = self.land.mix(place, 0.85);
                self.shade = self.shade.mix(self.shade.paled(), 0.6);
            }
        }
    }

    /// Black ink on pale paper: what is near is dark, what is far is a wash.
    fn ink(&mut self) {
        let dim = (self.sky_low.level() * 1.6).clamp(0.45, 1.0);
        let paper = |value: u32| Colour::hex(value).mix(Colour::BLACK, 1.0 - dim);
        self.sky_top = paper(0xe2_dccd);
        self.sky_middle = paper(0xeb_e5d6);
        self.sky_low = paper(0xf4_efe2);
        self.shade = Colour::WHITE;
        self.land = Colour::hex(0x16_1a1e);
        self.leaf = Colour::hex(0x1a_2020);
    }

    fn grey(&mut self, share: f32) {
        for colour in [&mut self.sky_top, &mut self.sky_middle, &mut self.sky_low] {
            let level = colour.level();
            let dull = Colour {
                red: level * 0.92,
                green: level * 0.97,
                blue: level * 1.06,
            };
            *colour = colour.mix(dull, share);
        }
    }
}

/// The colours a subject comes in.
fn coats(subject: Subject) -> &'static [u32] {
    match subject {
        Subject::Cat => &[0xe0_8a40, 0xec_a458, 0x8e_8a88, 0xf0_dcb8],
        Subject::Dog => &[0xc8_965a, 0x9a_6238, 0xf0_e0c4, 0xd8_a05c],
        Subject::Fox => &[0xd8_6a2c, 0xe0_7a34],
        Subject::Lion => &[0xd8_a45c, 0xcc_9450],
        Subject::Tiger => &[0xe0_8a3c, 0xd8_9048],
        Subject::Horse => &[0x8a_5530, 0xa8_713f, 0x6e_4428, 0xd8_c0a0],
        Subject::Deer => &[0xa8_7040, 0xb8_8450, 0x96_6238],
        Subject::Elephant => &[0x8a_8a94, 0x96_9090],
        Subject::Bear => &[0x6e_4a34, 0x5a_4238, 0x84_5c3c],
        Subject::Panda => &[0xf2_efe8],
        Subject::Rabbit => &[0xe8_dccc, 0xb0_9880, 0xf4_f0ea],
        Subject::Robot => &[0xc8_d0d8, 0x7c_a8c0, 0xd8_b868],
        Subject::Astronaut => &[0xe8_6a3a, 0x3a_8ac8, 0xd8_b040],
        Subject::Whale => &[0x3c_5c7c, 0x48_6c88],
        Subject::Fish => &[0xf0_8a3a, 0xf0_c040, 0xe8_5a5a, 0x60_c0d8],
        Subject::Jellyfish => &[0xe8_90c8, 0x98_a8f0, 0x90_e0e0],
        Subject::Lantern => &[0xf0_5a34, 0xf0_8a3c],
        Subject::Cup => &[0xf2_e8da, 0xd8_7a5a, 0x4a_7a8a, 0xe8_b868],
        Subject::Product => &[0xe8_b8a0, 0x9a_b8c8, 0xd8_c088, 0xb0_98c8],
        Subject::Tree => &[0x5a_8a3c],
        Subject::Owl => &[0x9a_7650, 0x8a_7058, 0xb0_8c60],
        Subject::Flower => &[0xe0_5070, 0xf0_b040, 0xd8_70b0, 0xf0_eee6],
        Subject::Lighthouse => &[0xd0_4038, 0x3a_6ca8, 0xc8_5034],
        _ => &[0xe0_5a3a, 0xe8_a23a, 0x3f_7ac8, 0xc2_4a6a, 0x3a_9a8a, 0xd9_b441],
    }
}

/// The sky's colours from top to horizon, its light, and the light that falls on things.
type Sky = (u32, u32, u32, u32, u32);

fn daylight(hour: Hour, chance: &mut Chance) -> Palette {
    let skies: [Sky; 3] = match hour {
        Hour::Dawn => [
            (0x4f_6fae, 0xe9_a9b8, 0xff_e3c2, 0xff_f3d8, 0xc4_b0c0),
            (0x5a_86b8, 0xb8_c8d8, 0xff_dcb0, 0xff_f0cc, 0xc8_b8b8),
            (0x6a_62a8, 0xd8_98b4, 0xff_d0b4, 0xff_ecd4, 0xb8_a4c0),
        ],
        Hour::Day => [
            (0x2a_77cc, 0x7a_b8ea, 0xdc_eff6, 0xff_fae0, 0xff_fdf2),
            (0x3a_8ec8, 0x8c_cade, 0xec_f4e4, 0xff_f6d4, 0xff_fae8),
            (0x35_68b8, 0x80_a8e0, 0xf0_e8e4, 0xff_f4e4, 0xfc_f6f2),
        ],
        Hour::Sunset => [
            (0x2a_2560, 0xc9_4f6c, 0xff_b066, 0xff_e6a8, 0xa0_6a72),
            (0x3a_4a80, 0xe0_8a6c, 0xff_cc70, 0xff_f0b8, 0xb8_8468),
            (0x44_2a68, 0xd8_5a5a, 0xff_9a5c, 0xff_d89c, 0xa0_6468),
        ],
        Hour::Dusk => [
            (0x14_1c4c, 0x4a_508c, 0xe0_8c88, 0xff_d8b0, 0x54_5480),
            (0x10_2450, 0x38_5c90, 0xc8_a0a0, 0xff_e0c0, 0x4c_5c84),
            (0x1e_1a50, 0x64_488c, 0xf0_907c, 0xff_ccac, 0x58_4c7c),
        ],
        Hour::Night => [
            (0x06_0a20, 0x12_2150, 0x33_4f86, 0xf4_f1e2, 0x30_4274),
            (0x06_1024, 0x0c_3050, 0x2c_6480, 0xf0_f4ea, 0x2c_4c70),
            (0x0a_0820, 0x22_1e54, 0x4c_4a88, 0xf8_ecdc, 0x38_3e74),
        ],
    };
    let (top, middle, low, light, shade) = chance.pick(&skies);
    Palette {
        sky_top: Colour::hex(top),
        sky_middle: Colour::hex(middle),
        sky_low: Colour::hex(low),
        light: Colour::hex(light),
        shade: Colour::hex(shade),
        ..Palette::BLANK
    }
}

/// Families of colour that go well together, for scenes without a place; or those that are named.
fn ribbons(mood: Mood, named: &[Colour], chance: &mut Chance) -> Palette {
    let dark: &[Sky] = &[
        (0x0d_0b2b, 0x2b_1a5c, 0x7a_2f7f, 0xff_d6a0, 0xff_8fa3),
        (0x04_1a2f, 0x0b_3d5c, 0x1f_7a8c, 0xf4_f1bb, 0x7f_e0c8),
        (0x1a_0a1f, 0x5c_1a3a, 0xb8_3b4a, 0xff_e6b0, 0xff_a45c),
        (0x0a_1626, 0x1f_3a70, 0x4f_6fc8, 0xff_d0e8, 0xa8_c8ff),
    ];
    let pale: &[Sky] = &[
        (0xf0_c8b0, 0xe8_a8a8, 0xc8_88b8, 0xff_f8e8, 0xff_e0c8),
        (0xb8_dce0, 0x88_c0d0, 0x6a_98c8, 0xff_fcec, 0xe8_f4d8),
        (0xf4_dca8, 0xf0_b880, 0xe0_8878, 0xff_fae0, 0xff_ecc0),
    ];
    let families = match mood {
        Mood::Calm | Mood::Joyful | Mood::Tender => pale,
        Mood::Plain | Mood::Mystic | Mood::Epic | Mood::Sad | Mood::Dark => dark,
    };
    let (top, middle, low, light, shade) = chance.pick(families);
    let [sky_top, sky_middle, sky_low, light, shade] = match named {
        [] => [top, middle, low, light, shade].map(Colour::hex),
        [one, rest @ ..] => {
            let other = rest.first().copied().unwrap_or(one.mix(Colour::WHITE, 0.25));
            // The darker one is the ground on which the paler one is seen.
            let (deep, bright) = if one.level() <= other.level() {
                (*one, other)
            } else {
                (other, *one)
            };
            let night = if deep.level() > 0.75 { 0.08 } else { 0.5 };
            [
                deep.mix(Colour::BLACK, night),
                deep,
                bright,
                bright.mix(Colour::WHITE, 0.55),
                bright.mix(deep, 0.25),
            ]
        }
    };
    Palette {
        sky_top,
        sky_middle,
        sky_low,
        light,
        shade,
        ..Palette::BLANK
    }
}

fn leaf(season: Option<Season>, land: Colour, chance: &mut Chance) -> Colour {
    let tones: [u32; 3] = match season {
        Some(Season::Spring) => [0xf4_b8c8, 0xf8_d0d8, 0xe8_a0b8],
        Some(Season::Autumn) => [0xd8_7a2c, 0xc8_502c, 0xe0_a838],
        Some(Season::Winter) => [0xb8_c4cc, 0xa8_b8c4, 0xc8_d0d8],
        Some(Season::Summer) | None => [0x3c_7a3c, 0x4c_8434, 0x2f_6c48],
    };
    let share = if season.is_some() { 0.0 } else { 0.35 };
    Colour::hex(chance.pick(&tones)).mix(land, share)
}

fn land(ground: Ground, chance: &mut Chance) -> (Colour, Colour) {
    let share = chance.unit();
    let (one, other, accent) = match ground {
        Ground::Sea => (0x0f_5f86, 0x17_7a86, 0xd8_f4f2),
        Ground::Lake => (0x3a_6a4a, 0x4c_6e58, 0xd8_f0ec),
        Ground::Underwater => (0x1c_5468, 0x28_4c70, 0xf0_907c),
        Ground::Forest => (0x1f_5436, 0x35_6a34, 0x8a_b05a),
        Ground::City => (0x35_3f58, 0x4a_4458, 0xff_d890),
        Ground::Desert => (0xd0_9450, 0xc8_7a4a, 0xf4_d29a),
        Ground::Space => (0x2a_2450, 0x1c_3a58, 0xb8_a0f0),
        Ground::Mountains => (0x4a_5f78, 0x5a_6a5f, 0xf4_f8ff),
        Ground::Meadow => (0x4f_9a3c, 0x6a_a83e, 0xff_e060),
        Ground::Snowfield => (0xdc_e8f4, 0xe8_eef4, 0xff_ffff),
        Ground::Village => (0x62_944a, 0x84_9c4c, 0xff_d078),
        Ground::Interior => (0xd8_c0a0, 0xb0_b8b0, 0xff_d890),
        Ground::Studio => (0xe4_d8cc, 0xc8_d0d8, 0xff_ffff),
        Ground::Ribbons => (0x2a_2450, 0x1c_3a58, 0xff_ffff),
    };
    (
        Colour::hex(one).mix(Colour::hex(other), share),
        Colour::hex(accent),
    )
}

fn grade(scene: &Scene) -> Grade {
    let (saturation, warmth) = match scene.tone {
        Tone::Plain => (1.0, 0.0),
        Tone::Vivid => (1.3, 0.0),
        Tone::Pastel => (0.72, 0.1),
        Tone::Warm => (1.0, 0.5),
        Tone::Cold => (0.85, -0.55),
        Tone::Sepia => (0.28, 1.0),
        Tone::Grey => (0.0, 0.0),
        Tone::Ink => (0.22, 0.12),
    };
    let (more, warmer, corner) = match scene.mood {
        Mood::Plain => (1.0, 0.06, 1.0),
        Mood::Calm => (0.94, 0.05, 0.8),
        Mood::Joyful => (1.1, 0.12, 0.7),
        Mood::Tender => (1.0, 0.3, 1.0),
        Mood::Mystic => (1.05, -0.12, 1.25),
        Mood::Epic => (1.06, 0.08, 1.35),
        Mood::Sad => (0.66, -0.22, 1.25),
        Mood::Dark => (0.62, -0.2, 1.7),
    };
    let lift = match scene.tone {
        Tone::Pastel => 0.16,
        Tone::Ink => 0.04,
        Tone::Sepia => 0.06,
        Tone::Plain | Tone::Vivid | Tone::Warm | Tone::Cold | Tone::Grey => 0.0,
    };
    let dim = if scene.mood == Mood::Dark { 0.82 } else { 1.0 };
    Grade {
        saturation: saturation * more,
        warmth: if scene.tone == Tone::Grey {
            0.0
        } else {
            warmth + warmer
        },
        lift,
        gain: dim,
        corner,
    }
}
