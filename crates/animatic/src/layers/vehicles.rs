//! What rolls: car and train, drawn facing right.

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::figure::Figure;
use crate::motion::wave;
use crate::scene::{Hour, Scene};

fn wheel(figure: &mut Figure<'_>, (x, y): (f32, f32), radius: f32, turn: f32) {
    figure.disc(x, y, radius, &plain(Colour::hex(0x15_151a), 1.0));
    figure.disc(x, y, radius * 0.62, &plain(figure.tone(0x9a_9ea6), 1.0));
    figure.disc(x, y, radius * 0.50, &plain(Colour::hex(0x34_363c), 1.0));
    let rim = plain(figure.tone(0xd0_d4da), 1.0);
    for spoke in 0..5u8 {
        let angle = f32::from(spoke) / 5.0 - turn;
        figure.limb(
            &[
                (x, y, radius * 0.09),
                (
                    x + radius * 0.52 * wave(angle + 0.25),
                    y + radius * 0.52 * wave(angle),
                    radius * 0.07,
                ),
            ],
            &rim,
        );
    }
    figure.disc(x, y, radius * 0.14, &rim);
}

/// A rounded saloon of no particular year.
pub(super) fn car(figure: &mut Figure<'_>, scene: &Scene, coat: Colour, turn: f32) {
    let lit = scene.hour != Hour::Day;
    figure.shadow(0.0, 1.45);
    let sway = 0.006 * wave(turn);
    let dark = coat.mix(Colour::BLACK, 0.4);
    let body = figure.body(coat, 0.98 + sway, 0.12);
    figure.blob(
        &[
            (-0.86, 0.58 + sway),
            (-0.62, 0.86 + sway),
            (-0.34, 0.985 + sway),
            (0.12, 0.985 + sway),
            (0.40, 0.86 + sway),
            (0.66, 0.60 + sway),
            (0.0, 0.50 + sway),
        ],
        &body,
    );
    cabin(figure, scene, sway);
    figure.blob(
        &[
            (-1.36, 0.42 + sway),
            (-1.32, 0.56 + sway),
            (-1.10, 0.625 + sway),
            (-0.6, 0.625 + sway),
            (0.5, 0.62 + sway),
            (1.02, 0.575 + sway),
            (1.30, 0.50 + sway),
            (1.385, 0.38 + sway),
            (1.36, 0.22 + sway),
            (1.20, 0.165 + sway),
            (0.0, 0.15 + sway),
            (-1.18, 0.165 + sway),
            (-1.36, 0.24 + sway),
        ],
        &figure.body(coat, 0.68, 0.05),
    );
    figure.curve(
        &[
            (-1.28, 0.47 + sway),
            (-0.4, 0.50 + sway),
            (0.5, 0.495 + sway),
            (1.24, 0.45 + sway),
        ],
        0.014,
        &plain(Colour::WHITE, 0.32),
    );
    figure.curve(
        &[(-0.125, 0.60 + sway), (-0.14, 0.4 + sway), (-0.10, 0.22 + sway)],
        0.010,
        &plain(dark, 0.8),
    );
    figure.limb(
        &[(-0.30, 0.525 + sway, 0.014), (-0.21, 0.525 + sway, 0.014)],
        &plain(dark.mix(Colour::WHITE, 0.5), 1.0),
    );
    figure.limb(
        &[(-0.60, 0.165, 0.03), (0.60, 0.165, 0.03)],
        &plain(Colour::hex(0x22_2228), 1.0),
    );
    for x in [-0.80, 0.84] {
        figure.disc(x, 0.235, 0.265, &plain(Colour::hex(0x1a_181e), 1.0));
        wheel(figure, (x, 0.215), 0.215, turn);
    }
    lamps(figure, lit, sway);
}

/// A steam engine with three coaches and a plume of steam.
pub(super) fn train(figure: &mut Figure<'_>, scene: &Scene, coat: Colour, turn: f32) {
    let half = figure.half();
    let lit = scene.hour != Hour::Day;
    let front = half - 0.15;
    let iron = figure.tone(0x2c_2c34);
    figure.block(-half, -0.05, half, 0.0, &plain(figure.tone(0x50_4438), 1.0));
    figure.block(-half, 0.0, half, 0.018, &plain(figure.tone(0x90_8a84), 1.0));
    let engine = front - 1.62;
    boiler(figure, (engine, front), lit, turn);
    let cab = figure.body(coat, 0.75, 0.1);
    figure.block(engine, 0.16, engine + 0.46, 0.66, &cab);
    figure.limb(
        &[(engine - 0.04, 0.68, 0.028), (engine + 0.52, 0.68, 0.028)],
        &plain(iron, 1.0),
    );
    let pane = if lit {
        Colour::hex(0xff_d888)
    } else {
        scene.palette.sky_low.mix(Colour::hex(0x40_5468), 0.4)
    };
    figure.block(engine + 0.10, 0.43, engine + 0.36, 0.60, &plain(pane, 1.0));
    figure.block(
        engine,
        0.13,
        front - 0.12,
        0.19,
        &plain(coat.mix(Colour::BLACK, 0.35), 1.0),
    );
    figure.polygon(
        &[(front - 0.14, 0.17), (front + 0.08, 0.03), (front - 0.14, 0.03)],
        &plain(figure.tone(0xa8_3428), 1.0),
    );
    gear(figure, engine, turn);
    let mut right = engine - 0.08;
    while right - 1.5 > -half {
        coach(figure, right - 1.5, right, coat, pane, turn);
        right -= 1.6;
    }
}

fn coach(figure: &mut Figure<'_>, left: f32, right: f32, coat: Colour, pane: Colour, turn: f32) {
    figure.limb(
        &[(right, 0.12, 0.018), (right + 0.10, 0.12, 0.018)],
        &plain(Colour::hex(0x20_2024), 1.0),
    );
    figure.block(left, 0.12, right, 0.58, &figure.body(coat, 0.66, 0.05));
    figure.block(left, 0.30, right, 0.325, &plain(figure.tone(0xf0_dca8), 0.9));
    figure.limb(
        &[(left + 0.01, 0.585, 0.035), (right - 0.01, 0.585, 0.035)],
        &plain(figure.tone(0x48_4448), 1.0),
    );
    for window in 0..6u8 {
        let x = left + 0.10 + f32::from(window) * (right - left - 0.14) / 6.0;
        figure.block(x, 0.36, x + 0.145, 0.52, &plain(pane, 1.0));
    }
    for x in [left + 0.22, left + 0.45, right - 0.45, right - 0.22] {
        wheel(figure, (x, 0.090), 0.075, turn);
    }
}

/// The windows and who sits behind them.
fn cabin(figure: &mut Figure<'_>, scene: &Scene, sway: f32) {
    let lit = scene.hour != Hour::Day;
    let glass = if lit {
        Colour::hex(0x34_4460)
    } else {
        scene.palette.sky_middle.mix(Colour::hex(0x30_4458), 0.5)
    };
    let pane = figure.body(glass, 0.95, 0.5);
    figure.blob(
        &[
            (-0.70, 0.61 + sway),
            (-0.56, 0.82 + sway),
            (-0.36, 0.915 + sway),
            (-0.16, 0.92 + sway),
            (-0.16, 0.60 + sway),
        ],
        &pane,
    );
    figure.blob(
        &[
            (-0.09, 0.60 + sway),
            (-0.09, 0.92 + sway),
            (0.11, 0.915 + sway),
            (0.32, 0.82 + sway),
            (0.50, 0.61 + sway),
        ],
        &pane,
    );
    figure.polygon(
        &[
            (0.02, 0.61 + sway),
            (0.16, 0.89 + sway),
            (0.22, 0.87 + sway),
            (0.10, 0.61 + sway),
        ],
        &plain(Colour::WHITE, 0.22),
    );
    figure.disc(0.10, 0.70 + sway, 0.075, &plain(Colour::hex(0x18_1c28), 0.85));
    figure.blob(
        &[
            (0.02, 0.60 + sway),
            (0.06, 0.66 + sway),
            (0.17, 0.66 + sway),
            (0.21, 0.60 + sway),
        ],
        &plain(Colour::hex(0x18_1c28), 0.85),
    );
}

fn lamps(figure: &mut Figure<'_>, lit: bool, sway: f32) {
    let lamp = Colour::hex(0xff_f2c8);
    figure.ellipse(1.30, 0.405 + sway, 0.05, 0.062, &plain(lamp, 1.0));
    figure.ellipse(
        -1.345,
        0.44 + sway,
        0.028,
        0.065,
        &plain(Colour::hex(0xe8_3a30), 1.0),
    );
    if lit {
        for (tall, strength) in [(0.42, 0.10), (0.28, 0.13), (0.16, 0.16)] {
            let half = figure.half();
            figure.ray(
                (1.32, 0.42),
                &[
                    (1.32, 0.44),
                    (half, 0.40 + tall * 0.55),
                    (half, -0.06),
                    (1.55, -0.06),
                ],
                lamp,
                strength * 3.0,
            );
        }
        figure.glow(1.32, 0.405 + sway, 0.34, lamp, 0.75);
        figure.glow(-1.36, 0.44 + sway, 0.22, Colour::hex(0xff_4030), 0.6);
    }
}

/// Boiler, chimney, lamp and the steam behind.
fn boiler(figure: &mut Figure<'_>, (engine, front): (f32, f32), lit: bool, turn: f32) {
    let half = figure.half();
    let iron = figure.tone(0x2c_2c34);
    let boiler = figure.body(iron, 0.62, 0.15);
    for puff in 0..18u8 {
        let along = (f32::from(puff) + turn) / 18.0;
        let x = front - 0.30 - along * (half * 1.25);
        let y = 0.76 + 0.12 * libm::sqrtf(along) + 0.035 * wave(along * 4.0 + f32::from(puff) * 0.37);
        figure.glow(
            x,
            y,
            0.07 + 0.14 * along,
            Colour::WHITE.lit(figure.shade.mix(Colour::WHITE, 0.45)),
            0.66 * (1.0 - along),
        );
    }
    figure.limb(
        &[(engine + 0.42, 0.40, 0.155), (front - 0.20, 0.40, 0.155)],
        &boiler,
    );
    for x in [engine + 0.62, engine + 0.95, engine + 1.2] {
        figure.block(x, 0.245, x + 0.022, 0.555, &plain(figure.tone(0xd0_a850), 0.8));
    }
    figure.polygon(
        &[
            (front - 0.37, 0.54),
            (front - 0.40, 0.72),
            (front - 0.24, 0.72),
            (front - 0.27, 0.54),
        ],
        &boiler,
    );
    figure.ellipse(
        engine + 0.78,
        0.56,
        0.075,
        0.07,
        &plain(figure.tone(0xd0_a850), 1.0),
    );
    figure.disc(front - 0.06, 0.40, 0.055, &plain(Colour::hex(0xff_f0c0), 1.0));
    if lit {
        figure.glow(front - 0.04, 0.40, 0.30, Colour::hex(0xff_f0c0), 0.7);
    }
}

/// Wheels and the rod between them.
fn gear(figure: &mut Figure<'_>, engine: f32, turn: f32) {
    let wheels = [
        (engine + 0.30, 0.13),
        (engine + 0.62, 0.13),
        (engine + 0.94, 0.13),
        (engine + 1.22, 0.075),
        (engine + 1.40, 0.075),
    ];
    for (x, radius) in wheels {
        wheel(figure, (x, radius + 0.015), radius, turn);
    }
    let rod = (0.05 * wave(0.25 - turn), 0.05 * wave(-turn));
    figure.limb(
        &[
            (engine + 0.30 + rod.0, 0.145 + rod.1, 0.014),
            (engine + 0.94 + rod.0, 0.145 + rod.1, 0.014),
        ],
        &plain(figure.tone(0xc8_ccd0), 1.0),
    );
}
