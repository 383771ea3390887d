//! What editors should look at: what nobody finds, what nobody opens, what does not help, and what has grown old.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::types::Json;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Staff,
    input, store,
};

use super::{language::Language, lexical::passage, queries, reading::Place};

/// How many days the reports go back.
pub const DAYS: i64 = 90;
/// So many searches are looked through at the most, the latest.
const MOST_SEARCHES: i64 = 20_000;
/// A list has at most so many entries.
const MOST_LISTED: usize = 50;
/// After so many days without a change a solution that nobody opens is stale.
const UNSEEN_AFTER: i64 = 90;
/// So many noes, and more than yeses, say that a solution does not help.
const NOES: i64 = 3;
/// A solution that was shown so often and never opened does not say what it is about.
const SHOWN_IN_VAIN: i64 = 5;

/// Something that was looked for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Looked {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: Place,
    /// The words.
    pub text: String,
    /// What came up.
    pub shown: Json<Vec<Uuid>>,
    /// Whether any of that was opened.
    pub opened: bool,
}

/// What readers did with a published solution.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Figures {
    /// Which.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Key of its category.
    pub category: String,
    /// The version of the product that it describes.
    pub product_version: String,
    /// When its text last changed.
    pub updated_at: DateTime<Utc>,
    /// How often it was opened.
    pub opened: i64,
    /// How often it solved the question.
    pub solved: i64,
    /// How often it did not.
    pub unsolved: i64,
    /// How often it was among what was shown.
    #[sqlx(default)]
    pub shown: i64,
}

impl Figures {
    /// Of a hundred who opened it, so many were helped; nothing: nobody opened it.
    pub fn rate(&self) -> Option<i64> {
        (self.opened > 0).then(|| (100 * self.solved + self.opened / 2) / self.opened)
    }
}

/// The same words, looked for several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// As they were written last.
    pub text: String,
    /// How often.
    pub times: usize,
    /// When last.
    pub last: DateTime<Utc>,
    /// How often in a chat: then somebody had to be asked.
    pub asked: usize,
}

/// Why a solution should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It describes an older version of the product.
    OldVersion,
    /// Readers say that it does not help.
    VotedDown,
    /// It is shown, but nobody opens it.
    NotOpened,
    /// Nobody has seen it for long.
    Unseen,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Looked for, and nothing came up: the most frequent first.
    pub not_found: Vec<Wanted>,
    /// Solutions came up and none was opened.
    pub not_opened: Vec<Wanted>,
    /// Solutions to look at.
    pub stale: Vec<(Why, Figures)>,
    /// All solutions, those that helped most first.
    pub figures: Vec<Figures>,
    /// Visits that a solution ended before anybody was asked.
    pub self_service: i64,
    /// Visits in which somebody was asked.
    pub asked: i64,
    /// The product's version that customers have now; empty: not said.
    pub product_version: String,
}

impl Report {
    /// Of a hundred visits, so many needed nobody.
    pub fn rate(&self) -> Option<i64> {
        let all = self.self_service + self.asked;
        (all > 0).then(|| (100 * self.self_service + all / 2) / all)
    }
}

/// The report of the last days.
pub async fn report(app: &App) -> Result<Report> {
    let now = app.clock.now();
    let since = now - TimeDelta::days(DAYS);
    let searches = queries::searches(&app.db, since, MOST_SEARCHES).await?;
    let figures = queries::figures(&app.db, since).await?;
    let (self_service, asked) = queries::self_service(&app.db, since).await?;
    let product_version = store::setting(&app.db, "product_version").await?.unwrap_or_default();

    let report = move || put_together(searches, figures, (self_service, asked), product_version, now);
    spawn_blocking(report).await.map_err(Error::internal)
}

fn put_together(
    searches: Vec<Looked>,
    mut figures: Vec<Figures>,
    (self_service, asked): (i64, i64),
    product_version: String,
    now: DateTime<Utc>,
) -> Report {
    let mut shown: HashMap<Uuid, i64> = HashMap::new();
    for id in searches.iter().flat_map(|search| search.shown.iter()) {
        *shown.entry(*id).or_default() += 1;
    }
    for row in &mut figures {
        row.shown = shown.get(&row.id).copied().unwrap_or_default();
    }
    let stale = figures.iter().filter_map(|row| Some((why(row, &product_version, now)?, row.clone()))).collect();
    figures.sort_by(|a, b| {
        (b.solved, b.opened, b.shown).cmp(&(a.solved, a.opened, a.shown)).then_with(|| a.title.cmp(&b.title))
    });
    Report {
        not_found: wanted(searches.iter().filter(|search| search.shown.is_empty())),
        not_opened: wanted(searches.iter().filter(|search| !search.shown.is_empty() && !search.opened)),
        stale,
        figures,
        self_service,
        asked,
        product_version,
    }
}

/// Says which version of the product customers have now; empty: none.
pub async fn set_product_version(app: &App, staff: &Staff, version: &str) -> Result<()> {
    staff.require_supervisor("say which version of the product is the current one")?;
    let version = if version.trim().is_empty() { String::new() } else { input::line("the version", version, 40)? };
    if !version.is_empty() && numbers(&version).is_empty() {
        return Err(Error::invalid("bad_version", "Please give a version with a number, like 4.2."));
    }
    Ok(store::set_setting(&app.db, "product_version", &version).await?)
}

/// Why a solution should be looked at, the weightiest reason.
fn why(row: &Figures, current: &str, now: DateTime<Utc>) -> Option<Why> {
    let old = now - row.updated_at > TimeDelta::days(UNSEEN_AFTER);
    if is_older(&row.product_version, current) {
        Some(Why::OldVersion)
    } else if row.unsolved >= NOES && row.unsolved > row.solved {
        Some(Why::VotedDown)
    } else if row.opened == 0 && row.shown >= SHOWN_IN_VAIN {
        Some(Why::NotOpened)
    } else {
        (row.opened == 0 && old).then_some(Why::Unseen)
    }
}

/// The numbers of a version, the greatest part first.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Whether a version is older than another one; what has no number is not. `4` covers `4.2`.
fn is_older(version: &str, current: &str) -> bool {
    numbers(version).iter().zip(&numbers(current)).find_map(|(a, b)| (a != b).then_some(a < b)).unwrap_or(false)
}

/// Puts those together that use the same words, the most frequent first. The latest comes first in, and its words stay.
fn wanted<'a>(searches: impl Iterator<Item = &'a Looked>) -> Vec<Wanted> {
    let mut places: HashMap<BTreeSet<String>, usize> = HashMap::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    for search in searches {
        let place = *places.entry(passage::words(&search.text, Language::English)).or_insert(wanted.len());
        if place == wanted.len() {
            wanted.push(Wanted { text: search.text.clone(), times: 0, last: search.at, asked: 0 });
        }
        wanted[place].times += 1;
        wanted[place].asked += usize::from(search.place == Place::Chat);
    }
    wanted.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| b.last.cmp(&a.last)));
    wanted.truncate(MOST_LISTED);
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, current, older) in [
            ("3.9", "4.0", true),
            ("3.10", "3.9", false),
            ("4", "4.2", false),
            ("4.1 SP2", "4.2", true),
            ("", "4.2", false),
            ("4.1", "", false),
            ("classic", "4.2", false),
        ] {
            assert_eq!(is_older(version, current), older, "{version} before {current}");
        }
    }

    #[test]
    fn the_same_words_are_one_wish() {
        let at = DateTime::UNIX_EPOCH;
        let looked =
            |text: &str, place| Looked { at, place, text: text.into(), shown: Json(Vec::new()), opened: false };
        let searches = [
            looked("How do I reset the printer?", Place::Chat),
            looked("dental codes", Place::Help),
            looked("printer reset", Place::Help),
        ];
        let wanted = wanted(searches.iter());
        let told: Vec<_> = wanted.iter().map(|w| (w.text.as_str(), w.times, w.asked)).collect();
        assert_eq!(told, [("How do I reset the printer?", 2, 1), ("dental codes", 1, 0)]);
    }
}
