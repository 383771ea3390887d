//! The program as it is typed: the demo, a desk of one's own, what is wrong with a configuration.

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::support::{Engine, PATIENCE, engine::Database, eventually};

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command
        .kill_on_drop(true)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_remove("DESKBELL_DATABASE")
        .env_remove("DESKBELL_MOVE_TO");
    command
}

/// Runs a command to its end; success, and all that it said.
pub async fn said(command: &mut Command, input: &str) -> (bool, String) {
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the command ends").unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// Asks a server to stop, as a supervisor of processes does; its exit must be a success.
pub async fn terminate(mut child: Child) {
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(timeout(PATIENCE, child.wait()).await.expect("it stops").unwrap().success());
}

pub fn write_config(folder: &Path, database: &str, port: u16) -> String {
    let file = folder.join("deskbell.toml");
    let text = format!(
        "listen = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\ndatabase = \"{database}\"\npin_key_file = \"{}\"\n",
        folder.join("pin.key").display()
    );
    std::fs::write(&file, text).unwrap();
    file.to_string_lossy().into_owned()
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn run_01_the_demo_serves_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    for start in ["on an empty folder", "on a filled one"] {
        let mut demo = program()
            .args(["demo", "--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
        let mut text = String::new();
        while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("the demo speaks").unwrap() {
            text += &format!("{line}\n");
            if line.contains("yusuf.demirkiran@oldmilleye.example") {
                break;
            }
        }
        let address = |label: &str| {
            let line =
                text.lines().find(|l| l.contains(label)).unwrap_or_else(|| panic!("{start}: no {label} in {text}"));
            line.split_whitespace().last().unwrap().to_owned()
        };
        let desk = address("Start here");
        for path in ["", "healthz", "readyz", "login", "widget.js"] {
            let url = format!("{desk}{path}");
            let page = eventually("the demo serves", || async { reqwest::get(&url).await.ok() }).await;
            assert_eq!(page.status(), 200, "{start}: {path}");
        }
        let site = reqwest::get(address("Customer's page")).await.unwrap().text().await.unwrap();
        let embed = format!("<script async src=\"{desk}widget.js\" data-token=\"pub_demo\"></script>");
        assert!(site.contains(&embed), "one line embeds the widget");
        assert!(text.contains("demo-priya") && text.contains("7306"), "logins and PINs are printed");
        terminate(demo).await;
    }
}

#[tokio::test]
async fn run_04_a_wrong_configuration_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, "[chat]\noffer_secs = 9\n").unwrap();
    for command in ["check", "serve"] {
        let (fine, text) = said(program().arg(command).arg("--config").arg(&file), "").await;
        assert!(!fine && text.contains("offer_secs"), "{command}: {text}");
    }
    let (fine, text) = said(program().args(["check", "--config", "/nowhere/deskbell.toml"]), "").await;
    assert!(!fine && text.contains("cannot be read"), "{text}");
}

async fn a_desk_of_ones_own(engine: Engine) {
    let database = Database::create(engine).await;
    let (folder, port) = (database.folder.path(), free_port());
    let config = write_config(folder, &database.url, port);
    let (fine, text) = said(program().args(["check", "--config", &config]), "").await;
    assert!(fine, "{text}");
    for (arguments, input, words) in [
        (vec!["team", "billing", "Billing"], "", "billing is there"),
        (vec!["category", "bills", "Bills", "--team", "billing"], "", "bills is there"),
        (vec!["staff", "Ada Lane", "ada@desk.example", "--team", "billing"], "a long password\n", "can sign in"),
        (vec!["account", "77", "Seven Oaks"], "", "77 is there"),
        (vec!["contact", "77", "Cy Webb", "cy@oaks.example"], "", "PIN is "),
        (vec!["pin", "cy@oaks.example"], "", "shown only now"),
        (vec!["site", "Our desk", "--origin", "https://oaks.example"], "", "data-token=\"pub_"),
    ] {
        let (fine, text) = said(program().args(["admin", "--config", &config]).args(&arguments), input).await;
        assert!(fine && text.contains(words), "{arguments:?}: {text}");
    }
    for (arguments, input, words) in [
        (vec!["team", "billing", "Billing"], "", "already"),
        (vec!["staff", "Bo", "bo@desk.example"], "short", "ten characters"),
        (vec!["contact", "78", "Bo", "bo@oaks.example"], "", "no account 78"),
        (vec!["site", "Our desk", "--origin", "oaks.example/path"], "", "not an origin"),
    ] {
        let (fine, text) = said(program().args(["admin", "--config", &config]).args(&arguments), input).await;
        assert!(!fine && text.contains(words), "{arguments:?}: {text}");
    }
    let server = program().args(["serve", "--config", &config]).spawn().unwrap();
    let url = format!("http://127.0.0.1:{port}/readyz");
    let ready = eventually("it serves", || async { reqwest::get(&url).await.ok() }).await;
    assert_eq!(ready.status(), 200);
    // No demo: the first page is the console, which asks to sign in.
    let first = reqwest::get(format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert!(first.url().path().starts_with("/login"));
    terminate(server).await;
}

#[tokio::test]
async fn run_04_a_desk_of_ones_own_on_sqlite() {
    a_desk_of_ones_own(Engine::Sqlite).await;
}

#[tokio::test]
async fn run_04_a_desk_of_ones_own_on_postgres() {
    a_desk_of_ones_own(Engine::Postgres).await;
}

#[tokio::test]
async fn run_02_a_clock_that_is_off_the_databases_is_told() {
    let database = Database::create(Engine::Postgres).await;
    let mut demo = program()
        .args(["demo", "--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0", "--database", &database.url])
        .args(["--clock", "2026-12-01T10:00:00-05:00", "--data"])
        .arg(database.folder.path())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stderr.take().unwrap()).lines();
    while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("it is told").unwrap() {
        if line.contains("clock is off") {
            return terminate(demo).await;
        }
    }
    panic!("it ended");
}
