//! What is counted per period, in buckets that are shorter than a long period.
//!
//! A counter starts anew with each job. Of a day in which that happened, its highest value tells neither where it stood
//! in the evening nor what was counted before; so a long period is the sum of shorter ones.

use super::{At, Binder, Bound, combine, sum};
use crate::catalog::statistic::Statistic;
use crate::plan::expr::{Expr, Fold, Grid, Incomplete};
use crate::query::Origin;
use crate::topology::inventory::Entry;

/// What a counter loses in a period of so many seconds is little.
const SHORT_SECONDS: i64 = 300;

impl Binder<'_, '_> {
    /// The increase per period of a counter that every subtask counts. Counted where it is registered: per task where
    /// tasks are published.
    pub(super) fn records(&mut self, metric: &'static str, at: &At) -> Bound {
        let entries = self.entries_by_task(metric, at);
        if entries.is_empty() {
            return Err(self.absent(&[metric], at));
        }
        self.finely(self.fine, Fold::Sum, |binder| {
            Ok(sum(entries.iter().map(|entry| binder.subtask_increase(metric, entry)).collect()))
        })
    }

    /// The grid for what the job tells as a whole. Of a short period its highest and lowest value say enough.
    pub(super) fn whole(&self) -> Grid {
        if self.grid.period.seconds() <= SHORT_SECONDS { self.grid } else { self.fine }
    }

    /// The same for counts. What a rule is told of them is final, for which minutes around its range are needed.
    pub(super) fn counting(&self) -> Grid {
        match self.origin {
            Origin::Alert => self.fine,
            Origin::Panel => self.whole(),
        }
    }

    /// The increase per period of a counter of the job. A panel shows what has been counted so far: it is at least so
    /// much.
    pub(super) fn counted(&mut self, names: &[&'static str], at: &At) -> Bound {
        self.finely(self.counting(), Fold::Sum, |binder| {
            match binder.grid.arriving.map(|arriving| arriving.incomplete) {
                Some(Incomplete::LeftOut) => binder.job_increase(names, at),
                Some(Incomplete::Estimated) | None => {
                    binder.increase_of(names, at, |binder, name, entry, statistic| {
                        Expr::Series(binder.series(name, entry, statistic))
                    })
                }
            }
        })
    }

    /// The same, of complete buckets only.
    pub(super) fn job_increase(&mut self, names: &[&'static str], at: &At) -> Bound {
        self.increase_of(names, at, Self::arrived)
    }

    /// Of several series, each is another count of the same.
    fn increase_of(
        &mut self,
        names: &[&'static str],
        at: &At,
        read: impl Fn(&mut Self, &str, &Entry, &Statistic) -> Expr,
    ) -> Bound {
        let (name, entries) = self.published(names, at)?;
        let increase = |entry: &&Entry| Expr::JobIncrease {
            maximum: Box::new(read(self, name, entry, &Statistic::Maximum)),
            minimum: Box::new(read(self, name, entry, &Statistic::Minimum)),
        };
        Ok(combine(entries.iter().map(increase).collect(), &Statistic::Maximum))
    }

    /// Runs `make` for a grid with shorter buckets than those that are shown, or with more of them around.
    pub(super) fn finely(&mut self, grid: Grid, fold: Fold, make: impl FnOnce(&mut Self) -> Bound) -> Bound {
        if grid == self.grid {
            return make(self);
        }
        let shown = std::mem::replace(&mut self.grid, grid);
        let inner = make(self);
        self.grid = shown;
        Ok(Expr::Finer { inner: Box::new(inner?), grid, fold })
    }
}
