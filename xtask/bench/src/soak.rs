//! `cargo xtask soak`: many viewers for a long time, a plugin that must not grow, and a region that hangs and must not
//! slow the others.
//!
//! The load is bounded: a viewer looks at one dashboard, panel by panel, and then waits for its next refresh. What is
//! compared are the medians of the second and of the last quarter; in the first one, caches fill. Before that the same
//! viewers look without the region that hangs, so that there are waits to compare with.

mod samples;
mod tally;
mod viewers;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::arguments::SoakSettings;
use crate::{report, usage};
use samples::{Sample, Table};
use tally::{Phase, Tally};
use xtask::binaries::{self, PLUGIN, Profile};
use xtask::clock::Stopwatch;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::stack::{Plan, Stack};
use xtask::workspace::Workspace;
use xtask::{http, output, progress, tools};

const PAGE: &str = "docs/soak.md";
const WORLD: &[&str] = &["--bench-applications", "5", "--bench-tasks", "20", "--latency", "40"];
const MINUTE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(5);
/// Samples between two lines on the terminal.
const SAMPLES_PER_LINE: usize = 24;
/// So many viewers look at a region that answers to one that looks at the region that hangs.
const VIEWERS_PER_NEIGHBOUR: u32 = 10;
/// So much of the time goes before, without that region.
const BEFORE: u32 = 6;

pub fn run(workspace: &Workspace, settings: SoakSettings) -> Outcome<()> {
    tools::go()?;
    let host = binaries::host(workspace)?;
    let binaries = progress::alone("build", || binaries::linked_for_users(workspace, Profile::Release))?;
    let plan = Plan { local_aws_arguments: WORLD, ..Plan::new(&binaries, host, http::free_port()?) };
    let stack = Stack::start(workspace, &plan)?;
    let plugin = usage::child_named(stack.host_id(), PLUGIN)?;

    let (is_over, tally) = (AtomicBool::new(false), Tally::default());
    let samples = thread::scope(|scope| {
        let (is_over, tally) = (&is_over, &tally);
        for number in 0..settings.viewers {
            scope.spawn(move || viewers::look(stack.address, number, is_over, tally));
        }
        let samples = watch(plugin, MINUTE, tally).and_then(|_| {
            tally.begin(Phase::Before);
            watch(plugin, MINUTE * (settings.minutes / BEFORE).max(1), tally)?;
            viewers::hang(stack.aws_address)?;
            tally.begin(Phase::BesideOneThatHangs);
            for number in 0..settings.viewers.div_ceil(VIEWERS_PER_NEIGHBOUR) {
                scope.spawn(move || viewers::look_at_what_hangs(stack.address, number, is_over, tally));
            }
            watch(plugin, MINUTE * settings.minutes, tally)
        });
        is_over.store(true, Ordering::Relaxed);
        samples
    })?;
    let table = Table::of(&samples);
    write(workspace, settings, &table, &tally)?;
    output::line(format_args!("{table}\n{tally}"));
    tally.judge()?;
    table.judge()
}

/// A sample every few seconds, until the time is over.
fn watch(plugin: u32, span: Duration, tally: &Tally) -> Outcome<Vec<Sample>> {
    let watch = Stopwatch::start();
    let mut samples = Vec::new();
    while watch.elapsed() < span {
        thread::sleep(PAUSE);
        let sample = Sample::of(plugin, tally.requests())?;
        if samples.len() % SAMPLES_PER_LINE == 0 {
            output::line(format_args!("  {:>4} s  {sample}", watch.elapsed().as_secs()));
        }
        samples.push(sample);
    }
    Ok(samples)
}

fn write(workspace: &Workspace, settings: SoakSettings, table: &Table, tally: &Tally) -> Outcome<()> {
    let SoakSettings { minutes, viewers } = settings;
    let text = format!(
        "# Soak\n\nWritten by `cargo xtask soak --minutes {minutes} --viewers {viewers}`: so many viewers look at five dashboards through the host \
         for so long, each panel by panel with a refresh every {} s; some leave before they are answered, some ask drop-downs and as alert rules. \
         {} more look at a region of the same data source that takes every call and answers none. \
         The plugin's process is looked at every {} s. It fails when a median of the last quarter is more than a tenth above that of the second, \
         or when the 95th percentile of the waits is more than a quarter above that of the {} minutes before, without that region.\n\n\
         {}\n{table}\n{tally}\n",
        viewers::REFRESH.as_secs(),
        viewers.div_ceil(VIEWERS_PER_NEIGHBOUR),
        PAUSE.as_secs(),
        (minutes / BEFORE).max(1),
        report::machine(workspace),
    );
    std::fs::write(workspace.root.join(PAGE), text).doing(format_args!("write {PAGE}"))
}

impl Tally {
    /// An error when any request failed, or waited longer because of the region that hangs.
    fn judge(&self) -> Outcome<()> {
        match self.failures() {
            0 => self.judge_waits(),
            count => Err(Failure::new(format!("{count} requests failed; the first: {}", self.first_failure()))),
        }
    }
}
