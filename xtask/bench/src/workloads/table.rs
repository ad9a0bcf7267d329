//! The section of the report with all workloads: what each costs, and what it cost before.

use std::fmt::Write;

use super::cost::Cost;
use super::rows::{Measured, TURNS, Version};

const HEAD: &str = "
## Workloads

Means of 5 rounds (3 about other days, 1 of what is cold), 80 ms a call unless the row says so. A dashboard is 30 panels × 3 queries (30 metrics × 3 statistics) over 6 h.
Data calls are those of GetMetricData, other calls those for facts. The wait is the host's, from the first request that it sends to the plugin to the last answer; what it then needs to make JSON of
the answers is not the plugin's. (For the drop-down it is the client's.) CPU and peak memory are those of the plugin process. Command: `cargo xtask bench`; `--only WORDS` for rows with these words.

| workload | data calls | other calls | billed metrics | wait | CPU | peak memory | beside that | must be |
|---|---|---|---|---|---|---|---|---|
";

/// What is not more by this is noise.
const NOISE: f64 = 1.05;

/// Of several versions the last one is that of the report; the others stand in a table of their own.
pub fn render(versions: &[Version], measured: &[Measured]) -> String {
    let mut text = String::from(HEAD);
    for Measured { row, costs } in measured {
        let cost = costs.last().cloned().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {cost} | {} |", row.workload, row.must);
    }
    if let [before, _] = versions {
        text.push_str(&side_by_side(&before.name, measured));
    }
    text
}

fn side_by_side(before: &str, measured: &[Measured]) -> String {
    let mut text = format!(
        "
## Beside commit {before}

Both plugins before the same local AWS, in turns, {} times: medians, as before → now. What is more by over 5 % is bold. Command: `cargo xtask bench --against {before}`.

| workload | data calls | other calls | billed metrics | wait, ms | CPU, ms | peak memory, MiB |
|---|---|---|---|---|---|---|
",
        TURNS
    );
    for Measured { row, costs } in measured {
        let [before, now] = costs.as_slice() else { continue };
        let cell = |figure: fn(&Cost) -> f64, decimals: usize| change(figure(before), figure(now), decimals);
        let cells = [
            cell(|cost| cost.data_calls, 1),
            cell(|cost| cost.other_calls, 1),
            cell(|cost| cost.billed, 0),
            cell(|cost| cost.milliseconds, 0),
            cell(|cost| cost.cpu_milliseconds, 1),
            cell(|cost| cost.peak_mib, 1),
        ];
        let _ = writeln!(text, "| {} | {} |", row.workload, cells.join(" | "));
    }
    text
}

fn change(before: f64, now: f64, decimals: usize) -> String {
    let text = format!("{before:.decimals$} → {now:.decimals$}");
    if now > before * NOISE { format!("**{text}**") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_stands_out() {
        assert_eq!(change(10.0, 10.4, 1), "10.0 → 10.4");
        assert_eq!(change(10.0, 10.6, 1), "**10.0 → 10.6**");
        assert_eq!(change(1.0, 0.0, 0), "1 → 0");
    }
}
