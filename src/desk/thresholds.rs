//! From which value on a figure of the wallboard is late or bad, and whom to tell.
//!
//! Whoever shows figures asks [`load`] and then [`Threshold::level`]; whoever sends alerts asks [`alerts`] where to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    clock::random_bytes,
    error::{Error, Result},
    identity::staff::Staff,
    input,
    store::Db,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::{rules as settings, thresholds as queries},
};

/// Where the addresses of alerts are kept in the settings.
const ALERTS: &str = "alerts";
/// The most addresses that alerts go to.
const MOST_ADDRESSES: usize = 20;

/// In what a figure is counted. Times are stored and compared in seconds; a form may show minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Parts of a hundred.
    Percent,
    /// Seconds.
    Seconds,
    /// Seconds, which a form shows as minutes.
    Minutes,
}

impl Unit {
    /// The word beside a field.
    pub fn word(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Percent => "%",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
        }
    }

    fn factor(self) -> i64 {
        if self == Self::Minutes { 60 } else { 1 }
    }

    fn most(self) -> i64 {
        match self {
            Self::Count => 100_000,
            Self::Percent => 100,
            Self::Seconds => 86_400,
            Self::Minutes => 100_000,
        }
    }
}

/// A figure that has thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its key, as programs name it.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// In what it is counted.
    pub unit: Unit,
    /// True: little is bad, as with the service level.
    pub low_is_bad: bool,
    warn: i64,
    bad: i64,
}

const fn figure(key: &'static str, name: &'static str, unit: Unit, warn: i64, bad: i64) -> Figure {
    Figure { key, name, unit, low_is_bad: false, warn, bad }
}

/// All of them, with their defaults.
pub const FIGURES: [Figure; 9] = [
    figure("waiting_now", "Waiting now", Unit::Count, 5, 10),
    figure("longest_wait", "Longest wait", Unit::Seconds, 60, 180),
    figure("abandoned_percent", "Abandoned", Unit::Percent, 5, 10),
    Figure { low_is_bad: true, ..figure("service_level", "Service level", Unit::Percent, 90, 80) },
    figure("average_speed_of_answer", "Average speed of answer", Unit::Seconds, 45, 90),
    figure("handle_time", "Handle time", Unit::Minutes, 15 * 60, 30 * 60),
    figure("at_risk", "At risk", Unit::Count, 1, 3),
    figure("escalation_age", "Age of an escalation", Unit::Minutes, 4 * 3_600, 24 * 3_600),
    figure("acknowledgements_late", "Late acknowledgements", Unit::Count, 1, 5),
];

/// The thresholds of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// Which figure.
    pub figure: Figure,
    /// From here on it is late; nothing: never. Times in seconds.
    pub warn: Option<i64>,
    /// From here on it is bad.
    pub bad: Option<i64>,
}

/// How a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it shall be.
    Fine,
    /// Late.
    Warn,
    /// Bad.
    Bad,
}

impl Threshold {
    /// How a value of the figure stands; times in seconds.
    pub fn level(&self, value: i64) -> Level {
        let reached = |limit: Option<i64>| {
            limit.is_some_and(|limit| if self.figure.low_is_bad { value < limit } else { value >= limit })
        };
        match (reached(self.bad), reached(self.warn)) {
            (true, _) => Level::Bad,
            (false, true) => Level::Warn,
            (false, false) => Level::Fine,
        }
    }

    /// A limit as its field shows it.
    pub fn shown(&self, limit: Option<i64>) -> String {
        limit.map(|limit| (limit / self.figure.unit.factor()).to_string()).unwrap_or_default()
    }
}

/// Where alerts go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alerts {
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// An address that begins with https://, to which they are posted; empty: none.
    pub webhook: String,
    /// What posts are signed with; made with the first webhook.
    pub secret: String,
}

/// The thresholds of all figures, in the order of [`FIGURES`]: as they are stored, else their defaults.
pub async fn load(db: &Db) -> Result<Vec<Threshold>> {
    Ok(whole(&queries::thresholds(db).await?))
}

/// Where alerts go.
pub async fn alerts(db: &Db) -> Result<Alerts> {
    Ok(read_alerts(settings::setting(db, ALERTS).await?.as_deref()))
}

fn read_alerts(stored: Option<&str>) -> Alerts {
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn whole(stored: &[(String, Option<i64>, Option<i64>)]) -> Vec<Threshold> {
    let threshold = |figure: Figure| match stored.iter().find(|(key, ..)| key == figure.key) {
        Some((_, warn, bad)) => Threshold { figure, warn: *warn, bad: *bad },
        None => Threshold { figure, warn: Some(figure.warn), bad: Some(figure.bad) },
    };
    FIGURES.into_iter().map(threshold).collect()
}

/// What tells one state of the thresholds from another.
pub fn mark(thresholds: &[Threshold], alerts: &Alerts) -> String {
    change::mark(&noted(thresholds, alerts))
}

fn noted(thresholds: &[Threshold], alerts: &Alerts) -> Map<String, Value> {
    let mut noted = Map::new();
    for Threshold { figure, warn, bad } in thresholds {
        noted.insert(format!("{}_warn", figure.key), json!(warn));
        noted.insert(format!("{}_bad", figure.key), json!(bad));
    }
    noted.insert("alert_addresses".into(), json!(alerts.emails));
    noted.insert("alert_webhook".into(), json!(alerts.webhook));
    noted
}

/// Changes the thresholds and where alerts go. `value` gives the fields as they were typed: `KEY-warn` and `KEY-bad` of each figure
/// (empty: no threshold), `emails` (with commas, spaces or lines between), `webhook`. `seen`: the mark when they were read.
pub async fn save<'a>(app: &App, staff: &Staff, value: impl Fn(&str) -> &'a str, seen: Option<&str>) -> Result<()> {
    staff.require_admin("change the thresholds")?;
    let mut check = Check::default();
    let mut after = whole(&[]);
    for threshold in &mut after {
        let Figure { key, name, unit, low_is_bad, .. } = threshold.figure;
        let mut limit = |which: &str| -> Result<Option<i64>> {
            let field = format!("{key}-{which}");
            let text = value(&field).trim();
            let read = if text.is_empty() { Ok(None) } else { change::number(name, text, 0, unit.most()).map(Some) };
            Ok(check.read(&field, read)?.map(|limit| limit * unit.factor()))
        };
        (threshold.warn, threshold.bad) = (limit("warn")?, limit("bad")?);
        if let (Some(warn), Some(bad)) = (threshold.warn, threshold.bad) {
            let in_order = if low_is_bad { warn >= bad } else { warn <= bad };
            let words = if low_is_bad { "at most as much as" } else { "at least as much as" };
            let words = format!("{name}: the value for bad must be {words} the one for late.");
            check.require(in_order, &format!("{key}-bad"), "bad_order", words);
        }
    }
    let emails = check.read("emails", addresses(value("emails")))?;
    let webhook = check.read("webhook", webhook(value("webhook")))?;
    check.done()?;
    let mut work = change::begin(app).await?;
    let before = whole(&queries::thresholds_in(&mut work.tx).await?);
    let alerts_before = read_alerts(settings::setting_in(&mut work.tx, ALERTS).await?.as_deref());
    let secret = match alerts_before.secret.as_str() {
        "" if !webhook.is_empty() => new_secret(),
        kept => kept.to_owned(),
    };
    let alerts = Alerts { emails, webhook, secret };
    change::require_unchanged(seen, &noted(&before, &alerts_before))?;
    for threshold in &after {
        queries::upsert_threshold(&mut work.tx, threshold.figure.key, threshold.warn, threshold.bad).await?;
    }
    let text = serde_json::to_string(&alerts).map_err(Error::internal)?;
    settings::set_setting(&mut work.tx, ALERTS, &text).await?;
    let (was, is) = (noted(&before, &alerts_before), noted(&after, &alerts));
    let subject = Subject { kind: "thresholds", key: "thresholds" };
    audit::note(&mut work, staff, subject, "Changed the thresholds.", &was, &is).await?;
    work.commit().await
}

fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<24>())
}

fn addresses(text: &str) -> Result<Vec<String>> {
    let written = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|part| !part.is_empty());
    let read: Vec<String> = written.map(input::email).collect::<Result<_>>()?;
    if read.len() > MOST_ADDRESSES {
        return Err(Error::invalid("too_many", format!("Please give at most {MOST_ADDRESSES} addresses.")));
    }
    Ok(read)
}

fn webhook(text: &str) -> Result<String> {
    let text = text.trim();
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let fine = host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && text.len() <= 500
        && text.bytes().all(|b| b.is_ascii_graphic());
    if fine || text.is_empty() {
        Ok(text.to_owned())
    } else {
        let words = "Please give an address that begins with https://, without a name and password in it.";
        Err(Error::invalid("bad_webhook", words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_13_a_value_is_fine_late_or_bad() {
        let thresholds = whole(&[("waiting_now".into(), Some(2), None)]);
        let of = |key: &str| thresholds.iter().find(|t| t.figure.key == key).unwrap();
        assert_eq!([1, 2, 99].map(|n| of("waiting_now").level(n)), [Level::Fine, Level::Warn, Level::Warn]);
        assert_eq!([90, 89, 79].map(|n| of("service_level").level(n)), [Level::Fine, Level::Warn, Level::Bad]);
        assert_eq!(of("handle_time").shown(of("handle_time").warn), "15");
    }

    #[test]
    fn live_13_alerts_go_over_https_only() {
        assert_eq!(webhook(" https://hooks.example/x?y=1 ").unwrap(), "https://hooks.example/x?y=1");
        for bad in
            ["http://hooks.example", "https://", "https:///x", "https://a:b@hooks.example", "https://a b", "ftp://x"]
        {
            assert!(webhook(bad).is_err(), "{bad}");
        }
        assert_eq!(addresses("a@b.example, c@d.example\ne@f.example").unwrap().len(), 3);
        assert!(addresses("a@b.example nobody").is_err());
    }
}
