//! From a frame to the verb that it asks for, and from the verb's answer to a frame.

use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{
        session::Visitor,
        staff::{Presence, Staff},
    },
    knowledge::{feedback, markdown, suggest::Knowledge},
    planted,
};

use super::{
    access, board,
    conversation::{self, Ender, no_chat},
    hub::{Delivery, encode},
    journal::Append,
    log::Receipt,
    marks::{self, Marker},
    offers, page, presence,
    protocol::{ClientFrame, Outgoing, Party, Request, ServerFrame, Visibility},
    queries,
    seat::{Principal, Seat},
};

/// How much of what a customer types is shown, in characters.
const MAX_PREVIEW: usize = 1_000;

/// The answer to a refused frame.
pub fn refusal(req: Option<u32>, id: Option<Uuid>, error: &Error) -> ServerFrame {
    let refusal = error.refusal();
    ServerFrame::Error { req, id, code: refusal.code.to_owned(), message: refusal.message, retry: refusal.retry }
}

/// Does what a frame asks; a hint needs no answer.
pub async fn dispatch(seat: &mut Seat, request: Request) -> Option<ServerFrame> {
    let req = request.req;
    let hinted = |done: Result<()>| done.map_or_else(|error| Some(refusal(req, None, &error)), |()| None);
    match request.frame {
        ClientFrame::Ask { message, category, language } => {
            let (chat, id) = (message.chat, message.id);
            let asked = match customer_chat(seat) {
                Ok((visitor, _)) => {
                    let (language, shown) = (language.as_deref(), seat.typed.shown());
                    conversation::ask(&seat.app, visitor, message, &category, language, shown).await
                }
                Err(error) => Err(error),
            };
            if asked.is_ok() {
                seat.typed.forget_shown();
            }
            Some(receipt_frame(req, chat, id, asked))
        }
        ClientFrame::Suggest { text } => {
            suggest(seat, req, text);
            None
        }
        ClientFrame::OpenSolution { solution } => Some(match open_solution(seat, solution).await {
            Ok(found) => {
                let text = markdown::parse(&found.content.body);
                ServerFrame::Solution { req, id: found.id, title: found.content.title, text }
            }
            Err(error) => refusal(req, None, &error),
        }),
        ClientFrame::Typing { chat, on, text } => hinted(typing(seat, chat, on, text).await),
        ClientFrame::Looking { chat, on } => hinted(looking(seat, chat, on)),
        ClientFrame::Mark { chat, delivered, read } => {
            let by = match &seat.who {
                Principal::Customer(visitor, _) => Marker::Customer(visitor),
                Principal::Staff(staff) => Marker::Staff(staff),
            };
            // What was passed on here may be in the log's tail only.
            let known = seat.reading.get(&chat).copied().unwrap_or_default();
            hinted(marks::raise(&seat.app, chat, by, (delivered, read), known, seat.line.connection()).await)
        }
        frame => Some(match verb(seat, frame).await {
            Ok(()) => ServerFrame::Ok { req },
            Err(error) => refusal(req, None, &error),
        }),
    }
}

/// The verbs whose answer is only that they were done.
async fn verb(seat: &mut Seat, frame: ClientFrame) -> Result<()> {
    let app = &seat.app;
    match frame {
        ClientFrame::RateSolution { solution, solved } => {
            let (visitor, chat) = customer_chat(seat)?;
            feedback::rate(app, visitor, chat, solution, solved).await
        }
        ClientFrame::End { chat, solved } => {
            let by = match &seat.who {
                Principal::Customer(visitor, _) => Ender::Customer(visitor),
                Principal::Staff(staff) => Ender::Staff(staff),
            };
            conversation::end(app, chat, by, solved).await
        }
        ClientFrame::Page { url, title } => {
            let (_, chat) = customer_chat(seat)?;
            page::set(app, chat, &url, &title).await
        }
        ClientFrame::Presence { state } => choose_presence(seat, state).await,
        ClientFrame::Accept { offer } => offers::accept(app, staff(seat)?, offer).await,
        ClientFrame::Decline { offer } => offers::decline(app, staff(seat)?, offer).await,
        ClientFrame::Pick { chat } => offers::pick(app, staff(seat)?, chat).await,
        ClientFrame::Unwatch { chat } => {
            seat.app.hub.unsubscribe(chat, &seat.line);
            seat.reading.remove(&chat);
            Ok(())
        }
        ClientFrame::FollowFigures { on } => {
            staff(seat)?.require_supervisor("follow the desk's figures")?;
            seat.following = on.then(|| app.figures.follow(seat.line.reader()));
            Ok(())
        }
        ClientFrame::Ping {} => Ok(()),
        _ => Err(Error::invalid("bad_frame", "This frame is not expected here.")),
    }
}

/// Hands a message to the journal; its `ack` follows the commit. While the journal has no room it comes back.
pub fn send(seat: &Seat, req: Option<u32>, mut message: Outgoing) -> Result<Option<Append>> {
    planted!(
        "no-dedupe",
        if crate::planted::again(message.id) {
            message.id = seat.app.clock.new_id()
        }
    );
    conversation::clean(&mut message)?;
    seat.app.journal.submit(Append { author: seat.author.clone(), message, req, answer: seat.line.reader() })
}

/// The answer to a message: where it stands, or why it does not.
pub fn receipt_frame(req: Option<u32>, chat: Uuid, id: Uuid, outcome: Result<Receipt>) -> ServerFrame {
    match outcome {
        Ok(receipt) => ServerFrame::Ack { chat, id, seq: receipt.seq, at: receipt.at },
        Err(error) => refusal(req, Some(id), &error),
    }
}

async fn choose_presence(seat: &Seat, state: Presence) -> Result<()> {
    presence::choose(&seat.app, staff(seat)?, state).await
}

/// Looks for solutions beside all else that the connection does; the answer comes by the inbox.
fn suggest(seat: &Seat, req: Option<u32>, text: String) {
    let (app, keystroke, answer) = (seat.app.clone(), seat.typed.next(), seat.line.reader());
    tokio::spawn(async move {
        let items = Knowledge::suggest(&app, &text, &keystroke).await;
        answer.hand(Delivery::Hint(encode(&ServerFrame::Suggestions { req, items })));
    });
}

async fn open_solution(seat: &Seat, solution: Uuid) -> Result<crate::knowledge::solution::Solution> {
    let (visitor, chat) = customer_chat(seat)?;
    feedback::open(&seat.app, visitor, chat, solution).await
}

async fn typing(seat: &Seat, chat: Uuid, on: bool, text: Option<String>) -> Result<()> {
    if !seat.reading.contains_key(&chat) {
        return Err(no_chat());
    }
    let (party, name) = match &seat.who {
        Principal::Customer(visitor, _) => (Party::Customer, visitor.contact.name.clone()),
        Principal::Staff(staff) => {
            let row = queries::find_chat(&seat.app.db, chat).await?.ok_or_else(no_chat)?;
            if row.agent_id != Some(staff.id) && row.beside_id != Some(staff.id) {
                return Ok(());
            }
            (Party::Staff, staff.name.clone())
        }
    };
    let text = text.filter(|_| party == Party::Customer && on && seat.app.board.borrow().rules().typing_preview);
    // The customer's own other pages need not know what is typed, and must not show it to whoever stands beside.
    let visibility = if party == Party::Customer { Visibility::Staff } else { Visibility::Everyone };
    let text = text.map(|text| text.chars().filter(|c| *c != '\0').take(MAX_PREVIEW).collect());
    let frame = ServerFrame::Typing { chat, party, name, on, text };
    seat.app.bus.hint(chat, Some(seat.line.connection()), visibility, &frame);
    Ok(())
}

/// Tells colleagues that the chat is on this person's screen.
fn looking(seat: &Seat, chat: Uuid, on: bool) -> Result<()> {
    let staff = staff(seat)?;
    if !seat.reading.contains_key(&chat) {
        return Err(no_chat());
    }
    let frame = ServerFrame::Looking { chat, name: staff.name.clone(), on };
    seat.app.bus.hint(chat, Some(seat.line.connection()), Visibility::Staff, &frame);
    Ok(())
}

/// Refuses a reader whose chat it is not: customers read their own, specialists their teams' and supervisors all. To others
/// it answers the chat's last number.
pub async fn may_read(seat: &Seat, chat: Uuid) -> Result<i64> {
    seat.app.journal.fold().await?;
    let row = queries::find_log_end(&seat.app.db, chat).await?.ok_or_else(no_chat)?;
    match &seat.who {
        Principal::Customer(visitor, _) if row.hands.contact_id == visitor.contact.id => {}
        Principal::Customer(..) => return Err(no_chat()),
        Principal::Staff(staff) => access::check(&seat.app, staff, &row.hands).await?,
    }
    Ok(row.last_seq)
}

/// Where a chat stands, after its events were sent.
pub async fn caught_up(app: &App, chat: Uuid, seq: i64) -> Result<ServerFrame> {
    let (state, view) = board::find_view(app, chat).await?;
    let marks = queries::marks_of(&app.db, chat).await?;
    Ok(ServerFrame::CaughtUp { chat, seq, state, marks, agent: view.agent, case: view.case })
}

fn staff(seat: &Seat) -> Result<&Staff> {
    match &seat.who {
        Principal::Staff(staff) => Ok(staff),
        Principal::Customer(..) => Err(Error::forbidden("Only the desk's people can do this.")),
    }
}

fn customer_chat(seat: &Seat) -> Result<(&Visitor, Uuid)> {
    match &seat.who {
        Principal::Customer(visitor, chat) => Ok((visitor, *chat)),
        Principal::Staff(..) => Err(Error::forbidden("Only the customer of a chat can do this.")),
    }
}
