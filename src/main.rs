//! The plugin's process: handshake with Grafana, then serve until told to end.
//!
//! Nothing costly happens before the handshake. How it ends: Shutdown from the host and
//! SIGTERM let requests in flight finish; SIGINT is ignored, because Ctrl-C on Grafana
//! reaches the whole process group and Grafana then stops its plugins in order; and when
//! the host has died without a word the process ends at once.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::data_source::Flinkwatch;
use flinkwatch::plugin::Environment;
use flinkwatch::plugin::handshake::{self, Endpoint};
use flinkwatch::plugin::serve::{End, serve};
use flinkwatch::plugin::{DataSource, log};
use tokio::runtime::Runtime;

/// What answers the requests: the one place that names it.
fn data_source() -> Arc<dyn DataSource> {
    Arc::new(Flinkwatch::default())
}

/// How long the last log lines may take to be read.
const LAST_LINES: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    if !handshake::is_started_by_grafana(&environment) {
        eprintln!("gpx_flinkwatch is a Grafana plugin: Grafana starts it; it does nothing when run by hand.");
        return ExitCode::FAILURE;
    }
    use_one_arena();
    log::start(environment(log::LEVEL_VARIABLE).as_deref());
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            log::flush(LAST_LINES);
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(&environment));
    // Work that nobody waits for any more (name look-ups of a dropped call) must not keep
    // the process alive.
    runtime.shutdown_background();
    let code = match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "cannot start or serve");
            ExitCode::FAILURE
        }
    };
    log::flush(LAST_LINES);
    code
}

/// Starts this program again, in the same process, with glibc's allocator limited to one arena.
///
/// By default each thread has its own, and what a large answer leaves free in one is of no use to the next answer in
/// another: after a few queries of 720,000 points the process holds 75 MiB, with one arena 46, in the same CPU time.
/// glibc reads the limit from the environment, once and before `main`. An administrator's own limit is kept.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn use_one_arena() {
    use std::os::unix::process::CommandExt;
    const LIMIT: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(LIMIT).is_some() {
        return;
    }
    // The path is unknown where /proc is missing.
    if let Ok(program) = std::env::current_exe() {
        // Returns only if it failed; then the process serves all the same, with more memory.
        let _ = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(LIMIT, "1").exec();
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn use_one_arena() {}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

type Failure = Box<dyn std::error::Error>;

async fn run(environment: Environment<'_>) -> Result<(), Failure> {
    // Before the handshake, so that no signal after it finds the default action.
    let stop = stop_signal()?;
    let host_gone = host_gone();
    let endpoint =
        handshake::open_endpoint(environment).await.map_err(|error| format!("cannot listen for the host: {error}"))?;
    announce(&endpoint)?;
    let served = serve(data_source(), endpoint.listener, stop);
    tokio::select! {
        ended = served => match ended? {
            End::Drained => tracing::debug!("ended: every request was answered"),
            End::CutShort => tracing::warn!("ended: some requests took too long to finish"),
        },
        () = host_gone => tracing::warn!("ended: the host is gone"),
    }
    Ok(())
}

/// The only thing that ever goes to stdout.
fn announce(endpoint: &Endpoint) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(endpoint.line.as_bytes())?;
    stdout.flush()
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    // Listening is what takes away the default action, for the rest of the process's life.
    let interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        terminate.recv().await;
        drop(interrupt);
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move { while interrupt.recv().await.is_some() {} })
}

/// Completes when the process that started this one has ended: the kernel then gives an
/// orphan a new parent. (stdin tells nothing: Grafana passes its own on.)
#[cfg(unix)]
fn host_gone() -> impl Future<Output = ()> {
    use std::os::unix::process::parent_id;
    let host = parent_id();
    async move {
        let mut every_second = tokio::time::interval(Duration::from_secs(1));
        while parent_id() == host {
            every_second.tick().await;
        }
    }
}

#[cfg(not(unix))]
fn host_gone() -> impl Future<Output = ()> {
    std::future::pending()
}
