//! The workflows of GitHub Actions: their form, expressions and references, as actionlint knows them.

use crate::failure::Outcome;
use crate::workspace::{Workspace, must_exist};
use crate::{process, tools};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub fn run(workspace: &Workspace) -> Outcome<()> {
    must_exist(&workspace.root.join(".github/workflows"))?;
    tools::go()?;
    // Other linters that it would call where it finds them: the verdict is the same on every machine without.
    process::run(workspace.command("go").args(["run", ACTIONLINT, "-shellcheck=", "-pyflakes="]))
}
