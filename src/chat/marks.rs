//! How far each side of a chat got: delivered and read, each true only when that side's client says so.

use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{session::Visitor, staff::Staff},
};

use super::{
    conversation::no_chat,
    protocol::{Party, ServerFrame, Visibility},
    queries,
};

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

/// Raises a side's marks and tells the other readers.
pub async fn raise(app: &App, chat: Uuid, by: Marker<'_>, delivered: i64, read: i64, from: u64) -> Result<()> {
    if !are_marks(delivered, read) {
        return Err(Error::invalid("bad_mark", "Marks are numbers from 0, and `read` is at most `delivered`."));
    }
    let row = queries::find_chat(&app.db, chat).await?.ok_or_else(no_chat)?;
    let party = match by {
        Marker::Customer(visitor) if row.contact_id == visitor.contact.id => Party::Customer,
        Marker::Customer(_) => return Err(no_chat()),
        // Others may read along; that the customer's words reached them is no promise to the customer.
        Marker::Staff(staff) if row.agent_id == Some(staff.id) => Party::Staff,
        Marker::Staff(_) => return Ok(()),
    };
    let mut tx = app.db.begin().await?;
    let mark = queries::raise_marks(&mut tx, chat, party, delivered.min(row.last_seq), read.min(row.last_seq)).await?;
    tx.commit().await?;
    app.bus.hint(chat, Some(from), Visibility::Everyone, &ServerFrame::Mark { chat, mark });
    Ok(())
}
