//! What a channel becomes: an account at the provider that it is a login of. Channels of other kinds are
//! named and left out. Secrets go from the one database into the other, sealed, and are told nowhere.

use std::collections::BTreeMap;

use domain::account::Duty;
use secrecy::{ExposeSecret as _, SecretString};

use crate::admin::accounts::NewAccount;
use crate::import::new_api::Channel;
use crate::import::plan::{Hands, Plan};

/// Channels of this type are logins at Kling.
const KLING: i64 = 50;
/// The provider that they become accounts of.
const PROVIDER: &str = "kling";
/// The greatest share of an account.
const WEIGHT_MAX: i64 = 100;
/// How far a priority is from zero at most.
const PRIORITY_MAX: i64 = 1_000;
/// Longest part of a channel's name that is kept.
const NAME_MAX_LENGTH: usize = 40;

/// An account that is brought over.
pub struct Login {
    /// The account.
    pub account: NewAccount,
    /// Whether it takes tasks.
    pub duty: Duty,
}

/// Plans what becomes of channels.
pub(super) fn plan(plan: &mut Plan, all: &[Channel], hands: &Hands<'_>) {
    for channel in all {
        if channel.kind != KLING {
            let (id, kind) = (channel.id, channel.kind);
            plan.remark(format!(
                "channel {id} (type {kind}): nobody here speaks to its vendor"
            ));
            continue;
        }
        logins(plan, channel, hands);
    }
}

fn logins(plan: &mut Plan, channel: &Channel, hands: &Hands<'_>) {
    let id = channel.id;
    let (models, unknown): (Vec<_>, Vec<_>) = {
        let names = channel.models.iter().cloned();
        names.partition(|model| hands.present.models.contains(model))
    };
    if models.is_empty() {
        plan.remark(format!("channel {id}: none of its models is served here"));
        return;
    }
    if !unknown.is_empty() {
        plan.remark(format!("channel {id}: not served here: {}", unknown.join(", ")));
    }
    if channel.secrets.is_empty() {
        plan.remark(format!("channel {id}: it has no key"));
    }
    let aliases = aliases(plan, channel, &models);
    for (at, secret) in channel.secrets.iter().enumerate() {
        let name = match channel.secrets.len() {
            1 => format!("{}-{id}", name(channel)),
            _ => format!("{}-{id}-{}", name(channel), at + 1),
        };
        if hands.present.accounts.contains(&name) {
            plan.present[2] += 1;
            continue;
        }
        let (api_key, access_key, secret_key) = match secret.expose_secret().split_once('|') {
            Some((access, secret)) => (None, secret_of(access), secret_of(secret)),
            None => (secret_of(secret.expose_secret()), None, None),
        };
        let base_url = channel.base_url.trim();
        let account = NewAccount {
            name,
            provider: PROVIDER.to_owned(),
            base_url: (!base_url.is_empty()).then(|| base_url.to_owned()),
            api_key,
            access_key,
            secret_key,
            models: models.clone(),
            aliases: aliases.clone(),
            weight: Some(channel.weight.clamp(1, WEIGHT_MAX)),
            priority: Some(channel.priority.clamp(-PRIORITY_MAX, PRIORITY_MAX)),
            ..NewAccount::default()
        };
        let duty = match channel.is_enabled {
            true => Duty::Working,
            false => Duty::Paused,
        };
        plan.logins.push(Login { account, duty });
    }
}

/// Models that the channel's vendor knows under another name.
fn aliases(plan: &mut Plan, channel: &Channel, models: &[String]) -> Vec<String> {
    if channel.mapping.trim().is_empty() {
        return Vec::new();
    }
    let Ok(mapping) = serde_json::from_str::<BTreeMap<String, String>>(&channel.mapping) else {
        plan.remark(format!(
            "channel {}: its model mapping cannot be read, and is left out",
            channel.id
        ));
        return Vec::new();
    };
    let mine = mapping
        .iter()
        .filter(|(ours, theirs)| models.contains(ours) && ours != theirs);
    mine.map(|(ours, theirs)| format!("{ours}={theirs}")).collect()
}

fn name(channel: &Channel) -> String {
    let plain = |mark: char| mark.is_ascii_alphanumeric() || "-_.".contains(mark);
    let marks = channel
        .name
        .chars()
        .map(|mark| if plain(mark) { mark } else { '-' });
    let name: String = marks.take(NAME_MAX_LENGTH).collect();
    let name = name.trim_start_matches(|mark: char| !mark.is_ascii_alphanumeric());
    match name.is_empty() {
        true => "channel".to_owned(),
        false => name.to_owned(),
    }
}

fn secret_of(text: &str) -> Option<SecretString> {
    let text = text.trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}
