//! The files of a folder: found, read, and pictures beside them. What a link shows outside of the folder is not read.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    knowledge::{
        pictures::{MAX_PICTURE, kind_of},
        solution::MAX_BODY,
    },
};

use super::{
    front,
    record::{Problem, Reading},
    table,
};

/// Larger files of Markdown are not read: no text in them could be stored.
const LARGEST: u64 = 4 * MAX_BODY as u64 + 65_536;

/// What was found out about the files, in words.
#[derive(Debug, Default)]
pub struct Findings {
    /// What makes an import impossible, with file and line; what has no place has none.
    errors: Vec<(String, usize, String)>,
    /// What somebody should know.
    pub warnings: Vec<String>,
    /// Fields that nobody here knows: how often, and where first.
    unknown: BTreeMap<String, (usize, String)>,
}

impl Findings {
    /// Something that makes an import impossible, with its place.
    pub fn wrong(&mut self, file: &str, problem: &Problem) {
        self.errors.push((file.to_owned(), problem.line, problem.message.clone()));
    }

    /// How many such things there are.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// Refuses to go on where something is wrong; all of it is told, by file and line.
    pub fn require_right(&mut self) -> Result<()> {
        self.errors.sort();
        let line = |(file, line, message): &(String, usize, String)| match file.as_str() {
            "" => format!("\n  {message}"),
            file => format!("\n  {}: {message}", place(file, *line)),
        };
        let all: String = self.errors.iter().map(line).collect();
        match self.errors.len() {
            0 => Ok(()),
            1 => Err(Error::invalid("bad_files", format!("nothing was imported, one thing is wrong:{all}"))),
            count => Err(Error::invalid("bad_files", format!("nothing was imported, {count} things are wrong:{all}"))),
        }
    }

    /// The warnings, and one for each field that nobody here knows.
    pub fn into_warnings(self) -> Vec<String> {
        let unknown = self.unknown.into_iter().map(|(key, (times, first))| {
            let also = if times > 1 { format!(" and {} more", times - 1) } else { String::new() };
            format!("{first}{also}: `{key}` is not known here and was passed over")
        });
        self.warnings.into_iter().chain(unknown).collect()
    }
}

fn place(file: &str, line: usize) -> String {
    if line == 0 { file.to_owned() } else { format!("{file}, line {line}") }
}

/// A solution that was found in a file.
pub struct Found {
    /// The file, as it is called under the folder.
    pub file: String,
    /// The folder in which it is, by its name, unless it is the one that was named.
    pub folder: Option<String>,
    /// What the file says.
    pub reading: Reading,
    /// The folder in which it is.
    beside: PathBuf,
}

/// A picture that was found beside a file.
#[derive(Debug, Clone)]
pub struct Pictured {
    /// The file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its id, if it is called by one.
    pub id: Option<Uuid>,
    /// What is in it.
    pub sum: [u8; 32],
}

/// The place that an import reads.
pub struct Source {
    /// All is in here, by its real name.
    root: PathBuf,
    /// The solutions, in the order of their files.
    pub found: Vec<Found>,
    pictured: HashMap<PathBuf, std::result::Result<Pictured, String>>,
}

impl Source {
    /// Reads a folder of Markdown, or a CSV.
    pub fn read(source: &Path, findings: &mut Findings) -> Result<Self> {
        let problem = |error: io::Error| unreadable(source, &error);
        let is_csv = source.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        if !is_csv && !fs::metadata(source).map_err(problem)?.is_dir() {
            let words = format!("{} is neither a folder nor a file that ends in .csv.", source.display());
            return Err(Error::invalid("bad_source", words));
        }
        let folder = if is_csv { source.parent().unwrap_or(Path::new("")) } else { source };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut this =
            Self { root: folder.canonicalize().map_err(problem)?, found: Vec::new(), pictured: HashMap::new() };
        if is_csv {
            this.read_table(source, findings).map_err(problem)?;
        } else {
            this.read_folder(&this.root.clone(), findings).map_err(problem)?;
            this.found.sort_by(|a, b| a.file.cmp(&b.file));
        }
        for found in &mut this.found {
            let Reading { problems, unknown, .. } = &found.reading;
            for problem in problems {
                findings.wrong(&found.file, problem);
            }
            for (key, line) in unknown {
                let first = || (0, place(&found.file, *line));
                findings.unknown.entry(key.clone()).or_insert_with(first).0 += 1;
            }
        }
        Ok(this)
    }

    fn read_table(&mut self, file: &Path, findings: &mut Findings) -> io::Result<()> {
        let name = file.display().to_string();
        let Some(text) = utf8(&name, fs::read(file)?, findings) else { return Ok(()) };
        match table::read(&text) {
            Ok(readings) => {
                let found = readings.into_iter().map(|reading| Found {
                    file: name.clone(),
                    folder: None,
                    reading,
                    beside: self.root.clone(),
                });
                self.found = found.collect();
            }
            Err(problems) => problems.iter().for_each(|problem| findings.wrong(&name, problem)),
        }
        Ok(())
    }

    fn read_folder(&mut self, folder: &Path, findings: &mut Findings) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let file = self.name_of(&path);
            // What begins with a dot belongs to a program.
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_symlink() {
                findings.warnings.push(format!("{file} is a symbolic link, which is not followed"));
            } else if kind.is_dir() {
                self.read_folder(&path, findings)?;
            } else if is_markdown(&path) {
                if entry.metadata()?.len() > LARGEST {
                    findings.wrong(&file, &Problem::new(0, "This file is too large for a solution. Please cut it."));
                } else if let Some(text) = utf8(&file, fs::read(&path)?, findings) {
                    let mut reading = front::read(&text);
                    front::take_title(&mut reading, &path.file_stem().unwrap_or_default().to_string_lossy());
                    let in_root = folder == self.root;
                    let name = folder.file_name().filter(|_| !in_root).map(|name| name.to_string_lossy().into_owned());
                    self.found.push(Found { file, folder: name, reading, beside: folder.to_owned() });
                }
            }
        }
        Ok(())
    }

    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The picture that an address in a file means, if it is one of a file; else what is the matter with it.
    pub fn picture(&mut self, of: usize, address: &str) -> Option<std::result::Result<Pictured, String>> {
        let beside = &self.found.get(of)?.beside;
        if address.is_empty() || address.starts_with(['/', '\\', '#', '?']) || has_scheme(address) {
            return None;
        }
        let path = [address.to_owned(), decoded(address)].iter().find_map(|name| beside.join(name).canonicalize().ok());
        let Some(path) = path else { return Some(Err("is not there".into())) };
        if !path.starts_with(&self.root) {
            return Some(Err("lies outside of the folder, and is not read".into()));
        }
        Some(self.pictured.entry(path).or_insert_with_key(|path| look_at(path)).clone())
    }
}

/// Reads a picture again that was looked at before.
pub fn read_again(picture: &Pictured) -> Result<Vec<u8>> {
    let data = fs::read(&picture.path).map_err(|error| unreadable(&picture.path, &error))?;
    if Sha256::digest(&data).as_slice() == picture.sum.as_slice() {
        Ok(data)
    } else {
        let words = format!("{} was changed meanwhile. Please import again.", picture.path.display());
        Err(Error::conflict("changed_meanwhile", words))
    }
}

/// What a picture's file holds, as far as it can be kept.
fn look_at(path: &Path) -> std::result::Result<Pictured, String> {
    let too_large = || format!("is larger than {} MB. Please make it smaller", MAX_PICTURE / 1024 / 1024);
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_PICTURE as u64 {
        return Err(too_large());
    }
    let data = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    if kind_of(&data).is_none() {
        return Err("is no PNG, JPEG, GIF or WebP picture".into());
    }
    Ok(Pictured {
        path: path.to_owned(),
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        id: path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()),
        sum: Sha256::digest(&data).into(),
    })
}

/// The error for a file or folder that the system does not give.
pub fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::invalid("unreadable", format!("{}: {error}", path.display()))
}

fn utf8(file: &str, bytes: Vec<u8>, findings: &mut Findings) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            findings.wrong(file, &Problem::new(line, "This is not UTF-8. Please save the file in that encoding."));
            None
        }
    }
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("md") || e.eq_ignore_ascii_case("markdown"))
}

/// Whether an address begins like `https:`.
fn has_scheme(address: &str) -> bool {
    let letters = address.chars().take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)).count();
    letters > 1 && address.as_bytes().get(letters) == Some(&b':')
}

/// `%20` and the like as what they stand for.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_files_are_looked_for() {
        for address in
            ["https://x.example/a.png", "data:image/png;base64,", "/help/pictures/a", "//x.example/a.png", "#a", ""]
        {
            let beside = has_scheme(address) || address.is_empty() || address.starts_with(['/', '#']);
            assert!(beside, "{address}");
        }
        assert!(!has_scheme("a b:c.png") && !has_scheme("pictures/a:b.png"));
        assert_eq!(decoded("my%20%c3%a9%2.png%"), "my é%2.png%");
    }
}
