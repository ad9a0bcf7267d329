//! The real client against the local AWS: each operation's answer is what the simulated world holds.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::answers::Completeness;
use flinkwatch::aws::clients::{AwsClient, Clients};
use flinkwatch::aws::{Aws, ListMetricsAsk, Recency};
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::{Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::model::series::MetricSeries;
use flinkwatch::place::{Account, ApplicationName, Place, Region};
use flinkwatch::plan::call::{GetMetricDataCall, Period, SeriesKey};
use flinkwatch::save_and_test;
use flinkwatch::settings::Settings;
use futures::future::{Either, select};
use local_aws::fleet::{Fleet, HOME_REGION, LINKED_ACCOUNT};
use local_aws::server::{Clock, Faults, Identity, LocalAws, Options, Times};
use local_aws::world::{Series, World};
use serde_json::json;
use tokio::time::Instant;

use crate::support::facts::settings;

/// A minute of 2026.
const NOW: i64 = 1_790_000_040;

struct Local {
    server: LocalAws,
    world: Arc<Fleet>,
    settings: Settings,
    aws: Arc<AwsClient>,
}

async fn local_with(options: Options) -> Local {
    let world = Arc::new(Fleet::new());
    let options = Options { clock: Clock::Fixed(NOW), ..options };
    let server = LocalAws::start(Arc::<Fleet>::clone(&world), options).await.unwrap();
    let settings = settings(json!({ "authType": "keys", "endpoint": server.endpoint() }));
    let aws = Clients::new().client(&settings);
    Local { server, world, settings, aws }
}

async fn local() -> Local {
    local_with(Options::default()).await
}

fn home() -> Region {
    Region::from(HOME_REGION)
}

fn ask_for(account: Account, application: Option<&str>, recency: Recency) -> ListMetricsAsk {
    let place = Place { region: home(), account };
    ListMetricsAsk { place, application: application.map(ApplicationName::from), metric: None, recency }
}

impl Local {
    async fn series(&self, application: &str) -> Vec<MetricSeries> {
        let key = ask_for(Account::Own, Some(application), Recency::ThreeHours);
        self.aws.list_metrics(&key).await.unwrap()
    }

    /// A call for the averages of `series` over the last `minutes`.
    fn call(&self, series: &[MetricSeries], minutes: i64) -> GetMetricDataCall {
        let key = |series: &MetricSeries| SeriesKey {
            metric: Arc::clone(&series.metric),
            dimensions: series.dimensions.clone(),
            account: None,
            period: Period::MINUTE,
            statistic: Statistic::Average,
        };
        let end = Period::MINUTE.floor(NOW);
        GetMetricDataCall { region: home(), start: end - minutes * 60, end, series: series.iter().map(key).collect() }
    }

    /// The average that the world holds; NaN without samples.
    fn truth(&self, key: &SeriesKey, minute: i64) -> f64 {
        let dimensions = key.dimensions.iter().map(|(name, value)| (Arc::clone(name), Arc::clone(value))).collect();
        let series = Series { metric: Arc::clone(&key.metric), dimensions };
        let folded = self.world.minute(HOME_REGION, &series, minute, NOW);
        folded.map_or(f64::NAN, |folded| folded.sum / folded.sample_count)
    }
}

#[tokio::test]
async fn applications_are_listed_and_described() {
    let local = local().await;
    let applications = local.aws.list_applications(&home()).await.unwrap();
    let simulated = local.world.applications(HOME_REGION, NOW);
    assert_eq!(applications.len(), simulated.len());
    let mut plans = 0;
    for simulated in &simulated {
        let name = ApplicationName::from(simulated.name.as_str());
        let listed = applications.iter().find(|application| application.name == name).unwrap();
        assert_eq!(listed.status, Some(ApplicationStatus::parse(&simulated.status)));
        let described = local.aws.describe_application(&home(), &name).await.unwrap();
        assert_eq!((Some(&described.status), described.version), (listed.status.as_ref(), simulated.version));
        assert_eq!(Some(&described.runtime), listed.runtime.as_ref());
        assert_eq!(described.job_plan, simulated.job_plan);
        plans += usize::from(described.job_plan.is_some());
    }
    assert!(plans > 3);
    let unknown = local.aws.describe_application(&home(), &ApplicationName::from("nobody")).await.unwrap_err();
    assert_eq!(unknown.kind, CallErrorKind::NotFound);
}

#[tokio::test]
async fn there_is_no_room_for_a_call_while_as_many_run_as_may() {
    let local = local_with(Options { latency_ms: 20, ..Options::default() }).await;
    let one_call = json!({ "authType": "keys", "endpoint": local.server.endpoint(), "maxConcurrentCalls": 1 });
    let aws = Clients::new().client(&settings(one_call));
    let call = local.call(&local.series("orders").await[..1], 5);
    // The first call loads the credentials.
    aws.get_metric_data(&call).await.unwrap();
    match select(aws.get_metric_data(&call), aws.wait_for_capacity(&call.region)).await {
        Either::Left((answer, room)) => {
            answer.unwrap();
            room.await;
        }
        Either::Right(_) => panic!("there was room beside the only call that may run"),
    }
}

#[tokio::test]
async fn all_pages_of_series_are_listed_each_once() {
    let local = local().await;
    let listed = local.aws.list_metrics(&ask_for(Account::Own, None, Recency::TwoWeeks)).await.unwrap();
    assert!(listed.len() > 1000 && local.server.counters().operations["ListMetrics"].calls > 2);
    let distinct: BTreeSet<_> = listed.iter().collect();
    assert_eq!(distinct.len(), listed.len());
    assert!(listed.iter().all(|series| series.account.is_none()));

    let all = local.aws.list_metrics(&ask_for(Account::All, None, Recency::ThreeHours)).await.unwrap();
    let owners: BTreeSet<_> = all.iter().map(|series| series.account.as_ref().unwrap().as_str()).collect();
    assert!(owners.contains(LINKED_ACCOUNT) && owners.len() == 2, "{owners:?}");
}

#[tokio::test]
async fn every_value_lands_in_its_minute_over_several_pages() {
    let local = local().await;
    let name = local.world.applications(HOME_REGION, NOW).iter().find(|a| a.status == "RUNNING").unwrap().name.clone();
    let mut series = local.series(&name).await;
    series.truncate(100);
    // 100 series of a day: 144,000 points are more than one page holds.
    let call = local.call(&series, 1440);
    let answer = local.aws.get_metric_data(&call).await.unwrap();
    assert!(answer.calls > 1, "{}", answer.calls);
    assert_eq!(answer.columns.len(), series.len());
    let mut values = 0;
    for (key, column) in call.series.iter().zip(&answer.columns) {
        assert_eq!((column.completeness, column.values.len()), (Completeness::Complete, 1440));
        for (minute, value) in (call.start..call.end).step_by(60).zip(column.values.iter()) {
            let truth = local.truth(key, minute);
            let is_equal = (value - truth).abs() <= truth.abs() * 1e-12 || (value.is_nan() && truth.is_nan());
            assert!(is_equal, "{key:?} at {minute}: {value} is not {truth}");
            values += usize::from(!value.is_nan());
        }
    }
    assert!(values > 50_000, "{values}");
}

#[tokio::test]
async fn series_that_cloudwatch_could_not_read_say_so() {
    let local = local().await;
    let series: Vec<_> = local.series("orders").await;
    let pick = |metric: &str| series.iter().find(|series| &*series.metric == metric).cloned();
    let picked: Vec<_> = ["cpuUtilization", "heapMemoryUtilization", "uptime"].into_iter().filter_map(pick).collect();
    assert_eq!(picked.len(), 3);
    let status = [("cpuUtilization", "InternalError"), ("heapMemoryUtilization", "Forbidden")];
    let metric_status = status.into_iter().map(|(metric, status)| (metric.to_owned(), status.to_owned())).collect();
    local.server.set_faults(Faults { metric_status, ..Faults::default() });
    let answer = local.aws.get_metric_data(&local.call(&picked, 5)).await.unwrap();
    let read: Vec<_> = answer.columns.iter().map(|column| column.completeness).collect();
    assert_eq!(read, [Completeness::Failed, Completeness::Forbidden, Completeness::Complete]);

    local.server.set_faults(Faults { partial_data: Times::Always, ..Faults::default() });
    let answer = local.aws.get_metric_data(&local.call(&picked, 5)).await.unwrap();
    assert_eq!(answer.columns[0].completeness, Completeness::Partial);
}

#[tokio::test]
async fn faults_are_survived_once_and_named_when_they_last() {
    let local = local().await;
    let call = local.call(&[], 5);
    let once = [
        Faults { throttle: Times::Next(1), ..Faults::default() },
        Faults { internal_error: Times::Next(1), ..Faults::default() },
        Faults { unavailable: Times::Next(1), ..Faults::default() },
        Faults { cut_body: Times::Next(1), ..Faults::default() },
    ];
    let series = local.series("orders").await;
    let call = GetMetricDataCall { series: local.call(&series[..1], 5).series, ..call };
    for faults in once {
        local.server.set_faults(faults.clone());
        assert!(local.aws.get_metric_data(&call).await.is_ok(), "{faults:?}");
    }
    let lasting = [
        (Faults { throttle: Times::Always, ..Faults::default() }, CallErrorKind::Throttled),
        (Faults { internal_error: Times::Always, ..Faults::default() }, CallErrorKind::ServiceFailure),
        (Faults { expired_token: Times::Always, ..Faults::default() }, CallErrorKind::Credentials),
        (Faults { deny: vec!["cloudwatch:*".to_owned()], ..Faults::default() }, CallErrorKind::AccessDenied),
        (Faults { cut_body: Times::Always, ..Faults::default() }, CallErrorKind::ServiceFailure),
    ];
    for (faults, kind) in lasting {
        local.server.set_faults(faults.clone());
        let error = local.aws.get_metric_data(&call).await.unwrap_err();
        assert_eq!(error.kind, kind, "{faults:?}: {error}");
    }
}

#[tokio::test]
async fn health_is_good_for_everyone_and_degraded_without_kinesis_analytics() {
    let limited = Identity::denying(["kinesisanalytics:*"]);
    let identities = HashMap::from([("AKIDEXAMPLE".to_owned(), limited)]);
    let check = async |options: Options| {
        let local = local_with(options).await;
        let source = Source {
            aws: Arc::<AwsClient>::clone(&local.aws),
            cache: Arc::new(FactCache::new()),
            coalescer: Arc::new(Coalescer::new()),
            owner: Arc::new(Owner::of(&local.settings)),
            payer: Payer::default(),
            deadline: Instant::now() + Duration::from_secs(30),
        };
        save_and_test::check(&source, &local.settings, NOW * 1000).await
    };
    let good = check(Options::default()).await;
    assert!(good.ok && good.message.starts_with("Ready: "), "{}", good.message);
    let degraded = check(Options { identities, ..Options::default() }).await;
    assert!(degraded.ok, "{}", degraded.message);
    assert!(degraded.message.contains("add kinesisanalytics:DescribeApplication to the policy"));
}
