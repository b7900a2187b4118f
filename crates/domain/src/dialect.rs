//! The `Dialect` port: how clients speak. Pure: decoded fields in, a request out; an answer in, bytes
//! out. A dialect never meets a provider, a database or a socket.

use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;
use crate::ask::{Ask, Operation};
use crate::error::Refusal;
use crate::fields::Fields;
use crate::http::Reply;
use crate::store::{Filter, Listing, Page};
use crate::task::Task;

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
    Submit(Operation),
    /// Reads one task.
    Status(Operation),
    /// Reads many of one kind.
    List(Operation),
    /// Stops one.
    Cancel,
}

/// One row of a dialect's route table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the mount, with `{id}` where the id stands.
    pub path: &'static str,
    /// Whether the same path is served at the root too.
    pub at_root: bool,
    /// What it is for.
    pub intent: Intent,
    /// Dotted paths of fields that carry media: a string there that is no URL is decoded and staged.
    pub media: &'static [&'static str],
    /// The longest body, in bytes.
    pub limit_bytes: u64,
}

/// A request after `front` has decoded it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// The value of `{id}` in the path.
    pub id: Option<String>,
    /// Query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The body's fields.
    pub fields: Fields,
    /// Whether the client asked for a storyboard preview.
    pub preview: bool,
}

/// What the client wants of the house.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make something.
    Submit(Box<Submission>),
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
}

/// Where a result can be downloaded, as the caller may write it into an answer.
pub trait Links {
    /// The signed link of the `n`th artifact (from zero).
    fn content(&self, task: &Task, n: usize, artifact: &Artifact) -> String;
}

/// What the house has to say.
pub enum Answer<'a> {
    /// The task was taken.
    Submitted(&'a Task),
    /// This is how far it is.
    Status(&'a Task),
    /// These are there.
    Listing(&'a Listing),
    /// The request was not taken.
    Refused(&'a Refusal),
}

/// What a rendering may use beyond the answer itself.
pub struct Context<'a> {
    /// This request's id.
    pub request_id: &'a str,
    /// Signed links.
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

    /// Reads a call.
    ///
    /// # Errors
    /// A [`Refusal`] that names the field and the allowed values.
    fn parse(&self, route: &Route, call: &Call) -> Result<Request, Refusal>;

    /// Writes an answer.
    fn render(&self, answer: &Answer<'_>, context: &Context<'_>) -> Reply;

    /// The body of a webhook about this task's present state; `None` when the dialect has none.
    fn webhook(&self, task: &Task, links: &dyn Links) -> Option<Vec<u8>>;
}
