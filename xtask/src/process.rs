//! Other programs: run to the end, read, or kept running and stopped.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::failure::{Doing, Failure, Outcome};
use crate::say;

/// How long a program may take to stop when asked; then it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How often a running program is looked at.
pub const GLANCE: Duration = Duration::from_millis(20);

/// Shows the command, lets it write to this terminal, and waits for its end.
pub fn run(command: &mut Command) -> Outcome<()> {
    let words = describe(command);
    say::line(format_args!("  $ {words}"));
    let status = command.status().doing(format_args!("start `{words}`"))?;
    judge(&words, status)
}

/// Runs without a word. Only when it fails its output is shown, without the addresses of the
/// servers that it asked.
pub fn run_quietly(command: &mut Command) -> Outcome<()> {
    let words = describe(command);
    say::line(format_args!("  $ {words}"));
    let output = command.stdin(Stdio::null()).output().doing(format_args!("start `{words}`"))?;
    if !output.status.success() {
        for text in [&output.stdout, &output.stderr] {
            say::line(without_addresses(&String::from_utf8_lossy(text)));
        }
    }
    judge(&words, output.status)
}

/// What the command writes to its standard output.
pub fn read(command: &mut Command) -> Outcome<String> {
    let words = describe(command);
    let output = command.stderr(Stdio::inherit()).output().doing(format_args!("start `{words}`"))?;
    judge(&words, output.status)?;
    String::from_utf8(output.stdout).doing(format_args!("read the output of `{words}`"))
}

/// Whether the command can be started and succeeds; says nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn judge(words: &str, status: ExitStatus) -> Outcome<()> {
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{words}` ended with {status}")))
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn without_addresses(text: &str) -> String {
    let hide = |word: &str| if word.contains("://") { "<address>".to_owned() } else { word.to_owned() };
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let bare = word.trim_end();
            hide(bare) + &word[bare.len()..]
        })
        .collect()
}

/// A program that runs beside this one and is stopped with it, also on the way out of an error.
pub struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    pub fn start(name: &'static str, command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).spawn().doing(format_args!("start {name}"))?;
        Ok(Self { name, child })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn take_stdout(&mut self) -> Outcome<std::process::ChildStdout> {
        self.child.stdout.take().ok_or_else(|| Failure::new(format!("{} has no output to read", self.name)))
    }

    /// An error when the program ended by itself.
    pub fn must_run(&mut self) -> Outcome<()> {
        match self.child.try_wait().doing(format_args!("look at {}", self.name))? {
            None => Ok(()),
            Some(status) => Err(Failure::new(format!("{} ended by itself with {status}", self.name))),
        }
    }

    /// Asks for the end with SIGTERM and waits; `None` when the program did not obey in time.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Some(status);
        }
        // The standard library can only kill; the shell knows the gentle signal.
        let ask = format!("kill -TERM {}", self.child.id());
        succeeds(Command::new("sh").args(["-c", &ask]));
        let asked = Stopwatch::start();
        while asked.elapsed() < STOP_LIMIT {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(GLANCE);
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.stop().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named() {
        let failure = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert_eq!(failure, "`sh -c exit 3` ended with exit status: 3");
    }

    #[test]
    fn a_missing_program_is_an_error_not_a_panic() {
        assert!(read(&mut Command::new("no-such-program-here")).is_err());
        assert!(!succeeds(&mut Command::new("no-such-program-here")));
    }

    #[test]
    fn addresses_are_not_shown() {
        assert_eq!(without_addresses("Err: cannot reach\nhttps://host/path now"), "Err: cannot reach\n<address> now");
    }

    #[test]
    fn a_running_program_stops_when_asked() {
        let mut sleep = Running::start("sleep", Command::new("sleep").arg("60")).unwrap();
        sleep.must_run().unwrap();
        assert!(sleep.stop().is_some());
        assert!(sleep.must_run().is_err());
    }
}
