//! Signals of one, several or all applications.

use std::collections::BTreeSet;

use super::error::QueryError;
use super::operator::{self, Top};
use super::spelling;
use super::wire::Fields;
use super::{Kind, KindRow};
use crate::catalog::aliases::{self, Meaning, UnknownName};
use crate::catalog::metric::Metric;
use crate::catalog::signal::Signal;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, signals};
use crate::place::{AccountId, ApplicationName};

pub(super) const KIND: KindRow = KindRow {
    name: "application",
    fields: &["signals", "as", "top", "statistic", "period", "legend"],
    is_prefetched: true,
    parse: |fields, _patterns| Ok(Kind::Application(parse_application(fields)?)),
};

/// An application query.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationQuery {
    /// At least one; for a table without signals, the columns of the fleet table.
    pub signals: Vec<AskedSignal>,
    pub chosen_by: ChosenBy,
    /// Of series only: the table has every application.
    pub top: Option<Top>,
    /// The applications that are highest, once that is known: nothing is asked about others.
    pub kept: Option<BTreeSet<(ApplicationName, Option<AccountId>)>>,
    pub shape: ApplicationShape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationShape {
    Series,
    Table,
}

/// Who chose the signals: what an author asked for by name is missed when it is not there, a default is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    Author,
    Default,
}

/// One asked number: a signal, or a metric as CloudWatch has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AskedSignal {
    Signal(&'static Signal),
    Metric(&'static Metric),
}

impl AskedSignal {
    /// The id on the wire.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.id,
            Self::Metric(metric) => metric.name,
        }
    }

    /// Whether it can be read with this statistic in place of its own.
    pub fn takes(&self, statistic: &Statistic) -> bool {
        match self {
            Self::Signal(signal) => signal.formula.takes(statistic),
            Self::Metric(_) => true,
        }
    }
}

const DEFAULT_SIGNALS: &[&str] = &["sourceRate", "sinkRate"];

/// The numbers of the fleet table, in the order of its columns.
pub const FLEET_SIGNALS: &[&str] = &[
    "uptime",
    "restarts",
    "sourceRate",
    "sinkRate",
    "consumerLagTime",
    "consumerLagRecords",
    "backPressure",
    "busy",
    "checkpointDuration",
    "checkpointsFailed",
    "cpu",
    "heap",
];

fn parse_application(fields: &Fields) -> Result<ApplicationQuery, QueryError> {
    let choices = [("series", ApplicationShape::Series), ("table", ApplicationShape::Table)];
    let shape = fields.choice("as", ApplicationShape::Series, &choices)?;
    let defaults = match shape {
        ApplicationShape::Series => DEFAULT_SIGNALS,
        ApplicationShape::Table => FLEET_SIGNALS,
    };
    let (signals, chosen_by) = parse_signals(fields, defaults)?;
    let top = operator::parse_top(fields, &signals)?;
    if top.is_some() && shape == ApplicationShape::Table {
        let allowed = "nothing for a table of applications, which has all of them: show series, or sort the table";
        return Err(QueryError::wrong_thing("top", "an object", allowed));
    }
    Ok(ApplicationQuery { signals, chosen_by, top, kept: None, shape })
}

/// Reads `signals`: ids of signals, CloudWatch's names, and names of older guides.
pub(super) fn parse_signals(
    fields: &Fields,
    defaults: &[&'static str],
) -> Result<(Vec<AskedSignal>, ChosenBy), QueryError> {
    let asked = fields.texts("signals")?;
    if asked.is_empty() {
        let signals: Result<_, _> = defaults.iter().map(|id| parse_signal("signals", id)).collect();
        return Ok((signals?, ChosenBy::Default));
    }
    let mut signals: Vec<AskedSignal> = Vec::with_capacity(asked.len());
    for name in asked.iter().flat_map(|text| spelling::list_of(text)) {
        let signal = parse_signal("signals", &name)?;
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    Ok((signals, ChosenBy::Author))
}

pub(super) fn parse_signal(field: &'static str, name: &str) -> Result<AskedSignal, QueryError> {
    let known = match aliases::parse_name(name) {
        Ok(Meaning::Signal(id)) => signals::signal(id).map(AskedSignal::Signal),
        Ok(Meaning::Metric(name)) => metrics::metric(name).map(AskedSignal::Metric),
        Err(unknown) => return Err(QueryError::wrong(field, name, describe_unknown(&unknown))),
    };
    known.ok_or_else(|| QueryError::wrong(field, name, "the id of a signal or the name of a metric"))
}

/// What is allowed in place of a name that the catalogue does not know.
fn describe_unknown(unknown: &UnknownName) -> String {
    match (unknown.hint, unknown.suggestions.as_slice()) {
        (Some(hint), _) => hint.trim_end_matches('.').to_owned(),
        (None, []) => {
            "the id of a signal or the name of a metric; a metric of your own goes into a metric query".to_owned()
        }
        (None, similar) => format!("for example {}", similar.join(", ")),
    }
}
