//! All solutions to files: a file of Markdown each in a new folder, or one CSV; the pictures that they show in the folder `pictures`.

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use deskbell_meaning::letters;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    knowledge::{markdown::PICTURES, queries},
    store::Db,
};

use super::{
    desk::{Desk, Known},
    folder::unreadable,
    front,
    record::{Record, State},
    source, table,
};

/// The longest name of a file, in characters, without its number and ending.
const LONGEST_NAME: usize = 50;

/// What was written.
#[derive(Debug)]
pub struct Exported {
    /// How many solutions.
    pub solutions: usize,
    /// How many pictures.
    pub pictures: usize,
    /// The titles of published solutions that somebody is changing: what is being written is in no file.
    pub being_written: Vec<String>,
}

/// Writes all solutions to a folder that is empty or new, or to a new file that ends in `.csv`.
pub async fn export(db: &Db, target: &Path) -> Result<Exported> {
    let is_csv = target.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let folder = if is_csv { target.parent().unwrap_or(Path::new("")) } else { target };
    require_free(target, is_csv)?;
    let desk = Desk::read(db).await?;
    let mut shown = Vec::new();
    let records: Vec<Record> = desk.solutions.iter().map(|known| record_of(&desk, known, &mut shown)).collect();
    if !is_csv {
        fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
        let mut names = HashSet::new();
        for record in &records {
            let path = folder.join(format!("{}.md", free_name(&record.title, &mut names)));
            write_new(&path, front::write(record).as_bytes())?;
        }
    }
    for (id, name) in &shown {
        let path = folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
        }
        if let Some((_, _, data)) = queries::find_picture(db, *id).await? {
            write_new(&path, &data)?;
        }
    }
    if is_csv {
        // The last, because others look for it.
        write_new(target, &table::write(&records).map_err(Error::internal)?)?;
    }
    let written = desk.solutions.iter().filter(|known| known.version > 0 && desk.drafts.contains_key(&known.id));
    Ok(Exported {
        solutions: records.len(),
        pictures: shown.len(),
        being_written: written.map(|known| known.content.title.clone()).collect(),
    })
}

/// What files have of a solution; the pictures that it shows are put to `shown` with their files' names.
fn record_of(desk: &Desk, known: &Known, shown: &mut Vec<(Uuid, PathBuf)>) -> Record {
    let content = &known.content;
    let body = source::readdress(&content.body, |address| {
        let id: Uuid = address.strip_prefix(PICTURES)?.parse().ok()?;
        // Another solution's picture is kept with that one.
        let (_, kind) = desk.pictures.get(&id).filter(|(solution, _)| *solution == known.id)?;
        let ending = match kind.as_str() {
            "image/jpeg" => "jpg",
            kind => kind.strip_prefix("image/")?,
        };
        let name = format!("pictures/{id}.{ending}");
        if !shown.iter().rev().any(|(other, _)| *other == id) {
            shown.push((id, PathBuf::from(&name)));
        }
        Some(name)
    });
    Record {
        id: Some(known.id),
        title: content.title.clone(),
        category: content.category.clone(),
        language: Some(content.language),
        audience: Some(content.audience),
        product_version: Some(content.product_version.clone()),
        related: Some(content.related.iter().map(Uuid::to_string).collect()),
        state: Some(known.state()),
        author: if known.state() == State::Draft { String::new() } else { known.author.clone() },
        body,
    }
}

/// The name of a solution's file, which no other has.
fn free_name(title: &str, names: &mut HashSet<String>) -> String {
    let name = name_of(title);
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or(name);
    names.insert(free.clone());
    free
}

/// The letters and digits of a title, between hyphens.
fn name_of(title: &str) -> String {
    let mut folded = String::new();
    title.chars().for_each(|c| letters::fold(c, &mut folded));
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(LONGEST_NAME).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { "solution".into() } else { name.into() }
}

/// Refuses what is there already: nothing is written over.
fn require_free(target: &Path, is_csv: bool) -> Result<()> {
    let taken = |what| Error::conflict("taken", format!("{} {what}. Please name a new one.", target.display()));
    match fs::read_dir(target).map(|mut entries| entries.next().is_none()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(true) if !is_csv => Ok(()),
        Ok(_) if !is_csv => Err(taken("is not empty")),
        _ => Err(taken("is there already")),
    }
}

/// Writes a file that must not be there yet, unless it holds the same.
fn write_new(path: &Path, data: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && fs::read(path)? == data => Ok(()),
            file => file?.write_all(data),
        }
    };
    write().map_err(|error| {
        let words = format!("{}: {error}. What was written is not complete: remove it.", path.display());
        Error::invalid("not_written", words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_title_and_no_two_are_the_same() {
        let mut names = HashSet::new();
        let mut name = |title: &str| free_name(title, &mut names);
        assert_eq!(
            ["Reset the Café's PIN!", "reset: the cafes pin", "?", "..", "Reset the cafés-pin", "сброс"].map(&mut name),
            ["reset-the-cafe-s-pin", "reset-the-cafes-pin", "solution", "solution-2", "reset-the-cafes-pin-2", "сброс"]
        );
        let long = name(&"ab ".repeat(200));
        assert!(long.chars().count() <= LONGEST_NAME && !long.ends_with('-'));
    }
}
