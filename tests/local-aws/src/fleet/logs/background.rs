//! What a job writes while all is well: its own lines, and warnings of its connectors that mean little.

use super::super::job::Job;
use super::super::noise;
use super::super::story::Connector;
use super::super::timeline::Phase;
use super::Span;
use super::lines::{By, Lines, Origin};

const OWN: Origin = Origin::info("com.shop.flink.Progress", "com.shop.flink.Progress.report(Progress.java:52)");
const BACKING_OFF: Origin = Origin::warn(
    "org.apache.flink.streaming.connectors.kinesis.proxy.KinesisProxy",
    "org.apache.flink.streaming.connectors.kinesis.proxy.KinesisProxy.getRecords(KinesisProxy.java:289)",
);
const DISCONNECTED: Origin = Origin::info(
    "org.apache.kafka.clients.NetworkClient",
    "org.apache.kafka.clients.NetworkClient.handleDisconnections(NetworkClient.java:995)",
);

pub fn write(job: &Job, span: Span, lines: &mut Lines) {
    let (from, to) = (span.from.div_euclid(60.0) as i64, span.to.div_euclid(60.0) as i64);
    for minute in from..=to {
        let moment = job.timeline.moment(minute as f64 * 60.0 + 30.0, span.now);
        if moment.phase != Phase::Running {
            continue;
        }
        lines.of_deployment(job, moment.deploy);
        write_minute(job, minute, lines);
    }
}

fn write_minute(job: &Job, minute: i64, lines: &mut Lines) {
    let hash = noise::mix(job.seed ^ 0x6c6f_6773, minute);
    let at = minute * 60_000 + (hash % 50_000) as i64;
    let thread =
        job.tasks.first().map_or_else(String::new, |task| format!("{} (1/{})#0", task.name, task.shares[0].len()));
    lines.add(at, By::new(&OWN, &thread), || progress(hash, minute));
    for connector in &job.story.connectors {
        match connector {
            Connector::Kinesis { stream, .. } if hash.is_multiple_of(37) => {
                lines.add(at + 400, By::new(&BACKING_OFF, &thread), || {
                    format!(
                        "Got recoverable SdkClientException. Backing off for {} millis (Rate exceeded for shard \
                         shardId-000000000002 in stream {stream} under account {}. (Service: AmazonKinesis; Status Code: 400; \
                         Error Code: ProvisionedThroughputExceededException))",
                        100 + hash % 900,
                        job.story.account
                    )
                });
            }
            Connector::Kafka { .. } if hash.is_multiple_of(23) => {
                lines.add(at + 400, By::new(&DISCONNECTED, &thread), || {
                    format!("[Consumer clientId={}-0, groupId={0}] Node 2 disconnected.", job.story.name)
                });
            }
            Connector::Kinesis { .. } | Connector::Kafka { .. } => {}
        }
    }
    write_chatter(job, minute, &thread, lines);
    if job.story.writes_odd_lines {
        lines.add_record(at + 700, |_| odd_line(minute));
    }
}

/// Lines that are no records of the service, one after the other.
fn odd_line(minute: i64) -> String {
    match minute.rem_euclid(8) {
        0 => "SLF4J: Class path contains multiple SLF4J bindings.".to_owned(),
        1 => "\u{1b}[31mERROR\u{1b}[0m a line in red".to_owned(),
        2 => "<script>alert('log')</script><img src=x onerror=alert(1)>".to_owned(),
        3 => r#"{"message":"cut in the mid"#.to_owned(),
        4 => "\u{0}\u{1}\u{7}\u{fffd} control characters".to_owned(),
        5 => r#"["a", "list"]"#.to_owned(),
        6 => r#"{"message":{"nested":true},"messageType":42,"applicationARN":null}"#.to_owned(),
        _ => "x".repeat(900_000),
    }
}

/// Every other line names a trace: of X-Ray, or of W3C.
fn progress(hash: u64, minute: i64) -> String {
    let trace = noise::mix(hash, minute);
    let id = match hash % 4 {
        0 => format!(" traceId=1-{:08x}-{trace:016x}{:08x}", minute * 60, hash as u32),
        1 => format!(" traceparent=00-{trace:016x}{hash:016x}-{:016x}-01", trace.rotate_left(9)),
        _ => String::new(),
    };
    format!("Handled batch {} with {} records{id}", minute % 100_000, hash % 5000)
}

fn write_chatter(job: &Job, minute: i64, thread: &str, lines: &mut Lines) {
    let a_minute = i64::from(job.story.chatter) * 60;
    if a_minute == 0 || !lines.wants_any(minute * 60_000, minute * 60_000 + 59_999) {
        return;
    }
    for number in 0..a_minute {
        let at = minute * 60_000 + number * 60_000 / a_minute;
        lines.add(at, By::new(&OWN, thread), || format!("Record {} was handled", minute * a_minute + number));
    }
}
