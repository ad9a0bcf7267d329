//! Names as authors give them, and as Grafana writes the values of a variable: one language for queries and drop-downs.
//!
//! A name; `*`, `.*`, `.+` or `$__all` for all; `/regex/flags`; a list `a,b` or `{a,b}`; alternatives `a|b` or `(a|b)`;
//! `pay*`. The one surprise: names of tasks may hold any of these signs, so that such a text is first of all a name
//! ([`settle`]). Names of applications cannot, and there it is certain.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use super::error::QueryError;
use super::patterns::Patterns;
use super::spelling::{LIST_DEPTH, is_all, plain, split};
use super::wire::Fields;
use crate::limits;
use crate::place::ApplicationName;

/// Selects names.
#[derive(Debug, Clone)]
pub enum NameFilter {
    Any,
    Exact(String),
    /// Found anywhere in the name, as everywhere in Grafana.
    Pattern(Pattern),
    /// A name with signs of the language in it; where there is none of this name, what they say.
    Either {
        whole: String,
        otherwise: Vec<NameFilter>,
    },
}

/// A regular expression, and what the author wrote: `/^pay/i`, or `pay*`.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    regex: Arc<Regex>,
}

impl Pattern {
    pub fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }

    /// The expression that it means.
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

impl NameFilter {
    /// Whether `name` is selected, with `equal` deciding what an exact name selects.
    pub fn selects(&self, name: &str, equal: impl Fn(&str, &str) -> bool + Copy) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => equal(exact, name),
            Self::Pattern(pattern) => pattern.is_match(name),
            Self::Either { whole, otherwise } => {
                equal(whole, name) || otherwise.iter().any(|filter| filter.selects(name, equal))
            }
        }
    }

    /// The exact name, where it is one.
    pub fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(name) => Some(name),
            Self::Any | Self::Pattern(_) | Self::Either { .. } => None,
        }
    }
}

impl NameFilter {
    /// Whether it looks like a regular expression whose end is missing. It is taken as a name: tasks and values may
    /// begin with a slash.
    pub fn is_open_pattern(&self) -> bool {
        match self {
            Self::Exact(name) | Self::Either { whole: name, .. } => name
                .strip_prefix('/')
                .is_some_and(|rest| rest.contains(|c: char| !c.is_alphanumeric() && !"/-_. ".contains(c))),
            Self::Any | Self::Pattern(_) => false,
        }
    }
}

/// As an author writes it, in quotes.
impl fmt::Display for NameFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("\"*\""),
            Self::Exact(text) | Self::Either { whole: text, .. } | Self::Pattern(Pattern { written: text, .. }) => {
                write!(f, "\"{}\"", limits::cut(text, limits::NAME_SHOWN_BYTES))
            }
        }
    }
}

impl PartialEq for NameFilter {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Exact(a), Self::Exact(b)) => a == b,
            (Self::Pattern(a), Self::Pattern(b)) => a.as_str() == b.as_str(),
            (Self::Either { whole: a, .. }, Self::Either { whole: b, .. }) => a == b,
            (Self::Any | Self::Exact(_) | Self::Pattern(_) | Self::Either { .. }, _) => false,
        }
    }
}

/// What kind of names a text selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// 1 to 128 letters, digits, `_`, `.` and `-` (the API reference of Managed Service for Apache Flink).
    Applications,
    /// Tasks, operators and values of dimensions: any text.
    Any,
}

/// Reads the list under `field`. What is named beside `"*"` is expected to be there, so it stays; an empty list is
/// empty.
pub(super) fn parse_filters(
    fields: &Fields,
    field: &'static str,
    names: Names,
    patterns: &mut Patterns,
) -> Result<Vec<NameFilter>, QueryError> {
    let mut filters = Vec::new();
    for text in fields.texts(field)? {
        filters
            .extend(parse_filter(&text, names, patterns).map_err(|allowed| QueryError::wrong(field, &text, allowed))?);
        if filters.len() > limits::LIST_ENTRIES {
            return Err(QueryError::too_many(field, filters.len(), limits::LIST_ENTRIES));
        }
    }
    Ok(without_repetition(filters))
}

/// What one text selects; what would be allowed where it cannot be read.
pub fn parse_filter(text: &str, names: Names, patterns: &mut Patterns) -> Result<Vec<NameFilter>, String> {
    parse_nested(text, names, patterns, LIST_DEPTH)
}

fn parse_nested(text: &str, names: Names, patterns: &mut Patterns, depth: usize) -> Result<Vec<NameFilter>, String> {
    if is_all(text) {
        return Ok(vec![NameFilter::Any]);
    }
    let parts = if depth == 0 { None } else { split(text) };
    let is_list = names == Names::Applications && parts.as_ref().is_some_and(|parts| parts.len() > 1);
    if !is_list && let Some(pattern) = parse_pattern(text, names, patterns)? {
        return Ok(vec![NameFilter::Pattern(pattern)]);
    }
    match (names, parts) {
        (Names::Applications, Some(parts)) if parts.is_empty() => Err("a list with at least one name".to_owned()),
        (_, Some(parts)) if names == Names::Applications || !parts.is_empty() => {
            let mut filters = Vec::with_capacity(parts.len());
            for part in parts {
                filters.extend(parse_nested(&part, names, patterns, depth - 1)?);
            }
            let filters = without_repetition(filters);
            Ok(match names {
                Names::Applications => filters,
                Names::Any => vec![NameFilter::Either { whole: text.to_owned(), otherwise: filters }],
            })
        }
        (Names::Applications, _) => parse_application(&plain(text), patterns),
        (Names::Any, _) => Ok(vec![parse_any_name(text, patterns)?]),
    }
}

/// The filters as they are meant where `known` are the names that there are: a text that is one of them is that name.
pub fn settle<'n>(
    filters: &[NameFilter],
    known: impl Iterator<Item = &'n str> + Clone,
    equal: impl Fn(&str, &str) -> bool + Copy,
) -> Vec<NameFilter> {
    let mut settled = Vec::with_capacity(filters.len());
    for filter in filters {
        match filter {
            NameFilter::Either { whole, otherwise } => {
                let mut selects = |filter: &NameFilter| known.clone().any(|name| filter.selects(name, equal));
                let name = NameFilter::Exact(whole.clone());
                if selects(&name) || !otherwise.iter().any(&mut selects) {
                    settled.push(name);
                } else {
                    settled.extend(otherwise.iter().cloned());
                }
            }
            NameFilter::Any | NameFilter::Exact(_) | NameFilter::Pattern(_) => settled.push(filter.clone()),
        }
    }
    settled
}

pub(super) fn without_repetition(filters: Vec<NameFilter>) -> Vec<NameFilter> {
    let mut kept: Vec<NameFilter> = Vec::with_capacity(filters.len());
    for filter in filters {
        if !kept.contains(&filter) {
            kept.push(filter);
        }
    }
    kept
}

fn parse_application(text: &str, patterns: &mut Patterns) -> Result<Vec<NameFilter>, String> {
    if text.starts_with("arn:") {
        return Err(match ApplicationName::in_arn(text) {
            Some(name) => format!("the name alone; of this ARN it is \"{name}\""),
            None => "the name of an application, which stands after \"application/\" in its ARN".to_owned(),
        });
    }
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if let Some((index, sign)) = text.chars().enumerate().find(|(_, c)| !belongs(*c) && *c != '*') {
        return Err(format!(
            "names of 1 to 128 letters, digits and the characters _ . -, \"*\", lists such as \"a,b\", \"pay*\", or a regular expression between slashes; {sign:?} at position {} is in no name",
            index + 1
        ));
    }
    if text.contains('*') {
        return Ok(vec![NameFilter::Pattern(parse_glob(text, patterns)?)]);
    }
    if !ApplicationName::is_valid(text) {
        return Err("names of 1 to 128 letters, digits and the characters _ . -".to_owned());
    }
    Ok(vec![NameFilter::Exact(text.to_owned())])
}

fn parse_any_name(text: &str, patterns: &mut Patterns) -> Result<NameFilter, String> {
    let (whole, plain) = (text.to_owned(), plain(text));
    Ok(if plain.contains('*') {
        NameFilter::Either { whole, otherwise: vec![NameFilter::Pattern(parse_glob(&plain, patterns)?)] }
    } else if plain == whole {
        NameFilter::Exact(whole)
    } else {
        NameFilter::Either { whole, otherwise: vec![NameFilter::Exact(plain)] }
    })
}

/// `pay*`; `pay.*` means the same, as people write it who think of a regular expression.
fn parse_glob(text: &str, patterns: &mut Patterns) -> Result<Pattern, String> {
    let glob = text.replace(".*", "*");
    let parts: Vec<String> = glob.split('*').map(regex::escape).collect();
    let regex = patterns.compile(&format!("^{}$", parts.join(".*")), 0)?;
    Ok(Pattern { written: text.to_owned(), regex })
}

/// `/regex/flags`; None of a text that is no pattern.
fn parse_pattern(text: &str, names: Names, patterns: &mut Patterns) -> Result<Option<Pattern>, String> {
    const FLAGS: &str = "imsx";
    let Some((pattern, flags)) = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else {
        return Ok(None);
    };
    let is_path = !flags.chars().all(|c| c.is_ascii_alphabetic()) || flags.len() > FLAGS.len();
    if pattern.is_empty() || is_path && names == Names::Any {
        return Ok(None);
    }
    if let Some((index, flag)) = flags.chars().enumerate().find(|(_, c)| !FLAGS.contains(*c)) {
        let position = pattern.chars().count() + 3 + index;
        return Err(format!(
            "a regular expression with the flags i, m, s and x; {flag:?} at position {position} is none"
        ));
    }
    let prefix = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
    let regex = patterns.compile(&format!("{prefix}{pattern}"), prefix.len())?;
    Ok(Some(Pattern { written: text.to_owned(), regex }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, names: Names) -> String {
        match parse_filter(text, names, &mut Patterns::default()) {
            Ok(filters) => filters.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(allowed) => format!("! {allowed}"),
        }
    }

    #[test]
    fn applications_are_read_as_grafana_writes_the_values_of_variables() {
        let cases = [
            ("orders", r#""orders""#),
            ("*", r#""*""#),
            (".*", r#""*""#),
            (".+", r#""*""#),
            ("$__all", r#""*""#),
            ("orders,payments", r#""orders" "payments""#),
            ("orders, payments,", r#""orders" "payments""#),
            ("{orders,payments}", r#""orders" "payments""#),
            ("{orders}", r#""orders""#),
            ("(orders|payments)", r#""orders" "payments""#),
            ("orders|payments", r#""orders" "payments""#),
            (r"(pay\.eu|pay\-us)", r#""pay.eu" "pay-us""#),
            (r#""orders","payments""#, r#""orders" "payments""#),
            ("'orders','payments'", r#""orders" "payments""#),
            ("'orders'", r#""orders""#),
            (r#""orders""#, r#""orders""#),
            (r"pay\.eu", r#""pay.eu""#),
            ("orders,*", r#""orders" "*""#),
            ("*,orders,*", r#""*" "orders""#),
            ("orders,orders", r#""orders""#),
            ("pay*", r#""pay*""#),
            ("pay.*", r#""pay.*""#),
            ("*-eu,orders", r#""*-eu" "orders""#),
            ("/^pay/", r#""/^pay/""#),
            ("/^pay/i", r#""/^pay/i""#),
            ("/a{1,3}|b/", r#""/a{1,3}|b/""#),
            ("/^pay/,orders", r#""/^pay/" "orders""#),
            ("orders,/a{1,3}/", r#""orders" "/a{1,3}/""#),
            ("/^pay|^ord/", r#""/^pay|^ord/""#),
            ("/^pay/,/^ord/i", r#""/^pay/" "/^ord/i""#),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, Names::Applications), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        let cases = [
            ("/pay(/", "at position 5: unclosed group"),
            ("/pay(/i", "at position 5: unclosed group"),
            ("/^(?!test)/", "no look-around as at position 3"),
            ("/(?<=a)b/i", "no look-around as at position 2"),
            ("/pay/g", "'g' at position 6 is none"),
            ("/pay/ig", "'g' at position 7 is none"),
            (r"/(a)\1/", "backreferences are not supported"),
            ("/(a{1000}){1000}/", "at most 96 KiB; this one is larger: write fewer or smaller repetitions"),
            (
                "arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders",
                "the name alone; of this ARN it is \"orders\"",
            ),
            ("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/", "after \"application/\" in its ARN"),
            ("^pay", "'^' at position 1 is in no name"),
            ("orders payments", "' ' at position 7 is in no name"),
            ("{}", "at least one name"),
        ];
        for (text, expected) in cases {
            let found = read(text, Names::Applications);
            assert!(found.starts_with("! ") && found.contains(expected), "{text}: {found}");
        }
    }

    #[test]
    fn a_pattern_that_never_ends_and_lists_in_lists_come_to_an_end() {
        let deep = |open: &str, close: &str| {
            let half = limits::TEXT_BYTES / 2 - 1;
            format!("{}a{}", open.repeat(half), close.repeat(half))
        };
        let endless =
            ["/a,b", "/a|b", "/,", "/|", r"/a\|b", "'/a,b", "{/a,b}", "(/a|b)", "/a,b/,/c,d"].map(str::to_owned);
        for text in endless.into_iter().chain([deep("{", "}"), deep("(", ")"), deep("\"", "\""), deep("'/,", ",/'")]) {
            for names in [Names::Applications, Names::Any] {
                let read = std::panic::catch_unwind(|| {
                    parse_filter(&text, names, &mut Patterns::default()).map(|filters| filters.len())
                });
                assert!(read.is_ok(), "{names:?} {text}");
            }
            assert!(super::super::spelling::count_patterns(&text) < limits::TEXT_BYTES, "{text}");
        }
        assert_eq!(read("/a,b", Names::Any), r#""/a,b""#);
        assert!(read("/a,b", Names::Applications).contains("'/' at position 1 is in no name"));
    }

    #[test]
    fn a_task_with_signs_in_its_name_is_that_task_and_else_a_list() {
        let raw = "Deduplicate[4] -> (Calc[5], Calc[10])";
        let settled = |text: &str, known: &[&str]| {
            let filters = parse_filter(text, Names::Any, &mut Patterns::default()).unwrap();
            let settled = settle(&filters, known.iter().copied(), |a, b| a == b);
            settled.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(settled(raw, &[raw, "other"]), format!("\"{raw}\""));
        assert_eq!(settled("a,b", &["a", "b"]), r#""a" "b""#);
        assert_eq!(settled("a,b", &["a", "b", "a,b"]), r#""a,b""#);
        assert_eq!(settled("a,b", &["a"]), r#""a" "b""#, "the misspelt one is told");
        assert_eq!(settled("a,b", &["c"]), r#""a,b""#, "nobody knows how it was meant");
        assert_eq!(settled("pay*", &["payments"]), r#""pay*""#);
        assert_eq!(settled(r"Calc \(1m\)", &["Calc (1m)"]), r#""Calc (1m)""#);
        assert_eq!(settled("'Calc'", &["Calc"]), r#""Calc""#);
        assert_eq!(settled("'Calc'", &["'Calc'", "Calc"]), r#""'Calc'""#);
        assert_eq!(settled("/api/orders", &["/api/orders"]), r#""/api/orders""#);
        assert_eq!(read("/pay/i", Names::Any), r#""/pay/i""#);
    }
}
