//! The group-committing log: one task gathers the messages that wait, writes them together, then acknowledges all. An
//! acknowledgement means that the message is on disk. On SQLite the `ledger` writes them, on PostgreSQL one transaction.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    bus::Bus,
    error::{Error, Result},
    planted,
    store::Db,
    work::Work,
};

use super::{
    admission::Verdict,
    dispatch::receipt_frame,
    gather,
    hub::{Delivery, Reader, encode},
    ledger::{Held, Ledger},
    log::{Author, Receipt},
    protocol::{EventBody, EventView, Outgoing, Visibility},
    queries,
};

/// How many messages may wait; beyond that senders wait too.
const WAITING: usize = 4_096;
/// How many messages are written at once at the most.
const BATCH: usize = 256;
/// How many batches that are written may wait to be told.
const UNTOLD: usize = 16;
/// The pauses before a commit of unknown outcome is looked up again.
const RETRIES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3)];

/// A message, and where its answer goes.
pub struct Append {
    /// Whose it is.
    pub author: Arc<Author>,
    /// What it says.
    pub message: Outgoing,
    /// Its request's number.
    pub req: Option<u32>,
    /// Where the answer goes.
    pub answer: Reader,
}

/// What became of a batch.
#[derive(Default)]
pub struct Written {
    /// Of each message.
    pub outcomes: Vec<Result<Receipt>>,
    /// What is new in the logs.
    pub events: Vec<EventView>,
    /// Known messages, by chat and number, that may be so by a commit whose answer was lost: then nobody was told yet.
    pub known: Vec<(Uuid, i64)>,
}

/// The way into the journal.
#[derive(Clone)]
pub struct Journal {
    messages: mpsc::Sender<Append>,
    /// On SQLite.
    ledger: Option<Arc<Ledger>>,
}

/// The journal's other end, until its task runs.
pub struct Pending {
    messages: mpsc::Receiver<Append>,
    ledger: Option<Arc<Ledger>>,
}

impl Journal {
    /// A journal whose task is not running yet.
    pub async fn open(db: &Db, desk: Uuid) -> Result<(Self, Pending)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let ledger = Ledger::open(db, desk).await?;
        Ok((Self { messages: sender, ledger: ledger.clone() }, Pending { messages: receiver, ledger }))
    }

    /// Hands a cleaned message in; messages handed in one after the other are written in that order. The answer reaches the
    /// connection after the commit. While there is no room it comes back, to be handed in by `wait_for_room`.
    pub fn submit(&self, append: Append) -> Result<Option<Append>> {
        match self.messages.try_send(append) {
            Ok(()) => Ok(None),
            Err(TrySendError::Full(append)) => Ok(Some(append)),
            Err(TrySendError::Closed(_)) => Err(stopping()),
        }
    }

    /// Hands a message in as soon as there is room.
    pub async fn wait_for_room(&self, append: Append) -> Result<()> {
        self.messages.send(append).await.map_err(|_| stopping())
    }

    /// Somebody watches a chat from now on, and may soon say something in it.
    pub fn expect(&self, chat: Uuid) {
        if let Some(ledger) = &self.ledger {
            ledger.expect(chat);
        }
    }

    /// Answers when all that was acknowledged before is in the database: to be asked by whoever reads the log there.
    pub async fn fold(&self) -> Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.fold().await,
            None => Ok(()),
        }
    }

    /// Lets another transaction at the logs: until it is dropped no message gets a number. On PostgreSQL rows are locked.
    pub async fn hold(&self) -> Result<Option<Held>> {
        let Some(ledger) = &self.ledger else { return Ok(None) };
        let mut held = ledger.hold().await?;
        held.forget_rows();
        Ok(Some(held))
    }

    /// Does what is to be done beside the journal until the stop.
    pub async fn look_after(&self, stop: &CancellationToken) {
        if let Some(ledger) = &self.ledger {
            ledger.run(stop).await;
        }
    }

    /// Brings everything into the database; the journal's task has ended.
    pub async fn close(&self) -> Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.close().await,
            None => Ok(()),
        }
    }
}

/// The refusal while the server stops.
fn stopping() -> Error {
    Error::unavailable("The server is restarting. Your message will be sent again by itself.")
}

impl Pending {
    /// Writes what comes until the stop; then what waits, and ends. What comes later is refused. On SQLite it waits for the
    /// disk itself, so it needs a thread of its own.
    pub async fn run(mut self, app: App, stop: CancellationToken) {
        let (told, untold) = mpsc::channel(UNTOLD);
        // While the next batch is written the last one is told.
        let telling = tokio::spawn(tell(app.bus.clone(), untold));
        let mut batch = Vec::with_capacity(BATCH);
        while gather::take(&mut self.messages, &mut batch, BATCH, &stop).await {
            self.write(&app, std::mem::take(&mut batch), &told).await;
        }
        drop(told);
        if let Err(error) = telling.await {
            tracing::error!(%error, "the last messages could not be acknowledged");
        }
    }

    async fn write(&self, app: &App, mut batch: Vec<Append>, told: &mpsc::Sender<(Vec<Append>, Written)>) {
        let written = match &self.ledger {
            Some(ledger) => ledger.judge(&batch, app.clock.now()).await.and_then(|judged| {
                planted!(
                    "told-before-commit",
                    app.bus.events(judged.written.events.iter().cloned().map(Into::into).collect())
                );
                judged.write()
            }),
            None => settle(app, &batch).await,
        };
        let written = match written {
            Ok(written) => written,
            // One bad message must not take the others with it: each is written alone.
            Err(_) if batch.len() > 1 => {
                for append in batch.drain(..) {
                    Box::pin(self.write(app, vec![append], told)).await;
                }
                return;
            }
            Err(error) => Written { outcomes: vec![Err(error)], ..Written::default() },
        };
        // It only ends after this.
        let _ = told.send((batch, written)).await;
    }
}

/// Tells what was written to the readers, and the senders where it stands.
async fn tell(bus: Bus, mut untold: mpsc::Receiver<(Vec<Append>, Written)>) {
    while let Some((batch, written)) = untold.recv().await {
        // The line and the lists do not change by what is said, so nobody but the readers is woken.
        bus.events(written.events.into_iter().map(Into::into).collect());
        // It may be known from the same batch, so this comes second.
        for (chat, seq) in written.known {
            bus.changed(chat, seq);
        }
        for (append, outcome) in batch.into_iter().zip(written.outcomes) {
            append.answer(outcome);
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
async fn settle(app: &App, batch: &[Append]) -> Result<Written> {
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

/// One transaction for all. An error means that nothing is known to be written.
async fn write_all(app: &App, batch: &[Append]) -> Result<Written> {
    let mut work = Work::begin(app).await?;
    let messages: Vec<&Outgoing> = batch.iter().map(|append| &append.message).collect();
    let mut facts = queries::batch::facts(&mut work.tx, &messages).await?;
    let mut events = Vec::with_capacity(batch.len());
    let mut written = Written::default();
    for Append { author, message, .. } in batch {
        written.outcomes.push(facts.append(author, message, work.now).map(|verdict| match verdict {
            Verdict::Known(receipt) => {
                planted!("hint-as-data", app.bus.changed(message.chat, receipt.seq));
                written.known.push((message.chat, receipt.seq));
                receipt
            }
            Verdict::Next { seq, prev } => {
                events.extend(author.id.map(|id| (event(author, message, seq, prev, work.now), id)));
                Receipt { seq, at: work.now }
            }
        }));
    }
    if events.is_empty() {
        return Ok(written);
    }
    queries::batch::write(&mut work.tx, &events, &facts, work.now).await?;
    written.events = events.into_iter().map(|(event, _)| event).collect();
    planted!("acknowledged-before-commit", drop(tokio::spawn(work.tx.commit())); return Ok(written));
    planted!("told-before-commit", app.bus.events(written.events.iter().cloned().map(Into::into).collect()));
    work.tx.commit().await?;
    Ok(written)
}

/// A message as an event of its chat's log.
pub fn event(author: &Author, message: &Outgoing, seq: i64, prev: i64, at: DateTime<Utc>) -> EventView {
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
