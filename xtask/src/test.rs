//! Everything that must hold on a clean clone, in the order that fails soonest. Owns no test.

use anyhow::Result;

use crate::{console, deny, edges, room, setup, shell, tidy};

/// The readers are people who work on the code, so a link to a private item is of use.
const DOC_FLAGS: &str = "-D warnings -A rustdoc::private_intra_doc_links";

pub fn run() -> Result<()> {
    room::check()?;
    room::spare();
    setup::run()?;
    console::build()?;
    quick_after_setup()?;
    // The tests start the programs themselves, so these are built first.
    shell::run(shell::cargo().args(["build", "--workspace", "--bins", "--locked"]))?;
    shell::run(shell::cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]))?;
    console::test()?;
    shell::run(shell::cargo().env("RUSTDOCFLAGS", DOC_FLAGS).args([
        "doc",
        "--workspace",
        "--no-deps",
        "--locked",
    ]))?;
    deny::check()
}

/// Format, lints and house rules.
pub fn quick() -> Result<()> {
    setup::run()?;
    console::build()?;
    quick_after_setup()
}

fn quick_after_setup() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    tidy::check()?;
    edges::check()?;
    shell::run(shell::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}
