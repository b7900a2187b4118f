//! The plan: what is brought over, what is here already, and what is left out and why. Nothing is done here.
//! What a token becomes is in `tokens.rs`, what a channel becomes in `channels.rs`, prices in `prices.rs`.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::TenantId;
use domain::store::Founding;
use domain::tenant::{Key, Tenant, TenantTerms};
use domain::{Id, Ids, Micros, Millis};
use sha2::{Digest as _, Sha256};

use crate::admin::ledger::COMMAND_LINE;
use crate::admin::tenants::{NAME_MAX_BYTES, is_name};
use crate::admin::terms::is_group;
use crate::bootstrap::first_credit;
use crate::import::channels::{self, Login};
use crate::import::new_api::{Source, Token, User};
use crate::import::{prices, tokens};

/// What new-api counts as one dollar unless it was set otherwise.
pub const QUOTA_PER_USD: i64 = 500_000;
/// The group in which users of new-api are unless they were put into another.
const USUAL_GROUP: &str = "default";

/// How the operator wants it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Names the database that is brought over, so that users of two are not taken for each other.
    pub source: String,
    /// Units of quota in one dollar; none: as its option `QuotaPerUnit` says.
    pub quota_per_usd: Option<i64>,
    /// Groups that are called otherwise here; an empty name is no group.
    pub groups: BTreeMap<String, String>,
}

/// What is here already.
pub struct Present {
    /// Every tenant.
    pub tenants: Vec<Tenant>,
    /// Every key.
    pub keys: Vec<Key>,
    /// The names of accounts.
    pub accounts: BTreeSet<String>,
    /// The models that are sold here.
    pub models: Vec<String>,
}

/// What is to be done.
#[derive(Default)]
pub struct Plan {
    /// Tenants with their keys and their money.
    pub newcomers: Vec<Founding>,
    /// Keys of tenants that were brought over earlier.
    pub keys: Vec<Key>,
    /// Accounts.
    pub logins: Vec<Login>,
    /// A price book, as a file.
    pub prices: Option<String>,
    /// Models in it.
    pub priced: usize,
    /// Tenants, keys and accounts that are here already.
    pub present: [usize; 3],
    /// What is left out or is not quite as it was, and why; one line each.
    pub remarks: Vec<String>,
}

/// What plans are made with.
pub(super) struct Hands<'a> {
    pub(super) wanted: &'a Wanted,
    pub(super) present: &'a Present,
    pub(super) ids: &'a dyn Ids,
    pub(super) now: Millis,
    quota_per_usd: i64,
}

impl Plan {
    /// Plans what becomes of a database.
    #[must_use]
    pub fn of(source: &Source, wanted: &Wanted, present: &Present, (ids, now): (&dyn Ids, Millis)) -> Plan {
        let option = source.options.get("QuotaPerUnit");
        let option = option.and_then(|text| text.parse::<f64>().ok());
        #[expect(clippy::cast_possible_truncation, reason = "bounded")]
        let option = option.map(|number| number.clamp(0.0, 1e12) as i64);
        let per_usd = wanted.quota_per_usd.or(option).filter(|units| *units > 0);
        let hands = Hands {
            wanted,
            present,
            ids,
            now,
            quota_per_usd: per_usd.unwrap_or(QUOTA_PER_USD),
        };
        let mut plan = Plan::default();
        plan.users(source, &hands);
        channels::plan(&mut plan, &source.channels, &hands);
        prices::plan(&mut plan, &source.options, present, &wanted.groups);
        if source.open_tasks > 0 {
            plan.remark(format!(
                "{} tasks that are not at their end stay where they are; let them end before clients change over",
                source.open_tasks
            ));
        }
        plan
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.newcomers.is_empty() && self.keys.is_empty() && self.logins.is_empty()
    }

    /// How many keys are brought over.
    #[must_use]
    pub fn keys_to_come(&self) -> usize {
        self.keys.len()
            + self
                .newcomers
                .iter()
                .map(|newcomer| newcomer.keys.len())
                .sum::<usize>()
    }

    /// How much money is brought over.
    #[must_use]
    pub fn credit(&self) -> Micros {
        let entries = self.newcomers.iter().flat_map(|newcomer| &newcomer.credit);
        Micros(entries.fold(0, |sum: i64, entry| sum.saturating_add(entry.line.amount.0)))
    }

    pub(super) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    fn users(&mut self, source: &Source, hands: &Hands<'_>) {
        let tenants = hands.present.tenants.iter();
        let mut taken: BTreeSet<String> = tenants.clone().map(|tenant| tenant.name.clone()).collect();
        let here: BTreeMap<TenantId, &Tenant> = tenants.map(|tenant| (tenant.id, tenant)).collect();
        let keys = hands.present.keys.iter();
        let mut holders: BTreeMap<String, TenantId> = keys
            .filter_map(|key| Some((tokens::hash(key)?, key.tenant)))
            .collect();
        let mut shown: BTreeMap<i64, Vec<&Token>> = BTreeMap::new();
        for token in &source.tokens {
            shown.entry(token.user).or_default().push(token);
        }
        for user in &source.users {
            let tokens = shown.remove(&user.id).unwrap_or_default();
            let id = tenant_id(&hands.wanted.source, user);
            let known = here.get(&id).copied();
            let tenant = match known {
                Some(known) if candidates(user).contains(&known.name) => {
                    self.present[0] += 1;
                    known.clone()
                }
                Some(known) => {
                    self.remark(format!(
                        "user {}: is tenant `{}` here and has another name there; its tokens are left out. \
                         Users of another database are brought over with another --source",
                        user.id, known.name
                    ));
                    continue;
                }
                None => {
                    let Some(name) = name(user, &taken) else {
                        self.remark(format!("user {}: its name is taken here twice over", user.id));
                        continue;
                    };
                    taken.insert(name.clone());
                    self.tenant(user, id, name, hands)
                }
            };
            let mut keys = Vec::new();
            for token in tokens {
                keys.extend(tokens::key(self, (token, user), &tenant, &mut holders, hands));
            }
            if known.is_some() {
                self.keys.extend(keys);
                continue;
            }
            let credit = (user.quota > 0).then(|| hands.dollars(user.quota));
            let reason = format!("import {} user {}", hands.wanted.source, user.id);
            let credit = first_credit(&tenant, credit, (&reason, COMMAND_LINE), hands.ids);
            self.newcomers.push(Founding { tenant, keys, credit });
        }
        for token in shown.into_values().flatten() {
            self.remark(format!(
                "token {}: its user {} is not brought over",
                token.id, token.user
            ));
        }
    }

    fn tenant(&mut self, user: &User, id: TenantId, name: String, hands: &Hands<'_>) -> Tenant {
        if name != user.name {
            self.remark(format!("user {}: is called `{name}` here", user.id));
        }
        if user.quota < 0 {
            let owed = hands.dollars(user.quota.saturating_neg()).dollars();
            self.remark(format!(
                "user {}: owes {owed} USD there, and begins with nothing here",
                user.id
            ));
        }
        let group = hands.group(&user.group);
        if !user.group.is_empty() && user.group != USUAL_GROUP && group.is_none() {
            self.remark(format!(
                "user {}: its group `{}` is left out",
                user.id, user.group
            ));
        }
        Tenant {
            id,
            name,
            unlimited: false,
            created_at: hands.now,
            terms: TenantTerms {
                group,
                suspended_at: (!user.is_enabled).then_some(hands.now),
                ..TenantTerms::default()
            },
        }
    }
}

impl Hands<'_> {
    /// Quota in dollars, cut off below the micro-dollar.
    pub(super) fn dollars(&self, quota: i64) -> Micros {
        let micros = i128::from(quota) * 1_000_000 / i128::from(self.quota_per_usd);
        Micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn group(&self, name: &str) -> Option<String> {
        group(name, &self.wanted.groups)
    }
}

/// What a group of new-api is called here; none where it has no name of its own.
pub(super) fn group(name: &str, groups: &BTreeMap<String, String>) -> Option<String> {
    let called = match groups.get(name) {
        Some(called) => called,
        None if name == USUAL_GROUP => return None,
        None => name,
    };
    is_group(called).then(|| called.to_owned())
}

/// The id of the tenant that a user becomes: the same whenever it is brought over.
fn tenant_id(source: &str, user: &User) -> TenantId {
    let hash = Sha256::digest(format!("{source}/user/{}", user.id));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    TenantId(Id(u128::from_be_bytes(bytes)))
}

/// A name that a tenant can have and that nobody has.
fn name(user: &User, taken: &BTreeSet<String>) -> Option<String> {
    let mut candidates = candidates(user).into_iter();
    candidates.find(|name| is_name(name) && !taken.contains(name))
}

/// What a user may be called here, the best first.
fn candidates(user: &User) -> [String; 3] {
    let plain = |mark: char| mark.is_ascii_alphanumeric() || "-_.@+".contains(mark);
    let marks = user.name.chars().map(|mark| if plain(mark) { mark } else { '-' });
    let cleaned: String = marks.take(NAME_MAX_BYTES - 24).collect();
    let numbered = format!("{cleaned}-{}", user.id);
    [cleaned, numbered, format!("user-{}", user.id)]
}
