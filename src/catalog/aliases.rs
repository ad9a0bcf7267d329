//! Names as people write them: wrong case, older guides, documentation that misspells, names that never existed.
//!
//! An exact name always means itself. Any other is looked up without case and punctuation, then in the table of other
//! spellings. A name that exists nowhere is answered with what to use instead. The one surprise: some exact names are
//! right on one runtime only; [`equivalents`] names the metric that other runtimes publish in their place.

use super::metrics::{METRICS, metric};
use super::signals::{SIGNALS, signal};
use super::similar::{self, fold};

/// What a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A row of [`METRICS`], by its name.
    Metric(&'static str),
    /// A row of [`SIGNALS`], by its id.
    Signal(&'static str),
}

impl Meaning {
    /// The metric's name or the signal's id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metric(name) | Self::Signal(name) => name,
        }
    }
}

/// A name that the catalogue does not know. It may still be a metric of the application's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The nearest names, best first; at most five.
    pub suggestions: Vec<&'static str>,
    /// What to use instead, as a sentence, where the name is a known mistake.
    pub hint: Option<&'static str>,
}

/// Finds what a name means: a signal before a metric, an exact name before any other spelling.
pub fn parse_name(text: &str) -> Result<Meaning, UnknownName> {
    by_spelling(text).ok_or_else(|| {
        let folded = fold(last_part(text));
        UnknownName { suggestions: nearest(&folded), hint: hint(&folded) }
    })
}

/// As [`parse_name`], without advice.
pub fn by_spelling(text: &str) -> Option<Meaning> {
    let exact = text.trim();
    if let Some(row) = signal(exact) {
        return Some(Meaning::Signal(row.id));
    }
    if let Some(row) = metric(exact) {
        return Some(Meaning::Metric(row.name));
    }
    let folded = fold(last_part(exact));
    let spelled_alike = || {
        let signal = SIGNALS.iter().find(|row| fold(row.id) == folded).map(|row| Meaning::Signal(row.id));
        signal.or_else(|| METRICS.iter().find(|row| fold(row.name) == folded).map(|row| Meaning::Metric(row.name)))
    };
    spelled_alike().or_else(|| SPELLINGS.iter().find(|(other, _)| *other == folded).map(|(_, meaning)| *meaning))
}

/// The other spellings of a metric or signal, in lower case and without punctuation.
pub fn spellings(meaning: Meaning) -> impl Iterator<Item = &'static str> {
    SPELLINGS.iter().filter(move |(_, of)| *of == meaning).map(|(text, _)| *text)
}

/// Metrics that other runtimes publish in place of this one, which mean the same.
pub fn equivalents(name: &str) -> &'static [&'static str] {
    match name {
        "fullRestarts" => &["numRestarts"],
        "numRestarts" => &["fullRestarts"],
        "uptime" => &["runningTime"],
        "runningTime" => &["uptime"],
        // The singular is published by notebooks only, and stands in AWS's older table of metrics.
        "threadCount" => &["threadsCount"],
        "threadsCount" => &["threadCount"],
        // The capital M is published by SQL applications only, and stands in AWS's older guides.
        "MillisBehindLatest" => &["millisBehindLatest"],
        _ => &[],
    }
}

/// The dimension meant by a name that no series has: `ApplicationName` is a field of the API only.
pub fn dimension_by_spelling(name: &str) -> Option<&'static str> {
    match fold(name).as_str() {
        "application" | "applicationname" | "functionname" => Some("Application"),
        "task" | "taskname" => Some("Task"),
        "operator" | "operatorname" | "taskoperator" | "taskoperatorname" => Some("TaskOperator"),
        "parallelism" | "subtask" | "subtaskindex" => Some("Parallelism"),
        "stream" | "streamname" => Some("Id"),
        "topic" | "topicname" => Some("Topic"),
        "tmid" | "taskmanager" | "taskmanagerid" => Some("tm_id"),
        _ => None,
    }
}

/// Other spellings, folded. Sources: AWS's alarm page, its older developer guide, public dashboards and templates.
const SPELLINGS: &[(&str, Meaning)] = &[
    // AWS's table of recommended alarms.
    ("oldgarbagecollectiontime", Meaning::Metric("oldGenerationGCTime")),
    ("oldgarbagecollectioncount", Meaning::Metric("oldGenerationGCCount")),
    // Misprints of AWS's developer guide.
    ("managedmemoryutilzations", Meaning::Metric("managedMemoryUtilization")),
    ("managedmemoryutilizations", Meaning::Metric("managedMemoryUtilization")),
    // Names of guides and templates.
    ("recordsreceived", Meaning::Signal("recordsIn")),
    ("recordswritten", Meaning::Signal("recordsOut")),
    ("recordssent", Meaning::Signal("recordsOut")),
    ("inputrecords", Meaning::Signal("recordsIn")),
    ("outputrecords", Meaning::Signal("recordsOut")),
    ("checkpointfailures", Meaning::Signal("checkpointsFailed")),
    ("failedcheckpoints", Meaning::Signal("checkpointsFailed")),
    ("numfailedcheckpoints", Meaning::Metric("numberOfFailedCheckpoints")),
    ("numcompletedcheckpoints", Meaning::Metric("numberOfCompletedCheckpoints")),
    ("backpressured", Meaning::Signal("backPressure")),
    ("isbackpressured", Meaning::Signal("backPressure")),
    ("restartcount", Meaning::Signal("restarts")),
    ("kpu", Meaning::Signal("kpus")),
    // Flink's and Kafka's own names of what the service publishes under another.
    ("recordslag", Meaning::Metric("records_lag_max")),
    ("pendingrecords", Meaning::Signal("consumerLagRecords")),
    ("currentemiteventtimelag", Meaning::Signal("watermarkLag")),
];

/// Names that exist nowhere, folded, and what to use instead.
const HINTS: &[(&[&str], &str)] = &[
    (
        &["errors", "error", "errorcount", "numrecordsinerrors", "numrecordsouterrors", "failures"],
        "The service publishes no metric of errors: use restarts, checkpointsFailed, failingTime or commitsFailed, or look for failures in the application's log.",
    ),
    (
        &["bufferpoolusage", "inpoolusage", "outpoolusage", "inputqueuelength", "outputqueuelength"],
        "The service publishes no buffer metrics: use backPressure, busy and idle.",
    ),
    (
        &["latency", "endtoendlatency", "endtoendrecordlatency"],
        "Flink measures latency as a histogram, which the service does not publish: use watermarkLag, consumerLagTime or consumerLagRecords.",
    ),
    (
        &["numcheckpoints", "checkpoints", "checkpointcount"],
        "Checkpoints are counted by their end: use checkpointsCompleted and checkpointsFailed.",
    ),
    (
        &["applicationincomingbytes", "incomingbytes", "numbytesin", "numbytesinpersecond", "numbytesout"],
        "The service publishes no bytes of the job: use recordsInRate, or bytes_consumed_rate for a Kafka source.",
    ),
    (
        &["lastcheckpointfullsize", "statesize", "fullcheckpointsize"],
        "The service publishes no size of the full state: checkpointSize is what the newest checkpoint uploaded, and snapshots tell their size.",
    ),
    (
        &["throughput", "recordspersecond"],
        "Choose the end: sourceRate is what the application reads, sinkRate what it writes, recordsInRate and recordsOutRate are those of a task or operator.",
    ),
    (
        &["lag", "consumerlag"],
        "Choose the source: consumerLagTime for Kinesis, consumerLagRecords for Kafka, watermarkLag for event time.",
    ),
    (&["memory", "memoryutilization"], "Choose which: heap, containerMemory or managedMemory."),
];

fn hint(folded: &str) -> Option<&'static str> {
    HINTS.iter().find(|(names, _)| names.contains(&folded)).map(|(_, hint)| *hint)
}

/// AWS's alarm page writes `Operator.numRecordsOutPerSecond`.
fn last_part(text: &str) -> &str {
    let text = text.trim();
    match text.split_once('.') {
        Some((level, name)) if matches!(fold(level).as_str(), "application" | "task" | "operator") => name,
        _ => text,
    }
}

/// Names of the catalogue that may have been meant.
fn nearest(folded: &str) -> Vec<&'static str> {
    similar::nearest(folded, SIGNALS.iter().map(|row| row.id).chain(METRICS.iter().map(|row| row.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Meaning> {
        by_spelling(text)
    }

    #[test]
    fn an_exact_name_means_itself() {
        assert_eq!(read("cpuUtilization"), Some(Meaning::Metric("cpuUtilization")));
        assert_eq!(read("threadCount"), Some(Meaning::Metric("threadCount")));
        assert_eq!(read("MillisBehindLatest"), Some(Meaning::Metric("MillisBehindLatest")));
        assert_eq!(read("KPUs"), Some(Meaning::Metric("KPUs")));
        assert_eq!(read("kpus"), Some(Meaning::Signal("kpus")));
        assert_eq!(read("uptime"), Some(Meaning::Signal("uptime")));
    }

    #[test]
    fn misspelt_documentation_is_understood() {
        let metrics = [
            ("oldGarbageCollectionTime", "oldGenerationGCTime"),
            ("oldGarbageCollectionCount", "oldGenerationGCCount"),
            ("millisbehindLatest", "millisBehindLatest"),
            ("currentoffsets", "currentOffsets"),
            ("committedoffsets", "committedOffsets"),
            ("CPUUtilization", "cpuUtilization"),
            ("HeapMemoryUtilization", "heapMemoryUtilization"),
            ("ManagedMemoryUtilzations", "managedMemoryUtilization"),
            ("FullRestarts", "fullRestarts"),
            ("Downtime", "downtime"),
            ("Operator.numRecordsOutPerSecond", "numRecordsOutPerSecond"),
            ("Operator.currentOutputWatermark", "currentOutputWatermark"),
            ("numFailedCheckpoints", "numberOfFailedCheckpoints"),
            ("records-lag-max", "records_lag_max"),
            ("InputProcessing.OkRecords", "InputProcessing.OkRecords"),
        ];
        for (text, name) in metrics {
            assert_eq!(read(text), Some(Meaning::Metric(name)), "{text}");
        }
    }

    #[test]
    fn names_of_older_guides_are_understood() {
        let signals = [
            ("RecordsReceived", "recordsIn"),
            ("RecordsWritten", "recordsOut"),
            ("CheckpointSize", "checkpointSize"),
            ("CheckpointDuration", "checkpointDuration"),
            ("CheckpointFailures", "checkpointsFailed"),
            ("backpressure", "backPressure"),
            (" back pressure ", "backPressure"),
        ];
        for (text, id) in signals {
            assert_eq!(read(text), Some(Meaning::Signal(id)), "{text}");
        }
    }

    #[test]
    fn a_name_that_exists_nowhere_is_answered_with_advice() {
        for text in
            ["Errors", "NumRecordsInErrors", "bufferPoolUsage", "end-to-end latency", "ApplicationIncomingBytes"]
        {
            let unknown = parse_name(text).unwrap_err();
            assert!(unknown.hint.is_some(), "{text}");
        }
        let unknown = parse_name("chekpointDuratoin").unwrap_err();
        assert_eq!((unknown.suggestions[0], unknown.hint), ("checkpointDuration", None));
        let unknown = parse_name("watermark").unwrap_err();
        assert!(unknown.suggestions.contains(&"watermarkLag"));
        let nothing = UnknownName { suggestions: Vec::new(), hint: None };
        assert_eq!(parse_name("zzzzqqqq"), Err(nothing.clone()));
        assert_eq!(parse_name(""), Err(nothing));
    }

    #[test]
    fn every_spelling_leads_to_a_row() {
        for (text, meaning) in SPELLINGS {
            assert_eq!(fold(text), *text);
            let known = match meaning {
                Meaning::Metric(name) => metric(name).is_some(),
                Meaning::Signal(id) => signal(id).is_some(),
            };
            assert!(known, "{text}");
        }
        for row in METRICS {
            assert!(equivalents(row.name).iter().all(|name| metric(name).is_some()));
        }
        for (names, hint) in HINTS {
            assert!(names.iter().all(|name| fold(name) == *name && by_spelling(name).is_none()), "{names:?}");
            assert!(hint.ends_with('.'));
        }
    }

    #[test]
    fn dimensions_of_templates_are_understood() {
        assert_eq!(dimension_by_spelling("ApplicationName"), Some("Application"));
        assert_eq!(dimension_by_spelling("OperatorName"), Some("TaskOperator"));
        assert_eq!(dimension_by_spelling("tenant"), None);
    }
}
