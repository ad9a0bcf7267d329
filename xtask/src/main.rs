//! The project's commands: `test` passes every check, `demo` shows the whole chain at work, `pictures` draws it for the
//! docs. They install what a fresh machine lacks. `bench`, `soak` and `package` are programs of their own, built when
//! they are wanted.

use std::process::ExitCode;

use xtask::arguments::{self, Request};
use xtask::workspace::Workspace;
use xtask::{command_line, demo, output, programs, steps};

fn main() -> ExitCode {
    command_line::run(|words| {
        match arguments::parse(words)? {
            Request::Help => output::line(arguments::HELP),
            Request::ListSteps => steps::list(),
            Request::Test(only) => return steps::run(&Workspace::find()?, &only),
            Request::Demo(settings) => return demo::run(&Workspace::find()?, settings),
            Request::Pictures => return steps::draw_pictures(&Workspace::find()?),
            Request::Program(program) => return programs::become_program(&Workspace::find()?, program, words),
        }
        Ok(())
    })
}
