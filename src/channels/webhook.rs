//! Webhooks: JSON posted to another program, signed. Answers are not read but for their status, and redirects are not followed.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::http::{Method, Request, StatusCode, Uri, header, uri::Scheme};
use hmac::{Hmac, KeyInit, Mac};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    jobs::Failure,
};

/// How long a delivery may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program that is told.
#[derive(Clone, Serialize, Deserialize)]
pub struct Endpoint {
    /// `https://…`, or `http://` of this machine.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Programs like to put secrets into their addresses.
        let host = self.url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        write!(f, "Endpoint({})", host.unwrap_or_default())
    }
}

impl Endpoint {
    /// Refuses what cannot be called, or not safely.
    pub fn check(&self) -> Result<()> {
        if place(&self.url).is_none() {
            return Err(Error::invalid(
                "bad_url",
                "Please give an address like https://example.com/hook, without a user name in it.",
            ));
        }
        if self.secret.len() < 16 {
            return Err(Error::invalid("short_secret", "The secret needs at least 16 characters."));
        }
        Ok(())
    }
}

/// One delivery.
#[derive(Serialize, Deserialize)]
pub struct Webhook {
    /// To whom.
    pub to: Endpoint,
    /// What.
    pub body: Value,
}

/// Where a URL leads.
struct Place {
    tls: bool,
    /// As the `Host` header has it.
    authority: String,
    host: String,
    port: u16,
    path: String,
}

fn place(url: &str) -> Option<Place> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str().to_owned();
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    let tls = uri.scheme() == Some(&Scheme::HTTPS);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let may = tls || uri.scheme() == Some(&Scheme::HTTP) && loopback;
    if !may || authority.contains('@') || host.is_empty() {
        return None;
    }
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Some(Place { tls, authority, host, port, path })
}

/// The signature of a delivery: `t=` its time and `v1=` the HMAC-SHA256 of time, a dot and the body, in hex.
pub fn signature(secret: &str, at: i64, body: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(Error::internal)?;
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("t={at},v1={hex}"))
}

/// Delivers once; `id` is the same at each try.
pub async fn send(app: &App, id: Uuid, hook: &Webhook) -> std::result::Result<(), Failure> {
    let place = place(&hook.to.url).ok_or_else(|| Failure::for_good("the webhook's address cannot be called"))?;
    let body = hook.body.to_string();
    let signature = signature(&hook.to.secret, app.clock.now().timestamp(), &body).map_err(Failure::for_good)?;
    let request = Request::builder()
        .method(Method::POST)
        .uri(&place.path)
        .header(header::HOST, &place.authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "Deskbell")
        .header("deskbell-delivery", id.to_string())
        .header("deskbell-signature", signature)
        .body(body)
        .map_err(Failure::for_good)?;
    let host = place.host.clone();
    let status = tokio::time::timeout(PATIENCE, call(place, request))
        .await
        .map_err(|_| Failure::for_now(format!("the webhook at {host} did not answer in {} s", PATIENCE.as_secs())))?
        .map_err(|error| Failure::for_now(format!("the webhook at {host} was not reached: {error}")))?;
    if status.is_success() {
        Ok(())
    } else if status == StatusCode::GONE {
        Err(Failure::for_good(format!("the webhook at {host} is gone for good (410)")))
    } else {
        Err(Failure::for_now(format!("the webhook at {host} answered {}", status.as_u16())))
    }
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

async fn call(place: Place, request: Request<String>) -> std::result::Result<StatusCode, Broken> {
    let stream = TcpStream::connect((place.host.as_str(), place.port)).await?;
    if !place.tls {
        return exchange(stream, request).await;
    }
    let connector = TLS.clone().ok_or("this machine has no list of trusted certificates")?;
    exchange(connector.connect(ServerName::try_from(place.host)?, stream).await?, request).await
}

async fn exchange<S>(stream: S, request: Request<String>) -> std::result::Result<StatusCode, Broken>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    // What else there is of the answer is not read.
    driver.abort();
    Ok(answer?.status())
}

/// Trusts whom this machine trusts.
static TLS: LazyLock<Option<TlsConnector>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions().ok()?.with_root_certificates(roots);
    Some(TlsConnector::from(Arc::new(config.with_no_client_auth())))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_06_only_safe_addresses_are_called() {
        for good in [
            "https://example.com",
            "https://example.com:8443/a?b=c",
            "http://127.0.0.1:1/x",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(place(good).is_some(), "{good}");
        }
        for bad in [
            "http://example.com/",
            "https://user:pw@example.com/",
            "ftp://localhost/",
            "/path",
            "",
            "http://127.0.0.1.example.com/",
        ] {
            assert!(place(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn run_06_the_signature_is_the_one_that_others_compute() {
        // From `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac abc`.
        let signed = signature("abc", 1_700_000_000, r#"{"a":1}"#).unwrap();
        assert_eq!(signed, "t=1700000000,v1=fb71abe59ec0c6311de6d3d1b21482ac86ef3b5fa5d03530df0a4d8cf6f735a6");
    }
}
