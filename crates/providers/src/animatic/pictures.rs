//! Stills of every operation as the renderer's work: from words, from pictures, wider, worn, from other sides. How
//! they are drawn is the renderer's business.

use ::animatic::{
    Clip, Composition, Errand, ExpandWish, Format, MAX_SHORT_SIDE, MAX_SIDE, Picture, RenderError, SETS,
    TryOnWish, VIEW_SIDE, Variation, compose, expand, shown_size, try_on, vary, views,
};
use domain::ask::Size;
use domain::provider::{Job, UpstreamError, Wire};
use domain::{Ask, Findings, Operation, Role};
use serde_json::{Value, json};

use super::given::Given;
use super::tags::plain;
use super::wish::{framed, refused, still};

/// How much of a picture is kept, from 0 to 1; of a person, the other one.
pub(super) const FIDELITY: &str = "kling.image_fidelity";
pub(super) const HUMAN_FIDELITY: &str = "kling.human_fidelity";
/// `single` or `series`, and how many a series has.
pub(super) const RESULT_TYPE: &str = "kling.result_type";
pub(super) const SERIES_AMOUNT: &str = "kling.series_amount";
/// How much is added on each side, in shares of it.
pub(super) const EXPANSIONS: [&str; 4] = [
    "kling.up_expansion_ratio",
    "kling.down_expansion_ratio",
    "kling.left_expansion_ratio",
    "kling.right_expansion_ratio",
];
/// How much of a picture is kept where nobody says it, in hundredths.
const USUAL_FIDELITY: u8 = 50;
/// How many pictures a series has whose length is left to the maker.
const SERIES: u32 = 4;

/// How many pieces of work an ask is: one for each picture, but all other sides of a thing are one.
pub(super) fn count(ask: &Ask) -> u32 {
    match ask.operation {
        Operation::MultiShotViews => 1,
        Operation::OmniImage if free(ask) => SERIES.min(ask.count),
        _ => ask.count,
    }
}

/// Whether the length of a series is left to the maker.
pub(super) fn free(ask: &Ask) -> bool {
    ask.extras.get(SERIES_AMOUNT).and_then(Value::as_str) == Some("auto")
}

/// What is told of finished pictures beside them; none where they speak for themselves.
pub(super) fn findings(ask: &Ask) -> Option<Findings> {
    let told = match ask.operation {
        Operation::MultiShotViews => {
            let set = |set: usize| {
                let file = |view: usize| json!({"file": set * 3 + view});
                json!({"index": set, "url_1": file(0), "url_2": file(1), "url_3": file(2)})
            };
            json!({"images": (0..SETS).map(set).collect::<Vec<_>>()})
        }
        Operation::OmniImage if ask.extras.get(RESULT_TYPE).and_then(Value::as_str) == Some("series") => {
            let image = |n: u32| json!({"index": n, "url": {"file": n}});
            let images = (0..count(ask)).map(image).collect::<Vec<_>>();
            json!({"result_type": "series", "series_images": images})
        }
        _ => return None,
    };
    Some(Findings {
        told,
        ..Findings::default()
    })
}

/// The pieces of work of a job that makes stills; `None` for one from words alone, which is drawn like a clip.
///
/// # Errors
/// Refused when it is out of the renderer's bounds, busy when a picture cannot be had now.
pub(super) async fn works(job: &Job, wire: &Wire) -> Result<Option<Vec<Errand>>, UpstreamError> {
    let ask = &job.ask;
    let format = still(ask)?.unwrap_or(Format::Png);
    let mut given = Given::read(job, wire).await?;
    let mut references = given.all(Role::Reference);
    // What an element looks like is one more picture to go by.
    references.extend(given.elements().await?);
    match ask.operation {
        Operation::MultiShotViews => {
            let (front, seed) = (first(references)?, job.seed);
            Ok(Some(vec![Box::new(move |_| sides(&front, seed, format))]))
        }
        Operation::VirtualTryOn => {
            let wish = TryOnWish {
                person: given.need(Role::Person, "human_image")?,
                garment: given.need(Role::Garment, "cloth_image")?,
                kind: None,
            };
            let work = |_| -> Errand {
                let wish = wish.clone();
                Box::new(move |_| file(&try_on(&wish)?, format))
            };
            Ok(Some(seeds(job).map(work).collect()))
        }
        Operation::ImageExpand => {
            let wish = expansion(ask, first(references)?)?;
            let work = |seed| -> Errand {
                let wish = ExpandWish { seed, ..wish.clone() };
                Box::new(move |_| file(&expand(&wish)?, format))
            };
            Ok(Some(seeds(job).map(work).collect()))
        }
        _ => Ok(drawn(job, &mut given, references, format)),
    }
}

/// Stills that are drawn from words, alone or towards or around pictures.
fn drawn(job: &Job, given: &mut Given<'_>, references: Vec<Vec<u8>>, format: Format) -> Option<Vec<Errand>> {
    let ask = &job.ask;
    let size = size(ask, references.first());
    let composed = ask.operation == Operation::MultiImageToImage;
    if let ([picture], false) = (references.as_slice(), composed) {
        let wish = Variation {
            picture: picture.clone(),
            fidelity: fidelity(ask),
            prompt: plain(&ask.prompt),
            negative_prompt: ask.negative_prompt.clone(),
            width: size.0,
            height: size.1,
            seed: 0,
        };
        let work = |seed| -> Errand {
            let wish = Variation { seed, ..wish.clone() };
            Box::new(move |_| file(&vary(&wish)?, format))
        };
        return Some(seeds(job).map(work).collect());
    }
    let fits = size.0.max(size.1) <= MAX_SIDE && size.0.min(size.1) <= MAX_SHORT_SIDE;
    if references.is_empty() && ask.operation == Operation::ImageGeneration && fits {
        return None;
    }
    let wish = Composition {
        prompt: plain(&ask.prompt),
        negative_prompt: ask.negative_prompt.clone(),
        width: size.0,
        height: size.1,
        seed: 0,
        subjects: references,
        scene: given.take(Role::Setting),
        style: given.take(Role::Style),
    };
    let work = |seed| -> Errand {
        let wish = Composition { seed, ..wish.clone() };
        Box::new(move |_| file(&compose(&wish)?, format))
    };
    Some(seeds(job).map(work).collect())
}

/// One seed for each picture.
fn seeds(job: &Job) -> impl Iterator<Item = u64> {
    let seed = job.seed;
    (0..u64::from(count(&job.ask))).map(move |n| seed.wrapping_add(n))
}

fn first(mut pictures: Vec<Vec<u8>>) -> Result<Vec<u8>, UpstreamError> {
    if pictures.is_empty() {
        return Err(refused("the picture is missing"));
    }
    Ok(pictures.swap_remove(0))
}

/// The size of a still, which may follow the ratio of its first picture.
fn size(ask: &Ask, picture: Option<&Vec<u8>>) -> (u32, u32) {
    let Size { width, height } = ask.size;
    let shown = picture
        .filter(|_| ask.follows_picture)
        .and_then(|picture| shown_size(picture));
    shown.map_or((width, height), |shown| framed(ask.size, shown))
}

/// How much of a picture is kept, in hundredths.
fn fidelity(ask: &Ask) -> u8 {
    let said = |name: &str| ask.extras.get(name).and_then(Value::as_f64);
    let share = said(FIDELITY).or_else(|| said(HUMAN_FIDELITY));
    share.map_or(USUAL_FIDELITY, |share| {
        (share * 100.0).round().clamp(0.0, 100.0) as u8
    })
}

fn expansion(ask: &Ask, picture: Vec<u8>) -> Result<ExpandWish, UpstreamError> {
    let mut sides = [0u16; 4];
    for (side, name) in sides.iter_mut().zip(EXPANSIONS) {
        let value = ask.extras.get(name).unwrap_or(&Value::Null);
        let share = value.as_f64().filter(|share| (0.0..=2.0).contains(share));
        let field = name.trim_start_matches("kling.");
        let share = share.ok_or_else(|| refused(&format!("`{field}` is `{value}`; allowed: from 0 to 2")))?;
        *side = (share * 1_000.0).round() as u16;
    }
    let [up, down, left, right] = sides;
    Ok(ExpandWish {
        picture,
        up,
        down,
        left,
        right,
        prompt: plain(&ask.prompt),
        seed: 0,
    })
}

/// A picture in the shape of the pool's results.
fn file(picture: &Picture, format: Format) -> Result<Clip, RenderError> {
    Ok(Clip {
        bytes: picture.encode(format)?,
        width: picture.width,
        height: picture.height,
        frames: 1,
        ..Clip::default()
    })
}

fn sides(front: &[u8], seed: u64, format: Format) -> Result<Clip, RenderError> {
    let sets = views(front, seed)?;
    let files: Result<Vec<_>, _> = sets.iter().flatten().map(|view| view.encode(format)).collect();
    let mut files = files?.into_iter();
    Ok(Clip {
        bytes: files.next().unwrap_or_default(),
        beside: files.collect(),
        width: VIEW_SIDE,
        height: VIEW_SIDE,
        frames: 1,
        ..Clip::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(operation: Operation, extras: &[(&str, Value)]) -> Ask {
        let extras = extras
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Ask {
            operation,
            extras: extras.collect(),
            ..testkit::sample::ask()
        }
    }

    #[test]
    fn ratios_of_an_expansion_are_read_to_the_thousandth_and_others_are_refused() {
        let ratios = |up: Value| {
            let others = [EXPANSIONS[1], EXPANSIONS[2], EXPANSIONS[3]].map(|name| (name, json!(0.1)));
            let all = [&[(EXPANSIONS[0], up)][..], &others].concat();
            expansion(&ask(Operation::ImageExpand, &all), Vec::new())
        };
        let read = ratios(json!(0.25))
            .ok()
            .map(|wish| (wish.up, wish.down, wish.left, wish.right));
        assert_eq!(read, Some((250, 100, 100, 100)));
        for wrong in [json!(2.1), json!(-0.1), json!("0.5"), Value::Null] {
            assert!(matches!(ratios(wrong), Err(UpstreamError::Refused(_))));
        }
    }

    #[test]
    fn a_series_is_told_by_its_pictures_and_views_by_their_sets() {
        let series = |amount: Value| {
            let extras = [(RESULT_TYPE, json!("series")), (SERIES_AMOUNT, amount)];
            Ask {
                count: 9,
                ..ask(Operation::OmniImage, &extras)
            }
        };
        assert_eq!(count(&series(json!("auto"))), SERIES);
        assert_eq!(count(&series(json!(9))), 9);
        let told = findings(&series(json!("auto"))).expect("a series is told").told;
        assert_eq!(told["series_images"][3], json!({"index": 3, "url": {"file": 3}}));
        assert_eq!(told["series_images"].as_array().map(Vec::len), Some(4));
        let views = ask(Operation::MultiShotViews, &[]);
        let told = findings(&views).expect("views are told").told;
        let last = json!({"index": 2, "url_1": {"file": 6}, "url_2": {"file": 7}, "url_3": {"file": 8}});
        assert_eq!(told["images"][2], last);
        assert!(findings(&ask(Operation::VirtualTryOn, &[])).is_none());
    }

    #[test]
    fn fidelity_is_in_hundredths_and_half_where_nobody_says_it() {
        assert_eq!(fidelity(&ask(Operation::ImageGeneration, &[])), 50);
        assert_eq!(
            fidelity(&ask(Operation::ImageGeneration, &[(FIDELITY, json!(0.8))])),
            80
        );
        assert_eq!(
            fidelity(&ask(Operation::ImageGeneration, &[(HUMAN_FIDELITY, json!(7))])),
            100
        );
    }
}
