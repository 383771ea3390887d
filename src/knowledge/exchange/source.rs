//! What stands where in the source of Markdown: the addresses of pictures, and the first main heading.

use std::{collections::BTreeMap, ops::Range};

use pulldown_cmark::{Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use crate::knowledge::markdown::{self, OPTIONS};

/// Gives pictures other addresses, where `other` knows one.
pub fn readdress(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = text.to_owned();
    for (at, address) in pictures(text).into_iter().rev() {
        if let Some(new) = other(&address.told) {
            out.replace_range(at..at + address.length, &new);
        }
    }
    out
}

/// The addresses of pictures.
pub fn addresses(text: &str) -> Vec<String> {
    pictures(text).into_values().map(|address| address.told).collect()
}

/// The address of a picture.
struct Address {
    /// What it says.
    told: String,
    /// How many bytes of the source say it.
    length: usize,
}

/// The addresses of pictures by their places in the source, each once.
fn pictures(text: &str) -> BTreeMap<usize, Address> {
    let mut found = BTreeMap::new();
    let mut keep = |within: Range<usize>, after: &str, told: &str| {
        if let Some(at) = address_in(text, within, after) {
            found.insert(at.start, Address { told: told.to_owned(), length: at.len() });
        }
    };
    let mut names = Vec::new();
    // The pictures that are open: an inline one's address, and how far the words for it go.
    let mut open: Vec<(Option<String>, usize)> = Vec::new();
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    for (event, span) in events.by_ref() {
        match event {
            Event::Start(Tag::Image { link_type: LinkType::Inline, dest_url, .. }) => {
                open.push((Some(dest_url.into_string()), span.start + 2));
                continue;
            }
            Event::Start(Tag::Image { id, .. }) => {
                open.push((None, 0));
                names.push(id.into_string());
                continue;
            }
            Event::End(TagEnd::Image) => {
                if let Some((Some(told), words)) = open.pop() {
                    keep(words..span.end, "](", &told);
                }
            }
            _ => {}
        }
        if let Some((_, words)) = open.last_mut() {
            *words = span.end.max(*words);
        }
    }
    for name in names {
        if let Some(definition) = events.reference_definitions().get(&name) {
            keep(definition.span.clone(), "]:", &definition.dest);
        }
    }
    found
}

/// Where an address stands that comes after these letters.
fn address_in(text: &str, within: Range<usize>, after: &str) -> Option<Range<usize>> {
    let part = text.get(within.clone())?;
    let rest = part.get(part.find(after)? + after.len()..)?.trim_start();
    let in_brackets = rest.strip_prefix('<');
    let rest = in_brackets.unwrap_or(rest);
    let (mut deep, mut escaped) = (0, false);
    let ends = |c: char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '>' if in_brackets.is_some() => return true,
            _ if in_brackets.is_some() => {}
            '(' => deep += 1,
            ')' if deep == 0 => return true,
            ')' => deep -= 1,
            c => return c.is_ascii_whitespace(),
        }
        false
    };
    let length = rest.find(ends).unwrap_or(rest.len());
    let start = within.end - rest.len();
    Some(start..start + length)
}

/// The words of the first main heading, and where it stands.
pub fn heading(text: &str) -> Option<(String, Range<usize>)> {
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    let (_, span) =
        events.find(|(event, _)| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })))?;
    let words = markdown::to_plain(text.get(span.clone())?);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some((words, span))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_pictures_are_changed_where_they_stand() {
        for (text, changed) in [
            ("a ![b](old) c", "a ![b](new) c"),
            ("![](old \"title\") ![x](<old>)", "![](new \"title\") ![x](<new>)"),
            ("![*b* ]( old )\n\n> ![b](old)", "![*b* ]( new )\n\n> ![b](new)"),
            ("![b][c]\n\n[c]: old 'd'\n[e]: old", "![b][c]\n\n[c]: new 'd'\n[e]: old"),
            ("![c]\n\n[c]: <old>", "![c]\n\n[c]: <new>"),
            ("[![b](old)](old) ![a ![b](old)](old)", "[![b](new)](old) ![a ![b](new)](new)"),
            (
                "`![b](old)` \\![b](old) [b](old)\n\n    ![b](old)\n",
                "`![b](old)` \\![b](old) [b](old)\n\n    ![b](old)\n",
            ),
            ("![b](o\\ld)", "![b](o\\ld)"),
        ] {
            assert_eq!(readdress(text, |told| (told == "old").then(|| "new".into())), changed);
        }
        let told = addresses("![a](b(c)d) ![a](<b c> 'd') ![a](b\\)c) ![a](b&amp;c)");
        assert_eq!(told, ["b(c)d", "b c", "b)c", "b&c"]);
    }

    proptest! {
        #[test]
        fn run_04_changed_addresses_can_be_changed_back(
            text in "(!\\[|\\]|\\(|\\)|<|>|/help/x|other|[ab\\\\\n `:\"]|\\[a\\]: ){0,40}",
        ) {
            let there = readdress(&text, |told| (told == "/help/x").then(|| "pictures/x.png".into()));
            let back = readdress(&there, |told| (told == "pictures/x.png").then(|| "/help/x".into()));
            prop_assert_eq!(back, text);
        }
    }
}
