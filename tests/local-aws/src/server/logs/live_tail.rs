//! StartLiveTail: a session of events as they are written, one update a second, for three hours at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pattern::Pattern;
use super::{LogReader, event_stream, group_arn, ingested};
use crate::server::counters::{InFlight, Usage};
use crate::server::error::ServiceError;
use crate::server::input;
use crate::server::options::Options;
use crate::world::{LogGroup, LogStream, World};

const MAX_GROUPS: usize = 10;
const MAX_STREAMS: usize = 100;
const UPDATE_EVENTS: usize = 500;
const UPDATE: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    log_group_identifiers: Vec<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefixes: Option<Vec<String>>,
    log_event_filter_pattern: Option<String>,
}

/// How many sessions are open.
#[derive(Debug, Clone, Default)]
pub struct Sessions(Arc<AtomicUsize>);

/// An open session; it counts until it is dropped.
#[derive(Debug)]
struct OpenSession(Sessions);

impl Sessions {
    fn open(&self, most: usize) -> Result<OpenSession, ServiceError> {
        let is_free = |open: usize| (open < most).then_some(open + 1);
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_free) {
            Ok(_) => Ok(OpenSession(self.clone())),
            Err(_) => Err(ServiceError::limit_exceeded(format!(
                "The number of concurrent Live Tail sessions exceeds the limit of {most}."
            ))),
        }
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a session needs for as long as it lasts.
struct Session {
    world: Arc<dyn World>,
    region: String,
    groups: Vec<(LogGroup, Vec<String>)>,
    pattern: Pattern,
    /// The simulated second at which it began.
    started: i64,
    seconds: i64,
    /// Whether it breaks after its first update.
    breaks: bool,
    first: Value,
    elapsed: i64,
    in_flight: Option<InFlight>,
    _open: OpenSession,
}

/// The body of the answer: frames until the session ends or the client goes.
pub fn start_live_tail(
    tree: Value,
    reader: &LogReader<'_>,
    world: Arc<dyn World>,
    sessions: &Sessions,
    options: &Options,
    request_id: &str,
) -> Result<impl FnOnce(InFlight) -> Body, ServiceError> {
    let wire: Wire = input::read(tree)?;
    let pattern = Pattern::parse(wire.log_event_filter_pattern.as_deref().unwrap_or_default())?;
    let groups = chosen(&wire, reader)?;
    let open = sessions.open(options.live_tail_sessions)?;
    let first = json!({
        "requestId": request_id,
        "sessionId": request_id.replace("00000000-0000-4000", "10000000-0000-4000"),
        "logGroupIdentifiers": groups.iter().map(|(group, _)| group_arn(reader.region, group)).collect::<Vec<_>>(),
        "logStreamNames": wire.log_stream_names.unwrap_or_default(),
        "logStreamNamePrefixes": wire.log_stream_name_prefixes.unwrap_or_default(),
        "logEventFilterPattern": wire.log_event_filter_pattern.unwrap_or_default(),
    });
    let session = Session {
        world,
        region: reader.region.to_owned(),
        groups,
        pattern,
        started: reader.now,
        seconds: options.live_tail_seconds,
        breaks: reader.fault.broken_live_tail,
        first,
        elapsed: 0,
        in_flight: None,
        _open: open,
    };
    Ok(move |in_flight| {
        let session = Session { in_flight: Some(in_flight), ..session };
        Body::from_stream(stream::unfold(Some(session), |session| async move { session?.next().await }))
    })
}

fn chosen(wire: &Wire, reader: &LogReader<'_>) -> Result<Vec<(LogGroup, Vec<String>)>, ServiceError> {
    let identifiers = &wire.log_group_identifiers;
    let narrows = wire.log_stream_names.is_some() || wire.log_stream_name_prefixes.is_some();
    let refused = if identifiers.is_empty() || identifiers.len() > MAX_GROUPS {
        Some("logGroupIdentifiers must have 1 to 10 log groups.")
    } else if identifiers.iter().any(|identifier| !identifier.starts_with("arn:")) {
        Some("Each log group must be given by its ARN.")
    } else if narrows && identifiers.len() > 1 {
        Some("Log streams can be chosen only with a single log group.")
    } else if wire.log_stream_names.is_some() && wire.log_stream_name_prefixes.is_some() {
        Some("logStreamNames and logStreamNamePrefixes exclude each other.")
    } else if wire.log_stream_names.as_ref().is_some_and(|names| names.len() > MAX_STREAMS) {
        Some("logStreamNames must have at most 100 names.")
    } else {
        None
    };
    if let Some(message) = refused {
        return Err(ServiceError::invalid_parameter(message));
    }
    let is_chosen = |stream: &String| match (&wire.log_stream_names, &wire.log_stream_name_prefixes) {
        (Some(names), _) => names.contains(stream),
        (None, Some(prefixes)) => prefixes.iter().any(|prefix| stream.starts_with(prefix.as_str())),
        (None, None) => true,
    };
    let groups = identifiers.iter().map(|identifier| {
        let group = reader.group_of_identifier(identifier)?;
        let streams = group.streams.iter().filter(|stream| is_chosen(stream)).cloned().collect();
        Ok((group, streams))
    });
    groups.collect()
}

impl Session {
    /// The next frames, and the session if it goes on.
    async fn next(mut self) -> Option<(Result<Bytes, std::io::Error>, Option<Self>)> {
        if self.elapsed == 0 {
            self.elapsed = 1;
            let mut frames = event_stream::event("initial-response", &json!({}));
            frames.extend(event_stream::event("sessionStart", &self.first));
            return Some((Ok(frames.into()), Some(self)));
        }
        tokio::time::sleep(UPDATE).await;
        let end = if self.elapsed > self.seconds {
            Some(("SessionTimeoutException", "The session has timed out."))
        } else if self.breaks && self.elapsed > 1 {
            Some(("SessionStreamingException", "The session ended because of an internal error."))
        } else {
            None
        };
        if let Some((shape, message)) = end {
            if let Some(in_flight) = self.in_flight.take() {
                in_flight.close(Some(shape));
            }
            let frame = event_stream::exception(shape, &json!({"message": message}));
            return Some((Ok(frame.into()), None));
        }
        // Reading a world costs CPU, so it happens beside the threads that serve.
        let (session, update) = tokio::task::spawn_blocking(move || {
            let update = self.update();
            (self, update)
        })
        .await
        .ok()?;
        let frame = event_stream::event("sessionUpdate", &update);
        Some((Ok(frame.into()), Some(Self { elapsed: session.elapsed + 1, ..session })))
    }

    /// What was written in the last second.
    fn update(&self) -> Value {
        let end = (self.started + self.elapsed) * 1000;
        let mut events = Vec::new();
        for (group, streams) in &self.groups {
            let identifier = group_arn(&self.region, group);
            for name in streams {
                let stream = LogStream { account: &group.account, group: &group.name, name };
                let found = self.world.log_events(&self.region, stream, end - 1000..end, self.started + self.elapsed);
                let found = found.into_iter().filter(|event| self.pattern.is_match(&event.message));
                events.extend(found.map(|event| (event, name.clone(), identifier.clone())));
            }
        }
        events.sort_by_key(|(event, ..)| event.timestamp);
        let all = events.len();
        let results: Vec<Value> = sampled(events)
            .map(|(event, stream, identifier)| {
                json!({
                    "logStreamName": stream,
                    "logGroupIdentifier": identifier,
                    "message": event.message,
                    "timestamp": event.timestamp,
                    "ingestionTime": ingested(&event),
                })
            })
            .collect();
        if let Some(in_flight) = &self.in_flight {
            in_flight.add_usage(Usage { log_events: results.len() as u64, ..Usage::default() });
        }
        json!({"sessionMetadata": {"sampled": all > results.len()}, "sessionResults": results})
    }
}

/// At most 500 of them, evenly chosen.
fn sampled<T>(events: Vec<T>) -> impl Iterator<Item = T> {
    let all = events.len();
    let shown = all.min(UPDATE_EVENTS);
    let is_shown = move |place: usize| (place + 1) * shown / all != place * shown / all;
    events.into_iter().enumerate().filter(move |(place, _)| is_shown(*place)).map(|(_, event)| event)
}
