//! Names as authors give them: exact, `/regex/`, or all.

use regex::{Regex, RegexBuilder};

use super::error::QueryError;
use super::wire::Fields;
use crate::limits;

/// Selects names.
#[derive(Debug, Clone)]
pub enum NameFilter {
    Any,
    Exact(String),
    /// Found anywhere in the name, as everywhere in Grafana.
    Pattern(Regex),
}

impl NameFilter {
    /// Whether `name` is selected, with `equal` deciding what an exact name selects.
    pub fn selects(&self, name: &str, equal: impl Fn(&str, &str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => equal(exact, name),
            Self::Pattern(pattern) => pattern.is_match(name),
        }
    }

    /// The exact name, where it is one.
    pub fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(name) => Some(name),
            Self::Any | Self::Pattern(_) => None,
        }
    }
}

impl PartialEq for NameFilter {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Exact(a), Self::Exact(b)) => a == b,
            (Self::Pattern(a), Self::Pattern(b)) => a.as_str() == b.as_str(),
            (Self::Any | Self::Exact(_) | Self::Pattern(_), _) => false,
        }
    }
}

/// Reads the list under `field`. A list that holds `"*"` selects everything; an empty one is empty.
pub(super) fn parse_filters(fields: &Fields, field: &'static str) -> Result<Vec<NameFilter>, QueryError> {
    let filters: Vec<_> =
        fields.texts(field)?.iter().map(|text| parse_filter(field, text)).collect::<Result<_, _>>()?;
    if filters.contains(&NameFilter::Any) {
        return Ok(vec![NameFilter::Any]);
    }
    Ok(filters)
}

/// Reads one name of a field. `$__all` is what Grafana sends for "All" where a variable has no custom value.
pub fn parse_filter(field: &'static str, text: &str) -> Result<NameFilter, QueryError> {
    if matches!(text, "*" | "$__all") {
        return Ok(NameFilter::Any);
    }
    let Some(pattern) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|p| !p.is_empty()) else {
        return Ok(NameFilter::Exact(text.to_owned()));
    };
    if pattern.len() > limits::PATTERN_BYTES {
        return Err(QueryError::too_long(field, pattern.len(), limits::PATTERN_BYTES));
    }
    let compiled = RegexBuilder::new(pattern)
        .size_limit(limits::PATTERN_COMPILED_BYTES)
        .dfa_size_limit(limits::PATTERN_TABLE_BYTES)
        .build();
    compiled.map(NameFilter::Pattern).map_err(|_| QueryError::wrong(field, text, "a name, \"*\", or a valid /regex/"))
}
