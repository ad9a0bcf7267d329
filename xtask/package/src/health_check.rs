//! One gRPC health check over a plain connection, byte by byte: enough to know that a plugin
//! serves, without a gRPC library in these commands.
//!
//! Frames: RFC 9113 (HTTP/2). Header fields are sent as literals without index (RFC 7541 §6.2.2), so
//! there is no table to keep; the answer's header fields are not read, its message is.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use xtask::failure::{Doing, Failure, Outcome};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const WAIT_LIMIT: Duration = Duration::from_secs(10);
/// Frames before the answer: settings, their acknowledgement, window updates and header fields. More than this is not a health check.
const FRAMES_LIMIT: usize = 20;
/// `HealthCheckRequest { service: "plugin" }` behind gRPC's five bytes: not compressed, eight bytes long.
const QUESTION: &[u8] = b"\x00\x00\x00\x00\x08\x0a\x06plugin";
/// `HealthCheckResponse { status: SERVING }` behind gRPC's five bytes.
const SERVING: &[u8] = b"\x00\x00\x00\x00\x02\x08\x01";

/// Asks the server at `address` for the health of the service "plugin"; an error unless it serves.
///
/// An address is the path of a unix socket, or a host and a port.
pub fn must_serve(address: &str) -> Outcome<()> {
    let connecting = || format!("connect to the plugin at {address}");
    if address.starts_with('/') {
        let stream = UnixStream::connect(address).doing(connecting())?;
        stream.set_read_timeout(Some(WAIT_LIMIT)).doing("limit the wait for the plugin")?;
        return ask(stream, "localhost");
    }
    let stream = TcpStream::connect(address).doing(connecting())?;
    stream.set_read_timeout(Some(WAIT_LIMIT)).doing("limit the wait for the plugin")?;
    ask(stream, address)
}

fn ask(mut stream: impl Read + Write, address: &str) -> Outcome<()> {
    stream.write_all(&request(address)).doing("send the health check")?;
    for _ in 0..FRAMES_LIMIT {
        let (kind, payload) = read_frame(&mut stream).doing("read the answer to the health check")?;
        match kind {
            DATA if payload == SERVING => return Ok(()),
            DATA => return Err(Failure::new(format!("the plugin says that it does not serve: {payload:02x?}"))),
            GOAWAY => break,
            _ => {}
        }
    }
    Err(Failure::new("the plugin closed the health check without an answer"))
}

fn request(address: &str) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/grpc.health.v1.Health/Check"),
        (":authority", address),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            // Shorter than 127 bytes, so the length is one byte.
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    let frames =
        [frame(SETTINGS, 0, 0, b""), frame(HEADERS, END_HEADERS, 1, &block), frame(DATA, END_STREAM, 1, QUESTION)];
    [PREFACE.to_vec(), frames.concat()].concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn read_frame(stream: &mut impl Read) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload)?;
    Ok((head[3], payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    fn check(answer: Vec<u8>) -> Outcome<()> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let expected = request(&address);
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; expected.len()];
            stream.read_exact(&mut asked).unwrap();
            assert_eq!(asked, expected);
            stream.write_all(&answer).unwrap();
        });
        let verdict = must_serve(&address);
        server.join().unwrap();
        verdict
    }

    #[test]
    fn a_serving_plugin_passes() {
        check([frame(SETTINGS, 0, 0, b""), frame(DATA, 0, 1, SERVING)].concat()).unwrap();
    }

    #[test]
    fn any_other_answer_fails() {
        check(frame(DATA, 0, 1, b"\x00\x00\x00\x00\x02\x08\x02")).unwrap_err();
        check(frame(GOAWAY, 0, 0, &[0; 8])).unwrap_err();
        check(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).unwrap_err();
    }
}
