//! The gateway's settings, and what an operator looks for.

use axum::{Json, extract::State};
use mayday_session::permission::Permission;

use super::extract::{JsonBody, SignedIn};
use super::types::{
    AuditHead, CertificateKind, CertificateState, DataState, ErrorBody, Moment, Settings,
    SettingsPatch, SystemState,
};
use super::{ApiError, show};
use crate::app::App;
use crate::clock::Timestamp;
use crate::settings::Patch;
use crate::site::VERSION;

/// Needs `system.manage`.
#[utoipa::path(get, path = "/settings", tag = "settings", responses(
    (status = OK, body = Settings),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn show(State(app): State<App>, me: SignedIn) -> Result<Json<Settings>, ApiError> {
    me.need(Permission::SystemManage)?;
    Ok(Json(show::settings(&app.settings.now())))
}

/// Takes effect at once. Another name also goes into the agent that is downloaded from now on; a stamp is signed, so files that were
/// downloaded before keep theirs. Needs `system.manage`.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = SettingsPatch, responses(
    (status = OK, body = Settings),
    (status = FORBIDDEN, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn change(
    State(app): State<App>,
    me: SignedIn,
    JsonBody(body): JsonBody<SettingsPatch>,
) -> Result<Json<Settings>, ApiError> {
    me.need(Permission::SystemManage)?;
    let patch = Patch {
        organisation: body.organisation,
        sign_in_s: body.sign_in_s,
        expiration_s: body.expiration_s,
        pin_valid_s: body.pin_valid_s,
        default_rights: body.default_rights.map(show::rights_from),
        verification: body.verification.map(show::verification_from),
    };
    let (before, after) = app.settings.change(&me.0.account, patch).await?;
    if before != after {
        app.events.settings_changed();
    }
    if before.organisation != after.organisation {
        app.agents.stamp(&app.settings).await.map_err(not_stamped)?;
    }
    Ok(Json(show::settings(&after)))
}

/// Version, addresses, certificate, agent, sizes, audit. Needs `system.manage`.
#[utoipa::path(get, path = "/system/state", tag = "settings", responses(
    (status = OK, body = SystemState),
    (status = FORBIDDEN, body = ErrorBody),
))]
pub async fn state(State(app): State<App>, me: SignedIn) -> Result<Json<SystemState>, ApiError> {
    me.need(Permission::SystemManage)?;
    let operation = &app.operation;
    let sizes = operation.sizes().await.map_err(ApiError::internal)?;
    let audit = app.audit.state().await.map_err(ApiError::internal)?;
    let agent = app.agents.look().await.map_err(ApiError::internal)?;
    let snapshot = app.directory.now();
    let online = snapshot
        .accounts()
        .filter(|one| app.events.is_online(one.id));
    let loopback = operation
        .loopback
        .map(|address| format!("http://{address}"));
    Ok(Json(SystemState {
        version: VERSION.to_owned(),
        started_at: Moment(operation.started_at),
        public_url: app.site.public_url.to_string(),
        listens_on: operation.listens_on.to_string(),
        metrics_url: loopback.as_ref().map(|url| format!("{url}/metrics")),
        loopback_url: loopback,
        pin: app.site.pin.to_string(),
        certificate: certificate(&app),
        agent: agent.map(show::agent),
        data: DataState {
            folder: operation.data.path().display().to_string(),
            bytes: sizes.folder,
            database_bytes: sizes.database,
        },
        audit: AuditHead {
            records: audit.records,
            hash: audit.hash,
            signed_records: audit.signed.map_or(0, |(sequence, _)| sequence),
            signed_at: audit.signed.map(|(_, at)| Moment(at)),
        },
        open_sessions: app.desk.open_sessions().values().sum(),
        technicians_online: u32::try_from(online.count()).unwrap_or(u32::MAX),
    }))
}

fn certificate(app: &App) -> CertificateState {
    let certificate = &app.operation.certificate;
    let ends = certificate.ends_at().map(|at| at.unix_timestamp());
    CertificateState {
        kind: match certificate.is_own() {
            true => CertificateKind::Own,
            false => CertificateKind::Given,
        },
        ends_at: ends
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(|seconds| Moment(Timestamp(seconds * 1000))),
    }
}

fn not_stamped(error: anyhow::Error) -> ApiError {
    tracing::error!(
        error = format!("{error:#}"),
        "the agent was not stamped anew"
    );
    ApiError::new(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "not_stamped",
        "the name is saved, but the agent for downloads still has the old one: the gateway's log says why; restart it when that is mended",
    )
}
