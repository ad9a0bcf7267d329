//! The plugin under a real host: formatting, vet and tests of the Go program.

use crate::failure::{Failure, Outcome};
use crate::house::{House, must_exist};
use crate::{binaries, process, setup};

pub fn run(house: &House) -> Outcome<()> {
    must_exist(&house.host().join("go.mod"))?;
    setup::go()?;
    let go = |program: &str| {
        let mut command = house.command(program);
        command.current_dir(house.host());
        command
    };
    let unformatted = process::read(go("gofmt").args(["-l", "."]))?;
    if !unformatted.trim().is_empty() {
        return Err(Failure::new(format!("gofmt would change these files:\n{}", unformatted.trim())));
    }
    process::run(go("go").args(["vet", "./..."]))?;
    tests(house, &[])
}

/// The tests once more, with the race detector: it looks at the host, which is a stand-in, and takes its time.
pub fn race(house: &House) -> Outcome<()> {
    setup::go()?;
    tests(house, &["-race"])
}

/// Many of the tests wait, for timeouts or for a minute to pass, so more of them run at once than there are processors.
const AT_ONCE: &str = "8";

fn tests(house: &House, flags: &[&str]) -> Outcome<()> {
    let built = binaries::checked(house)?;
    let mut test = house.command("go");
    test.current_dir(house.host()).env("FLINKWATCH_PLUGIN", built.plugin).env("FLINKWATCH_LOCAL_AWS", built.local_aws);
    // Without -count=1 Go would repeat an old verdict although the plugin was built anew.
    process::run(test.args(["test", "-count=1", "-parallel", AT_ONCE]).args(flags).arg("./..."))
}
