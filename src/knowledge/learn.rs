//! Keeps the engine in step with the database, and works out in the background what solutions and closed cases mean.

use std::{collections::BTreeSet, time::Duration};

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    store::Db,
};

use super::{
    Tier, markdown,
    meaning::{VERSION, beginnings, vector},
    queries,
    shelf::{self, Shelf},
};

/// How many texts are read at once before what they mean is kept, and changes are taken in again.
const AT_ONCE: i64 = 4;
/// So many cases are read before anything else: what was closed a moment ago.
const JUST_CLOSED: i64 = 2;
/// More changes than this are not taken in one by one, which would keep others waiting: all is read anew beside what is there.
const MANY_CHANGES: i64 = 500;
/// How often is looked whether another node, or a command beside this server, has changed something.
const LOOK: Duration = Duration::from_secs(1);

/// Runs until the server stops.
pub async fn run(app: App, stop: CancellationToken) {
    loop {
        // What comes while this works is seen the next time.
        let before = queries::revision(&app.db).await;
        let (more, seen) = match step(&app).await {
            Ok(more) => (more, before.ok()),
            Err(error) => {
                tracing::error!(%error, "the solutions could not be read; it is tried again");
                (false, None)
            }
        };
        if stop.is_cancelled() {
            return;
        }
        if more {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.knowledge.changed() => {}
            () = changed_after(&app.db, seen) => {}
        }
    }
}

/// Waits until somebody has changed something after a revision, and once where none is known.
async fn changed_after(db: &Db, seen: Option<i64>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if seen.is_none() || queries::revision(db).await.ok() != seen {
            return;
        }
    }
}

/// Takes changes in, and works out what some texts mean; whether there may be more to do.
async fn step(app: &App) -> Result<bool> {
    let full = app.knowledge.tier() == Tier::Full;
    // What a case means that was just closed is known with it, before that is kept; all else has time.
    let is_first = app.knowledge.shelf().revision() < 0;
    let just_closed = if full && !is_first { read_just_closed(app).await? } else { Vec::new() };
    follow(app, &just_closed).await?;
    keep_cases(app, just_closed).await?;
    if !full {
        return Ok(false);
    }
    let cases = read_cases(app).await?;
    Ok(keep_cases(app, cases).await? | read_open_cases(app).await? | read_solutions(app).await?)
}

/// Takes in what changed in the database, and what some cases mean that is not there yet.
async fn follow(app: &App, just_closed: &[Meant]) -> Result<()> {
    let (model, now) = (app.knowledge.model_in_use(), app.clock.now());
    let (revision, anew) = {
        let shelf = app.knowledge.shelf();
        (shelf.revision(), shelf.revision() < 0 || shelf.is_worn() || shelf.engine.is_averaged() != model.is_some())
    };
    if anew {
        let mut tx = app.db.begin().await?;
        queries::forget_other_meanings(&mut tx, VERSION).await?;
        tx.commit().await?;
    } else if let Some(mut changes) = shelf::changes(&app.db, revision, now, MANY_CHANGES).await? {
        if !changes.is_empty() {
            for case in changes.iter_mut().flat_map(|(_, cases)| cases) {
                let meant = just_closed.iter().find(|meant| meant.case == case.id);
                case.meaning = case.meaning.take().or_else(|| meant.map(|meant| meant.meaning.clone()));
            }
            let app = app.clone();
            spawn_blocking(move || app.knowledge.change(|shelf| shelf.take(model, &changes)))
                .await
                .map_err(Error::internal)?;
        }
        return Ok(());
    }
    let read = Shelf::read(&app.db, model, now).await?;
    // The old one is dropped when others can ask again.
    drop(app.knowledge.change(|shelf| std::mem::replace(shelf, read)));
    Ok(())
}

/// Works out what some solutions mean that nobody has read yet.
async fn read_solutions(app: &App) -> Result<bool> {
    let solutions = queries::unread_solutions(&app.db, AT_ONCE).await?;
    let Some(model) = app.knowledge.model().filter(|_| !solutions.is_empty()) else { return Ok(false) };
    let read = spawn_blocking(move || {
        let mean = |(id, title, body, at): (_, String, String, _)| {
            let body = markdown::to_plain(&body);
            (id, at, model.solution(&title, &body).to_bytes())
        };
        solutions.into_iter().map(mean).collect::<Vec<_>>()
    });
    let read = read.await.map_err(Error::internal)?;
    let mut tx = app.db.begin().await?;
    for (id, ..) in &read {
        queries::lock(&mut tx, *id).await?;
    }
    for (id, at, meaning) in read {
        queries::set_meaning(&mut tx, id, at, meaning).await?;
    }
    tx.commit().await?;
    app.bus.knowledge_changed();
    Ok(true)
}

/// What a case means.
struct Meant {
    case: Uuid,
    solution: Uuid,
    meaning: Vec<u8>,
}

/// Works out what some cases mean that a solution just closed, on two threads: the next customers may ask the same.
async fn read_just_closed(app: &App) -> Result<Vec<Meant>> {
    let Some(model) = app.knowledge.model() else { return Ok(Vec::new()) };
    let mut read = Vec::new();
    for (case, solution, subject, description) in queries::unread_cases(&app.db, JUST_CLOSED).await? {
        let [whole, most, some] = beginnings(&shelf::asked(&subject, &description)).map(str::to_owned);
        let whole = spawn_blocking(move || model.part(&whole));
        let others = spawn_blocking(move || [model.part(&most), model.part(&some)]);
        let (whole, [most, some]) = tokio::try_join!(whole, others).map_err(Error::internal)?;
        read.push(Meant { case, solution, meaning: vector::to_bytes(&[whole, most, some]) });
    }
    Ok(read)
}

/// Works out what some cases mean that nobody has read yet.
async fn read_cases(app: &App) -> Result<Vec<Meant>> {
    let cases = queries::unread_cases(&app.db, AT_ONCE).await?;
    let Some(model) = app.knowledge.model().filter(|_| !cases.is_empty()) else { return Ok(Vec::new()) };
    let read = spawn_blocking(move || {
        let mean = |(case, solution, subject, description): (_, _, String, String)| {
            let meaning = vector::to_bytes(&model.case(&shelf::asked(&subject, &description)));
            Meant { case, solution, meaning }
        };
        cases.into_iter().map(mean).collect()
    });
    read.await.map_err(Error::internal)
}

/// Works out what some open cases mean: when one is closed, it counts at once.
async fn read_open_cases(app: &App) -> Result<bool> {
    let cases = queries::unread_open_cases(&app.db, AT_ONCE).await?;
    let Some(model) = app.knowledge.model().filter(|_| !cases.is_empty()) else { return Ok(false) };
    let read = spawn_blocking(move || {
        let mean = |(case, subject, description): (_, String, String)| {
            (case, vector::to_bytes(&model.case(&shelf::asked(&subject, &description))))
        };
        cases.into_iter().map(mean).collect::<Vec<_>>()
    });
    let read = read.await.map_err(Error::internal)?;
    let mut tx = app.db.begin().await?;
    for (case, meaning) in read {
        queries::set_case_meaning(&mut tx, case, meaning).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Keeps what cases mean; whether there were any.
async fn keep_cases(app: &App, read: Vec<Meant>) -> Result<bool> {
    if read.is_empty() {
        return Ok(false);
    }
    let solutions: BTreeSet<_> = read.iter().map(|meant| meant.solution).collect();
    let mut tx = app.db.begin().await?;
    for Meant { case, meaning, .. } in read {
        queries::set_case_meaning(&mut tx, case, meaning).await?;
    }
    for id in &solutions {
        queries::lock(&mut tx, *id).await?;
    }
    for id in solutions {
        queries::touch(&mut tx, id).await?;
    }
    tx.commit().await?;
    app.bus.knowledge_changed();
    Ok(true)
}
