//! The names under which a subtask, its job and its TaskManager appear in lines.

use super::super::describe;
use super::super::job::Job;
use super::super::noise;
use super::super::timeline::Moment;

/// One attempt of one subtask.
#[derive(Debug)]
pub struct Subtask {
    pub task: usize,
    pub index: usize,
    pub attempt: i64,
    /// `Source: orders -> Parse (3/6)`.
    pub name: String,
    /// Job graph, vertex, subtask and attempt: the same at JobManager and TaskManager.
    pub execution: String,
    pub vertex: String,
    task_manager: u32,
}

impl Subtask {
    /// As threads and TaskManagers call it: with its attempt.
    pub fn with_attempt(&self) -> String {
        format!("{}#{}", self.name, self.attempt)
    }

    /// `flink-taskmanager-1-2 @ 10.0.1.2 (dataPort=6121)`.
    pub fn place(&self) -> String {
        place(self.task_manager)
    }
}

pub fn place(task_manager: u32) -> String {
    format!("{} @ 10.0.1.{} (dataPort=6121)", task_manager_id(task_manager), task_manager + 1)
}

pub fn task_manager_id(task_manager: u32) -> String {
    format!("flink-taskmanager-1-{}", task_manager + 1)
}

/// All subtasks of a job, with the attempt that a restart began.
pub fn subtasks(job: &Job, moment: &Moment, attempt: i64) -> Vec<Subtask> {
    let graph = hex(job.seed ^ 0x6772_6170, moment.deploy);
    let scale = job.scale(moment);
    let task_managers = job.task_managers(moment).max(1);
    let mut all = Vec::new();
    for (task, found) in job.tasks.iter().enumerate() {
        let vertex = describe::node_id(job, task);
        let count = found.shares[scale].len();
        all.extend((0..count).map(|index| Subtask {
            task,
            index,
            attempt,
            name: format!("{} ({}/{count})", found.name, index + 1),
            execution: format!("{graph}_{vertex}_{index}_{attempt}"),
            vertex: vertex.clone(),
            task_manager: u32::try_from(index).unwrap_or(0) % task_managers,
        }));
    }
    all
}

/// The id of the job that a deployment started.
pub fn job_id(job: &Job, deploy: i64) -> String {
    hex(job.seed, deploy)
}

fn hex(seed: u64, number: i64) -> String {
    format!("{:016x}{:016x}", noise::mix(seed, number), noise::mix(!seed, number))
}
