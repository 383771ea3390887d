//! Pages where admins set the desk up: plain forms, complete without JavaScript.

pub mod access;
pub mod agreement;
pub mod categories;
pub mod form;
pub mod hours;
pub mod log;
pub mod outbox;
pub mod overview;
pub mod people;
pub mod promises;
pub mod replies;
pub mod rules;
pub mod severities;
pub mod sites;
pub mod tags;
pub mod teams;
