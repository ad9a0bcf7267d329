//! The whole chain, running: local AWS, the plugin, and the host that carries Grafana's protocol
//! between it and HTTP. Stops with this value, and on SIGINT or SIGTERM.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::binaries::Binaries;
use crate::clock::Stopwatch;
use crate::failure::{Doing, Failure, Outcome};
use crate::http;
use crate::process::{GLANCE, Running};
use crate::workspace::Workspace;

pub const DATA_SOURCE_UID: &str = "flinkwatch";
pub const DATA_SOURCE_TYPE: &str = "flinkwatch-msf-datasource";
const REGION: &str = "eu-west-1";
/// Local AWS takes any signature; these are in the form of real keys and open nothing.
const ACCESS_KEY: &str = "AKIALOCALAWS00000000";
const SECRET_KEY: &str = "local-aws-takes-any-secret";
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct Plan<'a> {
    pub binaries: &'a Binaries,
    /// The built Go program.
    pub host: PathBuf,
    /// The loopback port of the HTTP paths.
    pub port: u16,
    pub local_aws_arguments: &'a [&'a str],
    /// Of the first data source, beside what it needs to reach local AWS.
    pub settings: &'a [(&'a str, u64)],
    pub fleet: Fleet,
    /// The directories of the host page and of the plugin's front end, if they are to be served.
    pub page: Option<(PathBuf, PathBuf)>,
    pub more_sources: Vec<Source>,
}

impl<'a> Plan<'a> {
    /// Only what answers on Grafana's paths.
    pub fn new(binaries: &'a Binaries, host: PathBuf, port: u16) -> Self {
        let (page, more_sources) = (None, Vec::new());
        Self { binaries, host, port, local_aws_arguments: &[], settings: &[], fleet: Fleet::Hidden, page, more_sources }
    }
}

/// A data source beside the first one.
pub struct Source {
    pub uid: &'static str,
    pub name: &'static str,
    /// Another local AWS; none is that of the chain.
    pub aws: Option<SocketAddr>,
}

/// Whether the host prints the fleet table when it starts.
#[derive(Clone, Copy, PartialEq)]
pub enum Fleet {
    Shown,
    Hidden,
}

/// Fields stop in this order: who asks before who answers.
pub struct Stack {
    host: Running,
    local_aws: Running,
    stop_is_wanted: Arc<AtomicBool>,
    pub address: SocketAddr,
    pub aws_address: SocketAddr,
}

impl Stack {
    /// Returns when the HTTP paths answer; the fleet table, if wanted, is printed by then.
    pub fn start(workspace: &Workspace, plan: &Plan) -> Outcome<Self> {
        let address = http::loopback(plan.port);
        let aws_address = http::loopback(http::free_port()?);
        let stop_is_wanted = watch_signals()?;

        let mut start_aws = workspace.command(&plan.binaries.local_aws);
        start_aws.arg("--port").arg(aws_address.port().to_string()).args(plan.local_aws_arguments);
        let log = workspace.log("local-aws")?;
        let mut local_aws = Running::start_with_log("local AWS", start_aws.stdout(Stdio::null()), log)?;
        wait_for(&mut local_aws, aws_address, "/_local/health", &stop_is_wanted)?;

        let host = start_host(workspace, plan, address, aws_address)?;
        let mut stack = Self { host, local_aws, stop_is_wanted, address, aws_address };
        wait_for(&mut stack.host, address, "/api/health", &stack.stop_is_wanted)?;
        Ok(stack)
    }

    /// Another host and plugin before the same local AWS: nothing is known from before.
    pub fn start_host_again(&mut self, workspace: &Workspace, plan: &Plan) -> Outcome<()> {
        self.host.stop();
        self.host = start_host(workspace, plan, self.address, self.aws_address)?;
        wait_for(&mut self.host, self.address, "/api/health", &self.stop_is_wanted)
    }

    pub fn host_id(&self) -> u32 {
        self.host.id()
    }

    /// Returns on SIGINT or SIGTERM; an error when a program of the chain ended by itself.
    pub fn serve(&mut self) -> Outcome<()> {
        while !self.stop_is_wanted.load(Ordering::Relaxed) {
            let alive = self.local_aws.must_run().and_then(|()| self.host.must_run());
            // Ctrl-C reaches every program of the terminal, so they may end before this one looks.
            if self.stop_is_wanted.load(Ordering::Relaxed) {
                break;
            }
            alive?;
            thread::sleep(GLANCE);
        }
        Ok(())
    }
}

/// What host and plugin have to say goes into a file.
fn start_host(workspace: &Workspace, plan: &Plan, address: SocketAddr, aws_address: SocketAddr) -> Outcome<Running> {
    Running::start_with_log(
        "the host",
        &mut host_command(workspace, plan, address, aws_address)?,
        workspace.log("host")?,
    )
}

fn host_command(workspace: &Workspace, plan: &Plan, address: SocketAddr, aws_address: SocketAddr) -> Outcome<Command> {
    let sources = workspace.target.join("datasources.json");
    std::fs::write(&sources, data_sources(plan.settings, &plan.more_sources, aws_address))
        .doing(format_args!("write {}", sources.display()))?;
    let mut command = workspace.command(&plan.host);
    command.arg("--plugin").arg(&plan.binaries.plugin).arg("--datasources").arg(&sources);
    command.args(["--listen", &address.to_string(), "--log-level", "warn"]);
    if let Some((page, dist)) = &plan.page {
        command.arg("--page").arg(page).arg("--dist").arg(dist);
    }
    if plan.fleet == Fleet::Shown {
        command.arg("--fleet");
    }
    Ok(command)
}

/// The data sources as Grafana's database would hold them.
fn data_sources(settings: &[(&str, u64)], more: &[Source], aws_address: SocketAddr) -> String {
    let first = Source { uid: DATA_SOURCE_UID, name: "Flinkwatch", aws: None };
    let all = std::iter::once(&first).chain(more).map(|source| {
        let endpoint = format!("http://{}", source.aws.unwrap_or(aws_address));
        json!({
            "uid": source.uid,
            "name": source.name,
            "type": DATA_SOURCE_TYPE,
            "jsonData": {"authType": "keys", "defaultRegion": REGION, "endpoint": endpoint},
            "secureJsonData": {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY},
        })
    });
    let mut all: serde_json::Value = all.collect();
    for (name, value) in settings {
        all[0]["jsonData"][*name] = json!(value);
    }
    format!("{all:#}\n")
}

fn watch_signals() -> Outcome<Arc<AtomicBool>> {
    let stop_is_wanted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop_is_wanted)).doing("watch for Ctrl-C")?;
    }
    Ok(stop_is_wanted)
}

/// Waits until the path answers with 200.
fn wait_for(program: &mut Running, address: SocketAddr, path: &str, stop_is_wanted: &AtomicBool) -> Outcome<()> {
    let waited = Stopwatch::start();
    while waited.elapsed() < START_LIMIT {
        if stop_is_wanted.load(Ordering::Relaxed) {
            return Err(Failure::new("stopped before everything had started"));
        }
        program.must_run()?;
        if http::get(address, path, START_LIMIT).is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        thread::sleep(GLANCE);
    }
    Err(Failure::new(format!("http://{address}{path} did not answer within {} s", START_LIMIT.as_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sources_ask_their_local_aws() {
        let other = Source { uid: "large", name: "Large", aws: Some(http::loopback(4567)) };
        let sources: serde_json::Value =
            serde_json::from_str(&data_sources(&[("cacheMegabytes", 0)], &[other], http::loopback(4566))).unwrap();
        assert_eq!(sources[0]["jsonData"]["cacheMegabytes"], 0);
        assert!(sources[1]["jsonData"]["cacheMegabytes"].is_null());
        assert_eq!(sources[0]["jsonData"]["endpoint"], "http://127.0.0.1:4566");
        assert_eq!(sources[0]["uid"], DATA_SOURCE_UID);
        assert_eq!(sources[1]["jsonData"]["endpoint"], "http://127.0.0.1:4567");
        assert_eq!(sources[1]["uid"], "large");
    }
}
