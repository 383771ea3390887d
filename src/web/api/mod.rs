//! The HTTP API: what the console does, a program can do.

pub mod cases;
pub mod chats;
pub mod desk;
pub mod health;
pub mod hours;
pub mod replies;
pub mod solutions;
pub mod steer;
