//! Reach: which rows of a book no wish ever comes to, because the rows before it take everything that they
//! name. What a row fits is a box over its conditions; the boxes of the rows before are cut out of it.

use std::collections::BTreeSet;

use crate::price::{PriceBook, PriceRow};

/// Pieces that are looked at for one row; a book that takes more is believed.
const PIECES_MAX: usize = 20_000;

/// Which values of one condition are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A word, or any other than these.
    Word(Option<String>, BTreeSet<String>),
    /// Whole numbers from one to another.
    Range(u64, u64),
}

impl Part {
    fn word(word: Option<String>) -> Part {
        Part::Word(word, BTreeSet::new())
    }

    fn flag(flag: Option<bool>) -> Part {
        flag.map_or(Part::Range(0, 1), |flag| Part::Range(flag.into(), flag.into()))
    }

    fn is_empty(&self) -> bool {
        match self {
            Part::Word(..) => false,
            Part::Range(from, to) => from > to,
        }
    }

    /// What both mean; none where they have nothing in common.
    fn and(&self, other: &Part) -> Option<Part> {
        match (self, other) {
            (Part::Word(Some(word), _), Part::Word(Some(taken), _)) => (word == taken).then(|| self.clone()),
            (Part::Word(None, but), Part::Word(Some(word), _)) => {
                (!but.contains(word)).then(|| other.clone())
            }
            (Part::Range(from, to), Part::Range(least, most)) => {
                let both = Part::Range(*from.max(least), *to.min(most));
                (!both.is_empty()).then_some(both)
            }
            _ => Some(self.clone()),
        }
    }

    /// What this means and the other, which has something in common with it, does not.
    fn without(&self, other: &Part) -> Vec<Part> {
        match (self, other) {
            (Part::Word(None, but), Part::Word(Some(word), _)) => {
                let mut but = but.clone();
                but.insert(word.clone());
                vec![Part::Word(None, but)]
            }
            (Part::Range(from, to), Part::Range(least, most)) => {
                let below = least.checked_sub(1).map(|most| Part::Range(*from, most));
                let above = most.checked_add(1).map(|least| Part::Range(least, *to));
                let parts = below.into_iter().chain(above);
                parts.filter(|part| !part.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a row fits, condition by condition, always in one order.
fn parts(row: &PriceRow) -> Vec<Part> {
    let lengths = row.lengths();
    let count = row.count.map(u64::from);
    vec![
        Part::word(Some(row.model.clone())),
        Part::word(row.operation.map(|operation| operation.word().to_owned())),
        Part::word(row.mode.clone()),
        row.resolution
            .map_or(Part::Range(0, 2), |size| Part::Range(size as u64, size as u64)),
        Part::flag(row.sound),
        Part::Range(*lengths.start(), *lengths.end()),
        Part::Range(count.unwrap_or(0), count.unwrap_or(u64::MAX)),
        Part::flag(row.video_input),
        Part::flag(row.picture_input),
        Part::flag(row.voice),
    ]
}

/// Whether something of a piece is left when these are cut out of it.
fn is_reached(piece: &[Part], before: &[&[Part]]) -> bool {
    let mut left = vec![(piece.to_vec(), 0)];
    for _ in 0..PIECES_MAX {
        let Some((mut piece, first)) = left.pop() else {
            return false;
        };
        let meets = |cut: &&[Part]| piece.iter().zip(*cut).all(|(part, cut)| part.and(cut).is_some());
        let Some(met) = before.iter().skip(first).position(meets) else {
            return true;
        };
        let next = first + met + 1;
        for (place, cut) in before[next - 1].iter().enumerate() {
            for outside in piece[place].without(cut) {
                let mut rest = piece.clone();
                rest[place] = outside;
                left.push((rest, next));
            }
            if let Some(common) = piece[place].and(cut) {
                piece[place] = common;
            }
        }
    }
    true
}

impl PriceBook {
    /// The rows that are never the price of anything, by their places from 0.
    #[must_use]
    pub fn unreached(&self) -> Vec<usize> {
        let boxes: Vec<Vec<Part>> = self.rows.iter().map(parts).collect();
        let is_unreached = |place: &usize| {
            let piece = &boxes[*place];
            let earlier = boxes[..*place].iter().filter(|other| other[0] == piece[0]);
            let before: Vec<&[Part]> = earlier.map(Vec::as_slice).collect();
            piece.iter().any(Part::is_empty) || !is_reached(piece, &before)
        };
        (0..boxes.len()).filter(is_unreached).collect()
    }
}
