//! Throughput: sources by what they put out, sinks by what goes in.
//!
//! Flink counts nothing that crosses the border of the job: a source task receives 0 records and a sink task sends 0.
//! So an application's intake is the records out of its source tasks, and its output the records into its sink writers.
//! The `{Application}` series pools all tasks and counts each record once per task; it is used only where nothing else
//! is published, and then a remark says so.

use std::sync::Arc;

use super::{Binder, Bound, Remark, sum};
use crate::catalog::level::MetricsLevel;
use crate::catalog::sinks::{self, SinkPart};
use crate::period::Period;
use crate::plan::absence::Absence;
use crate::plan::at::At;
use crate::plan::expr::{Expr, Fold};
use crate::topology::TaskRole;

/// A rate and the counter behind it, in one direction.
#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
}

impl Direction {
    fn opposite(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// Per second, or counted per period.
#[derive(Clone, Copy)]
pub(super) enum Flow {
    Rate,
    Records,
}

impl Binder<'_, '_> {
    /// Records in at a task, operator or subtask; for the application what its sources read.
    pub(super) fn flow_in(&mut self, flow: Flow, at: &At) -> Bound {
        if *at == At::Application { self.sources(flow) } else { self.flow(Direction::In, flow, at) }
    }

    /// Records out at a task, operator or subtask; for the application what enters its sinks.
    pub(super) fn flow_out(&mut self, flow: Flow, at: &At) -> Bound {
        if *at == At::Application { self.sinks(flow) } else { self.flow(Direction::Out, flow, at) }
    }

    /// Records out per record in. What leaves a sink or enters a source is not counted, so they have none of their own.
    pub(super) fn selectivity(&mut self, at: &At) -> Bound {
        let is_end = |task: &Arc<str>| {
            let role = self.application.topology.role(task);
            role.is_some_and(|role| role.is_sink || role.is_source)
        };
        if matches!(at, At::Task(task) | At::Subtask { task, operator: None, .. } if is_end(task)) {
            return Err(Absence::EndOfJob);
        }
        Ok(self.flow_out(Flow::Rate, at)?.ratio(self.flow_in(Flow::Rate, at)?))
    }

    /// What all sources together read.
    pub(super) fn sources(&mut self, flow: Flow) -> Bound {
        let application = self.application;
        if !application.has_tasks() {
            return self.flow(Direction::Out, flow, &At::Application);
        }
        let sources: Vec<&TaskRole> = application.topology.sources().collect();
        if sources.is_empty() {
            return Err(Absence::NoEnds { ends: "source" });
        }
        let parts: Result<Vec<_>, _> = sources.into_iter().map(|task| self.source(task, flow)).collect();
        self.note_former(|task| task.starts_with("Source:"));
        Ok(sum(parts?))
    }

    fn source(&mut self, task: &TaskRole, flow: Flow) -> Bound {
        let at_task = At::Task(task.task.clone());
        if !task.whole_chain {
            return self.flow(Direction::Out, flow, &at_task);
        }
        // From source to sink in one chain nothing crosses a task's border; only the operators count.
        if let Some(operators) = self.operators(task, &task.source_operators, Direction::Out, flow) {
            return Ok(operators);
        }
        if is_table_writer(task) {
            return self.chained_to_table_writer(&at_task, flow);
        }
        self.whole_chain(&at_task, Direction::In, flow)
    }

    /// A source whose task ends in a table format's writer emits what is to be committed. What it reads may be counted
    /// from 2.0 on; not by every source, and then nothing is known.
    fn chained_to_table_writer(&mut self, at_task: &At, flow: Flow) -> Bound {
        if !self.application.runtime().is_some_and(|runtime| runtime.is_flink_from(2, 0)) {
            return Err(Absence::LevelTooLow { needed: MetricsLevel::Operator });
        }
        let read = self.flow(Direction::In, flow, at_task)?;
        let nothing = read.clone().ratio(read.clone());
        Ok(Expr::Otherwise(Box::new(read), Box::new(nothing)))
    }

    /// What enters all sinks.
    pub(super) fn sinks(&mut self, flow: Flow) -> Bound {
        let application = self.application;
        if !application.has_tasks() {
            return self.flow(Direction::In, flow, &At::Application);
        }
        let sinks: Vec<&TaskRole> = application.topology.sinks().collect();
        if sinks.is_empty() {
            return Err(Absence::NoEnds { ends: "sink" });
        }
        let parts: Result<Vec<_>, _> = sinks.into_iter().map(|task| self.sink(task, flow)).collect();
        self.note_former(|task| {
            task.contains("Sink:") || task.contains(":_Writer") || sinks::task_has(task, SinkPart::Writer)
        });
        Ok(sum(parts?))
    }

    /// Remarks on tasks of an earlier deployment, where the range begins before the last update: what they did is left
    /// out.
    fn note_former(&mut self, is_end: impl Fn(&str) -> bool) {
        let updated_ms = self.application.description.ok().and_then(|description| description.updated_ms);
        let reaches_back = updated_ms.is_none_or(|updated_ms| self.grid.start * 1000 < updated_ms);
        let former = &self.application.topology.former;
        self.remarks.extend((reaches_back && former.iter().any(|task| is_end(task))).then_some(Remark::FormerEnds));
    }

    fn sink(&mut self, task: &TaskRole, flow: Flow) -> Bound {
        let into = self.enters_sink(task, flow)?;
        let is_certain = task.task.contains(":_Writer") || is_table_writer(task);
        let from = if is_certain { None } else { self.out_of_inputs(task, flow) };
        Ok(match from {
            Some(from) => Expr::Fed { into: Box::new(into), from: Box::new(from) },
            None => into,
        })
    }

    /// What the tasks before a task emit; None where they are not known.
    fn out_of_inputs(&mut self, task: &TaskRole, flow: Flow) -> Option<Expr> {
        let application = self.application;
        let edges = application.topology.edges.iter().filter(|(_, to)| *to == task.task);
        let parts: Vec<Expr> = edges
            .map(|(from, _)| self.flow(Direction::Out, flow, &At::Task(from.clone())).ok())
            .collect::<Option<_>>()?;
        (!parts.is_empty()).then(|| sum(parts))
    }

    fn enters_sink(&mut self, task: &TaskRole, flow: Flow) -> Bound {
        if let Some(writers) = self.operators(task, &task.writer_operators, Direction::In, flow) {
            return Ok(writers);
        }
        let at_task = At::Task(task.task.clone());
        if task.whole_chain && is_table_writer(task) {
            return Err(Absence::LevelTooLow { needed: MetricsLevel::Operator });
        }
        if task.whole_chain {
            return self.whole_chain(&at_task, Direction::Out, flow);
        }
        let into_task = self.flow(Direction::In, flow, &at_task)?;
        if is_writer_alone(&task.task) {
            return Ok(into_task);
        }
        self.remarks.push(Remark::SinkTask);
        if is_table_writer(task) {
            // What leaves it is what is to be committed.
            return Ok(into_task);
        }
        // From 2.0 on a sink task counts what its writer sent, unless that sink counts nothing.
        let counts_sent = self.application.runtime().is_some_and(|runtime| runtime.is_flink_from(2, 0));
        if !counts_sent {
            return Ok(into_task);
        }
        let sent = self.flow(Direction::Out, flow, &at_task)?;
        Ok(Expr::Otherwise(Box::new(sent), Box::new(into_task)))
    }

    /// A task that holds the whole job: before 2.0 it counts nothing at all.
    fn whole_chain(&mut self, at_task: &At, direction: Direction, flow: Flow) -> Bound {
        let counts = self.application.runtime().is_some_and(|runtime| runtime.is_flink_from(2, 0));
        if !counts {
            return Err(Absence::LevelTooLow { needed: MetricsLevel::Operator });
        }
        let preferred = self.flow(direction, flow, at_task)?;
        let otherwise = self.flow(direction.opposite(), flow, at_task)?;
        Ok(Expr::Otherwise(Box::new(preferred), Box::new(otherwise)))
    }

    /// The sum over operators of a task; None where operators are not published.
    fn operators(&mut self, task: &TaskRole, names: &[Arc<str>], direction: Direction, flow: Flow) -> Option<Expr> {
        let mut parts = Vec::with_capacity(names.len());
        for name in names {
            let at = At::Operator { task: Some(task.task.clone()), operator: name.clone() };
            parts.push(self.flow(direction, flow, &at).ok()?);
        }
        (!parts.is_empty()).then(|| sum(parts))
    }

    fn flow(&mut self, direction: Direction, flow: Flow, at: &At) -> Bound {
        match (direction, flow) {
            (Direction::In, Flow::Rate) => self.rate("numRecordsInPerSecond", at),
            (Direction::Out, Flow::Rate) => self.rate("numRecordsOutPerSecond", at),
            (Direction::In, Flow::Records) => self.records_of("numRecordsIn", "numRecordsInPerSecond", at),
            (Direction::Out, Flow::Records) => self.records_of("numRecordsOut", "numRecordsOutPerSecond", at),
        }
    }

    /// Records per period. A counter loses those between its last sample before a restart and its first one after it:
    /// in minutes that is little, in an hour it is not. There the rate tells more.
    fn records_of(&mut self, counter: &'static str, rate: &'static str, at: &At) -> Bound {
        let seconds = self.fine.period.seconds();
        if self.fine.period > Period::MINUTE && !self.entries(rate, at).is_empty() {
            return self.finely(self.fine, Fold::Sum, |binder| Ok(binder.rate(rate, at)?.scaled(seconds as f64)));
        }
        self.finely(self.fine, Fold::Sum, |binder| binder.increase(counter, at))
    }
}

/// Whether a table format writes in this task.
fn is_table_writer(task: &TaskRole) -> bool {
    sinks::task_has(&task.task, SinkPart::Writer)
}

/// Whether nothing stands before the writer in its task: then what enters the task enters the sink.
fn is_writer_alone(task: &str) -> bool {
    // ` -> ` between two chained operators, cleaned, is `____`.
    match task.find(":_Writer") {
        Some(writer) => !task[..writer].contains("____"),
        None => !task.contains("____"),
    }
}
