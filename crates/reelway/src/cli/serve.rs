//! `reelway serve`: the gateway, until it is told to stop.

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::bootstrap::FirstKeys;
use crate::cli::{Place, paper};
use crate::config::Environment;
use crate::server::{self, Server};
use crate::wiring::{House, Nature};

/// Run the gateway: API and belts
#[derive(Args)]
#[command(after_help = "\
Example:
  reelway serve --data-dir /var/lib/reelway --listen 0.0.0.0:8787")]
pub(super) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address of the one port; else `server.listen` of the configuration
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load_with(self.listen.clone(), environment)?;
        let (listen, socket) = (config.listen, config.socket());
        let (house, first_keys) = House::open(config, environment, Nature::of_machine()).await?;
        server::allow_connections();
        let public_url = house.config.public_url.clone();
        let server = Server::bind(house, listen, Some(socket)).await;
        let server = server.with_context(|| format!("`{listen}` cannot be listened on"))?;
        let address = server.address()?;
        let stop = CancellationToken::new();
        stop_on_signal(stop.clone())?;
        greet(
            &public_url.unwrap_or_else(|| format!("http://{address}")),
            &first_keys,
        )?;
        tracing::info!(%address, "server.started");
        server.run(stop).await;
        tracing::info!("server.stopped");
        Ok(())
    }
}

fn greet(base: &str, first_keys: &FirstKeys) -> anyhow::Result<()> {
    paper::line(&format!("reelway {} serves {base}", env!("CARGO_PKG_VERSION")))?;
    paper::line(&format!("  clips   POST {base}/kling/v1/videos/text2video"))?;
    paper::line(&format!("  tasks   GET  {base}/api/v1/tasks/ID"))?;
    paper::line(&format!("  errors  {base}/docs/errors"))?;
    paper::line(&format!("  ready?  {base}/readyz"))?;
    if let Some(key) = &first_keys.client {
        paper::line(&format!("  client key, shown only now: {key}"))?;
    }
    if let Some(key) = &first_keys.admin {
        paper::line(&format!("  admin key, shown only now:  {key}"))?;
    }
    Ok(())
}

/// The first SIGTERM or SIGINT asks for an orderly end, the second ends the process at once.
fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.is_cancelled() {
                std::process::exit(1);
            }
            tracing::info!("server.stopping: open requests and steps are brought to an end");
            stop.cancel();
        }
    });
    Ok(())
}
