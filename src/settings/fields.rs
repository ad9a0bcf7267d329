//! Reading single fields of `jsonData`.
//!
//! Provisioning files and old front ends write numbers and flags as text, so text is read where it is unmistakable.
//! White space around a text is dropped, and an empty text is a missing one: forms write both.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::SettingsError;
use crate::notice::count;

/// The object `jsonData`.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(json: &[u8]) -> Result<Self, SettingsError> {
        let allowed = "a JSON object";
        if json.trim_ascii().is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(Value::Null) => Ok(Self(Map::new())),
            Ok(other) => Err(SettingsError::new("jsonData", describe_type(&other), allowed)),
            Err(_) => Err(SettingsError::new("jsonData", "not JSON", allowed)),
        }
    }

    /// The names of all fields that say something.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let says_something =
            |value: &Value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty());
        self.0.iter().filter(move |(_, value)| says_something(value)).map(|(name, _)| name.as_str())
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.names().any(|name| name == field)
    }

    pub(super) fn are_equal(&self, one: &str, other: &str) -> bool {
        self.0.get(one) == self.0.get(other)
    }

    /// A text without the white space around it; None when it is missing, null or empty.
    pub(super) fn text(&self, field: &'static str) -> Result<Option<String>, SettingsError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
            // YAML reads 012345678901 as another number, so its digits are not taken.
            Some(other @ (Value::Number(_) | Value::Bool(_))) => {
                let allowed = format!("a string; put it in quotes, such as {field}: \"…\"");
                Err(SettingsError::new(field, format!("{} without quotes", describe_type(other)), allowed))
            }
            Some(other) => Err(SettingsError::new(field, describe_type(other), "a string")),
        }
    }

    /// A list of texts, or one text with commas between them; empty when it is missing.
    pub(super) fn list(&self, field: &'static str) -> Result<Vec<String>, SettingsError> {
        let wrong = |value: &Value| {
            SettingsError::new(field, format!("an array with {} in it", describe_type(value)), "an array of strings")
        };
        let entry = |value: &Value| value.as_str().map(|text| text.trim().to_owned()).ok_or_else(|| wrong(value));
        let texts = match self.0.get(field) {
            Some(Value::Array(values)) => values.iter().map(entry).collect::<Result<Vec<_>, _>>()?,
            _ => self.text(field)?.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect(),
        };
        Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
    }

    /// A flag; false when it is missing.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool, SettingsError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) => match text.trim() {
                "" | "false" => Ok(false),
                "true" => Ok(true),
                other => Err(SettingsError::new(field, quoted(other), "true or false")),
            },
            Some(other) => Err(SettingsError::new(field, describe_type(other), "true or false")),
        }
    }

    /// A number in `range`, or `default` when it is missing.
    pub(super) fn number(
        &self,
        field: &'static str,
        default: f64,
        range: RangeInclusive<f64>,
    ) -> Result<f64, SettingsError> {
        self.number_of("a number", field, default, range)
    }

    /// The same for what is counted.
    pub(super) fn whole(
        &self,
        field: &'static str,
        default: usize,
        range: RangeInclusive<u32>,
    ) -> Result<usize, SettingsError> {
        const KIND: &str = "a whole number";
        let range = f64::from(*range.start())..=f64::from(*range.end());
        let number = self.number_of(KIND, field, default as f64, range.clone())?;
        if number.fract() != 0.0 {
            return Err(SettingsError::new(field, number.to_string(), describe_range(KIND, &range)));
        }
        Ok(number as usize)
    }

    fn number_of(
        &self,
        kind: &str,
        field: &'static str,
        default: f64,
        range: RangeInclusive<f64>,
    ) -> Result<f64, SettingsError> {
        let allowed = || describe_range(kind, &range);
        let number = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(default),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(default),
            Some(Value::String(text)) => match text.trim().parse() {
                Ok(number) => Some(number),
                Err(_) => return Err(SettingsError::new(field, quoted(text), allowed())),
            },
            Some(other) => return Err(SettingsError::new(field, describe_type(other), allowed())),
        };
        match number {
            Some(number) if range.contains(&number) => Ok(number),
            Some(number) => Err(SettingsError::new(field, number.to_string(), allowed())),
            None => Err(SettingsError::new(field, "not a finite number", allowed())),
        }
    }
}

fn describe_range(kind: &str, range: &RangeInclusive<f64>) -> String {
    format!("{kind} from {} to {}", range.start(), range.end())
}

/// What stands in a field, for an error. A secret may have been pasted into the wrong field, so only what is short and
/// plain is repeated: the keys and tokens of AWS are longer, and passwords mix small letters and capitals.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST_WORD: usize = 24;
    const LONGEST_WITH_CAPITALS: usize = 16;
    let has = |is: fn(&u8) -> bool| text.bytes().any(|b| is(&b));
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(&b));
    let has_capitals = has(u8::is_ascii_uppercase);
    let is_mixed = has_capitals && has(u8::is_ascii_lowercase);
    let most = if has_capitals { LONGEST_WITH_CAPITALS } else { LONGEST_WORD };
    if is_plain && !is_mixed && text.len() <= most {
        return format!("{text:?}");
    }
    if text.starts_with("arn:") {
        return "an ARN".to_owned();
    }
    format!("a string of {}", count(text.chars().count(), "character"))
}

fn describe_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
