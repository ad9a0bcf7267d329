//! Request bodies of all protocols as one tree, so that each operation reads its input once.
//!
//! The query protocol knows text only, and CBOR knows numbers that JSON does not; the helpers at the end
//! read a field whatever it was sent as.

use std::io::Read;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::error::ServiceError;

/// The year 10000. Later moments are mistakes, and would overflow sums of times.
const LATEST: f64 = 253_402_300_800.0;
/// No operation nests deeper; without a limit a long path could exhaust the stack.
const MAX_DEPTH: usize = 32;

/// AWS takes less; this only keeps a broken client from filling the memory.
pub const MAX_BODY_BYTES: usize = 16 << 20;

pub fn inflate(body: &[u8]) -> Result<Vec<u8>, ServiceError> {
    let mut inflated = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    flate2::read::GzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut inflated)
        .map_err(|error| ServiceError::malformed(format!("The body is not gzip: {error}")))?;
    if inflated.len() > MAX_BODY_BYTES {
        return Err(ServiceError::malformed("The body is too long."));
    }
    Ok(inflated)
}

pub fn parse_cbor(body: &[u8]) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: ciborium::Value = ciborium::from_reader(body)
        .map_err(|error| ServiceError::malformed(format!("The body is not CBOR: {error}")))?;
    tree_of_cbor(value)
}

fn tree_of_cbor(value: ciborium::Value) -> Result<Value, ServiceError> {
    let unsupported = |what: &str| ServiceError::malformed(format!("The body has {what}."));
    Ok(match value {
        ciborium::Value::Null => Value::Null,
        ciborium::Value::Bool(flag) => Value::Bool(flag),
        ciborium::Value::Text(text) => Value::String(text),
        ciborium::Value::Float(number) => Value::from(number),
        ciborium::Value::Integer(number) => {
            i64::try_from(number).map(Value::from).map_err(|_| unsupported("an integer out of range"))?
        }
        // Tag 1: seconds since the epoch.
        ciborium::Value::Tag(1, seconds) => tree_of_cbor(*seconds)?,
        ciborium::Value::Array(items) => {
            items.into_iter().map(tree_of_cbor).collect::<Result<Vec<_>, _>>().map(Value::Array)?
        }
        ciborium::Value::Map(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key.into_text().map_err(|_| unsupported("a key that is no text"))?;
                object.insert(key, tree_of_cbor(value)?);
            }
            Value::Object(object)
        }
        ciborium::Value::Bytes(_) | ciborium::Value::Tag(..) | _ => {
            return Err(unsupported("a CBOR type that no operation uses"));
        }
    })
}

pub fn parse_json(body: &[u8]) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| ServiceError::malformed(format!("The body is not JSON: {error}")))
}

/// Reads `A.member.1.B=x` as `{"A": [{"B": "x"}]}`.
pub fn parse_query(body: &[u8]) -> Result<Value, ServiceError> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
        .map_err(|error| ServiceError::malformed(format!("The body is not a form: {error}")))?;
    let mut root = Map::new();
    for (path, value) in pairs {
        insert(&mut root, &path, value)?;
    }
    Ok(lists_of_members(Value::Object(root)))
}

fn insert(root: &mut Map<String, Value>, path: &str, value: String) -> Result<(), ServiceError> {
    if path.split('.').nth(MAX_DEPTH).is_some() {
        return Err(ServiceError::malformed("A field is nested too deeply."));
    }
    let (parents, last) = path.rsplit_once('.').map_or(("", path), |split| split);
    let mut place = root;
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        let next = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(object) = next else {
            return Err(ServiceError::malformed(format!("{path} is both a value and a structure.")));
        };
        place = object;
    }
    place.insert(last.to_owned(), Value::String(value));
    Ok(())
}

fn lists_of_members(value: Value) -> Value {
    let Value::Object(object) = value else {
        return value;
    };
    let members = match object.get("member") {
        Some(Value::Object(members)) if object.len() == 1 => members,
        _ => {
            let fields = object.into_iter();
            return Value::Object(fields.map(|(key, value)| (key, lists_of_members(value))).collect());
        }
    };
    let mut numbered: Vec<(u32, Value)> =
        members.iter().filter_map(|(index, value)| Some((index.parse().ok()?, value.clone()))).collect();
    numbered.sort_by_key(|(index, _)| *index);
    Value::Array(numbered.into_iter().map(|(_, value)| lists_of_members(value)).collect())
}

/// A typed request out of a tree.
pub fn read<T: DeserializeOwned>(tree: Value) -> Result<T, ServiceError> {
    serde_json::from_value(tree).map_err(|error| ServiceError::malformed(error.to_string()))
}

/// A list; the query protocol sends an empty one as empty text.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Vec::new()),
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            serde_json::from_value(value).map_err(D::Error::custom)
        }
    }
}

/// A whole number, also as text.
pub fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Number(number) => {
            number.as_i64().map(Some).ok_or_else(|| D::Error::custom(format!("{number} is not a whole number")))
        }
        Value::String(text) => {
            text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is not a whole number")))
        }
        other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err(D::Error::custom(format!("{other} is not a number")))
        }
    }
}

/// A truth value, also as text.
pub fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if text == "true" => Ok(Some(true)),
        Value::String(text) if text == "false" => Ok(Some(false)),
        other @ (Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            Err(D::Error::custom(format!("{other} is not a truth value")))
        }
    }
}

/// Epoch seconds, from a number or from calendar text.
pub fn timestamp<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let seconds = match Value::deserialize(from)? {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => chrono::DateTime::parse_from_rfc3339(&text)
            .ok()
            .map(|time| time.timestamp() as f64)
            .or_else(|| text.parse().ok()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match seconds {
        Some(seconds) if (0.0..LATEST).contains(&seconds) => Ok(Some(seconds.floor() as i64)),
        _ => Err(D::Error::custom("a timestamp is not valid")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn form_fields_become_a_tree() {
        let body = b"Action=GetMetricData&MetricDataQueries.member.2.Id=b&MetricDataQueries.member.1.Id=a\
            &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=Task&Empty=";
        assert_eq!(
            parse_query(body).unwrap(),
            json!({
                "Action": "GetMetricData",
                "Empty": "",
                "MetricDataQueries": [
                    {"Id": "a", "MetricStat": {"Metric": {"Dimensions": [{"Name": "Task"}]}}},
                    {"Id": "b"},
                ],
            })
        );
        assert!(parse_query(b"A=1&A.B=2").is_err());
        assert!(parse_query(&b"A.".repeat(100_000)).is_err());
    }

    #[test]
    fn cbor_timestamps_lose_their_tag() {
        // {"T": 1(1.5), "N": [-1, true, "x"]} with an indefinite map.
        let body = [0xbf, 0x61, b'T', 0xc1, 0xf9, 0x3e, 0x00, 0x61, b'N', 0x83, 0x20, 0xf5, 0x61, b'x', 0xff];
        assert_eq!(parse_cbor(&body).unwrap(), json!({"T": 1.5, "N": [-1, true, "x"]}));
        assert!(parse_cbor(&[0xbf]).is_err());
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Fields {
        #[serde(default, deserialize_with = "timestamp")]
        at: Option<i64>,
        #[serde(default, deserialize_with = "integer")]
        count: Option<i64>,
        #[serde(default, deserialize_with = "boolean")]
        flag: Option<bool>,
        #[serde(default, deserialize_with = "list")]
        items: Vec<String>,
    }

    #[test]
    fn fields_read_the_same_from_every_protocol() {
        let expected = Fields { at: Some(1_700_000_000), count: Some(60), flag: Some(false), items: vec![] };
        let of_query = json!({"at": "2023-11-14T22:13:20Z", "count": "60", "flag": "false", "items": ""});
        let of_cbor = json!({"at": 1_700_000_000.25, "count": 60, "flag": false});
        assert_eq!(read::<Fields>(of_query).unwrap(), expected);
        assert_eq!(read::<Fields>(of_cbor).unwrap(), expected);
        assert!(read::<Fields>(json!({"count": "many"})).is_err());
        assert!(read::<Fields>(json!({"at": "yesterday"})).is_err());
        assert!(read::<Fields>(json!({"at": 1e300})).is_err());
    }
}
