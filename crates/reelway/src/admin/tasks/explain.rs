//! Why a task is where it is, in one paragraph for its operator. Pure: from the task and what stands
//! around it to text. Where nothing is known, the text says so; it never guesses.

use std::time::Duration;

use dialects::reelway::time;
use domain::dialect::Place;
use domain::overview::{Ahead, Lease};
use domain::task::Offered;
use domain::{Micros, Millis, State, Task};
use engine::{About, Remark, Rest, Station};

/// A task and what stands around it.
pub struct Scene<'a> {
    /// The task.
    pub task: &'a Task,
    /// The moment of the answer.
    pub now: Millis,
    /// The name of the process that answers, in leases; none: no gateway runs here.
    pub node: Option<&'a str>,
    /// Whose work the task is.
    pub lease: Option<&'a Lease>,
    /// How many wait in its lane.
    pub ahead: Ahead,
    /// Its place in the queue, where it is known.
    pub place: Option<Place>,
    /// For a queued task the accounts that serve its lane, else all.
    pub stations: &'a [Station],
    /// When this process visits it.
    pub rest: Option<Rest>,
    /// The last words that this process heard about it.
    pub words: Option<&'a Remark>,
}

/// Why the task is where it is.
#[must_use]
pub fn explain(scene: &Scene<'_>) -> String {
    let task = scene.task;
    let story = match &task.course.state {
        State::Ingesting => ingesting(scene),
        State::Queued { not_before, pinned } => queued(scene, *not_before, pinned.as_deref()),
        State::Submitting { account, .. } => submitting(scene, account),
        State::Unknown { account, since } => in_doubt(scene, account, *since),
        State::Running { account, receipt } => running(scene, account, &receipt.0),
        State::Settling { account, offered, .. } => settling(scene, account, offered),
        State::Succeeded => succeeded(task),
        State::Failed { error } => {
            let vendor = error.vendor_code.map(|code| format!(", vendor code {code}"));
            let late = match (task.course.late.is_empty(), task.awaits_late_result()) {
                (false, _) => {
                    "A success came after that: its files are kept and announced, the tenant is not charged."
                }
                (true, true) => {
                    "The upstream may have gone on with it: it is asked for a late success now and then, for a week at \
                     most, until it says that there will be none."
                }
                _ => "",
            };
            join([
                format!(
                    "It failed at {}: {} (`{}`{}).",
                    ended(task),
                    error.message,
                    error.code.word(),
                    vendor.unwrap_or_default()
                ),
                format!("The hold of {} is released; nothing is charged.", hold(task)),
                late.to_owned(),
                heard(scene, About::Look, "The last words were"),
            ])
        }
        State::Cancelled => format!(
            "It was cancelled at its client's wish and ended at {}; {}.",
            ended(task),
            charged(task)
        ),
    };
    join([story, hands(scene), ending(task)])
}

fn ingesting(scene: &Scene<'_>) -> String {
    let inputs = scene.task.origin.ask.inputs.len();
    join([
        format!(
            "Its media is being fetched since {}: {}. Nothing was sent upstream and no slot is taken.",
            moment(scene, scene.task.course.updated_at),
            count(inputs, "input")
        ),
        heard(scene, About::Media, "The last try failed"),
        next_visit(scene, "try"),
    ])
}

fn queued(scene: &Scene<'_>, not_before: Millis, pinned: Option<&str>) -> String {
    let pin = pinned.map(|account| {
        format!(
            "Only account `{account}` may take it: an earlier submit there was proven absent, and a sleeping \
             twin of it could only be woken there."
        )
    });
    let pin = pin.unwrap_or_default();
    if let Some(lease) = scene.lease {
        let taken = format!(
            "Node `{}` has taken it from the queue and is about to hand it over.",
            lease.node
        );
        return join([taken, pin]);
    }
    if not_before > scene.now {
        return join([busy(scene, not_before), pin]);
    }
    let lane = &scene.task.origin.lane;
    if scene.node.is_none() {
        return join([
            format!("It waits in the queue of lane `{lane}` for a gateway."),
            pin,
        ]);
    }
    let stations: Vec<&Station> = scene
        .stations
        .iter()
        .filter(|station| pinned.is_none_or(|pinned| pinned == station.account))
        .collect();
    if stations.is_empty() {
        let missing = pinned.map_or_else(
            || format!("no account that is plugged in here serves lane `{lane}`"),
            |account| format!("account `{account}` is not plugged in here"),
        );
        return join([
            format!("It waits because {missing}; plug one in, or cancel it."),
            pin,
        ]);
    }
    let slots: Vec<String> = stations.iter().map(|station| slots_of(station)).collect();
    let slots = slots.join(", ");
    if stations.iter().all(|station| station.closed.is_some()) {
        let shut = format!("It waits because no account that serves it takes new tasks now: {slots}.");
        return join([shut, before(scene), pin]);
    }
    let has_room = |station: &&Station| station.closed.is_none() && station.taken < station.learned;
    if stations.iter().any(has_room) {
        let free = format!("A slot is free ({slots}): it goes out within a second, when its turn comes.");
        return join([free, before(scene), pin]);
    }
    join([
        format!("It waits for a slot, and all that serve it are taken: {slots}."),
        before(scene),
        pin,
    ])
}

fn slots_of(station: &Station) -> String {
    let Station {
        account,
        taken,
        allowed,
        learned,
        ..
    } = station;
    if let Some(why) = &station.closed {
        return format!("`{account}` has {taken} of {allowed} in use, but {why}");
    }
    if learned < allowed {
        return format!(
            "`{account}` has {taken} in use of {learned} that its vendor gives ({allowed} are set)"
        );
    }
    format!("`{account}` has {taken} of {allowed} in use")
}

fn before(scene: &Scene<'_>) -> String {
    let Ahead { tasks, before } = scene.ahead;
    let others = tasks.saturating_sub(1);
    if others == 0 {
        return "Nobody else waits in its lane.".to_owned();
    }
    let place = scene.place.map(|place| {
        let eta = place.eta_seconds.and_then(length_of_seconds);
        let eta = eta.map(|eta| format!(", in about {eta}"));
        format!(
            " By turns it is number {}{}.",
            place.position,
            eta.unwrap_or_default()
        )
    });
    format!(
        "{} in lane `{}`, {before} of them acknowledged before it; tenants take turns.{}",
        match others {
            1 => "1 other task waits".to_owned(),
            many => format!("{many} other tasks wait"),
        },
        scene.task.origin.lane,
        place.unwrap_or_default()
    )
}

fn busy(scene: &Scene<'_>, not_before: Millis) -> String {
    let account = scene.task.course.account.as_deref();
    let at = account.map_or_else(String::new, |account| format!(" at account `{account}`"));
    let said = scene.words.filter(|words| words.about == About::Submit);
    let said = said.map_or_else(
        || "; this process did not hear the words".to_owned(),
        |words| format!(" ({}): \"{}\"", ago(scene, words.at), words.words),
    );
    format!(
        "The upstream was busy at the last of {}{at}{said}. It goes out again from {} on. It was not taken, and \
         takes no slot.",
        count(scene.task.course.attempts as usize, "try"),
        moment(scene, not_before)
    )
}

fn submitting(scene: &Scene<'_>, account: &str) -> String {
    format!(
        "It is being handed to account `{account}` since {}: the intent is on disk, the answer is not there yet. \
         Without a trustworthy answer it is in doubt and looked up, never sent again blindly.",
        moment(scene, scene.task.course.updated_at)
    )
}

fn in_doubt(scene: &Scene<'_>, account: &str, since: Millis) -> String {
    let station = station(scene, account);
    let way_out = match station.map(|station| station.absence_bound_ms) {
        _ if scene.node.is_none() => String::new(),
        None => {
            format!("Account `{account}` is not plugged in here, so that nobody can look it up; plug it in.")
        }
        Some(None) => {
            "Its vendor has no look-up: look there yourself, then cancel it or let it come to its deadline."
                .to_owned()
        }
        Some(Some(bound_ms)) => {
            let believed = since.plus(i64::try_from(bound_ms).unwrap_or(i64::MAX));
            let bound = if believed > scene.now {
                format!("from {} on", moment(scene, believed))
            } else {
                format!("since {}", time(believed))
            };
            format!(
                "It is looked up there by our reference `{}`: found, it runs; that it is absent is believed {bound}, and \
                 then it is queued again for the same account.",
                scene.task.origin.client_ref
            )
        }
    };
    join([
        format!(
            "It is in doubt since {}: account `{account}` was sent it and gave no trustworthy answer. It keeps slot and \
             hold, and is not sent again meanwhile.",
            moment(scene, since)
        ),
        heard(scene, About::Submit, "What was heard of the submit"),
        way_out,
        heard(scene, About::LookUp, "The last look-up learnt nothing"),
        next_visit(scene, "look-up"),
    ])
}

fn running(scene: &Scene<'_>, account: &str, receipt: &str) -> String {
    let course = &scene.task.course;
    let taken_at = scene.rest.and_then(|rest| rest.running_since);
    let how_far = match course.progress {
        0 => format!("since {}", moment(scene, taken_at.unwrap_or(course.updated_at))),
        percent => format!("and was at {percent} % at {}", moment(scene, course.updated_at)),
    };
    let looks = scene.rest.map(|rest| {
        let seen = match rest.tries {
            0 => String::new(),
            tries => format!(" ({} in a row saw nothing)", count(tries as usize, "look")),
        };
        format!(
            "The last look was {}{seen}, the next is {}.",
            ago(scene, rest.since),
            away(scene, rest.due)
        )
    });
    let blind = scene.rest.is_some_and(|rest| rest.tries > 0);
    let plugged = scene.node.is_none() || station(scene, account).is_some();
    let unplugged = format!("Account `{account}` is not plugged in here, so that nobody looks; plug it in.");
    let unwanted = course
        .cancel_requested
        .then(|| unwanted(scene.stations, account, hold(scene.task)));
    join([
        format!("Account `{account}` works on it {how_far}, as `{receipt}`."),
        if plugged { String::new() } else { unplugged },
        looks.unwrap_or_default(),
        if blind {
            heard(scene, About::Look, "The last words were")
        } else {
            String::new()
        },
        unwanted.unwrap_or_default(),
    ])
}

fn settling(scene: &Scene<'_>, account: &str, offered: &[Offered]) -> String {
    let files: Vec<String> = offered.iter().map(file).collect();
    let tries = scene.rest.map(|rest| rest.tries).filter(|tries| *tries > 0);
    let tries = tries.map(|tries| format!("{} failed so far.", count(tries as usize, "try")));
    let unwanted = scene.task.course.cancel_requested;
    join([
        format!(
            "Account `{account}` is done with it since {}, and its files are being kept: {}.",
            moment(scene, scene.task.course.updated_at),
            if files.is_empty() {
                "none is offered".to_owned()
            } else {
                files.join(", ")
            }
        ),
        tries.unwrap_or_default(),
        heard(scene, About::Result, "The last words were"),
        next_visit(scene, "try"),
        if unwanted {
            "A cancel was asked for: the files are dropped and the bill is made as usual.".to_owned()
        } else {
            String::new()
        },
    ])
}

/// A file by its kind and host; what else stands in a vendor's link opens it.
fn file(offered: &Offered) -> String {
    let kind = format!("{:?}", offered.kind).to_lowercase();
    match &offered.link {
        None => format!("{kind} streamed by the provider"),
        Some(link) => {
            let host = url::Url::parse(link).ok();
            let host = host.as_ref().and_then(url::Url::host_str).unwrap_or("a link");
            format!("{kind} from {host}")
        }
    }
}

fn succeeded(task: &Task) -> String {
    format!(
        "It succeeded at {}: {} kept, {}.",
        ended(task),
        match task.course.artifacts.len() {
            1 => "1 file is".to_owned(),
            many => format!("{many} files are"),
        },
        charged(task)
    )
}

/// Whose hands it is in, where that says more than the state.
fn hands(scene: &Scene<'_>) -> String {
    if scene.task.word().is_final() {
        return String::new();
    }
    let Some(node) = scene.node else {
        return "No gateway runs on this data directory, so nothing moves until `reelway serve` is started."
            .to_owned();
    };
    match scene.lease {
        Some(lease) if lease.until < scene.now => format!(
            "Its node `{}` has not been heard of since its lease ended at {}; another takes it over within a second.",
            lease.node,
            time(lease.until)
        ),
        Some(lease) if lease.node != node => format!(
            "Node `{}` has it, not the process that answers here (`{node}`): visits and words are known there.",
            lease.node
        ),
        None if scene.task.is_owned() => {
            "No node has it at this moment; one takes it up within a second.".to_owned()
        }
        _ => String::new(),
    }
}

/// How it ends by itself.
fn ending(task: &Task) -> String {
    match task.course.state {
        State::Ingesting | State::Queued { .. } | State::Unknown { .. } | State::Running { .. } => format!(
            "If nothing comes of it by {}, it fails and the hold of {} is released.",
            time(task.origin.deadline_at),
            hold(task)
        ),
        _ => String::new(),
    }
}

/// What a cancel came to, truthful about what was spent.
#[must_use]
pub fn after_cancel(task: &Task, stations: &[Station]) -> String {
    let hold = hold(task);
    match &task.course.state {
        State::Cancelled => format!(
            "cancelled: {}; the rest of the hold of {hold} is released",
            charged(task)
        ),
        State::Submitting { account, .. } | State::Unknown { account, .. } => format!(
            "asked for, not done: account `{account}` may have taken the task, and only its vendor knows; if it did, the \
             work goes on and up to {hold} is charged, if not, nothing is; either way the task ends as cancelled"
        ),
        State::Settling { account, .. } => format!(
            "too late to stop: account `{account}` has done the work; the files are dropped, up to {hold} is charged, and \
             the task ends as cancelled"
        ),
        State::Running { account, .. } => {
            let said = unwanted(stations, account, hold);
            format!("asked for, not done yet: {}", said.trim_end_matches('.'))
        }
        _ => format!("the task is `{}`", task.word()),
    }
}

fn unwanted(stations: &[Station], account: &str, hold: String) -> String {
    let station = stations.iter().find(|station| station.account == account);
    if station.is_some_and(|station| station.can_cancel) {
        return format!(
            "A cancel was asked for: the vendor is asked to stop at each look, and if it proves that nothing was spent, \
             nothing is charged; else the result is dropped and up to {hold} is charged."
        );
    }
    format!(
        "A cancel was asked for, but this vendor cannot stop: the work goes on, its result is dropped, and up to {hold} is \
         charged if the vendor succeeds, nothing if it fails."
    )
}

fn station<'a>(scene: &Scene<'a>, account: &str) -> Option<&'a Station> {
    scene.stations.iter().find(|station| station.account == account)
}

fn heard(scene: &Scene<'_>, about: About, lead: &str) -> String {
    let words = scene.words.filter(|words| words.about == about);
    words.map_or_else(String::new, |words| {
        format!("{lead} {}: \"{}\".", ago(scene, words.at), words.words)
    })
}

fn next_visit(scene: &Scene<'_>, what: &str) -> String {
    scene.rest.map_or_else(String::new, |rest| {
        format!("The next {what} is {}.", away(scene, rest.due))
    })
}

fn hold(task: &Task) -> String {
    format!("{} USD", task.origin.quote.hold_micros.dollars())
}

fn charged(task: &Task) -> String {
    match task.course.charge_micros {
        None | Some(Micros(0)) => "nothing was charged".to_owned(),
        Some(charge) => format!("{} USD were charged", charge.dollars()),
    }
}

fn ended(task: &Task) -> String {
    time(task.course.finished_at.unwrap_or(task.course.updated_at))
}

fn moment(scene: &Scene<'_>, at: Millis) -> String {
    let distance = if at > scene.now {
        away(scene, at)
    } else {
        ago(scene, at)
    };
    format!("{} ({distance})", time(at))
}

fn ago(scene: &Scene<'_>, at: Millis) -> String {
    match length(scene.now.since(at)) {
        Some(length) => format!("{length} ago"),
        None => "just now".to_owned(),
    }
}

fn away(scene: &Scene<'_>, at: Millis) -> String {
    match length(at.since(scene.now)) {
        Some(length) => format!("in {length}"),
        None => "due now".to_owned(),
    }
}

/// A length of time in whole seconds; none where that is nothing.
fn length(milliseconds: i64) -> Option<String> {
    length_of_seconds(u64::try_from(milliseconds / 1_000).ok()?)
}

fn length_of_seconds(seconds: u64) -> Option<String> {
    (seconds > 0).then(|| humantime::format_duration(Duration::from_secs(seconds)).to_string())
}

fn count(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

fn join<const N: usize>(sentences: [String; N]) -> String {
    let said = sentences.into_iter().filter(|sentence| !sentence.is_empty());
    said.collect::<Vec<_>>().join(" ")
}
