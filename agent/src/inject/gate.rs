//! The only place where injection is made, and only from a grant to control.

use mayday_session::consent::ControlGrant;

use super::guard::Guard;
use super::{Hands, InjectError, enigo, xtest};
use crate::cli::InputBackend;
use crate::stop_key::InjectedKeys;
use crate::window::OwnWindows;

/// # Errors
/// When input cannot be injected that way here.
pub fn open(
    _grant: &ControlGrant,
    backend: InputBackend,
    own: OwnWindows,
    ledger: InjectedKeys,
) -> Result<Hands, InjectError> {
    let guard = Guard::open(None, own)?;
    Ok(Hands::new(match backend {
        InputBackend::Xtest => Box::new(xtest::Xtest::new(guard, ledger)?),
        InputBackend::Enigo => Box::new(enigo::Portable::new(guard, ledger)?),
    }))
}
