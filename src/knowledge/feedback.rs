//! What customers do with suggestions: opened, solved or not. A yes before anybody was asked is a visit solved by self-service.

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

use super::{queries, solution::Solution};

/// The customer opens a solution; the agent will see that it was opened.
pub async fn open(app: &App, visitor: &Visitor, chat: Uuid, solution: Uuid) -> Result<Solution> {
    let found = find(app, solution).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    conversation::require_customer(&row, visitor)?;
    if row.state != ChatState::Ended {
        let (id, now) = (app.clock.new_id(), work.now);
        queries::insert_visit(&mut work.tx, id, solution, chat, now).await?;
        changes(&mut work, solution).await?;
        let body = EventBody::SolutionOpened { solution, title: found.title.clone() };
        log::append(&mut work, chat, &conversation::customer(visitor), Visibility::Everyone, body).await?;
        work.commit().await?;
    }
    Ok(found)
}

/// The customer says whether a solution helped. Yes, before the question was asked, ends the visit.
pub async fn rate(app: &App, visitor: &Visitor, chat: Uuid, solution: Uuid, solved: bool) -> Result<()> {
    let found = find(app, solution).await?;
    let mut work = Work::begin(app).await?;
    let row = conversation::lock(&mut work, chat).await?;
    conversation::require_customer(&row, visitor)?;
    if row.state == ChatState::Ended {
        return Err(conversation::over());
    }
    if queries::rate_visit(&mut work.tx, chat, solution, solved).await? == 0 {
        return Err(Error::conflict("not_opened", "Please open the solution before you rate it."));
    }
    changes(&mut work, solution).await?;
    let body = EventBody::SolutionRated { solution, title: found.title, solved };
    log::append(&mut work, chat, &conversation::customer(visitor), Visibility::Everyone, body).await?;
    if solved && row.state == ChatState::Asking {
        conversation::finish(&mut work, &row, EndWhy::SelfService, None).await?;
    }
    work.commit().await
}

/// What is suggested changes by what happened to a solution; it is told after the commit.
async fn changes(work: &mut Work<'_>, solution: Uuid) -> Result<()> {
    queries::touch(&mut work.tx, solution).await?;
    work.knowledge_changed();
    Ok(())
}

async fn find(app: &App, solution: Uuid) -> Result<Solution> {
    queries::find_published(&app.db, solution).await?.ok_or_else(|| Error::not_found("There is no such solution."))
}
