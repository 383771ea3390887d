//! One process: started, signalled, killed.

use std::{
    fs::OpenOptions,
    net::SocketAddr,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::{
    process::{Child, Command},
    time::{Duration, Instant, sleep, timeout},
};

use crate::ledger::Violation;

/// How long a start or a graceful stop may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running process.
pub struct Process(Child);

impl Process {
    /// Starts a command, whose words go to a log; killed when dropped.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let log = OpenOptions::new().create(true).append(true).open(log).unwrap();
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let name = command.as_std().get_program().to_owned();
        Self(command.spawn().unwrap_or_else(|e| panic!("{} cannot be started: {e}", name.display())))
    }

    /// Waits until a server that was started can work.
    pub async fn ready(&mut self, address: SocketAddr) -> Result<(), Violation> {
        let start = Instant::now();
        loop {
            let asked = timeout(Duration::from_secs(1), reqwest::get(format!("http://{address}/readyz"))).await;
            if asked.is_ok_and(|asked| asked.is_ok_and(|answer| answer.status().is_success())) {
                return Ok(());
            }
            let ended = self.0.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > PATIENCE {
                return Err(Violation { check: "it starts", story: format!("the server did not start: {ended:?}") });
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Its number; none: it was waited for.
    pub fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Sends a signal by name.
    pub async fn signal(&self, name: &str) {
        let Some(pid) = self.0.id() else { return };
        let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status().await.unwrap();
        assert!(sent.success(), "kill -s {name} {pid}");
    }

    /// Kills it at once.
    pub async fn kill(&mut self) {
        let _ = self.0.start_kill();
        self.0.wait().await.unwrap();
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus, Violation> {
        let ended = timeout(PATIENCE, self.0.wait()).await;
        ended.map(Result::unwrap).map_err(|_| Violation { check: "it ends", story: "the server did not end".into() })
    }

    /// Fails if it has ended.
    pub fn runs(&mut self) -> Result<(), Violation> {
        match self.0.try_wait().unwrap() {
            None => Ok(()),
            Some(status) => Err(Violation { check: "it goes on", story: format!("the server ended: {status}") }),
        }
    }
}

/// The last lines of a log.
pub fn tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
