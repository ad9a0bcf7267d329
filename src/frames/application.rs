//! The fleet table: one row per application with status, verdict, configuration and numbers.

use super::console::ConsoleRow;
use super::frame::{Config, Field, Frame, Mapping, Meta, Shown, Values, Visualisation};
use super::numbers::{self, number_fields, unit_config};
use super::{View, console};
use crate::catalog::metric::{Better, Unit};
use crate::compute::verdict::{self, Health, Signs, Verdict, judge};
use crate::model::application::Description;
use crate::plan::line::{Line, Row};
use crate::plan::{ApplicationState, Table};
use crate::query::Origin;

/// One row per application, those in trouble first; columns keep their names and order whatever is known.
pub(super) fn frame_fleet(view: &View<'_>, table: &Table) -> Frame {
    let Fleet { rows, states, cells, verdicts } = fleet(view, table);
    let described: Vec<Option<&Description>> =
        states.iter().map(|state| state.and_then(|state| state.description.as_deref())).collect();
    let text = |name: &str, of: &dyn Fn(&ApplicationState) -> Option<String>| {
        Field::new(name, Values::Text(states.iter().map(|state| state.and_then(of)).collect()))
    };
    let number = |name: &str, unit: Unit, of: &dyn Fn(&Description) -> Option<f64>| {
        let values = described.iter().map(|description| description.and_then(of).unwrap_or(f64::NAN));
        let mut field = Field::new(name, Values::Number(values.collect()));
        field.config = unit_config(unit, (&[], Better::Neutral));
        field
    };
    let in_console = in_console(&rows, &states);
    let mut fields = vec![application_field(view, &in_console)];
    if rows.iter().any(|row| row.target.account.is_some()) {
        let accounts = rows.iter().map(|row| row.target.account.as_ref().map(ToString::to_string)).collect();
        fields.push(Field::new("account", Values::Text(accounts)));
    }
    let mut health =
        Field::new("health", Values::Text(verdicts.iter().map(|verdict| Some(verdict.health.to_string())).collect()));
    health.config = health_config();
    fields.push(health);
    // Of one application there is room for all that is wrong.
    let why = if let [only] = verdicts.as_slice() {
        vec![only.in_full()]
    } else {
        verdicts.iter().map(Verdict::in_short).collect()
    };
    fields.push(Field::new("why", Values::Text(why)));
    fields.push(text("status", &|state| Some(state.status()?.as_str().to_owned())));
    fields.push(text("runtime", &|state| Some(state.runtime()?.to_string())));
    fields.push(number("version", Unit::None, &|description| Some(description.version as f64)));
    fields.push(number("parallelism", Unit::None, &|description| Some(f64::from(description.parallelism?.current))));
    fields.push(number("KPUs", Unit::None, &billed_kpus));
    fields.extend(number_fields(&table.measures, cells).into_iter().take(table.shown));
    fields.push(number("cost per hour", Unit::DollarsPerHour, &|description| {
        Some(billed_kpus(description)? * table.kpu_price)
    }));
    // Alerts take texts as labels, and this one would be no help.
    if view.query.origin == Origin::Panel {
        fields.extend(console::columns(&in_console, view.query.place.region.as_str()));
    }
    let meta = Meta { preferred: Some(Visualisation::Table), ..Meta::default() };
    Frame { name: "applications".to_owned(), meta, fields }
}

/// What the table is made of, row by row.
struct Fleet<'v> {
    rows: Vec<&'v Row>,
    states: Vec<Option<&'v ApplicationState>>,
    /// By column.
    cells: Vec<Vec<f64>>,
    verdicts: Vec<Verdict>,
}

fn fleet<'v>(view: &View<'v>, table: &'v Table) -> Fleet<'v> {
    let rows: Vec<&Row> = table.rows.iter().collect();
    let states: Vec<Option<&ApplicationState>> = rows.iter().map(|row| state_of(view, row)).collect();
    let mut cells = vec![Vec::with_capacity(rows.len()); table.measures.len()];
    let mut verdicts = Vec::with_capacity(rows.len());
    for (row, state) in rows.iter().zip(&states) {
        let values = numbers::row_values(view, row);
        for (column, cell) in cells.iter_mut().zip(numbers::row_cells(row, &values)) {
            column.push(cell);
        }
        verdicts.push(judge(*state, &signs(view, table, (row, *state, &values))));
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| verdicts[*row].health.urgency());
    Fleet {
        rows: in_order(&order, &rows),
        states: in_order(&order, &states),
        cells: cells.iter().map(|column| in_order(&order, column)).collect(),
        verdicts: in_order(&order, &verdicts),
    }
}

fn in_order<T: Clone>(order: &[usize], all: &[T]) -> Vec<T> {
    order.iter().map(|row| all[*row].clone()).collect()
}

/// A stopped application is not billed for KPUs.
fn billed_kpus(description: &Description) -> Option<f64> {
    let kpus = f64::from(description.parallelism?.kpus());
    Some(if description.status.is_active() { kpus } else { 0.0 })
}

fn state_of<'v>(view: &View<'v>, row: &Row) -> Option<&'v ApplicationState> {
    let target = &row.target;
    view.query.applications.iter().find(|state| state.name == target.application && state.account == target.account)
}

fn signs(
    view: &View<'_>,
    table: &Table,
    (row, state, values): (&Row, Option<&ApplicationState>, &[Vec<f64>]),
) -> Signs {
    // The columns are about the whole range.
    let (cells, values) = (&row.cells[table.shown..], &values[table.shown..]);
    let any_grid = cells.iter().flatten().map(|line| line.grid).next();
    // What it had before its last update is not known.
    let was_so = |description: &&Description| match (description.updated_ms, any_grid) {
        (Some(updated_ms), Some(grid)) => updated_ms <= grid.end * 1000,
        (None, _) | (_, None) => true,
    };
    let described = state.and_then(|state| state.description.as_deref()).filter(was_so);
    let kpus = described.and_then(billed_kpus).map(|kpus| [kpus]);
    let values_of = |signal: &str| {
        // What the description tells needs no metric.
        if signal == "kpus" {
            return kpus.as_ref().map(<[f64; 1]>::as_slice).zip(any_grid);
        }
        let index = table.measures[table.shown..].iter().position(|measure| &*measure.signal == signal)?;
        Some((values[index].as_slice(), cells[index].as_ref()?.grid))
    };
    Signs {
        findings: verdict::findings(values_of),
        silent_seconds: silent_seconds(view, cells),
        answered: values.iter().flatten().any(|value| !value.is_nan()),
        complete: cells.iter().flatten().all(|line| view.columns.are_read(&line.expr)),
        // The newest buckets of what ends now may still be arriving.
        ends_now: cells.iter().flatten().any(|line| line.grid.arriving.is_some()),
    }
}

/// How long before the end of the range the newest value of a row's verdict lies; where it has none and the range ends
/// now, the whole window. Only the shortest buckets tell: a long one has values until its end.
fn silent_seconds(view: &View<'_>, cells: &[Option<Line>]) -> Option<i64> {
    let shortest = cells.iter().flatten().map(|line| line.grid.period).min()?;
    let lines = || cells.iter().flatten().filter(|line| line.grid.period == shortest);
    let end = lines().map(|line| line.grid.open.unwrap_or(line.grid.end)).max()?;
    let newest = lines().filter_map(|line| view.columns.newest(&line.expr)).max();
    let ends_now = lines().any(|line| line.grid.open.is_some());
    let start = || lines().map(|line| line.grid.start).min().filter(|_| ends_now);
    newest.or_else(start).map(|newest| end - newest)
}

/// Only applications of the own account are described.
fn in_console<'v>(rows: &[&'v Row], states: &[Option<&ApplicationState>]) -> Vec<ConsoleRow<'v>> {
    let in_console = |(row, state): (&&'v Row, &Option<&ApplicationState>)| {
        let is_described = state.is_some_and(|state| state.description.is_some());
        ConsoleRow { application: &row.target.application, is_own: row.target.account.is_none() || is_described }
    };
    rows.iter().zip(states).map(in_console).collect()
}

fn application_field(view: &View<'_>, rows: &[ConsoleRow<'_>]) -> Field {
    let names = rows.iter().map(|row| Some(row.application.to_string())).collect();
    let mut field = Field::new("application", Values::Text(names));
    field.config.links = console::link(rows, view.query.place.region.as_str()).into_iter().collect();
    field
}

fn health_config() -> Config {
    let shown = |health: Health, color: &str| (health.to_string(), Shown { text: None, color: Some(color.to_owned()) });
    let values = vec![
        shown(Health::Healthy, "green"),
        shown(Health::Degraded, "orange"),
        shown(Health::Failing, "red"),
        shown(Health::Changing, "blue"),
        shown(Health::Stopped, "text"),
        shown(Health::Unknown, "purple"),
    ];
    Config { mappings: vec![Mapping::Values(values)], ..Config::default() }
}
