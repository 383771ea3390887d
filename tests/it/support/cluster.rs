//! Three nodes, PostgreSQL, NATS and nginx, as docs/operating.md has them: its configuration, with other addresses.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::commands::{free_port, program, said, terminate};

use super::{PATIENCE, engine::Database, eventually, nats::Nats};

const MANUAL: &str = include_str!("../../../docs/operating.md");

/// The block of a language in the manual that is about the nodes.
fn block(language: &str) -> String {
    let fence = format!("```{language}\n");
    let mut blocks = MANUAL.split(fence.as_str()).skip(1).filter_map(|rest| rest.split_once("```"));
    blocks
        .find(|(block, _)| block.contains("10.0.0.11"))
        .expect("a block about nodes in docs/operating.md")
        .0
        .to_owned()
}

/// Puts this test's values in place of the manual's; each must be there.
fn with(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "docs/operating.md has no {old} any more");
        text.replace(old, new)
    })
}

/// One node: its configuration and, while it runs, its process.
pub struct Node {
    pub address: SocketAddr,
    pub config: PathBuf,
    log: PathBuf,
    process: Option<Child>,
}

impl Node {
    /// The configuration of a node, in a folder of its own that has a PIN key or not.
    pub fn prepare(folder: &Path, public: SocketAddr, database: &str, nats: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        // On an address of its own, so that no outgoing connection takes the port while the node is away.
        let address = std::net::TcpListener::bind("127.0.0.2:0").unwrap().local_addr().unwrap();
        let values = [
            ("10.0.0.11:8080", address.to_string()),
            ("https://support.example.com", format!("http://{public}")),
            ("postgres://deskbell:secret@10.0.0.5/deskbell", database.to_owned()),
            ("nats://10.0.0.6:4222", nats.to_owned()),
            ("/etc/deskbell/pin.key", folder.join("pin.key").display().to_string()),
        ];
        let config = folder.join("deskbell.toml");
        let text = with(&block("toml"), &values) + "[limits]\nmessages_per_hour = 2\n";
        std::fs::write(&config, text).unwrap();
        Self { address, config, log: folder.join("log"), process: None }
    }

    /// Starts it without waiting for it.
    pub fn launch(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = program();
        command.args(["serve", "--config"]).arg(&self.config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().unwrap());
    }

    /// Waits until it can work.
    pub async fn ready(&self) {
        let url = format!("http://{}/readyz", self.address);
        let ask = || async { reqwest::get(&url).await.ok().filter(|answer| answer.status() == 200) };
        if timeout(PATIENCE, eventually("a node is ready", ask)).await.is_err() {
            panic!("a node did not start:\n{}", self.said());
        }
    }

    /// What it logged.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Starts it and waits until it can work.
    pub async fn start(&mut self) {
        self.launch();
        self.ready().await;
    }

    /// Asks it to stop; its exit must be a success.
    pub async fn stop(&mut self) {
        terminate(self.process.take().unwrap()).await;
    }

    /// Ends it without a word.
    pub async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    /// Waits for it to end by itself; whether that was a success.
    pub async fn ended(&mut self) -> bool {
        timeout(PATIENCE, self.process.take().unwrap().wait()).await.expect("it ends").unwrap().success()
    }

    /// Runs `deskbell admin` beside it.
    pub async fn admin(&self, arguments: &[&str], input: &str) -> String {
        let (fine, text) = said(program().arg("admin").arg("--config").arg(&self.config).args(arguments), input).await;
        assert!(fine, "{arguments:?}: {text}");
        text
    }
}

/// The whole of it.
pub struct Cluster {
    pub nodes: Vec<Node>,
    /// Where nginx listens.
    pub public: SocketAddr,
    _nats: Nats,
    _nginx: Child,
    database: Database,
}

impl Cluster {
    /// Three nodes of an empty desk behind nginx, started as the manual says.
    pub async fn start(database: Database) -> Self {
        let public = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let nats = Nats::start().await;
        let folders: Vec<PathBuf> = (1..=3).map(|n| database.folder.path().join(format!("node-{n}"))).collect();
        let mut nodes: Vec<Node> =
            folders.iter().map(|folder| Node::prepare(folder, public, &database.url, &nats.url())).collect();
        nodes[0].start().await;
        for (folder, node) in folders.iter().zip(&mut nodes).skip(1) {
            std::fs::copy(folders[0].join("pin.key"), folder.join("pin.key")).unwrap();
            node.start().await;
        }
        let nginx = nginx(database.folder.path(), public, &nodes).await;
        Self { nodes, public, _nats: nats, _nginx: nginx, database }
    }

    /// Where nginx and the nodes write what went wrong.
    pub fn logs(&self) -> Vec<PathBuf> {
        let nodes = self.nodes.iter().map(|node| node.log.clone());
        nodes.chain([self.database.folder.path().join("nginx.log")]).collect()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.public)
    }
}

/// Starts nginx with the manual's configuration; without TLS, for which there is no certificate here.
async fn nginx(folder: &Path, public: SocketAddr, nodes: &[Node]) -> Child {
    let values = [
        ("10.0.0.11:8080", nodes[0].address.to_string()),
        ("10.0.0.12:8080", nodes[1].address.to_string()),
        ("10.0.0.13:8080", nodes[2].address.to_string()),
        ("listen 443 ssl;", format!("listen {public};")),
        ("listen 80;", format!("listen 127.0.0.1:{};", free_port())),
        ("ssl_certificate ", "# ".into()),
        ("ssl_certificate_key ", "# ".into()),
    ];
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};"));
    let text = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{}\n{}\n}}\n",
        temporary.join("\n"),
        with(&block("nginx"), &values)
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let named = std::env::var_os("DESKBELL_TEST_NGINX").map(PathBuf::from);
    // Debian keeps it outside the path of those who are not root.
    let program = named.unwrap_or_else(|| {
        let debian = PathBuf::from("/usr/sbin/nginx");
        if debian.exists() { debian } else { "nginx".into() }
    });
    let log = std::fs::File::create(folder.join("nginx.log")).unwrap();
    let started = Command::new(&program)
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(&file)
        .args(["-e", "stderr"])
        .stderr(log)
        .kill_on_drop(true)
        .spawn();
    let process = started.unwrap_or_else(|e| panic!("nginx cannot be started ({e}): tests/run installs it"));
    let url = format!("http://{public}/readyz");
    let ask = || async { reqwest::get(&url).await.ok().filter(|answer| answer.status() == 200) };
    if timeout(Duration::from_secs(10), eventually("nginx serves", ask)).await.is_err() {
        panic!("nginx does not serve:\n{}", std::fs::read_to_string(folder.join("nginx.log")).unwrap());
    }
    process
}
