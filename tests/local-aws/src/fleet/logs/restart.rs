//! A restart: what failed, how the other tasks were cancelled, how all of them came back.

use super::super::checkpoints::Health;
use super::super::job::Job;
use super::super::noise;
use super::super::timeline::{Moment, Restarts};
use super::deployment::write_start;
use super::failure::{self, Shape};
use super::lines::{By, Lines, Origin, millis};
use super::subtask::{self, Subtask};
use super::{SPREAD, checkpoint};

const TASK: &str = "org.apache.flink.runtime.taskmanager.Task";
const GRAPH: &str = "org.apache.flink.runtime.executiongraph.ExecutionGraph";
const JOB_MASTER: &str = "org.apache.flink.runtime.jobmaster.JobMaster";

const TASK_FAILED: Origin =
    Origin::warn(TASK, "org.apache.flink.runtime.taskmanager.Task.transitionState(Task.java:1129)");
pub const TASK_SWITCHED: Origin =
    Origin::info(TASK, "org.apache.flink.runtime.taskmanager.Task.transitionState(Task.java:1102)");
const TASK_FREED: Origin = Origin::info(TASK, "org.apache.flink.runtime.taskmanager.Task.doRun(Task.java:847)");
const UNREGISTERED: Origin = Origin::info(
    "org.apache.flink.runtime.taskexecutor.TaskExecutor",
    "org.apache.flink.runtime.taskexecutor.TaskExecutor.unregisterTaskAndNotifyFinalState(TaskExecutor.java:2147)",
);
const EXECUTION_FAILED: Origin =
    Origin::info(GRAPH, "org.apache.flink.runtime.executiongraph.Execution.transitionState(Execution.java:1495)");
pub const EXECUTION_SWITCHED: Origin =
    Origin::info(GRAPH, "org.apache.flink.runtime.executiongraph.Execution.transitionState(Execution.java:1488)");
pub const JOB_SWITCHED: Origin = Origin::info(
    GRAPH,
    "org.apache.flink.runtime.executiongraph.DefaultExecutionGraph.transitionState(DefaultExecutionGraph.java:1158)",
);
const READER_REMOVED: Origin = Origin::info(
    "org.apache.flink.runtime.source.coordinator.SourceCoordinator",
    "org.apache.flink.runtime.source.coordinator.SourceCoordinator.lambda$executionAttemptFailed$4(SourceCoordinator.java:331)",
);
const GLOBAL_FAILURE: Origin = Origin::info(
    JOB_MASTER,
    "org.apache.flink.runtime.scheduler.DefaultScheduler.handleGlobalFailure(DefaultScheduler.java:322)",
);
const RESTARTED: Origin = Origin::info(
    JOB_MASTER,
    "org.apache.flink.runtime.scheduler.DefaultScheduler.restartTasksWithDelay(DefaultScheduler.java:356)",
);

pub const JOB_THREAD: &str = "flink-pekko.actor.default-dispatcher-8";
const TASK_EXECUTOR_THREAD: &str = "flink-pekko.actor.default-dispatcher-6";

/// `moment` lies after a restart; its outage is the failure.
pub fn write(job: &Job, moment: &Moment, lines: &mut Lines) {
    lines.of_deployment(job, moment.deploy);
    let failed_at = millis(moment.outage);
    let number = moment.restarts;
    let id = subtask::job_id(job, moment.deploy);
    if job.checkpoints.health == Health::Hopeless {
        checkpoint::write_lost(number, moment.outage - lost_checkpoint_seconds(job), failed_at + 32, &id, lines);
    }
    if lines.wants_any(failed_at, failed_at + millis(SPREAD)) {
        write_failure(job, moment, lines);
    }
    let started = millis(moment.run_start) - 900;
    lines.add(started, By::new(&JOB_SWITCHED, JOB_THREAD), || {
        format!("Job {} ({id}) switched from state RESTARTING to RUNNING.", job.story.name)
    });
    write_start(job, moment, number, lines);
}

/// How long before a failure the checkpoint was triggered that is lost with it.
fn lost_checkpoint_seconds(job: &Job) -> f64 {
    match job.story.restarts {
        Restarts::Loop { up, .. } => (up - job.checkpoints.interval).max(5) as f64,
        Restarts::Never | Restarts::Rare { .. } => 5.0,
    }
}

/// How far before a restart its first line may come, in seconds.
pub fn ahead(job: &Job) -> f64 {
    if job.checkpoints.health == Health::Hopeless { lost_checkpoint_seconds(job) } else { 0.0 }
}

fn write_failure(job: &Job, moment: &Moment, lines: &mut Lines) {
    let at = millis(moment.outage);
    let all = subtask::subtasks(job, moment, moment.restarts - 1);
    let sources = all.iter().filter(|subtask| subtask.task == 0).count().max(1);
    let Some(failed) = all.get(noise::mix(job.seed, moment.restarts) as usize % sources) else { return };
    let (shape, failure, is_echo) = failure::of_restart(job.story.failure, moment.restarts);
    let trace = if is_echo {
        failure::ECHO.to_owned()
    } else {
        failure::throwable(failure, u32::try_from(failed.index).unwrap_or(0))
    };
    match shape {
        Shape::Task => {
            write_at_task_manager(failed, at, &trace, lines);
            write_at_job_manager(failed, at + 14, "RUNNING", &failed.place(), &trace, lines);
            write_reader_removed(job, failed, at + 26, lines);
        }
        Shape::JobManagerOnly => {
            let (state, place) = if trace.contains("NoResource") {
                ("SCHEDULED", "[unassigned resource]".to_owned())
            } else {
                ("RUNNING", failed.place())
            };
            write_at_job_manager(failed, at + 14, state, &place, &trace, lines);
        }
        Shape::Global => {
            lines.add(at + 10, By::new(&GLOBAL_FAILURE, JOB_THREAD).throwing(&trace), || {
                "Trying to recover from a global failure.".to_owned()
            });
        }
    }
    lines.add(at + 30, By::new(&RESTARTED, JOB_THREAD), || {
        let cause = match shape {
            Shape::Task | Shape::JobManagerOnly => format!("recover the failed task {}", failed.execution),
            Shape::Global => "recover from a global failure".to_owned(),
        };
        format!("{} tasks will be restarted to {cause}.", all.len())
    });
    let id = subtask::job_id(job, moment.deploy);
    lines.add(at + 31, By::new(&JOB_SWITCHED, JOB_THREAD), || {
        format!("Job {} ({id}) switched from state RUNNING to RESTARTING.", job.story.name)
    });
    let others = all.iter().filter(|subtask| shape == Shape::Global || subtask.execution != failed.execution);
    for (place, subtask) in others.enumerate() {
        write_cancellation(subtask, at + 35 + 2 * place as i64, lines);
    }
}

fn write_at_task_manager(failed: &Subtask, at: i64, trace: &str, lines: &mut Lines) {
    let (name, execution) = (failed.with_attempt(), &failed.execution);
    lines.add(at, By::new(&TASK_FAILED, &name).throwing(trace), || {
        format!("{name} ({execution}) switched from RUNNING to FAILED with failure cause:")
    });
    lines.add(at + 3, By::new(&TASK_FREED, &name), || format!("Freeing task resources for {name} ({execution})."));
    lines.add(at + 6, By::new(&UNREGISTERED, TASK_EXECUTOR_THREAD), || {
        format!(
            "Un-registering task and sending final execution state FAILED to JobManager for task {name} {execution}."
        )
    });
}

fn write_at_job_manager(failed: &Subtask, at: i64, state: &str, place: &str, trace: &str, lines: &mut Lines) {
    lines.add(at, By::new(&EXECUTION_FAILED, JOB_THREAD).throwing(trace), || {
        format!("{} ({}) switched from {state} to FAILED on {place}.", failed.name, failed.execution)
    });
}

fn write_reader_removed(job: &Job, failed: &Subtask, at: i64, lines: &mut Lines) {
    let Some(source) = job.story.tasks[failed.task].operators.first() else { return };
    let thread = format!("SourceCoordinator-{}", source.name);
    lines.add(at, By::new(&READER_REMOVED, &thread), || {
        format!(
            "Removing registered reader after failure for subtask {} (#{}) of source {}.",
            failed.index, failed.attempt, source.name
        )
    });
}

fn write_cancellation(subtask: &Subtask, at: i64, lines: &mut Lines) {
    let (name, execution) = (subtask.with_attempt(), &subtask.execution);
    for (after, from, to) in [(0, "RUNNING", "CANCELING"), (90, "CANCELING", "CANCELED")] {
        lines.add(at + after, By::new(&EXECUTION_SWITCHED, JOB_THREAD), || {
            format!("{} ({execution}) switched from {from} to {to}.", subtask.name)
        });
        lines.add(at + after + 1, By::new(&TASK_SWITCHED, &name), || {
            format!("{name} ({execution}) switched from {from} to {to}.")
        });
    }
}
