//! The disk under the SQLite file: a reserve below which nothing is written, and what happens when it fails.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::planted;

/// How often the free space is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The state of the disk.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    reserve: u64,
    low: AtomicBool,
    broken: CancellationToken,
}

impl Disk {
    /// The disk of a file; `reserve` in bytes stays free.
    pub fn of(file: &Path, reserve: u64) -> Self {
        let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let disk = Self { folder, reserve, low: AtomicBool::new(false), broken: CancellationToken::new() };
        disk.look();
        disk
    }

    /// Looks at the free space until the token is cancelled.
    pub async fn watch(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => self.look(),
            }
        }
    }

    fn look(&self) {
        // Where the system does not tell, the database itself says when it is full.
        let Ok(free) = fs4::available_space(&self.folder) else { return };
        let low = free < self.reserve;
        if low != self.low.swap(low, Ordering::Relaxed) {
            if low {
                tracing::error!(free, reserve = self.reserve, "the disk is almost full: nothing more is written");
            } else {
                tracing::info!(free, "there is room on the disk again");
            }
        }
    }

    /// Refuses to write where the reserve would go, or after the disk has failed.
    pub fn may_write(&self) -> sqlx::Result<()> {
        if self.broken.is_cancelled() {
            return Err(sqlx::Error::Io(io::Error::other("the disk has failed")));
        }
        if self.low.load(Ordering::Relaxed) {
            return Err(sqlx::Error::Io(io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }

    /// Takes note of what a write answered. After an input/output error nobody knows what is on the disk: nothing may be
    /// acknowledged any more, and the process must end and read anew.
    pub fn heard<T>(&self, answer: sqlx::Result<T>) -> sqlx::Result<T> {
        if let Err(sqlx::Error::Database(error)) = &answer {
            let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
            if matches!(code & 0xff, SQLITE_IOERR | SQLITE_CORRUPT | SQLITE_NOTADB) {
                self.fail(error);
            }
        }
        answer
    }

    /// The same for a write to a file beside the database.
    pub fn wrote(&self, answer: io::Result<()>) -> sqlx::Result<()> {
        if let Err(error) = &answer
            && error.kind() != io::ErrorKind::StorageFull
        {
            self.fail(error);
        }
        Ok(answer?)
    }

    fn fail(&self, error: &dyn std::error::Error) {
        planted!("stays-after-sync-error", return);
        tracing::error!(%error, "the database's disk has failed");
        self.broken.cancel();
    }

    /// Waits until the disk has failed.
    pub async fn broken(&self) {
        self.broken.cancelled().await;
    }
}

// SQLite's primary result codes, the low byte of the extended ones: https://sqlite.org/rescode.html
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
/// No room for what a write needs.
pub const SQLITE_FULL: i32 = 13;
const SQLITE_NOTADB: i32 = 26;

#[cfg(test)]
mod tests {
    use crate::{error::Error, store::Db};

    #[tokio::test]
    async fn live_08_below_the_reserve_nothing_is_written_and_reading_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.sqlite").display());
        Db::open(&url, 0).await.unwrap().close().await;
        // More than any disk has.
        let db = Db::open(&url, u64::MAX).await.unwrap();
        db.ping().await.unwrap();
        let Err(error) = db.begin().await else { panic!("a write was let through") };
        let refusal = Error::from(error).refusal();
        assert_eq!((refusal.status, refusal.code, refusal.retry), (507, "disk_full", true));
        db.close().await;
    }
}
