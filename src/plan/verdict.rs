//! The window that a verdict rests on: the end of a range, in the shortest buckets that there are, whatever the range
//! and period of the table.

use super::expr::Grid;
use super::grid::{self, Use};
use super::series::Group;
use crate::period::Period;
use crate::query::{PeriodWish, Query, TimeRange};

pub(super) struct VerdictWindow {
    /// The table's, about the window only.
    query: Query,
    now_ms: i64,
}

impl VerdictWindow {
    /// So many seconds before the end of the range, or before now.
    pub fn new(table: &Query, seconds: i64, now_ms: i64) -> Self {
        let to_ms = table.range.to_ms.min(now_ms);
        let range = TimeRange { from_ms: to_ms - seconds * 1000, to_ms };
        Self { query: Query { range, period: PeriodWish::Auto, ..table.clone() }, now_ms }
    }

    /// In buckets of at least `minimum` seconds.
    pub fn grid(&self, usage: Use, minimum: i64, lookback_seconds: i64) -> Grid {
        let (period, _) = grid::choose_period(&self.query, usage, minimum, self.now_ms);
        let (least, before) = (grid::least_periods(minimum), grid::buckets_before(lookback_seconds, period));
        grid::choose_grid(&self.query, (period, least), before, self.now_ms)
    }

    /// The group of series of this period, where that is not the table's. Where the table has the period, one series
    /// serves both; else the table's days would be asked for in the verdict's minutes.
    pub fn group(&self, whole: &Group, (table, period): (&Query, Period)) -> Option<Group> {
        let (of_table, _) = grid::choose_period(table, Use::Cells, period.seconds(), self.now_ms);
        (of_table != period).then(|| Group { range: self.query.range, ..whole.clone() })
    }
}
