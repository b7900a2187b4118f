//! A wish becomes one request: which way it goes, with its inputs read, in the body of its kind of work.

use bytes::Bytes;
use domain::error::TaskErrorCode;
use domain::provider::{Job, UpstreamError, Wire};
use domain::{Ask, Operation};
use serde_json::Value;

use super::calls::{self, Row};
use super::catalogue::{Legacy, Way, choose};
use super::legacy::{self, Body};
use super::media::{self, Material};
use super::{
    Terms, audio, avatar, effects, elements, extend, images, library, lips, motion, omni, recognition,
    refused, standard, voices,
};

/// Kinds of work that make several results in one task.
const SEVERAL: [Operation; 5] = [
    Operation::ImageGeneration,
    Operation::OmniImage,
    Operation::MultiImageToImage,
    Operation::ImageExpand,
    Operation::MultiShotViews,
];

/// What is sent.
pub(super) struct Request {
    pub(super) call: &'static Row,
    pub(super) path: String,
    pub(super) body: Bytes,
}

/// Writes the request of a job.
///
/// # Errors
/// Why it cannot be sent; nothing was.
pub(super) async fn request(job: &Job, wire: &Wire) -> Result<Request, UpstreamError> {
    let ask = &*job.ask;
    let refused = |message: String| refused(TaskErrorCode::Refused, message);
    if ask.count != 1 && !SEVERAL.contains(&ask.operation) {
        return Err(refused(format!("count cannot be `{}`; allowed: 1", ask.count)));
    }
    let unserved = || refused(format!("`{}` is not served", ask.operation.word()));
    let call = calls::find(ask).ok_or_else(unserved)?;
    if let Some(mention) = ask.mentions.iter().find(|mention| mention.item.is_none()) {
        return Err(refused(format!(
            "what `{}` names was not looked up",
            mention.field
        )));
    }
    let way = choose(ask, &wire.account.credentials).map_err(UpstreamError::Refused)?;
    let path = match &way {
        Way::Legacy(_) => call.path.to_owned(),
        Way::Standard(model) => standard::path(ask.operation, model).ok_or_else(unserved)?,
    };
    let materials = media::read(job, &way, wire).await?;
    let terms = Terms {
        external_id: &job.client_ref,
        callback_url: wire.account.callback_url.as_deref(),
    };
    /// Room for everything but inputs, in bytes.
    const WORDS_BYTES: usize = 8 * 1024;
    let text: usize = materials.iter().map(Material::text_bytes).sum();
    let body = match way {
        Way::Legacy(model) => by_legacy(ask, call, &model, materials, &terms),
        Way::Standard(model) => standard::body(ask, &model, materials, &terms),
    };
    let mut bytes = Vec::with_capacity(text + WORDS_BYTES);
    let written = serde_json::to_writer(&mut bytes, &body);
    written.map_err(|error| refused(format!("the wish cannot be written: {error}")))?;
    Ok(Request {
        call,
        path,
        body: Bytes::from(bytes),
    })
}

fn by_legacy(
    ask: &Ask,
    call: &Row,
    model: &Legacy<'_>,
    materials: Vec<Material>,
    terms: &Terms<'_>,
) -> Value {
    let mut body = Body::new(ask, call, model);
    let to = &mut body;
    match ask.operation {
        Operation::TextToVideo | Operation::ImageToVideo | Operation::MultiImageToVideo => {
            legacy::write(to, ask, model, materials);
        }
        Operation::OmniVideo => omni::write(to, ask, materials),
        Operation::MotionControl => motion::write(to, materials),
        Operation::VideoExtend => extend::write(to, materials),
        Operation::FaceIdentification => lips::write_faces(to, materials),
        Operation::LipSync if call.case == "old" => lips::write_old(to, ask, materials),
        Operation::LipSync => lips::write(to, ask, materials),
        Operation::Avatar => avatar::write(to, materials),
        Operation::VideoEffects => effects::write(to, ask, materials),
        Operation::AreaSelection => elements::write_selection(to, ask, materials),
        Operation::MultiElements => elements::write(to, ask, materials),
        Operation::TextToAudio => audio::write_from_words(to, ask),
        Operation::VideoToAudio => audio::write_for_clip(to, materials),
        Operation::Speech => audio::write_speech(to, ask),
        Operation::CustomVoice => voices::write(to, materials),
        Operation::CustomElement if call.case == "previous" => library::write_previous(to, materials),
        Operation::CustomElement => library::write(to, ask, materials),
        Operation::ItemDeletion if call.case == "voice" => voices::write_deletion(to, ask),
        Operation::ItemDeletion => library::write_deletion(to, ask),
        Operation::MultiShotViews => library::write_views(to, materials),
        Operation::ImageRecognition => recognition::write(to, materials),
        Operation::ImageGeneration
        | Operation::OmniImage
        | Operation::MultiImageToImage
        | Operation::ImageExpand
        | Operation::VirtualTryOn => images::write(to, ask, materials),
    }
    body.finish(call, terms)
}
