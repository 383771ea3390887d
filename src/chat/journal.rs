//! The group-committing log: one task gathers the messages that wait, writes them in one transaction, then acknowledges all.
//! An acknowledgement means that the message is on disk.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    error::{Error, Result},
    planted,
    work::Work,
};

use super::{
    admission::Verdict,
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

/// A message and who awaits its receipt.
struct Append {
    author: Author,
    message: Outgoing,
    answer: oneshot::Sender<Result<Receipt>>,
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

    /// Hands a cleaned message in; messages handed in one after the other are written in that order.
    pub async fn submit(&self, author: Author, message: Outgoing) -> Result<oneshot::Receiver<Result<Receipt>>> {
        let (answer, receipt) = oneshot::channel();
        self.0.send(Append { author, message, answer }).await.map_err(|_| stopping())?;
        Ok(receipt)
    }

    /// Writes a cleaned message; answers after the commit.
    pub async fn append(&self, author: Author, message: Outgoing) -> Result<Receipt> {
        self.submit(author, message).await?.await.map_err(|_| stopping())?
    }
}

/// The refusal while the server stops.
pub fn stopping() -> Error {
    Error::unavailable("The server is restarting. Your message will be sent again by itself.")
}

impl Pending {
    /// Writes what comes until the stop; then what waits, and ends. What comes later is refused.
    pub async fn run(mut self, app: App, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let taken = tokio::select! {
                biased;
                taken = self.0.recv_many(&mut batch, BATCH) => taken,
                () = stop.cancelled(), if !self.0.is_closed() => {
                    self.0.close();
                    continue;
                }
            };
            if taken == 0 {
                return;
            }
            write(&app, std::mem::take(&mut batch)).await;
        }
    }
}

async fn write(app: &App, mut batch: Vec<Append>) {
    match settle(app, &batch).await {
        Ok(outcomes) => {
            for (append, outcome) in batch.into_iter().zip(outcomes) {
                // A sender that is gone asks again with the same id.
                let _ = append.answer.send(outcome);
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
                let _ = append.answer.send(Err(error));
            }
        }
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
    for Append { author, message, .. } in batch {
        outcomes.push(facts.append(author, message, work.now).map(|verdict| match verdict {
            Verdict::Known(receipt) => receipt,
            Verdict::Next { seq, prev } => {
                events.extend(author.id.map(|id| (event(author, message, seq, prev, work.now), id)));
                Receipt { seq, at: work.now }
            }
        }));
    }
    if events.is_empty() {
        return Ok(outcomes);
    }
    queries::batch::write(&mut work.tx, &events, &facts, work.now).await?;
    planted!(
        "acknowledged-before-commit",
        let (bus, tx, events) = (app.bus.clone(), work.tx, events.into_iter().map(|(event, _)| event.into()).collect());
        drop(tokio::spawn(async move { if tx.commit().await.is_ok() { bus.events(events) } }));
        return Ok(outcomes)
    );
    for (event, _) in events {
        work.tell(event.into());
    }
    work.commit().await?;
    Ok(outcomes)
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
