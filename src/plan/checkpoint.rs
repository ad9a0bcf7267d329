//! Plans the checkpoint view.

use super::at::At;
use super::grid::Use;
use super::known::Application;
use super::line::Line;
use super::scope::QueryScope;
use super::{Show, SummaryRow};
use crate::catalog::signal::Formula;
use crate::catalog::signals;
use crate::catalog::statistic::Statistic;
use crate::query::AskedSignal;
use crate::query::{CheckpointQuery, CheckpointShape};

/// Rows of the summary, as in Flink's own UI: what each checkpoint took, not how many there were.
const SUMMARY: &[&str] = &["checkpointDuration", "checkpointSize"];

/// Completed checkpoints weigh the averages.
const WEIGHT: &str = "checkpointsCompleted";

pub(super) fn plan_checkpoint(asked: &CheckpointQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let applications = scope.applications.clone();
    match asked.shape {
        CheckpointShape::Series => {
            let mut lines = Vec::new();
            for application in applications {
                for signal in &asked.signals {
                    lines.extend(scope.line(signal, (application, &At::Application), Use::Lines));
                }
            }
            Show::Series { lines, ranking: None }
        }
        CheckpointShape::Summary => {
            Show::Summary(applications.into_iter().flat_map(|application| summary(application, scope)).collect())
        }
    }
}

fn summary<'a, 'f>(application: &'a Application<'f>, scope: &mut QueryScope<'a, 'f>) -> Vec<SummaryRow> {
    let at = At::Application;
    let signal = |id| signals::signal(id).map(AskedSignal::Signal);
    // Not every runtime publishes completions; then the average is one over minutes, without a notice.
    let has_weight = application.entries("numberOfCompletedCheckpoints").next().is_some();
    let weight =
        signal(WEIGHT).filter(|_| has_weight).and_then(|weight| scope.line(&weight, (application, &at), Use::Lines));
    let mut rows = Vec::new();
    for asked in SUMMARY.iter().filter_map(|id| signal(id)) {
        let Some(line) = scope.line(&asked, (application, &at), Use::Lines) else { continue };
        let lowest = with_statistic(&line, &asked, &Statistic::Minimum, application, scope);
        let mean = with_statistic(&line, &asked, &Statistic::Average, application, scope);
        rows.push(SummaryRow { line, lowest, mean, weight: weight.clone() });
    }
    rows
}

/// The same line by another statistic of its metric; itself where it is not a plain metric.
fn with_statistic<'a, 'f>(
    line: &Line,
    asked: &AskedSignal,
    statistic: &Statistic,
    application: &'a Application<'f>,
    scope: &mut QueryScope<'a, 'f>,
) -> Line {
    let formula = match asked {
        AskedSignal::Signal(signal) => Some(signal.formula),
        AskedSignal::Metric(_) => None,
    };
    let Some(Formula::Gauge { metrics, scale, .. }) = formula else { return line.clone() };
    let bound = scope.bind(application, line.grid, Use::Lines, |binder| {
        Ok(binder.plain(metrics, statistic, &At::Application)?.scaled(scale))
    });
    Line { expr: bound.unwrap_or_else(|_| line.expr.clone()), ..line.clone() }
}
