//! A warning that travels with a result.
//!
//! Partial success is a value: nine of ten series draw, and the tenth is a notice beside them. A notice never
//! carries a secret, and its text is a sentence that says what to do where something can be done.

use std::fmt::Display;

/// How loud Grafana shows a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the data is complete.
    Info,
    /// Something asked for is missing from the data.
    Warning,
    /// Nothing, or much less than asked, could be answered.
    Error,
}

/// One sentence for people, shown in the corner of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub severity: Severity,
    pub text: String,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, text: text.into() }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, text: text.into() }
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, text: text.into() }
    }
}

/// Longest list of names in one sentence.
const NAMES_SHOWN: usize = 3;

/// Names in quotes, the first few of many.
pub fn describe_names(names: &[impl Display]) -> String {
    let shown = names.iter().take(NAMES_SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES_SHOWN);
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
