//! The wire: a query's JSON object, read field by field.
//!
//! Reading by hand instead of by derive gives each wrong field an error in the author's terms. Absent and `null`
//! mean the same: take the default.

use serde_json::{Map, Value};

use super::error::QueryError;
use super::spelling;
use crate::limits;

/// The fields of one query.
#[derive(Debug, Clone)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the object; an empty text is an empty object.
    pub fn parse(json: &[u8]) -> Result<Self, QueryError> {
        if json.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        if json.len() > limits::QUERY_BYTES {
            return Err(QueryError::TooLong { found: json.len(), most: limits::QUERY_BYTES });
        }
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Self::with_few_patterns(fields),
            Ok(other) => Err(QueryError::NotJson { reason: format!("found {} instead of an object", name_of(&other)) }),
            Err(error) => Err(QueryError::NotJson { reason: error.to_string() }),
        }
    }

    /// A pattern costs a thousand times what it is long, so patterns are counted before one is compiled.
    fn with_few_patterns(fields: Map<String, Value>) -> Result<Self, QueryError> {
        let found: usize = fields.values().map(patterns).sum();
        let most = fields.iter().max_by_key(|(_, value)| patterns(value));
        match most.filter(|_| found > limits::PATTERNS) {
            Some((field, value)) => Err(QueryError::too_many_patterns(field, patterns(value), found)),
            None => Ok(Self(fields)),
        }
    }

    /// Fields that are made of others.
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Whether any of the fields says something.
    pub fn has_any(&self, fields: &[&str]) -> bool {
        let says_something = |value: &Value| match value {
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
        };
        fields.iter().any(|field| self.value(field).is_some_and(says_something))
    }

    /// The fields of an object inside this one, each by its path such as `top.count`: so errors name it.
    pub fn object(&self, field: &'static str) -> Result<Option<Self>, QueryError> {
        Ok(self.map(field)?.map(|fields| Self::inside(field, fields)))
    }

    /// One object, or a list of them, each by its paths.
    pub fn objects(&self, field: &'static str) -> Result<Vec<Self>, QueryError> {
        let object = |value: &Value| {
            let fields = value.as_object().ok_or_else(|| wrong(field, value, "an object, or a list of objects"))?;
            Ok(Self::inside(field, fields))
        };
        self.entries(field)?.iter().map(object).collect()
    }

    fn inside(field: &str, fields: &Map<String, Value>) -> Self {
        Self(fields.iter().map(|(name, value)| (format!("{field}.{name}"), value.clone())).collect())
    }

    /// The entries of a list; a single value counts as a list of one.
    fn entries(&self, field: &'static str) -> Result<&[Value], QueryError> {
        let values = match self.checked(field)? {
            None => return Ok(&[]),
            Some(Value::Array(values)) => values.as_slice(),
            Some(single) => std::slice::from_ref(single),
        };
        if values.len() > limits::LIST_ENTRIES {
            return Err(QueryError::too_many(field, values.len(), limits::LIST_ENTRIES));
        }
        Ok(values)
    }

    /// Refuses fields that nothing reads. (Of a whole query they are ignored: Grafana adds its own.)
    pub fn allow(&self, known: &[&'static str]) -> Result<(), QueryError> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(QueryError::unknown_field(name, known)),
        }
    }

    /// The names of all fields that have a value.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }

    fn map(&self, field: &'static str) -> Result<Option<&Map<String, Value>>, QueryError> {
        match self.checked(field)? {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(other) => Err(wrong(field, other, "an object")),
        }
    }

    pub fn text(&self, field: &'static str) -> Result<Option<String>, QueryError> {
        match self.checked(field)? {
            None => Ok(None),
            Some(Value::String(text)) => short(field, text, limits::TEXT_BYTES).map(Some),
            Some(other) => Err(wrong(field, other, "a string")),
        }
    }

    /// A text that is only shown, of so many bytes at most. A `$` in it is a `$`, and a variable that nobody replaced
    /// is seen.
    pub fn shown_text(&self, field: &'static str, bytes: usize) -> Result<Option<String>, QueryError> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => short(field, text, bytes).map(Some),
            Some(other) => Err(wrong(field, other, "a string")),
        }
    }

    /// A list of texts; a single text counts as a list of one, and empty texts are left out.
    pub fn texts(&self, field: &'static str) -> Result<Vec<String>, QueryError> {
        let values = self.entries(field)?;
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::String(text) if text.trim().is_empty() => {}
                Value::String(text) => texts.push(short(field, text, limits::TEXT_BYTES)?),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    return Err(wrong(field, value, "an array of strings"));
                }
            }
        }
        Ok(texts)
    }

    /// A whole number, also as text: variables arrive so.
    pub fn integer(&self, field: &'static str) -> Result<Option<i64>, QueryError> {
        let Some(value) = self.checked(field)? else { return Ok(None) };
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number.map(Some).ok_or_else(|| wrong(field, value, "a whole number"))
    }

    /// One of a few words; `default` without the field.
    pub fn choice<T: Copy>(
        &self,
        field: &'static str,
        default: T,
        choices: &[(&'static str, T)],
    ) -> Result<T, QueryError> {
        let Some(text) = self.text(field)?.filter(|text| !text.is_empty()) else { return Ok(default) };
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            QueryError::wrong(field, &text, names.join(", "))
        })
    }

    /// Names and values of an object of texts or lists of texts, in the order of the names. Empty texts are left out.
    pub fn pairs(&self, field: &'static str) -> Result<Vec<(String, Vec<String>)>, QueryError> {
        let Some(object) = self.map(field)? else { return Ok(Vec::new()) };
        if object.len() > limits::LIST_ENTRIES {
            return Err(QueryError::too_many(field, object.len(), limits::LIST_ENTRIES));
        }
        let mut pairs = Vec::with_capacity(object.len());
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            if values.len() > limits::LIST_ENTRIES {
                return Err(QueryError::too_many(field, values.len(), limits::LIST_ENTRIES));
            }
            let text = |value: &Value| match value {
                Value::String(text) => short(field, text, limits::TEXT_BYTES),
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    Err(wrong(field, other, "an object of strings such as {\"Task\": \"*\"}"))
                }
            };
            let mut texts = values.iter().map(text).collect::<Result<Vec<_>, _>>()?;
            texts.retain(|text| !text.is_empty());
            pairs.push((short(field, name, limits::TEXT_BYTES)?, texts));
        }
        Ok(pairs)
    }

    /// The value, if no variable stands in it that should have been replaced.
    pub fn checked(&self, field: &'static str) -> Result<Option<&Value>, QueryError> {
        let value = self.value(field);
        match value.and_then(find_variable) {
            Some((found, variable)) => Err(QueryError::variable(field, found, variable)),
            None => Ok(value),
        }
    }

    /// The raw value; `null` counts as absent.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }
}

/// A text of the author without the white space around it, if it is no longer than so many bytes.
fn short(field: &'static str, text: &str, bytes: usize) -> Result<String, QueryError> {
    let text = text.trim();
    if text.len() > bytes {
        return Err(QueryError::too_long(field, text.len(), bytes));
    }
    Ok(text.to_owned())
}

/// How many patterns a value holds, or what begins like one.
fn patterns(value: &Value) -> usize {
    match value {
        Value::String(text) => spelling::count_patterns(text),
        Value::Array(values) => values.iter().map(patterns).sum(),
        Value::Object(fields) => fields.values().map(patterns).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The first text in which a variable stands that nobody replaced, and its name.
fn find_variable(value: &Value) -> Option<(&str, &str)> {
    let in_text = |text| Some((text, variable_in(text)?));
    match value {
        Value::String(text) => in_text(text.as_str()),
        Value::Array(values) => values.iter().find_map(find_variable),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| in_text(name).or_else(|| find_variable(value))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The name in `$name`, `${name}`, `${name.field:format}` or `[[name:format]]`. Names of applications, tasks and
/// metrics hold no `$`; the end of a line in a regular expression is a `$` before something else, and `$__all` is all.
pub fn variable_in(text: &str) -> Option<&str> {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let word = |text: &'_ str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let is_all = |rest: &str| rest.starts_with("__all") && word(rest) == "__all".len();
    let name_in = |rest: &'_ str| -> Option<(usize, usize)> {
        let start = usize::from(rest.starts_with('{'));
        let name = &rest[start..];
        let length = word(name);
        let is_closed = start == 0 || name.contains('}') && name[length..].starts_with(['}', ':', '.']);
        (name.starts_with(is_start) && is_closed && !is_all(rest)).then_some((start, start + length))
    };
    if let Some(name) = text.split('$').skip(1).find_map(|rest| name_in(rest).map(|(start, end)| &rest[start..end])) {
        return Some(name);
    }
    text.split("[[").skip(1).find_map(|rest| {
        let (inside, _) = rest.split_once("]]")?;
        let (name, format) = inside.split_once(':').unwrap_or((inside, ""));
        let is_word = |text: &str| word(text) == text.len();
        (name.starts_with(is_start) && is_word(name) && is_word(format)).then_some(name)
    })
}

/// A value that is not `allowed`: texts and numbers are repeated, lists and objects are called so.
pub(super) fn wrong(field: &'static str, found: &Value, allowed: &str) -> QueryError {
    match found {
        Value::String(text) => QueryError::wrong(field, text, allowed),
        Value::Null | Value::Bool(_) | Value::Number(_) => QueryError::wrong_thing(field, found, allowed),
        Value::Array(_) | Value::Object(_) => QueryError::wrong_thing(field, name_of(found), allowed),
    }
}

/// What a value is, in JSON's own words.
pub fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
