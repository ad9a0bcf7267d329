//! What was typed after `cargo xtask`, where it begins with `bench` or `soak`.

use lexopt::{Arg, Parser, ValueExt};
use xtask::command_line;
use xtask::failure::Outcome;

pub const HELP: &str = "\
cargo xtask bench                    measure, and write docs/benchmarks.md and the costs in docs/limits-and-cost.md
cargo xtask bench --only pages       count what open dashboards cost, and write docs/limits-and-cost.md
cargo xtask bench --only WORDS       measure the workloads whose name has these words, and write nothing
cargo xtask bench --against COMMIT   measure the workloads of that commit's plugin too, in turns, and show both side by side
cargo xtask soak [--minutes N] [--viewers N]
                                     many viewers for a long time (30 minutes, 100 viewers): fails when memory, threads or
                                     sockets grow, or a region that hangs slows the others, and writes docs/soak.md";

#[derive(Debug, PartialEq)]
pub enum Request {
    Help,
    Bench(BenchSettings),
    Soak(SoakSettings),
}

#[derive(Debug, PartialEq, Default)]
pub struct BenchSettings {
    /// Only the workloads whose name has these words.
    pub only: Option<String>,
    /// The commit whose plugin is measured too.
    pub against: Option<String>,
}

#[derive(Debug, PartialEq, Clone, Copy)]
pub struct SoakSettings {
    pub minutes: u32,
    pub viewers: u32,
}

pub fn parse(words: &[String]) -> Outcome<Request> {
    command_line::parse(HELP, words, read)
}

fn read(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    match parser.next()? {
        None | Some(Arg::Long("help")) => Ok(Request::Help),
        Some(Arg::Value(name)) => match name.string()?.as_str() {
            "bench" => read_bench(parser),
            "soak" => read_soak(parser),
            other => Err(Arg::Value(other.into()).unexpected()),
        },
        Some(other) => Err(other.unexpected()),
    }
}

fn read_bench(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let mut settings = BenchSettings::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") => return Ok(Request::Help),
            Arg::Long("only") => settings.only = Some(parser.value()?.string()?),
            Arg::Long("against") => settings.against = Some(parser.value()?.string()?),
            other @ (Arg::Short(_) | Arg::Long(_) | Arg::Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Request::Bench(settings))
}

fn read_soak(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let mut settings = SoakSettings { minutes: 30, viewers: 100 };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") => return Ok(Request::Help),
            Arg::Long("minutes") => settings.minutes = parser.value()?.parse_with(positive)?,
            Arg::Long("viewers") => settings.viewers = parser.value()?.parse_with(positive)?,
            other @ (Arg::Short(_) | Arg::Long(_) | Arg::Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Request::Soak(settings))
}

fn positive(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or("it is no number from 1 to 1000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::doc_commands;

    fn parse_line(line: &str) -> Outcome<Request> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn measurements_and_their_options() {
        assert_eq!(parse_line("bench").unwrap(), Request::Bench(BenchSettings::default()));
        let settings = BenchSettings { only: Some("fleet".into()), against: Some("HEAD~1".into()) };
        assert_eq!(parse_line("bench --against HEAD~1 --only fleet").unwrap(), Request::Bench(settings));
        let soak = |minutes, viewers| Request::Soak(SoakSettings { minutes, viewers });
        assert_eq!(parse_line("soak").unwrap(), soak(30, 100));
        assert_eq!(parse_line("soak --viewers 5 --minutes 2").unwrap(), soak(2, 5));
    }

    #[test]
    fn a_wrong_word_is_named() {
        for line in ["bench now", "bench --only", "soak --minutes 0", "soak --viewers x"] {
            let words = parse_line(line).unwrap_err().to_string();
            assert!(words.contains(line.rsplit(' ').next().unwrap()), "{words}");
        }
    }

    #[test]
    fn every_command_of_the_documentation_is_accepted() {
        doc_commands::must_be_accepted(|name| matches!(name, "bench" | "soak"), parse).unwrap();
    }
}
