//! Terms as operators write them: limits of tenants and keys, scopes of keys. What each means is in
//! `domain/tenant.rs`; that they hold is the gate's and the engine's business.

use std::net::IpAddr;

use domain::price::Multiplier;
use domain::tenant::{KeyTerms, Limits, Scope, TenantTerms};
use domain::{Clock, Operation, Refusal, RefusalKind};
use ipnet::IpNet;

use crate::admin::fields::{Fields, Given};

/// How often a patch is applied anew because the terms changed meanwhile; of those who change them at once, one
/// is done each time.
pub(super) const PATCH_TRIES_MOST: usize = 50;
/// Most requests a minute that a limit may allow.
const REQUESTS_MAX: u64 = 1_000_000;
/// Most unfinished tasks that a limit may allow.
const TASKS_MAX: u64 = 100_000;
/// Longest name of a group.
const GROUP_MAX_BYTES: usize = 64;
/// Longest text of a multiplier.
const MULTIPLIER_MAX_BYTES: usize = 12;

/// What is said when others were faster each time.
pub(super) fn changed_meanwhile(named: &str) -> Refusal {
    let message = format!("what was agreed with `{named}` is changed by others all the time; try again");
    Refusal::new(RefusalKind::Conflict, message)
}

/// Writes what a patch says into limits.
///
/// # Errors
/// A refusal that names the field at fault.
pub fn patch_limits(limits: &mut Limits, given: Given<Fields>) -> Result<(), Refusal> {
    let Some(given) = given else { return Ok(()) };
    let Some(mut fields) = given else {
        *limits = Limits::default();
        return Ok(());
    };
    set(&mut limits.budget_micros, fields.amount("budget")?);
    set(&mut limits.day_budget_micros, fields.amount("day_budget")?);
    set(&mut limits.task_budget_micros, fields.amount("task_budget")?);
    let number = |given: Given<u64>| given.map(|given| given.and_then(|number| u32::try_from(number).ok()));
    let requests = fields.whole("requests_per_minute", 1, REQUESTS_MAX)?;
    set(&mut limits.requests_per_minute, number(requests));
    let tasks = fields.whole("concurrent_tasks", 1, TASKS_MAX)?;
    set(&mut limits.concurrent_tasks, number(tasks));
    fields.done()
}

/// Writes what a patch says into a scope; `models` are those that are sold here.
///
/// # Errors
/// A refusal that names the field at fault and what is allowed.
pub fn patch_scope(scope: &mut Scope, given: Given<Fields>, models: &[String]) -> Result<(), Refusal> {
    let Some(given) = given else { return Ok(()) };
    let Some(mut fields) = given else {
        *scope = Scope::default();
        return Ok(());
    };
    if let Some(names) = fields.list("dialects")? {
        let known: Vec<_> = dialects::ALL.iter().map(|dialect| dialect.name()).collect();
        scope.dialects = named("dialects", names, &known)?;
    }
    if let Some(words) = fields.list("operations")? {
        let known = Operation::ALL.map(|(_, word)| word);
        let words = named("operations", words, &known)?;
        scope.operations = words.iter().filter_map(|word| Operation::parse(word)).collect();
    }
    if let Some(names) = fields.list("models")? {
        let known: Vec<_> = models.iter().map(String::as_str).collect();
        scope.models = named("models", names, &known)?;
    }
    if let Some(networks) = fields.list("networks")? {
        let networks = networks.unwrap_or_default();
        if let Some(wrong) = networks.iter().find(|text| !is_network(text)) {
            let message = format!("`{wrong}` is no address and no network");
            let refusal = Refusal::invalid("scope.networks", message);
            return Err(refusal.allowing(["203.0.113.7", "203.0.113.0/24", "2001:db8::/32"]));
        }
        scope.networks = networks;
    }
    fields.done()
}

/// Writes what a patch says into a key's terms.
///
/// # Errors
/// A refusal that names the field at fault.
pub fn patch_key(terms: &mut KeyTerms, fields: &mut Fields, models: &[String]) -> Result<(), Refusal> {
    patch_limits(&mut terms.limits, fields.object("limits")?)?;
    patch_scope(&mut terms.scope, fields.object("scope")?, models)
}

/// Writes what a patch says into a tenant's terms.
///
/// # Errors
/// A refusal that names the field at fault.
pub fn patch_tenant(terms: &mut TenantTerms, fields: &mut Fields, clock: &dyn Clock) -> Result<(), Refusal> {
    patch_limits(&mut terms.limits, fields.object("limits")?)?;
    if let Some(group) = fields.text("group")? {
        if group.as_deref().is_some_and(|group| !is_group(group)) {
            let what = format!("1 to {GROUP_MAX_BYTES} letters, digits, `-`, `_` and `.`, or null");
            return Err(fields.wrong("group", &what));
        }
        terms.group = group;
    }
    if let Some(multiplier) = fields.text("multiplier")? {
        if multiplier.as_deref().is_some_and(|text| !is_multiplier(text)) {
            return Err(fields.wrong(
                "multiplier",
                "a decimal text such as `\"0.85\"`, from 0 to 1000, or null",
            ));
        }
        terms.multiplier = multiplier;
    }
    terms.suspended_at = match fields.flag("suspended")? {
        None => terms.suspended_at,
        Some(true) => terms.suspended_at.or(Some(clock.now())),
        Some(false) => None,
    };
    Ok(())
}

/// Whether a text is an address or a network.
#[must_use]
pub fn is_network(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok()
}

/// Whether a text can name a group.
#[must_use]
pub fn is_group(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=GROUP_MAX_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Whether a text is a decimal number from 0 to 1000.
#[must_use]
pub fn is_multiplier(text: &str) -> bool {
    text.len() <= MULTIPLIER_MAX_BYTES && text.parse::<Multiplier>().is_ok()
}

fn set<T>(field: &mut Option<T>, given: Given<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

/// Names that must all be known.
fn named(field: &str, names: Option<Vec<String>>, known: &[&str]) -> Result<Vec<String>, Refusal> {
    let names = names.unwrap_or_default();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(names),
        Some(wrong) => {
            let message = format!("`scope.{field}` names `{wrong}`, which there is none of");
            Err(Refusal::invalid(&format!("scope.{field}"), message).allowing(known))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Micros;
    use domain::tenant::{Limits, Scope};
    use serde_json::{Value, json};

    use super::{Fields, is_multiplier, is_network, patch_limits, patch_scope};

    fn fields(value: Value) -> Option<Option<Fields>> {
        Some(Some(Fields::of(value).unwrap()))
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_takes_away() {
        let mut limits = Limits {
            budget_micros: Some(Micros(5)),
            concurrent_tasks: Some(3),
            ..Limits::default()
        };
        let patch = json!({ "budget_usd": null, "day_budget_usd": "1.5", "requests_per_minute": 60 });
        patch_limits(&mut limits, fields(patch)).unwrap();
        let expected = Limits {
            day_budget_micros: Some(Micros(1_500_000)),
            requests_per_minute: Some(60),
            concurrent_tasks: Some(3),
            ..Limits::default()
        };
        assert_eq!(limits, expected);
        patch_limits(&mut limits, None).unwrap();
        assert_eq!(limits, expected, "what is not named stays");
        patch_limits(&mut limits, Some(None)).unwrap();
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn limits_that_cannot_be_are_refused_by_field() {
        let cases = [
            (json!({ "budget_usd": "-1" }), "budget_usd"),
            (json!({ "budget_usd": 5 }), "budget_usd"),
            (json!({ "task_budget_micros": -1 }), "task_budget_micros"),
            (json!({ "requests_per_minute": 0 }), "requests_per_minute"),
            (json!({ "concurrent_tasks": 1.5 }), "concurrent_tasks"),
            (json!({ "rpm": 5 }), "rpm"),
        ];
        for (patch, field) in cases {
            let refused = patch_limits(&mut Limits::default(), fields(patch)).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some(field));
        }
    }

    #[test]
    fn scopes_name_what_there_is() {
        let models = ["kling-v3".to_owned()];
        let mut scope = Scope::default();
        let patch = json!({ "dialects": ["kling"], "operations": ["speech"], "models": ["kling-v3"],
            "networks": ["10.0.0.0/8", "2001:db8::1"] });
        patch_scope(&mut scope, fields(patch), &models).unwrap();
        assert_eq!((scope.dialects.len(), scope.networks.len()), (1, 2));
        for wrong in [
            json!({ "dialects": ["klingon"] }),
            json!({ "operations": ["dance"] }),
            json!({ "models": ["kling-v9"] }),
            json!({ "networks": ["10.0.0.0/33"] }),
        ] {
            let name = wrong.as_object().unwrap().keys().next().unwrap().clone();
            let refused = patch_scope(&mut scope.clone(), fields(wrong), &models).unwrap_err();
            assert_eq!(refused.field, Some(format!("scope.{name}")));
            assert!(!refused.allowed.is_empty());
        }
    }

    #[test]
    fn networks_and_multipliers_are_told_from_other_texts() {
        assert!(is_network("203.0.113.7") && is_network("::/0") && !is_network("localhost"));
        assert!(is_multiplier("0.85") && is_multiplier("1000") && !is_multiplier("1000.1"));
        assert!(!is_multiplier("-1") && !is_multiplier("1e2"));
    }
}
