//! Filter patterns: terms, phrases and expressions over JSON, as FilterLogEvents and StartLiveTail take them.
//!
//! What the documentation leaves open is read strictly: a term matches whole words only, so that what matches here also
//! matches at AWS. Patterns of columns (`[a, b, …]`) are refused: the service's logs are JSON.

mod json;
mod terms;
#[cfg(test)]
mod tests;

use json::Condition;
use regex::Regex;
use terms::Terms;

use crate::server::error::ServiceError;

const MAX_LENGTH: usize = 1024;
const MAX_REGEXES: usize = 2;

#[derive(Debug)]
pub enum Pattern {
    All,
    Terms(Terms),
    Json(Condition),
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        if text.len() > MAX_LENGTH {
            return Err(ServiceError::invalid_parameter(format!(
                "1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length less \
                 than or equal to {MAX_LENGTH}"
            )));
        }
        let text = text.trim();
        let mut regexes = 0;
        let pattern = match text.chars().next() {
            None => Self::All,
            Some('{') => Self::Json(json::parse(text, &mut regexes)?),
            Some('[') => return Err(invalid()),
            Some(_) => Self::Terms(Terms::parse(text, &mut regexes)?),
        };
        if regexes > MAX_REGEXES { Err(invalid()) } else { Ok(pattern) }
    }

    pub fn is_match(&self, message: &str) -> bool {
        match self {
            Self::All => true,
            Self::Terms(terms) => terms.is_match(message),
            Self::Json(condition) => {
                condition.may_match(message)
                    && serde_json::from_str(message).is_ok_and(|record| condition.is_match(&record))
            }
        }
    }
}

fn invalid() -> ServiceError {
    ServiceError::invalid_parameter("Invalid filter pattern")
}

/// The part of regular expressions that AWS takes: no groups, no blanks, no other symbols.
fn regex(text: &str) -> Result<Regex, ServiceError> {
    let is_known = |letter: char| letter.is_ascii_alphanumeric() || ":_#=@/;,-^$?[]{}|\\*+.".contains(letter);
    if text.is_empty() || !text.chars().all(is_known) {
        return Err(invalid());
    }
    Regex::new(text).map_err(|_| invalid())
}
