//! Plans signals of applications: lines, or the fleet table.

use std::sync::Arc;

use super::bind::At;
use super::grid::Use;
use super::line::Row;
use super::scope::{self, QueryScope};
use super::{Show, Table};
use crate::catalog::signals;
use crate::query::application::AskedSignal;
use crate::query::{ApplicationQuery, ApplicationShape};

pub(super) fn plan_application(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    match asked.shape {
        ApplicationShape::Series => plan_lines(asked, scope),
        ApplicationShape::Table => plan_fleet(asked, scope),
    }
}

fn plan_lines(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let mut lines = Vec::new();
    for application in scope.applications.clone() {
        for signal in &asked.signals {
            lines.extend(scope.line(signal, (application, &At::Application), Use::Lines));
        }
    }
    Show::Series { lines, ranking: None }
}

/// What the verdict on an application rests on. It stands in every fleet table, so these are asked for whatever the columns are.
const VERDICT_SIGNALS: &[&str] =
    &["sourceRate", "restarts", "busy", "backPressure", "checkpointsFailed", "cpu", "heap"];

/// A cell that a target cannot have stays empty without a notice: a fleet is mixed by nature.
fn plan_fleet(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let verdict = VERDICT_SIGNALS.iter().filter_map(|id| signals::signal(id)).map(AskedSignal::Signal);
    let unasked: Vec<_> = verdict.filter(|signal| !asked.signals.contains(signal)).collect();
    let signals: Vec<_> = asked.signals.iter().chain(&unasked).collect();
    let measures = signals.iter().map(|signal| Arc::new(scope::measure(signal, None))).collect();
    let mut rows = Vec::new();
    for application in scope.applications.clone() {
        let cells =
            signals.iter().map(|signal| scope.line(signal, (application, &At::Application), Use::Cells)).collect();
        rows.push(Row { target: scope.target(application, &At::Application), cells });
    }
    scope.absences = Default::default();
    Show::Fleet(Table { measures, rows, shown: asked.signals.len(), kpu_price: scope.settings.kpu_price })
}
