//! Conditions on JSON: `{ $.level = "*RR*" && ($.status >= 500 || $.trace NOT EXISTS) }`.

use regex::Regex;
use serde_json::Value;

use super::terms::unquote;
use super::{invalid, regex};
use crate::server::error::ServiceError;

#[derive(Debug)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Is { path: String, test: Test },
}

#[derive(Debug)]
pub enum Test {
    Text { glob: String, is_equal: bool },
    Regex { regex: Regex, is_equal: bool },
    Number { operator: &'static str, number: f64 },
    Null,
    Boolean(bool),
    NotExists,
}

impl Condition {
    /// Whether a message, not yet read as JSON, may match: most do not, and reading them would take most of the time.
    pub fn may_match(&self, message: &str) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.may_match(message)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.may_match(message)),
            Self::Is { test: Test::Text { glob, is_equal: true }, .. } => {
                let is_plain = |part: &&str| {
                    part.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !part.contains(['"', '\\', '/'])
                };
                glob.split('*').filter(is_plain).all(|part| message.contains(part))
            }
            Self::Is { .. } => true,
        }
    }

    pub fn is_match(&self, record: &Value) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.is_match(record)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.is_match(record)),
            Self::Is { path, test } => test.is_true(record.pointer(path)),
        }
    }
}

impl Test {
    fn is_true(&self, found: Option<&Value>) -> bool {
        let Some(found) = found else { return matches!(self, Self::NotExists) };
        match self {
            Self::NotExists => false,
            Self::Null => found.is_null(),
            Self::Boolean(wanted) => found.as_bool() == Some(*wanted),
            Self::Text { glob, is_equal } => text_of(found).is_some_and(|text| is_like(&text, glob) == *is_equal),
            Self::Regex { regex, is_equal } => text_of(found).is_some_and(|text| regex.is_match(&text) == *is_equal),
            Self::Number { operator, number } => found.as_f64().is_some_and(|value| compare(value, operator, *number)),
        }
    }
}

fn compare(value: f64, operator: &str, number: f64) -> bool {
    match operator {
        "<" => value < number,
        ">" => value > number,
        "<=" => value <= number,
        ">=" => value >= number,
        "!=" => value != number,
        _ => value == number,
    }
}

/// Arrays and objects do not match.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `*` stands for any text.
fn is_like(text: &str, glob: &str) -> bool {
    let Some((head, tail)) = glob.split_once('*') else { return text == glob };
    let Some(rest) = text.strip_prefix(head) else { return false };
    if !tail.contains('*') {
        return rest.ends_with(tail);
    }
    rest.char_indices().any(|(place, _)| is_like(&rest[place..], tail)) || is_like("", tail)
}

pub fn parse(text: &str, regexes: &mut usize) -> Result<Condition, ServiceError> {
    let inner = text.strip_prefix('{').and_then(|text| text.trim_end().strip_suffix('}')).ok_or_else(invalid)?;
    let mut parser = Parser { rest: inner.trim_start(), regexes };
    let condition = parser.any()?;
    if parser.rest.is_empty() { Ok(condition) } else { Err(invalid()) }
}

struct Parser<'a> {
    rest: &'a str,
    regexes: &'a mut usize,
}

const OPERATORS: [&str; 6] = ["!=", "<=", ">=", "=", "<", ">"];

impl Parser<'_> {
    fn takes(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn any(&mut self) -> Result<Condition, ServiceError> {
        let mut conditions = vec![self.all()?];
        while self.takes("||") {
            conditions.push(self.all()?);
        }
        Ok(Condition::Any(conditions))
    }

    fn all(&mut self) -> Result<Condition, ServiceError> {
        let mut conditions = vec![self.one()?];
        while self.takes("&&") {
            conditions.push(self.one()?);
        }
        Ok(Condition::All(conditions))
    }

    fn one(&mut self) -> Result<Condition, ServiceError> {
        if self.takes("(") {
            let condition = self.any()?;
            return if self.takes(")") { Ok(condition) } else { Err(invalid()) };
        }
        let path = self.path()?;
        let test = self.test()?;
        Ok(Condition::Is { path, test })
    }

    /// `$.a.b[0]` as the JSON pointer `/a/b/0`.
    fn path(&mut self) -> Result<String, ServiceError> {
        let rest = self.rest.strip_prefix("$.").ok_or_else(invalid)?;
        let is_end = |letter: char| letter.is_whitespace() || "=!<>()&|".contains(letter);
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (path, rest) = rest.split_at(end);
        if path.is_empty() {
            return Err(invalid());
        }
        self.rest = rest.trim_start();
        Ok(format!("/{}", path.replace(['.', '['], "/").replace(']', "")))
    }

    fn test(&mut self) -> Result<Test, ServiceError> {
        if self.takes("NOT") {
            return if self.takes("EXISTS") { Ok(Test::NotExists) } else { Err(invalid()) };
        }
        if self.takes("IS") {
            return match [self.takes("NULL"), self.takes("TRUE"), self.takes("FALSE")] {
                [true, ..] => Ok(Test::Null),
                [_, true, _] => Ok(Test::Boolean(true)),
                [.., true] => Ok(Test::Boolean(false)),
                [false, false, false] => Err(invalid()),
            };
        }
        let operator = OPERATORS.into_iter().find(|operator| self.takes(operator)).ok_or_else(invalid)?;
        let is_equal = match operator {
            "=" => Some(true),
            "!=" => Some(false),
            _ => None,
        };
        self.value(operator, is_equal)
    }

    fn value(&mut self, operator: &'static str, is_equal: Option<bool>) -> Result<Test, ServiceError> {
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (glob, rest) = unquote(quoted).ok_or_else(invalid)?;
            self.rest = rest.trim_start();
            return Ok(Test::Text { glob, is_equal: is_equal.ok_or_else(invalid)? });
        }
        if let Some(expression) = self.rest.strip_prefix('%') {
            let (expression, rest) = expression.split_once('%').ok_or_else(invalid)?;
            *self.regexes += 1;
            self.rest = rest.trim_start();
            return Ok(Test::Regex { regex: regex(expression)?, is_equal: is_equal.ok_or_else(invalid)? });
        }
        let end = self.rest.find(|letter: char| letter.is_whitespace() || "()&|".contains(letter));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            return Err(invalid());
        }
        self.rest = rest.trim_start();
        match (word.parse(), is_equal) {
            (Ok(number), _) => Ok(Test::Number { operator, number }),
            (Err(_), Some(is_equal)) => Ok(Test::Text { glob: word.to_owned(), is_equal }),
            (Err(_), None) => Err(invalid()),
        }
    }
}
