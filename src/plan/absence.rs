//! Why a signal cannot be answered for a target, as facts and in one sentence.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::level::MetricsLevel;
use crate::catalog::signal::Scope;
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
    /// DescribeApplication is needed, and could not be read.
    NoDescription,
    /// Checkpointing is switched off.
    NoCheckpointing,
    /// A source or sink task: records cross the border of the job there, where Flink does not count them.
    EndOfJob,
    /// No task is known to be a source, or a sink.
    NoEnds { ends: &'static str },
}

/// Whether an author counts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expected {
    /// The author wrote application and signal.
    ByName,
    /// One of all, or a default: a fleet is mixed by nature.
    OfMany,
}

/// Absences of a query, gathered so that ten applications with one reason make one sentence.
#[derive(Debug, Default)]
pub(super) struct Absences {
    targets: BTreeMap<(Cow<'static, str>, Absence, Expected), Vec<String>>,
    /// Signals of which there is some line.
    shown: BTreeSet<Cow<'static, str>>,
}

impl Absences {
    pub fn add(&mut self, signal: Cow<'static, str>, (absence, expected): (Absence, Expected), target: String) {
        let targets = self.targets.entry((signal, absence, expected)).or_default();
        if !targets.contains(&target) {
            targets.push(target);
        }
    }

    pub fn note_shown(&mut self, signal: Cow<'static, str>) {
        self.shown.insert(signal);
    }

    /// Leaves out what is said of one signal: some rows of its column have it, so the gaps explain themselves.
    pub fn forget(&mut self, signal: &str) {
        self.targets.retain(|(known, ..), _| &**known != signal);
    }

    /// Leaves out what is said of applications that nobody named.
    pub fn forget_unnamed(&mut self) {
        self.targets.retain(|(.., expected), _| *expected == Expected::ByName);
    }

    /// A sentence per signal and reason: what is missed, and what is only worth knowing. The ends of a job never have some signals, so
    /// those are missed only where nothing else has them either.
    pub fn into_sentences(self) -> (Vec<String>, Vec<Notice>) {
        let (mut missing, mut notices) = (Vec::new(), Vec::new());
        for ((signal, absence, expected), targets) in &self.targets {
            let text = describe_absence(signal, absence, targets);
            let is_usual = *absence == Absence::EndOfJob && self.shown.contains(signal);
            match expected {
                Expected::ByName if !is_usual => missing.push(text),
                Expected::ByName | Expected::OfMany => notices.push(Notice::info(text)),
            }
        }
        (missing, notices)
    }
}

fn describe_absence(signal: &str, absence: &Absence, targets: &[String]) -> String {
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
        Absence::NoDescription => format!(
            "No \"{signal}\" for {of}: it needs the application's configuration. Add kinesisanalytics:DescribeApplication to the policy of this data source."
        ),
        Absence::NoCheckpointing => format!("No \"{signal}\" for {of}: checkpointing is switched off."),
        Absence::EndOfJob => {
            format!("No \"{signal}\" for {of}: a source or sink task counts records on one side only.")
        }
        Absence::NoEnds { ends } => format!("No \"{signal}\" for {of}: no task is recognisable as a {ends}."),
    }
}

/// Why an application publishes nothing per task, operator or subtask; None where its metrics level is not the reason.
pub fn describe_level(name: &ApplicationName, level: Option<MetricsLevel>, scope: Scope) -> Option<String> {
    let (level, needed) = (level?, MetricsLevel::of(scope));
    let scope = scope.as_str();
    (level < needed).then(|| {
        format!(
            "Application \"{name}\" publishes metrics at level {level}; {scope}s need {needed}. Raise the application's monitoring metrics level."
        )
    })
}

fn describe_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Application => "application",
        Scope::Task => "task",
        Scope::Operator => "operator; it exists per task",
        Scope::Subtask => "subtask",
    }
}
