//! The pool: bounded, quiet, quick to stop, and not brought down by one bad render.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use animatic::{Clip, Look, MAX_WAITING, Pool, PoolError, RenderError, Watch, Wish};

use crate::media::{rendered, small};

/// Nothing in this file takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until something holds.
fn until(pool: &Pool, name: &str, holds: impl Fn(&Look) -> bool) -> Look {
    let pause = Duration::from_millis(5);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        let look = pool.look(name);
        if holds(&look) {
            return look;
        }
        thread::park_timeout(pause);
    }
    panic!("`{name}` is still {:?}", pool.look(name));
}

fn long() -> Wish {
    Wish {
        width: 1920,
        height: 1080,
        fps: 60,
        duration_ms: 60_000,
        ..small()
    }
}

/// Fails when something takes longer than `patience`.
fn promptly(patience: Duration, act: impl FnOnce() + Send + 'static) {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        act();
        sender.send(()).expect("the test waits");
    });
    receiver.recv_timeout(patience).expect("it was prompt");
}

/// A stand-in renderer: panics, fails or waits to be stopped, as the prompt says.
fn stand_in(wish: &Wish, watch: &mut dyn FnMut(u8) -> Watch) -> Result<Clip, RenderError> {
    match wish.prompt.as_str() {
        "panic" => panic!("on purpose"),
        "fail" => Err(RenderError::Encoder("on purpose".to_owned())),
        "wait" => loop {
            if watch(42) == Watch::Stop {
                return Err(RenderError::Stopped);
            }
            thread::park_timeout(Duration::from_millis(1));
        },
        _ => Ok(Clip {
            marked: None,
            beside: Vec::new(),
            bytes: vec![1],
            width: 2,
            height: 2,
            fps: 1,
            duration_ms: 500,
            frames: 1,
            sound: false,
        }),
    }
}

fn asking(prompt: &str) -> Wish {
    Wish {
        prompt: prompt.to_owned(),
        ..small()
    }
}

#[test]
fn a_started_wish_is_done_with_the_same_bytes_as_a_render() {
    let pool = Pool::new(2);
    assert!(matches!(pool.look("a"), Look::Absent));
    pool.start("a", small()).expect("there is room");
    let look = until(&pool, "a", |look| matches!(look, Look::Done(_)));
    let Look::Done(clip) = look else {
        unreachable!("just looked")
    };
    assert_eq!(clip.bytes, rendered(&small()).bytes);
    pool.forget("a");
    assert!(matches!(pool.look("a"), Look::Absent));
}

#[test]
fn starting_a_name_twice_changes_nothing() {
    let pool = Pool::with_renderer(1, stand_in);
    pool.start("a", asking("quick")).expect("there is room");
    until(&pool, "a", |look| matches!(look, Look::Done(_)));
    pool.start("a", asking("fail"))
        .expect("a known name is no new wish");
    assert!(matches!(pool.look("a"), Look::Done(_)));
}

#[test]
fn the_pool_is_bounded() {
    let pool = Pool::with_renderer(1, stand_in);
    pool.start("running", asking("wait")).expect("there is room");
    until(&pool, "running", |look| matches!(look, Look::Rendering(_)));
    for number in 0..MAX_WAITING {
        pool.start(&format!("waiting {number}"), asking("quick"))
            .expect("there is room");
    }
    assert_eq!(pool.start("one more", asking("quick")), Err(PoolError::Full));
    assert!(matches!(pool.look("one more"), Look::Absent));
    assert!(pool.cancel("waiting 3"));
    assert_eq!(pool.start("one more", asking("quick")), Ok(()));
}

#[test]
fn a_panic_is_a_failure_and_the_pool_goes_on() {
    let pool = Pool::with_renderer(1, stand_in);
    pool.start("bad", asking("panic")).expect("there is room");
    pool.start("failing", asking("fail")).expect("there is room");
    pool.start("good", asking("quick")).expect("there is room");
    until(&pool, "good", |look| matches!(look, Look::Done(_)));
    let Look::Failed(why) = pool.look("bad") else {
        panic!("the panic is a failure")
    };
    assert!(why.contains("on purpose"), "`{why}` does not say why");
    let Look::Failed(why) = pool.look("failing") else {
        panic!("the error is a failure")
    };
    assert!(why.contains("on purpose"), "`{why}` does not say why");
}

#[test]
fn a_refused_wish_is_a_failure_that_names_the_field() {
    let pool = Pool::new(1);
    pool.start("bad", Wish { fps: 0, ..small() })
        .expect("there is room");
    let look = until(&pool, "bad", |look| matches!(look, Look::Failed(_)));
    assert!(matches!(look, Look::Failed(why) if why.contains("`fps`")));
}

#[test]
fn a_cancelled_render_frees_its_thread_promptly() {
    let pool = Pool::new(1);
    pool.start("long", long()).expect("there is room");
    until(
        &pool,
        "long",
        |look| matches!(look, Look::Rendering(percent) if *percent > 0),
    );
    assert!(pool.cancel("long"));
    assert!(matches!(pool.look("long"), Look::Absent));
    assert!(!pool.cancel("long"));
    pool.start("next", small()).expect("there is room");
    until(&pool, "next", |look| matches!(look, Look::Done(_)));
}

#[test]
fn a_name_cancelled_and_started_again_is_rendered_anew() {
    let pool = Pool::with_renderer(2, stand_in);
    pool.start("a", asking("wait")).expect("there is room");
    until(&pool, "a", |look| matches!(look, Look::Rendering(42)));
    pool.cancel("a");
    pool.start("a", asking("quick")).expect("there is room");
    until(&pool, "a", |look| matches!(look, Look::Done(_)));
}

#[test]
fn a_shutdown_stops_everything_promptly() {
    let pool = Pool::new(2);
    for number in 0..20 {
        pool.start(&number.to_string(), long()).expect("there is room");
    }
    until(&pool, "0", |look| matches!(look, Look::Rendering(_)));
    promptly(Duration::from_secs(10), move || {
        pool.shutdown();
        assert!(matches!(pool.look("7"), Look::Absent));
        assert_eq!(pool.start("late", small()), Err(PoolError::Closed));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn the_threads_have_the_lowest_priority_and_the_callers_keep_theirs() {
    let nice_of = |task: &std::path::Path| -> Option<(String, i64)> {
        let stat = std::fs::read_to_string(task.join("stat")).ok()?;
        let (head, tail) = stat.rsplit_once(')')?;
        let name = head.split_once('(')?.1.to_owned();
        Some((name, tail.split_whitespace().nth(16)?.parse().ok()?))
    };
    let pool = Pool::with_renderer(1, stand_in);
    pool.start("a", asking("quick")).expect("there is room");
    until(&pool, "a", |look| matches!(look, Look::Done(_)));
    let tasks = std::fs::read_dir("/proc/self/task").expect("the kernel lists the threads");
    let found: Vec<_> = tasks.filter_map(|task| nice_of(&task.ok()?.path())).collect();
    let pools = found.iter().filter(|(name, _)| name.starts_with("animatic-"));
    assert!(pools.clone().count() > 0, "no thread of the pool among {found:?}");
    assert!(
        found
            .iter()
            .any(|(name, nice)| name.starts_with("animatic-") && *nice == 19),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .all(|(name, nice)| name.starts_with("animatic-") || *nice < 19),
        "{found:?}"
    );
}
