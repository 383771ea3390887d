//! The walls of the house: rules that a reader can rely on.

use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Each source file with its path from the root of the project.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    files(&root.join("tests/it"), &mut found);
    let read = |path: &PathBuf| {
        (path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    found.iter().map(read).collect()
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{path} does not open with a //! line");
    }
}

#[test]
fn files_are_small() {
    let mut lengths: Vec<usize> = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/")) {
        let lines = text.lines().count();
        // The protocol is one table of frames, read as a whole.
        assert!(
            lines <= 400 || text.contains("//! Long because"),
            "{path} has {lines} lines; split it, or say at its head why not: `//! Long because …`"
        );
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 150, "the median file has {median} lines");
}

#[test]
fn sql_stays_in_its_files() {
    let statement = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/")) {
        if path.contains("queries") || path.starts_with("src/store/") {
            continue;
        }
        for line in text.lines() {
            assert!(!statement.iter().any(|s| line.contains(&format!("\"{s}"))), "{path} holds SQL: {line}");
        }
    }
}

#[test]
fn no_room_knows_the_web() {
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("src/")) {
        let may = ["src/web/", "src/commands/", "src/demo/", "src/lib.rs"].iter().any(|room| path.starts_with(room));
        assert!(may || !text.contains("crate::web") && !text.contains("    web::"), "{path} imports the web");
    }
}
