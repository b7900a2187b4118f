//! The warehouse: implementations of the `Blobs` port, and the one door that picks one by its
//! address. No knowledge of tasks, tenants or HTTP.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use domain::Blobs;

mod folder;

pub use folder::{CHUNK_BYTES, Folder};

/// Why a warehouse could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address names a kind of warehouse that is planned and not built in.
    #[error("blob storage `{url}` cannot be used: this build does not have S3 yet, use `file:PATH`")]
    NotBuiltIn {
        /// The address as given.
        url: String,
    },
    /// The address is none that is known.
    #[error("blob storage `{url}` is not understood, use `file:PATH`")]
    Unreadable {
        /// The address as given.
        url: String,
    },
    /// The folder cannot be used.
    #[error("the blob folder `{}` cannot be used: {source}", path.display())]
    Folder {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Opens the warehouse at an address: `file:PATH`, made when it is not there.
///
/// # Errors
/// [`OpenError`], which names the address and what would work.
pub async fn open(url: &str) -> Result<Arc<dyn Blobs>, OpenError> {
    if url.starts_with("s3://") {
        return Err(OpenError::NotBuiltIn { url: url.to_owned() });
    }
    let path = file_path(url).ok_or_else(|| OpenError::Unreadable { url: url.to_owned() })?;
    let opening = path.clone();
    let opened = tokio::task::spawn_blocking(move || Folder::open(opening)).await;
    match opened.map_err(io::Error::other).flatten() {
        Ok(folder) => Ok(Arc::new(folder)),
        Err(source) => Err(OpenError::Folder { path, source }),
    }
}

/// The path of a `file:` address. `file://name/…` is refused, because it would name another host.
fn file_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file:")?;
    let names_a_host = path.starts_with("//") && !path.starts_with("///");
    (!path.is_empty() && !names_a_host).then(|| PathBuf::from(path))
}
