//! A client for plain HTTP on loopback. It speaks HTTP/1.0, so that an answer is one body that ends
//! with the connection.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::failure::{Doing, Failure, Outcome};

const CONNECT_LIMIT: Duration = Duration::from_secs(1);

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

pub fn get(address: SocketAddr, path: &str, limit: Duration) -> Outcome<Answer> {
    send(address, limit, &format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n"))
}

/// With headers beside those of every request.
pub fn post_json(
    address: SocketAddr,
    path: &str,
    (limit, headers): (Duration, &[(&str, String)]),
    body: &str,
) -> Outcome<Answer> {
    let length = body.len();
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    );
    send(address, limit, &(head + body))
}

/// An error when another program listens on the port.
pub fn must_be_free(port: u16) -> Outcome<()> {
    match TcpListener::bind(loopback(port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Failure::new(format!(
            "port {port} is in use by another program: stop it, or name another port with --port"
        ))),
        Err(error) => Err(Failure::new(format!("port {port} cannot be used ({error}): name another with --port"))),
    }
}

pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind(loopback(0)).doing("find a free port")?;
    Ok(listener.local_addr().doing("find a free port")?.port())
}

fn send(address: SocketAddr, limit: Duration, request: &str) -> Outcome<Answer> {
    let exchange = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, CONNECT_LIMIT)?;
        stream.set_read_timeout(Some(limit))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    parse(&exchange().doing(format_args!("ask {address}"))?)
}

fn parse(answer: &[u8]) -> Outcome<Answer> {
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let not_http = || Failure::new("the server's answer is not HTTP");
    let head_end = answer.windows(BLANK_LINE.len()).position(|bytes| bytes == BLANK_LINE).ok_or_else(not_http)?;
    let head = String::from_utf8_lossy(&answer[..head_end]);
    let status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).ok_or_else(not_http)?;
    Ok(Answer { status, body: answer[head_end + BLANK_LINE.len()..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_split() {
        let answer = parse(b"HTTP/1.0 404 Not Found\r\nX: y\r\n\r\ngone\r\n\r\n").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (404, b"gone\r\n\r\n".as_slice()));
    }

    #[test]
    fn a_taken_port_is_named() {
        let held = TcpListener::bind(loopback(0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let words = must_be_free(port).unwrap_err().to_string();
        assert!(words.contains(&format!("port {port} is in use")), "{words}");
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(parse(b"").is_err());
        assert!(parse(b"hello\r\n\r\n").is_err());
    }
}
