//! Work whose result is answered at once: a thread of the renderer does it while the submit waits. Knows no operation.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use ::animatic::{Clip, Pool, RenderError, Watch};
use bytes::Bytes;
use domain::error::TaskErrorCode;
use domain::provider::{Jam, Output, OutputSource, Outputs, UpstreamError};
use domain::{Findings, MediaFacts, MediaKind, TaskError};
use parking_lot::Mutex;

use super::FULL_RETRY_MS;

/// What was made and who waits for it.
struct Desk<T> {
    made: Option<Result<T, RenderError>>,
    ended: bool,
    waker: Option<Waker>,
}

/// The thread's side of a desk. When it goes, the one who waits is woken, whatever became of the work.
struct Maker<T>(Arc<Mutex<Desk<T>>>);

impl<T> Drop for Maker<T> {
    fn drop(&mut self) {
        let mut desk = self.0.lock();
        desk.ended = true;
        if let Some(waker) = desk.waker.take() {
            waker.wake();
        }
    }
}

/// Lets go of a name when the submit ends or is given up.
struct Place<'a> {
    pool: &'a Pool,
    name: &'a str,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool.forget(self.name);
    }
}

/// Has a thread of the pool do some work under a name and waits for it.
///
/// # Errors
/// Refused when the work says that it is out of bounds, busy when the pool is full.
pub(super) async fn at_once<T: Send + 'static>(
    pool: &Pool,
    name: &str,
    work: impl FnOnce(&mut dyn FnMut(u8) -> Watch) -> Result<T, RenderError> + Send + 'static,
) -> Result<T, UpstreamError> {
    let desk = Arc::new(Mutex::new(Desk {
        made: None,
        ended: false,
        waker: None,
    }));
    let maker = Maker(Arc::clone(&desk));
    let started = pool.start_errand(
        name,
        Box::new(move |watch| {
            let made = work(watch);
            maker.0.lock().made = Some(made);
            Ok(Clip::default())
        }),
    );
    if let Err(full) = started {
        return Err(UpstreamError::Busy {
            jam: Jam::Here,
            reason: full.to_string(),
            retry_after_ms: Some(FULL_RETRY_MS),
        });
    }
    let _place = Place { pool, name };
    let made = poll_fn(|context| {
        let mut desk = desk.lock();
        if desk.ended {
            return Poll::Ready(desk.made.take());
        }
        desk.waker = Some(context.waker().clone());
        Poll::Pending
    });
    let failed = |code, why: String| UpstreamError::Refused(TaskError::new(code, why));
    match made.await {
        Some(Ok(made)) => Ok(made),
        Some(Err(RenderError::Wish(wrong))) => Err(failed(TaskErrorCode::InputRejected, wrong.to_string())),
        Some(Err(other)) => Err(failed(TaskErrorCode::ProviderFailed, other.to_string())),
        None => Err(failed(
            TaskErrorCode::ProviderFailed,
            "the renderer gave up".to_owned(),
        )),
    }
}

/// A finished file.
pub(super) struct Piece {
    pub(super) kind: MediaKind,
    pub(super) facts: MediaFacts,
    pub(super) bytes: Vec<u8>,
}

impl Piece {
    /// A picture of a known size.
    pub(super) fn picture(bytes: Vec<u8>, width: u32, height: u32) -> Self {
        Self {
            kind: MediaKind::Image,
            facts: MediaFacts {
                width: Some(width),
                height: Some(height),
                ..MediaFacts::default()
            },
            bytes,
        }
    }
}

/// Results that are at hand; they cost the house nothing.
pub(super) fn outputs(pieces: Vec<Piece>, findings: Option<Findings>) -> Outputs {
    let output = |piece: Piece| {
        let bytes = Bytes::from(piece.bytes);
        Output {
            kind: piece.kind,
            source: OutputSource::Stream(Box::pin(futures_util::stream::iter([Ok(bytes)]))),
            facts: piece.facts,
            vendor_ref: None,
            marked_copy_of: None,
        }
    };
    Outputs {
        files: pieces.into_iter().map(output).collect(),
        findings: findings.map(Box::new),
        quantity: None,
        cost: None,
        ended_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_answered_at_once_whatever_becomes_of_it_and_nothing_is_kept() {
        let pool = Pool::new(1);
        let made = at_once(&pool, "one", |_| Ok(7)).await;
        assert_eq!(made.ok(), Some(7));
        let stopped = at_once::<u8>(&pool, "two", |_| Err(RenderError::Stopped)).await;
        assert!(matches!(stopped, Err(UpstreamError::Refused(_))));
        let broken = at_once::<u8>(&pool, "three", |_| panic!("as a test does")).await;
        assert!(matches!(broken, Err(UpstreamError::Refused(_))));
        for name in ["one", "two", "three"] {
            assert!(matches!(pool.look(name), ::animatic::Look::Absent));
        }
    }
}
