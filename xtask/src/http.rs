//! Plain HTTP on loopback: a client, and ports.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use crate::failure::{Doing, Failure, Outcome};

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// What is posted, as JSON.
pub struct Post<'a> {
    pub path: &'a str,
    /// Beside those of every request.
    pub headers: &'a [(&'a str, String)],
    pub body: &'a serde_json::Value,
    /// How long the answer may take.
    pub limit: Duration,
}

pub fn get(address: SocketAddr, path: &str, limit: Duration) -> Outcome<Answer> {
    let answer = client(limit).get(format!("http://{address}{path}")).call();
    read(answer).doing(format_args!("ask {address}"))
}

pub fn post(address: SocketAddr, post: &Post) -> Outcome<Answer> {
    let mut request = client(post.limit).post(format!("http://{address}{}", post.path));
    request = request.header("Content-Type", "application/json");
    for (name, value) in post.headers {
        request = request.header(*name, value);
    }
    read(request.send(post.body.to_string())).doing(format_args!("ask {address}"))
}

/// A proxy of the machine is not for loopback, and any status is an answer.
fn client(limit: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder().proxy(None).http_status_as_error(false);
    config.timeout_global(Some(limit)).build().into()
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, ureq::Error> {
    let mut answer = answer?;
    let body = answer.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
    Ok(Answer { status: answer.status().as_u16(), body })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named() {
        let held = TcpListener::bind(loopback(0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let words = must_be_free(port).unwrap_err().to_string();
        assert!(words.contains(&format!("port {port} is in use")), "{words}");
    }
}
