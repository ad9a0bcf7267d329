//! How one line is computed from series: an expression over columns, bound to the plan's series.
//!
//! An expression is a value; `compute::evaluate` computes it. Every column of one expression has the same grid.

use crate::period::Period;

/// Index of a series in [`super::Plan::series`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub u32);

/// A formula over series. Null (NaN) in, null out, unless said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// The values, without the metric's sentinels.
    Series(SeriesId),
    /// The same, without those of buckets of which samples may still arrive.
    Arrived(Arrived),
    Constant(f64),
    /// Total per second of a rate that every subtask reports four times a minute.
    Total(Sampled),
    /// Total of a counter that every subtask reports four times a minute: the mean times the subtasks.
    Level(Sampled),
    Scale(f64, Box<Expr>),
    /// The sum, highest, lowest or mean of those that are not null.
    Sum(Vec<Expr>),
    Max(Vec<Expr>),
    Min(Vec<Expr>),
    Mean(Vec<Expr>),
    Difference(Box<Expr>, Box<Expr>),
    /// Null where the divisor is 0.
    Ratio(Box<Expr>, Box<Expr>),
    /// What was added since the last value. A fall counts as 0: counters restart.
    Increase(Box<Expr>),
    /// What was added to a counter that every subtask keeps.
    SubtaskIncrease(Counter),
    /// What was added to a counter that the job reports as a whole. After a fall it counts on from 0.
    JobIncrease {
        maximum: Box<Expr>,
        minimum: Box<Expr>,
    },
    /// Milliseconds from an epoch time in milliseconds to the samples of the bucket.
    TimeSince(Box<Expr>),
    /// Seconds until a falling lag is gone, at its mean speed over the last five minutes; null while it does not fall.
    /// A lag below `caught_up` is gone.
    TimeToCatchUp {
        lag: Box<Expr>,
        caught_up: f64,
    },
    /// What was added per second over the last five minutes.
    Rise(Box<Expr>),
    /// The value over the one as many buckets before as the grid looks back.
    Growth(Box<Expr>),
    /// Seconds per event, from the events in so many seconds.
    Interval {
        events: Box<Expr>,
        seconds: i64,
    },
    /// Share of each bucket in which the job ran, from the extremes and the sum of its uptime in milliseconds.
    Availability {
        maximum: Box<Expr>,
        minimum: Box<Expr>,
        sum: Box<Expr>,
    },
    /// What is computed in the shorter buckets of a grid of its own, as one value per bucket of the line: a counter
    /// that starts anew within a long bucket shows neither where it stood nor where it stands.
    Finer {
        inner: Box<Expr>,
        grid: Grid,
        fold: Fold,
    },
    /// Share of time from milliseconds of collection time, published as a running total.
    GcShare(Box<Expr>),
    /// How far the highest and the lowest of some event times are apart. Both move with the clock, and a bucket has the
    /// highest of its end and the lowest of its start; so they are compared where two buckets meet.
    Spread {
        highest: Box<Expr>,
        lowest: Box<Expr>,
    },
    /// What enters a sink, unless it is less than a thousandth of what the tasks before it emit: then this is not where
    /// the records go, and all is null.
    Fed {
        into: Box<Expr>,
        from: Box<Expr>,
    },
    /// The first, unless it is null or 0 all the way.
    Otherwise(Box<Expr>, Box<Expr>),
}

/// `Sum` and `SampleCount` of one metric, billed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    pub sum: SeriesId,
    pub count: SeriesId,
}

/// All that CloudWatch keeps of a counter: `Sum` and `SampleCount`, and the extremes, which tell a restart from lost
/// samples; billed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    pub sampled: Sampled,
    pub highest: SeriesId,
    pub lowest: SeriesId,
}

/// One statistic, and the `SampleCount` that says which buckets are complete; billed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    pub value: SeriesId,
    pub count: SeriesId,
    pub reading: Reading,
}

/// What a part of the samples of a bucket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// About what all of them say, where it is the part of some minutes.
    Level,
    /// Less than all of them: a sum, or a counter.
    Amount,
}

/// How the values of shorter buckets become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    Sum,
    Mean,
    Max,
}

/// Which buckets of a series a line is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    All,
    /// Those from [`Grid::first_counted`] on.
    Counted,
}

impl Expr {
    pub fn scaled(self, factor: f64) -> Self {
        if factor == 1.0 { self } else { Self::Scale(factor, Box::new(self)) }
    }

    /// Null in every bucket.
    pub fn nothing() -> Self {
        Self::Sum(Vec::new())
    }

    pub fn increase(self) -> Self {
        Self::Increase(Box::new(self))
    }

    pub fn ratio(self, divisor: Self) -> Self {
        Self::Ratio(Box::new(self), Box::new(divisor))
    }

    /// Whether it is made of counters that every subtask keeps.
    pub fn counts_subtasks(&self) -> bool {
        let is_of_subtasks = |parts: &[Self]| parts.iter().any(Self::counts_subtasks);
        matches!(self, Self::SubtaskIncrease(_)) || matches!(self, Self::Sum(parts) if is_of_subtasks(parts))
    }

    /// Calls `visit` for every series of the expression.
    pub fn visit_series(&self, visit: &mut impl FnMut(SeriesId)) {
        self.visit_uses(&mut |id, _| visit(id));
    }

    /// The same, with the buckets of it that are needed.
    pub fn visit_uses(&self, visit: &mut impl FnMut(SeriesId, Needed)) {
        match self {
            Self::Series(id) => visit(*id, Needed::All),
            Self::Arrived(arrived) => {
                visit(arrived.value, Needed::All);
                visit(arrived.count, Needed::Counted);
            }
            Self::Constant(_) => {}
            Self::Total(sampled) | Self::Level(sampled) => {
                visit(sampled.sum, Needed::All);
                visit(sampled.count, Needed::All);
            }
            Self::SubtaskIncrease(Counter { sampled: Sampled { sum, count }, highest, lowest }) => {
                [sum, count, highest, lowest].into_iter().for_each(|id| visit(*id, Needed::All));
            }
            Self::Sum(parts) | Self::Max(parts) | Self::Min(parts) | Self::Mean(parts) => {
                parts.iter().for_each(|part| part.visit_uses(visit));
            }
            Self::Difference(a, b) | Self::Ratio(a, b) | Self::Otherwise(a, b) | Self::Fed { into: a, from: b } => {
                a.visit_uses(visit);
                b.visit_uses(visit);
            }
            Self::JobIncrease { maximum, minimum } | Self::Spread { highest: maximum, lowest: minimum } => {
                maximum.visit_uses(visit);
                minimum.visit_uses(visit);
            }
            Self::Availability { maximum, minimum, sum } => {
                [maximum, minimum, sum].iter().for_each(|part| part.visit_uses(visit));
            }
            Self::Scale(_, inner)
            | Self::Increase(inner)
            | Self::TimeSince(inner)
            | Self::TimeToCatchUp { lag: inner, .. }
            | Self::Interval { events: inner, .. }
            | Self::Finer { inner, .. }
            | Self::Rise(inner)
            | Self::Growth(inner)
            | Self::GcShare(inner) => inner.visit_uses(visit),
        }
    }
}

/// Complete buckets that say how many samples are usual.
pub const COUNTED_BEFORE: i64 = 5;

/// How long before and after its own bucket what was counted in it may be told: where samples of it were lost, the
/// complete ones around it say what was counted. Of 60 subtasks hardly every second minute is complete.
pub const SECONDS_AROUND: i64 = 900;

/// So many buckets before its own a count is made of.
pub fn counted_before(period: Period) -> i64 {
    (SECONDS_AROUND / period.seconds()).max(1)
}

/// At least so many buckets after its own.
const LEAST_AFTER: i64 = 5;

/// So many buckets after its own a count is made of at most.
pub fn counted_after(period: Period) -> i64 {
    counted_before(period).max(LEAST_AFTER)
}

/// Buckets that CloudWatch may not have completely yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arriving {
    /// Start of the first, in epoch seconds.
    pub from: i64,
    /// Start of the first that is usually not complete yet.
    pub usually_from: i64,
    pub incomplete: Incomplete,
}

/// What becomes of a bucket of which samples are missing that may still arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Incomplete {
    /// Of a long bucket the rest is taken to be like what is there, once that is enough. A short one has no value yet.
    Estimated,
    /// It has no value yet.
    LeftOut,
}

/// The buckets of one line: those that start in `start..end` are shown; `lookback` more before them are only computed
/// with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grid {
    /// Epoch seconds, aligned to the period.
    pub start: i64,
    pub end: i64,
    pub period: Period,
    pub lookback: i64,
    /// The start of the bucket that is still being filled, where it is part of the grid.
    pub open: Option<i64>,
    /// The newest buckets, the open one among them, where they are part of the grid.
    pub arriving: Option<Arriving>,
}

impl Grid {
    /// Start of the first computed bucket.
    pub fn first(&self) -> i64 {
        self.start - self.lookback * self.period.seconds()
    }

    /// Number of computed buckets, those of the lookback among them.
    pub fn computed(&self) -> usize {
        usize::try_from((self.end - self.first()) / self.period.seconds()).unwrap_or(0)
    }

    /// Number of buckets that are not shown.
    pub fn hidden(&self) -> usize {
        usize::try_from(self.lookback).unwrap_or(0)
    }

    /// Start of the first bucket whose samples are counted: some before those that may still be arriving.
    pub fn first_counted(&self) -> i64 {
        let counted = |arriving: Arriving| arriving.from - COUNTED_BEFORE * self.period.seconds();
        self.arriving.map_or(self.first(), counted).max(self.first())
    }

    /// Index of the first computed bucket that may still be arriving; the number of buckets where none is.
    pub fn arriving_index(&self) -> usize {
        self.index(self.arriving.map(|arriving| arriving.from))
    }

    /// Index of the first computed bucket that is usually not complete yet.
    pub fn usually_arriving_index(&self) -> usize {
        self.index(self.arriving.map(|arriving| arriving.usually_from))
    }

    fn index(&self, start: Option<i64>) -> usize {
        let index = |start: i64| usize::try_from((start - self.first()) / self.period.seconds()).unwrap_or(0);
        start.map_or(self.computed(), |start| index(start).min(self.computed()))
    }
}
