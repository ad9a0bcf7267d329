//! What was typed after `cargo xtask package`.

use lexopt::{Arg, Parser, ValueExt};
use xtask::command_line;
use xtask::failure::Outcome;

pub const HELP: &str = "\
cargo xtask package                  the plugin for users below target/package: folder, zip, checksums, bill of materials
cargo xtask package --repository URL links of its README lead there
cargo xtask package --sign WHAT      signed by Grafana: `public`, or addresses of Grafana servers, separated by commas
cargo xtask package --twice          once more from another folder; fails unless the zips are the same bytes";

#[derive(Debug, PartialEq)]
pub enum Request {
    Help,
    Package(PackageSettings),
    /// A step of `cargo xtask test`: the package of this machine, quickly built.
    Test,
    /// A step of `cargo xtask test`: the program in an empty directory tree.
    StaticBinary,
}

#[derive(Debug, PartialEq, Default)]
pub struct PackageSettings {
    /// Where the sources are public.
    pub repository: Option<String>,
    /// `public`, or addresses of Grafana servers.
    pub sign: Option<String>,
    pub repeat: Repeat,
}

/// Whether the package is made a second time, to see that it is the same.
#[derive(Debug, PartialEq, Default, Clone, Copy)]
pub enum Repeat {
    #[default]
    Never,
    InAnotherFolder,
}

pub fn parse(words: &[String]) -> Outcome<Request> {
    command_line::parse(HELP, words, read)
}

fn read(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    match parser.next()? {
        None | Some(Arg::Long("help")) => Ok(Request::Help),
        Some(Arg::Value(name)) => match name.string()?.as_str() {
            "package" => read_package(parser),
            "test" => Ok(Request::Test),
            "static" => Ok(Request::StaticBinary),
            other => Err(Arg::Value(other.into()).unexpected()),
        },
        Some(other) => Err(other.unexpected()),
    }
}

fn read_package(parser: &mut Parser) -> Result<Request, lexopt::Error> {
    let mut settings = PackageSettings::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") => return Ok(Request::Help),
            Arg::Long("twice") => settings.repeat = Repeat::InAnotherFolder,
            Arg::Long("repository") => settings.repository = Some(parser.value()?.string()?),
            Arg::Long("sign") => settings.sign = Some(parser.value()?.string()?),
            other @ (Arg::Short(_) | Arg::Long(_) | Arg::Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Request::Package(settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::doc_commands;

    fn parse_line(line: &str) -> Outcome<Request> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_package_and_its_options() {
        assert_eq!(parse_line("package").unwrap(), Request::Package(PackageSettings::default()));
        let settings = PackageSettings {
            repository: Some("https://host/flinkwatch".into()),
            sign: Some("public".into()),
            repeat: Repeat::InAnotherFolder,
        };
        let line = "package --twice --sign public --repository https://host/flinkwatch";
        assert_eq!(parse_line(line).unwrap(), Request::Package(settings));
    }

    #[test]
    fn a_wrong_word_is_named() {
        for line in ["package --sign", "package now", "package --twise", "pakcage"] {
            let words = parse_line(line).unwrap_err().to_string();
            assert!(words.contains(line.split_whitespace().last().unwrap()), "{words}");
        }
    }

    #[test]
    fn every_command_of_the_documentation_is_accepted() {
        doc_commands::must_be_accepted(|name| name == "package", parse).unwrap();
    }
}
