//! Reads the body of a submit: EZModel's own rules first, then what is left in Kling's fields is the
//! native reader's.

use domain::dialect::Submission;
use domain::fields::{Field, Fields};
use domain::{Call, Operation, Refusal, Route};

use super::{guide, rules};
use crate::kling;
use crate::kling_options::line;
use crate::kling_resale::{Sifted, sift};

/// The longest name of a model, in characters.
const MODEL_CHARS_MAX: usize = 128;

/// Reads a submit.
///
/// # Errors
/// A refusal in the vendor's own words where its rules speak, else one that names the field and the allowed
/// values.
pub(super) fn read(route: &Route, call: &Call) -> Result<Submission, Refusal> {
    let top = &call.fields;
    let operation = route.operation.unwrap_or(Operation::TextToVideo);
    let Sifted { mut known, ignored } = sift(top, guide::fields_of(route.path));
    let said = line(top, "model_name", MODEL_CHARS_MAX)?;
    let (by_alias, model) = match said {
        Some(name) => (false, Some(name)),
        None => (true, line(top, "model", MODEL_CHARS_MAX)?),
    };
    let ruling = rules::judge(operation, top, model.as_deref())?;
    if !guide::has_model(route.path) {
        known.retain(|(name, _)| name != "model" && name != "model_name");
    } else if let Some(model) = model.filter(|_| by_alias) {
        known.retain(|(name, _)| name != "model" && name != "model_name");
        known.push(("model_name".to_owned(), Field::Text(model)));
    }
    ruling.translate(&mut known);
    let native = Call {
        fields: Fields::new(known),
        preview: call.preview,
        ..Call::default()
    };
    let submission = kling::rooms::read(&native_route(route), &native);
    let submission = submission.map_err(|refusal| if by_alias { under_alias(refusal) } else { refusal })?;
    let ignored = ignored.into_iter().chain(submission.ignored).collect();
    Ok(Submission {
        ignored,
        ..submission
    })
}

/// The route under the name that Kling has for it: the vendor's own pages print one of them shorter.
fn native_route(route: &Route) -> Route {
    let path = if route.path == "/kling/v1/tts" {
        "/kling/v1/audio/tts"
    } else {
        route.path
    };
    Route { path, ..*route }
}

/// A refusal of the model, at the field in which the client named it.
fn under_alias(mut refusal: Refusal) -> Refusal {
    if refusal.field.as_deref() == Some("model_name") {
        refusal.field = Some("model".to_owned());
        refusal.message = refusal.message.replace("`model_name`", "`model`");
    }
    refusal
}
