//! Words for the terminal. A closed pipe is not an error: nobody reads any more.

use std::fmt::Display;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_VERBOSE: AtomicBool = AtomicBool::new(false);

/// From now on the output of other programs is shown as they write it, and details are said.
pub fn be_verbose() {
    IS_VERBOSE.store(true, Ordering::Relaxed);
}

pub fn is_verbose() -> bool {
    IS_VERBOSE.load(Ordering::Relaxed)
}

pub fn line(words: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}

/// What only somebody wants to know who looks closely.
pub fn detail(words: impl Display) {
    if is_verbose() {
        line(words);
    }
}

pub fn problem(words: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "error: {words}");
}
