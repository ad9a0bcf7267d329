//! The signals that a query asks for.

use super::error::QueryError;
use super::spelling;
use super::wire::Fields;
use crate::catalog::aliases::{self, Meaning, UnknownName};
use crate::catalog::metric::Metric;
use crate::catalog::signal::Signal;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, signals};

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
