//! A line of an application's log, as CloudWatch Logs keeps it.

use std::sync::Arc;

/// One event of a log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// CloudWatch's own; the same each time that the event is read.
    pub id: String,
    /// Milliseconds since the Unix epoch, as whoever wrote it says.
    pub time_ms: i64,
    pub stream: Arc<str>,
    pub text: String,
}

/// Which lines come first, where not all are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogOrder {
    Newest,
    Oldest,
}

/// What a search of a stream found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogLines {
    /// In the order of time, and of arrival where times are equal.
    pub lines: Vec<LogLine>,
    /// Whether nothing else is there.
    pub is_complete: bool,
    /// HTTP calls made: pages, without retries.
    pub calls: u32,
}

/// Where an application logs, from its description.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogStream {
    pub group: String,
    pub stream: String,
}

impl LogStream {
    /// Of `arn:aws:logs:eu-west-1:123456789012:log-group:NAME:log-stream:NAME`.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (_, names) = arn.split_once(":log-group:")?;
        let (group, stream) = names.split_once(":log-stream:")?;
        let is_name = |name: &str| !name.is_empty();
        (is_name(group) && is_name(stream)).then(|| Self { group: group.to_owned(), stream: stream.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_and_stream_stand_in_the_arn_of_a_stream() {
        let read = |arn| LogStream::of_arn(arn).map(|found| (found.group, found.stream));
        let names = |group: &str, stream: &str| Some((group.to_owned(), stream.to_owned()));
        assert_eq!(
            read("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/kinesis-analytics/orders:log-stream:main"),
            names("/aws/kinesis-analytics/orders", "main")
        );
        assert_eq!(
            read("arn:aws-cn:logs:cn-north-1:123456789012:log-group:shop:log-stream:a:b"),
            names("shop", "a:b"),
            "a stream's name may hold a colon's like"
        );
        assert_eq!(read("arn:aws:logs:eu-west-1:123456789012:log-group:/shop"), None);
        assert_eq!(read("arn:aws:logs:eu-west-1:123456789012:log-group:/shop:log-stream:"), None);
    }
}
