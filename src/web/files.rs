//! Files in chats and on cases over HTTP: read while they are counted, handed out so that no browser makes a page of one.

use std::time::Duration;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query, State, multipart::Field},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    app::App,
    cases::{
        files::{self as case_files, CaseFile},
        steps::By,
    },
    chat::{
        files::{self, Download, MAX_FILE, Part, Person, Place, Sent, UNKNOWN},
        protocol::Visibility,
    },
    error::{Error, Result},
};

use super::signed_in::{SignedIn, Verified};

/// How long a file may take to come: a phone at the edge of its network.
const FILE_TIME: Duration = Duration::from_secs(120);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(20);
/// How long the rest of a file that is refused is read: a browser hears no answer before it has sent everything.
const REST_TIME: Duration = Duration::from_secs(15);

/// The client's id of a file.
#[derive(Deserialize)]
pub struct Sending {
    id: Uuid,
}

/// The same with its chat.
#[derive(Deserialize)]
pub struct SendingTo {
    chat: Uuid,
    id: Uuid,
}

/// The same for a case: for the desk, or for the customer, too.
#[derive(Deserialize)]
pub struct SendingToCase {
    id: Uuid,
    to: Visibility,
}

/// A specialist sends a file.
pub async fn send(
    State(app): State<App>,
    who: Result<SignedIn>,
    Path(chat): Path<Uuid>,
    Query(Sending { id }): Query<Sending>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Sent>)> {
    take(&app, who.map(|SignedIn(staff)| Person::Staff(staff)), chat, id, &headers, body).await
}

/// A customer sends a file.
pub async fn send_as_customer(
    State(app): State<App>,
    who: Result<Verified>,
    Query(SendingTo { chat, id }): Query<SendingTo>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Sent>)> {
    take(&app, who.map(|Verified(visitor)| Person::Customer(visitor)), chat, id, &headers, body).await
}

/// A file for the desk's people.
pub async fn show(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<Response> {
    files::find(&app, &Person::Staff(staff), id, Part::Whole).await.map(handed_out)
}

/// Its thumbnail.
pub async fn thumbnail(State(app): State<App>, SignedIn(staff): SignedIn, Path(id): Path<Uuid>) -> Result<Response> {
    files::find(&app, &Person::Staff(staff), id, Part::Thumbnail).await.map(handed_out)
}

/// A file for the customer of its chat.
pub async fn show_customer(
    State(app): State<App>,
    Verified(visitor): Verified,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    files::find(&app, &Person::Customer(visitor), id, Part::Whole).await.map(handed_out)
}

/// Its thumbnail.
pub async fn thumbnail_customer(
    State(app): State<App>,
    Verified(visitor): Verified,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    files::find(&app, &Person::Customer(visitor), id, Part::Thumbnail).await.map(handed_out)
}

async fn take(
    app: &App,
    who: Result<Person>,
    chat: Uuid,
    id: Uuid,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Sent>)> {
    let admitted = match who {
        Ok(person) => files::admit(app, &person, chat, id).await.map(|place| (person, place)),
        Err(refused) => Err(refused),
    };
    let (person, _place, data) = received(admitted, body).await?;
    let sent = files::add(app, &person, chat, id, &name(headers), data).await?;
    Ok((StatusCode::CREATED, Json(sent)))
}

/// A specialist attaches a file to a case.
pub async fn send_to_case(
    State(app): State<App>,
    who: Result<SignedIn>,
    Path(number): Path<i64>,
    Query(SendingToCase { id, to }): Query<SendingToCase>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<CaseFile>)> {
    let admitted = match who {
        Ok(SignedIn(staff)) => app.uploads.enter(staff.id, id).await.map(|place| (staff, place)),
        Err(refused) => Err(refused),
    };
    let (staff, _place, data) = received(admitted, body).await?;
    let file = case_files::attach(&app, By::Desk(&staff), number, id, &name(&headers), data, to).await?;
    Ok((StatusCode::CREATED, Json(file)))
}

/// A file of a case for the desk's people.
pub async fn show_of_case(
    State(app): State<App>,
    SignedIn(_): SignedIn,
    Path((number, id)): Path<(i64, Uuid)>,
) -> Result<Response> {
    case_files::find(&app, number, id, Visibility::Staff).await.map(handed_out)
}

/// What was sent by whoever may send it. What is refused is read to its end.
async fn received<P>(admitted: Result<(P, Place)>, body: Body) -> Result<(P, Place, Vec<u8>)> {
    let mut body = body.into_data_stream();
    let read = match &admitted {
        Ok((_, place)) => read(place, &mut body).await,
        Err(_) => Ok(Vec::new()),
    };
    match (admitted, read) {
        (Ok((person, place)), Ok(data)) => Ok((person, place, data)),
        (Err(refused), _) | (_, Err(refused)) => {
            let _ = timeout(REST_TIME, skip(&mut body)).await;
            Err(refused)
        }
    }
}

/// A file of a form: read while it is counted, like any other; the rest of one that is refused is read and forgotten.
pub async fn received_field(place: &Place, mut field: Field<'_>) -> Result<Vec<u8>> {
    let read = read(place, &mut field).await;
    if read.is_err() {
        let _ = timeout(REST_TIME, skip(&mut field)).await;
    }
    read
}

/// Reads a file to its end, counting: what its sender says of its length counts for nothing.
async fn read<E>(
    place: &Place,
    body: &mut (impl Stream<Item = std::result::Result<Bytes, E>> + Unpin),
) -> Result<Vec<u8>> {
    let reading = async {
        let mut data = Vec::new();
        while let Some(chunk) = timeout(SILENCE, body.next()).await.map_err(|_| too_slow())? {
            let chunk = chunk.map_err(|_| broken_off())?;
            if data.len() + chunk.len() > MAX_FILE {
                return Err(files::too_large());
            }
            data.extend_from_slice(&chunk);
        }
        Ok(data)
    };
    tokio::select! {
        read = timeout(FILE_TIME, reading) => read.map_err(|_| too_slow())?,
        () = place.superseded() => Err(Error::conflict("sent_again", "This file was sent again.")),
    }
}

/// Reads as much more as a whole file has, and forgets it.
async fn skip<E>(body: &mut (impl Stream<Item = std::result::Result<Bytes, E>> + Unpin)) {
    let mut left = MAX_FILE;
    while let Some(Ok(chunk)) = body.next().await {
        let Some(rest) = left.checked_sub(chunk.len()) else { return };
        left = rest;
    }
}

fn too_slow() -> Error {
    Error::with_status(
        408,
        "too_slow",
        "The file took too long to arrive. Please try again where the connection is better.",
    )
}

fn broken_off() -> Error {
    Error::with_status(400, "broken_off", "The file did not arrive as a whole. Please send it again.")
}

/// The name that a sender gives in `Content-Disposition`. In the address it would stand in the logs of every proxy.
fn name(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = value.split(';').find_map(|part| part.trim().strip_prefix("filename*=UTF-8''"));
    String::from_utf8_lossy(&decoded(named.unwrap_or_default())).into_owned()
}

/// Undoes percent-encoding; what is none stays as it is.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let coded = match rest {
            [b'%', high, low, ..] => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

/// What a file may do in a browser: nothing.
const SEALED: &str = "sandbox; default-src 'none'";
/// A picture that is opened by itself stands in a page of the browser's own, which has styles.
const SEALED_PICTURE: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Pictures are shown, everything else is only stored; neither can run anything, whatever it is.
pub fn handed_out(Download { name, picture, data }: Download) -> Response {
    let mut named = String::from(if picture.is_some() { "inline" } else { "attachment" });
    named.push_str("; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => named.push(char::from(byte)),
            _ => named.push_str(&format!("%{byte:02X}")),
        }
    }
    let policy = if picture.is_some() { SEALED_PICTURE } else { SEALED };
    let named = HeaderValue::from_str(&named).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(picture.unwrap_or(UNKNOWN))),
        (header::CONTENT_DISPOSITION, named),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Its bytes never change, but who may see it can.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300")),
        (header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    (headers, data).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_07_a_name_comes_as_it_was_encoded() {
        for (sent, name) in [
            ("attachment; filename*=UTF-8''Caf%C3%A9%20%E2%82%AC.pdf", "Café €.pdf"),
            ("attachment; filename*=UTF-8''100%.txt; x=y", "100%.txt"),
            ("attachment; filename*=UTF-8''%ff%2", "\u{fffd}%2"),
            ("attachment; filename=\"a.txt\"", ""),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_DISPOSITION, HeaderValue::from_static(sent))]);
            assert_eq!(super::name(&headers), name);
        }
    }
}
