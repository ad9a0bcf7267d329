//! What a running process has used, as Linux tells it in `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

use crate::failure::{Doing, Failure, Outcome};

/// A memory figure of a process.
#[derive(Clone, Copy)]
pub enum Memory {
    /// Resident now.
    Resident,
    /// The most that was ever resident.
    Peak,
}

/// Time on the CPU, in user and kernel mode, of all threads that live. `/proc/<pid>/stat` would count those that ended as well, but in
/// steps of 10 ms; the plugin's threads live as long as the process.
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let tasks = format!("/proc/{process}/task");
    let mut sum = Duration::ZERO;
    for task in fs::read_dir(&tasks).doing(format_args!("list {tasks}"))?.flatten() {
        // A thread may end between the listing and this look at it.
        let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
        let on_cpu = text.split_whitespace().next().and_then(|number| number.parse().ok());
        sum += Duration::from_nanos(on_cpu.ok_or_else(|| Failure::new(format!("{tasks}: unknown form {text:?}")))?);
    }
    Ok(sum)
}

/// Lets the peak of a process begin anew at what is resident now.
pub fn forget_peak(process: u32) -> Outcome<()> {
    let path = format!("/proc/{process}/clear_refs");
    fs::write(&path, "5").doing(format_args!("write {path}"))
}

pub fn threads(process: u32) -> Outcome<usize> {
    entries(process, "task")
}

/// Open files, sockets and what else has a descriptor.
pub fn file_descriptors(process: u32) -> Outcome<usize> {
    entries(process, "fd")
}

/// Those of the descriptors that are sockets.
pub fn sockets(process: u32) -> Outcome<usize> {
    let path = format!("/proc/{process}/fd");
    let entries = fs::read_dir(&path).doing(format_args!("list {path}"))?.flatten();
    // A descriptor may be closed between the listing and this look at it.
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    Ok(targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count())
}

fn entries(process: u32, directory: &str) -> Outcome<usize> {
    let path = format!("/proc/{process}/{directory}");
    Ok(fs::read_dir(&path).doing(format_args!("list {path}"))?.count())
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
}

/// `pid (name) state parent …`; the name may hold spaces and parentheses.
fn parse_stat(text: &str) -> Option<Stat<'_>> {
    let (start, rest) = text.rsplit_once(')')?;
    let name = start.split_once('(')?.1;
    Some(Stat { name, parent: rest.split_whitespace().nth(1)?.parse().ok()? })
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
        assert_eq!((stat.name, stat.parent), ("a) b", 3));
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
        assert!(cpu_time(me).unwrap() > Duration::ZERO);
        assert!(threads(me).unwrap() >= 1 && file_descriptors(me).unwrap() >= 1);
    }
}
