//! Prints `docs/protocol.md` from the protocol's types.

use std::fmt::Write;

use schemars::{Schema, generate::SchemaSettings};
use serde_json::Value;

use super::protocol::{
    ClientFrame, CloseCode, MAX_FRAME, MAX_TEXT, Outgoing, PING_SECONDS, Request, ServerFrame, VERSION,
};

/// The page, whole.
pub fn page() -> String {
    let mut settings = SchemaSettings::default();
    settings.inline_subschemas = false;
    let mut generator = settings.into_generator();
    let client = generator.root_schema_for::<ClientFrame>();
    let outgoing = generator.root_schema_for::<Outgoing>();
    let request = generator.root_schema_for::<Request>();
    let server = generator.root_schema_for::<ServerFrame>();
    let mut page = String::new();
    let _ = writeln!(page, "{}", include_str!("protocol_intro.md").trim_end());
    let _ = writeln!(
        page,
        "\nVersion {VERSION}. A frame is at most {MAX_FRAME} bytes, a message's text at most {MAX_TEXT} characters; the server pings a connection on which nothing was said and heard for {PING_SECONDS} s."
    );
    page.push_str("\n## Close codes\n\n| code | why | come back? |\n| --- | --- | --- |\n");
    for (code, why, back) in [
        (CloseCode::Restart, "the server stops or restarts", "at once"),
        (CloseCode::TooSlow, "this reader was too slow and its queue is full", "yes, with the last number seen"),
        (CloseCode::Silent, "no `hello` in time, or two pings unanswered", "yes"),
        (CloseCode::Unauthorized, "the token is unknown, has run out or was revoked", "after signing in again"),
        (CloseCode::Protocol, "a frame broke the protocol", "after mending the program"),
        (CloseCode::TooMany, "the person has too many connections open", "after closing others"),
    ] {
        let _ = writeln!(page, "| {} | {why} | {back} |", code as u16);
    }
    page.push_str("\n## What a client sends\n\nEvery frame may carry `req`, a number of the client's choice that comes back in the answer.\n");
    variants(&mut page, client.as_value(), "type");
    page.push_str("\n## What the server sends\n");
    variants(&mut page, server.as_value(), "type");
    page.push_str("\n## Types\n");
    let mut named: Vec<(String, Value)> = Vec::new();
    for schema in [&request, &outgoing, &client, &server] {
        for (name, definition) in definitions(schema) {
            if name != "ClientFrame" && !named.iter().any(|(n, _)| *n == name) {
                named.push((name, definition));
            }
        }
    }
    named.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, definition) in &named {
        let _ = writeln!(page, "\n### {name}\n\n{}", description(definition));
        if definition.get("oneOf").is_some() || definition.get("enum").is_some() {
            variants(&mut page, definition, "kind");
        } else {
            fields(&mut page, definition, "");
        }
    }
    page
}

fn definitions(schema: &Schema) -> Vec<(String, Value)> {
    let map = schema.as_value().get("$defs").and_then(Value::as_object);
    map.into_iter().flatten().map(|(name, definition)| (name.clone(), definition.clone())).collect()
}

fn variants(page: &mut String, schema: &Value, tag: &str) {
    for value in schema.get("enum").and_then(Value::as_array).into_iter().flatten() {
        let _ = writeln!(page, "- `{}`", value.as_str().unwrap_or_default());
    }
    let all = schema.get("oneOf").and_then(Value::as_array);
    for variant in all.into_iter().flatten() {
        let text = description(variant);
        let plain = variant.get("const").and_then(Value::as_str);
        if let Some(name) = plain {
            let _ = writeln!(page, "- `{name}`: {text}");
            continue;
        }
        let name = variant.pointer(&format!("/properties/{tag}/const")).and_then(Value::as_str).unwrap_or("?");
        let _ = writeln!(page, "\n#### `{name}`\n\n{text}");
        if let Some(base) = variant.get("$ref").and_then(Value::as_str) {
            let _ = writeln!(page, "\nWith the fields of {}.", link(base));
        }
        fields(page, variant, tag);
    }
}

fn fields(page: &mut String, schema: &Value, tag: &str) {
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let all = schema.get("properties").and_then(Value::as_object);
    let mut rows = String::new();
    for (name, field) in all.into_iter().flatten().filter(|(name, _)| *name != tag) {
        let optional = if required.contains(&name.as_str()) { "" } else { ", may be absent" };
        let _ = writeln!(rows, "| `{name}` | {}{optional} | {} |", kind(field), description(field));
    }
    if !rows.is_empty() {
        let _ = write!(page, "\n| field | type | meaning |\n| --- | --- | --- |\n{rows}");
    }
}

fn description(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

fn link(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    format!("[{name}](#{})", name.to_lowercase())
}

fn kind(field: &Value) -> String {
    if let Some(reference) = field.get("$ref").and_then(Value::as_str) {
        return link(reference);
    }
    for choice in ["anyOf", "allOf"] {
        if let Some(first) = field.get(choice).and_then(Value::as_array).and_then(|c| c.first()) {
            return kind(first);
        }
    }
    if let Some(items) = field.get("items") {
        return format!("list of {}", kind(items));
    }
    match field.get("format").and_then(Value::as_str) {
        Some("date-time") => return "time (RFC 3339, UTC)".into(),
        Some("uuid") => return "UUID".into(),
        _ => {}
    }
    let name = match field.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => names.first().and_then(Value::as_str).unwrap_or("value"),
        _ => "value",
    };
    if name == "boolean" { "true or false".into() } else { name.to_owned() }
}
