//! Answers in each protocol's bytes.
//!
//! An answer writes itself once, to a [`Writer`]; there is a writer for CBOR, JSON and XML. None builds a tree
//! of values in between: a full page of GetMetricData has 100,800 points, and the speed of this server must
//! not be what a benchmark of its client measures.

mod cbor;
mod json;
mod xml;

pub use cbor::CborWriter;
pub use json::JsonWriter;
pub use xml::{XmlWriter, calendar_text, error_body};

/// Where an answer goes. Maps are structures; `entries` are maps whose keys are data.
pub trait Writer {
    fn begin_structure(&mut self);
    fn end_structure(&mut self);
    /// The name of the member that follows.
    fn key(&mut self, name: &str);
    fn begin_list(&mut self, length: usize);
    fn end_list(&mut self);
    fn string(&mut self, text: &str);
    fn double(&mut self, number: f64);
    fn integer(&mut self, number: i64);
    fn boolean(&mut self, flag: bool);
    /// Epoch seconds.
    fn timestamp(&mut self, seconds: i64);
    /// A map from text to number.
    fn entries(&mut self, entries: &[(String, f64)]);
}

/// An answer of an operation.
pub trait Answer {
    fn write<W: Writer>(&self, to: &mut W);
}

/// Answers that are little more than text are kept as JSON.
impl Answer for serde_json::Value {
    fn write<W: Writer>(&self, to: &mut W) {
        match self {
            Self::Null => {}
            Self::Bool(flag) => to.boolean(*flag),
            Self::String(text) => to.string(text),
            Self::Number(number) => match number.as_i64() {
                Some(integer) => to.integer(integer),
                None => to.double(number.as_f64().unwrap_or_default()),
            },
            Self::Array(items) => {
                to.begin_list(items.len());
                items.iter().for_each(|item| item.write(to));
                to.end_list();
            }
            Self::Object(members) => {
                to.begin_structure();
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    to.key(name);
                    value.write(to);
                }
                to.end_structure();
            }
        }
    }
}
