//! `cargo xtask bench` and `cargo xtask soak`: what the plugin costs, and whether it grows with time.
//!
//! Neither fails on a figure that depends on the machine: a shared one would make it a coin toss. The reports show the
//! target beside it.

mod against;
mod arguments;
mod figures;
mod page_costs;
mod report;
mod soak;
mod usage;
mod workloads;

use std::process::ExitCode;

use arguments::{BenchSettings, Request};
use workloads::Version;
use xtask::binaries::{self, Profile};
use xtask::failure::Outcome;
use xtask::workspace::Workspace;
use xtask::{command_line, output, progress, tools};

fn main() -> ExitCode {
    command_line::run(|words| match arguments::parse(words)? {
        Request::Help => {
            output::line(arguments::HELP);
            Ok(())
        }
        Request::Bench(settings) => bench(&Workspace::find()?, &settings),
        Request::Soak(settings) => soak::run(&Workspace::find()?, settings),
    })
}

/// Everything, which is written down; or some workloads alone, which are not; or what dashboards cost, which is.
fn bench(workspace: &Workspace, settings: &BenchSettings) -> Outcome<()> {
    if settings.only.as_deref() == Some(page_costs::NAME) {
        return progress::alone(page_costs::NAME, || page_costs::write(workspace));
    }
    tools::go()?;
    let host = binaries::host(workspace)?;
    let before = settings.against.as_deref().map(|commit| against::build(workspace, commit)).transpose()?;
    // Cargo makes the program for its benchmarks as well, with what the tests' libraries switch on in shared ones: the
    // shipped one is built after that.
    let mut figures = match &settings.only {
        Some(_) => Vec::new(),
        None => progress::alone("core", || figures::core(workspace))?,
    };
    let binaries = progress::alone("build", || binaries::linked_for_users(workspace, Profile::Release))?;
    if settings.only.is_none() {
        figures.extend(figures::of_starts(&binaries)?);
        figures.extend(figures::end_to_end(workspace, &binaries, &host)?);
    }
    let local_aws = binaries.local_aws.clone();
    let now = Version { name: "now".to_owned(), binaries };
    let before = before.map(|before| before.with(local_aws));
    let versions: Vec<Version> = before.into_iter().chain([now]).collect();
    let measured = workloads::measure(workspace, &host, &versions, settings.only.as_deref().unwrap_or_default())?;
    let sections = workloads::render(&versions, &measured);
    if settings.only.is_some() {
        output::line(sections);
        return Ok(());
    }
    output::line(report::write(workspace, &figures, &sections)?);
    progress::alone(page_costs::NAME, || page_costs::write(workspace))
}
