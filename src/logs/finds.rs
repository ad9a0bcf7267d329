//! What can be looked for in a log, a row each: words that narrow, and a rule that decides.
//!
//! CloudWatch gets the words as a pattern, so that a question moves a small part of the log. The rule then decides line
//! by line: it knows both forms of records and the words of each version of Flink.

use super::failure::tells_of_failure;
use super::flink::{self, CheckpointStep, Said};
use super::record::Record;

/// One row.
#[derive(Debug)]
pub struct Find {
    /// As `find` names it.
    pub name: &'static str,
    pub title: &'static str,
    /// What it finds, for people.
    pub sentence: &'static str,
    /// One of them stands in the JSON of each line that it finds; none where any line may be found.
    words: &'static [&'static str],
    rule: fn(&Self, &Record) -> bool,
}

impl PartialEq for Find {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Find {
    /// The row of a name.
    pub fn of(name: &str) -> Option<&'static Self> {
        FINDS.iter().find(|find| find.name == name)
    }

    /// Whether the line is one of those looked for.
    pub fn keeps(&self, record: &Record) -> bool {
        (self.rule)(self, record)
    }

    /// Whether its lines tell of failures, several of one.
    pub fn is_of_failures(&self) -> bool {
        self.name == FINDS[0].name
    }

    /// Whether any line may be found.
    pub fn is_of_any_line(&self) -> bool {
        self.words.is_empty()
    }

    /// What narrows the lines that CloudWatch sends; None where all have to be read.
    pub fn pattern(&self) -> Option<String> {
        (!self.words.is_empty()).then(|| pattern_of(self.words))
    }
}

/// The default comes first.
pub const FINDS: &[Find] = &[
    Find {
        name: "failures",
        title: "Failures",
        sentence: "Failures of tasks and of the job, with their cause. Flink logs them at INFO and WARN.",
        words: &["to FAILED", "to FAILING", "recover from a global failure", "errorCode"],
        rule: |_, record| tells_of_failure(record),
    },
    Find {
        name: "restarts",
        title: "Restarts",
        sentence: "Each time that the job restarts.",
        words: &["to RESTARTING"],
        rule: |_, record| matches!(flink::read(&record.message), Some(Said::Job { to: "RESTARTING", .. })),
    },
    Find {
        name: "checkpoints",
        title: "Checkpoints",
        sentence: "Checkpoints that are triggered and completed.",
        words: &["Triggering checkpoint", "Completed checkpoint"],
        rule: |_, record| step(record).is_some_and(|is_failure| !is_failure),
    },
    Find {
        name: "checkpointFailures",
        title: "Failed checkpoints",
        sentence: "Checkpoints that expire, are declined or fail, and what the job makes of it.",
        words: &[
            "expired before completing",
            "Decline checkpoint",
            "Failed to trigger",
            "Could not perform checkpoint",
            "checkpoint tolerable failure threshold",
        ],
        rule: |find, record| step(record).unwrap_or_else(|| has_words(find, record)),
    },
    Find {
        name: "taskManagers",
        title: "Lost TaskManagers",
        sentence: "TaskManagers that are lost, killed or out of memory.",
        words: &[
            "Heartbeat of TaskManager",
            "closed by remote task manager",
            "OutOfMemory",
            "TaskManager exited",
            "killed by",
            "exit code",
            "no longer reachable",
        ],
        rule: has_words,
    },
    Find {
        name: "connectors",
        title: "Connectors",
        sentence: "What Kinesis, Firehose and Kafka refuse, slow down or lose.",
        words: &[
            "ProvisionedThroughputExceededException",
            "recoverable SdkClientException",
            "FanOutShardSubscriber",
            "failed to write and will retry",
            "non-recoverable exception",
            "unrecoverable exception",
            "subscribing to shard",
            "SaslAuthenticationException",
            "waiting for a node assignment",
            "fetching topic metadata",
            "Failed to update metadata",
            "Kafka request failed",
            "Unable to commit transaction",
            "data has been potentially lost",
            "already fenced",
        ],
        rule: has_words,
    },
    Find {
        name: "accessDenied",
        title: "Access denied",
        sentence: "What the application's role may not do.",
        words: &["AccessDenied", "is not authorized to perform", "Access denied"],
        rule: has_words,
    },
    Find {
        name: "notFound",
        title: "Source or sink missing",
        sentence: "Streams, topics and buckets that are not there.",
        words: &["ResourceNotFoundException", "UnknownTopicOrPartition", "NoSuchBucket"],
        rule: has_words,
    },
    Find {
        name: "deployments",
        title: "Deployments",
        sentence: "Starts, updates and stops, and why they failed.",
        words: &[
            "failed to transition the application",
            "did not start within a total timeout",
            "Failed to take snapshot",
            "parallelism.default, ",
            "from savepoint",
            "Could not execute application",
            "stop-with-savepoint",
            "errorCode",
        ],
        rule: |find, record| record.error_code.is_some() || has_words(find, record),
    },
    Find { name: "text", title: "Text", sentence: "Lines with a text.", words: &[], rule: has_words },
    Find {
        name: "all",
        title: "All lines",
        sentence: "Every line, without those that say nothing.",
        words: &[],
        rule: has_words,
    },
];

fn has_words(find: &Find, record: &Record) -> bool {
    find.words.is_empty() || find.words.iter().any(|words| record.contains(words))
}

/// Whether the line tells of a checkpoint that failed; None where it tells of none.
fn step(record: &Record) -> Option<bool> {
    match flink::read(&record.message)? {
        Said::Checkpoint(said) => Some(match said.what {
            CheckpointStep::Triggered { .. } | CheckpointStep::Completed { .. } => false,
            CheckpointStep::Expired | CheckpointStep::Declined { .. } | CheckpointStep::Failed { .. } => true,
        }),
        Said::Task(_) | Said::Job { .. } | Said::GlobalFailure => None,
    }
}

/// Lines that a job writes by the hundred at each start, and that say nothing (recorded of Flink 1.20 and 2.2).
pub fn is_noise(record: &Record) -> bool {
    const WORDS: [&str; 2] =
        ["Name collision: Group already contains a Metric", "characters length limit and was truncated"];
    WORDS.iter().any(|words| record.message.contains(words))
}

/// The longest that CloudWatch takes (FilterLogEvents, `filterPattern`).
pub const PATTERN_LETTERS: usize = 1024;

/// A pattern of CloudWatch that finds the lines with any of these words: a regular expression, since it matches parts
/// of words too. What such an expression may not hold, and what JSON writes in another way, stands for anything.
pub fn pattern_of(words: &[impl AsRef<str>]) -> String {
    let mut pattern = String::from("%");
    for (index, words) in words.iter().enumerate() {
        if index > 0 {
            pattern.push('|');
        }
        for letter in words.as_ref().chars() {
            match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '#' | '=' | '@' | '/' | ';' | ',' | '-' => {
                    pattern.push(letter)
                }
                ' ' => pattern.push_str("\\s"),
                '.' => pattern.push_str("\\."),
                // A quotation mark or a letter of another script is more than one byte of JSON.
                _ => pattern.push_str(".*"),
            }
        }
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::record::tests::record;

    /// A line of each row, and which rows find it. Sources: recordings of Flink 1.20 and 2.2, connectors' sources, AWS's
    /// guides.
    const LINES: &[(&str, &[&str])] = &[
        ("Map (3/4)#0 (a_b_2_0) switched from RUNNING to FAILED with failure cause:", &["failures"]),
        ("Map (3/4)#0 (a_b_2_0) switched from RUNNING to CANCELING.", &[]),
        ("Trying to recover from a global failure.", &["failures"]),
        ("28 tasks will be restarted to recover from a global failure.", &[]),
        ("Job orders (84026b21) switched from state RUNNING to RESTARTING.", &["restarts"]),
        ("Job orders (84026b21) switched from state RESTARTING to RUNNING.", &[]),
        (
            "Triggering checkpoint 7 (type=CheckpointType{name='Checkpoint'}) @ 1795253091123 for job 84026b21.",
            &["checkpoints"],
        ),
        (
            "Completed checkpoint 7 for job 84026b21 (12034 bytes, checkpointDuration=341 ms, finalizationTime=12 ms).",
            &["checkpoints"],
        ),
        ("Checkpoint 82 of job 84026b21 expired before completing.", &["checkpointFailures"]),
        (
            "Failed to trigger or complete checkpoint 79 for job 84026b21. (0 consecutive failed attempts so far)",
            &["checkpointFailures"],
        ),
        ("Could not perform checkpoint 12 for operator Map (1/4)#0.", &["checkpointFailures"]),
        ("The heartbeat of TaskManager with id c_1 timed out.", &[]),
        ("Heartbeat of TaskManager with id c_1 timed out.", &["taskManagers"]),
        (
            "Connection unexpectedly closed by remote task manager '10.0.0.1:6121'. This might indicate that the remote task manager was lost.",
            &["taskManagers"],
        ),
        ("KDS Sink failed to write and will retry 12 entries to KDS first request was rate exceeded.", &["connectors"]),
        ("Transaction [x] encountered error and data has been potentially lost.", &["connectors"]),
        ("User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: kinesis:ListShards", &["accessDenied"]),
        ("Stream orders under account 1 not found (ResourceNotFoundException)", &["notFound"]),
        ("Starting job 84026b21 from savepoint s3://b/s ()", &["deployments"]),
        ("Loading configuration property: parallelism.default, 4", &["deployments"]),
        ("Name collision: Group already contains a Metric with the name 'pendingCommittables'.", &[]),
    ];

    #[test]
    fn each_row_finds_its_lines_and_no_others() {
        for (line, expected) in LINES {
            let record = record(line);
            let found: Vec<&str> = FINDS
                .iter()
                .filter(|find| !find.words.is_empty() && find.keeps(&record))
                .map(|find| find.name)
                .collect();
            assert_eq!(found, *expected, "{line}");
        }
        for find in FINDS.iter().filter(|find| !find.words.is_empty()) {
            assert!(LINES.iter().any(|(_, names)| names.contains(&find.name)), "{} has no line", find.name);
        }
    }

    #[test]
    fn what_narrows_is_a_pattern_that_cloudwatch_takes() {
        for find in FINDS {
            let Some(pattern) = find.pattern() else { continue };
            assert!(pattern.len() <= PATTERN_LETTERS, "{}: {} letters", find.name, pattern.len());
            assert!(!pattern.contains(['(', ')', '"', '\'', ':']), "{pattern}");
        }
        assert_eq!(pattern_of(&["a.b c", r#"say "hi": é"#]), r"%a\.b\sc|say\s.*hi.*.*\s.*%");
    }

    #[test]
    fn noise_is_known() {
        assert!(is_noise(&record("Name collision: Group already contains a Metric with the name 'x'.")));
        assert!(is_noise(&record("The operator name Map exceeded the 80 characters length limit and was truncated.")));
        assert!(!is_noise(&record("Map (3/4)#0 (a_b_2_0) switched from RUNNING to FAILED with failure cause:")));
    }
}
