//! `reelway generate`: the main job. A gateway inside this process, or a running one, is spoken to
//! through the same HTTP API that clients use; the clip or still is watched, downloaded and
//! described.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use domain::tenant::{KeyRole, KeyTerms};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bootstrap::{self, DEFAULT_TENANT, FirstKeys};
use crate::cli::Misuse;
use crate::cli::generate::order::Order;
use crate::client::Client;
use crate::config::{Config, Environment, Flags};
use crate::server::Server;
use crate::wiring::{House, Nature};

mod gallery;
mod order;
mod watch;

/// Make a clip from words, or from words and a picture; or a single picture from words
#[derive(Args)]
#[command(after_help = "\
Examples:
  reelway generate \"A small kitten running through a sunny garden\" -o kitten.mp4
  reelway generate \"slow zoom\" --image picture.png --duration 10 --size 1920x1080
  reelway generate \"a lighthouse at dusk\" --still --size 1600x1000 -o lighthouse.webp
  reelway generate \"a kite\" --server http://127.0.0.1:8787 --api-key KEY
  reelway generate --gallery gallery --gallery-size 640x360")]
pub(super) struct Generate {
    /// What should be seen
    #[arg(required_unless_present = "gallery")]
    prompt: Option<String>,
    /// What should not be seen
    #[arg(long, value_name = "TEXT")]
    negative_prompt: Option<String>,
    /// Draw a single picture instead of a clip, by the model animatic; the ending of --output says how it is
    /// written: png, jpg, jpeg or webp [default: png]
    #[arg(long, conflicts_with_all = ["image", "image_tail", "duration", "fps"])]
    still: bool,
    /// Picture that the clip starts on: a file or a link
    #[arg(long, value_name = "FILE|URL")]
    image: Vec<String>,
    /// Picture that the clip ends on: a file or a link
    #[arg(long, value_name = "FILE|URL")]
    image_tail: Option<String>,
    /// Length in seconds [default: 5]
    #[arg(long, value_name = "SECONDS")]
    duration: Option<f64>,
    /// Width and height in pixels [default: 1280x720]
    #[arg(long, value_name = "WxH", value_parser = order::size)]
    size: Option<(u32, u32)>,
    /// Frames a second [default: 30]
    #[arg(long)]
    fps: Option<u32>,
    /// The same seed gives the same clip or still
    #[arg(long)]
    seed: Option<u64>,
    /// Model by name [default: kling-v3, or animatic with --still]
    #[arg(long)]
    model: Option<String>,
    /// Where the clip or still goes [default: the task's id, in the working directory]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep database and files here; else they are thrown away after the download
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    data_dir: Option<PathBuf>,
    /// Use a running gateway instead of one inside this process
    #[arg(long, value_name = "URL", requires = "api_key")]
    server: Option<String>,
    /// API key for --server
    #[arg(long, value_name = "KEY", env = "REELWAY_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// Make the renderer's gallery instead: its clips, a sheet for each, and a page that plays them
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["prompt", "negative_prompt", "still", "image", "image_tail", "size", "model", "output",
            "data_dir", "server"]
    )]
    gallery: Option<PathBuf>,
    /// Width and height of the gallery's clips; --duration is 4 there [default: 960x540]
    #[arg(long, value_name = "WxH", value_parser = order::size, requires = "gallery")]
    gallery_size: Option<(u32, u32)>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Generate {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        if let Some(directory) = &self.gallery {
            return self.gallery(directory).await;
        }
        let order = self.order()?;
        if let Some(directory) = self.output.as_deref().and_then(Path::parent)
            && !directory.as_os_str().is_empty()
            && !directory.is_dir()
        {
            bail!(Misuse(format!("there is no directory `{}`", directory.display())));
        }
        let server = self.server.as_deref().zip(self.api_key.as_deref());
        if let Some((server, key)) = server {
            return self.make(&Client::of_api(server, key)?, &order).await;
        }
        let inner = Inner::start(self.data_dir.as_deref(), environment).await?;
        let made = self.make(&inner.client, &order).await;
        inner.stop().await;
        made
    }

    async fn make(&self, client: &Client, order: &Order) -> anyhow::Result<()> {
        let answer = client.json("POST", order.path, Some(&order.body)).await?;
        let id = match answer.body[order.id_field].as_str() {
            Some(id) if answer.status.is_success() => id.to_owned(),
            _ => bail!("the wish was refused: {}", answer.message()),
        };
        let task = tokio::select! {
            task = watch::until_done(client, &id) => task?,
            () = stopped() => {
                watch::cancel(client, &id).await?;
                bail!("stopped: the task was cancelled and nothing was charged");
            }
        };
        let output = match &self.output {
            Some(output) => output.clone(),
            None => PathBuf::from(format!("{id}.{}", order.ending)),
        };
        let bytes = tokio::select! {
            bytes = watch::download(client, &id, &output) => bytes?,
            () = stopped() => bail!("stopped while downloading; nothing was written"),
        };
        watch::describe(&task, &output, bytes, self.json)
    }
}

/// Ctrl-C, or a request to end: both are to leave nothing behind.
async fn stopped() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

/// A gateway inside this process.
struct Inner {
    client: Client,
    stop: CancellationToken,
    running: JoinHandle<()>,
    /// Removed when the gateway has stopped; none when the data was to be kept.
    directory: Option<tempfile::TempDir>,
}

impl Inner {
    async fn start(data_dir: Option<&Path>, environment: &Environment) -> anyhow::Result<Inner> {
        let directory = match data_dir {
            Some(_) => None,
            None => Some(tempfile::tempdir().context("no temporary directory can be made; use --data-dir")?),
        };
        let place = directory.as_ref().map(tempfile::TempDir::path).or(data_dir);
        let flags = Flags {
            config: None,
            data_dir: place.map(Path::to_owned),
            listen: Some("127.0.0.1:0".to_owned()),
        };
        let (config, _) = Config::load(&flags, &inside(environment, data_dir.is_some()))?;
        let listen = config.listen;
        let (house, first_keys) = House::open(config, &Environment::default(), Nature::of_machine()).await?;
        let key = key(&house, first_keys).await?;
        let server = Server::bind(house, listen, None)
            .await
            .context("no port is free on this machine")?;
        let client = Client::of_api(&format!("http://{}", server.address()?), &key)?;
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone()));
        Ok(Inner {
            client,
            stop,
            running,
            directory,
        })
    }

    async fn stop(self) {
        self.stop.cancel();
        drop(self.running.await);
        drop(self.directory);
    }
}

/// A throw-away gateway lives in its own directory only, whatever the environment says of database
/// and blobs; one over a kept data directory is configured like the gateway that keeps it.
fn inside(environment: &Environment, kept: bool) -> Environment {
    if kept {
        environment.clone()
    } else {
        Environment::default()
    }
}

/// The first client key of a fresh database, else a new one that dies within a day.
async fn key(house: &House, first_keys: FirstKeys) -> anyhow::Result<String> {
    if let Some(key) = first_keys.client {
        return Ok(key);
    }
    let store = house.engine.store();
    let tenants = store.registry().tenants().await?;
    let default = tenants.iter().find(|tenant| tenant.name == DEFAULT_TENANT);
    let tenant = default
        .or(tenants.first())
        .context("the data directory has no tenant")?;
    let wish = bootstrap::Wish {
        tenant: tenant.id,
        name: "reelway generate",
        role: KeyRole::Client,
        dialect: None,
        expires_at: Some(house.clock.now().plus(24 * 60 * 60 * 1_000)),
        terms: KeyTerms::default(),
    };
    let (_, text) = bootstrap::issue(&**store, &*house.clock, &*house.ids, &wish).await?;
    Ok(text)
}
