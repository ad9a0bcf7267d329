//! Why a signal cannot be answered for a target, as facts and in one sentence.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::nothing::Nothing;
use super::undescribed;
use crate::catalog::level::MetricsLevel;
use crate::catalog::level::Scope;
use crate::catalog::metric::Runtimes;
use crate::catalog::metrics;
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::notice::{Notice, describe_names};
use crate::place::ApplicationName;

/// The reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// The application publishes none of these metrics.
    NotPublished { metrics: Vec<Arc<str>> },
    /// The signal does not exist at this level.
    NotAtScope { scope: Scope },
    /// More would be published at a higher MetricsLevel.
    LevelTooLow { needed: MetricsLevel },
    /// The application's configuration or job plan is needed and not known, for a reason in words.
    NoDescription { reason: String },
    /// Checkpointing is switched off.
    NoCheckpointing,
    /// A source or sink task: records cross the border of the job there, where Flink does not count them.
    EndOfJob,
    /// No task is known to be a source, or a sink.
    NoEnds { ends: &'static str },
}

impl Absence {
    /// Whether a job may rightly never have it: it reads from something else, has no such operators, or is configured
    /// so. What does not exist at this level, or what every job of this runtime publishes, is missing for another
    /// reason.
    pub(super) fn depends_on_job(&self, runtime: Option<&Runtime>, scope: Scope) -> bool {
        let is_due = |name: &Arc<str>| {
            metrics::metric(name).is_some_and(|metric| match (metric.runtimes, runtime) {
                // A job of Flink never has it.
                (Runtimes::Studio | Runtimes::Sql, Some(Runtime::Flink(..))) => true,
                (runtimes, Some(runtime)) => metrics::is_of_every_job(metric) && runtimes.cover(runtime),
                (runtimes, None) => metrics::is_of_every_job(metric) && runtimes == Runtimes::AllFlink,
            })
        };
        match self {
            Self::NotPublished { metrics } => !metrics.iter().any(is_due),
            // A job of one task, of which only its operators would tell.
            Self::LevelTooLow { .. } => scope == Scope::Application,
            Self::NoDescription { .. } | Self::NoCheckpointing | Self::NoEnds { .. } => true,
            Self::NotAtScope { .. } | Self::EndOfJob => false,
        }
    }
}

impl Absence {
    pub(super) fn undescribed(error: &CallError) -> Self {
        Self::NoDescription { reason: undescribed::explain(error) }
    }

    /// The same of an application that could not be described for `error`: what else would make up for it is no reason
    /// then.
    pub(super) fn without_description(self, error: &CallError) -> Self {
        match self {
            Self::NoDescription { .. } | Self::NoEnds { .. } | Self::LevelTooLow { .. } => Self::undescribed(error),
            Self::NotPublished { .. } | Self::NotAtScope { .. } | Self::NoCheckpointing | Self::EndOfJob => self,
        }
    }
}

/// Whether an author counts on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expected {
    /// The author wrote application and signal.
    ByName,
    /// The author wrote application and signal, and no task of which not every one needs to have it: one of them
    /// should.
    OfParts(ApplicationName),
    /// The author wrote the signal, of all applications or of those that match a pattern: one of them should have it.
    OfAny,
    /// As `OfAny`, but no job needs to have it; or a default.
    OfSome,
}

/// Signals of which a job has the one or the other: by its connectors, or by its version of Flink.
const ALTERNATIVES: [&[&str]; 2] =
    [&["consumerLagTime", "consumerLagRecords"], &["downtime", "restartingTime", "failingTime", "cancellingTime"]];

fn alternatives(signal: &str) -> impl Iterator<Item = &'static str> {
    let of_signal = ALTERNATIVES.iter().filter(move |names| names.contains(&signal));
    of_signal.flat_map(|names| *names).copied().filter(move |name| *name != signal)
}

/// An application, and what of it has no value, as people read it.
type Target = (ApplicationName, String);

/// Absences of a query, gathered so that ten applications with one reason make one sentence.
#[derive(Debug, Default)]
pub(super) struct Absences {
    targets: BTreeMap<(Cow<'static, str>, Absence, Expected), Vec<Target>>,
    /// Signals of which there is some line, and the applications that have one.
    shown: BTreeMap<Cow<'static, str>, BTreeSet<ApplicationName>>,
}

impl Absences {
    pub fn add(&mut self, signal: Cow<'static, str>, (absence, expected): (Absence, Expected), target: Target) {
        let targets = self.targets.entry((signal, absence, expected)).or_default();
        if !targets.contains(&target) {
            targets.push(target);
        }
    }

    pub fn note_shown(&mut self, signal: Cow<'static, str>, application: &ApplicationName) {
        self.shown.entry(signal).or_default().insert(application.clone());
    }

    /// Leaves out what is said of one signal: some rows of its column have it, so the gaps explain themselves.
    pub fn forget(&mut self, signal: &str) {
        self.targets.retain(|(known, ..), _| &**known != signal);
    }

    /// Leaves out what is said of applications that have the alternative: a panel asks for both because it does not
    /// know which.
    pub fn forget_replaced(&mut self) {
        let shown = &self.shown;
        self.targets.retain(|(signal, absence, _), targets| {
            let is_replaced = |application: &ApplicationName| {
                let has = |other: &str| shown.get(other).is_some_and(|shown| shown.contains(application));
                alternatives(signal).any(has)
            };
            if matches!(absence, Absence::NotPublished { .. }) {
                targets.retain(|(application, _)| !is_replaced(application));
            }
            !targets.is_empty()
        });
    }

    /// Leaves out what is said of applications that nobody named, but where none has the signal, or of the signal
    /// `kept`.
    pub fn forget_unnamed(&mut self, kept: Option<&str>) {
        let is_told = |signal: &str| kept == Some(signal) || !self.shown.contains_key(signal);
        let is_named = |expected: &Expected| matches!(expected, Expected::ByName | Expected::OfParts(_));
        self.targets.retain(|(signal, _, expected), _| is_named(expected) || is_told(signal));
    }

    /// A sentence per signal and reason: what is missed, and what is only worth knowing. The ends of a job never have
    /// some signals, so those are missed only where nothing else has them either.
    pub fn into_sentences(self) -> (Vec<String>, Vec<Notice>) {
        let (mut missing, mut notices) = (Vec::new(), Vec::new());
        for ((signal, absence, expected), targets) in &self.targets {
            let mut names: Vec<&str> = Vec::new();
            for (_, target) in targets {
                if !names.contains(&&**target) {
                    names.push(target);
                }
            }
            let text = describe_absence(signal, absence, &names);
            let shown = self.shown.get(signal);
            let is_shown = shown.is_some();
            let is_missed = match expected {
                Expected::ByName => *absence != Absence::EndOfJob || !is_shown,
                Expected::OfParts(application) => shown.is_none_or(|shown| !shown.contains(application)),
                Expected::OfAny => !is_shown,
                Expected::OfSome => false,
            };
            if is_missed {
                missing.push(text);
            } else {
                notices.push(Notice::info(text));
            }
        }
        (missing, notices)
    }
}

fn describe_absence(signal: &str, absence: &Absence, targets: &[&str]) -> String {
    let of = describe_names(targets);
    match absence {
        Absence::NotPublished { metrics } => {
            format!("No \"{signal}\" for {of}: CloudWatch lists no series of {}.", metrics.join(" or "))
        }
        Absence::NotAtScope { scope } => {
            format!("No \"{signal}\" for {of}: it does not exist per {}.", describe_scope(*scope))
        }
        Absence::LevelTooLow { needed } => format!(
            "No \"{signal}\" for {of}: it needs the metrics level {needed} or higher. Raise the application's monitoring metrics level."
        ),
        Absence::NoDescription { reason } => {
            format!("No \"{signal}\" for {of}: it needs the application's configuration, which is not known. {reason}")
        }
        Absence::NoCheckpointing => format!("No \"{signal}\" for {of}: checkpointing is switched off."),
        Absence::EndOfJob => {
            format!("No \"{signal}\" for {of}: a source or sink task counts records on one side only.")
        }
        Absence::NoEnds { ends } => format!("No \"{signal}\" for {of}: no task is recognisable as a {ends}."),
    }
}

/// Why an application publishes nothing per task, operator or subtask; None where its metrics level is not the reason.
pub fn describe_level(name: &ApplicationName, level: MetricsLevel, scope: Scope) -> Option<String> {
    let is_too_low = level < MetricsLevel::of(scope);
    is_too_low.then(|| Nothing::LevelTooLow { level, scope }.describe(&BTreeSet::from([name.clone()])))
}

fn describe_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Application => "application",
        Scope::Task => "task",
        Scope::Operator => "operator; it exists per task",
        Scope::Subtask => "subtask",
    }
}
