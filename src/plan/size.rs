//! Whether what a query shows is small enough to be fetched, computed, sent and paid for.
//!
//! Counted in the plan and before any call: an answer that is too large costs nothing. Queries of one request share
//! their memory and their bill, so they share limits too; the first ones get them.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::Show;
use super::series::PlannedSeries;
use crate::billing::billed_metrics;
use crate::limits;
use crate::settings::costs::CostLimits;

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Lines that would be drawn.
    Lines(usize),
    /// Series that would be computed with, ranked ones among them.
    Series(usize),
    /// Points that all queries of the request up to this one would compute with.
    Points { found: u64, most: u64 },
    /// Metrics that all queries of the request up to this one would be billed for.
    Billed { found: u64, most: u64 },
}

/// What the queries of a request have taken.
#[derive(Debug, Default)]
pub struct Taken {
    limits: CostLimits,
    points: u64,
    billed: Billed,
}

/// Metrics on the bill when nothing is kept, at most: series of different periods or ranges may come to stand in
/// different calls.
#[derive(Debug, Default)]
struct Billed {
    metrics: u64,
    /// The series that are counted, and how many statistics of each metric; by their hashes, since requests can be
    /// large.
    series: HashSet<u64>,
    statistics: HashMap<u64, usize>,
}

impl Taken {
    pub fn new(limits: CostLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// What may be fetched ahead.
    pub fn of_prefetch(limits: CostLimits) -> Self {
        Self::new(CostLimits {
            request_points: limits.request_points.min(limits::PREFETCHED_POINTS),
            request_metrics: limits.request_metrics.min(limits::PREFETCHED_METRICS),
            ..limits
        })
    }

    /// The same, or what there is too much of.
    pub(super) fn check(&mut self, show: Show, series: &[PlannedSeries]) -> Show {
        match self.excess(&show, series) {
            Some(excess) => Show::TooLarge(excess),
            None => show,
        }
    }

    fn excess(&mut self, show: &Show, series: &[PlannedSeries]) -> Option<Excess> {
        if let Show::Series { lines, ranking: None } = show
            && lines.len() > limits::LINES
        {
            return Some(Excess::Lines(lines.len()));
        }
        let lines = show.lines();
        if lines.len() > limits::SERIES {
            return Some(Excess::Series(lines.len()));
        }
        let points = self.points + lines.iter().map(|line| line.grid.computed() as u64).sum::<u64>();
        if points > self.limits.request_points {
            return Some(Excess::Points { found: points, most: self.limits.request_points });
        }
        let mut used = HashSet::new();
        for line in lines {
            line.expr.visit_series(&mut |id| {
                used.insert(id.0 as usize);
            });
        }
        let used = used.into_iter().map(|index| &series[index]).filter(|series| !series.is_spare);
        if let Err(found) = self.billed.add(used, self.limits.request_metrics) {
            return Some(Excess::Billed { found, most: self.limits.request_metrics });
        }
        self.points = points;
        None
    }
}

impl Billed {
    /// Adds series, each once; nothing where that would be more metrics than `most`, but how many it would be.
    fn add<'a>(&mut self, series: impl Iterator<Item = &'a PlannedSeries>, most: u64) -> Result<(), u64> {
        let mut new = HashSet::new();
        let mut added: HashMap<u64, usize> = HashMap::new();
        for PlannedSeries { key, group, .. } in series {
            let metric = hash(&(group, &key.metric, &key.dimensions, &key.account, key.period));
            let one = hash(&(metric, &key.statistic));
            if !self.series.contains(&one) && new.insert(one) {
                *added.entry(metric).or_default() += 1;
            }
        }
        let before = |metric: &u64| self.statistics.get(metric).copied().unwrap_or_default();
        let more = added.iter().map(|(metric, count)| {
            let before = before(metric);
            billed_metrics(before + count) - billed_metrics(before)
        });
        let metrics = self.metrics + more.sum::<u64>();
        if metrics > most {
            return Err(metrics);
        }
        self.metrics = metrics;
        self.series.extend(new);
        for (metric, count) in added {
            *self.statistics.entry(metric).or_default() += count;
        }
        Ok(())
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::catalog::statistic::Statistic;
    use crate::model::series::Dimensions;
    use crate::period::Period;
    use crate::place::{ApplicationName, Region};
    use crate::plan::call::SeriesKey;
    use crate::plan::expr::{Expr, Grid};
    use crate::plan::line::{Line, Measure, Ranking, Target};
    use crate::plan::series::Group;
    use crate::query::TimeRange;

    /// So many lines of so many points each.
    fn lines(count: usize, points: i64) -> Vec<Line> {
        let target = Target {
            application: ApplicationName::from("orders"),
            account: None,
            region: Region::from("eu-west-1"),
            task: None,
            operator: None,
            subtask: None,
            dimensions: Vec::new(),
        };
        let measure = Arc::new(Measure::named("busy"));
        let grid = Grid { start: 0, end: points * 60, period: Period::MINUTE, lookback: 0, open: None, arriving: None };
        vec![Line { target, measure, grid, expr: Expr::Constant(1.0) }; count]
    }

    fn excess(taken: &mut Taken, lines: Vec<Line>, ranking: Option<Ranking>) -> Option<Excess> {
        match taken.check(Show::Series { lines, ranking }, &[]) {
            Show::TooLarge(excess) => Some(excess),
            Show::Series { .. }
            | Show::Fleet(_)
            | Show::Operators { .. }
            | Show::Summary(_)
            | Show::Facts(_)
            | Show::Logs(_) => None,
        }
    }

    #[test]
    fn lines_series_and_points_have_an_end() {
        let fresh = |lines, ranking| excess(&mut Taken::default(), lines, ranking);
        assert_eq!(fresh(lines(limits::LINES, 1), None), None);
        assert_eq!(fresh(lines(limits::LINES + 1, 1), None), Some(Excess::Lines(limits::LINES + 1)));
        // Of these the highest are drawn.
        let top = |count| Some(Ranking { count: 3, by: lines(count, 1) });
        assert_eq!(fresh(lines(limits::LINES + 1, 1), top(limits::LINES + 1)), None);
        assert_eq!(fresh(lines(limits::SERIES, 1), top(1)), Some(Excess::Series(limits::SERIES + 1)));
        assert_eq!(fresh(lines(2000, 10_000), None), None);
        let too_many = Excess::Points { found: 20_002_000, most: limits::REQUEST_POINTS };
        assert_eq!(fresh(lines(2000, 10_001), None), Some(too_many));
    }

    fn series(metric: &str, statistics: &[&str], minutes: i64) -> Vec<PlannedSeries> {
        let of = |statistic: &&str| PlannedSeries {
            key: SeriesKey {
                metric: Arc::from(metric),
                dimensions: Dimensions::new(Vec::new()),
                account: None,
                period: Period::from_seconds(minutes * 60).unwrap(),
                statistic: Statistic::parse(statistic).unwrap(),
            },
            group: Group { region: Region::from("eu-west-1"), range: TimeRange { from_ms: 0, to_ms: 3_600_000 } },
            first: 0,
            last: 3600,
            sentinels: &[],
            is_spare: false,
            users: BTreeSet::new(),
        };
        statistics.iter().map(of).collect()
    }

    #[test]
    fn a_request_is_billed_for_each_metric_and_period_once_and_for_nothing_that_is_refused() {
        let mut billed = Billed::default();
        let mut add = |series: Vec<PlannedSeries>| billed.add(series.iter(), 3);
        assert_eq!(add(series("a", &["Sum", "Average", "Minimum"], 1)), Ok(()));
        assert_eq!(add(series("a", &["Sum", "Maximum", "SampleCount"], 1)), Ok(()), "five statistics are one metric");
        assert_eq!(add(series("a", &["p90"], 1)), Ok(()));
        assert_eq!(add([series("a", &["Sum"], 5), series("b", &["Sum"], 1)].concat()), Err(4));
        assert_eq!(add(series("b", &["Sum"], 1)), Ok(()));
        assert_eq!(add(series("c", &["Sum"], 1)), Err(4));
    }

    #[test]
    fn the_queries_of_a_request_share_their_points_and_a_refused_one_takes_none() {
        let mut taken = Taken::default();
        assert_eq!(excess(&mut taken, lines(1000, 10_000), None), None);
        assert_eq!(excess(&mut taken, lines(999, 10_000), None), None);
        assert_eq!(
            excess(&mut taken, lines(2, 10_000), None),
            Some(Excess::Points { found: 20_010_000, most: 20_000_000 })
        );
        assert_eq!(excess(&mut taken, lines(1, 10_000), None), None);
    }
}
