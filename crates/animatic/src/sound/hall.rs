//! The space that sounds stand in: a small network of echoes. Adds nothing where there is silence.

use super::signal::{Soft, Stereo};

/// Lengths of the four echoes in samples; they share no factor, so that none of them rings out.
const ECHOES: [usize; 4] = [1_493, 1_867, 2_251, 2_801];
/// What is left of the high tones after each echo, as the corner of a low-pass in hertz.
const DULLS: f32 = 3_600.0;

/// Adds the hall's answer to a sound: `share` of it, each round `lasting` times as strong as the one before.
pub(super) fn answer(sound: &mut Stereo, share: f32, lasting: f32) {
    let mut lines = ECHOES.map(|length| vec![0.0f32; length]);
    let mut dulls = [Soft::new(DULLS); 4];
    let mut places = [0usize; 4];
    for at in 0..sound.len() {
        let (left, right) = (sound.left[at], sound.right[at]);
        let mut out = [0.0; 4];
        for line in 0..4 {
            out[line] = dulls[line].next(lines[line][places[line]]);
        }
        let [a, b, c, d] = out;
        // A Hadamard matrix of half strength keeps the energy that goes round.
        let mixed = [a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d];
        let into = [left, right, right, left];
        for line in 0..4 {
            lines[line][places[line]] = into[line] * 0.5 + mixed[line] * 0.5 * lasting;
            places[line] = (places[line] + 1) % ECHOES[line];
        }
        sound.left[at] = left + (a + c) * share;
        sound.right[at] = right + (b + d) * share;
    }
}
