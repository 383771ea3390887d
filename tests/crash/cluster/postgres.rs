//! A PostgreSQL server that is killed and started again; synced to disk, as in earnest.

use std::{
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{Connection, PgConnection};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::world::MIDDLE;
use crate::{ledger::Violation, process::Process};

/// Where it listens.
pub const PORT: u16 = 5432;
/// How long it may take to start, with all that the WAL holds.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server and its data.
pub struct Postgres {
    folder: PathBuf,
    user: User,
    process: Process,
}

/// PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl User {
    fn find() -> Self {
        let number = |of: &str| {
            let asked = Command::new("id").args([of, "postgres"]).output().unwrap();
            // Nobody, where no package made a user.
            String::from_utf8_lossy(&asked.stdout).trim().parse().unwrap_or(65_534)
        };
        Self { uid: number("-u"), gid: number("-g") }
    }

    /// A command of this user, in a folder that is the user's.
    fn command(self, program: &str, folder: &Path) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(bin().join(program));
        command.uid(self.uid).gid(self.gid).current_dir(folder);
        command
    }
}

/// Where the server's programs are; Debian keeps them outside the path, and the newest wins.
fn bin() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()) {
        return folder;
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's server programs");
    let number = |folder: &PathBuf| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    versions.map(|entry| entry.unwrap().path()).max_by_key(number).unwrap().join("bin")
}

impl Postgres {
    /// Makes an empty server in a new folder and starts it.
    pub async fn create(folder: PathBuf) -> Self {
        let user = User::find();
        std::fs::create_dir_all(&folder).unwrap();
        chown(&folder, Some(user.uid), Some(user.gid)).unwrap();
        let mut made = user.command("initdb", &folder);
        made.args(["-D", "data", "-U", "deskbell", "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let made = made.output().await.unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let settings = format!(
            "listen_addresses = '{MIDDLE}'\nport = {PORT}\nunix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 64MB\n"
        );
        append(&folder.join("data/postgresql.conf"), &settings);
        append(&folder.join("data/pg_hba.conf"), &format!("host all all {MIDDLE}/24 trust\n"));
        let mut server = Self { process: start(user, &folder), folder, user };
        server.ready("postgres").await.unwrap();
        let mut db = PgConnection::connect(&url("postgres")).await.unwrap();
        sqlx::query("CREATE DATABASE deskbell").execute(&mut db).await.unwrap();
        server
    }

    /// Starts a server on a copy of another's data, which must have stopped.
    pub async fn copy(template: &Path, folder: PathBuf) -> Result<Self, Violation> {
        let copied = Command::new("cp").arg("-a").arg(template).arg(&folder).status();
        assert!(copied.unwrap().success(), "the template is copied");
        let user = User::find();
        let mut server = Self { process: start(user, &folder), folder, user };
        server.ready("deskbell").await?;
        Ok(server)
    }

    /// Starts it again on its data.
    pub async fn start(&mut self) -> Result<(), Violation> {
        let began = Instant::now();
        loop {
            self.process = start(self.user, &self.folder);
            // It refuses while a process of the one before it lives.
            match self.ready("deskbell").await {
                Err(_) if self.process.runs().is_err() && began.elapsed() < PATIENCE => {
                    sleep(Duration::from_millis(20)).await;
                }
                started => return started,
            }
        }
    }

    /// Kills the server and all of its processes.
    pub async fn kill(&mut self) {
        let Some(id) = self.process.id() else { return };
        let children = children(id);
        self.process.kill().await;
        if !children.is_empty() {
            // Some have ended by themselves when it did.
            let _ = Command::new("kill").arg("-9").args(children).output();
        }
    }

    /// Stops it in good order.
    pub async fn stop(&mut self) -> Result<(), Violation> {
        self.process.signal("INT").await;
        self.process.ended().await.map(drop)
    }

    pub fn runs(&mut self) -> Result<(), Violation> {
        self.process.runs()
    }

    async fn ready(&mut self, database: &str) -> Result<(), Violation> {
        let began = Instant::now();
        loop {
            let asked = timeout(Duration::from_secs(1), PgConnection::connect(&url(database))).await;
            if matches!(asked, Ok(Ok(_))) {
                return Ok(());
            }
            self.process.runs()?;
            if began.elapsed() > PATIENCE {
                let story = "PostgreSQL did not start".to_owned();
                return Err(Violation { check: "it starts", story });
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The address of a database.
pub fn url(database: &str) -> String {
    format!("postgres://deskbell@{MIDDLE}:{PORT}/{database}")
}

fn start(user: User, folder: &Path) -> Process {
    let mut command = user.command("postgres", folder);
    command.args(["-D", "data"]);
    Process::start(command, &folder.join("log"))
}

fn children(of: u32) -> Vec<String> {
    let parent = |folder: &Path| {
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        // After the name, which may hold anything: the state, then the parent.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    let all = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let children = all.filter(|folder| parent(folder) == Some(of));
    children.map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn append(file: &Path, text: &str) {
    let before = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, before + text).unwrap();
}
