//! How the desk is changed: one change at a time, from what was read, with all that is wrong said at once.

use serde::Serialize;

use crate::{
    app::App,
    error::{Error, FieldError, Result},
    identity::hashing::token_hash,
    input,
    work::Work,
};

use super::queries::rules as queries;

/// Begins a change. Whoever changes the desk waits until the one before is done, on all nodes: what is read within it is still so
/// when it commits.
pub async fn begin(app: &App) -> Result<Work<'_>> {
    let mut work = Work::begin(app).await?;
    queries::hold_desk(&mut work.tx).await?;
    work.desk_changed();
    Ok(work)
}

/// What tells one state of a thing from another; a form carries it, so that nobody changes what somebody else has changed meanwhile
/// without knowing.
pub fn mark<T: Serialize>(thing: &T) -> String {
    let text = serde_json::to_string(thing).unwrap_or_default();
    token_hash(&text).chars().take(16).collect()
}

/// Refuses a change of a thing that is not as it was when it was read. Without a mark it is changed as it is.
pub fn require_unchanged<T: Serialize>(seen: Option<&str>, thing: &T) -> Result<()> {
    match seen {
        Some(seen) if !seen.is_empty() && seen != mark(thing) => Err(Error::conflict(
            "changed",
            "Somebody else changed this while you had it open. Look at what is set now; save again if yours shall replace it.",
        )),
        _ => Ok(()),
    }
}

/// Collects what is wrong with the fields of a form.
#[derive(Debug, Default)]
pub struct Check {
    wrong: Vec<FieldError>,
    code: Option<&'static str>,
}

impl Check {
    /// What was read from a field, or its default after noting what is wrong.
    pub fn read<T: Default>(&mut self, field: &str, read: Result<T>) -> Result<T> {
        match read {
            Ok(value) => Ok(value),
            Err(Error::Refused(refusal)) => {
                self.code.get_or_insert(refusal.code);
                self.wrong.push(FieldError { field: field.to_owned(), message: refusal.message });
                Ok(T::default())
            }
            Err(fault) => Err(fault),
        }
    }

    /// Notes that a field is wrong unless `fine`.
    pub fn require(&mut self, fine: bool, field: &str, code: &'static str, message: impl Into<String>) {
        if !fine {
            self.code.get_or_insert(code);
            self.wrong.push(FieldError { field: field.to_owned(), message: message.into() });
        }
    }

    /// Refuses if anything was wrong; the words are those of the first field.
    pub fn done(self) -> Result<()> {
        let Some(first) = self.wrong.first() else { return Ok(()) };
        let Error::Refused(mut refusal) = Error::invalid(self.code.unwrap_or("invalid"), first.message.clone()) else {
            return Ok(());
        };
        refusal.fields = self.wrong;
        Err(Error::Refused(refusal))
    }
}

/// A refusal that belongs to one field.
pub fn wrong(field: &str, code: &'static str, message: impl Into<String>) -> Error {
    let mut check = Check::default();
    check.require(false, field, code, message);
    match check.done() {
        Err(error) => error,
        Ok(()) => Error::internal("a refusal without words"),
    }
}

/// A whole number within bounds, from a field; `what` names it in the words.
pub fn number(what: &str, text: &str, least: i64, most: i64) -> Result<i64> {
    let read = text.trim().parse::<i64>().ok().filter(|n| (least..=most).contains(n));
    read.ok_or_else(|| {
        Error::invalid("bad_number", format!("{what}: please give a whole number from {least} to {most}."))
    })
}

/// A key for a new thing, made of its name, that none of the others has.
pub fn key_of(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let letters =
        input::fold(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>();
    let parts: Vec<&str> = letters.split('-').filter(|part| !part.is_empty()).collect();
    let mut key: String = parts.join("-").chars().take(32).collect();
    if key.is_empty() {
        key.push('x');
    }
    let key = key.trim_end_matches('-').to_owned();
    if !taken(&key) {
        return key;
    }
    let numbered = (2..1_000).map(|n| format!("{key}-{n}")).find(|key| !taken(key));
    numbered.unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_a_name() {
        assert_eq!(key_of("Claims & Payments", |_| false), "claims-payments");
        assert_eq!(key_of("Łódź", |_| false), "d");
        assert_eq!(key_of("日本", |key| key == "x"), "x-2");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let mut check = Check::default();
        let name = check.read("name", input::line("the name", " ", 10)).unwrap();
        check.require(false, "tier", "bad_tier", "Please choose a tier.");
        assert_eq!(name, "");
        let Err(Error::Refused(refusal)) = check.done() else { panic!("it is refused") };
        let fields: Vec<_> = refusal.fields.iter().map(|e| e.field.as_str()).collect();
        assert_eq!((refusal.code, fields), ("empty", vec!["name", "tier"]));
    }

    #[test]
    fn what_was_changed_meanwhile_is_noticed() {
        let seen = mark(&("Claims", 1));
        assert!(require_unchanged(Some(&seen), &("Claims", 1)).is_ok());
        assert!(require_unchanged(Some(&seen), &("Claims", 2)).is_err());
        assert!(require_unchanged(None, &("Claims", 2)).is_ok());
    }
}
