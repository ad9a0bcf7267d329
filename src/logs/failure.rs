//! Failures of tasks and jobs.
//!
//! One failure of a task is told twice: by the TaskManager, with the stack trace, and by the JobManager, which knows
//! where it ran. None of these lines is at level ERROR.

use std::collections::HashMap;

use super::cause::Cause;
use super::flink::{self, Said};
use super::record::Record;

/// One failure.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub what: Failed,
    /// None where no line has a stack trace.
    pub cause: Option<Cause>,
    /// The first line that tells of it; it has the stack trace if one of them has.
    pub record: Record,
}

/// What failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    Task {
        task: String,
        /// Counted from 1.
        subtask: u32,
        parallelism: u32,
        attempt: Option<u32>,
        task_manager: Option<String>,
    },
    /// The job as a whole, for a reason that lies in no single task, or because it may not restart again.
    Job,
    /// An operation of the service, such as a start, with the service's code.
    Operation(String),
}

/// Whether a line tells of a failure.
pub fn tells_of_failure(record: &Record) -> bool {
    what(record).is_some()
}

/// The failures that the records tell of, each once, in the order of their first lines. Records come in order of time.
pub fn failures(records: &[Record]) -> Vec<Failure> {
    let mut found: Vec<Failure> = Vec::new();
    let mut by_execution: HashMap<String, usize> = HashMap::new();
    for record in records {
        let Some((failed, execution)) = what(record) else { continue };
        let known = execution.as_ref().and_then(|name| by_execution.get(name));
        if let Some(index) = known {
            found[*index].merge(failed, record);
            continue;
        }
        if let Some(execution) = execution {
            by_execution.insert(execution, found.len());
        }
        let cause = record.throwable.as_deref().and_then(Cause::of);
        found.push(Failure { what: failed, cause, record: record.clone() });
    }
    found
}

impl Failure {
    /// Takes over what another line of the same failure knows more.
    fn merge(&mut self, other: Failed, record: &Record) {
        if let (Failed::Task { task_manager, .. }, Failed::Task { task_manager: other, .. }) = (&mut self.what, other)
            && task_manager.is_none()
        {
            *task_manager = other;
        }
        if self.record.throwable.is_none() {
            self.record.throwable.clone_from(&record.throwable);
            self.cause = record.throwable.as_deref().and_then(Cause::of);
        }
    }
}

/// What failed, and the attempt of a task, which the lines of the same failure share.
fn what(record: &Record) -> Option<(Failed, Option<String>)> {
    if let Some(code) = &record.error_code {
        return Some((Failed::Operation(code.clone()), None));
    }
    match flink::read(&record.message)? {
        Said::Task(change) if change.to == "FAILED" => {
            let failed = Failed::Task {
                task: change.task.to_owned(),
                subtask: change.subtask,
                parallelism: change.parallelism,
                attempt: change.attempt,
                task_manager: change.task_manager.map(str::to_owned),
            };
            Some((failed, Some(change.execution.to_owned())))
        }
        Said::GlobalFailure => Some((Failed::Job, None)),
        // A job that fails for good goes through FAILING first.
        Said::Job { to: "FAILING", .. } => Some((Failed::Job, None)),
        Said::Job { from, to: "FAILED", .. } if from != "FAILING" => Some((Failed::Job, None)),
        Said::Task(_) | Said::Job { .. } | Said::Checkpoint(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::record::tests::record;

    const ATTEMPT: &str = "49757abdc2f178f994042920a436a7b0_4b0df09fa2c712a6d78c4c9e4085c859_2_";

    fn line(message: &str, trace: Option<&str>, time_ms: i64) -> Record {
        Record { throwable: trace.map(str::to_owned), time_ms, ..record(message) }
    }

    #[test]
    fn one_failure_is_one_attempt_of_a_subtask() {
        let trace = Some("a.X: no\n\tat b");
        let (mut lines, mut time) = (Vec::new(), 0);
        for attempt in 0..3 {
            let name = format!("{ATTEMPT}{attempt}");
            lines.push(line(
                &format!("Map (3/4)#{attempt} ({name}) switched from RUNNING to FAILED with failure cause:"),
                trace,
                time,
            ));
            lines.push(line(
                &format!("Map (3/4) ({name}) switched from RUNNING to FAILED on tm-1 @ h (dataPort=1)."),
                trace,
                time + 30,
            ));
            lines.push(line("28 tasks will be restarted to recover the failed task x.", None, time + 40));
            lines.push(line("Map (2/4)#0 (a_b_1_0) switched from RUNNING to CANCELING.", None, time + 41));
            time += 1000;
        }
        let found = failures(&lines);
        let attempts: Vec<_> = found
            .iter()
            .map(|failure| match &failure.what {
                Failed::Task { attempt, task_manager, .. } => {
                    (*attempt, task_manager.as_deref(), failure.record.time_ms)
                }
                Failed::Job | Failed::Operation(_) => panic!("a task failed"),
            })
            .collect();
        assert_eq!(
            attempts,
            [(Some(0), Some("tm-1"), 0), (Some(1), Some("tm-1"), 1000), (Some(2), Some("tm-1"), 2000)]
        );
    }

    #[test]
    fn the_trace_of_either_line_says_why() {
        let manager =
            |trace| line(&format!("Map (1/4) ({ATTEMPT}0) switched from RUNNING to FAILED on tm-1 @ h."), trace, 5);
        let task =
            line(&format!("Map (1/4)#0 ({ATTEMPT}0) switched from RUNNING to FAILED with failure cause:"), None, 3);
        let found = failures(&[task, manager(Some("a.X: why\n\tat b"))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cause.as_ref().map(|cause| cause.message.as_str()), Some("why"));
        assert_eq!(found[0].record.time_ms, 3);
    }

    #[test]
    fn jobs_and_operations_fail_too() {
        let lines = [
            line("Trying to recover from a global failure.", Some("a.X: y\n\tat b"), 1),
            line("28 tasks will be restarted to recover from a global failure.", None, 1),
            line("Job orders (84026b21e0a7354e) switched from state RUNNING to FAILING.", None, 2),
            line("Job orders (84026b21e0a7354e) switched from state FAILING to FAILED.", None, 3),
            Record { error_code: Some("CodeError.InvalidApplicationCode".to_owned()), ..line("no", None, 4) },
        ];
        let found: Vec<_> = failures(&lines).into_iter().map(|failure| failure.what).collect();
        assert_eq!(found, [Failed::Job, Failed::Job, Failed::Operation("CodeError.InvalidApplicationCode".to_owned())]);
    }
}
