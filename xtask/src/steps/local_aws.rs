//! Local AWS against a client that was not written here: boto3, the current release and an older one
//! that speaks CloudWatch's query protocol.

use crate::failure::Outcome;
use crate::workspace::{Workspace, must_exist};
use crate::{binaries, output, process, tools};

pub fn run(workspace: &Workspace) -> Outcome<()> {
    must_exist(&workspace.boto3())?;
    let built = binaries::checked(workspace)?;
    for name in tools::PYTHON_ENVIRONMENTS {
        let python = tools::python_environment(workspace, name)?;
        output::detail(format_args!("  boto3 of requirements-{name}.txt"));
        let mut test = workspace.command(python);
        test.current_dir(workspace.boto3()).env("LOCAL_AWS_BIN", &built.local_aws).env("PYTHONDONTWRITEBYTECODE", "1");
        process::run(test.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]))?;
    }
    Ok(())
}
