//! What the operators of sinks are called, where the name does not follow Flink's own pattern (`…: Writer`, `…:
//! Committer`).
//!
//! Table formats write with operators of their own, and put committers, compaction, clean-up and a sink that discards
//! everything behind them. Flink calls that last one `Sink: …`, although no record of the job reaches it. Names are
//! those of the sources of Iceberg (`FlinkSink`), Hudi (`Pipelines`), Paimon (`FlinkSink`) and Flink's file and Hive
//! tables (`StreamingSink`).

use super::names::clean;

/// What an operator of a sink does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkPart {
    /// Takes the records.
    Writer,
    /// Follows a writer: gets what is to be committed, compacted or cleaned, a few messages per checkpoint.
    Follower,
}

/// How a row's name stands in an operator's name.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// At its start; a table's name or nothing follows.
    Start,
    /// Anywhere: authors may set a prefix and a suffix.
    Within,
    Whole,
}

use Place::{Start, Whole, Within};
use SinkPart::{Follower, Writer};

/// Cleaned names, without `Sink:_` in front.
const ROWS: &[(&str, Place, SinkPart)] = &[
    // Iceberg.
    ("IcebergStreamWriter", Within, Writer),
    ("IcebergFilesCommitter", Within, Follower),
    ("IcebergSink_", Within, Follower),
    // Hudi; the table's name follows after a colon from 0.12 on.
    ("stream_write", Start, Writer),
    ("hoodie_stream_write", Start, Writer),
    ("bucket_write", Start, Writer),
    ("consistent_bucket_write", Start, Writer),
    ("hoodie_append_write", Start, Writer),
    ("hoodie_bulk_insert_write", Start, Writer),
    ("bucket_bulk_insert", Start, Writer),
    ("compact_plan_generate", Start, Follower),
    ("compact_task", Start, Follower),
    ("compact_commit", Start, Follower),
    ("cluster_plan_generate", Start, Follower),
    ("clustering_plan_generate", Start, Follower),
    ("clustering_task", Start, Follower),
    ("clustering_commit", Start, Follower),
    ("clean_commits", Start, Follower),
    ("dummy", Whole, Follower),
    // Paimon.
    ("Writer_:_", Start, Writer),
    ("Writer_write_only_", Start, Writer),
    ("CDC_MultiplexWriter", Within, Writer),
    ("Global_Committer", Within, Follower),
    ("Compact_Coordinator", Within, Follower),
    ("Compact_Worker", Within, Follower),
    ("end", Whole, Follower),
    ("END", Whole, Follower),
    // Flink's file and Hive tables.
    ("StreamingFileWriter", Within, Writer),
    ("streaming_writer", Within, Writer),
    ("PartitionCommitter", Within, Follower),
    ("partition_committer", Within, Follower),
    ("compact_coordinator", Start, Follower),
    ("compact_operator", Start, Follower),
];

/// What an operator of this name does, raw or cleaned; None where it is in no row.
pub fn part(operator: &str) -> Option<SinkPart> {
    let cleaned = clean(operator);
    if cleaned.ends_with(":_Writer") {
        return None;
    }
    let name = cleaned.strip_prefix("Sink:_").unwrap_or(&cleaned);
    let is_row = |(row, place, _): &&(&str, Place, SinkPart)| match place {
        Start => name
            .strip_prefix(row)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || row.ends_with('_')),
        Within => name.contains(row),
        Whole => name == *row,
    };
    ROWS.iter().find(is_row).map(|(_, _, part)| *part)
}

/// ` -> ` between two chained operators, cleaned.
const ARROW: &str = "____";

/// Whether a task's cleaned name has an operator that does this.
pub fn task_has(task: &str, wanted: SinkPart) -> bool {
    task.split(ARROW).any(|operator| part(operator.trim_matches('_')) == Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_of_table_formats_are_known_by_their_names() {
        let writers = [
            "IcebergStreamWriter",
            "orders-IcebergStreamWriter",
            "bucket_write: prices",
            "stream_write",
            "Writer : prices",
            "Writer(write-only) : prices",
            "StreamingFileWriter",
        ];
        let followers = [
            "IcebergFilesCommitter",
            "Sink: IcebergSink glue.default.prices_iceberg",
            "Sink: clean_commits",
            "compact_plan_generate",
            "Global Committer : prices",
            "Sink: end",
            "PartitionCommitter",
        ];
        let others = [
            "Map",
            "Sink: prices: Writer",
            "Sink: weekend",
            "Sink: endless",
            "bucket_writer_of_mine",
            "Writer of mine",
        ];
        for (names, expected) in [(&writers[..], Some(Writer)), (&followers[..], Some(Follower)), (&others[..], None)] {
            for name in names {
                assert_eq!(part(name), expected, "{name}");
                assert_eq!(part(&clean(name)), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_chain_has_what_its_operators_do() {
        assert!(task_has("Source:_DataGen____Map____IcebergStreamWriter", Writer));
        assert!(task_has("IcebergFilesCommitter____Sink:_IcebergSink_glue.default.prices", Follower));
        assert!(task_has("bucket_write:_prices____Sink:_clean_commits", Writer));
        assert!(!task_has("Source:_DataGen____Map", Writer));
    }
}
