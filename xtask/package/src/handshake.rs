//! Starts the plugin as Grafana does, asks it whether it serves, and stops it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::health_check;
use xtask::failure::{Doing, Failure, Outcome};
use xtask::process::Running;

/// An emulated program takes seconds to start.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// The address at which it served. What it logs goes into a file.
pub fn must_start_serve_and_stop(start: &mut Command, log: PathBuf) -> Outcome<String> {
    let place = log.display().to_string();
    serve_and_stop(start, log).map_err(|failure| Failure::new(format!("{failure}; its log is {place}")))
}

fn serve_and_stop(start: &mut Command, log: PathBuf) -> Outcome<String> {
    start.env_clear().env("PATH", search_path()).env("grafana_plugin_type", "datasource").stdout(Stdio::piped());
    let mut running = Running::start_with_log("the plugin", start, log)?;
    let address = parse(&first_line(&mut running)?)?;
    health_check::must_serve(&address)?;
    let Some(status) = running.stop() else {
        return Err(Failure::new("the plugin did not end on SIGTERM"));
    };
    if !status.success() {
        let signal = status.signal().map_or(String::new(), |signal| format!(" (signal {signal})"));
        return Err(Failure::new(format!("the plugin ended on SIGTERM with {status}{signal}")));
    }
    Ok(address)
}

/// Only root's search path is sure to have chroot.
fn search_path() -> String {
    std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin"
}

fn first_line(running: &mut Running) -> Outcome<String> {
    let mut lines = BufReader::new(running.take_stdout()?);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = sender.send(lines.read_line(&mut line).map(|_| line));
    });
    let answer = receiver.recv_timeout(HANDSHAKE_LIMIT).doing("wait for the plugin's handshake")?;
    answer.doing("read the plugin's handshake")
}

/// The address in `1|2|unix|/tmp/x.sock|grpc`, or in `1|2|tcp|127.0.0.1:34567|grpc` where there is no folder for a
/// socket.
fn parse(line: &str) -> Outcome<String> {
    match line.trim_end().split('|').collect::<Vec<_>>().as_slice() {
        ["1", "2", "unix" | "tcp", address, "grpc"] => Ok((*address).to_owned()),
        _ => Err(Failure::new(format!("the plugin's first line is not a handshake: {line:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_names_its_address() {
        assert_eq!(parse("1|2|tcp|127.0.0.1:34567|grpc\n").unwrap(), "127.0.0.1:34567");
        assert_eq!(parse("1|2|unix|/tmp/x|grpc\n").unwrap(), "/tmp/x");
        assert!(parse("").is_err());
        assert!(parse("1|2|udp|127.0.0.1:34567|grpc").is_err());
    }
}
