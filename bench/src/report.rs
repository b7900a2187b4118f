//! One report: everything measured in one run on one machine, printed as ratios with what they were divided by. Each
//! measurement is a file below; this one puts them in order. Nothing here is a test: a missed target is said, not
//! failed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::gateway::Binary;
use crate::scratch::Scratch;

mod backlog;
mod clips;
mod effort;
mod fairness;
pub(crate) mod footprint;
mod machine;
mod page;
mod raw;
mod reads;
mod submits;
mod waits;

use page::Page;

/// What `bench report` is asked for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bench report -o report.md\n  bench report --quick")]
pub(crate) struct Options {
    /// Measure just enough to see that everything works; the figures say little.
    #[arg(long)]
    quick: bool,
    /// Write the report to this file too.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Put databases and logs here, and keep them; the disk matters for submits.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Use this gateway, instead of the one that cargo builds.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// When something cannot be measured.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let effort = if options.quick {
        effort::QUICK
    } else {
        effort::FULL
    };
    let binary = Binary::find(options.binary.as_deref()).await?;
    let scratch = Scratch::open(options.keep.as_deref())?;
    let mut page = Page::default();
    machine::describe(&mut page, scratch.path(), &effort)?;
    say("core-seconds a clip");
    // Before anything else runs in this process: its CPU time is the measure.
    clips::measure(&mut page, &effort).context("clips")?;
    say("footprint");
    footprint::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("footprint")?;
    say("status reads");
    reads::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("status reads")?;
    say("durable submits");
    submits::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("durable submits")?;
    say("backlog");
    backlog::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("backlog")?;
    say("backlog fairness");
    fairness::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("backlog fairness")?;
    say("waiting clients");
    waits::measure(&mut page, &effort, &binary, scratch.path())
        .await
        .context("waiting clients")?;
    machine::load_after(&mut page)?;
    let text = page.markdown();
    println!("{text}");
    if let Some(path) = &options.output {
        std::fs::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The report is on the standard output, what is being done beside it.
fn say(what: &str) {
    eprintln!("bench: measuring {what}");
}
