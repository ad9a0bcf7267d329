//! How much may be asked for, and what it may cost.

use super::SettingsError;
use super::faults::Faults;
use super::fields::Fields;
use crate::billing::metrics_for;
use crate::limits;

/// Limits of one request, and of an hour of them. In metrics as CloudWatch bills them: `billing` has their price.
///
/// The defaults are far above what dashboards and alert rules need (docs/limits-and-cost.md has figures), and far below
/// what the limits of calls would let through, which is $1,800 an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimits {
    /// Points that the queries of a request may compute with, eight bytes each.
    pub request_points: u64,
    /// Metrics that a request may be billed for when nothing of it is kept.
    pub request_metrics: u64,
    /// Metrics that all that people look at may be billed for in an hour.
    pub panel_metrics: u64,
    /// The same of alert rules: apart, so that nobody who looks at dashboards can silence them.
    pub alert_metrics: u64,
}

pub const REQUEST_DOLLARS: &str = "maxDollarsPerRequest";
pub const PANEL_DOLLARS: &str = "maxDollarsPerHour";
pub const ALERT_DOLLARS: &str = "maxAlertDollarsPerHour";
pub const REQUEST_POINTS: &str = "maxPointsPerRequest";

const DOLLARS_PER_REQUEST: f64 = 1.0;
const DOLLARS_PER_HOUR: f64 = 20.0;
const ALERT_DOLLARS_PER_HOUR: f64 = 50.0;

impl Default for CostLimits {
    fn default() -> Self {
        Self {
            request_points: limits::REQUEST_POINTS,
            request_metrics: metrics_for(DOLLARS_PER_REQUEST),
            panel_metrics: metrics_for(DOLLARS_PER_HOUR),
            alert_metrics: metrics_for(ALERT_DOLLARS_PER_HOUR),
        }
    }
}

impl CostLimits {
    pub(super) fn parse(fields: &Fields) -> Result<Self, SettingsError> {
        let mut faults = Faults::default();
        let points = faults.take(fields.whole(REQUEST_POINTS, limits::REQUEST_POINTS as usize, 100_000..=100_000_000));
        let mut metrics =
            |field, default, most| faults.take(fields.number(field, default, 0.01..=most)).map(metrics_for);
        let request = metrics(REQUEST_DOLLARS, DOLLARS_PER_REQUEST, 1000.0);
        let panels = metrics(PANEL_DOLLARS, DOLLARS_PER_HOUR, 10_000.0);
        let alerts = metrics(ALERT_DOLLARS, ALERT_DOLLARS_PER_HOUR, 10_000.0);
        let made = || {
            Some(Self {
                request_points: points? as u64,
                request_metrics: request?,
                panel_metrics: panels?,
                alert_metrics: alerts?,
            })
        };
        faults.settle(made())
    }
}
