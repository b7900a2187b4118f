//! One report: everything measured in one run on one machine, printed as ratios with what they were divided by. Each
//! measurement is a file below; this one puts them in order. Nothing here is a test: a missed target is said, not
//! failed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::gateway::Binary;
use crate::scratch::Scratch;

mod backlog;
mod clips;
mod effort;
mod fairness;
pub(crate) mod footprint;
pub(crate) mod inflight;
mod machine;
mod page;
mod raw;
mod raw_postgres;
mod reads;
pub(crate) mod submits;
mod waits;

use page::Page;

/// What `bench report` is asked for.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bench report -o report.md\n  bench report --quick\n  bench report --only reads --only submits"
)]
pub(crate) struct Options {
    /// Measure just enough to see that everything works; the figures say little.
    #[arg(long)]
    quick: bool,
    /// Measure these parts alone; may be given more than once.
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,
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
    for part in Part::value_variants() {
        if options.only.is_empty() || options.only.contains(part) {
            eprintln!("bench: measuring {part}");
            let measured = part.measure(&mut page, &effort, &binary, scratch.path()).await;
            measured.with_context(|| part.to_string())?;
        }
    }
    machine::load_after(&mut page)?;
    let text = page.markdown();
    println!("{text}");
    if let Some(path) = &options.output {
        std::fs::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is measured, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Core-seconds a clip. Before anything else runs in this process: its CPU time is the measure.
    Clips,
    /// Start, idle memory, size of the binary.
    Footprint,
    /// Status reads.
    Reads,
    /// Durable submits.
    Submits,
    /// Status reads while clips wait.
    Backlog,
    /// One tenant's clips behind another's.
    Fairness,
    /// Waiting clients.
    Waits,
    /// Tasks in flight.
    Inflight,
}

impl Part {
    async fn measure(
        self,
        page: &mut Page,
        effort: &effort::Effort,
        binary: &Binary,
        scratch: &Path,
    ) -> anyhow::Result<()> {
        match self {
            Part::Clips => clips::measure(page, effort),
            Part::Footprint => footprint::measure(page, effort, binary, scratch).await,
            Part::Reads => reads::measure(page, effort, binary, scratch).await,
            Part::Submits => submits::measure(page, effort, binary, scratch).await,
            Part::Backlog => backlog::measure(page, effort, binary, scratch).await,
            Part::Fairness => fairness::measure(page, effort, binary, scratch).await,
            Part::Waits => waits::measure(page, effort, binary, scratch).await,
            Part::Inflight => inflight::measure(page, effort.parked, scratch).await,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Clips => "core-seconds a clip",
            Part::Footprint => "the footprint",
            Part::Reads => "status reads",
            Part::Submits => "durable submits",
            Part::Backlog => "status reads behind a backlog",
            Part::Fairness => "fairness between tenants",
            Part::Waits => "waiting clients",
            Part::Inflight => "tasks in flight",
        })
    }
}
