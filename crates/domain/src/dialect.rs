//! The `Dialect` port: how clients speak. Pure: decoded fields in, a request out; an answer in, bytes
//! out. A dialect never meets a provider, a database or a socket.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::artifact::{Artifact, MediaKind};
use crate::ask::{Ask, Operation};
use crate::clock::Millis;
use crate::error::Refusal;
use crate::fields::Fields;
use crate::http::Reply;
use crate::ids::TaskId;
use crate::money::Balance;
use crate::price::Quote;
use crate::store::{Filter, Listing, Page};
use crate::task::Task;

/// The longest text that is looked up as a task's name, in bytes.
const ID_BYTES_MAX: usize = 256;

/// The door that a task came through: it is answered in this voice wherever paths are shared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Face {
    /// The dialect's name.
    pub dialect: String,
    /// The mount (`/elk`), or empty at the root.
    pub mount: String,
    /// The version of the dialect's shapes.
    pub version: u32,
}

/// HTTP methods that routes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Submit.
    Post,
    /// Take away.
    Delete,
}

/// What a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Creates a task.
    Submit,
    /// Creates a task and answers when it has ended.
    Run,
    /// Reads one task.
    Status,
    /// Reads many.
    List,
    /// Stops one.
    Cancel,
    /// Reads items that come with the house and are everybody's.
    Presets,
    /// Reads several tasks by their names.
    Lookup,
    /// Hands out a file of one task.
    Content,
    /// Creates a task out of the wish of an earlier one.
    Remake,
    /// Takes one task away.
    Erase,
    /// Reads the caller's own money.
    Balance,
    /// Reads what the caller's finished tasks cost.
    Bill,
}

/// One row of a dialect's route table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the mount, with `{id}` where the id stands.
    pub path: &'static str,
    /// The same route's paths at the root. Several dialects may name the same one; who answers there is
    /// decided by the front.
    pub roots: &'static [&'static str],
    /// What it is for.
    pub intent: Intent,
    /// The kind of work that it is about; none where the request itself says it.
    pub operation: Option<Operation>,
    /// Dotted paths of fields that carry media: a string there that is no URL is decoded and staged.
    pub media: &'static [&'static str],
    /// The longest body, in bytes; 0 where there is none.
    pub limit_bytes: u64,
}

/// A request after `front` has decoded it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// The value of `{id}` in the path, or of `{model}`.
    pub id: Option<String>,
    /// Query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The body's fields.
    pub fields: Fields,
    /// Whether the client asked for a storyboard preview.
    pub preview: bool,
    /// The address to call back that came in a header (`X-Webhook-URL`).
    pub webhook_url: Option<String>,
}

/// What the client wants of the house.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make something.
    Submit(Box<Submission>),
    /// Make something, and answer when it is made or has failed.
    Run(Box<Submission>),
    /// How far is it? The id in any spelling, or the tenant's external id.
    Status {
        /// As the client wrote it.
        id: String,
    },
    /// Which tasks are there? Of the caller's own, newest first.
    List {
        /// Which ones.
        filter: Filter,
        /// Which part.
        page: Page,
    },
    /// Stop it.
    Cancel {
        /// As the client wrote it.
        id: String,
    },
    /// How much money is there? It is asked with a time in which it came, which changes nothing.
    Balance,
    /// What did finished tasks cost?
    Bill(Period),
    /// Which presets are there? They are the dialect's own data.
    Presets {
        /// Which part.
        page: Page,
    },
    /// How far are these? What is not there is left out.
    Lookup(Names),
    /// The first file of a kind.
    Content {
        /// As the client wrote it.
        id: String,
        /// Which kind.
        kind: MediaKind,
    },
    /// Make an earlier wish again, with other words.
    Remake(Remake),
    /// Take it away; the answer is that of a status.
    Erase {
        /// As the client wrote it.
        id: String,
    },
}

/// Several tasks, as the client wrote their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// By their ids, in any spelling.
    Ids(Vec<String>),
    /// By the tenant's own names.
    External(Vec<String>),
}

/// An earlier wish with other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remake {
    /// The earlier task, as the client wrote it.
    pub id: String,
    /// What should be seen now.
    pub prompt: String,
    /// Fields of the body that have no effect, by path.
    pub ignored: Vec<String>,
}

/// Which finished tasks a bill shows: those that were charged from one moment on and before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From this moment on.
    pub from: Millis,
    /// Before this one.
    pub to: Millis,
    /// Newest first, from behind this task; none: from the newest.
    pub after: Option<TaskId>,
    /// Most tasks.
    pub limit: usize,
}

/// A part of a bill.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    /// Tasks that were charged in the period, newest submit first.
    pub tasks: Vec<Arc<Task>>,
    /// Behind which task the next part begins; none: this is the last.
    pub next: Option<TaskId>,
}

/// A wish with what belongs to the task but not to the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The wish.
    pub ask: Ask,
    /// The client's own name for the task, unique per tenant; never empty.
    pub external_id: Option<String>,
    /// Where the client wants to be called back.
    pub callback_url: Option<String>,
    /// Fields of the body that have no effect, by path.
    pub ignored: Vec<String>,
    /// Whether the wish is only to be checked and priced.
    pub dry_run: bool,
    /// When the client gives it up; the installation's own deadline holds where it is earlier.
    pub deadline_at: Option<Millis>,
}

/// Links, and names, that an answer shows and that are not on the task's own row.
pub trait Links {
    /// The signed link of the `n`th artifact (from zero).
    fn content(&self, task: &Task, n: usize, artifact: &Artifact) -> String;

    /// The whole address of a path of ours, for answers that must name one.
    fn page(&self, path: &str) -> String;

    /// The provider behind an account; none for one that is unknown by now.
    fn provider(&self, account: &str) -> Option<&str>;

    /// The place of a task that waits for an account; none where it is not known.
    fn place(&self, _task: &Task) -> Option<Place> {
        None
    }

    /// Whether nobody can find out what became of the task's submit, as far as this can be told.
    fn is_indeterminate(&self, _task: &Task) -> bool {
        false
    }
}

/// Where a task is in the queue. An estimate: it may be some seconds old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 1 for the task whose turn is next.
    pub position: u64,
    /// Seconds until its turn is likely to come; none as long as no task of its kind was seen to its end.
    pub eta_seconds: Option<u64>,
}

/// What the house has to say.
pub enum Answer<'a> {
    /// The task was taken.
    Submitted(&'a Task),
    /// This is how far it is.
    Status(&'a Task),
    /// These are there, of all that the filter lets through.
    Listing(&'a Listing, &'a Filter),
    /// The wish was checked and costs this; nothing was taken.
    Quoted(&'a Ask, &'a Quote),
    /// This much money is there.
    Balance(&'a Balance),
    /// These tasks were charged in the period.
    Bill(&'a Bill, &'a Period),
    /// This part of the presets of the route's kind was asked for.
    Presets(Page),
    /// The request was not taken.
    Refused(&'a Refusal),
}

/// What a rendering may use beyond the answer itself.
pub struct Context<'a> {
    /// This request's id.
    pub request_id: &'a str,
    /// Signed links, and what else the house knows.
    pub links: &'a dyn Links,
    /// The route that was called; none when no route fits.
    pub route: Option<&'a Route>,
}

/// How clients speak.
pub trait Dialect: Send + Sync {
    /// The dialect's name, as in faces, keys and logs.
    fn name(&self) -> &'static str;

    /// The path under which every route of this dialect is served: `/elk`.
    fn mount(&self) -> &'static str;

    /// The version of its shapes, kept in faces.
    fn version(&self) -> u32;

    /// Every route, as data.
    fn routes(&self) -> &'static [Route];

    /// Beginnings of root paths at which this dialect says that there is no such path.
    fn realms(&self) -> &'static [&'static str];

    /// Whether at the root it answers keys of this dialect only, and nobody who is not known yet.
    fn is_for_its_keys(&self) -> bool {
        false
    }

    /// Its page of the documentation, as data.
    fn guide(&self) -> &'static Guide;

    /// Reads a submit.
    ///
    /// # Errors
    /// A [`Refusal`] that names the field and the allowed values.
    fn submission(&self, route: &Route, call: &Call) -> Result<Submission, Refusal>;

    /// Reads which tasks a list is to show.
    ///
    /// # Errors
    /// A [`Refusal`] that names the parameter and its range, or that there is no list.
    fn selection(&self, route: &Route, call: &Call) -> Result<(Filter, Page), Refusal> {
        let _ = (route, call);
        Err(Refusal::no_route())
    }

    /// Reads which finished tasks a bill is to show.
    ///
    /// # Errors
    /// A [`Refusal`] that names the field and its range, or that there is no bill.
    fn period(&self, route: &Route, call: &Call) -> Result<Period, Refusal> {
        let _ = (route, call);
        Err(Refusal::no_route())
    }

    /// Reads the name of the one task that a call is about.
    ///
    /// # Errors
    /// A [`Refusal`] when there is none or when it cannot be one.
    fn subject(&self, route: &Route, call: &Call) -> Result<String, Refusal> {
        let _ = route;
        let id = call.id.as_deref().filter(|id| is_id(id));
        id.map(str::to_owned).ok_or_else(Refusal::not_found)
    }

    /// Reads the names of the tasks that a look-up is about.
    ///
    /// # Errors
    /// A [`Refusal`] that names the parameter, or that there is no such call.
    fn names(&self, route: &Route, call: &Call) -> Result<Names, Refusal> {
        let _ = (route, call);
        Err(Refusal::no_route())
    }

    /// Reads which kind of file is to be handed out.
    ///
    /// # Errors
    /// A [`Refusal`] that names the parameter and its values.
    fn content_kind(&self, route: &Route, call: &Call) -> Result<MediaKind, Refusal> {
        let _ = (route, call);
        Ok(MediaKind::Video)
    }

    /// Reads what is to be made again, and with which words.
    ///
    /// # Errors
    /// A [`Refusal`] that names the field, or that there is no such call.
    fn remake(&self, route: &Route, call: &Call) -> Result<Remake, Refusal> {
        let _ = (route, call);
        Err(Refusal::no_route())
    }

    /// The wish that changes the clip of an earlier task, made of that task's wish with other words; none where
    /// the wish alone is made again.
    fn by_clip(&self, earlier: &Task, ask: &Ask) -> Option<Ask> {
        let _ = (earlier, ask);
        None
    }

    /// Whether its calls may be signed with a pair; else only a key opens them.
    fn takes_tokens(&self) -> bool {
        true
    }

    /// Reads a call: every dialect in the same way, out of the parts above.
    ///
    /// # Errors
    /// A [`Refusal`] that names the field and the allowed values.
    fn parse(&self, route: &Route, call: &Call) -> Result<Request, Refusal> {
        match route.intent {
            Intent::Submit => {
                let submission = self.submission(route, call)?;
                Ok(Request::Submit(Box::new(submission)))
            }
            Intent::Run => {
                let submission = self.submission(route, call)?;
                Ok(Request::Run(Box::new(submission)))
            }
            Intent::Balance => self.period(route, call).map(|_| Request::Balance),
            Intent::Bill => self.period(route, call).map(Request::Bill),
            Intent::Presets => {
                let (_, page) = self.selection(route, call)?;
                Ok(Request::Presets { page })
            }
            Intent::Status => Ok(Request::Status {
                id: self.subject(route, call)?,
            }),
            Intent::Cancel => Ok(Request::Cancel {
                id: self.subject(route, call)?,
            }),
            Intent::List => {
                let (filter, page) = self.selection(route, call)?;
                Ok(Request::List { filter, page })
            }
            Intent::Lookup => Ok(Request::Lookup(self.names(route, call)?)),
            Intent::Content => Ok(Request::Content {
                id: self.subject(route, call)?,
                kind: self.content_kind(route, call)?,
            }),
            Intent::Erase => Ok(Request::Erase {
                id: self.subject(route, call)?,
            }),
            Intent::Remake => Ok(Request::Remake(self.remake(route, call)?)),
        }
    }

    /// Writes an answer.
    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply;

    /// The body of a webhook about this task's present state; `None` when the dialect has none.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>>;
}

/// Whether a text may be looked up as a task's name.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_BYTES_MAX
}

/// A dialect's page of the documentation: what the routes, the renderings and the capability map do not
/// tell by themselves. Texts are Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// Its title.
    pub title: &'static str,
    /// Whose API it is and who would use it, in a paragraph.
    pub introduction: &'static str,
    /// The vendor's pages and the date on which they were read.
    pub sources: &'static [&'static str],
    /// How a client says who it is.
    pub authentication: &'static str,
    /// The fields of each kind of request.
    pub requests: &'static [RequestGuide],
    /// Rules between fields, one sentence each.
    pub rules: &'static [&'static str],
    /// Where we differ from the vendor, and why.
    pub deviations: &'static [Deviation],
}

/// The fields of one kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestGuide {
    /// Which request: `POST /kling/v1/videos/text2video`.
    pub title: &'static str,
    /// Its fields.
    pub fields: &'static [FieldRow],
}

/// One field that is read. What is in no row is ignored and reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name; `a.b` for one inside an object or a list.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: &'static str,
    /// `required`, or what counts when it is not there.
    pub default: &'static str,
    /// Its values, ranges and lengths.
    pub rule: &'static str,
}

/// A difference from the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// What is different.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
}
