//! Regular expressions of one request: each is compiled once, whoever of its queries has it, and only so many are.
//!
//! A pattern costs a thousand times what it is long, and a request may have a hundred queries. So what all of them may
//! compile together is limited, as the patterns of each query are. What is over the limit is an error of the query that
//! has it, and not of the others.

use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::limits;

/// What was compiled for a request, and how much more may be.
#[derive(Debug)]
pub struct Patterns {
    /// By the text of the expression. A faulty one cost its time as well.
    compiled: HashMap<String, Result<Arc<Regex>, String>>,
    most: usize,
}

/// For the queries of one request.
impl Default for Patterns {
    fn default() -> Self {
        Self::at_most(limits::REQUEST_PATTERNS)
    }
}

impl Patterns {
    pub fn at_most(most: usize) -> Self {
        Self { compiled: HashMap::new(), most }
    }

    /// How many were compiled.
    pub fn count(&self) -> usize {
        self.compiled.len()
    }

    /// The expression, or what would be allowed in its place. `prefix` is how many bytes of it the author did not
    /// write.
    pub(super) fn compile(&mut self, pattern: &str, prefix: usize) -> Result<Arc<Regex>, String> {
        if let Some(compiled) = self.compiled.get(pattern) {
            return compiled.clone();
        }
        if self.compiled.len() >= self.most {
            return Err(format!(
                "at most {} different patterns in all queries of a panel or rule together; several names are one pattern, such as /a|b/",
                self.most
            ));
        }
        let compiled = compile(pattern, prefix).map(Arc::new);
        self.compiled.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

/// `prefix` is how much of it the author did not write.
fn compile(pattern: &str, prefix: usize) -> Result<Regex, String> {
    if pattern.len() > limits::PATTERN_BYTES + prefix {
        return Err(format!("a pattern of at most {} bytes", limits::PATTERN_BYTES));
    }
    let compiled = RegexBuilder::new(pattern)
        .size_limit(limits::PATTERN_COMPILED_BYTES)
        .dfa_size_limit(limits::PATTERN_TABLE_BYTES)
        .build();
    compiled.map_err(|error| {
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return format!(
                "a regular expression that compiles to at most {} KiB; this one is larger: write fewer or smaller repetitions",
                limits::PATTERN_COMPILED_BYTES >> 10
            );
        }
        describe_syntax(pattern, &error.to_string(), prefix)
    })
}

/// The last line of the library's words is the reason, and a line of it points at the place.
fn describe_syntax(pattern: &str, error: &str, prefix: usize) -> String {
    let around = ["(?=", "(?!", "(?<=", "(?<!"].iter().filter_map(|sign| pattern.find(sign)).min();
    if let Some(place) = around {
        let position = pattern[..place].chars().count() + 2 - prefix;
        return format!(
            "a regular expression of Rust's dialect, which has no look-around as at position {position}; use \"exclude\" for what must not match"
        );
    }
    let reason = error.lines().filter_map(|line| line.strip_prefix("error: ")).next_back().unwrap_or("it is not one");
    let reason = match reason {
        "Unicode property not found" => "of the classes of Unicode only general categories such as \\p{L} are known",
        other => other,
    };
    // Four spaces stand before the pattern, and the author's own has a slash there.
    let caret = error.lines().find(|line| line.trim_start().starts_with('^')).and_then(|line| line.find('^'));
    let place = caret.filter(|_| !pattern.contains('\n')).map(|column| (column + 2).saturating_sub(4 + prefix));
    let at = place.map(|position| format!(" at position {position}")).unwrap_or_default();
    format!("a valid regular expression; this one has a fault{at}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once_and_only_so_many_are() {
        let mut patterns = Patterns::at_most(2);
        let first = patterns.compile("^a", 0).unwrap();
        assert!(Arc::ptr_eq(&first, &patterns.compile("^a", 0).unwrap()));
        assert!(patterns.compile("(", 0).unwrap_err().contains("unclosed group"));
        assert!(patterns.compile("^b", 0).unwrap_err().contains("at most 2 different patterns"));
        assert!(patterns.compile("^a", 0).is_ok(), "what is there costs nothing");
        assert_eq!(patterns.count(), 2);
    }
}
