//! AWS's event stream: binary messages with headers, each closed by a checksum.

use flate2::Crc;
use serde_json::Value;

const STRING: u8 = 7;

/// An event of the operation: `sessionStart`, `sessionUpdate`, or `initial-response`.
pub fn event(name: &str, payload: &Value) -> Vec<u8> {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    message(&headers, payload)
}

/// An exception that ends the stream.
pub fn exception(shape: &str, payload: &Value) -> Vec<u8> {
    let headers = [(":exception-type", shape), (":content-type", "application/json"), (":message-type", "exception")];
    message(&headers, payload)
}

fn message(headers: &[(&str, &str)], payload: &Value) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        block.extend_from_slice(name.as_bytes());
        block.push(STRING);
        block.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        block.extend_from_slice(value.as_bytes());
    }
    let payload = payload.to_string();
    // Two lengths, their checksum, headers, payload, checksum of all.
    let total = 12 + block.len() + payload.len() + 4;
    let mut bytes = Vec::with_capacity(total);
    bytes.extend_from_slice(&length(total));
    bytes.extend_from_slice(&length(block.len()));
    bytes.extend_from_slice(&checksum(&bytes));
    bytes.extend_from_slice(&block);
    bytes.extend_from_slice(payload.as_bytes());
    bytes.extend_from_slice(&checksum(&bytes));
    bytes
}

fn length(of: usize) -> [u8; 4] {
    u32::try_from(of).unwrap_or(u32::MAX).to_be_bytes()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_checksums_frame_a_message() {
        let bytes = event("sessionStart", &serde_json::json!({}));
        assert_eq!(bytes.len(), u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize);
        assert_eq!(bytes[8..12], checksum(&bytes[..8]));
        assert_eq!(bytes[bytes.len() - 4..], checksum(&bytes[..bytes.len() - 4]));
        assert_eq!(&bytes[bytes.len() - 6..bytes.len() - 4], b"{}");
    }
}
