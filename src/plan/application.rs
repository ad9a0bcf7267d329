//! Plans signals of applications: lines, or the fleet table.

use std::sync::Arc;

use super::at::At;
use super::grid::Use;
use super::line::Row;
use super::measure::measure;
use super::scope::QueryScope;
use super::{Show, Table};
use crate::catalog::{conditions, signals};
use crate::query::AskedSignal;
use crate::query::{ApplicationQuery, ApplicationShape};

pub(super) fn plan_application(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    match asked.shape {
        ApplicationShape::Series => plan_lines(asked, scope),
        ApplicationShape::Table => plan_fleet(asked, scope),
    }
}

fn plan_lines(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let mut lines = Vec::new();
    if let Some(kept) = &asked.kept {
        scope
            .applications
            .retain(|application| kept.contains(&(application.name.clone(), application.account.clone())));
    }
    for application in scope.applications.clone() {
        for signal in &asked.signals {
            lines.extend(scope.line(signal, (application, &At::Application), Use::Lines));
        }
    }
    let ranking = asked.top.map(|top| {
        let places: Vec<_> = scope.applications.iter().map(|application| (*application, At::Application)).collect();
        scope.ranking(top, &places, Use::Lines)
    });
    if let (Some(top), Some(ranking)) = (asked.top, &ranking) {
        // Of others than the highest nothing is missed unless they are named. Where there is room for some of them, it
        // is said why they come last.
        let is_full = ranking.by.len() >= ranking.count || asked.signals == [top.by];
        scope.absences.forget_unnamed(if is_full { None } else { Some(top.by.id()) });
    }
    Show::Series { lines, ranking }
}

/// A cell that a target cannot have stays empty without a notice: a fleet is mixed by nature.
fn plan_fleet(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    // The verdict stands in every fleet table, so that what it rests on is asked for whatever columns, range and period
    // are. Columns that have the same period are the same series.
    let verdict = conditions::verdict_signals()
        .into_iter()
        .filter_map(|(id, period)| Some((AskedSignal::Signal(signals::signal(id)?), Use::Verdict(period))));
    let shown = asked.signals.iter().map(|signal| (*signal, Use::Cells));
    let signals: Vec<_> = shown.chain(verdict).collect();
    let measures = signals.iter().map(|(signal, _)| Arc::new(measure(signal, None))).collect();
    scope.open_verdict(conditions::VERDICT_MINUTES * 60);
    let mut rows = Vec::new();
    for application in scope.applications.clone() {
        let place = (application, &At::Application);
        let cells = signals.iter().map(|(signal, usage)| scope.line(signal, place, *usage)).collect();
        rows.push(Row { target: scope.target(application, &At::Application), cells });
    }
    scope.absences = Default::default();
    Show::Fleet(Table { measures, rows, shown: asked.signals.len(), kpu_price: scope.settings.kpu_price })
}
