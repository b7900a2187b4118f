//! The moods of a schedule's vendor.

use fastrand::Rng;
use testkit::provider::{OnLook, OnSubmit};

/// How a submit goes.
pub(super) fn of_submits(rng: &mut Rng) -> OnSubmit {
    match rng.u8(0..16) {
        0 => OnSubmit::AcceptAndLoseReply,
        1 => OnSubmit::LoseRequest,
        2 => OnSubmit::Busy(None),
        3 => OnSubmit::Refuse,
        4 => OnSubmit::Done,
        _ => OnSubmit::Accept,
    }
}

/// How a look goes.
pub(super) fn of_looks(rng: &mut Rng) -> OnLook {
    match rng.u8(0..20) {
        0..3 => OnLook::Running(Some(50)),
        3 => OnLook::Fail,
        4 => OnLook::Error,
        5 => OnLook::Done(0),
        6 => OnLook::Lose,
        7 => OnLook::Miss,
        _ => OnLook::Done(1),
    }
}
