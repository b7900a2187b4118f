//! Shapes onto pixmaps: polygons, discs, glows and fades. Knows no scene.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point,
    RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

use crate::colour::Colour;

/// A clear drawing of at least 2×2 pixels.
pub(crate) fn clear(width: f32, height: f32) -> Pixmap {
    let side = |length: f32| (length.max(2.0) as u32).div_ceil(2) * 2;
    Pixmap::new(side(width), side(height)).expect("both sides are above zero and bounded by the frame")
}

pub(crate) fn plain(colour: Colour, alpha: f32) -> Paint<'static> {
    paint(Shader::SolidColor(colour.ink(alpha)))
}

/// A fade straight down from `top` to `bottom`, through the given stops of place, colour and alpha.
pub(crate) fn fade(top: f32, bottom: f32, stops: &[(f32, Colour, f32)]) -> Paint<'static> {
    let (from, to) = (
        Point::from_xy(0.0, top),
        Point::from_xy(0.0, bottom.max(top + 1.0)),
    );
    let shader = LinearGradient::new(from, to, inks(stops), SpreadMode::Pad, Transform::identity());
    paint(shader.expect("the two ends differ"))
}

/// A fade outwards from a centre.
pub(crate) fn halo(x: f32, y: f32, radius: f32, stops: &[(f32, Colour, f32)]) -> Paint<'static> {
    let centre = Point::from_xy(x, y);
    let shader = RadialGradient::new(
        centre,
        0.0,
        centre,
        radius.max(0.5),
        inks(stops),
        SpreadMode::Pad,
        Transform::identity(),
    );
    paint(shader.expect("the radius is above zero"))
}

fn inks(stops: &[(f32, Colour, f32)]) -> Vec<GradientStop> {
    stops
        .iter()
        .map(|(at, colour, alpha)| GradientStop::new(*at, colour.ink(*alpha)))
        .collect()
}

fn paint(shader: Shader<'static>) -> Paint<'static> {
    Paint {
        shader,
        anti_alias: true,
        ..Paint::default()
    }
}

pub(crate) fn fill(pixmap: &mut Pixmap, path: Option<Path>, paint: &Paint<'_>) {
    if let Some(path) = path {
        pixmap.fill_path(&path, paint, FillRule::Winding, Transform::identity(), None);
    }
}

pub(crate) fn polygon(points: &[(f32, f32)]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    builder.move_to(first.0, first.1);
    for point in rest {
        builder.line_to(point.0, point.1);
    }
    builder.close();
    builder.finish()
}

pub(crate) fn ellipse(x: f32, y: f32, across: f32, down: f32) -> Option<Path> {
    PathBuilder::from_oval(Rect::from_xywh(x - across, y - down, across * 2.0, down * 2.0)?)
}

pub(crate) fn disc(x: f32, y: f32, radius: f32) -> Option<Path> {
    PathBuilder::from_circle(x, y, radius)
}

pub(crate) fn block(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    Some(PathBuilder::from_rect(Rect::from_xywh(x, y, width, height)?))
}

/// A line with round ends through all points.
pub(crate) fn line(pixmap: &mut Pixmap, points: &[(f32, f32)], width: f32, paint: &Paint<'_>) {
    let mut builder = PathBuilder::new();
    for (at, point) in points.iter().enumerate() {
        if at == 0 {
            builder.move_to(point.0, point.1);
        } else {
            builder.line_to(point.0, point.1);
        }
    }
    let stroke = Stroke {
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    if let Some(path) = builder.finish() {
        pixmap.stroke_path(&path, paint, &stroke, Transform::identity(), None);
    }
}

/// The path below a crest, down to `bottom`.
pub(crate) fn below(crest: &[(f32, f32)], bottom: f32) -> Option<Path> {
    let (first, last) = (crest.first()?, crest.last()?);
    let mut points = Vec::with_capacity(crest.len() + 2);
    points.push((first.0, bottom));
    points.extend_from_slice(crest);
    points.push((last.0, bottom));
    polygon(&points)
}

/// A closed shape that runs smoothly through all points.
pub(crate) fn blob(points: &[(f32, f32)]) -> Option<Path> {
    let count = points.len();
    if count < 3 {
        return None;
    }
    let mut builder = PathBuilder::new();
    builder.move_to(points[0].0, points[0].1);
    for at in 0..count {
        let (before, from, to, after) = (
            points[(at + count - 1) % count],
            points[at],
            points[(at + 1) % count],
            points[(at + 2) % count],
        );
        bend(&mut builder, before, from, to, after);
    }
    builder.close();
    builder.finish()
}

/// A line with round ends that runs smoothly through all points.
pub(crate) fn curve(pixmap: &mut Pixmap, points: &[(f32, f32)], width: f32, paint: &Paint<'_>) {
    let Some(last) = points.len().checked_sub(1) else {
        return;
    };
    let mut builder = PathBuilder::new();
    builder.move_to(points[0].0, points[0].1);
    for at in 0..last {
        let before = points[at.saturating_sub(1)];
        let after = points[(at + 2).min(last)];
        bend(&mut builder, before, points[at], points[at + 1], after);
    }
    let stroke = Stroke {
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    if let Some(path) = builder.finish() {
        pixmap.stroke_path(&path, paint, &stroke, Transform::identity(), None);
    }
}

/// One piece of a Catmull-Rom curve as a Bézier curve.
fn bend(builder: &mut PathBuilder, before: (f32, f32), from: (f32, f32), to: (f32, f32), after: (f32, f32)) {
    builder.cubic_to(
        from.0 + (to.0 - before.0) / 6.0,
        from.1 + (to.1 - before.1) / 6.0,
        to.0 - (after.0 - from.0) / 6.0,
        to.1 - (after.1 - from.1) / 6.0,
        to.0,
        to.1,
    );
}

/// A limb: round joints of different thickness, each given by its place and radius, and what is between them.
pub(crate) fn limb(pixmap: &mut Pixmap, joints: &[(f32, f32, f32)], paint: &Paint<'_>) {
    for pair in joints.windows(2) {
        let ((x, y, thick), (to_x, to_y, thin)) = (pair[0], pair[1]);
        let (across, down) = (to_x - x, to_y - y);
        let long = libm::sqrtf(across * across + down * down);
        if long < 0.01 {
            continue;
        }
        let (side_x, side_y) = (-down / long, across / long);
        let sides = [
            (x + side_x * thick, y + side_y * thick),
            (to_x + side_x * thin, to_y + side_y * thin),
            (to_x - side_x * thin, to_y - side_y * thin),
            (x - side_x * thick, y - side_y * thick),
        ];
        fill(pixmap, polygon(&sides), paint);
    }
    for (x, y, radius) in joints {
        fill(pixmap, disc(*x, *y, radius.max(0.3)), paint);
    }
}
