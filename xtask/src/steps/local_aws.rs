//! Local AWS against a client that was not written here: boto3, the current release and an older one
//! that speaks CloudWatch's query protocol.

use crate::failure::Outcome;
use crate::house::{House, must_exist};
use crate::{binaries, process, say, setup};

pub fn run(house: &House) -> Outcome<()> {
    must_exist(&house.boto3())?;
    let built = binaries::checked(house)?;
    for name in setup::PYTHON_ENVIRONMENTS {
        let python = setup::python_environment(house, name)?;
        say::detail(format_args!("  boto3 of requirements-{name}.txt"));
        let mut test = house.command(python);
        test.current_dir(house.boto3()).env("LOCAL_AWS_BIN", &built.local_aws).env("PYTHONDONTWRITEBYTECODE", "1");
        process::run(test.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]))?;
    }
    Ok(())
}
