//! What a user gets who unpacks the zip: it keeps the rules, and each program in it starts.

use std::path::Path;
use std::process::Command;

use xtask::architecture::Architecture;
use xtask::failure::{Doing, Outcome};
use xtask::workspace::Workspace;
use xtask::{output, tools};

use crate::contents::Contents;
use crate::order::Order;
use crate::release::Release;
use crate::{archive, checksums, handshake, rules};

/// Returns its name, size and checksum.
pub fn check(workspace: &Workspace, order: &Order, zip: &Path) -> Outcome<String> {
    let release = Release::read(workspace)?;
    let contents = archive::read(zip, &release)?;
    rules::must_hold(workspace, order, &release, &contents)?;
    let unpacked = workspace.empty_dir("package-unpacked")?.join(&release.id);
    contents.write(&unpacked)?;
    for architecture in order.architectures {
        let program = unpacked.join(release.program(*architecture));
        let address =
            handshake::must_start_serve_and_stop(&mut start(&program, *architecture)?, workspace.log("package")?)?;
        output::detail(format_args!("  {} starts and serves at {address}", release.program(*architecture)));
    }
    describe(zip, &contents)
}

/// A program of another architecture runs in an emulator.
fn start(program: &Path, architecture: Architecture) -> Outcome<Command> {
    if architecture == Architecture::host()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new(tools::emulator(architecture)?);
    // With this limit the plugin does not start itself again, which would be outside of the emulator.
    command.args(["-E", "MALLOC_ARENA_MAX=1"]).arg(program);
    Ok(command)
}

fn describe(zip: &Path, contents: &Contents) -> Outcome<String> {
    let size = zip.metadata().doing("look at the zip")?.len() as f64 / 1_048_576.0;
    let hash = checksums::sha256(&std::fs::read(zip).doing("read the zip")?);
    Ok(format!("  {}: {} files, {size:.1} MiB, sha256 {hash}", zip.display(), contents.files().count()))
}
