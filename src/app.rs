//! The long-lived parts of a server, made in the order in which they need each other; its tasks; its stop.

use std::{ops::Deref, path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    bus::{self, Bus, follow},
    cases,
    channels::email::Mailer,
    chat::{
        board::{self, Board},
        files::Uploads,
        hub::{self, Hub},
        journal::{self, Journal},
        marks::{self, Marks},
        notes::{self, Notes},
        presence, router, window,
    },
    clock::{Clock, random_bytes},
    config::Config,
    error::{Error, Result},
    figures,
    hours::{self, Hours},
    identity::hashing::Hasher,
    jobs::{self, worker},
    knowledge::{budget::Budget, learn, suggest::Knowledge, upkeep},
    planted,
    store::{self, Db},
};

/// How long a stop waits for what is under way.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A handle on all parts; clones are cheap and share them.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// Time and ids.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// This process among those that share the database.
    pub node: Uuid,
    /// Changes when the database was restored from a backup.
    pub epoch: Uuid,
    /// Slow hashing.
    pub hasher: Hasher,
    /// Who reads which chat on this node.
    pub hub: Arc<Hub>,
    /// What happened, told to everyone.
    pub bus: Bus,
    /// The way of messages into the log.
    pub journal: Journal,
    /// The files that are being sent.
    pub uploads: Uploads,
    /// The way of marks into the database.
    pub marks: Marks,
    /// The way of who comes and goes into the database.
    pub notes: Notes,
    /// The desk's hours.
    pub hours: Hours,
    /// The solutions, ready to be asked.
    pub knowledge: Arc<Knowledge>,
    /// How much of what readers do counts.
    pub readings: Budget,
    /// Wakes this node's worker.
    pub jobs: jobs::Bell,
    /// The way to the mail server, if one is set.
    pub mailer: Option<Mailer>,
    /// The figures of the wallboard, and who follows them.
    pub figures: Arc<figures::live::Live>,
    /// What consoles and wallboards see.
    pub board: watch::Sender<Arc<Board>>,
    /// When this process started, by its clock.
    pub started_at: DateTime<Utc>,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
    /// Every open connection.
    pub connections: TaskTracker,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The far ends of what the parts hand over, until `App::start` gives each its task.
pub struct Pending {
    journal: journal::Pending,
    marks: marks::Pending,
    notes: notes::Pending,
    bus: bus::Outgoing,
}

/// The tasks that run beside the connections.
pub struct Tasks {
    others: Vec<JoinHandle<()>>,
    journal: JoinHandle<()>,
    stop_journal: CancellationToken,
}

impl App {
    /// Opens the database and makes the parts. Nothing runs yet but what `start` gets.
    pub async fn open(config: Config, clock: Clock) -> Result<(Self, Pending)> {
        let db = Db::open(&config.database.0, config.limits.free_disk_mb * 1024 * 1024).await?;
        let hasher = hasher(&db, &config.pin_key_file).await?;
        let hub = Arc::new(Hub::default());
        let epoch = store::epoch(&db, clock.new_id()).await?;
        let (journal, journal_pending) = Journal::open(&db, epoch).await?;
        let (marks, marks_pending) = Marks::new();
        let (notes, notes_pending) = Notes::new();
        let knowledge = Arc::new(Knowledge::new(config.suggestions));
        let (bus, bus_pending) = Bus::new(hub.clone(), knowledge.clone(), config.nats.is_some());
        let pending =
            Pending { journal: journal_pending, marks: marks_pending, notes: notes_pending, bus: bus_pending };
        let now = clock.now();
        let app = Self(Arc::new(Parts {
            node: clock.new_id(),
            epoch,
            hours: Hours::load(&db, now).await?,
            knowledge,
            readings: Budget::default(),
            jobs: jobs::Bell::default(),
            mailer: Mailer::new(&config.mail, config.host()).map_err(Error::internal)?,
            bus,
            figures: Arc::default(),
            board: board::empty(),
            started_at: now,
            stop: CancellationToken::new(),
            connections: TaskTracker::new(),
            config,
            clock,
            db,
            hasher,
            hub,
            journal,
            uploads: Uploads::default(),
            marks,
            notes,
        }));
        Ok((app, pending))
    }

    /// Starts the tasks that run beside the connections.
    pub fn start(&self, pending: Pending) -> Tasks {
        let (db, stop) = (self.db.clone(), self.stop.clone());
        let others = vec![
            tokio::spawn(async move { db.watch_disk(&stop).await }),
            tokio::spawn(look_after(self.journal.clone(), self.stop.clone())),
            tokio::spawn(hours::desk::run(self.clone(), self.stop.clone())),
            tokio::spawn(board::run(self.clone(), self.stop.clone())),
            tokio::spawn(router::run(self.clone(), self.stop.clone())),
            tokio::spawn(hub::signs(self.clone(), self.stop.clone())),
            tokio::spawn(presence::run(self.clone(), self.stop.clone())),
            tokio::spawn(follow::run(self.clone(), self.stop.clone())),
            tokio::spawn(pending.marks.run(self.clone(), self.stop.clone())),
            tokio::spawn(pending.notes.run(self.clone(), self.stop.clone())),
            tokio::spawn(pending.bus.run(self.clone(), self.stop.clone())),
            tokio::spawn(window::run(self.clone(), self.stop.clone())),
            tokio::spawn(figures::live::run(self.clone(), self.stop.clone())),
            tokio::spawn(figures::presence::run(self.clone(), self.stop.clone())),
            tokio::spawn(figures::watch::run(self.clone(), self.stop.clone())),
            tokio::spawn(cases::clocks::run(self.clone(), self.stop.clone())),
            tokio::spawn(cases::offers::run(self.clone(), self.stop.clone())),
            tokio::spawn(learn::run(self.clone(), self.stop.clone())),
            tokio::spawn(upkeep::run(self.clone(), self.stop.clone())),
            tokio::spawn(worker::run(self.clone(), self.stop.clone())),
        ];
        let stop_journal = CancellationToken::new();
        let journal = pending.journal.run(self.clone(), stop_journal.clone());
        let journal = match self.db {
            // It waits for the disk itself, which must not keep others waiting.
            Db::Sqlite { .. } => on_a_thread(journal),
            Db::Postgres(_) => tokio::spawn(journal),
        };
        Tasks { others, journal, stop_journal }
    }

    /// Stops: sockets are told to come back, what was handed to the journal is written, the database is closed.
    pub async fn shut_down(&self, tasks: Tasks) {
        planted!("stopped-without-sync", self.db.sync_commits(false).await);
        self.stop.cancel();
        self.connections.close();
        if tokio::time::timeout(LAST_WORDS, self.connections.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        for task in tasks.others {
            // Each ends with what it is doing now; the database must still be there for that.
            if tokio::time::timeout(LAST_WORDS, task).await.is_err() {
                tracing::warn!("a task did not end in time");
            }
        }
        tasks.stop_journal.cancel();
        if let Err(error) = tasks.journal.await {
            tracing::error!(%error, "the journal did not end well");
        }
        if let Err(error) = self.journal.close().await {
            tracing::warn!(%error, "the log's tail stays beside the database until the next start");
        }
        self.db.close().await;
    }
}

/// Runs a task on a thread of its own.
fn on_a_thread(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let runtime = Handle::current();
    let (done, ended) = oneshot::channel();
    std::thread::spawn(move || {
        runtime.block_on(task);
        // Nobody waits for it any more when the runtime is gone.
        let _ = done.send(());
    });
    tokio::spawn(async move { drop(ended.await) })
}

async fn look_after(journal: Journal, stop: CancellationToken) {
    journal.look_after(&stop).await;
}

/// The hasher with this desk's PIN key. With another key no PIN would fit: customers would lock themselves out on this node.
async fn hasher(db: &Db, file: &Path) -> Result<Hasher> {
    let advice = "copy it from another node or from where it is kept; `deskbell admin new-pin-key` says what to do if it is lost";
    let desk_has_one = store::pin_key_mark(db).await?.is_some();
    if desk_has_one && !file.exists() {
        return Err(pin_key_problem(file, format!("this desk has one, but it is not there: {advice}")));
    }
    let hasher = Hasher::new(pin_key(file)?)?;
    let mark = hasher.pin_key_mark()?;
    if store::settle_pin_key(db, &mark).await? == mark {
        Ok(hasher)
    } else {
        Err(pin_key_problem(file, format!("it is not the one that this desk's PINs were made with: {advice}")))
    }
}

/// The key under which PINs are hashed: read, or made at the first start, readable by the owner only.
fn pin_key(file: &Path) -> Result<[u8; 32]> {
    let problem = |what| pin_key_problem(file, what);
    match std::fs::read(file) {
        Ok(bytes) => bytes.try_into().map_err(|_| problem("must be 32 bytes; it was damaged".into())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let key = random_bytes::<32>();
            if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|e| problem(e.to_string()))?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut new = options.open(file).map_err(|e| problem(e.to_string()))?;
            std::io::Write::write_all(&mut new, &key)
                .and_then(|()| new.sync_all())
                .map_err(|e| problem(e.to_string()))?;
            Ok(key)
        }
        Err(e) => Err(problem(e.to_string())),
    }
}

fn pin_key_problem(file: &Path, what: String) -> Error {
    Error::internal(format!("the PIN key {}: {what}", file.display()))
}
