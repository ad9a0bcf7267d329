//! Whether what a query shows is small enough to be fetched, computed and sent.
//!
//! Counted in the plan and before any call: an answer that is too large costs nothing. Queries of one request share their memory, so they
//! share a limit too; the first ones get it.

use super::Show;
use crate::limits;

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Lines that would be drawn.
    Lines(usize),
    /// Series that would be computed with, ranked ones among them.
    Series(usize),
    /// Points that would be computed with.
    Points(u64),
    /// Points of all queries of the request up to this one.
    RequestPoints(u64),
}

/// The points that the queries of a request have taken.
#[derive(Debug, Default)]
pub struct Taken(u64);

impl Taken {
    /// The same, or what there is too much of.
    pub(super) fn check(&mut self, show: Show) -> Show {
        match self.excess(&show) {
            Some(excess) => Show::TooLarge(excess),
            None => show,
        }
    }

    fn excess(&mut self, show: &Show) -> Option<Excess> {
        if let Show::Series { lines, ranking: None } = show
            && lines.len() > limits::LINES
        {
            return Some(Excess::Lines(lines.len()));
        }
        let lines = show.lines();
        if lines.len() > limits::SERIES {
            return Some(Excess::Series(lines.len()));
        }
        let points: u64 = lines.iter().map(|line| line.grid.computed() as u64).sum();
        if points > limits::QUERY_POINTS {
            return Some(Excess::Points(points));
        }
        let together = self.0 + points;
        if together > limits::REQUEST_POINTS {
            return Some(Excess::RequestPoints(together));
        }
        self.0 = together;
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::period::Period;
    use crate::place::{ApplicationName, Region};
    use crate::plan::expr::{Expr, Grid};
    use crate::plan::line::{Line, Measure, Ranking, Target};

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
        match taken.check(Show::Series { lines, ranking }) {
            Show::TooLarge(excess) => Some(excess),
            Show::Series { .. } | Show::Fleet(_) | Show::Operators { .. } | Show::Summary(_) | Show::Facts(_) => None,
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
        assert_eq!(fresh(lines(1000, 10_000), None), None);
        assert_eq!(fresh(lines(1001, 10_000), None), Some(Excess::Points(10_010_000)));
    }

    #[test]
    fn the_queries_of_a_request_share_their_points_and_a_refused_one_takes_none() {
        let mut taken = Taken::default();
        assert_eq!(excess(&mut taken, lines(1000, 10_000), None), None);
        assert_eq!(excess(&mut taken, lines(999, 10_000), None), None);
        assert_eq!(excess(&mut taken, lines(2, 10_000), None), Some(Excess::RequestPoints(20_010_000)));
        assert_eq!(excess(&mut taken, lines(1, 10_000), None), None);
    }
}
