//! What the system knows of a process and those it started, from /proc.

use std::{collections::HashMap, fs, process::Command};

const TICKS_A_SECOND: f64 = 100.0;

/// The process and all its children.
fn family(root: u32) -> Vec<u32> {
    let mut parents: HashMap<u32, u32> = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        if let Some(parent) = field(pid, 1).map(|p| p as u32) {
            parents.insert(pid, parent);
        }
    }
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(parents.iter().filter(|(_, p)| **p == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}

/// A number of /proc/PID/stat, counted from the state, which is 0.
fn field(pid: u32, index: usize) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_whitespace().nth(index)?.parse().ok()
}

/// Seconds of CPU time that the process and its children used.
pub fn cpu(root: u32) -> f64 {
    let of = |pid: u32| field(pid, 11).unwrap_or(0.0) + field(pid, 12).unwrap_or(0.0);
    family(root).into_iter().map(of).sum::<f64>() / TICKS_A_SECOND
}

/// Seconds of CPU time that the whole machine was busy.
pub fn machine() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<f64> =
        stat.lines().next().unwrap().split_whitespace().skip(1).map(|n| n.parse().unwrap()).collect();
    (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / TICKS_A_SECOND
}

/// KiB of memory: proportional set size of the process and its children.
pub fn memory(root: u32) -> u64 {
    let of = |pid: u32| -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        rollup.lines().find(|line| line.starts_with("Pss:"))?.split_whitespace().nth(1)?.parse().ok()
    };
    family(root).into_iter().filter_map(of).sum()
}

/// As many open files as the system allows.
pub fn raise_open_files() {
    let me = std::process::id().to_string();
    let hard = fs::read_to_string("/proc/self/limits").unwrap();
    let hard = hard
        .lines()
        .find(|l| l.starts_with("Max open files"))
        .and_then(|l| l.split_whitespace().nth(4))
        .unwrap()
        .to_owned();
    let _ = Command::new("prlimit").args(["--pid", &me, &format!("--nofile={hard}:{hard}")]).status();
}
