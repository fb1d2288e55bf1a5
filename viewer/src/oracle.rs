//! A judge for fuzzing: whatever a network does to updates, the canvas ends as the agent believes it to be. Knows no fuzzer.

use crate::order::model::Model;

/// Walks the steps that `bytes` name; gives how many copies were made.
///
/// # Panics
/// When the canvas is wrong in the end.
#[must_use]
pub fn order(bytes: &[u8]) -> usize {
    let model = Model::walk(bytes);
    assert!(
        model.is_right(),
        "the canvas is not what the agent believes"
    );
    model.copied
}
