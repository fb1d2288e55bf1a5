//! The main job, step by step.
