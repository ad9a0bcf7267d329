//! Checkpoints as the JobManager logs them; their counts are those of the metrics.

use super::super::checkpoints::{Attempt, Checkpoints, Health, Outcome, TIMEOUT};
use super::super::job::Job;
use super::super::noise;
use super::super::story::OperatorKind;
use super::super::timeline::Moment;
use super::lines::{By, Lines, Origin, millis};
use super::subtask::{self, Subtask};
use super::{SPREAD, Span};

const LOGGER: &str = "org.apache.flink.runtime.checkpoint.CheckpointCoordinator";
const TRIGGERED: Origin = Origin::info(
    LOGGER,
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator.createPendingCheckpoint(CheckpointCoordinator.java:950)",
);
const COMPLETED: Origin = Origin::info(
    LOGGER,
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator.logCheckpointInfo(CheckpointCoordinator.java:1447)",
);
const EXPIRED: Origin = Origin::info(
    LOGGER,
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator$CheckpointCanceller.run(CheckpointCoordinator.java:2341)",
);
const DECLINED: Origin = Origin::info(
    LOGGER,
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator.receiveDeclineMessage(CheckpointCoordinator.java:1164)",
);
const FAILED: Origin = Origin::warn(
    "org.apache.flink.runtime.checkpoint.CheckpointFailureManager",
    "org.apache.flink.runtime.checkpoint.CheckpointFailureManager.handleCheckpointException(CheckpointFailureManager.java:114)",
);
const MARKED: Origin = Origin::info(
    "org.apache.flink.runtime.source.coordinator.SourceCoordinator",
    "org.apache.flink.runtime.source.coordinator.SourceCoordinator.lambda$notifyCheckpointComplete$8(SourceCoordinator.java:441)",
);
const COLLISION: Origin = Origin::warn(
    "org.apache.flink.metrics.MetricGroup",
    "org.apache.flink.runtime.metrics.groups.AbstractMetricGroup.addMetric(AbstractMetricGroup.java:445)",
);

/// Up to Flink 1.12 checkpoints were logged in these words.
const PERIODIC_OLD: &str = "CHECKPOINT";
const PERIODIC: &str = "CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}";
const ON_STOP: &str = "SavepointType{name='Suspend Savepoint', postCheckpointAction=SUSPEND, formatType=CANONICAL}";

const EXPIRED_TRACE: &str = "org.apache.flink.runtime.checkpoint.CheckpointException: Checkpoint expired before completing.\n\
    \tat org.apache.flink.runtime.checkpoint.CheckpointCoordinator$CheckpointCanceller.run(CheckpointCoordinator.java:2346)\n\
    \tat java.base/java.util.concurrent.Executors$RunnableAdapter.call(Executors.java:539)\n\
    \tat java.base/java.lang.Thread.run(Thread.java:840)";
const SUSPENDED_TRACE: &str = "org.apache.flink.runtime.checkpoint.CheckpointException: Checkpoint Coordinator is suspending.\n\
    \tat org.apache.flink.runtime.checkpoint.CheckpointCoordinator.stopCheckpointScheduler(CheckpointCoordinator.java:2068)\n\
    \tat org.apache.flink.runtime.checkpoint.CheckpointCoordinatorDeActivator.jobStatusChanges(CheckpointCoordinatorDeActivator.java:49)\n\
    \tat java.base/java.lang.Thread.run(Thread.java:840)";

/// The periodic checkpoints of a span.
pub fn write(job: &Job, span: Span, lines: &mut Lines) {
    if job.checkpoints.health == Health::Hopeless {
        // Each of them is lost with its restart, which writes its lines.
        return;
    }
    let longest = TIMEOUT as f64 + job.checkpoints.mean_seconds * 1.2 + SPREAD;
    let mut time = span.to.min(job.timeline.end(span.now) - 0.001);
    while time > span.from - longest {
        let moment = job.timeline.moment(time, span.now);
        let job_end = (job.timeline.deploy_time(moment.deploy + 1) as f64).min(job.timeline.end(span.now));
        lines.of_deployment(job, moment.deploy);
        let numbers = |time| job.checkpoints.triggered(moment.job_start, time);
        for index in numbers(span.from - longest)..numbers((span.to + 1.0).min(job_end - 0.001)) {
            write_attempt(job, &moment, index, job_end, lines);
        }
        time = job.timeline.deploy_time(moment.deploy) as f64 - 0.001;
    }
}

fn write_attempt(job: &Job, moment: &Moment, index: i64, job_end: f64, lines: &mut Lines) {
    let attempt = job.checkpoints.attempt(moment.job_start, index);
    if !lines.wants_any(millis(attempt.triggered), millis(attempt.ended) + 1000) {
        return;
    }
    let id = subtask::job_id(job, moment.deploy);
    let kind = if is_before_1_13(job) { PERIODIC_OLD } else { PERIODIC };
    write_trigger(attempt.id, attempt.triggered, kind, &id, lines);
    if attempt.ended > job_end {
        return;
    }
    match attempt.outcome {
        Outcome::Completed => {
            write_completed(job, &attempt, &id, lines);
            write_marks(job, moment, &attempt, lines);
        }
        Outcome::Expired => {
            let at = millis(attempt.ended);
            lines.add(at, By::new(&EXPIRED, "Checkpoint Timer"), || {
                format!("Checkpoint {} of job {id} expired before completing.", attempt.id)
            });
            write_failed(
                at + 2,
                attempt.id,
                failures_before(&job.checkpoints, moment, index),
                &id,
                EXPIRED_TRACE,
                lines,
            );
        }
        Outcome::Declined => write_declined(job, moment, &attempt, index, lines),
    }
}

fn write_trigger(number: i64, at: f64, kind: &str, id: &str, lines: &mut Lines) {
    let triggered = millis(at);
    lines.add(triggered + 2, By::new(&TRIGGERED, "Checkpoint Timer"), || {
        format!("Triggering checkpoint {number} (type={kind}) @ {triggered} for job {id}.")
    });
}

fn is_before_1_13(job: &Job) -> bool {
    matches!(job.story.runtime, "FLINK-1_6" | "FLINK-1_8" | "FLINK-1_11")
}

fn write_completed(job: &Job, attempt: &Attempt, id: &str, lines: &mut Lines) {
    let (number, bytes, ended) = (attempt.id, attempt.bytes as i64, millis(attempt.ended));
    let duration = ended - millis(attempt.triggered);
    lines.add(ended, By::new(&COMPLETED, "jobmanager-io-thread-1"), || {
        if is_before_1_13(job) {
            return format!("Completed checkpoint {number} for job {id} ({bytes} bytes in {duration} ms).");
        }
        let finalization = number % 40;
        format!(
            "Completed checkpoint {number} for job {id} ({bytes} bytes, checkpointDuration={duration} ms, \
             finalizationTime={finalization} ms)."
        )
    });
}

/// What every completed checkpoint drags along: noise.
fn write_marks(job: &Job, moment: &Moment, attempt: &Attempt, lines: &mut Lines) {
    let at = millis(attempt.ended);
    for (index, task) in job.story.tasks.iter().enumerate() {
        for operator in &task.operators {
            match operator.kind {
                OperatorKind::Source => {
                    let thread = format!("SourceCoordinator-{}", operator.name);
                    lines.add(at + 8, By::new(&MARKED, &thread), || {
                        format!("Marking checkpoint {} as completed for source {}.", attempt.id, operator.name)
                    });
                }
                OperatorKind::Committer => {
                    for subtask in 0..job.tasks[index].shares[job.scale(moment)].len() {
                        let thread =
                            format!("{} ({}/{})#0", job.tasks[index].name, subtask + 1, job.parallelism(moment));
                        lines.add(at - 300 + subtask as i64, By::new(&COLLISION, &thread), || {
                            format!(
                                "Name collision: Group already contains a Metric with the name 'pendingCommittables'. Metric will \
                                 not be reported.[, taskmanager, flink-taskmanager-1-1, {}, {}, {subtask}]",
                                job.story.name, operator.name
                            )
                        });
                    }
                }
                OperatorKind::Plain | OperatorKind::Window(_) | OperatorKind::Writer => {}
            }
        }
    }
}

fn write_declined(job: &Job, moment: &Moment, attempt: &Attempt, index: i64, lines: &mut Lines) {
    let all = subtask::subtasks(job, moment, moment.restarts);
    let stateful: Vec<&Subtask> = all.iter().filter(|subtask| subtask.task == 1 || job.tasks.len() == 1).collect();
    let Some(by) = stateful.get(noise::mix(job.seed, index) as usize % stateful.len().max(1)) else { return };
    let (at, id) = (millis(attempt.ended), subtask::job_id(job, moment.deploy));
    let trace = format!(
        "org.apache.flink.runtime.checkpoint.CheckpointException: Asynchronous task checkpoint failed.\n\
         \tat org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable.handleExecutionException(AsyncCheckpointRunnable.java:320)\n\
         \tat org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable.run(AsyncCheckpointRunnable.java:155)\n\
         \tat java.base/java.lang.Thread.run(Thread.java:840)\n\
         Caused by: java.lang.Exception: Could not materialize checkpoint {} for operator {}.\n\
         \t... 5 more\n\
         Caused by: java.io.IOException: Could not upload state: Please reduce your request rate. (Service: Amazon S3; Status \
         Code: 503; Error Code: SlowDown)\n\
         \tat org.apache.flink.runtime.state.SnapshotStrategyRunner$1.callInternal(SnapshotStrategyRunner.java:91)\n\
         \t... 7 more",
        attempt.id,
        by.with_attempt()
    );
    lines.add(at, By::new(&DECLINED, "jobmanager-io-thread-2").throwing(&trace), || {
        format!("Decline checkpoint {} by task {} of job {id} at {}.", attempt.id, by.execution, by.place())
    });
    write_failed(at + 7, attempt.id, failures_before(&job.checkpoints, moment, index), &id, &trace, lines);
}

fn write_failed(at: i64, number: i64, before: usize, id: &str, trace: &str, lines: &mut Lines) {
    lines.add(at, By::new(&FAILED, "jobmanager-io-thread-2").throwing(trace), || {
        format!("Failed to trigger or complete checkpoint {number} for job {id}. ({before} consecutive failed attempts so far)")
    });
}

/// How many attempts in a row failed just before one.
fn failures_before(checkpoints: &Checkpoints, moment: &Moment, index: i64) -> usize {
    (0..index)
        .rev()
        .take_while(|earlier| checkpoints.attempt(moment.job_start, *earlier).outcome != Outcome::Completed)
        .count()
}

/// A checkpoint that was in progress when the tasks failed: triggered before, given up with the restart.
pub fn write_lost(number: i64, triggered: f64, failed_at: i64, id: &str, lines: &mut Lines) {
    write_trigger(number, triggered, PERIODIC, id, lines);
    write_failed(failed_at, number, 0, id, SUSPENDED_TRACE, lines);
}

/// The savepoint with which a job is stopped. It comes after the last sample of its metrics.
pub fn write_stop_savepoint(job: &Job, moment: &Moment, stopped: f64, lines: &mut Lines) {
    let id = subtask::job_id(job, moment.deploy);
    let number = job.checkpoints.triggered(moment.job_start, stopped) + 1;
    write_trigger(number, stopped + 0.1, ON_STOP, &id, lines);
    let savepoint = Attempt {
        id: number,
        triggered: stopped + 0.1,
        ended: stopped + 0.1 + job.checkpoints.mean_seconds.min(8.0),
        outcome: Outcome::Completed,
        bytes: job.checkpoints.mean_bytes,
    };
    write_completed(job, &savepoint, &id, lines);
}

/// What a restarted job begins with: its last completed checkpoint.
pub fn restored_from(job: &Job, moment: &Moment) -> Option<Attempt> {
    if job.checkpoints.health == Health::Hopeless {
        return None;
    }
    job.checkpoints.last_completed(moment.job_start, moment.outage)
}
