//! A job that is stopped, and one that is started: by a deployment, or after a failure.

use super::super::checkpoints::Health;
use super::super::job::Job;
use super::super::story::JobFault;
use super::super::timeline::Moment;
use super::lines::{By, Lines, Origin, millis};
use super::restart::{EXECUTION_SWITCHED, JOB_SWITCHED, JOB_THREAD, TASK_SWITCHED};
use super::subtask::{self, Subtask};
use super::{SPREAD, checkpoint};

const CONFIGURED: Origin = Origin::info(
    "org.apache.flink.configuration.GlobalConfiguration",
    "org.apache.flink.configuration.GlobalConfiguration.lambda$loadYAMLResource$1(GlobalConfiguration.java:214)",
);
const RESTORED: Origin = Origin::info(
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator",
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator.restoreLatestCheckpointedStateInternal(CheckpointCoordinator.java:1812)",
);
const FROM_SAVEPOINT: Origin = Origin::info(
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator",
    "org.apache.flink.runtime.checkpoint.CheckpointCoordinator.restoreSavepoint(CheckpointCoordinator.java:1890)",
);
const FINISHED: Origin = Origin::info(
    "org.apache.flink.runtime.dispatcher.StandaloneDispatcher",
    "org.apache.flink.runtime.dispatcher.Dispatcher.jobReachedTerminalState(Dispatcher.java:1356)",
);
const DEPLOYED: Origin = Origin::info(
    "org.apache.flink.runtime.executiongraph.ExecutionGraph",
    "org.apache.flink.runtime.executiongraph.Execution.deploy(Execution.java:609)",
);
const RECEIVED: Origin = Origin::info(
    "org.apache.flink.runtime.taskexecutor.TaskExecutor",
    "org.apache.flink.runtime.taskexecutor.TaskExecutor.submitTask(TaskExecutor.java:862)",
);
const BACKEND: Origin = Origin::info(
    "org.apache.flink.runtime.state.StateBackendLoader",
    "org.apache.flink.runtime.state.StateBackendLoader.loadStateBackendFromKeyedStateHandles(StateBackendLoader.java:172)",
);

/// `moment` lies after a deployment, before the first restart; its outage is the deployment.
pub fn write(job: &Job, moment: &Moment, now: i64, lines: &mut Lines) {
    let before = job.timeline.moment(moment.outage - 0.001, now);
    write_stop(job, &before, moment.outage, lines);
    lines.of_deployment(job, moment.deploy);
    let at = millis(moment.job_start);
    let id = subtask::job_id(job, moment.deploy);
    lines.add(at - 8000, By::new(&CONFIGURED, "main"), || {
        format!("Loading configuration property: parallelism.default, {}", job.parallelism(moment))
    });
    let old = subtask::job_id(job, before.deploy);
    lines.add(at - 1000, By::new(&FROM_SAVEPOINT, "jobmanager-io-thread-1"), || {
        format!(
            "Starting job {id} from savepoint s3://service-savepoints/{}/savepoint-{} ()",
            job.story.name,
            old.get(..6).unwrap_or_default()
        )
    });
    lines.add(at - 900, By::new(&JOB_SWITCHED, JOB_THREAD), || {
        format!("Job {} ({id}) switched from state CREATED to RUNNING.", job.story.name)
    });
    write_start(job, moment, 0, lines);
}

/// The last job before `stopped` ends: with a savepoint where it can make one.
pub fn write_stop(job: &Job, moment: &Moment, stopped: f64, lines: &mut Lines) {
    let at = millis(stopped);
    if !lines.wants_any(at, at + millis(SPREAD)) || job.story.fault == JobFault::Silent {
        return;
    }
    lines.of_deployment(job, moment.deploy);
    let (name, id) = (&job.story.name, subtask::job_id(job, moment.deploy));
    let (way, end) = if job.checkpoints.health == Health::Hopeless {
        ("CANCELLING", "CANCELED")
    } else {
        checkpoint::write_stop_savepoint(job, moment, stopped, lines);
        ("FINISHED", "FINISHED")
    };
    lines.add(at + 9000, By::new(&JOB_SWITCHED, JOB_THREAD), || {
        format!("Job {name} ({id}) switched from state RUNNING to {way}.")
    });
    lines.add(at + 9200, By::new(&FINISHED, JOB_THREAD), || format!("Job {id} reached terminal state {end}."));
}

/// All subtasks come up, with an attempt; they run from the moment's `run_start` on.
pub fn write_start(job: &Job, moment: &Moment, attempt: i64, lines: &mut Lines) {
    let running = millis(moment.run_start);
    if !lines.wants_any(running - 900, running + millis(SPREAD)) {
        return;
    }
    if attempt > 0 {
        write_restored(job, moment, running - 890, lines);
    }
    for (place, subtask) in subtask::subtasks(job, moment, attempt).iter().enumerate() {
        write_subtask(subtask, running, place as i64, lines);
    }
}

fn write_restored(job: &Job, moment: &Moment, at: i64, lines: &mut Lines) {
    let id = subtask::job_id(job, moment.deploy);
    let name = &job.story.name;
    lines.add(at, By::new(&RESTORED, JOB_THREAD), || match checkpoint::restored_from(job, moment) {
        Some(last) => format!(
            "Restoring job {id} from Checkpoint {number} @ {at} for {id} located at \
             s3://service-checkpoints/{name}/{id}/chk-{number}.",
            number = last.id,
            at = millis(last.triggered)
        ),
        None => "No checkpoint found during restore.".to_owned(),
    });
}

fn write_subtask(subtask: &Subtask, running: i64, place: i64, lines: &mut Lines) {
    let (name, execution) = (subtask.with_attempt(), &subtask.execution);
    let mut at_job_manager = |at: i64, from: &str, to: &str| {
        lines.add(at, By::new(&EXECUTION_SWITCHED, JOB_THREAD), || {
            format!("{} ({execution}) switched from {from} to {to}.", subtask.name)
        });
    };
    at_job_manager(running - 880 + place, "CREATED", "SCHEDULED");
    at_job_manager(running - 600 + 2 * place, "SCHEDULED", "DEPLOYING");
    at_job_manager(running - 200 + 2 * place, "DEPLOYING", "INITIALIZING");
    at_job_manager(running + 5 + 2 * place, "INITIALIZING", "RUNNING");
    lines.add(running - 599 + 2 * place, By::new(&DEPLOYED, JOB_THREAD), || {
        format!(
            "Deploying {} (attempt #{}) with attempt id {execution} and vertex id {}_{} to {} with allocation id {}",
            subtask.name,
            subtask.attempt,
            subtask.vertex,
            subtask.index,
            subtask.place(),
            subtask.vertex
        )
    });
    lines.add(running - 590 + 2 * place, By::new(&RECEIVED, "flink-pekko.actor.default-dispatcher-6"), || {
        format!("Received task {name} ({execution}), deploy into slot with allocation id {}.", subtask.vertex)
    });
    lines.add(running - 300 + 2 * place, By::new(&BACKEND, &name), || {
        "State backend loader loads the state backend as EmbeddedRocksDBStateBackend".to_owned()
    });
    for (at, from, to) in [
        (running - 580 + 2 * place, "CREATED", "DEPLOYING"),
        (running - 210 + 2 * place, "DEPLOYING", "INITIALIZING"),
        (running + 2 * place, "INITIALIZING", "RUNNING"),
    ] {
        lines.add(at, By::new(&TASK_SWITCHED, &name), || format!("{name} ({execution}) switched from {from} to {to}."));
    }
}
