//! The colours of a scene, made from its place, hour and weather. Knows no layer.

use super::{Ground, Hour, Subject, Weather};
use crate::chance::Chance;
use crate::colour::Colour;

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
    /// The subject by itself, in white light.
    pub(crate) subject: Colour,
}

impl Palette {
    pub(super) fn of(
        ground: Ground,
        hour: Hour,
        weather: Weather,
        subject: Subject,
        chance: &mut Chance,
    ) -> Self {
        let mut palette = if ground == Ground::Ribbons {
            ribbons(chance)
        } else {
            daylight(hour)
        };
        if ground == Ground::Space {
            palette.sky_top = Colour::hex(0x05_0618);
            palette.sky_middle = Colour::hex(0x1a_1240).mix(Colour::hex(0x0b_2a4a), chance.unit());
            palette.sky_low = Colour::hex(0x4a_1f5e).mix(Colour::hex(0x12_4a6e), chance.unit());
        }
        let (land, accent) = land(ground, chance);
        (palette.land, palette.accent) = (land, accent);
        palette.subject = Colour::hex(chance.pick(coats(subject)));
        match weather {
            Weather::Snow => {
                palette.land = palette.land.mix(Colour::hex(0xe6_eef8), 0.72);
                palette.accent = Colour::WHITE;
                palette.grey(0.35);
                let cold = Colour::hex(0xdc_e8f6).lit(palette.shade.mix(Colour::WHITE, 0.5));
                palette.sky_low = palette.sky_low.mix(cold, 0.6);
                palette.shade = palette.shade.mix(Colour::hex(0xa8_bcd8).lit(palette.shade), 0.7);
            }
            Weather::Rain => {
                palette.grey(0.55);
                palette.shade = palette.shade.lit(Colour::hex(0xb0_b8c4));
            }
            Weather::Clear | Weather::Cloudy => {}
        }
        palette
    }

    /// The land at a distance: 0 is at the viewer's feet, 1 is lost in haze.
    pub(crate) fn land_at(&self, distance: f32) -> Colour {
        self.land
            .lit(self.shade)
            .mix(self.sky_low.mix(self.sky_middle, 0.25), distance * 0.8)
    }

    fn grey(&mut self, share: f32) {
        for colour in [&mut self.sky_top, &mut self.sky_middle, &mut self.sky_low] {
            let level = colour.red * 0.3 + colour.green * 0.55 + colour.blue * 0.15;
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
        Subject::Cat => &[0xe8_8a3a, 0xf0_a050, 0xa8_a4a0, 0xf0_dcb8],
        Subject::Dog => &[0xc8_965a, 0x9a_6238, 0xf0_e0c4, 0x6a_5a50],
        Subject::Horse => &[0x8a_5530, 0xa8_713f, 0x6e_4428, 0xd8_c0a0],
        _ => &[0xe0_5a3a, 0xe8_a23a, 0x3f_7ac8, 0xc2_4a6a, 0x3a_9a8a, 0xd9_b441],
    }
}

fn daylight(hour: Hour) -> Palette {
    let (top, middle, low, light, shade) = match hour {
        Hour::Dawn => (0x4f_6fae, 0xe9_a9b8, 0xff_e3c2, 0xff_f3d8, 0xc4_b0c0),
        Hour::Day => (0x2a_77cc, 0x7a_b8ea, 0xdc_eff6, 0xff_fae0, 0xff_fdf2),
        Hour::Sunset => (0x2a_2560, 0xc9_4f6c, 0xff_b066, 0xff_e6a8, 0xa0_6a72),
        Hour::Night => (0x06_0a20, 0x12_2150, 0x33_4f86, 0xf4_f1e2, 0x30_4274),
    };
    Palette {
        sky_top: Colour::hex(top),
        sky_middle: Colour::hex(middle),
        sky_low: Colour::hex(low),
        light: Colour::hex(light),
        shade: Colour::hex(shade),
        land: Colour::BLACK,
        accent: Colour::WHITE,
        subject: Colour::WHITE,
    }
}

/// Three families of colour that go well together, for scenes without a place.
fn ribbons(chance: &mut Chance) -> Palette {
    let families = [
        (0x0d_0b2b, 0x2b_1a5c, 0x7a_2f7f, 0xff_8fa3, 0xff_d6a0),
        (0x04_1a2f, 0x0b_3d5c, 0x1f_7a8c, 0x7f_e0c8, 0xf4_f1bb),
        (0x1a_0a1f, 0x5c_1a3a, 0xb8_3b4a, 0xff_a45c, 0xff_e6b0),
        (0x0a_1626, 0x1f_3a70, 0x4f_6fc8, 0xa8_c8ff, 0xff_d0e8),
    ];
    let (top, middle, low, shade, light) = chance.pick(&families);
    Palette {
        sky_top: Colour::hex(top),
        sky_middle: Colour::hex(middle),
        sky_low: Colour::hex(low),
        light: Colour::hex(light),
        shade: Colour::hex(shade),
        ..daylight(Hour::Night)
    }
}

fn land(ground: Ground, chance: &mut Chance) -> (Colour, Colour) {
    let share = chance.unit();
    let (one, other, accent) = match ground {
        Ground::Sea => (0x0f_5f86, 0x17_7a86, 0xd8_f4f2),
        Ground::Forest => (0x1f_5436, 0x35_6a34, 0x8a_b05a),
        Ground::City => (0x35_3f58, 0x4a_4458, 0xff_d890),
        Ground::Desert => (0xd0_9450, 0xc8_7a4a, 0xf4_d29a),
        Ground::Space => (0x2a_2450, 0x1c_3a58, 0xb8_a0f0),
        Ground::Mountains => (0x4a_5f78, 0x5a_6a5f, 0xf4_f8ff),
        Ground::Meadow => (0x4f_9a3c, 0x6a_a83e, 0xff_e060),
        Ground::Ribbons => (0x2a_2450, 0x1c_3a58, 0xff_ffff),
    };
    (
        Colour::hex(one).mix(Colour::hex(other), share),
        Colour::hex(accent),
    )
}
