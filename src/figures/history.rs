//! The figures of any range of days, cut by day, hour of the day, team, agent or category.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    desk::rules,
    error::{Error, Result},
    hours::{self, Zone, desk::Channel},
    identity::staff::Staff,
};

use super::{
    facts::{ChatFacts, Counter, RangeFigures, Targets},
    queries,
    question::{Asked, By, Choices, Named, Question, choices, read},
    served::{Service, Span, Stay, Worked, worked},
};

/// Who served a chat for longer than this does not count in ranges that its end is not in.
const LONGEST: TimeDelta = TimeDelta::days(31);

/// One row of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// A date, an hour, or the key of what the row is about; empty: of nothing.
    pub key: String,
    /// The same for people.
    pub name: String,
    /// What its chats come to.
    #[serde(flatten)]
    pub figures: RangeFigures,
    /// What the person did with the time, where the row is one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Worked>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The desk's zone, whose days these are.
    pub zone: String,
    /// How it is cut.
    pub by: By,
    /// What the rules say that the figures depend on.
    pub targets: Targets,
    /// The rows.
    pub rows: Vec<Row>,
    /// All together.
    pub total: Row,
}

/// The desk's date now.
pub fn today(app: &App) -> NaiveDate {
    hours::wall_clock(zone(app), app.clock.now()).date()
}

fn zone(app: &App) -> Zone {
    app.hours.desk().calendar(Channel::Chat).zone
}

/// The answer for programs: a question that cannot be read is refused.
pub async fn answer(app: &App, staff: &Staff, asked: &Asked) -> Result<History> {
    staff.require_supervisor("see the desk's figures")?;
    let choices = choices(app).await?;
    let question = read(asked, &choices, today(app)).map_err(|problems| {
        let words: Vec<String> = problems.into_iter().map(|problem| problem.text).collect();
        Error::invalid("bad_range", words.join(" "))
    })?;
    look_up(app, &choices, &question).await
}

/// Everything that a question is answered from.
struct Facts {
    chats: Vec<ChatFacts>,
    solved: Vec<DateTime<Utc>>,
    services: Vec<Service>,
    stays: Vec<Stay>,
}

/// Counts the answer from the facts of each chat, so that it cannot be another than the wallboard's.
pub async fn look_up(app: &App, choices: &Choices, question: &Question) -> Result<History> {
    let _alone = app.figures.counting.lock().await;
    let (zone, now) = (zone(app), app.clock.now());
    let targets = Targets::from(&rules::load(&app.db).await?);
    let days = Calendar::new(zone, question.from, question.to);
    let facts = facts(app, question, &days, now).await?;
    let mut rows = match question.by {
        By::Day | By::Hour => by_time(question, &facts, &days, targets, now),
        By::Team => by_thing(&facts, &choices.teams, |chat| chat.team, "No team", targets, now),
        By::Category => by_thing(&facts, &choices.categories, |chat| chat.category, "No category", targets, now),
        By::Agent => by_agent(question, &facts, choices, days.whole(), targets, now),
    };
    let mut total = Counter::default();
    facts.chats.iter().for_each(|chat| total.add(chat, targets, now));
    facts.solved.iter().for_each(|_| total.solved_by_itself());
    let time = question.agent.map(|agent| worked(agent, &facts.services, &facts.stays, days.whole(), now));
    rows.retain(|row| question.by == By::Day || row.figures != RangeFigures::default() || row.time.is_some());
    Ok(History {
        from: question.from,
        to: question.to,
        zone: zone.name().to_owned(),
        by: question.by,
        targets,
        rows,
        total: Row { key: String::new(), name: "Total".into(), figures: total.figures(), time },
    })
}

async fn facts(app: &App, question: &Question, days: &Calendar, now: DateTime<Utc>) -> Result<Facts> {
    let (from, to) = days.whole();
    let mut chats: HashMap<Uuid, ChatFacts> = HashMap::new();
    for row in queries::asked(&app.db, from, to).await? {
        let chat = row.into_facts();
        let of = |wanted: Option<Uuid>, is: Option<Uuid>| wanted.is_none() || wanted == is;
        if of(question.team, chat.team) && of(question.category, chat.category) {
            chats.insert(chat.chat, chat);
        }
    }
    for spell in queries::spells_of_asked(&app.db, from, to).await? {
        if let Some(chat) = chats.get_mut(&spell.chat_id) {
            chat.served.push(spell.service());
        }
    }
    let running = chats.values().filter(|chat| chat.ended.is_none() && chat.answered.is_none());
    let running: Vec<Uuid> = running.map(|chat| chat.chat).collect();
    if !running.is_empty() {
        app.journal.fold().await?;
        for (chat, at, by) in queries::first_replies(&app.db, &running).await? {
            if let Some(chat) = chats.get_mut(&chat) {
                chat.answered = Some((at, by));
            }
        }
    }
    let mut chats: Vec<ChatFacts> = chats.into_values().collect();
    if let Some(agent) = question.agent {
        chats = chats.iter().filter_map(|chat| chat.share_of(agent)).collect();
    }
    // Nobody was asked: these belong to no team, no category and no person.
    let of_all = question.team.or(question.agent).or(question.category).is_none();
    let timed = question.by == By::Agent || question.agent.is_some();
    Ok(Facts {
        chats,
        solved: match of_all {
            true => queries::solved_by_themselves(&app.db, from, to).await?.into_iter().map(|row| row.0).collect(),
            false => Vec::new(),
        },
        services: match timed {
            true => {
                queries::spells(&app.db, from, (to + LONGEST).max(from)).await?.iter().map(|s| s.service()).collect()
            }
            false => Vec::new(),
        },
        stays: if timed { queries::stays(&app.db, from, to.min(now)).await? } else { Vec::new() },
    })
}

/// The days of a range, each from one midnight of the desk's zone to the next.
struct Calendar {
    zone: Zone,
    /// The first instant of each day, and the end of the last one.
    starts: Vec<(NaiveDate, DateTime<Utc>)>,
}

impl Calendar {
    fn new(zone: Zone, from: NaiveDate, to: NaiveDate) -> Self {
        let begin = |day: NaiveDate| hours::first_at(zone, day.into()).map(|at| (day, at));
        let days = from.iter_days().take_while(|day| *day <= to.succ_opt().unwrap_or(to));
        Self { zone, starts: days.filter_map(begin).collect() }
    }

    fn whole(&self) -> Span {
        let at = |start: Option<&(NaiveDate, DateTime<Utc>)>| start.map_or(DateTime::UNIX_EPOCH, |start| start.1);
        (at(self.starts.first()), at(self.starts.last()))
    }

    fn place(&self, by: By, at: DateTime<Utc>) -> Option<usize> {
        if by == By::Hour {
            return usize::try_from(hours::wall_clock(self.zone, at).hour()).ok();
        }
        self.starts.partition_point(|(_, start)| *start <= at).checked_sub(1)
    }

    /// The rows' keys, and for days the time that each covers.
    fn rows(&self, by: By) -> Vec<(String, Option<Span>)> {
        if by == By::Hour {
            return (0..24).map(|hour| (format!("{hour:02}:00"), None)).collect();
        }
        let spans = self.starts.windows(2).filter_map(|pair| match pair {
            [(day, from), (_, to)] => Some((day.to_string(), Some((*from, *to)))),
            _ => None,
        });
        spans.collect()
    }
}

fn by_time(question: &Question, facts: &Facts, days: &Calendar, targets: Targets, now: DateTime<Utc>) -> Vec<Row> {
    let rows = days.rows(question.by);
    let mut counters = vec![Counter::default(); rows.len()];
    for chat in &facts.chats {
        if let Some(counter) = days.place(question.by, chat.arrived).and_then(|at| counters.get_mut(at)) {
            counter.add(chat, targets, now);
        }
    }
    for at in &facts.solved {
        if let Some(counter) = days.place(question.by, *at).and_then(|at| counters.get_mut(at)) {
            counter.solved_by_itself();
        }
    }
    let row = |((key, span), counter): ((String, Option<Span>), Counter)| Row {
        name: key.clone(),
        key,
        figures: counter.figures(),
        time: question.agent.zip(span).map(|(agent, span)| worked(agent, &facts.services, &facts.stays, span, now)),
    };
    rows.into_iter().zip(counters).map(row).collect()
}

fn by_thing(
    facts: &Facts,
    all: &[Named],
    thing: impl Fn(&ChatFacts) -> Option<Uuid>,
    none: &str,
    targets: Targets,
    now: DateTime<Utc>,
) -> Vec<Row> {
    let mut counters: HashMap<Option<Uuid>, Counter> = HashMap::new();
    for chat in &facts.chats {
        counters.entry(thing(chat)).or_default().add(chat, targets, now);
    }
    let mut row = |id, key: &str, name: &str| {
        let counter: Counter = counters.remove(&id)?;
        Some(Row { key: key.into(), name: name.into(), figures: counter.figures(), time: None })
    };
    let mut rows: Vec<Row> = all.iter().filter_map(|named| row(Some(named.id), &named.key, &named.name)).collect();
    rows.extend(row(None, "", none));
    rows
}

fn by_agent(
    question: &Question,
    facts: &Facts,
    choices: &Choices,
    whole: Span,
    targets: Targets,
    now: DateTime<Utc>,
) -> Vec<Row> {
    let counters = super::day::by_agent(facts.chats.iter(), targets, now);
    let mut own: BTreeMap<Uuid, (Vec<Service>, Vec<Stay>)> = BTreeMap::new();
    for service in &facts.services {
        own.entry(service.staff).or_default().0.push(*service);
    }
    for stay in &facts.stays {
        own.entry(stay.staff).or_default().1.push(*stay);
    }
    let people = choices.agents.iter().filter(|agent| question.agent.is_none_or(|wanted| wanted == agent.id));
    let row = |agent: &Named| {
        let (services, stays) = own.remove(&agent.id).unwrap_or_default();
        let time = worked(agent.id, &services, &stays, whole, now);
        let figures = counters.get(&agent.id).map(Counter::figures).unwrap_or_default();
        let worth_a_row = figures != RangeFigures::default() || time.busy_seconds + time.online_seconds > 0.0;
        worth_a_row.then(|| Row { key: agent.key.clone(), name: agent.name.clone(), figures, time: Some(time) })
    };
    people.filter_map(row).collect()
}
