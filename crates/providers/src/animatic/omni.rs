//! Omni clips: pictures in the order in which the prompt names them, and a clip that is edited or whose motion leads.

use ::animatic::{Omni, Refer, Wish, Work};
use domain::Role;
use domain::provider::UpstreamError;

use super::extend::sized_like;
use super::given::Given;
use super::tags;

/// Whether the clip's own sound is kept.
pub(super) const KEEPS_SOUND: &str = "kling.keep_original_sound";
/// How the clip is taken; its role says the same.
pub(super) const REFER_TYPE: &str = "kling.refer_type";

/// Reads the clip of a wish, if it has one, and puts its pictures in order.
pub(super) fn read(given: &mut Given<'_>, wish: &mut Wish) -> Result<(), UpstreamError> {
    order(&given.ask.prompt, frames(wish), wish);
    let (clip, refer) = match (given.take(Role::SourceVideo), given.take(Role::MotionVideo)) {
        (Some(clip), _) => (clip, Refer::Base),
        (None, Some(clip)) => (clip, Refer::Feature),
        (None, None) => return Ok(()),
    };
    if refer == Refer::Base {
        sized_like(&clip, given, wish)?;
    }
    wish.work = Work::Omni(Omni {
        clip,
        refer,
        keeps_sound: given.keeps(KEEPS_SOUND),
    });
    Ok(())
}

/// How many of the pictures that the prompt counts are frames and no references.
fn frames(wish: &Wish) -> usize {
    usize::from(wish.first_frame.is_some()) + usize::from(wish.last_frame.is_some())
}

/// Brings the pictures that the prompt names to the front, in its order. References are the pictures of
/// `image_list` that are no frames, then those of the elements.
fn order(prompt: &str, frames: usize, wish: &mut Wish) {
    let elements = tags::named(prompt)
        .iter()
        .filter(|name| name.starts_with("element_"))
        .count();
    let images = wish.references.len().saturating_sub(elements);
    let place = |name: &str| {
        let (kind, number) = name.split_once('_')?;
        let number = number.parse::<usize>().ok()?.checked_sub(1)?;
        match kind {
            "image" => number.checked_sub(frames),
            "element" => Some(images + number),
            _ => None,
        }
    };
    let mut places: Vec<usize> = Vec::new();
    let named = tags::named(prompt);
    for at in named
        .into_iter()
        .filter_map(place)
        .chain(0..wish.references.len())
    {
        if at < wish.references.len() && !places.contains(&at) {
            places.push(at);
        }
    }
    wish.references = places
        .into_iter()
        .map(|at| std::mem::take(&mut wish.references[at]))
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_the_order_in_which_the_prompt_names_them() {
        let ordered = |prompt: &str, frames: usize| {
            let mut wish = Wish {
                references: vec![vec![1], vec![2], vec![3]],
                ..Wish::default()
            };
            order(prompt, frames, &mut wish);
            wish.references.concat()
        };
        assert_eq!(ordered("no names", 0), [1, 2, 3]);
        assert_eq!(ordered("<<<image_3>>> meets <<<image_1>>>", 0), [3, 1, 2]);
        assert_eq!(ordered("<<<element_1>>> with <<<image_2>>>", 0), [3, 2, 1]);
        assert_eq!(
            ordered("<<<image_2>>> after the first frame <<<image_1>>>", 1),
            [1, 2, 3]
        );
        assert_eq!(ordered("<<<image_9>>> <<<image_0>>> <<<video_1>>>", 0), [1, 2, 3]);
    }
}
