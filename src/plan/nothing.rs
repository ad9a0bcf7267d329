//! Why applications that publish metrics have nothing of what a query asks, in one sentence for all that share the
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Application;
use crate::catalog::level::MetricsLevel;
use crate::catalog::level::Scope;
use crate::catalog::metrics;
use crate::notice::{Notice, begin_with_applications, capital, describe_applications, describe_names};
use crate::place::ApplicationName;

/// Why there may be nothing yet.
pub const NEW_METRICS: &str = "New metrics appear a few minutes after a job starts.";

/// The reason, or how the answer was made nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nothing {
    NoMetric {
        metric: String,
        near: Vec<String>,
    },
    /// What is asked as a metric is a signal.
    Signal {
        name: String,
        kind: &'static str,
    },
    OtherDimensions {
        metric: String,
        sets: Vec<String>,
    },
    /// Each value is there, but not in these applications, or not together.
    OtherValues {
        metric: String,
    },
    LevelTooLow {
        level: MetricsLevel,
        scope: Scope,
    },
    NoMatch {
        scope: Scope,
    },
    /// There are no series per task, operator or subtask, with the reason why the metrics level is not known.
    NoneAtScope {
        scope: Scope,
        undescribed: Option<String>,
    },
    /// Of before what ListMetrics lists, where not all is named.
    NotListed {
        metric: String,
    },
    /// The same where all is named, so that it is asked for.
    AskedAsNamed {
        metric: String,
    },
}

/// The applications that have nothing, by the reason and by whether the author named them.
#[derive(Debug, Default)]
pub(super) struct Lacking(BTreeMap<(Nothing, bool), BTreeSet<ApplicationName>>);

impl Lacking {
    pub fn add(&mut self, nothing: Nothing, is_named: bool, name: &ApplicationName) {
        self.0.entry((nothing, is_named)).or_default().insert(name.clone());
    }

    /// What is missed and what is only worth knowing: an application that was named is missed, and all are where none
    /// has anything.
    pub fn into_sentences(self, applications: &[&Application<'_>]) -> (Vec<String>, Vec<Notice>) {
        let lacks = |name| self.0.iter().any(|((why, _), names)| !why.is_remark() && names.contains(name));
        let is_nowhere = applications.iter().filter(|one| one.has_series()).all(|one| lacks(&one.name));
        let (mut missing, mut notices) = (Vec::new(), Vec::new());
        for ((why, is_named), names) in &self.0 {
            match !why.is_remark() && (*is_named || is_nowhere) {
                true => missing.push(why.describe(names)),
                false => notices.push(Notice::info(why.describe(names))),
            }
        }
        (missing, notices)
    }
}

/// Longest list of dimension sets in one sentence.
const SETS_SHOWN: usize = 4;

/// What may have been meant. A name that CloudWatch has is not misspelt, only not published.
fn hint(metric: &str, near: &[String], is_one: bool) -> String {
    let it = if is_one { "it publishes" } else { "they publish" };
    if let Some(same) = near.iter().find(|name| name.eq_ignore_ascii_case(metric)) {
        return format!(" Names are case sensitive: {it} \"{same}\".");
    }
    let is_misspelt = !near.is_empty() && metrics::metric(metric).is_none();
    if is_misspelt { format!(" {} {}.", capital(it), describe_names(near)) } else { String::new() }
}

impl Nothing {
    /// Whether it is no lack: the values are asked for.
    pub fn is_remark(&self) -> bool {
        matches!(self, Self::NotListed { .. } | Self::AskedAsNamed { .. })
    }

    pub fn describe(&self, names: &BTreeSet<ApplicationName>) -> String {
        let (names, is_one) = (names.iter().collect::<Vec<_>>(), names.len() == 1);
        let (who, subject) = (describe_applications(&names), begin_with_applications(&names));
        let publish = if is_one { "publishes" } else { "publish" };
        match self {
            Self::NoMetric { metric, near } => {
                format!("{subject} {publish} no metric \"{metric}\".{}", hint(metric, near, is_one))
            }
            Self::Signal { name, kind } => format!(
                "\"{name}\" is a signal of Flinkwatch and no metric of CloudWatch: ask for it in a query of kind {kind}, as \"signals\": [\"{name}\"]."
            ),
            Self::OtherDimensions { metric, sets } => {
                let sets = sets.iter().take(SETS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
                format!("No series of \"{metric}\" has these dimensions; {who} {publish} it under {sets}.")
            }
            Self::OtherValues { metric } => {
                format!("No series of \"{metric}\" of {who} has these values of its dimensions.")
            }
            Self::LevelTooLow { level, scope } => {
                let (needed, scope) = (MetricsLevel::of(*scope), scope.as_str());
                let whose = if is_one { "the application's" } else { "their" };
                format!(
                    "{subject} {publish} metrics at level {level}; {scope}s need {needed}. Raise {whose} monitoring metrics level."
                )
            }
            Self::NoMatch { scope } => {
                let have = if is_one { "has" } else { "have" };
                format!("{subject} {have} no {}s that match the filter.", scope.as_str())
            }
            Self::NoneAtScope { scope, undescribed } => {
                let (scope, whose) = (scope.as_str(), if is_one { "its" } else { "their" });
                let why = match undescribed {
                    Some(why) => format!("Whether {whose} metrics level is the reason is not known. {why}"),
                    None => NEW_METRICS.to_owned(),
                };
                format!("{subject} {publish} no metrics of {scope}s. {why}")
            }
            Self::NotListed { metric } => format!(
                "No series of \"{metric}\" is found for {who}. Only those of the last two weeks can be found: name application and dimensions exactly for older ones."
            ),
            Self::AskedAsNamed { metric } => format!(
                "\"{metric}\" of {who} is not among the series of the last two weeks: it is asked for as it is named."
            ),
        }
    }
}
