//! A unit of work: one transaction of a verb, with the events that it wrote; they are told only after the commit.

use chrono::{DateTime, Utc};

use crate::{app::App, chat::log::Logged, error::Result, planted, store::Tx};

/// One verb's transaction. Dropped without `commit`, nothing happened and nobody hears of it.
pub struct Work<'a> {
    /// The parts of the server.
    pub app: &'a App,
    /// The transaction.
    pub tx: Tx,
    /// When it began; all that it writes carries this time.
    pub now: DateTime<Utc>,
    events: Vec<Logged>,
    desk_changed: bool,
}

impl<'a> Work<'a> {
    /// Begins.
    pub async fn begin(app: &'a App) -> Result<Self> {
        let tx = app.db.begin().await?;
        Ok(Self { app, tx, now: app.clock.now(), events: Vec::new(), desk_changed: false })
    }

    /// An event to tell after the commit.
    pub fn tell(&mut self, event: Logged) {
        self.events.push(event);
        self.desk_changed = true;
    }

    /// Consoles and wallboards must look again after the commit.
    pub fn desk_changed(&mut self) {
        self.desk_changed = true;
    }

    /// Makes it durable, then tells.
    pub async fn commit(self) -> Result<()> {
        planted!("told-before-commit", self.app.bus.events(self.events.clone()));
        self.tx.commit().await?;
        self.app.bus.events(self.events);
        if self.desk_changed {
            self.app.bus.desk_changed();
        }
        Ok(())
    }
}
