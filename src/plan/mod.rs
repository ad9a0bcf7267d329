//! What to ask AWS, as a value: the fewest calls that answer all queries.
//!
//! [`needs()`] names the facts that are missing, [`plan()`] turns queries and facts into a [`Plan`]: series wanted once
//! each, and for each query what to show. Pure: no clock, no network; the same input gives the same plan. Its text form
//! is what the query inspector shows and what the snapshots in the tests hold.

pub mod absence;
mod at;
pub mod bind;
pub mod call;
pub mod expr;
pub mod fact_table;
pub mod facts;
pub mod known;
pub mod line;
pub mod log_read;
pub mod series;
pub mod text;

mod application;
mod checkpoint;
mod chosen;
mod grid;
mod invented;
mod logs;
mod measure;
mod metric;
mod missing;
mod named;
mod needs;
mod nothing;
mod operator;
mod reach;
mod scope;
mod selection;
mod silent_accounts;
pub mod size;
mod stopped;
mod tags;
mod undescribed;
mod unlinked;
mod unmatched;
mod verdict;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::runtime::Runtime;
use crate::model::application::{ApplicationStatus, ApplicationSummary, Description};
use crate::model::series::Freshness;
use fact_table::FactTable;
use facts::{Facts, Needs, Outdated};
use line::{Line, Measure, MeasureLabels, Ranking, Row, Target};
pub use logs::{LogOf, LogView};
use series::{PlannedSeries, SeriesTable};

use crate::failure::{CallError, CallErrorKind};
use crate::notice::Notice;
use crate::place::{AccountId, ApplicationName, Place};
use crate::query::{FactsQuery, Kind, Origin, Query};

pub use grid::{late_periods, oldest_start};
pub use invented::invented;
pub use named::named;
pub use needs::needs;
pub use nothing::NEW_METRICS;
pub use reach::out_of_reach;
pub use selection::select_applications;
pub use unlinked::describe as describe_unlinked;

/// The values that are wanted of CloudWatch for some queries, and what becomes of them. How they are asked for, and
/// whether at all, is the business of `fetch`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// By [`expr::SeriesId`].
    pub series: Vec<PlannedSeries>,
    /// In the order of the queries.
    pub queries: Vec<QueryPlan>,
}

/// What is shown for one query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryPlan {
    pub ref_id: String,
    pub place: Place,
    pub origin: Origin,
    pub legend: Option<String>,
    pub measure_labels: MeasureLabels,
    pub show: Show,
    pub notices: Vec<Notice>,
    /// What the author named and is not there, a sentence each: a warning of a panel, the error of an alert.
    pub missing: Vec<String>,
    /// Why no application is selected, where more is known than that.
    pub why_none: Option<String>,
    /// Whether the author wrote the name of a task, an operator or a dimension's value.
    pub names_parts: bool,
    /// The applications that the query is about, for tables and for explaining an empty answer.
    pub applications: Vec<ApplicationState>,
    /// Those of the applications that are stopped and were not named: without a value in the time range they are not
    /// shown.
    pub stopped: BTreeSet<ApplicationName>,
    /// Facts that could not be had, with the application that they are about.
    pub failures: Vec<(Option<ApplicationName>, CallError)>,
}

impl QueryPlan {
    /// Asks for nothing, and says why.
    fn of_nothing(query: &Query, why: String) -> Self {
        let show = Show::Series { lines: Vec::new(), ranking: None };
        Self { missing: vec![why], ..Self::of(query, show) }
    }

    /// Shows something of which nothing else is known.
    fn of(query: &Query, show: Show) -> Self {
        Self {
            ref_id: query.ref_id.clone(),
            place: query.place.clone(),
            origin: query.origin,
            legend: query.legend.clone(),
            measure_labels: MeasureLabels::default(),
            show,
            notices: query.notices.clone(),
            missing: Vec::new(),
            why_none: None,
            names_parts: false,
            applications: Vec::new(),
            stopped: BTreeSet::new(),
            failures: Vec::new(),
        }
    }
}

#[cfg(test)]
impl QueryPlan {
    /// What a panel in eu-west-1 shows.
    pub(crate) fn of_panel(show: Show) -> Self {
        Self {
            ref_id: "A".to_owned(),
            place: Place { region: "eu-west-1".into(), account: crate::place::Account::Own },
            origin: Origin::Panel,
            legend: None,
            measure_labels: MeasureLabels::default(),
            show,
            notices: Vec::new(),
            missing: Vec::new(),
            why_none: None,
            names_parts: false,
            applications: Vec::new(),
            stopped: BTreeSet::new(),
            failures: Vec::new(),
        }
    }
}

/// The shape of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    /// One line per target and signal.
    Series { lines: Vec<Line>, ranking: Option<Ranking> },
    /// One row per application with status, configuration and the measures.
    Fleet(Table),
    /// One row per task, operator or subtask.
    Operators { table: Table, ranking: Option<Ranking> },
    /// One row per application and measure: latest, minimum, average, maximum.
    Summary(Vec<SummaryRow>),
    /// What is known without any value.
    Facts(FactTable),
    /// Lines of logs, failures, or counts of them.
    Logs(LogView),
    /// Nothing: it would be more than one answer may hold.
    TooLarge(size::Excess),
}

impl Show {
    /// Every line: those shown, in table cells, and those that only rank or weigh.
    pub fn lines(&self) -> Vec<&Line> {
        let ranking = match self {
            Self::Series { ranking, .. } | Self::Operators { ranking, .. } => ranking.as_ref(),
            Self::Fleet(_) | Self::Summary(_) | Self::Facts(_) | Self::Logs(_) | Self::TooLarge(_) => None,
        };
        let mut lines: Vec<&Line> = match self {
            Self::Series { lines, .. } => lines.iter().collect(),
            Self::Fleet(table) | Self::Operators { table, .. } => {
                table.rows.iter().flat_map(|row| row.cells.iter().flatten()).collect()
            }
            Self::Summary(rows) => rows
                .iter()
                .flat_map(|row| [Some(&row.line), Some(&row.lowest), Some(&row.mean), row.weight.as_ref()])
                .flatten()
                .collect(),
            Self::Facts(_) | Self::Logs(_) | Self::TooLarge(_) => Vec::new(),
        };
        lines.extend(ranking.into_iter().flat_map(|ranking| &ranking.by));
        lines
    }
}

impl Show {
    /// What the lines and rows are about.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        let (lines, rows, summary) = match self {
            Self::Series { lines, .. } => (lines.as_slice(), [].as_slice(), [].as_slice()),
            Self::Fleet(table) | Self::Operators { table, .. } => ([].as_slice(), table.rows.as_slice(), [].as_slice()),
            Self::Summary(rows) => ([].as_slice(), [].as_slice(), rows.as_slice()),
            Self::Facts(_) | Self::Logs(_) | Self::TooLarge(_) => ([].as_slice(), [].as_slice(), [].as_slice()),
        };
        let of_lines = lines.iter().map(|line| &line.target);
        of_lines.chain(rows.iter().map(|row| &row.target)).chain(summary.iter().map(|row| &row.line.target))
    }
}

/// Rows and the measures of their cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub measures: Vec<Arc<Measure>>,
    pub rows: Vec<Row>,
    /// How many of the measures are columns. The others are the verdict's, which are about the end of the range; a
    /// signal may be both.
    pub shown: usize,
    /// Price of one KPU hour in dollars.
    pub kpu_price: f64,
}

/// One row of the checkpoint summary.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// The highest value per bucket.
    pub line: Line,
    /// The lowest and the mean value per bucket: of the highest ones neither the minimum nor the average is true.
    pub lowest: Line,
    pub mean: Line,
    /// Completed checkpoints per bucket, so that the average is one over checkpoints and not over minutes.
    pub weight: Option<Line>,
}

/// What is known of an application that a query names.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationState {
    pub name: ApplicationName,
    pub account: Option<AccountId>,
    /// None where DescribeApplication gave nothing.
    pub description: Option<Arc<Description>>,
    /// None where no list has it.
    pub listed: Option<ApplicationSummary>,
    /// Whether AWS says that there is no such application.
    pub unknown: bool,
    /// Why it was not described, in words; None where it was, or is unknown.
    pub undescribed: Option<String>,
    pub series: SeriesState,
    /// Whether the author wrote its name.
    pub is_named: bool,
}

impl ApplicationState {
    /// The state of an application of the place's own account; `description` is None where it was not asked for.
    pub fn new(
        name: ApplicationName,
        description: Option<Result<&Arc<Description>, &CallError>>,
        series: SeriesState,
    ) -> Self {
        let error = description.and_then(Result::err);
        let unknown = error.is_some_and(|error| error.kind == CallErrorKind::NotFound);
        let undescribed = error.filter(|_| !unknown).map(undescribed::explain);
        let description = description.and_then(Result::ok).cloned();
        Self { name, account: None, description, listed: None, unknown, undescribed, series, is_named: false }
    }

    /// As it is described, else as it is listed.
    pub fn status(&self) -> Option<&ApplicationStatus> {
        let listed = || self.listed.as_ref()?.status.as_ref();
        self.description.as_ref().map(|description| &description.status).or_else(listed)
    }

    /// The same.
    pub fn runtime(&self) -> Option<&Runtime> {
        let listed = || self.listed.as_ref()?.runtime.as_ref();
        self.description.as_ref().map(|description| &description.runtime).or_else(listed)
    }
}

/// What ListMetrics says of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesState {
    Listed(Freshness),
    /// Nothing in the last two weeks.
    None,
    /// Could not be read.
    Unreadable,
    /// It is being read, and nobody waits for it.
    Awaited,
}

/// What the data source's settings contribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanSettings {
    /// Price of one KPU hour in dollars.
    pub kpu_price: f64,
}

/// Plans all queries together, which may take what a request may by default. `now_ms` is the moment of asking.
pub fn plan(queries: &[Query], facts: &Facts, settings: PlanSettings, now_ms: i64) -> Plan {
    plan_beside(&mut size::Taken::default(), queries, facts, settings, now_ms)
}

/// The same beside other queries of the request, which have `taken` part of what one may hold.
pub fn plan_beside(
    taken: &mut size::Taken,
    queries: &[Query],
    facts: &Facts,
    settings: PlanSettings,
    now_ms: i64,
) -> Plan {
    let mut table = SeriesTable::default();
    let mut plans = Vec::with_capacity(queries.len());
    let known = scope::known_applications(queries, facts, now_ms);
    for query in queries {
        if let Some(why) = out_of_reach(query, now_ms) {
            plans.push(QueryPlan::of_nothing(query, why));
            continue;
        }
        let mut with_scope = |plan: &dyn Fn(&mut scope::QueryScope<'_, '_>) -> Show| {
            let mut scope = scope::QueryScope::new(query, facts, &known, &mut table, settings, now_ms);
            let show = plan(&mut scope);
            let show = taken.check(show, scope.series());
            scope.finish(show)
        };
        let mut plan = match &query.kind {
            Kind::Application(asked) => with_scope(&|scope| application::plan_application(asked, scope)),
            Kind::Operator(asked) => with_scope(&|scope| operator::plan_operator(asked, scope)),
            Kind::Checkpoint(asked) => with_scope(&|scope| checkpoint::plan_checkpoint(asked, scope)),
            Kind::Metric(asked) => with_scope(&|scope| metric::plan_metric(asked, scope)),
            Kind::Facts(asked) => plan_facts(asked, query, facts, now_ms),
        };
        plan.notices.extend(stale_fact(&plan, facts).map(describe_stale));
        plans.push(plan);
    }
    let mut series = table.series;
    note_users(&plans, &mut series);
    Plan { series, queries: plans }
}

/// Why something that the query rests on is older than it should be.
fn stale_fact<'f>(plan: &QueryPlan, facts: &'f Facts) -> Option<&'f Outdated> {
    let of = plan.applications.iter().map(|application| Some(application.name.clone()));
    of.chain([None]).find_map(|name| facts.stale.get(&(plan.place.clone(), name)))
}

/// The facts that a kind without series needs.
fn facts_of(asked: &FactsQuery, query: &Query, facts: &Facts, now_ms: i64) -> Needs {
    match asked {
        FactsQuery::Logs(asked) => logs::needs_of_logs(asked, query, facts, now_ms),
        FactsQuery::Tags => tags::needs_of_tags(query, facts),
    }
}

fn plan_facts(asked: &FactsQuery, query: &Query, facts: &Facts, now_ms: i64) -> QueryPlan {
    match asked {
        FactsQuery::Logs(asked) => logs::plan_logs(asked, query, facts, now_ms),
        FactsQuery::Tags => tags::plan_tags(query, facts),
    }
}

/// An alert may be decided on it: the data itself is new.
fn describe_stale(Outdated { why: error, .. }: &Outdated) -> Notice {
    let place = error.place().describe();
    Notice::info(format!("Names and states of applications in {place} may be out of date. {}", error.sentences()))
}

/// Tells each series which queries show something made of it.
fn note_users(queries: &[QueryPlan], series: &mut [PlannedSeries]) {
    for query in queries {
        for line in query.show.lines() {
            line.expr.visit_series(&mut |id| {
                series[id.0 as usize].users.insert(query.ref_id.clone());
            });
        }
    }
}
