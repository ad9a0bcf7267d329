//! What the programs behind `cargo xtask` have in common: how words are read, and how a failure ends them.

use std::process::ExitCode;

use lexopt::Parser;

use crate::failure::{Failure, Outcome};
use crate::output;

/// Shows all output of the programs that a command runs. Accepted by every command, anywhere.
pub const VERBOSE: &str = "--verbose";

/// Answers the words of the command line, as the whole of a program.
pub fn run(answer: impl FnOnce(&[String]) -> Outcome<()>) -> ExitCode {
    let (verbose, words): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word == VERBOSE);
    if !verbose.is_empty() {
        output::be_verbose();
    }
    match answer(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::problem(failure);
            ExitCode::FAILURE
        }
    }
}

/// Reads all words; an error shows the help.
pub fn parse<R>(
    help: &str,
    words: &[String],
    read: impl FnOnce(&mut Parser) -> Result<R, lexopt::Error>,
) -> Outcome<R> {
    let mut parser = Parser::from_args(words);
    let read_all = || -> Result<R, lexopt::Error> {
        let request = read(&mut parser)?;
        parser.next()?.map_or(Ok(request), |extra| Err(extra.unexpected()))
    };
    read_all().map_err(|error| Failure::new(format!("{error}. These are the commands:\n\n{help}")))
}
