//! Where the bench's gateways live: a folder on the disk that the build is on, because a temporary folder may be in
//! memory, where a sync costs nothing and proves nothing.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

/// A folder that is removed at the end, or kept.
pub(crate) enum Scratch {
    /// Removed when dropped.
    Passing(TempDir),
    /// Kept where its user wanted it.
    Kept(PathBuf),
}

impl Scratch {
    /// The folder named, which is kept; else a fresh one beside this program.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn open(named: Option<&Path>) -> anyhow::Result<Scratch> {
        if let Some(path) = named {
            std::fs::create_dir_all(path).with_context(|| format!("cannot make `{}`", path.display()))?;
            return Ok(Scratch::Kept(path.canonicalize()?));
        }
        let own = std::env::current_exe().context("this program does not know its own path")?;
        let beside = own.parent().context("this program lies in no folder")?;
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(beside);
        let folder = folder.with_context(|| format!("cannot make a folder in `{}`", beside.display()))?;
        Ok(Scratch::Passing(folder))
    }

    /// Where it is.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        match self {
            Scratch::Passing(folder) => folder.path(),
            Scratch::Kept(path) => path,
        }
    }

    /// Leaves it where it is.
    #[must_use]
    pub(crate) fn keep(self) -> PathBuf {
        match self {
            Scratch::Passing(folder) => folder.keep(),
            Scratch::Kept(path) => path,
        }
    }
}
