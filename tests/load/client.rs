//! One connection of a person who chats, in each protocol:
//! - `deskbell`: this project's (docs/protocol.md);
//! - `raw`: `GET /ws?user=NAME`, `{"t":"msg","to":"NAME","id":N,"body":"…"}` answered by `{"t":"ack","id":N}`;
//! - `sio`: Socket.IO 4 over WebSocket, the event `msg` with `{to, id, body}` and an acknowledgement.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use uuid::Uuid;

/// How messages cross.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Deskbell,
    Raw,
    SocketIo,
}

/// A person of a chat.
#[derive(Clone)]
pub struct Person {
    /// The name at peers.
    pub name: String,
    /// The token at Deskbell.
    pub token: String,
    /// The chat at Deskbell.
    pub chat: Uuid,
}

/// What came: the number of an own message, or of the other one's.
pub enum Heard {
    Acknowledged(u64),
    Message(u64),
}

pub struct Connection {
    stream: WebSocketStream<TcpStream>,
    protocol: Protocol,
    chat: Uuid,
    client: Uuid,
    mark: u64,
    n: i64,
}

const BODY: &str =
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

impl Connection {
    pub async fn open(protocol: Protocol, port: u16, person: &Person) -> Result<Self, String> {
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let socket = TcpSocket::new_v4().map_err(|e| text(&e))?;
        let tcp = socket.connect(([127, 0, 0, 1], port).into()).await.map_err(|e| text(&e))?;
        tcp.set_nodelay(true).map_err(|e| text(&e))?;
        let path = match protocol {
            Protocol::Deskbell => "/live".to_owned(),
            Protocol::Raw => format!("/ws?user={}", person.name),
            Protocol::SocketIo => format!("/socket.io/?EIO=4&transport=websocket&user={}", person.name),
        };
        let config = WebSocketConfig::default().read_buffer_size(2048).write_buffer_size(0);
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (stream, _) = client_async_with_config(url, tcp, Some(config)).await.map_err(|e| text(&e))?;
        let mark = u64::from_be_bytes(deskbell::clock::random_bytes());
        let client = Uuid::from_bytes(deskbell::clock::random_bytes());
        let mut connection = Self { stream, protocol, chat: person.chat, client, mark, n: 0 };
        match protocol {
            Protocol::Raw => {}
            Protocol::SocketIo => {
                connection.until("0{").await?;
                connection.put("40".into()).await?;
                connection.until("40").await?;
            }
            Protocol::Deskbell => {
                connection.put(format!(r#"{{"type":"hello","v":1,"token":"{}"}}"#, person.token)).await?;
                connection.until(r#""welcome""#).await?;
                connection.put(format!(r#"{{"type":"watch","chat":"{}","after":{}}}"#, person.chat, i64::MAX)).await?;
                connection.until(r#""caught_up""#).await?;
            }
        }
        Ok(connection)
    }

    /// Says message number `id` to the other one.
    pub async fn say(&mut self, to: &str, id: u64) -> Result<(), String> {
        self.n += 1;
        let frame = match self.protocol {
            Protocol::Raw => format!(r#"{{"t":"msg","to":"{to}","id":{id},"body":"{BODY}"}}"#),
            Protocol::SocketIo => format!(r#"42{id}["msg",{{"to":"{to}","id":{id},"body":"{BODY}"}}]"#),
            Protocol::Deskbell => format!(
                r#"{{"type":"send","chat":"{}","id":"{}","client":"{}","n":{},"text":"{BODY}"}}"#,
                self.chat,
                Uuid::from_u64_pair(self.mark, id),
                self.client,
                self.n
            ),
        };
        self.put(frame).await
    }

    /// Reads one frame.
    pub async fn hear(&mut self, heard: &mut Vec<Heard>) -> Result<(), String> {
        let text = match self.stream.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(frame))) => return Err(format!("closed: {frame:?}")),
            Some(Ok(_)) => return Ok(()),
            Some(Err(error)) => return Err(error.to_string()),
            None => return Err("the end of the stream".into()),
        };
        let number = |key: &str| between(&text, key, &[',', '}']).and_then(|n| n.trim().parse().ok());
        match self.protocol {
            Protocol::Raw => {
                let id = number(r#""id":"#).ok_or("no id")?;
                heard.push(if text.contains(r#""ack""#) { Heard::Acknowledged(id) } else { Heard::Message(id) });
            }
            Protocol::SocketIo => {
                if text.as_str() == "2" {
                    return self.put("3".into()).await;
                }
                if let Some(rest) = text.strip_prefix("43") {
                    let id = rest.split('[').next().and_then(|n| n.parse().ok()).ok_or("no id")?;
                    heard.push(Heard::Acknowledged(id));
                } else if text.starts_with("42") {
                    heard.push(Heard::Message(number(r#""id":"#).ok_or("no id")?));
                }
            }
            Protocol::Deskbell => {
                if text.starts_with(r#"{"type":"error""#) {
                    return Err(text.to_string());
                }
                let acknowledged = text.starts_with(r#"{"type":"ack""#);
                if !acknowledged && !text.starts_with(r#"{"type":"event""#) {
                    return Ok(());
                }
                let id = between(&text, r#""id":""#, &['"']).and_then(|id| id.parse::<Uuid>().ok()).ok_or("no id")?;
                let (mark, id) = id.as_u64_pair();
                match (acknowledged, mark == self.mark) {
                    (true, _) => heard.push(Heard::Acknowledged(id)),
                    (false, false) => heard.push(Heard::Message(id)),
                    // The own message comes back as an event, too.
                    (false, true) => {}
                }
            }
        }
        Ok(())
    }

    async fn put(&mut self, text: String) -> Result<(), String> {
        self.stream.send(Message::text(text)).await.map_err(|e| e.to_string())
    }

    async fn until(&mut self, what: &str) -> Result<(), String> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) if text.contains(what) => return Ok(()),
                Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {}
                other => return Err(format!("{other:?} while waiting for {what}")),
            }
        }
    }
}

fn between<'a>(text: &'a str, from: &str, to: &[char]) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    rest.find(to).map(|end| &rest[..end])
}
