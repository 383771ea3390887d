//! `demo`: a made-up vendor, served within a second, with all addresses, logins and PINs printed.

use std::{net::SocketAddr, path::PathBuf};

use chrono::{DateTime, FixedOffset};
use clap::Args;

use crate::{
    app::App,
    clock::Clock,
    config::{Config, Secret},
    demo::{self, content},
    hours::setup,
    knowledge::Tier,
    store, web,
};

use super::{Outcome, serve, words};

/// How the demo is served.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Address of the support server.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the sample customer's page; another origin than the server's.
    #[arg(long, default_value = "127.0.0.1:8081")]
    site_listen: SocketAddr,
    /// Folder for the database and the PIN key.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Another database: `postgres://…`.
    #[arg(long, env = "DESKBELL_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Let the server's clock start here and run on, such as 2026-11-27T16:58:00-05:00.
    #[arg(long)]
    clock: Option<DateTime<FixedOffset>>,
    /// Seconds that a specialist has to take an offered chat.
    #[arg(long, default_value_t = 30)]
    offer_seconds: u32,
    /// How far suggestions go at the most.
    #[arg(long, env = "DESKBELL_SUGGESTIONS", value_enum, default_value_t)]
    suggestions: Tier,
    /// A mail server for the demo's mails, such as smtp://127.0.0.1:2525.
    #[arg(long, env = "DESKBELL_SMTP", hide_env_values = true, default_value = "")]
    smtp: String,
    /// What is logged, in the form of `RUST_LOG`.
    #[arg(long, default_value = "deskbell=info,warn")]
    log: String,
}

/// Serves the demo until it is told to stop.
pub async fn run(arguments: DemoArguments) -> Outcome {
    let database =
        arguments.database.unwrap_or_else(|| format!("sqlite:{}", arguments.data.join("deskbell.sqlite").display()));
    let mut config = Config {
        listen: arguments.listen,
        database: Secret(database),
        pin_key_file: arguments.data.join("pin.key"),
        suggestions: arguments.suggestions,
        log: arguments.log,
        ..Config::default()
    };
    config.chat.offer_seconds = arguments.offer_seconds;
    config.mail.from = "Ledgerleaf Support <support@ledgerleaf.example>".into();
    config.mail.smtp = Secret(arguments.smtp);
    config.mail.keep = true;
    serve::start_logs(&config);
    let clock = arguments.clock.map_or_else(Clock::system, |start| Clock::starting_at(start.to_utc()));
    let listener = serve::listen(arguments.listen)?;
    let site_listener = serve::listen(arguments.site_listen)?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let site_address = site_listener.local_addr().map_err(|e| e.to_string())?;
    let desk_url = format!("http://{address}");
    // Another origin, the same site: some browsers forbid all storage to a frame from another site, and a reload would ask for
    // the PIN again.
    let site_url = format!("http://{site_address}");
    config.public_url.clone_from(&desk_url);

    let _alone = store::alone(&config.database.0).map_err(words)?;
    let content = content::read().map_err(|e| e.to_string())?;
    let (app, pending) = App::open(config, clock).await.map_err(|e| e.to_string())?;
    let prepared = async {
        setup::ship(&app).await?;
        demo::fill(&app, &content, vec![site_url.clone(), format!("http://localhost:{}", site_address.port())]).await?;
        demo::hold_open(&app).await
    };
    prepared.await.map_err(|e| e.to_string())?;
    let told = demo::tell(&content, site_url.clone());
    print(&desk_url, &told);
    let routers =
        vec![(listener, web::router(app.clone(), Some(told))), (site_listener, demo::site::router(&desk_url))];
    serve::until_stopped(app, pending, routers).await
}

fn print(desk_url: &str, told: &demo::Demo) {
    println!("Deskbell, the demo\n");
    println!("  Start here        {desk_url}/");
    println!("  Customer's page   {}/", told.site_url);
    println!("  Console           {desk_url}/console");
    println!("  Supervisor        {desk_url}/supervisor\n");
    println!("  Sign in as");
    for login in &told.logins {
        let does = if login.tier.is_empty() {
            login.role.clone()
        } else {
            format!("{}, {}, {}", login.role, login.tier, login.teams)
        };
        println!("    {:<42} {:<16} {:<20} {does}", login.email, login.password, login.name);
    }
    println!("\n  Customers and their PINs");
    for pin in &told.pins {
        println!("    {:<42} {:<16} {} {}", pin.email, pin.pin, pin.account, pin.note);
    }
    println!();
}
