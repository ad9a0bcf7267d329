//! The workflows of GitHub Actions: their form, expressions and references, as actionlint knows them.

use crate::failure::Outcome;
use crate::house::{House, must_exist};
use crate::{process, setup};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub fn run(house: &House) -> Outcome<()> {
    must_exist(&house.root.join(".github/workflows"))?;
    setup::go()?;
    // Other linters that it would call where it finds them: the verdict is the same on every machine without.
    process::run(house.command("go").args(["run", ACTIONLINT, "-shellcheck=", "-pyflakes="]))
}
