//! The wire contract: each saved query of `tests/fixtures/queries` reads as its file says, each wrong one has its exact
//! error.

mod limits;
mod random;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use flinkwatch::logs::record::LogLevel;
use flinkwatch::model::log::LogOrder;
use flinkwatch::place::{Account, Region};
use flinkwatch::query::AskedSignal;
use flinkwatch::query::kinds;
use flinkwatch::query::{
    ApplicationQuery, ApplicationShape, AskedQuery, CheckpointQuery, CheckpointShape, FactsQuery, Kind, Level, LogText,
    LogsQuery, LogsShape, MetricQuery, NameFilter, NameLists, OperatorQuery, OperatorShape, Origin, PeriodWish, Query,
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

/// A query with every default filled in: again a query on the wire. The patterns name every field, so that one that is
/// new here is missing in the files, and then in the front end.
fn complete(query: &Query) -> Value {
    let Query {
        ref_id: _,
        range: _,
        resolution: _,
        origin: _,
        place,
        period,
        statistic,
        legend,
        applications,
        exclude,
        only,
        selected: _,
        notices: _,
        kind,
    } = query;
    let account = match &place.account {
        Account::Own => "",
        Account::All => "all",
        Account::Linked(id) => id.as_str(),
    };
    let period = match period {
        PeriodWish::Auto => json!("auto"),
        PeriodWish::Fixed(period) => json!(period.seconds()),
    };
    let mut fields = json!({
        "schema": 1,
        "region": place.region.as_str(),
        "accountId": account,
        "applications": filters(applications),
        "exclude": complete_lists(exclude),
        "only": only.iter().map(complete_lists).collect::<Vec<_>>(),
        "period": period,
        "statistic": statistic.as_ref().map_or("auto", |statistic| statistic.as_str()),
        "legend": legend.as_deref().unwrap_or("auto"),
    });
    let fields_of_all = fields.as_object_mut().unwrap();
    let without: &[&str] = match kind {
        Kind::Facts(FactsQuery::Logs(_)) => &["statistic", "legend"],
        Kind::Facts(FactsQuery::Tags) => &["period", "statistic", "legend"],
        Kind::Application(_) | Kind::Operator(_) | Kind::Checkpoint(_) | Kind::Metric(_) => &[],
    };
    fields_of_all.retain(|name, _| !without.contains(&name.as_str()));
    fields_of_all.extend(complete_kind(kind).as_object().unwrap().clone());
    fields
}

/// The fields that only this kind has, and its name.
fn complete_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Application(ApplicationQuery { signals, chosen_by: _, top, kept: _, shape }) => json!({
            "queryType": "application",
            "signals": ids(signals),
            "top": top.as_ref().map(|Top { count, by }| json!({ "count": count, "by": by.id() })),
            "as": match shape {
                ApplicationShape::Series => "series",
                ApplicationShape::Table => "table",
            },
        }),
        Kind::Operator(OperatorQuery { level, tasks, operators, signals, chosen_by: _, top, shape }) => json!({
            "queryType": "operator",
            "level": match level {
                Level::Task => "task",
                Level::Operator => "operator",
                Level::Subtask => "subtask",
            },
            "tasks": filters(tasks),
            "operators": filters(operators),
            "signals": ids(signals),
            "top": top.as_ref().map(|Top { count, by }| json!({ "count": count, "by": by.id() })),
            "as": match shape {
                OperatorShape::Series => "series",
                OperatorShape::Table => "table",
            },
        }),
        Kind::Checkpoint(CheckpointQuery { signals, chosen_by: _, shape }) => json!({
            "queryType": "checkpoint",
            "signals": ids(signals),
            "as": match shape {
                CheckpointShape::Series => "series",
                CheckpointShape::Summary => "summary",
            },
        }),
        Kind::Facts(FactsQuery::Logs(asked)) => complete_logs(asked),
        Kind::Facts(FactsQuery::Tags) => json!({ "queryType": "tags", "as": "table" }),
        Kind::Metric(MetricQuery { metric, dimensions }) => {
            let dimensions: Map<String, Value> =
                dimensions.iter().map(|(name, values)| (name.clone(), one_or_many(values))).collect();
            json!({ "queryType": "metric", "metric": metric, "dimensions": dimensions })
        }
    }
}

fn complete_logs(LogsQuery { find, text, level, noise, order, limit, shape }: &LogsQuery) -> Value {
    json!({
        "queryType": "logs",
        "find": find.name,
        "text": match text {
            Some(LogText::Plain(text) | LogText::Pattern(text)) => text,
            None => "",
        },
        "level": level.map_or("all", LogLevel::name),
        "noise": noise,
        "order": match order {
            LogOrder::Newest => "newest",
            LogOrder::Oldest => "oldest",
        },
        "limit": limit,
        "by": if *shape == (LogsShape::Counts { by_level: true }) { "level" } else { "application" },
        "as": match shape {
            LogsShape::Lines => "logs",
            LogsShape::Causes => "table",
            LogsShape::Counts { .. } => "series",
        },
    })
}

/// Only the lists that name something.
fn complete_lists(lists: &NameLists) -> Value {
    let NameLists { applications, tasks, operators, dimensions } = lists;
    let mut lists = Map::new();
    for (name, list) in [("applications", applications), ("tasks", tasks), ("operators", operators)] {
        if !list.is_empty() {
            lists.insert(name.to_owned(), filters(list).into());
        }
    }
    if !dimensions.is_empty() {
        let values = dimensions.iter().map(|(name, values)| (name.clone(), filters(values).into()));
        lists.insert("dimensions".to_owned(), Value::Object(values.collect()));
    }
    Value::Object(lists)
}

fn one_or_many(values: &[NameFilter]) -> Value {
    match values {
        [one] => filter(one),
        many => filters(many).into(),
    }
}

fn filters(filters: &[NameFilter]) -> Vec<Value> {
    filters.iter().map(filter).collect()
}

fn filter(filter: &NameFilter) -> Value {
    match filter {
        NameFilter::Any => json!("*"),
        NameFilter::Exact(name) => json!(name),
        NameFilter::Pattern(pattern) => json!(format!("/{}/", pattern.as_str())),
        NameFilter::Either { whole, otherwise: _ } => json!(whole),
    }
}

fn ids(signals: &[AskedSignal]) -> Vec<&'static str> {
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

/// What a file may hold beside our fields: Grafana's own, and one that shows that unknown fields are ignored.
const NOT_OURS: &[&str] = &["refId", "hide", "datasource", "intervalMs", "maxDataPoints", "fromTheFuture"];

/// The front end's test holds the same, with its own table of fields.
#[test]
fn every_field_of_a_file_is_one_of_a_kind() {
    let files = fixtures("");
    let known: BTreeSet<&String> =
        files.iter().flat_map(|(_, file)| file["reads"].as_object().unwrap().keys()).collect();
    for (name, file) in &files {
        for field in file["query"].as_object().unwrap().keys() {
            assert!(known.contains(field) || NOT_OURS.contains(&field.as_str()), "{name}: {field}");
        }
    }
}

/// Every field of a kind is in some file that is right and in some file that is wrong.
#[test]
fn every_field_is_covered() {
    let files: Vec<_> = fixtures("").into_iter().map(|(_, file)| file).collect();
    let errors: Vec<_> =
        fixtures("wrong").into_iter().filter_map(|(_, f)| f["error"].as_str().map(str::to_owned)).collect();
    for kind in kinds::names() {
        let of_kind: Vec<_> = files.iter().filter(|file| file["reads"]["queryType"] == kind).collect();
        for field in of_kind[0]["reads"].as_object().unwrap().keys() {
            assert!(of_kind.iter().any(|file| !file["query"][field].is_null()), "{kind}: {field}");
            let is_named =
                |error: &String| error.contains(&format!("\"{field}")) || error.contains(&format!("{field} "));
            assert!(errors.iter().any(is_named), "no wrong {field}");
        }
    }
}

#[test]
fn a_range_that_ends_before_it_starts_is_an_error() {
    let json = br#"{"queryType":"application"}"#;
    let cases = [
        (0, "a range that ends when it starts"),
        (1, "an end that is 1 ms before the start"),
        (90_000, "an end that is 1 minute before the start"),
        (5_400_000, "an end that is 1 hour and 30 minutes before the start"),
        (172_800_000, "an end that is 2 days before the start"),
        (1_000_000_000_000_000, "a time beyond the year 9999"),
    ];
    for (back_ms, found) in cases {
        let range = TimeRange { to_ms: RANGE.from_ms - back_ms, ..RANGE };
        let error = parse_query(&AskedQuery { range, ..asked(json, "") }, &defaults()).unwrap_err();
        let expected = format!("Field \"timeRange\": found {found}; allowed: a start before its end");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

/// What Grafana puts in the place of `$__interval` is the interval of the request, and is raised without a word.
#[test]
fn a_period_below_a_minute_is_raised_with_a_word_unless_it_is_the_panels_interval() {
    for (period, interval_ms, is_told) in [
        ("\"30s\"", 60_000, true),
        ("\"30s\"", 30_000, false),
        ("\"500ms\"", 60_000, true),
        ("\"500ms\"", 500, false),
        ("30", 60_000, true),
    ] {
        let json = format!(r#"{{"queryType": "application", "applications": ["a"], "period": {period}}}"#);
        let resolution = Resolution { max_data_points: 1000, interval_ms };
        let query = parse_query(&AskedQuery { resolution, ..asked(json.as_bytes(), "") }, &defaults()).unwrap();
        let told = query.notices.iter().any(|notice| notice.text.starts_with("Period raised"));
        assert_eq!(told, is_told, "{period} {interval_ms}: {:?}", query.notices);
        assert_eq!(query.period, PeriodWish::Fixed(flinkwatch::period::Period::MINUTE));
    }
}

/// As AWS and other tools spell them.
#[test]
fn what_others_call_our_fields_is_told_in_any_case() {
    for (name, ours) in
        [("ApplicationName", "applications"), ("applicationNames", "applications"), ("TaskName", "tasks")]
    {
        let json = format!(r#"{{"queryType": "application", "applications": ["a"], "{name}": ["b"]}}"#);
        let query = parse_query(&asked(json.as_bytes(), ""), &defaults()).unwrap();
        let told = query.notices.iter().map(|notice| notice.text.as_str()).collect::<String>();
        assert!(told.contains(name) && told.contains(&format!("\"{ours}\" is the one that is read")), "{name}: {told}");
    }
}
