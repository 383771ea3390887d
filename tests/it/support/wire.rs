//! A bare WebSocket for what no honest client does: it sends anything, and reports what came back and how it closed.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// What an exchange brought.
#[derive(Debug, Default)]
pub struct Heard {
    /// The frames that came.
    pub frames: Vec<Value>,
    /// The code with which the server closed; 1006: without one.
    pub closed: Option<u16>,
}

impl Heard {
    /// The refusals among the frames.
    pub fn errors(&self) -> impl Iterator<Item = &Value> {
        self.frames.iter().filter(|f| f["type"] == "error")
    }
}

/// One socket.
pub struct Wire(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Wire {
    /// Connects and says nothing.
    pub async fn raw(address: SocketAddr) -> Self {
        Self(connect_async(format!("ws://{address}/live")).await.unwrap().0)
    }

    /// Connects and says hello with a token.
    pub async fn open(address: SocketAddr, token: &str) -> Self {
        let mut wire = Self::raw(address).await;
        wire.send(vec![Message::text(json!({"type": "hello", "v": 1, "token": token}).to_string())]).await;
        assert_eq!(wire.until(|f| f["type"] == "welcome").await.closed, None);
        wire
    }

    /// Sends; that the server hung up meanwhile shows when reading.
    pub async fn send(&mut self, messages: Vec<Message>) {
        for message in messages {
            if self.0.feed(message).await.is_err() {
                return;
            }
        }
        let _ = self.0.flush().await;
    }

    /// Sends an object and reads up to a frame that fits.
    pub async fn ask(&mut self, frame: Value, fits: impl Fn(&Value) -> bool) -> Value {
        self.send(vec![Message::text(frame.to_string())]).await;
        let heard = self.until(fits).await;
        assert_eq!(heard.closed, None, "{frame} closed the socket; {:?}", heard.frames);
        heard.frames.into_iter().next_back().unwrap()
    }

    /// Reads up to a frame that fits, or to the end.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Heard {
        let mut heard = Heard::default();
        loop {
            let next = timeout(Duration::from_secs(20), self.0.next()).await;
            match next.unwrap_or_else(|_| panic!("nothing came; heard {:?}", heard.frames)) {
                Some(Ok(Message::Text(text))) => {
                    heard.frames.push(serde_json::from_str(&text).unwrap());
                    if heard.frames.last().is_some_and(&fits) {
                        return heard;
                    }
                }
                Some(Ok(Message::Close(frame))) => heard.closed = Some(frame.map_or(1005, |f| f.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    heard.closed.get_or_insert(1006);
                    return heard;
                }
            }
            if heard.closed.is_some() {
                return heard;
            }
        }
    }
}
