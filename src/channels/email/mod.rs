//! Mails that leave the desk: plain and short, in text and HTML, by the mail server that `[mail]` names.

pub mod case;
pub mod outbox;
pub mod transcript;

use std::time::{Duration, SystemTime};

use askama::Template;
use chrono::{DateTime, Utc};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{Error as SmtpError, extension::ClientId},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    config,
    error::{Error, Result},
    jobs::Failure,
};

/// How long the mail server may take with one command, and with one mail.
const COMMAND: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(120);

/// One mail to one person.
#[derive(Serialize, Deserialize)]
pub struct Mail {
    /// The person's name, if it is known.
    pub name: String,
    /// The person's address.
    pub address: String,
    /// The subject.
    pub subject: String,
    /// The mail as plain text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
    /// Mails with the same one are shown together, as one conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

#[derive(Template)]
#[template(path = "email/plain.html")]
struct PlainHtml<'a> {
    text: &'a str,
}

impl Mail {
    /// A mail whose HTML is its text.
    pub fn plain(name: &str, address: &str, subject: &str, text: &str) -> Result<Self> {
        let html = PlainHtml { text }.render().map_err(Error::internal)?;
        Ok(Self {
            name: name.into(),
            address: address.into(),
            subject: subject.into(),
            text: text.into(),
            html,
            thread: None,
        })
    }
}

/// Whether a mail can be written to this address.
pub fn can_reach(address: &str) -> bool {
    address.parse::<Address>().is_ok()
}

/// The way to the mail server.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Kept, to be shown as a page.
    Page,
}

impl Mailer {
    /// By the settings, none if no mail server is set; what is wrong with them, in words that hold no password. `host` is what this
    /// server calls itself.
    pub fn new(config: &config::Mail, host: &str) -> std::result::Result<Option<Self>, String> {
        let smtp = config.smtp.0.trim();
        if smtp.is_empty() && !config.keep {
            return Ok(None);
        }
        let from: Mailbox = config.from.parse().map_err(|_| {
            format!(
                "mail.from must be like \"Support <support@example.com>\" where mail.smtp is set, not {:?}",
                config.from
            )
        })?;
        if smtp.is_empty() {
            return Ok(Some(Self { from, way: Way::Page }));
        }
        let bad = || "mail.smtp must be like smtp://user:password@mail.example.com:587 or smtps://…:465".to_owned();
        let url = with_tls(smtp).ok_or_else(bad)?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_| bad())?;
        let transport = builder.hello_name(ClientId::Domain(host.to_owned())).timeout(Some(COMMAND)).build();
        Ok(Some(Self { from, way: Way::Smtp(transport) }))
    }

    fn message(&self, id: Uuid, at: DateTime<Utc>, mail: &Mail) -> std::result::Result<Message, Failure> {
        let address: Address =
            mail.address.parse().map_err(|_| Failure::for_good("the address is none that a mail can be sent to"))?;
        let name = Some(one_line(&mail.name)).filter(|name| !name.is_empty());
        let generated = HeaderName::new_from_ascii("Auto-Submitted".into()).map_err(Failure::for_good)?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(one_line(&mail.subject))
            .date(SystemTime::from(at))
            // The same at each try: whoever gets it twice can tell.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(HeaderValue::new(generated, "auto-generated".into()));
        if let Some(thread) = &mail.thread {
            let root = format!("<{thread}@{}>", self.from.email.domain());
            message = message.in_reply_to(root.clone()).references(root);
        }
        message
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(Failure::for_good)
    }
}

/// Passwords and mails cross a network only in TLS, unless the URL says otherwise by `?tls=none` or `?tls=opportunistic`; to this
/// machine itself they go as they are.
fn with_tls(url: &str) -> Option<String> {
    let Some(rest) = url.strip_prefix("smtp://") else { return url.starts_with("smtps://").then(|| url.to_owned()) };
    if let Some(open) = url.strip_suffix("?tls=none") {
        return Some(open.to_owned());
    }
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit('@').next()?;
    let near =
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == *name || host.starts_with(&format!("{name}:")));
    if near || rest.contains("?tls=") { Some(url.to_owned()) } else { Some(format!("{url}?tls=required")) }
}

/// A header's text: what would begin another header is a space in it.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without control characters, but for the ends of lines and tabs; and without those that turn the direction of what follows.
fn visible(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control() && !turns(*c)).collect()
}

/// Sends once; `id` and `at` are the same at each try.
pub async fn send(app: &App, id: Uuid, at: DateTime<Utc>, mail: &Mail) -> std::result::Result<(), Failure> {
    let mailer = app.mailer.as_ref().ok_or_else(|| Failure::for_now("no mail server is set: mail.smtp"))?;
    let message = mailer.message(id, at, mail)?;
    let transport = match &mailer.way {
        Way::Smtp(transport) => transport,
        Way::Page => return outbox::keep(app, id, at, mail).await.map_err(Failure::for_now),
    };
    match tokio::time::timeout(PATIENCE, transport.send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failure(&error, &mail.address)),
        Err(_) => Err(Failure::for_now("the mail server took too long")),
    }
}

/// What a mail server's refusal means. It may name the recipient, which is nobody's business in a log.
fn failure(error: &SmtpError, address: &str) -> Failure {
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        what = format!("{what}: {error}");
        cause = error.source();
    }
    let what = one_line(&what).replace(address, "(recipient)");
    // 55x is about this mail or its recipient. Other refusals are about the settings, which somebody can mend meanwhile.
    let about_mail = error.status().is_some_and(|code| (550..=559).contains(&u16::from(code)));
    Failure { what, for_good: about_mail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn mailer(smtp: &str) -> std::result::Result<Option<Mailer>, String> {
        let from = "Support <support@desk.example>".into();
        Mailer::new(&config::Mail { from, smtp: Secret(smtp.into()), keep: false }, "desk.example")
    }

    #[test]
    fn run_04_passwords_go_through_tls_unless_told_otherwise() {
        for (set, used) in [
            ("smtp://u:p@mail.example", Some("smtp://u:p@mail.example?tls=required")),
            ("smtp://mail.example:25?tls=none", Some("smtp://mail.example:25")),
            ("smtp://mail.example?tls=opportunistic", Some("smtp://mail.example?tls=opportunistic")),
            ("smtp://127.0.0.1:2525", Some("smtp://127.0.0.1:2525")),
            ("smtp://localhost.example", Some("smtp://localhost.example?tls=required")),
            ("smtp://127.0.0.1:x@mail.example", Some("smtp://127.0.0.1:x@mail.example?tls=required")),
            ("smtps://mail.example", Some("smtps://mail.example")),
            ("http://mail.example", None),
        ] {
            assert_eq!(with_tls(set).as_deref(), used, "{set}");
        }
        assert!(mailer("").unwrap().is_none());
        assert!(mailer("smtps://user:hunter2@").is_err_and(|words| !words.contains("hunter2")));
    }

    #[test]
    fn live_12_no_name_or_subject_begins_another_header() {
        let mailer = mailer("smtp://127.0.0.1").unwrap().unwrap();
        let at = "2026-12-01T15:00:00Z".parse().unwrap();
        for evil in [
            "Eve\r\nBcc: victim@else.example",
            "Eve\nBcc: victim@else.example",
            "Eve\" <victim@else.example>, \"",
            "=?utf-8?q?=0D=0ABcc:_x?=",
        ] {
            let mail = Mail::plain(evil, "eve@here.example", evil, "Text").unwrap();
            let message = mailer.message(Uuid::nil(), at, &mail).unwrap();
            assert_eq!(message.envelope().to(), ["eve@here.example".parse::<Address>().unwrap()]);
            let text = String::from_utf8(message.formatted()).unwrap();
            let headers = text.split("\r\n\r\n").next().unwrap();
            assert!(!headers.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{headers}");
            assert_eq!(headers.matches("eve@here.example").count(), 1, "{headers}");
        }
        for bad in ["eve@here.example\r\nRCPT TO:<v@x.example>", "a@b.example, c@d.example", "", "eve"] {
            assert!(!can_reach(bad), "{bad}");
        }
    }
}
