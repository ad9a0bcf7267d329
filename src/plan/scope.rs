//! One query while it is planned: its applications, its grids, its remarks. Shared by all kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::absence::{Absence, Absences, Expected};
use super::at::At;
use super::bind::{Binder, Bound, Remark};
use super::chosen::Chosen;
use super::expr::{Expr, Grid};
use super::facts::Facts;
use super::grid::{self, Use};
use super::known::{self, Application};
use super::line::{Line, Ranking, Target};
use super::measure::{measure, measure_labels};
use super::missing;
use super::needs;
use super::nothing::{Lacking, Nothing};
use super::reach;
use super::selection;
use super::series::{Group, PlannedSeries, SeriesTable};
use super::silent_accounts;
use super::stopped;
use super::undescribed;
use super::unlinked;
use super::verdict::VerdictWindow;
use super::{PlanSettings, QueryPlan, Show};
use crate::catalog::statistic::Statistic;
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::ListSource;
use crate::notice::Notice;
use crate::place::{ApplicationName, Place};
use crate::query::AskedSignal;
use crate::query::{ChosenBy, Origin, Query, Top};

/// Applications by place and name, looked up once for all queries of a plan.
pub(super) type Known<'f> = BTreeMap<(Place, ApplicationName), Vec<Application<'f>>>;

pub(super) fn known_applications<'f>(queries: &[Query], facts: &'f Facts, now_ms: i64) -> Known<'f> {
    let mut known = Known::new();
    for query in queries {
        for name in needs::selected_names(query, facts, stopped::recency(query, now_ms)) {
            let key = (query.place.clone(), name);
            known.entry(key).or_insert_with_key(|(place, name)| known::applications(place, name, facts));
        }
    }
    known
}

/// The state of planning one query.
pub(super) struct QueryScope<'a, 'f> {
    pub query: &'a Query,
    pub settings: PlanSettings,
    pub applications: Vec<&'a Application<'f>>,
    pub absences: Absences,
    table: &'a mut SeriesTable,
    verdict: Option<VerdictWindow>,
    now_ms: i64,
    /// With the applications that they are about.
    remarks: BTreeMap<Remark, BTreeSet<ApplicationName>>,
    lacking: Lacking,
    notices: Vec<Notice>,
    missing: Vec<String>,
    why_none: Option<String>,
    failures: Vec<(Option<ApplicationName>, CallError)>,
    stopped: BTreeSet<ApplicationName>,
}

impl<'a, 'f> QueryScope<'a, 'f> {
    pub fn new(
        query: &'a Query,
        facts: &'f Facts,
        known: &'a Known<'f>,
        table: &'a mut SeriesTable,
        settings: PlanSettings,
        now_ms: i64,
    ) -> Self {
        let recency = stopped::recency(query, now_ms);
        let names = needs::selected_names(query, facts, recency);
        let stopped = stopped::published(query, facts, recency);
        let applications = names.into_iter().filter_map(|name| known.get(&(query.place.clone(), name))).flatten();
        let is_asked = |one: &&Application<'_>| !one.is_silent || silent_accounts::matters(query, &one.name);
        let applications = applications.filter(is_asked).collect();
        let mut scope = Self {
            query,
            settings,
            applications,
            absences: Absences::default(),
            table,
            verdict: None,
            now_ms,
            remarks: BTreeMap::new(),
            lacking: Lacking::default(),
            notices: reach::cut_off(query.range, now_ms)
                .map(Notice::info)
                .into_iter()
                .chain(query.notices.clone())
                .chain(stopped.notice())
                .chain(missing::not_excluded(query, facts))
                .collect(),
            missing: missing::unmatched_applications(query, facts),
            why_none: stopped::describe_idle(query, facts),
            failures: [stopped.failure, silent_accounts::failure(query, facts)]
                .into_iter()
                .flatten()
                .map(|error| (None, error.clone()))
                .collect(),
            stopped: stopped.names,
        };
        scope.note_list(facts);
        if let Some(why) = unlinked::explain(query, facts) {
            // There is nothing else to say of what was looked for.
            scope.missing = vec![why];
        }
        scope
    }

    /// The list of applications: its failure, or that it is made from metrics only.
    fn note_list(&mut self, facts: &Facts) {
        if !selection::needs_list(self.query) {
            return;
        }
        match facts.lists.get(&self.query.place) {
            Some(Err(error)) => self.failures.push((None, error.clone())),
            Some(Ok(list)) => {
                let ListSource::Metrics { why } = &list.source else { return };
                // Such a list knows no status: an alert over "all" would turn to applications that are stopped.
                if self.is_alert() && why.kind.is_passing() {
                    self.failures.push((None, why.clone()));
                } else if why.kind == CallErrorKind::AccessDenied {
                    self.notices.push(Notice::info(
                        "Stopped applications cannot be told from running ones: the list is made from metrics. Add kinesisanalytics:ListApplications to the policy of this data source.",
                    ));
                }
            }
            None => {}
        }
    }

    pub fn note(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Whether a panel looks back further than ListMetrics does.
    pub fn begins_before_listing(&self) -> bool {
        reach::begins_before_listing(self.query, self.now_ms)
    }

    fn is_alert(&self) -> bool {
        self.query.origin == Origin::Alert
    }

    /// Says that something which the author named is not there.
    pub fn miss(&mut self, text: String) {
        if !self.missing.contains(&text) {
            self.missing.push(text);
        }
    }

    /// Says what is named of tasks, operators or values and is not there.
    pub fn note_chosen(&mut self, chosen: &Chosen<'_>) {
        chosen.missing.iter().for_each(|text| self.miss(text.clone()));
        chosen.notices.iter().for_each(|text| self.note(Notice::info(text.clone())));
    }

    /// Says that an application has none of what is asked.
    pub fn note_nothing(&mut self, application: &Application<'_>, nothing: Nothing) {
        let is_named = self.query.chosen_by() == ChosenBy::Author && self.query.names(application.name.as_str());
        self.lacking.add(nothing, is_named, &application.name);
    }

    /// What an author named is expected; of all tasks of a named application that one of them has it, where not every
    /// task has; of "all" applications that one of them has it, where every job has; of default signals, what there is.
    /// An alert fails on what is missed.
    fn expected(&self, application: &Application<'_>, absence: &Absence, at: &At) -> Expected {
        let depends_on_job = absence.depends_on_job(application.runtime(), at.scope());
        if self.query.chosen_by() == ChosenBy::Default {
            Expected::OfSome
        } else if self.query.names(application.name.as_str()) {
            let is_any_part = *at != At::Application && !self.query.names_parts() && depends_on_job;
            if is_any_part { Expected::OfParts(application.name.clone()) } else { Expected::ByName }
        } else if depends_on_job {
            Expected::OfSome
        } else {
            Expected::OfAny
        }
    }

    /// Whether an alert gets nulls of this application: it exists and has published nothing of late. Without its lines
    /// it would count as resolved.
    pub fn has_only_nulls(&self, application: &Application<'_>) -> bool {
        let exists = application.description.is_ok() || application.is_silent;
        self.is_alert() && exists && application.inventory.is_ok() && !application.has_series()
    }

    /// The grid for numbers that have no data at periods shorter than `minimum` seconds.
    pub fn grid(&mut self, usage: Use, minimum: i64, lookback_seconds: i64) -> Grid {
        if let (Use::Verdict(shortest), Some(window)) = (usage, &self.verdict) {
            return window.grid(usage, minimum.max(shortest), lookback_seconds);
        }
        let (period, notice) = grid::choose_period(self.query, usage, minimum, self.now_ms);
        for notice in grid::describe_long_period(self.query).into_iter().chain(notice) {
            self.note(notice);
        }
        let before = grid::buckets_before(lookback_seconds, period);
        grid::choose_grid(self.query, (period, grid::least_periods(minimum)), before, self.now_ms)
    }

    /// From here on lines for the verdict are about so many seconds at the end of the range.
    pub fn open_verdict(&mut self, seconds: i64) {
        self.verdict = Some(VerdictWindow::new(self.query, seconds, self.now_ms));
    }

    /// A line for a signal or metric at a target; None, with the reason noted, where there is none.
    pub fn line(&mut self, asked: &AskedSignal, place: (&'a Application<'f>, &At), usage: Use) -> Option<Line> {
        let (application, at) = place;
        let statistic = self.query.statistic.as_ref().filter(|statistic| asked.takes(statistic));
        let measure = measure(asked, statistic.map(Statistic::as_str));
        let minimum = grid::minimum_period(asked);
        let grid = grid::of_use(self.grid(usage, minimum, grid::lookback_seconds(asked)), usage, self.now_ms);
        let bound = self.bind(application, grid, usage, |binder| match asked {
            AskedSignal::Signal(signal) => binder.signal(signal, at),
            AskedSignal::Metric(metric) => binder.metric(metric, at),
        });
        self.note_sum(asked);
        let bound = match application.description {
            Err(error) if undescribed::is_needed(asked, at) => {
                let bound = bound.map_err(|absence| absence.without_description(error));
                self.note_lost_description(application, error, bound.as_ref().err());
                bound
            }
            Ok(_) | Err(_) => bound,
        };
        if let Some(error) = undescribed::too_old(application).filter(|_| undescribed::is_needed(asked, at)) {
            self.note_lost_description(application, error, None);
        }
        let expr = match bound {
            Ok(expr) => {
                self.absences.note_shown(measure.signal.clone(), &application.name);
                expr
            }
            Err(_) if self.has_only_nulls(application) => Expr::nothing(),
            Err(absence) => {
                if application.has_series() {
                    let expected = self.expected(application, &absence, at);
                    let target = (application.name.clone(), at.describe(&application.name));
                    self.absences.add(measure.signal, (absence, expected), target);
                }
                return None;
            }
        };
        Some(Line { target: self.target(application, at), measure: Arc::new(measure), grid, expr })
    }

    /// The lines that rank the places. An alert of which nothing can be ranked would be about any of them.
    pub fn ranking(&mut self, top: Top, places: &[(&'a Application<'f>, At)], usage: Use) -> Ranking {
        let line = |(application, at): &(&'a Application<'f>, At)| self.line(&top.by, (*application, at), usage);
        let by: Vec<Line> = places.iter().filter_map(line).collect();
        let has_series = |(application, _): &(&Application<'_>, At)| application.has_series();
        if by.is_empty() && self.is_alert() && places.iter().any(has_series) {
            self.miss(format!(
                "\"top\" ranks by \"{}\", and none of the selected applications, tasks or operators has it.",
                top.by.id()
            ));
        }
        Ranking { count: top.count, by }
    }

    /// An alert is not decided on a number that is made in another way, or missing, because a description could not be
    /// read just now.
    fn note_lost_description(&mut self, application: &Application<'_>, error: &CallError, absence: Option<&Absence>) {
        let is_without = matches!(absence, Some(Absence::NoDescription { .. }));
        let is_lost = error.kind.is_passing() || error.kind.is_denied() && is_without;
        let failure = (Some(application.name.clone()), error.clone());
        if self.is_alert() && is_lost && !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// A sum of samples of a level is no number of anything, however plausible it looks.
    pub fn note_sum(&mut self, asked: &AskedSignal) {
        let AskedSignal::Metric(metric) = asked else { return };
        let is_sum = self.query.statistic == Some(Statistic::Sum);
        missing::describe_sum(metric).filter(|_| is_sum).into_iter().for_each(|text| self.note(Notice::info(text)));
    }

    /// Runs `make` with a binder for one application and grid.
    pub fn bind(
        &mut self,
        application: &'a Application<'f>,
        grid: Grid,
        usage: Use,
        make: impl FnOnce(&mut Binder<'_, 'f>) -> Bound,
    ) -> Bound {
        let whole = Group { region: self.query.place.region.clone(), range: self.query.range };
        let window = self.verdict.as_ref().filter(|_| usage.is_verdict());
        let own = window.and_then(|window| window.group(&whole, (self.query, grid.period)));
        let mut binder = Binder {
            application,
            table: self.table,
            group: own.as_ref().unwrap_or(&whole),
            beside: own.as_ref().map(|_| &whole),
            grid,
            fine: if usage.is_verdict() { grid } else { grid::finer(grid, self.query, self.now_ms) },
            finest: if usage.is_verdict() { grid } else { grid::refine(grid, self.query, self.now_ms) },
            usage,
            origin: self.query.origin,
            statistic: self.query.statistic.as_ref(),
            kpu_price: self.settings.kpu_price,
            remarks: Vec::new(),
        };
        let bound = make(&mut binder);
        let remarks = binder.remarks;
        // Of what is not shown a reader has nothing to know.
        if bound.is_ok() && !usage.is_verdict() {
            for remark in remarks {
                self.remarks.entry(remark).or_default().insert(application.name.clone());
            }
        }
        bound
    }

    pub fn target(&self, application: &Application<'_>, at: &At) -> Target {
        let (task, operator, subtask) = match at {
            At::Application => (None, None, None),
            At::Task(task) => (Some(task.clone()), None, None),
            At::Operator { task, operator } => (task.clone(), Some(operator.clone()), None),
            At::Subtask { task, operator, subtask } => (Some(task.clone()), operator.clone(), Some(subtask.clone())),
        };
        Target {
            application: application.name.clone(),
            account: application.account.clone(),
            region: self.query.place.region.clone(),
            task,
            operator,
            subtask,
            dimensions: Vec::new(),
        }
    }

    /// The finished plan of the query.
    /// All series that are planned so far.
    pub fn series(&self) -> &[PlannedSeries] {
        &self.table.series
    }

    pub fn finish(mut self, show: Show) -> QueryPlan {
        for (remark, names) in std::mem::take(&mut self.remarks) {
            self.notices.push(Notice::info(remark.describe(&names)));
        }
        let mut missing = std::mem::take(&mut self.missing);
        missing.extend(missing::gone_applications(self.query, &self.applications));
        let (nowhere, lacked) = std::mem::take(&mut self.lacking).into_sentences(&self.applications);
        missing.extend(nowhere);
        if !self.is_alert() {
            self.absences.forget_replaced();
        }
        let (absent, absences) = std::mem::take(&mut self.absences).into_sentences();
        missing.extend(absent);
        missing.extend(missing::lost_applications(self.query, &self.applications, &show, &missing));
        let mut notices = self.notices;
        notices.extend(lacked);
        notices.extend(absences);
        let told: Vec<String> =
            missing.iter().cloned().chain(notices.iter().map(|notice| notice.text.clone())).collect();
        notices.extend(undescribed::notices(self.query, &self.applications, &told));
        let mut failures = self.failures;
        let unlisted = |one: &&Application<'_>| {
            let error = one.inventory.err().filter(|error| !error.is_in_background())?;
            Some((Some(one.name.clone()), error.clone()))
        };
        failures.extend(self.applications.iter().filter_map(unlisted));
        QueryPlan {
            ref_id: self.query.ref_id.clone(),
            place: self.query.place.clone(),
            origin: self.query.origin,
            legend: self.query.legend.clone(),
            measure_labels: measure_labels(self.query),
            show,
            notices,
            missing,
            why_none: self.why_none,
            names_parts: self.query.names_parts(),
            applications: self.applications.iter().map(|application| missing::state(self.query, application)).collect(),
            stopped: self.stopped,
            failures,
        }
    }
}
