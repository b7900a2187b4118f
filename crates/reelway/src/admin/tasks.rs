//! Tasks of all tenants for the operator: list, show, explain, cancel. The same reads serve commands that
//! open the database themselves. Why a task is where it is stands in `tasks/explain.rs`, what a list is
//! asked for in `tasks/wish.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use dialects::reelway::time;
use domain::dialect::Place;
use domain::overview::{Ahead, Lease};
use domain::tenant::Tenant;
use domain::{Clock, Line, Refusal, StateWord, Store, Task, TaskId};
use engine::{Engine, Remark, Rest, Station};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::admin::keys::unavailable;
use crate::front::request_id;
use crate::problem;
use crate::wiring::House;

pub mod explain;
pub mod wish;

use explain::Scene;
use wish::ListWish;

/// Most waiting tasks that are counted for an explanation.
const AHEAD_MOST: usize = 10_000;

/// The state of a task in doubt whose vendor cannot be asked.
const INDETERMINATE: &str = "indeterminate";

/// A task in the operator's list. Ids, words and numbers; neither prompts nor media.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskView {
    /// `task_` and 32 hexadecimal digits.
    pub id: String,
    /// Always `task`.
    pub object: String,
    /// The state: `queued`, `unknown`, `running` …; `indeterminate` where it is unknown and its vendor has
    /// no look-up, as far as a running gateway can tell.
    pub state: String,
    /// The tenant by name.
    pub tenant: String,
    /// The model, as the client named it.
    pub model: String,
    /// The kind of work.
    pub operation: String,
    /// The dialect that it came through.
    pub dialect: String,
    /// The queue that it waits in.
    pub lane: String,
    /// The client's own name for it.
    pub external_id: Option<String>,
    /// The account that made it or was last at it.
    pub account: Option<String>,
    /// The vendor's name for it.
    pub receipt: Option<String>,
    /// 0 to 100.
    pub progress: u8,
    /// How often a submit was intended.
    pub attempts: u32,
    /// Whether a cancel was asked for when it could no longer be stopped at once.
    pub cancel_requested: bool,
    /// What was held at submit, in micro-dollars.
    pub hold_micros: i64,
    /// What was charged, in micro-dollars, once that is settled.
    pub charge_micros: Option<i64>,
    /// Why it failed.
    pub error: Option<ErrorView>,
    /// When it was acknowledged.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it became final.
    pub finished_at: Option<String>,
    /// When it fails if it is not done.
    pub deadline_at: String,
}

/// Why a task failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorView {
    /// Our code.
    pub code: String,
    /// What is said to the client.
    pub message: String,
    /// The vendor's code.
    pub vendor_code: Option<i64>,
}

/// A part of the operator's list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskList {
    /// Always `list`.
    pub object: String,
    /// The tasks, newest first; it may be none although more follow.
    pub data: Vec<TaskView>,
    /// What `after` must be for the next part.
    pub next_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// Everything that there is to know of one task, but what was asked for and what was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskDetail {
    /// What the list says.
    #[serde(flatten)]
    pub task: TaskView,
    /// The course as its row has it.
    pub course: Value,
    /// The ledger lines, in the order in which they were booked.
    pub lines: Vec<LineView>,
    /// Which node works on it, and until when.
    pub lease: Option<LeaseView>,
    /// When this process visited it last, and when it does next.
    pub visit: Option<VisitView>,
    /// The last words that this process heard about it.
    pub last_error: Option<WordsView>,
    /// Why it is where it is.
    pub explanation: String,
}

/// A ledger line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineView {
    /// `hold`, `charge`, `release` …
    pub kind: String,
    /// Where the money came from.
    pub from: String,
    /// Where it went.
    pub to: String,
    /// How much, in micro-dollars.
    pub amount_micros: i64,
    /// When.
    pub at: String,
}

/// A lease.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeaseView {
    /// The node's name.
    pub node: String,
    /// Whether that is the process that answers.
    pub is_this_process: bool,
    /// Until when it holds unless it is prolonged.
    pub until: String,
}

/// Visits to a parked task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitView {
    /// The last one.
    pub last_at: String,
    /// The next one.
    pub next_at: String,
    /// Visits in a row that learnt nothing.
    pub tries: u32,
}

/// Words about a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WordsView {
    /// When they were heard.
    pub at: String,
    /// What they were about: `submit`, `look`, `result` …
    pub about: String,
    /// The words.
    pub words: String,
}

/// What came of a cancel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cancelled {
    /// The task as it is now.
    pub task: TaskView,
    /// What that means, also for the money.
    pub outcome: String,
}

/// What a read may look at: the database always, the engine only inside a running gateway.
pub struct Sight<'a> {
    /// The database.
    pub store: &'a dyn Store,
    /// Time.
    pub clock: &'a dyn Clock,
    /// The belts; none: no gateway runs here.
    pub engine: Option<&'a Engine>,
}

impl Sight<'_> {
    fn of(house: &House) -> Sight<'_> {
        Sight {
            store: &**house.engine.store(),
            clock: &*house.clock,
            engine: Some(&house.engine),
        }
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, Refusal> {
        self.store
            .registry()
            .tenants()
            .await
            .map_err(|error| unavailable(&error))
    }

    /// A part of the list of all tenants' tasks.
    ///
    /// # Errors
    /// A refusal that names the field at fault.
    pub async fn list(&self, wish: &ListWish) -> Result<TaskList, Refusal> {
        let tenants = self.tenants().await?;
        let (survey, portion) = wish.read(&tenants, self.clock.now())?;
        let found = self.store.survey(&survey, portion).await;
        let found = found.map_err(|error| unavailable(&error))?;
        Ok(TaskList {
            object: "list".to_owned(),
            data: found.tasks.iter().map(|task| self.view(task, &tenants)).collect(),
            has_more: found.next.is_some(),
            next_cursor: found.next.map(TaskId::prefixed),
        })
    }

    /// The task of an id, whoever's it is.
    ///
    /// # Errors
    /// A refusal when there is no such task.
    pub async fn find(&self, id: &str) -> Result<Arc<Task>, Refusal> {
        let Some(id) = TaskId::parse(id) else {
            return Err(Refusal::not_found());
        };
        let found = self.store.any_task(id).await;
        found
            .map_err(|error| unavailable(&error))?
            .ok_or_else(Refusal::not_found)
    }

    /// Everything about one task.
    ///
    /// # Errors
    /// A refusal when there is no such task.
    pub async fn show(&self, id: &str) -> Result<TaskDetail, Refusal> {
        let task = self.find(id).await?;
        let lines = self.store.lines(task.id()).await;
        let lines = lines.map_err(|error| unavailable(&error))?;
        let around = self.around(&task).await?;
        let explanation = explain::explain(&around.scene(&task, self));
        let node = self.engine.map(|engine| engine.settings().node.as_str());
        let course = serde_json::to_value(&task.course).unwrap_or_default();
        Ok(TaskDetail {
            task: self.view(&task, &self.tenants().await?),
            course,
            lines: lines.iter().map(line).collect(),
            lease: around.lease.map(|lease| LeaseView {
                is_this_process: node == Some(lease.node.as_str()),
                until: time(lease.until),
                node: lease.node,
            }),
            visit: around.rest.map(|rest| VisitView {
                last_at: time(rest.since),
                next_at: time(rest.due),
                tries: rest.tries,
            }),
            last_error: around.words.map(|remark| WordsView {
                at: time(remark.at),
                about: remark.about.word().to_owned(),
                words: remark.words,
            }),
            explanation,
        })
    }

    fn view(&self, task: &Task, tenants: &[Tenant]) -> TaskView {
        let is_indeterminate = self.engine.is_some_and(|engine| engine.is_indeterminate(task));
        let word = is_indeterminate.then_some(INDETERMINATE);
        TaskView {
            state: word.unwrap_or(task.word().word()).to_owned(),
            ..view(task, tenants)
        }
    }

    async fn around(&self, task: &Task) -> Result<Around, Refusal> {
        let (id, lane) = (task.id(), &task.origin.lane);
        let lease = self.store.lease(id).await;
        let lease = lease.map_err(|error| unavailable(&error))?;
        let ahead = match task.word() {
            StateWord::Queued => self.store.ahead(lane, id, AHEAD_MOST).await,
            _ => Ok(Ahead::default()),
        };
        let stations = self.engine.map_or_else(Vec::new, |engine| {
            if task.word() == StateWord::Queued {
                return engine.stations_of(lane);
            }
            engine.stations()
        });
        Ok(Around {
            lease,
            ahead: ahead.map_err(|error| unavailable(&error))?,
            place: self.engine.and_then(|engine| engine.place(task)),
            stations,
            rest: self.engine.and_then(|engine| engine.rest(id)),
            words: self.engine.and_then(|engine| engine.last_words(id)),
        })
    }
}

/// What stands around a task.
struct Around {
    lease: Option<Lease>,
    ahead: Ahead,
    place: Option<Place>,
    stations: Vec<Station>,
    rest: Option<Rest>,
    words: Option<Remark>,
}

impl Around {
    fn scene<'a>(&'a self, task: &'a Task, sight: &Sight<'a>) -> Scene<'a> {
        Scene {
            task,
            now: sight.clock.now(),
            node: sight.engine.map(|engine| engine.settings().node.as_str()),
            lease: self.lease.as_ref(),
            ahead: self.ahead,
            place: self.place,
            stations: &self.stations,
            rest: self.rest,
            words: self.words.as_ref(),
        }
    }
}

fn view(task: &Task, tenants: &[Tenant]) -> TaskView {
    let (origin, course) = (&task.origin, &task.course);
    let tenant = tenants.iter().find(|tenant| tenant.id == origin.tenant);
    TaskView {
        id: task.id().prefixed(),
        object: "task".to_owned(),
        state: task.word().to_string(),
        tenant: tenant.map_or_else(|| origin.tenant.0.hex(), |tenant| tenant.name.clone()),
        model: origin.ask.model.clone(),
        operation: origin.ask.operation.word().to_owned(),
        dialect: origin.face.dialect.clone(),
        lane: origin.lane.clone(),
        external_id: origin.external_id.clone(),
        account: course.account.clone(),
        receipt: course.receipt.as_ref().map(|receipt| receipt.0.clone()),
        progress: course.progress,
        attempts: course.attempts,
        cancel_requested: course.cancel_requested,
        hold_micros: origin.quote.hold_micros.0,
        charge_micros: course.charge_micros.map(|micros| micros.0),
        error: task.error().map(|error| ErrorView {
            code: error.code.word().to_owned(),
            message: error.message.clone(),
            vendor_code: error.vendor_code,
        }),
        created_at: time(origin.created_at),
        updated_at: time(course.updated_at),
        finished_at: course.finished_at.map(time),
        deadline_at: time(origin.deadline_at),
    }
}

fn line(line: &Line) -> LineView {
    LineView {
        kind: line.kind.word().to_owned(),
        from: line.from.word().to_owned(),
        to: line.to.word().to_owned(),
        amount_micros: line.amount.0,
        at: time(line.at),
    }
}

/// `GET /tasks`
pub async fn list(State(house): State<Arc<House>>, request: Request) -> Response {
    let wish = ListWish::of_query(request.uri());
    let listed = match wish {
        Ok(wish) => Sight::of(&house).list(&wish).await,
        Err(refusal) => Err(refusal),
    };
    answer(listed, &request)
}

/// `GET /tasks/{id}`
pub async fn show(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    answer(Sight::of(&house).show(&id).await, &request)
}

/// `GET /tasks/{id}/explanation`
pub async fn explanation(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let shown = Sight::of(&house).show(&id).await;
    let short = shown.map(|shown| {
        let TaskDetail {
            task, explanation, ..
        } = shown;
        json!({ "id": task.id, "object": "explanation", "state": task.state, "explanation": explanation })
    });
    answer(short, &request)
}

/// `POST /tasks/{id}/cancel`
pub async fn cancel(State(house): State<Arc<House>>, Path(id): Path<String>, request: Request) -> Response {
    answer(cancelled(&house, &id).await, &request)
}

async fn cancelled(house: &House, id: &str) -> Result<Cancelled, Refusal> {
    let sight = Sight::of(house);
    let task = sight.find(id).await?;
    let name = task.id().prefixed();
    let task = house.engine.cancel(task.origin.tenant, &name).await?;
    let stations = house.engine.stations();
    Ok(Cancelled {
        outcome: explain::after_cancel(&task, &stations),
        task: sight.view(&task, &sight.tenants().await?),
    })
}

fn answer<T: Serialize>(read: Result<T, Refusal>, request: &Request) -> Response {
    match read {
        Ok(read) => Json(read).into_response(),
        Err(refusal) => problem::answer(&refusal, &request_id(request.extensions())),
    }
}
