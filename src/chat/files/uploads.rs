//! Files that are on their way in, on this node: one at a time a person, so many in total, pictures read one after the other.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::{Error, Result};

use super::thumbnail::{self, Picture};

/// How many files come in at once: each is in memory until it is stored.
const PLACES: usize = 32;
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is on its way.
pub struct Uploads {
    people: Arc<Mutex<HashMap<Uuid, Coming>>>,
    places: Arc<Semaphore>,
    /// Reading a picture takes a processor and up to some hundred MB.
    reading: Arc<Semaphore>,
    turns: AtomicU64,
}

struct Coming {
    turn: u64,
    file: Uuid,
    superseded: CancellationToken,
}

impl Default for Uploads {
    fn default() -> Self {
        let (places, reading) = (Arc::new(Semaphore::new(PLACES)), Arc::new(Semaphore::new(1)));
        Self { people: Arc::default(), places, reading, turns: AtomicU64::new(0) }
    }
}

/// The place of one file that comes in; given back when it is dropped.
pub struct Place {
    people: Arc<Mutex<HashMap<Uuid, Coming>>>,
    person: Uuid,
    turn: u64,
    superseded: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Uploads {
    /// A place for a person's file. The same file sent again takes it over: of a line that broke the server may hear late.
    pub async fn enter(&self, person: Uuid, file: Uuid) -> Result<Place> {
        let busy = || Error::unavailable("Many files are being sent at this moment. Please try again.");
        let place = timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| busy())?.map_err(|_| busy())?;
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let superseded = CancellationToken::new();
        let mut people = lock(&self.people);
        if let Some(other) = people.get(&person) {
            if other.file != file {
                let words = "Another file of yours is still on its way. Please send this one after it.";
                return Err(Error::with_status(429, "one_at_a_time", words));
            }
            other.superseded.cancel();
        }
        people.insert(person, Coming { turn, file, superseded: superseded.clone() });
        drop(people);
        Ok(Place { people: self.people.clone(), person, turn, superseded, _place: place })
    }

    /// Reads a picture, after those that came before it.
    pub async fn read_picture(&self, kind: &str, data: &Arc<Vec<u8>>) -> Option<Picture> {
        let _turn = self.reading.acquire().await.ok()?;
        let (kind, data) = (kind.to_owned(), data.clone());
        // A reader of pictures that panics has met something that is none.
        tokio::task::spawn_blocking(move || thumbnail::make(&data, &kind)).await.ok().flatten()
    }
}

impl Place {
    /// Waits until the same file is sent again.
    pub async fn superseded(&self) {
        self.superseded.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut people = lock(&self.people);
        if people.get(&self.person).is_some_and(|coming| coming.turn == self.turn) {
            people.remove(&self.person);
        }
    }
}

fn lock(people: &Mutex<HashMap<Uuid, Coming>>) -> MutexGuard<'_, HashMap<Uuid, Coming>> {
    // Nothing that holds it can panic half-way.
    people.lock().unwrap_or_else(PoisonError::into_inner)
}
