//! Whatever is asked of whatever applications, the plan keeps its invariants.

use std::collections::BTreeSet;
use std::sync::Arc;

use flinkwatch::answers::Fetched;
use flinkwatch::answers::{Column, Completeness, SeriesAnswer};
use flinkwatch::catalog::level::MetricsLevel;
use flinkwatch::catalog::metrics::METRICS;
use flinkwatch::catalog::runtime::Runtime;
use flinkwatch::catalog::signals::SIGNALS;
use flinkwatch::failure::CallErrorKind;
use flinkwatch::frames::frame_query;
use flinkwatch::model::application::{ApplicationList, ApplicationStatus, Checkpointing, Description, ListSource};
use flinkwatch::model::series::{Dimensions, Freshness, MetricSeries};
use flinkwatch::place::{Account, AccountId, ApplicationName, Place};
use flinkwatch::plan::facts::Facts;
use flinkwatch::plan::series::PlannedSeries;
use flinkwatch::plan::{Plan, Show, needs, plan};
use flinkwatch::query::{AskedQuery, Origin, Query, QueryError, Resolution, TimeRange, parse_query};
use flinkwatch::topology::inventory::Inventory;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOW_MS, SETTINGS, defaults, invariants};
use crate::support::facts::{description, summary};
use crate::support::fleet::NOW;
use crate::support::panels::ref_id;
use crate::support::scripted::failure;

const APPLICATIONS: [&str; 3] = ["orders", "payments", "odd / name"];
/// One of them.
const STOPPED: &str = "odd / name";
const TASKS: [&str; 5] = ["Source:_a", "map", "Sink:_b:_Writer", "Sink:_b:_Writer____Sink:_b:_Committer", "t_é"];

/// Dimensions beside `Application`, as series of each kind have them.
const SHAPES: &[&[&str]] = &[
    &[],
    &["Task"],
    &["Task", "TaskOperator"],
    &["Operator", "Task"],
    &["Parallelism", "Task"],
    &["Parallelism", "Task", "TaskOperator"],
    &["Flow", "Id"],
    &["Topic"],
    &["tm_id"],
    // An application's own dimensions, called like our labels, and two spellings of one.
    &["region"],
    &["dimension_region"],
    &["application", "signal", "time"],
    &["Operator", "Task", "TaskOperator"],
    &["Subtask", "Task"],
    &["Task", "task"],
];

/// One application: what it publishes and how it is described.
#[derive(Debug, Clone)]
struct Published {
    metrics: Vec<&'static str>,
    shapes: Vec<&'static [&'static str]>,
    tasks: Vec<&'static str>,
    runtime: (u8, u8),
    level: Option<MetricsLevel>,
    checkpointing: bool,
    fails: (bool, bool),
}

fn published() -> impl Strategy<Value = Published> {
    let names: Vec<&'static str> = METRICS.iter().map(|row| row.name).collect();
    let count = names.len();
    let levels = [None, Some(MetricsLevel::Application), Some(MetricsLevel::Task), Some(MetricsLevel::Parallelism)];
    (
        prop_oneof![Just(names.clone()), prop::sample::subsequence(names, 0..=count)],
        prop::sample::subsequence(SHAPES.to_vec(), 0..=SHAPES.len()),
        prop::sample::subsequence(TASKS.to_vec(), 0..=TASKS.len()),
        prop::sample::select(vec![(1, 15), (1, 20), (2, 2)]),
        prop::sample::select(levels.to_vec()),
        any::<bool>(),
        (prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
    )
        .prop_map(|(metrics, shapes, tasks, runtime, level, checkpointing, fails)| Published {
            metrics,
            shapes,
            tasks,
            runtime,
            level,
            checkpointing,
            fails,
        })
}

impl Published {
    fn inventory(&self, name: &str, place: &Place) -> Inventory {
        let mut series = Vec::new();
        for metric in &self.metrics {
            for shape in &self.shapes {
                let tasks = if shape.contains(&"Task") { self.tasks.as_slice() } else { &["x"] };
                for task in tasks {
                    series.push(self.series((name, metric), shape, task, place));
                }
            }
        }
        Inventory::new(series, Freshness::RecentlyActive)
    }

    fn series(&self, (name, metric): (&str, &str), shape: &[&str], task: &str, place: &Place) -> MetricSeries {
        let value = |dimension: &str| if dimension == "Parallelism" { "0" } else { task };
        let pair = |name: &str, value: &str| (Arc::from(name), Arc::from(value));
        let others = shape.iter().map(|dimension| pair(dimension, value(dimension)));
        let account = match &place.account {
            Account::Own => None,
            Account::Linked(id) => Some(id.clone()),
            Account::All => Some(AccountId::from(if task == "map" { "222222222222" } else { "111111111111" })),
        };
        let dimensions = Dimensions::new(others.chain([pair("Application", name)]).collect());
        MetricSeries { metric: Arc::from(metric), dimensions, account }
    }

    fn description(&self, name: &str) -> Description {
        let checkpointing = Checkpointing { enabled: self.checkpointing, interval_ms: 60_000, min_pause_ms: 0 };
        Description {
            runtime: Runtime::Flink(self.runtime.0, self.runtime.1),
            metrics_level: self.level,
            checkpointing: Some(checkpointing),
            ..description(name)
        }
    }
}

fn facts_of(queries: &[Query], all: &[Published]) -> Facts {
    let mut facts = Facts::default();
    loop {
        let needs = needs(queries, &facts, NOW_MS);
        if needs.is_empty() {
            return facts;
        }
        for place in needs.lists {
            let status = |name| if name == STOPPED { ApplicationStatus::Ready } else { ApplicationStatus::Running };
            let rows = APPLICATIONS.map(|name| summary(name, status(name), "FLINK-1_20"));
            let list = ApplicationList::new(rows, ListSource::ListApplications);
            facts.lists.insert(place, Ok(Arc::new(list)));
        }
        for place in needs.accounts {
            let shown = ["111111111111", "222222222222"].map(|id| (AccountId::from(id), [STOPPED.into()].into()));
            facts.accounts.insert(place, Ok(Arc::new(shown.into())));
        }
        for key in needs.published {
            facts.published.insert(key, Ok(Arc::new([ApplicationName::from(STOPPED)].into())));
        }
        let denied = || failure(CallErrorKind::AccessDenied);
        let of = |name: &ApplicationName| {
            APPLICATIONS.iter().position(|known| *known == name.as_str()).and_then(|index| all.get(index))
        };
        for (place, name) in needs.inventories {
            let found = of(&name).filter(|published| !published.fails.0);
            let inventory = found.map(|published| Arc::new(published.inventory(name.as_str(), &place)));
            facts.inventories.insert((place, name), inventory.ok_or_else(denied));
        }
        for (place, name) in needs.descriptions {
            let found = of(&name).filter(|published| !published.fails.1);
            let description = found.map(|published| Arc::new(published.description(name.as_str())));
            facts.descriptions.insert((place, name), description.ok_or_else(denied));
        }
    }
}

const LEGENDS: [&str; 5] = ["", "", "{{Application}} {{region}}", "{{stat}}", "same for all"];

/// A valid query.
fn json() -> impl Strategy<Value = Value> {
    let ids = SIGNALS.iter().map(|row| row.id).chain(METRICS.iter().map(|row| row.name)).collect::<Vec<_>>();
    let signals = prop::collection::vec(prop::sample::select(ids), 0..6);
    let kinds = ["application", "operator", "checkpoint", "metric"];
    let shapes = ["series", "table"];
    let periods = ["auto", "1m", "2m", "5m", "7m", "59m", "1h", "90m", "2h", "3h", "11h", "1d"];
    let statistics = ["auto", "auto", "Average", "Sum", "Maximum", "p99", "p50"];
    let names = prop::sample::select(vec!["*", "orders", "payments", "/o/", "nobody"]);
    (
        prop::sample::select(kinds.to_vec()),
        prop::sample::select(shapes.to_vec()),
        signals,
        prop::sample::select(periods.to_vec()),
        prop::sample::select(statistics.to_vec()),
        prop::collection::vec(names, 1..3),
        prop::sample::select(vec!["", "", "", "all", "222222222222"]),
        prop::sample::select(vec!["task", "operator", "subtask"]),
        (prop::option::of(1_i64..5), prop::sample::select(SHAPES.to_vec()), prop::sample::select(LEGENDS.to_vec())),
    )
        .prop_map(|(kind, shape, signals, period, statistic, applications, account, level, more)| {
            let (top, dimensions, legend) = more;
            let shape = if kind == "checkpoint" && shape == "table" { "summary" } else { shape };
            let metric = signals.first().copied().unwrap_or("busyTimeMsPerSecond");
            let mut query = json!({
                "queryType": kind, "as": shape, "signals": signals, "period": period, "statistic": statistic,
                "applications": applications, "accountId": account, "level": level, "metric": metric,
            });
            if kind == "metric" {
                let own: serde_json::Map<_, _> =
                    dimensions.iter().map(|name| ((*name).to_owned(), json!("*"))).collect();
                query["dimensions"] = own.into();
            }
            if !legend.is_empty() {
                query["legend"] = json!(legend);
            }
            // A table of applications has all of them.
            if let Some(count) = top.filter(|_| (kind, shape) != ("application", "table")) {
                query["top"] = json!({ "count": count });
            }
            query
        })
}

/// Ranges of every length and age, about the borders of CloudWatch's retention among them.
fn range() -> impl Strategy<Value = TimeRange> {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    let age = prop_oneof![
        1..6 * HOUR,
        1..30 * DAY,
        (15 * DAY - 12 * HOUR)..(15 * DAY + 4 * DAY),
        (63 * DAY - 12 * HOUR)..(63 * DAY + 4 * DAY),
        1..900 * DAY,
        -2 * DAY..0,
        Just(250_000 * DAY),
    ];
    let length = prop_oneof![1..6 * HOUR, 1..30 * DAY, 1..900 * DAY, Just(250_000 * DAY)];
    (age, length, 0..1000_i64).prop_map(|(age, length, ms)| {
        let from_ms = NOW_MS - age * 1000 - ms;
        TimeRange { from_ms, to_ms: (from_ms + length * 1000).min(253_402_300_799_999) }
    })
}

fn resolution() -> impl Strategy<Value = Resolution> {
    let points = prop_oneof![4 => 1..3000_i64, 1 => any::<i64>()];
    let interval = prop_oneof![4 => 1..10_000_000_i64, 1 => any::<i64>()];
    (points, interval).prop_map(|(max_data_points, interval_ms)| Resolution { max_data_points, interval_ms })
}

fn queries() -> impl Strategy<Value = Vec<Query>> {
    let ranges = prop::collection::vec((range(), resolution(), any::<bool>()), 1..3);
    (prop::collection::vec((json(), any::<prop::sample::Index>()), 1..8), ranges).prop_map(|(queries, ranges)| {
        let parse = |(index, (json, at)): (usize, (Value, prop::sample::Index))| {
            let (range, resolution, is_alert) = *at.get(&ranges);
            let asked = AskedQuery {
                ref_id: ref_id(index),
                query_type: String::new(),
                json: json.to_string().into_bytes(),
                range,
                resolution,
                origin: if is_alert { Origin::Alert } else { Origin::Panel },
            };
            match parse_query(&asked, &defaults()) {
                // A field without effect, or a table, is an error of an alert, and a panel is planned with it.
                Err(QueryError::NoEffect { .. } | QueryError::Wrong { .. }) if is_alert => {
                    parse_query(&AskedQuery { origin: Origin::Panel, ..asked }, &defaults()).unwrap()
                }
                read => read.unwrap(),
            }
        };
        queries.into_iter().enumerate().map(parse).collect()
    })
}

/// Every series has the same values all along.
fn answered(plan: &Plan) -> Fetched {
    let column = |series: &PlannedSeries| Column {
        values: Arc::new(vec![4.0; usize::try_from(series.points()).unwrap().min(10)]),
        completeness: Completeness::Complete,
        message: None,
    };
    let answer = |series| SeriesAnswer { column: column(series), error: None, from: Default::default() };
    Fetched { answers: plan.series.iter().map(answer).collect(), ..Fetched::default() }
}

/// No two series of an answer have the same labels or the same name, and the labels that we promise are ours.
fn check_labels(plan: &Plan) {
    let fetched = answered(plan);
    for query in &plan.queries {
        let Show::Series { .. } = &query.show else { continue };
        let Ok(frames) = frame_query(query, plan, &fetched) else { continue };
        let shown: Vec<_> = frames.iter().filter(|frame| !frame.fields.is_empty()).collect();
        let labels: BTreeSet<_> = shown.iter().map(|frame| &frame.fields[1].labels).collect();
        assert_eq!(labels.len(), shown.len(), "equal labels: {labels:?}");
        let names: BTreeSet<_> = shown.iter().map(|frame| frame.name.trim()).collect();
        assert_eq!(names.len(), shown.len(), "equal names: {names:?}");
        assert!(!names.contains(""), "{labels:?}");
        for labels in labels {
            assert_eq!(labels["region"], query.place.region.as_str());
            // One that is gone shows its history where all of it is named.
            let is_known = APPLICATIONS.contains(&labels["application"].as_str()) || labels["application"] == "nobody";
            assert!(is_known, "{labels:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_keeps_its_invariants(queries in queries(), all in prop::collection::vec(published(), 3)) {
        let facts = facts_of(&queries, &all);
        let planned = plan(&queries, &facts, SETTINGS, NOW_MS);
        invariants::check(&planned, NOW);
        check_labels(&planned);
        prop_assert_eq!(planned.queries.len(), queries.len());
        let again = plan(&queries, &facts, SETTINGS, NOW_MS);
        prop_assert_eq!(planned.to_string(), again.to_string());
        prop_assert_eq!(planned, again);
    }
}
