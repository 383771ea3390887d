//! The desk of one node on a SQLite file.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use rand::{Rng, rngs::StdRng};
use tokio::process::Command;

use crate::{
    checker::{self, Contents},
    client::Shared,
    demo,
    disk::{self, Control, Disk, Loss},
    faults::{self, Fault},
    ledger::Violation,
    process::{self, Process},
    system::System,
    table::Table,
};

/// What all desks of a run start from.
pub struct Ground {
    folder: PathBuf,
    program: PathBuf,
    bug: Option<String>,
    library: PathBuf,
}

/// A desk of one node.
pub struct Desk {
    folder: PathBuf,
    address: SocketAddr,
    pub disk: Disk,
    pub node: Process,
    program: PathBuf,
    bug: Option<String>,
}

impl Desk {
    /// Starts the node again on its data.
    pub async fn start(&mut self) -> Result<(), Violation> {
        self.node = spawn(&self.program, &self.folder, self.address, &self.disk, self.bug.as_deref()).await?;
        Ok(())
    }

    /// Kills the node; the power stays or goes.
    pub async fn kill(&mut self, power_goes: Option<Loss>, rng: &mut StdRng) {
        self.node.kill().await;
        match power_goes {
            Some(loss) => self.disk.lose_power(loss, rng),
            None => self.disk.keep_power(),
        }
    }

    /// What the files hold while the node is dead, by a backup of a copy: opening them would mend them.
    pub async fn remains(&self) -> Result<Contents, Violation> {
        let copy = self.disk.copy_to(&self.folder.join("copy"));
        let backup = self.folder.join("copy").join("backup");
        let mut command = Command::new(&self.program);
        command.arg("backup").arg("--config").arg(self.folder.join("deskbell.toml")).arg("--to").arg(&backup);
        let said = command.env("DESKBELL_DATABASE", format!("sqlite:{}", copy.display())).output().await.unwrap();
        if !said.status.success() {
            let story = String::from_utf8_lossy(&said.stderr).into_owned();
            return Err(Violation { check: "what is left can be backed up", story });
        }
        checker::read_sqlite(&backup, false).await
    }
}

impl System for Desk {
    type Ground = Ground;
    type Fault = Fault;
    type Choice = ();

    /// Compiles the shim and lets the program fill a desk.
    async fn prepare(folder: PathBuf, program: PathBuf, bug: Option<String>, (): ()) -> Ground {
        demo::fill(&folder.join("template"), &program).await;
        let library = disk::compile(&folder);
        Ground { folder, program, bug, library }
    }

    async fn open(ground: &Ground, name: &str) -> Result<Self, Violation> {
        let folder = ground.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["deskbell.sqlite", "pin.key"] {
            std::fs::copy(ground.folder.join("template").join(file), folder.join(file)).unwrap();
        }
        let address = free_address();
        // Nobody is away for so long: here a chat must not end by itself.
        let config = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase = \"sqlite:{0}/deskbell.sqlite\"\n\
             pin_key_file = \"{0}/pin.key\"\n[chat]\nabandon_minutes = 525600\n",
            folder.display()
        );
        std::fs::write(folder.join("deskbell.toml"), config).unwrap();
        let disk = Disk::new(folder.join("deskbell.sqlite"), folder.join("disk"), &ground.library);
        let (program, bug) = (ground.program.clone(), ground.bug.clone());
        let node = spawn(&program, &folder, address, &disk, bug.as_deref()).await?;
        Ok(Self { folder, address, disk, node, program, bug })
    }

    fn nodes(&self) -> Vec<SocketAddr> {
        vec![self.address]
    }

    /// Slow syncs make wide what lies between a write and its sync.
    fn vary(&self, rng: &mut StdRng) {
        self.disk.order(Control::SyncUs, [0, 0, 1_000, 5_000, 20_000][rng.random_range(0..5)]);
    }

    async fn inflict(&mut self, fault: Fault, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation> {
        faults::inflict(fault, self, shared, rng).await
    }

    fn runs(&mut self) -> Result<(), Violation> {
        self.node.runs()
    }

    async fn contents(&self) -> Result<Contents, Violation> {
        checker::read_sqlite(&self.disk.file, true).await
    }

    /// The last check is of the files that a stopped server leaves.
    async fn stop(&mut self, table: &mut Table) -> Result<Contents, Violation> {
        table.failed_syncs += self.disk.told(Control::FailedSyncs);
        table.refused_writes += self.disk.told(Control::RefusedWrites);
        self.node.signal("TERM").await;
        self.node.ended().await?;
        self.remains().await
    }

    fn log(&self) -> String {
        process::tail(&self.folder.join("server.log"), 25)
    }

    async fn remove(mut self, keep_files: bool) {
        self.node.kill().await;
        if !keep_files {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}

async fn spawn(
    program: &Path,
    folder: &Path,
    address: SocketAddr,
    disk: &Disk,
    bug: Option<&str>,
) -> Result<Process, Violation> {
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(folder.join("deskbell.toml")).envs(disk.environment());
    command.env("DESKBELL_SUGGESTIONS", "lexical");
    command.envs(bug.map(|bug| ("DESKBELL_PLANTED_BUG", bug)));
    let mut node = Process::start(command, &folder.join("server.log"));
    node.ready(address).await?;
    Ok(node)
}

/// An address that stays free while a node is down: below the ports that outgoing connections take.
fn free_address() -> SocketAddr {
    let ports = 18_000..32_000_u16;
    let start = u16::try_from(std::process::id() % 13_000).unwrap() + ports.start;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (start..ports.end).find(free).expect("a free port");
    SocketAddr::from(([127, 0, 0, 1], port))
}
