//! Accounts: who may sign in, and how. Owns passwords, web sessions and set-up links; what a signed-in technician may do is
//! decided by the session crate's permissions.

mod change;
mod password;
mod setup;
mod sign_in;
mod signed_in;
pub mod throttle;

use std::sync::{Arc, Mutex};

use crate::directory::{Account, Directory};
use crate::settings::SystemSettings;
use crate::store::{Store, WriteError};

pub use change::AccountPatch;
pub use password::acceptable;
pub use setup::OwnerLinkError;
pub use sign_in::{NewSignIn, SignInFrom, WebSession};
pub use signed_in::SignedIn;

/// Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    directory: Directory,
    system: SystemSettings,
    passwords: password::Passwords,
    throttle: Arc<Mutex<throttle::Throttle>>,
    uses: Arc<signed_in::Uses>,
}

/// Why something about accounts is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("e-mail address or password is wrong")]
    WrongCredentials,
    #[error("too many tries; try again in {seconds} seconds")]
    TryLater { seconds: u64 },
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("a password has 10 to 256 characters")]
    PasswordLength,
    #[error("a name has 1 to 64 characters")]
    Name,
    #[error("“{0}” is not an e-mail address; one looks like you@example.com")]
    Email(String),
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    #[error("somebody has at most 20 skills of 1 to 32 characters")]
    Skills,
    #[error("this language is not a language tag")]
    Language,
    #[error("this set-up link was used, is too old, or never existed; ask for a new one")]
    SetupLink,
    #[error("this sign-in has ended already")]
    NoSignIn,
    #[error("this account does not exist")]
    NotFound,
    #[error("you may not change this account")]
    NotAllowed,
    #[error("this would leave the gateway without an owner")]
    LastOwner,
    #[error(transparent)]
    Store(#[from] WriteError),
    #[error("the database cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}

impl Accounts {
    #[must_use]
    pub fn new(store: Store, directory: Directory, system: SystemSettings) -> Self {
        Self {
            store,
            directory,
            system,
            passwords: password::Passwords::new(),
            throttle: Arc::default(),
            uses: Arc::default(),
        }
    }

    /// The account `id`, also when another process just made it.
    pub(crate) async fn find(&self, id: u64) -> Result<Account, AccountError> {
        if let Some(account) = self.directory.now().account(id) {
            return Ok(account.clone());
        }
        self.directory.reload().await?;
        let snapshot = self.directory.now();
        snapshot.account(id).cloned().ok_or(AccountError::NotFound)
    }
}

/// A name as it is kept: trimmed, 1 to 64 characters, none of them invisible.
pub(crate) fn clean_name(name: &str) -> Option<String> {
    let name = name.trim();
    let length = name.chars().count();
    let fits = (1..=mayday_protocol::limits::NAME_CHARS).contains(&length);
    (fits && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

/// An address as it is kept and compared: trimmed, lower case.
pub(crate) fn clean_email(email: &str) -> Option<String> {
    const LONGEST: usize = 254;
    let email = email.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    let good = !local.is_empty()
        && !domain.is_empty()
        && email.len() <= LONGEST
        && local.chars().all(plain)
        && domain.chars().all(plain);
    good.then_some(email)
}
