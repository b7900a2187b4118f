//! Stage: bytes come into the house. The store hears of each blob, so that sweep can take away what
//! no task came to use.

use domain::blobs::{BlobError, ByteStream, Kept};

use crate::Engine;

impl Engine {
    /// Keeps a stream of at most `limit_bytes`. The blob is safe from sweep for a while; a task that
    /// names it keeps it for good.
    ///
    /// # Errors
    /// [`BlobError`] when the bytes could not be kept or noted.
    pub async fn stage(&self, content: ByteStream, limit_bytes: u64) -> Result<Kept, BlobError> {
        let kept = self.blobs.put(content, limit_bytes).await?;
        let noted = self
            .store
            .stage_blob(&kept.key, kept.bytes, self.clock.now())
            .await;
        noted.map_err(|error| BlobError::Io(std::io::Error::other(error)))?;
        // The same bytes may have lain there unused, and sweep may have been taking them away just
        // now. Once the note is committed and sweep is not at work, what is there stays.
        let _sweep_rests = self.warehouse.lock().await;
        if kept.bytes > 0 {
            drop(self.blobs.get(&kept.key, Some(0..1)).await?);
        }
        Ok(kept)
    }
}
