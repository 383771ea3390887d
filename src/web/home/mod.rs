//! The demo's first page: the three faces, the logins and PINs, and the switch that closes the chat.

use askama::Template;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    app::App,
    demo::{Demo, Login, Pin},
    hours::{
        calendar, form,
        setup::{self, ByHand},
    },
};

use super::page::{Common, render};

#[derive(Template)]
#[template(path = "home/home.html")]
struct Page {
    assets: String,
    clock_is_set: bool,
    now: String,
    site_url: String,
    console_url: String,
    supervisor_url: String,
    open: bool,
    by_hand: bool,
    hours_text: String,
    logins: Vec<Login>,
    pins: Vec<Pin>,
}

/// Which way the switch goes.
#[derive(Deserialize)]
pub struct Switch {
    state: calendar::State,
}

/// The page.
pub async fn show(State((app, demo)): State<(App, Demo)>) -> Response {
    let Common { assets, clock_is_set, now, .. } = Common::new(&app);
    let view = app.hours.chat_view(app.clock.now());
    let reason = view.by_hand.as_ref().map(|reason| format!(" {reason}")).unwrap_or_default();
    render(&Page {
        assets,
        clock_is_set,
        now,
        site_url: demo.site_url,
        console_url: "/console".into(),
        supervisor_url: "/supervisor".into(),
        open: view.open,
        by_hand: view.by_hand.is_some(),
        hours_text: format!("Now {}.{reason}", form::status_text(&view)),
        logins: demo.logins,
        pins: demo.pins,
    })
}

/// The switch. The demo's first page is open to whoever sees it, so this exists in the demo only.
pub async fn set_hours(State((app, _)): State<(App, Demo)>, Form(switch): Form<Switch>) -> Response {
    let reason = match switch.state {
        calendar::State::Open => crate::demo::HELD_OPEN,
        calendar::State::Closed => "Closed from the demo’s first page, to be seen.",
    };
    match setup::set_by_hand_as(&app, "Demo", ByHand { state: switch.state, until: None, reason: reason.into() }).await
    {
        Ok(_) => Redirect::to("/").into_response(),
        Err(error) => error.into_response(),
    }
}

/// Without the demo, the first page is the console.
pub async fn to_console() -> Response {
    Redirect::to("/console").into_response()
}
