//! Pictures of solutions, kept in the database so that every node and every backup has them.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    clock::random_bytes,
    error::{Error, Result},
    input,
};

use super::{
    editing::no_solution,
    queries,
    solution::{Audience, Solution},
};

/// The largest picture, in bytes.
pub const MAX_PICTURE: usize = 2 * 1024 * 1024;

/// A picture.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Picture {
    /// The server's id.
    pub id: Uuid,
    /// The name of the file that it came from.
    pub name: String,
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub kind: String,
    /// The file.
    #[serde(skip)]
    pub data: Vec<u8>,
}

/// What kind of picture a file is, by its first bytes: what it is called says nothing.
pub fn kind_of(data: &[u8]) -> Option<&'static str> {
    match data {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// An id for a picture that nobody can guess: it is the key to pictures for customers.
pub fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid()
}

/// Keeps a picture for a solution.
pub async fn add(app: &App, solution: Uuid, name: &str, data: Vec<u8>) -> Result<Picture> {
    if data.len() > MAX_PICTURE {
        let mb = data.len().div_ceil(1024 * 1024);
        return Err(Error::with_status(
            413,
            "too_large",
            format!("This picture has {mb} MB, 2 are allowed. Please make it smaller."),
        ));
    }
    let kind =
        kind_of(&data).ok_or_else(|| Error::invalid("bad_picture", "This is no PNG, JPEG, GIF or WebP picture."))?;
    let name = input::line("the picture's name", if name.trim().is_empty() { "picture" } else { name }, 200)?;
    let picture = Picture { id: new_id(), name, kind: kind.into(), data };
    let mut tx = app.db.begin().await?;
    queries::lock(&mut tx, solution).await?.ok_or_else(no_solution)?;
    queries::insert_picture(&mut tx, solution, &picture, app.clock.now()).await?;
    tx.commit().await?;
    Ok(picture)
}

/// A picture for whoever may read its solution: its kind and its bytes. The widget has no cookie, and an `img` sends no token, so the
/// pictures of what is for customers are found by their ids, which are random through and through.
pub async fn find(app: &App, id: Uuid, reader: Audience) -> Result<(String, Vec<u8>)> {
    let none = || Error::not_found("There is no such picture.");
    let (solution, kind, data) = queries::find_picture(&app.db, id).await?.ok_or_else(none)?;
    let is_for_others = |solution: Solution| solution.content.audience < Audience::Staff;
    let may = reader == Audience::Staff || queries::find_published(&app.db, solution).await?.is_some_and(is_for_others);
    if may { Ok((kind, data)) } else { Err(none()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(kind_of(b"RIFF1234WEBPVP8 "), Some("image/webp"));
        for other in [&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], b"RIFF1234WAVE", b"GIF8", b""] {
            assert_eq!(kind_of(other), None);
        }
    }
}
