//! The parts that routes reach, in one cheap handle. Owns nothing itself.

use crate::accounts::Accounts;
use crate::agents::Agents;
use crate::audit::Audit;
use crate::calls::Calls;
use crate::channels::Channels;
use crate::desk::Desk;
use crate::directory::Directory;
use crate::events::Events;
use crate::groups::Groups;
use crate::operation::Operation;
use crate::settings::SystemSettings;
use crate::site::Site;

#[derive(Clone)]
pub struct App {
    pub site: Site,
    pub settings: SystemSettings,
    /// Stamped for this gateway.
    pub agents: Agents,
    /// What an operator looks for.
    pub operation: Operation,
    pub accounts: Accounts,
    pub audit: Audit,
    pub channels: Channels,
    pub groups: Groups,
    pub calls: Calls,
    pub directory: Directory,
    pub desk: Desk,
    pub events: Events,
}
