//! What customers do with suggestions in a chat: opened, solved or not. A yes before anybody was asked is a visit solved by self-service.

use uuid::Uuid;

use crate::{
    app::App,
    chat::{
        conversation::{self, ChatState},
        log,
        protocol::{EndWhy, EventBody, Visibility},
    },
    error::{Error, Result},
    identity::session::Visitor,
    work::Work,
};

use super::{
    queries,
    reading::{self, Visit},
    solution::{Audience, Solution},
};

/// The customer opens a solution; the agent will see that it was opened.
pub async fn open(app: &App, visitor: &Visitor, chat: Uuid, solution: Uuid) -> Result<Solution> {
    let found = reading::find(app, solution, Audience::Customers).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    conversation::require_customer(&row, visitor)?;
    if row.state != ChatState::Ended {
        reading::count(&mut work, &Visit { solution, chat: Some(chat), ..Visit::default() }).await?;
        let body = EventBody::SolutionOpened { solution, title: found.content.title.clone() };
        log::append(&mut work, chat, &conversation::customer(visitor), Visibility::Everyone, body).await?;
        work.commit().await?;
    }
    Ok(found)
}

/// The customer says whether a solution helped. Yes, before the question was asked, ends the visit.
pub async fn rate(app: &App, visitor: &Visitor, chat: Uuid, solution: Uuid, solved: bool) -> Result<()> {
    let found = reading::find(app, solution, Audience::Customers).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    conversation::require_customer(&row, visitor)?;
    if row.state == ChatState::Ended {
        return Err(conversation::over());
    }
    if queries::rate_visit(&mut work.tx, chat, solution, solved).await? == 0 {
        return Err(Error::conflict("not_opened", "Please open the solution before you rate it."));
    }
    reading::changed(&mut work, solution).await?;
    let body = EventBody::SolutionRated { solution, title: found.content.title, solved };
    log::append(&mut work, chat, &conversation::customer(visitor), Visibility::Everyone, body).await?;
    if solved && row.state == ChatState::Asking {
        conversation::finish(&mut work, &row, EndWhy::SelfService, None).await?;
    }
    work.commit().await
}
