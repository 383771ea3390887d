//! A world of its own for the nodes: network, processes and mounts in namespaces that vanish with the last process, each node
//! on a link that can be cut, lose packets or be gone. Clients, PostgreSQL and NATS are in the middle.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::ExitCode,
};

use tokio::process::Command;

/// Where clients, PostgreSQL and NATS are.
pub const MIDDLE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// Set for the process that is inside.
const INSIDE: &str = "DESKBELL_CRASH_INSIDE";
/// All of a link's packets arrive through this chain, at both of its ends.
const CHAIN: &str = "inet faults arriving";

/// Runs this program again inside a new world, unless this is the one inside already: then nothing, and the world is ready.
/// An error says why there can be no such world here.
pub fn enter() -> Option<Result<ExitCode, String>> {
    if is_inside() {
        furnish();
        return None;
    }
    let said = |program: &str, words: &[&str]| std::process::Command::new(program).args(words).output();
    for (program, package) in
        [("setpriv", "util-linux"), ("nsenter", "util-linux"), ("ip", "iproute2"), ("nft", "nftables")]
    {
        if said(program, &["--version"]).is_err() {
            return Some(Err(format!("there is no {program} (Debian package {package})")));
        }
    }
    // The world ends with this process, however that ends.
    let into = "--pdeathsig KILL unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc";
    let into: Vec<&str> = into.split(' ').collect();
    match said("setpriv", &[&into[..], &["ip", "link", "add", "br0", "type", "bridge"]].concat()) {
        Ok(tried) if tried.status.success() => {}
        Ok(tried) => {
            let why = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
            return Some(Err(format!("network namespaces are not permitted, it takes root: {why}")));
        }
        Err(error) => return Some(Err(error.to_string())),
    }
    let again = std::process::Command::new("setpriv")
        .args(into)
        .arg(std::env::current_exe().unwrap())
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "yes")
        .status();
    let code = again.unwrap().code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Some(Ok(ExitCode::from(code)))
}

/// Whether this process is inside.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// The middle: a bridge, and a place for the names of the nodes' networks that nobody outside sees.
fn furnish() {
    std::fs::create_dir_all("/run/netns").unwrap();
    run("mount -t tmpfs deskbell /run/netns");
    run("ip link set lo up");
    run("ip link add br0 type bridge");
    run(&format!("ip address add {MIDDLE}/24 dev br0"));
    run("ip link set br0 up");
    lay_chain("");
}

/// The link of one node, with the node's machine at its end.
pub struct Link(u8);

impl Link {
    /// Lays the link of node 1, 2, 3 ….
    pub fn lay(node: u8) -> Self {
        let link = Self(node);
        let (name, port, address) = (link.name(), link.port(), link.address());
        run(&format!("ip netns add {name}"));
        // The same machine always has the same hardware address: nobody remembers a wrong one.
        let there = format!("peer name eth0 address 02:00:00:00:00:0{node} netns {name}");
        run(&format!("ip link add {port} type veth {there}"));
        run(&format!("ip link set {port} master br0 up"));
        run(&format!("ip -n {name} address add {address}/24 dev eth0"));
        run(&format!("ip -n {name} link set eth0 up"));
        run(&format!("ip -n {name} link set lo up"));
        lay_chain(&link.inside());
        link
    }

    pub fn address(&self) -> IpAddr {
        Ipv4Addr::new(10, 77, 0, 10 + self.0).into()
    }

    /// A command that runs on the node's machine.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name())).arg(program);
        command
    }

    /// Lets nothing pass between the node and what listens on a port in the middle.
    pub fn cut_from(&self, port: u16) {
        run(&format!("nft add rule {CHAIN} ip saddr {} tcp dport {port} drop", self.address()));
        run(&format!("{}nft add rule {CHAIN} tcp sport {port} drop", self.inside()));
    }

    /// Loses a share of all packets, in both directions.
    pub fn lose(&self, percent: u8) {
        let share = format!("numgen random mod 100 < {percent} drop");
        run(&format!("nft add rule {CHAIN} ip saddr {} {share}", self.address()));
        run(&format!("{}nft add rule {CHAIN} {share}", self.inside()));
    }

    /// Lets nothing pass at all.
    pub fn cut(&self) {
        run(&format!("nft add rule {CHAIN} ip saddr {} drop", self.address()));
        run(&format!("{}nft add rule {CHAIN} drop", self.inside()));
    }

    /// Lets everything pass again.
    pub fn heal(&self) {
        run(&format!("nft flush chain {CHAIN}"));
        run(&format!("{}nft flush chain {CHAIN}", self.inside()));
    }

    /// The machine is gone with all that it knows of its connections; its processes must have ended.
    pub fn take_away(&self) {
        run(&format!("ip link delete {}", self.port()));
        run(&format!("ip netns delete {}", self.name()));
        run(&format!("nft flush chain {CHAIN}"));
    }

    fn name(&self) -> String {
        format!("node-{}", self.0)
    }

    fn port(&self) -> String {
        format!("link-{}", self.0)
    }

    /// What makes a command one on the node's machine.
    fn inside(&self) -> String {
        format!("ip netns exec {} ", self.name())
    }
}

fn lay_chain(inside: &str) {
    run(&format!("{inside}nft add table inet faults"));
    run(&format!("{inside}nft add chain {CHAIN} {{ type filter hook input priority 0 ; }}"));
}

/// Runs a command of words without spaces.
fn run(line: &str) {
    let mut words = line.split_whitespace();
    let ran = std::process::Command::new(words.next().unwrap()).args(words).output().unwrap();
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
}
