//! The capability map as a table.

use dialects::kling_models::{MODELS, MODES, Model, Offer, Use};

use super::markdown::Page;

/// The calls for plain clips.
const PLAIN: [Use; 6] = [
    Use::Text,
    Use::FirstFrame,
    Use::BothFrames,
    Use::LastFrame,
    Use::Brush,
    Use::References,
];
/// The omni call and motion control.
const REST: [Use; 4] = [Use::Omni, Use::OmniReferences, Use::OmniClip, Use::Motion];

/// The map. Every dialect of today sells the models of this one vendor.
pub(super) fn write(page: &mut Page) {
    page.section("Models");
    let words = MODES.map(|(word, lines)| format!("`{word}` {lines}"));
    page.text(&format!(
        "What the vendor's models make in these calls: modes, lengths in seconds, and where sound may be on. A \
         mode's lines are the short side of its frames: {}. A camera moves, shots are several and `cfg_scale` is \
         heard, and elements and voices are named, only where the last table says so; its last column is the frame rate where none is asked for.",
        words.join(", ")
    ));
    let rows: Vec<[String; 7]> = MODELS
        .iter()
        .filter(|model| has(model, &PLAIN))
        .map(uses)
        .collect();
    page.table(
        [
            "model",
            "prompt alone",
            "first frame",
            "first and last frame",
            "last frame alone",
            "masks",
            "references",
        ],
        &rows,
    );
    let rows: Vec<[String; 5]> = MODELS
        .iter()
        .filter(|model| has(model, &REST))
        .map(rest)
        .collect();
    page.table(
        [
            "model",
            "omni: words or a first frame",
            "omni: more pictures or elements",
            "omni: with a clip",
            "motion control: the longest clip",
        ],
        &rows,
    );
    let rows: Vec<[String; 8]> = MODELS.iter().map(options).collect();
    page.table(
        [
            "model",
            "`camera_control`",
            "`multi_shot`",
            "elements",
            "voices",
            "`cfg_scale`",
            "`mode`",
            "frames a second",
        ],
        &rows,
    );
}

/// Whether a model makes anything in some of the calls.
fn has(model: &Model, usages: &[Use]) -> bool {
    usages.iter().any(|usage| !model.offers(*usage).is_empty())
}

fn rest(model: &Model) -> [String; 5] {
    let [omni, references, clip, motion] = REST.map(|usage| offers(model.offers(usage)));
    [format!("`{}`", model.name), omni, references, clip, motion]
}

fn uses(model: &Model) -> [String; 7] {
    let [text, first, both, last, brush, references] = PLAIN.map(|usage| offers(model.offers(usage)));
    [
        format!("`{}`", model.name),
        text,
        first,
        both,
        last,
        brush,
        references,
    ]
}

fn options(model: &Model) -> [String; 8] {
    let camera = model.camera.map(|camera| {
        let kind = if camera.simple_only { ", type `simple`" } else { "" };
        let operation = camera.operation.word();
        format!("`{operation}`, `{}`, {} s{kind}", camera.mode, camera.seconds)
    });
    let fixed = model.fixed_mode.map(|mode| format!("always `{mode}`"));
    [
        format!("`{}`", model.name),
        camera.unwrap_or_else(|| "–".to_owned()),
        yes(model.multi_shot),
        yes(model.elements),
        yes(model.voices),
        yes(model.cfg_scale),
        fixed.unwrap_or_else(|| "as asked".to_owned()),
        model.fps.to_string(),
    ]
}

fn offers(offers: &[Offer]) -> String {
    let offers = offers.iter().map(|offer| {
        let sound = if offer.sound { ", sound" } else { "" };
        format!("{} {} s{sound}", offer.modes.join("/"), lengths(offer.seconds))
    });
    let text = offers.collect::<Vec<_>>().join("; ");
    if text.is_empty() { "–".to_owned() } else { text }
}

/// Lengths that follow one another as a range.
fn lengths(seconds: &[u64]) -> String {
    let follow = seconds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match (seconds.first(), seconds.last()) {
        (Some(first), Some(last)) if follow && seconds.len() > 2 => format!("{first}–{last}"),
        _ => seconds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "–" }.to_owned()
}
