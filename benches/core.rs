//! The pure stages in nanoseconds: `cargo bench --bench core` prints one `name value unit` line per figure.
//!
//! `cargo xtask bench` reads these lines. Each figure is the median of many rounds, after some that warm up; what a
//! round needs is made before its clock starts. No crate for benchmarks: a median is enough to compare with a target.
#![expect(clippy::unwrap_used, reason = "a failed unwrap ends the benchmark, as it should")]

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flinkwatch::answers::Fetched;
use flinkwatch::answers::{Column, Completeness, SeriesAnswer};
use flinkwatch::aws::clients::Clients;
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::fetch::{self, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::frames::encode::Encoder;
use flinkwatch::frames::frame::{Field, Frame, FrameKind, Meta, Values, Visualisation};
use flinkwatch::frames::frame_query;
use flinkwatch::place::Region;
use flinkwatch::plan::facts::Facts;
use flinkwatch::plan::series::PlannedSeries;
use flinkwatch::plan::{self, Plan, PlanSettings};
use flinkwatch::query::{self, AskedQuery, Origin, Query, QueryDefaults, Resolution, TimeRange};
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use local_aws::fleet::Fleet;
use local_aws::server::{Clock, LocalAws, Options};

const WARM_UP: usize = 5;
const ROUNDS: usize = 51;
/// A day of minutes.
const POINTS: usize = 1440;
const SERIES: usize = 100;
/// Any moment at which the simulated fleet runs; a fixed one makes every run plan the same.
const NOW_S: i64 = 1_760_000_000;
const DAY_MS: i64 = 24 * 3600 * 1000;

fn main() {
    let facts = Fixture::read(Fleet::new());
    let dashboard = facts.dashboard();
    report("frames", per_point(encode_time(), SERIES * POINTS), "ns/point");
    report("parse_100", milliseconds(median(|| dashboard.clone(), |asked| parse(&asked))), "ms");
    report("parse_plan_100", milliseconds(facts.plan_time(&dashboard)), "ms");
    let wide = Fixture::read(Fleet::bench(1, SERIES));
    for (name, signal) in [("evaluate_series", "busy"), ("evaluate_total", "recordsInRate")] {
        report(name, wide.frame_time(signal), "ns/point");
    }
}

fn report(name: &str, value: f64, unit: &str) {
    writeln!(std::io::stdout().lock(), "{name} {value:.3} {unit}").unwrap();
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn per_point(time: Duration, points: usize) -> f64 {
    time.as_nanos() as f64 / points as f64
}

/// The median time of `run`. Its input is made before the clock starts, its output freed after it stopped.
fn median<I, O>(make: impl Fn() -> I, run: impl Fn(I) -> O) -> Duration {
    let mut times: Vec<Duration> = (0..WARM_UP + ROUNDS).map(|_| time_once(make(), &run)).skip(WARM_UP).collect();
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "measuring time is all that a benchmark does")]
fn time_once<I, O>(input: I, run: impl Fn(I) -> O) -> Duration {
    let start = Instant::now();
    let output = black_box(run(black_box(input)));
    let time = start.elapsed();
    drop(output);
    time
}

/// Encoding as for a reply: a frame is freed when it is encoded, and all encoded ones are kept until they are sent.
///
/// Between rounds a block of the size of the sent message comes and goes, as it does when a reply is sent. It is not
/// measured, but it matters: from such a block the allocator learns to keep memory, and later answers find it ready.
fn encode_time() -> Duration {
    let times: Arc<[i64]> = (0..POINTS).map(|minute| (NOW_S + 60 * minute as i64) * 1000).collect();
    let frames = || {
        drop(black_box(vec![0_u8; SERIES * POINTS * 16]));
        (0..SERIES).map(|series| line(series, &times)).collect()
    };
    median(frames, |frames: Vec<Frame>| {
        let mut encoder = Encoder::default();
        frames.into_iter().map(|frame| encoder.encode(&frame, "A")).collect::<Vec<Vec<u8>>>()
    })
}

fn line(series: usize, times: &Arc<[i64]>) -> Frame {
    let name = format!("orders task {series}");
    let time = Field::new("time", Values::TimeMs(Arc::clone(times)));
    let numbers = (0..POINTS).map(|minute| ((minute * 31 + series) % 1000) as f64 / 1000.0);
    let mut value = Field::new("value", Values::Number(numbers.collect()));
    let labels = [("application", "orders"), ("region", "eu-west-1"), ("signal", "busy"), ("task", &name)];
    value.labels = BTreeMap::from(labels.map(|(name, text)| (name.to_owned(), text.to_owned())));
    value.config.unit = Some("percentunit".to_owned());
    let preferred = Some(Visualisation::Graph);
    let meta = Meta { kind: FrameKind::TimeSeriesMulti, preferred, ..Meta::default() };
    Frame { name, meta, fields: vec![time, value] }
}

/// Queries of a simulated account, and all facts that they can need.
struct Fixture {
    facts: Facts,
    names: Vec<String>,
}

const PLAN_SETTINGS: PlanSettings = PlanSettings { kpu_price: 0.11 };

impl Fixture {
    /// Reads the facts of the whole fleet through the plugin's own client, as a first query would.
    fn read(fleet: Fleet) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let everything = [asked("all", r#"{"queryType":"application","applications":["*"]}"#)];
        let facts = runtime.block_on(gather(fleet, &parse(&everything)));
        let names = facts.inventories.keys().map(|(_, name)| name.to_string()).collect();
        Self { facts, names }
    }

    /// A hundred panels: each kind and shape of query in turn, each for the next application.
    fn dashboard(&self) -> Vec<AskedQuery> {
        const PANELS: [&str; 8] = [
            r#""queryType":"application","signals":["sourceRate","sinkRate","restarts"]"#,
            r#""queryType":"operator","level":"task","signals":["busy","backPressure"]"#,
            r#""queryType":"checkpoint","as":"series""#,
            r#""queryType":"application","as":"table""#,
            r#""queryType":"operator","level":"operator","signals":["recordsInRate"],"top":{"count":5,"by":"recordsInRate"}"#,
            r#""queryType":"metric","metric":"cpuUtilization","statistic":"p95""#,
            r#""queryType":"checkpoint","as":"summary""#,
            r#""queryType":"operator","level":"task","as":"table""#,
        ];
        let panel = |number: usize| {
            let name = &self.names[number / PANELS.len() % self.names.len()];
            let json = format!(r#"{{{},"applications":["{name}"]}}"#, PANELS[number % PANELS.len()]);
            asked(&format!("Q{number}"), &json)
        };
        (0..100).map(panel).collect()
    }

    fn plan(&self, queries: &[Query]) -> Plan {
        plan::plan(queries, &self.facts, PLAN_SETTINGS, NOW_S * 1000)
    }

    /// Parsing and planning together, from JSON to calls; the inventories were sorted when they were read.
    fn plan_time(&self, dashboard: &[AskedQuery]) -> Duration {
        median(|| dashboard.to_vec(), |asked| self.plan(&parse(&asked)))
    }

    /// From columns to frames: formulas, labels, configuration; without encoding.
    fn frame_time(&self, signal: &str) -> f64 {
        let json = format!(
            r#"{{"queryType":"operator","applications":["{}"],"signals":["{signal}"],"period":60}}"#,
            self.names[0]
        );
        let plan = self.plan(&parse(&[asked("A", &json)]));
        let answers = plan.series.iter().map(answer).collect();
        let fetched = Fetched { answers, ..Fetched::default() };
        let frames = || frame_query(&plan.queries[0], &plan, &fetched).unwrap();
        let points: usize = frames().iter().map(|frame| frame.fields[1].values.len()).sum();
        per_point(median(|| (), |()| frames()), points)
    }
}

async fn gather(fleet: Fleet, queries: &[Query]) -> Facts {
    let options = Options { clock: Clock::Fixed(NOW_S), ..Options::default() };
    let server = LocalAws::start(Arc::new(fleet), options).await.unwrap();
    let json_data = format!(r#"{{"authType":"keys","defaultRegion":"eu-west-1","endpoint":"{}"}}"#, server.endpoint());
    let secure = [("accessKey", "AKIALOCAL"), ("secretKey", "secret")];
    let secure: HashMap<String, String> = secure.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let source = SettingsSource { json_data: json_data.as_bytes(), secure: &secure, database: "" };
    let settings = Settings::parse(&source, &AdminSettings::default()).unwrap();
    let source = Source {
        aws: Clients::new().client(&settings),
        cache: Arc::new(FactCache::new()),
        coalescer: Arc::new(Coalescer::new()),
        owner: Arc::new(Owner::of(&settings)),
        payer: Payer::default(),
        deadline: tokio::time::Instant::now() + Duration::from_secs(60),
    };
    let mut facts = Facts::default();
    loop {
        let needs = plan::needs(queries, &facts, NOW_S * 1000);
        if needs.is_empty() {
            break;
        }
        facts.extend(fetch::facts(&source, &needs).await);
    }
    server.stop().await;
    facts
}

fn asked(ref_id: &str, json: &str) -> AskedQuery {
    AskedQuery {
        ref_id: ref_id.to_owned(),
        query_type: String::new(),
        json: json.as_bytes().to_vec(),
        range: TimeRange { from_ms: NOW_S * 1000 - DAY_MS, to_ms: NOW_S * 1000 },
        resolution: Resolution { max_data_points: POINTS as i64, interval_ms: 60_000 },
        origin: Origin::Panel,
    }
}

fn parse(asked: &[AskedQuery]) -> Vec<Query> {
    let defaults = QueryDefaults { region: Region::from("eu-west-1"), application: None };
    asked.iter().map(|asked| query::parse_query(asked, &defaults).unwrap()).collect()
}

/// Four samples a minute of one subtask.
fn answer(series: &PlannedSeries) -> SeriesAnswer {
    let is_count = series.key.statistic == Statistic::SampleCount;
    let value = |bucket: i64| if is_count { 4.0 } else { (bucket % 97) as f64 };
    let buckets = (series.last - series.first) / series.key.period.seconds();
    let values: Vec<f64> = (0..buckets).map(value).collect();
    let column = Column { values: values.into(), completeness: Completeness::Complete, message: None };
    SeriesAnswer { column, error: None, from: Default::default() }
}
