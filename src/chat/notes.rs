//! Notes of who comes, goes or chose a state. After a restart everybody is back at once: the notes that wait share a transaction.

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::staff::Presence,
    store::Tx,
};

use super::{gather, queries};

/// How many notes may wait; beyond that whoever brings one waits too.
const WAITING: usize = 4_096;
/// How many share a transaction at the most: others want to write, too.
const MOST: usize = 256;

/// What is noted, of this node.
#[derive(Debug, Clone, Copy)]
pub enum Note {
    /// The customer's page came to a chat.
    CustomerCame(Uuid),
    /// The last page of a chat's customer left.
    CustomerLeft(Uuid),
    /// A person is at a console, in this state.
    Person(Uuid, Presence),
    /// A person was at a console all along, and nothing says so.
    PersonThere(Uuid),
    /// A person's last console closed; it was heard from at this time.
    PersonLeft(Uuid, DateTime<Utc>),
}

struct Waiting {
    note: Note,
    noted: oneshot::Sender<Result<()>>,
}

/// The way of notes into the database.
#[derive(Clone)]
pub struct Notes(mpsc::Sender<Waiting>);

/// The other end, until its task runs.
pub struct Pending(mpsc::Receiver<Waiting>);

impl Notes {
    /// A way whose task is not running yet.
    pub fn new() -> (Self, Pending) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), Pending(receiver))
    }

    /// Answers once it is written, and those who watch the desk are woken.
    pub async fn write(&self, note: Note) -> Result<()> {
        let (noted, answer) = oneshot::channel();
        let stopping = || Error::unavailable("The server is restarting.");
        self.0.send(Waiting { note, noted }).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }
}

impl Pending {
    /// Writes what comes, many at once, until the server stops.
    pub async fn run(mut self, app: App, stop: CancellationToken) {
        let mut batch = Vec::new();
        while gather::take(&mut self.0, &mut batch, MOST, &stop).await {
            write(&app, std::mem::take(&mut batch)).await;
        }
    }
}

async fn write(app: &App, batch: Vec<Waiting>) {
    // Whoever brought a note may be gone when it is answered.
    match write_all(app, batch.iter().map(|waiting| waiting.note)).await {
        Ok(()) => batch.into_iter().for_each(|waiting| drop(waiting.noted.send(Ok(())))),
        // One that cannot be written must not take the others with it: each is written alone.
        Err(_) if batch.len() > 1 => {
            for waiting in batch {
                Box::pin(write(app, vec![waiting])).await;
            }
        }
        Err(error) => drop(batch.into_iter().next().map(|waiting| waiting.noted.send(Err(error)))),
    }
}

/// One transaction for all, those of one row in the order in which they came; then the others are told.
async fn write_all(app: &App, notes: impl Iterator<Item = Note>) -> Result<()> {
    let now = app.clock.now();
    let mut notes: Vec<Note> = notes.collect();
    // Chats are locked before people, as everywhere, and always in the same order: two nodes must not wait for each other.
    notes.sort_by_key(Note::row);
    let mut tx = app.db.begin().await?;
    for note in &notes {
        write_one(&mut tx, app.node, *note, now).await?;
    }
    tx.commit().await?;
    app.bus.desk_changed();
    for note in notes {
        if let Note::CustomerLeft(chat) = note {
            app.bus.customer_left(chat);
        }
    }
    Ok(())
}

async fn write_one(tx: &mut Tx, node: Uuid, note: Note, now: DateTime<Utc>) -> Result<()> {
    match note {
        Note::CustomerCame(chat) => queries::hold_customer(tx, chat, node, now).await?,
        Note::CustomerLeft(chat) => queries::leave_customer(tx, chat, node, now).await?,
        Note::Person(staff, state) => {
            queries::set_presence(tx, staff, state, node, now).await?;
            if state == Presence::Online { 0 } else { queries::withdraw_offers_to(tx, staff).await? }
        }
        Note::PersonThere(staff) => queries::hold_person(tx, staff, node, now).await?,
        Note::PersonLeft(staff, seen) => queries::leave_node(tx, staff, node, seen).await?,
    };
    Ok(())
}

impl Note {
    /// The row that it changes: chats come first.
    fn row(&self) -> (bool, Uuid) {
        match *self {
            Self::CustomerCame(chat) | Self::CustomerLeft(chat) => (false, chat),
            Self::Person(staff, _) | Self::PersonThere(staff) | Self::PersonLeft(staff, _) => (true, staff),
        }
    }
}
