//! The shipped binary needs nothing beside the kernel: no loader or library by its file, and it starts,
//! serves and stops in a directory tree that holds only itself.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::failure::{Doing, Failure, Outcome};
use crate::house::House;
use crate::process::Running;
use crate::{binaries, elf, health_check, say, setup};

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

pub fn run(house: &House) -> Outcome<()> {
    let plugin = binaries::release_plugin(house)?;
    let file = std::fs::read(&plugin).doing(format_args!("read {}", plugin.display()))?;
    elf::must_be_static(&file)?;
    say::line(format_args!("  {} is static, {:.1} MiB", binaries::PLUGIN, file.len() as f64 / 1_048_576.0));

    let tree = house.empty_dir("empty-tree")?;
    std::fs::copy(&plugin, tree.join(binaries::PLUGIN)).doing("copy the plugin into the empty tree")?;
    let mut start = in_tree(&tree);
    start.env_clear().env("PATH", search_path()).env("grafana_plugin_type", "datasource").stdout(Stdio::piped());
    let mut running = Running::start("the plugin in the empty tree", &mut start)?;
    let address = parse_handshake(&first_line(&mut running)?)?;
    health_check::must_serve(&address)?;
    say::line(format_args!("  started in an empty tree, serves at {address}"));

    let Some(status) = running.stop() else {
        return Err(Failure::new("the plugin did not end on SIGTERM"));
    };
    if !status.success() {
        let signal = status.signal().map_or(String::new(), |signal| format!(" (signal {signal})"));
        return Err(Failure::new(format!("the plugin ended on SIGTERM with {status}{signal}")));
    }
    Ok(())
}

/// Root may change the root of a process; anyone else does it in a user namespace of their own.
fn in_tree(tree: &Path) -> Command {
    let mut command = if setup::is_root() {
        Command::new("chroot")
    } else {
        say::line("  not root: the empty tree is entered in a user namespace");
        let mut unshare = Command::new("unshare");
        unshare.args(["--map-root-user", "chroot"]);
        unshare
    };
    command.arg(tree).arg(Path::new("/").join(binaries::PLUGIN));
    command
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

/// The address in `1|2|tcp|127.0.0.1:34567|grpc`.
fn parse_handshake(line: &str) -> Outcome<String> {
    match line.trim_end().split('|').collect::<Vec<_>>().as_slice() {
        ["1", "2", "tcp", address, "grpc"] => Ok((*address).to_owned()),
        _ => Err(Failure::new(format!("the plugin's first line is not a handshake: {line:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_names_its_address() {
        assert_eq!(parse_handshake("1|2|tcp|127.0.0.1:34567|grpc\n").unwrap(), "127.0.0.1:34567");
        assert!(parse_handshake("").is_err());
        assert!(parse_handshake("1|2|unix|/tmp/x|grpc").is_err());
    }
}
