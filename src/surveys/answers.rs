//! Takes the answer, once; a low one reaches the supervisors.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    cases::notice,
    error::{Error, Result},
    identity::{hashing::token_hash, staff},
    input,
    work::Work,
};

use super::queries;

/// Up to this score an answer is low.
pub const LOW: i16 = 2;
/// The best score.
pub const BEST: i16 = 5;
/// The longest comment, in characters.
const MAX_COMMENT: usize = 2_000;

/// A survey as its customer sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Question {
    /// The server's id.
    pub id: Uuid,
    /// The case's number.
    pub number: i64,
    /// The case's subject.
    pub subject: String,
    /// Whose case it was.
    pub agent: Option<String>,
    /// Until when it can be answered.
    pub expires_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// The survey that a token is for.
pub async fn read(app: &App, token: &str) -> Result<Question> {
    let found = queries::question(&app.db, &token_hash(token)).await?;
    let question = found.ok_or_else(|| Error::not_found("There is no such survey. Is the address complete?"))?;
    if question.answered_at.is_some() {
        return Err(Error::conflict("answered", "This survey was answered already. Thank you!"));
    }
    if question.expires_at <= app.clock.now() {
        return Err(Error::with_status(410, "expired", "This survey is over. Thank you all the same!"));
    }
    Ok(question)
}

/// Takes the answer: 1 (bad) to 5 (good), and a comment if there is one.
pub async fn answer(app: &App, token: &str, score: i16, comment: &str) -> Result<()> {
    let question = read(app, token).await?;
    if !(1..=BEST).contains(&score) {
        return Err(Error::invalid("bad_score", "Please choose one of the five answers."));
    }
    let comment = match comment.trim() {
        "" => String::new(),
        text => input::text("your comment", text, MAX_COMMENT)?,
    };
    let mut work = Work::begin(app).await?;
    let now = work.now;
    if queries::set_answer(&mut work.tx, question.id, score, &comment, now).await? == 0 {
        return Err(Error::conflict("answered", "This survey was answered already. Thank you!"));
    }
    if score <= LOW {
        let agent = question.agent.as_deref().unwrap_or("nobody");
        let words = match comment.as_str() {
            "" => String::new(),
            words => format!(": {words}"),
        };
        let text = format!("Survey: {score} of {BEST} for case {} ({agent}){words}", question.number);
        for supervisor in staff::supervisors(&mut work.tx).await? {
            notice::insert(&mut work, supervisor, &input::snippet(&text, 300), Some(question.number)).await?;
        }
    }
    work.desk_changed();
    work.commit().await
}
