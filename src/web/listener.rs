//! The accept loop: a limit on connections in total and per address, a time limit on headers, and a stop that waits.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use dashmap::DashMap;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt;

use crate::app::App;

use super::peer::PeerAddress;

/// How long a client may take to send a request's headers: slow ones must not hold a place.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// Serves connections until the server stops.
pub async fn serve(app: App, listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(app.config.limits.connections));
    let addresses = Arc::new(DashMap::<IpAddr, usize>::new());
    loop {
        let accepted = tokio::select! {
            () = app.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly too many open files: others must end first.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let address = peer.ip().to_canonical();
        // Behind a proxy all connections come from the proxy.
        let limit = if app.config.behind_proxy { usize::MAX } else { app.config.limits.connections_per_address };
        let Some(guest) = Guest::enter(addresses.clone(), address, limit, place) else { continue };
        app.connections.spawn(connection(app.clone(), stream, address, router.clone(), guest));
    }
}

/// One connection's place, given back when it ends.
pub struct Guest {
    addresses: Arc<DashMap<IpAddr, usize>>,
    address: IpAddr,
    _place: OwnedSemaphorePermit,
}

impl Guest {
    fn enter(
        addresses: Arc<DashMap<IpAddr, usize>>,
        address: IpAddr,
        limit: usize,
        place: OwnedSemaphorePermit,
    ) -> Option<Self> {
        {
            let mut count = addresses.entry(address).or_default();
            if *count >= limit {
                return None;
            }
            *count += 1;
        }
        Some(Self { addresses, address, _place: place })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(mut count) = self.addresses.get_mut(&self.address) {
            *count = count.saturating_sub(1);
        }
        self.addresses.remove_if(&self.address, |_, count| *count == 0);
    }
}

async fn connection(app: App, stream: TcpStream, address: IpAddr, router: Router, guest: Guest) {
    // With Nagle's algorithm on, small frames wait for the other side's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let guest = Arc::new(guest);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(PeerAddress(address));
        // A socket that was upgraded leaves this function; its place goes with it.
        request.extensions_mut().insert(Place(guest.clone()));
        let request: Request = request.map(Body::new);
        router.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(served);
    tokio::select! {
        ended = served.as_mut() => log(ended),
        () = app.stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            log(served.await);
        }
    }
}

fn log(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Keeps a connection's place while a socket lives on after the upgrade.
#[derive(Clone)]
pub struct Place(#[expect(dead_code, reason = "only its drop matters")] Arc<Guest>);
