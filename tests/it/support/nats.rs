//! A NATS server of a test's own, which can be killed and started again.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use super::eventually;

/// The server; killed when dropped.
pub struct Nats {
    port: u16,
    process: Option<Child>,
}

impl Nats {
    pub async fn start() -> Self {
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let mut nats = Self { port, process: None };
        nats.run().await;
        nats
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it, on the same port as before.
    pub async fn run(&mut self) {
        let program = std::env::var("DESKBELL_TEST_NATS_SERVER").unwrap_or_else(|_| "nats-server".into());
        let mut command = Command::new(&program);
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let started = command.kill_on_drop(true).spawn();
        self.process =
            Some(started.unwrap_or_else(|e| panic!("{program} cannot be started ({e}): tests/run installs it")));
        let port = self.port;
        eventually("NATS listens", || async move {
            let tried = tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(("127.0.0.1", port))).await;
            tried.ok()?.ok().map(drop)
        })
        .await;
    }

    /// Says something on a subject, and waits until the server has passed it on.
    pub async fn publish(&self, subject: &str, payload: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let frames =
            format!("CONNECT {{\"verbose\":false}}\r\nPUB {subject} {}\r\n{payload}\r\nPING\r\n", payload.len());
        stream.write_all(frames.as_bytes()).await.unwrap();
        let mut said = BufReader::new(stream).lines();
        while said.next_line().await.unwrap().expect("NATS answers") != "PONG" {}
    }

    /// Kills it.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.unwrap();
        }
    }
}
