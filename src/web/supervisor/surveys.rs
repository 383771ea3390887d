//! What customers answered in surveys: by agent, team and category, and in their own words.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};

use crate::{
    app::App,
    error::Result,
    hours::{Zone, desk::Channel, moment},
    surveys::figures::{self, Report, Sum},
    web::{
        admin::access::Supervisor,
        page::{Common, render},
    },
};

#[derive(Template)]
#[template(path = "supervisor/surveys.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    zone: Zone,
    report: Report,
}

impl Page {
    fn time(&self, at: &DateTime<Utc>) -> String {
        moment(self.zone, *at)
    }

    fn mean(&self, sum: &Sum) -> String {
        sum.mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.1}"))
    }

    fn groups(&self) -> [(&'static str, &Vec<Sum>); 3] {
        [("By agent", &self.report.agents), ("By team", &self.report.teams), ("By category", &self.report.categories)]
    }
}

/// The page.
pub async fn show(State(app): State<App>, Supervisor(staff): Supervisor) -> Result<Response> {
    let report = figures::report(&app.db, app.clock.now()).await?;
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    Ok(render(&Page { assets, clock_is_set, now, name, role, zone, report }))
}
