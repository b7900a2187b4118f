//! A kept file as a reader of headers wants it: it may be read anywhere, a piece at a time, and not for ever. Only
//! for threads that may be kept busy.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use domain::Blobs;
use domain::blobs::{BlobKey, Kept};
use futures_util::StreamExt;
use tokio::runtime::Handle;

/// Bytes that are asked for at once.
const PIECE_BYTES: u64 = 256 * 1024;
/// Most pieces of one file: headers, and frames that are counted, take up to 16 MiB.
const PIECES_MAX: usize = 80;

/// A kept file that is read again.
pub(super) struct Reread {
    blobs: Arc<dyn Blobs>,
    key: BlobKey,
    bytes: u64,
    runtime: Handle,
    /// Where it is read from next.
    at: u64,
    /// The piece that was asked for last, and where it begins.
    piece: Bytes,
    begins: u64,
    pieces: usize,
}

impl Reread {
    /// A reader of a kept file, at its start.
    pub(super) fn new(blobs: Arc<dyn Blobs>, kept: &Kept) -> Reread {
        Reread {
            blobs,
            key: kept.key.clone(),
            bytes: kept.bytes,
            runtime: Handle::current(),
            at: 0,
            piece: Bytes::new(),
            begins: 0,
            pieces: 0,
        }
    }

    /// What of the last piece lies ahead.
    fn ahead(&self) -> &[u8] {
        let behind = self.at.checked_sub(self.begins);
        let behind = behind.and_then(|behind| usize::try_from(behind).ok());
        behind
            .and_then(|behind| self.piece.get(behind..))
            .unwrap_or_default()
    }

    fn fetch(&mut self) -> io::Result<()> {
        self.pieces += 1;
        if self.pieces > PIECES_MAX {
            // What lies behind so much is no header any more.
            self.at = self.bytes;
            return Ok(());
        }
        let range = self.at..self.bytes.min(self.at.saturating_add(PIECE_BYTES));
        let (blobs, key) = (Arc::clone(&self.blobs), self.key.clone());
        let piece = self.runtime.block_on(async move {
            let mut content = blobs.get(&key, Some(range)).await.map_err(io::Error::other)?;
            let mut piece = Vec::new();
            while let Some(chunk) = content.next().await {
                piece.extend_from_slice(&chunk?);
            }
            io::Result::Ok(piece)
        })?;
        self.piece = Bytes::from(piece);
        self.begins = self.at;
        Ok(())
    }
}

impl BufRead for Reread {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead().is_empty() && self.at < self.bytes {
            self.fetch()?;
        }
        Ok(self.ahead())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.at.saturating_add(amount as u64);
    }
}

impl Read for Reread {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

impl Seek for Reread {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
