//! The facts of today in memory. A chat that is over does not change any more: only what runs, what has just ended and what was
//! just asked is read again.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    cases,
    chat::conversation::ChatState,
    error::Result,
    hours::{self, desk::Channel},
};

use super::{
    facts::ChatFacts,
    queries::{self, CaseRow, ChatRow, SpellRow},
    served::{Service, Span, Stay},
};

/// What was written so long before the last look is seen again: commits come later than their times, and clocks of nodes differ.
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// How long the open cases are taken to be as they were read, if nothing is heard of a change.
const CASES_AGAIN: TimeDelta = TimeDelta::seconds(30);

/// A chat, and whether it must be read again.
#[derive(Debug)]
struct Known {
    facts: ChatFacts,
    may_change: bool,
}

/// The facts of today.
#[derive(Debug, Default)]
pub struct Today {
    day: Option<Span>,
    looked: DateTime<Utc>,
    chats: HashMap<Uuid, Known>,
    services: HashMap<Uuid, BTreeMap<i64, Service>>,
    solved: Vec<DateTime<Utc>>,
    stays: (Vec<(Uuid,)>, Vec<Stay>),
    cases: OpenCases,
}

/// The open cases as they were read last.
#[derive(Debug, Default)]
struct OpenCases {
    changed: i64,
    read: DateTime<Utc>,
    rows: Vec<CaseRow>,
}

/// The desk's day around a moment, and the desk's zone.
pub fn day_around(app: &App, now: DateTime<Utc>) -> (Span, hours::Zone) {
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    let date = hours::wall_clock(zone, now).date();
    let begin = |date: Option<chrono::NaiveDate>| date.and_then(|date| hours::first_at(zone, date.into()));
    let from = begin(Some(date)).unwrap_or(now);
    (((from), begin(date.succ_opt()).unwrap_or(from + TimeDelta::days(1))), zone)
}

impl Today {
    /// Brings all up to now.
    pub async fn look(&mut self, app: &App, now: DateTime<Utc>) -> Result<()> {
        let (day, _) = day_around(app, now);
        if self.day != Some(day) || now < self.looked {
            *self = Self { day: Some(day), ..Self::default() };
        }
        let fresh = self.chats.is_empty() && self.services.is_empty();
        let since = if fresh { day.0 } else { (self.looked - AGAIN).max(day.0) };
        // Nothing that is written while this is read may be missed by the next look.
        self.looked = now;
        let far = now + TimeDelta::days(1);
        let mut rows = queries::running(&app.db).await?;
        rows.extend(queries::asked(&app.db, since, far).await?);
        let read: HashSet<Uuid> = rows.iter().map(ChatRow::id).collect();
        let unsettled = self.chats.iter().filter(|(id, known)| known.may_change && !read.contains(id));
        let unsettled: Vec<Uuid> = unsettled.map(|(id, _)| *id).collect();
        let mut spells = queries::spells(&app.db, since, far).await?;
        if !unsettled.is_empty() {
            rows.extend(queries::these(&app.db, &unsettled).await?);
            spells.extend(queries::spells_of(&app.db, &unsettled).await?);
        }
        self.learn(rows, spells, now);
        self.learn_first_replies(app).await?;
        self.solved =
            queries::solved_by_themselves(&app.db, day.0, day.1).await?.into_iter().map(|row| row.0).collect();
        let open = queries::open_stays(&app.db).await?;
        if open != self.stays.0 || fresh {
            self.stays = (open, queries::stays(&app.db, day.0, day.1).await?);
        }
        let changed = cases::last_change(app).await?;
        // New hours or promises move due times without a step of any case.
        let old = !(self.cases.read..self.cases.read + CASES_AGAIN).contains(&now);
        if changed != self.cases.changed || old || fresh {
            self.cases = OpenCases { changed, read: now, rows: queries::open_cases(&app.db).await? };
        }
        Ok(())
    }

    fn learn(&mut self, rows: Vec<ChatRow>, spells: Vec<SpellRow>, now: DateTime<Utc>) {
        let mut touched: HashSet<Uuid> = HashSet::new();
        for row in rows {
            let may_change = row.may_change(now);
            let mut facts = row.into_facts();
            touched.insert(facts.chat);
            if let Some(known) = self.chats.get(&facts.chat) {
                facts.answered = facts.answered.or(known.facts.answered);
            }
            self.chats.insert(facts.chat, Known { facts, may_change });
        }
        for spell in spells {
            touched.insert(spell.chat_id);
            self.services.entry(spell.chat_id).or_default().insert(spell.seq, spell.service());
        }
        for chat in touched {
            if let (Some(known), Some(services)) = (self.chats.get_mut(&chat), self.services.get(&chat)) {
                known.facts.served = services.values().copied().collect();
            }
        }
        let from = self.day.map_or(now, |day| day.0);
        self.chats.retain(|_, known| known.may_change || known.facts.arrived >= from);
    }

    /// What was said last may be in the log's tail only, where no statement sees it.
    async fn learn_first_replies(&mut self, app: &App) -> Result<()> {
        let unanswered: Vec<Uuid> = self.unanswered().collect();
        if unanswered.is_empty() {
            return Ok(());
        }
        app.journal.fold().await?;
        for (chat, at, by) in queries::first_replies(&app.db, &unanswered).await? {
            if let Some(known) = self.chats.get_mut(&chat) {
                known.facts.answered = Some((at, by));
            }
        }
        Ok(())
    }

    /// The running chats that somebody has served, and in which no specialist has written yet.
    fn unanswered(&self) -> impl Iterator<Item = Uuid> {
        let waits_for_words = |facts: &ChatFacts| {
            let taken = facts.state == ChatState::Active || !facts.served.is_empty();
            facts.state != ChatState::Ended && facts.answered.is_none() && taken
        };
        self.chats.iter().filter(move |(_, known)| waits_for_words(&known.facts)).map(|(id, _)| *id)
    }

    /// Whether something may happen that nobody tells.
    pub fn must_look(&self) -> bool {
        self.unanswered().next().is_some()
    }

    /// Today's chats, and those of earlier days that still run.
    pub fn chats(&self) -> impl Iterator<Item = &ChatFacts> + Clone {
        self.chats.values().map(|known| &known.facts)
    }

    /// Who served chats today.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values().flat_map(BTreeMap::values)
    }

    /// When visits ended today that a solution solved.
    pub fn solved(&self) -> impl Iterator<Item = DateTime<Utc>> + Clone {
        self.solved.iter().copied()
    }

    /// In which states people were today.
    pub fn stays(&self) -> &[Stay] {
        &self.stays.1
    }

    /// The open cases.
    pub fn cases(&self) -> &[CaseRow] {
        &self.cases.rows
    }
}
