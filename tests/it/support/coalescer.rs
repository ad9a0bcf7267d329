//! Requests for a few series, without queries: what fetching sees of a plan.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::answers::Fetched;
use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::fetch::{self, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::model::series::Dimensions;
use flinkwatch::place::{Account, Place, Region};
use flinkwatch::plan::call::{GetMetricDataCall, Period, SeriesKey};
use flinkwatch::plan::series::{Group, PlannedSeries};
use flinkwatch::plan::{Plan, QueryPlan, Show};
use flinkwatch::query::{Origin, TimeRange};
use serde_json::json;
use tokio::time::Instant;

use super::facts::settings;
use super::scripted::Scripted;

/// A minute of 2026, and half a second into it.
pub const START: i64 = 1_790_000_040;
const START_MS: i64 = START * 1000 + 500;

/// tokio's clock as the time of day.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn now_ms(self) -> i64 {
        START_MS + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// A data source of one owner, with a coalescer of its own.
pub struct Requests {
    pub aws: Arc<Scripted>,
    pub clock: Clock,
    pub source: Source,
}

impl Requests {
    pub fn new(aws: Scripted, clock: Clock) -> Self {
        let aws = Arc::new(aws);
        let source = Source {
            aws: Arc::<Scripted>::clone(&aws),
            cache: Arc::new(FactCache::new()),
            coalescer: Arc::new(Coalescer::new()),
            owner: owner("https://one.example.com"),
            payer: Payer::default(),
            deadline: Instant::now() + Duration::from_secs(30),
        };
        Self { aws, clock, source }
    }

    /// Asks now, with 30 s to go.
    pub async fn ask(&self, plan: &Plan) -> Fetched {
        let deadline = Instant::now() + Duration::from_secs(30);
        let source = Source { deadline, ..self.source.clone() };
        fetch::columns(&source, plan, self.clock.now_ms()).await
    }

    /// How many calls were made so far.
    pub fn calls(&self) -> usize {
        self.aws.asked().len()
    }
}

/// The owner with room for so many bytes of values.
pub fn with_room(owner: &Owner, bytes: usize) -> Arc<Owner> {
    Arc::new(Owner { cache_bytes: bytes, ..owner.clone() })
}

/// An owner that differs from others by its endpoint.
pub fn owner(endpoint: &str) -> Arc<Owner> {
    Arc::new(Owner::of(&settings(json!({ "authType": "keys", "endpoint": endpoint }))))
}

pub fn series_key(metric: &str, period: Period) -> SeriesKey {
    SeriesKey {
        metric: Arc::from(metric),
        dimensions: Dimensions::new(Vec::new()),
        account: None,
        period,
        statistic: Statistic::Maximum,
    }
}

/// A plan of one query, A, for these series over a range of epoch seconds.
pub fn plan(origin: Origin, series: &[SeriesKey], range: Range<i64>) -> Plan {
    let region = Region::from("eu-west-1");
    let group =
        Group { region: region.clone(), range: TimeRange { from_ms: range.start * 1000, to_ms: range.end * 1000 } };
    let planned = |key: &SeriesKey| PlannedSeries {
        key: key.clone(),
        group: group.clone(),
        first: key.period.floor(range.start),
        last: key.period.ceil(range.end),
        sentinels: &[],
        is_spare: false,
        users: BTreeSet::from(["A".to_owned()]),
    };
    let query = QueryPlan {
        ref_id: "A".to_owned(),
        place: Place { region: region.clone(), account: Account::Own },
        origin,
        legend: None,
        measure_labels: Default::default(),
        show: Show::Series { lines: Vec::new(), ranking: None },
        notices: Vec::new(),
        missing: Vec::new(),
        why_none: None,
        names_parts: false,
        applications: Vec::new(),
        stopped: BTreeSet::new(),
        failures: Vec::new(),
    };
    Plan { series: series.iter().map(planned).collect(), queries: vec![query] }
}

/// A complete answer with the values that `value` gives for a series and the start of a bucket.
pub fn answer(call: &GetMetricDataCall, value: impl Fn(&SeriesKey, i64) -> f64) -> GetMetricDataAnswer {
    let column = |key: &SeriesKey| {
        let first = key.period.floor(call.start);
        let starts = (0..call.points(key.period)).map(|index| first + index as i64 * key.period.seconds());
        let values: Vec<f64> = starts.map(|start| value(key, start)).collect();
        Column { values: values.into(), completeness: Completeness::Complete, message: None }
    };
    GetMetricDataAnswer { columns: call.series.iter().map(column).collect(), calls: 1 }
}
