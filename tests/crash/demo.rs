//! What every desk under test begins with: the demo's data, and the demo's people, who write and read.

use std::{collections::HashMap, net::SocketAddr, path::Path, process::Stdio, sync::Arc};

use deskbell::{
    demo::content,
    identity::{
        account::{AccountStatus, Standing},
        contact::ContactRole,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    sync::watch,
};
use uuid::Uuid;

use crate::{
    client::{Client, Orders, Shared, Socket},
    ledger::{Ledger, Violation},
    writer::{Writer, random_id},
};

/// How many chats run at once, and how many specialists serve them.
const CHATS: usize = 8;
const SPECIALISTS: usize = 4;

/// Lets the program fill a SQLite desk in a folder: `deskbell.sqlite` and `pin.key`.
pub async fn fill(folder: &Path, program: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let mut demo = Command::new(program)
        .args(["demo", "--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .env_remove("DESKBELL_DATABASE")
        // What solutions mean is worked out for seconds, and not what is looked at here.
        .env("DESKBELL_SUGGESTIONS", "lexical")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut url = String::new();
    // All is read, or the demo could not print.
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("Start here") {
            line.split_whitespace().last().unwrap().clone_into(&mut url);
        } else if line.contains("Customers and their PINs") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    while reqwest::get(format!("{url}readyz")).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let pid = demo.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().await.unwrap().success());
    assert!(demo.wait().await.unwrap().success(), "the demo fills a desk and stops");
    hold_open_since_ever(&folder.join("deskbell.sqlite")).await;
}

/// The demo holds its desk open from now on; a clock that jumps back before that must not close it and end its chats.
async fn hold_open_since_ever(file: &Path) {
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap();
    let long_ago = "UPDATE day_overrides SET starts_at = '2000' || substr(starts_at, 5)";
    assert!(sqlx::query(long_ago).execute(&mut db).await.unwrap().rows_affected() > 0);
    db.close().await.unwrap();
}

/// Customers verify, ask and are served; who takes part from now on, and a token that may read all.
pub async fn people(nodes: &[SocketAddr], rng: &mut StdRng) -> Result<(Arc<Shared>, Vec<Client>, String), Violation> {
    let content = content::read().unwrap();
    let good: Vec<_> =
        content.account.iter().filter(|a| a.status == AccountStatus::Active && a.standing == Standing::Good).collect();
    // Who speaks for an account in good standing: others are refused (AGREE-07, AGREE-08).
    let may_ask = |place: &content::AtAccount| {
        place.role != ContactRole::User && good.iter().any(|account| account.number == place.number)
    };
    let customers: Vec<_> =
        content.contact.iter().filter(|c| c.accounts.len() == 1 && may_ask(&c.accounts[0])).take(CHATS).collect();
    assert_eq!(customers.len(), CHATS, "the demo has enough people who may ask");
    let specialists = content.staff.iter().filter(|s| s.teams.iter().any(|t| t == "claims")).take(SPECIALISTS);
    let mut clients = Vec::new();
    for customer in &customers {
        let node = any(nodes, rng);
        let claim = json!({"site": "pub_demo", "email": customer.email, "pin": customer.pin});
        let token = text(&post(node, "/widget/api/verify", "", &claim).await?["token"]);
        let account = json!({"account": customer.accounts[0].number});
        let chat: Uuid =
            text(&post(node, "/widget/api/conversation", &token, &account).await?["chat"]).parse().unwrap();
        let (id, client) = (random_id(rng), random_id(rng));
        let ask = json!({"type": "ask", "chat": chat, "id": id, "client": client, "n": 1, "text": "It is stuck.", "category": "claims"});
        socket(node, &token).await?.done(ask).await?;
        clients.push((customer.name.clone(), token, vec![chat]));
    }
    let chats: Vec<Uuid> = clients.iter().map(|(_, _, chats)| chats[0]).collect();
    for (specialist, share) in specialists.zip(chats.chunks(CHATS / SPECIALISTS)) {
        let node = any(nodes, rng);
        let token = sign_in(node, &specialist.email, &specialist.password).await?;
        let mut socket = socket(node, &token).await?;
        for chat in share {
            socket.done(json!({"type": "pick", "chat": chat})).await?;
        }
        clients.push((specialist.name.clone(), token, share.to_vec()));
    }
    let ledger = Ledger::new(&chats);
    let shared = Arc::new(Shared { ledger, nodes: nodes.to_vec(), orders: watch::Sender::new(Orders::default()) });
    let second_tab =
        clients[..3].iter().map(|(name, token, chats)| (format!("{name}'s second tab"), token.clone(), chats.clone()));
    let mut readers: Vec<_> = second_tab.collect();
    let mut reader = String::new();
    for supervisor in content.staff.iter().filter(|s| s.email.starts_with("rosalind") || s.email.starts_with("desmond"))
    {
        reader = sign_in(any(nodes, rng), &supervisor.email, &supervisor.password).await?;
        readers.push((supervisor.name.clone(), reader.clone(), chats.clone()));
    }
    let mut client = |(name, token, chats): (String, String, Vec<Uuid>), writes: bool| {
        let writers = if writes { chats.iter().map(|chat| Writer::new(*chat, rng)).collect() } else { Vec::new() };
        let reading = chats.into_iter().map(|chat| (chat, 0)).collect::<HashMap<_, _>>();
        let rng = StdRng::seed_from_u64(rng.random());
        Client { name, token, reading, writers, rng, shared: shared.clone() }
    };
    let mut all: Vec<Client> = clients.into_iter().map(|c| client(c, true)).collect();
    all.extend(readers.into_iter().map(|c| client(c, false)));
    Ok((shared, all, reader))
}

async fn socket(node: SocketAddr, token: &str) -> Result<Socket, Violation> {
    let opened = Socket::open(node, token, false).await;
    Ok(opened.ok_or_else(|| unprepared("no socket could be opened"))?.0)
}

async fn post(node: SocketAddr, path: &str, token: &str, body: &Value) -> Result<Value, Violation> {
    let asked = reqwest::Client::new().post(format!("http://{node}{path}")).bearer_auth(token).json(body);
    let answer = asked.send().await.and_then(reqwest::Response::error_for_status).map_err(unprepared)?;
    answer.json().await.map_err(unprepared)
}

async fn sign_in(node: SocketAddr, email: &str, password: &str) -> Result<String, Violation> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = http.post(format!("http://{node}/login")).form(&[("email", email), ("password", password)]);
    let answer = form.send().await.map_err(unprepared)?;
    let cookie = answer.headers().get("set-cookie").ok_or_else(|| unprepared(format!("{email} cannot sign in")))?;
    Ok(cookie.to_str().unwrap().split([';', '=']).nth(1).unwrap().to_owned())
}

fn any(nodes: &[SocketAddr], rng: &mut StdRng) -> SocketAddr {
    nodes[rng.random_range(0..nodes.len())]
}

/// The desk could not be made ready for faults.
pub fn unprepared(why: impl ToString) -> Violation {
    Violation { check: "the desk is prepared", story: why.to_string() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
