//! What can be wrong with a query's JSON.

use std::fmt::Display;

use super::origin::Origin;
use crate::limits;

/// The author's mistake, with what is needed to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("The query is not JSON: {reason}.")]
    NotJson { reason: String },
    /// A query that nobody has filled in.
    #[error("Nothing is chosen yet. Choose an application, or \"*\" for all that run.")]
    NothingChosen,
    /// To ask all that run would be dear and, in an alert, nobody's wish.
    #[error(
        "No application is chosen, and the data source has no default application. Choose applications, or \"*\" for all that run."
    )]
    NoApplication,
    #[error("Field \"{field}\" is missing. Allowed: {hint}.")]
    Missing { field: &'static str, hint: String },
    /// A field that is set where nothing reads it.
    #[error("Field \"{field}\" has no effect here: {why}.")]
    NoEffect { field: String, why: String },
    #[error("Field \"{field}\" is not known. Allowed: {allowed}.")]
    UnknownField { field: String, allowed: String },
    /// What is asked for by name and what `only` lets through have nothing in common.
    #[error("The query asks for {asked}, and \"only\" lets none of that through.")]
    NothingLeft { asked: String },
    #[error("Field \"{field}\": found {found}; allowed: {allowed}.")]
    Wrong { field: String, found: String, allowed: String },
    #[error("The query has {found} bytes of JSON; at most {most} are read.")]
    TooLong { found: usize, most: usize },
    #[error("Field \"{field}\": {found} holds a variable that was not replaced: {}", describe_variable(.variable, *.origin))]
    Variable {
        field: &'static str,
        found: String,
        /// Its name.
        variable: String,
        origin: Origin,
    },
    #[error("This query was saved by a newer version (schema {found}; this version knows {known}). Update the plugin.")]
    NewerSchema { found: i64, known: i64 },
}

impl QueryError {
    /// Whether nothing is wrong, only not finished: a panel then says what to choose.
    pub fn is_unfinished(&self) -> bool {
        match self {
            Self::NothingChosen | Self::NoApplication | Self::NothingLeft { .. } => true,
            Self::NotJson { .. }
            | Self::NoEffect { .. }
            | Self::UnknownField { .. }
            | Self::Missing { .. }
            | Self::Wrong { .. }
            | Self::TooLong { .. }
            | Self::Variable { .. }
            | Self::NewerSchema { .. } => false,
        }
    }
}

/// Longest piece of an author's input that an error repeats.
const FOUND_LIMIT: usize = 80;

impl QueryError {
    /// For a text that the author wrote: it is repeated in quotes.
    pub(super) fn wrong(field: &'static str, found: impl Display, allowed: impl Into<String>) -> Self {
        Self::wrong_thing(field, quoted(found), allowed)
    }

    /// For a text with a variable in it.
    pub(super) fn variable(field: &'static str, found: &str, variable: &str) -> Self {
        let variable = limits::cut(variable, FOUND_LIMIT).into_owned();
        Self::Variable { field, found: quoted(found), variable, origin: Origin::Panel }
    }

    /// In the words for whoever asks: what a panel lacks, an alert rule cannot have.
    pub fn asked_by(self, asking: Origin) -> Self {
        match self {
            Self::Variable { field, found, variable, origin: _ } => {
                Self::Variable { field, found, variable, origin: asking }
            }
            Self::NotJson { .. }
            | Self::NothingChosen
            | Self::NoApplication
            | Self::Missing { .. }
            | Self::NoEffect { .. }
            | Self::UnknownField { .. }
            | Self::NothingLeft { .. }
            | Self::Wrong { .. }
            | Self::TooLong { .. }
            | Self::NewerSchema { .. } => self,
        }
    }

    /// With the field called as the author wrote it.
    pub(super) fn with_field(self, written: impl Fn(&str) -> Option<&'static str>) -> Self {
        match self {
            Self::Wrong { field, found, allowed } => {
                let field = written(&field).map_or(field, str::to_owned);
                Self::Wrong { field, found, allowed }
            }
            Self::Missing { field, hint } => Self::Missing { field: written(field).unwrap_or(field), hint },
            Self::Variable { field, found, variable, origin } => {
                Self::Variable { field: written(field).unwrap_or(field), found, variable, origin }
            }
            Self::NoEffect { field, why } => {
                let field = written(&field).map_or(field, str::to_owned);
                Self::NoEffect { field, why }
            }
            other @ (Self::NotJson { .. }
            | Self::NothingChosen
            | Self::NoApplication
            | Self::UnknownField { .. }
            | Self::NothingLeft { .. }
            | Self::TooLong { .. }
            | Self::NewerSchema { .. }) => other,
        }
    }

    /// For a field of an object of ours.
    pub(super) fn unknown_field(name: &str, known: &[&'static str]) -> Self {
        Self::UnknownField { field: cut(name), allowed: known.join(", ") }
    }

    /// For a text that is longer than anything that makes sense; it is not repeated.
    pub(super) fn too_long(field: &'static str, found: usize, most: usize) -> Self {
        Self::wrong_thing(field, format!("a string of {found} bytes"), format!("at most {most} bytes"))
    }

    /// For a list that is longer than anything that makes sense.
    pub(super) fn too_many(field: &'static str, found: usize, most: usize) -> Self {
        let allowed = format!("at most {most}; several names are one pattern, such as /orders|payments/");
        Self::wrong_thing(field, format!("a list of {found}"), allowed)
    }

    /// For the field that has most of a query's patterns.
    pub(super) fn too_many_patterns(field: &str, found: usize, all: usize) -> Self {
        let of_all = if found < all { format!(", and {all} in the whole query") } else { String::new() };
        let most = limits::PATTERNS;
        let allowed =
            format!("at most {most} in all fields together; several names are one pattern, such as /orders|payments/");
        Self::Wrong { field: cut(field), found: format!("{found} patterns{of_all}"), allowed }
    }

    /// For anything else: a number, or what a value is in words.
    pub(super) fn wrong_thing(field: &'static str, found: impl Display, allowed: impl Into<String>) -> Self {
        Self::Wrong { field: field.to_owned(), found: found.to_string(), allowed: allowed.into() }
    }
}

/// Why nobody has replaced a variable, and what to do.
fn describe_variable(name: &str, origin: Origin) -> String {
    match origin {
        Origin::Panel => format!(
            "the dashboard has no variable \"{name}\", or it is a public one, which replaces none. Add the variable to the dashboard, or write the \
             value itself."
        ),
        Origin::Alert => "alert rules have no variables. Write the value itself.".to_owned(),
    }
}

/// The start of a long text, in quotes.
fn quoted(found: impl Display) -> String {
    let text = format!("\"{found}\"");
    if text.chars().count() > FOUND_LIMIT { cut(&text) + "\"" } else { text }
}

fn cut(text: &str) -> String {
    let start: String = text.chars().take(FOUND_LIMIT).collect();
    if start.len() < text.len() { start + "…" } else { start }
}
