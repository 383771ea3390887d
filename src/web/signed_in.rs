//! Who is behind a request: a member of the desk by cookie or token, a visitor by token.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::{
    app::App,
    error::Error,
    identity::{
        session::{self, Visitor},
        staff::Staff,
    },
};

/// `__Host-`: only over a secure connection, for this host alone, and no other host can set it.
const COOKIE: &str = "__Host-deskbell";

/// A cookie with a session's token.
pub fn cookie(token: String) -> Cookie<'static> {
    own_cookie(COOKIE, token)
}

/// A cookie of this host alone; `name` begins with `__Host-`.
pub fn own_cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax).build()
}

/// The token in the cookie.
pub fn cookie_token(headers: &HeaderMap) -> Option<String> {
    cookie_value(headers, COOKIE)
}

/// What a cookie holds. Its name counts as it was sent: to a browser `%5F_Host-deskbell` has no prefix, so that any host
/// beside ours may set it, and decoded it would be taken for ours.
pub fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs =
        headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(sent, _)| *sent == name);
    named.next().map(|(_, token)| token.to_owned())
}

/// The token in the cookie of a page of our own, for what `SameSite` does not protect: a socket. The page's origin must be
/// `own`, the configured one, or the host that the request itself was sent to. Programs send no `Origin`, and no cookie of
/// theirs counts. A page of another origin is refused.
pub fn page_token(own: &str, headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let of_host = |origin: &str| {
        let origin_host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        origin_host.is_some_and(|origin_host| Some(origin_host) == host)
    };
    let is_own = origin.to_str().is_ok_and(|origin| origin == own || of_host(origin));
    if is_own {
        Ok(cookie_token(headers))
    } else {
        Err(Error::forbidden("Pages of other origins cannot open this socket."))
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned)
}

/// A member of the desk; others get 401 in JSON.
pub struct SignedIn(pub Staff);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let token = bearer(&parts.headers).or_else(|| cookie_token(&parts.headers)).ok_or_else(Error::unauthorized)?;
        session::staff(app, &token).await.map(Self)
    }
}

/// A member of the desk on a page; others are sent to the sign-in and come back after it.
pub struct OnPage(pub Staff);

impl FromRequestParts<App> for OnPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, app).await {
            Ok(SignedIn(staff)) => Ok(Self(staff)),
            Err(Error::Refused(_)) => {
                let path = parts.uri.path();
                Err(Redirect::to(&format!("/login?next={path}")).into_response())
            }
            Err(fault) => Err(fault.into_response()),
        }
    }
}

/// A verified visitor, by the token in the header.
pub struct Verified(pub Visitor);

impl FromRequestParts<App> for Verified {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let token = bearer(&parts.headers).ok_or_else(Error::unauthorized)?;
        session::visitor(app, &token).await.map(Self)
    }
}

/// A verified visitor, or somebody without a token, or with one that has run out.
pub struct MaybeVerified(pub Option<Visitor>);

impl FromRequestParts<App> for MaybeVerified {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        match Verified::from_request_parts(parts, app).await {
            Ok(Verified(visitor)) => Ok(Self(Some(visitor))),
            Err(Error::Refused(_)) => Ok(Self(None)),
            Err(fault) => Err(fault),
        }
    }
}
