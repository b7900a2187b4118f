//! What was agreed about a caller, read so that it can be judged: from where a key is let in, what it may
//! speak and ask for, whether its tenant may submit. An empty list does not narrow. What money and places
//! there are is decided when a task is born, requests a minute in `gate/rates.rs`.

use std::net::IpAddr;

use domain::limits::Guards;
use domain::tenant::{KeyTerms, Scope, TenantTerms};
use domain::{Ask, Refusal, RefusalKind};
use ipnet::IpNet;

/// The terms of a key and of its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// What both may use.
    pub guards: Guards,
    scope: Scope,
    /// None where the key is let in from everywhere.
    networks: Option<Vec<IpNet>>,
    is_suspended: bool,
}

impl Terms {
    /// Reads what was agreed. An address that cannot be read lets nobody in.
    #[must_use]
    pub fn of(key: &KeyTerms, tenant: &TenantTerms) -> Terms {
        let networks = &key.scope.networks;
        let read = networks.iter().filter_map(|text| network(text));
        Terms {
            guards: Guards {
                key: key.limits,
                tenant: tenant.limits,
            },
            networks: (!networks.is_empty()).then(|| read.collect()),
            scope: key.scope.clone(),
            is_suspended: tenant.suspended_at.is_some(),
        }
    }

    /// Whether the key is let in from an address, which is asked for only where it matters.
    ///
    /// # Errors
    /// A refusal of every address that is not in one of the key's networks.
    pub fn admits(&self, from: impl FnOnce() -> Option<IpAddr>) -> Result<(), Refusal> {
        let Some(networks) = &self.networks else {
            return Ok(());
        };
        let from = from();
        if from.is_some_and(|from| networks.iter().any(|network| network.contains(&from))) {
            return Ok(());
        }
        let from = from.map_or_else(|| "an unknown address".to_owned(), |from| format!("`{from}`"));
        Err(Refusal::new(
            RefusalKind::Network,
            format!("this key is not let in from {from}"),
        ))
    }

    /// Whether the key may speak a dialect.
    ///
    /// # Errors
    /// A refusal that names the dialects that it may speak.
    pub fn speaks(&self, dialect: &str) -> Result<(), Refusal> {
        let dialects = &self.scope.dialects;
        if dialects.is_empty() || dialects.iter().any(|name| name == dialect) {
            return Ok(());
        }
        let message = format!("this key may not speak the dialect `{dialect}`");
        Err(Refusal::new(RefusalKind::Forbidden, message).allowing(dialects))
    }

    /// Whether the key may ask for a kind of work and a model.
    ///
    /// # Errors
    /// A refusal that names what it may ask for.
    pub fn covers(&self, ask: &Ask) -> Result<(), Refusal> {
        let Scope {
            operations, models, ..
        } = &self.scope;
        if !operations.is_empty() && !operations.contains(&ask.operation) {
            let message = format!("this key may not ask for `{}`", ask.operation.word());
            let words = operations.iter().map(|operation| operation.word());
            return Err(Refusal::new(RefusalKind::Forbidden, message).allowing(words));
        }
        if !models.is_empty() && !models.contains(&ask.model) {
            let message = format!("this key may not use model `{}`", ask.model);
            return Err(Refusal::new(RefusalKind::Forbidden, message).allowing(models));
        }
        Ok(())
    }

    /// Whether the tenant may submit.
    ///
    /// # Errors
    /// A refusal while it is suspended.
    pub fn may_submit(&self) -> Result<(), Refusal> {
        if self.is_suspended {
            let message = "this tenant is suspended: it may read and cancel what it has, and submit nothing";
            return Err(Refusal::new(RefusalKind::Suspended, message));
        }
        Ok(())
    }
}

/// An address or a network as it is written in terms and in the configuration.
#[must_use]
pub fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let address: Result<IpAddr, _> = text.parse();
    address.map(IpNet::from).or_else(|_| text.parse()).ok()
}

#[cfg(test)]
mod tests {
    use domain::Operation;
    use testkit::sample;

    use super::*;

    fn terms(scope: Scope) -> Terms {
        let key = KeyTerms {
            scope,
            ..KeyTerms::default()
        };
        Terms::of(&key, &TenantTerms::default())
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_empty_scope_does_not_narrow() {
        let terms = terms(Scope::default());
        assert_eq!(terms.admits(|| None), Ok(()));
        assert_eq!(terms.speaks("kling"), Ok(()));
        assert_eq!(terms.covers(&sample::ask()), Ok(()));
        assert_eq!(terms.may_submit(), Ok(()));
    }

    #[test]
    fn a_key_is_let_in_from_its_networks_only() {
        let narrow = terms(Scope {
            networks: list(&["203.0.113.0/24", "2001:db8::7", "no network"]),
            ..Scope::default()
        });
        for (from, expected) in [
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("2001:db8::7", true),
            ("2001:db8::8", false),
        ] {
            let let_in = narrow.admits(|| from.parse().ok()).is_ok();
            assert_eq!(let_in, expected, "{from}");
        }
        assert_eq!(
            narrow.admits(|| None).unwrap_err().kind,
            RefusalKind::Network,
            "nobody knows from where"
        );
        let unreadable = terms(Scope {
            networks: list(&["anywhere"]),
            ..Scope::default()
        });
        assert!(unreadable.admits(|| "203.0.113.7".parse().ok()).is_err());
    }

    #[test]
    fn what_a_scope_does_not_name_is_refused_with_what_it_names() {
        let narrow = terms(Scope {
            dialects: list(&["kling"]),
            operations: vec![Operation::ImageToVideo],
            models: list(&["kling-v3"]),
            networks: Vec::new(),
        });
        assert_eq!(narrow.speaks("kling"), Ok(()));
        assert_eq!(narrow.speaks("elk").unwrap_err().allowed, ["kling"]);
        let mut ask = sample::ask();
        let refused = narrow.covers(&ask).unwrap_err();
        assert_eq!(
            (refused.kind, refused.allowed),
            (RefusalKind::Forbidden, list(&["image_to_video"]))
        );
        ask.operation = Operation::ImageToVideo;
        assert_eq!(narrow.covers(&ask), Ok(()));
        ask.model = "kling-v1".to_owned();
        assert_eq!(narrow.covers(&ask).unwrap_err().allowed, ["kling-v3"]);
    }
}
