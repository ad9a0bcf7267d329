//! The start of the conversation with the host (hashicorp/go-plugin): a cookie in the
//! environment, then one line on stdout that says where the process listens.
//!
//! The environment comes in as a function, so that the rules can be read and tested as
//! such. Grafana sets the cookie, a range of ports, and the protocol versions it speaks.

use std::io;

use tokio::net::TcpListener;

use super::Environment;
use super::serve::Listener;
#[cfg(unix)]
use super::socket::{self, SocketFiles};

/// Version of go-plugin's handshake, and of Grafana's protocol: "pluginv2".
const HANDSHAKE_VERSION: u32 = 1;
const PROTOCOL_VERSION: u32 = 2;

/// True when Grafana started the process. It is a courtesy to people who start the program
/// by hand, not a protection.
pub fn is_started_by_grafana(environment: Environment<'_>) -> bool {
    environment("grafana_plugin_type").as_deref() == Some("datasource")
}

/// A listening socket and the line that tells the host about it.
#[derive(Debug)]
pub struct Endpoint {
    pub listener: Listener,
    pub line: String,
    /// Holds the files of a unix socket: they go when it is dropped.
    #[cfg(unix)]
    pub socket: Option<SocketFiles>,
}

/// Listens on a unix socket that only this user can open; on a port of loopback only where there can be no socket.
///
/// # Errors
/// When the socket cannot be made.
pub async fn open_endpoint(environment: Environment<'_>) -> io::Result<Endpoint> {
    #[cfg(unix)]
    match socket::listen(environment).await? {
        Some(opened) => return Ok(unix_endpoint(opened)),
        None => tracing::warn!(
            "listens on a port of this machine, which each of its users can open, because no folder for a socket can be \
             written: let TMPDIR of the Grafana server name one"
        ),
    }
    let listener = listen_tcp(port_range(environment)).await?;
    let line = line("tcp", &listener.local_addr()?.to_string());
    Ok(Endpoint {
        listener: Listener::Tcp(listener),
        line,
        #[cfg(unix)]
        socket: None,
    })
}

#[cfg(unix)]
fn unix_endpoint(opened: socket::Socket) -> Endpoint {
    Endpoint {
        listener: Listener::Unix(opened.listener),
        line: line("unix", &opened.files.path.display().to_string()),
        socket: Some(opened.files),
    }
}

fn line(network: &str, address: &str) -> String {
    format!("{HANDSHAKE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc\n")
}

/// The ports that the host allows, both ends included. Absent, zero or wrong: any port.
fn port_range(environment: Environment<'_>) -> Option<(u16, u16)> {
    let port = |name| environment(name)?.trim().parse::<u16>().ok();
    let (min, max) = (port("PLUGIN_MIN_PORT")?, port("PLUGIN_MAX_PORT")?);
    (min > 0 && min <= max).then_some((min, max))
}

async fn listen_tcp(range: Option<(u16, u16)>) -> io::Result<TcpListener> {
    let Some((min, max)) = range else {
        return TcpListener::bind(("127.0.0.1", 0)).await;
    };
    // Plugins that start together would all race for the first port: begin elsewhere in
    // the range, each by its own process id.
    let span = u32::from(max - min) + 1;
    let begin = std::process::id() % span;
    let mut last = None;
    for step in 0..span {
        let offset = (begin + step) % span;
        let port = u16::try_from(u32::from(min) + offset).unwrap_or(max);
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrInUse)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_range(min: &str, max: &str, expected: Option<(u16, u16)>) {
        let environment = |name: &str| match name {
            "PLUGIN_MIN_PORT" => Some(min.to_owned()),
            "PLUGIN_MAX_PORT" => Some(max.to_owned()),
            _ => None,
        };
        assert_eq!(port_range(&environment), expected, "{min}..{max}");
    }

    #[test]
    fn a_port_range_counts_only_when_it_makes_sense() {
        check_range("10000", "25000", Some((10000, 25000)));
        check_range("10000", "10000", Some((10000, 10000)));
        check_range("0", "0", None);
        check_range("", "25000", None);
        check_range("25000", "10000", None);
        check_range("10000", "99999", None);
    }
}
