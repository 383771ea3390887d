//! The cases of the Autobahn test suite against the socket's own settings and accept loop: an echo in this process, and the
//! fuzzing client that `$DESKBELL_KOSOKU` names (`tests/autobahn/run` fetches one). Fails where a case fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "it says what went wrong by panicking")]

#[path = "../it/support/echo.rs"]
mod echo;

use std::{collections::BTreeMap, process::Command};

use deskbell::{
    app::App,
    clock::Clock,
    config::{Config, Secret},
    web::listener,
};
use serde_json::Value;
use tokio::net::TcpListener;

/// The largest message of the suite has 16 MiB.
const LARGEST: usize = 16 * 1024 * 1024;

#[tokio::main]
async fn main() {
    let program = std::env::var_os("DESKBELL_KOSOKU").expect("run tests/autobahn/run: it fetches the fuzzing client");
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        database: Secret(format!("sqlite:{}", folder.path().join("deskbell.sqlite").display())),
        pin_key_file: folder.path().join("pin.key"),
        ..Config::default()
    };
    let (app, _pending) = App::open(config, Clock::system()).await.unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(listener::serve(app, socket, echo::router(LARGEST)));
    let reports = folder.path().join("reports");
    let mut suite = Command::new(program);
    suite.arg(address.to_string()).arg("--outdir").arg(&reports).args(std::env::args_os().skip(1));
    let status = tokio::task::spawn_blocking(move || suite.status()).await.unwrap().unwrap();
    let index: Value = serde_json::from_slice(&std::fs::read(reports.join("index.json")).unwrap()).unwrap();
    let mut counts = BTreeMap::<&str, usize>::new();
    for (case, result) in index.as_object().unwrap().values().flat_map(|cases| cases.as_object().unwrap()) {
        let behavior = result["behavior"].as_str().unwrap();
        *counts.entry(behavior).or_default() += 1;
        if !["OK", "UNIMPLEMENTED"].contains(&behavior) {
            println!("{case}: {behavior}, close {}", result["behaviorClose"]);
        }
    }
    println!("{counts:?}");
    assert!(status.success() && counts.contains_key("OK"), "the suite found failures");
}
