//! Rates and counts of records against the counters of the recorded jobs.

use serde_json::{Value, json};

use super::recording::{Recording, Truth, VERSIONS};
use crate::support::world::{Answer, Line};

/// What a fixture of this quality allows: Flink's own rates are off by up to 0.8 % in a steady minute.
const TOLERANCE: f64 = 0.01;

/// Fewer records come in bursts, which a minute's mean does not follow.
const FEW_PER_SECOND: f64 = 20.0;

/// The signals and the metrics that they are made of.
const RATES: [(&str, &str); 2] =
    [("recordsInRate", "numRecordsInPerSecond"), ("recordsOutRate", "numRecordsOutPerSecond")];
const COUNTS: [(&str, &str); 2] = [("recordsIn", "numRecordsInPerSecond"), ("recordsOut", "numRecordsOutPerSecond")];

fn is_within(value: f64, expected: f64, tolerance: f64) -> bool {
    (value - expected).abs() <= tolerance * expected.abs()
}

fn operators(level: &str, signals: [&str; 2]) -> Value {
    json!({ "queryType": "operator", "applications": ["orders"], "level": level, "signals": signals })
}

fn line(answer: &Answer, signal: &str, row: &Truth) -> Line {
    let labels = [("signal", signal), ("task", row.task.as_str()), ("operator", row.operator.as_str())];
    answer.line(&labels)
}

/// One row per task or operator and direction, of the first steady minute.
fn rows<'r>(recording: &'r Recording, level: &str, metric: &str) -> Vec<&'r Truth> {
    let first = recording.steady().start;
    let is_level = |row: &&Truth| (level == "task") == row.operator.is_empty();
    let rows = recording.truth.iter().filter(|row| row.minute == first && row.metric == metric);
    rows.filter(is_level).collect()
}

#[tokio::test]
async fn each_task_and_operator_has_its_true_rate_in_every_steady_minute() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        for level in ["task", "operator"] {
            let answer = chain.ask(operators(level, RATES.map(|(signal, _)| signal)), recording.steady()).await;
            for (signal, metric) in RATES {
                for row in rows(recording, level, metric) {
                    check_rate(recording, &line(&answer, signal, row), row);
                }
            }
        }
    }
}

/// Every minute where records are many, the whole stretch where they are few, and 0 where there are none.
fn check_rate(recording: &Recording, line: &Line, row: &Truth) {
    let same = |other: &Truth| other.task == row.task && other.operator == row.operator;
    let truth: Vec<(i64, f64)> = recording.total(&row.metric, same).into_iter().collect();
    let steady: Vec<(i64, f64)> = truth.into_iter().filter(|(minute, _)| recording.steady().contains(minute)).collect();
    assert_eq!(steady.len(), 13);
    let mean = steady.iter().map(|(_, rate)| rate).sum::<f64>() / steady.len() as f64;
    let found = line.mean(recording.steady());
    let tolerance = if mean >= FEW_PER_SECOND { TOLERANCE } else { 0.03 };
    assert!(is_within(found, mean, tolerance), "{row:?}: {found} for {mean}");
    for (minute, rate) in steady.iter().filter(|(_, rate)| *rate >= FEW_PER_SECOND) {
        assert!(is_within(line.at(*minute), *rate, TOLERANCE), "{row:?}: {} for {rate} at {minute}", line.at(*minute));
    }
}

#[tokio::test]
async fn counted_records_add_up_to_the_counters() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        for level in ["task", "operator"] {
            let answer = chain.ask(operators(level, COUNTS.map(|(signal, _)| signal)), recording.steady()).await;
            for (signal, metric) in COUNTS {
                for row in rows(recording, level, metric) {
                    let same = |other: &Truth| other.task == row.task && other.operator == row.operator;
                    let truth = recording.total(metric, same);
                    let records: f64 = truth.range(recording.steady()).map(|(_, rate)| rate * 60.0).sum();
                    let found = line(&answer, signal, row).sum(recording.steady());
                    let tolerance = if records >= 60.0 * FEW_PER_SECOND * 13.0 { TOLERANCE } else { 0.03 };
                    assert!(is_within(found, records, tolerance), "{version} {row:?}: {found} for {records}");
                }
            }
        }
    }
}

fn is_source(row: &Truth) -> bool {
    row.operator.is_empty() && row.task.starts_with("Source:")
}

fn is_writer(row: &Truth) -> bool {
    row.operator.starts_with("Sink:") && row.operator.ends_with(":_Writer")
}

/// The signals of an application, the metric, and whose it is.
type End = (&'static [&'static str], &'static str, fn(&Truth) -> bool);

#[tokio::test]
async fn an_application_reads_what_its_sources_emit_and_writes_what_enters_its_sinks() {
    let ends: [End; 2] = [
        (&["sourceRate", "recordsInRate", "recordsIn"], "numRecordsOutPerSecond", is_source),
        (&["sinkRate", "recordsOutRate", "recordsOut"], "numRecordsInPerSecond", is_writer),
    ];
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        for (signals, metric, selects) in ends {
            let query = json!({ "queryType": "application", "applications": ["orders"], "signals": signals });
            let answer = chain.ask(query, recording.steady()).await;
            assert_eq!(answer.notices(), "");
            let truth = recording.total(metric, selects);
            for minute in recording.steady().step_by(60) {
                for signal in &signals[..2] {
                    let found = answer.signal(signal).at(minute);
                    assert!(is_within(found, truth[&minute], TOLERANCE), "{signal}: {found} for {}", truth[&minute]);
                }
            }
            let records: f64 = truth.range(recording.steady()).map(|(_, rate)| rate * 60.0).sum();
            let found = answer.signal(signals[2]).sum(recording.steady());
            assert!(is_within(found, records, TOLERANCE), "{}: {found} for {records}", signals[2]);
        }
    }
}

#[tokio::test]
async fn a_longer_period_shows_the_same_totals() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let truth = recording.total("numRecordsOutPerSecond", is_source);
        let steady = recording.steady();
        for period in [120, 300] {
            let start = (steady.start + period - 1) / period * period;
            let end = steady.end / period * period;
            let query = json!({ "queryType": "application", "applications": ["orders"], "period": period,
                "signals": ["sourceRate", "recordsIn"] });
            let answer = chain.ask(query, start..end).await;
            let buckets: Vec<i64> = (start..end).step_by(usize::try_from(period).unwrap()).collect();
            assert!(buckets.len() >= 2, "{version} {buckets:?}");
            for bucket in buckets {
                let rate: f64 = truth.range(bucket..bucket + period).map(|(_, rate)| rate).sum::<f64>() * 60.0;
                let rate = rate / period as f64;
                let found = answer.signal("sourceRate").at(bucket);
                assert!(is_within(found, rate, TOLERANCE), "{version} {period} s: {found} for {rate}");
                let counted = answer.signal("recordsIn").at(bucket) / period as f64;
                assert!(is_within(counted, rate, TOLERANCE), "{version} {period} s: {counted} for {rate}");
            }
        }
    }
}

#[tokio::test]
async fn subtasks_add_up_to_their_task() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let steady = recording.steady();
        let ask = |level: &str| chain.ask(operators(level, RATES.map(|(signal, _)| signal)), recording.steady());
        let (tasks, subtasks) = (ask("task").await, ask("subtask").await);
        for task in tasks.lines() {
            let labels = |line: &Line| (line.label("task").to_owned(), line.label("signal").to_owned());
            let parts: Vec<Line> = subtasks.lines().into_iter().filter(|part| labels(part) == labels(&task)).collect();
            assert_eq!(parts.len(), 4, "{:?}", labels(&task));
            for minute in steady.clone().step_by(60) {
                let sum: f64 = parts.iter().map(|part| part.at(minute)).sum();
                assert!((sum - task.at(minute)).abs() < 1e-3, "{:?}: {sum} for {}", labels(&task), task.at(minute));
            }
        }
    }
}

/// CloudWatch's own numbers, as other tools show them.
#[tokio::test]
async fn naive_readings_are_as_wrong_as_they_are_known_to_be() {
    // Statistic, whether of the orders source task or of the whole application, and the factor to the true rate.
    let readings = [
        ("Average", true, 0.25, 0.01),
        ("Sum", true, 4.0, 0.01),
        ("Average", false, 0.10, 0.02),
        ("Sum", false, 11.2, 0.02),
    ];
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        for (statistic, of_task, factor, tolerance) in readings {
            let is_ours = |row: &Truth| is_source(row) && (!of_task || row.task.contains("Kinesis_orders"));
            let truth = recording.total("numRecordsOutPerSecond", is_ours);
            let task = truth_task(recording);
            let dimensions = if of_task { json!({ "Task": task }) } else { json!({}) };
            let query = json!({ "queryType": "metric", "applications": ["orders"], "metric": "numRecordsOutPerSecond",
                "statistic": statistic, "dimensions": dimensions });
            let answer = chain.ask(query, recording.steady()).await;
            for minute in recording.steady().step_by(60) {
                let found = answer.lines()[0].at(minute) / truth[&minute];
                assert!(is_within(found, factor, tolerance), "{version} {statistic}: ×{found} for ×{factor}");
                assert!(!is_within(found, 1.0, TOLERANCE));
            }
        }
    }
}

fn truth_task(recording: &Recording) -> &str {
    let row = recording.truth.iter().find(|row| row.task.starts_with("Source:_Kinesis_orders"));
    &row.unwrap().task
}
