//! REST: the table of contents of all routes, and their OpenAPI description. Owns JSON; every rule is somewhere else.

mod access;
mod audit;
mod auth;
mod calls;
mod channels;
mod control;
mod error;
mod events;
mod extract;
mod groups;
mod permissions;
mod reports;
mod sessions;
mod settings;
mod show;
mod sign_ins;
mod system;
mod talk;
mod technicians;
pub mod types;

use axum::{Json, Router, middleware, routing::get};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use error::ApiError;
pub use extract::Peer;

use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Mayday gateway",
        description = "Everything the console can do. Ids are strings; times are RFC 3339 in UTC. Every request but GET needs the header \
                       `x-mayday: 1`. Signing in sets the cookie `__Host-mayday_session`.",
    ),
    components(schemas(
        types::Alert,
        types::AuditFormat,
        types::ChatNews,
        types::Gone,
        types::Hello,
        types::ErrorBody,
        types::ReportTable,
        types::SessionSort
    ))
)]
struct Description;

/// All routes under /api/v1, with the description at /api/v1/openapi.json.
pub fn router(app: App) -> Router {
    let (router, description) = described().split_for_parts();
    let description = Json(named_apart(description));
    router
        .route(
            "/api/v1/openapi.json",
            get(move || std::future::ready(description.clone())),
        )
        .route("/api/v1/{*rest}", axum::routing::any(error::no_such_route))
        .layer(middleware::from_fn(extract::require_header))
        .with_state(app)
}

/// The description alone, for `mayday-gateway openapi`.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    named_apart(described().into_openapi())
}

/// Handlers have short names that repeat from file to file; in the description each operation has one of its own.
fn named_apart(mut description: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let items = description.paths.paths.values_mut();
    let operations = items.flat_map(|item| {
        [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ]
    });
    for operation in operations.flatten() {
        let tag = operation.tags.iter().flatten().next();
        if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
            operation.operation_id = Some(format!("{tag}_{id}"));
        }
    }
    description
}

fn described() -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(system::system))
        .routes(routes!(system::identity))
        .routes(routes!(settings::show, settings::change))
        .routes(routes!(settings::state))
        .routes(routes!(auth::sign_in))
        .routes(routes!(auth::sign_out))
        .routes(routes!(auth::sign_out_everywhere))
        .routes(routes!(auth::me, auth::change_me))
        .routes(routes!(auth::change_password))
        .routes(routes!(sign_ins::list))
        .routes(routes!(sign_ins::end))
        .routes(routes!(sign_ins::end_others))
        .routes(routes!(auth::setup_info, auth::set_up))
        .routes(routes!(technicians::list, technicians::create))
        .routes(routes!(technicians::change, technicians::remove))
        .routes(routes!(technicians::new_setup_link))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::change, channels::remove))
        .routes(routes!(channels::add_member, channels::remove_member))
        .routes(routes!(channels::add_group, channels::remove_group))
        .routes(routes!(permissions::list))
        .routes(routes!(permissions::one, permissions::put))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::change, groups::remove))
        .routes(routes!(calls::list, calls::create))
        .routes(routes!(calls::change, calls::delete))
        .routes(routes!(calls::pause))
        .routes(routes!(calls::resume))
        .routes(routes!(calls::enter_code))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::one, sessions::change, sessions::delete))
        .routes(routes!(sessions::link))
        .routes(routes!(sessions::pin, sessions::new_pin))
        .routes(routes!(sessions::ask))
        .routes(routes!(sessions::withdraw))
        .routes(routes!(sessions::connect))
        .routes(routes!(sessions::take))
        .routes(routes!(sessions::release))
        .routes(routes!(sessions::close))
        .routes(routes!(sessions::extend))
        .routes(routes!(sessions::assign))
        .routes(routes!(sessions::transfer_user))
        .routes(routes!(sessions::transfer_channel))
        .routes(routes!(sessions::invite))
        .routes(routes!(sessions::remove_technician))
        .routes(routes!(sessions::history))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(audit::status))
        .routes(routes!(audit::check))
        .routes(routes!(talk::chat, talk::say))
        .routes(routes!(talk::chat_read))
        .routes(routes!(talk::whispers, talk::whisper))
        .routes(routes!(talk::whispers_read))
        .routes(routes!(talk::notes, talk::add_note))
        .routes(routes!(talk::edit_note, talk::delete_note))
        .routes(routes!(control::take))
        .routes(routes!(control::give))
        .routes(routes!(control::keep))
        .routes(routes!(control::unask))
        .routes(routes!(control::earlier))
        .routes(routes!(reports::report))
        .routes(routes!(reports::csv))
        .routes(routes!(events::events));
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", v1)
}
