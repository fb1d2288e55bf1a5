//! What may leave this computer and be injected into it at this instant, per technician. Owns the atomics that every sender and the
//! injector ask right before they act. Lowering works from any thread at once; raising is the core's alone, and only for a grant
//! that no lowering has overtaken.

use std::sync::atomic::{AtomicU32, Ordering};

use mayday_protocol::control::Rights;
use mayday_protocol::{Audience, Slot};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

const VIEW: u32 = 0b111;
const CONTROL: u32 = 0b111 << 3;
const PAUSED: u32 = 1 << 6;
const PROMPT: u32 = 1 << 7;
/// The rest counts lowerings, so that a raise decided before a Stop cannot undo it.
const LOWERING: u32 = 1 << 8;

/// One word: who may see, who may control, paused, prompt shown, and how often anything was lowered.
#[derive(Debug, Default)]
pub struct Permit {
    word: AtomicU32,
    lowered: Notify,
}

/// How often the end user had lowered something, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lowerings(u32);

/// A lowering happened that the caller has not seen; it is in the queue of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtaken;

impl Permit {
    /// Nobody may see or do anything any more.
    pub fn stop(&self) {
        self.lower(|word| word & !(VIEW | CONTROL));
    }

    /// Picture and input stop; the grants stay.
    pub fn pause(&self) {
        self.lower(|word| word | PAUSED);
    }

    /// Control ends for everybody.
    pub fn lower_to_view(&self) {
        self.lower(|word| word & !CONTROL);
    }

    /// The technicians who may get pixels now.
    #[must_use]
    pub fn audience(&self) -> Audience {
        let word = self.word.load(Ordering::SeqCst);
        if word & PAUSED != 0 {
            return Audience::NOBODY;
        }
        Audience((word & VIEW) as u8)
    }

    #[must_use]
    pub fn may_control(&self, slot: Slot) -> bool {
        let word = self.word.load(Ordering::SeqCst);
        word & (PAUSED | PROMPT) == 0 && word & (1 << (3 + slot.index())) != 0
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.word.load(Ordering::SeqCst) & PAUSED != 0
    }

    /// To be read before the queue of actions is, and given back to [`Permit::allow`] and [`Permit::resume`].
    #[must_use]
    pub fn lowerings(&self) -> Lowerings {
        Lowerings(self.word.load(Ordering::SeqCst) / LOWERING)
    }

    /// Resolves when anybody lost anything since it was enabled, by whatever way; ask [`Permit::audience`] after that.
    pub fn lowered(&self) -> Notified<'_> {
        self.lowered.notified()
    }

    /// A prompt is on the screen, or is not: nothing is injected meanwhile.
    pub(crate) fn set_prompt(&self, shown: bool) {
        self.change(|word| if shown { word | PROMPT } else { word & !PROMPT });
    }

    /// Sets what `slot` may do. Taking away always works; giving only if nothing was lowered since `seen`.
    pub(crate) fn allow(
        &self,
        slot: Slot,
        rights: Rights,
        seen: Lowerings,
    ) -> Result<(), Overtaken> {
        self.raise(seen, |word| {
            let place = |right: bool| u32::from(right) << slot.index();
            word & !(place(true) | place(true) << 3)
                | place(rights.view)
                | place(rights.control) << 3
        })
    }

    /// Ends a pause, unless something was lowered since `seen`.
    pub(crate) fn resume(&self, seen: Lowerings) -> Result<(), Overtaken> {
        self.raise(seen, |word| word & !PAUSED)
    }

    fn lower(&self, by: impl Fn(u32) -> u32) {
        self.change(|word| by(word).wrapping_add(LOWERING));
        self.lowered.notify_waiters();
    }

    fn change(&self, by: impl Fn(u32) -> u32) {
        let _always_some = self
            .word
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| Some(by(word)));
    }

    /// Applies `by` as far as it takes away; gives too only if nobody lowered since `seen`. A grant that ends by itself ends here.
    fn raise(&self, seen: Lowerings, by: impl Fn(u32) -> u32) -> Result<(), Overtaken> {
        let mut overtaken = false;
        let before = self.change_checked(seen, &mut overtaken, &by);
        if takes_away(before, by(before)) {
            self.lowered.notify_waiters();
        }
        if overtaken { Err(Overtaken) } else { Ok(()) }
    }

    /// Gives the word as it was.
    fn change_checked(
        &self,
        seen: Lowerings,
        overtaken: &mut bool,
        by: impl Fn(u32) -> u32,
    ) -> u32 {
        let always_some = self
            .word
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| {
                *overtaken = word / LOWERING != seen.0;
                let wanted = by(word);
                if *overtaken {
                    // Rights both words have, a pause either has.
                    let rights = VIEW | CONTROL;
                    return Some(word & !(rights & !wanted) | wanted & PAUSED);
                }
                Some(wanted)
            });
        always_some.unwrap_or_else(|word| word)
    }
}

fn takes_away(word: u32, wanted: u32) -> bool {
    word & !wanted & (VIEW | CONTROL) != 0 || wanted & !word & PAUSED != 0
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    const A: Slot = Slot::ALL[0];
    const B: Slot = Slot::ALL[1];

    fn granted() -> Permit {
        let permit = Permit::default();
        permit
            .allow(A, Rights::CONTROL, permit.lowerings())
            .unwrap();
        permit.allow(B, Rights::VIEW, permit.lowerings()).unwrap();
        permit
    }

    #[test]
    fn nobody_sees_or_does_anything_at_first() {
        let permit = Permit::default();
        assert_eq!(permit.audience(), Audience::NOBODY);
        assert!(Slot::ALL.iter().all(|slot| !permit.may_control(*slot)));
    }

    #[test]
    fn grants_are_per_technician_and_per_right() {
        let permit = granted();
        assert_eq!(permit.audience(), Audience::only(A).with(B));
        assert!(permit.may_control(A));
        assert!(!permit.may_control(B));
    }

    #[test]
    fn stop_takes_everything_and_a_grant_decided_before_it_gives_nothing() {
        let permit = granted();
        let seen = permit.lowerings();
        permit.stop();
        assert_eq!(permit.allow(A, Rights::CONTROL, seen), Err(Overtaken));
        assert_eq!(permit.audience(), Audience::NOBODY);
        assert!(!permit.may_control(A));
    }

    #[test]
    fn a_late_lowering_by_the_core_still_takes_away() {
        let permit = granted();
        let seen = permit.lowerings();
        permit.lower_to_view();
        assert_eq!(permit.allow(B, Rights::NONE, seen), Err(Overtaken));
        assert_eq!(permit.audience(), Audience::only(A));
        assert!(!permit.may_control(A));
    }

    /// Whether `change` ends the streams under way.
    fn notifies(permit: &Permit, change: impl FnOnce(&Permit)) -> bool {
        let mut lowered = std::pin::pin!(permit.lowered());
        lowered.as_mut().enable();
        change(permit);
        let mut context = Context::from_waker(Waker::noop());
        lowered.poll(&mut context).is_ready()
    }

    #[test]
    fn a_grant_that_ends_by_itself_ends_what_is_under_way_as_a_stop_does() {
        let allow = |slot: Slot, rights: Rights| {
            move |permit: &Permit| permit.allow(slot, rights, permit.lowerings()).unwrap()
        };
        let permit = granted();
        assert!(notifies(&permit, Permit::stop));
        assert!(!notifies(&permit, allow(A, Rights::CONTROL)), "a grant");
        assert!(!notifies(&permit, allow(A, Rights::CONTROL)), "no news");
        assert!(notifies(&permit, allow(A, Rights::VIEW)), "control ended");
        assert!(notifies(&permit, allow(A, Rights::NONE)), "the view ended");
        let overtaken = Lowerings(permit.lowerings().0.wrapping_sub(1));
        allow(B, Rights::VIEW)(&permit);
        assert!(notifies(&permit, |permit| {
            assert_eq!(permit.allow(B, Rights::NONE, overtaken), Err(Overtaken));
        }));
    }

    #[test]
    fn pause_keeps_the_grants_and_a_resume_pressed_before_it_does_not_end_it() {
        let permit = granted();
        let seen = permit.lowerings();
        permit.pause();
        assert_eq!(permit.resume(seen), Err(Overtaken));
        assert_eq!(permit.audience(), Audience::NOBODY);
        assert!(!permit.may_control(A));
        permit.resume(permit.lowerings()).unwrap();
        assert_eq!(permit.audience(), Audience::only(A).with(B));
    }

    #[test]
    fn nothing_is_injected_while_a_prompt_is_shown() {
        let permit = granted();
        permit.set_prompt(true);
        assert!(!permit.may_control(A));
        assert_eq!(permit.audience(), Audience::only(A).with(B));
        permit.set_prompt(false);
        assert!(permit.may_control(A));
    }
}
