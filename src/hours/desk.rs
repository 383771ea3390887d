//! The desk's hours as the database has them, kept at hand for every question, and told when they change.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{app::App, chat::protocol::HoursView, error::Result, store::Db};

use super::{
    calendar::{Calendar, DayRule, Override},
    intakes::Intakes,
    queries,
    weekly::Weekly,
    window::MinuteOfDay,
};

/// How customers reach the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    /// Live chat.
    Chat,
    /// Phone.
    Phone,
    /// E-mail, taken in at fixed times.
    Email,
    /// The self-service portal.
    Portal,
}

/// When a channel runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// In windows.
    Weekly(Weekly),
    /// At fixed times.
    Intakes {
        /// On these days.
        weekdays: Vec<Weekday>,
        /// At these times.
        times: Vec<MinuteOfDay>,
    },
}

/// A channel's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Which channel.
    pub channel: Channel,
    /// The zone whose wall clock counts.
    pub zone: chrono_tz::Tz,
    /// When it runs.
    pub plan: Plan,
    /// Whether holidays count.
    pub observes_holidays: bool,
    /// Minutes that chats in progress may go on after the close.
    pub grace_minutes: u16,
    /// Minutes before the close at which everybody is warned.
    pub warn_minutes: u16,
}

/// All hours of the desk.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeskHours {
    /// The channels.
    pub schedules: BTreeMap<Channel, Schedule>,
    /// Days with hours of their own.
    pub holidays: BTreeMap<NaiveDate, DayRule>,
    /// Openings and closings of the live chat by hand that are not over.
    pub overrides: Vec<Override>,
}

impl DeskHours {
    /// Reads them.
    pub async fn load(db: &Db, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            schedules: queries::schedules(db).await?.into_iter().map(|s| (s.channel, s)).collect(),
            holidays: queries::holidays(db).await?,
            overrides: queries::overrides(db, Channel::Chat, now).await?,
        })
    }

    /// The calendar of a channel that runs in windows; a channel without one is always closed.
    pub fn calendar(&self, channel: Channel) -> Calendar {
        let schedule = self.schedules.get(&channel);
        Calendar {
            zone: schedule.map_or(chrono_tz::UTC, |s| s.zone),
            weekly: schedule.map_or_else(Weekly::default, |s| match &s.plan {
                Plan::Weekly(weekly) => weekly.clone(),
                Plan::Intakes { .. } => Weekly::default(),
            }),
            observes_holidays: schedule.is_some_and(|s| s.observes_holidays),
            days: self.holidays.clone(),
        }
    }

    /// The intakes of a channel that runs at fixed times.
    pub fn intakes(&self, channel: Channel) -> Option<Intakes> {
        let schedule = self.schedules.get(&channel)?;
        let Plan::Intakes { weekdays, times } = &schedule.plan else { return None };
        Some(Intakes {
            zone: schedule.zone,
            weekdays: weekdays.clone(),
            times: times.clone(),
            observes_holidays: schedule.observes_holidays,
            days: self.holidays.clone(),
        })
    }

    /// The live-chat window at a moment.
    pub fn chat_view(&self, now: DateTime<Utc>) -> HoursView {
        let calendar = self.calendar(Channel::Chat);
        let status = calendar.status(now, &self.overrides);
        let warn = self.schedules.get(&Channel::Chat).map_or(0, |s| i64::from(s.warn_minutes));
        HoursView {
            open: status.open,
            closing_soon: status.closes_at.is_some_and(|closes| closes - now <= TimeDelta::minutes(warn)),
            closes_at: status.closes_at,
            opens_at: status.opens_at,
            zone: calendar.zone.name().to_owned(),
            by_hand: status.by_hand,
            holiday: status.holiday,
        }
    }

    /// When `chat_view` will next be another.
    fn next_change(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let view = self.chat_view(now);
        let warn = self.schedules.get(&Channel::Chat).map_or(0, |s| i64::from(s.warn_minutes));
        let warning = view.closes_at.map(|closes| closes - TimeDelta::minutes(warn)).filter(|at| *at > now);
        let hand = self.overrides.iter().flat_map(|o| [Some(o.from), o.until]).flatten().filter(|at| *at > now).min();
        [view.closes_at, view.opens_at, warning, hand].into_iter().flatten().min()
    }
}

/// The desk's hours at hand, and a view of the live-chat window that others can watch.
#[derive(Debug)]
pub struct Hours {
    desk: watch::Sender<Arc<DeskHours>>,
    view: watch::Sender<HoursView>,
}

impl Hours {
    /// From what the database has.
    pub async fn load(db: &Db, now: DateTime<Utc>) -> Result<Self> {
        let desk = DeskHours::load(db, now).await?;
        let view = desk.chat_view(now);
        Ok(Self { desk: watch::Sender::new(Arc::new(desk)), view: watch::Sender::new(view) })
    }

    /// All hours.
    pub fn desk(&self) -> Arc<DeskHours> {
        self.desk.borrow().clone()
    }

    /// The live-chat window at a moment.
    pub fn chat_view(&self, now: DateTime<Utc>) -> HoursView {
        self.desk.borrow().chat_view(now)
    }

    /// The live-chat window as it was last told to those who follow it.
    pub fn announced(&self) -> HoursView {
        self.view.borrow().clone()
    }

    /// Follows the live-chat window.
    pub fn watch(&self) -> watch::Receiver<HoursView> {
        self.view.subscribe()
    }

    /// Minutes that chats in progress may go on after the close.
    pub fn chat_grace_minutes(&self) -> u16 {
        self.desk.borrow().schedules.get(&Channel::Chat).map_or(0, |s| s.grace_minutes)
    }

    /// Since when the live chat is closed, as far as the desk has noticed; nothing while it is open. The moment is kept in the
    /// database, so that a grace goes on over a restart.
    pub async fn chat_closed_since(&self, app: &App) -> Result<Option<DateTime<Utc>>> {
        let now = app.clock.now();
        let open = self.chat_view(now).open;
        let noted = queries::closed_since(&app.db).await?;
        match (open, noted) {
            (true, None) => Ok(None),
            (true, Some(_)) => {
                let mut tx = app.db.begin().await?;
                queries::note_closed_since(&mut tx, None).await?;
                tx.commit().await?;
                Ok(None)
            }
            (false, Some(since)) => Ok(Some(since)),
            (false, None) => {
                let mut tx = app.db.begin().await?;
                queries::note_closed_since(&mut tx, Some(now)).await?;
                tx.commit().await?;
                Ok(Some(now))
            }
        }
    }

    /// Reads the hours again, after they were changed.
    pub async fn reload(&self, app: &App) -> Result<()> {
        let desk = DeskHours::load(&app.db, app.clock.now()).await?;
        self.desk.send_replace(Arc::new(desk));
        self.publish(app.clock.now());
        Ok(())
    }

    fn publish(&self, now: DateTime<Utc>) {
        let view = self.chat_view(now);
        self.view.send_if_modified(|old| std::mem::replace(old, view.clone()) != view);
    }
}

/// Publishes each change of the live-chat window at its moment, until the server stops. Once a minute the hours are read
/// again, in case another node changed them.
pub async fn run(app: App, stop: CancellationToken) {
    let mut changed = app.hours.desk.subscribe();
    loop {
        changed.borrow_and_update();
        let now = app.clock.now();
        app.hours.publish(now);
        let next = app.hours.desk().next_change(now);
        let next = async {
            match next {
                Some(time) => app.clock.sleep_until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = changed.changed() => {}
            () = next => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => {
                if let Err(error) = app.hours.reload(&app).await {
                    tracing::error!(%error, "the desk's hours could not be read");
                }
            }
        }
    }
}
