//! The log's tail on SQLite: records that are on the disk and not in the database yet. Appending costs one write and one sync
//! to a file that keeps its length, where a commit would rewrite a page of every index.
//!
//! Two files beside the database take turns: while the records of one are folded into the database, new ones go to the other.
//! A record is a header and a text; one that a power cut tore fails its checksum and ends the file. What is behind the end
//! comes from an earlier turn and has an earlier generation.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use uuid::Uuid;

use crate::planted;

use super::disk::Disk;

/// Generation, number within it, length of the text, checksum.
const HEADER: usize = 8 + 4 + 4 + 4;
/// By how much a file grows, filled with zeros: writing over what is there needs no change of the file system's own records.
const GROWTH: u64 = 256 * 1024;

/// The two files, open for appending.
#[derive(Debug)]
pub struct Tail {
    files: [Part; 2],
    desk: Uuid,
    disk: Arc<Disk>,
    generation: u64,
    number: u32,
    end: u64,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Tail {
    /// Opens the files beside a database; they are made if need be. What they hold must be in the database, durably, before
    /// the first record is appended.
    pub fn open(database: &Path, desk: Uuid, disk: Arc<Disk>) -> io::Result<(Self, Vec<String>)> {
        let (generation, records) = read(database, desk)?;
        let open = |path: PathBuf| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path)?;
            Ok::<_, io::Error>(Part { path, length: file.metadata()?.len(), file })
        };
        let [first, second] = paths(database);
        let files = [open(first)?, open(second)?];
        let folder = database.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A power cut must not take the names of the files.
        File::open(folder)?.sync_all()?;
        Ok((Self { files, desk, disk, generation: generation + 1, number: 0, end: 0 }, records))
    }

    /// Brings a record to the disk. After an error it is not there; whether it comes back after a restart is unknown.
    pub fn append(&mut self, text: &str) -> sqlx::Result<()> {
        self.disk.may_write()?;
        let record = self.record(text).map_err(sqlx::Error::Io)?;
        let Some(part) = self.files.get_mut(usize::from(self.generation % 2 == 1)) else { return Ok(()) };
        self.disk.wrote(part.write(&record, self.end))?;
        self.end += record.len() as u64;
        self.number += 1;
        Ok(())
    }

    /// The next records go to the other file, over what it holds: that must be in the database, durably.
    pub fn turn(&mut self) {
        self.generation += 1;
        self.number = 0;
        self.end = 0;
    }

    /// Removes the files; all that they hold must be in the database, durably.
    pub fn remove(&self) -> io::Result<()> {
        self.files.iter().try_for_each(|part| std::fs::remove_file(&part.path))
    }

    fn record(&self, text: &str) -> io::Result<Vec<u8>> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        let mut record = Vec::with_capacity(HEADER + text.len());
        record.extend(self.generation.to_le_bytes());
        record.extend(self.number.to_le_bytes());
        record.extend(length.to_le_bytes());
        let sum = checksum(self.desk, &record, text.as_bytes());
        record.extend(sum.to_le_bytes());
        record.extend(text.as_bytes());
        Ok(record)
    }
}

impl Part {
    /// Writes at a place, durably.
    fn write(&mut self, record: &[u8], at: u64) -> io::Result<()> {
        let end = at + record.len() as u64;
        if end > self.length {
            let length = end.next_multiple_of(GROWTH);
            let zeros = vec![0; usize::try_from(length - self.length).map_err(io::Error::other)?];
            self.file.seek(SeekFrom::Start(self.length))?;
            self.file.write_all(&zeros)?;
            self.length = length;
        }
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(record)?;
        sync(&self.file)
    }
}

fn sync(file: &File) -> io::Result<()> {
    planted!("synchronous-normal", return Ok(()));
    planted!("sync-error-ignored", let _ = file.sync_data(); return Ok(()));
    file.sync_data()
}

/// What the files beside a database hold, oldest first, and the last generation; nothing where there are none. Records of
/// another desk are not seen. A server may be appending meanwhile.
pub fn read(database: &Path, desk: Uuid) -> io::Result<(u64, Vec<String>)> {
    let mut parts = Vec::new();
    for path in paths(database) {
        match std::fs::read(path) {
            Ok(bytes) => parts.push(records(&bytes, desk)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    parts.sort_by_key(|(generation, _)| *generation);
    let last = parts.last().map_or(0, |(generation, _)| *generation);
    Ok((last, parts.into_iter().flat_map(|(_, records)| records).collect()))
}

/// The records at the start of a file, and their generation.
fn records(mut bytes: &[u8], desk: Uuid) -> (u64, Vec<String>) {
    let mut found: (u64, Vec<String>) = (0, Vec::new());
    while let Some((generation, number, text, rest)) = first(bytes, desk) {
        if found.1.is_empty() {
            found.0 = generation;
        }
        if generation != found.0 || usize::try_from(number) != Ok(found.1.len()) {
            break;
        }
        found.1.push(text.to_owned());
        bytes = rest;
    }
    found
}

/// The record that the bytes begin with, if they do: generation, number, text, and what follows.
fn first(bytes: &[u8], desk: Uuid) -> Option<(u64, u32, &str, &[u8])> {
    let (header, sum) = (bytes.get(..HEADER - 4)?, bytes.get(HEADER - 4..HEADER)?);
    let generation = u64::from_le_bytes(header.get(..8)?.try_into().ok()?);
    let number = u32::from_le_bytes(header.get(8..12)?.try_into().ok()?);
    let length = usize::try_from(u32::from_le_bytes(header.get(12..)?.try_into().ok()?)).ok()?;
    let rest = bytes.get(HEADER..)?;
    let (text, rest) = (rest.get(..length)?, rest.get(length..)?);
    (checksum(desk, header, text).to_le_bytes() == sum).then_some(())?;
    Some((generation, number, std::str::from_utf8(text).ok()?, rest))
}

fn checksum(desk: Uuid, header: &[u8], text: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [desk.as_bytes(), header, text] {
        hasher.update(part);
    }
    hasher.finalize()
}

/// The first takes the even generations.
fn paths(database: &Path) -> [PathBuf; 2] {
    ["-tail0", "-tail1"].map(|suffix| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tail in a folder, opened anew; what it holds.
    fn open(folder: &Path, desk: u128) -> (Tail, Vec<String>) {
        let database = folder.join("desk.sqlite");
        Tail::open(&database, Uuid::from_u128(desk), Arc::new(Disk::of(&database, 0))).unwrap()
    }

    #[test]
    fn live_08_what_was_appended_is_found_in_order_across_a_turn() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tail, nothing) = open(folder.path(), 1);
        assert_eq!(nothing, [""; 0]);
        // The first two are in the database when the files turn for the second time.
        for text in ["one", "two", "TURN", "three", "TURN", "four", "five"] {
            if text == "TURN" { tail.turn() } else { tail.append(text).unwrap() }
        }
        assert_eq!(open(folder.path(), 1).1, ["three", "four", "five"]);
        // A new run writes over the oldest only.
        let (mut tail, _) = open(folder.path(), 1);
        tail.append("six").unwrap();
        assert_eq!(open(folder.path(), 1).1, ["four", "five", "six"]);
        tail.remove().unwrap();
        assert_eq!(open(folder.path(), 1).1, [""; 0]);
    }

    #[test]
    fn live_08_a_torn_record_ends_the_tail_and_another_desk_s_is_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tail, _) = open(folder.path(), 1);
        for text in ["one", "two", "three"] {
            tail.append(text).unwrap();
        }
        assert_eq!(open(folder.path(), 2).1, [""; 0]);
        // One bit of the second text.
        let path = &paths(&folder.path().join("desk.sqlite"))[1];
        let mut bytes = std::fs::read(path).unwrap();
        bytes[2 * HEADER + "one".len()] ^= 1;
        std::fs::write(path, bytes).unwrap();
        assert_eq!(open(folder.path(), 1).1, ["one"]);
    }

    #[test]
    fn live_08_a_tail_grows_as_far_as_it_needs_to() {
        let folder = tempfile::tempdir().unwrap();
        let (mut tail, _) = open(folder.path(), 1);
        let long = "x".repeat(700_000);
        for _ in 0..4 {
            tail.append(&long).unwrap();
        }
        assert_eq!(open(folder.path(), 1).1, [&*long; 4]);
    }
}
