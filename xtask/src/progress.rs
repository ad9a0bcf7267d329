//! What is being done right now, on one line that is written again and again: each thread that works says how far it
//! is.
//!
//! On a terminal the line is rewritten in place. Elsewhere, as in a log, it is written twice a minute.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock::{Stopwatch, describe};
use crate::failure::{Failure, Outcome};
use crate::output;

/// How often the line is written on a terminal, and in a log.
const ON_A_TERMINAL: Duration = Duration::from_millis(200);
const IN_A_LOG: Duration = Duration::from_secs(30);
/// What a terminal surely has room for.
const WIDTH: usize = 78;

thread_local! {
    /// How far the work of this thread is.
    static HERE: RefCell<Option<Arc<Mutex<String>>>> = const { RefCell::new(None) };
}

/// Work with a name, to be done beside other work.
pub struct Task<'a> {
    name: &'static str,
    work: Box<dyn FnOnce() -> Outcome<()> + Send + 'a>,
}

impl<'a> Task<'a> {
    pub fn new(name: &'static str, work: impl FnOnce() -> Outcome<()> + Send + 'a) -> Self {
        Self { name, work: Box::new(work) }
    }
}

/// Says how far the work of this thread is, in a few words.
pub fn report(words: &str) {
    HERE.with_borrow(|here| {
        if let Some(here) = here {
            words.clone_into(&mut lock(here));
        }
    });
}

/// Does all tasks at the same time and says what each took.
pub fn side_by_side(tasks: Vec<Task>) -> Outcome<()> {
    lanes(tasks.into_iter().map(|task| vec![task]).collect())
}

/// Does the tasks of each lane in order, and all lanes at the same time. After a failure no task begins; those that run
/// are waited for, then the first failure is returned.
pub fn lanes(lanes: Vec<Vec<Task>>) -> Outcome<()> {
    let shown = Line::default();
    let (has_failed, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let run_lane = |lane: Vec<Task>| -> Outcome<()> {
        for task in lane {
            if has_failed.load(Ordering::Relaxed) {
                break;
            }
            let outcome = shown.work(task.name, task.work);
            has_failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
            outcome?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        scope.spawn(|| shown.write_until(&is_over));
        let running: Vec<_> = lanes.into_iter().map(|lane| scope.spawn(|| run_lane(lane))).collect();
        let ended = running.into_iter().map(|thread| thread.join());
        let broke = |_| Err(Failure::new("a step broke off"));
        let outcomes: Vec<Outcome<()>> = ended.map(|ended| ended.unwrap_or_else(broke)).collect();
        is_over.store(true, Ordering::Relaxed);
        outcomes.into_iter().collect()
    })
}

/// One task, with its line, and what it makes.
pub fn alone<T: Send>(name: &'static str, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let mut made = None;
    side_by_side(vec![Task::new(name, || work().map(|value| made = Some(value)))])?;
    made.ok_or_else(|| Failure::new(format!("{name} made nothing")))
}

struct Running {
    name: &'static str,
    watch: Stopwatch,
    /// How far it is.
    words: Arc<Mutex<String>>,
}

/// What runs, in the order in which it began.
#[derive(Default)]
struct Line {
    running: Mutex<Vec<Running>>,
}

impl Line {
    fn work(&self, name: &'static str, work: Box<dyn FnOnce() -> Outcome<()> + Send + '_>) -> Outcome<()> {
        let (watch, words) = (Stopwatch::start(), Arc::<Mutex<String>>::default());
        lock(&self.running).push(Running { name, watch, words: Arc::clone(&words) });
        HERE.set(Some(words));
        let outcome = work();
        HERE.set(None);
        lock(&self.running).retain(|other| other.name != name);
        let mark = if outcome.is_ok() { "" } else { "  failed" };
        self.erase();
        output::line(format_args!("  {name:<12} {:>12}{mark}", describe(watch.elapsed())));
        outcome
    }

    fn write_until(&self, is_over: &AtomicBool) {
        let is_terminal = std::io::stdout().is_terminal();
        let pause = if is_terminal { ON_A_TERMINAL } else { IN_A_LOG };
        let mut waited = Stopwatch::start();
        while !is_over.load(Ordering::Relaxed) {
            thread::sleep(ON_A_TERMINAL);
            if waited.elapsed() < pause || output::is_verbose() {
                continue;
            }
            waited = Stopwatch::start();
            let text = self.text();
            match (text.is_empty(), is_terminal) {
                (true, _) => {}
                (false, true) => rewrite(&text),
                (false, false) => output::line(text),
            }
        }
    }

    /// Such as `  backend 1.5 s, 120 of 312 · host 0.9 s`.
    fn text(&self) -> String {
        let part = |running: &Running| {
            let words = lock(&running.words);
            let comma = if words.is_empty() { "" } else { ", " };
            format!("{} {}{comma}{words}", running.name, describe(running.watch.elapsed()))
        };
        let parts: Vec<String> = lock(&self.running).iter().map(part).collect();
        if parts.is_empty() { String::new() } else { format!("  … {}", parts.join(" · ")) }
    }

    fn erase(&self) {
        if std::io::stdout().is_terminal() && !output::is_verbose() {
            rewrite("");
        }
    }
}

/// Writes over the line of before. A closed pipe is not an error.
fn rewrite(text: &str) {
    let text: String = text.chars().take(WIDTH).collect();
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "\r\x1b[K{text}");
    let _ = out.flush();
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_beside_a_failure_is_waited_for() {
        let barrier = std::sync::Barrier::new(2);
        let done = Mutex::new(Vec::new());
        let failing = Task::new("a", || {
            barrier.wait();
            Err(Failure::new("a is broken"))
        });
        let passing = Task::new("b", || {
            barrier.wait();
            lock(&done).push("b");
            Ok(())
        });
        let failure = side_by_side(vec![failing, passing]).unwrap_err();
        assert_eq!(failure.to_string(), "a is broken");
        assert_eq!(*lock(&done), ["b"]);
    }

    #[test]
    fn after_a_failure_nothing_new_begins() {
        let is_broken = || Err(Failure::new("broken"));
        let must_not_run = || panic!("it ran");
        assert!(lanes(vec![vec![Task::new("a", is_broken), Task::new("b", must_not_run)]]).is_err());
    }

    #[test]
    fn tasks_run_at_the_same_time() {
        let barrier = std::sync::Barrier::new(2);
        let meet = || {
            barrier.wait();
            Ok(())
        };
        side_by_side(vec![Task::new("a", meet), Task::new("b", meet)]).unwrap();
    }

    #[test]
    fn the_line_says_what_runs_and_how_far_it_is() {
        let line = Line::default();
        let outcome = line.work(
            "backend",
            Box::new(|| {
                report("3 of 5");
                let text = line.text();
                assert!(text.starts_with("  … backend ") && text.ends_with(", 3 of 5"), "{text}");
                Ok(())
            }),
        );
        assert!(outcome.is_ok() && line.text().is_empty());
    }
}
