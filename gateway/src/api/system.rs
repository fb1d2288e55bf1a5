//! The gateway about itself, for anybody.

use axum::{Json, extract::State};

use super::types::{IdentityPin, System};
use crate::app::App;
use crate::site::VERSION;

/// What this gateway is called.
#[utoipa::path(get, path = "/system", tag = "system", responses((status = OK, body = System)))]
pub async fn system(State(app): State<App>) -> Json<System> {
    Json(System {
        organisation: app.settings.now().organisation.to_string(),
        version: VERSION.to_owned(),
        public_url: app.site.public_url.to_string(),
    })
}

/// The pin of the gateway's key, for agents that reached it over a public authority's certificate.
#[utoipa::path(get, path = "/identity", tag = "system", responses((status = OK, body = IdentityPin)))]
pub async fn identity(State(app): State<App>) -> Json<IdentityPin> {
    Json(IdentityPin {
        pin: app.site.pin.to_string(),
    })
}
