//! How much one request may ask for and get: limits on everything that a viewer's input decides.
//!
//! Whoever may look at a dashboard may send any query, and all data sources share one process. So what is sent is
//! measured before any work is done, and refused with a sentence that says what to change. The limits lie far above
//! what dashboards and alert rules need: nobody meets one by accident. Calls to AWS have limits of their own
//! (`settings::CallLimits`), and so has the cache.

use std::borrow::Cow;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Queries of one request: those of one panel or alert rule. Grafana's editor names them A to Z and goes on; few panels
/// have ten.
pub const QUERIES: usize = 100;

/// Bytes of a refId. It stands in each frame of the answer.
pub const REF_ID_BYTES: usize = 128;

/// Bytes of a query's JSON, fields that nobody knows among them. The largest that the editor writes is below 4 KiB.
pub const QUERY_BYTES: usize = 256 * KIB;

/// Bytes of a drop-down's URL: the names of all applications of a large account fit.
pub const URL_BYTES: usize = 64 * KIB;

/// Bytes of one text of a query. CloudWatch's longest names have 1,024 characters (value of a dimension).
pub const TEXT_BYTES: usize = 4 * KIB;

/// Bytes of a name that is repeated in a sentence.
pub const NAME_SHOWN_BYTES: usize = 256;

/// Entries of one list of a query or drop-down: more names than one dashboard can show.
pub const LIST_ENTRIES: usize = 500;

/// Patterns of one query or drop-down, in all of its fields. Several names are one pattern, `/a|b/`.
pub const PATTERNS: usize = 16;

/// Different patterns of all queries of a request, prefetched ones among them. In a panel, queries mostly share theirs.
pub const REQUEST_PATTERNS: usize = 64;

/// Bytes of one pattern as it is written.
pub const PATTERN_BYTES: usize = KIB;

/// Bytes of one pattern as it is compiled: `\w+-\w+-\w+-\w+` takes 81 KiB, most take 2 to 20. All patterns of a request
/// then take 6 MiB.
pub const PATTERN_COMPILED_BYTES: usize = 96 * KIB;

/// Bytes of the table with which a pattern is matched faster; without room it is matched more slowly.
pub const PATTERN_TABLE_BYTES: usize = 128 * KIB;

/// Bytes of a legend as it is written, and as it stands at a line. It is sent with each line twice.
pub const LEGEND_BYTES: usize = 512;
pub const LEGEND_SHOWN_BYTES: usize = KIB;

/// The text of a query's calls in the inspector: bytes, and queries that are named at a series.
pub const EXECUTED_BYTES: usize = 32 * KIB;
pub const EXECUTED_USERS: usize = 8;

/// Series that one query may compute with, those among them that only rank others. An application that publishes at
/// PARALLELISM level has some 15,000; a table of 1,000 applications with their health needs 30,000.
pub const SERIES: usize = 50_000;

/// Lines of one query's answer. A browser draws some hundreds.
pub const LINES: usize = 2_000;

/// Points that all queries of a request together may compute with, eight bytes each, unless the data source's settings
/// say otherwise.
pub const REQUEST_POINTS: u64 = 20_000_000;

/// Points, and metrics on the bill, that a request may fetch ahead for other panels: ten times what a dashboard of 30
/// panels asks. What a viewer planted is fetched on behalf of the next one, so it must be cheap.
pub const PREFETCHED_POINTS: u64 = 2_000_000;
pub const PREFETCHED_METRICS: u64 = 2_000;

/// Bytes of the answer to one request. Grafana holds it about three times.
pub const ANSWER_BYTES: usize = 128 * MIB;

/// Bytes of one text in the log.
pub const LOG_TEXT_BYTES: usize = 2 * KIB;

/// Lines of one query about logs (FilterLogEvents' own limit for a page), and those that a panel gets by itself.
pub const LOG_LINES: usize = 10_000;
pub const LOG_LINES_BY_DEFAULT: usize = 500;

/// Bytes and pages that are read for one search of a log. CloudWatch sends 1 MiB a page, and any number of empty ones.
pub const LOG_READ_BYTES: usize = 32 * MIB;
pub const LOG_READ_PAGES: u32 = 100;

/// Applications of one query about logs: each costs a call, and CloudWatch Logs takes five a second in some regions.
pub const LOG_APPLICATIONS: usize = 50;

/// Bytes of one line of an application's log. Its longest stack traces have some KiB; CloudWatch takes up to 1 MiB.
pub const LOG_LINE_BYTES: usize = 64 * KIB;

/// Failed queries of one request that the log names.
pub const LOG_FAILURES: usize = 5;

/// Bytes of one answer of AWS. A full page of GetMetricData has less than 3 MiB.
pub const AWS_BODY_BYTES: usize = 64 * MIB;

/// A job plan: tasks, operators of a task, and how deep they may nest. A job of Flink has tens of tasks.
pub const JOB_PLAN_TASKS: usize = 2_000;
pub const TASK_OPERATORS: usize = 1_000;
pub const OPERATOR_DEPTH: usize = 500;

/// A text that is no longer than so many bytes, and says so where it was cut.
pub fn cut(text: &str, bytes: usize) -> Cow<'_, str> {
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(bytes);
    Cow::Owned(format!("{}… ({} bytes)", &text[..end], text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("éé", 3), "é… (4 bytes)");
        assert_eq!(cut(&"a".repeat(4_000_000), 3), "aaa… (4000000 bytes)");
    }
}
