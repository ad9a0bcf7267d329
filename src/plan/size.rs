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
pub(super) struct Taken(u64);

impl Taken {
    /// The same, or what there is too much of.
    pub fn check(&mut self, show: Show) -> Show {
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
