//! The checks of `cargo xtask test`, in order: quick verdicts first, then what needs builds.

mod e2e;
mod frontend;
mod go_host;
mod local_aws;
mod set_up;
mod workflows;

use crate::clock::{Stopwatch, describe};
use crate::failure::{Failure, Outcome};
use crate::programs::{self, Program};
use crate::progress::Task;
use crate::workspace::Workspace;
use crate::{binaries, output, process, progress, tools};

pub use e2e::draw_pictures;

pub struct Step {
    name: &'static str,
    promise: &'static str,
    run: fn(&Workspace) -> Outcome<()>,
    lane: Lane,
}

/// What a step may run beside. Steps of one lane run one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Alone: it needs what the others make, or all processors.
    Alone,
    /// Needs the built programs.
    Programs,
    /// Needs what is fetched, and no program.
    Fetched,
    /// Alone, and only where it is named: slow, and rarely red. A workflow runs it every night.
    Nightly,
}

const fn step(name: &'static str, lane: Lane, run: fn(&Workspace) -> Outcome<()>, promise: &'static str) -> Step {
    Step { name, promise, run, lane }
}

/// One row per check. A step makes sure itself of what it needs, so that it can run alone. What waits much, or uses one
/// processor, stands where the other lane is busy.
const STEPS: &[Step] = &[
    step("set-up", Lane::Fetched, set_up::run, "programs and the packages of Python, Go and Node are there"),
    step("fmt", Lane::Programs, fmt, "Rust is formatted"),
    step("clippy", Lane::Programs, clippy, "no lint, in any crate or test"),
    step("build", Lane::Programs, build, "the programs and tests that the next steps start"),
    step("deny", Lane::Programs, deny, "licences, bans and sources of dependencies"),
    step("host", Lane::Programs, go_host::run, "the plugin under a real host"),
    step("local-aws", Lane::Programs, local_aws::run, "local AWS answers AWS's own client as AWS does"),
    step("test", Lane::Programs, test, "all Rust tests"),
    step("static", Lane::Programs, static_binary, "the program needs nothing: it starts in an empty directory tree"),
    step("frontend", Lane::Fetched, frontend::run, "the front end: types, lint, tests, bundle, every Grafana"),
    step("workflows", Lane::Fetched, workflows::run, "the workflows of GitHub Actions are valid"),
    step("e2e", Lane::Alone, e2e::run, "the front end in a real browser, over three versions of Grafana"),
    step("package", Lane::Alone, package, "the package of this machine is what Grafana expects"),
    step(
        "race",
        Lane::Nightly,
        go_host::race,
        "the plugin under a real host, with Go's race detector; only if named, and every night",
    ),
];

/// These commands themselves.
const OWN: [&str; 6] = ["--package", "xtask", "--package", "xtask-bench", "--package", "xtask-package"];

pub fn list() {
    for step in STEPS {
        output::line(format_args!("{:<10} {}", step.name, step.promise));
    }
}

/// Runs the named steps, or all. The lanes of steps that may run side by side do so; after a failure nothing new
/// begins.
pub fn run(workspace: &Workspace, only: &[String]) -> Outcome<()> {
    let steps = choose(only)?;
    let watch = Stopwatch::start();
    for group in groups(&steps) {
        let lanes = group.into_iter().map(|lane| lane_of(workspace, lane)).collect();
        progress::lanes(lanes)?;
    }
    output::line(format_args!("{} passed in {}", plural(steps.len()), describe(watch.elapsed())));
    Ok(())
}

/// Steps that stand next to each other and need not run alone, by lane.
fn groups<'a>(steps: &[&'a Step]) -> Vec<Vec<Vec<&'a Step>>> {
    let can_share = |step: &Step| matches!(step.lane, Lane::Programs | Lane::Fetched);
    let together = |a: &&Step, b: &&Step| can_share(a) && can_share(b);
    let by_lane = |chunk: &[&'a Step]| {
        let mut lanes: Vec<Vec<&Step>> = Vec::new();
        for step in chunk {
            match lanes.iter_mut().find(|lane| lane.iter().any(|other| other.lane == step.lane)) {
                Some(lane) => lane.push(step),
                None => lanes.push(vec![step]),
            }
        }
        lanes
    };
    steps.chunk_by(together).map(by_lane).collect()
}

fn lane_of<'a>(workspace: &'a Workspace, steps: Vec<&'static Step>) -> Vec<Task<'a>> {
    let task = |step: &'static Step| {
        Task::new(step.name, move || {
            (step.run)(workspace).map_err(|failure| Failure::new(format!("step {} failed: {failure}", step.name)))
        })
    };
    steps.into_iter().map(task).collect()
}

pub fn choose(only: &[String]) -> Outcome<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let known = STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
            return Err(Failure::new(format!("there is no step {name:?}; the steps are {known}")));
        }
    }
    let is_named = |step: &Step| only.iter().any(|name| name == step.name);
    let is_wanted = |step: &&Step| is_named(step) || only.is_empty() && step.lane != Lane::Nightly;
    Ok(STEPS.iter().filter(is_wanted).collect())
}

fn plural(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("all {steps} steps") }
}

fn fmt(workspace: &Workspace) -> Outcome<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Outcome<()> {
    const STRICT: [&str; 4] = ["--all-targets", "--", "-D", "warnings"];
    process::run(binaries::checked_by(workspace, "clippy")?.args(binaries::SHARED).args(STRICT))?;
    process::run(workspace.cargo().arg("clippy").args(OWN).args(STRICT))
}

fn static_binary(workspace: &Workspace) -> Outcome<()> {
    programs::run(workspace, Program::Package, "static")
}

fn package(workspace: &Workspace) -> Outcome<()> {
    programs::run(workspace, Program::Package, "test")
}

fn build(workspace: &Workspace) -> Outcome<()> {
    binaries::checked(workspace).map(drop)
}

fn test(workspace: &Workspace) -> Outcome<()> {
    process::run(binaries::checked_by(workspace, "test")?.args(binaries::SHARED))?;
    process::run(workspace.cargo().arg("test").args(OWN))
}

fn deny(workspace: &Workspace) -> Outcome<()> {
    let program = tools::cargo_deny(workspace)?;
    process::run(workspace.command(program).args(["--workspace", "check", "licenses", "bans", "sources"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        choose(&only).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn steps_run_in_their_own_order() {
        assert_eq!(names(&["clippy", "fmt"]), ["fmt", "clippy"]);
        assert_eq!(names(&[]).len(), STEPS.len() - 1);
        assert_eq!(names(&["race"]), ["race"]);
    }

    #[test]
    fn every_step_is_in_a_group_and_lanes_stand_beside_each_other() {
        let all: Vec<&Step> = STEPS.iter().collect();
        let shape: Vec<Vec<usize>> = groups(&all).iter().map(|group| group.iter().map(Vec::len).collect()).collect();
        assert_eq!(shape, [vec![3, 8], vec![1], vec![1], vec![1]]);
    }

    #[test]
    fn an_unknown_step_is_named() {
        let Err(failure) = choose(&["fmmt".to_owned()]) else { panic!("accepted") };
        assert!(failure.to_string().contains("\"fmmt\""));
    }
}
