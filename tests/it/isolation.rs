//! What goes wrong stays with the query it belongs to: the neighbours answer, and every refId hears what became of it.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::answers::GetMetricDataAnswer;
use flinkwatch::aws::{Answer, Aws, ListMetricsAsk};
use flinkwatch::compute::AnswerError;
use flinkwatch::engine::{self, EngineSettings, QueryFailure, QueryOutcome};
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::frames::frame::{Frame, Values};
use flinkwatch::model::application::{ApplicationSummary, Description, Tags};
use flinkwatch::model::log::LogLines;
use flinkwatch::model::series::MetricSeries;
use flinkwatch::notice::{Notice, Severity};
use flinkwatch::place::{Account, AccountId, ApplicationArn, ApplicationName, Place, Region};
use flinkwatch::plan::PlanSettings;
use flinkwatch::plan::call::GetMetricDataCall;
use flinkwatch::plan::log_read::LogRead;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::QueryDefaults;
use futures::FutureExt;
use futures::future::BoxFuture;
use insta::assert_snapshot;
use local_aws::fleet::{Fleet, LINKED_ACCOUNT};
use local_aws::server::{Faults, Options, RateLimits, Times};
use serde_json::{Value, json};

use crate::support::facts;
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, series};
use crate::support::served::Served;

/// AWS as an identity sees it that may not describe one application: IAM policies name applications one by one.
struct Denying {
    aws: Arc<dyn Aws>,
    application: ApplicationName,
}

impl Aws for Denying {
    fn get_metric_data<'a>(&'a self, call: &'a GetMetricDataCall) -> Answer<'a, GetMetricDataAnswer> {
        self.aws.get_metric_data(call)
    }

    fn wait_for_capacity<'a>(&'a self, region: &'a Region) -> BoxFuture<'a, ()> {
        self.aws.wait_for_capacity(region)
    }

    fn list_metrics<'a>(&'a self, ask: &'a ListMetricsAsk) -> Answer<'a, Vec<MetricSeries>> {
        self.aws.list_metrics(ask)
    }

    fn list_applications<'a>(&'a self, region: &'a Region) -> Answer<'a, Vec<ApplicationSummary>> {
        self.aws.list_applications(region)
    }

    fn describe_application<'a>(&'a self, region: &'a Region, name: &'a ApplicationName) -> Answer<'a, Description> {
        if *name != self.application {
            return self.aws.describe_application(region, name);
        }
        let operation = "kinesisanalytics:DescribeApplication";
        let denied = CallError::new(CallErrorKind::AccessDenied, operation, region, "not authorized");
        std::future::ready(Err(denied)).boxed()
    }

    fn list_tags_for_resource<'a>(&'a self, region: &'a Region, arn: &'a ApplicationArn) -> Answer<'a, Tags> {
        self.aws.list_tags_for_resource(region, arn)
    }

    fn filter_log_events<'a>(&'a self, read: &'a LogRead) -> Answer<'a, LogLines> {
        self.aws.filter_log_events(read)
    }

    fn caller_account<'a>(&'a self, region: &'a Region) -> Answer<'a, AccountId> {
        self.aws.caller_account(region)
    }
}

fn application(name: &str, signals: &[&str]) -> Value {
    json!({"queryType": "application", "applications": [name], "signals": signals})
}

/// One line per query: how much it shows, or why it shows nothing; then its notices.
fn text(outcomes: Vec<QueryOutcome>) -> String {
    let mut lines = Vec::new();
    for outcome in outcomes {
        let reply = query_reply(outcome);
        match reply.error {
            Some(error) => lines.push(format!("{}: {} {:?}: {}", reply.ref_id, error.status, error.blame, error.text)),
            None => lines.push(format!("{}: {}", reply.ref_id, describe(&reply.frames))),
        }
        let notices = reply.frames.iter().flat_map(|frame| &frame.meta.notices);
        lines.extend(notices.map(|notice| format!("   {:?}: {}", notice.severity, notice.text)));
    }
    lines.join("\n")
}

fn describe(frames: &[Frame]) -> String {
    let rows = |frame: &Frame| match frame.fields.first().map(|field| &field.values) {
        Some(Values::TimeMs(times)) => times.len(),
        Some(Values::Number(numbers)) => numbers.len(),
        Some(Values::Text(texts) | Values::Json(texts)) => texts.len(),
        Some(Values::Bool(flags)) => flags.len(),
        None => 0,
    };
    let frames: Vec<String> = frames.iter().map(|frame| format!("{} ({})", frame.name, rows(frame))).collect();
    frames.join(", ")
}

#[tokio::test]
async fn one_bad_query_leaves_its_neighbours_alone() {
    // One call per region is within the quota; the one of us-east-1 is used up first.
    let rate_limits = Some(RateLimits { per_second: [("GetMetricData".to_owned(), 0.0)].into() });
    let mut served = Served::start_with(Fleet::new(), Options { rate_limits, ..Options::default() }).await;
    let application_name = ApplicationName::from("fraud-scoring");
    served.source.aws = Arc::new(Denying { aws: Arc::clone(&served.source.aws), application: application_name });
    let in_us = |signal: &str| json!({"queryType": "application", "region": "us-east-1", "applications": ["returns"], "signals": [signal]});
    served.answer(&panels(1, &[in_us("heap")])).await;
    let outcomes = served
        .answer(&panels(
            1,
            &[
                application("orders", &["cpu"]),
                json!({"queryType": "application", "applications": ["orders"], "signals": ["cppu"]}),
                application("payments", &["sourceRate"]),
                application("nobody", &["cpu"]),
                application("fraud-scoring", &["cpu", "checkpointPressure"]),
                in_us("cpu"),
                json!("not an object"),
                application("legacy-reports", &["cpu"]),
                json!({"queryType": "operator", "applications": ["orders"], "as": "table", "signals": ["busy"]}),
                json!({"queryType": "checkpoint", "applications": ["orders", "nobody"], "as": "summary"}),
            ],
        ))
        .await;
    assert_snapshot!(text(outcomes));
    served.server.stop().await;
}

#[tokio::test]
async fn partial_data_is_shown_with_a_notice_and_fails_an_alert() {
    let served = Served::start(Fleet::new()).await;
    let queries = [application("orders", &["cpu"]), application("orders", &["sourceRate"])];
    served.server.set_faults(Faults { partial_data: Times::Always, ..Faults::default() });
    let panels = served.answer(&panels(1, &queries)).await;
    let alerts = served.answer(&alerts(1, &queries)).await;
    assert_snapshot!(format!("panels\n{}\nalerts\n{}", text(panels), text(alerts)));
    served.server.stop().await;
}

/// CloudWatch rejects a call as a whole, and a call carries what several panels and viewers want.
#[tokio::test]
async fn one_series_that_cloudwatch_rejects_fails_only_its_query() {
    let served = Served::start(Fleet::new()).await;
    let metric = |statistic: &str| json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization", "statistic": statistic});
    // More than a number of CloudWatch holds.
    let beyond = format!("TM(1:{})", "9".repeat(310));
    let queries = [application("orders", &["sourceRate", "heap"]), metric(&beyond), metric("p95")];
    assert_snapshot!(text(served.answer(&panels(1, &queries)).await));
    served.server.stop().await;
}

#[tokio::test]
async fn one_forbidden_metric_does_not_hide_the_others() {
    let served = Served::start(Fleet::new()).await;
    let metric_status = [("cpuUtilization".to_owned(), "Forbidden".to_owned())].into();
    served.server.set_faults(Faults { metric_status, ..Faults::default() });
    let queries = [application("orders", &["cpu", "heap"]), application("orders", &["heap"])];
    let panels = served.answer(&panels(1, &queries)).await;
    // A rule has the status of the failure, also where one of its lines is there.
    let alerts = served.answer(&alerts(1, &queries)).await;
    assert_snapshot!(format!("panels\n{}\nalerts\n{}", text(panels), text(alerts)));
    served.server.stop().await;
}

#[tokio::test]
async fn a_denied_action_fails_only_what_needs_it() {
    let queries = [
        application("orders", &["cpu"]),
        json!({"queryType": "application", "applications": ["/^orders$/"], "as": "table"}),
        json!({"queryType": "checkpoint", "applications": ["orders"], "signals": ["checkpointPressure"]}),
    ];
    let mut told = Vec::new();
    for action in ["GetMetricData", "ListMetrics", "ListApplications", "DescribeApplication"] {
        let served = Served::start(Fleet::new()).await;
        let deny = ["cloudwatch", "kinesisanalytics"].map(|service| format!("{service}:{action}")).into();
        served.server.set_faults(Faults { deny, ..Faults::default() });
        told.push(format!("without {action}\n{}", text(served.answer(&panels(1, &queries)).await)));
        served.server.stop().await;
    }
    assert_snapshot!(told.join("\n\n"));
}

/// Whose permission it is matters where one identity reads the metrics of several accounts.
#[tokio::test]
async fn what_fails_of_a_linked_account_is_told_with_that_account() {
    let linked = |shape: Value| {
        let mut query = json!({"queryType": "application", "applications": ["partner-feed"], "signals": ["cpu"], "accountId": LINKED_ACCOUNT});
        query.as_object_mut().unwrap().extend(shape.as_object().unwrap().clone());
        query
    };
    let queries = [linked(json!({})), linked(json!({"as": "table"})), application("orders", &["cpu"])];
    for action in ["GetMetricData", "ListMetrics"] {
        let served = Served::start(Fleet::new()).await;
        served.server.set_faults(Faults { deny: [format!("cloudwatch:{action}")].into(), ..Faults::default() });
        let told = text(served.answer(&panels(1, &queries)).await);
        let of_account =
            format!("Cannot read data of application \"partner-feed\" in eu-west-1 of account {LINKED_ACCOUNT}: ");
        assert_eq!(told.matches(&of_account).count(), 2, "{action}: {told}");
        assert_eq!(told.matches("of application \"orders\" in eu-west-1: ").count(), 1, "{action}: {told}");
        served.server.stop().await;
    }
}

#[test]
fn each_failure_of_a_call_has_its_status_blame_and_sentence() {
    let kinds = [
        CallErrorKind::AccessDenied,
        CallErrorKind::NoCredentials,
        CallErrorKind::Credentials,
        CallErrorKind::Throttled,
        CallErrorKind::NotFound,
        CallErrorKind::Rejected,
        CallErrorKind::Timeout,
        CallErrorKind::Unreachable,
        CallErrorKind::Untrusted,
        CallErrorKind::CaBundle,
        CallErrorKind::WrongServer,
        CallErrorKind::ServiceFailure,
    ];
    let outcome = |kind: CallErrorKind| {
        let error = CallError::new(kind, "cloudwatch:GetMetricData", &Region::from("eu-west-1"), "AWS's words");
        let applications = vec![ApplicationName::from("orders")];
        let failure = QueryFailure::Answer(AnswerError::Call { error, applications });
        QueryOutcome { ref_id: format!("{kind:?}"), result: Err(failure) }
    };
    assert_snapshot!(text(kinds.map(outcome).into()));
}

#[test]
fn a_refusal_by_our_own_limits_does_not_blame_aws() {
    let error = CallError::over_own_limits("cloudwatch:GetMetricData", &Region::from("eu-west-1"));
    let failure =
        QueryFailure::Answer(AnswerError::Call { error, applications: vec![ApplicationName::from("orders")] });
    let told = text(vec![QueryOutcome { ref_id: "A".to_owned(), result: Err(failure) }]);
    let expected = "A: 429 Downstream: Cannot read data of application \"orders\" in eu-west-1: the rate limits of this data source left no room for GetMetricData in time. Refresh less often, ask for less, or raise these limits in its settings.";
    assert_eq!(told, expected);
}

#[test]
fn every_other_failure_has_its_status_blame_and_sentence() {
    let names = |names: &[&str]| names.iter().map(|name| ApplicationName::from(*name)).collect::<Vec<_>>();
    let region = Region::from("eu-west-1");
    let place = Place { region: region.clone(), account: Account::Own };
    let unknown = |of: &[&str]| AnswerError::UnknownApplications { names: names(of), place: place.clone() };
    let list = CallError::new(CallErrorKind::AccessDenied, "kinesisanalytics:ListApplications", &region, "");
    let notice = Notice { severity: Severity::Warning, text: "Half of it is missing.".to_owned() };
    let failures = [
        unknown(&["a"]),
        unknown(&["a", "b", "c"]),
        unknown(&["a", "b", "c", "d", "e"]),
        AnswerError::Call { error: list, applications: Vec::new() },
        AnswerError::PartialForAlert { notices: vec![notice] },
    ];
    let outcome = |failure| QueryOutcome { ref_id: "A".to_owned(), result: Err(QueryFailure::Answer(failure)) };
    assert_snapshot!(text(failures.map(outcome).into()));
}

fn in_region(region: &str) -> Value {
    json!({"queryType": "application", "applications": ["orders"], "signals": ["uptime"], "region": region})
}

/// An AWS in which one region does as `trouble` says when its series are listed.
fn trouble_in_paris(trouble: fn() -> Vec<MetricSeries>) -> Scripted {
    Scripted {
        list_metrics: Box::new(move |ask| match ask.place.region.as_str() {
            "eu-west-3" => Ok(trouble()),
            _ => Ok(vec![series("uptime", &[("Application", "orders")])]),
        }),
        describe_application: Box::new(|name| Ok(facts::description(name.as_str()))),
        ..Scripted::default()
    }
}

/// What each query of a request says where it has no line: one about Paris and one about Ireland.
async fn ask_both(aws: Scripted) -> Vec<Result<(), String>> {
    let source = facts::source(&Arc::new(aws), &facts::settings(json!({})));
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let asked = panels(1, &[in_region("eu-west-3"), in_region("eu-west-1")]);
    let outcomes = engine::answer(&source, &settings, &asked, NOW * 1000).await;
    let replies = outcomes.into_iter().map(query_reply);
    replies.map(|reply| reply.error.map_or(Ok(()), |error| Err(error.text))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_query_is_told_in_its_place_and_its_neighbours_answer() {
    let answers = ask_both(trouble_in_paris(|| panic!("a bug"))).await;
    let text = "The query failed because of a bug in this plugin; its log has the details.";
    assert_eq!(answers, [Err(text.to_owned()), Ok(())]);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_does_not_answer_fails_its_own_query_only() {
    let slow = Some((Region::from("eu-west-3"), Duration::from_secs(3600)));
    let answers = ask_both(Scripted { slow, ..trouble_in_paris(Vec::new) }).await;
    let [Err(paris), Ok(())] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(paris.contains("ListMetrics") && paris.contains("eu-west-3"), "{paris}");
    assert!(!paris.contains("limits"), "{paris}");
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_slow_to_tell_what_there_is_answers_all_the_same() {
    let slow = Some((Region::from("eu-west-3"), Duration::from_secs(20)));
    let paris = || vec![series("uptime", &[("Application", "orders")])];
    assert_eq!(ask_both(Scripted { slow, ..trouble_in_paris(paris) }).await, [Ok(()), Ok(())]);
}
