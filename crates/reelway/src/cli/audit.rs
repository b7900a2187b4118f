//! `reelway audit`: what operators did, from the running server where there is one, else from the database.

use clap::Args;
use serde_json::json;
use store::Lock;

use crate::admin::audit::{ActList, ActView, LIMIT_MAX, ListWish, listed};
use crate::cli::keys::plain;
use crate::cli::registry::{Desk, asked};
use crate::cli::{Place, paper};
use crate::config::Environment;

/// The admin API's path of acts.
const PATH: &str = "/api/v1/admin/audit";
/// Most parts of the list that one command reads.
const PARTS_MAX: usize = 1_000;

/// `reelway audit`
#[derive(Args)]
pub(super) struct Audit {
    #[command(flatten)]
    place: Place,
    /// Since a moment, or a length of time back from now
    #[arg(long, value_name = "MOMENT|LENGTH")]
    since: Option<String>,
    /// Only of this key, by id, or of `command line`
    #[arg(long, value_name = "KEY")]
    who: Option<String>,
    /// Only acts that begin like this
    #[arg(long, value_name = "ACT")]
    act: Option<String>,
    /// Most acts
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Only acts before this one
    #[arg(long, value_name = "ACT_ID")]
    after: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(&self, environment: &Environment) -> anyhow::Result<()> {
        let desk = Desk::open(&self.place, environment, Lock::ReadOnly).await?;
        let mut wish = ListWish {
            who: self.who.clone(),
            act: self.act.clone(),
            since: self.since.clone(),
            limit: None,
            after: self.after.clone(),
        };
        let (mut acts, mut next) = (Vec::new(), None);
        for _ in 0..PARTS_MAX {
            wish.limit = Some(self.limit.saturating_sub(acts.len()).min(LIMIT_MAX));
            let part: ActList = match &desk {
                Desk::Server(client) => {
                    asked(client, "GET", &format!("{PATH}?{}", wish.query()), None).await?
                }
                Desk::Database(room) => {
                    let now = room.nature.clock.now();
                    listed(&*room.store, &wish, now).await.map_err(plain)?
                }
            };
            acts.extend(part.data);
            next = part.next_cursor;
            if next.is_none() || acts.len() >= self.limit {
                break;
            }
            wish.after.clone_from(&next);
        }
        if self.json {
            let has_more = next.is_some();
            return paper::json(
                &json!({ "object": "list", "data": acts, "next_cursor": next, "has_more": has_more }),
            );
        }
        let rows: Vec<_> = acts.into_iter().map(row).collect();
        paper::table(["AT", "WHO", "ACT", "ABOUT", "OUTCOME", "REQUEST"], &rows)?;
        match next {
            Some(next) => paper::line(&format!("more with --after {next}")),
            None => Ok(()),
        }
    }
}

fn row(act: ActView) -> [String; 6] {
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let who = match act.who_name {
        Some(name) => format!("{name} ({})", act.who),
        None => act.who,
    };
    [
        act.at,
        who,
        act.act,
        or_dash(act.about),
        act.outcome.unwrap_or_else(|| "not known".to_owned()),
        or_dash(act.request_id),
    ]
}
