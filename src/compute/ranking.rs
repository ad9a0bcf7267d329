//! The applications, tasks, operators or subtasks that a query keeps: those with the highest mean of a signal. Without
//! a mean they come last.

use super::View;
use super::evaluate::evaluate;
use super::reduce::mean;
use crate::plan::line::{Line, Ranking, Target};

/// The lines of the targets that a ranking keeps, in its order; all lines without one.
pub fn keep_top<'l>(view: &View<'_>, lines: &'l [Line], ranking: Option<&'l Ranking>) -> Vec<&'l Line> {
    let Some(ranking) = ranking else { return lines.iter().collect() };
    let targets = top_targets(view, ranking, lines.iter().map(|line| &line.target));
    targets.into_iter().flat_map(|target| lines.iter().filter(move |line| line.target == *target)).collect()
}

/// The highest of the targets that are ranked; where there are fewer than are kept, also `others`, in their order.
pub fn top_targets<'r>(
    view: &View<'_>,
    ranking: &'r Ranking,
    others: impl Iterator<Item = &'r Target>,
) -> Vec<&'r Target> {
    let mut ranked: Vec<(&Target, f64)> = ranking.by.iter().map(|line| (&line.target, mean_of(view, line))).collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut targets: Vec<&Target> = ranked.into_iter().map(|(target, _)| target).collect();
    for target in others {
        if targets.len() >= ranking.count {
            break;
        }
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets.truncate(ranking.count);
    targets
}

/// Below all others where there is none.
fn mean_of(view: &View<'_>, line: &Line) -> f64 {
    let values = evaluate(line, view.plan, &view.columns);
    let mean = mean(&values.into_iter().filter(|value| !value.is_nan()).collect::<Vec<_>>());
    if mean.is_nan() { f64::NEG_INFINITY } else { mean }
}
