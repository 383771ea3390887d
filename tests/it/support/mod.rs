//! A server in this process with a database of its own, and the actors who use it through the real socket and HTTP.

pub mod actors;
pub mod browser;
pub mod cluster;
pub mod engine;
pub mod nats;
pub mod roamer;
pub mod smtp;
pub mod wire;

use std::{net::SocketAddr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{
    app::{App, Tasks},
    clock::Clock,
    config::{Config, Mail, Secret},
    demo::{self, content},
    hours::setup,
    knowledge::Tier,
    web,
};
use tokio::net::TcpListener;

pub use actors::{Agent, Customer, Socket};
pub use browser::Browser;
pub use engine::Engine;

/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    pub database: engine::Database,
    tasks: Option<Tasks>,
    settings: Settings,
}

/// How a test's server differs from the demo.
#[derive(Clone)]
pub struct Settings {
    pub clock: DateTime<Utc>,
    pub change: fn(&mut Config),
    /// Where nodes meet.
    pub nats: Option<String>,
    /// The mail server.
    pub smtp: Option<String>,
}

impl Default for Settings {
    /// Tuesday 10:00 in New York, when the desk is open by its calendar.
    fn default() -> Self {
        Self { clock: "2026-12-01T10:00:00-05:00".parse().unwrap(), change: |_| {}, nats: None, smtp: None }
    }
}

impl Server {
    /// The demo's desk on an engine.
    pub async fn start(engine: Engine) -> Self {
        Self::with(engine, Settings::default()).await
    }

    /// The same at a given time.
    pub async fn at(engine: Engine, time: &str) -> Self {
        Self::with(engine, Settings { clock: time.parse().unwrap(), ..Settings::default() }).await
    }

    /// The same with other settings.
    pub async fn with(engine: Engine, settings: Settings) -> Self {
        let database = engine::Database::create(engine).await;
        Self::open(database, settings, None).await
    }

    /// Another node of the same desk.
    pub async fn beside(&self) -> Self {
        let settings = Settings { clock: self.app.clock.now(), ..self.settings.clone() };
        Self::open(self.database.clone(), settings, None).await
    }

    /// A server on a database that is there already, its PIN key beside it.
    pub async fn over(database: &engine::Database) -> Self {
        Self::open(database.clone(), Settings::default(), None).await
    }

    /// The same with other settings.
    pub async fn over_with(database: &engine::Database, settings: Settings) -> Self {
        Self::open(database.clone(), settings, None).await
    }

    /// Stops gracefully and starts again on the same address and data.
    pub async fn restart(mut self) -> Self {
        let (address, settings, database) = (self.address, self.settings.clone(), self.database.clone());
        let now = self.app.clock.now();
        self.stop().await;
        Self::open(database, Settings { clock: now, ..settings }, Some(address)).await
    }

    /// Stops gracefully.
    pub async fn stop(&mut self) {
        if let Some(tasks) = self.tasks.take() {
            self.app.shut_down(tasks).await;
        }
    }

    async fn open(database: engine::Database, settings: Settings, address: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind(address.unwrap_or(([127, 0, 0, 1], 0).into())).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config {
            listen: address,
            public_url: format!("http://{address}"),
            database: Secret(database.url.clone()),
            nats: settings.nats.clone().map(Secret),
            pin_key_file: database.folder.path().join("pin.key"),
            // What the demo's solutions mean takes seconds to work out: only the tests that need it ask for it.
            suggestions: Tier::Lexical,
            ..Config::default()
        };
        if let Some(smtp) = settings.smtp.clone() {
            config.mail = Mail {
                from: "Ledgerleaf Support <support@ledgerleaf.example>".into(),
                smtp: Secret(smtp),
                keep: false,
            };
        }
        (settings.change)(&mut config);
        let (app, pending) = App::open(config, Clock::starting_at(settings.clock)).await.unwrap();
        setup::ship(&app).await.unwrap();
        demo::fill(&app, &content::read().unwrap(), vec!["http://localhost:8081".into()]).await.unwrap();
        let tasks = app.start(pending);
        tokio::spawn(web::listener::serve(app.clone(), listener, web::router(app.clone(), None)));
        Self { app, address, database, tasks: Some(tasks), settings }
    }

    /// Sets the server's clock ahead.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Sets the server's clock to a later time.
    pub fn advance_to(&self, time: &str) {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.advance(time - self.app.clock.now());
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Asks again until the answer is there; for what no event announces.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
