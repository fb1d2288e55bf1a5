//! The gateway's settings and its agents, as the owner sees them.

use super::channel::verification;
use super::rights;
use crate::agents::Prepared;
use crate::api::types::{Moment, PreparedAgent, RightsName, Settings};
use crate::settings::Values;

pub fn settings(values: &Values) -> Settings {
    let new = &values.new_channels;
    Settings {
        organisation: values.organisation.to_string(),
        sign_in_s: values.sign_in_s,
        expiration_s: new.expiration_s,
        pin_valid_s: new.pin_valid_s,
        default_rights: rights(new.default_rights).unwrap_or(RightsName::View),
        verification: verification(new.verification),
    }
}

pub fn agent(prepared: Prepared) -> PreparedAgent {
    let stamp = prepared.stamp;
    PreparedAgent {
        file: prepared.file,
        bytes: prepared.bytes,
        prepared_at: Moment(prepared.prepared_at),
        fingerprint: prepared.fingerprint,
        whole: stamp.is_some(),
        organisation: stamp.as_ref().map(|one| one.organisation.clone()),
        gateway: stamp.as_ref().map(|one| one.gateway.to_string()),
        gateway_version: stamp.map(|one| one.version),
    }
}
