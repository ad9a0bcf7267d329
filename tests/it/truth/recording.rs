//! A recorded job and what it counted itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use local_aws::replay::Replay;
use serde_json::Value;

use crate::support::world::Chain;

pub const VERSIONS: [&str; 2] = ["flink-1.20", "flink-2.2"];

/// One true rate of one minute.
#[derive(Debug, Clone)]
pub struct Truth {
    pub minute: i64,
    pub task: String,
    /// Empty at task level.
    pub operator: String,
    pub metric: String,
    /// Records per second.
    pub rate: f64,
    pub phase: String,
    pub is_settled: bool,
}

pub struct RestSummary {
    pub minimum: f64,
    pub average: f64,
    pub maximum: f64,
}

pub struct Recording {
    dir: PathBuf,
    pub world: Arc<Replay>,
    pub truth: Vec<Truth>,
    /// Epoch seconds at which each phase began, and those of the REST answers by their name.
    phases: BTreeMap<String, f64>,
    moments: BTreeMap<String, f64>,
}

impl Recording {
    /// Read once for all tests.
    pub fn of(version: &str) -> &'static Self {
        static READ: [LazyLock<Recording>; 2] =
            [LazyLock::new(|| Recording::open(VERSIONS[0])), LazyLock::new(|| Recording::open(VERSIONS[1]))];
        let index = VERSIONS.iter().position(|known| *known == version).unwrap();
        &READ[index]
    }

    fn open(version: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version);
        let (phases, moments) = read_phases(&dir);
        let world = Arc::new(Replay::open(&dir).unwrap());
        Self { truth: read_truth(&dir), dir, world, phases, moments }
    }

    /// The data source at the end of the recording.
    pub async fn chain(&self) -> Chain {
        Chain::start(self.world.clone(), self.now()).await
    }

    pub fn now(&self) -> i64 {
        self.world.now()
    }

    /// The first recorded minute.
    pub fn start(&self) -> i64 {
        (self.phase("submitted") / 60.0).floor() as i64 * 60
    }

    pub fn whole(&self) -> Range<i64> {
        self.start()..self.now()
    }

    /// Epoch seconds at which a phase began.
    pub fn phase(&self, name: &str) -> f64 {
        self.phases[name]
    }

    /// Epoch seconds of a REST answer.
    pub fn moment(&self, name: &str) -> f64 {
        self.moments[name]
    }

    /// The minute in which a phase began.
    pub fn minute_of(&self, phase: &str) -> i64 {
        (self.phase(phase) / 60.0).floor() as i64 * 60
    }

    /// The minutes without a change nearby, of the long steady phase.
    pub fn steady(&self) -> Range<i64> {
        let minutes = || self.truth.iter().filter(|row| row.is_settled && row.phase == "steady").map(|row| row.minute);
        minutes().min().unwrap()..minutes().max().unwrap() + 60
    }

    /// The `Task` values.
    pub fn tasks(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.truth.iter().map(|row| &row.task).collect();
        names.into_iter().cloned().collect()
    }

    /// The true total of a metric over tasks or operators that `selects` takes, per minute.
    pub fn total(&self, metric: &str, selects: impl Fn(&Truth) -> bool) -> BTreeMap<i64, f64> {
        let mut total = BTreeMap::new();
        for row in self.truth.iter().filter(|row| row.metric == metric && selects(row)) {
            *total.entry(row.minute).or_insert(0.0) += row.rate;
        }
        total
    }

    /// Completed and failed checkpoints of the job by its REST answer.
    pub fn rest_counts(&self, moment: &str) -> (f64, f64) {
        let answer = self.rest_checkpoints(moment);
        let count = |name: &str| answer["counts"][name].as_f64().unwrap();
        (count("completed"), count("failed"))
    }

    /// Durations of all completed checkpoints of the job by its REST answer, in milliseconds.
    pub fn rest_summary(&self, moment: &str) -> RestSummary {
        let answer = self.rest_checkpoints(moment);
        let duration = |name: &str| answer["summary"]["end_to_end_duration"][name].as_f64().unwrap();
        RestSummary { minimum: duration("min"), average: duration("avg"), maximum: duration("max") }
    }

    fn rest_checkpoints(&self, moment: &str) -> Value {
        self.rest(moment, "checkpoints.json")
    }

    /// An answer of the job's REST interface.
    pub fn rest(&self, moment: &str, file: &str) -> Value {
        let path = self.dir.join("rest").join(moment).join(file);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }
}

/// Text of a gzipped file.
fn unpack(path: PathBuf) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn read_truth(dir: &std::path::Path) -> Vec<Truth> {
    let text = unpack(dir.join("truth.csv.gz"));
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let number = |text: &str| text.parse::<f64>().ok();
    rows.records()
        .filter_map(|row| {
            let row = row.unwrap();
            // Where only samples are known, their interpolation stands for the counters.
            let rate = number(&row[6]).or_else(|| number(&row[7]))?;
            Some(Truth {
                minute: row[0].parse::<i64>().unwrap() / 1000,
                task: row[2].to_owned(),
                operator: row[3].to_owned(),
                metric: row[4].to_owned(),
                rate,
                phase: row[8].to_owned(),
                is_settled: &row[9] == "1",
            })
        })
        .collect()
}

fn read_phases(dir: &std::path::Path) -> (BTreeMap<String, f64>, BTreeMap<String, f64>) {
    let (mut phases, mut moments) = (BTreeMap::new(), BTreeMap::new());
    for row in csv::Reader::from_path(dir.join("phases.csv")).unwrap().records() {
        let row = row.unwrap();
        let time = row[0].parse::<f64>().unwrap() / 1000.0;
        match row[2].strip_prefix("REST saved as ") {
            Some(moment) => moments.insert(moment.to_owned(), time),
            None => phases.insert(row[1].to_owned(), time),
        };
    }
    (phases, moments)
}
