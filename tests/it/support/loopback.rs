//! An HTTP server on loopback that answers from a closure and remembers what it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The server; it ends when dropped.
pub struct Loopback {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<Request>,
    connections: usize,
    hangups: usize,
}

#[derive(Debug, Clone)]
pub struct Request {
    /// Method and path.
    pub line: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(of, _)| of.eq_ignore_ascii_case(name));
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    }
}

pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub delay: Duration,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Self {
        let content_type = "application/x-amz-json-1.1";
        Self { status, content_type, body: body.as_bytes().to_vec(), delay: Duration::ZERO }
    }

    pub fn xml(body: &str) -> Self {
        Self { content_type: "text/xml", ..Self::json(200, body) }
    }

    pub fn cbor(status: u16, body: &[u8]) -> Self {
        Self { status, content_type: "application/cbor", body: body.to_vec(), delay: Duration::ZERO }
    }
}

type Answer = Arc<dyn Fn(usize, &Request) -> Reply + Send + Sync>;

impl Loopback {
    /// Starts a server. `answer` also gets the number of requests that came before.
    pub async fn start(answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(answer), Arc::clone(&seen)));
        Self { url, seen, _tasks: tasks }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Connections that were closed while an answer was due.
    pub fn hangups(&self) -> usize {
        self.seen.lock().unwrap().hangups
    }
}

async fn accept(listener: TcpListener, answer: Answer, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        seen.lock().unwrap().connections += 1;
        connections.spawn(serve(stream, Arc::clone(&answer), Arc::clone(&seen)));
    }
}

async fn serve(stream: TcpStream, answer: Answer, seen: Arc<Mutex<Seen>>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let reply = {
            let mut seen = seen.lock().unwrap();
            let reply = answer(seen.requests.len(), &request);
            seen.requests.push(request);
            reply
        };
        tokio::select! {
            () = tokio::time::sleep(reply.delay) => {}
            _ = stream.fill_buf(), if !reply.delay.is_zero() => {
                seen.lock().unwrap().hangups += 1;
                return;
            }
        }
        // AWS's CBOR services name their protocol in each answer; the others ignore the header.
        let head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: {}\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-length: {}\r\n\r\n",
            reply.status,
            reply.content_type,
            reply.body.len()
        );
        let sent = [head.as_bytes(), &reply.body].concat();
        if stream.write_all(&sent).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let count = stream.read_line(&mut line).await.ok()?;
        match line.trim_end() {
            "" if count == 0 => return None,
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let headers: Vec<_> =
        lines.filter_map(|line| line.split_once(": ").map(|(name, text)| (name.to_owned(), text.to_owned()))).collect();
    let mut request = Request { line, headers, body: String::new() };
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}
