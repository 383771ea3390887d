//! The group-committing log: one task gathers the messages that wait, writes them in one transaction, then acknowledges all.
//! An acknowledgement means that the message is on disk.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    work::Work,
};

use super::{
    conversation::{ChatState, no_chat, over},
    log::{self, Admission, Author, Receipt},
    protocol::{EventBody, Outgoing, Party, Visibility},
    queries::{self, ChatRow},
};

/// How many messages may wait; beyond that senders wait too.
const WAITING: usize = 4_096;
/// How many messages one transaction takes at the most.
const BATCH: usize = 256;

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
    match write_all(app, &batch).await {
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

/// One transaction for all; an outcome for each. An error means that nothing was written.
async fn write_all(app: &App, batch: &[Append]) -> Result<Vec<Result<Receipt>>> {
    // By chat, sorted: nodes that write to the same chats lock them in the same order.
    let mut chats: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    for (index, append) in batch.iter().enumerate() {
        chats.entry(append.message.chat).or_default().push(index);
    }
    let mut work = Work::begin(app).await?;
    let mut outcomes = BTreeMap::new();
    for (chat, indexes) in chats {
        let row = queries::lock_chat(&mut work.tx, chat).await?;
        for index in indexes {
            let outcome = match (&row, batch.get(index)) {
                (Some(row), Some(append)) => write_one(&mut work, row, append).await,
                _ => Err(no_chat()),
            };
            if let Err(Error::Internal(cause)) = outcome {
                return Err(Error::Internal(cause));
            }
            outcomes.insert(index, outcome);
        }
    }
    work.commit().await?;
    Ok(outcomes.into_values().collect())
}

async fn write_one(work: &mut Work<'_>, chat: &ChatRow, append: &Append) -> Result<Receipt> {
    let Append { author, message, .. } = append;
    let author_id = author.id.ok_or_else(no_chat)?;
    let may_write = match author.party {
        Party::Customer => chat.contact_id == author_id,
        Party::Staff => chat.agent_id == Some(author_id),
        Party::System => false,
    };
    if !may_write {
        return Err(no_chat());
    }
    // Known first: a message that arrived before the chat ended is acknowledged after it, too.
    if let Admission::Known(receipt) = admit_open(work, chat, author_id, message).await? {
        return Ok(receipt);
    }
    let body = EventBody::Message { text: message.text.clone() };
    log::append_as(work, chat.id, message.id, author, Visibility::Everyone, body).await
}

async fn admit_open(work: &mut Work<'_>, chat: &ChatRow, author: Uuid, message: &Outgoing) -> Result<Admission> {
    if matches!(chat.state, ChatState::Queued | ChatState::Active) {
        return log::admit(&mut work.tx, chat, author, message).await;
    }
    match log::known(&mut work.tx, chat, author, message).await? {
        Some(receipt) => Ok(Admission::Known(receipt)),
        None if chat.state == ChatState::Ended => Err(over()),
        None => Err(Error::conflict("not_asked", "Please ask your question first.")),
    }
}
