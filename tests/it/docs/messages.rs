//! Every text that the page on troubleshooting quotes can come from the code.
//!
//! The texts of the code are its string literals, with `{…}` for what differs. A quoted text must be one of them, where
//! what stands for `{…}` is a name, a list of names, or again such a text; or several of them one after the other.
//! Names are made by the user and by AWS, sentences are not: so a sentence that nobody writes any more is found.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;

use super::{page, text_of};
use crate::layering::walk;

/// A literal: what is fixed, in order. Between two pieces stands something else.
struct Template(Vec<String>);

impl Template {
    fn parse(literal: &str) -> Self {
        let mut pieces = vec![String::new()];
        let mut letters = literal.chars().peekable();
        while let Some(letter) = letters.next() {
            let is_doubled = "{}".contains(letter) && letters.peek() == Some(&letter);
            if letter == '{' && !is_doubled {
                letters.by_ref().find(|letter| *letter == '}');
                pieces.push(String::new());
                continue;
            }
            if is_doubled {
                letters.next();
            }
            pieces.last_mut().unwrap().push(letter);
        }
        Self(pieces)
    }

    /// Something that is said, not only put together.
    fn has_words(&self) -> bool {
        self.0.iter().any(|piece| piece.chars().any(char::is_alphabetic))
    }
}

/// The string literals of the code that is shipped, comments and tests left out.
pub(super) fn literals() -> Vec<String> {
    let mut files = Vec::new();
    walk(&page("src"), &mut files);
    let mut literals = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        read_literals(&lines.collect::<Vec<_>>().join("\n"), &mut literals);
    }
    literals
}

fn read_literals(code: &str, into: &mut Vec<String>) {
    // A quotation mark as a letter would turn inside and outside around.
    let code = code.replace("'\"'", "");
    let mut letters = code.chars().peekable();
    while letters.by_ref().any(|letter| letter == '"') {
        let mut literal = String::new();
        while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
            match (letter, letters.peek()) {
                ('\\', Some('\n')) => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                ('\\', Some(_)) => {
                    literal.extend(letters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped }))
                }
                _ => literal.push(letter),
            }
        }
        into.push(literal);
    }
}

/// What the code can say, and what is known already of pieces of text.
struct Voice {
    templates: Vec<Template>,
    known: RefCell<HashMap<String, bool>>,
}

impl Voice {
    fn of_the_code() -> Self {
        let templates = literals().iter().map(|literal| Template::parse(literal)).filter(Template::has_words).collect();
        Self { templates, known: RefCell::default() }
    }

    fn can_say(&self, text: &str) -> bool {
        let known = self.known.borrow().get(text).copied();
        known.unwrap_or_else(|| {
            let can = self.can_say_at_once(text) || self.can_say_in_parts(text) || self.can_say_as_sentence(text);
            self.known.borrow_mut().insert(text.to_owned(), can);
            can
        })
    }

    fn can_say_at_once(&self, text: &str) -> bool {
        self.templates.iter().any(|Template(pieces)| {
            let (first, others) = pieces.split_first().unwrap();
            text.strip_prefix(first.as_str()).is_some_and(|rest| self.can_go_on(rest, others))
        })
    }

    /// The code makes a sentence of a text: with a capital, and with a full stop.
    fn can_say_as_sentence(&self, text: &str) -> bool {
        let small = |text: &str| text[..1].to_lowercase() + &text[1..];
        let plain = text.trim().strip_suffix('.').filter(|plain| plain.is_char_boundary(1) && plain.contains(' '));
        plain.is_some_and(|plain| self.can_say_at_once(plain) || self.can_say_at_once(&small(plain)))
    }

    /// The code puts texts together after a full stop and before a semicolon.
    fn can_say_in_parts(&self, text: &str) -> bool {
        let after = |mark: &'static str, offset: usize| text.match_indices(mark).map(move |(at, _)| at + offset);
        after(". ", 1).chain(after("; ", 0)).any(|at| {
            let (first, rest) = text.split_at(at);
            self.can_say(first) && (self.can_say(rest) || self.can_say(rest.trim_start_matches([';', ' '])))
        })
    }

    /// `text` begins with something that differs, if pieces are left; then comes the next piece.
    fn can_go_on(&self, text: &str, pieces: &[String]) -> bool {
        let Some((next, others)) = pieces.split_first() else { return text.is_empty() };
        let ends: Vec<usize> = if others.is_empty() {
            text.strip_suffix(next.as_str()).map(str::len).into_iter().collect()
        } else {
            text.match_indices(next.as_str()).map(|(at, _)| at).collect()
        };
        ends.into_iter().any(|at| self.can_stand(&text[..at]) && self.can_go_on(&text[at + next.len()..], others))
    }

    /// Whether this can stand for `{…}`.
    fn can_stand(&self, text: &str) -> bool {
        let is_list_of_names = text.trim().split(", ").all(|name| !name.contains(' '));
        is_list_of_names || self.can_say(text)
    }
}

/// The first cells of the tables whose head is `text`, and the block quotes.
fn quoted() -> Vec<String> {
    let page = text_of(&page("docs/troubleshooting.md"));
    let mut quoted = Vec::new();
    let mut is_text = false;
    for line in page.lines() {
        let cell = line.strip_prefix("| ").and_then(|rest| rest.split(" | ").next());
        match (cell, line.strip_prefix("> ")) {
            (Some(head @ ("text" | "symptom")), _) => is_text = head == "text",
            (Some(text), _) if is_text => quoted.push(text.trim_matches('`').to_owned()),
            (_, Some(quote)) => quoted.push(quote.to_owned()),
            _ => {}
        }
    }
    quoted
}

#[test]
fn every_quoted_message_is_one_that_the_code_can_write() {
    let voice = Voice::of_the_code();
    let quoted = quoted();
    assert!(quoted.len() >= 40, "only {} messages are found", quoted.len());
    let unknown: Vec<String> = quoted.into_iter().filter(|text| !voice.can_say(text)).collect();
    assert!(unknown.is_empty(), "nobody writes:\n{}", unknown.join("\n"));
}

#[test]
fn a_message_that_nobody_writes_is_found() {
    let voice = Voice::of_the_code();
    for text in [
        "No \"busy\" for \"x\": CloudWatch lists no such series of busyTimeMsPerSecond.",
        "Cannot read data of application \"x\" in eu-west-1: CloudWatch refused GetMetricData. Add cloudwatch:GetMetricData to the policy of this data source.",
        "Cannot read data of application \"x\" in eu-west-1: CloudWatch denied GetMetricData. Ask somebody for the permission.",
        "Application \"x\" is stopped (status READY): start it.",
        "Metrics cannot be read at all in eu-west-1.",
    ] {
        assert!(!voice.can_say(text), "{text}");
    }
}
