//! AWS JSON 1.0 and 1.1: timestamps are epoch seconds.

use super::Writer;

#[derive(Debug, Default)]
pub struct JsonWriter {
    bytes: Vec<u8>,
    /// Whether a comma must precede the next item of the open list or structure.
    needs_comma: bool,
}

impl JsonWriter {
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn separate(&mut self) {
        if self.needs_comma {
            self.bytes.push(b',');
        }
        self.needs_comma = true;
    }

    fn open(&mut self, bracket: u8) {
        self.separate();
        self.bytes.push(bracket);
        self.needs_comma = false;
    }

    fn close(&mut self, bracket: u8) {
        self.bytes.push(bracket);
        self.needs_comma = true;
    }

    fn scalar<T: serde::Serialize>(&mut self, value: T) {
        self.separate();
        serde_json::to_writer(&mut self.bytes, &value)
            .expect("text, numbers and truth values always serialise into memory");
    }
}

impl Writer for JsonWriter {
    fn begin_structure(&mut self) {
        self.open(b'{');
    }

    fn end_structure(&mut self) {
        self.close(b'}');
    }

    fn key(&mut self, name: &str) {
        self.scalar(name);
        self.bytes.push(b':');
        self.needs_comma = false;
    }

    fn begin_list(&mut self, _length: usize) {
        self.open(b'[');
    }

    fn end_list(&mut self) {
        self.close(b']');
    }

    fn string(&mut self, text: &str) {
        self.scalar(text);
    }

    fn double(&mut self, number: f64) {
        self.scalar(number);
    }

    fn integer(&mut self, number: i64) {
        self.scalar(number);
    }

    fn boolean(&mut self, flag: bool) {
        self.scalar(flag);
    }

    fn timestamp(&mut self, seconds: i64) {
        self.scalar(seconds);
    }

    fn entries(&mut self, entries: &[(String, f64)]) {
        self.begin_structure();
        for (key, value) in entries {
            self.key(key);
            self.double(*value);
        }
        self.end_structure();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::output::Answer as _;

    #[test]
    fn a_tree_survives() {
        let tree = serde_json::json!({"a": [1, 2.5, {"b": "\"x\""}, []], "c": {}, "d": true});
        let mut writer = JsonWriter::default();
        tree.write(&mut writer);
        let read: serde_json::Value = serde_json::from_slice(&writer.finish()).unwrap();
        assert_eq!(read, tree);
    }
}
