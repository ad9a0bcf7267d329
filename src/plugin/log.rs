//! The log: one JSON object per line on stderr, as Grafana's plugin host reads it (hclog).
//!
//! Our own events pass at the level that the administrator set. Events of libraries pass
//! from warn upwards, at trace from info upwards: below that they can hold headers and
//! bodies of AWS calls, and with them secrets.

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::log_writer::LogWriter;
use crate::limits;

/// Crates whose events are ours.
const OWN: [&str; 2] = ["flinkwatch", "gpx_flinkwatch"];

/// The administrator's `log_level` of `[plugin.<id>]` in Grafana's configuration, which
/// reaches the process as this variable.
pub const LEVEL_VARIABLE: &str = "GF_PLUGIN_LOG_LEVEL";

/// Starts logging, and logs panics as errors. Call once, before anything can fail.
pub fn start(level: Option<&str>) {
    // Without a thread there is no log, and the process serves all the same.
    if let Ok(writer) = LogWriter::start(std::io::stderr(), describe_dropped) {
        WRITER.set(writer).unwrap_or_default();
    }
    let layer = HclogLayer { sink: to_writer };
    let filtered = layer.with_filter(targets(parse_level(level)));
    tracing_subscriber::registry().with(filtered).init();
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("no text");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref(), "panicked: {text}");
    }));
}

fn parse_level(text: Option<&str>) -> LevelFilter {
    match text.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "trace" => LevelFilter::TRACE,
        "debug" => LevelFilter::DEBUG,
        "warn" | "warning" => LevelFilter::WARN,
        "error" => LevelFilter::ERROR,
        "off" => LevelFilter::OFF,
        // "info", absent, or a word that no level has: the usual one.
        _ => LevelFilter::INFO,
    }
}

fn targets(own: LevelFilter) -> Targets {
    let cap = if own == LevelFilter::TRACE { LevelFilter::INFO } else { LevelFilter::WARN };
    Targets::new().with_default(own.min(cap)).with_targets(OWN.map(|target| (target, own)))
}

/// Hands each event as a line to its sink; spans are not used.
struct HclogLayer {
    sink: fn(String),
}

impl<S: Subscriber> Layer<S> for HclogLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        (self.sink)(line(event, now()));
    }
}

static WRITER: OnceLock<LogWriter> = OnceLock::new();

fn to_writer(line: String) {
    if let Some(writer) = WRITER.get() {
        writer.write(line);
    }
}

/// Lets the last lines out before the process ends; where nobody reads them it ends without.
pub fn flush(limit: Duration) {
    if let Some(writer) = WRITER.get() {
        writer.flush(limit);
    }
}

fn describe_dropped(count: u64) -> String {
    let message = format!("{count} log lines were dropped, because nobody read stderr");
    line_of(Map::new(), ("warn", Value::from(message)), "flinkwatch::plugin::log", now())
}

#[expect(clippy::disallowed_methods, reason = "a log line carries the time")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn line(event: &Event<'_>, now: DateTime<Utc>) -> String {
    let mut fields = Fields(Map::new());
    event.record(&mut fields);
    let Fields(mut object) = fields;
    let message = object.remove("message").unwrap_or_default();
    let level = match *event.metadata().level() {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    };
    line_of(object, (level, message), event.metadata().target(), now)
}

fn line_of(
    mut object: Map<String, Value>,
    (level, message): (&str, Value),
    module: &str,
    now: DateTime<Utc>,
) -> String {
    let time = now.to_rfc3339_opts(SecondsFormat::Micros, true);
    object.insert("@level".to_owned(), level.into());
    object.insert("@message".to_owned(), message);
    object.insert("@module".to_owned(), module.into());
    object.insert("@timestamp".to_owned(), time.into());
    Value::Object(object).to_string() + "\n"
}

/// Collects an event's fields as JSON.
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // Microseconds are enough for a duration; JSON has no NaN.
        let rounded = (value * 1e3).round() / 1e3;
        self.insert(field, rounded.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, limits::cut(value, limits::LOG_TEXT_BYTES).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static LINES: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    }

    fn keep(line: String) {
        let line = serde_json::from_str(&line).unwrap();
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    /// The messages that pass when we and a library say something at every level.
    fn passing(level: &str) -> String {
        let layer = HclogLayer { sink: keep }.with_filter(targets(parse_level(Some(level))));
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "flinkwatch::plugin", "our trace");
            tracing::debug!(target: "flinkwatch::plugin", "our debug");
            tracing::info!(target: "gpx_flinkwatch", "our info");
            tracing::trace!(target: "h2::frame", "their trace");
            tracing::debug!(target: "aws_smithy_runtime", "their debug");
            tracing::info!(target: "aws_config", "their info");
            tracing::warn!(target: "hyper", "their warn");
        });
        let lines = LINES.take();
        let messages = lines.iter().filter_map(|line| line["@message"].as_str());
        messages.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn libraries_never_pass_below_info() {
        assert_eq!(passing("trace"), "our trace, our debug, our info, their info, their warn");
        assert_eq!(passing("debug"), "our debug, our info, their warn");
        assert_eq!(passing("info"), "our info, their warn");
        assert_eq!(passing("nonsense"), "our info, their warn");
        assert_eq!(passing("warn"), "their warn");
        assert_eq!(passing("error"), "");
    }

    #[test]
    fn a_line_has_the_names_of_hclog_and_every_field() {
        let layer = HclogLayer { sink: keep };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(calls = 3_u64, took = 1.23456, done = true, name = "x\"y", "slow {}", 1);
        });
        let line = LINES.take().remove(0);
        assert_eq!((&line["@level"], &line["@message"]), (&"warn".into(), &"slow 1".into()));
        assert_eq!((&line["calls"], &line["took"]), (&3.into(), &1.235.into()));
        assert_eq!((&line["done"], &line["name"]), (&true.into(), &"x\"y".into()));
        let time = line["@timestamp"].as_str().unwrap();
        assert_eq!((time.len(), &time[19..20], &time[26..]), (27, ".", "Z"), "{time}");
    }
}
