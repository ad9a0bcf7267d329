//! Commands that are programs of their own: what they need is compiled when they are wanted, and not before.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::command_line::VERBOSE;
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;
use crate::{output, process, progress};

#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Program {
    Bench,
    Package,
}

impl Program {
    pub fn of_command(name: &str) -> Option<Self> {
        match name {
            "bench" | "soak" => Some(Self::Bench),
            "package" => Some(Self::Package),
            _ => None,
        }
    }

    /// The name of its crate.
    fn name(self) -> &'static str {
        match self {
            Self::Bench => "xtask-bench",
            Self::Package => "xtask-package",
        }
    }
}

/// Goes on as that program, with these words.
pub fn become_program(workspace: &Workspace, program: Program, words: &[String]) -> Outcome<()> {
    let mut build = workspace.cargo();
    build.args(["build", "--package", program.name()]);
    progress::alone(program.name(), || process::run(&mut build))?;
    let error = start(workspace, program, words).exec();
    Err(Failure::new(format!("start {}: {error}", program.name())))
}

/// Runs the program to its end.
pub fn run(workspace: &Workspace, program: Program, word: &str) -> Outcome<()> {
    process::run(&mut start(workspace, program, &[word.to_owned()]))
}

fn start(workspace: &Workspace, program: Program, words: &[String]) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--package", program.name(), "--"]).args(words);
    if output::is_verbose() {
        cargo.arg(VERBOSE);
    }
    cargo
}
