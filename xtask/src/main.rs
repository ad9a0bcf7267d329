//! The project's commands: `test` passes every check, `demo` shows the whole chain at work, `pictures` draws it for
//! the docs, `bench` measures it, `soak` watches it for long, `package` makes what users install. They install what a
//! fresh machine lacks.
//!
//! Not part of the plugin: nothing here is shipped.

mod architecture;
mod arguments;
mod bench;
mod binaries;
mod clock;
mod demo;
mod elf;
mod failure;
mod front_end;
mod handshake;
mod health_check;
mod house;
mod http;
mod node;
mod package;
mod page;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod plugin_json;
mod process;
mod progress;
mod report;
mod say;
mod setup;
mod soak;
mod stack;
mod stale;
mod steps;
mod usage;
mod workloads;

use std::process::ExitCode;

use arguments::Request;
use failure::Outcome;
use house::House;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == arguments::VERBOSE) {
        say::be_verbose();
    }
    match answer(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::problem(failure);
            ExitCode::FAILURE
        }
    }
}

fn answer(words: &[String]) -> Outcome<()> {
    match arguments::parse(words)? {
        Request::Help => say::line(arguments::HELP),
        Request::ListSteps => steps::list(),
        Request::Test(only) => return steps::run(&House::find()?, &only),
        Request::Demo(settings) => return demo::run(&House::find()?, settings),
        Request::Pictures => return steps::draw_pictures(&House::find()?),
        Request::Bench => return bench::run(&House::find()?),
        Request::Workloads(words) => return bench::run_workloads(&House::find()?, &words),
        Request::Soak(settings) => return soak::run(&House::find()?, settings),
        Request::Package(settings) => return package::run(&House::find()?, &settings),
    }
    Ok(())
}
