//! In which order a technician's input is injected. Owns de-duplication (the ordered stream and datagrams carry the same packets) and
//! where pointer moves fit in between. Pure: knows no screen and no clock.

use std::collections::BTreeMap;

use mayday_protocol::Sequence;
use mayday_protocol::input::{Event, Input, Pointer};

/// Packets that may wait for an earlier one; what is further ahead comes again on the ordered stream.
const AHEAD: u32 = 64;

/// What is to be injected next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Input(Sequence, Input),
    Move(Pointer),
}

/// One technician's input, from one connection of theirs.
#[derive(Debug, Default)]
pub struct Order {
    /// The newest packet that was handed out.
    done: Sequence,
    /// The newest one of these that had a place in it: moves sent before it are history.
    placed: Sequence,
    ahead: BTreeMap<u32, Input>,
    newest_move: Sequence,
    waiting_move: Option<Pointer>,
}

impl Order {
    /// Takes a packet from either path and gives what can be injected now, in order.
    pub fn input(&mut self, sequence: Sequence, input: Input) -> Vec<Turn> {
        let next = self.done.next().0;
        if sequence.0 < next || sequence.0 - next > AHEAD {
            return Vec::new();
        }
        self.ahead.entry(sequence.0).or_insert(input);
        let mut turns = Vec::new();
        while let Some(input) = self.ahead.remove(&self.done.next().0) {
            self.done = self.done.next();
            if input.events.iter().any(has_place) {
                self.placed = self.done;
            }
            turns.push(Turn::Input(self.done, input));
            turns.extend(self.due_move());
        }
        turns
    }

    /// Takes a move; an older one than the newest seen is dropped.
    pub fn pointer(&mut self, sequence: Sequence, pointer: Pointer) -> Option<Turn> {
        if sequence <= self.newest_move {
            return None;
        }
        self.newest_move = sequence;
        self.waiting_move = Some(pointer);
        self.due_move()
    }

    fn due_move(&mut self) -> Option<Turn> {
        let after = self.waiting_move?.after;
        if after > self.done {
            return None;
        }
        let pointer = self.waiting_move.take()?;
        (after >= self.placed).then_some(Turn::Move(pointer))
    }
}

fn has_place(event: &Event) -> bool {
    match event {
        Event::Button { .. } | Event::Wheel { .. } => true,
        Event::Key { .. } | Event::Text(_) | Event::ReleaseAll => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mayday_protocol::Epoch;

    fn key(code: u16) -> Input {
        Input {
            epoch: Epoch(1),
            events: vec![Event::Key { code, down: true }],
        }
    }

    fn click() -> Input {
        let events = vec![Event::Button {
            button: 1,
            down: true,
            x: 5,
            y: 5,
        }];
        Input {
            epoch: Epoch(1),
            events,
        }
    }

    fn pointer(x: u16, after: u32) -> Pointer {
        Pointer {
            epoch: Epoch(1),
            x,
            y: 0,
            after: Sequence(after),
        }
    }

    #[test]
    fn a_packet_that_comes_on_both_paths_is_injected_once() {
        let mut order = Order::default();
        assert_eq!(
            order.input(Sequence(1), key(30)),
            [Turn::Input(Sequence(1), key(30))]
        );
        assert_eq!(order.input(Sequence(1), key(30)), []);
    }

    #[test]
    fn a_datagram_that_overtook_waits_for_the_ones_before_it() {
        let mut order = Order::default();
        assert_eq!(order.input(Sequence(3), key(3)), []);
        assert_eq!(order.input(Sequence(2), key(2)), []);
        let sequences: Vec<_> = order
            .input(Sequence(1), key(1))
            .into_iter()
            .map(|turn| match turn {
                Turn::Input(sequence, _) => sequence.0,
                Turn::Move(_) => 0,
            })
            .collect();
        assert_eq!(sequences, [1, 2, 3]);
    }

    #[test]
    fn what_is_far_ahead_takes_no_memory() {
        let mut order = Order::default();
        for sequence in 2..10_000 {
            order.input(Sequence(sequence), key(1));
        }
        assert!(order.ahead.len() <= AHEAD as usize + 1);
    }

    #[test]
    fn the_newest_move_wins() {
        let mut order = Order::default();
        assert!(order.pointer(Sequence(2), pointer(20, 0)).is_some());
        assert_eq!(order.pointer(Sequence(1), pointer(10, 0)), None);
    }

    #[test]
    fn a_move_waits_for_the_input_that_was_sent_before_it() {
        let mut order = Order::default();
        assert_eq!(order.pointer(Sequence(1), pointer(9, 1)), None);
        assert_eq!(
            order.input(Sequence(1), click()),
            [Turn::Input(Sequence(1), click()), Turn::Move(pointer(9, 1))]
        );
    }

    #[test]
    fn a_move_from_before_a_click_does_not_pull_the_pointer_back() {
        let mut order = Order::default();
        order.input(Sequence(1), click());
        assert_eq!(order.pointer(Sequence(1), pointer(9, 0)), None);
        assert!(order.pointer(Sequence(2), pointer(9, 1)).is_some());
    }
}
