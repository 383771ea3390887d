//! The SQL of schedules, holidays and openings by hand.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Result, types::Json};
use uuid::Uuid;

use crate::store::{Db, Tx};

use super::{
    calendar::{DayRule, Override, State},
    desk::{Channel, Plan, Schedule},
    weekly::Windows,
};

#[derive(sqlx::FromRow)]
struct ScheduleRow {
    channel: Channel,
    zone: String,
    plan: Json<Plan>,
    observes_holidays: bool,
    grace_minutes: i32,
    warn_minutes: i32,
}

const SCHEDULES: &str =
    "SELECT channel, zone, plan, observes_holidays, grace_minutes, warn_minutes FROM schedules ORDER BY channel";

/// All channels' settings.
pub async fn schedules(db: &Db) -> Result<Vec<Schedule>> {
    read_schedules(db.query(SCHEDULES).fetch_all().await?)
}

/// The same within a transaction.
pub async fn schedules_in(tx: &mut Tx) -> Result<Vec<Schedule>> {
    read_schedules(tx.query(SCHEDULES).fetch_all().await?)
}

fn read_schedules(rows: Vec<ScheduleRow>) -> Result<Vec<Schedule>> {
    rows.into_iter()
        .map(|row| {
            Ok(Schedule {
                channel: row.channel,
                zone: row.zone.parse().map_err(|e| sqlx::Error::Decode(format!("{}: {e}", row.zone).into()))?,
                plan: row.plan.0,
                observes_holidays: row.observes_holidays,
                grace_minutes: u16::try_from(row.grace_minutes).unwrap_or_default(),
                warn_minutes: u16::try_from(row.warn_minutes).unwrap_or_default(),
            })
        })
        .collect()
}

/// Stores a channel's settings.
pub async fn upsert_schedule(tx: &mut Tx, schedule: &Schedule) -> Result<u64> {
    tx.query(
        "INSERT INTO schedules (channel, zone, plan, observes_holidays, grace_minutes, warn_minutes) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (channel) DO UPDATE SET zone = excluded.zone, plan = excluded.plan, observes_holidays = excluded.observes_holidays,
            grace_minutes = excluded.grace_minutes, warn_minutes = excluded.warn_minutes",
    )
    .bind(schedule.channel)
    .bind(schedule.zone.name().to_owned())
    .bind(Json(schedule.plan.clone()))
    .bind(schedule.observes_holidays)
    .bind(i32::from(schedule.grace_minutes))
    .bind(i32::from(schedule.warn_minutes))
    .execute()
    .await
}

const HOLIDAYS: &str = "SELECT day, name, windows FROM holidays ORDER BY day";
type HolidayRow = (NaiveDate, String, Json<Windows>);

/// All days with hours of their own.
pub async fn holidays(db: &Db) -> Result<BTreeMap<NaiveDate, DayRule>> {
    read_holidays(db.query(HOLIDAYS).fetch_all().await?)
}

/// The same within a transaction.
pub async fn holidays_in(tx: &mut Tx) -> Result<BTreeMap<NaiveDate, DayRule>> {
    read_holidays(tx.query(HOLIDAYS).fetch_all().await?)
}

fn read_holidays(rows: Vec<HolidayRow>) -> Result<BTreeMap<NaiveDate, DayRule>> {
    Ok(rows.into_iter().map(|(day, name, windows)| (day, DayRule { name, windows: windows.0 })).collect())
}

/// Stores a day with hours of its own.
pub async fn upsert_holiday(tx: &mut Tx, day: NaiveDate, rule: &DayRule) -> Result<u64> {
    tx.query("INSERT INTO holidays (day, name, windows) VALUES ($1, $2, $3) ON CONFLICT (day) DO UPDATE SET name = excluded.name, windows = excluded.windows")
        .bind(day)
        .bind(rule.name.clone())
        .bind(Json(rule.windows.clone()))
        .execute()
        .await
}

/// Removes a day with hours of its own.
pub async fn delete_holiday(tx: &mut Tx, day: NaiveDate) -> Result<u64> {
    tx.query("DELETE FROM holidays WHERE day = $1").bind(day).execute().await
}

const OVERRIDES: &str = "SELECT state, starts_at, ends_at, reason FROM day_overrides
     WHERE channel = $1 AND (ends_at IS NULL OR ends_at > $2) ORDER BY starts_at, id";
type OverrideRow = (String, DateTime<Utc>, Option<DateTime<Utc>>, String);

/// What was done by hand to a channel and is not over, oldest first.
pub async fn overrides(db: &Db, channel: Channel, now: DateTime<Utc>) -> Result<Vec<Override>> {
    read_overrides(db.query(OVERRIDES).bind(channel).bind(now).fetch_all().await?)
}

/// The same within a transaction.
pub async fn overrides_in(tx: &mut Tx, channel: Channel, now: DateTime<Utc>) -> Result<Vec<Override>> {
    read_overrides(tx.query(OVERRIDES).bind(channel).bind(now).fetch_all().await?)
}

fn read_overrides(rows: Vec<OverrideRow>) -> Result<Vec<Override>> {
    let state = |text: &str| if text == "open" { State::Open } else { State::Closed };
    Ok(rows
        .into_iter()
        .map(|(text, from, until, reason)| Override { state: state(&text), from, until, reason })
        .collect())
}

/// Ends what was done by hand to a channel.
pub async fn end_overrides(tx: &mut Tx, channel: Channel, now: DateTime<Utc>) -> Result<u64> {
    tx.query("UPDATE day_overrides SET ends_at = $2 WHERE channel = $1 AND (ends_at IS NULL OR ends_at > $2)")
        .bind(channel)
        .bind(now)
        .execute()
        .await
}

/// Writes down what is done by hand, and by whom.
pub async fn insert_override(tx: &mut Tx, id: Uuid, channel: Channel, hand: &Override, by: &str) -> Result<u64> {
    let state = match hand.state {
        State::Open => "open",
        State::Closed => "closed",
    };
    tx.query("INSERT INTO day_overrides (id, channel, state, starts_at, ends_at, reason, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(channel)
        .bind(state.to_owned())
        .bind(hand.from)
        .bind(hand.until)
        .bind(hand.reason.clone())
        .bind(by.to_owned())
        .execute()
        .await
}

/// When the live chat was found closed.
pub async fn closed_since(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(String,)> =
        db.query("SELECT value FROM settings WHERE key = 'chat_closed_since'").fetch_optional().await?;
    Ok(row.and_then(|r| DateTime::parse_from_rfc3339(&r.0).ok()).map(|at| at.to_utc()))
}

/// Notes when the live chat was found closed, or that it is open again.
pub async fn note_closed_since(tx: &mut Tx, since: Option<DateTime<Utc>>) -> Result<u64> {
    match since {
        Some(since) => {
            tx.query("INSERT INTO settings (key, value) VALUES ('chat_closed_since', $1) ON CONFLICT (key) DO NOTHING")
                .bind(since.to_rfc3339())
                .execute()
                .await
        }
        None => tx.query("DELETE FROM settings WHERE key = 'chat_closed_since'").execute().await,
    }
}
