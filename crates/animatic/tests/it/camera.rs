//! Camera control: what is seen moves the right way for every axis, over scenes and pictures, and never past an edge.

use animatic::{CameraAxes, CameraControl, MAX_CAMERA_TENTHS, Wish};
use image::ImageFormat;

use crate::media::{frames, rendered, small};
use crate::pictures::{encoded, landscape};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;
/// Blocks of this side are looked for in the next frame, up to so far away.
const BLOCK: usize = 20;
const REACH: i32 = 14;

/// How the picture moves between two frames, on average over a clip.
#[derive(Debug, Default)]
struct Moved {
    /// To the right and down, in pixels.
    x: f64,
    y: f64,
    /// Outwards, for each pixel from the middle.
    grown: f64,
    /// Clockwise, for each pixel from the middle.
    turned: f64,
    /// How much further the lower half moves to the right than the upper.
    lower_x: f64,
}

fn moved(frames: &[Vec<u8>], apart: usize) -> Moved {
    let (mut sum, mut count) = (Moved::default(), 0.0);
    let (mut lower, mut upper) = ((0.0, 0.0), (0.0, 0.0));
    let (mut square, mut away) = (0.0, (0.0, 0.0));
    for pair in frames.windows(apart + 1).step_by(3) {
        let pair = [&pair[0], &pair[apart]];
        // The caption stands still at the foot.
        for top in (14..HEIGHT * 4 / 5 - BLOCK).step_by(BLOCK) {
            for left in (14..WIDTH - BLOCK - 14).step_by(BLOCK) {
                let Some((dx, dy)) = block(&pair, left, top) else {
                    continue;
                };
                let x = (left + BLOCK / 2) as f64 - WIDTH as f64 / 2.0;
                let y = (top + BLOCK / 2) as f64 - HEIGHT as f64 / 2.0;
                sum.x += dx;
                sum.y += dy;
                sum.grown += x * dx + y * dy;
                sum.turned += x * dy - y * dx;
                square += x * x + y * y;
                away = (away.0 + x, away.1 + y);
                let half = if y > 20.0 { &mut lower } else { &mut upper };
                *half = (half.0 + dx, half.1 + 1.0);
                count += 1.0;
            }
        }
    }
    assert!(count > 40.0, "only `{count}` blocks can be followed");
    // Blocks are not spread evenly: what growth alone moves them by is taken off.
    let grown = (sum.grown - (sum.x * away.0 + sum.y * away.1) / count)
        / (square - (away.0 * away.0 + away.1 * away.1) / count);
    Moved {
        x: (sum.x - grown * away.0) / count,
        y: (sum.y - grown * away.1) / count,
        grown,
        turned: sum.turned / square,
        lower_x: lower.0 / f64::max(lower.1, 1.0) - upper.0 / f64::max(upper.1, 1.0),
    }
}

/// Where a block went; `None` where it is too even to tell.
fn block(pair: &[&Vec<u8>; 2], left: usize, top: usize) -> Option<(f64, f64)> {
    let cost = |dx: i32, dy: i32| -> u32 {
        let mut sum = 0;
        for row in (0..BLOCK).step_by(2) {
            let here = (top + row) * WIDTH + left;
            let there = (here as i32 + dy * WIDTH as i32 + dx) as usize;
            let (here, there) = (&pair[0][here..][..BLOCK], &pair[1][there..][..BLOCK]);
            sum += here
                .iter()
                .zip(there)
                .step_by(2)
                .map(|(a, b)| u32::from(a.abs_diff(*b)))
                .sum::<u32>();
        }
        sum
    };
    let mut found: Vec<(u32, i32, i32)> = (-REACH..=REACH)
        .flat_map(|dy| (-REACH..=REACH).map(move |dx| (dy, dx)))
        .map(|(dy, dx)| (cost(dx, dy), dx, dy))
        .collect();
    found.sort_by_key(|(cost, dx, dy)| (*cost, dx.abs() + dy.abs()));
    let mean = found.iter().map(|(cost, _, _)| f64::from(*cost)).sum::<f64>() / found.len() as f64;
    let (least, dx, dy) = found[0];
    let even = mean < (BLOCK * BLOCK / 4) as f64 * 3.0 || f64::from(least) > mean * 0.5;
    (!even).then_some((f64::from(dx), f64::from(dy)))
}

fn wish(camera: CameraControl, picture: Option<&[u8]>) -> Wish {
    Wish {
        prompt: "a forest in the mountains by day".to_owned(),
        width: WIDTH as u32,
        height: HEIGHT as u32,
        fps: 12,
        duration_ms: 2000,
        sound: false,
        camera: Some(camera),
        first_frame: picture.map(<[u8]>::to_vec),
        ..small()
    }
}

fn seen(camera: CameraControl, picture: Option<&[u8]>) -> Moved {
    let frames = frames(&rendered(&wish(camera, picture)).bytes);
    // Pictures move more slowly than near layers, so they are looked at over more frames.
    moved(&frames[6..20], if picture.is_some() { 3 } else { 1 })
}

type Axis = fn(i16) -> CameraAxes;
type Measure = fn(&Moved) -> f64;

/// Every axis, what is measured for it, and the sign of that when the axis is positive.
const AXES: [(&str, Axis, Measure, f64); 6] = [
    (
        "horizontal",
        |value| CameraAxes {
            horizontal: value,
            ..NONE
        },
        |moved| moved.x,
        -1.0,
    ),
    (
        "vertical",
        |value| CameraAxes {
            vertical: value,
            ..NONE
        },
        |moved| moved.y,
        1.0,
    ),
    (
        "pan",
        |value| CameraAxes { pan: value, ..NONE },
        |moved| moved.x,
        -1.0,
    ),
    (
        "tilt",
        |value| CameraAxes { tilt: value, ..NONE },
        |moved| moved.y,
        1.0,
    ),
    // A camera that rolls clockwise sees the world turn counter-clockwise.
    (
        "roll",
        |value| CameraAxes { roll: value, ..NONE },
        |moved| moved.turned,
        -1.0,
    ),
    // A wider view holds more, so everything in it is smaller.
    (
        "zoom",
        |value| CameraAxes { zoom: value, ..NONE },
        |moved| moved.grown,
        -1.0,
    ),
];

const NONE: CameraAxes = CameraAxes {
    horizontal: 0,
    vertical: 0,
    pan: 0,
    tilt: 0,
    roll: 0,
    zoom: 0,
};

fn check_axes(picture: Option<&[u8]>) {
    for (name, axis, measure, sign) in AXES {
        for side in [1, -1] {
            let of = |value: i16| {
                let moved = seen(CameraControl::Simple(axis(value * side)), picture);
                measure(&moved) * sign * f64::from(side)
            };
            let (little, full) = (of(40), of(MAX_CAMERA_TENTHS));
            assert!(
                little > 0.0,
                "`{name}` of `{}` moves the wrong way: `{little}`",
                4 * side
            );
            assert!(
                full > little * 1.4,
                "`{name}` of `{}` is not stronger than of `{}`: `{full}`, `{little}`",
                10 * side,
                4 * side
            );
        }
    }
}

#[test]
fn every_axis_moves_a_scene_the_right_way_and_more_for_more() {
    check_axes(None);
}

#[test]
fn every_axis_moves_a_picture_the_right_way_and_more_for_more() {
    check_axes(Some(&encoded(landscape(640, 360, 0), ImageFormat::Png)));
}

#[test]
fn every_preset_moves_the_right_way() {
    let picture = encoded(landscape(640, 360, 0), ImageFormat::Png);
    for picture in [None, Some(picture.as_slice())] {
        let moved = seen(CameraControl::DownBack, picture);
        assert!(moved.y < 0.0 && moved.grown < 0.0, "down_back: {moved:?}");
        let moved = seen(CameraControl::ForwardUp, picture);
        assert!(moved.y > 0.0 && moved.grown > 0.0, "forward_up: {moved:?}");
        let moved = seen(CameraControl::RightTurnForward, picture);
        assert!(
            moved.x < 0.0 && moved.grown > 0.0,
            "right_turn_forward: {moved:?}"
        );
        let moved = seen(CameraControl::LeftTurnForward, picture);
        assert!(moved.x > 0.0 && moved.grown > 0.0, "left_turn_forward: {moved:?}");
    }
}

#[test]
fn near_things_pass_faster_than_far_ones_where_the_camera_travels() {
    let picture = encoded(landscape(640, 360, 0), ImageFormat::Png);
    for picture in [None, Some(picture.as_slice())] {
        let axes = CameraAxes {
            horizontal: 100,
            ..NONE
        };
        let moved = seen(CameraControl::Simple(axes), picture);
        assert!(moved.lower_x < -0.15, "no parallax: {moved:?}");
    }
}

#[test]
fn no_movement_shows_an_edge() {
    let picture = encoded(landscape(640, 360, 0), ImageFormat::Png);
    let presets = [
        CameraControl::DownBack,
        CameraControl::ForwardUp,
        CameraControl::RightTurnForward,
        CameraControl::LeftTurnForward,
    ];
    let axes = AXES
        .iter()
        .flat_map(|(_, axis, _, _)| [100, -100].map(|value| CameraControl::Simple(axis(value))));
    let all = CameraControl::Simple(CameraAxes {
        horizontal: 100,
        vertical: -100,
        pan: 100,
        tilt: -100,
        roll: 100,
        zoom: 100,
    });
    for control in axes.chain(presets).chain([all]) {
        for picture in [None, Some(picture.as_slice())] {
            let mut wish = wish(control, picture);
            wish.prompt = if picture.is_some() {
                String::new()
            } else {
                wish.prompt
            };
            for (number, frame) in frames(&rendered(&wish).bytes).iter().enumerate() {
                check_border(frame, number, &format!("{control:?}"), picture.is_some());
            }
        }
    }
}

/// The outermost pixels go on from those inside them: no bar, no line, no smear.
fn check_border(frame: &[u8], number: usize, name: &str, pictured: bool) {
    let side = |from: usize, step: usize, count: usize| -> Vec<u8> {
        (0..count).map(|at| frame[from + at * step]).collect()
    };
    let (last_row, last_column) = ((HEIGHT - 1) * WIDTH, WIDTH - 1);
    // The caption's band makes the foot of a scene darker.
    let down = HEIGHT * 3 / 4;
    let pairs = [
        (side(0, 1, WIDTH), side(WIDTH * 2, 1, WIDTH)),
        (side(last_row, 1, WIDTH), side(last_row - WIDTH * 2, 1, WIDTH)),
        (side(0, WIDTH, down), side(2, WIDTH, down)),
        (side(last_column, WIDTH, down), side(last_column - 2, WIDTH, down)),
    ];
    for (border, inside) in pairs {
        let apart = crate::media::difference(&border, &inside);
        // A crest of a scene may happen to run along the border.
        assert!(
            apart < if pictured { 20.0 } else { 40.0 },
            "{name}, frame {number}: the border is `{apart}` levels off"
        );
        if pictured {
            let darkest = border.iter().min().expect("a border has pixels");
            assert!(
                *darkest > 50,
                "{name}, frame {number}: a bar of level `{darkest}` shows"
            );
        }
    }
}

#[test]
fn a_camera_beyond_its_reach_is_refused_by_name() {
    let wish = wish(CameraControl::Simple(CameraAxes { tilt: 101, ..NONE }), None);
    let error = wish.check().expect_err("the axis is out of reach");
    assert_eq!(
        (error.field.as_str(), error.value.as_str()),
        ("camera.tilt", "101")
    );
}
