//! Writes log lines from a thread of its own, so that nobody waits for who reads them.
//!
//! stderr is a pipe to Grafana. When it is not read (a host that hangs, a full disk behind it), a write blocks for
//! ever, and whoever writes would with it. Here the queue fills up instead: lines are dropped and counted, and the next
//! line that gets through says how many.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines that may wait: with the longest line some megabytes.
const QUEUE: usize = 1024;

/// How often the end of the process looks whether all is written.
const GLANCE: Duration = Duration::from_millis(1);

/// The way to the thread.
#[derive(Debug)]
pub(super) struct LogWriter {
    queue: SyncSender<String>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    queued: AtomicU64,
    written: AtomicU64,
    dropped: AtomicU64,
}

impl LogWriter {
    /// Starts the thread. `describe` makes the line that tells how many were dropped.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(super) fn start(out: impl Write + Send + 'static, describe: fn(u64) -> String) -> std::io::Result<Self> {
        let (queue, lines) = sync_channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let of_thread = Arc::clone(&counts);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(out, &lines, &of_thread, describe))?;
        Ok(Self { queue, counts })
    }

    /// Never waits.
    pub(super) fn write(&self, line: String) {
        // Counted before it is sent, or the thread could be ahead of the count.
        self.counts.queued.fetch_add(1, Ordering::SeqCst);
        if self.queue.try_send(line).is_err() {
            self.counts.queued.fetch_sub(1, Ordering::SeqCst);
            self.counts.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits until all lines are written, at most so long.
    pub(super) fn flush(&self, limit: Duration) {
        let glances = limit.as_millis() / GLANCE.as_millis();
        for _ in 0..glances {
            if self.counts.written.load(Ordering::SeqCst) >= self.counts.queued.load(Ordering::SeqCst) {
                return;
            }
            thread::sleep(GLANCE);
        }
    }
}

fn write_all(mut out: impl Write, lines: &Receiver<String>, counts: &Counts, describe: fn(u64) -> String) {
    for line in lines {
        // When stderr is gone there is nobody left to tell.
        let _closed = out.write_all(line.as_bytes());
        let dropped = counts.dropped.swap(0, Ordering::SeqCst);
        if dropped > 0 {
            let _closed = out.write_all(describe(dropped).as_bytes());
        }
        counts.written.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Sender;
    use std::sync::mpsc::channel;

    use super::*;

    /// Writes nothing until it is told to, then tells what it got.
    struct Gate {
        open: Receiver<()>,
        is_open: bool,
        written: Sender<String>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if !self.is_open {
                self.open.recv().unwrap();
                self.is_open = true;
            }
            self.written.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_nobody_reads_are_dropped_and_counted() {
        let (open, opened) = channel();
        let (written, lines) = channel();
        let gate = Gate { open: opened, is_open: false, written };
        let writer = LogWriter::start(gate, |dropped| format!("dropped {dropped}\n")).unwrap();
        let sent = QUEUE as u64 + 500;
        for number in 0..sent {
            writer.write(format!("{number}\n"));
        }
        // Nothing is read: this returns all the same.
        writer.flush(Duration::from_millis(5));
        open.send(()).unwrap();
        writer.flush(Duration::from_secs(10));
        drop(writer);
        let lines: Vec<String> = lines.iter().collect();
        let dropped: u64 =
            lines.iter().filter_map(|line| line.trim().strip_prefix("dropped ")?.parse::<u64>().ok()).sum();
        let kept = lines.iter().filter(|line| !line.starts_with("dropped")).count() as u64;
        assert!(dropped >= 499, "{dropped}");
        assert_eq!(kept + dropped, sent);
        assert_eq!(lines[0], "0\n");
    }
}
