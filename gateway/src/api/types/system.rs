//! The gateway about itself, its settings, and how an error looks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, RightsName, Verification};

#[derive(Debug, Serialize, ToSchema)]
pub struct System {
    pub organisation: String,
    pub version: String,
    pub public_url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityPin {
    /// SHA-256 of the gateway's public key, 52 base32 characters.
    pub pin: String,
}

/// What holds for the whole gateway.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// As end users and technicians read it.
    pub organisation: String,
    /// How long somebody stays signed in.
    pub sign_in_s: u32,
    /// New channels begin with this and what follows.
    pub expiration_s: u32,
    pub pin_valid_s: u32,
    pub default_rights: RightsName,
    pub verification: Verification,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SettingsPatch {
    /// 1 to 64 characters.
    pub organisation: Option<String>,
    /// 3600 to 2592000. Sign-ins that are older than that end.
    pub sign_in_s: Option<u32>,
    /// 60 to 604800.
    pub expiration_s: Option<u32>,
    /// 60 to 86400.
    pub pin_valid_s: Option<u32>,
    pub default_rights: Option<RightsName>,
    pub verification: Option<Verification>,
}

/// What an operator looks for.
#[derive(Debug, Serialize, ToSchema)]
pub struct SystemState {
    pub version: String,
    pub started_at: Moment,
    pub public_url: String,
    /// TCP and UDP.
    pub listens_on: String,
    /// The console on plain HTTP, for browsers on that machine; null without `--http-loopback`.
    #[schema(required)]
    pub loopback_url: Option<String>,
    /// Where Prometheus reads; null without `--http-loopback`.
    #[schema(required)]
    pub metrics_url: Option<String>,
    /// SHA-256 of the gateway's public key, 52 base32 characters.
    pub pin: String,
    pub certificate: CertificateState,
    /// Null without a template.
    #[schema(required)]
    pub agent: Option<PreparedAgent>,
    pub data: DataState,
    pub audit: AuditHead,
    /// Neither closed nor expired.
    pub open_sessions: u32,
    /// Technicians who have a console open.
    pub technicians_online: u32,
}

/// What browsers meet on TCP.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateState {
    pub kind: CertificateKind,
    #[schema(required)]
    pub ends_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// Made by the gateway: browsers warn.
    Own,
    /// The files of `--cert` and `--key`.
    Given,
}

/// The agent that end users download.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreparedAgent {
    pub file: String,
    pub bytes: u64,
    pub prepared_at: Moment,
    /// SHA-256 of the file, hexadecimal.
    pub fingerprint: String,
    /// Its stamp is as the gateway signed it. What follows is null otherwise.
    pub whole: bool,
    #[schema(required)]
    pub organisation: Option<String>,
    /// HOST:PORT.
    #[schema(required)]
    pub gateway: Option<String>,
    /// Of the gateway that stamped it.
    #[schema(required)]
    pub gateway_version: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DataState {
    /// Its path on the gateway's machine.
    pub folder: String,
    pub bytes: u64,
    /// Of these: the database.
    pub database_bytes: u64,
}

/// The newest record of the audit, and how far it is signed outside the database.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditHead {
    pub records: u64,
    /// Of the newest record, hexadecimal.
    pub hash: String,
    pub signed_records: u64,
    #[schema(required)]
    pub signed_at: Option<Moment>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable word.
    pub code: String,
    /// A sentence for a person, in English; the console has its own for known codes.
    pub message: String,
    /// The field that is wrong, if one is.
    #[schema(required)]
    pub field: Option<String>,
    /// When to try again, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}
