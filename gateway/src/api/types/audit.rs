//! The audit as JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Id, Moment, RoleName};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Found in the session's name, the detail, the address or a technician's name.
    pub q: Option<String>,
    /// `technician:ID`, `end_user`, `agent`, `gateway` or `machine`.
    pub actor: Option<String>,
    /// A stable word, as in the records.
    pub action: Option<String>,
    pub session: Option<Id>,
    /// The channel in which the session is now.
    pub channel: Option<Id>,
    pub since: Option<Moment>,
    pub until: Option<Moment>,
    /// `next_before` of the page before.
    pub before: Option<u64>,
    /// 1 to 500; 100 when absent.
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditExportQuery {
    pub format: AuditFormat,
    /// The language of roles in a CSV: en, de, fr, nl, es or ja; English when absent.
    pub lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditFormat {
    Csv,
    Json,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditRecord>,
    /// Absent: there is nothing older.
    pub next_before: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRecord {
    pub sequence: u64,
    pub at: Moment,
    /// A technician's name, `end_user`, `agent`, `gateway` or `machine`.
    pub actor: String,
    pub action: String,
    pub session_id: Option<Id>,
    pub session_name: Option<String>,
    /// Names and words, separated by spaces.
    pub detail: String,
    /// The same, part by part.
    pub about: Vec<AuditPart>,
    /// The address it was asked for from; absent for what the gateway does by itself.
    pub from: Option<String>,
}

/// One part of what a record says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AuditPart {
    /// Of a technician, a channel, a group or an SOS Call.
    Name {
        text: String,
    },
    /// Something was removed before names were kept: `channel`, `group` or `call`.
    Gone {
        kind: String,
    },
    Role {
        role: RoleName,
    },
    /// `on`, `off` or `inherit`.
    Permission {
        permission: String,
        setting: String,
    },
    Word {
        text: String,
    },
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditStatus {
    pub records: u64,
    /// Up to this record the audit is signed outside the database.
    pub signed_records: u64,
    pub signed_at: Option<Moment>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditCheck {
    pub whole: bool,
    pub records: u64,
    /// A sentence: the first record that is not what was written.
    pub problem: Option<String>,
}
