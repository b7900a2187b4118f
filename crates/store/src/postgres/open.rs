//! Opening: the address, the connections' settings, the schema steps. Leases are left alone: other
//! processes may be at work. What is done with an open database is in the other files.

use std::str::FromStr as _;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};

use crate::OpenError;
use crate::postgres::fault;
use crate::postgres::ground::STATEMENT_MS;

/// The schema steps, in order; a step that was once released is never changed. They only add, so that
/// processes of the version before still work on the schema after.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_first.sql"),
    include_str!("../../migrations/postgres/0002_turns.sql"),
    include_str!("../../migrations/postgres/0003_accounts.sql"),
    include_str!("../../migrations/postgres/0004_late.sql"),
    include_str!("../../migrations/postgres/0005_outbox.sql"),
    include_str!("../../migrations/postgres/0006_terms.sql"),
    include_str!("../../migrations/postgres/0007_spending.sql"),
    include_str!("../../migrations/postgres/0008_prices.sql"),
    include_str!("../../migrations/postgres/0009_statements.sql"),
    include_str!("../../migrations/postgres/0010_audit.sql"),
    include_str!("../../migrations/postgres/0011_erased.sql"),
    include_str!("../../migrations/postgres/0012_holders.sql"),
];

/// Connections of one process, beside the one of the feed. The server allows a hundred by default.
const CONNECTIONS: usize = 16;
/// Longest time for connecting.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for a free connection.
const WAIT: Duration = Duration::from_secs(10);
/// Silence on a connection after which the system asks whether anybody is there.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Sent bytes that nobody confirms for so long end a connection.
const UNCONFIRMED: Duration = Duration::from_secs(15);
/// How long a transaction may stand still, in milliseconds. A process that is stopped in the midst of one
/// must not hold its locks for long.
const IDLE_IN_TRANSACTION_MS: u64 = 5_000;
/// Longest time for bringing the schema up to date, and for waiting until another process has done so.
const MIGRATE: Duration = Duration::from_secs(600);
/// The advisory lock of the schema: whoever starts at the same time waits.
const SCHEMA_LOCK: i64 = 0x7265_656c_7761_7901;

const HAS_STEPS: &str = "SELECT to_regclass('schema_steps') IS NOT NULL";
const STEP: &str = "SELECT coalesce(max(step), 0) FROM schema_steps";

/// What every connection of this room is set to. A commit that was answered is on the disk.
fn settings() -> String {
    format!(
        "-c statement_timeout={STATEMENT_MS} -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} \
         -c default_transaction_isolation=read\\ committed -c synchronous_commit=on -c jit=off"
    )
}

/// Reads an address. Nothing of it is repeated in an error: it may hold a password.
pub(super) fn address(url: &str) -> Result<Config, OpenError> {
    let config = Config::from_str(url).map_err(|_| OpenError::Address {
        reason: "it must be `postgres://USER:PASSWORD@HOST:PORT/DATABASE`".to_owned(),
    })?;
    if config.get_hosts().is_empty() {
        return Err(OpenError::Address {
            reason: "it names no host".to_owned(),
        });
    }
    if config.get_ssl_mode() == SslMode::Require {
        return Err(OpenError::Address {
            reason: "it asks for TLS (`sslmode=require`), which this version does not speak to databases; \
                     use a private network or a tunnel and `sslmode=disable`"
                .to_owned(),
        });
    }
    Ok(settled(config))
}

fn settled(mut config: Config) -> Config {
    let options = config
        .get_options()
        .map_or_else(settings, |own| format!("{own} {}", settings()));
    config
        .options(options)
        .ssl_mode(SslMode::Disable)
        .application_name("reelway")
        .connect_timeout(CONNECT)
        .keepalives_idle(KEEPALIVE)
        .tcp_user_timeout(UNCONFIRMED);
    config
}

/// Where a database is, without user and password.
fn server(config: &Config) -> String {
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let port = config.get_ports().first().copied().unwrap_or(5_432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{}:{port}/{database}", host.unwrap_or_default())
}

/// The connections of the room; none is opened yet.
pub(super) fn pool(config: &Config) -> Result<Pool, OpenError> {
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let pool = Pool::builder(Manager::from_config(config.clone(), NoTls, recycling))
        .max_size(CONNECTIONS)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .runtime(Runtime::Tokio1)
        .build();
    pool.map_err(|error| unreachable(config, &error))
}

/// Brings the schema up to date, one step a transaction, one process at a time.
pub(super) async fn migrate(config: &Config) -> Result<(), OpenError> {
    let client = connect(config).await?;
    let migrated = timeout(MIGRATE, steps(config, &client)).await;
    migrated.unwrap_or_else(|_| Err(unreachable(config, &"its schema was not up to date in time")))
}

/// Refuses a schema that this binary does not read.
pub(super) async fn check_schema(config: &Config) -> Result<(), OpenError> {
    let client = connect(config).await?;
    let found = version(&client).await.map_err(|error| refused(config, &error))?;
    OpenError::unless_same(found, known())
}

async fn steps(config: &Config, client: &Client) -> Result<(), OpenError> {
    let refused = |error: tokio_postgres::Error| refused(config, &error);
    let known = known();
    let ready = format!("SET statement_timeout = 0; SELECT pg_advisory_lock({SCHEMA_LOCK})");
    client.batch_execute(&ready).await.map_err(refused)?;
    let found = version(client).await.map_err(refused)?;
    if found > known {
        return Err(OpenError::NewerSchema { found, known });
    }
    for (step, sql) in (1..).zip(MIGRATIONS).filter(|(step, _)| *step > found) {
        // One transaction: what is sent together is done together.
        let sql = format!(
            "BEGIN; CREATE TABLE IF NOT EXISTS schema_steps (step BIGINT PRIMARY KEY); {sql};
             INSERT INTO schema_steps (step) VALUES ({step}); COMMIT"
        );
        let taken = client.batch_execute(&sql).await;
        taken.map_err(|error| OpenError::Migration {
            step,
            reason: fault::say(&error),
        })?;
    }
    let done = format!("SELECT pg_advisory_unlock({SCHEMA_LOCK})");
    client.batch_execute(&done).await.map_err(refused)
}

async fn version(client: &Client) -> Result<u32, tokio_postgres::Error> {
    if !client.query_one(HAS_STEPS, &[]).await?.get::<_, bool>(0) {
        return Ok(0);
    }
    let step: i64 = client.query_one(STEP, &[]).await?.get(0);
    Ok(u32::try_from(step).unwrap_or(u32::MAX))
}

/// A connection of its own, closed when the client is dropped.
async fn connect(config: &Config) -> Result<Client, OpenError> {
    let connected = timeout(CONNECT, config.connect(NoTls)).await;
    let connected = connected.map_err(|_| unreachable(config, &"it does not answer"))?;
    let (client, connection) = connected.map_err(|error| refused(config, &error))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = fault::say(&error), "a connection to the database ended");
        }
    });
    Ok(client)
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn refused(config: &Config, error: &tokio_postgres::Error) -> OpenError {
    unreachable(config, &fault::say(error))
}

pub(super) fn unreachable(config: &Config, reason: &dyn std::fmt::Display) -> OpenError {
    OpenError::Unreachable {
        server: server(config),
        reason: reason.to_string(),
    }
}
