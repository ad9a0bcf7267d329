//! Everything that a fresh machine lacks for the other steps.

use crate::failure::Outcome;
use crate::front_end::FrontEnd;
use crate::workspace::Workspace;
use crate::{demo_page, tools};

pub fn run(workspace: &Workspace) -> Outcome<()> {
    tools::go()?;
    tools::cargo_deny(workspace)?;
    for name in tools::PYTHON_ENVIRONMENTS {
        tools::python_environment(workspace, name)?;
    }
    tools::go_modules(workspace)?;
    tools::chromium()?;
    demo_page::fetch(workspace, &FrontEnd::set_up(workspace)?.node)
}
