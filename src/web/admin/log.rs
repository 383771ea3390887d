//! The record of who changed what, newest first: filters are links.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    desk::log::{self, Filter, Row, kind_name},
    error::Result,
    hours::desk::Channel,
    web::page::{Common, render},
};

use super::access::Admin;

#[derive(Template)]
#[template(path = "admin/log.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    name: String,
    role: String,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    people: Vec<Choice>,
    /// Where the older ones are.
    older: Option<String>,
    is_first: bool,
    newest: String,
    zone: Tz,
}

/// A filter to choose.
struct Choice {
    name: String,
    /// How many there are; not told while the other filter is on, too.
    count: Option<i64>,
    href: String,
    chosen: bool,
}

impl Page {
    fn time(&self, row: &Row) -> String {
        row.at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// Which rows are asked for, as the address has it.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    before: String,
}

fn address(kind: &str, by: Option<Uuid>, before: Option<Uuid>) -> String {
    let of = |name: &str, id: Option<Uuid>| id.map(|id| format!("{name}={id}"));
    let kind = (!kind.is_empty()).then(|| format!("kind={kind}"));
    let parts: Vec<String> = [kind, of("by", by), of("before", before)].into_iter().flatten().collect();
    if parts.is_empty() { "/admin/log".into() } else { format!("/admin/log?{}", parts.join("&")) }
}

/// The page.
pub async fn show(State(app): State<App>, Admin(staff): Admin, Query(asked): Query<Asked>) -> Result<Response> {
    let Common { assets, clock_is_set, now, name, role } = Common::for_staff(&app, &staff);
    let (kinds, authors) = (log::kinds(&app.db).await?, log::authors(&app.db).await?);
    // What is no filter of ours filters nothing.
    let kind = kinds.iter().map(|(kind, _)| kind).find(|kind| **kind == asked.kind).cloned().unwrap_or_default();
    let filter = Filter { kind, by: asked.by.parse().ok(), before: asked.before.parse().ok() };
    let page = log::page(&app.db, &staff, &filter).await?;
    let of_kind = |(key, count): &(String, i64)| Choice {
        name: kind_name(key).to_owned(),
        count: filter.by.is_none().then_some(*count),
        href: address(key, filter.by, None),
        chosen: *key == filter.kind,
    };
    let all = |count: Option<i64>, href: String, chosen: bool| Choice { name: "All".into(), count, href, chosen };
    let total: i64 = kinds.iter().map(|(_, count)| count).sum();
    let (of_all, by_all) = (filter.by.is_none().then_some(total), filter.kind.is_empty().then_some(total));
    let mut kind_choices = vec![all(of_all, address("", filter.by, None), filter.kind.is_empty())];
    kind_choices.extend(kinds.iter().map(of_kind));
    let of_person = |(id, name, count): &(Uuid, String, i64)| Choice {
        name: name.clone(),
        count: filter.kind.is_empty().then_some(*count),
        href: address(&filter.kind, Some(*id), None),
        chosen: filter.by == Some(*id),
    };
    let mut people = vec![all(by_all, address(&filter.kind, None, None), filter.by.is_none())];
    people.extend(authors.iter().map(of_person));
    let last = page.rows.last().map(|row| row.id).filter(|_| page.more);
    Ok(render(&Page {
        assets,
        clock_is_set,
        now,
        name,
        role,
        kinds: kind_choices,
        people,
        older: last.map(|id| address(&filter.kind, filter.by, Some(id))),
        is_first: filter.before.is_none(),
        newest: address(&filter.kind, filter.by, None),
        rows: page.rows,
        zone: app.hours.desk().calendar(Channel::Chat).zone,
    }))
}
