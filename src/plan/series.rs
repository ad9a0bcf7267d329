//! The series of a plan: each asked once, with the queries that use it.

use std::collections::{BTreeSet, HashMap};

use super::call::SeriesKey;
use super::expr::{Grid, SeriesId};
use crate::catalog::metric::Sentinel;
use crate::place::Region;
use crate::query::TimeRange;

/// Series that may share a call: one region, one asked range.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group {
    pub region: Region,
    pub range: TimeRange,
}

/// One series and who wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedSeries {
    pub key: SeriesKey,
    pub group: Group,
    /// Epoch seconds of the first bucket and of the end of the last.
    pub first: i64,
    pub last: i64,
    /// Values that mean "no value".
    pub sentinels: &'static [Sentinel],
    /// Whether it is asked for only beside another statistic of its metric, in a call that has room: so it costs
    /// nothing. Without it the newest buckets are judged by the clock.
    pub is_spare: bool,
    /// refIds of the queries that show something made of it, in order.
    pub users: BTreeSet<String>,
}

impl PlannedSeries {
    /// How many buckets are wanted.
    pub fn points(&self) -> u64 {
        u64::try_from((self.last - self.first) / self.key.period.seconds()).unwrap_or(0)
    }
}

/// All series of the plan that is being made.
#[derive(Debug, Default)]
pub(super) struct SeriesTable {
    pub series: Vec<PlannedSeries>,
    ids: HashMap<(Group, SeriesKey), SeriesId>,
}

impl SeriesTable {
    pub fn has(&self, group: &Group, key: &SeriesKey) -> bool {
        self.ids.contains_key(&(group.clone(), key.clone()))
    }

    /// The id of a series: an equal one is widened, not asked again.
    pub fn id(&mut self, group: &Group, wanted: NewSeries) -> SeriesId {
        let NewSeries { key, grid, sentinels, is_spare } = wanted;
        let first = if is_spare { grid.first_counted() } else { grid.first() };
        let key = (group.clone(), key);
        if let Some(id) = self.ids.get(&key) {
            let series = &mut self.series[id.0 as usize];
            series.first = series.first.min(first);
            series.is_spare &= is_spare;
            series.last = series.last.max(grid.end);
            return *id;
        }
        let id = SeriesId(u32::try_from(self.series.len()).unwrap_or(u32::MAX));
        self.series.push(PlannedSeries {
            key: key.1.clone(),
            group: key.0.clone(),
            first,
            last: grid.end,
            sentinels,
            is_spare,
            users: BTreeSet::new(),
        });
        self.ids.insert(key, id);
        id
    }
}

/// One series on one grid.
pub(super) struct NewSeries {
    pub key: SeriesKey,
    pub grid: Grid,
    pub sentinels: &'static [Sentinel],
    pub is_spare: bool,
}
