//! The agent that this gateway gives to end users: stamped once at start with the gateway's identity, the same file for everybody.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use mayday_installer::{StampKey, stamp_file};
use mayday_protocol::stamp::StampFields;

use crate::data::DataFolder;
use crate::site::VERSION;

/// Whether the template that was asked for can be read, before anything else is done.
///
/// # Errors
/// When it is no readable file.
pub fn check(asked: &Path) -> anyhow::Result<()> {
    readable(asked).with_context(|| {
        format!(
            "the agent template {} cannot be read; give --agent-template the path of a built mayday-sos, \
             or leave it out to start without downloads",
            asked.display()
        )
    })
}

/// The one that was asked for, else the data folder's own, if it has one.
#[must_use]
pub fn template(asked: Option<PathBuf>, data: &DataFolder) -> Option<PathBuf> {
    let own = || Some(data.template()).filter(|own| own.is_file());
    asked.or_else(own)
}

fn readable(path: &Path) -> io::Result<()> {
    let about = File::open(path)?.metadata()?;
    match about.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is not a file")),
    }
}

/// The stamped agent, or `None` without a template.
///
/// # Errors
/// When the template cannot be stamped.
pub async fn prepare(
    template: Option<PathBuf>,
    data: &DataFolder,
    fields: StampFields,
) -> anyhow::Result<Option<Arc<Path>>> {
    let Some(template) = template else {
        tracing::warn!(
            "no agent template: invite pages cannot offer a download; see --agent-template"
        );
        return Ok(None);
    };
    let data = data.clone();
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
