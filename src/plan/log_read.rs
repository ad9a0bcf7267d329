//! One search of an application's log, as a value.

use std::sync::Arc;

use crate::model::log::{LogOrder, LogStream};
use crate::place::{ApplicationName, Place};

/// What is read of one stream. Equal reads are made once, whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogRead {
    pub place: Place,
    /// Whose log it is.
    pub application: ApplicationName,
    pub stream: LogStream,
    /// Milliseconds since the Unix epoch, both included.
    pub first_ms: i64,
    pub last_ms: i64,
    /// A filter pattern of CloudWatch Logs; it narrows what is sent.
    pub pattern: Option<Arc<str>>,
    pub order: LogOrder,
    /// So many lines are enough.
    pub lines: usize,
}
