//! The kinds of queries, a row each.

use super::error::QueryError;
use super::logs::LogsQuery;
use super::patterns::Patterns;
use super::wire::Fields;
use super::{Kind, application, checkpoint, logs, metric, operator};

/// What is the same for all queries of a kind.
#[derive(Debug)]
pub struct KindRow {
    /// As it is called on the wire.
    pub name: &'static str,
    /// The fields that it has beside those of every kind.
    pub fields: &'static [&'static str],
    /// Whether its answers may be fetched before a panel asks for them: where that costs next to nothing.
    pub is_prefetched: bool,
    pub(super) parse: fn(&Fields, &mut Patterns) -> Result<Kind, QueryError>,
}

pub const KINDS: &[KindRow] = &[application::KIND, operator::KIND, checkpoint::KIND, metric::KIND, logs::KIND, TAGS];

const TAGS: KindRow = KindRow {
    name: "tags",
    fields: &["as"],
    is_prefetched: true,
    parse: |fields, _patterns| parse_table(fields).map(|()| Kind::Facts(FactsQuery::Tags)),
};

/// The only shape of facts.
fn parse_table(fields: &Fields) -> Result<(), QueryError> {
    fields.choice("as", (), &[("table", ())])
}

/// The kinds whose answers are made of facts alone: they have no metrics, and so no statistic.
#[derive(Debug, Clone, PartialEq)]
pub enum FactsQuery {
    Logs(LogsQuery),
    /// One row per application with its tags.
    Tags,
}

impl FactsQuery {
    pub fn row(&self) -> &'static KindRow {
        match self {
            Self::Logs(_) => &logs::KIND,
            Self::Tags => &TAGS,
        }
    }
}

/// The names of the kinds.
pub fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

/// The fields that not every kind has, each once.
pub(super) fn special_fields() -> Vec<&'static str> {
    let mut fields: Vec<&'static str> = Vec::new();
    for field in KINDS.iter().flat_map(|kind| kind.fields) {
        if !fields.contains(field) {
            fields.push(field);
        }
    }
    fields
}

/// The kinds that have a field.
pub(super) fn kinds_with(field: &str) -> Vec<&'static str> {
    KINDS.iter().filter(|kind| kind.fields.contains(&field)).map(|kind| kind.name).collect()
}
