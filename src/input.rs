//! Text from outside: cut to what can be stored and compared, refused with words that say what to do.

use crate::error::{Error, Result};

/// The form in which names and addresses are compared: trimmed, inner white space single, lower case.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// One line of 1 to `max` characters, trimmed. Control characters are dropped; `what` names the field in the error.
pub fn line(what: &'static str, text: &str, max: usize) -> Result<String> {
    let clean: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control()).collect();
    check(what, clean.trim(), max)
}

/// Text of 1 to `max` characters in lines, trimmed at its ends. U+0000, which PostgreSQL cannot store, is dropped.
pub fn text(what: &'static str, text: &str, max: usize) -> Result<String> {
    check(what, text.replace('\0', "").trim(), max)
}

fn check(what: &'static str, text: &str, max: usize) -> Result<String> {
    let length = text.chars().count();
    if length == 0 {
        Err(Error::invalid("empty", format!("Please fill in: {what}.")))
    } else if length > max {
        Err(Error::invalid("too_long", format!("Please shorten: {what} has {length} characters, {max} are allowed.")))
    } else {
        Ok(text.to_owned())
    }
}

/// An e-mail address: one `@` with something on both sides and no white space. Whether it works, only a mail can tell.
pub fn email(text: &str) -> Result<String> {
    let text = line("the e-mail address", text, 254)?;
    let well_formed =
        text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if well_formed && !text.contains(char::is_whitespace) {
        Ok(text)
    } else {
        Err(Error::invalid("bad_email", "Please give an e-mail address like name@example.com."))
    }
}

/// The first `max` characters of a text on one line, with `…` where something was cut.
pub fn snippet(text: &str, max: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= max {
        return flat;
    }
    let mut cut: String = flat.chars().take(max.saturating_sub(1)).collect();
    if let Some(space) = cut.rfind(' ').filter(|at| *at > cut.len() / 2) {
        cut.truncate(space);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_the_same_of_case_and_space() {
        assert_eq!(fold("  Dana \u{a0} ORTIZ\n"), "dana ortiz");
    }

    #[test]
    fn text_keeps_lines_and_drops_nul() {
        assert_eq!(text("x", "a\0b\n c ", 10).unwrap(), "ab\n c");
        assert!(text("x", " \n", 10).is_err());
        assert!(text("x", "äöüß", 3).is_err());
    }

    #[test]
    fn an_email_needs_both_sides() {
        assert!(email("a@b.example").is_ok());
        for bad in ["a", "@b", "a@", "a b@c", "a@b@c", ""] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_snippet_is_cut_between_words() {
        assert_eq!(snippet("one two\nthree", 9), "one two…");
        assert_eq!(snippet("short", 9), "short");
    }
}
