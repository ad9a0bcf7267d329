//! Plans signals of applications: lines, or the fleet table.

use std::sync::Arc;

use super::bind::At;
use super::grid::Use;
use super::line::Row;
use super::scope::{self, QueryScope};
use super::{Show, Table};
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

/// A cell that a target cannot have stays empty without a notice: a fleet is mixed by nature.
fn plan_fleet(asked: &ApplicationQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let measures = asked.signals.iter().map(|signal| Arc::new(scope::measure(signal, None))).collect();
    let mut rows = Vec::new();
    for application in scope.applications.clone() {
        let cells = asked
            .signals
            .iter()
            .map(|signal| scope.line(signal, (application, &At::Application), Use::Cells))
            .collect();
        rows.push(Row { target: scope.target(application, &At::Application), cells });
    }
    scope.absences = Default::default();
    Show::Fleet(Table { measures, rows, kpu_price: scope.settings.kpu_price })
}
