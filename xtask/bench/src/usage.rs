//! What a running process has used, as Linux tells it.

use std::time::Duration;

use procfs::process::{self, ClearRefs, FDTarget, Process};
use xtask::failure::{Doing, Failure, Outcome};

/// A memory figure of a process.
#[derive(Clone, Copy)]
pub enum Memory {
    /// Resident now.
    Resident,
    /// The most that was ever resident.
    Peak,
}

/// Time on the CPU, in user and kernel mode, of all threads that live. The figures of the process would count those
/// that ended as well, but in steps of 10 ms; the plugin's threads live as long as the process.
pub fn cpu_time(process: u32) -> Outcome<Duration> {
    let threads = find(process)?.tasks().doing(format_args!("list the threads of process {process}"))?;
    // A thread may end between the listing and this look at it.
    let times = threads.flatten().filter_map(|thread| thread.schedstat().ok());
    Ok(Duration::from_nanos(times.map(|times| times.sum_exec_runtime).sum()))
}

/// Lets the peak of a process begin anew at what is resident now.
pub fn forget_peak(process: u32) -> Outcome<()> {
    find(process)?.clear_refs(ClearRefs::PeakRSS).doing(format_args!("forget the peak of process {process}"))
}

pub fn threads(process: u32) -> Outcome<usize> {
    let threads = find(process)?.tasks().doing(format_args!("list the threads of process {process}"))?;
    Ok(threads.count())
}

/// Open files, sockets and what else has a descriptor.
pub fn file_descriptors(process: u32) -> Outcome<usize> {
    find(process)?.fd_count().doing(format_args!("count the open files of process {process}"))
}

/// Those of the descriptors that are sockets.
pub fn sockets(process: u32) -> Outcome<usize> {
    let open = find(process)?.fd().doing(format_args!("list the open files of process {process}"))?;
    // A descriptor may be closed between the listing and this look at it.
    Ok(open.flatten().filter(|open| matches!(open.target, FDTarget::Socket(_))).count())
}

pub fn memory_mib(process: u32, which: Memory) -> Outcome<f64> {
    let status = find(process)?.status().doing(format_args!("read the memory of process {process}"))?;
    let kib = match which {
        Memory::Resident => status.vmrss,
        Memory::Peak => status.vmhwm,
    };
    kib.map(|kib| kib as f64 / 1024.0).ok_or_else(|| Failure::new(format!("process {process} has ended")))
}

/// The process of that name which `parent` started.
pub fn child_named(parent: u32, name: &str) -> Outcome<u32> {
    let all = process::all_processes().doing("list the processes")?;
    // A process may end between the listing and this look at it.
    let mut known = all.flatten().filter_map(|process| process.stat().ok());
    let found = known.find(|stat| stat.ppid.cast_unsigned() == parent && stat.comm == name);
    found
        .map(|stat| stat.pid.cast_unsigned())
        .ok_or_else(|| Failure::new(format!("process {parent} has no child {name}")))
}

fn find(process: u32) -> Outcome<Process> {
    Process::new(process.cast_signed()).doing(format_args!("look at process {process}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_memory() {
        let me = std::process::id();
        assert!(memory_mib(me, Memory::Peak).unwrap() >= memory_mib(me, Memory::Resident).unwrap() * 0.5);
        assert!(cpu_time(me).unwrap() > Duration::ZERO);
        assert!(threads(me).unwrap() >= 1 && file_descriptors(me).unwrap() >= 1);
    }

    #[test]
    fn a_process_that_is_not_there_is_named() {
        let words = child_named(std::process::id(), "no-such-program").unwrap_err().to_string();
        assert!(words.contains("no-such-program"), "{words}");
    }
}
