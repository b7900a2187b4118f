//! The file in which a long run is remembered, so that it can go on after an interruption: one line of JSON for what
//! the run is, and one for each round.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use crate::crash::history::Verdict;
use crate::crash::plan::Database;
use crate::crash::round::Kill;

/// What a run is; another run does not go into the same file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heading {
    /// The seed of the first round; each further round has the next.
    pub seed: u64,
    /// Clips a round.
    pub tasks: u32,
    /// Kills a round, when they are not drawn.
    pub kills: Option<u32>,
    /// Where tasks are kept.
    pub database: Database,
    /// Whether all rounds share one database.
    pub same_data_dir: bool,
}

/// A round that was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Its number, from 1.
    pub round: u32,
    /// What replays it.
    pub seed: u64,
    /// What the kills hit.
    pub kills: Vec<Kill>,
    /// What else happened, in words.
    pub troubles: Vec<String>,
    /// From the start after the last kill until ready.
    pub ready_ms: u64,
    /// From the start after the last kill until every task was final.
    pub final_ms: u64,
    /// The judgement.
    pub verdict: Verdict,
}

/// The rounds so far, and the file that they are written to, if there is one.
pub(crate) struct Journal {
    /// What the run is.
    pub heading: Heading,
    /// The rounds so far, in order.
    pub records: Vec<Record>,
    file: Option<(PathBuf, File)>,
}

impl Journal {
    /// A run that is remembered nowhere.
    #[must_use]
    pub(crate) fn in_memory(heading: Heading) -> Journal {
        Journal {
            heading,
            records: Vec::new(),
            file: None,
        }
    }

    /// Begins a file, or takes up the run that is in it. `heading` is told the seed of the file, if there is one.
    ///
    /// # Errors
    /// When the file cannot be used, or holds another run.
    pub(crate) fn open(path: &Path, heading: impl FnOnce(Option<u64>) -> Heading) -> anyhow::Result<Journal> {
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.with_context(|| format!("cannot read `{shown}`"))?,
        };
        // A line without its end was being written when the run was interrupted: that round is played again.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let known: Option<Heading> = match lines.next() {
            Some(line) => {
                Some(serde_json::from_str(line).with_context(|| format!("`{shown}` is no journal"))?)
            }
            None => None,
        };
        let heading = heading(known.as_ref().map(|known| known.seed));
        ensure!(
            known.as_ref().is_none_or(|known| *known == heading),
            "`{shown}` belongs to another run ({known:?}); name another file"
        );
        let records = lines
            .map(serde_json::from_str)
            .collect::<Result<Vec<Record>, _>>();
        let records = records.with_context(|| format!("`{shown}` is damaged"))?;
        let file = File::options().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write `{shown}`"))?;
        file.set_len(whole as u64)?;
        let mut journal = Journal {
            heading,
            records,
            file: Some((path.to_owned(), file)),
        };
        if known.is_none() {
            let line = serde_json::to_string(&journal.heading)?;
            journal.write(&line)?;
        }
        Ok(journal)
    }

    /// Numbers of the rounds that are still to be played, of so many.
    #[must_use]
    pub(crate) fn missing(&self, rounds: u32) -> Vec<u32> {
        let played = |round: &u32| self.records.iter().any(|record| record.round == *round);
        (1..=rounds).filter(|round| !played(round)).collect()
    }

    /// Notes a round.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, record: Record) -> anyhow::Result<()> {
        let line = serde_json::to_string(&record)?;
        self.write(&line)?;
        self.records.push(record);
        Ok(())
    }

    fn write(&mut self, line: &str) -> anyhow::Result<()> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let written = file
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| file.sync_data());
        written.with_context(|| format!("cannot write `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Heading, Journal, Record};
    use crate::crash::history::Verdict;
    use crate::crash::plan::Database;

    fn heading(seed: u64) -> Heading {
        Heading {
            seed,
            tasks: 60,
            kills: None,
            database: Database::Sqlite,
            same_data_dir: false,
        }
    }

    fn record(round: u32) -> Record {
        Record {
            round,
            seed: 6 + u64::from(round),
            kills: Vec::new(),
            troubles: Vec::new(),
            ready_ms: 50,
            final_ms: 900,
            verdict: Verdict::default(),
        }
    }

    #[test]
    fn an_interrupted_run_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rounds");
        let mut journal = Journal::open(&path, |_| heading(7)).unwrap();
        journal.note(record(1)).unwrap();
        journal.note(record(2)).unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"round\":3,");
        std::fs::write(&path, text).unwrap();
        let mut journal = Journal::open(&path, |seed| heading(seed.unwrap())).unwrap();
        assert_eq!(journal.records, [record(1), record(2)]);
        assert_eq!(journal.missing(5), [3, 4, 5]);
        journal.note(record(3)).unwrap();
        let journal = Journal::open(&path, |_| heading(7)).unwrap();
        assert_eq!(journal.missing(5), [4, 5]);
    }

    #[test]
    fn another_run_does_not_go_into_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rounds");
        drop(Journal::open(&path, |_| heading(7)).unwrap());
        assert!(Journal::open(&path, |_| heading(8)).is_err());
        std::fs::write(&path, "something else\n").unwrap();
        assert!(Journal::open(&path, |_| heading(7)).is_err());
    }
}
