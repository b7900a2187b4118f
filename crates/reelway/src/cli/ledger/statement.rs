//! `reelway ledger statement`: through the running server where there is one, else out of the database. A file
//! appears when it is whole.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use http_body_util::BodyExt as _;
use serde_json::Value;
use store::Lock;
use tempfile::NamedTempFile;

use crate::cli::Place;
use crate::cli::keys::{existing_store, plain};
use crate::client::Client;
use crate::config::{Config, Environment};
use crate::statement::{self, Wish};
use crate::wiring::Nature;

/// Longest refusal of the server that is read.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;

#[derive(Args)]
pub(in crate::cli) struct Statement {
    #[command(flatten)]
    place: Place,
    /// The tenant, by name
    tenant: String,
    /// The first day (UTC), or from which moment; else from the beginning
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (UTC), or before which moment; else until now
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// The file to write; else the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A row for each line, amounts in dollars
    Csv,
    /// One object, amounts in micro-dollars
    Json,
}

/// Where it is written.
enum Paper {
    Screen(std::io::Stdout),
    File(NamedTempFile, PathBuf),
}

impl Paper {
    fn at(file: Option<&Path>) -> anyhow::Result<Paper> {
        let Some(file) = file else {
            return Ok(Paper::Screen(std::io::stdout()));
        };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let beside = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let beside = beside.with_context(|| format!("`{}` cannot be written", file.display()))?;
        Ok(Paper::File(beside, file.to_owned()))
    }

    fn write(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        let written = match self {
            Paper::Screen(out) => out.write_all(piece),
            Paper::File(file, _) => file.write_all(piece),
        };
        written.context("the statement cannot be written")
    }

    fn whole(self) -> anyhow::Result<()> {
        match self {
            Paper::Screen(mut out) => out.flush().context("the statement cannot be written"),
            Paper::File(file, path) => {
                let kept = file.persist(&path);
                kept.with_context(|| format!("`{}` cannot be written", path.display()))?;
                Ok(())
            }
        }
    }
}

impl Statement {
    pub(in crate::cli) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let (config, _) = self.place.load(environment)?;
        let wish = Wish {
            tenant: Some(self.tenant.clone()),
            from: self.from.clone(),
            to: self.to.clone(),
            format: Some(match self.format {
                Format::Csv => "csv".to_owned(),
                Format::Json => "json".to_owned(),
            }),
        };
        match Client::of_running(&config.socket()).await {
            Some(client) => self.copy(&client, &wish).await,
            None => self.write(&config, &wish).await,
        }
    }

    async fn copy(&self, client: &Client, wish: &Wish) -> anyhow::Result<()> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let pairs = [
            ("tenant", &wish.tenant),
            ("from", &wish.from),
            ("to", &wish.to),
            ("format", &wish.format),
        ];
        for (name, value) in pairs {
            query.extend_pairs(value.as_ref().map(|value| (name, value)));
        }
        let path = format!("/api/v1/admin/ledger/statement?{}", query.finish());
        let response = client.send("GET", &path, None).await?;
        let status = response.status();
        let mut body = response.into_body();
        if !status.is_success() {
            let refusal = http_body_util::Limited::new(body, REFUSAL_MAX_BYTES)
                .collect()
                .await;
            let refusal = refusal
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            let said: Value = serde_json::from_slice(&refusal).unwrap_or_default();
            match said["error"]["message"].as_str() {
                Some(message) => bail!("{message}"),
                None => bail!("the gateway answered {status}"),
            }
        }
        let mut paper = Paper::at(self.output.as_deref())?;
        while let Some(frame) = body.frame().await {
            let frame = frame.context("the statement broke off")?;
            if let Some(piece) = frame.data_ref() {
                paper.write(piece)?;
            }
        }
        paper.whole()
    }

    async fn write(&self, config: &Config, wish: &Wish) -> anyhow::Result<()> {
        let store = existing_store(config, Lock::ReadOnly).await?;
        let tenant = statement::tenant(&*store, &self.tenant).await.map_err(plain)?;
        let clock = Nature::of_machine().clock;
        let begun = statement::begin(&store, &*clock, tenant, wish).await;
        let mut statement = begun.map_err(plain)?;
        let mut paper = Paper::at(self.output.as_deref())?;
        while let Some(piece) = statement.next().await.context("the books cannot be read")? {
            paper.write(&piece)?;
        }
        paper.whole()
    }
}
