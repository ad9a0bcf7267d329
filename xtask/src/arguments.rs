//! What was typed after `cargo xtask`.

use std::num::NonZeroU16;

use lexopt::{Arg, Parser, ValueExt};

use crate::command_line;
use crate::failure::Outcome;
use crate::programs::Program;

pub const HELP: &str = "\
cargo xtask test                     set up what is missing, then pass every check; stops at the first that fails
cargo xtask test --only STEP         only this step (may be given several times)
cargo xtask test --list              the steps
cargo xtask demo [--port N]          build all, start local AWS, plugin and host, serve a page for the browser
cargo xtask demo --once              the same, and stop after the fleet table
cargo xtask pictures                 draw the dashboards and editors in a browser again, into img
cargo xtask bench                    measure, and write docs/benchmarks.md and the costs in docs/limits-and-cost.md
cargo xtask soak                     many viewers for half an hour, and write docs/soak.md
cargo xtask package                  the plugin for users below target/package
The last three say with --help what else they take.
With --verbose any of them shows all output of the programs that it runs.";

/// The port at which a Grafana user looks first.
const DEMO_PORT: u16 = 3000;

#[derive(Debug, PartialEq)]
pub enum Request {
    Help,
    ListSteps,
    /// The names of the wanted steps; none means all.
    Test(Vec<String>),
    Demo(DemoSettings),
    Pictures,
    /// A program of its own, which reads the words itself.
    Program(Program),
}

#[derive(Debug, PartialEq, Clone, Copy)]
pub struct DemoSettings {
    pub port: u16,
    pub ending: Ending,
}

/// When the demo ends.
#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Ending {
    AfterTheFleet,
    OnRequest,
}

pub fn parse(words: &[String]) -> Outcome<Request> {
    if let Some(program) = words.first().and_then(|name| Program::of_command(name)) {
        return Ok(Request::Program(program));
    }
    command_line::parse(HELP, words, read)
}

fn read(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let request = match parser.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => Request::Help,
        Some(Arg::Value(name)) => match name.string()?.as_str() {
            "help" => Request::Help,
            "test" => read_test(parser)?,
            "demo" => read_demo(parser)?,
            "pictures" => Request::Pictures,
            other => return Err(Arg::Value(other.into()).unexpected()),
        },
        Some(other) => return Err(other.unexpected()),
    };
    Ok(request)
}

fn read_test(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let mut only = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("list") => return Ok(Request::ListSteps),
            Arg::Long("only") => only.push(parser.value()?.string()?),
            other @ (Arg::Short(_) | Arg::Long(_) | Arg::Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Request::Test(only))
}

fn read_demo(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let mut settings = DemoSettings { port: DEMO_PORT, ending: Ending::OnRequest };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("once") => settings.ending = Ending::AfterTheFleet,
            Arg::Long("port") => settings.port = parser.value()?.parse::<NonZeroU16>()?.get(),
            other @ (Arg::Short(_) | Arg::Long(_) | Arg::Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Request::Demo(settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doc_commands, steps};

    fn parse_line(line: &str) -> Outcome<Request> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_and_their_options() {
        assert_eq!(parse_line("").unwrap(), Request::Help);
        assert_eq!(parse_line("test").unwrap(), Request::Test(vec![]));
        assert_eq!(
            parse_line("test --only fmt --only host").unwrap(),
            Request::Test(vec!["fmt".into(), "host".into()])
        );
        assert_eq!(parse_line("test --list").unwrap(), Request::ListSteps);
        assert_eq!(parse_line("pictures").unwrap(), Request::Pictures);
        assert_eq!(
            parse_line("demo --port 3100 --once").unwrap(),
            Request::Demo(DemoSettings { port: 3100, ending: Ending::AfterTheFleet })
        );
        assert_eq!(parse_line("bench --only fleet").unwrap(), Request::Program(Program::Bench));
    }

    #[test]
    fn a_wrong_word_is_named() {
        for line in ["tset", "test --onyl", "demo --port", "demo --port 0", "demo --port x", "pictures fleet"] {
            let words = parse_line(line).unwrap_err().to_string();
            let (first, _) = words.split_once('\n').unwrap();
            assert!(first.contains(line.rsplit(' ').next().unwrap()), "{first}");
        }
    }

    /// Those of the other programs are held to theirs, by tests of their crates.
    #[test]
    fn every_command_of_the_documentation_is_accepted() {
        let accept = |words: &[String]| {
            if let Request::Test(only) = parse(words)? {
                steps::choose(&only)?;
            }
            Ok(())
        };
        doc_commands::must_be_accepted(|_| true, accept).unwrap();
        for command in ["tset", "test --only fmmt", "demo --twice", "demo prints"] {
            assert!(accept(&command.split(' ').map(str::to_owned).collect::<Vec<_>>()).is_err(), "{command}");
        }
    }
}
