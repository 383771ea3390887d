//! What goes wrong with several nodes: each fault is inflicted and healed here.

use rand::{Rng, rngs::StdRng};
use tokio::time::{Duration, sleep};

use super::{Cluster, NATS, postgres};
use crate::{
    client::Shared,
    faults::{ended_well, pause},
    ledger::Violation,
    system::Kind,
};

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Network,
    Kill,
    KillAll,
    PowerLoss,
    Restart,
    Freeze,
    KillPostgres,
    KillNats,
    CutFromPostgres,
    CutFromNats,
    PacketLoss,
}

impl Kind for Fault {
    const ALL: &'static [Self] = &[
        Self::Network,
        Self::Kill,
        Self::KillAll,
        Self::PowerLoss,
        Self::Restart,
        Self::Freeze,
        Self::KillPostgres,
        Self::KillNats,
        Self::CutFromPostgres,
        Self::CutFromNats,
        Self::PacketLoss,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Network => "all connections broken",
            Self::Kill => "a node: kill -9",
            Self::KillAll => "all nodes: kill -9",
            Self::PowerLoss => "a node's machine vanishes",
            Self::Restart => "a node: restart by SIGTERM",
            Self::Freeze => "a node: SIGSTOP",
            Self::KillPostgres => "PostgreSQL: kill -9",
            Self::KillNats => "NATS: kill -9",
            Self::CutFromPostgres => "a node is cut off from PostgreSQL",
            Self::CutFromNats => "a node is cut off from NATS",
            Self::PacketLoss => "30 % packet loss",
        }
    }
}

/// Inflicts a fault and heals it; afterwards the desk works again.
pub async fn inflict(fault: Fault, desk: &mut Cluster, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation> {
    let one = rng.random_range(0..desk.nodes.len());
    match fault {
        Fault::Network => {
            for _ in 0..rng.random_range(1..4) {
                shared.orders.send_modify(|orders| orders.network += 1);
                pause(rng, 5..100).await;
            }
        }
        Fault::Kill => {
            desk.nodes[one].process.kill().await;
            others_go_on(shared, rng, AT_ONCE, 0..1_500).await?;
            desk.nodes[one].start().await?;
        }
        Fault::KillAll => {
            for node in &mut desk.nodes {
                node.process.kill().await;
                pause(rng, 0..60).await;
            }
            pause(rng, 0..500).await;
            for node in &mut desk.nodes {
                node.launch_again();
            }
            for node in &mut desk.nodes {
                node.ready().await?;
            }
        }
        Fault::PowerLoss => {
            desk.nodes[one].lose_power().await;
            // Nobody hears that the machine is gone: clients notice it by themselves, in time.
            pause(rng, 0..200).await;
            shared.orders.send_modify(|orders| orders.network += 1);
            others_go_on(shared, rng, GIVEN_UP, 200..4_000).await?;
            desk.nodes[one].start().await?;
        }
        Fault::Restart => {
            let node = &mut desk.nodes[one];
            node.process.signal("TERM").await;
            ended_well(&mut node.process).await?;
            others_go_on(shared, rng, AT_ONCE, 0..1_500).await?;
            desk.nodes[one].start().await?;
        }
        Fault::Freeze => {
            desk.nodes[one].process.signal("STOP").await;
            others_go_on(shared, rng, GIVEN_UP, 200..4_000).await?;
            if rng.random_ratio(1, 4) {
                desk.nodes[one].process.kill().await;
                return desk.nodes[one].start().await;
            }
            desk.nodes[one].process.signal("CONT").await;
        }
        Fault::KillPostgres => {
            desk.postgres.kill().await;
            pause(rng, 0..1_500).await;
            desk.postgres.start().await?;
        }
        Fault::KillNats => {
            desk.nats.kill().await;
            others_go_on(shared, rng, AT_ONCE, 100..2_000).await?;
            desk.nats = Cluster::nats(&desk.folder).await?;
        }
        Fault::CutFromPostgres => {
            desk.nodes[one].link.cut_from(postgres::PORT);
            others_go_on(shared, rng, GIVEN_UP, 200..4_000).await?;
            desk.nodes[one].link.heal();
        }
        Fault::CutFromNats => {
            desk.nodes[one].link.cut_from(NATS);
            others_go_on(shared, rng, AT_ONCE, 200..3_000).await?;
            desk.nodes[one].link.heal();
        }
        Fault::PacketLoss => {
            let all = rng.random();
            let lossy = |at: &usize| all || *at == one;
            let links = || desk.nodes.iter().enumerate().filter(|(at, _)| lossy(at)).map(|(_, node)| &node.link);
            links().for_each(|link| link.lose(30));
            pause(rng, 500..3_000).await;
            links().for_each(super::world::Link::heal);
        }
    }
    Ok(())
}

/// How soon the others go on when PostgreSQL hears that somebody is gone.
const AT_ONCE: u64 = 1_000;
/// How soon they go on when nobody hears it: what the node had locked is given up after two seconds.
const GIVEN_UP: u64 = 3_000;

/// While something is away for longer than `grace`, something is still acknowledged; all in milliseconds.
async fn others_go_on(
    shared: &Shared,
    rng: &mut StdRng,
    grace: u64,
    away: std::ops::Range<u64>,
) -> Result<(), Violation> {
    let acknowledged = || shared.ledger.known().counts.acknowledged;
    let (before, away) = (acknowledged(), rng.random_range(away));
    sleep(Duration::from_millis(away)).await;
    if away > grace && acknowledged() == before {
        let story = format!("nothing was acknowledged for {away} ms");
        return Err(Violation { check: "the others go on", story });
    }
    Ok(())
}
