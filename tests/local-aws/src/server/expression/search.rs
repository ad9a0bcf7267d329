//! `SEARCH('{AWS/KinesisAnalytics,Application,Task} MetricName="x" Application="a"', 'Sum', 60)`.
//!
//! Terms must all match. `Name="value"` matches exactly, `Name=value` and a bare word match a part,
//! without regard to case. `Name=("a" OR "b")` matches one of several. Any other OR, NOT or parenthesis is refused.

use crate::server::get_metric_data::Stat;
use crate::server::points::{NAMESPACE, is_period};
use crate::server::statistic::Statistic;
use crate::world::Series;

#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    is_in_namespace: bool,
    /// Sorted names, all of which a series must have, and no other. `None`: any.
    dimensions: Option<Vec<String>>,
    terms: Vec<Term>,
    statistic: Statistic,
    statistic_name: String,
    period: i64,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    /// `None`: metric name or any dimension.
    field: Option<String>,
    /// One of them is enough.
    texts: Vec<Wanted>,
}

#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    text: String,
    is_exact: bool,
}

impl Search {
    /// CloudWatch draws no more.
    pub const MAX_RESULTS: usize = 500;

    pub fn parse(query: &str, statistic_name: &str, period: i64) -> Result<Self, String> {
        let statistic =
            Statistic::parse(statistic_name).ok_or_else(|| format!("SEARCH: {statistic_name} is not a statistic."))?;
        if !is_period(period) {
            return Err(format!("SEARCH: {period} is not a period."));
        }
        let query = query.trim();
        let (schema, rest) = match query.strip_prefix('{') {
            Some(inner) => inner.split_once('}').ok_or("SEARCH: } is missing.")?,
            None => ("", query),
        };
        let mut names = schema.split(',').map(|name| name.trim().trim_matches('"'));
        let namespace = names.next().unwrap_or_default();
        let mut dimensions: Vec<String> = names.map(str::to_owned).collect();
        dimensions.sort();
        let mut terms = parse_terms(rest)?;
        let asked_namespace = terms.extract_if(.., |term| term.field.as_deref() == Some("Namespace")).next();
        let is_other = asked_namespace.is_some_and(|term| term.texts.iter().all(|wanted| wanted.text != NAMESPACE));
        Ok(Self {
            is_in_namespace: !is_other && (namespace.is_empty() || namespace == NAMESPACE),
            dimensions: (!schema.is_empty()).then_some(dimensions),
            terms,
            statistic,
            statistic_name: statistic_name.to_owned(),
            period,
        })
    }

    /// The account that a term asks for.
    pub fn account(&self) -> Option<&str> {
        let term = self.terms.iter().find(|term| term.is_account());
        term.and_then(|term| term.texts.first()).map(|wanted| wanted.text.as_str())
    }

    pub fn is_match(&self, series: &Series) -> bool {
        let names = series.dimensions.iter().map(|(name, _)| &**name);
        let has_schema = match &self.dimensions {
            None => true,
            Some(dimensions) => names.eq(dimensions.iter().map(String::as_str)),
        };
        let mut terms = self.terms.iter().filter(|term| !term.is_account());
        self.is_in_namespace && has_schema && terms.all(|term| term.is_match(series))
    }

    pub fn stat(&self, series: &Series) -> Stat {
        Stat {
            metric: series.metric.to_string(),
            series: Some(series.clone()),
            period: self.period,
            statistic: self.statistic,
            statistic_name: self.statistic_name.clone(),
        }
    }

    /// The dimension values and the metric: what tells the results apart.
    pub fn label(&self, series: &Series) -> String {
        let mut label = String::new();
        for (_, value) in &series.dimensions {
            label.push_str(value);
            label.push(' ');
        }
        label.push_str(&series.metric);
        label
    }
}

impl Term {
    fn is_account(&self) -> bool {
        self.field.as_deref() == Some(":aws.AccountId")
    }

    fn is_match(&self, series: &Series) -> bool {
        let mut dimensions = series.dimensions.iter();
        match self.field.as_deref() {
            Some("MetricName") => self.is_text(&series.metric),
            Some(field) => dimensions.any(|(name, value)| &**name == field && self.is_text(value)),
            None => self.is_text(&series.metric) || dimensions.any(|(_, value)| self.is_text(value)),
        }
    }

    fn is_text(&self, found: &str) -> bool {
        self.texts.iter().any(|wanted| wanted.is_match(found))
    }
}

impl Wanted {
    fn is_match(&self, found: &str) -> bool {
        if self.is_exact {
            return found == self.text;
        }
        found.to_lowercase().contains(&self.text.to_lowercase())
    }
}

fn parse_terms(text: &str) -> Result<Vec<Term>, String> {
    let mut terms = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '"');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        let is_unsupported = matches!(word, "OR" | "NOT") || word.contains(['(', ')']);
        if is_unsupported {
            return Err(format!("SEARCH: \"{word}\" is not supported."));
        }
        let (field, value) = match after.strip_prefix('=') {
            Some(value) if !word.is_empty() => (Some(word.to_owned()), value),
            _ if after.starts_with('"') && word.is_empty() => (None, after),
            _ => {
                if word.is_empty() {
                    return Err(format!("SEARCH: \"{rest}\" is not supported."));
                }
                if word != "AND" {
                    terms.push(Term { field: None, texts: vec![Wanted { text: word.to_owned(), is_exact: false }] });
                }
                rest = after.trim_start();
                continue;
            }
        };
        let (texts, after) = parse_values(value)?;
        terms.push(Term { field, texts });
        rest = after.trim_start();
    }
    Ok(terms)
}

/// One value, or several in parentheses with OR between them.
fn parse_values(value: &str) -> Result<(Vec<Wanted>, &str), String> {
    let Some(mut rest) = value.strip_prefix('(') else {
        let (wanted, after) = parse_value(value)?;
        return Ok((vec![wanted], after));
    };
    let mut texts = Vec::new();
    loop {
        let (wanted, after) = parse_value(rest.trim_start())?;
        texts.push(wanted);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return Ok((texts, after));
        }
        rest = rest.strip_prefix("OR ").ok_or_else(|| format!("SEARCH: \"{rest}\" is not supported."))?;
    }
}

fn parse_value(value: &str) -> Result<(Wanted, &str), String> {
    if let Some(quoted) = value.strip_prefix('"') {
        let (text, after) = quoted.split_once('"').ok_or("SEARCH: a quotation mark is missing.")?;
        return Ok((Wanted { text: text.to_owned(), is_exact: true }, after));
    }
    let end = value.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(value.len());
    let (text, after) = value.split_at(end);
    if text.is_empty() || text.contains('(') {
        return Err(format!("SEARCH: \"{value}\" is not supported."));
    }
    Ok((Wanted { text: text.to_owned(), is_exact: false }, after))
}
