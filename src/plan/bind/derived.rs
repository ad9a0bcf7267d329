//! Signals made of several metrics: latency, skew, checkpoints, availability, resources.

use super::{At, Binder, Bound};
use crate::catalog::statistic::Statistic;
use crate::plan::absence::Absence;
use crate::plan::expr::{Expr, Fold};

const BUSY: &str = "busyTimeMsPerSecond";

/// MSF's autoscaling adds KPUs when the hottest container's CPU stays at 75 % (AWS, "Use automatic scaling").
const SCALE_UP_CPU: f64 = 0.75;

/// Kinesis sources poll about once a second: a lag of less is noise. Of records no such line is known.
const CAUGHT_UP_MS: f64 = 1000.0;

impl Binder<'_, '_> {
    pub(super) fn watermark_lag(&mut self, at: &At) -> Bound {
        self.finely(self.whole(), Fold::Max, |binder| {
            Ok(Expr::TimeSince(Box::new(binder.watermark("currentOutputWatermark", &Statistic::Minimum, at)?)))
        })
    }

    pub(super) fn watermark_skew(&mut self, at: &At) -> Bound {
        self.finely(self.whole(), Fold::Max, |binder| binder.watermarks_apart(at))
    }

    fn watermarks_apart(&mut self, at: &At) -> Bound {
        let highest = self.watermark("currentOutputWatermark", &Statistic::Maximum, at)?;
        let emitted = |binder: &mut Self| binder.watermark("currentOutputWatermark", &Statistic::Minimum, at);
        // A source has no input watermark; its own slowest subtask stands in. So it does for a verdict, which has it
        // from the lag.
        let lowest = if self.usage.is_verdict() {
            emitted(self)?
        } else {
            self.watermark("currentInputWatermark", &Statistic::Minimum, at).or_else(|_| emitted(self))?
        };
        Ok(Expr::Spread { highest: Box::new(highest), lowest: Box::new(lowest) })
    }

    pub(super) fn time_to_catch_up(&mut self, at: &At) -> Bound {
        let by_time = self.plain(&["millisBehindLatest"], &Statistic::Maximum, at);
        let (lag, caught_up) = match by_time {
            Ok(lag) => (lag, CAUGHT_UP_MS),
            Err(_) => (self.plain(&["millisBehindLatest", "records_lag_max"], &Statistic::Maximum, at)?, 0.0),
        };
        Ok(Expr::TimeToCatchUp { lag: Box::new(lag), caught_up })
    }

    /// An extreme of a watermark. On the application it is taken over the tasks where they are published, so that one
    /// task that never has a watermark does not hide the others; but for a verdict, which would be billed for every
    /// task.
    fn watermark(&mut self, metric: &'static str, statistic: &Statistic, at: &At) -> Bound {
        let whole = if self.usage.is_verdict() { self.entries(metric, at) } else { Vec::new() };
        let entries = if whole.is_empty() { self.entries_by_task(metric, at) } else { whole };
        if entries.is_empty() {
            return Err(self.absent(&[metric], at));
        }
        let parts = entries.iter().map(|entry| self.arrived(metric, entry, statistic)).collect();
        Ok(super::combine(parts, statistic))
    }

    /// Hottest subtask of a task over the mean of all, at the same time: over a day, the busiest minute is far above
    /// the mean of each subtask.
    pub(super) fn skew(&mut self, at: &At) -> Bound {
        self.finely(self.whole(), Fold::Mean, |binder| {
            let hottest = binder.plain(&[BUSY], &Statistic::Maximum, at)?;
            Ok(hottest.ratio(binder.plain(&[BUSY], &Statistic::Average, at)?))
        })
    }

    pub(super) fn checkpoint_success_ratio(&mut self, at: &At) -> Bound {
        let mut counted = |metric| self.finely(self.counting(), Fold::Sum, |binder| binder.job_increase(&[metric], at));
        let (completed, failed) = (counted("numberOfCompletedCheckpoints")?, counted("numberOfFailedCheckpoints")?);
        Ok(completed.clone().ratio(Expr::Sum(vec![completed, failed])))
    }

    pub(super) fn checkpoint_interval(&mut self, at: &At) -> Bound {
        let metrics = &["numberOfCompletedCheckpoints"];
        let events = self.finely(self.whole(), Fold::Mean, |binder| binder.job_increase(metrics, at))?;
        Ok(Expr::Interval { events: Box::new(events), seconds: self.whole().period.seconds() })
    }

    pub(super) fn checkpoint_pressure(&mut self, at: &At) -> Bound {
        let description = self.application.description.map_err(Absence::undescribed)?;
        let duration = self.plain(&["lastCheckpointDuration"], &Statistic::Maximum, at);
        let Some(configured) = description.checkpointing else {
            // Of a notebook it is not told: then the metric is what it lacks.
            return duration.and(Err(Absence::NoCheckpointing));
        };
        let interval = Some(configured.interval_ms).filter(|ms| configured.enabled && *ms > 0);
        let (interval, duration) = (interval.ok_or(Absence::NoCheckpointing)?, duration?);
        Ok(duration.scaled(1.0 / interval as f64))
    }

    pub(super) fn availability(&mut self, at: &At) -> Bound {
        let names = ["runningTime", "uptime"];
        self.finely(self.finest, Fold::Mean, |binder| {
            let maximum = binder.plain(&names, &Statistic::Maximum, at)?;
            let minimum = binder.plain(&names, &Statistic::Minimum, at)?;
            let sum = binder.plain(&names, &Statistic::Sum, at)?;
            Ok(Expr::Availability { maximum: Box::new(maximum), minimum: Box::new(minimum), sum: Box::new(sum) })
        })
    }

    pub(super) fn gc_pressure(&mut self, at: &At) -> Bound {
        self.finely(self.whole(), Fold::Mean, |binder| {
            Ok(Expr::GcShare(Box::new(binder.plain(&["oldGenerationGCTime"], &Statistic::Maximum, at)?)))
        })
    }

    /// Each TaskManager counts for itself, so the minimum is another one's count and no sign of a new job.
    pub(super) fn gc_collections(&mut self, at: &At) -> Bound {
        self.finely(self.counting(), Fold::Sum, |binder| {
            Ok(binder.plain(&["oldGenerationGCCount"], &Statistic::Maximum, at)?.increase())
        })
    }

    pub(super) fn cpu_headroom(&mut self, at: &At) -> Bound {
        let cpu = self.plain(&["containerCPUUtilization"], &Statistic::Maximum, at)?;
        Ok(left_of(SCALE_UP_CPU, cpu.scaled(0.01)))
    }

    pub(super) fn memory_headroom(&mut self, at: &At) -> Bound {
        let heap = self.plain(&["heapMemoryUtilization"], &Statistic::Maximum, at)?;
        let fullest = match self.plain(&["containerMemoryUtilization"], &Statistic::Maximum, at) {
            Ok(container) => Expr::Max(vec![container, heap]),
            Err(_) => heap,
        };
        Ok(left_of(1.0, fullest.scaled(0.01)))
    }

    /// Open over maximum of the process that is closest to its limit.
    pub(super) fn file_descriptors(&mut self, at: &At) -> Bound {
        const PAIRS: [(&str, &str); 2] = [
            ("jobmanagerFileDescriptorsOpen", "jobmanagerFileDescriptorsMax"),
            ("taskmanagerFileDescriptorsOpen", "taskmanagerFileDescriptorsMax"),
        ];
        let mut shares = Vec::new();
        for (open, limit) in PAIRS {
            for entry in self.entries(open, at) {
                let twin = self.entries(limit, at).into_iter().find(|l| l.series.dimensions == entry.series.dimensions);
                let Some(twin) = twin else { continue };
                let used = self.arrived(open, entry, &Statistic::Maximum);
                shares.push(used.ratio(self.arrived(limit, twin, &Statistic::Maximum)));
            }
        }
        if shares.is_empty() {
            return Err(self.not_published(&[PAIRS[0].0, PAIRS[1].0]));
        }
        Ok(Expr::Max(shares))
    }
}

fn left_of(whole: f64, used: Expr) -> Expr {
    Expr::Difference(Box::new(Expr::Constant(whole)), Box::new(used))
}
