//! What whole dashboards cost: the engine with the real client against the local AWS, counted there.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::engine::{self, EngineSettings, QueryOutcome};
use flinkwatch::fetch::{Coalescer, FactCache, Source};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::query::{AskedQuery, Origin, QueryDefaults, Resolution, TimeRange};
use futures::future::join_all;
use local_aws::fleet::Fleet;
use local_aws::server::{Clock, Faults, Times};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::support::fleet::NOW;
use crate::support::served::Served;

/// Metrics of the application "orders", which every application has.
const METRICS: [&str; 30] = [
    "cpuUtilization",
    "heapMemoryUtilization",
    "uptime",
    "downtime",
    "fullRestarts",
    "numRestarts",
    "numberOfFailedCheckpoints",
    "lastCheckpointDuration",
    "lastCheckpointSize",
    "oldGenerationGCCount",
    "oldGenerationGCTime",
    "threadCount",
    "KPUs",
    "numRecordsIn",
    "numRecordsInPerSecond",
    "numRecordsOut",
    "numRecordsOutPerSecond",
    "numLateRecordsDropped",
    "busyTimeMsPerSecond",
    "idleTimeMsPerSecond",
    "backPressuredTimeMsPerSecond",
    "currentInputWatermark",
    "currentOutputWatermark",
    "managedMemoryUsed",
    "managedMemoryTotal",
    "managedMemoryUtilization",
    "containerCPUUtilization",
    "containerMemoryUtilization",
    "containerDiskUtilization",
    "bytesRequestedPerFetch",
];

/// Requests of viewers and alert rules, at a moment that tests move.
struct Viewers {
    served: Served,
    now_ms: i64,
}

impl Viewers {
    async fn start() -> Self {
        Self { served: Served::start(Fleet::new()).await, now_ms: NOW * 1000 }
    }

    fn later(&mut self, seconds: i64) {
        self.now_ms += seconds * 1000;
        self.served.server.set_clock(Clock::Fixed(self.now_ms / 1000));
    }

    /// One request per panel, all at once.
    async fn ask_all(&self, requests: &[Vec<AskedQuery>]) -> Vec<QueryOutcome> {
        let settings = EngineSettings {
            defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
            plan: PlanSettings { kpu_price: 0.11 },
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        let source = Source { deadline, ..self.served.source.clone() };
        let asked = requests.iter().map(|request| engine::answer(&source, &settings, request, self.now_ms));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Calls, and metrics on the bill, since the last time.
    fn cost(&self) -> (u64, u64) {
        let counts = self.served.server.counters().operation("GetMetricData");
        self.served.server.reset_counters();
        (counts.calls, counts.usage.billed_metrics)
    }

    /// 30 panels of one metric and three statistics over the newest `hours`.
    fn dashboard(&self, hours: i64) -> Vec<Vec<AskedQuery>> {
        METRICS.iter().map(|metric| self.panel(metric, hours)).collect()
    }

    fn panel(&self, metric: &str, hours: i64) -> Vec<AskedQuery> {
        let rows = [("A", "Average"), ("B", "Maximum"), ("C", "Minimum")];
        rows.map(|(ref_id, statistic)| {
            let json = json!({"queryType": "metric", "applications": ["orders"], "metric": metric,
                              "statistic": statistic, "period": 60});
            self.asked(ref_id, &json, hours)
        })
        .into()
    }

    fn asked(&self, ref_id: &str, json: &Value, hours: i64) -> AskedQuery {
        AskedQuery {
            ref_id: ref_id.to_owned(),
            query_type: String::new(),
            json: json.to_string().into_bytes(),
            range: TimeRange { from_ms: self.now_ms - hours * 3_600_000, to_ms: self.now_ms },
            resolution: Resolution { max_data_points: 800, interval_ms: 15_000 },
            origin: Origin::Panel,
        }
    }
}

fn custom(outcome: &QueryOutcome) -> &Map<String, Value> {
    outcome.result.as_ref().unwrap()[0].meta.custom.as_ref().unwrap()
}

/// How many metrics of `METRICS` the application publishes: those are on the bill.
fn published(outcomes: &[QueryOutcome]) -> u64 {
    let has_lines = |row: &&QueryOutcome| custom(row).contains_key("periodSeconds");
    outcomes.iter().step_by(3).filter(has_lines).count() as u64
}

#[tokio::test]
async fn a_dashboard_costs_one_call_and_its_viewers_nothing() {
    let mut viewers = Viewers::start().await;
    let first = viewers.ask_all(&viewers.dashboard(6)).await;
    assert_eq!(first.len(), 90);
    let metrics = published(&first);
    assert!(metrics >= 20, "{metrics}");
    // Three statistics of a metric are billed as one.
    assert_eq!(viewers.cost(), (1, metrics));
    let billed: u64 = first.iter().map(|outcome| custom(outcome)["billedMetrics"].as_u64().unwrap()).sum();
    assert_eq!(billed, metrics);
    let lined = first.iter().map(custom).find(|custom| custom.contains_key("periodSeconds")).unwrap();
    assert_eq!(lined["periods"], json!([lined["periodSeconds"]]));
    assert_eq!(lined["dimensionSets"], json!(["Application"]));

    // Again within half a period, by ten viewers and with the next minute begun.
    viewers.later(29);
    let dashboards: Vec<_> = (0..10).flat_map(|_| viewers.dashboard(6)).collect();
    let again = viewers.ask_all(&dashboards).await;
    assert_eq!((again.len(), viewers.cost()), (900, (0, 0)));
    let account = custom(&again[0]);
    assert_eq!((&account["awsCalls"], &account["billedMetrics"]), (&json!(0), &json!(0)));
    assert_eq!((&account["cachedShare"], &account["estimatedCostUsd"]), (&json!(1.0), &json!(0.0)));

    // The tail has aged, also that of the metric that is published hourly; and another range.
    viewers.later(32);
    viewers.ask_all(&dashboards_of(&viewers, 10, 6)).await;
    assert_eq!(viewers.cost(), (1, metrics));
    viewers.ask_all(&viewers.dashboard(24)).await;
    assert!(viewers.cost().0 <= 2);
    viewers.ask_all(&viewers.dashboard(3)).await;
    assert_eq!(viewers.cost(), (0, 0));
}

fn dashboards_of(viewers: &Viewers, count: usize, hours: i64) -> Vec<Vec<AskedQuery>> {
    (0..count).flat_map(|_| viewers.dashboard(hours)).collect()
}

#[tokio::test]
async fn ten_viewers_at_once_cost_what_one_costs() {
    let viewers = Viewers::start().await;
    let outcomes = viewers.ask_all(&dashboards_of(&viewers, 10, 6)).await;
    assert_eq!(viewers.cost(), (1, published(&outcomes[..90])));
}

#[tokio::test]
async fn twenty_alert_rules_of_any_range_share_a_call_at_each_evaluation() {
    let mut viewers = Viewers::start().await;
    for _ in 0..3 {
        let rule = |(index, metric): (usize, &&str)| -> Vec<AskedQuery> {
            let mut queries = viewers.panel(metric, 1);
            for query in &mut queries {
                query.origin = Origin::Alert;
                query.range.from_ms = query.range.to_ms - (5 + 5 * (index as i64 % 3)) * 60_000;
            }
            queries
        };
        let rules: Vec<_> = METRICS.iter().take(20).enumerate().map(rule).collect();
        viewers.ask_all(&rules).await;
        let (calls, billed) = viewers.cost();
        assert!(calls == 1 && billed <= 20, "{calls} {billed}");
        viewers.later(10);
    }
}

/// The answer of a data source that has cached parts of it equals the answer of one that has not.
#[tokio::test]
async fn frames_are_the_same_with_and_without_what_was_kept() {
    let mut viewers = Viewers::start().await;
    let kinds = [
        json!({"queryType": "application", "applications": ["*"], "as": "table"}),
        json!({"queryType": "application", "applications": ["orders"],
               "signals": ["sourceRate", "restarts", "availability", "busy"]}),
        json!({"queryType": "operator", "applications": ["orders"], "as": "table"}),
        json!({"queryType": "checkpoint", "applications": ["orders"], "as": "summary"}),
    ];
    for hours in [1, 6, 2, 12] {
        viewers.later(61);
        let requests: Vec<_> = kinds.iter().map(|json| vec![viewers.asked("A", json, hours)]).collect();
        let kept = viewers.ask_all(&requests).await;
        let fresh = Source {
            coalescer: Arc::new(Coalescer::new()),
            cache: Arc::new(FactCache::new()),
            ..viewers.served.source.clone()
        };
        let served = std::mem::replace(&mut viewers.served.source, fresh);
        let asked = viewers.ask_all(&requests).await;
        viewers.served.source = served;
        for (kept, asked) in kept.iter().zip(&asked) {
            let (kept, asked) = (kept.result.as_ref().unwrap(), asked.result.as_ref().unwrap());
            assert_eq!(kept.len(), asked.len());
            for (kept, asked) in kept.iter().zip(asked) {
                // NaN is not equal to itself; as text it is.
                assert_eq!(format!("{:?}", kept.fields), format!("{:?}", asked.fields), "{hours} h");
            }
        }
    }
}

#[tokio::test]
async fn when_aws_fails_a_panel_shows_what_is_kept_and_says_so() {
    let mut viewers = Viewers::start().await;
    let panel = viewers.panel("cpuUtilization", 6);
    viewers.ask_all(std::slice::from_ref(&panel)).await;
    viewers.later(120);
    viewers.served.server.set_faults(Faults { internal_error: Times::Always, ..Faults::default() });
    let mut panel = viewers.panel("cpuUtilization", 6);
    let outcomes = viewers.ask_all(std::slice::from_ref(&panel)).await;
    let frame = &outcomes[0].result.as_ref().unwrap()[0];
    assert!(frame.fields[1].values.len() > 300);
    let notices: Vec<_> = frame.meta.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert!(
        notices[0].starts_with("Data of \"orders\" in eu-west-1 is missing. CloudWatch failed on GetMetricData"),
        "{notices:?}"
    );

    for query in &mut panel {
        query.origin = Origin::Alert;
    }
    let outcomes = viewers.ask_all(&[panel]).await;
    assert!(outcomes.iter().all(|outcome| outcome.result.is_err()));
}
