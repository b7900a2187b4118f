//! Signatures: the tokens that calls are opened with, and the signatures of callbacks. Both are HMAC-SHA256.
//!
//! Source: <https://kling.ai/document-api/>, authentication and callback protocol, checked 2026-11-21.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Millis;
use domain::credentials::Credentials;
use domain::provider::{Account, Callback};
use hmac::{Hmac, KeyInit as _, Mac as _};
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::Sha256;

/// How long a token lives, in seconds.
const TOKEN_SECONDS: i64 = 1_800;
/// How far the vendor's clock may be behind ours, in seconds.
const SKEW_SECONDS: i64 = 5;
/// A token with less life than this is not used any more, in seconds: a call and a clock that is ahead
/// must fit in.
const REFRESH_SECONDS: i64 = 300;
/// How old or how far ahead a signed callback may be, in seconds.
const CALLBACK_SECONDS_MAX: i64 = 300;
/// What a callback secret begins with; the rest is Base64.
const SECRET_PREFIX: &str = "whsec_";
/// The only kind of signature that is checked.
const SIGNATURE_PREFIX: &str = "v1,";
/// The most signatures in one header; a vendor sends one, or two while a secret is exchanged.
const SIGNATURES_MAX: usize = 8;

struct Token {
    /// The login that it was signed for: another one under the same name gets its own.
    account: Arc<Account>,
    signed_at: i64,
    text: SecretString,
}

/// The tokens in use, one for each account.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Token>>);

impl Tokens {
    /// What a call to the vendor is opened with: the API key, or a token that is signed with the pair.
    /// `None`: the account has no credentials.
    pub(super) fn bearer(&self, account: &Arc<Account>, now: Millis) -> Option<SecretString> {
        let (access, secret) = match &account.credentials {
            Credentials::None => return None,
            Credentials::ApiKey(key) => return Some(key.clone()),
            Credentials::Pair { access, secret } => (access, secret),
        };
        let now = now.seconds();
        let mut tokens = self.0.lock();
        let known = tokens.get(&account.name).filter(|token| {
            let age = now.saturating_sub(token.signed_at);
            Arc::ptr_eq(&token.account, account) && (0..=TOKEN_SECONDS - REFRESH_SECONDS).contains(&age)
        });
        if let Some(token) = known {
            return Some(token.text.clone());
        }
        let text = sign(access.expose_secret(), secret.expose_secret(), now);
        let token = Token {
            account: Arc::clone(account),
            signed_at: now,
            text: text.clone(),
        };
        tokens.insert(account.name.clone(), token);
        Some(text)
    }

    /// Throws an account's token away, because the vendor did not take it.
    pub(super) fn forget(&self, account: &str) {
        self.0.lock().remove(account);
    }
}

/// A token by RFC 7519, with the claims that the vendor reads and no others.
fn sign(access: &str, secret: &str, now: i64) -> SecretString {
    let claims = json!({
        "iss": access,
        "exp": now.saturating_add(TOKEN_SECONDS),
        "nbf": now.saturating_sub(SKEW_SECONDS),
    });
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut mac = mac(secret.as_bytes());
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    SecretString::from(format!("{signed}.{signature}"))
}

/// Whether a callback was signed with the secret, lately (Standard Webhooks).
pub(super) fn is_signed(callback: &Callback<'_>, secret: &SecretString, now: Millis) -> bool {
    let secret = secret.expose_secret();
    let secret = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
    let headers = (
        STANDARD.decode(secret),
        callback.header("webhook-id"),
        callback.header("webhook-timestamp"),
        callback.header("webhook-signature"),
    );
    let (Ok(key), Some(id), Some(timestamp), Some(signatures)) = headers else {
        return false;
    };
    let Ok(sent_at) = timestamp.parse::<i64>() else {
        return false;
    };
    let late = now.seconds().saturating_sub(sent_at);
    if key.is_empty() || late.saturating_abs() > CALLBACK_SECONDS_MAX {
        return false;
    }
    let mut signatures = signatures.split(' ').take(SIGNATURES_MAX);
    signatures.any(|signature| {
        let text = signature.strip_prefix(SIGNATURE_PREFIX);
        let Some(Ok(bytes)) = text.map(|text| STANDARD.decode(text)) else {
            return false;
        };
        let mut mac = mac(&key);
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(callback.body);
        mac.verify_slice(&bytes).is_ok()
    })
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_000_000_000);

    fn pair(access: &str) -> Arc<Account> {
        Arc::new(Account {
            name: "main".to_owned(),
            credentials: Credentials::Pair {
                access: SecretString::from(access),
                secret: SecretString::from("SKTEST0001"),
            },
            ..Account::default()
        })
    }

    fn bearer(tokens: &Tokens, account: &Arc<Account>, now: Millis) -> String {
        let bearer = tokens.bearer(account, now).expect("a pair signs");
        bearer.expose_secret().to_owned()
    }

    #[test]
    fn a_token_is_the_one_that_the_vendors_reference_makes() {
        assert_eq!(
            bearer(&Tokens::default(), &pair("AKTEST0001"), NOW),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
             eyJpc3MiOiJBS1RFU1QwMDAxIiwiZXhwIjoxNzk1MDAxODAwLCJuYmYiOjE3OTQ5OTk5OTV9.\
             sv8cZeP8OuyEcoVyF6Hl86uMj6gFF_xGJGNTL2BOz3Y"
        );
    }

    #[test]
    fn a_token_is_kept_until_shortly_before_it_dies_or_the_clock_goes_back() {
        let (tokens, account) = (Tokens::default(), pair("AKTEST0001"));
        let first = bearer(&tokens, &account, NOW);
        assert_eq!(bearer(&tokens, &account, NOW.plus(1_500_000)), first);
        let second = bearer(&tokens, &account, NOW.plus(1_501_000));
        assert_ne!(second, first, "less than five minutes of life are left");
        assert_ne!(bearer(&tokens, &account, NOW), second, "a token from the future");
    }

    #[test]
    fn a_token_is_not_used_for_another_login_or_after_it_was_refused() {
        let (tokens, account) = (Tokens::default(), pair("AKTEST0001"));
        let first = bearer(&tokens, &account, NOW);
        assert_ne!(bearer(&tokens, &pair("AKTEST0002"), NOW), first);
        let first = bearer(&tokens, &account, NOW);
        assert_eq!(bearer(&tokens, &account, NOW.plus(1_000)), first);
        tokens.forget("main");
        assert_ne!(bearer(&tokens, &account, NOW.plus(1_000)), first);
    }

    #[test]
    fn a_signature_holds_for_its_body_its_secret_and_five_minutes() {
        let secret = SecretString::from("whsec_bG9jYWwtY29uZm9ybWFuY2Utc2VjcmV0LTAxMjM0NTY=");
        let body = br#"{"id":"900100200300400501","status":"submitted","message":"","create_time":1795000000000,"update_time":1795000000000}"#;
        let signature = "v1,JZPwhZ5BCi0BeiBWwIku4FXq/ydSDVEfNZZeZd3vP5o=";
        let holds = |body: &[u8], signature: &str, now: Millis| {
            let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let headers = [
                header("webhook-id", "msg-0001"),
                header("webhook-timestamp", "1795000000"),
                header("webhook-signature", signature),
            ];
            let callback = Callback {
                headers: &headers,
                body,
            };
            is_signed(&callback, &secret, now)
        };
        assert!(holds(body, signature, NOW));
        assert!(holds(body, &format!("v1a,x v1,AAAA {signature}"), NOW));
        assert!(holds(body, signature, NOW.plus(300_000)));
        assert!(!holds(body, signature, NOW.plus(301_000)));
        assert!(!holds(body, signature, NOW.plus(-301_000)));
        assert!(!holds(b"{}", signature, NOW));
        assert!(!holds(body, "v1,", NOW));
        assert!(!holds(body, "", NOW));
        let bare = Callback { headers: &[], body };
        assert!(!is_signed(&bare, &secret, NOW));
    }

    #[test]
    fn the_vendors_own_sample_of_a_signature_holds() {
        let secret = SecretString::from("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [
            header("webhook-id", "9876543210"),
            header("webhook-timestamp", "1781080794"),
            header(
                "webhook-signature",
                "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
            ),
        ];
        let callback = Callback {
            headers: &headers,
            body: br#"{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}"#,
        };
        assert!(is_signed(&callback, &secret, Millis(1_781_080_794_000)));
    }
}
