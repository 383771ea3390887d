//! `serve` and `check`: a desk of one's own.

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf};

use axum::Router;
use clap::Args;
use tokio::net::{TcpListener, TcpSocket};
use tracing_subscriber::{filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    app::{App, Pending},
    clock::Clock,
    config::{Config, LogFormat},
    hours::setup,
    store, web,
};

use super::{Outcome, words};

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// The configuration file (TOML).
    #[arg(long, default_value = "deskbell.toml")]
    pub config: PathBuf,
}

impl ConfigArguments {
    /// Reads and checks it.
    pub fn read(&self) -> Result<Config, String> {
        let file = self.config.display();
        let text = std::fs::read_to_string(&self.config).map_err(|e| format!("{file} cannot be read: {e}"))?;
        Config::read(&text, |name| std::env::var(name).ok()).map_err(|e| format!("{file}: {e}"))
    }
}

/// Says whether a configuration is right.
pub fn check(arguments: &ConfigArguments) -> Outcome {
    arguments.read()?;
    println!("{} is right.", arguments.config.display());
    Ok(())
}

/// Serves until it is told to stop.
pub async fn run(arguments: ConfigArguments) -> Outcome {
    let config = arguments.read()?;
    start_logs(&config);
    let listener = listen(config.listen)?;
    let _alone = store::alone(&config.database.0).map_err(words)?;
    let (app, pending) = App::open(config, Clock::system()).await.map_err(|e| e.to_string())?;
    setup::ship(&app).await.map_err(|e| e.to_string())?;
    let router = web::router(app.clone(), None);
    tracing::info!(address = %app.config.listen, url = %app.config.public_url, "serving");
    until_stopped(app, pending, vec![(listener, router)]).await
}

/// How many connections may wait to be accepted: after a restart everybody comes back at once.
const BACKLOG: u32 = 4096;

/// Opens an address to serve on.
pub fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A server that was just stopped must not keep its successor off the address.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open()
        .map_err(|e: std::io::Error| format!("{address} cannot be listened on: {e}. Is another server running there?"))
}

/// Serves on all listeners until a signal comes, then stops gracefully.
pub async fn until_stopped(app: App, pending: Pending, listeners: Vec<(TcpListener, Router)>) -> Outcome {
    // Before anybody can know that it serves: a signal that came too early would end it without a graceful stop.
    let signalled = signals()?;
    let tasks = app.start(pending);
    for (listener, router) in listeners {
        tokio::spawn(web::listener::serve(app.clone(), listener, router));
    }
    tokio::select! {
        signalled = signalled => signalled?,
        // No graceful stop: it would write, and wait for what cannot be written.
        () = app.db.broken() => return Err("the database's disk has failed; nothing was acknowledged that is not on it".into()),
    }
    tracing::info!("stopping");
    app.shut_down(tasks).await;
    Ok(())
}

/// Waits until the process is told to stop.
pub async fn signal() -> Outcome {
    signals()?.await
}

/// Listens for the signals to stop from now on; what is answered ends when one came.
#[cfg(unix)]
fn signals() -> Result<impl Future<Output = Outcome>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

#[cfg(not(unix))]
fn signals() -> Result<impl Future<Output = Outcome>, String> {
    Ok(async { tokio::signal::ctrl_c().await.map_err(|e| e.to_string()) })
}

/// Starts the log, as the configuration says. A second start is ignored: tests start several servers in a process.
pub fn start_logs(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).unwrap_or_else(|_| "info".into());
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let _ = match config.log_format {
        LogFormat::Text => log.finish().with(filter_fn(may_be_told)).try_init(),
        LogFormat::Json => log.json().finish().with(filter_fn(may_be_told)).try_init(),
    };
}

/// The WebSocket library traces whole frames, people's words and tokens among them: it is not listened to at any level.
fn may_be_told(about: &tracing::Metadata<'_>) -> bool {
    !about.target().starts_with("tungstenite")
}
