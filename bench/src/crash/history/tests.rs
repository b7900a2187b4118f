//! Bad histories, each of which must be found out: a judge that cannot condemn proves nothing.

use super::{Breach, History, Made, Submission, Word, check};
use crate::gateway::Books;

/// Two wishes, one crash, a good end.
fn good() -> History {
    let submission = |n: u32| {
        let mut submission = Submission {
            key: format!("key-{n}"),
            sent: 1,
            answers: vec![format!("task_{n}")],
            file: Some(Ok(1_000)),
            ..Submission::default()
        };
        for (life, word) in [
            (1, Word::Queued),
            (1, Word::InProgress),
            (2, Word::InProgress),
            (2, Word::Queued),
            (2, Word::InProgress),
            (2, Word::Completed),
        ] {
            submission.see(life, word);
        }
        submission
    };
    let books = Books {
        lines: 4,
        finished_tasks: 2,
        ..Books::default()
    };
    History {
        submissions: vec![submission(1), submission(2)],
        tasks_before: 0,
        books: vec![Ok(books.clone()), Ok(books)],
        mishaps: Vec::new(),
        vendors: vec!["a lantern".to_owned(), "a harbour".to_owned()],
        made: vec![made("ref-1", "a lantern"), made("ref-2", "a harbour")],
        over_limit: 0,
    }
}

fn made(reference: &str, prompt: &str) -> Made {
    Made {
        reference: reference.to_owned(),
        prompt: prompt.to_owned(),
        again: 0,
    }
}

/// The kinds of breach that a change to the good history brings, each once.
fn breaches(spoil: impl FnOnce(&mut History)) -> Vec<Breach> {
    let mut history = good();
    spoil(&mut history);
    let mut kinds: Vec<Breach> = check(&history).faults.iter().map(|fault| fault.breach).collect();
    kinds.dedup();
    kinds
}

fn words(history: &mut History, words: &[(u32, Word)]) {
    history.submissions[0].seen.clear();
    for (life, word) in words {
        history.submissions[0].see(*life, word.clone());
    }
}

fn books(history: &mut History, spoil: impl Fn(&mut Books)) {
    for books in history.books.iter_mut().flatten() {
        spoil(books);
    }
}

#[test]
fn a_good_history_has_no_fault_and_its_requeues_are_counted() {
    let mut history = good();
    history.submissions[1].sent = 3;
    history.submissions[1].unanswered = 2;
    let verdict = check(&history);
    assert_eq!(verdict.faults, []);
    assert_eq!((verdict.acknowledged, verdict.files, verdict.lines), (2, 2, 4));
    assert_eq!((verdict.unanswered, verdict.resent, verdict.requeued), (2, 2, 2));
}

#[test]
fn an_acknowledged_task_that_is_gone_is_lost() {
    let gone = |history: &mut History| {
        words(history, &[(1, Word::Queued), (2, Word::Absent)]);
    };
    assert_eq!(breaches(gone), [Breach::Lost]);
    let gone_and_back = |history: &mut History| {
        words(
            history,
            &[(1, Word::Queued), (2, Word::Absent), (2, Word::Completed)],
        );
    };
    assert_eq!(breaches(gone_and_back), [Breach::Lost]);
    assert_eq!(
        breaches(|history| history.submissions[0].seen.clear()),
        [Breach::Lost]
    );
}

#[test]
fn a_task_that_never_ends_or_fails_is_lost() {
    let stuck = |history: &mut History| words(history, &[(1, Word::Queued), (1, Word::InProgress)]);
    assert_eq!(breaches(stuck), [Breach::Lost]);
    let failed = |history: &mut History| words(history, &[(1, Word::Queued), (1, Word::Failed)]);
    assert_eq!(breaches(failed), [Breach::Lost]);
}

#[test]
fn a_file_that_is_short_or_was_not_fetched_is_lost() {
    assert_eq!(
        breaches(|history| history.submissions[0].file = None),
        [Breach::Lost]
    );
    let short = |history: &mut History| {
        history.submissions[0].file = Some(Err("7 bytes of 9 promised".to_owned()));
    };
    assert_eq!(breaches(short), [Breach::Lost]);
}

#[test]
fn two_tasks_for_one_wish_are_doubled() {
    let two_answers = |history: &mut History| history.submissions[0].answers.push("task_9".to_owned());
    assert_eq!(breaches(two_answers), [Breach::Doubled]);
    let silent_twin = |history: &mut History| {
        books(history, |books| {
            books.finished_tasks = 3;
            books.lines = 6;
        });
    };
    assert_eq!(breaches(silent_twin), [Breach::Doubled]);
}

#[test]
fn two_wishes_that_share_a_task_are_a_lost_one() {
    let shared = |history: &mut History| history.submissions[1].answers = vec!["task_1".to_owned()];
    assert_eq!(breaches(shared), [Breach::Lost]);
}

#[test]
fn a_state_that_goes_back_without_a_crash_is_backward() {
    let in_one_life = [
        (1, Word::Queued),
        (1, Word::InProgress),
        (1, Word::Queued),
        (1, Word::Completed),
    ];
    assert_eq!(
        breaches(|history| words(history, &in_one_life)),
        [Breach::Backward]
    );
    let twice_in_a_life = [
        (1, Word::InProgress),
        (2, Word::Queued),
        (2, Word::InProgress),
        (2, Word::Queued),
        (2, Word::Completed),
    ];
    assert_eq!(
        breaches(|history| words(history, &twice_in_a_life)),
        [Breach::Backward]
    );
}

#[test]
fn a_final_state_that_changes_is_backward_even_over_a_crash() {
    for after in [Word::InProgress, Word::Queued, Word::Failed] {
        let changed = [(1, Word::Completed), (2, after), (2, Word::Completed)];
        let found = breaches(|history| words(history, &changed));
        assert!(found.contains(&Breach::Backward), "{found:?}");
    }
}

#[test]
fn books_that_are_not_exact_are_drift() {
    let sum = |history: &mut History| books(history, |books| books.sum_micros = 1);
    assert_eq!(breaches(sum), [Breach::Drift]);
    let fault = |history: &mut History| books(history, |books| books.faults.push("held".to_owned()));
    assert_eq!(breaches(fault), [Breach::Drift]);
    let missing_line = |history: &mut History| books(history, |books| books.lines = 3);
    assert_eq!(breaches(missing_line), [Breach::Drift]);
    assert_eq!(breaches(|history| history.books.clear()), [Breach::Drift]);
    let unreadable = |history: &mut History| history.books[1] = Err("locked".to_owned());
    assert_eq!(breaches(unreadable), [Breach::Drift]);
    let changed = |history: &mut History| {
        if let Ok(books) = &mut history.books[1] {
            books.lines = 5;
        }
    };
    assert_eq!(breaches(changed), [Breach::Drift]);
}

#[test]
fn empty_books_are_drift_and_a_loss() {
    let empty = |history: &mut History| books(history, |books| *books = Books::default());
    let found = breaches(empty);
    assert!(
        found.contains(&Breach::Drift) && found.contains(&Breach::Lost),
        "{found:?}"
    );
}

#[test]
fn tasks_missing_or_open_in_the_books_are_lost() {
    let missing = |history: &mut History| books(history, |books| books.finished_tasks = 1);
    assert_eq!(breaches(missing), [Breach::Lost]);
    let open = |history: &mut History| {
        books(history, |books| {
            books.finished_tasks = 1;
            books.open_tasks = 1;
        });
    };
    assert_eq!(breaches(open), [Breach::Lost]);
}

#[test]
fn tasks_from_before_the_round_are_no_twins() {
    let earlier = |history: &mut History| {
        history.tasks_before = 5;
        books(history, |books| {
            books.finished_tasks = 7;
            books.lines = 14;
        });
    };
    assert_eq!(breaches(earlier), []);
}

#[test]
fn refusals_silence_strange_words_and_mishaps_are_found() {
    let refused = |history: &mut History| history.submissions[0].refusals.push("403".to_owned());
    assert_eq!(breaches(refused), [Breach::Other]);
    let silent = |history: &mut History| history.submissions[0].answers.clear();
    assert_eq!(breaches(silent), [Breach::Other]);
    let strange = [(1, Word::parse("succeed")), (1, Word::Completed)];
    assert_eq!(breaches(|history| words(history, &strange)), [Breach::Other]);
    assert_eq!(
        breaches(|history| history.mishaps.push("it died".to_owned())),
        [Breach::Other]
    );
}

#[test]
fn a_job_that_the_vendor_made_twice_or_was_sent_twice_is_doubled() {
    // Another reference for the same words: the twin that a reference alone would not show.
    let twin = |history: &mut History| history.made.push(made("ref-3", "a lantern"));
    assert_eq!(breaches(twin), [Breach::Doubled]);
    let again = |history: &mut History| history.made[0].again = 1;
    assert_eq!(breaches(again), [Breach::Doubled]);
}

#[test]
fn a_job_that_was_never_asked_for_or_that_nobody_wanted_is_found() {
    assert_eq!(breaches(|history| drop(history.made.pop())), [Breach::Lost]);
    let strange = |history: &mut History| history.made.push(made("ref-3", "a storm"));
    assert_eq!(breaches(strange), [Breach::Other]);
    assert_eq!(breaches(|history| history.over_limit = 1), [Breach::Other]);
}
