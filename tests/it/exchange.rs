//! Solutions to files and from files, by the command: alone and beside a running server.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use deskbell::{
    identity::{
        directory,
        staff::{self, Staff},
    },
    knowledge::{
        editing, pictures,
        solution::{Audience, Content},
        suggest::Knowledge,
    },
    store::Db,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    backup::{NAUGHTY, config},
    both,
    commands::{program, said},
    knowledge::{comes_first, suggested},
    support::{Customer, Engine, Server, actors::*, engine::Database, eventually},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n of the menu";
const GIF: &[u8] = b"GIF89a of the menu";

/// Runs `deskbell solutions`; success, and all that it said.
async fn solutions(database: &Database, arguments: &[&str]) -> (bool, String) {
    said(program().args(["solutions", "--config", &config(database)]).args(arguments), "").await
}

/// The same, which must succeed; what it said.
async fn done(database: &Database, arguments: &[&str]) -> String {
    let (fine, text) = solutions(database, arguments).await;
    assert!(fine, "{arguments:?}: {text}");
    text
}

/// The line that counts what became of the solutions.
fn tally(text: &str) -> &str {
    text.lines().find(|line| line.ends_with(" skipped.")).unwrap_or_default()
}

/// An empty desk with categories, a supervisor and a specialist.
async fn desk(engine: Engine, categories: &[String]) -> Database {
    let database = Database::create(engine).await;
    let admin = async |arguments: &[&str], input: &str| {
        let (fine, text) = said(program().args(["admin", "--config", &config(&database)]).args(arguments), input).await;
        assert!(fine, "{text}");
    };
    admin(&["team", "all", "All"], "").await;
    for key in categories {
        admin(&["category", key, key, "--team", "all"], "").await;
    }
    for (name, email, role) in [("Ada Lane", ADA, "supervisor"), ("Bo Reyes", BO, "agent")] {
        admin(&["staff", name, email, "--role", role, "--team", "all"], "a long password\n").await;
    }
    database
}

const ADA: &str = "ada@desk.example";
const BO: &str = "bo@desk.example";

/// A desk with the categories `claims` and `bills`.
async fn small_desk(engine: Engine) -> Database {
    desk(engine, &["claims".into(), "bills".into()]).await
}

/// The files under a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The same by their names under it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(folder).into_iter().map(|(path, data)| (path.strip_prefix(folder).unwrap().into(), data)).collect()
}

/// A new folder with files.
fn folder_of(database: &Database, name: &str, files: &[(&str, &str)]) -> String {
    let folder = database.folder.path().join(name);
    for (name, text) in files {
        write(&folder.join(name), text.as_bytes());
    }
    folder.display().to_string()
}

fn write(path: &Path, data: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, data).unwrap();
}

/// A solution as the tables have it.
type Row = (Uuid, String, String, String, String, bool, i64, Json<Vec<Uuid>>);

async fn rows(database: &Database) -> Vec<Row> {
    let db = Db::open(&database.url, 0).await.unwrap();
    let rows = db
        .query("SELECT id, title, body, category_key, audience, published, version, related FROM solutions ORDER BY title, id")
        .fetch_all()
        .await
        .unwrap();
    db.close().await;
    rows
}

async fn kept_pictures(database: &Database) -> Vec<(Uuid, Uuid, Vec<u8>)> {
    let db = Db::open(&database.url, 0).await.unwrap();
    let rows = db.query("SELECT id, solution_id, data FROM solution_pictures ORDER BY id").fetch_all().await.unwrap();
    db.close().await;
    rows
}

async fn publish(server: &Server, staff: &Staff, content: Content) -> Uuid {
    let id = editing::create(&server.app, staff, &content).await.unwrap();
    editing::publish(&server.app, staff, id, 1).await.unwrap();
    id
}

/// Puts all kinds of solutions on the demo's desk.
async fn fill(server: &Server) {
    let app = &server.app;
    let rosalind = staff::find_by_email(&app.db, ROSALIND.0).await.unwrap().unwrap();
    let content = |title: &str, body: &str| Content {
        title: title.into(),
        body: body.into(),
        category: "claims".into(),
        ..Content::default()
    };
    let first = publish(server, &rosalind, content(NAUGHTY, &format!("---\ntitle: no\n---\n\n{NAUGHTY}"))).await;
    let second = Content {
        audience: Audience::Staff,
        product_version: "2.10".into(),
        related: Json(vec![first]),
        ..content("=1+1 \"quoted\"", "- one\r\n- two\n\n    code\n# heading")
    };
    let second = publish(server, &rosalind, second).await;
    editing::set_published(app, &rosalind, second, false).await.unwrap();
    // Two with one title, and a draft that shows a picture twice.
    publish(server, &rosalind, content(NAUGHTY, "Another one.")).await;
    let id = editing::create(app, &rosalind, &content("With a picture", "x")).await.unwrap();
    let picture = pictures::add(app, id, "menu.png", PNG.into()).await.unwrap().id;
    let body = format!("![a](/help/pictures/{picture} \"b\") and ![c][d]\n\n[d]: </help/pictures/{picture}>");
    editing::save(app, &rosalind, id, &content("With a picture", &body), 1).await.unwrap();
    editing::publish(app, &rosalind, id, 2).await.unwrap();
    let other = content("Shows another one's picture", &format!("![a](/help/pictures/{picture})"));
    publish(server, &rosalind, other).await;
    editing::create(app, &rosalind, &content("A draft", "Not yet.")).await.unwrap();
    // What is being written of a published one stays where it is.
    editing::save(app, &rosalind, first, &content("Being written", "x"), 0).await.unwrap();
}

both! {
    async fn run_04_solutions_go_to_files_and_come_back_the_same(engine) {
        let mut server = Server::start(engine).await;
        fill(&server).await;
        let categories: Vec<String> =
            directory::categories(&server.app.db).await.unwrap().into_iter().map(|category| category.key).collect();
        server.stop().await;
        let from = &server.database;
        let place = |name: &str| from.folder.path().join(name).display().to_string();
        let (markdown, table) = (place("markdown"), place("table/kb.csv"));
        fs::create_dir(from.folder.path().join("table")).unwrap();
        let text = done(from, &["export", &markdown]).await;
        assert!(text.contains("its draft was not") && text.contains(" solutions, 1 pictures."), "{text}");
        done(from, &["export", &table]).await;
        let was: Vec<Row> = rows(from).await;
        assert!(tree(Path::new(&markdown)).len() == was.len() + 1, "a file each and a picture");

        for (source, again) in [(&markdown, "again"), (&table, "again/kb.csv")] {
            let to = desk(engine, &categories).await;
            let text = done(&to, &["import", source, "--publish", "--as", ADA]).await;
            assert_eq!(tally(&text), format!("{} new, 0 changed, 0 unchanged, 0 skipped.", was.len()));
            assert_eq!(rows(&to).await, was);
            assert_eq!(kept_pictures(&to).await, kept_pictures(from).await);
            // Once more, and nothing changes.
            let text = done(&to, &["import", source, "--publish"]).await;
            assert_eq!(tally(&text), format!("0 new, 0 changed, {} unchanged, 0 skipped.", was.len()));
            assert_eq!(kept_pictures(&to).await.len(), 1);
            // Byte for byte.
            let folder = to.folder.path().join("again");
            if source == &table {
                fs::create_dir(&folder).unwrap();
            }
            let text = done(&to, &["export", to.folder.path().join(again).to_str().unwrap()]).await;
            assert!(!text.contains("its draft"), "{text}");
            let source = Path::new(source);
            assert_eq!(tree(&folder), tree(if source.is_dir() { source } else { source.parent().unwrap() }));
            // Nothing is written over.
            let (fine, text) = solutions(&to, &["export", to.folder.path().join(again).to_str().unwrap()]).await;
            assert!(!fine && text.contains("Please name a new one"), "{text}");
        }
    }

    async fn run_04_an_import_changes_only_what_is_other(engine) {
        let database = small_desk(engine).await;
        let file = |title: &str, more: &str, body: &str| format!("---\ntitle: {title}\ncategory: claims\n{more}---\n{body}\n");
        let source = folder_of(&database, "kb", &[
            ("a.md", &file("One", "author: Cy\nrelated: [Two]\n", "First.")),
            ("b.md", &file("Two", "", "Second.")),
        ]);
        let import = async |arguments: &[&str]| done(&database, &[&["import", source.as_str()], arguments].concat()).await;
        let (fine, text) = solutions(&database, &["import", &source]).await;
        assert!(!fine && text.contains("name one with --as EMAIL"), "{text}");
        let (fine, text) = solutions(&database, &["import", &source, "--as", "nobody@desk.example"]).await;
        assert!(!fine && text.contains("nobody of the desk can sign in as nobody@desk.example"), "{text}");
        let (fine, text) = solutions(&database, &["import", &source, "--publish", "--as", BO]).await;
        assert!(!fine && text.contains("Only a supervisor can publish"), "{text}");

        let text = import(&["--publish", "--dry-run"]).await;
        assert_eq!(tally(&text), "This would be: 2 new, 0 changed, 0 unchanged, 0 skipped.");
        assert!(rows(&database).await.is_empty(), "nothing was written");
        assert_eq!(tally(&import(&["--publish"]).await), "2 new, 0 changed, 0 unchanged, 0 skipped.");
        assert_eq!(tally(&import(&["--publish"]).await), "0 new, 0 changed, 2 unchanged, 0 skipped.");
        let is = rows(&database).await;
        assert_eq!(is[0].7.0, [is[1].0], "a related one is named by its title");

        // As drafts, for a review: what readers see stays, and nobody's draft is written over.
        write(&Path::new(&source).join("b.md"), file("two", "", "Second, mended.").as_bytes());
        let text = import(&["--as", BO]).await;
        assert_eq!(tally(&text), "0 new, 1 changed, 1 unchanged, 0 skipped.");
        assert!(text.contains("b.md: a draft of “two”"), "{text}");
        assert_eq!(tally(&import(&["--as", BO]).await), "0 new, 0 changed, 2 unchanged, 0 skipped.");
        write(&Path::new(&source).join("b.md"), file("two", "", "Second, mended again.").as_bytes());
        let text = import(&["--as", ADA]).await;
        assert!(text.contains("b.md: skipped, “two”: Bo Reyes is writing a draft of it"), "{text}");
        assert_eq!(tally(&text), "0 new, 0 changed, 1 unchanged, 1 skipped.");
        assert_eq!(tally(&import(&["--as", BO]).await), "0 new, 1 changed, 1 unchanged, 0 skipped.");
        assert_eq!(rows(&database).await, is);

        // Published: the next version, and the draft that says the same is done.
        let text = import(&["--publish", "--as", ADA]).await;
        assert!(text.contains("b.md: version 2 of “two”"), "{text}");
        let db = Db::open(&database.url, 0).await.unwrap();
        let versions: Vec<(String, i64, String, String)> = db
            .query("SELECT title, version, author, publisher FROM solution_versions ORDER BY title, version")
            .fetch_all()
            .await
            .unwrap();
        let version = |title: &str, number, author: &str, publisher: &str| (title.into(), number, author.into(), publisher.into());
        let mut expected = [version("One", 1, "Cy", "import"), version("Two", 1, "", "import"), version("two", 2, "", "Ada Lane")];
        expected.sort();
        let mut versions = versions;
        versions.sort();
        assert_eq!(versions, expected);
        let drafts: (i64,) = db.query("SELECT COUNT(*) FROM solution_drafts").fetch_one().await.unwrap();
        assert_eq!(drafts.0, 0);
        db.close().await;

        // Retired, and shown again.
        write(&Path::new(&source).join("b.md"), file("two", "state: retired\n", "Second, mended again.").as_bytes());
        let text = import(&[]).await;
        assert!(text.contains("which only --publish changes") && tally(&text).ends_with("1 skipped."), "{text}");
        assert!(import(&["--publish"]).await.contains("“two” is retired"));
        assert_eq!(tally(&import(&["--publish"]).await), "0 new, 0 changed, 2 unchanged, 0 skipped.");
        write(&Path::new(&source).join("b.md"), file("two", "state: published\n", "Second, mended again.").as_bytes());
        assert!(import(&["--publish"]).await.contains("readers see “two” again"));
        assert_eq!(rows(&database).await.iter().map(|row| (row.5, row.6)).collect::<Vec<_>>(), [(true, 1), (true, 2)]);
    }

    async fn run_04_all_that_is_wrong_is_told_and_nothing_is_written(engine) {
        let database = small_desk(engine).await;
        let long = format!("---\ntitle: {}\ncategory: claims\n---\nx\n", "x".repeat(300));
        let source = folder_of(&database, "kb", &[
            ("category.md", "---\ntitle: A\ncategory: clams\n---\nx\n"),
            ("empty.md", "---\ntitle: B\ncategory: claims\n---\n"),
            ("fine.md", "---\ntitle: C\ncategory: claims\n---\nx\n"),
            ("language.md", "---\ntitle: D\n\nlanguage: xx\n---\nx\n"),
            ("long.md", &long),
            ("none.md", "# E\n\nx\n"),
            ("related.md", "---\ntitle: F\ncategory: claims\nrelated: [B, G]\n---\nx\n"),
            ("same.md", "---\ntitle: \" c \"\ncategory: claims\n---\ny\n"),
        ]);
        write(&Path::new(&source).join("latin.md"), b"# Caf\xe9\n");
        let (fine, text) = solutions(&database, &["import", &source, "--publish"]).await;
        assert!(!fine, "{text}");
        for words in [
            "8 things are wrong",
            "category.md, line 3: There is no category `clams`. The desk has these: claims, bills.",
            "empty.md, line 1: There is no text.",
            "language.md, line 4: `language` is \"xx\"; it must be en, es, de or fr.",
            "latin.md, line 1: This is not UTF-8.",
            "long.md, line 1: Please shorten: the title has 300 characters, 200 are allowed.",
            "none.md, line 1: Readers find a solution by its `category`",
            "related.md, line 4: There is no solution \"G\"",
            "same.md, line 2: The same title is in fine.md, line 1.",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        let table = database.folder.path().join("kb.csv");
        fs::write(&table, "title,body,category\nA,x,claims\nB,x\nC,x,clams\n").unwrap();
        let (fine, text) = solutions(&database, &["import", table.to_str().unwrap(), "--publish"]).await;
        assert!(!fine && text.contains("line 3: This row has 2 cells") && text.contains("line 4: There is no category"), "{text}");
        assert!(rows(&database).await.is_empty());
        let (fine, text) = solutions(&database, &["import", "/nowhere"]).await;
        assert!(!fine && text.contains("/nowhere"), "{text}");
    }

    async fn run_04_files_from_elsewhere_are_taken_in(engine) {
        let database = small_desk(engine).await;
        let source = folder_of(&database, "kb", &[
            ("claims/reset.md", "\u{feff}# Reset *the* printer\r\n\r\nHold both.\r\n\r\n![a](../img/menu%20a.png) ![b](<../img/copy.png>)\r\n"),
            ("bills/find-an-invoice.md", "It is under Billing. ![a](missing.png) ![x](/etc/passwd) ![y](../../secret.png)\n"),
            ("bills/deeper/tagged.markdown", "---\ntitle: Tagged\ntags: [a]\nlayout: x\ncategory: bills\n---\nText ![a](../../img/text.png)\n"),
            ("notes.txt", "No solution."),
            (".hidden/no.md", "# No"),
        ]);
        let root = Path::new(&source);
        for (name, data) in [("img/menu a.png", PNG), ("img/copy.png", PNG), ("img/text.png", b"text"), ("../secret.png", GIF)] {
            write(&root.join(name), data);
        }
        write(&database.folder.path().join("outside/out.md"), b"# Outside");
        #[cfg(unix)]
        std::os::unix::fs::symlink(database.folder.path().join("outside"), root.join("claims/link")).unwrap();
        let text = done(&database, &["import", &source, "--publish"]).await;
        for words in [
            "claims/link is a symbolic link, which is not followed",
            "bills/find-an-invoice.md: the picture \"missing.png\" is not there; it stays as text",
            "\"../../secret.png\" lies outside of the folder",
            "\"../../img/text.png\" is no PNG",
            "bills/deeper/tagged.markdown, line 3: `tags` is not known here and was passed over",
            "`layout`",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains("passwd"), "{text}");
        assert_eq!(tally(&text), "3 new, 0 changed, 0 unchanged, 0 skipped.");
        let is = rows(&database).await;
        let pictures = kept_pictures(&database).await;
        assert_eq!(pictures.len(), 1, "the same picture is kept once");
        let (id, of, data) = &pictures[0];
        assert_eq!((of, data.as_slice()), (&is[1].0, PNG));
        let told: Vec<_> = is.iter().map(|row| (row.1.as_str(), row.3.as_str())).collect();
        assert_eq!(told, [("Find an invoice", "bills"), ("Reset the printer", "claims"), ("Tagged", "bills")]);
        assert_eq!(is[1].2, format!("Hold both.\n\n![a](/help/pictures/{id}) ![b](</help/pictures/{id}>)"));
        let text = done(&database, &["import", &source, "--publish"]).await;
        assert_eq!(tally(&text), "0 new, 0 changed, 3 unchanged, 0 skipped.");
        assert_eq!(kept_pictures(&database).await.len(), 1);
    }

    async fn run_04_an_import_beside_a_running_server_is_suggested(engine) {
        let server = Server::start(engine).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let asked = "the quokka printer";
        assert!(!suggested(&mut zoe, asked).await.iter().any(|title| title.contains("quokka")));
        let source = folder_of(&server.database, "kb", &[("q.md", "---\ncategory: claims\n---\n# Reset the quokka printer\nHold both.\n")]);
        done(&server.database, &["import", &source, "--publish"]).await;
        comes_first(&mut zoe, asked, "Reset the quokka printer").await;

        // As many as are read anew instead of one by one: nothing of the old ones is left behind.
        let table = server.database.folder.path().join("many.csv");
        for word in ["wombat", "numbat"] {
            let row = |n: u32| format!("Screw {n} of the machine,Turn the {word} key of part {n}.,claims\n");
            fs::write(&table, format!("title,body,category\n{}", (0..600).map(row).collect::<String>())).unwrap();
            let text = done(&server.database, &["import", table.to_str().unwrap(), "--publish"]).await;
            assert!(tally(&text).contains("600 "), "{text}");
            eventually("all are known", async || {
                let found = Knowledge::search(&server.app, word, Audience::Everyone, 10).await;
                (found.len() == 10).then_some(())
            })
            .await;
        }
        assert_eq!(server.app.knowledge.shelf().engine.waste(), 0);
    }
}
