//! Why a signal cannot be answered for a target, as facts and in one sentence.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::level::MetricsLevel;
use crate::catalog::signal::Scope;
use crate::notice::{Notice, Severity, describe_names};
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

/// Absences of a query, gathered so that ten applications with one reason make one notice.
#[derive(Debug, Default)]
pub(super) struct Absences(BTreeMap<(Cow<'static, str>, Absence), Vec<String>>);

impl Absences {
    pub fn add(&mut self, signal: Cow<'static, str>, absence: Absence, target: String) {
        let targets = self.0.entry((signal, absence)).or_default();
        if !targets.contains(&target) {
            targets.push(target);
        }
    }

    /// Leaves out what is said of one signal: some rows of its column have it, so the gaps explain themselves.
    pub fn forget(&mut self, signal: &str) {
        self.0.retain(|(known, _), _| &**known != signal);
    }

    /// One notice per signal and reason. `severity` is for what was asked for by name; the ends of a job never have some signals.
    pub fn into_notices(self, severity: Severity) -> Vec<Notice> {
        let notice = |((signal, absence), targets): ((Cow<'static, str>, Absence), Vec<String>)| Notice {
            severity: if absence == Absence::EndOfJob { Severity::Info } else { severity },
            text: describe_absence(&signal, &absence, &targets),
        };
        self.0.into_iter().map(notice).collect()
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
