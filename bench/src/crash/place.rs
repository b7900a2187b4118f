//! Where a round is played: a gateway's folder, a vendor of its own, and a database.

use std::path::Path;
use std::sync::Arc;

use animatic::{Watch, Wish, render};
use anyhow::Context as _;
use bytes::Bytes;
use testkit::postgres::Cluster;

use crate::gateway::{Binary, Dwelling};
use crate::vendor::Vendor;

/// Slots of the vendor's account: fewer than there are wishes, so that some wait.
const SLOTS: usize = 16;
/// How long an absent look-up is not believed: longer than the vendor hides what it took, and than any create takes
/// that it answers at all.
const ABSENCE_BOUND: &str = "2s";

/// What all rounds share.
pub(crate) struct Ground {
    binary: Binary,
    clip: Bytes,
    cluster: Option<Arc<Cluster>>,
}

impl Ground {
    /// Prepares it: makes the clip that the vendor offers, and starts a database server when rounds need one.
    ///
    /// # Errors
    /// When the clip cannot be made.
    pub(crate) async fn prepare(binary: Binary, with_server: bool) -> anyhow::Result<Ground> {
        let wish = Wish {
            prompt: "A lantern over a quiet harbour".to_owned(),
            width: 64,
            height: 64,
            fps: 1,
            duration_ms: 3_000,
            ..Wish::default()
        };
        let work = tokio::task::spawn_blocking(move || {
            let clip = render(&wish, &mut |_| Watch::Continue).context("the vendor's clip cannot be made")?;
            let cluster = with_server.then(|| Arc::new(Cluster::start()));
            anyhow::Ok((clip.bytes, cluster))
        });
        let (clip, cluster) = work.await.context("the database server does not start")??;
        Ok(Ground {
            binary,
            clip: Bytes::from(clip),
            cluster,
        })
    }

    /// A place for a round, with a fresh vendor and, unless the folder has one already, a fresh database.
    ///
    /// # Errors
    /// When the folder cannot be written or the vendor finds no port.
    pub(crate) async fn place(&self, folder: &Path, seed: u64) -> anyhow::Result<Place> {
        let vendor = Vendor::open(seed, SLOTS, self.clip.clone()).await?;
        let mut database = None;
        let mut config = format!(
            "[tasks]\nabsence_bound = \"{ABSENCE_BOUND}\"\n\n{}",
            vendor.config()
        );
        if let Some(cluster) = self.cluster.clone() {
            let made = tokio::task::spawn_blocking(move || cluster.database());
            let url = made.await.context("the database is not made")?;
            config = format!("[database]\nurl = \"{url}\"\n\n{config}");
            database = Some(url);
        }
        let dwelling = Dwelling::prepare(&self.binary, folder, &config)?.with_public_url();
        Ok(Place {
            dwelling,
            vendor,
            cluster: self.cluster.clone(),
            database,
        })
    }
}

/// Where a round is played.
pub(crate) struct Place {
    /// The gateway's.
    pub dwelling: Dwelling,
    /// Who makes the clips that are paid for.
    pub vendor: Vendor,
    /// The database server, when there is one.
    pub cluster: Option<Arc<Cluster>>,
    database: Option<String>,
}

impl Place {
    /// Gives the database on the server back.
    ///
    /// # Errors
    /// When the server does not drop it.
    pub(crate) async fn drop_database(&self) -> anyhow::Result<()> {
        let (Some(cluster), Some(url)) = (self.cluster.clone(), self.database.clone()) else {
            return Ok(());
        };
        let dropped = tokio::task::spawn_blocking(move || cluster.drop_database(&url)).await;
        dropped.context("the round's database is not dropped")
    }
}
