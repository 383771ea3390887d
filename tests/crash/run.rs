//! A run: desk after desk, and on each a row of rounds. A round: writing, a fault, writing, silence, and everything checked.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom, seq::SliceRandom};
use tokio::{
    task::JoinSet,
    time::{Duration, Instant, sleep, timeout},
};

use crate::{
    checker,
    client::{Phase, Shared, Socket},
    desk::{Desk, Ground},
    disk::Control,
    faults::{self, Fault, Mix},
    ledger::Violation,
    table::Table,
};

/// After healing, everything must be where it belongs within this time.
const DRAIN: Duration = Duration::from_secs(10);
/// How many rounds a desk sees before a new one takes its place: reading it whole must stay quick.
const ROUNDS: usize = 20;

/// How a run ended.
pub struct Outcome {
    pub table: Table,
    pub violation: Option<(Violation, String)>,
    pub rounds: usize,
}

/// All kinds of faults for a time.
pub async fn gate(seed: u64, time: Duration, keep: bool) -> bool {
    let end = Instant::now() + time;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut first = Fault::ALL.to_vec();
    first.shuffle(&mut rng);
    let faults = std::iter::from_fn(move || {
        let next = first.pop().or_else(|| Fault::ALL.choose(&mut rng).copied());
        next.filter(|_| Instant::now() < end)
    });
    report(seed, keep, faults).await
}

/// A given number of each fault.
pub async fn long(seed: u64, mix: Mix, keep: bool) -> bool {
    let faults = mix.shuffled(&mut StdRng::seed_from_u64(seed));
    report(seed, keep, faults.into_iter()).await
}

async fn report(seed: u64, keep: bool, faults: impl Iterator<Item = Fault>) -> bool {
    let folder = tempfile::Builder::new().prefix("deskbell-crash-").tempdir().unwrap();
    let ground = Ground::prepare(folder.path().to_owned(), program(), None).await;
    let outcome = rounds(&ground, seed, faults).await;
    outcome.table.print();
    let Some((Violation { check, story }, log)) = outcome.violation else {
        println!("GOOD: nothing acknowledged was lost, doubled or reordered (seed {seed})");
        if keep {
            println!("kept: {}", folder.keep().display());
        }
        return true;
    };
    println!("\nthe end of the server's log:\n{log}\n");
    println!("BROKEN after {} rounds, seed {seed}: {check}\n  {story}", outcome.rounds);
    println!("  data, disk and log: {}", folder.keep().display());
    false
}

/// The server to test.
fn program() -> PathBuf {
    std::env::var_os("DESKBELL_BIN").map_or_else(|| Path::new(env!("CARGO_BIN_EXE_deskbell")).to_owned(), Into::into)
}

/// Round after round until the faults end or a promise is broken.
pub async fn rounds(ground: &Ground, seed: u64, faults: impl Iterator<Item = Fault>) -> Outcome {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut outcome = Outcome { table: Table::default(), violation: None, rounds: 0 };
    let mut faults = faults.peekable();
    while faults.peek().is_some() && outcome.violation.is_none() {
        let name = format!("desk-{}", outcome.table.eras + 1);
        let mut era = match Era::open(ground, &name, &mut rng).await {
            Ok(era) => era,
            Err(violation) => {
                outcome.violation = Some((violation, String::new()));
                break;
            }
        };
        let mut went_well = Ok(());
        for fault in faults.by_ref().take(ROUNDS) {
            outcome.rounds += 1;
            went_well = era.round(fault, &mut outcome.table, &mut rng).await.map_err(|violation| {
                let story = format!("{} (fault: {})", violation.story, fault.words());
                Violation { story, ..violation }
            });
            if went_well.is_err() || fault == Fault::SlowReaders {
                break;
            }
        }
        let ended = era.end(&mut outcome.table).await;
        println!("{name}: {} rounds so far, {} acknowledged", outcome.rounds, outcome.table.acknowledged());
        outcome.violation = went_well.and(ended).err().map(|violation| (violation, era.desk.log()));
        if outcome.violation.is_none() {
            std::fs::remove_dir_all(&era.desk.folder).unwrap();
        }
    }
    outcome
}

/// The time of one desk.
struct Era {
    desk: Desk,
    shared: Arc<Shared>,
    clients: JoinSet<()>,
    /// May read all.
    reader: String,
}

impl Era {
    async fn open(ground: &Ground, name: &str, rng: &mut StdRng) -> Result<Self, Violation> {
        let desk = Desk::open(ground, name).await?;
        let (shared, clients, reader) = desk.people(rng).await?;
        let clients = clients.into_iter().map(crate::client::Client::run).collect();
        Ok(Self { desk, shared, clients, reader })
    }

    async fn round(&mut self, fault: Fault, table: &mut Table, rng: &mut StdRng) -> Result<(), Violation> {
        table.fault(fault);
        // Slow syncs make wide what lies between a write and its sync.
        self.desk.disk.order(Control::SyncUs, [0, 0, 1_000, 5_000, 20_000][rng.random_range(0..5)]);
        self.phase(Phase::Write);
        sleep(Duration::from_millis(rng.random_range(50..400))).await;
        faults::inflict(fault, &mut self.desk, &self.shared, rng).await?;
        self.shared.ledger.whole()?;
        let healed = Instant::now();
        sleep(Duration::from_millis(rng.random_range(0..200))).await;
        self.phase(Phase::Drain);
        if timeout(DRAIN, self.shared.ledger.drained()).await.is_err() {
            let story = format!("after {DRAIN:?}: {}", self.shared.ledger.missing());
            return Err(Violation { check: "drained in time", story });
        }
        table.drained(healed.elapsed());
        self.shared.ledger.whole()?;
        self.desk.node.runs()?;
        let contents = self.desk.contents().await?;
        checker::check(&contents, &self.shared.ledger.known(), true)?;
        self.read_anew(rng).await?;
        self.shared.ledger.whole()
    }

    /// A connection that was never there before reads what all others saw.
    async fn read_anew(&self, rng: &mut StdRng) -> Result<(), Violation> {
        let broken = |story: String| Violation { check: "a new reader sees the same", story };
        let opened = Socket::open(self.desk.address, &self.reader, false).await;
        let (mut socket, _) = opened.ok_or_else(|| broken("it could not connect".into()))?;
        let chats: Vec<_> = self.shared.ledger.known().chats.keys().copied().collect();
        for chat in chats {
            let seen = self.shared.ledger.known().chats[&chat].clone();
            let from = if rng.random_ratio(1, 20) { 0 } else { (seen.last() - 40).max(0) };
            let after = rng.random_range(from..=seen.last());
            let read = socket.read(chat, after).await.map_err(|why| broken(format!("chat {chat}: {why}")))?;
            if !read.iter().eq(seen.events.range(after + 1..).map(|(_, event)| event)) {
                let numbers: Vec<i64> = read.iter().map(|event| event.seq).collect();
                return Err(broken(format!("chat {chat} after {after}, up to {}: it read {numbers:?}", seen.last())));
            }
        }
        Ok(())
    }

    /// The last check is of the files that a stopped server leaves.
    async fn end(&mut self, table: &mut Table) -> Result<(), Violation> {
        self.phase(Phase::Stop);
        while self.clients.join_next().await.is_some() {}
        table.failed_syncs += self.desk.disk.told(Control::FailedSyncs);
        table.refused_writes += self.desk.disk.told(Control::RefusedWrites);
        self.desk.node.signal("TERM").await;
        self.desk.node.ended().await?;
        let whole = self.desk.remains().await;
        let known = self.shared.ledger.known();
        table.add(&known.counts);
        checker::check(&whole?, &known, known.violation.is_none())
    }

    fn phase(&self, phase: Phase) {
        self.shared.orders.send_modify(|orders| orders.phase = phase);
    }
}
