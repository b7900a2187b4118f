//! Doors: which dialect answers at which path. Under its mount a dialect is alone; at the root several
//! may share a path, and one table says how they are told apart there.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::dialect::Method;
use domain::fields::Fields;
use domain::{Dialect, Route};

/// One dialect route at one place.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) route: &'static Route,
    /// The dialect's mount, or empty at the root.
    pub(crate) mount: &'static str,
}

/// Every door at one path.
pub(crate) struct Entrance {
    /// The path as it is served, `{id}` where the id stands.
    pub(crate) path: String,
    doors: Vec<Door>,
    /// Who serves which method; found once, as every request asks.
    served: Vec<Arc<Served>>,
}

/// The doors at a path that serve one method.
struct Served {
    method: Method,
    doors: Vec<Door>,
    crossing: Option<&'static Crossing>,
    /// Which of the doors answers where nothing speaks for another.
    usual: usize,
}

/// How dialects are told apart at a path that they share.
struct Crossing {
    method: Method,
    path: &'static str,
    /// Who answers where nothing speaks for the other, and whoever may not come in.
    usual: &'static str,
    other: &'static str,
    sign: Sign,
}

/// What speaks for the other dialect.
#[derive(Clone, Copy)]
enum Sign {
    /// The body has this field.
    Has(&'static str),
    /// The body has the first of these fields and not the second.
    HasWithout(&'static str, &'static str),
    /// The task was submitted in it.
    Born,
}

const TEXT: &str = "/kling/v1/videos/text2video";
const IMAGE: &str = "/kling/v1/videos/image2video";
const SEVERAL: &str = "/kling/v1/videos/multi-image2video";
const TEXT_ONE: &str = "/kling/v1/videos/text2video/{id}";
const IMAGE_ONE: &str = "/kling/v1/videos/image2video/{id}";
const SEVERAL_ONE: &str = "/kling/v1/videos/multi-image2video/{id}";

/// The shared paths. At a path that is not here the dialect whose realm it lies in answers, else the
/// first by name.
static CROSSINGS: &[Crossing] = &[
    crossing(Method::Post, TEXT, "elk", "kling", Sign::Has("model_name")),
    crossing(Method::Post, IMAGE, "elk", "kling", Sign::Has("model_name")),
    crossing(Method::Get, TEXT_ONE, "elk", "kling", Sign::Born),
    crossing(Method::Get, IMAGE_ONE, "elk", "kling", Sign::Born),
    crossing(
        Method::Post,
        SEVERAL,
        "kling",
        "ezmodel",
        Sign::HasWithout("model", "model_name"),
    ),
    crossing(Method::Get, SEVERAL_ONE, "ezmodel", "kling", Sign::Born),
];

const fn crossing(
    method: Method,
    path: &'static str,
    usual: &'static str,
    other: &'static str,
    sign: Sign,
) -> Crossing {
    Crossing {
        method,
        path,
        usual,
        other,
        sign,
    }
}

/// The doors at a path that serve a method: the one that answers so far, and how to find a better one.
pub(crate) struct Choice {
    served: Arc<Served>,
    crossing: Option<&'static Crossing>,
    chosen: usize,
}

impl Served {
    fn at(path: &str, method: Method, doors: &[Door]) -> Option<Served> {
        let doors = doors.iter().filter(|door| door.route.method == method);
        let doors: Vec<Door> = doors.copied().collect();
        if doors.is_empty() {
            return None;
        }
        let crossing = CROSSINGS
            .iter()
            .find(|crossing| crossing.path == path && crossing.method == method);
        let at = |name: &str| doors.iter().position(|door| door.dialect.name() == name);
        let chosen = match crossing {
            Some(crossing) => at(crossing.usual),
            None => realm(path).and_then(|dialect| at(dialect.name())),
        };
        let usual = || doors.iter().position(|door| !door.dialect.is_for_its_keys());
        let usual = chosen.or_else(usual).unwrap_or(0);
        Some(Served {
            method,
            doors,
            crossing,
            usual,
        })
    }
}

impl Entrance {
    fn new(path: String, doors: Vec<Door>) -> Entrance {
        let methods = [Method::Get, Method::Post, Method::Delete];
        let served = methods
            .into_iter()
            .filter_map(|method| Served::at(&path, method, &doors))
            .map(Arc::new);
        let served = served.collect();
        Entrance { path, doors, served }
    }

    /// The first door, for answers about the path itself.
    pub(crate) fn any(&self) -> Option<&Door> {
        self.doors.first()
    }

    /// The methods that are served here, as an `allow` header lists them.
    pub(crate) fn methods(&self) -> String {
        let names = [
            (Method::Get, "GET, HEAD"),
            (Method::Post, "POST"),
            (Method::Delete, "DELETE"),
        ];
        let served = names
            .iter()
            .filter(|(method, _)| self.doors.iter().any(|door| door.route.method == *method));
        served.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The doors for a request's method; none when nobody serves it.
    pub(crate) fn choose(&self, asked: &http::Method) -> Option<Choice> {
        let served = self.served.iter().find(|served| fits(served.method, asked))?;
        Some(Choice {
            served: Arc::clone(served),
            crossing: served.crossing,
            chosen: served.usual,
        })
    }
}

impl Choice {
    /// The door that answers.
    pub(crate) fn door(&self) -> Door {
        self.served.doors[self.chosen]
    }

    /// Whether it is known which dialect answers.
    pub(crate) fn is_settled(&self) -> bool {
        self.crossing.is_none()
    }

    /// The longest body that one of the doors takes.
    pub(crate) fn limit_bytes(&self) -> u64 {
        let limits = self.served.doors.iter().map(|door| door.route.limit_bytes);
        limits.max().unwrap_or(0)
    }

    /// The media fields of every door that may still answer.
    pub(crate) fn media(&self) -> Vec<&'static str> {
        let open = self
            .served
            .doors
            .iter()
            .enumerate()
            .filter(|(at, _)| self.crossing.is_some() || *at == self.chosen);
        let mut media: Vec<&'static str> = open
            .flat_map(|(_, door)| door.route.media.iter().copied())
            .collect();
        media.sort_unstable();
        media.dedup();
        media
    }

    /// Settles on the dialect that a key always speaks, where it has this path.
    pub(crate) fn by_key(&mut self, dialect: Option<&str>) {
        if let Some(at) = dialect.and_then(|name| self.at(name)) {
            self.chosen = at;
            self.crossing = None;
        }
    }

    /// Settles by what the body says.
    pub(crate) fn by_body(&mut self, fields: &Fields) {
        let Some(crossing) = self.crossing else { return };
        let has = |name: &str| fields.get(name).is_some();
        let is_other = match crossing.sign {
            Sign::Has(field) => has(field),
            Sign::HasWithout(field, without) => has(field) && !has(without),
            Sign::Born => return,
        };
        self.settle(crossing, is_other);
    }

    /// Whether the task itself must be read to know who answers.
    pub(crate) fn asks_task(&self) -> bool {
        self.crossing
            .is_some_and(|crossing| matches!(crossing.sign, Sign::Born))
    }

    /// Settles by the dialect that the task was submitted in.
    pub(crate) fn by_birth(&mut self, born_in: &str) {
        let Some(crossing) = self.crossing else { return };
        self.settle(crossing, born_in == crossing.other);
    }

    fn settle(&mut self, crossing: &'static Crossing, is_other: bool) {
        let name = if is_other { crossing.other } else { crossing.usual };
        self.chosen = self.at(name).unwrap_or(self.chosen);
        self.crossing = None;
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.served
            .doors
            .iter()
            .position(|door| door.dialect.name() == name)
    }
}

/// Every dialect's routes by path: under its mount, and at the root.
pub(crate) fn entrances() -> Vec<Arc<Entrance>> {
    let mut doors: BTreeMap<String, Vec<Door>> = BTreeMap::new();
    for dialect in dialects::ALL.iter().copied() {
        for route in dialect.routes() {
            let mounted = (format!("{}{}", dialect.mount(), route.path), dialect.mount());
            let rooted = route.roots.iter().map(|path| ((*path).to_owned(), ""));
            for (path, mount) in [mounted].into_iter().chain(rooted) {
                let door = Door {
                    dialect,
                    route,
                    mount,
                };
                doors.entry(path).or_default().push(door);
            }
        }
    }
    let entrances = doors.into_iter();
    entrances
        .map(|(path, doors)| Arc::new(Entrance::new(path, doors)))
        .collect()
}

/// The dialect in whose realm a path lies: below its mount, or under the longest of the root beginnings
/// that dialects call theirs.
pub(crate) fn realm(path: &str) -> Option<&'static dyn Dialect> {
    let mounted = |dialect: &&dyn Dialect| {
        let rest = path.strip_prefix(dialect.mount());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let dialects = || dialects::ALL.iter().copied();
    dialects().find(mounted).or_else(|| {
        let realms =
            dialects().flat_map(|dialect| dialect.realms().iter().map(move |realm| (realm, dialect)));
        let around = realms.filter(|(realm, _)| path.starts_with(**realm));
        around
            .max_by_key(|(realm, _)| realm.len())
            .map(|(_, dialect)| dialect)
    })
}

/// Whether a route's method serves a request's; a read serves HEAD too.
fn fits(method: Method, asked: &http::Method) -> bool {
    match method {
        Method::Get => asked == http::Method::GET || asked == http::Method::HEAD,
        Method::Post => asked == http::Method::POST,
        Method::Delete => asked == http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{CROSSINGS, Door, Entrance, entrances, realm};

    fn by_path() -> BTreeMap<String, Arc<Entrance>> {
        let entrances = entrances().into_iter();
        entrances
            .map(|entrance| (entrance.path.clone(), entrance))
            .collect()
    }

    #[test]
    fn every_crossing_is_at_a_path_that_both_dialects_serve() {
        let entrances = by_path();
        for crossing in CROSSINGS {
            let entrance = &entrances[crossing.path];
            for name in [crossing.usual, crossing.other] {
                let served = entrance.doors.iter().any(|door| {
                    door.dialect.name() == name
                        && door.route.method == crossing.method
                        && door.mount.is_empty()
                });
                assert!(served, "{name} does not serve `{}`", crossing.path);
            }
        }
    }

    #[test]
    fn every_shared_path_has_a_usual_dialect() {
        for (path, entrance) in by_path() {
            for method in [http::Method::GET, http::Method::POST] {
                let Some(choice) = entrance.choose(&method) else {
                    continue;
                };
                let is_usual = |door: &&Door| !door.dialect.is_for_its_keys() || !door.mount.is_empty();
                let is_told = choice.crossing.is_some()
                    || choice.served.doors.iter().filter(|door| is_usual(door)).count() <= 1
                    || realm(&path).is_some_and(|dialect| dialect.name() == choice.door().dialect.name());
                assert!(is_told, "nobody is the usual one at {method} `{path}`");
            }
        }
    }

    #[test]
    fn doors_of_one_path_take_bodies_of_one_length() {
        for (path, entrance) in by_path() {
            let Some(choice) = entrance.choose(&http::Method::POST) else {
                continue;
            };
            let same = choice
                .served
                .doors
                .iter()
                .all(|door| door.route.limit_bytes == choice.limit_bytes());
            assert!(same, "`{path}`");
        }
    }

    #[test]
    fn unknown_paths_lie_in_the_realm_of_their_dialect() {
        let name = |path: &str| realm(path).map(domain::Dialect::name);
        assert_eq!(name("/kling/v1/videos/nothing"), Some("kling"));
        assert_eq!(name("/elk/nothing"), Some("elk"));
        assert_eq!(name("/ezmodel/kling/v1/nothing"), Some("ezmodel"));
        for path in ["/kling-ai-video/v1/nothing", "/kling-ai-", "/v2/requests/nothing"] {
            assert_eq!(name(path), Some("pixazo"), "{path}");
        }
        assert_eq!(name("/elks"), None);
        assert_eq!(name("/"), None);
    }
}
