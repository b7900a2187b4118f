//! Whose a named colour is: the subject's, the place's or the sky's. Knows no palette.

use super::vocabulary::{Meaning, Rank};
use super::words::{Named, Reading};
use super::{Ground, Subject};
use crate::colour::Colour;

/// A colour belongs to the next thing at most this far behind it, counted as by the reading: 2 a word.
const NEAR: usize = 6;

/// The colours that a prompt names, by what they are said of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Colours {
    pub(super) subject: Option<Colour>,
    /// Those of the place, in their order.
    pub(super) place: Vec<Colour>,
    pub(super) sky: Option<Colour>,
}

/// What a colour is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Subject,
    Place,
    Sky,
    /// Something that is not shown, or has its own colours.
    Other,
}

impl Colours {
    /// Gives every colour to its owner; `subject` is the one that is named and `ground` the place that is shown.
    pub(super) fn of(reading: &Reading, subject: Option<Subject>, ground: Ground) -> Self {
        let bare = matches!(ground, Ground::Ribbons | Ground::Studio);
        let (mut own, mut colours) = (Vec::new(), Self::default());
        for named in &reading.named {
            let Some(colour) = named.meaning.colour().map(Colour::hex) else {
                continue;
            };
            let unsaid = if subject.is_some() {
                Owner::Subject
            } else if bare {
                Owner::Place
            } else {
                Owner::Other
            };
            match owner(reading, named, subject, ground).unwrap_or(unsaid) {
                Owner::Subject if ground == Ground::Ribbons => colours.place.push(colour),
                Owner::Subject => own.push(colour),
                Owner::Place => colours.place.push(colour),
                Owner::Sky if bare => colours.place.push(colour),
                Owner::Sky => colours.sky = colours.sky.or(Some(colour)),
                Owner::Other => {}
            }
        }
        // Before a bare wall the second colour is the wall's.
        if bare && colours.place.is_empty() {
            colours.place.extend(own.get(1));
        }
        colours.subject = own.first().copied();
        colours
    }
}

/// The thing that a colour stands in, before or, failing that, behind; `None` if it stands alone.
fn owner(reading: &Reading, colour: &Named, subject: Option<Subject>, ground: Ground) -> Option<Owner> {
    let things = || {
        let each = reading.named.iter();
        each.filter_map(|named| Some((named.place, kind(named, subject, ground)?)))
    };
    let within = things()
        .filter(|(place, _)| *place == colour.place)
        .map(|(_, owner)| owner)
        .min();
    let at = colour.place;
    let next = || {
        let behind = things().filter(|(place, _)| {
            place.phrase == at.phrase && place.from >= at.to && place.from <= at.to + NEAR && place.to > at.to
        });
        behind
            .min_by_key(|(place, owner)| (place.from, *owner))
            .map(|(_, owner)| owner)
    };
    let last = || {
        let before = things()
            .filter(|(place, _)| place.thought == at.thought && place.to <= at.from && place.from < at.from);
        before
            .max_by_key(|(place, owner)| (place.to, std::cmp::Reverse(*owner)))
            .map(|(_, owner)| owner)
    };
    within.or_else(next).or_else(last)
}

/// What a word would be as the owner of a colour.
fn kind(named: &Named, subject: Option<Subject>, ground: Ground) -> Option<Owner> {
    match named.meaning {
        Meaning::Subject(own) if Some(own) == subject => Some(Owner::Subject),
        Meaning::Ground(own) if own == ground && named.rank == Rank::Plain => Some(Owner::Place),
        Meaning::Hour(_) | Meaning::Sky if named.rank == Rank::Plain => Some(Owner::Sky),
        Meaning::Weather(_) | Meaning::Light(_) if named.rank == Rank::Plain => Some(Owner::Sky),
        Meaning::Subject(_) | Meaning::Ground(_) | Meaning::Air(_) | Meaning::Sight(_)
            if named.rank == Rank::Plain =>
        {
            Some(Owner::Other)
        }
        _ => None,
    }
}
