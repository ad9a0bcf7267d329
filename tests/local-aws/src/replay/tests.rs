use std::path::PathBuf;

use super::*;

fn recording_dir(version: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(version)
}

fn series(metric: &str, dimensions: &[(&str, &str)]) -> Series {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Series { metric: metric.into(), dimensions: dimensions.collect() }
}

/// The rows as text, read without the code under test.
fn rows(version: &str, file: &str) -> Vec<Vec<String>> {
    use std::io::Read;
    let file = std::fs::File::open(recording_dir(version).join(file)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut lines = csv::Reader::from_reader(text.as_bytes());
    lines.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn every_recorded_minute_is_served_as_it_was_recorded() {
    for version in ["flink-1.20", "flink-2.2"] {
        let replay = Replay::open(&recording_dir(version)).unwrap();
        for file in ["cloudwatch_1m.csv.gz", "cloudwatch_1m_parallelism.csv.gz"] {
            for row in rows(version, file) {
                let names = ["Application", "Parallelism", "Task", "TaskOperator"];
                let values = [&row[2], &row[5], &row[3], &row[4]];
                let dimensions: Vec<_> =
                    names.into_iter().zip(values.map(String::as_str)).filter(|(_, value)| !value.is_empty()).collect();
                let minute = row[0].parse::<i64>().unwrap() / 1000;
                let answer = replay.minute(REGION, &series(&row[6], &dimensions), minute, replay.now()).unwrap();
                let found = [answer.sample_count, answer.sum, answer.minimum, answer.maximum];
                let recorded: Vec<f64> = row[7..11].iter().map(|text| text.parse().unwrap()).collect();
                assert_eq!(found.as_slice(), recorded.as_slice(), "{row:?}");
            }
        }
    }
}

#[test]
fn samples_fold_back_to_the_minute() {
    let replay = Replay::open(&recording_dir("flink-2.2")).unwrap();
    for entry in replay.series(REGION, replay.now()).iter() {
        let minute = replay.minute(REGION, &entry.series, entry.last_minute, replay.now()).unwrap();
        let samples = replay.samples(REGION, &entry.series, entry.last_minute, replay.now());
        let folded = Minute::of_samples(&samples).unwrap();
        assert_eq!(folded.sample_count, minute.sample_count, "{entry:?}");
        // The recorded numbers are rounded to about six digits.
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs() + 1e-3;
        assert!(close(folded.sum, minute.sum), "{folded:?} {minute:?} {entry:?}");
        assert!(close(folded.minimum, minute.minimum), "{folded:?} {minute:?} {entry:?}");
        assert!(close(folded.maximum, minute.maximum), "{folded:?} {minute:?} {entry:?}");
    }
}

#[test]
fn the_open_minute_holds_only_what_has_arrived() {
    let replay = Replay::open(&recording_dir("flink-1.20")).unwrap();
    let uptime = series("uptime", &[("Application", "orders")]);
    let last = replay.now() - 120;
    let count = |now| replay.minute(REGION, &uptime, last, now).map(|minute| minute.sample_count);
    assert_eq!(count(last), None);
    assert_eq!(count(last + 30), Some(2.0));
    assert_eq!(count(last + 60), Some(4.0));
}

#[test]
fn the_application_carries_its_plan_and_settings() {
    for (version, runtime) in [("flink-1.20", "FLINK-1_20"), ("flink-2.2", "FLINK-2_2")] {
        let replay = Replay::open(&recording_dir(version)).unwrap();
        let applications = replay.applications(REGION, replay.now());
        assert_eq!(applications.len(), 1);
        let application = &applications[0];
        assert_eq!((application.name.as_str(), application.runtime.as_str()), ("orders", runtime));
        let flink =
            &application.detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"];
        assert_eq!(flink["CheckpointConfigurationDescription"]["CheckpointInterval"], 20_000);
        assert_eq!(flink["MonitoringConfigurationDescription"]["MetricsLevel"], "PARALLELISM");
        assert_eq!(flink["ParallelismConfigurationDescription"]["Parallelism"], 4);
        let plan: serde_json::Value = serde_json::from_str(application.job_plan.as_ref().unwrap()).unwrap();
        assert_eq!(plan["nodes"].as_array().unwrap().len(), 7);
    }
    assert!(Replay::open(&recording_dir("flink-1.20")).unwrap().applications("us-east-1", 0).is_empty());
}

#[test]
fn a_missing_recording_is_named() {
    let error = Replay::open(&recording_dir("flink-0.1")).unwrap_err();
    assert!(error.contains("cloudwatch_1m.csv.gz"), "{error}");
}

#[test]
fn the_recorded_log_is_served_as_the_applications_own() {
    for (folder, events) in [("flink-1.20", 6265), ("flink-2.2", 6353)] {
        let replay = Replay::open(&recording_dir(folder)).unwrap();
        let now = replay.now() + 60;
        let groups = replay.log_groups(REGION, now);
        let stream = LogStream { account: ACCOUNT, group: &groups[0].name, name: LOG_STREAM };
        let all = replay.log_events(REGION, stream, 0..i64::MAX, now);
        assert_eq!(all.len(), events, "{folder}");
        assert!(all.is_sorted_by_key(|event| event.timestamp));
        let arn = replay.applications(REGION, now)[0].detail["ApplicationARN"].to_string();
        assert!(all.iter().all(|event| event.message.contains(&arn)));
        let failures = |level: &str| {
            let is_failure =
                |event: &&LogEvent| event.message.contains("RUNNING to FAILED") && event.message.contains(level);
            all.iter().filter(is_failure).count()
        };
        assert_eq!((failures("\"WARN\"}"), failures("\"INFO\"}")), (3, 3), "each failure is told twice");
    }
}
