//! What the command line says.

/// A server to compare with.
pub struct Peer {
    pub name: String,
    pub protocol: String,
    pub port: u16,
    pub command: Vec<String>,
}

/// All of it.
pub struct Arguments {
    pub what: String,
    pub chats: Vec<usize>,
    pub conns: Vec<usize>,
    pub rate: f64,
    pub secs: u64,
    pub runs: usize,
    pub stored: usize,
    /// PostgreSQL; a database `deskbell_load` is made there anew each time.
    pub database: Option<String>,
    /// How many nodes share it; the two people of a chat are on different ones.
    pub nodes: usize,
    /// Where nodes meet.
    pub nats: Option<String>,
    /// Solutions besides the demo's, one JSON object a line.
    pub kb: Option<String>,
    pub peers: Vec<Peer>,
}

impl Arguments {
    pub fn parse() -> Self {
        // Cargo adds `--bench`.
        let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
        let all = |name: &str| -> Vec<String> {
            let pairs = given.windows(2).filter(|pair| pair[0] == format!("--{name}"));
            pairs.map(|pair| pair[1].clone()).collect()
        };
        let one = |name: &str, default: &str| all(name).pop().unwrap_or_else(|| default.to_owned());
        let number = |name: &str, default: &str| {
            one(name, default).parse::<f64>().unwrap_or_else(|_| panic!("--{name} is a number"))
        };
        let numbers = |name: &str, default: &str| -> Vec<usize> {
            one(name, default)
                .split(',')
                .map(|n| n.parse().unwrap_or_else(|_| panic!("--{name} is a list of numbers")))
                .collect()
        };
        let peer = |line: String| {
            let (name, rest) = line.split_once('=').expect("--peer NAME=PROTOCOL:PORT:COMMAND");
            let mut parts = rest.splitn(3, ':');
            let mut next = || parts.next().expect("--peer NAME=PROTOCOL:PORT:COMMAND").to_owned();
            let (protocol, port, command) = (next(), next(), next());
            Peer {
                name: name.to_owned(),
                protocol,
                port: port.parse().expect("a port"),
                command: command.split_whitespace().map(str::to_owned).collect(),
            }
        };
        Self {
            what: given.first().filter(|a| !a.starts_with('-')).cloned().unwrap_or_else(|| "chat".into()),
            chats: numbers("chats", "50,500"),
            conns: numbers("conns", "2000,10000"),
            rate: number("rate", "1000"),
            secs: number("secs", "10") as u64,
            runs: number("runs", "1") as usize,
            stored: number("stored", "0") as usize,
            database: all("database").pop(),
            nodes: number("nodes", "1") as usize,
            nats: all("nats").pop(),
            kb: all("kb").pop(),
            peers: all("peer").into_iter().map(peer).collect(),
        }
    }
}
