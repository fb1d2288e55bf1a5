//! Accounts as JSON: signing in, oneself, the list of technicians, set-up links.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, Moment};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub enum RoleName {
    ChannelTechnician,
    ChannelManager,
    TechnicianManager,
    Owner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Can sign in.
    Active,
    /// Has a set-up link that was not used yet.
    Invited,
    Disabled,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SignIn {
    pub email: String,
    #[schema(format = Password)]
    pub password: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: Id,
    pub name: String,
    pub email: String,
    pub role: RoleName,
    /// Permissions that the role gives everywhere, for example `technician.manage`.
    pub permissions: Vec<String>,
    /// A BCP 47 tag, or null: as the browser wants.
    #[schema(required)]
    pub language: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct MePatch {
    pub name: Option<String>,
    pub language: Option<String>,
}

/// One of the places where I am signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MySignIn {
    pub id: String,
    /// The one that asks.
    pub this: bool,
    /// A console of it is open.
    pub open: bool,
    /// What the browser calls itself; empty when it does not say.
    pub browser: String,
    /// From where the sign-in came; empty when that was not kept yet.
    pub address: String,
    pub since: Moment,
    /// To the minute, when the gateway was restarted since.
    pub used_at: Moment,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChange {
    #[schema(format = Password)]
    pub current: String,
    /// 10 to 256 characters.
    #[schema(format = Password)]
    pub new: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Technician {
    pub id: Id,
    pub name: String,
    pub email: String,
    pub role: RoleName,
    pub state: AccountState,
    /// A console of theirs is open.
    pub online: bool,
    /// What they know, as tags: channels may want some of them.
    pub skills: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewTechnician {
    pub name: String,
    pub email: String,
    pub role: RoleName,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TechnicianCreated {
    pub technician: Technician,
    /// Works once, for 7 days.
    pub setup_link: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupLink {
    /// Works once, for 7 days; links made before do not work any more.
    pub setup_link: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct TechnicianPatch {
    pub name: Option<String>,
    pub role: Option<RoleName>,
    /// `true` ends all their sign-ins.
    pub disabled: Option<bool>,
    /// At most 20 of 1 to 32 characters.
    pub skills: Option<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SetupInfo {
    pub name: String,
    pub email: String,
    pub organisation: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupPassword {
    /// 10 to 256 characters.
    #[schema(format = Password)]
    pub password: String,
}
