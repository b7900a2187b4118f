//! ElkAPI's pages in Kling's native format: the same bodies as at Kling, behind `/kling`, answered in the native
//! envelope. What the gateway itself refuses (keys, paths, length, service) is in its own shape.

use domain::dialect::{Answer, Context, Submission};
use domain::fields::{Field, Fields};
use domain::http::Reply;
use domain::{Call, Operation, Refusal, RefusalKind, Route};

use super::answer;
use crate::kling;

/// The work that the vendor has unified pages for.
const UNIFIED: [Operation; 2] = [Operation::TextToVideo, Operation::ImageToVideo];

/// Whether a route is one of the native pages.
pub(super) fn is_native(route: &Route) -> bool {
    route.operation.is_some_and(is_native_work)
}

/// Whether some work is sold by a native page.
pub(super) fn is_native_work(operation: Operation) -> bool {
    !UNIFIED.contains(&operation)
}

/// Reads a submit. A clip that is made longer is named by its task too, which stands for the clip where that
/// is not named.
///
/// # Errors
/// A refusal that names the field and the allowed values.
pub(super) fn read(route: &Route, call: &Call) -> Result<Submission, Refusal> {
    if route.operation != Some(Operation::VideoExtend) {
        return kling::rooms::read(route, call);
    }
    let top = &call.fields;
    let names = top.names().filter(|name| *name != "task_id");
    let mut pairs: Vec<(String, Field)> = names
        .map(|name| (name.to_owned(), top.get(name).cloned().unwrap_or(Field::Null)))
        .collect();
    if top.get("video_id").is_none()
        && let Some(task) = top.get("task_id")
    {
        pairs.push(("video_id".to_owned(), task.clone()));
    }
    let call = Call {
        fields: Fields::new(pairs),
        ..call.clone()
    };
    kling::rooms::read(route, &call)
}

/// An answer at a native page; none at a unified one.
pub(super) fn render(answer: &Answer<'_>, context: &Context<'_>) -> Option<Reply> {
    context.route.filter(|route| is_native(route))?;
    match answer {
        Answer::Submitted(_) | Answer::Status(_) => Some(kling::render(answer, context)),
        Answer::Refused(refusal) if is_gateways(&refusal.kind) => {
            Some(answer::refused(refusal, context.request_id))
        }
        Answer::Refused(_) => Some(kling::render(answer, context)),
        _ => None,
    }
}

/// Whether the gateway refuses before Kling would be asked.
fn is_gateways(kind: &RefusalKind) -> bool {
    matches!(
        kind,
        RefusalKind::NoKey
            | RefusalKind::BadKey
            | RefusalKind::ExpiredKey
            | RefusalKind::EarlyKey
            | RefusalKind::Forbidden
            | RefusalKind::Network
            | RefusalKind::Suspended
            | RefusalKind::NoMoney
            | RefusalKind::OverBudget
            | RefusalKind::TooManyTasks
            | RefusalKind::TooFast
            | RefusalKind::TooLarge
            | RefusalKind::NoRoute
            | RefusalKind::Method
            | RefusalKind::IdempotencyBusy
            | RefusalKind::NoProvider
            | RefusalKind::Unavailable
            | RefusalKind::Ambiguous
    )
}
