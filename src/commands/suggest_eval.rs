//! `deskbell suggest-eval`: how well and how quickly the product's own engine suggests, on questions whose answers are known.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::knowledge::{
    Tier,
    cases::MOST_CASES,
    engine::{Engine, Entry, Query, Scratch, Wish},
    language::Language,
    lexical::index::{Document, Hit},
    meaning::{
        Model, OF_A_CASE,
        vector::{self, Vector},
    },
    solution::Audience,
};

use super::Outcome;

/// How many solutions a run lists for each question.
const LISTED: usize = 10;
/// Keystrokes before the clock counts.
const WARM_UP: usize = 500;

/// Measure suggestions on files of questions with known answers. The run goes to the standard output, the figures beside it.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// Solutions, one JSON object a line: id, tenant, title, body, category, language (en).
    #[arg(long)]
    kb: PathBuf,
    /// Questions: id, tenant, and text, p30, p60, typo as far as there are such.
    #[arg(long)]
    queries: PathBuf,
    /// Closed cases: tenant, text, and solutions, the ids of those that closed it.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Texts as they stand after keystrokes, one a line: how long each takes.
    #[arg(long)]
    keystrokes: Option<PathBuf>,
    /// How much is asked of a text.
    #[arg(long, value_enum, default_value_t = Tier::Full)]
    tier: Tier,
    /// Writes the run to this file.
    #[arg(long)]
    run: Option<PathBuf>,
    /// Keeps what the solutions mean in this file: the next run need not work it out again.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Each solution stands so many times in its desk, its cases with it: how a larger desk answers.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    copies: u16,
}

#[derive(Debug, Deserialize)]
struct Solution {
    id: String,
    tenant: String,
    title: String,
    body: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    language: Language,
}

#[derive(Debug, Deserialize)]
struct Question {
    id: String,
    tenant: String,
    #[serde(flatten)]
    texts: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Closed {
    tenant: String,
    text: String,
    solutions: Vec<String>,
}

/// The variants of a question, as `score.py` names them.
const VARIANTS: [&str; 4] = ["p30", "p60", "text", "typo"];

/// Runs it.
pub fn run(arguments: &EvalArguments) -> Outcome {
    let model = match arguments.tier {
        Tier::Lexical => None,
        _ => Some(Model::get().ok_or("the language model in this program is damaged; build it again")?),
    };
    let desks = desks(arguments, model)?;
    let mut scratch = Scratch::default();
    let mut out: Box<dyn Write> = match &arguments.run {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|e| told(path, &e))?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    for question in lines::<Question>(&arguments.queries)? {
        let desk = desks.get(&question.tenant).ok_or_else(|| {
            format!("question {} is for the tenant {:?}, of which there are no solutions", question.id, question.tenant)
        })?;
        for variant in VARIANTS {
            let Some(text) = question.texts.get(variant).and_then(|text| text.as_str()) else { continue };
            let hits = desk.ask(text, arguments.tier, model, &mut scratch);
            let ranked: Vec<&str> = hits.iter().map(|hit| desk.ids[hit.id as usize].as_str()).collect();
            let scores: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
            let line = json!({"id": question.id, "variant": variant, "ranked": ranked, "scores": scores});
            writeln!(out, "{line}").map_err(|e| e.to_string())?;
        }
    }
    out.flush().map_err(|e| e.to_string())?;
    if let Some(path) = &arguments.keystrokes {
        let typed = fs::read_to_string(path).map_err(|e| told(path, &e))?;
        let typed: Vec<&str> = typed.lines().filter(|line| !line.is_empty()).collect();
        for desk in desks.values() {
            eprintln!("{}", desk.time(&typed, arguments.tier, model, &mut scratch));
        }
    }
    Ok(())
}

/// The solutions of one tenant.
struct Desk {
    ids: Vec<String>,
    engine: Engine<u32>,
}

impl Desk {
    fn ask(&self, text: &str, tier: Tier, model: Option<&Model>, scratch: &mut Scratch) -> Vec<Hit<u32>> {
        let query = match model.and_then(|model| Some((model, tier, self.engine.wording(text, model)?))) {
            Some((model, Tier::Full, meant)) => Query::Meaning(model.typed(&meant)),
            Some((model, Tier::Static, meant)) => Query::Average(self.engine.average(&meant, model)),
            _ => Query::Words,
        };
        self.engine.rank(text, &query, model, &Wish::typed(Audience::Everyone, LISTED), scratch)
    }

    /// How long suggestions take, in words.
    fn time(&self, typed: &[&str], tier: Tier, model: Option<&Model>, scratch: &mut Scratch) -> String {
        for text in typed.iter().take(WARM_UP) {
            self.ask(text, tier, model, scratch);
        }
        let cpu = micros(ClockId::ThreadCPUTime);
        let mut took: Vec<f64> = typed
            .iter()
            .map(|text| {
                let begun = micros(ClockId::Monotonic);
                self.ask(text, tier, model, scratch);
                micros(ClockId::Monotonic) - begun
            })
            .collect();
        let cpu = (micros(ClockId::ThreadCPUTime) - cpu) / typed.len().max(1) as f64;
        took.sort_by(f64::total_cmp);
        let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
        format!(
            "{} keystrokes on {} solutions: p50 {:.0} µs, p99 {:.0} µs, CPU {cpu:.0} µs a request, memory {} MB",
            typed.len(),
            self.ids.len(),
            at(0.5),
            at(0.99),
            memory_mb()
        )
    }
}

/// Builds the engine of each tenant.
fn desks(arguments: &EvalArguments, model: Option<&Model>) -> Result<BTreeMap<String, Desk>, String> {
    let mut kept = Kept::read(arguments.vectors.as_deref());
    let mut tenants: BTreeMap<String, Vec<Solution>> = BTreeMap::new();
    for solution in lines::<Solution>(&arguments.kb)? {
        tenants.entry(solution.tenant.clone()).or_default().push(solution);
    }
    let mut closed: HashMap<(String, String), Vec<String>> = HashMap::new();
    for case in arguments.history.as_deref().map(lines::<Closed>).transpose()?.unwrap_or_default() {
        for solution in case.solutions {
            let text = case.text.split_whitespace().collect::<Vec<_>>().join(" ");
            closed.entry((case.tenant.clone(), solution)).or_default().push(text);
        }
    }
    let mut desks = BTreeMap::new();
    for (tenant, solutions) in tenants {
        let cases: Vec<Vec<String>> = solutions
            .iter()
            .map(|s| closed.remove(&(tenant.clone(), s.id.clone())).unwrap_or_default())
            .map(|mut cases| {
                cases.truncate(MOST_CASES);
                cases
            })
            .collect();
        let (mut meanings, mut heard) = (vec![None; solutions.len()], vec![Vec::new(); solutions.len()]);
        if let (Some(model), Tier::Full) = (model, arguments.tier) {
            let texts = solutions.iter().map(|s| (s.title.as_str(), s.body.as_str()));
            meanings = kept
                .work_out(texts, 1, |(title, body)| vec![model.solution(title, body)])
                .into_iter()
                .map(|m| m.into_iter().next())
                .collect();
            heard = cases
                .iter()
                .map(|cases| {
                    let made =
                        kept.work_out(cases.iter().map(|case| ("a case", case.as_str())), OF_A_CASE, |(_, text)| {
                            model.case(text).into()
                        });
                    made.into_iter().filter_map(|parts| <[Vector; OF_A_CASE]>::try_from(parts).ok()).collect()
                })
                .collect();
        }
        let texts: Vec<String> = cases.iter().map(|cases| cases.join("\n")).collect();
        let places = (0..arguments.copies).flat_map(|copy| (0..solutions.len()).map(move |at| (copy, at)));
        let (mut ids, mut entries) = (Vec::new(), Vec::new());
        for (id, (copy, at)) in (0..).zip(places) {
            let Solution { title, body, category, language, .. } = &solutions[at];
            ids.push(if copy == 0 { solutions[at].id.clone() } else { format!("{}~{copy}", solutions[at].id) });
            let document = Document { id, title, body, category, cases: &texts[at], language: *language };
            entries.push(Entry {
                document,
                meaning: meanings[at].as_ref(),
                cases: &heard[at],
                help: 0.0,
                audience: Audience::Everyone,
            });
        }
        let engine = Engine::build(model, &entries);
        desks.insert(tenant, Desk { engine, ids });
    }
    kept.write(arguments.vectors.as_deref())?;
    Ok(desks)
}

/// What texts mean, by a hash of the texts, kept from one run to the next: for each the hash, how many bytes, and these.
#[derive(Default)]
struct Kept(HashMap<u64, Vec<u8>>);

impl Kept {
    fn read(path: Option<&Path>) -> Self {
        let bytes = path.and_then(|path| fs::read(path).ok()).unwrap_or_default();
        let (mut kept, mut rest) = (HashMap::new(), bytes.as_slice());
        while let Some((key, after)) = rest.split_first_chunk()
            && let Some((count, after)) = after.split_first_chunk()
            && let Some((vectors, after)) = after.split_at_checked(u32::from_le_bytes(*count) as usize)
        {
            kept.insert(u64::from_le_bytes(*key), vectors.to_vec());
            rest = after;
        }
        Self(kept)
    }

    fn write(&self, path: Option<&Path>) -> Result<(), String> {
        let Some(path) = path else { return Ok(()) };
        let mut bytes = Vec::new();
        for (key, vectors) in &self.0 {
            bytes.extend(key.to_le_bytes());
            bytes.extend((vectors.len() as u32).to_le_bytes());
            bytes.extend(vectors);
        }
        fs::write(path, bytes).map_err(|e| told(path, &e))
    }

    /// Works out what is not known yet, on all processors; `count` vectors for each text.
    fn work_out<'a>(
        &mut self,
        texts: impl Iterator<Item = (&'a str, &'a str)>,
        count: usize,
        make: impl Fn((&str, &str)) -> Vec<Vector> + Sync,
    ) -> Vec<Vec<Vector>> {
        let texts: Vec<(&str, &str)> = texts.collect();
        let key = |text: &(&str, &str)| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        let unknown: Vec<(&str, &str)> =
            texts.iter().copied().filter(|text| !self.0.contains_key(&key(text))).collect();
        let share = unknown.len().div_ceil(std::thread::available_parallelism().map_or(1, usize::from)).max(1);
        let made: Vec<Vec<Vector>> = std::thread::scope(|scope| {
            let make = &make;
            let workers: Vec<_> = unknown
                .chunks(share)
                .map(|some| scope.spawn(move || some.iter().map(|text| make(*text)).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        });
        for (text, vectors) in unknown.iter().zip(made) {
            self.0.insert(key(text), vector::to_bytes(&vectors));
        }
        let of = |text| {
            let kept = self.0.get(&key(text)).and_then(|bytes| vector::from_bytes(bytes, count));
            kept.unwrap_or_default()
        };
        texts.iter().map(of).collect()
    }
}

/// The objects of a file, one a line.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let text = fs::read_to_string(path).map_err(|e| told(path, &e))?;
    let numbered = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    numbered
        .map(|(line, number)| serde_json::from_str(line).map_err(|e| format!("{}, line {number}: {e}", path.display())))
        .collect()
}

fn told(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// A clock, in microseconds.
fn micros(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

/// What this process holds.
fn memory_mb() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()).unwrap_or_default();
    pages * rustix::param::page_size() as u64 / 1_000_000
}
