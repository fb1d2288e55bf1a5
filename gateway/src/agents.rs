//! The agent that this gateway gives to end users: stamped once at start with the gateway's identity, the same file for everybody.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use mayday_installer::{StampKey, stamp_file};
use mayday_protocol::stamp::StampFields;

use crate::data::DataFolder;
use crate::site::VERSION;

/// The stamped agent, or `None` when there is no template.
///
/// # Errors
/// When a template is there but cannot be stamped.
pub async fn prepare(
    template: &Path,
    data: &DataFolder,
    fields: StampFields,
) -> anyhow::Result<Option<Arc<Path>>> {
    if !template.is_file() {
        tracing::warn!(
            "no agent template: invite pages cannot offer a download; see --agent-template"
        );
        return Ok(None);
    }
    let (template, data) = (template.to_owned(), data.clone());
    let stamped = tokio::task::spawn_blocking(move || {
        let key = StampKey::load_or_create(&data.keys().join("stamp.key"))?;
        let out = data.agents().join("mayday-sos-linux-x86_64");
        stamp_file(&template, &out, &fields, &key)
            .with_context(|| format!("the agent {} cannot be stamped", template.display()))?;
        Ok::<_, anyhow::Error>(out)
    });
    Ok(Some(stamped.await??.into()))
}

/// What the stamp says.
///
/// # Errors
/// When the public URL or the organisation's name does not fit into a stamp.
pub fn fields(
    host_and_port: &str,
    pin: [u8; 32],
    organisation: &str,
) -> anyhow::Result<StampFields> {
    let gateway = host_and_port.parse();
    Ok(StampFields {
        gateway: gateway.context("the public URL does not fit into the agent's stamp")?,
        pin,
        organisation: organisation.to_owned(),
        version: VERSION.to_owned(),
    })
}
