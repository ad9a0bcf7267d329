//! What a running process has used, as Linux tells it in `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

use crate::failure::{Doing, Failure, Outcome};

/// The unit of CPU times in `/proc/<pid>/stat`: USER_HZ, 100 per second on every Linux that Rust builds for.
const TICK: Duration = Duration::from_millis(10);

/// A memory figure of a process.
#[derive(Clone, Copy)]
pub enum Memory {
    /// Resident now.
    Resident,
    /// The most that was ever resident.
    Peak,
}

/// Time on the CPU, in user and kernel mode, of all threads.
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let stat = read(process, "stat")?;
    match parse_stat(&stat) {
        Some(stat) => Ok(TICK * stat.cpu_ticks),
        None => Err(Failure::new(format!("/proc/{process}/stat has an unknown form"))),
    }
}

pub fn memory_mib(process: u32, which: Memory) -> Outcome<f64> {
    let status = read(process, "status")?;
    let key = match which {
        Memory::Resident => "VmRSS:",
        Memory::Peak => "VmHWM:",
    };
    match parse_kib(&status, key) {
        Some(kib) => Ok(kib / 1024.0),
        None => Err(Failure::new(format!("/proc/{process}/status has no {key}"))),
    }
}

/// The process of that name which `parent` started.
pub fn child_named(parent: u32, name: &str) -> Outcome<u32> {
    let processes = fs::read_dir("/proc").doing("list the processes in /proc")?;
    for entry in processes.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|text| text.parse().ok()) else { continue };
        // A process may end between the listing and this look at it.
        let Ok(text) = read(process, "stat") else { continue };
        if parse_stat(&text).is_some_and(|stat| stat.parent == parent && stat.name == name) {
            return Ok(process);
        }
    }
    Err(Failure::new(format!("process {parent} has no child {name}")))
}

struct Stat<'a> {
    name: &'a str,
    parent: u32,
    cpu_ticks: u32,
}

/// `pid (name) state parent … utime stime …`; the name may hold spaces and parentheses.
fn parse_stat(text: &str) -> Option<Stat<'_>> {
    let (start, rest) = text.rsplit_once(')')?;
    let name = start.split_once('(')?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(Stat { name, parent: number(1)?, cpu_ticks: number(11)? + number(12)? })
}

fn parse_kib(status: &str, key: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn read(process: u32, file: &str) -> Outcome<String> {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).doing(format_args!("read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = parse_stat("7 (a) b) S 3 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0").unwrap();
        assert_eq!((stat.name, stat.parent, stat.cpu_ticks), ("a) b", 3, 175));
    }

    #[test]
    fn memory_is_read_in_kib() {
        assert_eq!(parse_kib("Name:\tx\nVmHWM:\t   20480 kB\n", "VmHWM:"), Some(20480.0));
        assert_eq!(parse_kib("Name:\tx\n", "VmHWM:"), None);
    }

    #[test]
    fn this_process_has_used_memory() {
        let me = std::process::id();
        assert!(memory_mib(me, Memory::Peak).unwrap() >= memory_mib(me, Memory::Resident).unwrap() * 0.5);
        cpu_time(me).unwrap();
    }
}
