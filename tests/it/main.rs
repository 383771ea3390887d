//! The behaviour of the whole server, through its real surfaces, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests say what went wrong by panicking"
)]

mod support;

mod admin;
mod backup;
mod backup_refused;
mod case_mails;
mod case_offers;
mod case_page;
mod case_search;
mod cases;
mod cluster;
mod commands;
mod entitlement;
mod exchange;
mod figures;
mod files;
mod framing;
mod headers;
mod hostile;
mod http;
mod knowledge;
mod knowledge_base;
mod live;
mod logs;
mod mail;
mod month;
mod naughty;
mod nodes;
mod pin;
mod protocol;
mod readings;
mod routing;
mod solutions_console;
mod sql;
mod tidy;
mod window;
