//! The checks of `cargo xtask test`, in order: quick verdicts first, then what needs builds.

mod e2e;
mod frontend;
mod go_host;
mod local_aws;
mod static_binary;
mod workflows;

use std::time::Duration;

use crate::clock::{Stopwatch, describe};
use crate::failure::{Failure, Outcome};
use crate::house::House;
use crate::{binaries, package, process, say, setup};

pub use e2e::draw_pictures;

pub struct Step {
    name: &'static str,
    promise: &'static str,
    run: fn(&House) -> Outcome<()>,
}

/// One row per check. A step makes sure itself of what it needs, so that it can run alone.
const STEPS: &[Step] = &[
    Step {
        name: "set-up",
        promise: "programs and the packages of Python, Go and Node are there",
        run: setup::everything,
    },
    Step { name: "fmt", promise: "Rust is formatted", run: fmt },
    Step { name: "clippy", promise: "no lint, in any crate or test", run: clippy },
    Step { name: "test", promise: "all Rust tests", run: test },
    Step { name: "deny", promise: "licences, bans and sources of dependencies", run: deny },
    Step { name: "build", promise: "the programs that the next steps start", run: build },
    Step { name: "frontend", promise: "the front end: types, lint, tests, bundle, every Grafana", run: frontend::run },
    Step { name: "local-aws", promise: "local AWS answers AWS's own client as AWS does", run: local_aws::run },
    Step { name: "host", promise: "the plugin under a real host, with the race detector", run: go_host::run },
    Step { name: "e2e", promise: "the front end in a real browser, over three versions of Grafana", run: e2e::run },
    Step {
        name: "static",
        promise: "the binary, linked as it is shipped, starts in an empty directory tree",
        run: static_binary::run,
    },
    Step { name: "package", promise: "the package of this machine is what Grafana expects", run: package::test },
    Step { name: "workflows", promise: "the workflows of GitHub Actions are valid", run: workflows::run },
];

pub fn list() {
    for step in STEPS {
        say::line(format_args!("{:<10} {}", step.name, step.promise));
    }
}

/// Runs the named steps, or all, until the first that fails.
pub fn run(house: &House, only: &[String]) -> Outcome<()> {
    let steps = choose(only)?;
    let watch = Stopwatch::start();
    let mut done = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("[{}/{}] {}", index + 1, steps.len(), step.name);
        say::line(format_args!("{place}: {}", step.promise));
        let step_watch = Stopwatch::start();
        let outcome = (step.run)(house);
        done.push((step.name, step_watch.elapsed()));
        if let Err(failure) = outcome {
            say::line(summary(&done));
            return Err(Failure::new(format!("step {} failed: {failure}", step.name)));
        }
        say::line(format_args!("{place}: passed in {}\n", describe(step_watch.elapsed())));
    }
    say::line(summary(&done));
    say::line(format_args!("{} passed in {}", plural(done.len()), describe(watch.elapsed())));
    Ok(())
}

pub fn choose(only: &[String]) -> Outcome<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let known = STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
            return Err(Failure::new(format!("there is no step {name:?}; the steps are {known}")));
        }
    }
    let is_wanted = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(is_wanted).collect())
}

fn summary(done: &[(&str, Duration)]) -> String {
    let rows = done.iter().map(|(name, time)| format!("  {name:<10} {:>12}\n", describe(*time)));
    rows.collect()
}

fn plural(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("all {steps} steps") }
}

fn fmt(house: &House) -> Outcome<()> {
    process::run(house.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(house: &House) -> Outcome<()> {
    process::run(house.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn test(house: &House) -> Outcome<()> {
    process::run(house.cargo().args(["test", "--workspace"]))
}

fn deny(house: &House) -> Outcome<()> {
    let program = setup::cargo_deny(house)?;
    process::run(house.command(program).args(["--workspace", "check", "licenses", "bans", "sources"]))
}

fn build(house: &House) -> Outcome<()> {
    binaries::debug(house).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_run_in_their_own_order() {
        let names = |only: &[&str]| -> Vec<&str> {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            choose(&only).unwrap().iter().map(|step| step.name).collect()
        };
        assert_eq!(names(&["clippy", "fmt"]), ["fmt", "clippy"]);
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_named() {
        let Err(failure) = choose(&["fmmt".to_owned()]) else { panic!("accepted") };
        assert!(failure.to_string().contains("\"fmmt\""));
    }
}
