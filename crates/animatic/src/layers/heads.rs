//! Necks, heads and what grows on them: ears, manes, antlers, a trunk. The bodies are drawn next door.

use tiny_skia::Paint;

use crate::colour::Colour;
use crate::drawing::plain;
use crate::layers::beasts::Build;
use crate::layers::figure::Figure;
use crate::motion::wave;
use crate::scene::Subject;

type Point = (f32, f32);

/// Draws neck and head; `ends` are the shoulder and the middle of the head.
pub(super) fn draw(
    figure: &mut Figure<'_>,
    subject: Subject,
    build: &Build,
    ends: (Point, Point),
    coat: Colour,
    (paint, turn): (&Paint<'_>, f32),
) {
    let (shoulder, head) = ends;
    let radius = build.head.2;
    let dark = coat.mix(Colour::BLACK, 0.3);
    ears(figure, subject, head, radius, &plain(dark, 1.0), -0.22);
    if subject == Subject::Deer {
        antlers(
            figure,
            head,
            radius,
            plain(figure.tone(0x6a_4a30).mix(Colour::BLACK, 0.3), 1.0),
            0.05,
        );
    }
    if subject == Subject::Lion {
        mane_of_lion(figure, head, radius, coat, turn);
    }
    let root = (
        shoulder.0 + build.girth[2] * 0.22,
        shoulder.1 + build.girth[2] * 0.18,
    );
    let between = ((root.0 * 0.45 + head.0 * 0.55), (root.1 * 0.52 + head.1 * 0.48));
    if subject != Subject::Lion {
        figure.limb(
            &[
                (root.0, root.1, build.neck.0),
                (between.0, between.1, (build.neck.0 + build.neck.1) * 0.5),
                (head.0, head.1, build.neck.1),
            ],
            paint,
        );
    }
    match subject {
        Subject::Horse | Subject::Deer => long_face(figure, subject, head, radius, coat, paint),
        Subject::Elephant => elephant(figure, head, radius, coat, (paint, turn)),
        _ => round_face(figure, subject, head, radius, coat, paint),
    }
    if subject == Subject::Horse {
        mane_of_horse(figure, root, head, radius, coat.mix(Colour::BLACK, 0.5), turn);
    }
    if subject == Subject::Deer {
        antlers(figure, head, radius, plain(figure.tone(0x7a_5a3c), 1.0), 0.0);
    }
    ears(figure, subject, head, radius, paint, 0.0);
}

/// Cats, dogs, bears and rabbits.
fn round_face(
    figure: &mut Figure<'_>,
    subject: Subject,
    head: Point,
    radius: f32,
    coat: Colour,
    paint: &Paint<'_>,
) {
    let (x, y) = head;
    let (snout, down, thick) = match subject {
        Subject::Cat => (0.66, 0.30, 0.56),
        Subject::Lion | Subject::Tiger => (1.02, 0.30, 0.56),
        Subject::Dog => (1.55, 0.24, 0.42),
        Subject::Fox => (1.6, 0.36, 0.26),
        Subject::Rabbit => (0.8, 0.28, 0.58),
        _ => (1.12, 0.34, 0.48),
    };
    figure.ellipse(x, y, radius * 1.02, radius * 0.94, paint);
    let nose = (x + radius * snout, y - radius * down);
    figure.limb(
        &[
            (x + radius * 0.2, y - radius * 0.12, radius * 0.78),
            (nose.0, nose.1, radius * thick * 0.72),
        ],
        paint,
    );
    let pale = match subject {
        Subject::Fox | Subject::Tiger | Subject::Cat | Subject::Lion => Some(figure.tone(0xf8_eee0)),
        Subject::Bear => Some(coat.mix(figure.tone(0xd8_b894), 0.5)),
        _ => None,
    };
    if let Some(pale) = pale {
        let cheek = plain(coat.mix(pale, 0.72), 1.0);
        figure.limb(
            &[
                (x + radius * 0.3, y - radius * 0.48, radius * 0.34),
                (
                    nose.0 - radius * 0.04,
                    nose.1 - radius * 0.14,
                    radius * thick * 0.5,
                ),
            ],
            &cheek,
        );
    }
    let ink = plain(Colour::hex(0x1c_1618), 0.95);
    figure.ellipse(
        nose.0 + radius * thick * 0.5,
        nose.1 + radius * thick * 0.22,
        radius * 0.16,
        radius * 0.13,
        &ink,
    );
    let eye = (x + radius * 0.40, y + radius * 0.12);
    if subject == Subject::Panda {
        figure.ellipse(
            eye.0,
            eye.1 - radius * 0.06,
            radius * 0.26,
            radius * 0.32,
            &plain(figure.tone(0x2c_2a30), 1.0),
        );
    }
    figure.ellipse(eye.0, eye.1, radius * 0.105, radius * 0.135, &ink);
    figure.disc(
        eye.0 + radius * 0.035,
        eye.1 + radius * 0.05,
        radius * 0.035,
        &plain(Colour::WHITE, 0.9),
    );
}

/// Horses and deer.
fn long_face(
    figure: &mut Figure<'_>,
    subject: Subject,
    head: Point,
    radius: f32,
    coat: Colour,
    paint: &Paint<'_>,
) {
    let (x, y) = head;
    let long = if subject == Subject::Horse { 2.25 } else { 1.75 };
    let nose = (x + radius * long * 0.80, y - radius * long * 0.66);
    figure.limb(
        &[
            (x, y, radius * 1.02),
            (
                (x + nose.0) / 2.0,
                (y + nose.1) / 2.0 + radius * 0.06,
                radius * 0.70,
            ),
            (nose.0, nose.1, radius * 0.50),
        ],
        paint,
    );
    figure.disc(
        nose.0 + radius * 0.08,
        nose.1 - radius * 0.08,
        radius * 0.47,
        &plain(coat.mix(Colour::BLACK, 0.42), 0.8),
    );
    let ink = plain(Colour::hex(0x16_1214), 0.95);
    figure.disc(x + radius * 0.42, y + radius * 0.18, radius * 0.16, &ink);
}

fn elephant(
    figure: &mut Figure<'_>,
    head: Point,
    radius: f32,
    coat: Colour,
    (paint, turn): (&Paint<'_>, f32),
) {
    let (x, y) = head;
    let swing = wave(turn + 0.2) * radius * 0.22;
    figure.blob(
        &[
            (x - radius * 0.75, y + radius * 0.5),
            (x, y + radius * 1.02),
            (x + radius * 0.75, y + radius * 0.62),
            (x + radius * 0.98, y - radius * 0.2),
            (x + radius * 0.5, y - radius * 0.85),
            (x - radius * 0.6, y - radius * 0.8),
        ],
        paint,
    );
    let trunk: Vec<(f32, f32, f32)> = (0..=14u8)
        .map(|step| {
            let along = f32::from(step) / 14.0;
            let curl = wave(0.25 * along * along) * radius * 0.75;
            (
                x + radius * 0.72 + radius * 0.30 * wave(along * 0.45) + curl * along + swing * along,
                y - radius * 0.12 - radius * 2.25 * along + radius * 0.35 * along * along * along,
                radius * (0.40 - 0.25 * along),
            )
        })
        .collect();
    let tusk = plain(figure.tone(0xf6_eedc), 1.0);
    figure.limb(
        &[
            (x + radius * 0.62, y - radius * 0.66, radius * 0.1),
            (x + radius * 1.1, y - radius * 1.1, radius * 0.075),
            (x + radius * 1.5, y - radius * 1.06, radius * 0.03),
        ],
        &tusk,
    );
    figure.limb(&trunk, paint);
    let flap = 1.0 + 0.07 * wave(turn * 1.0 + 0.1);
    let ear = figure.body(coat.mix(Colour::BLACK, 0.16), y + radius, y - radius * 1.4);
    figure.blob(
        &[
            (x + radius * 0.12, y + radius * 0.62),
            (x - radius * 0.5 * flap, y + radius * 0.98),
            (x - radius * 1.15 * flap, y + radius * 0.55),
            (x - radius * 1.2 * flap, y - radius * 0.35),
            (x - radius * 0.7 * flap, y - radius * 1.15),
            (x - radius * 0.15, y - radius * 0.72),
            (x + radius * 0.14, y - radius * 0.1),
        ],
        &ear,
    );
    figure.disc(
        x + radius * 0.48,
        y + radius * 0.18,
        radius * 0.07,
        &plain(Colour::hex(0x14_1216), 0.95),
    );
}

fn ears(figure: &mut Figure<'_>, subject: Subject, head: Point, radius: f32, paint: &Paint<'_>, behind: f32) {
    let (x, y) = (head.0 - radius * 0.32 - radius * behind * 2.6, head.1);
    match subject {
        Subject::Cat | Subject::Fox => {
            let tall = if subject == Subject::Cat { 1.5 } else { 1.85 };
            figure.polygon(
                &[
                    (x - radius * 0.42, y + radius * 0.55),
                    (x - radius * 0.12, y + radius * tall),
                    (x + radius * 0.5, y + radius * 0.78),
                ],
                paint,
            );
            figure.limb(
                &[
                    (x - radius * 0.1, y + radius * 0.62, radius * 0.3),
                    (x + radius * 0.18, y + radius * 0.66, radius * 0.26),
                ],
                paint,
            );
        }
        Subject::Dog if behind == 0.0 => hanging_ear(figure, (x, y), radius, paint),
        Subject::Lion | Subject::Tiger | Subject::Bear => {
            figure.disc(x, y + radius * 0.82, radius * 0.33, paint)
        }
        Subject::Panda => {
            let black = plain(figure.tone(0x2c_2a30), 1.0);
            figure.disc(x, y + radius * 0.84, radius * 0.34, &black);
        }
        Subject::Rabbit => {
            figure.limb(
                &[
                    (x + radius * 0.1, y + radius * 0.6, radius * 0.2),
                    (x - radius * 0.25, y + radius * 1.6, radius * 0.27),
                    (x - radius * 0.6, y + radius * 2.5, radius * 0.13),
                ],
                paint,
            );
        }
        Subject::Horse | Subject::Deer => {
            let (long, tilt) = if subject == Subject::Horse {
                (1.15, 0.12)
            } else {
                (0.75, -0.95)
            };
            figure.blob(
                &[
                    (x + radius * 0.1, y + radius * 0.55),
                    (
                        x - radius * 0.02 + radius * tilt * 0.5,
                        y + radius * (0.75 + long * 0.4),
                    ),
                    (x + radius * tilt, y + radius * (0.65 + long)),
                    (
                        x + radius * 0.42 + radius * tilt * 0.3,
                        y + radius * (0.7 + long * 0.3),
                    ),
                ],
                paint,
            );
        }
        _ => {}
    }
}

fn hanging_ear(figure: &mut Figure<'_>, (x, y): Point, radius: f32, paint: &Paint<'_>) {
    let ear = [
        (x - radius * 0.2, y + radius * 0.82),
        (x + radius * 0.22, y + radius * 0.7),
        (x + radius * 0.16, y - radius * 0.15),
        (x - radius * 0.14, y - radius * 0.72),
        (x - radius * 0.5, y - radius * 0.3),
        (x - radius * 0.46, y + radius * 0.4),
    ];
    figure.blob(&ear, paint);
    figure.blob(&ear, &plain(Colour::BLACK, 0.28));
}

fn antlers(figure: &mut Figure<'_>, head: Point, radius: f32, paint: Paint<'_>, behind: f32) {
    let (x, y) = (head.0 - radius * 0.15 - behind, head.1 + radius * 0.85);
    let main = [
        (x, y),
        (x - radius * 0.9, y + radius * 1.2),
        (x - radius * 0.7, y + radius * 2.5),
        (x + radius * 0.5, y + radius * 3.5),
    ];
    figure.curve(&main, radius * 0.26, &paint);
    for (from, to) in [(0.9, (0.75, 1.5)), (1.9, (0.85, 2.5)), (2.6, (-1.5, 3.4))] {
        let root = (x - radius * 0.86 + radius * 0.1 * from, y + radius * from);
        figure.curve(
            &[
                root,
                ((root.0 + x + radius * to.0) / 2.0, root.1 + radius * 0.18),
                (x + radius * to.0, y + radius * to.1),
            ],
            radius * 0.2,
            &paint,
        );
    }
}

fn mane_of_lion(figure: &mut Figure<'_>, head: Point, radius: f32, coat: Colour, turn: f32) {
    let (x, y) = (head.0 - radius * 0.42, head.1 - radius * 0.12);
    for (size, share) in [(2.0, 0.58), (1.55, 0.42)] {
        let points: Vec<Point> = (0..22u8)
            .map(|at| {
                let angle = f32::from(at) / 22.0;
                let long = radius
                    * size
                    * (0.9 + 0.1 * wave(f32::from(at) * 0.5 + 0.25) + 0.03 * wave(turn + angle * 3.0));
                (
                    x + long * wave(angle + 0.25) * 0.92,
                    y + long * wave(angle) * 1.05,
                )
            })
            .collect();
        let paint = figure.body(
            coat.mix(Colour::hex(0x3a_1c10), share),
            y + radius * 2.0,
            y - radius * 2.2,
        );
        figure.blob(&points, &paint);
    }
}

fn mane_of_horse(figure: &mut Figure<'_>, root: Point, head: Point, radius: f32, tone: Colour, turn: f32) {
    let blow = 0.02 * wave(turn);
    let (x, y) = (head.0 - radius * 0.3, head.1 + radius * 0.9);
    let (to_x, to_y) = (root.0 - radius * 1.1, root.1 + radius * 1.0);
    let mut points = vec![(x + radius * 0.5, y + radius * 0.1)];
    for step in 0..=6u8 {
        let along = f32::from(step) / 6.0;
        let out = radius * (0.75 + 0.25 * wave(along * 3.0 + turn)) + blow;
        points.push((
            x + (to_x - x) * along - out * 0.85,
            y + (to_y - y) * along + out * 0.35,
        ));
    }
    for step in (0..=6u8).rev() {
        let along = f32::from(step) / 6.0;
        points.push((
            x + (to_x - x) * along + radius * 0.45,
            y + (to_y - y) * along - radius * 0.55,
        ));
    }
    let paint = figure.body(tone, y + 0.05, to_y);
    figure.blob(&points, &paint);
}
