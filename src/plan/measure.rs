//! How the numbers of a query are called and written.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::line::{Measure, MeasureLabels};
use crate::catalog::signal::Reduce;
use crate::catalog::statistic::Statistic;
use crate::query::AskedSignal;
use crate::query::Query;

/// By what is asked, not by what is there, so that labels stay the same when a signal appears.
pub(super) fn measure_labels(query: &Query) -> MeasureLabels {
    let signals = query.signals().unwrap_or_default();
    let own = |signal: &AskedSignal| query.statistic.as_ref().filter(|own| signal.takes(own)).map(Statistic::as_str);
    let statistics: BTreeSet<_> = signals.iter().map(|signal| measure(signal, own(signal)).statistic).collect();
    MeasureLabels { signal: signals.len() > 1, statistic: statistics.len() > 1 }
}

/// How a number is called and written.
pub(super) fn measure(asked: &AskedSignal, statistic: Option<&str>) -> Measure {
    let statistic = statistic.map(Arc::from);
    match asked {
        AskedSignal::Signal(signal) => Measure {
            signal: signal.id.into(),
            title: signal.title.into(),
            description: signal.description.into(),
            statistic,
            unit: signal.unit,
            thresholds: signal.thresholds,
            better: signal.better,
            reduce: signal.reduce,
        },
        AskedSignal::Metric(metric) => Measure {
            signal: metric.name.into(),
            title: metric.name.into(),
            description: metric.description.into(),
            statistic: statistic.or_else(|| Some(metric.statistic.as_str().into())),
            unit: metric.unit,
            thresholds: &[],
            better: metric.better,
            reduce: Reduce::Last,
        },
    }
}
