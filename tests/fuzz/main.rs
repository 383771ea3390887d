//! The fuzz targets on stable Rust: each with its corpus, and with inputs mutated from it by a seeded generator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what went wrong by panicking")]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

const SEED: u64 = 20_261_201;
/// How many mutated inputs each target gets; a search takes longer than all the others.
const INPUTS: usize = 20_000;
const SEARCHES: usize = 2_000;
/// An input never grows beyond this, in bytes.
const LARGEST: usize = 4_096;

/// Pieces on which readers stumble.
const PIECES: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xc4\xb0",
    b"\xcc\x88",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[[[[[[[[",
    b",",
    b":",
    b"\n",
    b"-1",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"1e999",
    b"null",
    b"::ffff:1.2.3.4",
    b"24:00",
    b"@",
];

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 3, "{} has hardly a corpus", folder.display());
    found
}

fn mutate(rng: &mut StdRng, corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut input = corpus.choose(rng).unwrap().1.clone();
    for _ in 0..rng.random_range(1..=4) {
        let at = rng.random_range(0..=input.len());
        let to = rng.random_range(at..=input.len().min(at + 16));
        match rng.random_range(0..6) {
            0 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
            1 => drop(input.drain(at..to)),
            2 => drop(input.splice(at..to, PIECES.choose(rng).unwrap().iter().copied())),
            3 => input.insert(at, rng.random()),
            4 => {
                let again = input[at..to].repeat(rng.random_range(1..=8));
                drop(input.splice(at..at, again));
            }
            _ => {
                let other = &corpus.choose(rng).unwrap().1;
                let cut = rng.random_range(0..=other.len());
                drop(input.splice(at.., other[cut..].iter().copied()));
            }
        }
    }
    input.truncate(LARGEST);
    input
}

fn run(target: &str) {
    let (_, check) = targets::TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
    let attempt = |what: &str, input: &[u8]| {
        if std::panic::catch_unwind(|| check(input)).is_err() {
            panic!("{target} failed with {what}: {:?}", String::from_utf8_lossy(input));
        }
    };
    let corpus = corpus(target);
    for (path, input) in &corpus {
        attempt(path, input);
    }
    let mut rng = StdRng::seed_from_u64(SEED);
    for n in 0..if target == "suggest" { SEARCHES } else { INPUTS } {
        attempt(&format!("input {n} of seed {SEED}"), &mutate(&mut rng, &corpus));
    }
}

macro_rules! tests {
    ($($name:ident $target:literal)*) => {
        $(#[test] fn $name() { run($target); })*

        #[test]
        fn every_target_runs_here() {
            assert_eq!(targets::TARGETS.map(|(name, _)| name).as_slice(), [$($target),*]);
        }
    };
}

tests! {
    live_08_any_claim_is_read_or_refused "claim"
    run_04_any_file_of_solutions_is_read_or_refused "exchange"
    live_08_any_forwarded_address_is_read_or_ignored "forwarded"
    live_08_any_frame_is_read_or_refused "frame"
    live_08_any_hello_is_read_or_refused "hello"
    live_08_any_hours_are_read_or_refused "hours"
    live_08_any_numbers_are_kept_in_range "numbers"
    live_08_no_cookie_of_a_foreign_page_counts "page_token"
    live_08_any_signal_is_read_or_refused "signal"
    live_08_any_text_is_searched "suggest"
    live_08_any_text_is_cleaned_or_refused "text"
}
