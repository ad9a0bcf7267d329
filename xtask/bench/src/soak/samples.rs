//! What a process uses from time to time, and whether it grows.

use std::fmt;

use crate::report::median;
use crate::usage::{self, Memory};
use xtask::failure::{Failure, Outcome};

/// One look at the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub resident_mib: f64,
    pub threads: f64,
    pub descriptors: f64,
    pub sockets: f64,
    /// Requests that were answered so far.
    pub requests: u64,
}

impl Sample {
    pub fn of(process: u32, requests: u64) -> Outcome<Self> {
        Ok(Self {
            resident_mib: usage::memory_mib(process, Memory::Resident)?,
            threads: usage::threads(process)? as f64,
            descriptors: usage::file_descriptors(process)? as f64,
            sockets: usage::sockets(process)? as f64,
            requests,
        })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident_mib, threads, descriptors, sockets, requests } = self;
        write!(
            f,
            "{resident_mib:.1} MiB, {threads} threads, {descriptors} descriptors, {sockets} sockets, {requests} requests"
        )
    }
}

/// What is compared.
struct Figure {
    name: &'static str,
    read: fn(&Sample) -> f64,
    /// By how much the last quarter may be above the second one, as a share of it and in the figure's own unit,
    /// whichever is more. A cache that fills up to its limit and a runtime that adds a thread are no leaks; what leaks
    /// with every request goes beyond this within minutes.
    share: f64,
    least: f64,
}

const FIGURES: [Figure; 4] = [
    Figure { name: "resident memory, MiB", read: |sample| sample.resident_mib, share: 0.10, least: 4.0 },
    Figure { name: "threads", read: |sample| sample.threads, share: 0.0, least: 2.0 },
    Figure { name: "file descriptors", read: |sample| sample.descriptors, share: 0.10, least: 5.0 },
    Figure { name: "sockets", read: |sample| sample.sockets, share: 0.10, least: 5.0 },
];

/// The median of each figure in each quarter.
#[derive(Debug)]
pub struct Table {
    quarters: [Vec<f64>; 4],
    requests: [u64; 4],
}

impl Table {
    pub fn of(samples: &[Sample]) -> Self {
        let quarter = |number: usize| &samples[samples.len() * number / 4..samples.len() * (number + 1) / 4];
        let medians =
            |number| FIGURES.iter().map(|figure| median(quarter(number).iter().map(figure.read).collect())).collect();
        let requests = |number| quarter(number).last().map_or(0, |sample| sample.requests);
        Self { quarters: [0, 1, 2, 3].map(medians), requests: [0, 1, 2, 3].map(requests) }
    }

    /// An error that names what has grown.
    pub fn judge(&self) -> Outcome<()> {
        let [_, second, _, last] = &self.quarters;
        let grown = FIGURES.iter().zip(second.iter().zip(last)).filter_map(|(figure, (before, after))| {
            let is_grown = after - before > (before * figure.share).max(figure.least);
            is_grown.then(|| format!("{} from {before:.1} to {after:.1}", figure.name))
        });
        let grown: Vec<String> = grown.collect();
        if grown.is_empty() { Ok(()) } else { Err(Failure::new(format!("the plugin has grown: {}", grown.join("; ")))) }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| median | first quarter | second | third | last |\n|---|---|---|---|---|")?;
        for (index, Figure { name, .. }) in FIGURES.iter().enumerate() {
            let [first, second, third, last] = [0, 1, 2, 3].map(|quarter: usize| self.quarters[quarter][index]);
            writeln!(f, "| {name} | {first:.1} | {second:.1} | {third:.1} | {last:.1} |")?;
        }
        let [first, second, third, last] = self.requests;
        writeln!(f, "| requests answered by then | {first} | {second} | {third} | {last} |")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(resident_mib: impl Fn(usize) -> f64) -> Table {
        let sample = |number: usize| Sample {
            resident_mib: resident_mib(number),
            threads: 4.0,
            descriptors: 20.0,
            sockets: 10.0,
            requests: number as u64,
        };
        Table::of(&(0..40).map(sample).collect::<Vec<_>>())
    }

    #[test]
    fn a_cache_that_fills_and_an_outlier_are_no_growth() {
        table(|number| if number < 10 { number as f64 } else { 30.0 }).judge().unwrap();
        table(|number| if number == 35 { 500.0 } else { 30.0 }).judge().unwrap();
    }

    #[test]
    fn growth_is_named_with_its_figures() {
        let grown = table(|number| 20.0 + number as f64).judge().unwrap_err().to_string();
        assert_eq!(grown, "the plugin has grown: resident memory, MiB from 35.0 to 55.0");
    }

    #[test]
    fn quarters_are_shown_side_by_side() {
        let text = table(|_| 30.0).to_string();
        assert!(text.contains("| threads | 4.0 | 4.0 | 4.0 | 4.0 |"), "{text}");
        assert!(text.contains("| requests answered by then | 9 | 19 | 29 | 39 |"), "{text}");
    }
}
