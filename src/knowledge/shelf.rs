//! The desk's engine with what suggestions show, as the database has it at a revision.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{chat::protocol::SuggestionView, error::Result, input::snippet, store::Db};

use super::{
    cases::MOST_CASES,
    engine::{Engine, Entry},
    lexical::index::Document,
    markdown,
    meaning::{
        Model, OF_A_CASE,
        vector::{self, Vector},
    },
    queries::{self, Closed, Ranked},
};

/// The length of a snippet, in characters.
const SNIPPET: usize = 140;
/// Below this a text is about nothing that the desk has: of the public set's whole questions none is, of those for other desks a tenth.
const LEAST: f32 = 0.2;
/// The same for a text that is finished, such as a search, where a desk has too few closed cases to say what is little: of the public
/// set's whole questions one of 200 has less, of those without an answer three quarters.
const LEAST_OF_ALL: f32 = 0.4;
/// What a desk's own closed cases can make of that: less than all but one of fifty of them have to do with the solutions.
const LEAST_OF_ITS_OWN: [f32; 2] = [0.3, 0.5];
/// So many closed cases say it.
const CASES_TO_TELL: usize = 25;
const CASES_ASKED: usize = 200;
/// How long help is remembered.
pub const LATELY: TimeDelta = TimeDelta::days(90);
/// How often a solution must help to have all that help counts for; opening counts a tenth.
const MUCH_HELP: f32 = 1_000.0;
/// The most letters of a case that are read.
const CASE_LETTERS: usize = 400;
/// When so many places of the engine are wasted, and more than it has solutions, it is built anew.
const WASTE: usize = 1_000;

/// The engine, and what it shows.
pub struct Shelf {
    pub engine: Engine<Uuid>,
    pub views: HashMap<Uuid, SuggestionView>,
    /// The words that the engine has of each.
    known: HashMap<Uuid, Words>,
    revision: i64,
}

/// What tells whether the words of a solution, or of its cases, are others: when its text changed, and which cases are read.
type Words = (DateTime<Utc>, Vec<(Uuid, bool)>);

impl Shelf {
    /// Nothing yet.
    pub fn empty() -> Self {
        Self { engine: Engine::build(None, &[]), views: HashMap::new(), known: HashMap::new(), revision: -1 }
    }

    /// Reads the whole desk. It takes a while, and needs a thread on which nobody waits.
    pub async fn read(db: &Db, model: Option<&'static Model>, now: DateTime<Utc>) -> Result<Self> {
        let solutions = queries::changed_after(db, -1, lately(now), i64::MAX).await?;
        let mut cases: HashMap<Uuid, Vec<Closed>> = HashMap::new();
        for case in queries::closed_cases(db).await? {
            let of = cases.entry(case.solution_id).or_default();
            if of.len() < MOST_CASES {
                of.push(case);
            }
        }
        let built = tokio::task::spawn_blocking(move || Self::build(model, &solutions, &cases)).await;
        built.map_err(crate::error::Error::internal)
    }

    fn build(model: Option<&Model>, solutions: &[Ranked], cases: &HashMap<Uuid, Vec<Closed>>) -> Self {
        let revision = solutions.last().map_or(0, |last| last.revision);
        let read: Vec<Read<'_>> = solutions
            .iter()
            .filter(|solution| solution.published)
            .map(|solution| Read::of(solution, cases.get(&solution.id).map_or(&[], Vec::as_slice)))
            .collect();
        let entries: Vec<_> = read.iter().map(Read::entry).collect();
        let views = read.iter().map(|read| (read.solution.id, read.view())).collect();
        let known = read.iter().map(|read| (read.solution.id, read.known.clone())).collect();
        let mut engine = Engine::build(model, &entries);
        engine.hide_below(LEAST, model.map_or(LEAST_OF_ALL, |model| own_least(&engine, model, &read)));
        Self { engine, views, known, revision }
    }

    /// The last change that it knows of.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Takes changes in, each with the cases of its solution.
    pub fn take(&mut self, model: Option<&Model>, changes: &[(Ranked, Vec<Closed>)]) {
        for (solution, cases) in changes {
            self.revision = self.revision.max(solution.revision);
            if solution.published {
                let read = Read::of(solution, cases);
                if self.known.get(&solution.id) == Some(&read.known) {
                    self.engine.help(solution.id, help(solution.opened, solution.helped));
                    read.meaning.iter().for_each(|meaning| self.engine.mean(solution.id, meaning));
                } else {
                    self.engine.put(model, &read.entry());
                    self.views.insert(solution.id, read.view());
                    self.known.insert(solution.id, read.known);
                }
            } else {
                self.engine.remove(solution.id);
                self.views.remove(&solution.id);
                self.known.remove(&solution.id);
            }
        }
    }

    /// How often each solution was opened lately, and helped: those that are not there were not.
    pub fn help(&mut self, counted: &HashMap<Uuid, (i64, i64)>) {
        for id in self.known.keys() {
            let (opened, helped) = counted.get(id).copied().unwrap_or_default();
            self.engine.help(*id, help(opened, helped));
        }
    }

    /// Whether it is time to read all anew.
    pub fn is_worn(&self) -> bool {
        self.engine.waste() > WASTE.max(self.engine.count())
    }
}

/// What a finished text must have to do with a solution, by what the desk's customers asked before.
fn own_least(engine: &Engine<Uuid>, model: &Model, read: &[Read<'_>]) -> f32 {
    let asked: Vec<&Vector> = read.iter().flat_map(|read| read.cases.iter().map(|parts| &parts[0])).collect();
    if asked.len() < CASES_TO_TELL {
        return LEAST_OF_ALL;
    }
    let some: Vec<&Vector> = asked.iter().step_by(asked.len().div_ceil(CASES_ASKED)).copied().collect();
    let mut nearness = engine.nearness(&some, model.unit());
    nearness.sort_unstable_by(f32::total_cmp);
    let [from, to] = LEAST_OF_ITS_OWN;
    nearness.get(nearness.len() / 50).map_or(LEAST_OF_ALL, |least| least.clamp(from, to))
}

/// What changed after a revision; nothing: that is more than `most` solutions.
pub async fn changes(
    db: &Db,
    revision: i64,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Option<Vec<(Ranked, Vec<Closed>)>>> {
    let solutions = queries::changed_after(db, revision, lately(now), most + 1).await?;
    if i64::try_from(solutions.len()).is_ok_and(|count| count > most) {
        return Ok(None);
    }
    let mut changes = Vec::new();
    for solution in solutions {
        let cases = queries::closed_with(db, solution.id, i64::try_from(MOST_CASES).unwrap_or(i64::MAX)).await?;
        changes.push((solution, cases));
    }
    Ok(Some(changes))
}

/// What is read of a case: what it was about, and what the customer wrote, in one line.
pub fn asked(subject: &str, description: &str) -> String {
    let words = format!("{subject}. {description}");
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(CASE_LETTERS).collect()
}

fn lately(now: DateTime<Utc>) -> DateTime<Utc> {
    now - LATELY
}

/// How much a solution has helped lately, 0 to 1.
fn help(opened: i64, helped: i64) -> f32 {
    let count = helped as f32 + opened as f32 / 10.0;
    (count.ln_1p() / MUCH_HELP.ln_1p()).min(1.0)
}

/// A solution with its cases, taken apart for the engine.
struct Read<'a> {
    solution: &'a Ranked,
    body: String,
    meaning: Option<Vector>,
    words: String,
    cases: Vec<[Vector; OF_A_CASE]>,
    known: Words,
}

impl<'a> Read<'a> {
    fn of(solution: &'a Ranked, cases: &[Closed]) -> Self {
        let lines: Vec<String> = cases.iter().map(|case| asked(&case.subject, &case.description)).collect();
        Self {
            solution,
            body: markdown::to_plain(&solution.body),
            meaning: solution
                .meaning
                .as_deref()
                .and_then(Vector::from_bytes)
                .filter(|_| solution.language == Model::LANGUAGE),
            words: lines.join("\n"),
            cases: cases
                .iter()
                .filter_map(|case| vector::from_bytes(case.meaning.as_deref()?, OF_A_CASE)?.try_into().ok())
                .collect(),
            known: (solution.updated_at, cases.iter().map(|case| (case.id, case.meaning.is_some())).collect()),
        }
    }

    fn entry(&self) -> Entry<'_, Uuid> {
        let Ranked { id, title, category_key, language, audience, .. } = self.solution;
        Entry {
            document: Document {
                id: *id,
                title,
                body: &self.body,
                category: category_key,
                cases: &self.words,
                language: *language,
            },
            audience: *audience,
            meaning: self.meaning.as_ref(),
            cases: &self.cases,
            help: help(self.solution.opened, self.solution.helped),
        }
    }
    fn view(&self) -> SuggestionView {
        let Ranked { id, title, .. } = self.solution;
        SuggestionView { id: *id, title: title.clone(), snippet: snippet(&self.body, SNIPPET) }
    }
}
