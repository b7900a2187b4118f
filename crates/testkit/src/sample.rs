//! Sample nouns: a plain wish, its price, its order, a tenant. Tests change what they are about.

use std::sync::Arc;

use domain::artifact::{Artifact, MediaFacts};
use domain::ask::Size;
use domain::ids::ArtifactId;
use domain::price::Unit;
use domain::task::{Change, Offered, Origin};
use domain::tenant::{Key, KeyRole, KeyTerms, Proof, Sealed, Tenant, TenantTerms};
use domain::{
    Ask, BlobKey, Face, Id, KeyId, MediaKind, Micros, Millis, Operation, Quote, Task, TaskId, TenantId,
};

use crate::clock::START;

/// A plain wish: five seconds of text-to-video at 1280×720.
#[must_use]
pub fn ask() -> Ask {
    Ask {
        operation: Operation::TextToVideo,
        model: "kling-v3".to_owned(),
        prompt: "a kite over a beach".to_owned(),
        negative_prompt: None,
        inputs: Vec::new(),
        mentions: Vec::new(),
        duration_ms: 5_000,
        lasts_like: None,
        size: Size {
            width: 1280,
            height: 720,
        },
        follows_picture: false,
        fps: Some(30),
        seed: Some(7),
        count: 1,
        sound: None,
        mode: Some("std".to_owned()),
        preview: false,
        marked_copy: false,
        extras: serde_json::Map::new(),
    }
}

/// The price of [`ask`]: 84,000 micro-dollars a second.
#[must_use]
pub fn quote() -> Quote {
    Quote {
        book: "sample".to_owned(),
        unit: Unit::Second,
        price_micros: Micros(84_000),
        quantity: 5,
        hold_micros: Micros(420_000),
        units_milli: None,
        listed: None,
    }
}

/// The `n`th tenant.
#[must_use]
pub fn tenant(n: u128) -> TenantId {
    TenantId(Id(0x7e00 + n))
}

/// The `n`th tenant as a row.
#[must_use]
pub fn tenant_row(n: u128, unlimited: bool) -> Tenant {
    Tenant {
        id: tenant(n),
        name: format!("tenant-{n}"),
        unlimited,
        created_at: START,
        terms: TenantTerms::default(),
    }
}

/// A client key of the `n`th tenant with the given hash.
#[must_use]
pub fn key_row(n: u128, hash: &str) -> Key {
    Key {
        id: KeyId(Id(0x6e00 + n)),
        holder: KeyId(Id(0x6e00 + n)),
        tenant: tenant(n),
        name: format!("key-{n}"),
        role: KeyRole::Client,
        proof: Proof::Secret {
            hash: hash.to_owned(),
        },
        hint: "wxyz".to_owned(),
        dialect: None,
        created_at: START,
        expires_at: None,
        revoked_at: None,
        terms: KeyTerms::default(),
    }
}

/// A client pair of the `n`th tenant with the given access name.
#[must_use]
pub fn pair_row(n: u128, access: &str) -> Key {
    Key {
        proof: Proof::Pair {
            access: access.to_owned(),
            sealed: Sealed {
                master: "master-1".to_owned(),
                bytes: vec![0, 7, 255],
            },
        },
        ..key_row(n, "")
    }
}

/// The order of [`ask`] by the first tenant.
#[must_use]
pub fn origin(id: Id) -> Origin {
    Origin {
        id: TaskId(id),
        tenant: tenant(1),
        key: KeyId(Id(0x6e01)),
        holder: None,
        face: Face {
            dialect: "elk".to_owned(),
            mount: String::new(),
            version: 1,
        },
        ask: Arc::new(ask()),
        seed: 7,
        quote: quote(),
        lane: "animatic".to_owned(),
        pinned: None,
        client_ref: id.after("rw-"),
        external_id: None,
        callback_url: None,
        base_url: "http://127.0.0.1:8787".to_owned(),
        created_at: START,
        deadline_at: START.plus(30 * 60 * 1_000),
    }
}

/// A task at its birth.
#[must_use]
pub fn birth(id: Id) -> Change {
    Task::born(origin(id))
}

/// One kept clip.
#[must_use]
pub fn artifact(id: Id) -> Artifact {
    Artifact {
        id: ArtifactId(id),
        kind: MediaKind::Video,
        blob: BlobKey::from_sha256([7; 32]),
        bytes: 1_234,
        content_type: "video/mp4".to_owned(),
        facts: facts(),
        vendor_ref: None,
        marked_copy_of: None,
    }
}

/// A copy of the kept file at a place, with its maker's mark.
#[must_use]
pub fn marked_copy(id: Id, of: u32) -> Artifact {
    Artifact {
        blob: BlobKey::from_sha256([8; 32]),
        marked_copy_of: Some(of),
        ..artifact(id)
    }
}

/// One offered clip, streamed.
#[must_use]
pub fn offered() -> Offered {
    Offered {
        kind: MediaKind::Video,
        link: None,
        facts: facts(),
        vendor_ref: None,
        marked_copy_of: None,
    }
}

/// What is known of a clip that fits [`ask`].
#[must_use]
pub fn facts() -> MediaFacts {
    MediaFacts {
        width: Some(1280),
        height: Some(720),
        duration_ms: Some(5_000),
        fps: Some(30),
    }
}

/// A moment so many milliseconds after the start of the manual clock.
#[must_use]
pub fn at(milliseconds: i64) -> Millis {
    START.plus(milliseconds)
}
