//! The two engines: every test gets a database of its own, and none of them is a mock.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{Connection, Executor, PgConnection};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that is only this test's.
#[derive(Clone)]
pub struct Database {
    pub url: String,
    pub folder: Arc<tempfile::TempDir>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Database {
    pub async fn create(engine: Engine) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("deskbell.sqlite").display()),
            Engine::Postgres => {
                let server = std::env::var("DESKBELL_TEST_POSTGRES")
                    .expect("run the tests with tests/run, or with `tests/with-postgres cargo test`: they need a PostgreSQL to make databases in");
                let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                let mut admin = PgConnection::connect(&server).await.unwrap();
                admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
                admin.close().await.unwrap();
                let (base, query) = server.split_once('?').unwrap_or((&server, ""));
                let base = base.rsplit_once('/').unwrap().0;
                if query.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{query}") }
            }
        };
        Self { url, folder }
    }
}

/// Makes a test of each engine out of one body: `both! { async fn name(engine) { … } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn body($engine: $crate::support::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::support::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body($crate::support::Engine::Postgres).await;
            }
        }
    )*};
}
