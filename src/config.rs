//! Configuration: a TOML file, then `DESKBELL_…` from the environment, checked whole before anything starts.

use std::{fmt, net::SocketAddr, path::PathBuf};

use clap::ValueEnum;
use serde::Deserialize;

use crate::{channels::email::Mailer, knowledge::Tier};

/// Everything that can be set. Secrets are named by file or environment, and never printed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The address under which browsers reach the server, scheme included. Behind a proxy: the proxy's.
    pub public_url: String,
    /// `sqlite:PATH` or `postgres://user:password@host/database`.
    pub database: Secret,
    /// `nats://host:4222`, where several nodes share a PostgreSQL database: they tell each other there what happened. Those of
    /// a cluster with commas between them.
    pub nats: Option<Secret>,
    /// File with the key under which PINs are hashed; made at the first start. Keep it apart from the database's backups.
    pub pin_key_file: PathBuf,
    /// What is logged, in the form of `RUST_LOG`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// True: a reverse proxy stands before the server, so the last `X-Forwarded-For` address is the visitor's.
    pub behind_proxy: bool,
    /// How far suggestions go at the most: `full`, `static` or `lexical`.
    pub suggestions: Tier,
    /// The live chat.
    pub chat: Chat,
    /// Limits against exhaustion.
    pub limits: Limits,
    /// Wrong PINs allowed before the gate closes.
    pub pin: Pin,
    /// Mails that leave the desk.
    pub mail: Mail,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs, one object a line.
    Json,
}

/// Settings of the live chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chat {
    /// Seconds that a specialist has to take an offered chat.
    pub offer_seconds: u32,
    /// Minutes after which a customer whose page is gone counts as having left.
    pub abandon_minutes: u32,
}

/// Limits against exhaustion.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open connections in total.
    pub connections: usize,
    /// Open connections from one address.
    pub connections_per_address: usize,
    /// Open live connections of one person, customer or of the desk.
    pub connections_per_person: usize,
    /// Messages left without a PIN from one address in an hour.
    pub messages_per_hour: i64,
    /// Files that a customer may send in an hour, a specialist in one chat, and that may come on one case.
    pub files_per_hour: i64,
    /// Searches and openings on the help pages from one address in an hour that count in reports and for the ranking.
    pub readings_per_hour: u32,
    /// What stays free on the disk of a SQLite file, in MiB: below that nothing is written.
    pub free_disk_mb: u64,
}

/// The budget of wrong PINs; `docs/pin.md` has the arithmetic behind it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pin {
    /// Wrong ones in a row for one person, then a pause.
    pub in_a_row: usize,
    /// The pause after that many in a row, in minutes.
    pub pause_minutes: u32,
    /// Wrong ones for one person in 24 hours.
    pub a_day: usize,
    /// Wrong ones for one person in 30 days, whatever else was right.
    pub in_30_days: usize,
    /// Wrong ones for all persons of one account in 24 hours.
    pub account_a_day: usize,
    /// Wrong ones from one address in 24 hours.
    pub address_a_day: usize,
    /// Wrong ones in total in 24 hours; above that a specialist calls back.
    pub total_a_day: usize,
}

/// Mails that leave the desk.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Whom they come from, such as `Support <support@example.com>`.
    pub from: String,
    /// The mail server that takes them: `smtp://user:password@host:587` or `smtps://…`. Empty: no mails are sent.
    pub smtp: Secret,
    /// Without a mail server: mails are kept and shown as a page. For the demo.
    #[serde(skip)]
    pub keep: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".into(),
            database: Secret("sqlite:data/deskbell.sqlite".into()),
            nats: None,
            pin_key_file: "data/pin.key".into(),
            log: "deskbell=info,warn".into(),
            log_format: LogFormat::Text,
            behind_proxy: false,
            suggestions: Tier::default(),
            chat: Chat::default(),
            limits: Limits::default(),
            pin: Pin::default(),
            mail: Mail::default(),
        }
    }
}

impl Default for Chat {
    fn default() -> Self {
        Self { offer_seconds: 30, abandon_minutes: 5 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 15_000,
            connections_per_address: 200,
            connections_per_person: 50,
            messages_per_hour: 10,
            files_per_hour: 20,
            readings_per_hour: 1_000,
            free_disk_mb: 128,
        }
    }
}

impl Default for Pin {
    fn default() -> Self {
        Self {
            in_a_row: 3,
            pause_minutes: 30,
            a_day: 5,
            in_30_days: 9,
            account_a_day: 15,
            address_a_day: 20,
            total_a_day: 100,
        }
    }
}

/// A text that must not be printed.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl Config {
    /// Reads the text of a configuration file, then the environment (`DESKBELL_LISTEN`, `DESKBELL_PUBLIC_URL`,
    /// `DESKBELL_DATABASE`, `DESKBELL_NATS`, `DESKBELL_PIN_KEY_FILE`, `DESKBELL_LOG`, `DESKBELL_SUGGESTIONS`,
    /// `DESKBELL_MAIL_FROM`, `DESKBELL_SMTP`), and checks the whole.
    pub fn read(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut config: Self =
            serde_path_to_error::deserialize(toml::Deserializer::parse(text).map_err(|e| e.to_string())?)
                .map_err(|e| format!("at `{}`: {}", e.path(), e.inner().message()))?;
        if let Some(listen) = environment("DESKBELL_LISTEN") {
            config.listen = listen.parse().map_err(|_| {
                format!("DESKBELL_LISTEN must be an address and port like 127.0.0.1:8080, not {listen:?}")
            })?;
        }
        for (name, field) in [
            ("DESKBELL_PUBLIC_URL", &mut config.public_url),
            ("DESKBELL_DATABASE", &mut config.database.0),
            ("DESKBELL_LOG", &mut config.log),
            ("DESKBELL_MAIL_FROM", &mut config.mail.from),
            ("DESKBELL_SMTP", &mut config.mail.smtp.0),
        ] {
            if let Some(value) = environment(name) {
                *field = value;
            }
        }
        if let Some(tier) = environment("DESKBELL_SUGGESTIONS") {
            config.suggestions = Tier::from_str(&tier, true)
                .map_err(|_| format!("DESKBELL_SUGGESTIONS must be full, static or lexical, not {tier:?}"))?;
        }
        if let Some(nats) = environment("DESKBELL_NATS") {
            config.nats = Some(Secret(nats));
        }
        if let Some(file) = environment("DESKBELL_PIN_KEY_FILE") {
            config.pin_key_file = file.into();
        }
        config.check()?;
        Ok(config)
    }

    /// The scheme, host and port of `public_url`, as a browser sends them in `Origin`.
    pub fn origin(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// The host of `public_url`, without a port.
    pub fn host(&self) -> &str {
        let host = self.public_url.split("//").nth(1).unwrap_or_default();
        host.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("localhost")
    }

    fn check(&self) -> Result<(), String> {
        let host = self.public_url.strip_prefix("https://").or_else(|| self.public_url.strip_prefix("http://"));
        if !host.is_some_and(|h| !h.is_empty() && !h.trim_end_matches('/').contains('/')) {
            return Err(format!(
                "public_url must be a scheme and a host like https://support.example.com, not {:?}",
                self.public_url
            ));
        }
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.database.0.starts_with(scheme)) {
            return Err("database must start with sqlite: or postgres:".into());
        }
        if let Some(Secret(nats)) = &self.nats {
            if nats.split(',').any(|url| !["nats://", "tls://"].iter().any(|scheme| url.trim().starts_with(scheme))) {
                return Err(
                    "nats must start with nats:// or tls://; several are written with commas between them".into()
                );
            }
            if self.database.0.starts_with("sqlite:") {
                return Err(
                    "nats is for several nodes, which share a PostgreSQL database: set database to postgres://…".into(),
                );
            }
        }
        if !(5..=600).contains(&self.chat.offer_seconds) {
            return Err(format!("chat.offer_seconds must be 5 to 600, not {}", self.chat.offer_seconds));
        }
        if self.chat.abandon_minutes == 0 {
            return Err("chat.abandon_minutes must be at least 1".into());
        }
        if self.limits.connections == 0 || self.limits.connections_per_address == 0 {
            return Err("limits.connections and limits.connections_per_address must be at least 1".into());
        }
        if self.pin.in_a_row == 0 || self.pin.in_30_days > 9 {
            return Err("pin.in_a_row must be at least 1 and pin.in_30_days at most 9: ten tries of 10,000 are more than 1 in 1,000".into());
        }
        Mailer::new(&self.mail, self.host()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::read("", |_| None).unwrap().listen.port(), 8080);
    }

    #[test]
    fn run_04_the_environment_wins_over_the_file() {
        let env = |name: &str| (name == "DESKBELL_LISTEN").then(|| "0.0.0.0:9000".to_owned());
        assert_eq!(Config::read("listen = \"127.0.0.1:1\"", env).unwrap().listen.port(), 9000);
    }

    #[test]
    fn run_04_errors_name_the_place_and_what_to_do() {
        for (text, words) in [
            ("chat = { offer_secs = 3 }", "offer_secs"),
            ("[chat]\noffer_seconds = 1", "chat.offer_seconds must be 5 to 600"),
            ("listen = \"nowhere\"", "listen"),
            ("public_url = \"support.example.com\"", "https://support.example.com"),
            ("[pin]\nin_30_days = 20", "pin.in_30_days"),
            ("[mail]\nsmtp = \"smtp://h\"", "mail.from must be like"),
            ("[mail]\nfrom = \"a@b.example\"\nsmtp = \"h:587\"", "mail.smtp must be like"),
            ("database = \"mysql://x\"", "sqlite: or postgres:"),
            ("database = \"postgres://h/d\"\nnats = \"nats://a:4222,b:4222\"", "nats must start with"),
        ] {
            let error = Config::read(text, |_| None).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn run_04_secrets_are_not_printed() {
        let text =
            "database = \"postgres://u:hunter2@h/d\"\n[mail]\nfrom = \"a@b.example\"\nsmtp = \"smtp://u:hunter2@h\"";
        let config = Config::read(text, |_| None).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
