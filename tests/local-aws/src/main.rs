//! The local AWS on its own: a simulated fleet or a recording, until Ctrl-C.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use local_aws::fleet::Fleet;
use local_aws::replay::Replay;
use local_aws::server::{Clock, LocalAws, Options, Publication, RateLimits};
use local_aws::world::World;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str =
    "usage: local-aws [--port N] [--replay DIR | --bench-tasks N … | --incidents | --edge-cases] [--latency MS] [--rate-limits] …

  --port N                listen on 127.0.0.1:N (default: any free port)
  --replay DIR            serve a recording, at its own times, instead of the simulated fleet
  --bench-tasks N         simulate equal applications of N tasks each, bench-000 and so on, instead of the fleet
  --bench-applications N  so many of them (default: 1)
  --bench-metric NAME     that publish this metric alone
  --log-lines N           every application writes N more lines a second to its log
  --incidents             simulate a fleet in which each application suffers from one thing, for alert rules
  --edge-cases            simulate one name in three accounts, odd tags, an old Flink, a log of odd lines
  --latency MS            wait before every answer
  --late                  publish samples as late as the real service, each series at its own time
  --rate-limits           throttle as AWS does
  --data-calls N          the same of GetMetricData
  --quota OPERATION=N     throttle one operation to N calls a second
  --data-calls N          short for --quota GetMetricData=N
  --live-tail-seconds N   end a tail of a log after so many seconds instead of three hours
  --remember-answers      answer the same GetMetricData again from memory: the time is then the client's";

/// Where applications are looked for, to say in which regions there are some; the fleet's home first.
const REGIONS: [&str; 16] = [
    "eu-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
    "ca-central-1",
    "sa-east-1",
];

#[derive(Debug, Default)]
struct Arguments {
    port: u16,
    replay: Option<PathBuf>,
    bench_tasks: Option<usize>,
    bench_applications: Option<usize>,
    bench_metric: Option<String>,
    has_incidents: bool,
    has_edge_cases: bool,
    latency_ms: u64,
    is_late: bool,
    has_rate_limits: bool,
    quotas: HashMap<String, f64>,
    log_lines: u32,
    live_tail_seconds: Option<i64>,
    remembers_answers: bool,
}

impl Arguments {
    fn rate_limits(&self) -> Option<RateLimits> {
        let published = self.has_rate_limits.then(RateLimits::default);
        if self.quotas.is_empty() {
            return published;
        }
        let mut limits = published.unwrap_or_else(|| RateLimits { per_second: HashMap::new() });
        limits.per_second.extend(self.quotas.clone());
        Some(limits)
    }

    /// The applications that differ in name only, if those are wanted.
    fn bench(&self) -> Option<Fleet> {
        let (applications, tasks) = (self.bench_applications.unwrap_or(1), self.bench_tasks?);
        Some(match &self.bench_metric {
            None => Fleet::bench(applications, tasks),
            Some(metric) => Fleet::bench_metric(applications, tasks, metric),
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match parse_arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => return fail(&format!("{message}\n\n{USAGE}")),
    };
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(std::io::stderr().lock(), "{message}");
    ExitCode::FAILURE
}

fn parse_arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value."));
        match word.as_str() {
            "--port" => arguments.port = parse_number(&word, &value()?)?,
            "--latency" => arguments.latency_ms = parse_number(&word, &value()?)?,
            "--replay" => arguments.replay = Some(value()?.into()),
            "--bench-tasks" => arguments.bench_tasks = Some(parse_number(&word, &value()?)?),
            "--bench-applications" => arguments.bench_applications = Some(parse_number(&word, &value()?)?),
            "--bench-metric" => arguments.bench_metric = Some(value()?),
            "--incidents" => arguments.has_incidents = true,
            "--edge-cases" => arguments.has_edge_cases = true,
            "--late" => arguments.is_late = true,
            "--rate-limits" => arguments.has_rate_limits = true,
            "--data-calls" => {
                arguments.quotas.insert("GetMetricData".to_owned(), parse_number(&word, &value()?)?);
            }
            "--quota" => {
                let quota = value()?;
                let (operation, rate) = quota.split_once('=').ok_or("--quota needs OPERATION=N.")?;
                arguments.quotas.insert(operation.to_owned(), parse_number(&word, rate)?);
            }
            "--log-lines" => arguments.log_lines = parse_number(&word, &value()?)?,
            "--live-tail-seconds" => arguments.live_tail_seconds = Some(parse_number(&word, &value()?)?),
            "--remember-answers" => arguments.remembers_answers = true,
            _ => return Err(format!("{word} is not known.")),
        }
    }
    let worlds = [
        arguments.replay.is_some(),
        arguments.bench_tasks.is_some(),
        arguments.has_incidents,
        arguments.has_edge_cases,
    ];
    if worlds.into_iter().filter(|is_chosen| *is_chosen).count() > 1 {
        return Err("--replay, --bench-tasks, --incidents and --edge-cases exclude each other.".to_owned());
    }
    if arguments.bench_tasks.is_none() && (arguments.bench_applications.is_some() || arguments.bench_metric.is_some()) {
        return Err("--bench-applications and --bench-metric need --bench-tasks.".to_owned());
    }
    Ok(arguments)
}

fn parse_number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{name}: {text} is not a number in range."))
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let (world, clock): (Arc<dyn World>, Clock) = if let Some(directory) = &arguments.replay {
        let replay = Replay::open(directory)?;
        let now = replay.now();
        (Arc::new(replay), Clock::Fixed(now))
    } else if arguments.has_incidents {
        (Arc::new(Fleet::incidents().with_log_lines(arguments.log_lines)), Clock::System)
    } else if arguments.has_edge_cases {
        (Arc::new(Fleet::edge_cases().with_log_lines(arguments.log_lines)), Clock::System)
    } else {
        (Arc::new(arguments.bench().unwrap_or_default().with_log_lines(arguments.log_lines)), Clock::System)
    };
    let usual = Options::default();
    let options = Options {
        port: arguments.port,
        clock,
        latency_ms: arguments.latency_ms,
        rate_limits: arguments.rate_limits(),
        remembers_answers: arguments.remembers_answers,
        publication: if arguments.is_late { Publication::REALISTIC } else { Publication::default() },
        live_tail_seconds: arguments.live_tail_seconds.unwrap_or(usual.live_tail_seconds),
        ..usual
    };
    let server = LocalAws::start(Arc::clone(&world), options).await;
    let server = server.map_err(|error| format!("Cannot listen on port {}: {error}", arguments.port))?;
    let text = describe(&server.endpoint(), &*world, clock);
    writeln!(std::io::stdout().lock(), "{text}").map_err(|error| error.to_string())?;
    until_signal().await.map_err(|error| error.to_string())?;
    server.stop().await;
    Ok(())
}

/// What a user needs to point a client here.
fn describe(endpoint: &str, world: &dyn World, clock: Clock) -> String {
    let now = clock.now();
    let regions = REGIONS.into_iter().filter(|region| !world.applications(region, now).is_empty());
    let regions: Vec<&str> = regions.collect();
    let mut lines = vec![
        format!("endpoint  {endpoint}"),
        format!("regions   {}", regions.join(" ")),
        "keys      access key local, secret key local (any others will do)".to_owned(),
    ];
    if let Clock::Fixed(now) = clock {
        lines.push(format!("now       {now} (the recording ends here, in epoch seconds)"));
    }
    lines.push(format!("counters  {endpoint}/_local/counters"));
    lines.join("\n")
}

async fn until_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed,
    }
}
