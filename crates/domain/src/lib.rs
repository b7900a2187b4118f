//! The nouns of the house: what a task is, what money is, which ports exist. No I/O, no runtime, no
//! framework, no SQL; every rule about state and money is a pure function here.

pub mod account;
pub mod artifact;
pub mod ask;
pub mod audit;
pub mod blobs;
pub mod clock;
pub mod credentials;
pub mod dialect;
pub mod error;
pub mod fields;
pub mod findings;
pub mod http;
pub mod ids;
pub mod invoice;
pub mod item;
pub mod limits;
pub mod money;
pub mod overview;
pub mod price;
pub mod provider;
pub mod rule;
pub mod store;
pub mod task;
pub mod tenant;
pub mod transport;
pub mod webhook;

pub use artifact::{Artifact, MediaFacts, MediaKind, Staged};
pub use ask::{Ask, Input, Mention, Operation, Parent, Role, Source};
pub use blobs::{BlobKey, Blobs, ByteStream};
pub use clock::{Clock, Millis};
pub use dialect::{Answer, Call, Dialect, Face, Intent, Request, Route};
pub use error::{Refusal, RefusalKind, TaskError};
pub use findings::Findings;
pub use ids::{Id, Ids, KeyId, TaskId, TenantId};
pub use money::{LedgerAccount, Line, LineKind, Micros};
pub use price::{PriceBook, Quote};
pub use provider::{Manifest, Provider};
pub use rule::{MediaRule, Misfit};
pub use store::Store;
pub use task::{Change, Event, EventKind, State, StateWord, Status, Task};
pub use transport::Transport;
