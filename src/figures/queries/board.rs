//! The SQL of what else the wallboard shows: flags, open cases, and the names behind ids.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    figures::view::FlagView,
    store::{Db, Tx},
};

/// The running chats whose specialists ask for a supervisor, the longest wait first.
pub async fn flags(db: &Db) -> Result<Vec<FlagView>> {
    db.query(
        "SELECT c.id AS chat, p.name AS customer, a.name AS account, COALESCE(s.name, '') AS agent, c.flag AS reason,
                c.flagged_at AS since
         FROM chats c JOIN contacts p ON p.id = c.contact_id JOIN accounts a ON a.id = c.account_id
         LEFT JOIN staff s ON s.id = c.agent_id
         WHERE c.state <> 'ended' AND c.flag IS NOT NULL AND c.flagged_at IS NOT NULL ORDER BY c.flagged_at, c.id LIMIT 100",
    )
    .fetch_all()
    .await
}

/// An open case.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CaseRow {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last sent to a higher tier.
    pub escalated_at: Option<DateTime<Utc>>,
    /// The specialist first assigned, who stays.
    pub owner: Option<String>,
    /// Who works on it now.
    pub worker: Option<String>,
    /// While nobody has acknowledged it: when that is soon due.
    pub acknowledge_soon_at: Option<DateTime<Utc>>,
    /// While nobody has acknowledged it: when that is due.
    pub acknowledge_at: Option<DateTime<Utc>>,
    /// While nobody has acknowledged it: when the promise breaks.
    pub acknowledge_last_at: Option<DateTime<Utc>>,
}

/// All open cases.
pub async fn open_cases(db: &Db) -> Result<Vec<CaseRow>> {
    db.query(
        "SELECT k.number, k.subject, k.tier, k.severity, k.created_at, o.name AS owner, w.name AS worker,
                (SELECT MAX(e.at) FROM case_events e WHERE e.case_id = k.id AND e.kind = 'escalated') AS escalated_at,
                y.warn_at AS acknowledge_soon_at, y.due_at AS acknowledge_at, y.breach_at AS acknowledge_last_at
         FROM cases k LEFT JOIN staff o ON o.id = k.owner_id LEFT JOIN staff w ON w.id = k.worker_id
         LEFT JOIN case_clocks y ON y.case_id = k.id AND y.kind = 'acknowledgement' AND y.met_at IS NULL
         WHERE k.closed_at IS NULL",
    )
    .fetch_all()
    .await
}

/// A thing that history can be asked for: its id, its key and its name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    /// The server's id.
    pub id: Uuid,
    /// As it stands in addresses.
    pub key: String,
    /// As people say it.
    pub name: String,
}

/// All teams, also those that are no longer used.
pub async fn teams(db: &Db) -> Result<Vec<Named>> {
    db.query("SELECT id, key, name FROM teams ORDER BY name, key").fetch_all().await
}

/// All categories, also those that are no longer used.
pub async fn categories(db: &Db) -> Result<Vec<Named>> {
    db.query("SELECT id, key, name FROM categories ORDER BY position, name, key").fetch_all().await
}

/// All people, also those who left. Their ids are their keys.
pub async fn staff_names(db: &Db) -> Result<Vec<(Uuid, String)>> {
    db.query("SELECT id, name FROM staff ORDER BY name, id").fetch_all().await
}

// Alerts

/// How the figures stood when somebody was told last, as JSON.
pub async fn alerted(db: &Db) -> Result<Option<String>> {
    let row: Option<(String,)> = db.query("SELECT value FROM settings WHERE key = 'alerted'").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// The same within a transaction.
pub async fn alerted_in(tx: &mut Tx) -> Result<Option<String>> {
    let row: Option<(String,)> = tx.query("SELECT value FROM settings WHERE key = 'alerted'").fetch_optional().await?;
    Ok(row.map(|row| row.0))
}

/// Notes how they stand now.
pub async fn set_alerted(tx: &mut Tx, levels: &str) -> Result<u64> {
    tx.query(
        "INSERT INTO settings (key, value) VALUES ('alerted', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(levels.to_owned())
    .execute()
    .await
}
