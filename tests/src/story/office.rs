//! An office that has been at work for a while, for who looks at the Service Desk for the first time: people, channels, and sessions in
//! every status. Everything comes about as it would on a real day, through the gateway's own interface. Owns the names.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::cast::{CHANNEL, Company};
use crate::gateway::Gateway;
use crate::rest::Rest;

pub const COLLEAGUE: &str = "ben@example.com";
pub const COLLEAGUE_NAME: &str = "Ben Becker";
pub const MANAGER: &str = "mara@example.com";
pub const MANAGER_NAME: &str = "Mara Manager";

pub(super) const ACCOUNTING: &str = "Accounting";
const WORKSHOP: &str = "Workshop";
/// The SOS Call's name, as end users read it.
const CALL: &str = "Help with invoices";
const DAY_S: u32 = 86_400;

/// Everybody who works here, signed in.
pub struct Office {
    pub colleague: Rest,
    pub manager: Rest,
    /// The ids of who is there besides the owner: the technician, the colleague, the manager.
    pub people: [String; 3],
    /// The link of the SOS Call, which is always the same.
    pub call: String,
}

impl Office {
    /// Hires a second technician and a manager, and gives all of them channels, one with an SOS Call.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn staff(company: &Company) -> Result<Self> {
        let Company { gateway, owner, .. } = company;
        let (colleague_id, colleague) =
            gateway.hire(owner, COLLEAGUE_NAME, COLLEAGUE, "channel_technician")?;
        let (manager_id, manager) =
            gateway.hire(owner, MANAGER_NAME, MANAGER, "channel_manager")?;
        let technician_id = text(&company.technician.get("/me")?, "id")?;
        let people = [technician_id, colleague_id, manager_id];
        for (name, description) in [
            (
                ACCOUNTING,
                "Invoices, bank software, printers on the first floor",
            ),
            (
                WORKSHOP,
                "Tablets and label printers; call before you connect",
            ),
        ] {
            owner.post(
                "/channels",
                &json!({"name": name, "description": description, "expiration_s": DAY_S}),
            )?;
        }
        for name in [CHANNEL, ACCOUNTING, WORKSHOP] {
            let channel = channel(owner, name)?;
            for person in &people {
                owner.put(&format!("/channels/{channel}/members/{person}"), &json!({}))?;
            }
        }
        Ok(Self {
            colleague,
            manager,
            people,
            call: sos_call(owner)?,
        })
    }

    /// Sessions in every status but active: that needs somebody's computer.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn work(&self, company: &Company) -> Result<()> {
        let (tina, ben, mara) = (&company.technician, &self.colleague, &self.manager);
        self.expired(company)?;
        open(
            tina,
            "New laptop for Rosa",
            "Needs the VPN and her old desktop shortcuts",
            CHANNEL,
        )?;
        let waiting = open(
            ben,
            "Label printer prints half",
            "Since the move to bay 4",
            WORKSHOP,
        )?;
        post(
            ben,
            &waiting,
            "invite",
            &json!({"technician_id": self.people[0]}),
        )?;
        for (by, name, note, channel) in [
            (
                mara,
                "Invoice program is slow",
                "Month's end: please before noon",
                ACCOUNTING,
            ),
            (ben, "Cannot open the shared calendar", "", CHANNEL),
        ] {
            let queued = open(by, name, note, channel)?;
            post(by, &queued, "release", &json!({}))?;
        }
        for (by, name, channel) in [
            (tina, "Password forgotten", CHANNEL),
            (mara, "Bank certificate renewed", ACCOUNTING),
        ] {
            let closed = open(by, name, "", channel)?;
            post(by, &closed, "close", &json!({}))?;
        }
        Ok(())
    }

    /// It was opened while its channel gave everybody a minute, and nobody came.
    fn expired(&self, company: &Company) -> Result<()> {
        let owner = &company.owner;
        let path = format!("/channels/{}", channel(owner, WORKSHOP)?);
        owner.patch(&path, &json!({"expiration_s": 60}))?;
        open(
            &self.colleague,
            "Tablet does not charge",
            "Was not at the desk",
            WORKSHOP,
        )?;
        owner.patch(&path, &json!({"expiration_s": DAY_S}))?;
        Ok(())
    }

    /// Who may sign in, for a person to read.
    #[must_use]
    pub fn introduce(gateway: &Gateway) -> String {
        format!(
            "Service Desk    {}\nTechnicians     {}, {COLLEAGUE}\nManager         {MANAGER}\nOwner           {}\nPassword        {}   (for all of them)",
            gateway.listening.http_loopback,
            super::TECHNICIAN,
            crate::gateway::OWNER,
            crate::gateway::PASSWORD,
        )
    }
}

/// End users of the accounting channel ask for help with it, and say at the end how it was.
fn sos_call(owner: &Rest) -> Result<String> {
    let channel = channel(owner, ACCOUNTING)?;
    owner.patch(
        &format!("/channels/{channel}"),
        &json!({"rating": true, "rating_question": "Could we help you?"}),
    )?;
    let fields = json!([{"label": "Room", "required": true, "kind": "text"}]);
    let call = owner.post(
        &format!("/channels/{channel}/calls"),
        &json!({"name": CALL, "fields": fields}),
    )?;
    text(&call, "link")
}

/// A new session in the channel of this name; its id.
fn open(by: &Rest, name: &str, note: &str, in_channel: &str) -> Result<String> {
    let channel = channel(by, in_channel)?;
    let made = by.post(
        "/sessions",
        &json!({"name": name, "note": note, "channel_id": channel}),
    )?;
    text(&made, "id")
}

fn post(by: &Rest, session: &str, action: &str, body: &Value) -> Result<()> {
    by.post(&format!("/sessions/{session}/{action}"), body)?;
    Ok(())
}

pub(super) fn channel(by: &Rest, name: &str) -> Result<String> {
    let channels = by.get("/channels")?;
    let all = channels.as_array().context("a list of channels")?;
    let found = all.iter().find(|one| one["name"] == name);
    text(found.with_context(|| format!("no channel {name}"))?, "id")
}

pub(super) fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str();
    Ok(text
        .with_context(|| format!("no {key} in {value}"))?
        .to_owned())
}
