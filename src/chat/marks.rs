//! How far each side of a chat got: delivered and read, each true only when that side's client says so.

use std::{collections::BTreeMap, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{session::Visitor, staff::Staff},
};

use super::{
    conversation::no_chat,
    gather,
    protocol::{MarkView, Party, ServerFrame, Visibility},
    queries,
};

/// How many marks may wait.
const WAITING: usize = 4_096;
/// How long marks are gathered before they are written together.
const GATHER: Duration = Duration::from_millis(20);

/// Who marks.
pub enum Marker<'a> {
    /// The customer of the chat.
    Customer(&'a Visitor),
    /// A member of the desk; only the one who serves the chat counts.
    Staff(&'a Staff),
}

/// Whether two numbers can be marks: from 0, and nothing is read that was not delivered.
pub fn are_marks(delivered: i64, read: i64) -> bool {
    0 <= read && read <= delivered
}

/// Raises a side's marks (delivered, read), up to the log's end, which is `known` to be there or beyond; the other readers are
/// told once it is written.
pub async fn raise(
    app: &App,
    chat: Uuid,
    by: Marker<'_>,
    (delivered, read): (i64, i64),
    known: i64,
    from: u64,
) -> Result<()> {
    if !are_marks(delivered, read) {
        return Err(Error::invalid("bad_mark", "Marks are numbers from 0, and `read` is at most `delivered`."));
    }
    let row = queries::find_log_end(&app.db, chat).await?.ok_or_else(no_chat)?;
    let party = match by {
        Marker::Customer(visitor) if row.hands.contact_id == visitor.contact.id => Party::Customer,
        Marker::Customer(_) => return Err(no_chat()),
        // Others may read along; that the customer's words reached them is no promise to the customer.
        Marker::Staff(staff) if row.hands.agent_id == Some(staff.id) => Party::Staff,
        Marker::Staff(_) => return Ok(()),
    };
    let last = row.last_seq.max(known);
    app.marks.hand_in(Raise { chat, party, delivered: delivered.min(last), read: read.min(last), from }).await;
    Ok(())
}

/// A side's marks on their way into the database.
struct Raise {
    chat: Uuid,
    party: Party,
    delivered: i64,
    read: i64,
    from: u64,
}

/// The way of marks into the database: there are two for each message, and they share transactions.
#[derive(Clone)]
pub struct Marks(mpsc::Sender<Raise>);

/// The other end, until its task runs.
pub struct Pending(mpsc::Receiver<Raise>);

impl Marks {
    /// A way whose task is not running yet.
    pub fn new() -> (Self, Pending) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), Pending(receiver))
    }

    async fn hand_in(&self, raise: Raise) {
        // After the stop nobody takes marks; the client says them again when it is back.
        let _ = self.0.send(raise).await;
    }
}

impl Pending {
    /// Writes what comes, many at once, until the server stops.
    pub async fn run(mut self, app: App, stop: CancellationToken) {
        let mut batch = Vec::new();
        while gather::take(&mut self.0, &mut batch, WAITING, &stop).await {
            if let Err(error) = write(&app, std::mem::take(&mut batch)).await {
                tracing::warn!(%error, "marks could not be written; the clients will say higher ones");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(GATHER) => {}
            }
        }
    }
}

async fn write(app: &App, batch: Vec<Raise>) -> Result<()> {
    // The highest of each side, with the connection that it came from.
    let mut highest: BTreeMap<(Uuid, Party), Raise> = BTreeMap::new();
    for raise in batch {
        let held = highest.entry((raise.chat, raise.party)).or_insert(Raise { delivered: 0, read: 0, ..raise });
        held.delivered = held.delivered.max(raise.delivered);
        held.read = held.read.max(raise.read);
        held.from = raise.from;
    }
    let rows = highest.values().map(|r| (r.chat, MarkView { party: r.party, delivered: r.delivered, read: r.read }));
    let mut tx = app.db.begin().await?;
    let raised = queries::batch::raise_marks(&mut tx, rows).await?;
    tx.commit().await?;
    for (chat, mark) in raised {
        let from = highest.get(&(chat, mark.party)).map(|raise| raise.from);
        app.bus.hint(chat, from, Visibility::Everyone, &ServerFrame::Mark { chat, mark });
    }
    Ok(())
}
