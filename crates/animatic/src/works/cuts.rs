//! Several scenes with cuts between them. Every shot has words, a camera and a sound of its own; what its words
//! leave open, the one seed decides for all, so that they belong together.

use super::{Plan, PlannedShot, Proceed, Reel, ambience, bare, frames_until, mixing, read};
use crate::RenderError;
use crate::h264::Detail;
use crate::planes::Frame;
use crate::stage::{Stage, Words};
use crate::wish::Wish;

/// The shots, of which only the one that is seen is drawn.
struct Cuts {
    shots: Vec<(u32, Wish)>,
    seen: Option<(usize, Stage)>,
}

pub(super) fn plan<'a>(
    wish: &'a Wish,
    shots: &'a [PlannedShot],
    proceed: Proceed<'_>,
) -> Result<Plan<'a>, RenderError> {
    let mut begins = 0;
    let mut wishes = Vec::with_capacity(shots.len());
    let mut sound = None;
    for shot in shots {
        let own = Wish {
            prompt: shot.prompt.clone(),
            references: wish.references.clone(),
            ..bare(wish, shot.duration_ms)
        };
        if let Some(heard) = ambience(&own, &read(&own), proceed)? {
            // From the clip's start, so that roundings do not add up.
            let samples = mixing::samples(begins + shot.duration_ms);
            let before = sound.unwrap_or_default();
            sound = Some(mixing::sized(mixing::joined(before, &heard), samples));
        }
        wishes.push((frames_until(begins, wish.fps), own));
        begins += shot.duration_ms;
    }
    let detail = if wish.references.is_empty() {
        Detail::Drawn
    } else {
        Detail::Given
    };
    Ok(Plan {
        reel: Box::new(Cuts {
            shots: wishes,
            seen: None,
        }),
        sound,
        duration_ms: begins,
        detail,
    })
}

impl Reel for Cuts {
    fn paint(&mut self, number: u32, frame: &mut Frame) -> Result<(), RenderError> {
        let at = self
            .shots
            .partition_point(|(begins, _)| *begins <= number)
            .saturating_sub(1);
        let (begins, own) = &self.shots[at];
        let stage = match &mut self.seen {
            Some((seen, stage)) if *seen == at => stage,
            seen => &mut seen.insert((at, Stage::new(own, &read(own), Words::Caption)?)).1,
        };
        stage.paint(number - begins, frame);
        Ok(())
    }
}
