//! What the operator does during a rush: takes tenants in, makes their keys, changes and ends what was agreed, and
//! pauses the only account, so that whatever is taken waits.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::gateway::ADMIN_KEY;
use crate::wire::{self, Call, Line, Reply};

const TENANTS: &str = "/api/v1/admin/tenants";
const KEYS: &str = "/api/v1/admin/keys";
const ACCOUNTS: &str = "/api/v1/admin/accounts";
/// The name of the paused account.
const IDLE: &str = "idle";

/// A key of a tenant.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Its id.
    pub id: String,
    /// What is sent.
    pub text: String,
}

/// A tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tenancy<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its money in micro-dollars; none: it is not looked at.
    pub credit: Option<i64>,
    /// What all its keys together may use.
    pub limits: &'a Value,
}

/// One call over a connection of its own.
///
/// # Errors
/// When there is no answer.
pub(super) async fn call(address: SocketAddr, call: Call) -> anyhow::Result<Reply> {
    Line::open(address).await?.call(call).await
}

/// Plugs in an account for every model, and pauses it.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn idle(address: SocketAddr) -> anyhow::Result<()> {
    let account =
        json!({ "name": IDLE, "provider": "kling", "base_url": "http://127.0.0.1:9", "api_key": "nobody" });
    rule(address, wire::post(address, ACCOUNTS, &account, ADMIN_KEY)).await?;
    let pause = format!("{ACCOUNTS}/{IDLE}/pause");
    rule(address, wire::post(address, &pause, &Value::Null, ADMIN_KEY)).await?;
    Ok(())
}

/// Takes a tenant in.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn tenant(address: SocketAddr, tenancy: &Tenancy<'_>) -> anyhow::Result<()> {
    let Tenancy { name, credit, limits } = tenancy;
    let body = json!({ "name": name, "credit_micros": credit.unwrap_or(0), "unlimited": credit.is_none(),
        "limits": limits });
    rule(address, wire::post(address, TENANTS, &body, ADMIN_KEY)).await?;
    Ok(())
}

/// Makes a key of a tenant, with limits of its own.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn key(address: SocketAddr, tenant: &str, limits: &Value) -> anyhow::Result<Key> {
    let body = json!({ "name": "in a hurry", "tenant": tenant, "limits": limits });
    let made = rule(address, wire::post(address, KEYS, &body, ADMIN_KEY)).await?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).context("no key");
    Ok(Key {
        id: text("id")?,
        text: text("key")?,
    })
}

/// Changes what was agreed with a tenant.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn change_tenant(address: SocketAddr, name: &str, patch: &Value) -> anyhow::Result<()> {
    let path = format!("{TENANTS}/{name}");
    rule(address, wire::patch(address, &path, patch, ADMIN_KEY)).await?;
    Ok(())
}

/// Changes what was agreed about a key.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn change_key(address: SocketAddr, key: &Key, patch: &Value) -> anyhow::Result<()> {
    let path = format!("{KEYS}/{}", key.id);
    rule(address, wire::patch(address, &path, patch, ADMIN_KEY)).await?;
    Ok(())
}

/// Revokes a key.
///
/// # Errors
/// When the gateway refuses.
pub(super) async fn revoke(address: SocketAddr, key: &Key) -> anyhow::Result<()> {
    let path = format!("{KEYS}/{}", key.id);
    rule(address, wire::delete(address, &path, ADMIN_KEY)).await?;
    Ok(())
}

/// What a tenant may still spend, in micro-dollars.
///
/// # Errors
/// When the gateway does not say.
pub(super) async fn available(address: SocketAddr, name: &str) -> anyhow::Result<i64> {
    let path = format!("{TENANTS}/{name}");
    let shown = rule(address, wire::get(address, &path, Some(ADMIN_KEY))).await?;
    let left = shown["balance"]["available_micros"].as_i64();
    left.context("a tenant without a balance")
}

/// An act of the operator, which must succeed.
async fn rule(address: SocketAddr, act: Call) -> anyhow::Result<Value> {
    let what = format!("{} {}", act.method(), act.uri());
    let reply = call(address, act).await?;
    ensure!((200..300).contains(&reply.status), "{what}: {}", reply.excerpt());
    Ok(reply.json())
}
