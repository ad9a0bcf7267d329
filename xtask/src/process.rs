//! Other programs: run to the end, read, or kept running and stopped.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::failure::{Doing, Failure, Outcome};
use crate::{output, progress};

/// How long a program may take to stop when asked; then it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Lines of a log that are shown of a program that ended.
const LAST_WORDS: usize = 15;
/// How often a running program is looked at.
pub const GLANCE: Duration = Duration::from_millis(20);

/// Runs to the end. Its output is shown only when it fails, or with `--verbose`.
pub fn run(command: &mut Command) -> Outcome<()> {
    run_and_show(command, str::to_owned)
}

/// The same for what asks servers, whose addresses are not shown.
pub fn run_quietly(command: &mut Command) -> Outcome<()> {
    run_and_show(command, without_addresses)
}

fn run_and_show(command: &mut Command, show: fn(&str) -> String) -> Outcome<()> {
    let words = describe(command);
    if output::is_verbose() {
        output::line(format_args!("  $ {words}"));
        let status = command.status().doing(format_args!("start `{words}`"))?;
        return judge(&words, status);
    }
    let (output, status) = collect(command).doing(format_args!("start `{words}`"))?;
    if !status.success() {
        output::line(format_args!("\n  $ {words}"));
        output::line(show(&worth_showing(&output)));
    }
    judge(&words, status)
}

/// All that a program writes, in its own order, while its progress is reported.
fn collect(command: &mut Command) -> std::io::Result<(String, ExitStatus)> {
    let (output, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // The command holds the pipe's other end, without whose close the output never ends.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (mut text, mut line) = (String::new(), Vec::new());
    for byte in BufReader::new(output).bytes() {
        match byte? {
            // Progress is written over what stands there, and has no line of its own.
            b'\n' | b'\r' => take_line(&mut line, &mut text),
            other => line.push(other),
        }
    }
    take_line(&mut line, &mut text);
    Ok((text, child.wait()?))
}

fn take_line(line: &mut Vec<u8>, text: &mut String) {
    let words = String::from_utf8_lossy(line).into_owned();
    line.clear();
    match progress_of(&words) {
        Some(words) => progress::report(&words),
        None if words.is_empty() => {}
        None => text.extend([words.as_str(), "\n"]),
    }
}

/// `120 of 312` of cargo's `    Building [====>   ] 120/312: tokio`.
fn progress_of(line: &str) -> Option<String> {
    let (_, after) = line.split_once("] ").filter(|(before, _)| before.contains("Building ["))?;
    let (done, all) = after.split(':').next()?.split_once('/')?;
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    (is_number(done) && is_number(all)).then(|| format!("{done} of {all}"))
}

/// Lines by which cargo says that all is well.
const PASSING: [&str; 5] = ["Compiling", "Downloading", "Downloaded", "Updating", "Locking"];

fn worth_showing(output: &str) -> String {
    let is_passing = |line: &&str| PASSING.iter().any(|word| line.trim_start().starts_with(&format!("{word} ")));
    output
        .lines()
        .filter(|line| !is_passing(line) && !line.trim().is_empty())
        .fold(String::new(), |text, line| text + line + "\n")
}

/// What the command writes to its standard output; its standard error is shown when it fails.
pub fn read(command: &mut Command) -> Outcome<String> {
    let words = describe(command);
    let output = command.output().doing(format_args!("start `{words}`"))?;
    if output::is_verbose() || !output.status.success() {
        output::line(worth_showing(&String::from_utf8_lossy(&output.stderr)));
    }
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
    log: Option<PathBuf>,
}

impl Running {
    pub fn start(name: &'static str, command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).spawn().doing(format_args!("start {name}"))?;
        Ok(Self { name, child, log: None })
    }

    /// The same, with what it says on its standard error in a file.
    pub fn start_with_log(name: &'static str, command: &mut Command, log: PathBuf) -> Outcome<Self> {
        if output::is_verbose() {
            return Self::start(name, command);
        }
        let file = File::options().append(true).open(&log).doing(format_args!("open {}", log.display()))?;
        let mut running = Self::start(name, command.stderr(file))?;
        running.log = Some(log);
        Ok(running)
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
            Some(status) => {
                Err(Failure::new(format!("{} ended by itself with {status}{}", self.name, self.last_words())))
            }
        }
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let Some(log) = &self.log else { return String::new() };
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let end = lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n");
        format!("; {} ends with:\n{end}", log.display())
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
    fn what_a_program_writes_is_kept_in_its_order() {
        let (output, status) = collect(Command::new("sh").args(["-c", "echo a; echo b >&2; printf c"])).unwrap();
        assert_eq!((output.as_str(), status.success()), ("a\nb\nc\n", true));
    }

    #[test]
    fn the_progress_of_cargo_is_no_output() {
        assert_eq!(progress_of("    Building [====>    ] 120/312: tokio, h2").as_deref(), Some("120 of 312"));
        assert_eq!(progress_of("   Compiling tokio v1.54.0"), None);
        assert_eq!(progress_of("error[E0308] 1/2: x"), None);
    }

    #[test]
    fn what_is_shown_of_a_failure_is_what_went_wrong() {
        let output = "   Compiling a v1.0.0\n\nerror: wrong\n --> src/main.rs\n  Downloaded b v1.0.0\n";
        assert_eq!(worth_showing(output), "error: wrong\n --> src/main.rs\n");
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
