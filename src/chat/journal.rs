//! The group-committing log: one task gathers the messages that wait, writes them in one transaction, then acknowledges all.
//! An acknowledgement means that the message is on disk.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    planted,
    work::Work,
};

use super::{
    admission::Verdict,
    dispatch::receipt_frame,
    gather,
    hub::{Delivery, Reader, encode},
    log::{Author, Receipt},
    protocol::{EventBody, EventView, Outgoing, Visibility},
    queries,
};

/// How many messages may wait; beyond that senders wait too.
const WAITING: usize = 4_096;
/// How many messages one transaction takes at the most.
const BATCH: usize = 256;
/// The pauses before a commit of unknown outcome is looked up again.
const RETRIES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3)];

/// A message, and where its answer goes.
struct Append {
    author: Arc<Author>,
    message: Outgoing,
    req: Option<u32>,
    answer: Reader,
}

/// The way into the journal.
#[derive(Clone)]
pub struct Journal(mpsc::Sender<Append>);

/// The journal's other end, until its task runs.
pub struct Pending(mpsc::Receiver<Append>);

impl Journal {
    /// A journal whose task is not running yet.
    pub fn new() -> (Self, Pending) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), Pending(receiver))
    }

    /// Hands a cleaned message in; messages handed in one after the other are written in that order. The answer reaches the
    /// connection after the commit.
    pub async fn submit(&self, author: Arc<Author>, message: Outgoing, req: Option<u32>, answer: Reader) -> Result<()> {
        self.0.send(Append { author, message, req, answer }).await.map_err(|_| stopping())
    }
}

/// The refusal while the server stops.
fn stopping() -> Error {
    Error::unavailable("The server is restarting. Your message will be sent again by itself.")
}

impl Pending {
    /// Writes what comes until the stop; then what waits, and ends. What comes later is refused.
    pub async fn run(mut self, app: App, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        while gather::take(&mut self.0, &mut batch, BATCH, &stop).await {
            write(&app, std::mem::take(&mut batch)).await;
        }
    }
}

async fn write(app: &App, mut batch: Vec<Append>) {
    match settle(app, &batch).await {
        Ok(outcomes) => {
            for (append, outcome) in batch.into_iter().zip(outcomes) {
                append.answer(outcome);
            }
        }
        // One bad message must not take the others with it: each is written alone.
        Err(_) if batch.len() > 1 => {
            for append in batch {
                Box::pin(write(app, vec![append])).await;
            }
        }
        Err(error) => {
            if let Some(append) = batch.pop() {
                append.answer(Err(error));
            }
        }
    }
}

impl Append {
    /// Answers; a sender that is gone asks again with the same id.
    fn answer(self, outcome: Result<Receipt>) {
        let frame = receipt_frame(self.req, self.message.chat, self.message.id, outcome);
        self.answer.hand(Delivery::Answer(encode(&frame)));
    }
}

/// Writes all and settles what is unknown: when the connection was lost, the commit may have happened or not. The same batch
/// again tells: what is in the log already is known by its id.
async fn settle(app: &App, batch: &[Append]) -> Result<Vec<Result<Receipt>>> {
    for pause in RETRIES {
        match write_all(app, batch).await {
            Err(error) if error.lost_connection() => {
                tracing::warn!(%error, "the outcome of a commit is unknown; it is looked up");
                tokio::time::sleep(pause).await;
            }
            settled => return settled,
        }
    }
    write_all(app, batch).await
}

/// One transaction for all; an outcome for each. An error means that nothing is known to be written.
async fn write_all(app: &App, batch: &[Append]) -> Result<Vec<Result<Receipt>>> {
    let mut work = Work::begin(app).await?;
    let messages: Vec<&Outgoing> = batch.iter().map(|append| &append.message).collect();
    let mut facts = queries::batch::facts(&mut work.tx, &messages).await?;
    let mut events = Vec::with_capacity(batch.len());
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut known = Vec::new();
    for Append { author, message, .. } in batch {
        outcomes.push(facts.append(author, message, work.now).map(|verdict| match verdict {
            Verdict::Known(receipt) => {
                planted!("hint-as-data", app.bus.changed(message.chat, receipt.seq));
                known.push((message.chat, receipt.seq));
                receipt
            }
            Verdict::Next { seq, prev } => {
                events.extend(author.id.map(|id| (event(author, message, seq, prev, work.now), id)));
                Receipt { seq, at: work.now }
            }
        }));
    }
    if events.is_empty() {
        tell_again(app, known);
        return Ok(outcomes);
    }
    queries::batch::write(&mut work.tx, &events, &facts, work.now).await?;
    planted!(
        "acknowledged-before-commit",
        let (bus, tx, events) = (app.bus.clone(), work.tx, events.into_iter().map(|(event, _)| event.into()).collect());
        drop(tokio::spawn(async move { if tx.commit().await.is_ok() { bus.events(events) } }));
        return Ok(outcomes)
    );
    planted!("told-before-commit", app.bus.events(events.iter().map(|(event, _)| event.clone().into()).collect()));
    work.tx.commit().await?;
    // The line and the lists do not change by what is said, so nobody but the readers is woken.
    app.bus.events(events.into_iter().map(|(event, _)| event.into()).collect());
    tell_again(app, known);
    Ok(outcomes)
}

/// What is known may be so by a commit whose answer was lost: then nobody was told yet. It may also be from the same batch, so
/// this must come after its commit.
fn tell_again(app: &App, known: Vec<(Uuid, i64)>) {
    for (chat, seq) in known {
        app.bus.changed(chat, seq);
    }
}

fn event(author: &Author, message: &Outgoing, seq: i64, prev: i64, at: DateTime<Utc>) -> EventView {
    EventView {
        chat: message.chat,
        seq,
        prev,
        id: message.id,
        at,
        party: author.party,
        name: author.name.clone(),
        visibility: Visibility::Everyone,
        body: EventBody::Message { text: message.text.clone() },
    }
}
