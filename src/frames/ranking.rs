//! The tasks, operators or subtasks that a query keeps: those with the highest mean of a signal.

use super::View;
use super::evaluate::evaluate;
use super::reduce::mean;
use crate::plan::line::{Line, Ranking, Target};

/// The lines of the targets that a ranking keeps, in its order; all lines without one.
pub(super) fn keep_top<'l>(view: &View<'_>, lines: &'l [Line], ranking: Option<&Ranking>) -> Vec<&'l Line> {
    let Some(ranking) = ranking else { return lines.iter().collect() };
    let targets = top_targets(view, ranking);
    targets.iter().flat_map(|target| lines.iter().filter(move |line| line.target == **target)).collect()
}

pub(super) fn top_targets<'r>(view: &View<'_>, ranking: &'r Ranking) -> Vec<&'r Target> {
    ranked_targets(view, ranking).into_iter().map(|index| &ranking.by[index].target).collect()
}

/// The targets with the highest mean.
fn ranked_targets(view: &View<'_>, ranking: &Ranking) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = ranking
        .by
        .iter()
        .map(|line| {
            let known: Vec<f64> =
                evaluate(line, view.plan, &view.answers).into_iter().filter(|value| !value.is_nan()).collect();
            mean(&known)
        })
        .enumerate()
        .filter(|(_, mean)| !mean.is_nan())
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked.into_iter().take(ranking.count).map(|(index, _)| index).collect()
}
