//! Watching a task until it is done, fetching its file, and saying what came of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use domain::Micros;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::cli::paper;
use crate::client::Client;

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// Looks that may fail one after the other before the watch is given up: half a minute.
const FAILED_LOOKS_MAX: u32 = 150;

/// Looks at a task until it has ended well.
pub(super) async fn until_done(client: &Client, id: &str) -> anyhow::Result<Value> {
    let bar = paper::bar();
    let path = format!("/api/v1/tasks/{id}");
    let mut failed_looks = 0;
    loop {
        let looked = client.json("GET", &path, None).await;
        match looked {
            Ok(answer) if answer.status.is_success() => {
                failed_looks = 0;
                let task = answer.body;
                let status = task["status"].as_str().unwrap_or("unknown").to_owned();
                bar.set_position(task["progress"].as_u64().unwrap_or(0).min(100));
                bar.set_message(status.clone());
                match status.as_str() {
                    "succeeded" => {
                        bar.finish_and_clear();
                        return Ok(task);
                    }
                    "failed" => {
                        bar.finish_and_clear();
                        let why = task["error"]["message"].as_str().unwrap_or("no reason was given");
                        bail!("the task failed and nothing was charged: {why}");
                    }
                    "cancelled" => {
                        bar.finish_and_clear();
                        bail!("the task was cancelled");
                    }
                    _ => {}
                }
            }
            Ok(answer) if answer.status.is_client_error() => {
                bail!("the task cannot be read: {}", answer.message())
            }
            Ok(answer) => {
                failed_looks += 1;
                if failed_looks > FAILED_LOOKS_MAX {
                    bail!("the task cannot be read: {}", answer.message());
                }
            }
            Err(error) => {
                failed_looks += 1;
                if failed_looks > FAILED_LOOKS_MAX {
                    return Err(error);
                }
            }
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

/// Stops a task at the client's wish.
pub(super) async fn cancel(client: &Client, id: &str) -> anyhow::Result<()> {
    let answer = client
        .json("POST", &format!("/api/v1/tasks/{id}/cancel"), None)
        .await?;
    if !answer.status.is_success() {
        bail!("the task could not be cancelled: {}", answer.message());
    }
    Ok(())
}

/// Fetches the first file of a task: written under another name first, so that what stands under the
/// asked name is always whole. The number of bytes.
pub(super) async fn download(client: &Client, id: &str, output: &Path) -> anyhow::Result<u64> {
    let response = client
        .send("GET", &format!("/api/v1/tasks/{id}/content"), None)
        .await?;
    if !response.status().is_success() {
        bail!(
            "the file cannot be downloaded: the gateway answered {}",
            response.status()
        );
    }
    let partial = Partial(partial_name(output)?);
    let cannot = || format!("`{}` cannot be written", output.display());
    let mut file = tokio::fs::File::create(&partial.0).await.with_context(cannot)?;
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the download broke off")?;
        if let Some(chunk) = frame.data_ref() {
            file.write_all(chunk).await.with_context(cannot)?;
            bytes += chunk.len() as u64;
        }
    }
    file.sync_all().await.with_context(cannot)?;
    tokio::fs::rename(&partial.0, output).await.with_context(cannot)?;
    Ok(bytes)
}

/// A file that is removed unless it was renamed away.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn partial_name(output: &Path) -> anyhow::Result<PathBuf> {
    let name = output
        .file_name()
        .with_context(|| format!("`{}` names no file", output.display()))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(output.with_file_name(hidden))
}

/// Says what came of a task.
pub(super) fn describe(task: &Value, output: &Path, bytes: u64, as_json: bool) -> anyhow::Result<()> {
    let file = &task["artifacts"][0];
    let cost = Micros(task["price"]["charge_micros"].as_i64().unwrap_or(0));
    let seconds = file["duration_seconds"].as_f64();
    if as_json {
        return paper::json(&json!({
            "path": output.to_string_lossy(),
            "bytes": bytes,
            "duration_seconds": seconds,
            "cost_micros": cost,
            "currency": "USD",
            "task": task,
        }));
    }
    let length = seconds.map_or_else(String::new, |seconds| format!(", {seconds:.1} s"));
    let sides = file["width"].as_u64().zip(file["height"].as_u64());
    let frame = sides.map_or_else(String::new, |(width, height)| format!(", {width}×{height}"));
    let size = bytesize::ByteSize(bytes);
    let dollars = cost.dollars();
    paper::line(&format!(
        "{}: {size}{length}{frame}, {dollars} USD",
        output.display()
    ))
}
