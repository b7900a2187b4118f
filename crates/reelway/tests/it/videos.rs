//! OpenAI's own client against the house: what it sends and reads, unmodified, from a create to a delete.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use domain::{Operation, Role, TaskId};
use serde_json::{Value, json};

use crate::house_under_test::{Gateway, picture};

/// The release of the client that is driven.
const CLIENT: &str = "openai==3.52.0";

/// What is done with it. Anything that is not as it should be ends it with an error.
const DRIVE: &str = r#"
import os, sys, warnings
import openai

warnings.simplefilter("ignore")
client = openai.OpenAI(base_url=os.environ["BASE"], api_key=os.environ["KEY"])
asked = dict(model="kling-v3", prompt="a tram on a bridge", seconds="3", size="320x180")
video = client.videos.create_and_poll(**asked)
assert video.status == "completed", video
assert (video.object, video.seconds, video.size) == ("video", "3", "320x180"), video
assert video.progress == 100 and video.completed_at >= video.created_at, video
content = client.videos.download_content(video.id)
content.write_to_file(sys.argv[1])
assert open(sys.argv[1], "rb").read(8)[4:] == b"ftyp"
try:
    client.videos.download_content(video.id, variant="thumbnail")
    raise AssertionError("a picture that nobody kept")
except openai.NotFoundError as error:
    assert error.code == "not_found", error

remix = client.videos.remix(video.id, prompt="a tram at night")
assert remix.remixed_from_video_id == video.id, remix
assert (remix.prompt, remix.seconds, remix.size) == ("a tram at night", "3", "320x180"), remix
assert client.videos.poll(remix.id).status == "completed"

with open(sys.argv[2], "rb") as picture:
    shown = client.videos.create_and_poll(input_reference=picture, **asked)
assert shown.status == "completed", shown

page = client.videos.list(limit=2)
assert [one.id for one in page.data] == [shown.id, remix.id] and page.has_more, page
assert [one.id for one in client.videos.list(limit=1)] == [shown.id, remix.id, video.id]
assert [one.id for one in client.videos.list(limit=2, order="asc")] == [video.id, remix.id, shown.id]

try:
    client.videos.create(prompt="x", model="kling-v3", seconds="99")
    raise AssertionError("a length that nobody has")
except openai.BadRequestError as error:
    assert error.param == "seconds", error
gone = client.videos.delete(video.id)
assert gone.deleted and gone.id == video.id, gone
for look in (client.videos.retrieve, client.videos.download_content, client.videos.delete):
    try:
        look(video.id)
        raise AssertionError("a task that was taken away")
    except openai.NotFoundError:
        pass
assert [one.id for one in client.videos.list()] == [shown.id, remix.id]
try:
    openai.OpenAI(base_url=os.environ["BASE"], api_key="wrong", max_retries=0).videos.list()
    raise AssertionError("a wrong key")
except openai.AuthenticationError:
    pass
"#;

/// Runs a program to its end.
fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// One installs, the others wait.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A Python that has the client, installed once and kept among what is built.
pub(crate) fn python() -> PathBuf {
    let _installing = INSTALLING.lock();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(CLIENT.replace("==", "-"));
    let (python, ready) = (home.join("bin/python"), home.join("ready"));
    if !ready.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            CLIENT,
        ];
        run(Command::new(&python).args(install));
        std::fs::write(ready, "").expect("the folder can be written");
    }
    python
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_makes_waits_fetches_lists_remixes_and_deletes() {
    let directory = tempfile::tempdir().expect("a directory");
    let (clip, image) = (directory.path().join("clip.mp4"), directory.path().join("a.png"));
    std::fs::write(&image, picture(640, 360)).expect("the picture is written");
    for base in ["/openai/v1", "/v1"] {
        let gateway = Gateway::start().await;
        let python = tokio::task::spawn_blocking(python).await.expect("a Python");
        let mut command = Command::new(python);
        command.args(["-c", DRIVE]).arg(&clip).arg(&image);
        command.env("BASE", format!("http://{}{base}", gateway.address()));
        command.env("KEY", &gateway.client_key);
        let ran = tokio::task::spawn_blocking(move || run(&mut command)).await;
        ran.expect("the client ends well");
        gateway.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flat_wish_is_answered_flat_and_a_running_task_is_not_taken_away() {
    let gateway = Gateway::start().await;
    let wish = json!({ "model": "kling-v3", "prompt": "a dot", "duration": 3, "width": 320, "height": 180 });
    let taken = gateway
        .ask("POST", "/v1/video/generations", wish.to_string())
        .await;
    assert_eq!(
        (taken.status.as_u16(), &taken.json()["status"]),
        (200, &json!("queued"))
    );
    let id = taken.json()["task_id"].as_str().expect("an id").to_owned();
    let path = format!("/openai/v1/videos/{id}");
    let early = gateway.ask("DELETE", &path, "").await;
    assert_eq!(
        (early.status.as_u16(), early.header("x-should-retry")),
        (409, "false")
    );
    let early = gateway.ask("GET", &format!("{path}/content"), "").await;
    assert_eq!(early.status, 409, "{:?}", early.bytes);
    let flat = gateway
        .ask("GET", &format!("/v1/video/generations/{id}?wait=60"), "")
        .await;
    assert_eq!(flat.json()["task_id"], id.as_str());
    let unknown = gateway.ask("GET", "/v1/video/elsewhere", "").await;
    assert_eq!(unknown.json()["error"]["code"], "unknown_url");
    gateway.stop().await;
}

/// A task of Kling's omni call once it is done; its id.
async fn omni(gateway: &Gateway, model: &str) -> String {
    let wish = json!({
        "model_name": model, "prompt": "a tram on a bridge", "aspect_ratio": "16:9", "duration": "3", "mode": "std",
    });
    let taken = gateway
        .ask("POST", "/v1/videos/omni-video", wish.to_string())
        .await;
    assert_eq!(taken.status, 200, "{:?}", taken.bytes);
    let id = taken.json()["data"]["task_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let id = TaskId::parse(&id).expect("a spelling of ours").prefixed();
    assert_eq!(ended(gateway, &id).await["status"], "completed");
    id
}

/// A video once it has ended.
async fn ended(gateway: &Gateway, id: &str) -> Value {
    for _ in 0..10 {
        let video = gateway
            .ask("GET", &format!("/openai/v1/videos/{id}?wait=60"), "")
            .await;
        let video = video.json();
        if ["completed", "failed"].contains(&video["status"].as_str().unwrap_or_default()) {
            return video;
        }
    }
    panic!("`{id}` was not done in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remix_of_a_model_that_changes_clips_changes_the_clip() {
    let gateway = Gateway::start().await;
    let parent = omni(&gateway, "kling-v3-omni").await;
    let path = format!("/openai/v1/videos/{parent}/remix");
    let prompt = json!({ "prompt": "the same at night" });
    let remix = gateway.ask("POST", &path, prompt.to_string()).await;
    assert_eq!(remix.status, 200, "{:?}", remix.bytes);
    let remix = remix.json();
    assert_eq!(remix["prompt"], "the same at night");
    let named = remix["remixed_from_video_id"].as_str().and_then(TaskId::parse);
    assert_eq!(named.map(TaskId::prefixed), Some(parent.clone()));
    let id = remix["id"].as_str().expect("an id");
    let (row, parent) = (gateway.row(id).await, gateway.row(&parent).await);
    let ask = &row.origin.ask;
    assert_eq!((ask.operation, ask.seconds()), (Operation::OmniVideo, 3));
    assert_eq!(ask.extras["kling.refer_type"], "base");
    let [input] = &ask.inputs[..] else {
        panic!("{:?}", ask.inputs)
    };
    assert_eq!(input.role, Role::SourceVideo);
    assert_eq!(input.parent.as_ref().map(|parent| parent.task), Some(parent.id()));
    assert_eq!(row.origin.pinned, parent.course.account);
    assert_eq!(ended(&gateway, id).await["status"], "completed");
    // A clip that was changed can be changed again.
    let again = gateway
        .ask(
            "POST",
            &format!("/openai/v1/videos/{id}/remix"),
            prompt.to_string(),
        )
        .await;
    let again = gateway.row(again.json()["id"].as_str().expect("an id")).await;
    assert_eq!(
        again.origin.ask.inputs[0]
            .parent
            .as_ref()
            .map(|parent| parent.task),
        Some(row.id())
    );
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_is_answered_to_nobody_and_its_link_is_dead_at_once() {
    let gateway = Gateway::start().await;
    let id = gateway.clip().await;
    let task = gateway
        .ask("GET", &format!("/api/v1/tasks/{id}"), "")
        .await
        .json();
    let url = task["artifacts"][0]["url"].as_str().expect("a link");
    let link = url
        .split_once(gateway.address())
        .expect("a link to this house")
        .1
        .to_owned();
    assert_eq!(gateway.send("GET", &link, &[], "").await.status, 200);
    let gone = gateway.ask("DELETE", &format!("/v1/videos/{id}"), "").await;
    assert_eq!(gone.status, 200, "{:?}", gone.bytes);
    assert_eq!(gateway.send("GET", &link, &[], "").await.status, 404);
    let read = gateway.ask("GET", &format!("/api/v1/tasks/{id}"), "").await;
    assert_eq!(read.status, 404);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_have_flat_tasks_wrapped() {
    let gateway = Gateway::start().await;
    let key = gateway.key_that_speaks("openaiwrapped").await;
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let wish = json!({ "model": "animatic", "prompt": "a dot", "duration": 1, "width": 64, "height": 64 });
    let path = "/v1/video/generations";
    let taken = gateway
        .send("POST", path, &headers, wish.to_string())
        .await
        .json();
    assert_eq!(
        (&taken["object"], &taken["status"]),
        (&json!("video"), &json!("queued"))
    );
    let id = taken["task_id"].as_str().expect("an id").to_owned();
    ended(&gateway, &id).await;
    let path = format!("{path}/{id}");
    let wrapped = gateway.send("GET", &path, &headers, "").await.json();
    assert_eq!(
        (&wrapped["code"], &wrapped["data"]["status"]),
        (&json!("success"), &json!("SUCCESS"))
    );
    let unknown = gateway
        .send("GET", "/v1/video/generations/17", &headers, "")
        .await;
    assert_eq!(unknown.json()["code"], "task_not_exist");
    // Any other key has them flat, and this one speaks as OpenAI does elsewhere.
    let flat = gateway.ask("GET", &path, "").await.json();
    assert_eq!(
        (&flat["status"], &flat["code"]),
        (&json!("completed"), &Value::Null)
    );
    let video = gateway
        .send("GET", &format!("/v1/videos/{id}"), &headers, "")
        .await
        .json();
    assert_eq!(
        (&video["object"], &video["status"]),
        (&json!("video"), &json!("completed"))
    );
    gateway.stop().await;
}
