//! The product: its own command, run as a process on the same files and the same keystrokes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    Result, data,
    data::Set,
    measure::{Measured, Took},
    score,
};

/// The tiers that are measured.
pub const TIERS: [&str; 2] = ["lexical", "full"];

/// Measures a tier.
pub fn run(program: &Path, tier: &str, set: &Set, vectors: Option<&Path>) -> Result<Measured> {
    let folder = Folder::new()?;
    let answers = folder.0.join("run.jsonl");
    let mut command = Command::new(program);
    command.args(["suggest-eval", "--tier", tier]).arg("--run").arg(&answers);
    command.arg("--kb").arg(set.folder.join("kb.jsonl")).arg("--queries").arg(set.folder.join("queries.jsonl"));
    if set.has_history {
        command.arg("--history").arg(set.folder.join("history.jsonl"));
    }
    if !set.keystrokes.is_empty() {
        let keystrokes = folder.0.join("keystrokes.txt");
        fs::write(&keystrokes, set.keystrokes.join("\n"))?;
        command.arg("--keystrokes").arg(keystrokes);
    }
    if let Some(vectors) = vectors {
        command.arg("--vectors").arg(vectors);
    }
    let out = command.stdout(Stdio::null()).output().map_err(|e| format!("{}: {e}", program.display()))?;
    let figures = String::from_utf8_lossy(&out.stderr);
    if !out.status.success() {
        return Err(format!("{} suggest-eval: {}\n{figures}", program.display(), out.status).into());
    }
    Ok(Measured {
        name: format!("Deskbell, {tier}"),
        recall: score::recall(set, &data::lines(&answers)?),
        took: took(&figures),
    })
}

/// The figures of the largest desk: "2000 keystrokes on 13069 solutions: p50 35 µs, p99 390 µs, …".
fn took(figures: &str) -> Option<Took> {
    let after = |line: &str, name: &str| -> Option<f64> {
        line.split_once(name)?.1.split_whitespace().next()?.trim_end_matches(',').parse().ok()
    };
    let desks = figures.lines().filter_map(|line| {
        let took = Took { p50: after(line, " p50 ")?, p99: after(line, " p99 ")? };
        Some((after(line, " keystrokes on ")?, took))
    });
    desks.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, took)| took)
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("suggest-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
