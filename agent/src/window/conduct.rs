//! What a click means: flips the permit at once where something must end, then tells the core. Owns no window and no rule.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::face::UserAction;
use crate::permit::Permit;

/// The core closes the window after Leave or Quit; if it hangs, the window closes by itself after this time.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Conduct {
    actions: UnboundedSender<UserAction>,
    permit: Arc<Permit>,
}

impl Conduct {
    pub(super) fn new(actions: UnboundedSender<UserAction>, permit: Arc<Permit>) -> Self {
        Self { actions, permit }
    }

    pub(super) fn send(&self, action: UserAction) {
        // First what must hold even if nobody reads the queue any more.
        match action {
            UserAction::Stop | UserAction::Leave | UserAction::Quit => self.permit.stop(),
            UserAction::Pause => self.permit.pause(),
            UserAction::LowerToView => self.permit.lower_to_view(),
            UserAction::Pin(_)
            | UserAction::Gateway(_)
            | UserAction::GatewayConfirmed(_)
            | UserAction::ShowCode
            | UserAction::NewCode
            | UserAction::EnterPin
            | UserAction::Send(_)
            | UserAction::Code(_)
            | UserAction::SameCode(_)
            | UserAction::Allow
            | UserAction::ViewOnly
            | UserAction::Reject
            | UserAction::Resume
            | UserAction::InviteAgain
            | UserAction::OpenChat
            | UserAction::CloseChat
            | UserAction::Say(_)
            | UserAction::Rate { .. }
            | UserAction::SkipRating
            | UserAction::Retry => {}
        }
        let ends = matches!(action, UserAction::Leave | UserAction::Quit);
        let core_is_gone = self.actions.send(action).is_err();
        if ends {
            let patience = if core_is_gone {
                Duration::ZERO
            } else {
                PATIENCE
            };
            slint::Timer::single_shot(patience, || {
                let _not_running = slint::quit_event_loop();
            });
        }
    }

    pub(super) fn pin(&self, pin: &str) {
        self.send(UserAction::Pin(pin.to_owned()));
    }

    pub(super) fn say(&self, text: &str) {
        self.send(UserAction::Say(text.to_owned()));
    }

    pub(super) fn rate(&self, stars: i32, words: &str) {
        let stars = u8::try_from(stars).unwrap_or(0).clamp(1, 5);
        let words = words.to_owned();
        self.send(UserAction::Rate { stars, words });
    }

    pub(super) fn gateway(&self, address: &str) {
        self.send(UserAction::Gateway(address.trim().to_owned()));
    }
}
