//! Markdown as solutions are written in: a tree of a few safe elements, which becomes a page's HTML, the widget's elements, or the
//! plain text that is searched. HTML in it is shown as it stands, links go to the web, mail and telephone only, and pictures are those
//! of the desk.

use std::fmt::Write;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag as Md, TagEnd};
use schemars::JsonSchema;
use serde::Serialize;

/// What the addresses of the desk's pictures begin with.
pub const PICTURES: &str = "/help/pictures/";
/// How deep elements stand in each other at the most; what is deeper stands beside them.
const DEEPEST: usize = 24;

/// What is understood beside the CommonMark standard.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// A piece of a solution's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Node {
    /// Words.
    Text(String),
    /// An element with what stands in it.
    Element(Element),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Element {
    /// Which.
    pub tag: Tag,
    /// `a`: where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// `img`: the picture's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<String>,
    /// `img`: what it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// `ol`: the first number, if that is not 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// What stands in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

/// The elements that there are, as HTML calls them.
#[expect(missing_docs, reason = "their names are HTML's")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    P,
    H2,
    H3,
    H4,
    Ul,
    Ol,
    Li,
    Strong,
    Em,
    Del,
    Code,
    Pre,
    Blockquote,
    A,
    Img,
    Br,
    Hr,
    Table,
    Thead,
    Tbody,
    Tr,
    Th,
    Td,
}

impl Tag {
    fn name(self) -> &'static str {
        match self {
            Self::P => "p",
            Self::H2 => "h2",
            Self::H3 => "h3",
            Self::H4 => "h4",
            Self::Ul => "ul",
            Self::Ol => "ol",
            Self::Li => "li",
            Self::Strong => "strong",
            Self::Em => "em",
            Self::Del => "del",
            Self::Code => "code",
            Self::Pre => "pre",
            Self::Blockquote => "blockquote",
            Self::A => "a",
            Self::Img => "img",
            Self::Br => "br",
            Self::Hr => "hr",
            Self::Table => "table",
            Self::Thead => "thead",
            Self::Tbody => "tbody",
            Self::Tr => "tr",
            Self::Th => "th",
            Self::Td => "td",
        }
    }

    /// Whether it stands inside a line.
    fn is_inline(self) -> bool {
        matches!(self, Self::Strong | Self::Em | Self::Del | Self::Code | Self::A | Self::Img)
    }
}

impl Element {
    fn new(tag: Tag) -> Self {
        Self { tag, href: None, src: None, alt: None, start: None, children: Vec::new() }
    }
}

/// Reads Markdown.
pub fn parse(text: &str) -> Vec<Node> {
    let mut tree = Tree { open: Vec::new(), top: Vec::new(), head: false };
    for event in Parser::new_ext(text, OPTIONS) {
        tree.take(event);
    }
    while !tree.open.is_empty() {
        tree.close();
    }
    tree.top
}

struct Tree {
    /// The elements that are open; nothing for one that is not shown, or too deep.
    open: Vec<Option<Element>>,
    top: Vec<Node>,
    /// Inside a table's head.
    head: bool,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => {
                // The rows of a table's body have no element of their own in Markdown.
                if end == TagEnd::Table {
                    self.close();
                }
                self.close();
                if end == TagEnd::TableHead {
                    // The head's row, too; then the body begins.
                    self.close();
                    self.head = false;
                    self.open(Element::new(Tag::Tbody));
                }
            }
            Event::Text(words) => self.words(&words),
            Event::Code(words) => {
                let mut code = Element::new(Tag::Code);
                code.children.push(Node::Text(words.into_string()));
                self.push(Node::Element(code));
            }
            // It is words to us: nobody's page takes HTML from a solution.
            Event::Html(words) | Event::InlineHtml(words) => self.push(Node::Text(words.into_string())),
            Event::SoftBreak => self.push(Node::Text("\n".into())),
            Event::HardBreak => self.push(Node::Element(Element::new(Tag::Br))),
            Event::Rule => self.push(Node::Element(Element::new(Tag::Hr))),
            // Not asked for.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Md<'_>) {
        let element = match tag {
            Md::Paragraph | Md::HtmlBlock => Element::new(Tag::P),
            Md::Heading { level, .. } => Element::new(match level {
                HeadingLevel::H1 | HeadingLevel::H2 => Tag::H2,
                HeadingLevel::H3 => Tag::H3,
                _ => Tag::H4,
            }),
            Md::BlockQuote(_) => Element::new(Tag::Blockquote),
            Md::CodeBlock(_) => Element::new(Tag::Pre),
            Md::List(None) => Element::new(Tag::Ul),
            Md::List(Some(start)) => {
                let start = u32::try_from(start).ok().filter(|start| *start != 1);
                Element { start, ..Element::new(Tag::Ol) }
            }
            Md::Item => Element::new(Tag::Li),
            Md::Table(_) => Element::new(Tag::Table),
            Md::TableHead => {
                self.head = true;
                self.open(Element::new(Tag::Thead));
                Element::new(Tag::Tr)
            }
            Md::TableRow => Element::new(Tag::Tr),
            Md::TableCell => Element::new(if self.head { Tag::Th } else { Tag::Td }),
            Md::Emphasis => Element::new(Tag::Em),
            Md::Strong => Element::new(Tag::Strong),
            Md::Strikethrough => Element::new(Tag::Del),
            Md::Link { dest_url, .. } if leads_somewhere(&dest_url) => {
                Element { href: Some(dest_url.into_string()), ..Element::new(Tag::A) }
            }
            Md::Image { dest_url, .. } if is_picture(&dest_url) => {
                Element { src: Some(dest_url.into_string()), alt: Some(String::new()), ..Element::new(Tag::Img) }
            }
            // A picture from elsewhere would tell that place who reads: a link instead, for whoever wants it.
            Md::Image { dest_url, .. } if leads_somewhere(&dest_url) => {
                Element { href: Some(dest_url.into_string()), ..Element::new(Tag::A) }
            }
            _ => return self.open.push(None),
        };
        self.open(element);
    }

    fn open(&mut self, element: Element) {
        let deep = self.open.len() >= DEEPEST;
        self.open.push((!deep).then_some(element));
    }

    fn close(&mut self) {
        let Some(Some(mut element)) = self.open.pop() else { return };
        if element.tag == Tag::Img {
            element.alt = Some(plain(&std::mem::take(&mut element.children)));
        }
        self.push(Node::Element(element));
    }

    fn words(&mut self, words: &str) {
        let open = |tag: Tag| self.open.iter().take(DEEPEST).flatten().any(|element| element.tag == tag);
        if open(Tag::A) || open(Tag::Pre) || open(Tag::Img) {
            return self.push(Node::Text(words.to_owned()));
        }
        let mut rest = words;
        while let Some((before, address, after)) = address_in(rest) {
            self.push(Node::Text(before.to_owned()));
            let link = Element { href: Some(address.to_owned()), ..Element::new(Tag::A) };
            self.push(Node::Element(Element { children: vec![Node::Text(address.to_owned())], ..link }));
            rest = after;
        }
        self.push(Node::Text(rest.to_owned()));
    }

    fn push(&mut self, node: Node) {
        let nodes = self
            .open
            .iter_mut()
            .take(DEEPEST)
            .rev()
            .flatten()
            .next()
            .map_or(&mut self.top, |element| &mut element.children);
        match (nodes.last_mut(), node) {
            (_, Node::Text(words)) if words.is_empty() => {}
            (Some(Node::Text(before)), Node::Text(words)) => before.push_str(&words),
            (_, node) => nodes.push(node),
        }
    }
}

/// Where a link may lead: the web, mail, a telephone, or another page of ours.
fn leads_somewhere(address: &str) -> bool {
    let known = ["https://", "http://", "mailto:", "tel:"];
    let local = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    let clean = !address.chars().any(|c| c.is_control() || c == '\\');
    clean
        && (local
            || known.iter().any(|scheme| address.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme))))
}

fn is_picture(address: &str) -> bool {
    address.strip_prefix(PICTURES).is_some_and(|id| id.parse::<uuid::Uuid>().is_ok())
}

/// The first address of the web in a text, with what stands before and after it.
fn address_in(text: &str) -> Option<(&str, &str, &str)> {
    let starts = text.match_indices("http").map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let (before, rest) = text.split_at(at);
        let host = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"))?;
        if before.chars().next_back().is_some_and(char::is_alphanumeric) || !host.starts_with(char::is_alphanumeric) {
            return None;
        }
        let end =
            rest.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"\\".contains(c)).unwrap_or(rest.len());
        // What ends the sentence is not of the address.
        let address = rest.get(..end)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '”', '’']);
        Some((before, address, rest.get(address.len()..)?))
    })
}

/// What Markdown shows, as HTML.
pub fn to_html(text: &str) -> String {
    html(&parse(text))
}

/// What Markdown says, in words alone.
pub fn to_plain(text: &str) -> String {
    plain(&parse(text))
}

/// As HTML.
fn html(nodes: &[Node]) -> String {
    let mut out = String::new();
    write_html(nodes, &mut out);
    out
}

fn write_html(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(words) => escape(words, out),
            Node::Element(element) => {
                let name = element.tag.name();
                let _ = write!(out, "<{name}");
                let mut attribute = |name: &str, value: Option<&str>| {
                    if let Some(value) = value {
                        let _ = write!(out, " {name}=\"");
                        escape(value, out);
                        out.push('"');
                    }
                };
                attribute("href", element.href.as_deref());
                attribute("src", element.src.as_deref());
                attribute("alt", element.alt.as_deref());
                attribute("start", element.start.map(|start| start.to_string()).as_deref());
                attribute("loading", element.src.is_some().then_some("lazy"));
                attribute("rel", element.href.is_some().then_some("noopener noreferrer"));
                out.push('>');
                if !matches!(element.tag, Tag::Img | Tag::Br | Tag::Hr) {
                    write_html(&element.children, out);
                    let _ = write!(out, "</{name}>");
                }
            }
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// The words alone, a line for each block.
fn plain(nodes: &[Node]) -> String {
    let mut out = String::new();
    write_plain(nodes, &mut out);
    out.truncate(out.trim_end().len());
    out
}

fn write_plain(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(words) => out.push_str(words),
            Node::Element(element) => {
                write_plain(&element.children, out);
                out.push_str(element.alt.as_deref().unwrap_or_default());
                match element.tag {
                    Tag::Th | Tag::Td => out.push(' '),
                    tag if !tag.is_inline() && !out.is_empty() && !out.ends_with('\n') => out.push('\n'),
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
