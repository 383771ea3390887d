//! A unit of work: one transaction of a verb, with the events that it wrote; they are told only after the commit.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    chat::{ledger::Held, log::Logged},
    error::{Error, Result},
    planted,
    store::Tx,
};

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
    knowledge_changed: bool,
    case_made: bool,
    job_added: bool,
    /// Keeps messages out of the logs; dropped after the transaction.
    held: Option<Held>,
}

impl<'a> Work<'a> {
    /// Begins.
    pub async fn begin(app: &'a App) -> Result<Self> {
        let held = app.journal.hold().await?;
        let tx = app.db.begin().await?;
        Ok(Self {
            app,
            tx,
            now: app.clock.now(),
            events: Vec::new(),
            desk_changed: false,
            knowledge_changed: false,
            case_made: false,
            job_added: false,
            held,
        })
    }

    /// The transaction writes an event under this id.
    pub fn note(&mut self, chat: Uuid, id: Uuid) {
        if let Some(held) = &mut self.held {
            held.note(chat, id);
        }
    }

    /// The transaction counts a client of this chat on.
    pub fn counts(&mut self, chat: Uuid) {
        if let Some(held) = &mut self.held {
            held.forget(chat);
        }
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

    /// What is suggested is another after the commit.
    pub fn knowledge_changed(&mut self) {
        self.knowledge_changed = true;
    }

    /// There is a new case: what it means is worked out after the commit, on this node.
    pub fn case_made(&mut self) {
        self.case_made = true;
    }

    /// There is a new job: this node's worker is woken after the commit.
    pub fn job_added(&mut self) {
        self.job_added = true;
    }

    /// Makes it durable, then tells. Whoever asked may go away meanwhile; what was begun is done, and the logs stay held until
    /// it is.
    pub async fn commit(self) -> Result<()> {
        let Self { app, tx, events, desk_changed, knowledge_changed, case_made, job_added, held, .. } = self;
        let (bus, knowledge, jobs) = (app.bus.clone(), app.knowledge.clone(), app.jobs.clone());
        planted!("told-before-commit", bus.events(events.clone()));
        let done = tokio::spawn(async move {
            tx.commit().await?;
            bus.events(events);
            if desk_changed {
                bus.desk_changed();
            }
            if knowledge_changed {
                bus.knowledge_changed();
            }
            if case_made {
                knowledge.look();
            }
            if job_added {
                jobs.ring();
            }
            drop(held);
            Ok(())
        });
        done.await.map_err(Error::internal)?
    }
}
