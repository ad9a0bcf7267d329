//! "Save & test": which calls it makes, and what it says about each permission.

use std::sync::Arc;

use flinkwatch::failure::{CallError, CallErrorKind, Cause};
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::save_and_test::{HealthReport, PermissionOutcome, check};
use serde_json::{Value, json};

use crate::support::facts::{description, settings, settings_under, source, summary};
use crate::support::scripted::{Scripted, failure, series};

const NOW_MS: i64 = 1_700_000_030_000;

fn healthy() -> Scripted {
    Scripted {
        list_applications: Box::new(|_| Ok(vec![summary("orders", ApplicationStatus::Running, "FLINK-1_20")])),
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        ..Scripted::default()
    }
}

async fn report_with(aws: Scripted, json: Value) -> HealthReport {
    let settings = settings(json);
    check(&source(&Arc::new(aws), &settings), &settings, NOW_MS).await
}

async fn report(aws: Scripted) -> HealthReport {
    report_with(aws, json!({})).await
}

fn denied() -> CallError {
    failure(CallErrorKind::AccessDenied)
}

#[tokio::test(start_paused = true)]
async fn one_cheap_call_is_made_per_permission() {
    let aws = Arc::new(healthy());
    let settings = settings(json!({}));
    let report = check(&source(&aws, &settings), &settings, NOW_MS).await;
    assert!(report.ok);
    let mut asked = aws.asked();
    asked.sort();
    let expected = [
        "DescribeApplication eu-west-1 orders",
        "FilterLogEvents eu-west-1 orders",
        "GetMetricData eu-west-1 1699999920..1699999980 series=1",
        "ListApplications eu-west-1",
        "ListMetrics eu-west-1 app=* metric=cpuUtilization ThreeHours",
        "ListTagsForResource eu-west-1 arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders",
    ];
    assert_eq!(asked, expected);
    assert_eq!(
        report.message,
        "Ready: 1 application in eu-west-1.\n\
         cloudwatch:ListMetrics: ok\n\
         cloudwatch:GetMetricData: ok\n\
         kinesisanalytics:ListApplications: ok\n\
         kinesisanalytics:DescribeApplication: ok\n\
         kinesisanalytics:ListTagsForResource: ok\n\
         logs:FilterLogEvents: ok"
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_tags_of_applications_it_is_ready() {
    let report = report(Scripted { list_tags_for_resource: Box::new(|_| Err(denied())), ..healthy() }).await;
    assert!(report.ok && report.message.starts_with("Ready: 1 application in eu-west-1.\n"), "{}", report.message);
    let advice = "ListTagsForResource: denied; add kinesisanalytics:ListTagsForResource to the policy of this data source's identity, if variables choose applications by tag";
    assert!(report.message.contains(advice), "{}", report.message);
}

#[tokio::test(start_paused = true)]
async fn without_kinesis_analytics_permissions_it_is_healthy_and_names_them() {
    let report = report(Scripted {
        list_applications: Box::new(|_| Err(denied())),
        describe_application: Box::new(|_| Err(denied())),
        ..healthy()
    })
    .await;
    assert!(report.ok);
    let words = "Metrics can be read in eu-west-1. AWS denied Scripted, so applications are found by their metrics;";
    assert!(report.message.starts_with(words), "{}", report.message);
    for action in ["kinesisanalytics:ListApplications", "kinesisanalytics:DescribeApplication"] {
        let advice = format!("{action}: denied; add {action} to the policy of this data source's identity");
        assert!(report.message.contains(&advice), "{}", report.message);
    }
}

#[tokio::test(start_paused = true)]
async fn without_metrics_it_is_not_healthy() {
    for broken in [
        Scripted { list_metrics: Box::new(|_| Err(denied())), ..healthy() },
        Scripted { get_metric_data: Box::new(|_| Err(denied())), ..healthy() },
    ] {
        let report = report(broken).await;
        assert!(!report.ok);
        let words = "AWS denied Scripted, so metrics cannot be read in eu-west-1. Add test:Scripted to the policy of this data source.\n";
        assert!(report.message.starts_with(words), "{}", report.message);
        let denied: Vec<_> = report.lines.iter().filter(|line| line.outcome == PermissionOutcome::Denied).collect();
        assert_eq!(denied.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_are_explained_once() {
    let wrong = || failure(CallErrorKind::Credentials);
    let broken = || Scripted {
        list_applications: Box::new(move |_| Err(wrong())),
        list_metrics: Box::new(move |_| Err(wrong())),
        get_metric_data: Box::new(move |_| Err(wrong())),
        ..Scripted::default()
    };
    let default = report(broken()).await;
    assert!(!default.ok);
    assert_eq!(default.message.matches("scripted").count(), 1);
    assert!(default.message.contains("no AWS_* variable"), "{}", default.message);
    assert!(default.message.contains("pluginsSkipHostEnvVars"), "{}", default.message);

    let keys = report_with(broken(), json!({ "authType": "keys" })).await;
    assert!(!keys.message.contains("AWS_*"), "{}", keys.message);
}

#[tokio::test(start_paused = true)]
async fn an_empty_region_is_said_and_nothing_is_described() {
    let aws = Arc::new(Scripted::default());
    let settings = settings(json!({}));
    let report = check(&source(&aws, &settings), &settings, NOW_MS).await;
    assert!(report.ok);
    assert!(report.message.starts_with("Ready, but there is no application in eu-west-1"), "{}", report.message);
    assert!(report.message.contains("DescribeApplication: not tried"), "{}", report.message);
    assert_eq!(aws.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_is_gone_shows_the_permission_as_well() {
    let gone = || failure(CallErrorKind::NotFound);
    let report = report(Scripted { describe_application: Box::new(move |_| Err(gone())), ..healthy() }).await;
    assert_eq!(report.lines[3].outcome, PermissionOutcome::Ok);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_deadline() {
    let slow = Scripted { latency: std::time::Duration::from_secs(3600), ..healthy() };
    let report = report(slow).await;
    assert!(!report.ok);
    assert!(report.message.contains("the network of the Grafana server"), "{}", report.message);
}

/// What cannot be read is what follows; the first words are for the cause, with the host where one was asked.
#[tokio::test(start_paused = true)]
async fn the_cause_comes_before_what_cannot_be_read() {
    let at = |kind| {
        let mut error = failure(kind);
        error.context.server.host = Some("monitoring.eu-west-1.amazonaws.com".to_owned());
        error
    };
    let cases = [
        (CallErrorKind::Unreachable, "CloudWatch cannot be reached (monitoring.eu-west-1.amazonaws.com: "),
        (CallErrorKind::Timeout, "ListMetrics at monitoring.eu-west-1.amazonaws.com did not answer in time"),
        (CallErrorKind::Untrusted, "The Grafana server does not trust the certificate of CloudWatch"),
        (
            CallErrorKind::WrongServer,
            "The server that answered ListMetrics is not CloudWatch (monitoring.eu-west-1.amazonaws.com: ",
        ),
        (CallErrorKind::Throttled, "CloudWatch throttled ListMetrics"),
        (CallErrorKind::ServiceFailure, "CloudWatch failed on ListMetrics"),
    ];
    for (kind, words) in cases {
        let error = CallError { operation: "cloudwatch:ListMetrics", ..at(kind) };
        let report = report(Scripted { list_metrics: Box::new(move |_| Err(error.clone())), ..healthy() }).await;
        let first = report.message.lines().next().unwrap_or_default();
        assert!(!report.ok && first.starts_with(words), "{kind:?}: {first}");
        assert!(first.contains(", so metrics cannot be read in eu-west-1. "), "{kind:?}: {first}");
    }
    let error = CallError { operation: "kinesisanalytics:ListApplications", ..at(CallErrorKind::Unreachable) };
    let report = report(Scripted { list_applications: Box::new(move |_| Err(error.clone())), ..healthy() }).await;
    let words = "Metrics can be read in eu-west-1. Managed Service for Apache Flink cannot be reached (monitoring.";
    assert!(report.ok && report.message.starts_with(words), "{}", report.message);
}

/// Private subnets often have an endpoint for one of the services only.
#[tokio::test(start_paused = true)]
async fn a_silent_service_alone_is_blamed() {
    let silent = Scripted { list_applications: Box::new(|_| Err(failure(CallErrorKind::Timeout))), ..healthy() };
    let report = report(silent).await;
    assert!(report.ok, "{}", report.message);
    let outcomes: Vec<&PermissionOutcome> = report.lines.iter().map(|line| &line.outcome).collect();
    assert_eq!(outcomes[..2], [&PermissionOutcome::Ok, &PermissionOutcome::Ok]);
    assert!(matches!(outcomes[2], PermissionOutcome::Failed(_)));
    assert_eq!(outcomes[3..], [&PermissionOutcome::NotTried("the service did not answer"); 3]);
}

async fn credentials_message(json: Value, variables: &[(&str, &str)]) -> String {
    let wrong = || failure(CallErrorKind::Credentials);
    let aws = Scripted {
        list_applications: Box::new(move |_| Err(wrong())),
        list_metrics: Box::new(move |_| Err(wrong())),
        get_metric_data: Box::new(move |_| Err(wrong())),
        ..Scripted::default()
    };
    let settings = settings_under(json, variables);
    check(&source(&Arc::new(aws), &settings), &settings, NOW_MS).await.message
}

#[tokio::test(start_paused = true)]
async fn the_advice_follows_the_rules_of_the_grafana_that_runs() {
    let new = credentials_message(json!({}), &[("GF_VERSION", "12.4.0")]).await;
    assert!(new.contains("forward_host_env_vars of [plugins]") && !new.contains("toggle"), "{new}");
    let old = credentials_message(json!({}), &[("GF_VERSION", "12.3.1")]).await;
    assert!(old.contains("feature toggle pluginsSkipHostEnvVars") && !old.contains("forward_host"), "{old}");
    let profile = credentials_message(json!({ "authType": "credentials" }), &[("GF_VERSION", "13.0.0")]).await;
    assert!(profile.contains("nowhere: neither AWS_SHARED_CREDENTIALS_FILE nor HOME is set"), "{profile}");
    assert!(profile.contains("forward_host_env_vars"), "{profile}");
    let token = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token"), ("AWS_ROLE_ARN", "arn")];
    let token = credentials_message(json!({}), &token).await;
    assert!(token.contains("AWS_WEB_IDENTITY_TOKEN_FILE names /no/such/token, which does not exist"), "{token}");
}

async fn refused(json: Value, cause: Cause) -> String {
    let error = failure(CallErrorKind::Credentials).because(cause);
    let aws = Scripted { list_metrics: Box::new(move |_| Err(error.clone())), ..healthy() };
    report_with(aws, json).await.message
}

#[tokio::test(start_paused = true)]
async fn the_code_of_aws_tells_which_key_is_wrong() {
    let keys = || json!({ "authType": "keys" });
    let cases = [
        ("SignatureDoesNotMatch", "check the secretKey"),
        ("ExpiredTokenException", "enter a new accessKey, secretKey and sessionToken"),
        ("UnrecognizedClientException", "does not know accessKey"),
        ("IncompleteSignature", "Check accessKey, secretKey and"),
    ];
    for (code, words) in cases {
        let told = refused(keys(), Cause::Code(code.to_owned())).await;
        assert!(told.contains(words), "{told}");
    }
}

/// The credentials are right, and what is wrong is between them and the role.
#[tokio::test(start_paused = true)]
async fn a_refused_role_is_not_told_as_wrong_credentials() {
    let role = "arn:aws:iam::123456789012:role/grafana";
    let told = refused(json!({ "authType": "keys", "assumeRoleArn": role }), Cause::RefusedRole).await;
    assert!(told.starts_with(&format!("The role of assumeRoleArn, {role}, cannot be assumed")), "{told}");
    assert!(told.contains("with no externalId, as none is set here") && !told.contains("secretKey"), "{told}");
    // That of a web identity is not the one of the settings.
    let told = refused(json!({ "assumeRoleArn": role }), Cause::Other).await;
    assert!(told.starts_with("AWS credentials cannot be used"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_default_application_that_cannot_be_looked_up_is_no_error() {
    let hidden = |series: &'static str| Scripted {
        list_applications: Box::new(|_| Err(denied())),
        describe_application: Box::new(|_| Err(denied())),
        list_metrics: Box::new(move |_| Ok(vec![self::series("cpuUtilization", &[("Application", series)])])),
        ..Scripted::default()
    };
    let settings = || json!({ "defaultApplication": "orders" });
    let quiet = report_with(hidden("payments"), settings()).await;
    assert!(quiet.ok && quiet.message.starts_with("defaultApplication is \"orders\", which has published no metrics"));
    let published = report_with(hidden("orders"), settings()).await;
    assert!(published.ok && published.message.starts_with("Metrics can be read"), "{}", published.message);
    // What the list lacks and DescribeApplication has was made a moment ago.
    let listed = Scripted { list_applications: Box::new(|_| Ok(Vec::new())), ..healthy() };
    assert!(report_with(listed, settings()).await.ok);
}
