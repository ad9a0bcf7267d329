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

/// `application "orders"`, `applications "orders", "payments"`.
pub fn describe_applications(names: &[impl Display]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("application{plural} {}", describe_names(names))
}

/// `1 application`, `13 applications`.
pub fn count<N: Display + PartialEq + From<u8>>(number: N, thing: &str) -> String {
    if number == N::from(1) { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// The same text where a sentence begins.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Longest list of names in one sentence.
const NAMES_SHOWN: usize = 3;

/// Names in quotes, the first few of many.
pub fn describe_names(names: &[impl Display]) -> String {
    let shown = names.iter().take(NAMES_SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMES_SHOWN);
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The same where a sentence begins.
pub fn begin_with_applications(names: &[impl Display]) -> String {
    capital(&describe_applications(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_plural() {
        assert_eq!(
            [0, 1, 2].map(|number| count(number, "more notice")),
            ["0 more notices", "1 more notice", "2 more notices"]
        );
    }
}
