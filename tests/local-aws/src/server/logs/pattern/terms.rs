//! Terms in any text: `a b` both, `?a ?b` one of them, `-a` none, `"a phrase"`, `%regex%`.

use regex::Regex;

use super::{invalid, regex};
use crate::server::error::ServiceError;

#[derive(Debug)]
pub enum Term {
    Text(String),
    Regex(Regex),
}

#[derive(Debug, Default)]
pub struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

impl Terms {
    pub fn parse(text: &str, regexes: &mut usize) -> Result<Self, ServiceError> {
        let mut terms = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (place, after) = match rest.as_bytes().first() {
                Some(b'?') => (&mut terms.any, rest.get(1..).unwrap_or_default()),
                Some(b'-') => (&mut terms.none, rest.get(1..).unwrap_or_default()),
                Some(_) | None => (&mut terms.all, rest),
            };
            let (term, after) = next_term(after, regexes)?;
            place.push(term);
            rest = after.trim_start();
        }
        Ok(terms)
    }

    pub fn is_match(&self, message: &str) -> bool {
        if self.none.iter().any(|term| term.is_in(message)) {
            return false;
        }
        // Beside other terms, those with `?` are ignored.
        if self.all.is_empty() && !self.any.is_empty() {
            return self.any.iter().any(|term| term.is_in(message));
        }
        self.all.iter().all(|term| term.is_in(message))
    }
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => has_words(message, text),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

fn next_term<'a>(text: &'a str, regexes: &mut usize) -> Result<(Term, &'a str), ServiceError> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (phrase, rest) = unquote(quoted).ok_or_else(invalid)?;
        return if phrase.is_empty() { Err(invalid()) } else { Ok((Term::Text(phrase), rest)) };
    }
    if let Some(expression) = text.strip_prefix('%') {
        let (expression, rest) = expression.split_once('%').ok_or_else(invalid)?;
        *regexes += 1;
        return Ok((Term::Regex(regex(expression)?), rest));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() || !word.chars().all(is_word) {
        return Err(ServiceError::invalid_parameter(format!("Invalid character(s) in term '{word}'")));
    }
    Ok((Term::Text(word.to_owned()), rest))
}

/// Text up to the closing quote, and what follows.
pub fn unquote(text: &str) -> Option<(String, &str)> {
    let mut unquoted = String::new();
    let mut letters = text.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Some((unquoted, text.get(place + 1..)?)),
            '\\' => unquoted.push(letters.next()?.1),
            _ => unquoted.push(letter),
        }
    }
    None
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether a text occurs, not as a part of longer words.
fn has_words(message: &str, text: &str) -> bool {
    let (first, last) = (text.chars().next().is_some_and(is_word), text.chars().next_back().is_some_and(is_word));
    message.match_indices(text).any(|(place, found)| {
        let before = message.get(..place).and_then(|before| before.chars().next_back()).is_some_and(is_word);
        let after = message.get(place + found.len()..).and_then(|after| after.chars().next()).is_some_and(is_word);
        !(first && before || last && after)
    })
}
