//! A job ready to be measured: its graph with the records that flow through each task and operator per event.

use std::sync::Arc;

use super::checkpoints::Checkpoints;
use super::load::{Load, Week};
use super::noise;
use super::story::{Kind, OperatorKind, Story, TaskPlan};
use super::timeline::{Moment, Restarts, Throughput, Timeline};

#[derive(Debug)]
pub struct Job {
    pub seed: u64,
    pub account: Arc<str>,
    pub story: Story,
    pub load: Load,
    pub timeline: Timeline,
    pub checkpoints: Checkpoints,
    pub tasks: Vec<Task>,
}

#[derive(Debug)]
pub struct Task {
    pub seed: u64,
    /// As Flink has it, and as CloudWatch has it.
    pub name: String,
    pub dimension: Arc<str>,
    pub operators: Vec<Operator>,
    pub records_in: Flow,
    pub records_out: Flow,
    pub is_source: bool,
    pub is_sink: bool,
    pub role: Role,
    pub busy: f64,
    /// The part of the task's records that each subtask takes, at the usual and at the scaled parallelism.
    pub shares: [Vec<f64>; 2],
}

#[derive(Debug)]
pub struct Operator {
    pub dimension: Arc<str>,
    pub kind: OperatorKind,
    pub records_in: Flow,
    pub records_out: Flow,
}

/// Records per event that arrives at the job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    pub per_event: f64,
    /// Seconds between bursts behind a window; 0 for a steady flow.
    pub burst: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Healthy,
    /// The slowest task: busy all the time.
    Bottleneck,
    /// Feeds the bottleneck and waits for it.
    BackPressured,
    /// Busy without a result.
    Spinning,
}

pub const NO_FLOW: Flow = Flow { per_event: 0.0, burst: 0 };

impl Job {
    pub fn new(story: Story, week: Arc<Week>) -> Self {
        let seed = noise::seed(&story.name) ^ noise::seed(story.region);
        let plan = story.checkpoints;
        let mut job = Self {
            seed,
            account: story.account.into(),
            load: Load { week, mean_per_second: story.mean_per_second },
            timeline: Timeline {
                seed,
                deploys: story.deploys,
                restarts: story.restarts,
                throughput: story.throughput,
                checkpoint_interval: plan.interval,
                ended: story.ended,
            },
            checkpoints: Checkpoints {
                seed,
                interval: plan.interval,
                mean_seconds: plan.mean_seconds,
                mean_bytes: plan.mean_bytes,
                health: plan.health,
            },
            tasks: Vec::new(),
            story,
        };
        for index in 0..job.story.tasks.len() {
            let task = job.build_task(index);
            job.tasks.push(task);
        }
        job
    }

    /// Which of the two parallelisms a deployment has.
    pub fn scale(&self, moment: &Moment) -> usize {
        usize::from(self.story.scaled_parallelism.is_some() && moment.deploy.rem_euclid(2) == 0)
    }

    pub fn parallelism(&self, moment: &Moment) -> u32 {
        self.parallelisms()[self.scale(moment)]
    }

    pub fn task_managers(&self, moment: &Moment) -> u32 {
        self.parallelism(moment).div_ceil(self.slots())
    }

    pub fn most_task_managers(&self) -> u32 {
        self.parallelisms().map(|parallelism| parallelism.div_ceil(self.slots())).into_iter().max().unwrap_or(1)
    }

    pub fn kpus(&self, moment: &Moment) -> u32 {
        let orchestration = u32::from(self.story.kind != Kind::Sql);
        self.parallelism(moment).div_ceil(self.story.per_kpu) + orchestration
    }

    /// Events that the tasks of `moment` have read by `time`.
    pub fn events(&self, moment: &Moment, time: f64) -> f64 {
        let position = |time| self.load.events_until(self.timeline.position(moment, time));
        if time <= moment.run_start { 0.0 } else { position(time) - position(moment.run_start) }
    }

    /// What a record counter shows for a subtask that takes `share` of a flow, after `events` of its job.
    pub fn count(flow: Flow, share: f64, events: f64) -> f64 {
        // Never negative, so that cutting is rounding down; `floor` is a call on the oldest processors of this kind.
        (flow.per_event * share * events) as i64 as f64
    }

    fn parallelisms(&self) -> [u32; 2] {
        let usual = self.story.parallelism;
        [usual, self.story.scaled_parallelism.unwrap_or(usual)]
    }

    fn slots(&self) -> u32 {
        // A TaskManager of the service has the slots of one or more KPUs; here of one, and at least two.
        self.story.per_kpu.max(2)
    }

    fn build_task(&self, index: usize) -> Task {
        let plan = &self.story.tasks[index];
        let names: Vec<&str> = plan.operators.iter().map(|operator| operator.name.as_str()).collect();
        let name = names.join(" -> ");
        let seed = noise::seed(&name) ^ self.seed;
        let records_in = self.flow_into(plan);
        let operators = build_operators(plan, records_in);
        let is_sink = !self.story.tasks.iter().any(|task| task.inputs.iter().any(|(input, _)| *input == index));
        // A committer behind its writer takes committables; what the task sent is what the writer sent.
        let sent = operators.iter().rev().find(|operator| operator.kind != OperatorKind::Committer);
        Task {
            seed,
            dimension: clean(&name).into(),
            name,
            records_in,
            records_out: sent.map_or(NO_FLOW, |operator| operator.records_out),
            operators,
            is_source: plan.inputs.is_empty(),
            is_sink,
            role: self.role(index),
            busy: plan.busy,
            shares: self.parallelisms().map(|usual| shares(plan, seed, plan.parallelism.unwrap_or(usual))),
        }
    }

    fn flow_into(&self, plan: &TaskPlan) -> Flow {
        if plan.inputs.is_empty() {
            return Flow { per_event: plan.share, burst: 0 };
        }
        let inputs = plan.inputs.iter().map(|(input, _)| self.tasks[*input].records_out);
        inputs.fold(NO_FLOW, |sum, flow| Flow {
            per_event: sum.per_event + flow.per_event,
            burst: sum.burst.max(flow.burst),
        })
    }

    fn role(&self, index: usize) -> Role {
        if matches!(self.timeline.throughput, Throughput::Stuck)
            && matches!(self.timeline.restarts, Restarts::Loop { .. })
        {
            return Role::Spinning;
        }
        match self.story.bottleneck {
            Some(slowest) if slowest == index => Role::Bottleneck,
            Some(slowest) if self.feeds(index, slowest) => Role::BackPressured,
            _ => Role::Healthy,
        }
    }

    /// Whether records of one task reach another, on whatever way.
    fn feeds(&self, from: usize, to: usize) -> bool {
        self.story.tasks[to].inputs.iter().any(|(input, _)| *input == from || self.feeds(from, *input))
    }
}

fn build_operators(plan: &TaskPlan, into_task: Flow) -> Vec<Operator> {
    let mut flow = into_task;
    let mut operators = Vec::new();
    for operator in &plan.operators {
        let burst = match operator.kind {
            OperatorKind::Window(seconds) => seconds,
            OperatorKind::Source | OperatorKind::Plain | OperatorKind::Writer | OperatorKind::Committer => flow.burst,
        };
        let records_in = match operator.kind {
            OperatorKind::Committer => Flow { per_event: flow.per_event * 1e-4, burst: 60 },
            OperatorKind::Source | OperatorKind::Plain | OperatorKind::Window(_) | OperatorKind::Writer => flow,
        };
        let records_out = Flow { per_event: flow.per_event * operator.selectivity, burst };
        operators.push(Operator {
            dimension: operator_dimension(&operator.name),
            kind: operator.kind,
            records_in,
            records_out,
        });
        flow = records_out;
    }
    operators
}

/// Flink cuts operator names (not task names) at 80 characters before it makes metrics of them.
fn operator_dimension(name: &str) -> Arc<str> {
    let cut: String = name.chars().take(80).collect();
    clean(&cut).into()
}

fn shares(plan: &TaskPlan, seed: u64, parallelism: u32) -> Vec<f64> {
    let weight = |subtask| 1.0 + plan.skew * noise::unit(seed, i64::from(subtask));
    let weights: Vec<f64> = (0..parallelism).map(weight).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// The name as the service writes it into a dimension: some characters become `_`, one for one.
pub fn clean(name: &str) -> String {
    name.chars().map(|letter| if " -[]>(),".contains(letter) { '_' } else { letter }).collect()
}
