//! Failures by what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::Cause;
use super::failure::{Failed, Failure};

/// Failures of one task with a cause of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseRow {
    /// None where the log does not say it.
    pub cause: Option<Cause>,
    /// None of failures of the whole job.
    pub task: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub first_ms: i64,
    pub last_ms: i64,
    pub count: usize,
    pub subtasks: BTreeSet<u32>,
}

/// One row for each class and task, the latest first. The message is that of the latest failure.
pub fn by_cause(failures: &[Failure]) -> Vec<CauseRow> {
    let mut rows: BTreeMap<(Option<&str>, Option<&str>), CauseRow> = BTreeMap::new();
    for failure in failures {
        let (task, subtask) = match &failure.what {
            Failed::Task { task, subtask, .. } => (Some(task.as_str()), Some(*subtask)),
            Failed::Job | Failed::Operation(_) => (None, None),
        };
        let time = failure.record.time_ms;
        let class = failure.cause.as_ref().map(|cause| cause.class.as_str());
        let row = rows.entry((class, task)).or_insert_with(|| CauseRow {
            cause: failure.cause.clone(),
            task: task.map(str::to_owned),
            first_ms: time,
            last_ms: time,
            count: 0,
            subtasks: BTreeSet::new(),
        });
        if time >= row.last_ms {
            row.cause.clone_from(&failure.cause);
        }
        row.first_ms = row.first_ms.min(time);
        row.last_ms = row.last_ms.max(time);
        row.count += 1;
        row.subtasks.extend(subtask);
    }
    let mut rows: Vec<CauseRow> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
    rows
}
