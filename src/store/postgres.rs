//! The way to a PostgreSQL server, and what is asked of it.

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// How PostgreSQL notices that a node's machine is gone without a word: what it had locked would hold up all other nodes for
/// hours. No transaction here waits for anything but the database; a node that stood still for longer starts it anew.
const VANISHED: [(&str, &str); 4] = [
    ("idle_in_transaction_session_timeout", "2s"),
    ("tcp_keepalives_idle", "10s"),
    ("tcp_keepalives_interval", "5s"),
    ("tcp_keepalives_count", "3"),
];

/// The connections of a node.
pub async fn connect(url: &str) -> sqlx::Result<PgPool> {
    let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10));
    let options = PgConnectOptions::from_str(url)?.options(VANISHED).disable_statement_logging();
    let pool = pool.connect_with(options).await?;
    require_durable(&pool).await?;
    Ok(pool)
}

/// Refuses a server that acknowledges what a power cut would take away.
pub async fn require_durable(pool: &PgPool) -> sqlx::Result<()> {
    let row: (String, String, String) = sqlx::query_as(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')",
    )
    .fetch_one(pool)
    .await?;
    for (name, value) in [("fsync", row.0), ("full_page_writes", row.1), ("synchronous_commit", row.2)] {
        if value == "off" {
            let words =
                format!("PostgreSQL runs with {name} = off: a power cut would take what was acknowledged. Set it on.");
            return Err(sqlx::Error::Configuration(words.into()));
        }
    }
    Ok(())
}
