//! What every answer says of itself to browsers, page by page.

use reqwest::{Client, redirect::Policy};
use serde_json::json;

use crate::support::{Agent, Engine, Server, Settings, actors::*};

/// The headers that protect, of each page; other headers are nobody's business here.
#[tokio::test]
async fn run_06_every_page_carries_its_headers() {
    let server = Server::start(Engine::Sqlite).await;
    let wilma = Agent::sign_in(&server, WILMA).await;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let login = http.get(server.url("/login")).send().await.unwrap().text().await.unwrap();
    let file = login.split('"').find(|part| part.starts_with("/a/") && part.ends_with(".css")).unwrap().to_owned();
    let hash = file.split('/').nth(2).unwrap().to_owned();
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
    let mut told = format!("(the policy) {policy}\n");
    for path in [
        "/",
        "/login",
        "/console",
        "/supervisor",
        "/admin",
        "/admin/hours",
        "/widget/frame?site=pub_demo",
        "/widget/frame?site=unknown",
        "/widget.js",
        &file,
        "/a/0000000000000000/static/css/base.css",
        "/favicon.ico",
        "/api/me",
        "/api/cases?view=all",
        "/widget/api/site?site=pub_demo",
        "/healthz",
        "/live",
        "/nowhere",
    ] {
        let answer = http
            .get(server.url(path))
            .header("cookie", format!("__Host-deskbell={}", wilma.token))
            .send()
            .await
            .unwrap();
        told += &format!("GET {} {}\n", path.replace(&hash, "HASH"), answer.status().as_u16());
        let mut headers: Vec<String> = answer
            .headers()
            .iter()
            .filter(|(name, _)| {
                !["date", "content-length", "vary", "connection", "transfer-encoding"].contains(&name.as_str())
            })
            .map(|(name, value)| format!("  {name}: {}\n", value.to_str().unwrap().replace(policy, "(the policy)")))
            .collect();
        headers.sort();
        told += &headers.concat();
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn run_06_refusals_of_the_layers_carry_the_headers_too() {
    let server = Server::start(Engine::Sqlite).await;
    let http = Client::new();
    let foreign = http.post(server.url("/logout")).header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let method = http.delete(server.url("/console")).send().await.unwrap();
    assert_eq!(method.status(), 405);
    for answer in [foreign, method] {
        for (name, words) in [
            ("content-security-policy", "default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert!(answer.headers()[name].to_str().unwrap().contains(words), "{name}: {:?}", answer.headers());
        }
    }
}

#[tokio::test]
async fn run_06_over_https_browsers_are_told_to_stay_there() {
    let change: fn(&mut deskbell::config::Config) =
        |config| config.public_url = "https://support.vendor.example".into();
    let server = Server::with(Engine::Sqlite, Settings { change, ..Settings::default() }).await;
    let answer = reqwest::get(server.url("/login")).await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    // The configured origin is our own, as the host that was asked is.
    for (origin, status) in [("https://support.vendor.example", 101), ("https://other.vendor.example", 403)] {
        let upgrade = Client::new()
            .get(server.url("/live"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("origin", origin);
        assert_eq!(upgrade.send().await.unwrap().status(), status, "{origin}");
    }
}

#[tokio::test]
async fn run_06_the_cookie_is_for_this_host_and_its_pages_alone() {
    let server = Server::start(Engine::Sqlite).await;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let form = [("email", PRIYA.0), ("password", PRIYA.1), ("next", "//evil.example")];
    let answer = http.post(server.url("/login")).form(&form).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/console", "never to another host");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let (token, attributes) = cookie.split_once("; ").unwrap();
    assert!(token.strip_prefix("__Host-deskbell=").is_some_and(|token| token.len() == 43), "{cookie}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);

    // To a browser a name like this one has no prefix, so that a page of any host beside ours may set it.
    for (name, status) in [("__Host-deskbell", 200), ("%5F_Host-deskbell", 401), ("__Host-deskb%65ll", 401)] {
        let value = token.split_once('=').unwrap().1;
        let me = http.get(server.url("/api/me")).header("cookie", format!("a=b; {name}={value}")).send().await.unwrap();
        assert_eq!(me.status(), status, "{name}");
    }

    let out = http.post(server.url("/logout")).header("cookie", token).send().await.unwrap();
    let gone = out.headers()["set-cookie"].to_str().unwrap();
    for part in ["__Host-deskbell=;", "Max-Age=0", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"] {
        assert!(gone.contains(part), "{gone}");
    }
    // A visitor's token is no cookie: the widget's frame keeps it.
    let verified = verify(&server, ZOE.0, ZOE.1).await;
    assert!(verified.headers().get("set-cookie").is_none());
    assert_eq!(verified.headers()["cache-control"], "no-store");
    let wilma = Agent::sign_in(&server, WILMA).await;
    let contact = format!("/api/contacts/{}/pin", new_id());
    assert_eq!(wilma.post(&contact, json!({})).await.0, 404);
}
