//! The desk of two or three nodes, each on a machine of its own, with one PostgreSQL and one NATS.

mod faults;
mod postgres;
pub mod world;

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rand::rngs::StdRng;
use tokio::process::Command;

use crate::{
    checker::{self, Contents},
    client::Shared,
    demo,
    faults::ended_well,
    ledger::Violation,
    process::{self, Process},
    system::System,
    table::Table,
};

pub use faults::Fault;
use postgres::Postgres;
use world::{Link, MIDDLE};

/// Where NATS listens.
const NATS: u16 = 4222;

/// What all desks of a run start from.
pub struct Ground {
    folder: PathBuf,
    program: PathBuf,
    bug: Option<String>,
    nodes: u8,
}

/// The nodes and what they stand on.
pub struct Cluster {
    folder: PathBuf,
    nodes: Vec<Node>,
    postgres: Postgres,
    nats: Process,
}

/// One node on its machine.
struct Node {
    link: Link,
    number: u8,
    folder: PathBuf,
    program: PathBuf,
    bug: Option<String>,
    process: Process,
}

impl Node {
    /// Starts a node without waiting for it.
    fn launch(ground: &Ground, folder: PathBuf, number: u8) -> Self {
        let link = Link::lay(number);
        let address = SocketAddr::from((link.address(), 8080));
        // Nobody is away for so long: here a chat must not end by itself.
        let config = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase = \"{}\"\nnats = \"nats://{MIDDLE}:{NATS}\"\n\
             pin_key_file = \"{}/template/pin.key\"\n[chat]\nabandon_minutes = 525600\n",
            postgres::url("deskbell"),
            ground.folder.display()
        );
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("deskbell.toml"), config).unwrap();
        let (program, bug) = (ground.program.clone(), ground.bug.clone());
        let process = serve(&link, &program, bug.as_deref(), &folder);
        Self { link, number, folder, program, bug, process }
    }

    fn address(&self) -> SocketAddr {
        (self.link.address(), 8080).into()
    }

    fn launch_again(&mut self) {
        self.process = serve(&self.link, &self.program, self.bug.as_deref(), &self.folder);
    }

    async fn ready(&mut self) -> Result<(), Violation> {
        let address = self.address();
        self.process.ready(address).await
    }

    async fn start(&mut self) -> Result<(), Violation> {
        self.launch_again();
        self.ready().await
    }

    /// Without a word to anybody: the machine is gone, and a new one has its address.
    async fn lose_power(&mut self) {
        self.link.cut();
        self.process.kill().await;
        self.link.take_away();
        self.link = Link::lay(self.number);
    }
}

fn serve(link: &Link, program: &Path, bug: Option<&str>, folder: &Path) -> Process {
    let mut command = link.command(program);
    command.env("DESKBELL_SUGGESTIONS", "lexical").arg("serve").arg("--config").arg(folder.join("deskbell.toml"));
    command.envs(bug.map(|bug| ("DESKBELL_PLANTED_BUG", bug)));
    Process::start(command, &folder.join("log"))
}

impl Cluster {
    async fn nats(folder: &Path) -> Result<Process, Violation> {
        let program = std::env::var("DESKBELL_TEST_NATS_SERVER").unwrap_or_else(|_| "nats-server".into());
        let mut command = Command::new(program);
        command.args(["-a", &MIDDLE.to_string(), "-p", &NATS.to_string()]);
        let mut nats = Process::start(command, &folder.join("nats.log"));
        while tokio::net::TcpStream::connect((MIDDLE, NATS)).await.is_err() {
            nats.runs()?;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Ok(nats)
    }
}

impl System for Cluster {
    type Ground = Ground;
    type Fault = Fault;
    type Choice = u8;

    /// Fills a desk and moves it to PostgreSQL.
    async fn prepare(folder: PathBuf, program: PathBuf, bug: Option<String>, nodes: u8) -> Ground {
        // PostgreSQL's user must come through.
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o711)).unwrap();
        let template = folder.join("template");
        demo::fill(&template, &program).await;
        let mut postgres = Postgres::create(template.join("postgres")).await;
        let config = template.join("deskbell.toml");
        let text = format!(
            "listen = \"127.0.0.1:1\"\npublic_url = \"http://127.0.0.1:1\"\ndatabase = \"sqlite:{0}/deskbell.sqlite\"\n\
             pin_key_file = \"{0}/pin.key\"\n",
            template.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut moved = Command::new(&program);
        moved.arg("move").arg("--config").arg(config).args(["--to", &postgres::url("deskbell")]);
        let moved = moved.output().await.unwrap();
        assert!(moved.status.success(), "the desk is moved: {}", String::from_utf8_lossy(&moved.stderr));
        postgres.stop().await.unwrap();
        Ground { folder, program, bug, nodes }
    }

    async fn open(ground: &Ground, name: &str) -> Result<Self, Violation> {
        let folder = ground.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let postgres = Postgres::copy(&ground.folder.join("template/postgres"), folder.join("postgres")).await?;
        let nats = Self::nats(&folder).await?;
        let launch = |number| Node::launch(ground, folder.join(format!("node-{number}")), number);
        let mut nodes: Vec<Node> = (1..=ground.nodes).map(launch).collect();
        for node in &mut nodes {
            node.ready().await?;
        }
        Ok(Self { folder, nodes, postgres, nats })
    }

    fn nodes(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Node::address).collect()
    }

    fn vary(&self, _rng: &mut StdRng) {}

    async fn inflict(&mut self, fault: Fault, shared: &Shared, rng: &mut StdRng) -> Result<(), Violation> {
        faults::inflict(fault, self, shared, rng).await
    }

    fn runs(&mut self) -> Result<(), Violation> {
        self.nodes.iter_mut().try_for_each(|node| node.process.runs())?;
        self.postgres.runs()?;
        self.nats.runs()
    }

    async fn contents(&self) -> Result<Contents, Violation> {
        checker::read_postgres(&postgres::url("deskbell")).await
    }

    async fn stop(&mut self, _table: &mut Table) -> Result<Contents, Violation> {
        for node in &self.nodes {
            node.process.signal("TERM").await;
        }
        for node in &mut self.nodes {
            ended_well(&mut node.process).await?;
        }
        self.contents().await
    }

    fn log(&self) -> String {
        let of = |name: String, file: PathBuf| format!("{name}:\n{}\n", process::tail(&file, 12));
        let nodes = self.nodes.iter().map(|node| of(node.address().to_string(), node.folder.join("log")));
        let postgres = of("PostgreSQL".into(), self.folder.join("postgres/log"));
        nodes.chain([postgres]).collect()
    }

    async fn remove(mut self, keep_files: bool) {
        self.postgres.kill().await;
        self.nats.kill().await;
        for mut node in self.nodes {
            node.process.kill().await;
            node.link.take_away();
        }
        if !keep_files {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}
