//! RFC 8949 as rpc-v2-cbor uses it: structures of unknown length, doubles as 64-bit floats, timestamps with tag 1.

use super::Writer;

const BREAK: u8 = 0xff;
const STRUCTURE: u8 = 0xbf;
const DOUBLE: u8 = 0xfb;
const EPOCH_TAG: u8 = 0xc1;

#[derive(Debug, Default)]
pub struct CborWriter {
    bytes: Vec<u8>,
}

impl CborWriter {
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        match value {
            0..=23 => self.bytes.push(major | value as u8),
            24..=0xff => self.bytes.extend([major | 24, value as u8]),
            0x100..=0xffff => {
                self.bytes.push(major | 25);
                self.bytes.extend((value as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major | 26);
                self.bytes.extend((value as u32).to_be_bytes());
            }
            _ => {
                self.bytes.push(major | 27);
                self.bytes.extend(value.to_be_bytes());
            }
        }
    }
}

impl Writer for CborWriter {
    fn begin_structure(&mut self) {
        self.bytes.push(STRUCTURE);
    }

    fn end_structure(&mut self) {
        self.bytes.push(BREAK);
    }

    fn key(&mut self, name: &str) {
        self.string(name);
    }

    fn begin_list(&mut self, length: usize) {
        self.head(4, length as u64);
    }

    fn end_list(&mut self) {}

    fn string(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn double(&mut self, number: f64) {
        let mut item = [DOUBLE; 9];
        item[1..].copy_from_slice(&number.to_be_bytes());
        self.bytes.extend_from_slice(&item);
    }

    fn integer(&mut self, number: i64) {
        // A negative n is written as -1 - n, which is its bitwise complement.
        match u64::try_from(number) {
            Ok(value) => self.head(0, value),
            Err(_) => self.head(1, !number as u64),
        }
    }

    fn boolean(&mut self, flag: bool) {
        self.bytes.push(if flag { 0xf5 } else { 0xf4 });
    }

    fn timestamp(&mut self, seconds: i64) {
        self.bytes.push(EPOCH_TAG);
        self.double(seconds as f64);
    }

    fn entries(&mut self, entries: &[(String, f64)]) {
        self.head(5, entries.len() as u64);
        for (key, value) in entries {
            self.string(key);
            self.double(*value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::output::Answer as _;

    #[test]
    fn every_kind_of_value_is_read_back_by_another_decoder() {
        let mut writer = CborWriter::default();
        writer.begin_structure();
        writer.key("integers");
        let integers = [0, 23, 24, 255, 256, 65_535, 65_536, i64::from(u32::MAX) + 1, -1, -25, i64::MIN];
        writer.begin_list(integers.len());
        integers.iter().for_each(|number| writer.integer(*number));
        writer.end_list();
        writer.key("at");
        writer.timestamp(1_700_000_000);
        writer.key("map");
        writer.entries(&[("p50".to_owned(), 1.5)]);
        writer.key("tree");
        serde_json::json!({"a": [true, "é", 2.5], "gone": null}).write(&mut writer);
        writer.end_structure();
        let tree = crate::server::input::parse_cbor(&writer.finish()).unwrap();
        assert_eq!(
            tree,
            serde_json::json!({
                "integers": integers,
                "at": 1_700_000_000.0,
                "map": {"p50": 1.5},
                "tree": {"a": [true, "é", 2.5]},
            })
        );
    }
}
