//! Asks whether somebody gets support, with all that is known of them, and has the words for a refusal.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    desk::stored,
    error::{Error, Result},
    hours::{desk::Channel, moment},
    identity::contact::ContactRole,
    work::Work,
};

use super::{
    agreement::Agreement,
    judge::{self, DAY, Facts, Refusal},
    queries::{self, Known},
};

/// Who asks, for which account.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    /// The person, who gave the right PIN.
    pub contact: Uuid,
    /// The account.
    pub account: Uuid,
}

/// A refusal, with the words for the customer.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// What the customer reads.
    pub words: String,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::with_status(403, refused.why.code(), refused.words)
    }
}

/// Whether it is refused now; `text` is what is asked, if something is already. Of those who ask at once for one account the second
/// one waits until the first is counted.
pub async fn check(work: &mut Work<'_>, asker: Asker, text: &str) -> Result<Option<Refused>> {
    let (app, now) = (work.app, work.now);
    let agreement: Agreement = stored::load_in(&mut work.tx).await?;
    let Some(Known { name, status, standing, role }) =
        queries::known(&mut work.tx, asker.account, asker.contact).await?
    else {
        return Err(Error::not_found("You have no account with that customer number."));
    };
    let rulings = queries::in_force(&mut work.tx, asker.account, asker.contact, now).await?;
    let limited = rulings.iter().any(|ruling| ruling.kind == judge::RulingKind::Limit);
    let (mut asked, mut asked_by_account) = (Vec::new(), Vec::new());
    if limited || agreement.requests_a_day.is_some() {
        queries::hold_asker(&mut work.tx, asker).await?;
        asked = queries::asked_by_contact(&mut work.tx, asker.contact, now - DAY).await?;
        asked_by_account = queries::asked_by_account(&mut work.tx, asker.account, now - DAY).await?;
    }
    let facts = Facts {
        status,
        standing,
        role,
        rulings: &rulings,
        asked: &asked,
        asked_by_account: &asked_by_account,
        text,
        first_line: agreement.first_line,
        requests_a_day: agreement.requests_a_day,
        barred: &agreement.barred,
    };
    let Some(why) = judge::judge(&facts) else { return Ok(None) };
    let people = queries::people_of(&mut work.tx, asker.account).await?;
    let words = words(app, &agreement, why, name, people);
    Ok(Some(Refused { why, words }))
}

fn words(
    app: &App,
    agreement: &Agreement,
    why: Refusal,
    account: String,
    people: Vec<(String, ContactRole)>,
) -> String {
    let zone = app.hours.desk().calendar(Channel::Chat).zone;
    let time = |before: &str, at: Option<DateTime<Utc>>, after: &str, none: &str| {
        at.map_or_else(|| none.to_owned(), |at| format!("{before} {}{after}", moment(zone, at)))
    };
    let mut put = vec![("account", account), ("people", speakers(people))];
    match why {
        Refusal::Stopped { until } => put.push(("until", time("until", until, "", "for now"))),
        Refusal::TooMany { most, again } => {
            put.push(("most", most.to_string()));
            put.push(("again", time("from", again, " on", "once that is changed")));
        }
        _ => {}
    }
    agreement.words.of(why, &put)
}

/// Who speaks for an account: its administrators, or its representatives where there are none.
fn speakers(people: Vec<(String, ContactRole)>) -> String {
    let of = |wanted: ContactRole| -> Vec<String> {
        people.iter().filter(|(_, role)| *role == wanted).map(|(name, _)| format!("\u{2068}{name}\u{2069}")).collect()
    };
    let names: Vec<String> = [of(ContactRole::Administrator), of(ContactRole::Representative)].concat();
    match names.as_slice() {
        [] => "your company’s management".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
