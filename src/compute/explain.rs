//! Why an answer is empty or incomplete.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::Columns;
use super::{AnswerError, stopped};
use crate::answers::Completeness;
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::model::application::ApplicationStatus;
use crate::model::series::Freshness;
use crate::notice::{Notice, begin_with_applications, describe_applications, describe_names};
use crate::place::ApplicationName;
use crate::plan::line::Line;
use crate::plan::{ApplicationState, NEW_METRICS, QueryPlan, SeriesState};
use crate::query::Origin;

/// Warnings of failed facts, failed calls, unknown applications and incomplete columns of a query; an error where
/// nothing is left to show.
pub fn findings(query: &QueryPlan, columns: &Columns<'_>) -> Result<Vec<Notice>, AnswerError> {
    let lines = query.show.lines();
    let mut failed = failed_facts(query);
    let mut answered = 0;
    for line in &lines {
        let errors = columns.errors(&line.expr);
        answered += usize::from(errors.is_empty() || columns.has_values(&line.expr));
        for error in errors {
            add_failure(&mut failed, error, Some(&line.target.application));
        }
    }
    let unknown = unknown_applications(query);
    // An alert gets all or nothing, and then the failure itself: its status tells throttling from a lost permission.
    let is_all_lost = answered == 0 || query.origin == Origin::Alert;
    if is_all_lost && let Some((error, applications)) = failed.first().cloned() {
        return Err(AnswerError::Call { error, applications });
    }
    if answered == 0 {
        if !unknown.is_empty() && unknown.len() == query.applications.len() {
            let place = query.place.clone();
            return Err(AnswerError::UnknownApplications { names: unknown, place });
        }
        return Ok(Vec::new());
    }
    let mut notices: Vec<Notice> = failed.iter().map(describe_failure).collect();
    notices.extend((!unknown.is_empty()).then(|| Notice::warning(describe_unknown(&unknown, query))));
    notices.extend(incomplete(&lines, columns));
    Ok(notices)
}

/// A failure, and the applications that it is about.
pub type Failed = (CallError, Vec<ApplicationName>);

/// The facts that could not be had, each failure once.
pub fn failed_facts(query: &QueryPlan) -> Vec<Failed> {
    let mut failed = Vec::new();
    for (application, error) in &query.failures {
        add_failure(&mut failed, error, application.as_ref());
    }
    failed
}

fn describe_unknown(names: &[ApplicationName], query: &QueryPlan) -> String {
    let are = if names.len() == 1 { "is" } else { "are" };
    format!("There {are} no {} in {}.", describe_applications(names), query.place.describe())
}

fn add_failure(failed: &mut Vec<Failed>, error: &CallError, application: Option<&ApplicationName>) {
    let position = failed.iter().position(|(known, _)| known == error).unwrap_or_else(|| {
        failed.push((error.clone(), Vec::new()));
        failed.len() - 1
    });
    let applications = &mut failed[position].1;
    if let Some(name) = application
        && !applications.contains(name)
    {
        applications.push(name.clone());
    }
}

fn unknown_applications(query: &QueryPlan) -> Vec<ApplicationName> {
    let is_unknown = |state: &&ApplicationState| state.unknown && state.series == SeriesState::None;
    query.applications.iter().filter(is_unknown).map(|state| state.name.clone()).collect()
}

fn incomplete(lines: &[&Line], columns: &Columns<'_>) -> Option<Notice> {
    let worst = lines.iter().map(|line| columns.completeness(&line.expr)).max()?;
    let of_worst = lines.iter().filter(|line| columns.completeness(&line.expr) == worst);
    let names: BTreeSet<&str> = of_worst.clone().map(|line| &*line.measure.signal).collect();
    let said: BTreeSet<&str> = of_worst.flat_map(|line| columns.messages(&line.expr)).collect();
    let said = said.first().map_or(String::new(), |first| format!(" ({first})"));
    let of = format!("{}{said}", describe_names(&names.into_iter().collect::<Vec<_>>()));
    let text = match worst {
        Completeness::Complete => return None,
        Completeness::Partial => {
            format!("CloudWatch returned only part of the data of {of}. Refresh in a moment for the rest.")
        }
        Completeness::Failed => {
            format!("CloudWatch failed on some of the series of {of}; they are missing. Refresh in a moment.")
        }
        Completeness::Forbidden => {
            format!(
                "This data source's identity may not read some of the series of {of}; they are missing. Check cloudwatch:GetMetricData in its policy, and what linked accounts share."
            )
        }
    };
    Some(Notice::warning(text))
}

pub fn describe_failure((error, applications): &Failed) -> Notice {
    let of = if applications.is_empty() { String::new() } else { format!(" of {}", describe_names(applications)) };
    Notice::error(format!("Data{of} in {} is missing. {}", error.place().describe(), error.sentences()))
}

/// Why nothing at all is shown, a notice for each reason; `speak_up` when nothing else has been said yet.
pub fn explain_empty(query: &QueryPlan, speak_up: bool) -> Vec<Notice> {
    if query.applications.is_empty() {
        if !query.missing.is_empty() {
            return Vec::new();
        }
        let place = query.place.describe();
        let why = || format!("No application in {place} matches, or none is running.");
        return vec![Notice::info(query.why_none.clone().unwrap_or_else(why))];
    }
    let mut notices =
        describe_reasons(query.applications.iter().filter_map(|state| Some((reason(state)?, &state.name))));
    if notices.is_empty() && speak_up {
        notices.push(Notice::info(format!("CloudWatch has no data for this in the time range. {NEW_METRICS}")));
    }
    notices
}

/// Applications that the author named and that are not among the lines beside others. Of those that have no line for
/// another reason that is said already.
pub fn explain_unshown(query: &QueryPlan, columns: &Columns<'_>) -> Vec<Notice> {
    let shown = stopped::shown_applications(query, columns);
    let planned: BTreeSet<_> = query.show.targets().map(|target| &target.application).collect();
    let is_unshown = |state: &&ApplicationState| {
        let has_lines = planned.contains(&state.name) || state.series == SeriesState::None;
        state.is_named && has_lines && !state.unknown && !shown.contains(&state.name)
    };
    let unshown = query.applications.iter().filter(is_unshown);
    describe_reasons(unshown.map(|state| (reason(state).unwrap_or(Reason::NoValues), &state.name)))
}

/// Why an application has nothing to show, if there is a reason.
pub fn explain_application(state: &ApplicationState) -> Option<String> {
    Some(reason(state)?.describe(&[&state.name]))
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Stopped,
    Unknown,
    /// With the reason why it is not known whether it exists.
    NeverPublished(Option<String>),
    Status(String),
    OtherKind((&'static str, &'static str)),
    /// With the reason why it is not known whether it is stopped.
    Quiet(Option<String>),
    NoValues,
}

fn reason(state: &ApplicationState) -> Option<Reason> {
    let status = state.description.as_ref().map(|description| &description.status);
    match (status, state.series) {
        (Some(ApplicationStatus::Ready), _) => Some(Reason::Stopped),
        (_, SeriesState::None) if state.unknown => Some(Reason::Unknown),
        (_, SeriesState::None) => Some(Reason::NeverPublished(state.undescribed.clone())),
        (Some(status), _) if *status != ApplicationStatus::Running => Some(Reason::Status(status.as_str().to_owned())),
        (Some(_), _) if let Some(kind) = other_kind(state) => Some(Reason::OtherKind(kind)),
        (_, SeriesState::Listed(Freshness::Stale)) => Some(Reason::Quiet(state.undescribed.clone())),
        (_, SeriesState::Listed(Freshness::RecentlyActive) | SeriesState::Unreadable | SeriesState::Awaited) => None,
    }
}

/// What one application, and several, are that publish metrics of their own kind.
fn other_kind(state: &ApplicationState) -> Option<(&'static str, &'static str)> {
    match state.description.as_ref()?.runtime {
        Runtime::Studio(_) => Some(("a Studio notebook", "Studio notebooks")),
        Runtime::Sql => Some(("an SQL application", "SQL applications")),
        Runtime::Flink(..) | Runtime::Other(_) => None,
    }
}

impl Reason {
    fn describe(&self, names: &[&ApplicationName]) -> String {
        let (who, subject) = (describe_applications(names), begin_with_applications(names));
        let is_one = names.len() == 1;
        let (is, has) = if is_one { ("is", "has") } else { ("are", "have") };
        let (it, s) = if is_one { ("it", "s") } else { ("they", "") };
        match self {
            Self::Stopped => format!("{subject} {is} stopped (status READY): a stopped application publishes nothing."),
            Self::Unknown => format!("There {is} no {who}."),
            Self::NeverPublished(None) => {
                format!("{subject} {has} published no metrics in the last two weeks. A new one needs up to 15 minutes.")
            }
            Self::NeverPublished(Some(why)) => format!(
                "{subject} {has} published no metrics in the last two weeks, and whether {it} exist{s} is not known. {why}"
            ),
            Self::Status(status) => format!("{subject} {is} in status {status}."),
            Self::OtherKind(kind) => format!(
                "{subject} {is} {}, which {has} no signals of a Flink job. Ask for what it publishes in a metric query.",
                if is_one { kind.0 } else { kind.1 }
            ),
            Self::Quiet(None) => format!("{subject} {has} published nothing in the last three hours."),
            Self::Quiet(Some(why)) => format!(
                "{subject} {has} published nothing in the last three hours, and whether {it} {is} stopped is not known. {why}"
            ),
            Self::NoValues => format!("CloudWatch has no data of {who} in the time range."),
        }
    }
}

/// A notice for each reason, with the applications that have it.
fn describe_reasons<'a>(reasons: impl Iterator<Item = (Reason, &'a ApplicationName)>) -> Vec<Notice> {
    let mut by_reason: BTreeMap<Reason, Vec<&ApplicationName>> = BTreeMap::new();
    for (reason, name) in reasons {
        by_reason.entry(reason).or_default().push(name);
    }
    by_reason.into_iter().map(|(reason, names)| Notice::info(reason.describe(&names))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(name: &str, series: SeriesState) -> ApplicationState {
        let name = ApplicationName::from(name);
        ApplicationState {
            name,
            account: None,
            description: None,
            listed: None,
            unknown: false,
            undescribed: None,
            series,
            is_named: false,
        }
    }

    fn texts(applications: Vec<ApplicationState>, speak_up: bool) -> Vec<String> {
        let show = crate::plan::Show::Series { lines: Vec::new(), ranking: None };
        let query = QueryPlan { applications, ..QueryPlan::of_panel(show) };
        explain_empty(&query, speak_up).into_iter().map(|notice| notice.text).collect()
    }

    #[test]
    fn each_application_has_its_own_reason() {
        let unknown = ApplicationState { unknown: true, ..state("b", SeriesState::None) };
        let stale = state("c", SeriesState::Listed(Freshness::Stale));
        assert_eq!(
            texts(vec![state("a", SeriesState::None), unknown, stale], true),
            [
                "There is no application \"b\".",
                "Application \"a\" has published no metrics in the last two weeks. A new one needs up to 15 minutes.",
                "Application \"c\" has published nothing in the last three hours.",
            ]
        );
    }

    #[test]
    fn an_empty_answer_never_stays_unexplained() {
        let active = || vec![state("a", SeriesState::Listed(Freshness::RecentlyActive))];
        assert_eq!(texts(active(), true).len(), 1);
        assert!(texts(active(), false).is_empty(), "something else was said already");
        assert_eq!(texts(Vec::new(), false), ["No application in eu-west-1 matches, or none is running."]);
    }
}
