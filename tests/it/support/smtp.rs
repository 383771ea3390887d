//! A mail server of a test's own: speaks SMTP, keeps what it takes, and can refuse or fall silent.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use super::PATIENCE;

/// What it does with mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Keeps them.
    Takes,
    /// Says 451 to the recipient.
    SaysLater,
    /// Says 550 to the recipient.
    SaysNever,
    /// Reads them and says nothing.
    Silent,
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body.
    pub data: String,
}

pub struct Smtp {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    mails: watch::Receiver<Vec<Received>>,
    /// How many mails it refused, or read and said nothing.
    missed: watch::Receiver<usize>,
}

impl Smtp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(Mood::Takes));
        let (keep, mails) = watch::channel(Vec::new());
        let (miss, missed) = watch::channel(0);
        let (its_mood, keep, miss) = (mood.clone(), Arc::new(keep), Arc::new(miss));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mood, keep, miss) = (its_mood.clone(), keep.clone(), miss.clone());
                tokio::spawn(async move { drop(talk(stream, &mood, &keep, &miss).await) });
            }
        });
        Self { port, mood, mails, missed }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<Received> {
        self.mails.borrow().clone()
    }

    /// Waits until there are so many mails.
    pub async fn has(&self, count: usize) -> Vec<Received> {
        let mut mails = self.mails.clone();
        let there = timeout(PATIENCE, mails.wait_for(|mails| mails.len() >= count)).await;
        there.unwrap_or_else(|_| panic!("{count} mails never came: {:?}", self.mails())).unwrap().clone()
    }

    /// Waits until it has refused so many, or left them without an answer.
    pub async fn has_missed(&self, count: usize) {
        let mut missed = self.missed.clone();
        timeout(PATIENCE, missed.wait_for(|missed| *missed >= count)).await.expect("a try").unwrap();
    }
}

async fn talk(
    stream: TcpStream,
    mood: &Mutex<Mood>,
    keep: &watch::Sender<Vec<Received>>,
    miss: &watch::Sender<usize>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = Received { from: String::new(), to: Vec::new(), data: String::new() };
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let mood = *mood.lock().unwrap();
        let between = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "EHLO" | "HELO" => "250-test\r\n250 8BITMIME",
            "MAIL" => {
                mail = Received { from: between(&line), to: Vec::new(), data: String::new() };
                "250 ok"
            }
            "RCPT" if mood == Mood::SaysLater => "451 4.3.0 try later",
            "RCPT" if mood == Mood::SaysNever => "550 5.1.1 nobody of that name",
            "RCPT" => {
                mail.to.push(between(&line));
                "250 ok"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push_str("\r\n");
                }
                if mood == Mood::Silent {
                    miss.send_modify(|missed| *missed += 1);
                    continue;
                }
                keep.send_modify(|mails| mails.push(mail.clone()));
                "250 kept"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        // Before the answer: what follows from it must find it counted.
        if answer.starts_with("451") || answer.starts_with("550") {
            miss.send_modify(|missed| *missed += 1);
        }
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

impl Received {
    /// The headers, unfolded, one a line.
    pub fn headers(&self) -> String {
        self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ")
    }

    pub fn header(&self, name: &str) -> String {
        let headers = self.headers();
        let mut found =
            headers.lines().filter_map(|line| line.split_once(": ")).filter(|(n, _)| n.eq_ignore_ascii_case(name));
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name} in {headers}"));
        assert!(found.next().is_none(), "{name} stands twice in {headers}");
        value.to_owned()
    }

    /// The part of a type, decoded.
    pub fn part(&self, kind: &str) -> String {
        let boundary =
            self.header("Content-Type").split("boundary=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let part =
            self.data.split(&format!("--{boundary}")).find(|part| part.contains(&format!("Content-Type: {kind}")));
        let (headers, body) = part.unwrap().trim_start().split_once("\r\n\r\n").unwrap();
        let bytes = if headers.contains("quoted-printable") {
            unquoted(body)
        } else if headers.contains("base64") {
            STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
        } else {
            body.as_bytes().to_vec()
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n").trim().to_owned()
    }
}

fn unquoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let (mut bytes, mut found) = (text.bytes(), Vec::new());
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            found.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            found.push(byte);
        }
    }
    found
}
