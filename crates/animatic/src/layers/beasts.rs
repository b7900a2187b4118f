//! Bodies on legs: four-footed beasts and a walker, posed anywhere in their stride.

use tiny_skia::Pixmap;

use crate::colour::Colour;
use crate::drawing::{disc, ellipse, fade, fill, line, plain, polygon};
use crate::motion::wave;

/// The build of a four-footed beast, in shares of the drawing's height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beast {
    leg: f32,
    thick: f32,
    body: f32,
    neck: f32,
    /// Thickness of the neck by the body's.
    throat: f32,
    head: f32,
    snout: f32,
    /// How far the nose points down, in sizes of the head.
    nod: f32,
    ear: f32,
    tail: f32,
    /// How high the tail is carried: 1 is upright.
    tail_up: f32,
}

pub(super) const CAT: Beast = Beast {
    leg: 0.27,
    thick: 0.072,
    body: 0.155,
    neck: 0.09,
    throat: 1.1,
    head: 0.15,
    snout: 0.035,
    nod: 0.36,
    ear: 0.12,
    tail: 0.5,
    tail_up: 0.8,
};
pub(super) const DOG: Beast = Beast {
    leg: 0.33,
    thick: 0.072,
    body: 0.155,
    neck: 0.15,
    throat: 0.95,
    head: 0.11,
    snout: 0.12,
    nod: 0.4,
    ear: 0.07,
    tail: 0.34,
    tail_up: 0.7,
};
pub(super) const HORSE: Beast = Beast {
    leg: 0.42,
    thick: 0.048,
    body: 0.125,
    neck: 0.24,
    throat: 0.72,
    head: 0.062,
    snout: 0.12,
    nod: 1.5,
    ear: 0.055,
    tail: 0.3,
    tail_up: -0.6,
};

/// Draws a beast that runs to the right.
pub(super) fn draw(beast: &Beast, coat: Colour, rim: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = (pixmap.width() as f32, pixmap.height() as f32);
    let ground = h * 0.97;
    let stretch = wave(turn);
    let back = ground - h * (beast.leg + beast.body) + h * 0.025 * wave(turn * 2.0 + 0.2);
    let (hip, shoulder) = (
        (w * 0.30, back + h * 0.02 * stretch),
        (w * 0.64, back - h * 0.02 * stretch),
    );
    let (near, far) = (coat, coat.mix(Colour::BLACK, 0.35));
    // A gallop: the hind pair and the fore pair swing half a turn apart, their far legs a little later.
    leg(beast, hip, ground, turn + 0.12, -1.0, far, pixmap);
    leg(beast, shoulder, ground, turn + 0.62, 1.0, far, pixmap);
    tail(
        beast,
        (hip.0 - w * 0.07, hip.1),
        turn,
        near.mix(Colour::BLACK, 0.08),
        pixmap,
    );
    let thick = h * beast.body * 1.55;
    line(pixmap, &[hip, shoulder], thick * 1.02, &plain(near, 1.0));
    fill(
        pixmap,
        ellipse(hip.0, hip.1, h * beast.body * 0.95, h * beast.body * 0.9),
        &plain(near, 1.0),
    );
    fill(
        pixmap,
        ellipse(
            shoulder.0,
            shoulder.1,
            h * beast.body * 0.9,
            h * beast.body * 0.92,
        ),
        &plain(near, 1.0),
    );
    let shading = [(0.0, rim, 0.3), (0.5, rim, 0.0), (1.0, Colour::BLACK, 0.25)];
    let back_light = fade(back - thick * 0.6, back + thick * 0.6, &shading);
    line(pixmap, &[hip, shoulder], thick * 1.02, &back_light);
    leg(beast, hip, ground, turn, -1.0, near, pixmap);
    leg(beast, shoulder, ground, turn + 0.5, 1.0, near, pixmap);
    head(
        beast,
        (shoulder.0 + w * 0.03, shoulder.1),
        stretch,
        near,
        rim,
        pixmap,
    );
}

/// A leg of two bones that swings about its root. `bend` says which way the joint breaks.
fn leg(
    beast: &Beast,
    root: (f32, f32),
    ground: f32,
    turn: f32,
    bend: f32,
    colour: Colour,
    pixmap: &mut Pixmap,
) {
    let h = pixmap.height() as f32;
    let reach = ground - root.1;
    let swing = wave(turn);
    let lift = wave(turn + 0.25).max(0.0) * 0.34;
    let foot = (
        root.0 + swing * reach * 0.62,
        ground - reach * lift - h * beast.thick * 0.4,
    );
    let joint = (
        (root.0 + foot.0) / 2.0 + bend * reach * (0.10 + 0.12 * lift) * if bend > 0.0 { 1.0 } else { 0.9 },
        (root.1 + foot.1) / 2.0,
    );
    line(
        pixmap,
        &[root, joint],
        h * beast.thick * 1.45,
        &plain(colour, 1.0),
    );
    line(pixmap, &[joint, foot], h * beast.thick, &plain(colour, 1.0));
    line(
        pixmap,
        &[foot, (foot.0 + h * 0.035, foot.1)],
        h * beast.thick,
        &plain(colour, 1.0),
    );
}

fn tail(beast: &Beast, root: (f32, f32), turn: f32, colour: Colour, pixmap: &mut Pixmap) {
    let h = pixmap.height() as f32;
    let long = h * beast.tail;
    let points: Vec<(f32, f32)> = (0..=8u8)
        .map(|step| {
            let along = f32::from(step) / 8.0;
            let curl = wave(turn + along * 0.45) * h * 0.05 * along;
            (
                root.0 - long * along * (1.0 - 0.35 * along),
                root.1 - long * beast.tail_up * along * along + curl,
            )
        })
        .collect();
    line(pixmap, &points, h * beast.thick * 0.85, &plain(colour, 1.0));
}

fn head(beast: &Beast, root: (f32, f32), stretch: f32, coat: Colour, rim: Colour, pixmap: &mut Pixmap) {
    let h = pixmap.height() as f32;
    let radius = h * beast.head;
    let x = root.0 + h * (beast.neck * 0.75 + beast.head * 0.5);
    let y = root.1 - h * (beast.neck + beast.head * 0.55) + h * 0.02 * stretch;
    line(
        pixmap,
        &[root, (x - radius * 0.2, y + radius * 0.2)],
        h * beast.body * beast.throat,
        &plain(coat, 1.0),
    );
    let tip = (x + radius * 0.55 + h * beast.snout, y + radius * beast.nod);
    line(
        pixmap,
        &[(x, y + radius * 0.1), tip],
        radius * 0.8,
        &plain(coat.mix(rim, 0.12), 1.0),
    );
    for (side, tone) in [(0.45, coat.mix(Colour::BLACK, 0.25)), (-0.25, coat)] {
        let ear_x = x + radius * side;
        let points = [
            (ear_x - radius * 0.42, y - radius * 0.5),
            (ear_x - radius * 0.1, y - radius * 0.7 - h * beast.ear),
            (ear_x + radius * 0.42, y - radius * 0.45),
        ];
        fill(pixmap, polygon(&points), &plain(tone, 1.0));
    }
    fill(pixmap, disc(x, y, radius), &plain(coat, 1.0));
    fill(
        pixmap,
        disc(x + radius * 0.42, y - radius * 0.12, radius * 0.15),
        &plain(Colour::BLACK, 0.85),
    );
    fill(
        pixmap,
        disc(tip.0 + radius * 0.25, tip.1 - radius * 0.12, radius * 0.14),
        &plain(Colour::BLACK, 0.7),
    );
}

/// Draws a person who walks to the right.
pub(super) fn walker(coat: Colour, trousers: Colour, rim: Colour, turn: f32, pixmap: &mut Pixmap) {
    let (w, h) = (pixmap.width() as f32, pixmap.height() as f32);
    let ground = h * 0.98;
    let hip = (w * 0.5, h * 0.56 - h * 0.012 * wave(turn * 2.0).abs());
    let neck = (w * 0.53, h * 0.25);
    let skin = Colour::hex(0xc8_9070).mix(coat, 0.3);
    let dark = trousers.mix(Colour::BLACK, 0.45);
    limb(
        hip,
        ground - hip.1,
        turn + 0.5,
        0.3,
        h * 0.05,
        dark.mix(Colour::BLACK, 0.3),
        pixmap,
    );
    limb(
        neck,
        h * 0.34,
        turn,
        0.22,
        h * 0.036,
        coat.mix(Colour::BLACK, 0.35),
        pixmap,
    );
    limb(hip, ground - hip.1, turn, 0.3, h * 0.05, dark, pixmap);
    line(
        pixmap,
        &[(hip.0, hip.1 - h * 0.01), (neck.0, neck.1 + h * 0.05)],
        h * 0.105,
        &plain(coat, 1.0),
    );
    limb(
        (neck.0, neck.1 + h * 0.03),
        h * 0.33,
        turn + 0.5,
        0.22,
        h * 0.036,
        coat.mix(rim, 0.15),
        pixmap,
    );
    fill(pixmap, disc(w * 0.55, h * 0.14, h * 0.068), &plain(skin, 1.0));
    fill(
        pixmap,
        ellipse(w * 0.53, h * 0.105, h * 0.068, h * 0.045),
        &plain(dark.mix(Colour::BLACK, 0.4), 1.0),
    );
    line(
        pixmap,
        &[(hip.0 - h * 0.03, hip.1), (neck.0 - h * 0.03, neck.1 + h * 0.06)],
        h * 0.012,
        &plain(rim, 0.4),
    );
}

fn limb(root: (f32, f32), long: f32, turn: f32, swing: f32, thick: f32, colour: Colour, pixmap: &mut Pixmap) {
    let side = wave(turn) * long * swing;
    let lift = wave(turn + 0.25).max(0.0) * long * 0.12;
    let end = (root.0 + side, root.1 + long - lift - thick * 0.5);
    let joint = ((root.0 + end.0) / 2.0 + lift * 0.7, (root.1 + end.1) / 2.0);
    line(pixmap, &[root, joint, end], thick, &plain(colour, 1.0));
}
