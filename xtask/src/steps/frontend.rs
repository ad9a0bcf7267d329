//! The front end: every script of its package.json that checks something, quick verdicts first.

use crate::failure::Outcome;
use crate::front_end::FrontEnd;
use crate::workspace::Workspace;

/// `build` stands before those that look at the bundle.
const SCRIPTS: [&str; 6] = ["typecheck", "lint", "test", "build", "bundle", "compat"];

pub fn run(workspace: &Workspace) -> Outcome<()> {
    let front_end = FrontEnd::set_up(workspace)?;
    SCRIPTS.iter().try_for_each(|script| front_end.run(script))
}
