//! The ways out of the desk: mails and webhooks. Both are jobs, written in the transaction of the verb that wants them.

pub mod email;
mod queries;
pub mod webhook;

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    error::Result,
    input::snippet,
    jobs::{self, Job},
    work::Work,
};

use email::Mail;
use webhook::{Endpoint, Webhook};

/// Where an alert goes.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// Addresses of people. Without a mail server nothing is sent to them.
    pub mail: Vec<String>,
    /// Programs.
    pub webhooks: Vec<Endpoint>,
}

/// Tells people and programs, after the caller's commit, that something needs looking at: `text` in one sentence, `details` as an
/// object for programs, whose plain values stand in the mail as well.
pub async fn alert(work: &mut Work<'_>, to: &Targets, text: &str, details: &Value) -> Result<()> {
    if work.app.mailer.is_some() {
        let mut body = format!("{text}\n");
        for (name, value) in details.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(body, "\n{name}: {value}");
        }
        let _ = write!(body, "\n\n{}\n", work.app.config.origin());
        for address in &to.mail {
            let mail = Mail::plain("", address, &format!("Alert: {}", snippet(text, 120)), &body)?;
            jobs::add(work, &Job::Mail(mail)).await?;
        }
    }
    for endpoint in &to.webhooks {
        let body = json!({"type": "alert", "at": work.now, "text": text, "details": details});
        jobs::add(work, &Job::Webhook(Webhook { to: endpoint.clone(), body })).await?;
    }
    Ok(())
}
