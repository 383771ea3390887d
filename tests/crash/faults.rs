//! What goes wrong with the one node: each fault is inflicted and healed here, and what must hold in the middle of it is checked.

use clap::Args;
use rand::{Rng, rngs::StdRng, seq::SliceRandom};
use tokio::time::{Duration, sleep};

use crate::{
    checker,
    client::{Phase, Shared},
    desk::Desk,
    disk::{Control, Loss},
    ledger::Violation,
    process::Process,
    system::Kind,
};

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Network,
    SlowReaders,
    Kill,
    PowerCut,
    KillThenPowerCut,
    Restart,
    RestartThenPowerCut,
    Freeze,
    DiskFull,
    SyncError,
    ClockJump,
}

impl Kind for Fault {
    const ALL: &'static [Self] = &[
        Self::Network,
        Self::SlowReaders,
        Self::Kill,
        Self::PowerCut,
        Self::KillThenPowerCut,
        Self::Restart,
        Self::RestartThenPowerCut,
        Self::Freeze,
        Self::DiskFull,
        Self::SyncError,
        Self::ClockJump,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Network => "all connections broken",
            Self::SlowReaders => "readers that do not read",
            Self::Kill => "kill -9",
            Self::PowerCut => "power cut",
            Self::KillThenPowerCut => "kill -9, and a power cut after the start",
            Self::Restart => "restart by SIGTERM",
            Self::RestartThenPowerCut => "power cut while or after it stops",
            Self::Freeze => "SIGSTOP and SIGCONT",
            Self::DiskFull => "disk full",
            Self::SyncError => "a sync fails (EIO)",
            Self::ClockJump => "the clock jumps",
        }
    }

    fn floods(self) -> bool {
        self == Self::SlowReaders
    }
}

/// How many of each; shuffled.
#[derive(Debug, Clone, Args)]
pub struct Mix {
    #[arg(long, default_value_t = 1000)]
    cuts: usize,
    #[arg(long, default_value_t = 500)]
    kills: usize,
    #[arg(long, default_value_t = 100)]
    restarts: usize,
    #[arg(long, default_value_t = 100)]
    full: usize,
    #[arg(long, default_value_t = 100)]
    sync_errors: usize,
    /// Each of: connections, slow readers, freezes, clock jumps.
    #[arg(long, default_value_t = 50)]
    others: usize,
}

impl Mix {
    pub fn shuffled(&self, rng: &mut StdRng) -> Vec<Fault> {
        let mut all = Vec::new();
        for fault in Fault::ALL.iter().copied() {
            let times = match fault {
                Fault::PowerCut => self.cuts - self.cuts / 4,
                Fault::KillThenPowerCut | Fault::RestartThenPowerCut => self.cuts / 8,
                Fault::Kill => self.kills,
                Fault::Restart => self.restarts,
                Fault::DiskFull => self.full,
                Fault::SyncError => self.sync_errors,
                Fault::Network | Fault::SlowReaders | Fault::Freeze | Fault::ClockJump => self.others,
            };
            all.extend(std::iter::repeat_n(fault, times));
        }
        all.shuffle(rng);
        all
    }
}

/// Inflicts a fault and heals it; afterwards the desk works again.
pub async fn inflict(fault: Fault, desk: &mut Desk, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation> {
    match fault {
        Fault::Network => {
            for _ in 0..rng.random_range(1..4) {
                shared.orders.send_modify(|orders| orders.network += 1);
                pause(rng, 5..100).await;
            }
        }
        Fault::SlowReaders => {
            shared.orders.send_modify(|orders| (orders.stall, orders.flood) = (true, true));
            pause(rng, 1_500..3_000).await;
            // The writers fall silent first: what the readers missed last is not followed by anything.
            shared.orders.send_modify(|orders| (orders.flood, orders.phase) = (false, Phase::Drain));
            pause(rng, 200..600).await;
            shared.orders.send_modify(|orders| orders.stall = false);
        }
        Fault::Kill => {
            desk.kill(None, rng).await;
            check_remains(desk, shared).await?;
            desk.start().await?;
        }
        Fault::PowerCut => {
            desk.kill(Some(Loss::any(rng)), rng).await;
            check_remains(desk, shared).await?;
            desk.start().await?;
        }
        Fault::KillThenPowerCut => {
            // Slow syncs: what was written and not synced is in the page cache at the start, and still is at the cut.
            desk.disk.order(Control::SyncUs, 40_000);
            pause(rng, 40..100).await;
            desk.kill(None, rng).await;
            desk.start().await?;
            pause(rng, 0..60).await;
            desk.kill(Some(Loss::All), rng).await;
            check_remains(desk, shared).await?;
            desk.start().await?;
        }
        Fault::Restart => {
            desk.node.signal("TERM").await;
            ended_well(&mut desk.node).await?;
            check_remains(desk, shared).await?;
            desk.start().await?;
        }
        Fault::RestartThenPowerCut => {
            desk.node.signal("TERM").await;
            if rng.random() {
                ended_well(&mut desk.node).await?;
            } else {
                pause(rng, 0..60).await;
            }
            desk.kill(Some(Loss::any(rng)), rng).await;
            check_remains(desk, shared).await?;
            desk.start().await?;
        }
        Fault::Freeze => {
            desk.node.signal("STOP").await;
            pause(rng, 200..3_000).await;
            if rng.random_ratio(1, 4) {
                desk.kill(None, rng).await;
                return desk.start().await;
            }
            desk.node.signal("CONT").await;
        }
        Fault::DiskFull => {
            let pulses = if rng.random() { 1 } else { rng.random_range(2..12) };
            for _ in 0..pulses {
                desk.disk.order(Control::Full, [1, 2, 2, 2][rng.random_range(0..4)]);
                pause(rng, if pulses == 1 { 100..1_000 } else { 2..60 }).await;
                desk.disk.order(Control::Full, 0);
                pause(rng, 2..60).await;
            }
            desk.node.runs()?;
        }
        Fault::SyncError => sync_error(desk, shared, rng).await?,
        Fault::ClockJump => {
            // Sessions last twelve hours: no further than that.
            desk.disk.order(Control::ClockMs, rng.random_range(-18_000_000..18_000_000));
            pause(rng, 50..300).await;
            desk.node.runs()?;
        }
    }
    Ok(())
}

/// A disk that does not sync: the server must stop to acknowledge and end, with a failure.
async fn sync_error(desk: &mut Desk, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation> {
    let only_one = rng.random_ratio(1, 4);
    desk.disk.order(Control::FailingSyncs, if only_one { 1 } else { -1 });
    if only_one {
        // It may have hit the folding of the WAL into the file, which loses nothing and is done again later.
        pause(rng, 100..400).await;
    } else {
        let status = desk.node.ended().await?;
        if status.success() {
            let story = format!("the disk failed and the server ended with {status}");
            return Err(Violation { check: "it ends with a failure", story });
        }
    }
    desk.disk.order(Control::FailingSyncs, 0);
    let power_goes = rng.random::<bool>().then(|| Loss::any(rng));
    desk.kill(power_goes, rng).await;
    check_remains(desk, shared).await?;
    desk.start().await
}

/// It was told to stop: waits until it has, with success.
pub async fn ended_well(node: &mut Process) -> Result<(), Violation> {
    let status = node.ended().await?;
    if status.success() {
        return Ok(());
    }
    Err(Violation { check: "it stops well", story: format!("told to stop, the server ended with {status}") })
}

/// Before anything mends the files: what was acknowledged so far must be in them.
async fn check_remains(desk: &Desk, shared: &Shared) -> Result<(), Violation> {
    let remains = desk.remains().await?;
    checker::check(&remains, &shared.ledger.known(), false)
}

/// Waits for a random time.
pub async fn pause(rng: &mut StdRng, ms: std::ops::Range<u64>) {
    sleep(Duration::from_millis(rng.random_range(ms))).await;
}
