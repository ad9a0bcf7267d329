//! Computes expressions over the columns that came back. Pure arithmetic on vectors; NaN is null throughout.
//!
//! The surprise is [`Expr::Total`]: neither `Sum/4` nor `Average × subtasks` is right alone, see `totals`.

use super::arriving::Edge;
use super::availability;
use super::columns::Columns;
use super::counter::{self, Beyond, Reach};
use super::increase::{increase, interval, job_increase};
use super::totals::{Kind, Sampling, totals};
use super::trend::falling_speed;
use crate::plan::Plan;
use crate::plan::expr::{
    Counter, Expr, Fold, Grid, Incomplete, Reading, Sampled, SeriesId, counted_after, counted_before,
};
use crate::plan::line::Line;

/// Flink's reporter sends every value four times a minute (AWS, "Metrics and dimensions": 4 snapshots per minute).
const SAMPLES_PER_MINUTE: f64 = 4.0;

/// A sample lies on average half of the 15 s between two samples after the start of its bucket.
const SAMPLE_OFFSET_MS: f64 = 7500.0;

/// A panel shows a bucket that is not complete once it has the samples of so many seconds: the last minute of them, of
/// which those of some containers may still be missing, weighs little then.
const ENOUGH_SECONDS: f64 = 300.0;

/// The speed of a lag is taken over this many seconds, so that one noisy point does not decide.
const TREND_SECONDS: i64 = 300;

/// The values of the shown buckets of a line.
pub fn evaluate(line: &Line, plan: &Plan, columns: &Columns<'_>) -> Vec<f64> {
    let mut values = evaluate_all(line, plan, columns);
    values.drain(..line.grid.hidden().min(values.len()));
    values
}

/// The same, and before them those of the buckets that are only computed with.
pub fn evaluate_all(line: &Line, plan: &Plan, columns: &Columns<'_>) -> Vec<f64> {
    Evaluation { plan, columns, grid: line.grid }.compute(&line.expr)
}

struct Evaluation<'a> {
    plan: &'a Plan,
    columns: &'a Columns<'a>,
    grid: Grid,
}

impl Evaluation<'_> {
    /// One value per computed bucket.
    fn compute(&self, expr: &Expr) -> Vec<f64> {
        match expr {
            Expr::Series(id) => self.series(*id),
            Expr::Arrived(arrived) => {
                let counts = self.columns.column(arrived.count, self.grid);
                self.edge(arrived.reading).hold_back(self.series(arrived.value), &counts)
            }
            Expr::Constant(value) => vec![*value; self.grid.computed()],
            Expr::Total(sampled) => self.sampled(*sampled, Kind::Rate),
            Expr::Level(sampled) => self.sampled(*sampled, Kind::Counter),
            Expr::Scale(factor, inner) => map(self.compute(inner), |value| value * factor),
            Expr::Sum(parts) => self.fold(parts, |a, b| a + b),
            Expr::Max(parts) => self.fold(parts, f64::max),
            Expr::Min(parts) => self.fold(parts, f64::min),
            Expr::Mean(parts) => self.mean(parts),
            Expr::Difference(a, b) => zip(self.compute(a), &self.compute(b), |a, b| a - b),
            Expr::Ratio(a, b) => zip(self.compute(a), &self.compute(b), |a, b| if b == 0.0 { f64::NAN } else { a / b }),
            Expr::Increase(inner) => increase(&self.closed(self.compute(inner)), self.reach().before),
            Expr::SubtaskIncrease(counter) => self.subtask_increase(*counter),
            Expr::JobIncrease { maximum, minimum } => {
                let (maximum, minimum) = (self.closed(self.compute(maximum)), self.closed(self.compute(minimum)));
                job_increase(&maximum, &minimum, self.reach())
            }
            Expr::TimeSince(inner) => self.time_since(self.compute(inner)),
            Expr::TimeToCatchUp { lag, caught_up } => self.time_to_catch_up(&self.compute(lag), *caught_up),
            Expr::Interval { events, seconds } => interval(&self.compute(events), *seconds as f64),
            Expr::Availability { maximum, minimum, sum } => {
                let (highest, lowest, sum) = (self.compute(maximum), self.compute(minimum), self.compute(sum));
                availability::shares(&availability::Columns { highest, lowest, sum }, self.seconds() * 1000.0)
            }
            Expr::Finer { inner, grid, fold } => self.fold_finer(inner, &Evaluation { grid: *grid, ..*self }, *fold),
            Expr::Rise(inner) => self.rise(&self.compute(inner)),
            Expr::Growth(inner) => self.growth(&self.compute(inner)),
            Expr::GcShare(inner) => self.gc_share(&self.compute(inner)),
            Expr::Spread { highest, lowest } => spread(&self.compute(highest), &self.compute(lowest), self.seconds()),
            Expr::Fed { into, from } => {
                let (into, from) = (self.compute(into), self.compute(from));
                if is_fed(&into, &from) { into } else { vec![f64::NAN; into.len()] }
            }
            Expr::Otherwise(first, second) => {
                let preferred = self.compute(first);
                let says_nothing = preferred.iter().all(|value| value.is_nan() || *value == 0.0);
                if says_nothing { self.compute(second) } else { preferred }
            }
        }
    }

    fn series(&self, id: SeriesId) -> Vec<f64> {
        let planned = &self.plan.series[id.0 as usize];
        let mut values = self.columns.column(id, self.grid);
        if !planned.sentinels.is_empty() {
            for value in &mut values {
                if planned.sentinels.iter().any(|sentinel| sentinel.hides(*value)) {
                    *value = f64::NAN;
                }
            }
        }
        values
    }

    fn sampled(&self, sampled: Sampled, kind: Kind) -> Vec<f64> {
        let sums = self.columns.column(sampled.sum, self.grid);
        let counts = self.columns.column(sampled.count, self.grid);
        totals(&sums, &counts, Sampling { expected: self.samples(), kind, edge: self.edge(Reading::Level) })
    }

    /// Which of the newest buckets have a value.
    fn edge(&self, reading: Reading) -> Edge {
        let incomplete = self.grid.arriving.map_or(Incomplete::LeftOut, |arriving| arriving.incomplete);
        let enough = match (incomplete, reading) {
            (Incomplete::Estimated, Reading::Level) => (ENOUGH_SECONDS / self.seconds()).min(1.0),
            (Incomplete::Estimated | Incomplete::LeftOut, _) => 1.0,
        };
        let arriving = self.grid.arriving_index();
        let by_clock = match incomplete {
            Incomplete::LeftOut => arriving,
            Incomplete::Estimated if enough < 1.0 => usize::MAX,
            Incomplete::Estimated => self.grid.usually_arriving_index(),
        };
        Edge { arriving, by_clock, enough }
    }

    fn seconds(&self) -> f64 {
        self.grid.period.seconds() as f64
    }

    /// Samples that one subtask sends per bucket.
    fn samples(&self) -> f64 {
        SAMPLES_PER_MINUTE * self.seconds() / 60.0
    }

    fn subtask_increase(&self, counter: Counter) -> Vec<f64> {
        let column = |id| self.columns.column(id, self.grid);
        let samples = counter::Samples {
            sums: column(counter.sampled.sum),
            counts: column(counter.sampled.count),
            highest: column(counter.highest),
            lowest: column(counter.lowest),
        };
        counter::counts(&samples, self.samples(), self.reach())
    }

    /// Which buckets say what was counted in one.
    fn reach(&self) -> Reach {
        let period = self.grid.period;
        let buckets = |buckets: i64| usize::try_from(buckets).unwrap_or(0);
        Reach {
            before: buckets(counted_before(period)),
            after: buckets(counted_after(period)),
            arriving: self.grid.arriving_index(),
            beyond: if self.is_left_out() { Beyond::Nothing } else { Beyond::Provisional },
        }
    }

    /// Whether a bucket of which something is to come has no value.
    fn is_left_out(&self) -> bool {
        self.grid.arriving.is_some_and(|arriving| arriving.incomplete == Incomplete::LeftOut)
    }

    /// In an alert, nothing of what follows the first bucket that is still arriving: an increase since the one before
    /// it would be smaller later.
    fn closed(&self, mut values: Vec<f64>) -> Vec<f64> {
        let arriving = self.grid.arriving_index();
        if self.is_left_out()
            && let Some(unknown) = values[arriving..].iter().position(|value| value.is_nan())
        {
            values[arriving + unknown..].fill(f64::NAN);
        }
        values
    }

    /// Folds those that are not null.
    fn fold(&self, parts: &[Expr], combine: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let mut folded = vec![f64::NAN; self.grid.computed()];
        let mut late = vec![false; folded.len()];
        for part in parts {
            let column = self.compute(part);
            self.note_late(&column, &mut late);
            if self.is_left_out() && part.counts_subtasks() {
                self.note_uncertain(part, &column, &mut late);
            }
            for (total, value) in folded.iter_mut().zip(column) {
                if total.is_nan() {
                    *total = value;
                } else if !value.is_nan() {
                    *total = combine(*total, value);
                }
            }
        }
        without(folded, &late)
    }

    fn mean(&self, parts: &[Expr]) -> Vec<f64> {
        let columns: Vec<_> = parts.iter().map(|part| self.compute(part)).collect();
        let mut late = vec![false; self.grid.computed()];
        columns.iter().for_each(|column| self.note_late(column, &mut late));
        let means = (0..self.grid.computed())
            .map(|bucket| {
                let known = columns.iter().map(|column| column[bucket]).filter(|value| !value.is_nan());
                let (sum, count) = known.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
                sum / count
            })
            .collect();
        without(means, &late)
    }

    /// Marks the newest buckets in which a part of a fold is still missing: without it, a sum would be too low. A part
    /// that was silent before has ended.
    fn note_late(&self, column: &[f64], late: &mut [bool]) {
        let arriving = self.grid.arriving_index().min(column.len());
        let is_running = column[..arriving].last().is_some_and(|value| !value.is_nan());
        for (late, value) in late.iter_mut().zip(column).skip(arriving).filter(|_| is_running) {
            *late |= value.is_nan();
        }
    }

    /// Marks the newest buckets of which a count is not certain yet. What the job counts as a whole is known when it is
    /// known of a later bucket; what its subtasks count may be known of each but one.
    fn note_uncertain(&self, expr: &Expr, column: &[f64], late: &mut [bool]) {
        let Reach { after, arriving, .. } = self.reach();
        let Some(known) = column.iter().rposition(|value| !value.is_nan()).filter(|known| known + after >= arriving)
        else {
            return;
        };
        let first = if expr.counts_subtasks() { arriving.saturating_sub(after) } else { known + 1 };
        late[first..].iter_mut().zip(&column[first..]).for_each(|(late, value)| *late |= value.is_nan());
    }

    /// The known values on a finer grid as one per bucket. An alert has none of a bucket of which a part may still
    /// arrive.
    fn fold_finer(&self, inner: &Expr, fine: &Evaluation<'_>, fold: Fold) -> Vec<f64> {
        let values = fine.compute(inner);
        let mut late = vec![false; values.len()];
        if fine.is_left_out() {
            fine.note_late(&values, &mut late);
            if fold == Fold::Sum {
                fine.note_uncertain(inner, &values, &mut late);
            }
        }
        let mut sums = vec![(0.0, 0.0); self.grid.computed()];
        let starts = (fine.grid.first()..).step_by(usize::try_from(fine.grid.period.seconds()).unwrap_or(1));
        for ((value, is_late), start) in values.iter().zip(late).zip(starts).skip(fine.grid.hidden()) {
            let bucket = usize::try_from((start - self.grid.first()).div_euclid(self.grid.period.seconds()));
            if let Some((sum, count)) = bucket.ok().and_then(|bucket| sums.get_mut(bucket))
                && (is_late || !value.is_nan())
            {
                *sum = match fold {
                    Fold::Sum | Fold::Mean => *sum + value,
                    Fold::Max if *count == 0.0 || value.is_nan() || value > sum => *value,
                    Fold::Max => *sum,
                };
                *count += 1.0;
            }
        }
        let folded = |(sum, count): (f64, f64)| match fold {
            Fold::Sum | Fold::Max if count > 0.0 => sum,
            Fold::Sum | Fold::Max => f64::NAN,
            Fold::Mean => sum / count,
        };
        sums.into_iter().map(folded).collect()
    }

    fn time_since(&self, mut values: Vec<f64>) -> Vec<f64> {
        let step = self.grid.period.seconds();
        for (value, bucket) in values.iter_mut().zip((self.grid.first()..).step_by(usize::try_from(step).unwrap_or(1)))
        {
            *value = bucket as f64 * 1000.0 + SAMPLE_OFFSET_MS - *value;
        }
        values
    }

    fn time_to_catch_up(&self, lag: &[f64], caught_up: f64) -> Vec<f64> {
        let steps = self.steps_of_a_trend();
        (0..lag.len())
            .map(|index| match lag[index] {
                left if left <= caught_up => 0.0,
                left => left / falling_speed(&lag[index.saturating_sub(steps)..=index], steps) * self.seconds(),
            })
            .collect()
    }

    /// So many buckets back a lag is compared with.
    fn steps_of_a_trend(&self) -> usize {
        usize::try_from((TREND_SECONDS / self.grid.period.seconds()).max(1)).unwrap_or(1)
    }

    fn rise(&self, values: &[f64]) -> Vec<f64> {
        let steps = self.steps_of_a_trend();
        let seconds = steps as f64 * self.seconds();
        let rise = |index: usize| Some((values[index] - values[index.checked_sub(steps)?]) / seconds);
        (0..values.len()).map(|index| rise(index).unwrap_or(f64::NAN)).collect()
    }

    fn growth(&self, values: &[f64]) -> Vec<f64> {
        let back = self.grid.hidden();
        let before = |index: usize| index.checked_sub(back).map(|before| values[before]).filter(|value| *value > 0.0);
        (0..values.len()).map(|index| before(index).map_or(f64::NAN, |before| values[index] / before)).collect()
    }

    /// Flink counts collection time since the process started, so that a fall is a new process. AWS's own alarm formula
    /// reads it per minute; the recordings do not, and a reading that depends on the values changes with the range.
    fn gc_share(&self, time: &[f64]) -> Vec<f64> {
        let length = self.seconds() * 1000.0;
        map(increase(time, self.reach().before), |value| value / length)
    }
}

/// The part of what goes towards a sink that must enter it.
const LEAST_PART: f64 = 0.001;

/// Whether a sink gets the records that are emitted before it. Where nothing is emitted there is nothing to say.
fn is_fed(into: &[f64], from: &[f64]) -> bool {
    let known = into.iter().zip(from).filter(|(into, from)| !into.is_nan() && !from.is_nan());
    let (into, from) = known.fold((0.0, 0.0), |(a, b), (into, from)| (a + into, b + from));
    into >= from * LEAST_PART
}

/// How far the highest of the bucket before is above the lowest of a bucket, at the moment between them: the last
/// sample of the one and the first of the other are brought to it by the speed at which each moves.
fn spread(highest: &[f64], lowest: &[f64], seconds: f64) -> Vec<f64> {
    let moved = |values: &[f64], index: usize| {
        let moved = (values[index] - values[index - 1]) / (seconds * 1000.0) * SAMPLE_OFFSET_MS;
        // After a restart it begins anew.
        if moved < 0.0 { 0.0 } else { moved }
    };
    let at = |index: usize| match index {
        0 => f64::NAN,
        index => highest[index - 1] + moved(highest, index) - (lowest[index] - moved(lowest, index)),
    };
    (0..highest.len().min(lowest.len())).map(at).collect()
}

/// Nulls in place of what is marked.
fn without(mut values: Vec<f64>, marked: &[bool]) -> Vec<f64> {
    for (value, _) in values.iter_mut().zip(marked).filter(|(_, is_marked)| **is_marked) {
        *value = f64::NAN;
    }
    values
}

fn map(mut values: Vec<f64>, change: impl Fn(f64) -> f64) -> Vec<f64> {
    for value in &mut values {
        *value = change(*value);
    }
    values
}

fn zip(mut a: Vec<f64>, b: &[f64], combine: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    for (a, b) in a.iter_mut().zip(b) {
        *a = combine(*a, *b);
    }
    a
}
