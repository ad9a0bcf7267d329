//! How a workload is run and what it costs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::cost::Cost;
use crate::usage::{self, Memory};
use xtask::binaries::{Binaries, PLUGIN};
use xtask::clock::minutes_since_epoch;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::http::{self, Post};
use xtask::stack::{DATA_SOURCE_UID, Plan, Stack};
use xtask::workspace::Workspace;

/// The first of local AWS's equal applications.
pub const APPLICATION: &str = "bench-000";
/// Minutes of a dashboard's range.
pub const RANGE: u64 = 360;
pub const ROUNDS: usize = 5;
const LIMIT: Duration = Duration::from_secs(120);
/// Without a call for so long, nothing goes on in the background.
const QUIET: Duration = Duration::from_secs(2);

/// What the client of a workload saw.
pub struct Seen {
    pub milliseconds: f64,
    pub note: String,
}

/// What Grafana sends to the plugin at a time: the queries of a panel or a rule.
pub struct Request {
    /// Minutes since 1970.
    pub range: (u64, u64),
    pub headers: Value,
    pub queries: Vec<Value>,
}

impl Request {
    fn body(&self) -> Value {
        let with_source = |query: &Value| {
            let mut query = query.clone();
            query["datasource"] = json!({"uid": DATA_SOURCE_UID});
            query
        };
        let (from, until) = self.range;
        json!({
            "from": (from * 60_000).to_string(),
            "to": (until * 60_000).to_string(),
            "headers": self.headers,
            "queries": self.queries.iter().map(with_source).collect::<Vec<_>>(),
        })
    }
}

/// The results of each request, and how long the plugin took for all.
pub struct Loaded {
    pub milliseconds: f64,
    pub results: Vec<Value>,
}

impl Loaded {
    /// How many queries got data, of how many.
    pub fn seen(&self, ref_ids: &[&str]) -> Seen {
        let all = || self.results.iter().flat_map(|results| ref_ids.iter().map(move |id| (results, id)));
        let with_data = all().filter(|(results, id)| has_data(results, id)).count();
        Seen { milliseconds: self.milliseconds, note: format!("{with_data} of {} with data", all().count()) }
    }
}

/// What the plugin is measured before.
pub struct World {
    /// Arguments of local AWS.
    pub local_aws: &'static [&'static str],
    /// Of the data source.
    pub settings: &'static [(&'static str, u64)],
}

/// A local AWS, the host and the plugin, and which hours were asked about so far.
pub struct Bench<'a> {
    workspace: &'a Workspace,
    plan: Plan<'a>,
    stack: Stack,
    plugin: u32,
    block: u64,
}

impl<'a> Bench<'a> {
    pub fn start(workspace: &'a Workspace, binaries: &'a Binaries, host: &Path, world: &World) -> Outcome<Self> {
        let plan = Plan {
            local_aws_arguments: world.local_aws,
            settings: world.settings,
            ..Plan::new(binaries, PathBuf::from(host), http::free_port()?)
        };
        let stack = Stack::start(workspace, &plan)?;
        Ok(Self { plugin: usage::child_named(stack.host_id(), PLUGIN)?, workspace, plan, stack, block: 0 })
    }

    /// Another plugin process, that knows nothing.
    pub fn start_plugin_again(&mut self) -> Outcome<()> {
        self.stack.start_host_again(self.workspace, &self.plan)?;
        self.plugin = usage::child_named(self.stack.host_id(), PLUGIN)?;
        Ok(())
    }

    /// From here on other hours are asked about.
    pub fn next_hours(&mut self) {
        self.block += 1;
    }

    /// The range of the present hours, in minutes since 1970. The newest minutes may still change, and are none of
    /// them.
    pub fn hours(&self) -> (u64, u64) {
        let until = (minutes_since_epoch() / RANGE * RANGE) - self.block * RANGE;
        (until - RANGE, until)
    }

    /// The mean of rounds about different hours.
    pub fn rounds(&mut self, mut round: impl FnMut(&mut Self, usize) -> Outcome<Cost>) -> Outcome<Cost> {
        let mut costs = Vec::with_capacity(ROUNDS);
        for number in 0..ROUNDS {
            self.next_hours();
            costs.push(round(self, number)?);
        }
        Ok(Cost::mean(&costs))
    }

    /// What one run costs.
    pub fn counted(&mut self, run: impl FnOnce(&Self) -> Outcome<Seen>) -> Outcome<Cost> {
        let before = Counts::read(self.stack.aws_address)?;
        usage::forget_peak(self.plugin)?;
        let cpu = usage::cpu_time(self.plugin)?;
        let Seen { milliseconds, note } = run(self)?;
        let cpu = usage::cpu_time(self.plugin)?.saturating_sub(cpu);
        let after = Counts::read(self.stack.aws_address)?;
        Ok(Cost {
            data_calls: after.data_calls - before.data_calls,
            other_calls: after.other_calls - before.other_calls,
            billed: after.billed - before.billed,
            milliseconds,
            cpu_milliseconds: cpu.as_secs_f64() * 1000.0,
            peak_mib: usage::memory_mib(self.plugin, Memory::Peak)?,
            note,
        })
    }

    /// Waits until the plugin fetches no more facts in the background.
    pub fn wait_for_facts(&self) -> Outcome<()> {
        let mut known = f64::NAN;
        loop {
            let calls = Counts::read(self.stack.aws_address)?.other_calls;
            if calls == known {
                return Ok(());
            }
            known = calls;
            thread::sleep(QUIET);
        }
    }

    /// What goes wrong in local AWS from here on.
    pub fn set_faults(&self, faults: &Value) -> Outcome<()> {
        let post = Post { path: "/_local/faults", headers: &[], body: faults, limit: LIMIT };
        match http::post(self.stack.aws_address, &post)?.status {
            204 => Ok(()),
            status => Err(Failure::new(format!("local AWS answered {status} to faults"))),
        }
    }

    /// Calls that AWS has throttled so far.
    pub fn throttles(&self) -> Outcome<f64> {
        Counts::read(self.stack.aws_address).map(|counts| counts.throttles)
    }

    /// The values of the dimension `Task`. Asking for them brings the application's facts in as well.
    pub fn tasks(&self) -> Outcome<Vec<String>> {
        self.choices(&format!("tasks?application={APPLICATION}"))
    }

    /// Has the plugin answer requests, so many at a time. Only what the plugin needs is timed: the host makes JSON of
    /// the answers when all have come.
    pub fn load(&self, at_a_time: usize, requests: &[Request]) -> Outcome<Loaded> {
        let body = json!({"atATime": at_a_time, "requests": requests.iter().map(Request::body).collect::<Vec<_>>()});
        let answer =
            http::post(self.stack.address, &Post { path: "/host/load", headers: &[], body: &body, limit: LIMIT })?;
        if answer.status != 200 {
            let words: String = String::from_utf8_lossy(&answer.body).chars().take(500).collect();
            return Err(Failure::new(format!("a load was answered with status {}: {words}", answer.status)));
        }
        let mut read: Value = serde_json::from_slice(&answer.body).doing("read the answers to a load")?;
        let milliseconds = read["milliseconds"].as_f64().unwrap_or(f64::NAN);
        let answers = read["answers"].as_array_mut().map(std::mem::take).unwrap_or_default();
        if answers.len() != requests.len() {
            return Err(Failure::new(format!("{} of {} requests were answered", answers.len(), requests.len())));
        }
        Ok(Loaded { milliseconds, results: answers.into_iter().map(|mut answer| answer["results"].take()).collect() })
    }

    /// The choices of a drop-down.
    pub fn choices(&self, resource: &str) -> Outcome<Vec<String>> {
        let path = format!("/api/datasources/uid/{DATA_SOURCE_UID}/resources/{resource}");
        let answer = http::get(self.stack.address, &path, LIMIT)?;
        let choices: Value = serde_json::from_slice(&answer.body).doing(format_args!("read {resource}"))?;
        let names = choices.as_array().into_iter().flatten().filter_map(|choice| choice["value"].as_str());
        Ok(names.map(str::to_owned).collect())
    }
}

/// Whether a query's answer has a number in its first frame.
fn has_data(results: &Value, ref_id: &str) -> bool {
    let values = results[ref_id]["frames"][0]["data"]["values"][1].as_array();
    values.is_some_and(|values| values.iter().any(Value::is_number))
}

/// What local AWS was asked so far.
struct Counts {
    data_calls: f64,
    other_calls: f64,
    billed: f64,
    throttles: f64,
}

impl Counts {
    fn read(address: SocketAddr) -> Outcome<Self> {
        let answer = http::get(address, "/_local/counters", LIMIT)?;
        let counters: Value = serde_json::from_slice(&answer.body).doing("read local AWS's counters")?;
        let operations = counters["operations"].as_object().into_iter().flatten();
        let mut counts = Self { data_calls: 0.0, other_calls: 0.0, billed: 0.0, throttles: 0.0 };
        for (name, operation) in operations {
            let number = |value: &Value| value.as_f64().unwrap_or(0.0);
            let calls = number(&operation["calls"]);
            counts.throttles += number(&operation["throttles"]);
            if name == "GetMetricData" {
                counts.data_calls = calls;
                counts.billed = number(&operation["usage"]["billed_metrics"]);
            } else {
                counts.other_calls += calls;
            }
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_at_least_one_number() {
        let of = |values: Value| json!({"A": {"frames": [{"data": {"values": [[1, 2], values]}}]}});
        assert!(has_data(&of(json!([null, 2.0])), "A"));
        assert!(!has_data(&of(json!([null, null])), "A"));
        assert!(!has_data(&of(json!([1.0])), "B"));
    }
}
