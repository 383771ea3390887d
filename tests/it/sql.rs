//! Every SQL statement of the source, prepared on both engines: one that a test run never reaches still cannot be wrong.

use std::path::{Path, PathBuf};

use deskbell::store::Db;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::{
    both,
    support::{Engine, engine::Database},
};

/// A statement with the place where it stands.
struct Statement {
    place: String,
    sql: String,
}

/// What a Rust source is made of, as far as it matters here.
enum Token {
    /// A string literal, unescaped.
    Text(String),
    /// A run of other characters, white space and comments left out.
    Code(String),
}

/// Cuts a source into literals and code; each token with its line.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    let mut code = String::new();
    let looking_at = |at: usize, text: &str| text.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c));
    while at < chars.len() {
        let begin = line;
        let raw = (chars[at] == 'r')
            .then(|| chars[at + 1..].iter().take_while(|c| **c == '#').count())
            .filter(|hashes| chars.get(at + 1 + hashes) == Some(&'"'))
            .filter(|_| !code.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        if looking_at(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if looking_at(at, "'\"'") {
            at += 3;
        } else if looking_at(at, "'\\\"'") {
            at += 4;
        } else if let Some(hashes) = raw {
            let close = format!("\"{}", "#".repeat(hashes));
            let mut text = String::new();
            at += hashes + 2;
            while !looking_at(at, &close) {
                line += usize::from(chars[at] == '\n');
                text.push(chars[at]);
                at += 1;
            }
            at += hashes + 1;
            found.push((begin, Token::Code(std::mem::take(&mut code))));
            found.push((begin, Token::Text(text)));
        } else if chars[at] == '"' {
            let mut text = String::new();
            at += 1;
            while chars[at] != '"' {
                line += usize::from(chars[at] == '\n');
                if chars[at] != '\\' {
                    text.push(chars[at]);
                    at += 1;
                    continue;
                }
                at += 1;
                match chars[at] {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    '\n' => {
                        line += 1;
                        while chars[at + 1].is_whitespace() {
                            at += 1;
                            line += usize::from(chars[at] == '\n');
                        }
                    }
                    other => text.push(other),
                }
                at += 1;
            }
            at += 1;
            found.push((begin, Token::Code(std::mem::take(&mut code))));
            found.push((begin, Token::Text(text)));
        } else {
            line += usize::from(chars[at] == '\n');
            if !chars[at].is_whitespace() {
                code.push(chars[at]);
            } else if code.ends_with(|c: char| c.is_alphanumeric()) {
                code.push(' ');
            }
            at += 1;
        }
    }
    found.push((line, Token::Code(code)));
    found
}

fn is_sql(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&first)
}

/// All statements of a file; what is handed to `query` must be one of them, or a constant of the file that is.
fn statements(path: &str, source: &str) -> Vec<Statement> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut constants = Vec::new();
    let mut asked: Vec<(usize, String)> = Vec::new();
    let mut before = String::new();
    for (line, token) in tokens(source) {
        match token {
            Token::Text(sql) => {
                if before.ends_with(".query(") {
                    assert!(is_sql(&sql), "{path}:{line}: is this SQL? {sql}");
                }
                if before.ends_with("format!(") {
                    // A text that is put together from the names in the schema: only the store may, and it quotes them.
                    assert!(!is_sql(&sql) || path.starts_with("src/store/"), "{path}:{line} builds SQL: {sql}");
                } else if is_sql(&sql) {
                    if let Some(named) = before.rsplit("const ").next().and_then(|c| c.strip_suffix(":&str =")) {
                        constants.push(named.to_owned());
                    }
                    found.push(Statement { place: format!("{path}:{line}"), sql });
                }
                before.clear();
            }
            Token::Code(code) => {
                let calls = code.split(".query(").skip(1).filter_map(|rest| rest.split([')', ',']).next());
                asked.extend(calls.filter(|name| !name.trim().is_empty()).map(|name| (line, name.to_owned())));
                before = code;
            }
        }
    }
    for (line, name) in asked {
        assert!(constants.contains(&name), "{path}:{line}: the SQL of query({name}) is not written out in this file");
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The statements of the whole source.
fn all() -> Vec<Statement> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        statements(&name, &std::fs::read_to_string(path).unwrap())
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn run_02_the_reader_of_sources_sees_all_kinds_of_literals() {
    let source = r###"
        // "SELECT in a comment"
        const LONG: &str = "SELECT a
            FROM b";
        fn f() { let c = '"'; tx.query(LONG).bind("x"); tx.query("UPDATE \"a\" \
            SET b = 1"); db.query(r#"DELETE FROM "c""#); }
    "###;
    let found: Vec<String> = statements("x", source).into_iter().map(|s| s.sql).collect();
    assert_eq!(found, ["SELECT a\n            FROM b", "UPDATE \"a\" SET b = 1", "DELETE FROM \"c\""]);
}

/// Words of statements that are not for this engine. What unfolds a list or asks for the schema is written once for each engine, and
/// only PostgreSQL has settings to ask for. The manifest is in backups, whose own tests run every statement on it.
fn foreign(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Sqlite => {
            &["deskbell_backup (", "FROM deskbell_backup", "jsonb_", "current_setting", "pg_", "SKIP LOCKED"]
        }
        Engine::Postgres => {
            &["deskbell_backup (", "FROM deskbell_backup", "json_each", "pragma_", "INSERT OR", "UPDATE OR"]
        }
    }
}

both! {
    async fn run_02_every_statement_is_one_that_the_engine_can_run(engine) {
        let database = Database::create(engine).await;
        let db = Db::open(&database.url, 0).await.unwrap();
        let statements = all();
        assert!(statements.len() > 100, "only {} statements were found", statements.len());
        let mut wrong = Vec::new();
        for Statement { place, sql } in statements {
            if foreign(engine).iter().any(|word| sql.contains(word)) {
                continue;
            }
            // Only SQLite takes several statements at once.
            for sql in sql.split(';') {
                let text = AssertSqlSafe(sql.to_owned()).into_sql_str();
                let prepared = match &db {
                    Db::Sqlite { rw, .. } => rw.acquire().await.unwrap().prepare(text).await.map(drop),
                    Db::Postgres(pool) => pool.acquire().await.unwrap().prepare(text).await.map(drop),
                };
                if let Err(error) = prepared {
                    wrong.push(format!("{place}: {error}\n{sql}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        db.close().await;
    }
}

/// What a desk has more of every day.
const GROWING: &[&str] = &[
    "account_contacts",
    "accounts",
    "case_events",
    "cases",
    "chat_clients",
    "chat_events",
    "chat_files",
    "chat_marks",
    "chat_spells",
    "chats",
    "chat_transcripts",
    "contacts",
    "jobs",
    "notices",
    "offers",
    "presence_spells",
    "solution_visits",
    "tries",
    "visitor_sessions",
];

/// What an admin does now and then, and whose foreign keys are looked after.
const RARE: &[&str] = &["INSERT INTO categories"];

/// The table behind a name in a statement: the name itself, or what it is an alias of.
fn table_of(sql: &str, name: &str) -> String {
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let named = words.windows(3).find(|w| ["FROM", "JOIN", "UPDATE"].contains(&w[0]) && w[2] == name);
    named.map_or(name, |w| w[1]).to_owned()
}

/// A statement that reads all of a table that grows is slower every day. SQLite says what it walks through (SCAN), and it is the engine
/// that knows fewer ways around.
#[tokio::test]
async fn run_02_no_statement_walks_through_a_table_that_grows() {
    let database = Database::create(Engine::Sqlite).await;
    let db = Db::open(&database.url, 0).await.unwrap();
    let Db::Sqlite { ro, .. } = &db else { panic!("this is SQLite") };
    // Such an index holds only what is open, waiting or unread.
    let partial: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
            .fetch_all(ro)
            .await
            .unwrap();
    let mut walks = Vec::new();
    for Statement { place, sql } in all() {
        if foreign(Engine::Sqlite).iter().any(|word| sql.contains(word))
            || RARE.iter().any(|rare| sql.starts_with(rare))
        {
            continue;
        }
        for sql in sql.split(';').filter(|sql| !sql.trim().is_empty()) {
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(ro).await.unwrap();
            let plan: Vec<String> = plan.into_iter().map(|(_, _, _, detail)| detail).collect();
            let stops_early = sql.contains("LIMIT") && !plan.iter().any(|detail| detail.starts_with("USE TEMP"));
            let walk = |detail: &&String| {
                let name = detail.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
                let by_index = detail.contains(" INDEX ");
                GROWING.contains(&table_of(sql, name).as_str())
                    && !partial.iter().any(|(index,)| detail.ends_with(index))
                    && !(by_index && stops_early)
            };
            if let Some(walk) = plan.iter().find(walk) {
                walks.push(format!("{place}: {walk}\n{sql}"));
            }
        }
    }
    assert!(walks.is_empty(), "{}", walks.join("\n\n"));
    db.close().await;
}
