//! A query of Logs Insights, and what it says about one record.

use std::cmp::Ordering;

use regex::Regex;

#[derive(Debug)]
pub struct Query {
    pub commands: Vec<Command>,
    /// Of the last `limit`.
    pub limit: Option<i64>,
}

#[derive(Debug)]
pub enum Command {
    Fields(Vec<String>),
    /// Like `fields`, but shows these alone.
    Display(Vec<String>),
    Filter(Condition),
    Sort(Vec<(String, bool)>),
    Limit(usize),
    Stats {
        aggregates: Vec<Aggregate>,
        by: Vec<Key>,
    },
}

#[derive(Debug)]
pub struct Aggregate {
    pub function: Function,
    pub name: String,
}

#[derive(Debug)]
pub enum Function {
    /// Of all rows, or of those that have a field.
    Count(Option<String>),
    Sum(String),
    Average(String),
    Minimum(String),
    Maximum(String),
}

#[derive(Debug)]
pub struct Key {
    pub name: String,
    pub value: KeyValue,
}

#[derive(Debug)]
pub enum KeyValue {
    Field(String),
    /// Buckets of so many milliseconds.
    Bin(i64),
}

#[derive(Debug)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    IsPresent(String),
    Like { field: String, regex: Regex },
    Compare { field: String, operator: String, value: String },
    In { field: String, values: Vec<String> },
}

/// A record as the language sees it.
pub trait Record {
    fn field(&self, name: &str) -> Option<String>;
}

impl Condition {
    pub fn is_match(&self, record: &impl Record) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.is_match(record)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.is_match(record)),
            Self::Not(condition) => !condition.is_match(record),
            Self::IsPresent(field) => record.field(field).is_some(),
            Self::Like { field, regex } => record.field(field).is_some_and(|text| regex.is_match(&text)),
            Self::In { field, values } => record.field(field).is_some_and(|text| values.contains(&text)),
            Self::Compare { field, operator, value } => {
                let found = record.field(field);
                match operator.as_str() {
                    "!=" => found.as_deref() != Some(value.as_str()),
                    operator => found.is_some_and(|found| holds(order(&found, value), operator)),
                }
            }
        }
    }
}

fn holds(order: Ordering, operator: &str) -> bool {
    match operator {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => order.is_eq(),
    }
}

/// Numbers by size, other text by letters.
pub fn order(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}
