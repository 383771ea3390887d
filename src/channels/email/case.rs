//! A mail to the customer of a case: what happened, in whose words, and the one link on. Nothing here asks the database or the clock.

use askama::Template;

use crate::error::{Error, Result};

use super::{Mail, visible};

/// What is in it.
#[derive(Debug, Clone, Default)]
pub struct CaseMail<'a> {
    /// The customer's name.
    pub name: &'a str,
    /// The customer's address.
    pub address: &'a str,
    /// What the subject line says before the case's subject; empty: the case's number.
    pub about: &'a str,
    /// The first sentence.
    pub lead: &'a str,
    /// What somebody wrote.
    pub text: &'a str,
    /// A last sentence.
    pub more: &'a str,
    /// Where to go on.
    pub link: &'a str,
    /// What is done there.
    pub link_words: &'a str,
    /// The case's number.
    pub number: i64,
    /// The case's subject.
    pub subject: &'a str,
    /// What keeps the mails of one case together.
    pub thread: String,
}

#[derive(Template)]
#[template(path = "email/case.txt", escape = "none")]
struct Text<'a> {
    name: &'a str,
    lead: &'a str,
    text: &'a str,
    more: &'a str,
    link: &'a str,
    link_words: &'a str,
    number: i64,
    subject: &'a str,
}

#[derive(Template)]
#[template(path = "email/case.html")]
struct Html<'a> {
    name: &'a str,
    lead: &'a str,
    text: &'a str,
    more: &'a str,
    link: &'a str,
    link_words: &'a str,
    number: i64,
    subject: &'a str,
}

/// The mail.
pub fn mail(case: &CaseMail<'_>) -> Result<Mail> {
    let (name, text, subject) = (visible(case.name), visible(case.text), visible(case.subject));
    let (name, text, subject) = (name.as_str(), text.as_str(), subject.as_str());
    let CaseMail { lead, more, link, link_words, number, .. } = *case;
    let plain = Text { name, lead, text, more, link, link_words, number, subject }.render().map_err(Error::internal)?;
    let html = Html { name, lead, text, more, link, link_words, number, subject }.render().map_err(Error::internal)?;
    let about = if case.about.is_empty() { format!("Case {number}") } else { case.about.to_owned() };
    Ok(Mail {
        name: name.to_owned(),
        address: case.address.to_owned(),
        subject: format!("{about}: {subject}"),
        text: plain,
        html,
        thread: Some(case.thread.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_03_a_mail_says_what_happened_and_leads_on() {
        let case = CaseMail {
            name: "Zoë",
            address: "zoe@here.example",
            lead: "Priya Raman writes:",
            text: "Try <b>this</b>,\nplease.",
            link: "https://desk.example/answer/x",
            link_words: "Answer here",
            number: 1013,
            subject: "Payer ID",
            thread: "case-1".into(),
            ..CaseMail::default()
        };
        let mail = mail(&case).unwrap();
        assert_eq!(mail.subject, "Case 1013: Payer ID");
        assert_eq!(
            mail.text.trim_end(),
            "Hello Zoë,\n\nPriya Raman writes:\n\nTry <b>this</b>,\nplease.\n\nAnswer here: https://desk.example/answer/x\n\n-- \nCase 1013: Payer ID\nThis mail was sent by a program."
        );
        assert!(mail.html.contains("Try &#60;b&#62;this&#60;/b&#62;,\nplease."), "{}", mail.html);
        let bare = super::mail(&CaseMail { lead: "Closed.", number: 7, ..CaseMail::default() }).unwrap();
        assert_eq!(bare.text.trim_end(), "Hello,\n\nClosed.\n\n-- \nCase 7: \nThis mail was sent by a program.");
    }
}
