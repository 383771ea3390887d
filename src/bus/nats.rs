//! The way to other nodes: core NATS, one subject a desk. Nothing is stored there, so nothing can be lost there.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, Subject};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;

use super::{
    heed,
    signal::{Envelope, Signal},
};

/// How many signals leave with one flush.
const SHARE: usize = 256;
/// How long a stop waits for the last signals.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Connects, now or as soon as it can be; sends and heeds until the server stops.
pub async fn run(app: App, mut signals: mpsc::Receiver<Signal>, url: String, stop: CancellationToken) {
    // Any of several that form a cluster will do.
    let servers: Vec<&str> = url.split(',').map(str::trim).collect();
    let client = loop {
        let options = ConnectOptions::new()
            .name("deskbell")
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(|attempt| Duration::from_millis(100 * attempt.min(10) as u64))
            .event_callback(|event| async move { log(&event) });
        match options.connect(&servers).await {
            Ok(client) => break client,
            // Retried by itself where the address is at fault; this is one that cannot be read.
            Err(error) => tracing::error!(%error, "NATS cannot be used; other nodes are followed each second only"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(10)) => {}
        }
    };
    // A desk is told by its history's id, so that several desks can share a server.
    let subject = Subject::from(format!("deskbell.{}", app.epoch.simple()));
    let node = app.clock.new_id();
    let listening = tokio::spawn(listen(app.clone(), client.clone(), subject.clone(), node, stop.clone()));
    let mut share = Vec::with_capacity(SHARE);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            taken = signals.recv_many(&mut share, SHARE) => if taken == 0 { break },
        }
        publish(&client, &subject, node, &mut share).await;
    }
    while let Ok(signal) = signals.try_recv() {
        share.push(signal);
    }
    publish(&client, &subject, node, &mut share).await;
    // Whoever does not hear it looks by himself.
    let _ = tokio::time::timeout(LAST_WORDS, client.flush()).await;
    let _ = listening.await;
}

async fn publish(client: &Client, subject: &Subject, node: Uuid, share: &mut Vec<Signal>) {
    // Of what only says "look again" one is enough.
    let mut desk_told = false;
    for signal in share.drain(..) {
        if signal == Signal::Desk && std::mem::replace(&mut desk_told, true) {
            continue;
        }
        let Ok(payload) = serde_json::to_vec(&Envelope { node, signal }) else { continue };
        if let Err(error) = client.publish(subject.clone(), Bytes::from(payload)).await {
            tracing::debug!(%error, "a signal was not sent");
        }
    }
}

async fn listen(app: App, client: Client, subject: Subject, node: Uuid, stop: CancellationToken) {
    let mut heard = match client.subscribe(subject).await {
        Ok(heard) => heard,
        Err(error) => return tracing::error!(%error, "other nodes cannot be heard; they are followed each second only"),
    };
    loop {
        let message = tokio::select! {
            () = stop.cancelled() => return,
            message = heard.next() => message,
        };
        let Some(message) = message else { return };
        match serde_json::from_slice::<Envelope>(&message.payload) {
            Ok(envelope) if envelope.node == node => {}
            Ok(envelope) => heed(&app, envelope.signal).await,
            // A newer node may say what this one does not know yet.
            Err(error) => tracing::debug!(%error, "a signal could not be read"),
        }
    }
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("NATS is connected"),
        Event::Disconnected => tracing::warn!("NATS is lost; other nodes are followed each second"),
        other => tracing::debug!(%other, "NATS"),
    }
}
