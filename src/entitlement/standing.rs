//! Whether an account's bills are paid, as a supervisor says, or the program that knows.

use serde_json::json;

use crate::{
    app::App,
    desk::{
        audit::{self, Subject},
        change,
    },
    error::{Error, Result},
    identity::{account::Standing, staff::Staff},
    input,
};

use super::queries;

/// Sets an account's standing, for a reason. Only supervisors may.
pub async fn set(app: &App, staff: &Staff, number: &str, standing: Standing, reason: &str) -> Result<()> {
    staff.require_supervisor("set an account’s standing")?;
    let reason = input::line("the reason", reason, 500)?;
    let mut work = change::begin(app).await?;
    let before = queries::account_in(&mut work.tx, &number.replace('\0', "")).await?;
    let before = before.ok_or_else(|| Error::not_found("There is no account with that customer number."))?;
    if before.standing == standing {
        return Ok(());
    }
    queries::set_standing(&mut work.tx, before.id, standing).await?;
    let state = if standing == Standing::Good { "in good standing" } else { "not in good standing" };
    let text = format!("{} ({}) is {state}: {reason}", before.name, before.number);
    let (was, is) = (json!({"standing": before.standing}), json!({"standing": standing}));
    audit::note(&mut work, staff, Subject { kind: "account", key: &before.number }, &text, &was, &is).await?;
    work.commit().await
}
