//! Rounds: the clients write, something breaks and is healed, everything is drained and everything checked.

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
    client::{Client, Phase, Shared, Socket},
    demo,
    ledger::Violation,
    system::{Kind, System},
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

/// All kinds of faults whose names have `only` in them, for a time: each once, then any.
pub fn mixed<F: Kind>(seed: u64, time: Duration, only: &str) -> impl Iterator<Item = F> + use<F> {
    let start = Instant::now();
    let mut rng = StdRng::seed_from_u64(seed);
    let kinds: Vec<F> = F::ALL.iter().copied().filter(|kind| kind.words().contains(only)).collect();
    let mut first = kinds.clone();
    first.shuffle(&mut rng);
    std::iter::from_fn(move || {
        let next = first.pop().or_else(|| kinds.choose(&mut rng).copied());
        next.filter(|_| start.elapsed() < time)
    })
}

/// Runs, prints the table and tells whether all went well.
pub async fn report<S: System>(seed: u64, keep: bool, faults: impl Iterator<Item = S::Fault>, with: S::Choice) -> bool {
    let folder = tempfile::Builder::new().prefix("deskbell-crash-").tempdir().unwrap();
    let start = Instant::now();
    let ground = S::prepare(folder.path().to_owned(), program(), None, with).await;
    let outcome = rounds::<S>(&ground, seed, faults).await;
    outcome.table.print(start.elapsed());
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
pub async fn rounds<S: System>(ground: &S::Ground, seed: u64, faults: impl Iterator<Item = S::Fault>) -> Outcome {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut outcome = Outcome { table: Table::default(), violation: None, rounds: 0 };
    let mut faults = faults.peekable();
    while faults.peek().is_some() && outcome.violation.is_none() {
        let name = format!("desk-{}", outcome.table.eras + 1);
        let mut era = match Era::<S>::open(ground, &name, &mut rng).await {
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
            if went_well.is_err() || fault.floods() {
                break;
            }
        }
        let ended = era.end(&mut outcome.table).await;
        println!("{name}: {} rounds so far, {} acknowledged", outcome.rounds, outcome.table.acknowledged());
        outcome.violation = went_well.and(ended).err().map(|violation| (violation, era.desk.log()));
        era.desk.remove(outcome.violation.is_some()).await;
    }
    outcome
}

/// The time of one desk.
struct Era<S> {
    desk: S,
    shared: Arc<Shared>,
    clients: JoinSet<()>,
    /// May read all.
    reader: String,
}

impl<S: System> Era<S> {
    async fn open(ground: &S::Ground, name: &str, rng: &mut StdRng) -> Result<Self, Violation> {
        let desk = S::open(ground, name).await?;
        let (shared, clients, reader) = demo::people(&desk.nodes(), rng).await?;
        let clients = clients.into_iter().map(Client::run).collect();
        Ok(Self { desk, shared, clients, reader })
    }

    async fn round(&mut self, fault: S::Fault, table: &mut Table, rng: &mut StdRng) -> Result<(), Violation> {
        self.desk.vary(rng);
        self.phase(Phase::Write);
        sleep(Duration::from_millis(rng.random_range(50..400))).await;
        self.desk.inflict(fault, &self.shared, rng).await?;
        self.shared.ledger.whole()?;
        let healed = Instant::now();
        sleep(Duration::from_millis(rng.random_range(0..200))).await;
        self.phase(Phase::Drain);
        if timeout(DRAIN, self.shared.ledger.drained()).await.is_err() {
            let story = format!("after {DRAIN:?}: {}", self.shared.ledger.missing());
            return Err(Violation { check: "drained in time", story });
        }
        table.healed(fault.words(), healed.elapsed());
        self.shared.ledger.whole()?;
        self.desk.runs()?;
        self.read_anew(rng).await?;
        self.shared.ledger.whole()?;
        // Whoever read the logs had the tail folded first, so now the tables hold everything.
        let contents = self.desk.contents().await?;
        checker::check(&contents, &self.shared.ledger.known(), true)
    }

    /// Connections that were never there before, one to each node, read what all others saw.
    async fn read_anew(&self, rng: &mut StdRng) -> Result<(), Violation> {
        let chats: Vec<_> = self.shared.ledger.known().chats.keys().copied().collect();
        for node in self.desk.nodes() {
            let broken =
                |story: String| Violation { check: "a new reader sees the same", story: format!("{node}: {story}") };
            let opened = Socket::open(node, &self.reader, false).await;
            let (mut socket, _) = opened.ok_or_else(|| broken("it could not connect".into()))?;
            for chat in &chats {
                let seen = self.shared.ledger.known().chats[chat].clone();
                let from = if rng.random_ratio(1, 20) { 0 } else { (seen.last() - 40).max(0) };
                let after = rng.random_range(from..=seen.last());
                let read = socket.read(*chat, after).await.map_err(|why| broken(format!("chat {chat}: {why}")))?;
                if !read.iter().eq(seen.events.range(after + 1..).map(|(_, event)| event)) {
                    let numbers: Vec<i64> = read.iter().map(|event| event.seq).collect();
                    let story = format!("chat {chat} after {after}, up to {}: it read {numbers:?}", seen.last());
                    return Err(broken(story));
                }
            }
        }
        Ok(())
    }

    /// The last check is of what is left when all have stopped.
    async fn end(&mut self, table: &mut Table) -> Result<(), Violation> {
        self.phase(Phase::Stop);
        while self.clients.join_next().await.is_some() {}
        let left = self.desk.stop(table).await;
        let known = self.shared.ledger.known();
        table.add(&known.counts);
        checker::check(&left?, &known, known.violation.is_none())
    }

    fn phase(&self, phase: Phase) {
        self.shared.orders.send_modify(|orders| orders.phase = phase);
    }
}
