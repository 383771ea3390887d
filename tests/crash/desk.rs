//! The desk under test: one node on a SQLite file. Clients know its addresses, the checker its contents, faults the rest;
//! a desk of several nodes on another engine gives the same to the same run.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use deskbell::{
    demo::content,
    identity::account::{AccountStatus, Standing},
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
    checker::{self, Contents},
    client::{Client, Orders, Shared, Socket},
    disk::{self, Disk, Loss},
    ledger::{Ledger, Violation},
    process::Process,
    writer::{Writer, random_id},
};

/// How many chats run at once, and how many specialists serve them.
const CHATS: usize = 8;
const SPECIALISTS: usize = 4;

/// What all desks of a run start from.
pub struct Ground {
    pub folder: PathBuf,
    pub program: PathBuf,
    pub bug: Option<String>,
    library: PathBuf,
}

impl Ground {
    /// Compiles the shim and lets the program fill a desk.
    pub async fn prepare(folder: PathBuf, program: PathBuf, bug: Option<String>) -> Self {
        std::fs::create_dir_all(folder.join("template")).unwrap();
        let library = disk::compile(&folder);
        let mut demo = Command::new(&program)
            .args(["demo", "--listen", "127.0.0.1:0", "--site-listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("template"))
            .env_remove("DESKBELL_DATABASE")
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
        hold_open_since_ever(&folder.join("template/deskbell.sqlite")).await;
        Self { folder, program, bug, library }
    }
}

/// The demo holds its desk open from now on; a clock that jumps back before that must not close it and end its chats.
async fn hold_open_since_ever(file: &Path) {
    let mut db = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap();
    let long_ago = "UPDATE day_overrides SET starts_at = '2000' || substr(starts_at, 5)";
    assert!(sqlx::query(long_ago).execute(&mut db).await.unwrap().rows_affected() > 0);
    db.close().await.unwrap();
}

/// A desk of one node.
pub struct Desk {
    pub folder: PathBuf,
    pub address: SocketAddr,
    pub disk: Disk,
    pub node: Process,
    program: PathBuf,
    bug: Option<String>,
}

impl Desk {
    /// A new desk in a folder of its own, serving.
    pub async fn open(ground: &Ground, name: &str) -> Result<Self, Violation> {
        let folder = ground.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["deskbell.sqlite", "pin.key"] {
            std::fs::copy(ground.folder.join("template").join(file), folder.join(file)).unwrap();
        }
        let address = free_address();
        // Nobody is away for so long: here a chat must not end by itself.
        let config = format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase = \"sqlite:{0}/deskbell.sqlite\"\n\
             pin_key_file = \"{0}/pin.key\"\n[chat]\nabandon_minutes = 525600\n",
            folder.display()
        );
        std::fs::write(folder.join("deskbell.toml"), config).unwrap();
        let disk = Disk::new(folder.join("deskbell.sqlite"), folder.join("disk"), &ground.library);
        let (program, bug) = (ground.program.clone(), ground.bug.clone());
        let node = spawn(&program, &folder, address, &disk, bug.as_deref()).await?;
        Ok(Self { folder, address, disk, node, program, bug })
    }

    /// Starts the node again on its data.
    pub async fn start(&mut self) -> Result<(), Violation> {
        self.node = spawn(&self.program, &self.folder, self.address, &self.disk, self.bug.as_deref()).await?;
        Ok(())
    }

    /// Kills the node; the power stays or goes.
    pub async fn kill(&mut self, power_goes: Option<Loss>, rng: &mut StdRng) {
        self.node.kill().await;
        match power_goes {
            Some(loss) => self.disk.lose_power(loss, rng),
            None => self.disk.keep_power(),
        }
    }

    /// What the database holds while the node runs.
    pub async fn contents(&self) -> Result<Contents, Violation> {
        checker::read_sqlite(&self.disk.file, true).await
    }

    /// What the files hold while the node is dead; read from a copy, since opening it would mend it.
    pub async fn remains(&self) -> Result<Contents, Violation> {
        checker::read_sqlite(&self.disk.copy_to(&self.folder.join("copy")), false).await
    }

    /// The last lines of the node's log.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// Customers verify, ask and are served; who takes part from now on, and a token that may read all.
    pub async fn people(&self, rng: &mut StdRng) -> Result<(Arc<Shared>, Vec<Client>, String), Violation> {
        let content = content::read().unwrap();
        let good: Vec<_> = content
            .account
            .iter()
            .filter(|a| a.status == AccountStatus::Active && a.standing == Standing::Good)
            .collect();
        let customers: Vec<_> = content
            .contact
            .iter()
            .filter(|c| c.accounts.len() == 1 && good.iter().any(|a| a.number == c.accounts[0].number))
            .take(CHATS)
            .collect();
        let specialists = content.staff.iter().filter(|s| s.teams.iter().any(|t| t == "claims")).take(SPECIALISTS);
        let mut clients = Vec::new();
        for customer in &customers {
            let claim = json!({"site": "pub_demo", "email": customer.email, "pin": customer.pin});
            let token = text(&self.post("/widget/api/verify", "", &claim).await?["token"]);
            let account = json!({"account": customer.accounts[0].number});
            let chat: Uuid =
                text(&self.post("/widget/api/conversation", &token, &account).await?["chat"]).parse().unwrap();
            let (id, client) = (random_id(rng), random_id(rng));
            let ask = json!({"type": "ask", "chat": chat, "id": id, "client": client, "n": 1, "text": "It is stuck.", "category": "claims"});
            self.socket(&token).await?.done(ask).await?;
            clients.push((customer.name.clone(), token, vec![chat]));
        }
        let chats: Vec<Uuid> = clients.iter().map(|(_, _, chats)| chats[0]).collect();
        for (specialist, share) in specialists.zip(chats.chunks(CHATS / SPECIALISTS)) {
            let token = self.sign_in(&specialist.email, &specialist.password).await?;
            let mut socket = self.socket(&token).await?;
            for chat in share {
                socket.done(json!({"type": "pick", "chat": chat})).await?;
            }
            clients.push((specialist.name.clone(), token, share.to_vec()));
        }
        let ledger = Ledger::new(&chats);
        let shared =
            Arc::new(Shared { ledger, nodes: vec![self.address], orders: watch::Sender::new(Orders::default()) });
        let second_tab = clients[..3]
            .iter()
            .map(|(name, token, chats)| (format!("{name}'s second tab"), token.clone(), chats.clone()));
        let mut readers: Vec<_> = second_tab.collect();
        let mut reader = String::new();
        for supervisor in
            content.staff.iter().filter(|s| s.email.starts_with("rosalind") || s.email.starts_with("desmond"))
        {
            reader = self.sign_in(&supervisor.email, &supervisor.password).await?;
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

    async fn socket(&self, token: &str) -> Result<Socket, Violation> {
        let opened = Socket::open(self.address, token, false).await;
        Ok(opened.ok_or_else(|| unprepared("no socket could be opened"))?.0)
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, Violation> {
        let asked = reqwest::Client::new().post(format!("http://{}{path}", self.address)).bearer_auth(token).json(body);
        let answer = asked.send().await.and_then(reqwest::Response::error_for_status).map_err(unprepared)?;
        answer.json().await.map_err(unprepared)
    }

    async fn sign_in(&self, email: &str, password: &str) -> Result<String, Violation> {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form =
            http.post(format!("http://{}/login", self.address)).form(&[("email", email), ("password", password)]);
        let answer = form.send().await.map_err(unprepared)?;
        let cookie = answer.headers().get("set-cookie").ok_or_else(|| unprepared(format!("{email} cannot sign in")))?;
        Ok(cookie.to_str().unwrap().split([';', '=']).nth(1).unwrap().to_owned())
    }
}

async fn spawn(
    program: &Path,
    folder: &Path,
    address: SocketAddr,
    disk: &Disk,
    bug: Option<&str>,
) -> Result<Process, Violation> {
    let mut environment: Vec<(&str, &Path)> = disk.environment().to_vec();
    environment.extend(bug.map(|bug| ("DESKBELL_PLANTED_BUG", Path::new(bug))));
    Process::start(program, &folder.join("deskbell.toml"), &folder.join("server.log"), address, environment).await
}

fn unprepared(why: impl ToString) -> Violation {
    Violation { check: "the desk is prepared", story: why.to_string() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// An address that stays free while a node is down: below the ports that outgoing connections take.
fn free_address() -> SocketAddr {
    let ports = 18_000..32_000_u16;
    let start = u16::try_from(std::process::id() % 13_000).unwrap() + ports.start;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (start..ports.end).find(free).expect("a free port");
    SocketAddr::from(([127, 0, 0, 1], port))
}
