//! The address that a request comes from.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use crate::app::App;

/// The other end of the TCP connection.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub IpAddr);

/// The visitor's address: the other end of the connection, or behind a proxy what the proxy says.
#[derive(Debug, Clone, Copy)]
pub struct From(pub IpAddr);

impl FromRequestParts<App> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<PeerAddress>().map_or(IpAddr::from([0, 0, 0, 0]), |p| p.0);
        if !app.config.behind_proxy {
            return Ok(Self(peer));
        }
        Ok(Self(forwarded_for(&parts.headers).unwrap_or(peer)))
    }
}

/// The address for which the proxy in front of us says that it asks, if it says one.
pub fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    // Only the last one was written by our own proxy; the others could be anybody's invention.
    let header = headers.get_all("x-forwarded-for").iter().next_back()?;
    let told: IpAddr = header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()?;
    // One visitor has one budget, whichever of its two forms the proxy writes an IPv4 address in.
    Some(told.to_canonical())
}
