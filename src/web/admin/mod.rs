//! Pages where admins set the desk up: plain forms, complete without JavaScript.

pub mod hours;
