//! Input media as the vendor's calls take it: as Base64 out of our own storage, as a link to it where a call
//! takes nothing else, or by the vendor's own name where the vendor made it.
//!
//! Source: <https://kling.ai/document-api/>, inputs and their limits, checked 2026-11-21.

use domain::error::TaskErrorCode;
use domain::provider::{Job, JobMedia, UpstreamError, Wire};
use domain::{Operation, Role};

use super::catalogue::Way;
use super::{calls, refused};
use crate::base64_media;

/// The largest picture by the legacy calls, in bytes.
const PICTURE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// The largest picture by the new standard, in bytes.
const STANDARD_PICTURE_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// The largest sound that is sent with a call, in bytes.
const SOUND_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// An input as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Material {
    /// What it is for.
    pub(super) role: Role,
    /// The client's own field.
    pub(super) field: String,
    pub(super) piece: Piece,
}

/// How an input is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As Base64.
    Base64(String),
    /// As a link.
    Link(String),
    /// By the vendor's own name.
    Name(String),
}

impl Material {
    /// What stands in the field, whichever it is.
    pub(super) fn text(self) -> String {
        match self.piece {
            Piece::Base64(text) | Piece::Link(text) | Piece::Name(text) => text,
        }
    }

    /// How long that is.
    pub(super) fn text_bytes(&self) -> usize {
        let (Piece::Base64(text) | Piece::Link(text) | Piece::Name(text)) = &self.piece;
        text.len()
    }

    /// Whether it is sent by the vendor's own name.
    pub(super) fn is_named(&self) -> bool {
        matches!(self.piece, Piece::Name(_))
    }
}

/// How a call takes an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Base64,
    Link,
    Name,
    NameOrLink,
    NameOrBase64,
}

fn form(operation: Operation, case: &str, role: Role) -> Form {
    match (operation, role) {
        (Operation::VideoExtend, Role::SourceVideo) => Form::Name,
        (Operation::OmniVideo | Operation::CustomElement, Role::SourceVideo) | (_, Role::MotionVideo) => {
            Form::Link
        }
        (_, Role::SourceVideo) => Form::NameOrLink,
        (Operation::CustomVoice, Role::Audio) => Form::Link,
        (Operation::LipSync, Role::Audio) if case == "old" => Form::Base64,
        (_, Role::Audio) => Form::NameOrBase64,
        _ => Form::Base64,
    }
}

/// Reads the inputs of a job.
///
/// # Errors
/// Refused where an input is too long, gone, or can be sent in no way that the call takes; Busy when our own
/// storage fails. Nothing was sent.
pub(super) async fn read(job: &Job, way: &Way<'_>, wire: &Wire) -> Result<Vec<Material>, UpstreamError> {
    let case = calls::find(&job.ask).map_or("", |call| call.case);
    let mut materials = Vec::with_capacity(job.media.len());
    for (at, media) in job.media.iter().enumerate() {
        let input = job.ask.inputs.get(at);
        let field = input.map(|input| input.field.clone()).unwrap_or_default();
        let form = form(job.ask.operation, case, media.role);
        let piece = match (form, named(media, wire)) {
            (Form::Name | Form::NameOrLink | Form::NameOrBase64, Some(name)) => Piece::Name(name),
            (Form::Name, None) => {
                let message =
                    format!("`{field}` is no result of the upstream account that is to continue it");
                return Err(refused(TaskErrorCode::InputRejected, message));
            }
            (Form::Link | Form::NameOrLink, _) => Piece::Link(link(&field, media, wire)?),
            (Form::Base64 | Form::NameOrBase64, _) => {
                let bytes_max = match (media.role, way) {
                    (Role::Audio, _) => SOUND_BYTES_MAX,
                    (_, Way::Legacy(_)) => PICTURE_BYTES_MAX,
                    (_, Way::Standard(_)) => STANDARD_PICTURE_BYTES_MAX,
                };
                Piece::Base64(base64_media::read(&media.staged, bytes_max, wire).await?)
            }
        };
        materials.push(Material {
            role: media.role,
            field,
            piece,
        });
    }
    Ok(materials)
}

/// The vendor's own name, which holds at the account that it was given to.
fn named(media: &JobMedia, wire: &Wire) -> Option<String> {
    let parent = media.parent.as_ref()?;
    let is_own = parent.account.as_ref() == Some(&wire.account.name);
    parent.vendor_ref.clone().filter(|_| is_own)
}

fn link(field: &str, media: &JobMedia, wire: &Wire) -> Result<String, UpstreamError> {
    let publish = wire.publish.as_ref().ok_or_else(|| {
        refused(
            TaskErrorCode::NoProvider,
            format!(
                "the upstream takes `{field}` as a link only, and this gateway has no address to link to: it \
                 needs `server.public_url`"
            ),
        )
    })?;
    Ok(publish.address(&media.staged))
}
