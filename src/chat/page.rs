//! The page on which a chat's customer is.

use uuid::Uuid;

use crate::{app::App, error::Result, work::Work};

use super::queries;

/// How much is kept of an address and of a title, in characters.
const MAX_URL: usize = 500;
const MAX_TITLE: usize = 200;

/// The customer is on a page now. What follows `?` and `#` may be secret and is not kept.
pub async fn set(app: &App, chat: Uuid, url: &str, title: &str) -> Result<()> {
    let url: String =
        url.chars().take_while(|c| !matches!(c, '?' | '#')).filter(|c| !c.is_control()).take(MAX_URL).collect();
    // Only pages of the web: the desk's people can follow it.
    let url = if url.starts_with("https://") || url.starts_with("http://") { url } else { String::new() };
    let title: String = title.chars().filter(|c| !c.is_control()).take(MAX_TITLE).collect();
    let mut work = Work::begin(app).await?;
    if queries::set_page(&mut work.tx, chat, &url, title.trim()).await? > 0 {
        work.desk_changed();
        work.commit().await?;
    }
    Ok(())
}
