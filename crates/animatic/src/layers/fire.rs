//! A campfire: logs, flames that lick by the pose, and the light around them.

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::Figure;
use crate::motion::wave;

/// Flames from the back to the front: middle, width, height, place in the cycle, and colour.
const FLAMES: [(f32, f32, f32, f32, u32); 7] = [
    (-0.13, 0.17, 0.52, 0.10, 0xe2_5a1c),
    (0.14, 0.17, 0.48, 0.55, 0xe2_5a1c),
    (0.01, 0.22, 0.74, 0.30, 0xee_6c20),
    (-0.07, 0.15, 0.48, 0.80, 0xf8_9a30),
    (0.08, 0.14, 0.44, 0.20, 0xf8_9a30),
    (0.00, 0.12, 0.42, 0.65, 0xff_c850),
    (0.01, 0.07, 0.24, 0.40, 0xff_f0b8),
];

/// Draws one pose of the fire; `turn` is the part of the cycle from 0 to 1.
pub(super) fn draw(figure: &mut Figure<'_>, turn: f32) {
    let flicker = 0.9 + 0.1 * wave(turn * 2.0 + 0.3);
    figure.glow(0.0, 0.26, figure.half(), Colour::hex(0xff_9a40), 0.50 * flicker);
    figure.ellipse(
        0.0,
        0.0,
        figure.half() * 0.8,
        0.045,
        &plain(Colour::hex(0xff_a050), 0.28),
    );
    for (side, tone) in [(-1.0, 0x4a_2c1c), (1.0, 0x5c_3822), (-0.4, 0x3c_2418)] {
        let bark = plain(Colour::hex(tone), 1.0);
        let (foot, head) = ((side * 0.32, 0.03), (-side * 0.12, 0.15));
        figure.limb(&[(foot.0, foot.1, 0.042), (head.0, head.1, 0.034)], &bark);
    }
    for (middle, wide, tall, phase, tone) in FLAMES {
        let reach = tall * (1.0 + 0.12 * wave(turn + phase));
        let lean = 0.05 * wave(turn * 2.0 + phase) * tall;
        let half = wide * 0.5;
        let shape = [
            (middle - half * 0.6, 0.06),
            (middle - half, 0.06 + reach * 0.24),
            (middle - half * 0.5 + lean * 0.4, 0.06 + reach * 0.62),
            (middle + lean, 0.06 + reach),
            (middle + half * 0.6 + lean * 0.3, 0.06 + reach * 0.54),
            (middle + half, 0.06 + reach * 0.22),
            (middle + half * 0.6, 0.06),
        ];
        figure.blob(&shape, &plain(Colour::hex(tone), 0.92));
    }
}
