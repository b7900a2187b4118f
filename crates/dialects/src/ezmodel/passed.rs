//! Calls that the vendor passes through: elements, and those that answer at once. What Kling answers is handed
//! on as it is; what fails has a code of the vendor's for each kind of call.

use domain::dialect::{Answer, Context};
use domain::http::Reply;
use domain::{Operation, Route, Task};
use serde_json::{Value, json};

use crate::kling;

/// The code of a call that failed, by the end of its path.
const FAILED: [(&str, &str); 7] = [
    ("/identify-face", "identify_face_failed"),
    ("/tts", "tts_failed"),
    ("/init-selection", "multi_elements_init_failed"),
    ("/preview-selection", "multi_elements_preview_failed"),
    ("-selection", "multi_elements_selection_failed"),
    ("/multi-elements", "multi_elements_create_failed"),
    ("-elements", "element_failed"),
];
/// The status of every failure.
const STATUS: u16 = 400;

/// An answer at a route that is passed through; none at every other.
pub(super) fn render(answer: &Answer<'_>, context: &Context<'_>) -> Option<Reply> {
    let route = context.route.filter(|route| is_passed(route))?;
    match answer {
        Answer::Status(task) if route.intent == domain::Intent::Run => Some(outcome(task, route, context)),
        Answer::Submitted(_) | Answer::Status(_) | Answer::Listing(..) | Answer::Presets(_) => {
            Some(kling::render(answer, context))
        }
        _ => None,
    }
}

fn is_passed(route: &Route) -> bool {
    route.intent == domain::Intent::Run || route.path.starts_with("/kling/v1/general/")
}

fn outcome(task: &Task, route: &Route, context: &Context<'_>) -> Reply {
    let failed = code(route.path);
    let data = match kling::answer::outcome(task, context.links) {
        Ok(data) => data,
        Err(error) => return refused(failed, &error.message),
    };
    let rejected = data
        .get("status")
        .and_then(Value::as_i64)
        .filter(|status| *status != 0);
    if let Some(status) = rejected.filter(|_| task.origin.ask.operation == Operation::AreaSelection) {
        let step = task
            .origin
            .ask
            .extras
            .get("kling.selection")
            .and_then(Value::as_str);
        let message = format!("{} selection failed with status: {status}", step.unwrap_or("the"));
        return refused(&failed.replace("_failed", "_rejected"), &message);
    }
    let body = kling::answer::enveloped(data, kling::answer::SUCCESS, context.request_id);
    Reply::json(200, &body)
}

fn code(path: &str) -> &'static str {
    let row = FAILED.iter().find(|(end, _)| path.ends_with(end));
    row.map_or("task_failed", |(_, code)| code)
}

fn refused(code: &str, message: &str) -> Reply {
    Reply::json(STATUS, &json!({ "code": code, "message": message, "data": null }))
}
