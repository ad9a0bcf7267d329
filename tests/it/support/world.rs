//! The whole chain but Grafana's protocol: the engine with the real AWS client against a simulated account.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::aws::clients::Clients;
use flinkwatch::billing;
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::fetch::{BilledTo, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::frames::frame::{Field, Frame, Values};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::{QueryReply, messages};
use flinkwatch::query::{AskedQuery, Origin, QueryDefaults, Resolution, TimeRange};
use flinkwatch::settings::costs::CostLimits;
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use local_aws::server::{Clock, Faults, Identity, LocalAws, Options, Publication};
use local_aws::world::World;
use serde_json::{Value, json};
use tokio::time::Instant;

const REQUEST: Duration = Duration::from_secs(80);
const ACCESS_KEY: &str = "AKIALOCAL";

/// Price of a KPU hour in all tests.
pub const KPU_PRICE: f64 = 0.11;

/// A data source and the account that it reads, both at one moment.
pub struct Chain {
    /// Serves until it is dropped.
    server: LocalAws,
    settings: Settings,
    clients: Clients,
    facts: Arc<FactCache>,
    coalescer: Arc<Coalescer>,
    payer: Payer,
    now: i64,
    /// Of one request.
    time: Duration,
}

impl Chain {
    /// `now` in epoch seconds is the clock of both sides.
    pub async fn start(world: Arc<dyn World>, now: i64) -> Self {
        Self::start_denied(world, now, &[]).await
    }

    /// The identity of the data source may not call the `denied` actions.
    pub async fn start_denied(world: Arc<dyn World>, now: i64, denied: &[&str]) -> Self {
        let identity = Identity::denying(denied.iter().copied());
        let identities = HashMap::from([(ACCESS_KEY.to_owned(), identity)]);
        Self::start_with(world, now, Options { identities, ..Options::default() }).await
    }

    /// Samples can be asked for as late as those of the real service.
    pub async fn start_late(world: Arc<dyn World>, now: i64) -> Self {
        Self::start_with(world, now, Options { publication: Publication::REALISTIC, ..Options::default() }).await
    }

    /// Samples can be asked for so many seconds after they were taken.
    pub async fn start_delayed(world: Arc<dyn World>, now: i64, seconds: i64) -> Self {
        let publication = Publication { delay: seconds, spread: 0 };
        Self::start_with(world, now, Options { publication, ..Options::default() }).await
    }

    /// With limits above the usual ones: many applications are described in seconds, and simulating a day of them takes
    /// a while.
    pub async fn start_fast(world: Arc<dyn World>, now: i64) -> Self {
        let mut chain = Self::start_late(world, now).await;
        let limits =
            json!({ "kinesisAnalyticsPerSecond": 100, "listMetricsPerSecond": 100, "requestTimeoutSeconds": 80 });
        chain.settings = settings(&chain.server.endpoint(), limits);
        chain
    }

    async fn start_with(world: Arc<dyn World>, now: i64, options: Options) -> Self {
        let options = Options { clock: Clock::Fixed(now), ..options };
        let server = LocalAws::start(world, options).await.unwrap();
        let settings = settings(&server.endpoint(), json!({}));
        let (facts, coalescer) = (Arc::new(FactCache::new()), Arc::new(Coalescer::new()));
        Self {
            server,
            settings,
            clients: Clients::new(),
            facts,
            coalescer,
            payer: Payer::default(),
            now,
            time: REQUEST,
        }
    }

    /// The same with what goes wrong at the service, and with little end_of_wait.
    pub async fn start_broken(world: Arc<dyn World>, now: i64, faults: Faults) -> Self {
        let mut chain = Self::start(world, now).await;
        chain.time = Duration::from_secs(5);
        chain.settings = settings(&chain.server.endpoint(), json!({ "requestTimeoutSeconds": 5 }));
        chain.server.set_faults(faults);
        chain
    }

    /// The same with other limits of what may be spent.
    pub fn limit(&mut self, limits: CostLimits) {
        self.payer.limits = limits;
    }

    /// Metrics that count towards the limits of panels and of alert rules.
    pub fn spent(&self) -> [u64; 2] {
        let of = |billed_to| Payer { billed_to, ..self.payer.clone() }.spent(self.now * 1000);
        [BilledTo::Panels, BilledTo::AlertRules].map(of)
    }

    /// Dollars that AWS has billed so far.
    pub fn dollars(&self) -> f64 {
        billing::dollars(self.billed())
    }

    /// Host and port of the service.
    pub fn host(&self) -> String {
        self.server.endpoint().trim_start_matches("http://").to_owned()
    }

    /// Metrics that AWS has billed so far.
    pub fn billed(&self) -> u64 {
        self.server.counters().operation("GetMetricData").usage.billed_metrics
    }

    /// Bytes of log lines that were sent so far.
    pub fn log_bytes(&self) -> u64 {
        self.server.counters().operation("FilterLogEvents").usage.log_bytes
    }

    /// Calls of an operation so far.
    pub fn calls(&self, operation: &str) -> u64 {
        self.server.counters().operation(operation).calls
    }

    /// Both clocks are set. What is cached stays.
    pub fn move_to(&mut self, now: i64) {
        self.server.set_clock(Clock::Fixed(now));
        self.now = now;
    }

    /// One query of a panel over a range of epoch seconds.
    pub async fn ask(&self, query: Value, range: Range<i64>) -> Answer {
        self.answer(query, range, (Origin::Panel, 1000)).await
    }

    /// The same of a panel that has room for so many points.
    pub async fn ask_points(&self, query: Value, range: Range<i64>, points: i64) -> Answer {
        self.answer(query, range, (Origin::Panel, points)).await
    }

    /// The same query of an alert rule.
    pub async fn alert(&self, query: Value, range: Range<i64>) -> Answer {
        self.answer(query, range, (Origin::Alert, 1000)).await
    }

    async fn answer(&self, query: Value, range: Range<i64>, (origin, max_data_points): (Origin, i64)) -> Answer {
        let asked = AskedQuery {
            ref_id: "A".to_owned(),
            query_type: String::new(),
            json: query.to_string().into_bytes(),
            range: TimeRange { from_ms: range.start * 1000, to_ms: range.end * 1000 },
            resolution: Resolution { max_data_points, interval_ms: 0 },
            origin,
        };
        let billed_to = match origin {
            Origin::Panel => BilledTo::Panels,
            Origin::Alert => BilledTo::AlertRules,
        };
        let source = Source {
            aws: self.clients.client(&self.settings),
            cache: Arc::clone(&self.facts),
            coalescer: Arc::clone(&self.coalescer),
            owner: Arc::new(Owner::of(&self.settings)),
            payer: Payer { billed_to, ..self.payer.clone() },
            deadline: Instant::now() + self.time,
        };
        let settings = EngineSettings {
            defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
            plan: PlanSettings { kpu_price: KPU_PRICE },
        };
        let mut outcomes = engine::answer(&source, &settings, &[asked], self.now * 1000).await;
        assert_eq!(outcomes.len(), 1);
        Answer(messages::query_reply(outcomes.remove(0)))
    }
}

fn settings(endpoint: &str, limits: Value) -> Settings {
    let secure = [("accessKey", ACCESS_KEY), ("secretKey", "secret")];
    let secure = secure.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let mut json = json!({ "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": endpoint });
    json.as_object_mut().unwrap().extend(limits.as_object().cloned().unwrap());
    let json = json.to_string();
    let source = SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" };
    Settings::parse(&source, &AdminSettings::default()).unwrap()
}

/// What Grafana would get for a query.
#[derive(Debug)]
pub struct Answer(QueryReply);

impl Answer {
    /// The sentence in place of an answer; empty where there are frames.
    pub fn error(&self) -> &str {
        self.0.error.as_ref().map_or("", |error| &error.text)
    }

    /// As in HTTP.
    pub fn status(&self) -> u16 {
        self.0.error.as_ref().map_or(200, |error| error.status)
    }

    /// All notices, a line each.
    pub fn notices(&self) -> String {
        let notices = self.0.frames.iter().flat_map(|frame| &frame.meta.notices);
        notices.map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// What is drawn: names and columns, without what is said of them.
    pub fn frames(&self) -> Vec<(&str, &[Field])> {
        self.0.frames.iter().map(|frame| (frame.name.as_str(), frame.fields.as_slice())).collect()
    }

    /// The lines that have points.
    pub fn lines(&self) -> Vec<Line> {
        assert_eq!(self.error(), "");
        self.0.frames.iter().filter_map(Line::of).collect()
    }

    /// The one line that has all these labels.
    pub fn line(&self, labels: &[(&str, &str)]) -> Line {
        let has = |line: &Line| labels.iter().all(|(name, value)| line.label(name) == *value);
        let mut found: Vec<Line> = self.lines().into_iter().filter(has).collect();
        assert_eq!(found.len(), 1, "lines with {labels:?}; {}", self.notices());
        found.remove(0)
    }

    /// The line of a signal that is asked for one target. A signal that is asked alone is no label.
    pub fn signal(&self, signal: &str) -> Line {
        let is_label = self.lines().iter().any(|line| line.labels.contains_key("signal"));
        if is_label { self.line(&[("signal", signal)]) } else { self.line(&[]) }
    }

    /// The legends of the lines, in their order.
    pub fn legends(&self) -> Vec<&str> {
        self.0.frames.iter().map(|frame| frame.name.as_str()).collect()
    }

    /// A number of a table: in the row of which a text column holds `row`.
    pub fn cell(&self, row: &str, column: &str) -> f64 {
        let Values::Number(numbers) = self.column(column) else { panic!("{column} holds no numbers") };
        numbers[self.row(row)]
    }

    /// A text of a table.
    pub fn text(&self, row: &str, column: &str) -> &str {
        self.texts(column)[self.row(row)]
    }

    /// The texts of a table's column, from its first row to its last.
    pub fn texts(&self, column: &str) -> Vec<&str> {
        let (Values::Text(texts) | Values::Json(texts)) = self.column(column) else {
            panic!("{column} holds no texts")
        };
        texts.iter().map(|text| text.as_deref().unwrap_or_default()).collect()
    }

    /// The times of a table's column, in milliseconds.
    pub fn times(&self, column: &str) -> Vec<i64> {
        let Values::TimeMs(times) = self.column(column) else { panic!("{column} holds no times") };
        times.to_vec()
    }

    /// The numbers of a table's column.
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        let Values::Number(numbers) = self.column(column) else { panic!("{column} holds no numbers") };
        numbers.clone()
    }

    fn column(&self, name: &str) -> &Values {
        assert_eq!(self.error(), "");
        let fields = &self.0.frames[0].fields;
        let names = || fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>();
        &fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name} of {:?}", names())).values
    }

    fn row(&self, text: &str) -> usize {
        let columns = self.0.frames[0].fields.iter().filter_map(|field| match &field.values {
            Values::Text(texts) => texts.iter().position(|cell| cell.as_deref() == Some(text)),
            Values::TimeMs(_) | Values::Number(_) | Values::Json(_) | Values::Bool(_) => None,
        });
        columns.min().unwrap_or_else(|| panic!("no row of {text}"))
    }
}

/// One drawn line; NaN is a gap.
#[derive(Debug, Clone)]
pub struct Line {
    pub labels: BTreeMap<String, String>,
    /// Epoch seconds of the bucket's start, and its value.
    pub points: Vec<(i64, f64)>,
    /// Seconds.
    pub period: i64,
    /// Epoch seconds of the bucket that is marked as still being filled.
    pub open: Option<i64>,
}

impl Line {
    /// None for a frame without columns, which is "no data".
    fn of(frame: &Frame) -> Option<Self> {
        if frame.fields.is_empty() {
            return None;
        }
        let [time, value] = frame.fields.as_slice() else { panic!("a line has two columns: {frame:?}") };
        let (Values::TimeMs(times), Values::Number(values)) = (&time.values, &value.values) else {
            panic!("a line has times and numbers: {frame:?}")
        };
        let custom = frame.meta.custom.as_ref()?;
        let period = custom.get("periodSeconds")?.as_i64().unwrap();
        assert_eq!(times.len(), values.len());
        Some(Self {
            labels: value.labels.clone(),
            points: times.iter().map(|time| time / 1000).zip(values.iter().copied()).collect(),
            period,
            open: custom.get("openBucketMs").map(|ms| ms.as_i64().unwrap() / 1000),
        })
    }

    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// The value of a bucket; NaN where there is none.
    pub fn at(&self, second: i64) -> f64 {
        self.points.iter().find(|(time, _)| *time == second).map_or(f64::NAN, |(_, value)| *value)
    }

    /// Values that are no gaps, of buckets that start in the range.
    pub fn known(&self, range: Range<i64>) -> Vec<f64> {
        let points = self.points.iter().filter(|(time, value)| range.contains(time) && !value.is_nan());
        points.map(|(_, value)| *value).collect()
    }

    pub fn sum(&self, range: Range<i64>) -> f64 {
        self.known(range).iter().sum()
    }

    pub fn mean(&self, range: Range<i64>) -> f64 {
        let known = self.known(range);
        known.iter().sum::<f64>() / known.len() as f64
    }
}
