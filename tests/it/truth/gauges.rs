//! Gauges: sentinels, watermarks, load and where the bottleneck is.

use serde_json::{Value, json};

use super::recording::{Recording, VERSIONS};
use crate::support::world::{Answer, Chain};

const LOAD: [&str; 3] = ["busy", "idle", "backPressure"];

fn tasks(signals: &[&str]) -> Value {
    json!({ "queryType": "operator", "applications": ["orders"], "level": "task", "signals": signals })
}

#[tokio::test]
async fn a_value_that_means_no_value_is_a_gap() {
    // Where the recorded minute holds nothing but −1, and where the lowest watermark is Long.MIN.
    let recording = Recording::of("flink-2.2");
    let chain = recording.chain().await;
    let query = json!({ "queryType": "application", "applications": ["orders"],
        "signals": ["checkpointDuration", "checkpointSize", "checkpointPressure", "watermarkLag"] });
    let answer = chain.ask(query, recording.whole()).await;
    for signal in ["checkpointDuration", "checkpointSize", "checkpointPressure"] {
        let line = answer.signal(signal);
        assert!(line.at(recording.start()).is_nan(), "{signal}");
        assert!(line.known(recording.whole()).len() >= 34, "{signal}");
        assert!(line.known(recording.whole()).iter().all(|value| *value >= 0.0), "{signal}");
    }
    let restarted = recording.minute_of("failure_expired") + 120;
    // When the last recorded minute, which lacks a sample, is over for good.
    let chain = Chain::start(recording.world.clone(), recording.now() + 300).await;
    for statistic in ["Minimum", "Average"] {
        let query = json!({ "queryType": "metric", "applications": ["orders"],
            "metric": "currentOutputWatermark", "statistic": statistic });
        let line = chain.ask(query, recording.whole()).await.lines().remove(0);
        assert!(line.at(recording.start()).is_nan() && line.at(restarted).is_nan(), "{statistic} {:?}", line.points);
        assert_eq!(line.known(recording.whole()).len(), 34, "{statistic}");
    }
}

#[tokio::test]
async fn no_line_ever_shows_a_sentinel() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        for level in ["task", "operator", "subtask"] {
            let query = json!({ "queryType": "operator", "applications": ["orders"], "level": level,
                "signals": ["watermarkLag", "watermarkSkew"] });
            for line in chain.ask(query, recording.whole()).await.lines() {
                let wild = |value: &f64| !(-60_000.0..600_000.0).contains(value);
                let wild: Vec<f64> = line.known(recording.whole()).into_iter().filter(wild).collect();
                assert!(wild.is_empty(), "{version} {level} {:?}: {wild:?}", line.labels);
            }
        }
    }
}

/// The job allows 5 s of disorder and emits watermarks every 200 ms; a window or a join adds little.
#[tokio::test]
async fn watermarks_lag_by_the_allowed_disorder_until_back_pressure_holds_them_up() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let query = json!({ "queryType": "application", "applications": ["orders"], "signals": ["watermarkLag"] });
        let lag = recording.chain().await.ask(query, recording.whole()).await.signal("watermarkLag");
        for minute in recording.steady().step_by(60) {
            assert!((3_000.0..15_000.0).contains(&lag.at(minute)), "{version}: {}", lag.at(minute));
        }
        let held = lag.at(recording.minute_of("backpressure_heavy") + 60);
        assert!(held > lag.mean(recording.steady()) + 5_000.0, "{version}: {held}");
    }
}

#[tokio::test]
async fn busy_idle_and_back_pressure_make_up_all_of_the_time() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let mut query = tasks(&LOAD);
        query["statistic"] = json!("Average");
        let answer = recording.chain().await.ask(query, recording.whole()).await;
        let names: Vec<String> = recording.tasks();
        assert_eq!(names.len(), 7);
        let minutes =
            recording.steady().chain(recording.minute_of("backpressure_heavy")..recording.minute_of("recovery"));
        for minute in minutes.step_by(60) {
            for task in &names {
                let sum: f64 =
                    LOAD.map(|signal| answer.line(&[("task", task), ("signal", signal)]).at(minute)).iter().sum();
                assert!((sum - 1.0).abs() < 0.01, "{version} {task} {minute}: {sum}");
            }
        }
    }
}

#[tokio::test]
async fn the_bottleneck_is_busy_and_free_while_all_before_it_are_held_up() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let answer = recording.chain().await.ask(tasks(&["busy", "backPressure"]), recording.whole()).await;
        let minute = recording.minute_of("backpressure_heavy") + 60;
        let value = |answer: &Answer, task: &str, signal: &str| {
            let name = recording.tasks().into_iter().find(|name| name.starts_with(task)).unwrap();
            answer.line(&[("task", &name), ("signal", signal)]).at(minute)
        };
        assert!(value(&answer, "Enrich", "busy") > 0.98);
        assert!(value(&answer, "Enrich", "backPressure") < 0.02);
        for (task, least) in [("Source:_Kinesis_orders", 0.95), ("KeyedProcess", 0.9), ("Join", 0.2)] {
            assert!(value(&answer, task, "backPressure") > least, "{version} {task}");
        }
        assert!(value(&answer, "TumblingWindow", "backPressure") < 0.02);
        let steady = |task: &str| {
            let name = recording.tasks().into_iter().find(|name| name.starts_with(task)).unwrap();
            answer.line(&[("task", &name), ("signal", "backPressure")]).mean(recording.steady())
        };
        assert!(["Source:_Kinesis_orders", "KeyedProcess", "Join", "Enrich"].iter().all(|task| steady(task) < 0.1));
    }
}

#[tokio::test]
async fn the_busiest_task_comes_first() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let mut query = tasks(&["busy"]);
        query["top"] = json!({ "count": 1, "by": "busy" });
        let held = recording.minute_of("backpressure_heavy")..recording.minute_of("recovery");
        let lines = recording.chain().await.ask(query, held).await.lines();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].label("task").starts_with("Enrich"), "{version}: {}", lines[0].label("task"));
    }
}

/// The hottest subtask over the mean of four: between even (1) and all on one (4), and as the subtasks themselves say.
#[tokio::test]
async fn skew_is_how_much_busier_the_busiest_subtask_is() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let skews = chain.ask(tasks(&["skew"]), recording.steady()).await;
        let query = json!({ "queryType": "operator", "applications": ["orders"], "level": "subtask",
            "signals": ["busy"], "statistic": "Average" });
        let subtasks = chain.ask(query, recording.steady()).await.lines();
        for line in skews.lines() {
            let skew = line.mean(recording.steady());
            let parts = subtasks.iter().filter(|part| part.label("task") == line.label("task"));
            let busy: Vec<f64> = parts.map(|part| part.mean(recording.steady())).collect();
            let mean = busy.iter().sum::<f64>() / 4.0;
            let hottest = busy.iter().copied().fold(0.0, f64::max);
            assert!((1.0..=4.2).contains(&skew), "{version} {:?}: {skew}", line.labels);
            // The signal sees single samples, which swing around the mean of their minute.
            assert!(skew > 0.95 * hottest / mean, "{version} {:?}: {skew} for {busy:?}", line.labels);
        }
    }
}

#[tokio::test]
async fn uptime_and_restarts_come_from_the_metrics_that_are_published() {
    use crate::support::world::Chain;
    use crate::support::worlds::Masked;
    // (what is not published, whether the job can still be followed)
    type Case = (&'static str, fn(&local_aws::world::Series) -> bool);
    let cases: [Case; 3] = [
        ("flink-2.2", |series| !["uptime", "fullRestarts"].contains(&&*series.metric)),
        ("flink-1.20", |series| !["runningTime", "numRestarts"].contains(&&*series.metric)),
        ("flink-1.20", |_| true),
    ];
    for (version, shows) in cases {
        let recording = Recording::of(version);
        let world = Masked { inner: recording.world.clone(), shows };
        let chain = Chain::start(std::sync::Arc::new(world), recording.now()).await;
        let query = json!({ "queryType": "application", "applications": ["orders"],
            "signals": ["uptime", "restarts", "availability", "fullRestarts"] });
        let answer = chain.ask(query, recording.whole()).await;
        assert_eq!(answer.notices(), "", "{version}");
        assert_eq!(answer.signal("restarts").sum(recording.whole()), 4.0);
        // The counter itself, under whichever name it is published.
        assert_eq!(answer.signal("fullRestarts").at(recording.minute_of("stopping")), 4.0);
        assert_eq!(answer.signal("uptime").at(recording.minute_of("failure_user_code")), 0.0);
        assert_eq!(answer.signal("availability").mean(recording.steady()), 1.0);
    }
}
