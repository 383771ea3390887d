//! The SQL of people's time: the states in which they were.

use chrono::{DateTime, Utc};
use sqlx::Result;
use uuid::Uuid;

use crate::{
    figures::served::Stay,
    identity::staff::{Presence, StaffRole},
    store::{Db, Tx},
};

/// A person as the leases say now; whoever is not heard from is offline since then.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct PersonRow {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// What the person may do.
    pub role: StaffRole,
    /// 1 to 4.
    pub tier: i16,
    /// How many chats at the most.
    pub capacity: i16,
    /// In which state.
    pub state: Presence,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Chats being served.
    pub chats: i64,
}

/// All active people who ever signed in.
pub async fn people(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<PersonRow>> {
    db.query(
        "SELECT s.id, s.name, s.role, s.tier, s.capacity, CASE WHEN p.seen_at > $1 THEN p.state ELSE 'offline' END AS state,
                CASE WHEN p.seen_at > $1 THEN p.since ELSE p.seen_at END AS since,
                (SELECT CAST(COUNT(*) AS BIGINT) FROM chats c WHERE c.agent_id = s.id AND c.state = 'active') AS chats
         FROM staff s JOIN presence_seen p ON p.staff_id = s.id WHERE s.active ORDER BY s.tier, s.name, s.id",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// A person whose noted state is not the one that the leases say.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Changed {
    /// Who.
    pub staff_id: Uuid,
    /// The state now.
    pub state: Presence,
    /// Since when, as far as the leases say.
    pub since: DateTime<Utc>,
    /// When the person came to the console last.
    pub came_at: DateTime<Utc>,
    /// The spell that is noted.
    pub spell: Option<Uuid>,
    /// When that began.
    pub started_at: Option<DateTime<Utc>>,
}

/// The people whose noted state is not the one that the leases say.
pub async fn changed(db: &Db, heard_since: DateTime<Utc>) -> Result<Vec<Changed>> {
    db.query(
        "SELECT n.staff_id, n.state, n.since, n.came_at, o.id AS spell, o.started_at FROM
            (SELECT p.staff_id, CASE WHEN p.seen_at > $1 AND s.active THEN p.state ELSE 'offline' END AS state,
                    CASE WHEN p.seen_at > $1 THEN p.since ELSE p.seen_at END AS since, r.seen_at AS came_at
             FROM presence_seen p JOIN presence r ON r.staff_id = p.staff_id JOIN staff s ON s.id = p.staff_id) n
         LEFT JOIN presence_spells o ON o.staff_id = n.staff_id AND o.ended_at IS NULL
         WHERE o.id IS NULL OR o.state <> n.state",
    )
    .bind(heard_since)
    .fetch_all()
    .await
}

/// A spell is over; 0: another node said so before.
pub async fn close_stay(tx: &mut Tx, spell: Uuid, at: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE presence_spells SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(spell)
        .bind(at)
        .execute()
        .await
}

/// A spell begins, unless one runs.
pub async fn open_stay(tx: &mut Tx, id: Uuid, staff: Uuid, state: Presence, at: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "INSERT INTO presence_spells (id, staff_id, state, started_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(staff)
    .bind(state)
    .bind(at)
    .execute()
    .await
}

/// The spells that run: they are others after each change.
pub async fn open_stays(db: &Db) -> Result<Vec<(Uuid,)>> {
    db.query("SELECT id FROM presence_spells WHERE ended_at IS NULL ORDER BY staff_id").fetch_all().await
}

/// The states in which people were in a range: what began in it, and of each person the last that began before.
pub async fn stays(db: &Db, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Stay>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        staff_id: Uuid,
        state: Presence,
        started_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = db
        .query(
            "SELECT staff_id, state, started_at, ended_at FROM presence_spells WHERE started_at >= $1 AND started_at < $2
             UNION ALL
             SELECT b.staff_id, b.state, b.started_at, b.ended_at FROM staff s CROSS JOIN presence_spells b
             WHERE b.staff_id = s.id AND b.started_at =
                (SELECT MAX(l.started_at) FROM presence_spells l WHERE l.staff_id = s.id AND l.started_at < $1)",
        )
        .bind(from)
        .bind(to)
        .fetch_all()
        .await?;
    let stay = |row: Row| Stay { staff: row.staff_id, state: row.state, from: row.started_at, to: row.ended_at };
    Ok(rows.into_iter().map(stay).collect())
}
