//! The gateway about itself, and how an error looks.

use serde::Serialize;
use utoipa::ToSchema;

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
