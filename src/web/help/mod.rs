//! The help pages: solutions for readers, found by words or by topic. Complete without JavaScript.

use askama::Template;
use axum::{
    Form,
    extract::{FromRequestParts, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::{convert::Infallible, net::IpAddr};
use uuid::Uuid;

use crate::{
    app::App,
    clock::random_bytes,
    error::{Error, Result},
    identity::site::{self, CategoryName},
    knowledge::{
        lexical::passage::Piece,
        markdown, pictures,
        reading::{self, Found},
        solution::{Audience, Solution},
    },
};

use super::{
    page::{Common, render},
    peer,
    signed_in::{SignedIn, cookie_value, own_cookie},
};

/// Tells readings of one browser from those of others; it says nothing of the person.
const READER: &str = "__Host-deskbell-reader";

/// Who reads: the desk's people see all that is published, and what they open is not counted.
pub struct Reader {
    audience: Audience,
    /// The browser's own mark.
    mark: Option<String>,
    address: IpAddr,
}

impl FromRequestParts<App> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, Infallible> {
        let staff = SignedIn::from_request_parts(parts, app).await.is_ok();
        let peer::From(address) = peer::From::from_request_parts(parts, app).await?;
        let ours =
            |mark: &String| mark.len() == 22 && mark.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        Ok(Self {
            audience: if staff { Audience::Staff } else { Audience::Everyone },
            mark: cookie_value(&parts.headers, READER).filter(ours),
            address,
        })
    }
}

impl Reader {
    /// The mark under which what this reader does now counts. What the desk's people look for says nothing of what readers lack, what
    /// keeps no cookie is hardly a reader, and a flood is none.
    fn counts_as(&self, app: &App) -> Option<&str> {
        let mark = self.mark.as_deref().filter(|_| self.audience != Audience::Staff)?;
        let most = app.config.limits.readings_per_hour;
        app.readings.spend(self.address, app.clock.now(), most).then_some(mark)
    }
}

/// What is looked for.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    topic: String,
    /// `no`: the reader comes back from a solution that did not help.
    #[serde(default)]
    helped: String,
}

#[derive(Template)]
#[template(path = "help/search.html")]
struct SearchPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    /// What came up for words.
    found: Option<Vec<Hit>>,
    /// A topic's solutions.
    topic: Option<(String, Vec<Link>)>,
    top: Vec<Link>,
    shows_top: bool,
    topics: Vec<CategoryName>,
    sorry: bool,
    missing: bool,
}

struct Hit {
    href: String,
    title: Vec<Piece>,
    passage: Vec<Piece>,
    topic: String,
}

struct Link {
    href: String,
    title: String,
}

impl Link {
    fn to(solution: &Solution) -> Self {
        Self { href: format!("/help/{}", solution.id), title: solution.content.title.clone() }
    }
}

/// The search: top solutions and topics, or what was found.
pub async fn search(State(app): State<App>, reader: Reader, Query(asked): Query<Asked>) -> Result<Response> {
    list(&app, &reader, asked, false).await
}

/// The page of the search; `missing`: the reader wanted a solution that is not there.
async fn list(app: &App, reader: &Reader, asked: Asked, missing: bool) -> Result<Response> {
    let Common { assets, clock_is_set, now, .. } = Common::new(app);
    let topics = site::categories(app).await?;
    let q: String = asked.q.replace('\0', "").trim().chars().take(300).collect();
    let found = if q.is_empty() { None } else { Some(hits(app, reader, &q, &topics).await?) };
    let chosen = topics.iter().find(|topic| topic.key == asked.topic && found.is_none());
    let topic = match chosen {
        Some(topic) => {
            let solutions = reading::of_category(app, &topic.key, reader.audience).await?;
            Some((topic.name.clone(), solutions.iter().map(Link::to).collect()))
        }
        None => None,
    };
    let shows_top = topic.is_none() && found.as_ref().is_none_or(Vec::is_empty);
    let top = if shows_top { reading::top(app, reader.audience).await? } else { Vec::new() };
    let top: Vec<Link> = top.iter().map(Link::to).collect();
    let page = render(&SearchPage {
        assets,
        clock_is_set,
        now,
        vendor: site::vendor(app).await?,
        shows_top: !top.is_empty(),
        sorry: asked.helped == "no",
        missing,
        q,
        found,
        topic,
        top,
        topics,
    });
    Ok(marked(reader, page))
}

async fn hits(app: &App, reader: &Reader, q: &str, topics: &[CategoryName]) -> Result<Vec<Hit>> {
    let found = reading::search(app, q, reader.audience).await?;
    let search = if reader.counts_as(app).is_none() {
        String::new()
    } else {
        let id = reading::note_search(app, q, found.iter().map(|found| found.id).collect()).await?;
        format!("&search={id}")
    };
    let back: String = url_part(q);
    let hit = |Found { id, title, passage, category, .. }| Hit {
        href: format!("/help/{id}?q={back}{search}"),
        title,
        passage,
        topic: topics.iter().find(|topic| topic.key == category).map(|topic| topic.name.clone()).unwrap_or_default(),
    };
    Ok(found.into_iter().map(hit).collect())
}

/// A text as a part of an address.
fn url_part(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Out of which search a solution is opened, and what was said of it.
#[derive(Deserialize, Default)]
pub struct From {
    #[serde(default)]
    q: String,
    #[serde(default)]
    search: String,
    #[serde(default)]
    helped: Option<String>,
}

#[derive(Template)]
#[template(path = "help/solution.html")]
struct SolutionPage {
    assets: String,
    clock_is_set: bool,
    now: String,
    vendor: String,
    q: String,
    id: Uuid,
    title: String,
    html: String,
    language: &'static str,
    topic: Option<CategoryName>,
    product_version: String,
    updated: String,
    audience: Audience,
    back: String,
    /// What the reader said of it.
    helped: Option<bool>,
    related: Vec<Link>,
}

/// A solution.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Result<Response> {
    // A link that was cut on its way leads to the search, too.
    let id = id.parse().unwrap_or_default();
    let solution = match reading::find(&app, id, reader.audience).await {
        Err(Error::Refused(_)) => {
            let page = list(&app, &reader, Asked::default(), true).await?;
            return Ok((StatusCode::NOT_FOUND, page).into_response());
        }
        found => found?,
    };
    if let Some(mark) = reader.counts_as(&app) {
        reading::open(&app, id, mark, from.search.parse().ok()).await?;
    }
    let Common { assets, clock_is_set, now, .. } = Common::new(&app);
    let related = reading::related(&app, &solution, reader.audience).await?;
    let content = solution.content;
    let page = render(&SolutionPage {
        assets,
        clock_is_set,
        now,
        vendor: site::vendor(&app).await?,
        id,
        html: markdown::to_html(&content.body),
        title: content.title,
        language: content.language.code(),
        topic: site::categories(&app).await?.into_iter().find(|topic| topic.key == content.category),
        product_version: content.product_version,
        updated: solution.updated_at.format("%-d %B %Y").to_string(),
        audience: content.audience,
        back: if from.q.is_empty() { "/help".into() } else { format!("/help?q={}", url_part(&from.q)) },
        q: from.q,
        helped: from.helped.map(|helped| helped == "yes"),
        related: related.iter().map(Link::to).collect(),
    });
    Ok(marked(&reader, page))
}

/// Whether it helped.
#[derive(Deserialize)]
pub struct Helped {
    helped: String,
    #[serde(default)]
    q: String,
}

/// A yes is thanked for; a no leads back to the list.
pub async fn rate(
    State(app): State<App>,
    reader: Reader,
    Path(id): Path<Uuid>,
    Form(said): Form<Helped>,
) -> Result<Response> {
    let helped = said.helped == "yes";
    if let Some(mark) = reader.counts_as(&app) {
        reading::find(&app, id, reader.audience).await?;
        reading::rate(&app, id, mark, helped).await?;
    }
    let q = url_part(&said.q);
    let to = match (helped, said.q.is_empty()) {
        (true, _) => format!("/help/{id}?q={q}&helped=yes"),
        (false, true) => "/help?helped=no".to_owned(),
        (false, false) => format!("/help?q={q}&helped=no"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// A picture of a solution.
pub async fn picture(State(app): State<App>, reader: Reader, Path(id): Path<Uuid>) -> Result<Response> {
    let (kind, data) = pictures::find(&app, id, reader.audience).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&kind).map_err(Error::internal)?);
    // Its bytes never change, but who may see it can.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    Ok((StatusCode::OK, headers, data).into_response())
}

/// Gives a browser its mark, so that its readings count once.
fn marked(reader: &Reader, page: Response) -> Response {
    if reader.mark.is_some() || reader.audience == Audience::Staff {
        return page;
    }
    let mark = URL_SAFE_NO_PAD.encode(random_bytes::<16>());
    (CookieJar::new().add(own_cookie(READER, mark)), page).into_response()
}
