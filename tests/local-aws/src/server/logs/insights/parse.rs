//! Text to a query, or to the error that AWS would give.

use regex::Regex;

use super::language::{Aggregate, Command, Condition, Function, Key, KeyValue, Query};
use crate::server::error::ServiceError;

const COMMANDS: &str =
    "{K_PARSE, K_SEARCH, K_FIELDS, K_DISPLAY, K_FILTER, K_STATS, K_SORT, K_ORDER, K_HEAD, K_LIMIT, K_TAIL}";

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Regex(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 14] = ["!=", "=~", "<=", ">=", "|", ",", "(", ")", "[", "]", "=", "<", ">", "*"];

pub fn parse(text: &str) -> Result<Query, ServiceError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, place: 0, length: text.chars().count() };
    let mut query = Query { commands: Vec::new(), limit: None };
    loop {
        let command = parser.command()?;
        if let Command::Limit(rows) = &command {
            query.limit = i64::try_from(*rows).ok();
        }
        query.commands.push(command);
        if parser.is_at_end() {
            return Ok(query);
        }
        parser.expect("|")?;
    }
}

fn unexpected(found: &str, position: usize) -> ServiceError {
    ServiceError::malformed_query(
        format!("unexpected symbol found {found} at line 1 and position {position}"),
        position,
    )
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ServiceError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let position = text.len() - rest.len();
        let first = rest.chars().next().unwrap_or(' ');
        let (token, length) = match first {
            '#' => {
                rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
                continue;
            }
            '"' | '\'' | '`' => delimited(rest, first).map(|(inner, length)| (Token::Text(inner), length)),
            '/' => delimited(rest, '/').map(|(inner, length)| (Token::Regex(inner), length)),
            _ if is_word(first) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                Some((Token::Word(rest[..end].to_owned()), end))
            }
            _ => SYMBOLS
                .into_iter()
                .find(|symbol| rest.starts_with(symbol))
                .map(|symbol| (Token::Symbol(symbol), symbol.len())),
        }
        .ok_or_else(|| unexpected(&first.to_string(), position))?;
        tokens.push((token, position));
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_@.-".contains(letter)
}

/// What stands between two delimiters, and the length of all; a backslash keeps the delimiter.
fn delimited(text: &str, delimiter: char) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => {
                let (_, next) = letters.next()?;
                if next != delimiter {
                    inner.push('\\');
                }
                inner.push(next);
            }
            _ if letter == delimiter => return Some((inner, place + letter.len_utf8())),
            _ => inner.push(letter),
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    place: usize,
    length: usize,
}

impl Parser<'_> {
    fn is_at_end(&self) -> bool {
        self.place >= self.tokens.len()
    }

    fn unexpected(&self) -> ServiceError {
        let Some((token, position)) = self.tokens.get(self.place) else {
            return unexpected("<EOF>", self.length);
        };
        let text = match token {
            Token::Word(text) | Token::Text(text) | Token::Regex(text) => text.as_str(),
            Token::Symbol(symbol) => symbol,
        };
        unexpected(text, *position)
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.place), Some((Token::Symbol(found), _)) if *found == symbol);
        self.place += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str) -> Result<(), ServiceError> {
        if self.takes(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let next = self.tokens.get(self.place);
        let is_next = matches!(next, Some((Token::Word(found), _)) if found.eq_ignore_ascii_case(word));
        self.place += usize::from(is_next);
        is_next
    }

    fn word(&mut self) -> Result<String, ServiceError> {
        let Some((Token::Word(word), _)) = self.tokens.get(self.place) else { return Err(self.unexpected()) };
        self.place += 1;
        Ok(word.clone())
    }

    fn command(&mut self) -> Result<Command, ServiceError> {
        let place = self.place;
        let name = self.word()?.to_ascii_lowercase();
        match name.as_str() {
            "fields" => Ok(Command::Fields(self.names()?)),
            "display" => Ok(Command::Display(self.names()?)),
            "filter" => Ok(Command::Filter(self.any()?)),
            "sort" | "order" => {
                if name == "order" && !self.takes_word("by") {
                    return Err(self.unexpected());
                }
                self.sort()
            }
            "limit" | "head" => {
                let rows = self.word()?.parse();
                rows.map(Command::Limit).map_err(|_| {
                    self.place -= 1;
                    self.unexpected()
                })
            }
            "stats" => self.stats(),
            _ => {
                let position = self.tokens.get(place).map_or(0, |(_, position)| *position);
                Err(ServiceError::malformed_query(format!("mismatched input '{name}' expecting {COMMANDS}"), position))
            }
        }
    }

    fn names(&mut self) -> Result<Vec<String>, ServiceError> {
        let mut names = vec![self.name()?];
        while self.takes(",") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// A field, also in backticks.
    fn name(&mut self) -> Result<String, ServiceError> {
        if let Some((Token::Text(name), _)) = self.tokens.get(self.place) {
            self.place += 1;
            return Ok(name.clone());
        }
        self.word()
    }

    fn sort(&mut self) -> Result<Command, ServiceError> {
        let mut keys = Vec::new();
        loop {
            let name = self.name()?;
            let is_descending = self.takes_word("desc");
            if !is_descending {
                self.takes_word("asc");
            }
            keys.push((name, is_descending));
            if !self.takes(",") {
                return Ok(Command::Sort(keys));
            }
        }
    }

    fn stats(&mut self) -> Result<Command, ServiceError> {
        let mut aggregates = vec![self.aggregate()?];
        while self.takes(",") {
            aggregates.push(self.aggregate()?);
        }
        let mut by = Vec::new();
        if self.takes_word("by") {
            by.push(self.key()?);
            while self.takes(",") {
                by.push(self.key()?);
            }
        }
        Ok(Command::Stats { aggregates, by })
    }

    fn aggregate(&mut self) -> Result<Aggregate, ServiceError> {
        let function = self.word()?;
        self.expect("(")?;
        let field = if self.takes("*") || matches!(self.tokens.get(self.place), Some((Token::Symbol(")"), _))) {
            None
        } else {
            Some(self.name()?)
        };
        self.expect(")")?;
        let shown = format!("{function}({})", field.as_deref().unwrap_or("*"));
        let built = match (function.as_str(), field) {
            ("count", field) => Function::Count(field),
            ("sum", Some(field)) => Function::Sum(field),
            ("avg", Some(field)) => Function::Average(field),
            ("min", Some(field)) => Function::Minimum(field),
            ("max", Some(field)) => Function::Maximum(field),
            _ => {
                self.place -= 2;
                return Err(self.unexpected());
            }
        };
        Ok(Aggregate { function: built, name: self.alias()?.unwrap_or(shown) })
    }

    fn alias(&mut self) -> Result<Option<String>, ServiceError> {
        if self.takes_word("as") { self.name().map(Some) } else { Ok(None) }
    }

    fn key(&mut self) -> Result<Key, ServiceError> {
        let name = self.name()?;
        let (shown, value) = if name == "bin" && self.takes("(") {
            let text = self.word()?;
            let span = span_ms(&text).ok_or_else(|| {
                self.place -= 1;
                self.unexpected()
            })?;
            self.expect(")")?;
            (format!("bin({text})"), KeyValue::Bin(span))
        } else {
            (name.clone(), KeyValue::Field(name))
        };
        Ok(Key { name: self.alias()?.unwrap_or(shown), value })
    }

    fn any(&mut self) -> Result<Condition, ServiceError> {
        let mut conditions = vec![self.all()?];
        while self.takes_word("or") {
            conditions.push(self.all()?);
        }
        Ok(Condition::Any(conditions))
    }

    fn all(&mut self) -> Result<Condition, ServiceError> {
        let mut conditions = vec![self.one()?];
        while self.takes_word("and") {
            conditions.push(self.one()?);
        }
        Ok(Condition::All(conditions))
    }

    fn one(&mut self) -> Result<Condition, ServiceError> {
        if self.takes_word("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let condition = self.any()?;
            self.expect(")")?;
            return Ok(condition);
        }
        let field = self.name()?;
        if field == "ispresent" && self.takes("(") {
            let field = self.name()?;
            self.expect(")")?;
            return Ok(Condition::IsPresent(field));
        }
        self.comparison(field)
    }

    fn comparison(&mut self, field: String) -> Result<Condition, ServiceError> {
        if self.takes_word("not") {
            if self.takes_word("like") {
                return Ok(Condition::Not(Box::new(self.like(field)?)));
            }
            if self.takes_word("in") {
                return Ok(Condition::Not(Box::new(self.one_of(field)?)));
            }
            return Err(self.unexpected());
        }
        if self.takes_word("like") || self.takes("=~") {
            return self.like(field);
        }
        if self.takes_word("in") {
            return self.one_of(field);
        }
        let operator = ["!=", "<=", ">=", "=", "<", ">"].into_iter().find(|operator| self.takes(operator));
        let operator = operator.ok_or_else(|| self.unexpected())?.to_owned();
        Ok(Condition::Compare { field, operator, value: self.name()? })
    }

    /// A regular expression, or text that is contained.
    fn like(&mut self, field: String) -> Result<Condition, ServiceError> {
        let expression = match self.tokens.get(self.place) {
            Some((Token::Regex(expression), _)) => expression.clone(),
            Some((Token::Text(text), _)) => regex::escape(text),
            Some((Token::Word(_) | Token::Symbol(_), _)) | None => return Err(self.unexpected()),
        };
        let regex = Regex::new(&expression).map_err(|_| self.unexpected())?;
        self.place += 1;
        Ok(Condition::Like { field, regex })
    }

    fn one_of(&mut self, field: String) -> Result<Condition, ServiceError> {
        self.expect("[")?;
        let values = self.names()?;
        self.expect("]")?;
        Ok(Condition::In { field, values })
    }
}

/// `30s`, `5m`, `1h`, `1d` in milliseconds.
fn span_ms(text: &str) -> Option<i64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" | "sec" => 1000,
        "m" | "min" => 60_000,
        "h" | "hr" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<i64>().ok().filter(|number| *number > 0).map(|number| number * unit)
}
