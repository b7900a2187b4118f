//! Every rule of the contracts as data: files under `rules/<dialect>/` hold good wishes and the changes that
//! break one rule each, or that lie just within it. A wish that is good is taken; a broken one is refused in
//! the dialect's own shape, with the words that help.
//!
//! A group has a path (`submit` or `read`) with its `good` body, `id` and `query`, and `rules`. A rule has a name:
//! `takes` for what is still taken, `rule` for what is refused, with what the message `says` and, where they are
//! not the usual ones, `status` and `code`. `set` changes the body: a dotted path to its new value, `null` to take
//! away; `query` stands for the whole query. Beside what fixtures have, `{"$times": [value, n]}` is a list
//! and `{"$join": [text, [text, n]]}` a text and another so many times.
//! What is refused by Kling is refused by those who resell the same call, unless `resold` is `false`.

use std::path::Path;

use domain::dialect::{Answer, Context, Method};
use domain::http::Reply;
use domain::{Dialect, Route};
use serde_json::{Value, json};
use testkit::conform::dialect::PlainLinks;

use crate::fixtures;

/// Fewer rules than this are no cover of the contracts.
const RULES_MIN: usize = 700;

/// One group of rules, with the place where it stands.
struct Group {
    dialect: &'static dyn Dialect,
    value: Value,
    place: String,
}

#[test]
fn every_rule_of_the_contracts_holds() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for group in groups() {
        let route = group.route(group.dialect, "");
        if let Err(reply) = said(group.dialect, route, &group.call(None)) {
            wrong.push(format!(
                "{}: the good wish is refused: {}",
                group.place,
                text(&reply)
            ));
        }
        for rule in group.rules() {
            count += 1;
            let outcome = said(group.dialect, route, &group.call(Some(rule)));
            if let Err(why) = judged(group.dialect, rule, &outcome) {
                wrong.push(format!("{}: {}: {why}", group.place, name(rule)));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} rules:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= RULES_MIN, "only {count} rules");
}

#[test]
fn resellers_of_a_call_refuse_what_kling_refuses() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for group in groups().iter().filter(|group| group.dialect.name() == "kling") {
        for reseller in [known("elk"), known("ezmodel")] {
            let path = format!("/kling{}", group.path());
            let Some(route) = find(reseller, group.method(), &path) else {
                continue;
            };
            if is_unified(reseller, &path) {
                continue;
            }
            for rule in group.rules().iter().filter(|rule| rule["resold"] != json!(false)) {
                let Some(first) = rule["says"][0].as_str() else {
                    continue;
                };
                count += 1;
                let place = format!("{} at {}: {}", group.place, reseller.name(), name(rule));
                // The field at fault, by its last name: each has a spelling of its own for places in lists.
                let field = first.rsplit('.').next().unwrap_or(first);
                match said(reseller, route, &group.call(Some(rule))) {
                    Ok(()) => wrong.push(format!("{place}: taken")),
                    Err(reply) => {
                        let is_fault = matches!(reply.status, 400 | 413 | 500);
                        let spelled = field.replace("model_name", "model");
                        if !is_fault || !(text(&reply).contains(field) || text(&reply).contains(&spelled)) {
                            wrong.push(format!("{place}: {} {}", reply.status, text(&reply)));
                        }
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} rules:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// ElkAPI's two pages of its own are no resale: their bodies are others.
fn is_unified(reseller: &dyn Dialect, path: &str) -> bool {
    reseller.name() == "elk"
        && (path.ends_with("/text2video") || path.ends_with("/image2video"))
        && !path.contains("avatar")
}

impl Group {
    fn path(&self) -> &str {
        let path = self.value["submit"].as_str().or(self.value["read"].as_str());
        path.unwrap_or_else(|| panic!("{}: neither `submit` nor `read`", self.place))
    }

    fn method(&self) -> Method {
        if self.value["submit"].is_string() {
            Method::Post
        } else {
            Method::Get
        }
    }

    fn route(&self, dialect: &dyn Dialect, before: &str) -> &'static Route {
        let path = format!("{before}{}", self.path());
        find(dialect, self.method(), &path).unwrap_or_else(|| panic!("{}: no such route", self.place))
    }

    fn rules(&self) -> &Vec<Value> {
        self.value["rules"].as_array().expect("a group has rules")
    }

    /// The good call, or the one that a rule makes of it.
    fn call(&self, rule: Option<&Value>) -> domain::Call {
        let mut body = self.value["good"].clone();
        if body.is_null() {
            body = json!({});
        }
        for (path, value) in rule
            .and_then(|rule| rule["set"].as_object())
            .into_iter()
            .flatten()
        {
            let steps: Vec<&str> = path.split('.').collect();
            set(&mut body, &steps, value, &self.place);
        }
        let own = rule.and_then(|rule| rule.get("query"));
        fixtures::call(&json!({
            "id": rule.and_then(|rule| rule.get("id")).unwrap_or(&self.value["id"]),
            "call": repeated(&body),
            "query": own.unwrap_or(&self.value["query"]),
        }))
    }
}

/// Sets, or with `null` takes away, what a path leads to.
fn set(home: &mut Value, steps: &[&str], value: &Value, place: &str) {
    let [step, rest @ ..] = steps else { return };
    if let (Value::Array(list), Ok(at)) = (&mut *home, step.parse::<usize>()) {
        let found = list.get_mut(at);
        let found = found.unwrap_or_else(|| panic!("{place}: `{step}` leads nowhere"));
        if rest.is_empty() {
            *found = value.clone();
        } else {
            set(found, rest, value, place);
        }
        return;
    }
    let map = home.as_object_mut();
    let map = map.unwrap_or_else(|| panic!("{place}: `{step}` leads nowhere"));
    if !rest.is_empty() {
        return set(map.entry(*step).or_insert_with(|| json!({})), rest, value, place);
    }
    if value.is_null() {
        let gone = map.remove(*step);
        assert!(gone.is_some(), "{place}: there is no `{step}` to take away");
    } else {
        map.insert((*step).to_owned(), value.clone());
    }
}

/// The same with lists in the place of `$times`.
fn repeated(value: &Value) -> Value {
    match value {
        Value::Object(map) => match (map.get("$times"), map.get("$join")) {
            (Some(spec), _) => {
                let times = spec[1].as_u64().expect("a value is repeated so many times");
                (0..times).map(|_| repeated(&spec[0])).collect()
            }
            (None, Some(spec)) => {
                let text = |value: &Value| value.as_str().expect("texts are joined").to_owned();
                let times = spec[1][1].as_u64().and_then(|times| usize::try_from(times).ok());
                let times = times.expect("a text is repeated so many times");
                json!(text(&spec[0]) + &text(&spec[1][0]).repeat(times))
            }
            (None, None) => map
                .iter()
                .map(|(name, value)| (name.clone(), repeated(value)))
                .collect(),
        },
        Value::Array(list) => list.iter().map(repeated).collect(),
        plain => plain.clone(),
    }
}

/// What a dialect says to a call.
fn said(dialect: &dyn Dialect, route: &Route, call: &domain::Call) -> Result<(), Reply> {
    let Err(refusal) = dialect.parse(route, call) else {
        return Ok(());
    };
    let context = Context {
        request_id: "req-1",
        links: &PlainLinks,
        route: Some(route),
    };
    Err(dialect.render(&Answer::Refused(&refusal), &context))
}

fn judged(dialect: &dyn Dialect, rule: &Value, outcome: &Result<(), Reply>) -> Result<(), String> {
    let unread = rule.as_object().expect("a rule is an object").keys();
    let known = [
        "rule", "takes", "set", "query", "id", "says", "status", "code", "resold",
    ];
    if let Some(name) = unread.into_iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("nobody reads `{name}`"));
    }
    let reply = match (outcome, rule["takes"].is_string()) {
        (Ok(()), true) => return Ok(()),
        (Ok(()), false) => return Err("taken".to_owned()),
        (Err(reply), true) => return Err(format!("refused: {}", text(reply))),
        (Err(reply), false) => reply,
    };
    let says = rule["says"].as_array().ok_or("a refusal `says` something")?;
    let status = rule["status"].as_u64().unwrap_or(400);
    if u64::from(reply.status) != status {
        return Err(format!("status {}, not {status}: {}", reply.status, text(reply)));
    }
    let body: Value = serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
    let (code, message) = shown(dialect.name(), &body);
    let usual = match dialect.name() {
        "ezmodel" => json!("invalid_request"),
        "elk" if body["error"].is_object() => json!("invalid_request"),
        _ => json!(1201),
    };
    let expected = rule.get("code").unwrap_or(&usual);
    if code != expected {
        return Err(format!("code {code}, not {expected}: {}", text(reply)));
    }
    for words in says {
        let words = words.as_str().ok_or("what a refusal `says` is text")?;
        if !message.contains(words) {
            return Err(format!("does not say `{words}`: {message}"));
        }
    }
    Ok(())
}

/// Code and message of an error, in the shape of its dialect, which has them and nothing wrong beside them.
fn shown<'a>(dialect: &str, body: &'a Value) -> (&'a Value, &'a str) {
    let home = if dialect == "elk" && body["error"].is_object() {
        &body["error"]
    } else {
        body
    };
    let has_data = body.get("data").is_some();
    assert_eq!(has_data, dialect == "ezmodel", "{body}");
    (&home["code"], home["message"].as_str().unwrap_or_default())
}

fn name(rule: &Value) -> &str {
    let name = rule["rule"].as_str().or(rule["takes"].as_str());
    name.expect("a rule has a name")
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn known(name: &str) -> &'static dyn Dialect {
    let dialect = dialects::ALL.iter().find(|known| known.name() == name);
    *dialect.unwrap_or_else(|| panic!("there is no dialect `{name}`"))
}

fn find(dialect: &dyn Dialect, method: Method, path: &str) -> Option<&'static Route> {
    let mut routes = dialect.routes().iter();
    routes.find(|route| route.method == method && route.path == path)
}

fn groups() -> Vec<Group> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut groups = Vec::new();
    for (dialect, file) in fixtures::files(&root) {
        let text = std::fs::read_to_string(&file).expect("the rules can be read");
        let list: Vec<Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: no list of groups: {error}", file.display()));
        for (at, value) in list.into_iter().enumerate() {
            groups.push(Group {
                dialect: known(&dialect),
                value,
                place: format!("{dialect}/{} {at}", file.file_stem().expect("a file").display()),
            });
        }
    }
    groups
}
