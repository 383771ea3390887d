//! Alerts: when a figure crosses one of its thresholds, those whom admins named are told by mail and webhook, once for the whole
//! desk. Nothing is read while nobody is named.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    channels::{self, Targets, webhook::Endpoint},
    desk::{
        change,
        thresholds::{self, Level, Threshold},
    },
    error::{Error, Result},
};

use super::{live, queries, today::Today, view::FiguresView};

/// How often the figures are looked at: times grow while nothing happens.
const PAUSE: Duration = Duration::from_secs(10);
/// The shortest time between two looks, however much happens.
const SHORTEST: Duration = Duration::from_secs(2);

/// How each figure stood when somebody was told last.
type Levels = BTreeMap<String, Level>;

/// Watches until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    let mut today = Today::default();
    let mut desk = app.hub.watch_desk();
    loop {
        desk.borrow_and_update();
        if let Err(error) = look(&app, &mut today).await {
            tracing::warn!(%error, "the thresholds could not be watched; it is tried again");
            today = Today::default();
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(SHORTEST) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = desk.changed() => {}
            () = sleep(PAUSE - SHORTEST) => {}
        }
    }
}

async fn look(app: &App, today: &mut Today) -> Result<()> {
    let alerts = thresholds::alerts(&app.db).await?;
    if alerts.emails.is_empty() && alerts.webhook.is_empty() {
        *today = Today::default();
        return Ok(());
    }
    let figures = live::read(app, today).await?;
    let limits = thresholds::load(&app.db).await?;
    let now: Levels = limits
        .iter()
        .filter_map(|limit| Some((limit.figure.key.to_owned(), limit.level(value(&figures, limit.figure.key)?))))
        .collect();
    if now == told(queries::alerted(&app.db).await?) {
        return Ok(());
    }
    // Another node may have told it meanwhile: looked at again where only one can be.
    let mut work = change::begin(app).await?;
    let before = told(queries::alerted_in(&mut work.tx).await?);
    let to = Targets {
        mail: alerts.emails,
        webhooks: (!alerts.webhook.is_empty())
            .then_some(Endpoint { url: alerts.webhook, secret: alerts.secret })
            .into_iter()
            .collect(),
    };
    for limit in &limits {
        let level = now.get(limit.figure.key).copied().unwrap_or(Level::Fine);
        if level > before.get(limit.figure.key).copied().unwrap_or(Level::Fine) {
            let (text, details) = words(limit, level, value(&figures, limit.figure.key).unwrap_or_default());
            channels::alert(&mut work, &to, &text, &details).await?;
        }
    }
    queries::set_alerted(&mut work.tx, &serde_json::to_string(&now).map_err(Error::internal)?).await?;
    work.commit().await
}

fn told(stored: Option<String>) -> Levels {
    stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// What a figure is now, in its unit, times in seconds; nothing: there is none.
fn value(figures: &FiguresView, key: &str) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "rounded seconds and parts of a hundred are small")]
    let whole = |number: f64| number.round() as i64;
    let since = |time: chrono::DateTime<chrono::Utc>| (figures.as_of - time).num_seconds().max(0);
    let (now, today) = (&figures.now, &figures.today);
    match key {
        "waiting_now" => Some(now.waiting.into()),
        "longest_wait" => now.longest_since.map(since).or(Some(0)),
        "abandoned_percent" => today.abandoned_share.map(|share| whole(100.0 * share)),
        "service_level" => today.service_level.map(|share| whole(100.0 * share)),
        "average_speed_of_answer" => today.answer_seconds.map(whole),
        "handle_time" => today.handle_seconds.map(whole),
        "at_risk" => Some(now.at_risk.into()),
        "acknowledgements_late" => Some(figures.acknowledgements.late.into()),
        "escalation_age" => figures.escalations.first().map(|case| since(case.since)).or(Some(0)),
        _ => None,
    }
}

fn words(limit: &Threshold, level: Level, value: i64) -> (String, serde_json::Value) {
    let of = if level == Level::Bad { limit.bad } else { limit.warn };
    let (shown, unit) = (|number: i64| limit.shown(Some(number)), limit.figure.unit.word());
    let beyond = of.map(|of| format!(" (limit {} {unit})", shown(of))).unwrap_or_default();
    let word = if level == Level::Bad { "bad" } else { "late" };
    let text = format!("{}: {} {unit}{}, {word}", limit.figure.name, shown(value), beyond.replace(" )", ")"));
    let details = json!({"figure": limit.figure.key, "value": value, "limit": of, "level": level});
    (text.replace("  ", " ").replace(" ,", ","), details)
}
