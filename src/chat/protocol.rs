//! The live protocol: every frame that crosses a socket, for widget and console alike. `docs/protocol.md` is printed from it.
//! Long because it is one table of frames, read as a whole.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::conversation::ChatState;
use crate::{
    figures::view::FiguresView,
    identity::staff::{Presence, StaffRole},
    knowledge::markdown::Node,
};

/// The protocol's version; `hello` must name it.
pub const VERSION: u16 = 1;
/// The longest text of one message, in Unicode characters.
pub const MAX_TEXT: usize = 4_000;
/// The largest frame that the server reads, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;
/// After how many seconds without a word both ways the server pings; two unanswered pings end the connection.
pub const PING_SECONDS: u64 = 25;

/// Why the server closed the socket. 1012 and 4000–4099: come back; 4100–4199: come back only after the cause is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// The server stops or restarts: come back at once.
    Restart = 1012,
    /// This reader was too slow and its queue is full: come back with the last number seen.
    TooSlow = 4000,
    /// No `hello` came in time, or nothing was heard for two pings: come back.
    Silent = 4001,
    /// The token or cookie is unknown, has run out or was revoked: sign in again, then come back.
    Unauthorized = 4100,
    /// A frame broke the protocol: mend the program before it comes back.
    Protocol = 4101,
    /// This person has too many connections open: close others before another one.
    TooMany = 4102,
}

/// What a client sends: one JSON object a frame.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Request {
    /// A number of the client's choice; the answer (`ok`, `error`, `suggestions`, `solution`) carries it back.
    #[serde(default)]
    pub req: Option<u32>,
    /// What is asked.
    #[serde(flatten)]
    pub frame: ClientFrame,
}

impl Request {
    /// Reads a frame. The general way buffers it to find out which verb it is; messages, which are most of what comes, are
    /// read in one go.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Message {
            #[serde(default)]
            req: Option<u32>,
            chat: Uuid,
            id: Uuid,
            client: Uuid,
            n: i64,
            text: String,
        }
        if text.starts_with(r#"{"type":"send","#)
            && let Ok(Message { req, chat, id, client, n, text }) = serde_json::from_str(text)
        {
            return Ok(Self { req, frame: ClientFrame::Send(Outgoing { chat, id, client, n, text }) });
        }
        serde_json::from_str(text)
    }
}

/// The verbs of the protocol.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame of every socket.
    Hello {
        /// The protocol's version: 1.
        v: u16,
        /// A visitor's or program's token. Without it the console's cookie counts (same origin only).
        #[serde(default)]
        token: Option<String>,
    },
    /// Read a chat: all events after number `after`, a `caught_up`, then the live flow. Sending it again starts anew from there.
    Watch {
        /// Which chat.
        chat: Uuid,
        /// The last number that the client holds; 0 for all.
        after: i64,
    },
    /// Stop reading a chat.
    Unwatch {
        /// Which chat.
        chat: Uuid,
    },
    /// Say something. Answered by `ack` after the commit; sending the very same frame again is harmless.
    Send(Outgoing),
    /// Customer: ask the question and enter the line. Answered by `ack`; harmless when repeated.
    Ask {
        /// The question as a message.
        #[serde(flatten)]
        message: Outgoing,
        /// Key of the category that the customer picked.
        category: String,
        /// The customer's language, as a tag like `es` or `en-US`; it counts where somebody answers in it.
        #[serde(default)]
        language: Option<String>,
    },
    /// Customer: solutions for what is being typed. Answered by `suggestions`, which is empty once a later text was sent.
    Suggest {
        /// The text so far.
        text: String,
    },
    /// Customer: show one solution. Answered by `solution`; the agent will see that it was opened.
    OpenSolution {
        /// Which solution.
        solution: Uuid,
    },
    /// Customer: did the solution help? Yes ends the visit as solved by self-service.
    RateSolution {
        /// Which solution.
        solution: Uuid,
        /// True: it solved the question.
        solved: bool,
    },
    /// This side is typing, or has stopped. A hint, not stored.
    Typing {
        /// Which chat.
        chat: Uuid,
        /// True: typing.
        on: bool,
        /// Customer: what is being typed, up to 1,000 characters; shown to the desk if its rules say so.
        #[serde(default)]
        text: Option<String>,
    },
    /// Specialist: this chat is on the screen, or no longer. A hint for colleagues, said again every 20 s.
    Looking {
        /// Which chat.
        chat: Uuid,
        /// True: on the screen.
        on: bool,
    },
    /// Customer: the page on which the widget is. The desk's people see it.
    Page {
        /// Its address, without what may be secret in it (query and fragment).
        url: String,
        /// Its title.
        title: String,
    },
    /// How far this side got: numbers only ever rise.
    Mark {
        /// Which chat.
        chat: Uuid,
        /// The highest number that has arrived in this client.
        delivered: i64,
        /// The highest number that a person has seen on the screen; at most `delivered`.
        read: i64,
    },
    /// End the chat; what is unsolved becomes a case.
    End {
        /// Which chat.
        chat: Uuid,
        /// True: the person says that it is solved, so no case is made.
        #[serde(default)]
        solved: bool,
    },
    /// Specialist: be offered chats, or not.
    Presence {
        /// The state from now on.
        state: Presence,
    },
    /// Specialist: take the offered chat.
    Accept {
        /// Which offer.
        offer: Uuid,
    },
    /// Specialist: pass the offer on.
    Decline {
        /// Which offer.
        offer: Uuid,
    },
    /// Specialist: take a waiting chat of one of the own teams by hand.
    Pick {
        /// Which chat.
        chat: Uuid,
    },
    /// Supervisor: be sent `figures` whenever they change, or no longer.
    FollowFigures {
        /// True: from now on.
        on: bool,
    },
    /// Are you there? Answered by `ok`.
    Ping {},
}

/// A message on its way in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Outgoing {
    /// Which chat.
    pub chat: Uuid,
    /// The client's own id of this message: a UUID that it never uses again.
    pub id: Uuid,
    /// The id of the client (a page load, a program's run): a UUID.
    pub client: Uuid,
    /// The client's counter in this chat: 1 for its first message, then one more each time.
    pub n: i64,
    /// The text: 1 to 4,000 characters.
    pub text: String,
}

/// What the server sends.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// The protocol's version.
        v: u16,
        /// Changes when the desk's data were restored from a backup: forget all numbers then.
        epoch: Uuid,
        /// Who you are here.
        you: You,
        /// The server's time.
        now: DateTime<Utc>,
        /// True: the server's clock was set by hand (demo and tests); show it.
        clock_is_set: bool,
        /// The live-chat window.
        hours: HoursView,
    },
    /// One event of a chat, in order, once.
    Event(EventView),
    /// All that had happened when `watch` came has been sent; the live flow follows.
    CaughtUp {
        /// Which chat.
        chat: Uuid,
        /// The chat's last number.
        seq: i64,
        /// The chat's state.
        state: ChatState,
        /// How far each side got.
        marks: Vec<MarkView>,
        /// The name of the specialist who serves the chat.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// The case that the chat became.
        #[serde(skip_serializing_if = "Option::is_none")]
        case: Option<i64>,
    },
    /// The message is on disk, under this number.
    Ack {
        /// Which chat.
        chat: Uuid,
        /// The client's id of the message.
        id: Uuid,
        /// Its number in the chat.
        seq: i64,
        /// When it was written.
        at: DateTime<Utc>,
    },
    /// Done.
    Ok {
        /// The request's number.
        #[serde(skip_serializing_if = "Option::is_none")]
        req: Option<u32>,
    },
    /// Not done, and why.
    Error {
        /// The request's number.
        #[serde(skip_serializing_if = "Option::is_none")]
        req: Option<u32>,
        /// The message's id, when a message was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Uuid>,
        /// What it is, for programs.
        code: String,
        /// What it is and what to do, for people.
        message: String,
        /// True: the same frame may succeed later.
        retry: bool,
    },
    /// The other side is typing, or has stopped. A hint: forget it after six seconds.
    Typing {
        /// Which chat.
        chat: Uuid,
        /// Which side.
        party: Party,
        /// Who.
        name: String,
        /// True: typing.
        on: bool,
        /// To the desk's people: what the customer is typing.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A colleague has the chat on the screen, or no longer. A hint: forget it after 30 seconds.
    Looking {
        /// Which chat.
        chat: Uuid,
        /// Who.
        name: String,
        /// True: on the screen.
        on: bool,
    },
    /// How far a side got.
    Mark {
        /// Which chat.
        chat: Uuid,
        /// The side's marks.
        #[serde(flatten)]
        mark: MarkView,
    },
    /// Customer: the place in line, sent when it changes.
    Place {
        /// Which chat.
        chat: Uuid,
        /// 1 is next.
        place: u32,
        /// Expected wait in seconds: the median of this line's recent real waits for this place; absent when there were too few.
        #[serde(skip_serializing_if = "Option::is_none")]
        wait_seconds: Option<u32>,
    },
    /// Solutions for a text, best first, ten at the most.
    Suggestions {
        /// The request's number.
        #[serde(skip_serializing_if = "Option::is_none")]
        req: Option<u32>,
        /// The solutions.
        items: Vec<SuggestionView>,
    },
    /// One solution to read.
    Solution {
        /// The request's number.
        #[serde(skip_serializing_if = "Option::is_none")]
        req: Option<u32>,
        /// Which solution.
        id: Uuid,
        /// Its title.
        title: String,
        /// Its text, as a tree of a few elements.
        text: Vec<Node>,
    },
    /// The live-chat window changed, or its end is near.
    Hours(HoursView),
    /// Specialists and supervisors: what there is to do, whole, sent when it changes.
    Desk(DeskView),
    /// Supervisors who follow them: the figures of the wallboard, whole, at least every two seconds and at most every second.
    Figures(Box<FiguresView>),
}

/// Who a socket belongs to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum You {
    /// A verified contact.
    Customer {
        /// The contact's name.
        name: String,
        /// The account's name.
        account: String,
        /// The conversation that this token opened.
        chat: Uuid,
    },
    /// A member of the desk.
    Staff {
        /// The person's id.
        id: Uuid,
        /// The person's name.
        name: String,
        /// What the person may do.
        role: StaffRole,
        /// 1 to 3: Support Specialist I to III; 4: development.
        tier: i16,
        /// Whether chats are offered.
        presence: Presence,
    },
}

/// A side of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Party {
    /// The customer.
    Customer,
    /// The desk's people.
    Staff,
    /// The server itself.
    System,
}

/// Who may read an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone in the chat.
    Everyone,
    /// The desk's people only.
    Staff,
}

/// One event of a chat's log.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EventView {
    /// Which chat.
    pub chat: Uuid,
    /// The number: 1, 2, 3 … without a gap in the chat's log.
    pub seq: i64,
    /// The number before this one that everyone may read. A customer's reader checks its chain with it, as staff do with `seq`.
    pub prev: i64,
    /// The client's id of a message, otherwise the server's.
    pub id: Uuid,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Which side did it.
    pub party: Party,
    /// The person's name; empty for the server.
    pub name: String,
    /// Who may read it.
    pub visibility: Visibility,
    /// What happened.
    pub body: EventBody,
}

/// What happened in a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// The customer was identified and gave the right PIN.
    Verified {
        /// The account's name.
        account: String,
    },
    /// The customer opened a suggested solution.
    SolutionOpened {
        /// Which.
        solution: Uuid,
        /// Its title.
        title: String,
    },
    /// The customer said whether a solution helped.
    SolutionRated {
        /// Which.
        solution: Uuid,
        /// Its title.
        title: String,
        /// True: it did.
        solved: bool,
    },
    /// Somebody said something.
    Message {
        /// The text, as written.
        text: String,
    },
    /// Somebody sent a file. Its bytes are at `/files/{id}` for the desk's people, at `/widget/api/files/{id}` for the customer.
    File {
        /// The file.
        file: FileView,
    },
    /// The chat entered the line of a team and tier.
    Queued {
        /// The category's name.
        category: String,
        /// The team's name.
        team: String,
        /// 1 to 4.
        tier: i16,
        /// 1 (worst) to 4.
        severity: i16,
    },
    /// A specialist took the chat.
    Joined {},
    /// A supervisor joined beside the specialist.
    JoinedBeside {},
    /// A member of the desk left the chat: somebody else took it, or a supervisor joined no longer.
    Left {},
    /// The chat went back to the line and keeps its place there.
    Requeued {
        /// Why.
        why: RequeueWhy,
    },
    /// Staff: the specialist hands the chat on, and stays until somebody takes it.
    Transferring {
        /// To whom: a person's name, or a team and tier.
        to: String,
    },
    /// Staff: nobody took it over; the specialist keeps it.
    TransferEnded {
        /// Why, in words.
        why: String,
    },
    /// Staff: the chat waits elsewhere, or is more or less urgent, from now on.
    Rerouted {
        /// The team's name.
        team: String,
        /// 1 to 4.
        tier: i16,
        /// 1 (worst) to 4.
        severity: i16,
    },
    /// Staff: a note for colleagues.
    Note {
        /// The text, as written.
        text: String,
        /// The names of the people who are mentioned, who were told.
        mentions: Vec<String>,
    },
    /// Staff: a supervisor's word to the specialist.
    Whisper {
        /// The text, as written.
        text: String,
    },
    /// Staff: the specialist asks for a supervisor.
    Flagged {
        /// What for.
        reason: String,
    },
    /// Staff: that is settled.
    Unflagged {},
    /// Staff: tags were put on the chat or taken off.
    Tagged {
        /// Put on.
        added: Vec<String>,
        /// Taken off.
        removed: Vec<String>,
    },
    /// Staff: another chat of the same customer goes on here.
    Merged {
        /// The other chat, which has ended.
        chat: Uuid,
        /// Its question's first words.
        question: String,
        /// All that the customer wrote there, and the names of the files: it belongs to this chat's case, too.
        text: String,
    },
    /// The chat became a case.
    CaseMade {
        /// The case's number.
        number: i64,
        /// Why: by the specialist, or by itself.
        why: CaseWhy,
    },
    /// The chat is over; nothing can be added.
    Ended {
        /// Why.
        why: EndWhy,
        /// What the desk says about a subject that is out of scope.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
}

/// A file that was sent in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileView {
    /// Which file.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is by what is in it, as a media type; `application/octet-stream` where that is not known.
    pub kind: String,
    /// In bytes.
    pub size: u32,
    /// Of a picture that can be shown: then there is a small one at `…/{id}/thumbnail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of a picture that can be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Why a chat went back to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequeueWhy {
    /// Its specialist's connection was lost.
    Lost,
    /// A supervisor put it there.
    BySupervisor,
}

/// Why a chat became a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CaseWhy {
    /// The specialist made it.
    BySpecialist,
    /// It ended without a solution.
    Unsolved,
    /// The customer was away too long.
    Abandoned,
    /// The live-chat window closed while it waited, or its grace ran out.
    WindowClosed,
}

/// Why a chat ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum EndWhy {
    /// A suggested solution solved it before anybody was asked.
    SelfService,
    /// The customer ended it.
    Customer,
    /// The specialist ended it.
    Specialist,
    /// The customer was away too long.
    Abandoned,
    /// The live-chat window closed.
    WindowClosed,
    /// It goes on in another chat of the same customer.
    Merged,
    /// The subject is out of scope: the question was answered with a set text.
    OutOfScope,
}

/// How far one side got in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct MarkView {
    /// Which side.
    pub party: Party,
    /// All up to this number has arrived in that side's client.
    pub delivered: i64,
    /// All up to this number was seen on that side's screen.
    pub read: i64,
}

/// A suggested solution.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SuggestionView {
    /// Which solution.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Its first words.
    pub snippet: String,
}

/// The live-chat window as of now.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HoursView {
    /// Chats may start.
    pub open: bool,
    /// When the window closes; absent when closed, or when it is held open by hand without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<DateTime<Utc>>,
    /// When the window opens next; absent when open, or when no opening is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<DateTime<Utc>>,
    /// The desk's zone, as an IANA name.
    pub zone: String,
    /// True: the close is near enough to warn.
    pub closing_soon: bool,
    /// Why it was opened or closed by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<String>,
    /// The holiday that closes or shortens the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holiday: Option<String>,
}

/// All that a member of the desk needs to see at once.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DeskView {
    /// Your own presence: an offer that ran out sets it to away.
    pub presence: Presence,
    /// Offers to you that still run.
    pub offers: Vec<OfferView>,
    /// Cases that are offered to you.
    pub case_offers: Vec<CaseOfferView>,
    /// The chats that you serve.
    pub mine: Vec<ChatView>,
    /// Chats that you wrap up: they still count as your load.
    pub wrapping: Vec<WrapUpView>,
    /// The chats waiting for your teams (supervisors: all), first is next; what colleagues hand on to you or your teams, too.
    pub line: Vec<ChatView>,
    /// Supervisors: all chats being served.
    pub served: Vec<ChatView>,
    /// Supervisors: the people who are here.
    pub people: Vec<PersonView>,
    /// Notices to you that are unread, newest first.
    pub notices: Vec<NoticeView>,
    /// Supervisors: PIN locks and sprees of the last day, newest first.
    pub pin_alerts: Vec<PinAlertView>,
    /// Changes whenever a case changes: fetch the lists again then.
    pub cases_changed: i64,
}

/// A case that is offered to you: claim it, or pass it on (`POST /api/cases/{number}/claim`, `…/pass`).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct CaseOfferView {
    /// Which offer.
    pub id: Uuid,
    /// When it goes on to somebody else.
    pub expires_at: DateTime<Utc>,
    /// The case's number.
    pub number: i64,
    /// What it is about.
    pub subject: String,
    /// The contact's name, or the name that a left message gives.
    pub customer: String,
    /// The account's name, or the customer number that a left message claims.
    pub account: String,
    /// The category's name; may be empty.
    pub category: String,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// 1 to 4.
    pub tier: i16,
    /// What falls due next of what was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
}

/// A chat in a list.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChatView {
    /// Which chat.
    pub id: Uuid,
    /// The contact's name.
    pub customer: String,
    /// The account's name.
    pub account: String,
    /// The category's name.
    pub category: String,
    /// The team's name.
    pub team: String,
    /// 1 to 4.
    pub tier: i16,
    /// 1 (worst) to 4.
    pub severity: i16,
    /// The question's first words.
    pub question: String,
    /// Since when it waits or, once taken, since when it is served.
    pub since: DateTime<Utc>,
    /// The specialist who serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The customer's page is connected now.
    pub customer_here: bool,
    /// When it shall be answered at the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// The language that is needed, as an ISO 639-1 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The page on which the customer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PageView>,
    /// What the specialist wants from a supervisor, and since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<CallView>,
    /// To whom it is handed on: a name, or a team and tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_to: Option<String>,
    /// The supervisor who joined beside the specialist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The case that the chat became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<i64>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PageView {
    /// Its address, without query and fragment.
    pub url: String,
    /// Its title.
    pub title: String,
}

/// A call for a supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CallView {
    /// What for.
    pub reason: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// An ended chat that its specialist still writes up.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WrapUpView {
    /// Which chat.
    pub chat: Uuid,
    /// The contact's name.
    pub customer: String,
    /// Until when it counts as load.
    pub until: DateTime<Utc>,
}

/// An offer of a chat to a specialist.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OfferView {
    /// Which offer.
    pub id: Uuid,
    /// Until when it can be taken.
    pub expires_at: DateTime<Utc>,
    /// The chat.
    pub chat: ChatView,
}

/// A member of the desk in the supervisor's list.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PersonView {
    /// Who.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// 1 to 4.
    pub tier: i16,
    /// Whether chats are offered.
    pub presence: Presence,
    /// Chats being served.
    pub chats: i64,
    /// How many at the most.
    pub capacity: i16,
    /// Since when in this state.
    pub since: DateTime<Utc>,
}

/// Something that a person of the desk must know.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct NoticeView {
    /// Which notice.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What, in one sentence.
    pub text: String,
    /// The case it is about.
    pub case_number: Option<i64>,
    /// The chat it is about.
    pub chat_id: Option<Uuid>,
}

/// A lock or a spree of wrong PINs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct PinAlertView {
    /// When.
    pub at: DateTime<Utc>,
    /// What, in one sentence.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_07_a_message_reads_the_same_in_one_go() {
        let ids = r#""chat":"01a2321e-adf4-73be-be98-bd998219496b","id":"01a2321e-adf4-73be-be98-bd998219496c","client":"01a2321e-adf4-73be-be98-bd998219496d""#;
        for rest in [
            r#","n":1,"text":"Hello""#,
            r#","n":2,"text":"a \"quote\" \u00e9 \n 😀","req":7"#,
            r#","n":9223372036854775807,"text":"","req":null,"unknown":{"a":[1]}"#,
            r#","n":1.5,"text":"no""#,
            r#","n":"1","text":"no""#,
            r#","n":1,"text":"twice","text":"no""#,
            r#","n":1"#,
        ] {
            let text = format!(r#"{{"type":"send",{ids}{rest}}}"#);
            let (quick, slow) = (Request::read(&text), serde_json::from_str::<Request>(&text));
            assert_eq!(
                format!("{:?}", quick.map_err(|e| e.to_string())),
                format!("{:?}", slow.map_err(|e| e.to_string())),
                "{text}"
            );
        }
        let other = r#"{"type":"typing","chat":"01a2321e-adf4-73be-be98-bd998219496b","on":true}"#;
        assert!(matches!(Request::read(other), Ok(Request { frame: ClientFrame::Typing { on: true, .. }, .. })));
    }
}
