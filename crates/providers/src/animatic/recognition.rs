//! What is recognised in a picture, as masks, answered at once. How it is found is the renderer's business.

use ::animatic::{Mask, Pool, RenderError, recognise};
use domain::provider::{Job, Outputs, UpstreamError, Wire};
use domain::{Findings, Role};
use serde_json::{Value, json};

use super::given::Given;
use super::quick::{Piece, at_once, outputs};
use super::wish::refused;

/// Recognises the parts of a job's picture: four masks of its size, and whether each holds anything.
///
/// # Errors
/// Refused for a picture that the renderer cannot read, busy when it cannot be had now.
pub(super) async fn recognised(job: &Job, wire: &Wire, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let picture = Given::read(job, wire).await?.need(Role::Reference, "image")?;
    let files = at_once(pool, &job.client_ref, move |_| {
        let found = recognise(&picture)?;
        let masks = [
            ("object_seg", found.object),
            ("head_seg", found.head),
            ("face_seg", found.face),
            ("cloth_seg", found.clothes),
        ];
        masks.into_iter().map(|(kind, mask)| file(kind, &mask)).collect()
    });
    let files: Vec<Found> = files.await?;
    if files.is_empty() {
        return Err(refused("nothing was looked for"));
    }
    let told = told(&files);
    let pieces = files.into_iter().map(|found| found.piece).collect();
    let findings = Findings {
        told,
        ..Findings::default()
    };
    Ok(outputs(pieces, Some(findings)))
}

/// One mask as a file.
struct Found {
    kind: &'static str,
    contains: bool,
    piece: Piece,
}

fn file(kind: &'static str, mask: &Mask) -> Result<Found, RenderError> {
    Ok(Found {
        kind,
        contains: mask.area().is_some(),
        piece: Piece::picture(mask.png()?, mask.width, mask.height),
    })
}

fn told(files: &[Found]) -> Value {
    let image = |(n, found): (usize, &Found)| json!({"type": found.kind, "is_contain": found.contains, "url": {"file": n}});
    json!({"images": files.iter().enumerate().map(image).collect::<Vec<_>>()})
}
