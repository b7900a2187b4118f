//! The scripted vendor: Kling's API as far as a run needs it, over requests as values. It counts what it
//! accepts by our reference and by prompt, and lies about nothing but what the plan says.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::transport::OutRequest;
use fastrand::Rng;
use serde_json::{Value, json};

use super::plan::{Plan, Temper};

/// Where results lie.
pub(crate) const CDN: &str = "https://cdn.vendor.example";
/// The first bytes of every clip.
const CLIP_HEAD: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// Whether the body breaks off after these bytes.
    pub(crate) cut: bool,
}

/// A job that was accepted.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) prompt: String,
    pub(crate) account: String,
    pub(crate) seen_from: i64,
    pub(crate) ends_at: i64,
    pub(crate) fails: bool,
    pub(crate) link_is_dead: bool,
}

/// The vendor.
pub(crate) struct Vendor {
    temper: Temper,
    slots: u32,
    pub(crate) jobs: Vec<Job>,
    /// References that were refused for ever, with how often.
    pub(crate) refused: BTreeMap<String, u32>,
    /// Most jobs of one account at once that were ever there.
    pub(crate) refused_for_slots: u32,
}

/// What a run may do to the vendor's answer to one request.
pub(crate) struct Mood<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) calm: bool,
    pub(crate) now_ms: i64,
}

impl Letter {
    fn json(status: u16, body: &Value) -> Letter {
        Letter {
            status,
            body: Bytes::from(body.to_string()),
            cut: false,
        }
    }

    fn data(data: Value) -> Letter {
        let body = json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": data });
        Letter::json(200, &body)
    }

    fn error(status: u16, code: i64, message: &str) -> Letter {
        let body = json!({ "code": code, "message": message, "request_id": "r" });
        Letter::json(status, &body)
    }

    /// The answer as something that says nothing. A file does not end early without a word: its length
    /// is told before.
    pub(crate) fn garbled(mut self, is_file: bool, rng: &mut Rng) -> Letter {
        match rng.u8(0..7) {
            1 if is_file => self.cut = true,
            0 => self.body = Bytes::new(),
            1 => self.body = self.body.slice(..self.body.len() / 2),
            2 => self.cut = true,
            3 => {
                self.status = 502;
                self.body = Bytes::from_static(b"<html><h1>502 Bad Gateway</h1></html>");
            }
            4 => self.body = Bytes::from_static(b"<!doctype html><title>Maintenance</title>"),
            5 => self.body = Bytes::from_static(br#"{"code":0,"data":{"task_id":{"a":[1]}}}"#),
            _ => return Letter::error(500, 5000, "internal error"),
        }
        self
    }
}

impl Vendor {
    pub(crate) fn new(plan: &Plan) -> Vendor {
        Vendor {
            temper: plan.vendor.clone(),
            slots: plan.slots,
            jobs: Vec::new(),
            refused: BTreeMap::new(),
            refused_for_slots: 0,
        }
    }

    /// Answers a request that has arrived.
    pub(crate) fn answer(&mut self, request: &OutRequest, mood: &mut Mood<'_>) -> Letter {
        if let Some(name) = request.url.strip_prefix(CDN) {
            return self.file(name, mood);
        }
        let authorization = request.headers.iter().find(|(name, _)| name == "authorization");
        let account = authorization.map_or("", |(_, value)| value.trim_start_matches("Bearer "));
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        if request.method == "POST" {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            return self.create(account, path, &body, mood);
        }
        if self.strikes(mood, |temper| temper.busy.0 / 4) {
            return Letter::error(429, 1302, "too many requests");
        }
        if self.strikes(mood, |temper| temper.broken.0 / 2) {
            return Letter::error(503, 5001, "maintenance");
        }
        let standard = path.starts_with("tasks");
        let seen = self.jobs.iter().filter(|job| {
            let is_seen = job.seen_from <= mood.now_ms || mood.calm;
            job.account == account && is_seen
        });
        if let Some((_, names)) = path.split_once('=') {
            let names: Vec<&str> = names.split(',').collect();
            let asked = seen
                .filter(|job| names.contains(&job.id.as_str()) || names.contains(&job.reference.as_str()));
            let rows = asked.map(|job| row(job, standard, mood.now_ms));
            return Letter::data(rows.collect());
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let mut asked = seen.filter(|job| job.id == name || job.reference == name);
        match asked.next() {
            Some(job) => Letter::data(row(job, standard, mood.now_ms)),
            None => Letter::error(400, 1201, "Task not found"),
        }
    }

    fn strikes(&self, mood: &mut Mood<'_>, chance: impl Fn(&Temper) -> u32) -> bool {
        !mood.calm && super::plan::Chance(chance(&self.temper)).strikes(mood.rng)
    }

    fn create(&mut self, account: &str, path: &str, body: &Value, mood: &mut Mood<'_>) -> Letter {
        let standard = !path.starts_with("v1/");
        let reference = match standard {
            true => &body["options"]["external_task_id"],
            false => &body["external_task_id"],
        };
        let (reference, prompt) = (word(reference), word(&body["prompt"]));
        if self.strikes(mood, |temper| temper.broken.0) {
            return Letter::error(500, 5000, "internal error");
        }
        if self.strikes(mood, |temper| temper.busy.0) {
            let code = if mood.rng.bool() { 1302 } else { 1303 };
            return Letter::error(429, code, "too many requests or tasks");
        }
        if let Some(job) = self.same_reference(account, &reference, mood.now_ms) {
            return Letter::error(
                400,
                1201,
                &format!("external_task_id already exist: {}", job.reference),
            );
        }
        if self.strikes(mood, |temper| temper.refused.0) {
            *self.refused.entry(reference).or_default() += 1;
            let code = if mood.rng.bool() { 1102 } else { 1304 };
            return Letter::error(429, code, "account balance not enough");
        }
        let at_work = self
            .jobs
            .iter()
            .filter(|job| job.account == account && job.ends_at > mood.now_ms);
        if at_work.count() >= self.slots as usize {
            self.refused_for_slots += 1;
            return Letter::error(429, 1303, "parallel task over resource pack limit");
        }
        let job = self.accept(account, (reference, prompt), mood);
        Letter::data(row(&job, standard, mood.now_ms))
    }

    fn same_reference(&self, account: &str, reference: &str, now_ms: i64) -> Option<&Job> {
        self.jobs.iter().find(|job| {
            let is_seen = self.temper.strict || job.seen_from <= now_ms;
            job.account == account && job.reference == reference && is_seen
        })
    }

    fn accept(&mut self, account: &str, (reference, prompt): (String, String), mood: &mut Mood<'_>) -> Job {
        let job = Job {
            id: format!("{}", 7_000_000 + self.jobs.len()),
            reference,
            prompt,
            account: account.to_owned(),
            seen_from: mood.now_ms + mood.rng.i64(0..=self.temper.lag_ms),
            ends_at: mood.now_ms + mood.rng.i64(0..=self.temper.work_ms),
            fails: self.temper.fails.strikes(mood.rng),
            link_is_dead: self.temper.dead_link.strikes(mood.rng),
        };
        self.jobs.push(job.clone());
        job
    }

    fn file(&self, name: &str, mood: &mut Mood<'_>) -> Letter {
        let id = name.trim_start_matches('/').trim_end_matches(".mp4");
        let job = self.jobs.iter().find(|job| job.id == id && !job.link_is_dead);
        let Some(job) = job else {
            return Letter::error(404, 404, "no such file");
        };
        if self.strikes(mood, |temper| temper.broken.0) {
            return Letter::error(503, 503, "slow down");
        }
        Letter {
            status: 200,
            body: clip(&job.prompt),
            cut: self.strikes(mood, |temper| temper.garbled.0),
        }
    }
}

/// The result of a wish.
pub(crate) fn clip(prompt: &str) -> Bytes {
    [CLIP_HEAD, prompt.as_bytes()].concat().into()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn row(job: &Job, standard: bool, now_ms: i64) -> Value {
    let is_done = job.ends_at <= now_ms;
    let files = json!([{ "id": format!("v{}", job.id), "type": "video", "url": format!("{CDN}/{}.mp4", job.id), "duration": "5" }]);
    let status = match (is_done, job.fails, standard) {
        (false, ..) => "processing",
        (true, true, _) => "failed",
        (true, false, true) => "succeeded",
        (true, false, false) => "succeed",
    };
    let has_files = is_done && !job.fails;
    if standard {
        let mut row = json!({ "id": job.id, "status": status, "external_id": job.reference });
        if has_files {
            row["outputs"] = files;
        }
        return row;
    }
    let mut row = json!({
        "task_id": job.id,
        "task_status": status,
        "task_info": { "external_task_id": job.reference },
    });
    if has_files {
        row["task_result"] = json!({ "videos": files });
    }
    row
}
