//! What an import would do with each solution. All is looked at before anything is written.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    clock::Clock,
    error::Result,
    identity::staff::Staff,
    input,
    knowledge::{language::Language, markdown::PICTURES, pictures, queries, solution::Content},
    store::Db,
};

use super::{
    desk::{Being, Desk, Known},
    folder::{Findings, Found, Pictured, Source},
    matching::Matches,
    record::{Problem, State},
    source,
};

/// The longest name of an author, in characters.
const MAX_NAME: usize = 120;

/// How somebody wants an import to be.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Readers see it at once; otherwise it becomes drafts.
    pub publish: bool,
    /// In whose name.
    pub by: Option<Staff>,
}

/// What is to be done with a solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Its next version is kept.
    Publish {
        /// Readers see it.
        shown: bool,
        /// It has a draft that says the same.
        ends_draft: bool,
    },
    /// Readers see it again, or no longer.
    Show(bool),
    /// A draft is begun, or one's own is changed.
    Draft,
    /// It is so already.
    Nothing,
    /// It stays as it is, for a reason.
    Skip(String),
}

/// What became of solutions.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The desk did not have them.
    pub new: usize,
    /// It had others.
    pub changed: usize,
    /// It had the same.
    pub unchanged: usize,
    /// They stay as they are for a reason.
    pub skipped: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, unchanged, skipped } = self;
        write!(f, "{new} new, {changed} changed, {unchanged} unchanged, {skipped} skipped")
    }
}

/// A picture that is to be kept.
#[derive(Debug, Clone)]
pub struct NewPicture {
    /// Its id.
    pub id: Uuid,
    /// Its file.
    pub file: Pictured,
}

/// What is to be done with one solution.
#[derive(Debug)]
pub struct Step {
    /// The file that it comes from.
    pub file: String,
    /// Its id.
    pub id: Uuid,
    /// What is to be done.
    pub act: Act,
    /// Its last version and whether readers see it, as the plan knows it; nothing: it is new.
    pub seen: Option<(i64, bool)>,
    /// The number of changes of its draft, as the plan knows it.
    pub edit: Option<i64>,
    /// What it shall say.
    pub content: Content,
    /// Who wrote it.
    pub author: String,
    /// Pictures that it does not have yet.
    pub pictures: Vec<NewPicture>,
}

impl Step {
    /// Counts it.
    pub fn count(&self, tally: &mut Tally) {
        let count = match (&self.act, self.seen) {
            (Act::Nothing, _) => &mut tally.unchanged,
            (Act::Skip(_), _) => &mut tally.skipped,
            (_, None) => &mut tally.new,
            (_, Some(_)) => &mut tally.changed,
        };
        *count += 1;
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, act, seen, content: Content { title, .. }, .. } = self;
        match (act, seen) {
            (Act::Publish { .. }, None) => write!(f, "{file}: new, “{title}”"),
            (Act::Publish { .. }, Some((version, _))) => write!(f, "{file}: version {} of “{title}”", version + 1),
            (Act::Show(true), _) => write!(f, "{file}: readers see “{title}” again"),
            (Act::Show(false), _) => write!(f, "{file}: “{title}” is retired"),
            (Act::Draft, None) => write!(f, "{file}: new as a draft, “{title}”"),
            (Act::Draft, _) => write!(f, "{file}: a draft of “{title}”"),
            (Act::Nothing, _) => write!(f, "{file}: unchanged, “{title}”"),
            (Act::Skip(why), _) => write!(f, "{file}: skipped, “{title}”: {why}"),
        }
    }
}

/// Plans an import; what is wrong is among the findings.
pub async fn plan(
    db: &Db,
    clock: &Clock,
    source: &mut Source,
    wish: &Wish,
    findings: &mut Findings,
) -> Result<Vec<Step>> {
    let desk = Desk::read(db).await?;
    let matches = Matches::find(&desk, &source.found, clock, findings);
    let mut album = Album { db, taken: desk.pictures.keys().copied().collect() };
    let (mut steps, mut needs_author) = (Vec::new(), false);
    for (at, (known, id)) in matches.known.iter().zip(&matches.ids).enumerate() {
        let (body, pictures) = album.place(source, at, *known, findings).await?;
        let Some(found) = source.found.get(at).filter(|found| found.reading.problems.is_empty()) else { continue };
        let draft = desk.drafts.get(id);
        let Some((content, author)) = told(&desk, found, body, *known, &matches, findings) else { continue };
        let act = decide(wish, found.reading.record.state, *known, draft, &content);
        if matches!(act, Act::Publish { .. }) {
            require_complete(found, &content, &desk, findings);
        }
        needs_author |= act == Act::Draft && wish.by.is_none();
        steps.push(Step {
            file: found.file.clone(),
            id: *id,
            act,
            seen: known.map(|known| (known.version, known.published)),
            edit: draft.map(|draft| draft.edit),
            content,
            author,
            pictures,
        });
    }
    if needs_author {
        let words = if wish.publish {
            "Some of the solutions are drafts, and a draft has an author: name one with --as EMAIL."
        } else {
            "Solutions become drafts, and a draft has an author: name one with --as EMAIL, or let readers see them at once with --publish."
        };
        findings.wrong("", &Problem::new(0, words));
    }
    Ok(steps)
}

/// What a file wants a solution to say, and who wrote it; nothing: something is wrong with it.
fn told(
    desk: &Desk,
    found: &Found,
    body: String,
    known: Option<&Known>,
    matches: &Matches<'_>,
    findings: &mut Findings,
) -> Option<(Content, String)> {
    let before = findings.count();
    let (record, base) = (&found.reading.record, known.map(|known| known.content.clone()).unwrap_or_default());
    let is_category = |key: &String| desk.categories.contains(key);
    let category = match (record.category.as_str(), base.category.as_str()) {
        ("", "") => found.folder.clone().filter(is_category).unwrap_or_default(),
        ("", category) | (category, _) => category.to_owned(),
    };
    if !record.category.is_empty() && !is_category(&category) {
        let words = format!("There is no category `{category}`. {}", those_of(desk));
        findings.wrong(&found.file, &Problem::new(found.reading.line_of("category"), words));
    }
    let language: Language = record.language.unwrap_or(base.language);
    let content = Content {
        title: record.title.clone(),
        body,
        category,
        language,
        audience: record.audience.unwrap_or(base.audience),
        product_version: record.product_version.clone().unwrap_or(base.product_version),
        related: matches.related(found, language, findings).unwrap_or(base.related),
    };
    let author = if record.author.trim().is_empty() {
        Ok(String::new())
    } else {
        input::line("the author", &record.author, MAX_NAME)
    };
    match (content.tidy(), author) {
        (Ok(content), Ok(author)) if findings.count() == before => return Some((content, author)),
        (content, author) => {
            for error in [content.err(), author.err()].into_iter().flatten() {
                findings.wrong(&found.file, &Problem::new(found.reading.line, error.refusal().message));
            }
        }
    }
    None
}

fn those_of(desk: &Desk) -> String {
    if desk.categories.is_empty() {
        "The desk has none yet: `deskbell admin category` makes one.".into()
    } else {
        format!("The desk has these: {}.", desk.categories.join(", "))
    }
}

/// What readers could not use is told: no text, no category.
fn require_complete(found: &Found, content: &Content, desk: &Desk, findings: &mut Findings) {
    if content.body.is_empty() {
        findings.wrong(&found.file, &Problem::new(found.reading.line, "There is no text. Please write it."));
    }
    if !desk.categories.contains(&content.category) {
        let words = format!("Readers find a solution by its `category`: write one. {}", those_of(desk));
        findings.wrong(&found.file, &Problem::new(found.reading.line_of("category"), words));
    }
}

/// What is to be done with a solution that shall say this.
fn decide(wish: &Wish, told: Option<State>, known: Option<&Known>, draft: Option<&Being>, content: &Content) -> Act {
    let says = |other: &Content| other == content || other.tidy().is_ok_and(|other| other == *content);
    let is = known.filter(|known| known.version > 0);
    let same = is.filter(|known| says(&known.content));
    let wanted = told.or(is.map(Known::state)).unwrap_or(State::Published);
    let same_draft = draft.is_some_and(|draft| says(&draft.content));
    if wish.publish && wanted != State::Draft {
        let shown = wanted == State::Published;
        return match same {
            Some(known) if known.published == shown => Act::Nothing,
            Some(_) => Act::Show(shown),
            None => Act::Publish { shown, ends_draft: same_draft },
        };
    }
    match (same, draft, &wish.by) {
        (Some(known), ..) if wanted != State::Draft && wanted != known.state() => {
            let is = if known.published { "published" } else { "retired" };
            Act::Skip(format!("it is {is}, which only --publish changes"))
        }
        (Some(_), ..) => Act::Nothing,
        (None, Some(_), _) if same_draft => Act::Nothing,
        (None, Some(draft), by)
            if !by.as_ref().is_some_and(|by| by.id == draft.author_id && by.id == draft.editor_id) =>
        {
            Act::Skip(format!("{} is writing a draft of it", draft.editor))
        }
        _ => Act::Draft,
    }
}

/// Gives pictures their ids.
struct Album<'a> {
    db: &'a Db,
    /// The ids that are in use.
    taken: HashSet<Uuid>,
}

impl Album<'_> {
    /// The text of a solution with the addresses that its pictures will have, and those that it does not have yet. A solution
    /// keeps each file once.
    async fn place(
        &mut self,
        source: &mut Source,
        at: usize,
        known: Option<&Known>,
        findings: &mut Findings,
    ) -> Result<(String, Vec<NewPicture>)> {
        let Some(found) = source.found.get(at) else { return Ok(Default::default()) };
        let (file, body) = (found.file.clone(), found.reading.record.body.clone());
        let mut files: HashMap<String, Pictured> = HashMap::new();
        for address in source::addresses(&body) {
            match source.picture(at, &address) {
                Some(Ok(picture)) => drop(files.insert(address, picture)),
                Some(Err(why)) => {
                    findings.warnings.push(format!("{file}: the picture {address:?} {why}; it stays as text"))
                }
                None => {}
            }
        }
        let mut has: Vec<(Uuid, [u8; 32])> = match known {
            Some(known) if !files.is_empty() => {
                let all = queries::picture_files(self.db, known.id).await?;
                all.into_iter().map(|(id, data)| (id, Sha256::digest(data).into())).collect()
            }
            _ => Vec::new(),
        };
        let mut new = Vec::new();
        let body = source::readdress(&body, |address| {
            let file = files.get(address)?;
            let mut same = has.iter().filter(|(_, sum)| *sum == file.sum).map(|(id, _)| *id);
            let first = same.next();
            let there = first.map(|first| same.find(|id| Some(*id) == file.id).unwrap_or(first));
            let id = there.unwrap_or_else(|| {
                let own = file.id.filter(|id| !self.taken.contains(id));
                let id = own.unwrap_or_else(pictures::new_id);
                self.taken.insert(id);
                has.push((id, file.sum));
                new.push(NewPicture { id, file: file.clone() });
                id
            });
            Some(format!("{PICTURES}{id}"))
        });
        Ok((body, new))
    }
}
