//! Real ids and real chance. The only place that may draw them.

use domain::{Id, Ids};

/// Ids and chance from the operating system.
pub struct SystemIds;

impl SystemIds {
    fn fill(bytes: &mut [u8]) {
        // A machine without randomness cannot make keys or ids that nobody guesses: nothing goes on.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

impl Ids for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source that the ban points to"
    )]
    fn id(&self) -> Id {
        Id(uuid::Uuid::now_v7().as_u128())
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        SystemIds::fill(&mut secret);
        secret
    }

    fn chance(&self) -> u64 {
        let mut bytes = [0; 8];
        SystemIds::fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use domain::Ids as _;

    use super::SystemIds;

    #[test]
    fn ids_only_grow() {
        let ids: Vec<_> = (0..10_000).map(|_| SystemIds.id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
