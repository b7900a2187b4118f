//! Sessions over a clip, each call answered at once: faces that are found in it, and areas that are picked in it.
//! What a session remembers is read by `lips` and `elements`.

use ::animatic::{
    Facts, Mask, Picture, Pool, RenderError, Still, find_faces, frame_at, preview, probe, select, write_rle,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::item::ItemKind;
use domain::provider::{Job, Outputs, UpstreamError, Wire};
use domain::{Findings, MediaFacts, MediaKind, Role};
use serde_json::{Value, json};

use super::given::Given;
use super::quick::{Piece, at_once, outputs};
use super::wish::refused;

/// What is done with the areas of a clip, in which frame, and where.
pub(super) const SELECTION: &str = "kling.selection";
pub(super) const FRAME: &str = "kling.frame_index";
pub(super) const POINTS: &str = "kling.points";

/// Where in a clip faces are looked for, in hundredths of its length, until one is found.
const LOOKS: [u32; 4] = [0, 33, 66, 90];
/// What the only face is called where none was found, and the whole frame stands for it.
const WHOLE_FRAME: &str = "whole_frame";
/// The most frames in which areas are picked.
const MAX_FRAMES: usize = 10;

/// A face as it is told and remembered.
struct Found {
    id: String,
    /// Left, top, width and height in shares of the frame.
    place: [f64; 4],
    picture: Still,
}

/// Finds the faces of a job's clip; where there is none, the whole frame of its start is the one face.
///
/// # Errors
/// Refused for a clip that the renderer cannot read, busy when it cannot be had now.
pub(super) async fn faces(job: &Job, wire: &Wire, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let clip = Given::read(job, wire)
        .await?
        .need(Role::SourceVideo, "video_id")?;
    let looked = at_once(pool, &job.client_ref, move |_| looked(&clip));
    let (facts, found) = looked.await?;
    let told = found.iter().enumerate().map(|(n, face)| {
        json!({
            "face_id": face.id,
            "face_image": {"file": n},
            "start_time": 0,
            "end_time": facts.duration_ms,
        })
    });
    let told: Vec<Value> = told.collect();
    let kept = found.iter().map(|face| {
        let [left, top, width, height] = face.place;
        json!({"face_id": face.id, "left": left, "top": top, "width": width, "height": height})
    });
    let kept: Vec<Value> = kept.collect();
    let findings = Findings {
        told: json!({"session_id": {"item": "text"}, "face_data": told}),
        memory: json!({"clip": clip_of(job), "faces": kept}),
        vendor_ref: None,
    };
    let pieces = found.into_iter().map(|face| {
        let Still { bytes, width, height } = face.picture;
        Piece::picture(bytes, width, height)
    });
    Ok(outputs(pieces.collect(), Some(findings)))
}

fn looked(clip: &[u8]) -> Result<(Facts, Vec<Found>), RenderError> {
    let facts = probe(clip)?;
    let mut found = Vec::new();
    for look in LOOKS {
        let frame = frame_at(clip, facts.duration_ms / 100 * look)?;
        let faces = find_faces(&frame);
        let none = faces.iter().all(|face| face.whole_frame);
        if found.is_empty() || !none {
            found = faces
                .into_iter()
                .map(|face| (face, (frame.width, frame.height)))
                .collect();
        }
        if !none {
            break;
        }
    }
    let told = found.into_iter().enumerate().map(|(n, (face, (width, height)))| {
        let share = |at: u32, side: u32| f64::from(at) / f64::from(side.max(1));
        let place = face.area;
        Ok(Found {
            id: if face.whole_frame {
                WHOLE_FRAME.to_owned()
            } else {
                format!("{n}")
            },
            place: [
                share(place.left, width),
                share(place.top, height),
                share(place.width, width),
                share(place.height, height),
            ],
            picture: still_of(&face.picture)?,
        })
    });
    Ok((facts, told.collect::<Result<Vec<_>, RenderError>>()?))
}

fn still_of(picture: &Picture) -> Result<Still, RenderError> {
    Ok(Still {
        bytes: picture.encode(::animatic::Format::Png)?,
        width: picture.width,
        height: picture.height,
    })
}

/// The key under which a job's clip is kept.
fn clip_of(job: &Job) -> Value {
    let clip = job.media.iter().find(|media| media.role == Role::SourceVideo);
    clip.map_or(Value::Null, |media| Value::from(media.staged.blob.as_str()))
}

/// Begins a session over a clip, picks areas in it, or shows what was picked.
///
/// # Errors
/// Refused for a clip that the renderer cannot read and for areas that cannot be picked, busy when the clip cannot
/// be had now.
pub(super) async fn areas(job: &Job, wire: &Wire, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let mut given = Given::read(job, wire).await?;
    let call = job
        .ask
        .extras
        .get(SELECTION)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = &job.client_ref;
    if call == "init" {
        let clip = given.need(Role::SourceVideo, "video_id")?;
        let (facts, clip) = at_once(pool, name, move |_| Ok((probe(&clip)?, clip))).await?;
        return Ok(begun(job, facts, clip));
    }
    let memory = given.memory(ItemKind::SelectionSession);
    let mut memory = memory
        .cloned()
        .ok_or_else(|| refused("`session_id` is missing"))?;
    let answer = match call {
        "add" | "delete" => {
            let clip = given.session_clip(&memory).await?;
            let index = frame_index(job)?;
            let points = changed(&memory, index, call, &points(job)?)?;
            let at_ms = moment(index as f64, fps(&memory));
            let of = points.clone();
            let mask = at_once(pool, name, move |_| match of.as_slice() {
                [] => Ok(None),
                _ => {
                    let frame = frame_at(&clip, at_ms)?;
                    let mask = select(&frame, &of)?;
                    Ok(Some((mask.png()?, mask)))
                }
            });
            let mask = mask.await?;
            let told = remember(&mut memory, index, &points, mask.as_ref());
            json!({"status": 0, "session_id": {"item": "text"}, "res": told})
        }
        "clear" => {
            memory["picked"] = json!([]);
            json!({"status": 0, "session_id": {"item": "text"}})
        }
        "preview" => return shown(given.session_clip(&memory).await?, &memory, name, pool).await,
        other => {
            let allowed = "`init`, `add`, `delete`, `clear`, `preview`";
            return Err(refused(&format!("`selection` is `{other}`; allowed: {allowed}")));
        }
    };
    let findings = Findings {
        told: answer,
        memory,
        vendor_ref: None,
    };
    Ok(outputs(Vec::new(), Some(findings)))
}

fn begun(job: &Job, facts: Facts, clip: Vec<u8>) -> Outputs {
    let findings = Findings {
        told: json!({
            "status": 0,
            "session_id": {"item": "text"},
            "fps": facts.fps,
            "original_duration": facts.duration_ms,
            "width": facts.width,
            "height": facts.height,
            "total_frame": facts.frames,
            "normalized_video": {"file": 0},
        }),
        memory: json!({"clip": clip_of(job), "fps": facts.fps, "picked": []}),
        vendor_ref: None,
    };
    outputs(vec![film(clip, facts)], Some(findings))
}

fn film(clip: Vec<u8>, facts: Facts) -> Piece {
    Piece {
        kind: MediaKind::Video,
        facts: MediaFacts {
            width: Some(facts.width),
            height: Some(facts.height),
            duration_ms: Some(u64::from(facts.duration_ms)),
            fps: Some(facts.fps.round() as u32),
        },
        bytes: clip,
    }
}

/// What was picked so far, as the session shows it.
async fn shown(clip: Vec<u8>, memory: &Value, name: &str, pool: &Pool) -> Result<Outputs, UpstreamError> {
    let picked = picked(memory).to_vec();
    let fps = fps(memory);
    let made = at_once(pool, name, move |_| {
        let facts = probe(&clip)?;
        let first = picked.first();
        let index = first.map_or(0.0, |frame| frame["frame_index"].as_f64().unwrap_or(0.0));
        let mut cover = frame_at(&clip, moment(index, fps))?;
        let mut tracked = Vec::new();
        for (n, frame) in picked.iter().enumerate() {
            let points = pairs(&frame["points"]).unwrap_or_default();
            let index = frame["frame_index"].as_f64().unwrap_or(0.0);
            let here = frame_at(&clip, moment(index, fps))?;
            let mask = select(&here, &points)?;
            if n == 0 {
                cover = preview(&here, &mask)?;
            }
            tracked.push(json!({"frame_index": frame["frame_index"], "rle_mask_list": [rle(&mask)]}));
        }
        Ok((facts, still_of(&cover)?, tracked, clip))
    });
    let (facts, cover, tracked, clip) = made.await?;
    let findings = Findings {
        told: json!({
            "status": 0,
            "session_id": {"item": "text"},
            "res": {"video": {"file": 0}, "video_cover": {"file": 1}, "tracking_output": tracked},
        }),
        memory: Value::Null,
        vendor_ref: None,
    };
    let Still { bytes, width, height } = cover;
    let pieces = vec![film(clip, facts), Piece::picture(bytes, width, height)];
    Ok(outputs(pieces, Some(findings)))
}

/// When a frame is shown, in milliseconds: a little into its time, so that rounding never shows the one before.
fn moment(index: f64, fps: f64) -> u32 {
    ((index + 0.25) * 1000.0 / fps).round().clamp(0.0, 3.6e6) as u32
}

fn fps(memory: &Value) -> f64 {
    let fps = memory["fps"].as_f64().filter(|fps| (1.0..=240.0).contains(fps));
    fps.unwrap_or(f64::from(super::wish::DEFAULT_FPS))
}

fn picked(memory: &Value) -> &[Value] {
    memory["picked"].as_array().map_or(&[], Vec::as_slice)
}

fn frame_index(job: &Job) -> Result<u64, UpstreamError> {
    let value = job.ask.extras.get(FRAME).unwrap_or(&Value::Null);
    value.as_u64().ok_or_else(|| {
        refused(&format!(
            "`frame_index` is `{value}`; allowed: a whole number from 0"
        ))
    })
}

fn points(job: &Job) -> Result<Vec<(f32, f32)>, UpstreamError> {
    let value = job.ask.extras.get(POINTS).unwrap_or(&Value::Null);
    let points = pairs(value).filter(|points| !points.is_empty());
    points.ok_or_else(|| refused(&format!("`points` is `{value}`; allowed: a list of points")))
}

fn pairs(value: &Value) -> Option<Vec<(f32, f32)>> {
    let pair = |point: &Value| Some((point["x"].as_f64()? as f32, point["y"].as_f64()? as f32));
    value.as_array()?.iter().map(pair).collect()
}

/// The points of a frame after some were added or taken away.
fn changed(
    memory: &Value,
    index: u64,
    call: &str,
    points: &[(f32, f32)],
) -> Result<Vec<(f32, f32)>, UpstreamError> {
    let known = picked(memory)
        .iter()
        .find(|frame| frame["frame_index"].as_u64() == Some(index));
    let mut before = known
        .and_then(|frame| pairs(&frame["points"]))
        .unwrap_or_default();
    if call == "add" {
        if known.is_none() && picked(memory).len() >= MAX_FRAMES {
            return Err(refused(&format!(
                "areas are picked in `{MAX_FRAMES}` frames at most"
            )));
        }
        before.extend(points);
        return Ok(before);
    }
    for point in points {
        let at = before.iter().position(|known| known == point);
        let at = at.ok_or_else(|| refused("`points` names a point that was not added"))?;
        before.remove(at);
    }
    Ok(before)
}

/// Writes a frame's points and mask into what the session remembers; answers what is told of it.
fn remember(memory: &mut Value, index: u64, points: &[(f32, f32)], mask: Option<&(Vec<u8>, Mask)>) -> Value {
    let mut frames = picked(memory).to_vec();
    frames.retain(|frame| frame["frame_index"].as_u64() != Some(index));
    let mut list = Vec::new();
    if let Some((png, mask)) = mask {
        let points: Vec<Value> = points.iter().map(|(x, y)| json!({"x": x, "y": y})).collect();
        let png = STANDARD.encode(png);
        frames.push(json!({"frame_index": index, "points": points, "mask": png}));
        let mut told = rle(mask);
        told["png_mask"] = json!({"size": [mask.height, mask.width], "base64": png});
        list.push(told);
    }
    memory["picked"] = Value::from(frames);
    json!({"frame_index": index, "rle_mask_list": list})
}

fn rle(mask: &Mask) -> Value {
    json!({"object_id": 0, "rle_mask": {"size": [mask.height, mask.width], "counts": write_rle(mask)}})
}
