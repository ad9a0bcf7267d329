//! The job as a whole: restarts, availability, uptime and checkpoints, exactly.

use serde_json::{Value, json};

use super::recording::{Recording, VERSIONS};
use crate::support::world::{Answer, Line};

fn signals(names: &[&str]) -> Value {
    json!({ "queryType": "application", "applications": ["orders"], "signals": names })
}

async fn ask(recording: &Recording, names: &[&str]) -> Answer {
    let answer = recording.chain().await.ask(signals(names), recording.whole()).await;
    assert_eq!(answer.notices(), "");
    answer
}

#[tokio::test]
async fn every_restart_is_counted_once_and_a_new_job_is_none() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let restarts = ask(recording, &["restarts"]).await.signal("restarts");
        let since = |phase: &str| recording.minute_of(phase);
        assert_eq!(restarts.sum(recording.whole()), 4.0);
        assert_eq!(restarts.sum(recording.start()..since("failure_user_code")), 0.0);
        assert_eq!(restarts.sum(since("failure_user_code")..since("failure_declined") + 60), 3.0);
        assert_eq!(restarts.sum(since("failure_expired")..since("stopping")), 1.0);
        assert_eq!(restarts.sum(since("stopped")..recording.now()), 0.0);
        for period in ["2m", "5m", "15m", "1h"] {
            let mut query = signals(&["restarts"]);
            query["period"] = json!(period);
            let answer = recording.chain().await.ask(query, recording.whole()).await;
            assert_eq!(answer.signal("restarts").sum(0..i64::MAX), 4.0, "{version} {period}");
        }
    }
}

#[tokio::test]
async fn the_fleet_table_shows_the_restarts_and_failed_checkpoints_of_the_range() {
    for (version, failed) in [("flink-1.20", 9.0), ("flink-2.2", 8.0)] {
        let recording = Recording::of(version);
        let query = json!({ "queryType": "application", "applications": ["*"], "as": "table" });
        let answer = recording.chain().await.ask(query, recording.whole()).await;
        assert_eq!(answer.cell("orders", "Restarts"), 4.0);
        assert_eq!(answer.cell("orders", "Checkpoints failed"), failed);
        assert_eq!(answer.text("orders", "status"), "RUNNING");
    }
}

/// The counts of Flink's REST API. The last savepoint of a stopped job is published by none of its samples.
#[tokio::test]
async fn checkpoints_are_counted_as_flink_counts_them() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let answer = ask(recording, &["checkpointsCompleted", "checkpointsFailed"]).await;
        let completed = answer.signal("checkpointsCompleted");
        let failed = answer.signal("checkpointsFailed");
        let first_job = recording.start()..recording.minute_of("stopped") + 60;
        let second_job = recording.minute_of("stopped") + 60..recording.now();
        let counts = |range: std::ops::Range<i64>| (completed.sum(range.clone()), failed.sum(range));
        assert_eq!(counts(first_job), recording.rest_counts("after_expired"), "{version}");
        assert_eq!(counts(second_job), recording.rest_counts("redeployed"), "{version}");
        check_moments(recording, &completed, &failed);
    }
}

/// A REST answer lies within a minute: its counts are at least those of the minutes before, and at most those with its
/// own.
fn check_moments(recording: &Recording, completed: &Line, failed: &Line) {
    let moments = [
        "steady",
        "after_savepoint",
        "backpressure",
        "backpressure_heavy",
        "after_restarts",
        "after_declined",
        "during_expired",
    ];
    for moment in moments {
        let minute = (recording.moment(moment) / 60.0).floor() as i64 * 60;
        let (rest_completed, rest_failed) = recording.rest_counts(moment);
        for (line, rest) in [(completed, rest_completed), (failed, rest_failed)] {
            let before = line.sum(recording.start()..minute);
            let after = line.sum(recording.start()..minute + 120);
            assert!(before <= rest && rest <= after, "{moment}: {rest} in {before}..={after}");
        }
    }
}

#[tokio::test]
async fn checkpoint_ratios_and_intervals_are_those_of_the_job() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let names = ["checkpointSuccessRatio", "checkpointInterval", "checkpointPressure", "checkpointDuration"];
        let answer = ask(recording, &names).await;
        let [ratio, interval, pressure, duration] = names.map(|name| answer.signal(name));
        let steady = recording.steady();
        assert!(ratio.known(steady.clone()).iter().all(|ratio| *ratio == 1.0));
        // Configured are 20 s; the savepoint in between is one more.
        let mean = interval.mean(steady.clone());
        assert!((18.5..20.5).contains(&mean), "{version}: every {mean} s");
        let expired = recording.minute_of("failure_expired") + 120..recording.minute_of("stopping") - 60;
        assert!(ratio.known(expired.clone()).iter().all(|ratio| *ratio == 0.0), "{:?}", ratio.known(expired));
        for (minute, duration) in &duration.points {
            let expected = duration / 20_000.0;
            assert!(duration.is_nan() || (pressure.at(*minute) - expected).abs() < 1e-9);
        }
    }
}

#[tokio::test]
async fn the_summary_of_checkpoints_is_flinks_own() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let query = json!({ "queryType": "checkpoint", "applications": ["orders"], "as": "summary" });
        // As of the moment at which REST was asked.
        let end = recording.minute_of("stopping");
        let answer = recording.chain().await.ask(query, recording.start()..end).await;
        let cell = |column: &str| answer.cell("orders", column);
        let rest = recording.rest_summary("after_expired");
        assert_eq!(cell("Checkpoint duration maximum"), rest.maximum, "{version}");
        // Only samples are published, four a minute: they may miss the shortest, and show a long one longer.
        let minimum = cell("Checkpoint duration minimum");
        assert!((rest.minimum..rest.minimum + 10.0).contains(&minimum), "{version}: {minimum} for {}", rest.minimum);
        let average = cell("Checkpoint duration average");
        assert!((average / rest.average - 1.0).abs() < 0.2, "{version}: {average} for {}", rest.average);
    }
}

/// Flink restarted after 10 s each time, three times within a minute; the stop lasted from one phase to the other.
#[tokio::test]
async fn availability_misses_restarts_and_the_stop_and_nothing_else() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let availability = ask(recording, &["availability"]).await.signal("availability");
        let down =
            |from: i64, to: i64| availability.known(from..to).iter().map(|share| (1.0 - share) * 60.0).sum::<f64>();
        let since = |phase: &str| recording.minute_of(phase);
        let steady = availability.known(recording.start() + 60..since("failure_user_code"));
        assert!(steady.iter().all(|share| *share == 1.0), "{version}: {steady:?}");
        let restarts = down(since("failure_user_code"), since("failure_expired"));
        assert!((30.0..75.0).contains(&restarts), "{version}: {restarts} s");
        let expired = down(since("failure_expired"), since("stopping"));
        assert!((5.0..25.0).contains(&expired), "{version}: {expired} s");
        let stop = down(since("stopping"), recording.now());
        let gap = recording.phase("resubmitted") - recording.phase("stopped");
        assert!((gap - 15.0..gap + 15.0).contains(&stop), "{version}: {stop} s of {gap} s");
    }
}

#[tokio::test]
async fn uptime_is_the_time_since_the_job_last_began_to_run() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let uptime = ask(recording, &["uptime"]).await.signal("uptime");
        for minute in recording.steady().step_by(60) {
            let since = (minute as f64 - recording.phase("submitted")) * 1000.0;
            let found = uptime.at(minute);
            // The first sample of a minute comes within its first 15 s; the job ran some seconds after its submission.
            assert!((since - 10_000.0..since + 15_000.0).contains(&found), "{version}: {found} for {since}");
        }
        let restarted = recording.minute_of("failure_user_code");
        assert_eq!(uptime.at(restarted), 0.0);
    }
}
