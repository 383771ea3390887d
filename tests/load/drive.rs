//! The measurements: who is started, how messages are paced, what is printed.

use std::{
    collections::VecDeque,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use crate::{
    arguments::{Arguments, Peer},
    client::{Connection, Heard, Person, Protocol},
    desk::Desk,
    learn, process,
};

/// A server under load.
struct Target {
    name: String,
    protocol: Protocol,
    /// Of each node.
    ports: Vec<u16>,
    processes: Vec<Child>,
    people: Vec<[Person; 2]>,
    /// Kept for as long as the server runs.
    _desk: Option<Desk>,
}

impl Drop for Target {
    fn drop(&mut self) {
        stop(&mut self.processes);
    }
}

impl Target {
    fn cpu(&self) -> f64 {
        self.processes.iter().map(|process| process::cpu(process.id())).sum()
    }

    fn memory(&self) -> u64 {
        self.processes.iter().map(|process| process::memory(process.id())).sum()
    }
}

fn stop(processes: &mut [Child]) {
    for process in &mut *processes {
        let _ = Command::new("kill").arg(process.id().to_string()).status();
    }
    for process in processes {
        let _ = process.wait();
    }
}

async fn ours(arguments: &Arguments, chats: usize) -> Target {
    let desk = Desk::make(arguments, chats).await;
    let processes = desk.serve();
    let target = Target {
        name: "deskbell".into(),
        protocol: Protocol::Deskbell,
        ports: desk.ports.clone(),
        processes,
        people: desk.people.clone(),
        _desk: Some(desk),
    };
    for port in &target.ports {
        listening(*port).await;
    }
    target
}

async fn peer(peer: &Peer, chats: usize) -> Target {
    let protocol = match peer.protocol.as_str() {
        "raw" => Protocol::Raw,
        "sio" => Protocol::SocketIo,
        other => panic!("no protocol {other}"),
    };
    let person = |n: usize| Person { name: format!("u{n}"), token: String::new(), chat: Uuid::nil() };
    let mut command = Command::new(&peer.command[0]);
    let process = command.args(&peer.command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let people = (0..chats).map(|n| [person(2 * n), person(2 * n + 1)]).collect();
    let (ports, processes) = (vec![peer.port], vec![process]);
    listening(peer.port).await;
    Target { name: peer.name.clone(), protocol, ports, processes, people, _desk: None }
}

pub async fn listening(port: u16) {
    let start = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing listens on {port}");
        sleep(Duration::from_millis(2)).await;
    }
}

/// Does what the command line asks.
pub async fn run(arguments: &Arguments) {
    process::raise_open_files();
    match arguments.what.as_str() {
        "startup" => startup(arguments).await,
        "learn" => learn::learn(arguments).await,
        "idle" => {
            for index in 0..=arguments.peers.len() {
                idle(arguments, index).await;
            }
        }
        "chat" | "rate" => {
            println!(
                "| server | chats | a second | p50 ms | p99 ms | ack p99 | delivery p99 | server µs a message | server CPU | others CPU | memory MB | lost |"
            );
            println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            for chats in &arguments.chats {
                // In turn, so that a machine that is slower for a while is so for all of them.
                let mut best: Vec<Option<Figures>> = (0..=arguments.peers.len()).map(|_| None).collect();
                for _ in 0..arguments.runs {
                    for (index, best) in best.iter_mut().enumerate() {
                        let target = start(arguments, index, *chats).await;
                        let figures = load(arguments, &target).await;
                        if best.as_ref().is_none_or(|best| figures.better_than(best)) {
                            *best = Some(figures);
                        }
                    }
                }
                for figures in best.into_iter().flatten() {
                    println!("{}", figures.line);
                }
            }
        }
        other => panic!("what is {other}? chat, rate, idle, startup or learn"),
    }
}

async fn start(arguments: &Arguments, index: usize, chats: usize) -> Target {
    match index.checked_sub(1) {
        None => ours(arguments, chats).await,
        Some(index) => peer(&arguments.peers[index], chats).await,
    }
}

async fn open(target: &Target, people: impl Iterator<Item = Person>) -> Vec<Connection> {
    let mut opened = Vec::new();
    let mut waiting = JoinSet::new();
    let protocol = target.protocol;
    for (turn, person) in people.enumerate() {
        let port = target.ports[turn % target.ports.len()];
        if waiting.len() >= 64 {
            opened.push(waiting.join_next().await.unwrap().unwrap());
        }
        waiting.spawn(async move {
            (turn, Connection::open(protocol, port, &person).await.unwrap_or_else(|e| panic!("{e}")))
        });
    }
    while let Some(next) = waiting.join_next().await {
        opened.push(next.unwrap());
    }
    opened.sort_unstable_by_key(|(turn, _)| *turn);
    opened.into_iter().map(|(_, connection)| connection).collect()
}

/// What a run brought.
struct Figures {
    a_second: f64,
    p99: f64,
    open_loop: bool,
    line: String,
}

impl Figures {
    fn better_than(&self, other: &Self) -> bool {
        if self.open_loop { self.p99 < other.p99 } else { self.a_second > other.a_second }
    }
}

#[derive(Default)]
struct Times {
    acknowledged: Vec<u32>,
    delivered: Vec<u32>,
    both: Vec<u32>,
    lost: usize,
}

/// Two connections with a conversation between them.
struct Pair {
    sides: [Connection; 2],
    names: [String; 2],
    heard: Vec<Heard>,
}

impl Pair {
    /// Waits for the next frame on either side; how long a message took is noted in `open`.
    async fn hear(&mut self) -> Result<(), String> {
        let [first, second] = &mut self.sides;
        let mut other = Vec::new();
        tokio::select! {
            heard = first.hear(&mut self.heard) => heard,
            heard = second.hear(&mut other) => heard,
        }?;
        self.heard.append(&mut other);
        Ok(())
    }

    async fn say(&mut self, id: u64) -> Result<(), String> {
        let side = (id % 2) as usize;
        let to = self.names[1 - side].clone();
        self.sides[side].say(&to, id).await
    }
}

/// A message on its way.
struct Sent {
    id: u64,
    at: Instant,
    counts: bool,
    acknowledged: Option<u32>,
    delivered: Option<u32>,
}

fn note(pair: &mut Pair, way: &mut VecDeque<Sent>, times: &mut Times) {
    for heard in pair.heard.drain(..) {
        let id = match heard {
            Heard::Acknowledged(id) | Heard::Message(id) => id,
        };
        let Some(sent) = way.iter_mut().find(|s| s.id == id) else { continue };
        let took = sent.at.elapsed().as_micros() as u32;
        match heard {
            Heard::Acknowledged(_) => sent.acknowledged = Some(took),
            Heard::Message(_) => sent.delivered = Some(took),
        }
    }
    while let Some(Sent { acknowledged: Some(acknowledged), delivered: Some(delivered), counts, .. }) = way.front() {
        if *counts {
            times.acknowledged.push(*acknowledged);
            times.delivered.push(*delivered);
            times.both.push(*acknowledged.max(delivered));
        }
        way.pop_front();
    }
}

async fn converse(
    mut pair: Pair,
    every: Option<(Duration, Instant)>,
    on: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
) -> Times {
    let mut times = Times::default();
    let mut way = VecDeque::new();
    let mut id = 0;
    let mut next = every.map(|(_, first)| first);
    let done: Result<(), String> = async {
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            if stopping && way.is_empty() {
                return Ok(());
            }
            match (next, every) {
                // Open loop: at its time, whatever is still on its way.
                (Some(due), Some((period, _))) => {
                    tokio::select! {
                        heard = pair.hear() => heard?,
                        () = tokio::time::sleep_until(due.into()), if !stopping => {
                            id += 1;
                            let counts = on.load(Ordering::Relaxed);
                            way.push_back(Sent { id, at: Instant::now(), counts, acknowledged: None, delivered: None });
                            pair.say(id).await?;
                            next = Some(due + period);
                        }
                        () = sleep(Duration::from_secs(10)), if stopping => return Err("nothing more came".into()),
                    }
                }
                // Closed loop: the next one when the last one has arrived.
                _ => {
                    if way.is_empty() {
                        id += 1;
                        let counts = on.load(Ordering::Relaxed);
                        way.push_back(Sent { id, at: Instant::now(), counts, acknowledged: None, delivered: None });
                        pair.say(id).await?;
                    }
                    match tokio::time::timeout(Duration::from_secs(20), pair.hear()).await {
                        Ok(heard) => heard?,
                        Err(_) => return Err("nothing came for 20 s".into()),
                    }
                }
            }
            note(&mut pair, &mut way, &mut times);
        }
    }
    .await;
    if let Err(error) = done {
        eprintln!("a chat failed: {error}");
        times.lost += way.len().max(1);
    }
    times
}

async fn load(arguments: &Arguments, target: &Target) -> Figures {
    let chats = target.people.len();
    let connections = open(target, target.people.iter().flatten().cloned()).await;
    sleep(Duration::from_secs(2)).await;
    let (on, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let open_loop = arguments.what == "rate";
    let period = Duration::from_secs_f64(chats as f64 / arguments.rate);
    let begin = Instant::now() + Duration::from_millis(200);
    let mut talks = JoinSet::new();
    let mut connections = connections.into_iter();
    for (turn, people) in target.people.iter().enumerate() {
        let sides = [connections.next().unwrap(), connections.next().unwrap()];
        let pair = Pair { sides, names: people.clone().map(|p| p.name), heard: Vec::new() };
        let every = open_loop.then(|| (period, begin + period.mul_f64(turn as f64 / chats as f64)));
        talks.spawn(converse(pair, every, on.clone(), stop.clone()));
    }
    sleep(Duration::from_secs(3)).await;
    let me = std::process::id();
    let before = (target.cpu(), process::cpu(me), process::machine(), Instant::now());
    on.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(arguments.secs)).await;
    on.store(false, Ordering::SeqCst);
    let secs = before.3.elapsed().as_secs_f64();
    let used = target.cpu() - before.0;
    // The server is a child of this process.
    let mine = process::cpu(me) - before.1 - used;
    let others = (process::machine() - before.2 - used - mine).max(0.0);
    let memory = target.memory();
    stop.store(true, Ordering::SeqCst);
    let mut all = Times::default();
    while let Some(times) = talks.join_next().await {
        let times = times.unwrap();
        all.acknowledged.extend(times.acknowledged);
        all.delivered.extend(times.delivered);
        all.both.extend(times.both);
        all.lost += times.lost;
    }
    let messages = all.both.len() as f64;
    let p99 = percentile(&mut all.both, 0.99);
    let line = format!(
        "| {} | {chats} | {:.0} | {:.2} | {p99:.2} | {:.2} | {:.2} | {:.1} | {:.0} % | {:.0} % | {:.0} | {} |",
        target.name,
        messages / secs,
        percentile(&mut all.both, 0.5),
        percentile(&mut all.acknowledged, 0.99),
        percentile(&mut all.delivered, 0.99),
        used * 1e6 / messages.max(1.0),
        used / secs * 100.0,
        others / secs * 100.0,
        memory as f64 / 1024.0,
        all.lost,
    );
    Figures { a_second: messages / secs, p99, open_loop, line }
}

/// In milliseconds.
fn percentile(micros: &mut [u32], share: f64) -> f64 {
    micros.sort_unstable();
    let at = (micros.len().saturating_sub(1) as f64 * share).round() as usize;
    micros.get(at).map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
}

async fn idle(arguments: &Arguments, index: usize) {
    let most = arguments.conns.iter().copied().max().unwrap_or(0);
    let target = start(arguments, index, most.div_ceil(2)).await;
    sleep(Duration::from_secs(2)).await;
    let base = target.memory();
    println!("{}: {:.1} MB at rest", target.name, base as f64 / 1024.0);
    let mut held = Vec::new();
    for conns in &arguments.conns {
        let people: Vec<Person> =
            target.people.iter().flatten().skip(held.len()).take(conns - held.len()).cloned().collect();
        held.extend(open(&target, people.into_iter()).await);
        sleep(Duration::from_secs(8)).await;
        let now = target.memory();
        println!(
            "{}: {conns} idle connections: {:.1} MB, {:.2} KiB each",
            target.name,
            now as f64 / 1024.0,
            (now.saturating_sub(base)) as f64 / *conns as f64
        );
    }
}

async fn startup(arguments: &Arguments) {
    let desk = Desk::make(arguments, 1).await;
    for _ in 0..5 {
        let begin = Instant::now();
        let mut processes = desk.serve();
        while Connection::open(Protocol::Deskbell, desk.ports[0], &desk.people[0][0]).await.is_err() {
            assert!(begin.elapsed() < Duration::from_secs(60), "it does not start");
            sleep(Duration::from_millis(1)).await;
        }
        println!("first session after {:.0} ms", begin.elapsed().as_secs_f64() * 1000.0);
        sleep(Duration::from_secs(3)).await;
        println!("{:.1} MB at rest", process::memory(processes[0].id()) as f64 / 1024.0);
        stop(&mut processes);
    }
}
