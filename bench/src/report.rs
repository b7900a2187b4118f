//! stub
use std::process::ExitCode;
use clap::Args;
/// stub
#[derive(Debug, Args)]
pub struct Options {}
/// stub
pub async fn run(_o: &Options) -> anyhow::Result<ExitCode> { Ok(ExitCode::SUCCESS) }
