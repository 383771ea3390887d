//! The live-chat window, and a supervisor's hand on it.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    app::App,
    chat::protocol::HoursView,
    error::Result,
    hours::{
        calendar,
        setup::{self, ByHand},
    },
    web::{reply::Input, signed_in::SignedIn},
};

/// Open or close by hand.
#[derive(Deserialize)]
pub struct Hand {
    state: calendar::State,
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    reason: String,
}

/// The window now.
pub async fn show(State(app): State<App>, _: SignedIn) -> Json<HoursView> {
    Json(app.hours.chat_view(app.clock.now()))
}

/// Opens or closes by hand.
pub async fn set_by_hand(
    State(app): State<App>,
    SignedIn(staff): SignedIn,
    Input(hand): Input<Hand>,
) -> Result<Json<HoursView>> {
    let hand = ByHand { state: hand.state, until: hand.until, reason: hand.reason };
    setup::set_by_hand(&app, &staff, hand).await.map(Json)
}

/// Lets the calendar count again.
pub async fn clear_by_hand(State(app): State<App>, SignedIn(staff): SignedIn) -> Result<Json<HoursView>> {
    setup::clear_by_hand(&app, &staff).await.map(Json)
}
