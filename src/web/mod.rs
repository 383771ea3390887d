//! All HTTP: the router on one page, a folder a face. The web knows the rooms; no room knows the web.

mod admin;
mod answer;
mod api;
mod assets;
mod bundle;
mod cases;
mod console;
mod customers;
mod files;
mod help;
mod home;
mod knowledge;
pub mod listener;
pub mod live;
mod login;
mod page;
pub mod peer;
mod reply;
mod security;
pub mod signed_in;
mod supervisor;
pub mod widget;

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post, put},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
    csrf::CsrfLayer,
    limit::RequestBodyLimitLayer,
    timeout::RequestBodyDeadlineLayer,
};

use crate::{app::App, chat::files::UNKNOWN, demo::Demo, knowledge::pictures};

/// The largest request body, in bytes.
const MAX_BODY: usize = 256 * 1024;
/// The largest body with a picture or a solution: one that is too large is refused in words, by its own size.
const MAX_LARGE_BODY: usize = 4 * pictures::MAX_PICTURE;
/// How long a request's body may take to come: slow ones must not hold a place.
const BODY_TIME: Duration = Duration::from_secs(15);

/// Everything that the server answers; `demo` adds the demo's first page.
pub fn router(app: App, demo: Option<Demo>) -> Router {
    let first_page = match demo {
        Some(demo) => Router::new()
            .route("/", get(home::show))
            .route("/demo/hours", post(home::set_hours))
            .with_state((app.clone(), demo)),
        None => Router::new().route("/", get(home::to_console)),
    };
    let routes = Router::new()
        // Sockets
        .route("/live", get(live::upgrade))
        // The widget
        .route("/widget.js", get(widget::loader))
        .route("/widget/frame", get(widget::frame))
        .route("/widget/api/site", get(widget::api::site))
        .route("/widget/api/verify", post(widget::api::verify))
        .route("/widget/api/conversation", post(widget::api::conversation))
        .route("/widget/api/message", post(widget::api::message))
        .route("/widget/api/files/{id}", get(files::show_customer))
        .route("/widget/api/files/{id}/thumbnail", get(files::thumbnail_customer))
        .route("/widget/api/transcript", post(widget::api::transcript))
        // Readers
        .route("/help", get(help::search))
        .route("/help/{id}", get(help::show))
        .route("/help/{id}/helped", post(help::rate))
        .route("/help/pictures/{id}", get(help::picture))
        // Customers, by the links in their mails
        .route("/answer/{token}", get(answer::show).post(answer::submit))
        .route("/answer/{token}/pin", post(answer::submit_pin))
        .route("/answer/{token}/files/{id}", get(answer::show_file))
        .route("/survey/{token}", get(answer::show_survey).post(answer::submit_survey))
        // The desk's people
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(login::leave))
        .route("/console", get(console::show))
        .route("/supervisor", get(supervisor::show))
        .route("/supervisor/history", get(supervisor::history::show))
        .route("/supervisor/history.csv", get(supervisor::history::csv))
        .route("/supervisor/surveys", get(supervisor::surveys::show))
        .route("/knowledge", get(knowledge::list))
        .route("/knowledge/new", get(knowledge::editor::begin))
        .route("/knowledge/reports", get(knowledge::report))
        .route("/knowledge/reports/version", post(knowledge::set_product_version))
        .route("/knowledge/{id}", get(knowledge::editor::show))
        .route("/cases", get(cases::list).post(cases::submit))
        .route("/cases.csv", get(cases::csv))
        .route("/cases/{number}/print", get(cases::print))
        .route("/customers", get(customers::list))
        .route("/customers/{number}", get(customers::show).post(customers::submit))
        .route("/replies", get(admin::replies::show_own).post(admin::replies::submit_own))
        .route("/admin", get(admin::overview::show))
        .route("/admin/teams", get(admin::teams::show).post(admin::teams::submit))
        .route("/admin/people", get(admin::people::list))
        .route("/admin/people/new", get(admin::people::begin).post(admin::people::create))
        .route("/admin/people/{id}", get(admin::people::show).post(admin::people::submit))
        .route("/admin/categories", get(admin::categories::show).post(admin::categories::submit))
        .route("/admin/severities", get(admin::severities::show).post(admin::severities::submit))
        .route("/admin/replies", get(admin::replies::show).post(admin::replies::submit))
        .route("/admin/tags", get(admin::tags::show).post(admin::tags::submit))
        .route("/admin/promises", get(admin::promises::show).post(admin::promises::submit))
        .route("/admin/agreement", get(admin::agreement::show).post(admin::agreement::submit))
        .route("/admin/rules", get(admin::rules::show).post(admin::rules::submit))
        .route("/admin/rules/thresholds", post(admin::rules::submit_thresholds))
        .route("/admin/sites", get(admin::sites::show).post(admin::sites::submit))
        .route("/admin/outbox", get(admin::outbox::show).post(admin::outbox::submit))
        .route("/admin/log", get(admin::log::show))
        .route("/admin/hours", get(admin::hours::show))
        .route("/admin/hours/channel", post(admin::hours::save_channel))
        .route("/admin/hours/holiday", post(admin::hours::save_holiday))
        .route("/admin/hours/holiday/remove", post(admin::hours::remove_holiday))
        .route("/admin/hours/federal", post(admin::hours::add_federal))
        // What the console does, a program can do
        .route("/api/me", get(api::desk::me))
        .route("/api/teams", get(api::desk::teams))
        .route("/api/colleagues", get(api::desk::colleagues))
        .route("/api/categories", get(api::desk::categories))
        .route("/api/people", get(api::desk::people))
        .route("/api/people/{id}/teams", put(api::desk::set_teams))
        .route("/api/tags", get(api::desk::tags))
        .route("/api/canned-replies", get(api::replies::list).post(api::replies::add))
        .route("/api/canned-replies/{id}", put(api::replies::save).delete(api::replies::remove))
        .route("/api/severities", get(api::desk::severities))
        .route("/api/figures", get(supervisor::history::answer))
        .route("/api/hours", get(api::hours::show))
        .route("/api/hours/override", post(api::hours::set_by_hand).delete(api::hours::clear_by_hand))
        .route("/api/notices/{id}/read", post(api::desk::read_notice))
        .route("/api/accounts/{number}", get(customers::read))
        .route("/api/accounts/{number}/standing", put(customers::set_standing))
        .route("/api/contacts/{id}/pin", post(api::desk::renew_pin))
        .route("/api/chats/{id}", get(api::chats::show))
        .route("/api/chats/{id}/case-proposal", get(api::chats::propose_case))
        .route("/api/chats/{id}/case", post(api::chats::make_case))
        .route("/api/chats/{id}/transfer", post(api::steer::hand_on).delete(api::steer::take_back))
        .route("/api/chats/{id}/notes", post(api::steer::note))
        .route("/api/chats/{id}/whisper", post(api::steer::whisper))
        .route("/api/chats/{id}/take-over", post(api::steer::take_over))
        .route("/api/chats/{id}/assign", post(api::steer::assign))
        .route("/api/chats/{id}/join", post(api::steer::join))
        .route("/api/chats/{id}/leave", post(api::steer::leave))
        .route("/api/chats/{id}/severity", post(api::steer::set_severity))
        .route("/api/chats/{id}/move", post(api::steer::move_to))
        .route("/api/chats/{id}/requeue", post(api::steer::requeue))
        .route("/api/chats/{id}/flag", post(api::steer::flag))
        .route("/api/chats/{id}/unflag", post(api::steer::unflag))
        .route("/api/chats/{id}/wrap-up-done", post(api::steer::end_wrap_up))
        .route("/api/chats/{id}/tags", put(api::steer::set_tags))
        .route("/api/chats/{id}/merge", post(api::steer::merge))
        .route("/api/chats/{id}/drafts", get(api::steer::show_drafts))
        .route("/api/chats/{id}/drafts/{kind}", put(api::steer::keep_draft))
        .route("/files/{id}", get(files::show))
        .route("/api/cases/{number}/files/{id}", get(files::show_of_case))
        .route("/files/{id}/thumbnail", get(files::thumbnail))
        .route("/api/chats/{id}/transcript", post(api::chats::send_transcript))
        .route("/api/cases", get(api::cases::list))
        .route("/api/cases/{number}", get(api::cases::show))
        .route("/api/cases/{number}/solution", post(api::solutions::create_from_case))
        .route("/api/cases/{number}/{verb}", post(api::cases::act))
        .route("/api/chats/{id}/solutions", get(api::chats::solutions))
        .route("/api/solutions", get(api::solutions::list).post(api::solutions::create))
        .route("/api/solutions/search", get(api::solutions::search))
        .route("/api/solutions/preview", post(api::solutions::preview))
        .route("/api/solutions/report", get(api::solutions::report))
        .route("/api/solutions/product-version", post(api::solutions::set_product_version))
        .route("/api/solutions/{id}", get(api::solutions::show))
        .route("/api/solutions/{id}/text", get(api::solutions::read))
        .route("/api/solutions/{id}/versions/{version}", get(api::solutions::version))
        .route("/api/solutions/{id}/draft", put(api::solutions::save).delete(api::solutions::discard))
        .route("/api/solutions/{id}/review", post(api::solutions::submit))
        .route("/api/solutions/{id}/send-back", post(api::solutions::send_back))
        .route("/api/solutions/{id}/publish", post(api::solutions::publish))
        .route("/api/solutions/{id}/published", post(api::solutions::set_published))
        .route("/api/solutions/{id}/place", post(api::solutions::pin))
        // Machines
        .route("/a/{hash}/{*path}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .fallback(reply::no_such_page)
        .with_state(app.clone());
    // A picture may be larger than anything else, and so may a solution: a form takes nine bytes for a letter of many scripts.
    let large = Router::new()
        .route("/knowledge/new", post(knowledge::editor::create))
        .route("/knowledge/{id}", post(knowledge::editor::submit))
        .route("/api/solutions/{id}/pictures", post(api::solutions::add_picture))
        .route("/knowledge/{id}/pictures", post(knowledge::editor::add_picture))
        .with_state(app.clone())
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(MAX_LARGE_BODY));
    // They count what they read, and have more time.
    let uploads = Router::new()
        .route("/api/chats/{id}/files", post(files::send))
        .route("/api/cases/{number}/files", post(files::send_to_case))
        .route("/answer/{token}/files", post(answer::submit_file).layer(DefaultBodyLimit::disable()))
        .route("/widget/api/files", post(files::send_as_customer))
        .with_state(app.clone());
    // What is only stored is mostly packed already.
    let worth_packing = DefaultPredicate::new().and(NotForContentType::const_new(UNKNOWN));
    routes
        .merge(first_page)
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .merge(large)
        .layer(RequestBodyDeadlineLayer::new(BODY_TIME))
        .merge(uploads)
        .layer(csrf(&app))
        .layer(middleware::map_response(reply::in_words))
        .layer(middleware::from_fn_with_state(app, security::headers))
        .layer(CompressionLayer::new().quality(CompressionLevel::Best).compress_when(worth_packing))
        .layer(CatchPanicLayer::custom(reply::after_panic))
}

/// Refuses what pages of other origins post. Ours is the host that the request was sent to or, where a proxy hands on another
/// one, `public_url`.
fn csrf(app: &App) -> CsrfLayer {
    let guard = CsrfLayer::new();
    guard.clone().add_trusted_origin(app.config.origin()).unwrap_or_else(|error| {
        tracing::warn!(%error, "public_url is no origin that a browser sends");
        guard
    })
}
