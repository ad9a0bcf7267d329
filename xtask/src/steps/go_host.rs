//! The plugin under a real host: formatting, vet and tests of the Go program.

use crate::failure::{Failure, Outcome};
use crate::house::{House, must_exist};
use crate::{binaries, process, setup};

pub fn run(house: &House) -> Outcome<()> {
    must_exist(&house.host().join("go.mod"))?;
    setup::go()?;
    let built = binaries::checked(house)?;
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
    let mut test = go("go");
    test.env("FLINKWATCH_PLUGIN", built.plugin).env("FLINKWATCH_LOCAL_AWS", built.local_aws);
    // Without -count=1 Go would repeat an old verdict although the plugin was built anew.
    process::run(test.args(["test", "-race", "-count=1", "./..."]))
}
