//! A solution as a file of Markdown: the fields between two lines of `---`, a small part of YAML, then the text.

use super::record::{Problem, Reading, Record, Value};
use super::source;

const FENCE: &str = "---";

/// Words that YAML takes for something else.
const RESERVED: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// The file of a solution.
pub fn write(record: &Record) -> String {
    let mut out = format!("{FENCE}\n");
    for (key, value) in record.fields() {
        let value = match value {
            Value::List(list) => format!("[{}]", list.iter().map(|text| scalar(text)).collect::<Vec<_>>().join(", ")),
            Value::Text(text) => scalar(&text),
            Value::Other => continue,
        };
        out += &format!("{key}: {value}\n");
    }
    out + &format!("{FENCE}\n\n{}\n", record.body)
}

/// Words as YAML has them: as they stand where nobody can take them for anything else, as a string of JSON otherwise.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || " -_./()?!%+'".contains(c);
    let plain = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(is_word)
        && !RESERVED.contains(&text.to_lowercase().as_str());
    if plain || text.parse::<uuid::Uuid>().is_ok_and(|id| id.to_string() == text) {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Reads a file of Markdown, with fields before the text or without.
pub fn read(text: &str) -> Reading {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    // A file of an editor that ends lines with CRLF does so in its first line, too.
    let all_crlf = first.trim_end() != FENCE || text.split('\n').next().is_some_and(|line| line.ends_with('\r'));
    let unfolded = if all_crlf { text.replace("\r\n", "\n") } else { text.to_owned() };
    let mut reading = Reading::begin(1);
    match head(&unfolded) {
        Some(Head { lines, end: Some(end) }) => {
            read_fields(&lines, &mut reading);
            let body = unfolded.get(end..).unwrap_or_default();
            let body = body.strip_prefix('\n').unwrap_or(body);
            reading.record.body = body.strip_suffix('\n').unwrap_or(body).to_owned();
        }
        Some(Head { end: None, .. }) => {
            reading.problems.push(Problem::new(1, "The fields do not end: put a line `---` after them."))
        }
        None => reading.record.body = unfolded,
    }
    reading
}

/// Without a title of its own a text has that of its first main heading, which is taken out where it stands above everything.
pub fn take_title(reading: &mut Reading, file_stem: &str) {
    let record = &mut reading.record;
    if !record.title.trim().is_empty() {
        return;
    }
    if let Some((title, span)) = source::heading(&record.body) {
        if record.body.get(..span.start).is_some_and(|before| before.trim().is_empty()) {
            record.body = record.body.split_off(span.end);
        }
        record.title = title;
    } else {
        let words = file_stem.replace(['-', '_'], " ");
        let mut letters = words.trim().chars();
        record.title = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    }
}

/// What stands before the text.
struct Head<'a> {
    /// The lines between the fences, with their numbers.
    lines: Vec<(usize, &'a str)>,
    /// Where the text begins; nothing: the second fence is missing.
    end: Option<usize>,
}

/// Nothing: the file has no fields, though it may begin with a rule.
fn head(text: &str) -> Option<Head<'_>> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == FENCE)?;
    let (mut at, mut found) = (first.len(), Vec::new());
    for (number, line) in lines.enumerate() {
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        if [FENCE, "..."].contains(&line.trim_end()) {
            return Some(Head { lines: found, end: Some(at) });
        }
        if line.trim().is_empty() {
            continue;
        }
        if found.is_empty() && !line.starts_with('#') && field(line).is_none() {
            return None;
        }
        found.push((number + 2, line));
    }
    (!found.is_empty()).then_some(Head { lines: found, end: None })
}

/// A line `key: value`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c)) && key.trim() == key;
    (is_key && (value.is_empty() || value.starts_with([' ', '\t']))).then_some((key, value.trim()))
}

fn read_fields(lines: &[(usize, &str)], reading: &mut Reading) {
    let mut open: Option<(&str, Value, usize)> = None;
    for (number, line) in lines {
        let words = line.trim();
        if words.starts_with('#') {
            continue;
        }
        let item = words.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '));
        if let (Some((_, value, _)), true) = (&mut open, line.starts_with([' ', '\t']) || item.is_some()) {
            // It goes on from the line before: as a list, or as something that needs all of YAML.
            let list = match std::mem::replace(value, Value::Other) {
                Value::Text(text) if text.is_empty() => Some(Vec::new()),
                Value::List(list) => Some(list),
                _ => None,
            };
            if let (Some(mut list), Some(Value::Text(text))) = (list, item.map(read_value)) {
                list.push(text);
                *value = Value::List(list);
            }
            continue;
        }
        if let Some((key, value, number)) = open.take() {
            reading.take(key, value, number);
        }
        match field(line) {
            Some((key, value)) => open = Some((key, read_value(value), *number)),
            None => reading.problems.push(Problem::new(*number, "This is not `key: value`.")),
        }
    }
    if let Some((key, value, number)) = open {
        reading.take(key, value, number);
    }
}

fn read_value(text: &str) -> Value {
    let text = text.trim();
    let over = |rest: &str| rest.trim().is_empty() || rest.trim_start().starts_with('#') && rest.starts_with(' ');
    if text.starts_with('[') {
        return match read_list(text) {
            Some((list, rest)) if over(rest) => Value::List(list),
            _ => Value::Other,
        };
    }
    if text.starts_with(['"', '\'']) {
        return match quoted(text) {
            Some((words, rest)) if over(rest) => Value::Text(words),
            _ => Value::Other,
        };
    }
    // What YAML has besides: several lines, maps, anchors, tags.
    if text.starts_with(['|', '>', '{', '&', '*', '!', '@', '`', '%']) {
        return Value::Other;
    }
    let plain = if text.starts_with('#') { "" } else { text.split(" #").next().unwrap_or_default().trim_end() };
    Value::Text(if ["~", "null"].contains(&plain) { String::new() } else { plain.to_owned() })
}

/// `[a, "b"]`, and what comes after it.
fn read_list(text: &str) -> Option<(Vec<String>, &str)> {
    let mut list = Vec::new();
    let mut rest = text.strip_prefix('[')?.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix(']') {
            return Some((list, after));
        }
        let (item, after) = if rest.starts_with(['"', '\'']) {
            quoted(rest)?
        } else {
            let end = rest.find([',', ']'])?;
            let (item, after) = rest.split_at(end);
            (item.trim().to_owned(), after)
        };
        list.push(item);
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if rest.starts_with(']') => rest,
            None => return None,
        };
    }
}

/// Words in quotes, and what comes after them.
fn quoted(text: &str) -> Option<(String, &str)> {
    if let Some(mut rest) = text.strip_prefix('\'') {
        let mut words = String::new();
        loop {
            let (before, after) = rest.split_once('\'')?;
            words += before;
            let Some(again) = after.strip_prefix('\'') else { return Some((words, after)) };
            words.push('\'');
            rest = again;
        }
    }
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let words = strings.next()?.ok()?;
    Some((words, text.get(strings.byte_offset()..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::record::tests::records, *};

    #[test]
    fn a_file_of_ours_is_a_small_part_of_yaml() {
        let record = Record {
            id: "0197a1d0-0000-7000-8000-000000000000".parse().ok(),
            title: "What does \"403\" mean: an error?".into(),
            category: "claims".into(),
            product_version: Some("2.10".into()),
            related: Some(vec!["Reset it".into(), "No".into(), "a, b".into()]),
            body: "One.\n---\nTwo.".into(),
            ..Record::default()
        };
        assert_eq!(
            write(&record),
            "---\nid: 0197a1d0-0000-7000-8000-000000000000\ntitle: \"What does \\\"403\\\" mean: an error?\"\ncategory: claims\n\
             product_version: \"2.10\"\nrelated: [Reset it, \"No\", \"a, b\"]\n---\n\nOne.\n---\nTwo.\n"
        );
    }

    #[test]
    fn files_from_elsewhere_are_read() {
        let text = "\u{feff}---\r\n# made by hand\r\ntitle: 'It''s here' # yes\r\nlayout: page\r\ntags:\r\n  - a\r\nrelated:\r\n- One: two\r\n\
                    - \"Three\"\r\nmore:\r\n  deep: x\r\n---\r\nA\r\nB\r\n";
        let read = read(text);
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(read.record.title, "It's here");
        assert_eq!(read.record.related, Some(vec!["One: two".into(), "Three".into()]));
        assert_eq!(read.record.body, "A\nB");
        assert_eq!(read.unknown, [("layout".into(), 4), ("tags".into(), 5), ("more".into(), 10)]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, words) in [
            ("---\ntitle: a\n", 1, "do not end"),
            ("---\ntitle: a\nwhat is this\n---\n", 3, "key: value"),
            ("---\ntitle: a\n\naudience: all\n---\n", 4, "everyone, customers or staff"),
            ("---\nid: 7\n---\n", 2, "no UUID"),
            ("---\ntitle: |\n  a\n---\n", 2, "in one line"),
            ("---\ntitle: a\ntitle: b\n---\n", 3, "second time"),
        ] {
            let problems = read(text).problems;
            assert!(
                problems.len() == 1 && problems[0].line == line && problems[0].message.contains(words),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn without_fields_the_heading_or_the_file_is_the_title() {
        for (text, title, body) in [
            ("\r\n# Reset *it*\r\n\r\nHold.\r\n", "Reset it", "\nHold.\n"),
            ("Hold.\n\n# Reset\n", "Reset", "Hold.\n\n# Reset\n"),
            ("---\nNo field.\n---\n", "Hold both", "---\nNo field.\n---\n"),
            ("```\n# no\n```\n", "Hold both", "```\n# no\n```\n"),
            ("", "Hold both", ""),
        ] {
            let mut reading = read(text);
            take_title(&mut reading, "hold-both");
            assert_eq!((reading.record.title.as_str(), reading.record.body.as_str()), (title, body));
            assert!(reading.problems.is_empty());
        }
    }

    proptest! {
        #[test]
        fn run_04_what_is_written_is_read_again(record in records()) {
            let text = write(&record);
            let read = read(&text);
            prop_assert!(read.problems.is_empty() && read.unknown.is_empty(), "{:?}\n{text}", read.problems);
            prop_assert_eq!(read.record, record);
        }
    }
}
