//! Which solution of the desk each one of the files is: the one with its id, else the one with its title in its language.

use std::collections::{HashMap, HashSet};

use sqlx::types::Json;
use uuid::Uuid;

use crate::{clock::Clock, input::fold, knowledge::language::Language};

use super::{
    desk::{Desk, Known},
    folder::{Findings, Found},
    record::{Problem, Record},
};

/// A title as titles are compared, with its language.
type Title = (String, Language);

/// Which each one is, in the order of the files.
pub struct Matches<'a> {
    /// The solution of the desk, if it is there.
    pub known: Vec<Option<&'a Known>>,
    /// The id that it has, or will have.
    pub ids: Vec<Uuid>,
    /// Ids that files use for solutions with other ones.
    others: HashMap<Uuid, Uuid>,
    /// All that will be there, by folded title.
    titles: HashMap<String, Vec<(Language, Uuid)>>,
    all: HashSet<Uuid>,
}

fn title_of(record: &Record) -> Title {
    (fold(&record.title), record.language.unwrap_or_default())
}

impl<'a> Matches<'a> {
    /// Finds them; what is ambiguous is told.
    pub fn find(desk: &'a Desk, found: &[Found], clock: &Clock, findings: &mut Findings) -> Self {
        let mut known = by_id(desk, found, findings);
        by_title(desk, found, &mut known, findings);
        let records = || found.iter().map(|found| &found.reading.record);
        let ids: Vec<Uuid> = records()
            .zip(&known)
            .map(|(record, known)| known.map(|known| known.id).or(record.id).unwrap_or_else(|| clock.new_id()))
            .collect();
        let mut all: HashSet<Uuid> = ids.iter().copied().collect();
        let mut titles: HashMap<String, Vec<(Language, Uuid)>> = HashMap::new();
        for ((record, known), id) in records().zip(&known).zip(&ids) {
            let language = record.language.or(known.map(|known| known.content.language)).unwrap_or_default();
            titles.entry(fold(&record.title)).or_default().push((language, *id));
        }
        for other in desk.solutions.iter().filter(|known| !all.contains(&known.id)) {
            titles.entry(fold(&other.content.title)).or_default().push((other.content.language, other.id));
        }
        all.extend(desk.solutions.iter().map(|known| known.id));
        let others = records().zip(&ids).filter_map(|(record, id)| Some((record.id?, *id))).collect();
        Self { known, ids, others, titles, all }
    }

    /// The ids of the solutions that one names as related, by id or title.
    pub fn related(&self, of: &Found, language: Language, findings: &mut Findings) -> Option<Json<Vec<Uuid>>> {
        let named = of.reading.record.related.as_ref()?;
        let line = of.reading.line_of("related");
        let mut ids = Vec::new();
        for name in named {
            if let Ok(id) = name.parse::<Uuid>() {
                let id = self.others.get(&id).copied().unwrap_or(id);
                if !self.all.contains(&id) {
                    findings
                        .warnings
                        .push(format!("{}, line {line}: there is no solution {id}, named as related", of.file));
                }
                ids.push(id);
                continue;
            }
            let those = self.titles.get(&fold(name)).map_or(&[][..], Vec::as_slice);
            let same: Vec<Uuid> = those.iter().filter(|(other, _)| *other == language).map(|(_, id)| *id).collect();
            match (&same[..], those) {
                ([id], _) | ([], [(_, id)]) => ids.push(*id),
                (_, []) => {
                    let words =
                        format!("There is no solution {name:?}, named as related: write its title exactly, or its id.");
                    findings.wrong(&of.file, &Problem::new(line, words));
                }
                _ => {
                    let words =
                        format!("Several solutions are called {name:?}, named as related: write the id of one.");
                    findings.wrong(&of.file, &Problem::new(line, words));
                }
            }
        }
        Some(Json(ids))
    }
}

fn by_id<'a>(desk: &'a Desk, found: &[Found], findings: &mut Findings) -> Vec<Option<&'a Known>> {
    let there: HashMap<Uuid, &Known> = desk.solutions.iter().map(|known| (known.id, known)).collect();
    let mut seen: HashMap<Uuid, &Found> = HashMap::new();
    let mut known = Vec::new();
    for this in found {
        let id = this.reading.record.id;
        known.push(id.and_then(|id| there.get(&id).copied()));
        if let Some(first) = id.and_then(|id| seen.insert(id, this)) {
            let words = format!("The same `id` is in {}. Leave it out here, or remove one of the two.", place(first));
            findings.wrong(&this.file, &Problem::new(this.reading.line_of("id"), words));
        }
    }
    known
}

/// Those that no id found. What another file has by its id is not looked at.
fn by_title<'a>(desk: &'a Desk, found: &[Found], known: &mut [Option<&'a Known>], findings: &mut Findings) {
    let taken: HashSet<Uuid> = known.iter().flatten().map(|known| known.id).collect();
    let mut there: HashMap<Title, Vec<&Known>> = HashMap::new();
    for known in desk.solutions.iter().filter(|known| !taken.contains(&known.id)) {
        there.entry((fold(&known.content.title), known.content.language)).or_default().push(known);
    }
    // What has an id and is new stands for itself, whatever others are called.
    let mut seen: HashMap<Title, &Found> = HashMap::new();
    for (this, known) in found.iter().zip(known).filter(|(_, known)| known.is_none()) {
        let title = title_of(&this.reading.record);
        let line = this.reading.line_of("title");
        let candidates = there.get(&title).map_or(&[][..], Vec::as_slice);
        if let [_, _, ..] = candidates {
            let words = "The desk has several solutions with this title. Write the `id` of the one that is meant.";
            findings.wrong(&this.file, &Problem::new(line, words));
        } else if this.reading.record.id.is_none() || !candidates.is_empty() {
            *known = candidates.first().copied();
            if let Some(first) = seen.insert(title, this) {
                let words =
                    format!("The same title is in {}. Give each an `id`, or change one of the two.", place(first));
                findings.wrong(&this.file, &Problem::new(line, words));
            }
        }
    }
}

fn place(found: &Found) -> String {
    format!("{}, line {}", found.file, found.reading.line)
}
