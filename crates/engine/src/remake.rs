//! Remake: the wish of an earlier task with other words. It is taken as any other wish; nothing is changed
//! here.

use domain::ask::REMADE_FROM;
use domain::{Ask, Source, Task};
use serde_json::json;

/// Vendor fields that carry the words of single shots, which stand for the prompt.
const OTHER_WORDS: [&str; 3] = ["kling.multi_shot", "kling.shot_type", "kling.multi_prompt"];

/// The wish of a task with another prompt: the same seed and the same media, which is not fetched again where
/// it is kept.
#[must_use]
pub fn remake(task: &Task, prompt: &str) -> Ask {
    let mut ask = Ask::clone(&task.origin.ask);
    prompt.clone_into(&mut ask.prompt);
    ask.seed = Some(task.origin.seed);
    for (input, kept) in ask.inputs.iter_mut().zip(&task.course.media) {
        // An earlier result is looked up again, so that the new task goes to the account that made it too.
        input.source = match input.parent.take() {
            Some(parent) => Source::Earlier(parent.artifact.0.hyphenated()),
            None => Source::Staged(kept.clone()),
        };
    }
    for name in OTHER_WORDS {
        ask.extras.remove(name);
    }
    let id = task.id().prefixed();
    ask.extras.insert(REMADE_FROM.to_owned(), json!(id));
    ask
}
