//! The checkpoint view of applications.

use super::error::QueryError;
use super::signals::{self, AskedSignal, ChosenBy};
use super::wire::Fields;
use super::{Kind, KindRow};

pub(super) const KIND: KindRow = KindRow {
    name: "checkpoint",
    fields: &["signals", "as", "statistic", "period", "legend"],
    is_prefetched: true,
    parse: |fields, _patterns| Ok(Kind::Checkpoint(parse_checkpoint(fields)?)),
};

/// A checkpoint query.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckpointQuery {
    /// At least one; the summary has its own rows.
    pub signals: Vec<AskedSignal>,
    pub chosen_by: ChosenBy,
    pub shape: CheckpointShape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointShape {
    Series,
    /// Latest, minimum, average and maximum, as in Flink's own UI.
    Summary,
}

const DEFAULT_SIGNALS: &[&str] = &[
    "checkpointDuration",
    "checkpointSize",
    "checkpointsCompleted",
    "checkpointsFailed",
    "checkpointSuccessRatio",
    "checkpointInterval",
    "checkpointPressure",
];

impl CheckpointQuery {
    /// Whether all signals are asked for, as without any.
    pub fn has_default_signals(&self) -> bool {
        self.signals.iter().map(AskedSignal::id).eq(DEFAULT_SIGNALS.iter().copied())
    }
}

fn parse_checkpoint(fields: &Fields) -> Result<CheckpointQuery, QueryError> {
    let choices = [("series", CheckpointShape::Series), ("summary", CheckpointShape::Summary)];
    let shape = fields.choice("as", CheckpointShape::Series, &choices)?;
    let (signals, chosen_by) = signals::parse_signals(fields, DEFAULT_SIGNALS)?;
    Ok(CheckpointQuery { signals, chosen_by, shape })
}
