//! The disk of a SQLite database that can lose power, fill up and fail: the other half of `powercut.c`.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

use rand::{Rng, rngs::StdRng};

const SUFFIXES: [&str; 5] = ["", "-wal", "-journal", "-tail0", "-tail1"];
/// What a disk writes whole.
const SECTOR: usize = 512;

/// What can be ordered and read, in the order of `struct control`.
#[derive(Debug, Clone, Copy)]
pub enum Control {
    FailingSyncs,
    Full,
    ClockMs,
    SyncUs,
    #[expect(dead_code, reason = "keeps the order of the fields")]
    Syncs,
    FailedSyncs,
    RefusedWrites,
}

/// What becomes of the writes that were not synced when the power goes.
#[derive(Debug, Clone, Copy)]
pub enum Loss {
    /// None was written.
    All,
    /// The first ones were; the last of them is torn.
    Tail,
    /// Any of them, in any order; each may be torn.
    Some,
}

impl Loss {
    pub fn any(rng: &mut StdRng) -> Self {
        [Self::All, Self::Tail, Self::Some][rng.random_range(0..3)]
    }
}

enum Write {
    Bytes { offset: u64, bytes: Vec<u8> },
    Truncate { size: u64 },
}

/// The disk of one database.
pub struct Disk {
    /// The database, as the server knows it.
    pub file: PathBuf,
    folder: PathBuf,
    library: PathBuf,
}

/// Compiles the shim into a folder.
pub fn compile(folder: &Path) -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crash/powercut.c");
    let library = folder.join("powercut.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Command::new(compiler).args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    assert!(built.is_ok_and(|status| status.success()), "powercut.c needs a C compiler (cc)");
    library
}

impl Disk {
    /// A disk whose database may exist already; what is in it counts as synced.
    pub fn new(file: PathBuf, folder: PathBuf, library: &Path) -> Self {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("control"), [0; 7 * 8]).unwrap();
        let disk = Self { file, folder, library: library.to_owned() };
        for suffix in SUFFIXES.into_iter().filter(|suffix| disk.real(suffix).exists()) {
            fs::copy(disk.real(suffix), disk.platter(suffix)).unwrap();
        }
        disk
    }

    /// What a process needs in its environment to run on this disk.
    pub fn environment(&self) -> [(&'static str, &Path); 3] {
        [("LD_PRELOAD", &self.library), ("DESKBELL_DISK", &self.folder), ("DESKBELL_DISK_FILE", &self.file)]
    }

    pub fn order(&self, what: Control, value: i64) {
        let control = fs::OpenOptions::new().write(true).open(self.folder.join("control")).unwrap();
        control.write_all_at(&value.to_ne_bytes(), what as u64 * 8).unwrap();
    }

    pub fn told(&self, what: Control) -> i64 {
        let mut bytes = [0; 8];
        let control = fs::File::open(self.folder.join("control")).unwrap();
        control.read_exact_at(&mut bytes, what as u64 * 8).unwrap();
        i64::from_ne_bytes(bytes)
    }

    /// The power goes, after the process was killed: the files are what is on the platter and what luck brought there.
    pub fn lose_power(&self, loss: Loss, rng: &mut StdRng) {
        for suffix in SUFFIXES {
            let (real, platter) = (self.real(suffix), self.platter(suffix));
            if !platter.exists() {
                let _ = fs::remove_file(real);
                continue;
            }
            let mut bytes = fs::read(&platter).unwrap();
            let pending = self.pending(suffix);
            let brought = match loss {
                Loss::All => 0,
                Loss::Tail => rng.random_range(0..=pending.len()),
                Loss::Some => pending.len(),
            };
            for (at, write) in pending.iter().take(brought).enumerate() {
                let share = match loss {
                    Loss::Tail if at + 1 < brought => 8,
                    _ => [0, 4, 8][rng.random_range(0..3)],
                };
                write.bring(&mut bytes, share, rng);
            }
            fs::write(&platter, &bytes).unwrap();
            fs::write(&real, &bytes).unwrap();
            fs::write(self.pending_file(suffix), []).unwrap();
        }
        let _ = fs::remove_file(self.real("-shm"));
    }

    /// The process was killed and the power stayed: all that it wrote is in the page cache, still not synced. A write may
    /// have happened that it had no time to note, so all is noted anew.
    pub fn keep_power(&self) {
        for suffix in SUFFIXES {
            let Ok(real) = fs::read(self.real(suffix)) else {
                let _ = (fs::remove_file(self.platter(suffix)), fs::remove_file(self.pending_file(suffix)));
                continue;
            };
            let platter = fs::read(self.platter(suffix)).unwrap_or_default();
            let mut notes = Vec::new();
            if real != platter {
                notes.extend(head(1, u32::try_from(real.len()).unwrap(), 0));
                notes.extend(&real);
                notes.extend(head(2, 0, real.len() as u64));
            }
            fs::write(self.platter(suffix), platter).unwrap();
            fs::write(self.pending_file(suffix), notes).unwrap();
        }
    }

    /// Copies the files as they are now into a folder; the copy's database.
    pub fn copy_to(&self, folder: &Path) -> PathBuf {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        let copy = folder.join(self.file.file_name().unwrap());
        for suffix in SUFFIXES.into_iter().filter(|suffix| self.real(suffix).exists()) {
            fs::copy(self.real(suffix), with(&copy, suffix)).unwrap();
        }
        copy
    }

    fn real(&self, suffix: &str) -> PathBuf {
        with(&self.file, suffix)
    }

    fn platter(&self, suffix: &str) -> PathBuf {
        with(&self.folder.join(self.file.file_name().unwrap()), suffix)
    }

    fn pending_file(&self, suffix: &str) -> PathBuf {
        with(&self.platter(suffix), ".pending")
    }

    /// The writes that were not synced. A record that the process had no time to finish is none.
    fn pending(&self, suffix: &str) -> Vec<Write> {
        let notes = fs::read(self.pending_file(suffix)).unwrap_or_default();
        let (mut rest, mut writes) = (&notes[..], Vec::new());
        while let Some((head, after)) = rest.split_at_checked(16) {
            let word = |at: usize| u32::from_ne_bytes(head[at..at + 4].try_into().unwrap());
            let offset = u64::from_ne_bytes(head[8..].try_into().unwrap());
            let Some((bytes, after)) = after.split_at_checked(word(4) as usize) else { break };
            writes.push(match word(0) {
                1 => Write::Bytes { offset, bytes: bytes.to_vec() },
                _ => Write::Truncate { size: offset },
            });
            rest = after;
        }
        writes
    }
}

impl Write {
    /// Brings a write to the platter, each sector with a chance of `share` in eight.
    fn bring(&self, platter: &mut Vec<u8>, share: u32, rng: &mut StdRng) {
        match self {
            Self::Truncate { size } => {
                if rng.random_ratio(share, 8) {
                    platter.resize(usize::try_from(*size).unwrap(), 0);
                }
            }
            Self::Bytes { offset, bytes } => {
                let offset = usize::try_from(*offset).unwrap();
                let mut at = 0;
                while at < bytes.len() {
                    let end = ((offset + at) / SECTOR * SECTOR + SECTOR - offset).min(bytes.len());
                    if rng.random_ratio(share, 8) {
                        let size = platter.len().max(offset + end);
                        platter.resize(size, 0);
                        platter[offset + at..offset + end].copy_from_slice(&bytes[at..end]);
                    }
                    at = end;
                }
            }
        }
    }
}

fn head(kind: u32, length: u32, offset: u64) -> Vec<u8> {
    [&kind.to_ne_bytes()[..], &length.to_ne_bytes(), &offset.to_ne_bytes()].concat()
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
