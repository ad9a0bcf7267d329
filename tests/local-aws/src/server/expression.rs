//! Metric math: the part of CloudWatch's language that dashboards of Flink applications use.
//!
//! Numbers, ids, text, lists; `+ - * /`, comparisons, parentheses; SUM AVG MIN MAX RATE DIFF FILL IF
//! PERIOD METRICS ABS CEIL FLOOR EPOCH SORT SEARCH. Everything else is refused by name, never guessed.

mod evaluate;
mod parse;
mod search;

use std::rc::Rc;

pub use parse::parse;
pub use search::Search;

use super::get_metric_data::Stat;
use super::points::Point;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    Number(f64),
    Text(String),
    Id(String),
    /// Words such as REPEAT that only certain functions take.
    Word(String),
    List(Vec<Expression>),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(Function, Vec<Expression>),
    Search(Search),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Sum,
    Avg,
    Min,
    Max,
    Rate,
    Diff,
    Fill,
    If,
    Period,
    Metrics,
    Abs,
    Ceil,
    Floor,
    Epoch,
    Sort,
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(f64),
    Line(Line),
    Lines(Vec<Line>),
}

/// One time series, ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub label: String,
    /// `None` where several metrics were folded into one series.
    pub origin: Option<Origin>,
    pub period: i64,
    pub points: Vec<Point>,
}

/// The metric that a series shows, for what its label may say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    pub stat: Stat,
    pub account: String,
}

impl Value {
    /// A single series made by an expression is named after its query and is no metric; several keep what they are.
    pub fn labelled(self, label: &str) -> Self {
        match self {
            Self::Line(line) => Self::Line(Line { label: label.to_owned(), origin: None, ..line }),
            Self::Number(_) | Self::Lines(_) => self,
        }
    }
}

/// What an expression may ask of the call it stands in. Errors are sentences.
pub trait Scope {
    fn query(&self, id: &str) -> Result<Rc<Value>, String>;
    /// All queries of metrics (not of expressions) whose id contains a text.
    fn metrics(&self, id_part: &str) -> Result<Vec<Line>, String>;
    fn search(&self, search: &Search) -> Vec<Line>;
    /// The starts of all buckets of the asked range, ascending.
    fn buckets(&self, period: i64) -> Vec<i64>;
}

impl Expression {
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, String> {
        evaluate::evaluate(self, scope)
    }

    /// Every id that is used, also more than once.
    pub fn ids(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Id(id) => Box::new(std::iter::once(id.as_str())),
            Self::Negative(inner) => inner.ids(),
            Self::Binary(_, left, right) => Box::new(left.ids().chain(right.ids())),
            Self::List(items) | Self::Call(_, items) => Box::new(items.iter().flat_map(Self::ids)),
            Self::Number(_) | Self::Text(_) | Self::Word(_) | Self::Search(_) => Box::new(std::iter::empty()),
        }
    }
}

#[cfg(test)]
mod tests;
