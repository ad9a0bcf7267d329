//! A fact that cannot be had for a moment: an alert is not decided without it, and what was known before holds on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flinkwatch::aws::DESCRIBE_APPLICATION;
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::fetch::Source;
use flinkwatch::model::application::{ApplicationStatus, Checkpointing};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::QueryDefaults;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, failure, series};

/// "orders" runs and "archive" is stopped, an hour ago; `list` and `describe` fail while they say so.
fn aws(kind: CallErrorKind, list_fails: &Arc<AtomicBool>, describe_fails: &Arc<AtomicBool>) -> Arc<Scripted> {
    let (list_fails, describe_fails) = (Arc::clone(list_fails), Arc::clone(describe_fails));
    Arc::new(Scripted {
        list_applications: Box::new(move |_| {
            if list_fails.load(Ordering::SeqCst) {
                return Err(failure(kind));
            }
            let stopped = summary("archive", ApplicationStatus::Ready, "FLINK-1_20");
            Ok(vec![summary("orders", ApplicationStatus::Running, "FLINK-1_20"), stopped])
        }),
        describe_application: Box::new(move |name| {
            if describe_fails.load(Ordering::SeqCst) {
                return Err(CallError { operation: DESCRIBE_APPLICATION, ..failure(kind) });
            }
            let checkpointing = Some(Checkpointing { enabled: true, interval_ms: 60_000, min_pause_ms: 0 });
            Ok(flinkwatch::model::application::Description { checkpointing, ..description(name.as_str()) })
        }),
        list_metrics: Box::new(|ask| {
            let names = match &ask.application {
                Some(name) => vec![name.to_string()],
                None => vec!["orders".to_owned(), "archive".to_owned()],
            };
            let of = |name: &String| {
                let app = ("Application", name.as_str());
                let task = ("Task", "Source:_a____Sink:_b");
                let metrics = ["cpuUtilization", "uptime", "lastCheckpointDuration"];
                let mut all: Vec<_> = metrics.iter().map(|metric| series(metric, &[app])).collect();
                all.push(series("numRecordsOutPerSecond", &[app, task]));
                all
            };
            Ok(names.iter().flat_map(of).collect())
        }),
        ..Scripted::default()
    })
}

fn signal(application: &str, signal: &str) -> Value {
    json!({ "queryType": "application", "applications": [application], "signals": [signal] })
}

/// The status and text of an alert's error; nothing and the applications of its lines otherwise.
async fn ask(source: &Source, asked: &[flinkwatch::query::AskedQuery]) -> (u16, String) {
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let mut outcomes = engine::answer(source, &settings, asked, NOW * 1000).await;
    let reply = query_reply(outcomes.remove(0));
    match reply.error {
        Some(error) => (error.status, error.text),
        None => {
            let fields = reply.frames.iter().filter_map(|frame| frame.fields.get(1));
            let names: Vec<_> = fields.filter_map(|field| field.labels.get("application").cloned()).collect();
            (200, names.join(","))
        }
    }
}

const PASSING: [CallErrorKind; 4] =
    [CallErrorKind::Throttled, CallErrorKind::Timeout, CallErrorKind::Unreachable, CallErrorKind::ServiceFailure];

fn switch(is_on: bool) -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(is_on))
}

#[tokio::test(start_paused = true)]
async fn an_alert_fails_when_a_description_that_its_number_rests_on_cannot_be_had_for_the_moment() {
    for kind in PASSING {
        for (name, id, is_used) in [
            ("*", "checkpointPressure", true),
            ("orders", "checkpointPressure", true),
            ("*", "sourceRate", true),
            ("*", "uptime", false),
            ("orders", "cpu", false),
        ] {
            let aws = aws(kind, &switch(false), &switch(true));
            let source = source(&aws, &settings(json!({})));
            let (status, text) = ask(&source, &alerts(1, &[signal(name, id)])).await;
            assert_eq!(status != 200, is_used, "{kind:?} {name} {id}: {text}");
            assert_eq!(text.contains("\"orders\""), is_used, "{kind:?} {name} {id}: {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_description_that_may_not_be_read_fails_only_an_alert_that_needs_it() {
    let aws = aws(CallErrorKind::AccessDenied, &switch(false), &switch(true));
    let source = source(&aws, &settings(json!({})));
    assert_eq!(ask(&source, &alerts(1, &[signal("*", "checkpointPressure")])).await.0, 403);
    assert_eq!(ask(&source, &alerts(1, &[signal("*", "uptime")])).await, (200, "orders".to_owned()));
    // Also beside a line that is there: the status tells a lost permission from throttling.
    let mut both = signal("*", "uptime");
    both["signals"] = json!(["uptime", "checkpointPressure"]);
    assert_eq!(ask(&source, &alerts(1, &[both])).await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn the_known_list_is_better_than_one_made_from_metrics() {
    for kind in PASSING {
        let fails = switch(false);
        let aws = aws(kind, &fails, &switch(false));
        let mut source = source(&aws, &settings(json!({})));
        let all = [signal("*", "uptime")];
        assert_eq!(ask(&source, &alerts(1, &all)).await, (200, "orders".to_owned()));
        fails.store(true, Ordering::SeqCst);
        for minutes in [3, 30, 20] {
            tokio::time::advance(Duration::from_secs(minutes * 60)).await;
            source.deadline = Instant::now() + Duration::from_secs(30);
            assert_eq!(ask(&source, &alerts(1, &all)).await, (200, "orders".to_owned()), "{kind:?} {minutes}");
        }
        // After an hour nobody knows any more who is stopped.
        tokio::time::advance(Duration::from_secs(3600)).await;
        source.deadline = Instant::now() + Duration::from_secs(30);
        let (status, text) = ask(&source, &alerts(1, &all)).await;
        assert_ne!(status, 200, "{kind:?}: {text}");
        source.deadline = Instant::now() + Duration::from_secs(30);
        let (status, text) = ask(&source, &panels(1, &all)).await;
        // The service's limits are ours as well: its metrics would be asked for in vain by all.
        let is_told = kind != CallErrorKind::Throttled;
        assert_eq!(status == 200, is_told, "a panel takes what metrics tell: {kind:?} {text}");
    }
}

/// Numbers of CloudWatch are new. A configuration that nobody could read anew for a quarter of an hour is not.
#[tokio::test(start_paused = true)]
async fn an_outage_of_the_service_reaches_only_alerts_that_rest_on_it_and_these_after_a_quarter_of_an_hour() {
    for kind in PASSING {
        for (name, id, rests) in [
            ("*", "checkpointPressure", true),
            ("orders", "checkpointPressure", true),
            ("/ord/", "checkpointPressure", true),
            ("*", "uptime", false),
            ("orders", "cpu", false),
        ] {
            let (list_fails, describe_fails) = (switch(false), switch(false));
            let mut source = source(&aws(kind, &list_fails, &describe_fails), &settings(json!({})));
            let query = [signal(name, id)];
            assert_eq!(ask(&source, &alerts(1, &query)).await.0, 200, "{kind:?} {name} {id}");
            list_fails.store(true, Ordering::SeqCst);
            describe_fails.store(true, Ordering::SeqCst);
            for (minutes, is_trusted) in [(10, true), (3, true), (4, false), (10, false), (25, false)] {
                tokio::time::advance(Duration::from_secs(minutes * 60)).await;
                source.deadline = Instant::now() + Duration::from_secs(30);
                let (status, text) = ask(&source, &alerts(1, &query)).await;
                assert_eq!(status == 200, is_trusted || !rests, "{kind:?} {name} {id} {minutes}: {text}");
                // Somebody who looks at a panel sees what was known, and that it is old.
                source.deadline = Instant::now() + Duration::from_secs(30);
                assert_eq!(ask(&source, &panels(1, &query)).await.0, 200, "{kind:?} {name} {id} {minutes}");
            }
            // The first answer of the service decides again.
            list_fails.store(false, Ordering::SeqCst);
            describe_fails.store(false, Ordering::SeqCst);
            tokio::time::advance(Duration::from_secs(90)).await;
            source.deadline = Instant::now() + Duration::from_secs(30);
            assert_eq!(ask(&source, &alerts(1, &query)).await.0, 200, "{kind:?} {name} {id}");
        }
    }
}
