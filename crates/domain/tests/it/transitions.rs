//! Every state with every event, against a table that is written out by hand, and what holds for
//! every change whatever it is. What a change carries is asked in `courses`, its money in `books`.

use domain::task::{Change, Illegal};
use domain::{EventKind, StateWord, Task};

use crate::walk::{self, ACCOUNT, OTHER};

/// Rows are events, columns are situations; a cell is the next state, `---` means illegal.
///
/// `pin`: queued again for one account only. A star: the client has asked to stop it. `Fven`: failed
/// by the vendor's word. `Fque`: by the deadline while nobody had it. `Frun`: by the deadline while an
/// upstream had it. `Flat`: that, after its late result. `Cque`: cancelled at once. `Crun`: cancelled
/// by the deadline, after the client had asked.
const TABLE: &str = "
                          ing que pin sub sub* unk unk* run run* set set* suc Fven Fque Frun Flat Cque Crun
ingested                  QUE --- --- --- ---  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
ingest_failed             FAI --- --- --- ---  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
submit_intended           --- SUB SUB --- ---  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
submit_intended/elsewhere --- SUB --- --- ---  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
accepted                  --- --- --- RUN RUN  RUN RUN  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
busy                      --- --- --- QUE CAN  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
refused                   --- --- --- FAI FAI  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
ambiguous                 --- --- --- UNK UNK  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
absent                    --- --- --- --- ---  QUE CAN  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
vendor_failed             --- --- --- --- ---  FAI CAN  FAI CAN  --- ---  --- ---  ---  ---  ---  ---  ---
progressed                --- --- --- --- ---  --- ---  RUN RUN  --- ---  --- ---  ---  ---  ---  ---  ---
lost                      --- --- --- --- ---  --- ---  QUE CAN  QUE CAN  --- ---  ---  ---  ---  ---  ---
completed                 --- --- --- SET CAN  --- ---  SET CAN  --- ---  --- ---  ---  ---  ---  ---  ---
completed/no_files        --- --- --- FAI CAN  --- ---  FAI CAN  --- ---  --- ---  ---  ---  ---  ---  ---
kept                      --- --- --- --- ---  --- ---  --- ---  SUC CAN  --- ---  ---  ---  ---  ---  ---
kept/no_files             --- --- --- --- ---  --- ---  --- ---  FAI CAN  --- ---  ---  ---  ---  ---  ---
custody_lost              --- --- --- --- ---  --- ---  --- ---  FAI CAN  --- ---  ---  ---  ---  ---  ---
cancel_requested          CAN CAN CAN SUB SUB  UNK UNK  RUN RUN  SET SET  --- ---  ---  ---  ---  ---  ---
stopped                   --- --- --- --- ---  --- CAN  --- CAN  --- ---  --- ---  ---  ---  ---  ---  ---
deadline_passed           FAI FAI FAI FAI CAN  FAI CAN  FAI CAN  --- ---  --- ---  ---  ---  ---  ---  ---
late_result               --- --- --- --- ---  --- ---  --- ---  --- ---  --- ---  ---  FAI  ---  ---  ---
late_result/no_files      --- --- --- --- ---  --- ---  --- ---  --- ---  --- ---  ---  ---  ---  ---  ---
";

/// The table's columns of a state. A new state does not compile until it has some.
fn columns(word: StateWord) -> &'static [&'static str] {
    match word {
        StateWord::Ingesting => &["ing"],
        StateWord::Queued => &["que", "pin"],
        StateWord::Submitting => &["sub", "sub*"],
        StateWord::Unknown => &["unk", "unk*"],
        StateWord::Running => &["run", "run*"],
        StateWord::Settling => &["set", "set*"],
        StateWord::Succeeded => &["suc"],
        StateWord::Failed => &["Fven", "Fque", "Frun", "Flat"],
        StateWord::Cancelled => &["Cque", "Crun"],
    }
}

/// The table's rows of an event, each with its sample. A new event does not compile until it has
/// some; the sample that is given only says of which event.
fn rows(kind: &EventKind) -> Vec<(&'static str, EventKind)> {
    match kind {
        EventKind::Ingested { .. } => vec![("ingested", walk::ingested())],
        EventKind::IngestFailed { .. } => vec![("ingest_failed", walk::ingest_failed())],
        EventKind::SubmitIntended { .. } => vec![
            ("submit_intended", walk::intended(ACCOUNT)),
            ("submit_intended/elsewhere", walk::intended(OTHER)),
        ],
        EventKind::Accepted { .. } => vec![("accepted", walk::accepted())],
        EventKind::Busy { .. } => vec![("busy", walk::busy())],
        EventKind::Refused { .. } => vec![("refused", walk::refused())],
        EventKind::Ambiguous => vec![("ambiguous", EventKind::Ambiguous)],
        EventKind::Absent => vec![("absent", EventKind::Absent)],
        EventKind::VendorFailed { .. } => vec![("vendor_failed", walk::vendor_failed())],
        EventKind::Progressed { .. } => vec![("progressed", walk::progressed(30))],
        EventKind::Lost => vec![("lost", EventKind::Lost)],
        EventKind::Completed { .. } => vec![
            ("completed", walk::completed()),
            ("completed/no_files", walk::completed_without_files(Some(3))),
        ],
        EventKind::Kept { .. } => vec![
            ("kept", walk::kept()),
            ("kept/no_files", walk::kept_without_files()),
        ],
        EventKind::CustodyLost { .. } => vec![("custody_lost", walk::custody_lost())],
        EventKind::CancelRequested => vec![("cancel_requested", EventKind::CancelRequested)],
        EventKind::Stopped => vec![("stopped", EventKind::Stopped)],
        EventKind::DeadlinePassed => vec![("deadline_passed", EventKind::DeadlinePassed)],
        EventKind::LateResult { .. } => vec![
            ("late_result", walk::late_result(Some(3))),
            ("late_result/no_files", walk::late_result_without_files()),
        ],
    }
}

/// One of each event, in the order of the machine's own list.
fn kinds() -> [EventKind; 18] {
    [
        walk::ingested(),
        walk::ingest_failed(),
        walk::intended(ACCOUNT),
        walk::accepted(),
        walk::busy(),
        walk::refused(),
        EventKind::Ambiguous,
        EventKind::Absent,
        walk::vendor_failed(),
        walk::progressed(30),
        EventKind::Lost,
        walk::completed(),
        walk::kept(),
        walk::custody_lost(),
        EventKind::CancelRequested,
        EventKind::Stopped,
        EventKind::DeadlinePassed,
        walk::late_result(None),
    ]
}

/// A task in the situation of a column, led there from its birth.
fn situation(column: &str) -> Task {
    let submitting = [walk::intended(ACCOUNT)];
    let unknown = [&submitting[..], &[EventKind::Ambiguous]].concat();
    let running = [&submitting[..], &[walk::accepted(), walk::progressed(60)]].concat();
    let settling = [&running[..], &[walk::completed_with(Some(4), Some(9))]].concat();
    let then = |path: &[EventKind], last: EventKind| walk::walk(&[path, &[last]].concat());
    let stopping = |path: &[EventKind]| then(path, EventKind::CancelRequested);
    match column {
        "ing" => Task::born(walk::origin_with_link()).task,
        "que" => walk::walk(&[]),
        "pin" => then(&unknown, EventKind::Absent),
        "sub" => walk::walk(&submitting),
        "sub*" => stopping(&submitting),
        "unk" => walk::walk(&unknown),
        "unk*" => stopping(&unknown),
        "run" => walk::walk(&running),
        "run*" => stopping(&running),
        "set" => walk::walk(&settling),
        "set*" => stopping(&settling),
        "suc" => then(&settling, walk::kept()),
        "Fven" => then(&running, walk::vendor_failed()),
        "Fque" => then(&[], EventKind::DeadlinePassed),
        "Frun" => then(&running, EventKind::DeadlinePassed),
        "Flat" => walk::walk(
            &[
                &running[..],
                &[EventKind::DeadlinePassed, walk::late_result(None)],
            ]
            .concat(),
        ),
        "Cque" => stopping(&[]),
        "Crun" => walk::walk(
            &[
                &running[..],
                &[EventKind::CancelRequested, EventKind::DeadlinePassed],
            ]
            .concat(),
        ),
        other => panic!("the table has no column `{other}`"),
    }
}

/// One meeting of a state and an event.
struct Meeting {
    name: String,
    before: Task,
    kind: EventKind,
    expected: &'static str,
    outcome: Result<Change, Illegal>,
}

/// All meetings, in the table's order.
fn meetings() -> Vec<Meeting> {
    let mut lines = TABLE.lines().filter(|line| !line.is_empty());
    let header: Vec<&str> = lines
        .next()
        .expect("the table has a header")
        .split_whitespace()
        .collect();
    let known: Vec<&str> = StateWord::ALL.into_iter().flat_map(columns).copied().collect();
    assert_eq!(
        header, known,
        "the table has a column for every situation of every state"
    );

    let mut rows: Vec<(&str, EventKind)> = kinds().iter().flat_map(rows).collect();
    rows.reverse();
    let mut meetings = Vec::new();
    for line in lines {
        let mut cells = line.split_whitespace();
        let (row, kind) = rows
            .pop()
            .expect("the table has no more rows than there are events");
        assert_eq!(cells.next(), Some(row), "the table has a row for every event");
        let cells: Vec<&str> = cells.collect();
        assert_eq!(
            cells.len(),
            header.len(),
            "row `{row}` has a cell for every column"
        );
        for (column, expected) in header.iter().zip(cells) {
            let before = situation(column);
            let outcome = walk::step(&before, &kind);
            meetings.push(Meeting {
                name: format!("{row} in {column}"),
                before,
                kind: kind.clone(),
                expected,
                outcome,
            });
        }
    }
    assert!(
        rows.is_empty(),
        "the table lacks {:?}",
        rows.iter().map(|row| row.0).collect::<Vec<_>>()
    );
    meetings
}

/// The meetings that change something.
fn changes() -> Vec<(Meeting, Change)> {
    let legal = meetings().into_iter().filter_map(|meeting| {
        let change = meeting.outcome.clone().ok()?;
        Some((meeting, change))
    });
    legal.collect()
}

fn word_of_cell(cell: &str) -> Option<StateWord> {
    match cell {
        "---" => None,
        "QUE" => Some(StateWord::Queued),
        "SUB" => Some(StateWord::Submitting),
        "UNK" => Some(StateWord::Unknown),
        "RUN" => Some(StateWord::Running),
        "SET" => Some(StateWord::Settling),
        "SUC" => Some(StateWord::Succeeded),
        "FAI" => Some(StateWord::Failed),
        "CAN" => Some(StateWord::Cancelled),
        other => panic!("the table says `{other}`, which is no state"),
    }
}

#[test]
fn every_situation_of_the_table_is_in_its_state() {
    for word in StateWord::ALL {
        for column in columns(word) {
            let task = situation(column);
            assert_eq!(task.word(), word, "{column}");
            assert_eq!(
                task.course.cancel_requested,
                column.ends_with('*') || *column == "Crun"
            );
        }
    }
}

#[test]
fn every_state_meets_every_event_as_the_table_says() {
    let meetings = meetings();
    assert_eq!(meetings.len(), 18 * 22, "18 situations and 22 events");
    let mut wrong = Vec::new();
    for meeting in &meetings {
        let next = meeting.outcome.as_ref().ok().map(|change| change.task.word());
        if next != word_of_cell(meeting.expected) {
            wrong.push(format!(
                "{}: {} expected, {next:?} found",
                meeting.name, meeting.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_illegal_event_names_itself_and_the_state() {
    for meeting in meetings() {
        let Err(illegal) = meeting.outcome else { continue };
        let expected = Illegal::Transition {
            state: meeting.before.word(),
            event: meeting.kind.word(),
        };
        assert_eq!(illegal, expected, "{}", meeting.name);
    }
}

#[test]
fn every_change_counts_one_version_and_bears_its_moment() {
    for (meeting, change) in changes() {
        let (before, after) = (&meeting.before.course, &change.task.course);
        assert_eq!(after.version, before.version + 1, "{}", meeting.name);
        assert_eq!(change.expects_version(), before.version, "{}", meeting.name);
        assert_eq!(after.updated_at, walk::next(&meeting.before), "{}", meeting.name);
    }
}

#[test]
fn what_was_ordered_never_changes() {
    for (meeting, change) in changes() {
        assert_eq!(change.task.origin, meeting.before.origin, "{}", meeting.name);
    }
}

#[test]
fn a_task_is_finished_once_and_at_the_moment_of_its_end() {
    for (meeting, change) in changes() {
        let expected = if meeting.before.word().is_final() {
            meeting.before.course.finished_at
        } else {
            let ends = change.task.word().is_final();
            ends.then(|| walk::next(&meeting.before))
        };
        assert_eq!(change.task.course.finished_at, expected, "{}", meeting.name);
        assert_eq!(
            expected.is_some(),
            change.task.word().is_final(),
            "{}",
            meeting.name
        );
    }
}

#[test]
fn final_states_never_change() {
    for (meeting, change) in changes() {
        if meeting.before.word().is_final() {
            assert_eq!(meeting.name, "late_result in Frun", "the only event after an end");
            let (before, after) = (&meeting.before.course, &change.task.course);
            assert_eq!(after.state, before.state);
            assert_eq!(after.charge_micros, before.charge_micros);
            assert_eq!(after.artifacts, before.artifacts);
            assert_eq!(after.progress, before.progress);
        }
    }
}

#[test]
fn progress_never_falls_and_is_whole_at_success_only() {
    for (meeting, change) in changes() {
        let (before, after) = (meeting.before.course.progress, change.task.course.progress);
        assert!(after >= before, "{}: {before} falls to {after}", meeting.name);
        assert_eq!(
            after == 100,
            change.task.word() == StateWord::Succeeded,
            "{}",
            meeting.name
        );
    }
}

#[test]
fn attempts_count_intended_submits_and_survive_all_else() {
    for (meeting, change) in changes() {
        let counted = u32::from(matches!(meeting.kind, EventKind::SubmitIntended { .. }));
        let expected = meeting.before.course.attempts + counted;
        assert_eq!(change.task.course.attempts, expected, "{}", meeting.name);
    }
}

#[test]
fn a_wish_to_stop_is_never_forgotten() {
    for (meeting, change) in changes() {
        let course = &change.task.course;
        let asked = meeting.before.course.cancel_requested;
        assert!(course.cancel_requested || !asked, "{}", meeting.name);
    }
}

/// What a client with a callback is told of a change from one state to another.
fn news(before: StateWord, after: StateWord) -> Option<&'static str> {
    match (before, after) {
        (StateWord::Submitting | StateWord::Unknown, StateWord::Running)
        | (StateWord::Submitting, StateWord::Settling) => Some("task.running"),
        (StateWord::Running | StateWord::Settling, StateWord::Queued) => Some("task.queued"),
        (StateWord::Settling, StateWord::Succeeded) => Some("task.succeeded"),
        (StateWord::Failed, StateWord::Failed) => Some("task.late_result"),
        (_, StateWord::Failed) => Some("task.failed"),
        (_, StateWord::Cancelled) => Some("task.cancelled"),
        (StateWord::Ingesting | StateWord::Submitting | StateWord::Unknown, StateWord::Queued)
        | (StateWord::Queued | StateWord::Submitting, StateWord::Submitting)
        | (StateWord::Submitting | StateWord::Unknown, StateWord::Unknown)
        | (StateWord::Running, StateWord::Running | StateWord::Settling)
        | (StateWord::Settling, StateWord::Settling) => None,
        other => panic!("no change leads from {} to {}", other.0, other.1),
    }
}

#[test]
fn clients_are_told_of_what_they_can_see_and_of_nothing_else() {
    for (meeting, change) in changes() {
        let task = &change.task;
        let event = news(meeting.before.word(), task.word());
        let told = change.webhook.as_ref().map(|owed| owed.event.as_str());
        assert_eq!(told, event, "{}", meeting.name);
        let Some(owed) = change.webhook else { continue };
        assert_eq!(
            owed.id,
            format!("wh_{}_{}", task.id().0.hex(), task.course.version)
        );
        assert_eq!((owed.task, owed.tenant), (task.id(), task.origin.tenant));
        assert_eq!(owed.version, task.course.version);
        assert_eq!(owed.at, task.course.updated_at);
        assert_eq!(Some(owed.url), task.origin.callback_url);
    }
}

#[test]
fn nothing_is_owed_to_a_client_without_a_callback() {
    for mut meeting in meetings() {
        let mut origin = (*meeting.before.origin).clone();
        origin.callback_url = None;
        meeting.before.origin = origin.into();
        if let Ok(change) = walk::step(&meeting.before, &meeting.kind) {
            assert_eq!(change.webhook, None, "{}", meeting.name);
        }
    }
}

#[test]
fn usage_is_written_when_a_task_ends_and_never_else() {
    for (meeting, change) in changes() {
        let ends = change.task.word().is_final() && !meeting.before.word().is_final();
        assert_eq!(change.usage.is_some(), ends, "{}", meeting.name);
        let Some(usage) = change.usage else { continue };
        let (origin, course) = (&change.task.origin, &change.task.course);
        assert_eq!(
            (usage.task, usage.tenant, usage.key),
            (origin.id, origin.tenant, origin.key)
        );
        assert_eq!(usage.outcome, change.task.word());
        assert_eq!(Some(usage.at), course.finished_at);
        assert_eq!(Some(usage.charge_micros), course.charge_micros);
        assert_eq!(usage.model, "kling-v3");
        assert_eq!(usage.operation, origin.ask.operation.word());
        assert_eq!(
            usage.quantity == 0,
            usage.charge_micros.0 == 0,
            "{}",
            meeting.name
        );
    }
}

#[test]
fn a_slot_is_taken_from_the_intent_until_the_vendor_is_done() {
    for word in StateWord::ALL {
        for column in columns(word) {
            let takes = matches!(
                word,
                StateWord::Submitting | StateWord::Unknown | StateWord::Running
            );
            let account = takes.then_some(ACCOUNT);
            assert_eq!(situation(column).occupies(), account, "{column}");
        }
    }
}
