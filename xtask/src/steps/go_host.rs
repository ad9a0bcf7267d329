//! The plugin under a real host: formatting, vet and tests of the Go program.

use crate::failure::{Failure, Outcome};
use crate::workspace::{Workspace, must_exist};
use crate::{binaries, process, tools};

pub fn run(workspace: &Workspace) -> Outcome<()> {
    must_exist(&workspace.host().join("go.mod"))?;
    tools::go()?;
    let go = |program: &str| {
        let mut command = workspace.command(program);
        command.current_dir(workspace.host());
        command
    };
    let unformatted = process::read(go("gofmt").args(["-l", "."]))?;
    if !unformatted.trim().is_empty() {
        return Err(Failure::new(format!("gofmt would change these files:\n{}", unformatted.trim())));
    }
    process::run(go("go").args(["vet", "./..."]))?;
    tests(workspace, &[])
}

/// The tests once more, with the race detector: it looks at the host, which is a stand-in, and takes its time.
pub fn race(workspace: &Workspace) -> Outcome<()> {
    tools::go()?;
    tests(workspace, &["-race"])
}

/// Many of the tests wait, for timeouts or for a minute to pass, so more of them run at once than there are processors.
const AT_ONCE: &str = "8";

fn tests(workspace: &Workspace, flags: &[&str]) -> Outcome<()> {
    let built = binaries::checked(workspace)?;
    let mut test = workspace.command("go");
    test.current_dir(workspace.host())
        .env("FLINKWATCH_PLUGIN", built.plugin)
        .env("FLINKWATCH_LOCAL_AWS", built.local_aws);
    // Without -count=1 Go would repeat an old verdict although the plugin was built anew.
    process::run(test.args(["test", "-count=1", "-parallel", AT_ONCE]).args(flags).arg("./..."))
}
