//! Deskbell: live support for companies whose customers are other companies.
//!
//! Every mouth calls the same **verbs**; a verb runs in **one transaction** that also writes its **events**; after the commit
//! the events go to the **bus**, and the bus feeds every open socket.
//!
//! ```text
//! web/* · chat/connection  →  verb  →  queries(&mut Tx) + events  →  commit  →  bus  →  chat/hub  →  sockets
//! ```
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`chat`] | the live chat: protocol, sockets, the ordered log, the line and who gets the next one |
//! | [`cases`] | what a chat or a left message becomes; tiers; the owner who stays |
//! | [`surveys`] | one question after a resolution |
//! | [`knowledge`] | solutions and the engine that suggests them while a customer types; its language model is the crate in `meaning/` |
//! | [`hours`] | business time |
//! | [`figures`] | the figures behind the wallboard, and their history |
//! | [`entitlement`] | who gets support, and who is refused with grace |
//! | [`identity`] | accounts, contacts, the call-in PIN, the desk's people, sessions |
//! | [`desk`] | what admins set up, and the record of who changed what |
//! | [`jobs`], [`channels`] | work that outlives its verb and is done at least once; mails and webhooks |
//! | [`web`] | all HTTP: the router on one page, a folder a face |
//! | [`store`], [`work`] | one SQL text on two engines, backup and move; a verb's transaction |
//! | [`bus`] | what happened, told to everyone who listens |
//! | [`app`] | the long-lived parts, made in the order in which they need each other; starting and stopping |
//! | [`clock`] | the one place where time, ids and random come in |
//! | [`config`], [`error`], [`input`] | settings, the one error of all verbs, text from outside |
//! | [`commands`], [`demo`] | the command line; the made-up vendor that the demo shows |
//! | [`planted`] | bugs that prove that the crash harness sees; in no default build |

pub mod app;
pub mod bus;
pub mod cases;
pub mod channels;
pub mod chat;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod desk;
pub mod entitlement;
pub mod error;
pub mod figures;
pub mod hours;
pub mod identity;
pub mod input;
pub mod jobs;
pub mod knowledge;
pub mod planted;
pub mod store;
pub mod surveys;
pub mod web;
pub mod work;
