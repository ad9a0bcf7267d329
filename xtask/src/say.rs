//! Words for the terminal. A closed pipe is not an error: nobody reads any more.

use std::fmt::Display;
use std::io::Write;

pub fn line(words: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}

pub fn problem(words: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "error: {words}");
}
