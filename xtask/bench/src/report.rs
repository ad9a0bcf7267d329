//! `docs/benchmarks.md`: each promised figure with its target, how it is measured, and on which machine.

use std::fmt::Write;
use std::process::Command;

use xtask::failure::{Doing, Outcome};
use xtask::process;
use xtask::workspace::Workspace;

/// One measured number.
#[derive(Clone, Debug)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: String,
}

impl Figure {
    pub fn new(name: &str, value: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value, unit: unit.to_owned() }
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A row of the report; a measured figure without one gets a row under its own name.
struct Row {
    figure: &'static str,
    title: &'static str,
    target: &'static str,
    how: &'static str,
    /// What measures this figure alone.
    command: &'static str,
}

const PAGE: &str = "docs/benchmarks.md";
const CORE: &str = "cargo bench --bench core";
const ALL: &str = "cargo xtask bench";

const ROWS: &[Row] = &[
    Row {
        figure: "frames",
        title: "Encoding of frames",
        target: "≤ 6 ns/point",
        how: "100 frames of 1440 points, all kept until the last is encoded; median of 51 rounds",
        command: CORE,
    },
    Row {
        figure: "parse_plan_100",
        title: "Parsing and planning",
        target: "≤ 2 ms",
        how: "100 queries in one request, from JSON to calls, with the facts of local AWS's fleet; median of 51 rounds",
        command: CORE,
    },
    Row {
        figure: "parse_100",
        title: "– of which parsing",
        target: "–",
        how: "the same queries, from JSON to valid queries",
        command: CORE,
    },
    Row {
        figure: "evaluate_total",
        title: "Totals to frames",
        target: "–",
        how: "100 totals from Sum and SampleCount over 1440 buckets, from columns to frames; median of 51 rounds",
        command: CORE,
    },
    Row {
        figure: "evaluate_series",
        title: "Series to frames",
        target: "–",
        how: "the same with a signal that is one series as it is",
        command: CORE,
    },
    Row {
        figure: "end_to_end_cpu",
        title: "A query from end to end, CPU",
        target: "≤ 200 ns/point",
        how: "500 series of 1440 points through the host and local AWS: user and system time of the plugin process, median of 3 rounds of 4 queries",
        command: ALL,
    },
    Row {
        figure: "end_to_end_time",
        title: "A query from end to end, wait",
        target: "–",
        how: "the same queries, seen by the client: local AWS, plugin and host together on this machine",
        command: ALL,
    },
    Row {
        figure: "one_answer_peak",
        title: "Peak memory, one answer",
        target: "≤ 64 MiB",
        how: "`VmHWM` of the plugin process after the first of these queries",
        command: ALL,
    },
    Row {
        figure: "end_to_end_peak",
        title: "Peak memory, cache full",
        target: "–",
        how: "the same after 13 of these queries about different days, with 64 MiB of values kept (`cacheMegabytes`)",
        command: ALL,
    },
    Row {
        figure: "start_to_handshake",
        title: "Start to handshake",
        target: "≤ 30 ms",
        how: "from the start of the process to its handshake line, median of 21 starts",
        command: ALL,
    },
    Row {
        figure: "idle_memory",
        title: "Idle memory",
        target: "≤ 20 MiB",
        how: "`VmRSS` after the handshake, median of 21 starts",
        command: ALL,
    },
    Row {
        figure: "binary_size",
        title: "Size of the binary",
        target: "–",
        how: "release build, static, stripped",
        command: ALL,
    },
];

/// Writes the file, with more sections behind the figures, and returns its text.
pub fn write(workspace: &Workspace, figures: &[Figure], sections: &str) -> Outcome<String> {
    let text = render(figures, &machine(workspace)) + sections;
    std::fs::write(workspace.root.join(PAGE), &text).doing(format_args!("write {PAGE}"))?;
    Ok(text)
}

fn render(figures: &[Figure], machine: &str) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, which builds in release and measures everything below.\n\
         Figures depend on the machine; nothing fails when one misses its target. What does not grow with time is in [soak.md](soak.md).\n\n",
    );
    text.push_str(machine);
    text.push_str("\n| figure | measured | target | how | command |\n|---|---|---|---|---|\n");
    for row in ROWS {
        let measured = figures.iter().find(|figure| figure.name == row.figure).map_or("not yet".to_owned(), show);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {measured} | {} | {} | `{}` |", row.title, row.target, row.how, row.command);
    }
    let has_row = |figure: &&Figure| ROWS.iter().any(|row| row.figure == figure.name);
    for figure in figures.iter().filter(|figure| !has_row(figure)) {
        let _ = writeln!(text, "| {} | {} | – | – | `{CORE}` |", figure.name, show(figure));
    }
    text
}

/// Three significant digits; more would be noise.
fn show(figure: &Figure) -> String {
    let decimals = match figure.value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{:.decimals$} {}", figure.value, figure.unit)
}

/// On what it was measured, as a list.
pub fn machine(workspace: &Workspace) -> String {
    let first_line = |command: &mut Command| {
        let answer = process::read(command).unwrap_or_default();
        answer.lines().next().unwrap_or("unknown").to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| parse_cpu_model(&text));
    let model = model.unwrap_or_else(|| "unknown CPU".to_owned());
    let compiler = first_line(workspace.command("rustc").arg("--version"));
    let commit = first_line(workspace.command("git").args(["log", "-1", "--format=%h of %cs"]));
    // Other programs that want the processor lengthen every time below; the last minute's load tells.
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "- Machine: {cores} cores, {model}\n- Load when written: {load}\n- Compiler: {compiler}\n- Commit: {commit}\n"
    )
}

fn parse_cpu_model(cpuinfo: &str) -> Option<String> {
    let (_, model) = cpuinfo.lines().find(|line| line.starts_with("model name"))?.split_once(':')?;
    Some(model.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_row_also_before_it_is_measured() {
        let text = render(&[Figure::new("frames", 4.613, "ns/point"), Figure::new("extra", 123.4, "us")], "");
        assert!(text.contains("| Encoding of frames | 4.61 ns/point | ≤ 6 ns/point |"), "{text}");
        assert!(text.contains("| Idle memory | not yet | ≤ 20 MiB |"), "{text}");
        assert!(text.contains("| extra | 123 us | – |"), "{text}");
    }

    #[test]
    fn the_cpu_is_named() {
        assert_eq!(parse_cpu_model("processor\t: 0\nmodel name\t: Fast CPU\n").as_deref(), Some("Fast CPU"));
    }

    #[test]
    fn the_median_ignores_an_outlier() {
        assert_eq!(median(vec![3.0, 100.0, 1.0, 2.0, 2.5]), 2.5);
    }
}
