//! One server process: started, signalled, killed.

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

/// A running server.
pub struct Process(Child);

impl Process {
    /// Starts a server and waits until it can work.
    pub async fn start(
        program: &Path,
        config: &Path,
        log: &Path,
        address: SocketAddr,
        environment: impl IntoIterator<Item = (&str, &Path)>,
    ) -> Result<Self, Violation> {
        let log = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut command = Command::new(program);
        command.args(["serve", "--config"]).arg(config).envs(environment).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = Self(command.spawn().unwrap());
        let start = Instant::now();
        loop {
            let asked = reqwest::get(format!("http://{address}/readyz")).await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(process);
            }
            let ended = process.0.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > PATIENCE {
                return Err(Violation { check: "it starts", story: format!("the server did not start: {ended:?}") });
            }
            sleep(Duration::from_millis(10)).await;
        }
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
