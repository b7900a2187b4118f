//! Masks as short texts: the run lengths of their columns, written as the COCO data sets write them. Finds nothing.

use super::mask::{Mask, WITHIN};

/// Bits of a run that one letter carries, and the letter of nothing.
const BITS: u32 = 5;
const FIRST: u8 = 48;
/// Says that one more letter of the same run follows.
const MORE: i64 = 0x20;

/// The runs of a mask, column after column from the upper left, beginning with what is without.
fn runs(mask: &Mask) -> Vec<i64> {
    let (mut runs, mut within, mut run) = (Vec::new(), false, 0);
    for x in 0..mask.width {
        for y in 0..mask.height {
            if (mask.levels[(y * mask.width + x) as usize] > WITHIN) != within {
                runs.push(run);
                (within, run) = (!within, 0);
            }
            run += 1;
        }
    }
    runs.push(run);
    runs
}

/// Writes a mask: every run as its difference from the one two before it, five bits a letter, the lowest first.
#[must_use]
pub fn write(mask: &Mask) -> String {
    let runs = runs(mask);
    let mut text = String::new();
    for (at, run) in runs.iter().enumerate() {
        let mut left = if at > 2 { run - runs[at - 2] } else { *run };
        loop {
            let part = left & (MORE - 1);
            left >>= BITS;
            // The sign is in the highest bit that is written.
            let done = if part & 0x10 == 0 { left == 0 } else { left == -1 };
            let letter = if done { part } else { part | MORE };
            text.push(char::from(FIRST + letter as u8));
            if done {
                break;
            }
        }
    }
    text
}

/// Reads a mask back. `None` for a text that is none, or not one of a mask of this size.
#[must_use]
pub fn read(text: &str, width: u32, height: u32) -> Option<Mask> {
    let whole = i64::from(width) * i64::from(height);
    let mut runs: Vec<i64> = Vec::new();
    let mut letters = text.bytes();
    while let Some(first) = letters.next() {
        let (mut letter, mut run, mut place) = (first, 0i64, 0);
        loop {
            let bits = i64::from(letter.checked_sub(FIRST)?);
            if bits >= MORE * 2 || place > 6 {
                return None;
            }
            run |= (bits & (MORE - 1)) << (BITS * place);
            place += 1;
            if bits & MORE == 0 {
                if bits & 0x10 != 0 {
                    run |= -1i64 << (BITS * place);
                }
                break;
            }
            letter = letters.next()?;
        }
        if runs.len() > 2 {
            run += runs[runs.len() - 2];
        }
        if !(0..=whole).contains(&run) {
            return None;
        }
        runs.push(run);
    }
    if runs.iter().sum::<i64>() != whole {
        return None;
    }
    let mut mask = Mask::empty(width, height);
    let mut at = 0u32;
    for (number, run) in runs.into_iter().enumerate() {
        for _ in 0..run {
            if number % 2 == 1 {
                let (x, y) = (at / height, at % height);
                mask.levels[(y * width + x) as usize] = 255;
            }
            at += 1;
        }
    }
    Some(mask)
}
