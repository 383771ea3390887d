//! Looking by oneself: where several nodes share a database, each looks every second at what it may not have been told.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    chat::{self, presence},
    error::Result,
    store::Db,
};

/// How often.
const LOOK: Duration = Duration::from_secs(1);

/// Runs until the server stops; on SQLite, which has one node, not at all.
pub async fn run(app: App, stop: CancellationToken) {
    if matches!(app.db, Db::Sqlite { .. }) {
        return;
    }
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = look(&app).await {
            tracing::warn!(%error, "the other nodes could not be followed; it is tried again");
        }
    }
}

async fn look(app: &App) -> Result<()> {
    for (chat, seq) in chat::last_numbers(app, &app.hub.chats()).await? {
        app.hub.changed(chat, seq);
    }
    app.hub.desk_changed();
    presence::end_sessions(app).await
}
