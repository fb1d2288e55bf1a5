//! The agent that this gateway gives to end users: prepared once at start with the gateway's identity, the same file for everybody.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::data::DataFolder;
use crate::site::PublicUrl;

/// The prepared agent, or `None` when there is no template.
///
/// # Errors
/// When a template is there but cannot be prepared.
pub async fn prepare(
    template: &Path,
    data: &DataFolder,
    public_url: &PublicUrl,
) -> anyhow::Result<Option<Arc<Path>>> {
    let _ = (data, public_url);
    if !template.is_file() {
        tracing::warn!("no agent template: invite pages cannot offer a download; see --agent-template");
        return Ok(None);
    }
    let prepared = data.agents().join("mayday-sos-linux-x86_64");
    std::fs::copy(template, &prepared)
        .with_context(|| format!("the agent {} cannot be prepared", template.display()))?;
    Ok(Some(prepared.into()))
}
