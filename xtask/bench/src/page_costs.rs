//! What open dashboards cost: counted, and written to the documentation, by the test that holds it.

use xtask::binaries;
use xtask::failure::Outcome;
use xtask::process;
use xtask::workspace::Workspace;

/// The word by which they are measured alone.
pub const NAME: &str = "pages";

pub fn write(workspace: &Workspace) -> Outcome<()> {
    let mut test = binaries::checked_by(workspace, "test")?;
    test.args(binaries::SHARED).args(["--test", "it", "page_costs"]);
    process::run(test.env("UPDATE_DOCS", "1"))
}
