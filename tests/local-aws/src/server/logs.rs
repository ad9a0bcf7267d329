//! CloudWatch Logs: groups and streams, searches, queries and tails over the events of a world.
//!
//! A page is searched in slices of time until it is full or enough was read, as the service does: pages may be partly
//! full or empty, and only a missing token ends a search.

mod event_stream;
mod filter_log_events;
mod get_log_events;
mod groups;
mod insights;
mod live_tail;
mod pattern;
mod scan;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

pub use filter_log_events::filter_log_events;
pub use get_log_events::get_log_events;
pub use groups::{describe_log_groups, describe_log_streams};
pub use insights::{Queries, get_query_results, start_query, stop_query};
pub use live_tail::{Sessions, start_live_tail};

use super::counters::Usage;
use super::error::ServiceError;
use super::faults::InjectedFault;
use crate::world::{LogEvent, LogGroup, LogStream, World};

/// Longest page, in bytes of messages.
const PAGE_BYTES: usize = 1 << 20;
const PAGE_EVENTS: i64 = 10_000;

/// An answer, the asked range in epoch seconds, and what it cost.
#[derive(Debug)]
pub struct LogAnswer {
    pub body: Value,
    pub range: (i64, i64),
    pub usage: Usage,
}

/// Reads the log groups that a caller sees, at one moment.
#[derive(Clone, Copy)]
pub struct LogReader<'a> {
    pub world: &'a dyn World,
    pub region: &'a str,
    /// Events written before this moment (epoch seconds) can be read.
    pub now: i64,
    /// The caller's account.
    pub own: &'a str,
    /// A monitoring account reads the groups of those that are linked to it, by ARN.
    pub is_monitoring: bool,
    pub fault: &'a InjectedFault,
}

impl LogReader<'_> {
    /// The groups that can be read, sorted by name.
    fn groups(&self) -> Vec<LogGroup> {
        let mut groups = self.world.log_groups(self.region, self.now);
        groups.retain(|group| self.is_monitoring || *group.account == *self.own);
        groups
    }

    fn group(&self, named: &GroupWire) -> Result<LogGroup, ServiceError> {
        let named = match (&named.log_group_name, &named.log_group_identifier) {
            (Some(name), None) => name,
            (None, Some(identifier)) => return self.group_of_identifier(identifier),
            (Some(_), Some(_)) | (None, None) => {
                return Err(ServiceError::invalid_parameter(
                    "Exactly one of logGroupName and logGroupIdentifier must be given.",
                ));
            }
        };
        self.find_group(self.own, named)
    }

    /// By name in the caller's account, or by ARN.
    fn group_of_identifier(&self, identifier: &str) -> Result<LogGroup, ServiceError> {
        if identifier.contains('*') {
            return Err(ServiceError::invalid_parameter(format!(
                "1 validation error detected: Value '{identifier}' at 'logGroupIdentifier' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: [\\w#+=/:,.@-]*"
            )));
        }
        if !identifier.starts_with("arn:") {
            return self.find_group(self.own, identifier);
        }
        let parts: Vec<&str> = identifier.splitn(7, ':').collect();
        match parts[..] {
            ["arn", _, "logs", region, account, "log-group", name] if region == self.region => {
                self.find_group(account, name)
            }
            _ => Err(ServiceError::invalid_parameter(format!(
                "{identifier} is not the ARN of a log group of this Region."
            ))),
        }
    }

    fn find_group(&self, account: &str, name: &str) -> Result<LogGroup, ServiceError> {
        let found = self.groups().into_iter().find(|group| *group.account == *account && group.name == name);
        found.ok_or_else(|| ServiceError::not_found("The specified log group does not exist."))
    }

    fn events(&self, group: &LogGroup, stream: &str, time: std::ops::Range<i64>) -> Vec<LogEvent> {
        let stream = LogStream { account: &group.account, group: &group.name, name: stream };
        self.world.log_events(self.region, stream, time, self.now)
    }

    /// Epoch milliseconds of the oldest event that is kept.
    fn oldest(&self, group: &LogGroup) -> i64 {
        group.created.max(self.now - group.retention_days * 86_400) * 1000
    }
}

fn group_arn(region: &str, group: &LogGroup) -> String {
    format!("arn:aws:logs:{region}:{}:log-group:{}", group.account, group.name)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupWire {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
}

/// A number within AWS's limits, in AWS's words.
fn limited(name: &str, value: Option<i64>, least: i64, most: i64) -> Result<Option<i64>, ServiceError> {
    let Some(number) = value else { return Ok(None) };
    let rule = if number < least {
        format!("greater than or equal to {least}")
    } else if number > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(Some(number));
    };
    Err(ServiceError::invalid_parameter(format!(
        "1 validation error detected: Value '{number}' at '{name}' failed to satisfy constraint: Member must have value {rule}"
    )))
}

/// When an event could be read first, epoch milliseconds: less than a second after it was written.
fn ingested(event: &LogEvent) -> i64 {
    event.timestamp + 40 + event.message.len() as i64 % 900
}
