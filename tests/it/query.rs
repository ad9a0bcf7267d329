//! The wire contract: each saved query of `tests/fixtures/queries` reads as its file says, each wrong one has its exact error.

mod random;

use std::fs;
use std::path::{Path, PathBuf};

use flinkwatch::place::{Account, Region};
use flinkwatch::query::application::AskedSignal;
use flinkwatch::query::{
    ApplicationShape, AskedQuery, CheckpointShape, Kind, Level, NameFilter, OperatorShape, Origin, PeriodWish, Query,
    QueryDefaults, QueryError, Resolution, TimeRange, Top, parse_query,
};
use serde_json::{Map, Value, json};

const RANGE: TimeRange = TimeRange { from_ms: 1_700_000_000_000, to_ms: 1_700_003_600_000 };

/// A query as Grafana delivers it.
fn asked(json: &[u8], query_type: &str) -> AskedQuery {
    AskedQuery {
        ref_id: "A".to_owned(),
        query_type: query_type.to_owned(),
        json: json.to_vec(),
        range: RANGE,
        resolution: Resolution { max_data_points: 1000, interval_ms: 60_000 },
        origin: Origin::Panel,
    }
}

fn defaults() -> QueryDefaults {
    QueryDefaults { region: Region::from("eu-west-1"), application: None }
}

/// The fixture files of a folder, by name.
fn fixtures(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/queries").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let content = serde_json::from_slice(&fs::read(path).unwrap());
        (name.clone(), content.unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    paths.iter().map(read).collect()
}

fn defaults_of(fixture: &Value) -> QueryDefaults {
    let text = |field: &str| fixture["settings"][field].as_str().map(str::to_owned);
    QueryDefaults {
        region: text("defaultRegion").map_or(defaults().region, Region::new),
        application: text("defaultApplication"),
    }
}

/// What a fixture's query is read as, or its error.
fn read(fixture: &Value) -> Result<Query, QueryError> {
    let json = match fixture["text"].as_str() {
        Some(text) => text.to_owned(),
        None => fixture["query"].to_string(),
    };
    let query_type = fixture["queryType"].as_str().unwrap_or_default();
    parse_query(&asked(json.as_bytes(), query_type), &defaults_of(fixture))
}

/// A query with every default filled in: again a query on the wire.
fn complete(query: &Query) -> Value {
    let account = match &query.place.account {
        Account::Own => "",
        Account::All => "all",
        Account::Linked(id) => id.as_str(),
    };
    let period = match query.period {
        PeriodWish::Auto => json!("auto"),
        PeriodWish::Fixed(period) => json!(period.seconds()),
    };
    let mut fields = json!({
        "schema": 1,
        "region": query.place.region.as_str(),
        "accountId": account,
        "applications": filters(&query.applications),
        "period": period,
        "statistic": query.statistic.as_ref().map_or("auto", |statistic| statistic.as_str()),
        "legend": query.legend.as_deref().unwrap_or("auto"),
    });
    let of_kind = match &query.kind {
        Kind::Application(asked) => json!({
            "queryType": "application",
            "signals": signals(&asked.signals),
            "as": match asked.shape {
                ApplicationShape::Series => "series",
                ApplicationShape::Table => "table",
            },
        }),
        Kind::Operator(asked) => json!({
            "queryType": "operator",
            "level": match asked.level {
                Level::Task => "task",
                Level::Operator => "operator",
                Level::Subtask => "subtask",
            },
            "tasks": filters(&asked.tasks),
            "operators": filters(&asked.operators),
            "signals": signals(&asked.signals),
            "top": asked.top.as_ref().map(|Top { count, by }| json!({ "count": count, "by": by.id() })),
            "as": match asked.shape {
                OperatorShape::Series => "series",
                OperatorShape::Table => "table",
            },
        }),
        Kind::Checkpoint(asked) => json!({
            "queryType": "checkpoint",
            "signals": signals(&asked.signals),
            "as": match asked.shape {
                CheckpointShape::Series => "series",
                CheckpointShape::Summary => "summary",
            },
        }),
        Kind::Metric(asked) => {
            let dimensions: Map<String, Value> =
                asked.dimensions.iter().map(|(name, filter)| (name.clone(), self::filter(filter))).collect();
            json!({ "queryType": "metric", "metric": asked.metric, "dimensions": dimensions })
        }
    };
    fields.as_object_mut().unwrap().extend(of_kind.as_object().unwrap().clone());
    fields
}

fn filters(filters: &[NameFilter]) -> Vec<Value> {
    filters.iter().map(filter).collect()
}

fn filter(filter: &NameFilter) -> Value {
    match filter {
        NameFilter::Any => json!("*"),
        NameFilter::Exact(name) => json!(name),
        NameFilter::Pattern(pattern) => json!(format!("/{pattern}/")),
    }
}

fn signals(signals: &[AskedSignal]) -> Vec<&'static str> {
    signals.iter().map(AskedSignal::id).collect()
}

#[test]
fn every_saved_query_reads_as_its_file_says() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures("") {
        let query = read(&fixture).unwrap_or_else(|error| panic!("{name}: {error}"));
        let complete = complete(&query);
        if complete != fixture["reads"] {
            wrong.push(format!("{name} reads as {complete}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_query_with_every_default_filled_in_means_the_same() {
    for (name, fixture) in fixtures("") {
        let query = read(&fixture).unwrap();
        let again = parse_query(&asked(complete(&query).to_string().as_bytes(), ""), &defaults()).unwrap();
        assert_eq!(complete(&again), complete(&query), "{name}");
    }
}

#[test]
fn every_wrong_query_has_the_error_of_its_file() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures("wrong") {
        let error = read(&fixture).err().map(|error| error.to_string());
        if error.as_deref() != fixture["error"].as_str() {
            wrong.push(format!("{name} gives {}", json!(error)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every field of the wire is in some file that is right and in some file that is wrong.
#[test]
fn every_field_is_covered() {
    const FIELDS: &str = "queryType schema region accountId applications signals as level tasks operators top metric \
                          dimensions statistic period legend";
    let good: Vec<_> = fixtures("").into_iter().map(|(_, fixture)| fixture).collect();
    let errors: Vec<_> =
        fixtures("wrong").into_iter().filter_map(|(_, f)| f["error"].as_str().map(str::to_owned)).collect();
    for field in FIELDS.split_whitespace() {
        assert!(good.iter().any(|fixture| !fixture["query"][field].is_null()), "{field}");
        let is_named = |error: &String| error.contains(&format!("\"{field}")) || error.contains(&format!("{field} "));
        assert!(errors.iter().any(is_named), "no wrong {field}");
    }
}

#[test]
fn a_range_that_ends_before_it_starts_is_an_error() {
    let json = br#"{"queryType":"application"}"#;
    for to_ms in [RANGE.from_ms, RANGE.from_ms - 1] {
        let range = TimeRange { to_ms, ..RANGE };
        let error = parse_query(&AskedQuery { range, ..asked(json, "") }, &defaults()).unwrap_err();
        assert!(error.to_string().starts_with("Field \"timeRange\": found"), "{error}");
    }
}
