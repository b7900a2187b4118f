//! Trouble that a gateway lives through: its process is stopped for a while, its database's server is killed and
//! started again.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use testkit::postgres::Cluster;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crash::place::Place;
use crate::crash::plan::Trouble;
use crate::crash::round::Desk;

/// The troubles of one life, under way.
pub(crate) struct Troubles {
    under_way: JoinSet<()>,
    over: watch::Sender<bool>,
}

impl Troubles {
    /// Begins those that the plan has for a life of the process.
    pub(super) fn begin(desk: &Arc<Desk>, life: u32, process: Option<u32>, place: &Place) -> Troubles {
        let (over, is_over) = watch::channel(false);
        let mut under_way = JoinSet::new();
        for (_, after, trouble) in desk.plan().troubles.iter().filter(|(when, ..)| *when == life) {
            let (after, trouble, mut is_over) = (*after, *trouble, is_over.clone());
            let (cluster, desk) = (place.cluster.clone(), Arc::clone(desk));
            under_way.spawn(async move {
                let is_early = tokio::time::timeout(after, is_over.changed()).await.is_ok();
                if !is_early {
                    if matches!(trouble, Trouble::DatabaseKill(_)) {
                        desk.begin_part();
                    }
                    befall(trouble, process, cluster).await;
                }
            });
        }
        Troubles { under_way, over }
    }

    /// Those that have not begun do not begin any more; those that have are over when this returns.
    pub(crate) async fn end(mut self) {
        self.over.send_replace(true);
        while self.under_way.join_next().await.is_some() {}
    }
}

async fn befall(trouble: Trouble, process: Option<u32>, cluster: Option<Arc<Cluster>>) {
    match (trouble, cluster) {
        (Trouble::Stop(lasting), _) => {
            signal(process, Signal::STOP);
            tokio::time::sleep(lasting).await;
            signal(process, Signal::CONT);
        }
        (Trouble::DatabaseKill(gone), Some(cluster)) => kill_and_start(cluster, gone).await,
        (Trouble::DatabaseKill(_), None) => {}
    }
}

async fn kill_and_start(cluster: Arc<Cluster>, gone: Duration) {
    cluster.kill();
    tokio::time::sleep(gone).await;
    // A server that does not come back shows in the round, whose gateway cannot go on either.
    drop(tokio::task::spawn_blocking(move || cluster.start_again()).await);
}

/// A process that is gone does not hear it.
pub(super) fn signal(process: Option<u32>, signal: Signal) {
    let pid = process
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        kill_process(pid, signal).ok();
    }
}
