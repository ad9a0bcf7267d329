//! Frames as Arrow's own reader sees them.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use flinkwatch::frames::encode::{Encoder, encode};
use flinkwatch::frames::frame::{
    BELOW_ALL, Color, Config, Field, Frame, FrameKind, Link, Mapping, Meta, NO_TIME, Shown, Special, Tab, Thresholds,
    Values, Visualisation,
};
use flinkwatch::notice::{Notice, Severity};
use serde_json::{Map, json};

fn read(file: Vec<u8>) -> RecordBatch {
    let mut reader = FileReader::try_new(Cursor::new(file), None).unwrap();
    assert_eq!(reader.num_batches(), 1);
    reader.next().unwrap().unwrap()
}

fn frame(fields: Vec<Field>) -> Frame {
    Frame { name: "orders".to_owned(), fields, ..Frame::default() }
}

#[test]
fn a_series_has_nanoseconds_nulls_and_its_texts() {
    let times: Arc<[i64]> = [1_700_000_000_000, 1_700_000_060_000, 1_700_000_120_000].into();
    let mut time = Field::new("time", Values::TimeMs(times));
    time.config.interval_ms = Some(60_000.0);
    let mut value = Field::new("busy", Values::Number(vec![0.5, f64::NAN, 1.0]));
    value.labels = BTreeMap::from([("task".to_owned(), "Sink: \"x\"".to_owned())]);
    value.config.unit = Some("percentunit".to_owned());
    let mut series = frame(vec![time, value]);
    series.meta.kind = FrameKind::TimeSeriesMulti;
    let batch = read(encode(&series, "A"));

    let schema = batch.schema();
    let text = schema.metadata();
    assert_eq!((text["name"].as_str(), text["refId"].as_str()), ("orders", "A"));
    assert_eq!(text["meta"], r#"{"type":"timeseries-multi","typeVersion":[0,1]}"#);
    let (time, busy) = (schema.field(0), schema.field(1));
    assert!(!time.is_nullable(), "Grafana's alerts refuse a time column that may hold an empty cell");
    assert!(busy.is_nullable());
    assert_eq!(time.metadata()["config"], r#"{"interval":60000.0}"#);
    assert_eq!(busy.metadata()["name"], "busy");
    assert_eq!(busy.metadata()["labels"], r#"{"task":"Sink: \"x\""}"#);
    assert_eq!(busy.metadata()["config"], r#"{"unit":"percentunit"}"#);

    let times = batch.column(0).as_primitive::<TimestampNanosecondType>();
    assert_eq!(times.value(1), 1_700_000_060_000_000_000);
    assert_eq!(times.null_count(), 0);
    let numbers = batch.column(1).as_primitive::<Float64Type>();
    assert_eq!(numbers.iter().collect::<Vec<_>>(), [Some(0.5), None, Some(1.0)]);
}

#[test]
fn a_table_has_text_and_truth_and_short_columns_are_filled() {
    let name = Values::Text(vec![Some("orders".to_owned()), None, Some(String::new())]);
    let fields = vec![
        Field::new("application", name),
        Field::new("running", Values::Bool(vec![Some(true), None])),
        Field::new("lag", Values::Number(vec![3.0])),
        Field::new("since", Values::TimeMs([1].into())),
    ];
    let batch = read(encode(&frame(fields), "B"));
    assert_eq!(batch.schema().metadata()["meta"], "{}");
    let names = batch.column(0).as_string::<i32>();
    assert_eq!(names.iter().collect::<Vec<_>>(), [Some("orders"), None, Some("")]);
    let running = batch.column(1).as_boolean();
    assert_eq!(running.iter().collect::<Vec<_>>(), [Some(true), None, None]);
    let lag = batch.column(2).as_primitive::<Float64Type>();
    assert_eq!(lag.iter().collect::<Vec<_>>(), [Some(3.0), None, None]);
    let since = batch.column(3).as_primitive::<TimestampNanosecondType>();
    assert_eq!(since.iter().collect::<Vec<_>>(), [Some(1_000_000), None, None]);
}

#[test]
fn empty_frames_are_frames() {
    let batch = read(encode(&frame(Vec::new()), "A"));
    assert_eq!((batch.num_rows(), batch.num_columns()), (0, 0));
    let columns = vec![
        Field::new("time", Values::TimeMs([].into())),
        Field::new("value", Values::Number(Vec::new())),
        Field::new("text", Values::Text(Vec::new())),
    ];
    let batch = read(encode(&frame(columns), "A"));
    assert_eq!((batch.num_rows(), batch.num_columns()), (0, 3));
}

const LAST_MS: i64 = i64::MAX / 1_000_000;

#[test]
fn times_beyond_nanoseconds_are_empty_cells_of_a_table() {
    let times = [NO_TIME, -LAST_MS, 0, LAST_MS, LAST_MS + 1, i64::MAX];
    let column = Field::new("time", Values::TimeMs(times.into()));
    let batch = read(encode(&frame(vec![column]), "A"));
    assert!(batch.schema().field(0).is_nullable());
    let read = batch.column(0).as_primitive::<TimestampNanosecondType>();
    let valid: Vec<bool> = (0..times.len()).map(|row| read.is_valid(row)).collect();
    assert_eq!(valid, [false, true, true, true, false, false]);
}

#[test]
fn every_row_of_a_series_has_a_time() {
    for kind in [FrameKind::TimeSeriesMulti, FrameKind::TimeSeriesWide, FrameKind::LogLines] {
        let times = Field::new("time", Values::TimeMs([NO_TIME, 0, LAST_MS + 1].into()));
        let mut series = frame(vec![times, Field::new("value", Values::Number(vec![1.0; 4]))]);
        series.meta.kind = kind;
        let batch = read(encode(&series, "A"));
        assert!(!batch.schema().field(0).is_nullable(), "{kind:?}");
        let times = batch.column(0).as_primitive::<TimestampNanosecondType>();
        let last = LAST_MS * 1_000_000;
        assert_eq!(times.iter().collect::<Vec<_>>(), [Some(-last), Some(0), Some(last), Some(last)], "{kind:?}");
    }
}

/// One time column may stand in a series and in a table of one answer.
#[test]
fn a_shared_time_column_keeps_the_rules_of_each_frame() {
    let times: Arc<[i64]> = [NO_TIME, 0].into();
    let of = |kind| {
        let mut shared = frame(vec![Field::new("time", Values::TimeMs(Arc::clone(&times)))]);
        shared.meta.kind = kind;
        shared
    };
    let mut encoder = Encoder::default();
    for (kind, nulls) in [(FrameKind::Table, 1), (FrameKind::TimeSeriesMulti, 0), (FrameKind::Table, 1)] {
        assert_eq!(read(encoder.encode(&of(kind), "A")).column(0).null_count(), nulls, "{kind:?}");
    }
}

fn check_meta(meta: Meta, expected: serde_json::Value) {
    let batch = read(encode(&Frame { meta, ..Frame::default() }, "A"));
    let text = &batch.schema().metadata()["meta"].clone();
    let found: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn meta_has_grafanas_names() {
    check_meta(
        Meta {
            kind: FrameKind::LogLines,
            executed_query: Some("GetMetricData".to_owned()),
            notices: vec![Notice { severity: Severity::Warning, text: "late".to_owned() }],
            preferred: Some(Visualisation::NodeGraph),
            custom: Some(Map::from_iter([("calls".to_owned(), json!(1))])),
        },
        json!({
            "type": "log-lines",
            "typeVersion": [0, 0],
            "executedQueryString": "GetMetricData",
            "notices": [{"severity": "warning", "text": "late"}],
            "preferredVisualisationType": "nodeGraph",
            "custom": {"calls": 1},
        }),
    );
    for (kind, name) in [
        (FrameKind::TimeSeriesWide, "timeseries-wide"),
        (FrameKind::NumericMulti, "numeric-multi"),
        (FrameKind::NumericWide, "numeric-wide"),
    ] {
        let meta = Meta { kind, ..Meta::default() };
        check_meta(meta, json!({"type": name, "typeVersion": [0, 1]}));
    }
}

fn shown(text: &str, color: &str) -> Shown {
    Shown { text: Some(text.to_owned()), color: Some(color.to_owned()) }
}

#[test]
fn config_has_grafanas_names() {
    let values =
        vec![("RUNNING".to_owned(), shown("Running", "green")), ("READY".to_owned(), shown("Stopped", "gray"))];
    let range = Mapping::Range { from: None, to: Some(1.0), shown: shown("low", "blue") };
    let config = Config {
        description: Some("Busy share".to_owned()),
        display_name_from_ds: Some("orders busy".to_owned()),
        unit: Some("percentunit".to_owned()),
        decimals: Some(2),
        min: Some(0.0),
        max: Some(1.0),
        interval_ms: None,
        filterable: Some(true),
        mappings: vec![Mapping::Values(values), range, Mapping::Special(Special::NullOrNan, shown("none", "gray"))],
        thresholds: Some(Thresholds { base: "green".to_owned(), steps: vec![(0.8, "red".to_owned())] }),
        color: Some(Color::Fixed("blue".to_owned())),
        links: vec![Link { title: "Console".to_owned(), url: "https://example.org".to_owned(), tab: Tab::New }],
        no_value: Some("-".to_owned()),
        custom: Map::from_iter([("width".to_owned(), json!(80))]),
    };
    assert_eq!(
        serde_json::to_value(&config).unwrap(),
        json!({
            "description": "Busy share",
            "displayNameFromDS": "orders busy",
            "unit": "percentunit",
            "decimals": 2,
            "min": 0.0,
            "max": 1.0,
            "filterable": true,
            "mappings": [
                {"type": "value", "options": {
                    "RUNNING": {"text": "Running", "color": "green", "index": 0},
                    "READY": {"text": "Stopped", "color": "gray", "index": 1}}},
                {"type": "range", "options": {
                    "from": null, "to": 1.0, "result": {"text": "low", "color": "blue"}}},
                {"type": "special", "options": {
                    "match": "null+nan", "result": {"text": "none", "color": "gray"}}},
            ],
            "thresholds": {"mode": "absolute", "steps": [
                {"color": "green", "value": BELOW_ALL}, {"color": "red", "value": 0.8}]},
            "color": {"mode": "fixed", "fixedColor": "blue"},
            "links": [{"title": "Console", "url": "https://example.org", "targetBlank": true}],
            "noValue": "-",
            "custom": {"width": 80},
        })
    );
    assert_eq!(serde_json::to_value(Config::default()).unwrap(), json!({}));
}
