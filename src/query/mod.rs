//! What is asked: from Grafana's JSON to a [`Query`] that holds nothing wrong.
//!
//! Only `queryType` is required of an author. Unknown fields are ignored; a wrong one is an error that names the field,
//! what was found and what is allowed. Nothing here knows AWS, the clock or the other queries.

pub mod application;
pub mod checkpoint;
mod cloudwatch;
mod effect;
pub mod error;
pub mod filter;
pub mod kinds;
pub mod lists;
pub mod logs;
pub mod metric;
pub mod operator;
mod origin;
pub mod patterns;
mod signals;
pub mod spelling;
pub mod time;
mod top;
pub mod wire;

use std::collections::BTreeSet;

use crate::catalog::statistic::{self, Statistic};
use crate::limits;
use crate::notice::Notice;
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::settings::is_region_name;

pub use application::{ApplicationQuery, ApplicationShape};
pub use checkpoint::{CheckpointQuery, CheckpointShape};
pub use error::QueryError;
pub use filter::{NameFilter, Names};
pub use kinds::{FactsQuery, KINDS, KindRow};
pub use lists::NameLists;
pub use logs::{LogText, LogsQuery, LogsShape};
pub use metric::MetricQuery;
pub use operator::{Level, OperatorQuery, OperatorShape};
pub use origin::Origin;
pub use patterns::Patterns;
pub use signals::{AskedSignal, ChosenBy};
pub use time::{PeriodWish, Resolution, TimeRange};
pub use top::Top;

/// One query as Grafana delivers it.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedQuery {
    pub ref_id: String,
    /// Grafana's own `queryType` field; the one inside the JSON comes first.
    pub query_type: String,
    pub json: Vec<u8>,
    pub range: TimeRange,
    pub resolution: Resolution,
    pub origin: Origin,
}

/// What the data source's settings contribute to a query that leaves a field out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDefaults {
    pub region: Region,
    /// The application of queries that name none.
    pub application: Option<String>,
}

/// One valid query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub ref_id: String,
    pub place: Place,
    pub range: TimeRange,
    pub resolution: Resolution,
    pub origin: Origin,
    pub period: PeriodWish,
    /// Overrides the right statistic.
    pub statistic: Option<Statistic>,
    /// A legend such as `{{application}} {{signal}}`.
    pub legend: Option<String>,
    /// At least one; `NameFilter::Any` stands for all running applications.
    pub applications: Vec<NameFilter>,
    pub exclude: NameLists,
    /// A name has to be in each of them as well.
    pub only: Vec<NameLists>,
    /// The applications that `applications` and `only` select together, where no list of them is needed to say it. At
    /// least one.
    pub selected: Vec<NameFilter>,
    /// How something was read that an author may have meant otherwise.
    pub notices: Vec<Notice>,
    pub kind: Kind,
}

/// The query kinds that are answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Application(ApplicationQuery),
    Operator(OperatorQuery),
    Checkpoint(CheckpointQuery),
    Metric(MetricQuery),
    Facts(FactsQuery),
}

impl Kind {
    pub fn row(&self) -> &'static KindRow {
        match self {
            Self::Application(_) => &application::KIND,
            Self::Operator(_) => &operator::KIND,
            Self::Checkpoint(_) => &checkpoint::KIND,
            Self::Metric(_) => &metric::KIND,
            Self::Facts(asked) => asked.row(),
        }
    }
}

impl Query {
    /// Whether the answer is a table with a row per application.
    pub fn is_fleet_table(&self) -> bool {
        matches!(&self.kind, Kind::Application(asked) if asked.shape == ApplicationShape::Table)
    }

    /// The query that finds the highest applications, where others than the signal that ranks them are shown: those are
    /// worth asking of the highest only. An alert asks all at once, so that nothing it depends on is left out.
    pub fn ranking_alone(&self) -> Option<Self> {
        let Kind::Application(asked) = &self.kind else { return None };
        let top = asked.top.filter(|top| asked.signals != [top.by] && self.origin == Origin::Panel)?;
        let ranking = ApplicationQuery { signals: vec![top.by], ..asked.clone() };
        Some(Self { kind: Kind::Application(ranking), ..self.clone() })
    }

    /// Asks about these applications only.
    pub fn keep(&mut self, highest: BTreeSet<(ApplicationName, Option<AccountId>)>) {
        if let Kind::Application(asked) = &mut self.kind {
            asked.kept = Some(highest);
        }
    }

    /// Who chose the numbers that are shown.
    pub fn chosen_by(&self) -> ChosenBy {
        match &self.kind {
            Kind::Application(asked) => asked.chosen_by,
            Kind::Operator(asked) => asked.chosen_by,
            Kind::Checkpoint(asked) => asked.chosen_by,
            Kind::Metric(_) | Kind::Facts(_) => ChosenBy::Author,
        }
    }

    /// The signals that are asked for; None where a metric is.
    pub fn signals(&self) -> Option<&[AskedSignal]> {
        match &self.kind {
            Kind::Application(asked) => Some(&asked.signals),
            Kind::Operator(asked) => Some(&asked.signals),
            Kind::Checkpoint(asked) => Some(&asked.signals),
            Kind::Metric(_) | Kind::Facts(_) => None,
        }
    }

    /// Whether an application is neither excluded nor kept out by `only`.
    pub fn lets_through(&self, application: &str) -> bool {
        let is_in = |only: &NameLists| only.applications.is_empty() || only.has_application(application);
        self.only.iter().all(is_in) && !self.exclude.has_application(application)
    }

    /// Whether the author wrote this very application. What is named is expected to be there; of "all", or of a
    /// pattern, what there is.
    pub fn names(&self, application: &str) -> bool {
        self.selected.iter().any(|filter| filter.exact() == Some(application))
    }

    /// Whether the author wrote the name of a task, an operator or a dimension's value.
    pub fn names_parts(&self) -> bool {
        let has_name = |filters: &[NameFilter]| filters.iter().any(|filter| filter.exact().is_some());
        match &self.kind {
            Kind::Application(_) | Kind::Checkpoint(_) | Kind::Facts(_) => false,
            Kind::Operator(asked) => has_name(&asked.tasks) || has_name(&asked.operators),
            Kind::Metric(asked) => asked.dimensions.values().any(|filters| has_name(filters)),
        }
    }
}

/// Fields that targets of other data sources have too, or get from a dashboard's filters.
const SHARED_FIELDS: &[&str] = &["region", "accountId", "dimensions", "statistic", "period", "exclude", "only"];

/// The version of the query's shape that this code writes and reads.
const SCHEMA: i64 = 1;

/// Reads one query that is alone in its request.
pub fn parse_query(asked: &AskedQuery, defaults: &QueryDefaults) -> Result<Query, QueryError> {
    parse_one(asked, defaults, &mut Patterns::default())
}

/// Reads one query of a request. What the request's queries may compile is shared by them.
pub fn parse_one(asked: &AskedQuery, defaults: &QueryDefaults, patterns: &mut Patterns) -> Result<Query, QueryError> {
    let fields = wire::Fields::parse(&asked.json)?;
    check_schema(&fields)?;
    let query_type = query_type(&fields, asked)?;
    // An editor that was opened on such a target may have added a kind.
    let may_be_foreign = query_type.is_empty() || !fields.has_any(&own_fields());
    let translated = if may_be_foreign { cloudwatch::translate(&fields)? } else { None };
    let Some((metric, lost)) = translated else {
        return parse_fields(asked, &query_type, &fields, defaults, patterns, Vec::new());
    };
    let mut notices = vec![Notice::info("This is a query of the CloudWatch data source, read as a metric query.")];
    notices.extend(lost);
    notices.extend(effect::check_target(&fields, asked.origin)?);
    let read = parse_fields(asked, "metric", &metric, defaults, patterns, notices);
    read.map_err(|error| error.with_field(|field| cloudwatch::written_as(&fields, field)))
}

fn parse_fields(
    asked: &AskedQuery,
    query_type: &str,
    fields: &wire::Fields,
    defaults: &QueryDefaults,
    patterns: &mut Patterns,
    mut notices: Vec<Notice>,
) -> Result<Query, QueryError> {
    let kind = parse_kind(query_type, fields, patterns)?;
    check_shape(&kind, asked.origin)?;
    time::check_range(asked.range)?;
    let (period, read_period) = time::parse_period(fields, asked.resolution)?;
    notices.extend(read_period);
    let (place, statistic, legend) = (parse_place(fields, defaults)?, parse_statistic(fields)?, parse_legend(fields)?);
    let (exclude, only) = (lists::parse_exclude(fields, patterns)?, lists::parse_only(fields, patterns)?);
    // A wrong field comes before a missing choice.
    let applications = parse_applications(fields, defaults, &only, patterns)?;
    let selected = lists::narrow(&applications, &only);
    if selected.is_empty() {
        return Err(QueryError::NothingLeft { asked: describe_filters(&applications) });
    }
    let query = Query {
        ref_id: asked.ref_id.clone(),
        place,
        range: asked.range,
        resolution: asked.resolution,
        origin: asked.origin,
        period,
        statistic,
        legend,
        applications,
        exclude,
        only,
        selected,
        notices,
        kind,
    };
    effect::check(fields, query)
}

/// Fields that an author fills in and no target of another data source has.
fn own_fields() -> Vec<&'static str> {
    let special = kinds::special_fields().into_iter().filter(|field| !SHARED_FIELDS.contains(field));
    std::iter::once("applications").chain(special).collect()
}

fn check_schema(fields: &wire::Fields) -> Result<(), QueryError> {
    let schema = fields.integer("schema")?.unwrap_or(SCHEMA);
    if schema < 0 {
        return Err(QueryError::wrong_thing("schema", schema, format!("0 to {SCHEMA}")));
    }
    if schema > SCHEMA {
        return Err(QueryError::NewerSchema { found: schema, known: SCHEMA });
    }
    Ok(())
}

fn parse_kind(query_type: &str, fields: &wire::Fields, patterns: &mut Patterns) -> Result<Kind, QueryError> {
    let name = match query_type {
        // With anything filled in and without a kind it is an application that is asked for.
        "" if fields.has_any(&own_fields()) || fields.has_any(SHARED_FIELDS) => application::KIND.name,
        "" => return Err(QueryError::NothingChosen),
        name => name,
    };
    let kind = KINDS.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| QueryError::wrong("queryType", name, kinds::names().join(", ")))?;
    (kind.parse)(fields, patterns)
}

/// Grafana's expressions take lines, or a table that has one column of numbers, whose texts are labels (Grafana,
/// "Alerting on numeric data"). Of any other table a rule fails with words that tell nobody what to do.
fn check_shape(kind: &Kind, origin: Origin) -> Result<(), QueryError> {
    let shape = match kind {
        Kind::Application(asked) if asked.shape == ApplicationShape::Table => "table",
        Kind::Operator(asked) if asked.shape == OperatorShape::Table && asked.signals.len() != 1 => "table",
        Kind::Checkpoint(asked) if asked.shape == CheckpointShape::Summary => "summary",
        Kind::Facts(FactsQuery::Logs(asked)) => match asked.shape {
            LogsShape::Counts { .. } => return Ok(()),
            LogsShape::Lines => "logs",
            LogsShape::Causes => "table",
        },
        Kind::Facts(asked) if origin == Origin::Alert => {
            let allowed = "application, operator, checkpoint or metric in an alert rule: the others have no numbers that Grafana evaluates";
            return Err(QueryError::wrong("queryType", asked.row().name, allowed));
        }
        Kind::Application(_) | Kind::Operator(_) | Kind::Checkpoint(_) | Kind::Metric(_) | Kind::Facts(_) => {
            return Ok(());
        }
    };
    if origin == Origin::Panel {
        return Ok(());
    }
    Err(QueryError::wrong(
        "as",
        shape,
        "\"series\" in an alert rule: Grafana evaluates lines, or a table with one column of numbers, which is an operator query of one signal",
    ))
}

/// The first few of the filters.
fn describe_filters(filters: &[NameFilter]) -> String {
    let shown = filters.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if filters.len() > 3 { format!("{shown} and {} more", filters.len() - 3) } else { shown }
}

/// The field inside the JSON comes before Grafana's own.
fn query_type(fields: &wire::Fields, asked: &AskedQuery) -> Result<String, QueryError> {
    let written = fields.text("queryType")?.filter(|name| !name.is_empty());
    Ok(written.unwrap_or_else(|| asked.query_type.clone()))
}

fn parse_place(fields: &wire::Fields, defaults: &QueryDefaults) -> Result<Place, QueryError> {
    let region = match fields.text("region")?.as_deref() {
        None | Some("" | "default") => defaults.region.clone(),
        Some(name) => parse_region(name)?,
    };
    let account = match fields.text("accountId")?.as_deref() {
        None | Some("") => Account::Own,
        Some("all") => Account::All,
        Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => {
            Account::Linked(AccountId::new(id.to_owned()))
        }
        Some(other) => return Err(QueryError::wrong("accountId", other, "twelve digits, or \"all\"")),
    };
    Ok(Place { region, account })
}

fn parse_region(name: &str) -> Result<Region, QueryError> {
    if !is_region_name(name) {
        return Err(QueryError::wrong("region", name, "\"default\" or a region's name such as \"eu-west-1\""));
    }
    Ok(Region::new(name.to_owned()))
}

fn parse_legend(fields: &wire::Fields) -> Result<Option<String>, QueryError> {
    let legend = fields.shown_text("legend", limits::LEGEND_BYTES)?;
    Ok(legend.filter(|legend| !legend.is_empty() && legend != "auto"))
}

fn parse_statistic(fields: &wire::Fields) -> Result<Option<Statistic>, QueryError> {
    match fields.text("statistic")?.as_deref() {
        None | Some("" | "auto") => Ok(None),
        Some(text) => {
            Statistic::parse(text).map(Some).ok_or_else(|| QueryError::wrong("statistic", text, statistic::ALLOWED))
        }
    }
}

/// The applications asked for; without any, those that `only` names, else the default application.
fn parse_applications(
    fields: &wire::Fields,
    defaults: &QueryDefaults,
    only: &[NameLists],
    patterns: &mut Patterns,
) -> Result<Vec<NameFilter>, QueryError> {
    let asked = filter::parse_filters(fields, "applications", Names::Applications, patterns)?;
    if !asked.is_empty() {
        return Ok(asked);
    }
    if only.iter().any(|only| !only.applications.is_empty()) {
        return Ok(vec![NameFilter::Any]);
    }
    let default = defaults.application.clone().ok_or(QueryError::NoApplication)?;
    Ok(vec![NameFilter::Exact(default)])
}
