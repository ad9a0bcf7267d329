//! `cargo xtask package`: what users install, a folder and a zip below `target/package`, with checksums, a bill of
//! materials and licences.
//!
//! The same sources give the same bytes wherever they lie: every time in it is the release's date, names are sorted,
//! and no path of the machine is left. `--twice` shows it.

mod archive;
mod arguments;
mod bundle;
mod check;
mod checksums;
mod contents;
mod crates;
mod elf;
mod handshake;
mod health_check;
mod licences;
mod make;
mod order;
mod part;
mod readme;
mod release;
mod reproducible;
mod rules;
mod sbom;
mod sign;
mod static_binary;
mod toolchain;

use std::process::ExitCode;

use arguments::{PackageSettings, Repeat, Request};
use order::Order;
use sign::Signature;
use xtask::architecture::Architecture;
use xtask::binaries::Profile;
use xtask::failure::Outcome;
use xtask::workspace::Workspace;
use xtask::{command_line, output, progress};

fn main() -> ExitCode {
    command_line::run(|words| match arguments::parse(words)? {
        Request::Help => {
            output::line(arguments::HELP);
            Ok(())
        }
        Request::Package(settings) => package(&Workspace::find()?, &settings),
        Request::Test => test(&Workspace::find()?),
        Request::StaticBinary => static_binary::run(&Workspace::find()?),
    })
}

/// Makes and checks the package for all architectures.
fn package(workspace: &Workspace, settings: &PackageSettings) -> Outcome<()> {
    let signature = settings.sign.as_deref().map(Signature::new).transpose()?;
    let order = Order {
        dir: "package",
        profile: Profile::Release,
        architectures: &Architecture::ALL,
        repository: settings.repository.as_deref(),
        signature,
    };
    let zip = progress::alone("package", || make::make(workspace, &order))?;
    output::line(progress::alone("check", || check::check(workspace, &order, &zip))?);
    match settings.repeat {
        Repeat::Never => Ok(()),
        Repeat::InAnotherFolder => {
            progress::alone("again", || reproducible::must_give_the_same(workspace, &order, &zip))
        }
    }
}

/// The same for this machine alone and quickly built, which is what `cargo xtask test` has time for.
fn test(workspace: &Workspace) -> Outcome<()> {
    let order = Order {
        dir: "package-test",
        profile: Profile::Quick,
        architectures: &[Architecture::host()?],
        repository: None,
        signature: None,
    };
    let zip = make::make(workspace, &order)?;
    check::check(workspace, &order, &zip).map(output::detail)
}
