//! The catalogue's tables: every row whole, every name there, and names of recorded jobs found again.

use std::collections::BTreeSet;

use flinkwatch::catalog::aliases::{Meaning, by_spelling};
use flinkwatch::catalog::condition::{Side, Spoken, Summary};
use flinkwatch::catalog::conditions::CONDITIONS;
use flinkwatch::catalog::level::DimensionSet;
use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::metric::{Better, Metric, MetricKind, Sampling, Unit};
use flinkwatch::catalog::metrics::{METRICS, metric};
use flinkwatch::catalog::names::{clean, display, matches};
use flinkwatch::catalog::signal::{Formula, Reduce, Signal, State};
use flinkwatch::catalog::signals::{SIGNALS, signal};
use flinkwatch::catalog::statistic::Statistic;

/// Every metric that AWS documents or that applications were seen to list.
const KNOWN_METRICS: &str = "
    numRecordsIn numRecordsInPerSecond numRecordsOut numRecordsOutPerSecond numLateRecordsDropped
    backPressuredTimeMsPerSecond busyTimeMsPerSecond idleTimeMsPerSecond currentInputWatermark
    currentOutputWatermark lastCheckpointDuration lastCheckpointSize numberOfFailedCheckpoints
    numberOfCompletedCheckpoints uptime downtime fullRestarts numRestarts runningTime restartingTime cancellingTime
    failingTime cpuUtilization containerCPUUtilization containerMemoryUtilization containerDiskUtilization
    heapMemoryUtilization managedMemoryUsed managedMemoryTotal managedMemoryUtilization oldGenerationGCCount
    oldGenerationGCTime threadsCount KPUs jobmanagerFileDescriptorsMax jobmanagerFileDescriptorsOpen
    taskmanagerFileDescriptorsMax taskmanagerFileDescriptorsOpen metaspaceMemoryUtilization
    jobmanagerHeapMemoryUtilization jobmanagerMetaspaceMemoryUtilization millisBehindLatest bytesRequestedPerFetch
    records_lag_max bytes_consumed_rate commitsSucceeded commitsFailed currentOffsets committedOffsets
    zeppelinCpuUtilization zeppelinHeapMemoryUtilization zeppelinThreadCount zeppelinWaitingJobs
    zeppelinServerUptime threadCount MillisBehindLatest Bytes Records Success InputProcessing.Duration
    InputProcessing.OkRecords InputProcessing.OkBytes InputProcessing.DroppedRecords
    InputProcessing.ProcessingFailedRecords InputProcessing.Success LambdaDelivery.OkRecords
    LambdaDelivery.DeliveryFailedRecords LambdaDelivery.Duration
";

/// Metrics that newer Flink versions register and AWS does not document.
const NEWER_METRICS: &str = "lastCheckpointCompletedTimestamp numRescales";

const KNOWN_SIGNALS: &str = "
    sourceRate sinkRate recordsInRate recordsOutRate recordsIn recordsOut lateRecords kafkaCommits kafkaCommitsFailed selectivity
    watermarkLag watermarkSkew consumerLagTime consumerLagRecords timeToCatchUp lagGrowth lagRecordsGrowth
    busy backPressure idle skew
    checkpointDuration checkpointSize checkpointsCompleted checkpointsFailed checkpointSuccessRatio checkpointInterval
    checkpointPressure stateGrowth threadGrowth
    restarts availability uptime
    cpu containerCpu heap containerMemory managedMemory gcPressure gcCollections cpuHeadroom memoryHeadroom fileDescriptors
    kpus kpuCost costPerMillionRecords
";

fn is_sentence(text: &str) -> bool {
    text.len() > 20 && text.ends_with('.') && !text.contains("  ") && text.starts_with(|c: char| !c.is_lowercase())
}

#[test]
fn all_metrics_are_there_once() {
    let rows: Vec<&str> = METRICS.iter().map(|row| row.name).collect();
    let unique: BTreeSet<&str> = rows.iter().copied().collect();
    let known: BTreeSet<&str> = KNOWN_METRICS.split_whitespace().chain(NEWER_METRICS.split_whitespace()).collect();
    assert_eq!(KNOWN_METRICS.split_whitespace().count(), 68);
    assert_eq!(unique, known);
    assert_eq!(rows.len(), unique.len());
    for row in METRICS {
        assert_eq!(metric(row.name), Some(row));
    }
    assert_eq!(metric("CPUUtilization"), None);
}

#[test]
fn all_signals_are_there_once() {
    let rows: Vec<&str> = SIGNALS.iter().map(|row| row.id).collect();
    let unique: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(unique, KNOWN_SIGNALS.split_whitespace().collect());
    assert_eq!(rows.len(), unique.len());
    for row in SIGNALS {
        assert_eq!(signal(row.id), Some(row));
    }
}

#[test]
fn every_metric_is_described_whole() {
    for row in METRICS {
        check_metric(row);
    }
}

fn check_metric(row: &Metric) {
    let Metric { name, .. } = row;
    assert!(is_sentence(row.description), "{name}: {}", row.description);
    assert!(!row.sets.is_empty(), "{name}");
    assert_eq!(row.sets.iter().collect::<BTreeSet<_>>().len(), row.sets.len(), "{name}");
    let statistic = Statistic::parse(row.statistic.as_str());
    assert_eq!(statistic.as_ref(), Some(&row.statistic), "{name}");
    if row.kind == MetricKind::Rate {
        assert_eq!((row.unit, row.sampling), (Unit::PerSecond, Sampling::Subtask), "{name}");
    }
    let is_legacy = row.sets.contains(&DimensionSet::Stream) && row.sets.contains(&DimensionSet::Application);
    if row.statistic == Statistic::Sum && !is_legacy {
        // Only subtasks add up to a total; a sum of anything else counts its samples.
        assert_eq!(row.sampling, Sampling::Subtask, "{name}");
        assert!(matches!(row.kind, MetricKind::Rate | MetricKind::Counter), "{name}");
    }
    if !row.sentinels.is_empty() {
        assert_ne!(row.statistic, Statistic::Sum, "{name}");
    }
}

#[test]
fn every_signal_is_described_whole() {
    for row in SIGNALS {
        check_signal(row);
    }
}

fn check_signal(row: &Signal) {
    let Signal { id, .. } = row;
    assert!(is_sentence(row.description), "{id}: {}", row.description);
    assert!(!row.title.is_empty() && !row.title.ends_with('.') && row.title.split(' ').count() <= 4, "{id}");
    assert!(!row.formula_text.is_empty() && !row.formula_text.ends_with('.'), "{id}");
    assert!(!row.scopes.is_empty() && row.scopes.is_sorted(), "{id}");
    assert!(row.minimum_period >= 60 && row.minimum_period % 60 == 0, "{id}");
    let metrics: Vec<&Metric> = row.formula.metrics().iter().filter_map(|name| metric(name)).collect();
    assert_eq!(metrics.len(), row.formula.metrics().len(), "{id} needs a metric that is in no row");
    // What is compared with the day before needs no minutes, which would be billed each time.
    let is_hourly =
        metrics.iter().any(|m| m.sampling == Sampling::Hourly) || matches!(row.formula, Formula::Growth { .. });
    assert_eq!(is_hourly, row.minimum_period == 3600, "{id}");
    if let Formula::Gauge { metrics, .. }
    | Formula::Increase { metrics }
    | Formula::Rise { metrics, .. }
    | Formula::Growth { metrics } = row.formula
    {
        assert!(metrics.iter().all(|name| row.formula_text.contains(name)), "{id}");
    }
    let values: Vec<f64> = row.thresholds.iter().map(|t| t.value).collect();
    let states: Vec<State> = row.thresholds.iter().map(|t| t.state).collect();
    match row.better {
        Better::Higher => assert!(values.is_sorted_by(|a, b| a > b), "{id}"),
        Better::Lower => assert!(values.is_sorted_by(|a, b| a < b), "{id}"),
        Better::Neutral => assert!(values.is_empty(), "{id}"),
    }
    assert!(matches!(states.as_slice(), [] | [State::Warning] | [State::Warning, State::Critical]), "{id}");
    if row.unit == Unit::Ratio {
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{id}");
    }
}

#[test]
fn scopes_are_those_that_can_have_a_signal() {
    let scopes = |id| signal(id).map(|row| row.scopes.to_vec()).unwrap_or_default();
    for id in ["busy", "backPressure", "idle", "skew"] {
        assert!(!scopes(id).contains(&Scope::Operator), "{id}");
    }
    for row in SIGNALS.iter().filter(|row| row.id.starts_with("checkpoint") || row.minimum_period == 3600) {
        assert_eq!(row.scopes, [Scope::Application], "{}", row.id);
    }
    for id in ["recordsInRate", "watermarkLag", "managedMemory"] {
        assert_eq!(scopes(id), [Scope::Application, Scope::Task, Scope::Operator, Scope::Subtask], "{id}");
    }
}

#[test]
fn increases_are_added_up_and_states_are_not() {
    for row in SIGNALS {
        let counts = matches!(
            row.formula,
            Formula::Increase { .. }
                | Formula::GcCollections
                | Formula::Records { .. }
                | Formula::RecordsIn
                | Formula::RecordsOut
        );
        assert_eq!(row.reduce == Reduce::Total, counts, "{}", row.id);
    }
}

#[test]
fn every_name_is_found_however_it_is_written() {
    for row in SIGNALS {
        assert_eq!(by_spelling(&row.id.to_uppercase()), Some(Meaning::Signal(row.id)));
    }
    for row in METRICS {
        assert!(by_spelling(row.name).is_some(), "{}", row.name);
        assert!(by_spelling(&row.name.to_lowercase()).is_some(), "{}", row.name);
    }
}

#[test]
fn recorded_names_are_found_again_and_kept_apart() {
    for version in ["1.20", "2.2"] {
        let path = format!("{}/tests/fixtures/flink-{version}/names.csv", env!("CARGO_MANIFEST_DIR"));
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect();
        assert!(rows.len() > 15);
        // Columns: kind, task name, operator name, Task, TaskOperator.
        let pairs: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|row| if &row[0] == "task" { ("task", &row[1], &row[3]) } else { ("operator", &row[2], &row[4]) })
            .collect();
        for (kind, name, value) in &pairs {
            assert_eq!(clean(name), *value);
            assert!(!display(value).contains('_'), "{value}");
            for (other_kind, _, other) in &pairs {
                let same = value == other;
                if kind == other_kind || same {
                    assert_eq!(matches(name, other), same, "{name} against {other}");
                    assert_eq!(matches(value, other), same, "{value} against {other}");
                }
            }
        }
    }
    // The recorded operator was cut at 80 characters.
    let whole = "KeyedProcess: dedupe order-lines by (order_id, line_no) using 10-minute TTL state [v3.1, EU+US]";
    let cut = "KeyedProcess:_dedupe_order_lines_by__order_id__line_no__using_10_minute_TTL_stat";
    assert!(matches(whole, cut));
}

/// Where nobody draws a line there is none, and where there is one it stands in one row.
#[test]
fn lines_are_those_of_a_condition_of_the_same_signal() {
    for row in SIGNALS.iter().filter(|row| !row.thresholds.is_empty()) {
        let drawn = CONDITIONS.iter().filter(|condition| condition.signal == row.id);
        assert!(drawn.clone().any(|condition| condition.lines == row.thresholds), "{}", row.id);
        for condition in drawn {
            let is_upwards = condition.side == Side::Above;
            assert_eq!(
                row.better == Better::Lower,
                is_upwards || condition.summary == Summary::Count,
                "{}",
                condition.id
            );
        }
    }
}

#[test]
fn conditions_have_names_words_and_lines_of_their_own() {
    let ids: BTreeSet<&str> = CONDITIONS.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), CONDITIONS.len());
    for row in CONDITIONS {
        let id = row.id;
        let asked = std::iter::once(row.signal).chain(row.also.map(|also| also.signal));
        assert!(asked.into_iter().all(|name| signal(name).is_some()), "{id}");
        assert!(!row.lines.is_empty() && !row.needs.is_empty() && row.minutes >= 10, "{id}");
        assert!(row.words.starts_with(|c: char| c == '{' || c.is_lowercase() || row.words.starts_with("CPU")), "{id}");
        assert_eq!(row.value == Spoken::Nothing, !row.words.contains("{value}"), "{id}");
    }
}
