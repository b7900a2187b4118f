//! Signed tokens, as Kling's clients make them (JWT, HS256): what looks like one, whom it names, and
//! whether its signature and its times hold. Whose secret that is, the gate finds out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Millis;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Longest token that is read; Kling's own have some 200 characters.
pub const TOKEN_MAX_LENGTH: usize = 4_096;
/// How far a client's clock may be ahead of ours before its new token is too early.
const SKEW_MS: i64 = 5_000;

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadToken {
    /// It was not signed with this secret, by this algorithm, or does not say what it must.
    Forged,
    /// Its time has not come.
    Early,
    /// Its time is over.
    Expired,
}

/// Whom a token names; a claim and no more until the signature was checked.
#[derive(Deserialize)]
struct Named {
    iss: String,
}

/// When a token holds.
#[derive(Deserialize)]
struct Times {
    #[serde(deserialize_with = "moment")]
    exp: Millis,
    #[serde(default, deserialize_with = "moment_or_none")]
    nbf: Option<Millis>,
}

/// Whether a text is to be read as a token: three parts between dots, the first of which is a JSON
/// object in Base64. No such text is ever looked up as a key.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    let mut parts = text.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let json = URL_SAFE_NO_PAD.decode(header);
    json.is_ok_and(|json| json.trim_ascii_start().first() == Some(&b'{'))
}

/// Whom a token names in `iss`, without any proof. `None`: it names nobody.
#[must_use]
pub fn issuer(token: &str) -> Option<String> {
    if token.len() > TOKEN_MAX_LENGTH {
        return None;
    }
    let named: Named = insecure_decode_claims(token).ok()?;
    Some(named.iss)
}

/// Checks the tokens that are signed with one secret.
pub struct Verifier(DecodingKey);

impl Verifier {
    /// A verifier of the tokens that are signed with the secret's bytes as they are.
    #[must_use]
    pub fn new(secret: &SecretSlice<u8>) -> Verifier {
        Verifier(DecodingKey::from_secret(secret.expose_secret()))
    }

    /// Whether a token holds now. The signature is judged first: what is not signed proves nothing.
    ///
    /// # Errors
    /// [`BadToken`], which says why not.
    pub fn verify(&self, token: &str, now: Millis) -> Result<(), BadToken> {
        let mut rules = Validation::new(Algorithm::HS256);
        // The times are judged below, by the clock that we were handed.
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        let read = decode::<Times>(token, &self.0, &rules).map_err(|_| BadToken::Forged)?;
        if read.header.crit.is_some() {
            return Err(BadToken::Forged); // it must not be read by those who do not know the extension
        }
        let Times { exp, nbf } = read.claims;
        if nbf.is_some_and(|start| start > now.plus(SKEW_MS)) {
            return Err(BadToken::Early);
        }
        if exp <= now {
            return Err(BadToken::Expired);
        }
        Ok(())
    }
}

/// Seconds since 1970, with or without a fraction. Numbers out of range become the nearest moment.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    Number::deserialize(deserializer).map(|seconds| of_seconds(&seconds))
}

fn moment_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Millis>, D::Error> {
    let seconds = Option::<Number>::deserialize(deserializer)?;
    Ok(seconds.as_ref().map(of_seconds))
}

fn of_seconds(seconds: &Number) -> Millis {
    let whole = seconds.as_i64().map(|seconds| seconds.saturating_mul(1_000));
    let broken = || (seconds.as_f64().unwrap_or_default() * 1_000.0) as i64;
    Millis(whole.unwrap_or_else(broken))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use domain::Millis;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use secrecy::SecretSlice;
    use serde_json::{Value, json};

    use super::{BadToken, TOKEN_MAX_LENGTH, Verifier, issuer, looks_like};

    /// The vector of the contract: access key `AKTEST0001`, made at 1795000000.
    const VECTOR: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
                          eyJpc3MiOiJBS1RFU1QwMDAxIiwiZXhwIjoxNzk1MDAxODAwLCJuYmYiOjE3OTQ5OTk5OTV9.\
                          sv8cZeP8OuyEcoVyF6Hl86uMj6gFF_xGJGNTL2BOz3Y";
    const SECRET: &str = "SKTEST0001";
    const NOW: i64 = 1_795_000_000;

    fn verifier(secret: &str) -> Verifier {
        Verifier::new(&SecretSlice::from(secret.as_bytes().to_vec()))
    }

    fn at(token: &str, seconds: i64) -> Result<(), BadToken> {
        verifier(SECRET).verify(token, Millis(seconds * 1_000))
    }

    fn signed(header: &Header, claims: &Value) -> String {
        encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
    }

    fn claiming(claims: &Value) -> String {
        signed(&Header::new(Algorithm::HS256), claims)
    }

    #[test]
    fn the_vector_of_the_contract_holds_in_its_time() {
        assert!(looks_like(VECTOR));
        assert_eq!(issuer(VECTOR).as_deref(), Some("AKTEST0001"));
        let (start, end) = (NOW - 5, NOW + 1_800);
        for (seconds, verdict) in [
            (NOW, Ok(())),
            (start, Ok(())),
            (start - 5, Ok(())),
            (start - 6, Err(BadToken::Early)),
            (end - 1, Ok(())),
            (end, Err(BadToken::Expired)),
            (end + 1_000_000, Err(BadToken::Expired)),
        ] {
            assert_eq!(at(VECTOR, seconds), verdict, "at {seconds}");
        }
    }

    #[test]
    fn what_is_not_signed_with_the_secret_is_forged_whatever_its_times_say() {
        let other = verifier("SKTEST0002");
        for seconds in [0, NOW, NOW + 9_999] {
            let now = Millis(seconds * 1_000);
            assert_eq!(other.verify(VECTOR, now), Err(BadToken::Forged));
        }
        // Any change of any character; the last one's low bits are padding that Base64 must refuse.
        for place in 0..VECTOR.len() {
            let mut bytes = VECTOR.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(at(&changed, NOW), Err(BadToken::Forged), "changed at {place}");
        }
    }

    #[test]
    fn every_algorithm_but_hs256_is_forged() {
        let claims = json!({ "iss": "AKTEST0001", "exp": NOW + 60 });
        assert_eq!(at(&claiming(&claims), NOW), Ok(()));
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let token = signed(&Header::new(algorithm), &claims);
            assert_eq!(at(&token, NOW), Err(BadToken::Forged), "{algorithm:?}");
        }
        // The signature of another algorithm's header, made as HS256 would make it.
        let (_, signature) = VECTOR.rsplit_once('.').unwrap();
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        for name in ["none", "None", "", "RS256", "ES256", "EdDSA", "hs256"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": name, "typ": "JWT" }).to_string());
            for signature in ["", signature] {
                let token = format!("{header}.{payload}.{signature}");
                assert!(looks_like(&token));
                assert_eq!(at(&token, NOW), Err(BadToken::Forged), "{name}");
            }
        }
        let mut critical = Header::new(Algorithm::HS256);
        critical.crit = Some(vec!["b64".to_owned()]);
        assert_eq!(at(&signed(&critical, &claims), NOW), Err(BadToken::Forged));
    }

    #[test]
    fn claims_are_judged_in_order_and_must_be_numbers() {
        let cases = [
            (json!({ "exp": NOW + 1 }), Ok(())),
            (json!({ "exp": NOW + 1, "nbf": null }), Ok(())),
            (
                json!({ "exp": NOW + 1, "nbf": NOW, "aud": "them", "iat": 0, "x": {} }),
                Ok(()),
            ),
            (json!({ "exp": 1_795_000_000.5 }), Ok(())),
            (json!({ "exp": 1_794_999_999.9 }), Err(BadToken::Expired)),
            (json!({ "exp": 1e300 }), Ok(())),
            (json!({ "exp": u64::MAX }), Ok(())),
            (json!({ "exp": i64::MIN }), Err(BadToken::Expired)),
            (json!({ "exp": -1e300 }), Err(BadToken::Expired)),
            (json!({ "exp": NOW + 60, "nbf": NOW + 6 }), Err(BadToken::Early)),
            (json!({ "exp": NOW - 60, "nbf": NOW + 6 }), Err(BadToken::Early)),
            (json!({ "exp": NOW + 60, "nbf": 1e300 }), Err(BadToken::Early)),
            (json!({}), Err(BadToken::Forged)),
            (json!({ "nbf": NOW + 6 }), Err(BadToken::Forged)),
            (json!({ "exp": null }), Err(BadToken::Forged)),
            (json!({ "exp": (NOW + 60).to_string() }), Err(BadToken::Forged)),
            (json!({ "exp": NOW + 60, "nbf": "now" }), Err(BadToken::Forged)),
            (json!([NOW + 60]), Err(BadToken::Forged)),
        ];
        for (claims, verdict) in cases {
            assert_eq!(at(&claiming(&claims), NOW), verdict, "{claims}");
        }
    }

    #[test]
    fn only_what_has_the_parts_of_a_token_looks_like_one() {
        for text in [
            "",
            "..",
            "a.b.c",
            "my.own.key-of-many-letters",
            "rw_key_x",
            "eyJhbGciOiJIUzI1NiJ9.e30",
            "eyJhbGciOiJIUzI1NiJ9.e30.x.y",
            "W10.e30.x",
        ] {
            assert!(!looks_like(text), "{text}");
        }
        let spaced = URL_SAFE_NO_PAD.encode("\n { \"alg\": \"HS256\" }");
        assert!(looks_like(&format!("{spaced}.e30.x")));
    }

    #[test]
    fn a_token_that_names_nobody_or_is_too_long_has_no_issuer() {
        for claims in [
            json!({}),
            json!({ "iss": 7 }),
            json!({ "iss": ["AKTEST0001"] }),
            json!([]),
        ] {
            assert_eq!(issuer(&claiming(&claims)), None, "{claims}");
        }
        let long = claiming(&json!({ "iss": "AKTEST0001", "x": "x".repeat(TOKEN_MAX_LENGTH) }));
        assert_eq!(issuer(&long), None);
        assert_eq!(issuer("e30.%%.x"), None);
    }
}
