//! Sites that embed the widget: added, changed, removed.

use serde_json::json;
use sqlx::types::Json;

use crate::{
    app::App,
    clock::random_bytes,
    error::{Error, Result},
    identity::{
        site::{self, Site},
        staff::Staff,
    },
    input,
    store::Db,
    work::Work,
};

use super::{
    audit::{self, Subject},
    change::{self, Check},
    queries::sites as queries,
};

/// The most origins of a site.
const MOST_ORIGINS: usize = 20;

/// What a form gives of a site, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct SiteFields {
    /// The vendor's name.
    pub name: String,
    /// Origins, with white space or commas between.
    pub origins: String,
    /// The first words that a visitor reads.
    pub greeting: String,
    /// The brand's colour, `#rrggbb`.
    pub color: String,
}

/// All sites by name.
pub async fn all(db: &Db) -> Result<Vec<Site>> {
    Ok(queries::sites(db).await?)
}

/// The one line of HTML that embeds the widget on a site's pages.
pub fn embedding(app: &App, token: &str) -> String {
    format!(r#"<script async src="{}/widget.js" data-token="{token}"></script>"#, app.config.origin())
}

/// A token for a new site. It is no secret.
pub fn new_token() -> String {
    format!("pub_{}", random_bytes::<8>().iter().map(|b| format!("{b:02x}")).collect::<String>())
}

/// Adds a site; its token.
pub async fn add(app: &App, staff: &Staff, fields: &SiteFields) -> Result<String> {
    staff.require_admin("add a site")?;
    let site = read(fields, new_token())?;
    let mut work = change::begin(app).await?;
    site::insert(&mut work.tx, &site).await?;
    let text = format!("Added the site {}.", site.name);
    note(&mut work, staff, &site.token, &text, None, Some(&site)).await?;
    work.commit().await?;
    Ok(site.token)
}

/// Changes a site. `seen`: its mark when it was read.
pub async fn save(app: &App, staff: &Staff, token: &str, fields: &SiteFields, seen: Option<&str>) -> Result<()> {
    staff.require_admin("change a site")?;
    let (mut work, before) = open(app, token).await?;
    change::require_unchanged(seen, &before)?;
    let site = read(fields, before.token.clone())?;
    site::insert(&mut work.tx, &site).await?;
    let text = format!("Changed the site {}.", before.name);
    note(&mut work, staff, token, &text, Some(&before), Some(&site)).await?;
    work.commit().await
}

/// Removes a site: its pages show no widget any more.
pub async fn remove(app: &App, staff: &Staff, token: &str) -> Result<()> {
    staff.require_admin("remove a site")?;
    let (mut work, before) = open(app, token).await?;
    queries::delete_site(&mut work.tx, token).await?;
    let text = format!("Removed the site {}.", before.name);
    note(&mut work, staff, token, &text, Some(&before), None).await?;
    work.commit().await
}

async fn open<'a>(app: &'a App, token: &str) -> Result<(Work<'a>, Site)> {
    let mut work = change::begin(app).await?;
    let found = queries::sites_in(&mut work.tx).await?.into_iter().find(|site| site.token == token);
    Ok((work, found.ok_or_else(|| Error::not_found("There is no such site."))?))
}

async fn note(
    work: &mut Work<'_>,
    staff: &Staff,
    token: &str,
    text: &str,
    before: Option<&Site>,
    after: Option<&Site>,
) -> Result<()> {
    let subject = Subject { kind: "site", key: token };
    audit::note(work, staff, subject, text, &json!(before), &json!(after)).await
}

/// A site from what was given, or what is wrong with it.
pub fn read(fields: &SiteFields, token: String) -> Result<Site> {
    let mut check = Check::default();
    let name = check.read("name", input::line("the name", &fields.name, 80))?;
    let origins = check.read("origins", origins(&fields.origins))?;
    let greeting = check.read("greeting", input::line("the greeting", &fields.greeting, 400))?;
    let color = fields.color.trim().to_lowercase();
    let digits = color.strip_prefix('#').unwrap_or_default();
    let fine = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    check.require(fine, "color", "bad_color", "The colour is written like #1f6f5c.");
    check.done()?;
    Ok(Site { token, name, origins: Json(origins), greeting, color })
}

fn origins(text: &str) -> Result<Vec<String>> {
    let mut read: Vec<String> = Vec::new();
    for written in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()) {
        let origin = origin(written).ok_or_else(|| {
            let words = "is not an origin: write it like https://www.example.com, without a path.";
            Error::invalid("bad_origin", format!("“{}” {words}", input::snippet(written, 80)))
        })?;
        if !read.contains(&origin) {
            read.push(origin);
        }
    }
    match read.len() {
        0 => Err(Error::invalid("no_origin", "Please give at least one origin, like https://www.example.com.")),
        n if n > MOST_ORIGINS => {
            Err(Error::invalid("too_many", format!("Please give at most {MOST_ORIGINS} origins.")))
        }
        _ => Ok(read),
    }
}

/// `scheme://host[:port]` in small letters; a slash at the end, as addresses are copied, is left out.
fn origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_lowercase();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let fine_port = port
        .is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0));
    let fine_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let fine = |label: &str| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            host.len() <= 253 && host.split('.').all(fine)
        }
    };
    (fine_host && fine_port).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_01_an_origin_is_scheme_host_and_port() {
        for (written, read) in [
            ("https://www.Example.com/", "https://www.example.com"),
            ("http://localhost:8081", "http://localhost:8081"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(origin(written).as_deref(), Some(read));
        }
        for bad in [
            "www.example.com",
            "https://",
            "https://a/b",
            "ftp://a.example",
            "https://a.example:0",
            "https://a.example:99999",
            "https://a.example:",
            "https://a;script-src",
            "https://*",
            "https://*.example.com",
            "https://a..b",
            "https://-a.example",
            "https://[::1",
            "https://user@a.example",
            "https://münchen.example",
            "null",
            "*",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
