//! The process environment, read once. Nothing else in the house may look at it.

use std::collections::BTreeMap;

/// The environment as it was at the start, or as a test wants it.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process; variables that are no UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Environment {
        let pairs = std::env::vars_os();
        let text =
            pairs.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Environment {
            variables: text.collect(),
        }
    }

    /// An environment of the given variables only.
    #[must_use]
    pub fn of(pairs: &[(&str, &str)]) -> Environment {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment {
            variables: owned.collect(),
        }
    }

    /// A variable; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Variables that are configuration: `REELWAY_SECTION__KEY`.
    pub fn configuration(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.variables.iter();
        pairs
            .filter(|(name, _)| name.starts_with("REELWAY_") && name.contains("__"))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
