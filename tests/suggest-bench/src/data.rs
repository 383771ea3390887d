//! The files of a set, one JSON object a line, as `deskbell suggest-eval` reads them.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};

use crate::Result;

/// Most cases of a solution that count: as many as for the product.
const MOST_CASES: usize = 50;

/// A solution as it is searched.
#[derive(Debug, Deserialize)]
pub struct Solution {
    pub id: String,
    tenant: String,
    pub title: String,
    pub body: String,
    #[serde(default)]
    pub category: String,
    /// What customers asked in the cases that it closed, a line each.
    #[serde(skip)]
    pub cases: String,
}

/// A question whose answers are known.
#[derive(Debug, Deserialize)]
pub struct Question {
    pub id: String,
    pub tenant: String,
    /// Any of them is right.
    pub relevant: Vec<String>,
    /// The question by variant, as far as there are such.
    #[serde(flatten)]
    texts: BTreeMap<String, serde_json::Value>,
}

impl Question {
    /// The text of a variant.
    pub fn text(&self, variant: &str) -> Option<&str> {
        self.texts.get(variant)?.as_str()
    }
}

#[derive(Deserialize)]
struct Closed {
    tenant: String,
    text: String,
    solutions: Vec<String>,
}

/// A set of data.
#[derive(Debug)]
pub struct Set {
    pub name: String,
    pub folder: PathBuf,
    /// The solutions by tenant: each has a search of its own.
    pub desks: BTreeMap<String, Vec<Solution>>,
    pub questions: Vec<Question>,
    /// What stands in the field after keystrokes.
    pub keystrokes: Vec<String>,
    /// Whether closed cases count.
    pub has_history: bool,
}

impl Set {
    /// Reads a folder; of more keystrokes than `most`, as many at even distances.
    pub fn read(folder: &Path, with_history: bool, most: usize) -> Result<Self> {
        let history = folder.join("history.jsonl");
        let has_history = with_history && history.exists();
        let mut cases: HashMap<(String, String), Vec<String>> = HashMap::new();
        for closed in if has_history { lines::<Closed>(&history)? } else { Vec::new() } {
            for solution in closed.solutions {
                let text = closed.text.split_whitespace().collect::<Vec<_>>().join(" ");
                cases.entry((closed.tenant.clone(), solution)).or_default().push(text);
            }
        }
        let mut desks: BTreeMap<String, Vec<Solution>> = BTreeMap::new();
        for mut solution in lines::<Solution>(&folder.join("kb.jsonl"))? {
            let mut own = cases.remove(&(solution.tenant.clone(), solution.id.clone())).unwrap_or_default();
            own.truncate(MOST_CASES);
            solution.cases = own.join("\n");
            desks.entry(solution.tenant.clone()).or_default().push(solution);
        }
        let typed = folder.join("keystrokes.txt");
        let typed = if typed.exists() { fs::read_to_string(typed)? } else { String::new() };
        let typed: Vec<&str> = typed.lines().filter(|line| !line.is_empty()).collect();
        let kept = most.min(typed.len());
        Ok(Self {
            name: folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
            folder: folder.to_owned(),
            desks,
            questions: lines(&folder.join("queries.jsonl"))?,
            keystrokes: (0..kept).map(|at| typed[at * typed.len() / kept].to_owned()).collect(),
            has_history,
        })
    }
}

/// The objects of a file, one a line.
pub fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = numbered.map(|(number, line)| {
        serde_json::from_str(line).map_err(|e| format!("{}, line {number}: {e}", path.display()).into())
    });
    read.collect()
}
