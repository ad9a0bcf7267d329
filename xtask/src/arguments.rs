//! What was typed after `cargo xtask`.

use crate::failure::{Failure, Outcome};

pub const HELP: &str = "\
cargo xtask test                     set up what is missing, then pass every check; stops at the first that fails
cargo xtask test --only STEP         only this step (may be given several times)
cargo xtask test --list              the steps
cargo xtask demo [--port N]          build all, start local AWS, plugin and host, serve a page for the browser
cargo xtask demo --once              the same, and stop after the fleet table
cargo xtask pictures                 draw the dashboards and editors in a browser again, into img
cargo xtask bench                    measure, and write docs/benchmarks.md and the costs in docs/limits-and-cost.md
cargo xtask bench --only pages       count what open dashboards cost, and write docs/limits-and-cost.md
cargo xtask bench --only WORDS       measure the workloads whose name has these words, and write nothing
cargo xtask package                  the plugin for users below target/package: folder, zip, checksums, bill of materials
cargo xtask package --repository URL links of its README lead there
cargo xtask package --sign WHAT      signed by Grafana: `public`, or addresses of Grafana servers, separated by commas
cargo xtask package --twice          once more from another folder; fails unless the zips are the same bytes
cargo xtask soak [--minutes N] [--viewers N]
                                     many viewers for a long time (30 minutes, 100 viewers): fails when memory, threads or
                                     sockets grow, and writes docs/soak.md
With --verbose any of them shows all output of the programs that it runs.";

/// Accepted by every command.
pub const VERBOSE: &str = "--verbose";

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
    Bench,
    /// Only the workloads whose name has these words.
    Workloads(String),
    Soak(SoakSettings),
    Package(PackageSettings),
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

#[derive(Debug, PartialEq, Clone, Copy)]
pub struct SoakSettings {
    pub minutes: u32,
    pub viewers: u32,
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
    let mut words = words.iter().map(String::as_str).filter(|word| *word != VERBOSE);
    let request = match words.next() {
        None | Some("help" | "--help" | "-h") => Request::Help,
        Some("test") => return parse_test(words),
        Some("demo") => return parse_demo(words),
        Some("bench") => return parse_bench(words),
        Some("pictures") => Request::Pictures,
        Some("soak") => return parse_soak(words),
        Some("package") => return parse_package(words),
        Some(other) => return Err(unknown(other)),
    };
    match words.next() {
        None => Ok(request),
        Some(extra) => Err(unknown(extra)),
    }
}

fn parse_bench<'a>(mut words: impl Iterator<Item = &'a str>) -> Outcome<Request> {
    match words.next() {
        None => Ok(Request::Bench),
        Some("--only") => {
            let name = value_of("--only", words.next())?.to_owned();
            words.next().map_or(Ok(Request::Workloads(name)), |extra| Err(unknown(extra)))
        }
        Some(other) => Err(unknown(other)),
    }
}

fn parse_soak<'a>(mut words: impl Iterator<Item = &'a str>) -> Outcome<Request> {
    let mut settings = SoakSettings { minutes: 30, viewers: 100 };
    while let Some(word) = words.next() {
        let number = match word {
            "--minutes" => &mut settings.minutes,
            "--viewers" => &mut settings.viewers,
            other => return Err(unknown(other)),
        };
        *number = positive(word, value_of(word, words.next())?)?;
    }
    Ok(Request::Soak(settings))
}

fn parse_package<'a>(mut words: impl Iterator<Item = &'a str>) -> Outcome<Request> {
    let mut settings = PackageSettings::default();
    while let Some(word) = words.next() {
        match word {
            "--twice" => settings.repeat = Repeat::InAnotherFolder,
            "--repository" => settings.repository = Some(value_of(word, words.next())?.to_owned()),
            "--sign" => settings.sign = Some(value_of(word, words.next())?.to_owned()),
            other => return Err(unknown(other)),
        }
    }
    Ok(Request::Package(settings))
}

fn positive(flag: &str, text: &str) -> Outcome<u32> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| Failure::new(format!("{flag} needs a number from 1 to 1000, not {text:?}")))
}

fn parse_test<'a>(mut words: impl Iterator<Item = &'a str>) -> Outcome<Request> {
    let mut only = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--list" => return Ok(Request::ListSteps),
            "--only" => only.push(value_of(word, words.next())?.to_owned()),
            other => return Err(unknown(other)),
        }
    }
    Ok(Request::Test(only))
}

fn parse_demo<'a>(mut words: impl Iterator<Item = &'a str>) -> Outcome<Request> {
    let mut settings = DemoSettings { port: DEMO_PORT, ending: Ending::OnRequest };
    while let Some(word) = words.next() {
        match word {
            "--once" => settings.ending = Ending::AfterTheFleet,
            "--port" => {
                let text = value_of(word, words.next())?;
                settings.port = text
                    .parse()
                    .ok()
                    .filter(|port| *port != 0)
                    .ok_or_else(|| Failure::new(format!("--port needs a number from 1 to 65535, not {text:?}")))?;
            }
            other => return Err(unknown(other)),
        }
    }
    Ok(Request::Demo(settings))
}

fn value_of<'a>(flag: &str, value: Option<&'a str>) -> Outcome<&'a str> {
    value.ok_or_else(|| Failure::new(format!("{flag} needs a value")))
}

fn unknown(word: &str) -> Failure {
    Failure::new(format!("{word:?} is not known here. These are the commands:\n\n{HELP}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Outcome<Request> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
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
        assert_eq!(parse_line("test --verbose --only fmt").unwrap(), Request::Test(vec!["fmt".into()]));
        assert_eq!(parse_line("pictures").unwrap(), Request::Pictures);
        assert_eq!(
            parse_line("demo --port 3100 --once").unwrap(),
            Request::Demo(DemoSettings { port: 3100, ending: Ending::AfterTheFleet })
        );
    }

    #[test]
    fn measurements_and_their_options() {
        assert_eq!(parse_line("bench").unwrap(), Request::Bench);
        assert_eq!(parse_line("bench --only fleet").unwrap(), Request::Workloads("fleet".into()));
        let soak = |minutes, viewers| Request::Soak(SoakSettings { minutes, viewers });
        assert_eq!(parse_line("soak").unwrap(), soak(30, 100));
        assert_eq!(parse_line("soak --viewers 5 --minutes 2").unwrap(), soak(2, 5));
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
        let lines = [
            "tset",
            "test --onyl fmt",
            "demo --port",
            "demo --port 0",
            "demo --port x",
            "bench now",
            "pictures fleet",
            "soak --minutes 0",
            "package --sign",
            "package now",
        ];
        for line in lines {
            let words = parse_line(line).unwrap_err().to_string();
            assert!(words.contains("not") || words.contains("needs"), "{words}");
        }
    }
}
