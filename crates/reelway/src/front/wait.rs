//! Waiting for a task within one request: how long a client asks to wait, and the wait itself. A waiting
//! request holds its socket and a listener, nothing else.

use std::sync::Arc;
use std::time::Duration;

use domain::{Refusal, Task, TenantId};
use http::HeaderMap;

use crate::front::head;
use crate::wiring::House;

/// Longest wait, in seconds.
pub const WAIT_MAX_SECONDS: u64 = 300;

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The task has ended.
    Final,
    /// The status is another word than now, or the task has ended.
    NextStatus,
}

/// The wait that `Prefer: wait=N` asks for; what cannot be read is no preference (RFC 7240), and more
/// than the longest is the longest.
pub(crate) fn preferred(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(&head::PREFER).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut preferences = texts.flat_map(|text| text.split(','));
    let seconds = preferences.find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("wait")
            .then(|| value.parse::<u64>().ok())?
    })?;
    Some(Duration::from_secs(seconds.min(WAIT_MAX_SECONDS)))
}

/// The wait that `?wait=N` asks for.
///
/// # Errors
/// A refusal when it is no number of seconds within the bound.
pub(crate) fn asked(query: &[(String, String)]) -> Result<Option<Duration>, Refusal> {
    let said = query.iter().rev().find(|(name, _)| name == "wait");
    let Some(text) = said.map(|(_, text)| text.trim()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let seconds = text.parse().ok().filter(|seconds| *seconds <= WAIT_MAX_SECONDS);
    let seconds = seconds.ok_or_else(|| {
        Refusal::invalid("wait", "`wait` is not a number of whole seconds in its range")
            .allowing([format!("0 to {WAIT_MAX_SECONDS}")])
    })?;
    Ok(Some(Duration::from_secs(seconds)))
}

/// Waits, at most so long, and returns the task as it is then. A house that closes answers at once.
///
/// # Errors
/// A refusal when the task cannot be read any more.
pub(crate) async fn wait(
    house: &House,
    tenant: TenantId,
    task: Arc<Task>,
    until: Until,
    longest: Duration,
) -> Result<Arc<Task>, Refusal> {
    let id = task.id();
    let seen = task.status();
    let over = |task: &Task| task.word().is_final() || (until == Until::NextStatus && task.status() != seen);
    if over(&task) || longest.is_zero() {
        return Ok(task);
    }
    let mut listener = house.engine.listen(id);
    let watching = async {
        loop {
            let task = house.engine.read(tenant, id).await?;
            if over(&task) {
                return Ok(task);
            }
            listener.changed().await;
        }
    };
    let ended = tokio::select! {
        ended = tokio::time::timeout(longest, watching) => ended.ok(),
        () = house.closing.cancelled() => None,
    };
    match ended {
        Some(ended) => ended,
        None => house.engine.read(tenant, id).await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue};

    use super::{asked, preferred};

    fn prefer(values: &[&'static str]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("prefer", HeaderValue::from_static(value));
        }
        preferred(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_preference_is_found_among_others_and_in_every_spelling() {
        for value in ["wait=20", "respond-async, wait=20", "Wait = \"20\"; x=1"] {
            assert_eq!(prefer(&[value]), Some(20), "{value}");
        }
        assert_eq!(prefer(&["respond-async", "wait=7"]), Some(7));
        assert_eq!(prefer(&["wait=9999"]), Some(300));
        for value in ["respond-async", "wait=soon", "wait=-1", "wait"] {
            assert_eq!(prefer(&[value]), None, "{value}");
        }
    }

    #[test]
    fn a_wait_in_the_query_is_refused_beyond_its_bound() {
        let query = |text: &str| vec![("wait".to_owned(), text.to_owned())];
        assert_eq!(asked(&query("300")).unwrap(), Some(Duration::from_secs(300)));
        assert_eq!(asked(&query("")).unwrap(), None);
        assert_eq!(asked(&[]).unwrap(), None);
        for text in ["301", "-1", "soon", "1.5"] {
            let refusal = asked(&query(text)).unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some("wait"), "{text}");
            assert_eq!(refusal.allowed, ["0 to 300"]);
        }
    }
}
