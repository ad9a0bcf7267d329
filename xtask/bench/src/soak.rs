//! `cargo xtask soak`: many viewers for a long time, and a plugin that must not grow.
//!
//! The load is bounded: a viewer looks at one dashboard, panel by panel, and then waits for its next refresh. What is compared are
//! the medians of the second and of the last quarter; in the first one, caches fill.

mod samples;
mod viewers;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::arguments::SoakSettings;
use crate::binaries::{self, PLUGIN, Profile};
use crate::clock::Stopwatch;
use crate::failure::{Doing, Failure, Outcome};
use crate::house::House;
use crate::stack::{Plan, Stack};
use crate::{http, progress, report, say, setup, usage};
use samples::{Sample, Table};
use viewers::Tally;

const WORLD: &[&str] = &["--bench-applications", "5", "--bench-tasks", "20", "--latency", "40"];
const PAUSE: Duration = Duration::from_secs(5);
/// Samples between two lines on the terminal.
const SAMPLES_PER_LINE: usize = 24;

pub fn run(house: &House, settings: SoakSettings) -> Outcome<()> {
    setup::go()?;
    let host = binaries::host(house)?;
    let binaries = progress::alone("build", || binaries::linked_for_users(house, Profile::Release))?;
    let plan = Plan { local_aws_arguments: WORLD, ..Plan::new(&binaries, host, http::free_port()?) };
    let stack = Stack::start(house, &plan)?;
    let plugin = usage::child_named(stack.host_id(), PLUGIN)?;

    let (is_over, tally) = (AtomicBool::new(false), Tally::default());
    let samples = thread::scope(|scope| {
        for number in 0..settings.viewers {
            let (is_over, tally) = (&is_over, &tally);
            scope.spawn(move || viewers::look(stack.address, number, is_over, tally));
        }
        let samples = watch(plugin, settings.minutes, &tally);
        is_over.store(true, Ordering::Relaxed);
        samples
    })?;
    let table = Table::of(&samples);
    write(house, &house.soak(), settings, &table, &tally)?;
    say::line(&table);
    tally.judge()?;
    table.judge()
}

/// A sample every few seconds, until the time is over.
fn watch(plugin: u32, minutes: u32, tally: &Tally) -> Outcome<Vec<Sample>> {
    let (watch, span) = (Stopwatch::start(), Duration::from_secs(60) * minutes);
    let mut samples = Vec::new();
    while watch.elapsed() < span {
        thread::sleep(PAUSE);
        let sample = Sample::of(plugin, tally.requests())?;
        if samples.len() % SAMPLES_PER_LINE == 0 {
            say::line(format_args!("  {:>4} s  {sample}", watch.elapsed().as_secs()));
        }
        samples.push(sample);
    }
    Ok(samples)
}

fn write(house: &House, path: &Path, settings: SoakSettings, table: &Table, tally: &Tally) -> Outcome<()> {
    let SoakSettings { minutes, viewers } = settings;
    let text = format!(
        "# Soak\n\nWritten by `cargo xtask soak --minutes {minutes} --viewers {viewers}`: so many viewers look at five dashboards through the host \
         for so long, each panel by panel with a refresh every {} s; some leave before they are answered, some ask drop-downs and as alert rules. \
         The plugin's process is looked at every {} s. It fails when a median of the last quarter is more than a tenth above that of the second.\n\n\
         {}\n{table}\n{tally}\n",
        viewers::REFRESH.as_secs(),
        PAUSE.as_secs(),
        report::machine(house),
    );
    std::fs::write(path, text).doing(format_args!("write {}", path.display()))
}

impl Tally {
    /// An error when any request failed.
    fn judge(&self) -> Outcome<()> {
        match self.failures() {
            0 => Ok(()),
            count => Err(Failure::new(format!("{count} requests failed; the first: {}", self.first_failure()))),
        }
    }
}
