//! Lines of Flink that have a meaning.
//!
//! The texts are those of Flink 1.11 to 2.2 (`Execution`, `Task`, `ExecutionGraph`, `DefaultScheduler`,
//! `CheckpointCoordinator` and `CheckpointFailureManager`).

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a line says. Texts are parts of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said<'m> {
    Task(TaskChange<'m>),
    /// The job as a whole has another state.
    Job {
        name: &'m str,
        from: &'m str,
        to: &'m str,
    },
    /// What failed was not one task.
    GlobalFailure,
    Checkpoint(CheckpointSaid<'m>),
}

/// A subtask has another state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskChange<'m> {
    pub task: &'m str,
    /// Counted from 1, as Flink does in its log.
    pub subtask: u32,
    pub parallelism: u32,
    /// Which JobManager and TaskManager call the same attempt the same.
    pub execution: &'m str,
    /// How often the subtask was restarted before.
    pub attempt: Option<u32>,
    pub from: &'m str,
    pub to: &'m str,
    /// Only in the JobManager's line.
    pub task_manager: Option<&'m str>,
}

/// Something about one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointSaid<'m> {
    /// None of one that could not even be triggered.
    pub id: Option<u64>,
    /// Of the job, in hexadecimal.
    pub job: &'m str,
    pub what: CheckpointStep<'m>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointStep<'m> {
    /// `kind` is what stands behind `type=`.
    Triggered {
        kind: &'m str,
        time_ms: i64,
    },
    /// The size is that of the full state, in bytes.
    Completed {
        bytes: u64,
        duration_ms: u64,
    },
    Expired,
    /// By one subtask.
    Declined {
        execution: &'m str,
        task_manager: Option<&'m str>,
    },
    /// After so many others without a complete one between them.
    Failed {
        failed_before: u32,
    },
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("the pattern is valid"));)*
    };
}

patterns! {
    TASK = r"^(.+) \((\d+)/(\d+)\)(?:#(\d+))? \(([0-9a-f_]+)\) switched from ([A-Z]+) to ([A-Z]+)\b(?: on (\S+))?";
    JOB = r"^Job (.*) \(([0-9a-f]+)\) switched from state ([A-Z]+) to ([A-Z]+)\b";
    TRIGGERED = r"^Triggering checkpoint (\d+) \(type=(.*)\) @ (\d+) for job ([0-9a-f]+)";
    COMPLETED = r"^Completed checkpoint (\d+) for job ([0-9a-f]+) \((\d+) bytes(?:, checkpointDuration=(\d+) ms|[^)]* in (\d+) ms)";
    EXPIRED = r"^Checkpoint (\d+) of job ([0-9a-f]+) expired before completing";
    DECLINED = r"^Decline checkpoint (\d+) by task (\S+) of job ([0-9a-f]+)(?: at (\S+))?";
    FAILED = r"^Failed to trigger or complete checkpoint (\d+) for job ([0-9a-f]+)\. \((\d+) consecutive failed attempts so far\)";
    NOT_TRIGGERED = r"^Failed to trigger checkpoint(?: (\d+))? for job ([0-9a-f]+)";
}

/// What a message says, if it is one of those that are known.
pub fn read(message: &str) -> Option<Said<'_>> {
    // Most lines say nothing, and a pattern costs more than a look for the words in it.
    if message.contains(" switched from ") {
        return read_change(message);
    }
    if message.contains("heckpoint ") || message.contains("heckpoint for ") {
        return read_checkpoint(message).map(Said::Checkpoint);
    }
    message.starts_with("Trying to recover from a global failure").then_some(Said::GlobalFailure)
}

fn read_change(message: &str) -> Option<Said<'_>> {
    if let Some(found) = JOB.captures(message) {
        return Some(Said::Job { name: text(&found, 1)?, from: text(&found, 3)?, to: text(&found, 4)? });
    }
    let found = TASK.captures(message)?;
    let execution = text(&found, 5)?;
    Some(Said::Task(TaskChange {
        task: text(&found, 1)?,
        subtask: number(&found, 2)?,
        parallelism: number(&found, 3)?,
        execution,
        attempt: number(&found, 4).or_else(|| attempt_of(execution)),
        from: text(&found, 6)?,
        to: text(&found, 7)?,
        task_manager: text(&found, 8),
    }))
}

/// The last number of `…_2_0`. Before Flink 1.14 an execution has a name without numbers.
fn attempt_of(execution: &str) -> Option<u32> {
    let (rest, attempt) = execution.rsplit_once('_')?;
    rest.contains('_').then(|| attempt.parse().ok())?
}

fn read_checkpoint(message: &str) -> Option<CheckpointSaid<'_>> {
    let said = |id, job, what| Some(CheckpointSaid { id, job, what });
    if let Some(found) = TRIGGERED.captures(message) {
        let what = CheckpointStep::Triggered { kind: text(&found, 2)?, time_ms: number(&found, 3)? };
        return said(number(&found, 1), text(&found, 4)?, what);
    }
    if let Some(found) = COMPLETED.captures(message) {
        let duration_ms = number(&found, 4).or_else(|| number(&found, 5))?;
        return said(
            number(&found, 1),
            text(&found, 2)?,
            CheckpointStep::Completed { bytes: number(&found, 3)?, duration_ms },
        );
    }
    if let Some(found) = EXPIRED.captures(message) {
        return said(number(&found, 1), text(&found, 2)?, CheckpointStep::Expired);
    }
    if let Some(found) = DECLINED.captures(message) {
        let what = CheckpointStep::Declined { execution: text(&found, 2)?, task_manager: text(&found, 4) };
        return said(number(&found, 1), text(&found, 3)?, what);
    }
    if let Some(found) = FAILED.captures(message) {
        let what = CheckpointStep::Failed { failed_before: number(&found, 3)? };
        return said(number(&found, 1), text(&found, 2)?, what);
    }
    let found = NOT_TRIGGERED.captures(message)?;
    said(number(&found, 1), text(&found, 2)?, CheckpointStep::Failed { failed_before: 0 })
}

fn text<'m>(found: &Captures<'m>, group: usize) -> Option<&'m str> {
    found.get(group).map(|part| part.as_str())
}

fn number<N: std::str::FromStr>(found: &Captures<'_>, group: usize) -> Option<N> {
    text(found, group)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXECUTION: &str = "49757abdc2f178f994042920a436a7b0_4b0df09fa2c712a6d78c4c9e4085c859_2_1";
    const JOB_ID: &str = "84026b21e0a7354ef9f6687685c11d59";

    #[test]
    fn both_lines_of_a_failure_name_the_same_attempt() {
        let task_manager = format!(
            "Source: a -> Map (parse, v2) (3/4)#1 ({EXECUTION}) switched from RUNNING to FAILED with failure cause:"
        );
        let job_manager = format!(
            "Source: a -> Map (parse, v2) (3/4) ({EXECUTION}) switched from RUNNING to FAILED on flink-taskmanager-1-1 @ host (dataPort=1)."
        );
        let change = |task_manager| {
            Some(Said::Task(TaskChange {
                task: "Source: a -> Map (parse, v2)",
                subtask: 3,
                parallelism: 4,
                execution: EXECUTION,
                attempt: Some(1),
                from: "RUNNING",
                to: "FAILED",
                task_manager,
            }))
        };
        assert_eq!(read(&task_manager), change(None));
        assert_eq!(read(&job_manager), change(Some("flink-taskmanager-1-1")));
        // Flink 1.11.
        let old = read(
            "Map (1/2) (7f2c0de6f0b1c2a9e8d7c6b5a4f3e2d1) switched from DEPLOYING to FAILED on c @ h (dataPort=1).",
        );
        assert!(matches!(old, Some(Said::Task(TaskChange { attempt: None, from: "DEPLOYING", .. }))), "{old:?}");
    }

    #[test]
    fn a_job_changes_its_state() {
        let line = format!("Job orders (v2) ({JOB_ID}) switched from state RUNNING to RESTARTING.");
        assert_eq!(read(&line), Some(Said::Job { name: "orders (v2)", from: "RUNNING", to: "RESTARTING" }));
        assert_eq!(read("Trying to recover from a global failure."), Some(Said::GlobalFailure));
        assert_eq!(read("28 tasks will be restarted to recover from a global failure."), None);
    }

    #[test]
    fn checkpoints_are_read_in_the_words_of_each_version() {
        let what = |line: &str| match read(line) {
            Some(Said::Checkpoint(said)) => format!("{:?} {:?}", said.id, said.what),
            other => format!("{other:?}"),
        };
        let lines = [
            "Triggering checkpoint 7 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1795253091123 for job JOB.",
            "Completed checkpoint 7 for job JOB (12034 bytes, checkpointDuration=341 ms, finalizationTime=12 ms).",
            "Completed checkpoint 7 for job JOB (12034 bytes in 341 ms).",
            "Checkpoint 82 of job JOB expired before completing.",
            "Decline checkpoint 79 by task EXECUTION of job JOB at flink-taskmanager-1-2 @ flink-host (dataPort=37323).",
            "Failed to trigger or complete checkpoint 79 for job JOB. (3 consecutive failed attempts so far)",
            "Failed to trigger checkpoint for job JOB since Checkpoint triggering task Source: x of job JOB is not being executed at the moment.",
            "Received late message for now expired checkpoint attempt 82 from task EXECUTION of job JOB at x.",
        ];
        let read: Vec<String> =
            lines.iter().map(|line| what(&line.replace("JOB", JOB_ID).replace("EXECUTION", "e_0_3"))).collect();
        insta::assert_snapshot!(read.join("\n"), @r#"
        Some(7) Triggered { kind: "CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}", time_ms: 1795253091123 }
        Some(7) Completed { bytes: 12034, duration_ms: 341 }
        Some(7) Completed { bytes: 12034, duration_ms: 341 }
        Some(82) Expired
        Some(79) Declined { execution: "e_0_3", task_manager: Some("flink-taskmanager-1-2") }
        Some(79) Failed { failed_before: 3 }
        None Failed { failed_before: 0 }
        None
        "#);
    }
}
