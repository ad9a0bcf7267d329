//! What a data source was billed for in the last hour, and whether it may ask for more.
//!
//! Counted in metrics as CloudWatch bills them, minute by minute. Before a call is made its price is reserved, so that
//! requests that come at the same moment cannot pass the limit together; what the call really cost is counted when it
//! ends. Panels and alert rules have a limit each: who looks at dashboards can never silence a rule.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::aws::GET_METRIC_DATA;
use crate::billing::describe_dollars;
use crate::failure::CallError;
use crate::notice::Notice;
use crate::period::Period;
use crate::place::Region;
use crate::plan::call::{SeriesKey, billed_metrics};
use crate::plan::series::PlannedSeries;
use crate::settings::costs::{self, CostLimits};

const MINUTE_MS: i64 = 60_000;

/// What is spent counts for so long.
const HOUR_MINUTES: i64 = 60;

/// From here on panels say how much is left.
const NOTICE_PERCENT: u64 = 80;

/// Whose limit a request counts towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BilledTo {
    /// All that people look at, and what is fetched ahead for it.
    #[default]
    Panels,
    AlertRules,
}

/// Who pays for what a request asks.
#[derive(Debug, Clone, Default)]
pub struct Payer {
    pub spending: Arc<Spending>,
    pub billed_to: BilledTo,
    pub limits: CostLimits,
}

/// The last hour of one data source.
#[derive(Debug, Default)]
pub struct Spending(Mutex<[Hour; 2]>);

/// What one of the two was billed for.
#[derive(Debug, Default)]
struct Hour {
    /// Minutes since the epoch with the metrics of each, from old to new.
    minutes: VecDeque<(i64, u64)>,
    /// Metrics of requests that wait for their call.
    reserved: u64,
}

/// Metrics that a request is about to ask for.
#[derive(Debug)]
pub(super) struct Reservation {
    payer: Payer,
    metrics: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.payer.spending.hours()[self.payer.billed_to as usize].reserved -= self.metrics;
    }
}

impl Spending {
    fn hours(&self) -> MutexGuard<'_, [Hour; 2]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing was spent of late, so that it may be forgotten.
    pub fn is_idle(&self, now_ms: i64) -> bool {
        self.hours().iter_mut().all(|hour| hour.spent(now_ms) == 0 && hour.reserved == 0)
    }
}

impl Hour {
    fn spent(&mut self, now_ms: i64) -> u64 {
        let minute = now_ms.div_euclid(MINUTE_MS);
        // A clock that was set back has left minutes in the future.
        self.minutes.retain(|(at, _)| (minute - HOUR_MINUTES + 1..=minute + 1).contains(at));
        self.minutes.iter().map(|(_, metrics)| metrics).sum()
    }

    fn add(&mut self, metrics: u64, now_ms: i64) {
        let minute = now_ms.div_euclid(MINUTE_MS);
        match self.minutes.back_mut() {
            Some((at, sum)) if *at == minute => *sum += metrics,
            Some(_) | None => self.minutes.push_back((minute, metrics)),
        }
    }

    /// The moment at which so many metrics are no longer counted, in epoch milliseconds.
    fn free_at_ms(&self, metrics: u64) -> Option<i64> {
        let mut freed = 0;
        let enough = self.minutes.iter().find(|(_, sum)| {
            freed += sum;
            freed >= metrics
        });
        enough.map(|(minute, _)| (minute + HOUR_MINUTES) * MINUTE_MS)
    }
}

impl Payer {
    /// Room for so many metrics, or why there is none.
    pub(super) fn reserve(&self, metrics: u64, region: &Region, now_ms: i64) -> Result<Reservation, CallError> {
        let limit = self.limit();
        let hour = &mut self.spending.hours()[self.billed_to as usize];
        let taken = hour.spent(now_ms) + hour.reserved;
        if taken + metrics > limit {
            let free_at = hour.free_at_ms((taken + metrics).saturating_sub(limit)).filter(|_| metrics <= limit);
            return Err(CallError::over_spend_limit(GET_METRIC_DATA, region, &self.describe(taken, metrics, free_at)));
        }
        hour.reserved += metrics;
        Ok(Reservation { payer: self.clone(), metrics })
    }

    /// Counts metrics that were asked for at that moment.
    pub(super) fn charge(&self, metrics: u64, now_ms: i64) {
        let (limit, hour) = (self.limit(), &mut self.spending.hours()[self.billed_to as usize]);
        let before = hour.spent(now_ms);
        hour.add(metrics, now_ms);
        let is_near = |spent: u64| spent * 100 >= limit * NOTICE_PERCENT;
        if is_near(before + metrics) && !is_near(before) {
            let (spent, limit, setting) = (describe_dollars(before + metrics), describe_dollars(limit), self.setting());
            tracing::warn!(spent, limit, setting, "most of what may be spent in an hour is spent");
        }
    }

    /// Takes back metrics that were counted at that moment and not billed.
    pub(super) fn refund(&self, metrics: u64, then_ms: i64) {
        let minute = then_ms.div_euclid(MINUTE_MS);
        let hour = &mut self.spending.hours()[self.billed_to as usize];
        if let Some((_, sum)) = hour.minutes.iter_mut().find(|(at, _)| *at == minute) {
            *sum = sum.saturating_sub(metrics);
        }
    }

    /// Metrics that were billed in the last hour.
    pub fn spent(&self, now_ms: i64) -> u64 {
        self.spending.hours()[self.billed_to as usize].spent(now_ms)
    }

    /// That most is spent.
    pub(super) fn notice(&self, now_ms: i64) -> Option<Notice> {
        let (limit, spent) = (self.limit(), self.spent(now_ms));
        (spent * 100 >= limit * NOTICE_PERCENT).then(|| {
            let (what, setting) = (self.what(), self.setting());
            let (spent, limit) = (describe_dollars(spent), describe_dollars(limit));
            Notice::warning(format!(
                "{what} of this data source have cost {spent} in the last hour. At {limit} ({setting} in its settings) queries fail \
                 until the hour is over."
            ))
        })
    }

    /// Whether most is spent, so that nothing is asked but what somebody waits for.
    pub fn is_near_limit(&self, now_ms: i64) -> bool {
        self.notice(now_ms).is_some()
    }

    fn limit(&self) -> u64 {
        match self.billed_to {
            BilledTo::Panels => self.limits.panel_metrics,
            BilledTo::AlertRules => self.limits.alert_metrics,
        }
    }

    fn setting(&self) -> &'static str {
        match self.billed_to {
            BilledTo::Panels => costs::PANEL_DOLLARS,
            BilledTo::AlertRules => costs::ALERT_DOLLARS,
        }
    }

    fn what(&self) -> &'static str {
        match self.billed_to {
            BilledTo::Panels => "Panels",
            BilledTo::AlertRules => "Alert rules",
        }
    }

    /// Who has spent how much, what the limit is, and when there is room again.
    fn describe(&self, taken: u64, metrics: u64, free_at_ms: Option<i64>) -> String {
        let what = self.what().to_lowercase();
        let (limit, setting) = (describe_dollars(self.limit()), self.setting());
        let (taken, metrics) = (describe_dollars(taken), describe_dollars(metrics));
        let until =
            free_at_ms.map(|at| format!("; there is room again at {} UTC", time_of_day(at))).unwrap_or_default();
        format!(
            "{what} of this data source have cost {taken} in the last hour and may cost {limit} ({setting}), this could cost {metrics}{until}"
        )
    }
}

/// The most that may be billed for these series. Those of different periods may come to stand in different calls.
pub(super) fn most_billed<'a>(series: impl Iterator<Item = &'a PlannedSeries>) -> u64 {
    let mut by_period: BTreeMap<Period, Vec<&SeriesKey>> = BTreeMap::new();
    for series in series.filter(|series| !series.is_spare) {
        by_period.entry(series.key.period).or_default().push(&series.key);
    }
    by_period.into_values().map(billed_metrics).sum()
}

fn time_of_day(at_ms: i64) -> String {
    let minutes = at_ms.div_euclid(MINUTE_MS).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Who pays how much of a call.
#[derive(Debug, Default)]
pub(super) struct Charges(Vec<(Payer, u64)>);

impl Charges {
    /// One metric more. What panels and alert rules both want is billed to the panels.
    pub(super) fn add<'a>(&mut self, wanted_by: impl Iterator<Item = &'a Payer> + Clone) {
        let panel = wanted_by.clone().find(|payer| payer.billed_to == BilledTo::Panels);
        let Some(payer) = panel.or(wanted_by.clone().next()) else { return };
        let is_known =
            |known: &Payer| Arc::ptr_eq(&known.spending, &payer.spending) && known.billed_to == payer.billed_to;
        match self.0.iter_mut().find(|(known, _)| is_known(known)) {
            Some((_, metrics)) => *metrics += 1,
            None => self.0.push((payer.clone(), 1)),
        }
    }

    pub(super) fn charge(&self, now_ms: i64) {
        for (payer, metrics) in &self.0 {
            payer.charge(*metrics, now_ms);
        }
    }

    /// What was really billed for the call that was charged at that moment: less where it failed, more where it was
    /// asked again in parts.
    pub(super) fn settle(&self, billed: u64, then_ms: i64) {
        let charged: u64 = self.0.iter().map(|(_, metrics)| metrics).sum();
        if let Some((first, _)) = self.0.first()
            && billed > charged
        {
            first.charge(billed - charged, then_ms);
        }
        let mut excess = charged.saturating_sub(billed);
        for (payer, metrics) in &self.0 {
            let back = excess.min(*metrics);
            payer.refund(back, then_ms);
            excess -= back;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::CallErrorKind;

    const NOW: i64 = 1_790_000_040_000;

    fn payer(panel_metrics: u64, alert_metrics: u64) -> Payer {
        Payer { limits: CostLimits { panel_metrics, alert_metrics, ..CostLimits::default() }, ..Payer::default() }
    }

    fn reserve(payer: &Payer, metrics: u64, now_ms: i64) -> Result<Reservation, CallError> {
        payer.reserve(metrics, &Region::from("eu-west-1"), now_ms)
    }

    #[test]
    fn an_hour_after_it_was_spent_it_is_no_longer_counted() {
        let payer = payer(100_000, 1);
        payer.charge(60_000, NOW);
        payer.charge(30_000, NOW + 30 * MINUTE_MS);
        let error = reserve(&payer, 20_000, NOW + 31 * MINUTE_MS).unwrap_err();
        assert_eq!(error.kind, CallErrorKind::Throttled);
        assert_eq!(
            error.explain().0,
            "panels of this data source have cost $0.90 in the last hour and may cost $1.00 (maxDollarsPerHour), this could cost $0.20; \
             there is room again at 15:14 UTC"
        );
        assert!(reserve(&payer, 20_000, NOW + 59 * MINUTE_MS).is_err());
        assert!(reserve(&payer, 70_000, NOW + 60 * MINUTE_MS).is_ok());
        assert!(reserve(&payer, 100_000, NOW + 91 * MINUTE_MS).is_ok());
        assert!(payer.spending.is_idle(NOW + 91 * MINUTE_MS));
    }

    #[test]
    fn what_waits_for_its_call_counts_until_it_is_dropped() {
        let payer = payer(100, 1);
        let first = reserve(&payer, 60, NOW).unwrap();
        assert!(reserve(&payer, 60, NOW).is_err());
        drop(first);
        assert!(reserve(&payer, 60, NOW).is_ok());
    }

    #[test]
    fn panels_take_nothing_from_alert_rules() {
        let panels = payer(100, 50);
        let rules = Payer { billed_to: BilledTo::AlertRules, ..panels.clone() };
        panels.charge(100, NOW);
        assert!(reserve(&panels, 1, NOW).is_err());
        rules.charge(49, NOW);
        assert!(reserve(&rules, 1, NOW).is_ok());
        assert!(reserve(&rules, 2, NOW).unwrap_err().explain().0.contains("alert rules of this data source"));
    }

    #[test]
    fn from_four_fifths_on_it_is_said_and_what_was_not_billed_is_taken_back() {
        let payer = payer(100_000, 1);
        payer.charge(79_999, NOW);
        assert_eq!(payer.notice(NOW), None);
        payer.charge(1, NOW);
        let text = payer.notice(NOW).unwrap().text;
        assert!(text.contains("cost $0.80 in the last hour. At $1.00 (maxDollarsPerHour"), "{text}");
        payer.refund(1, NOW);
        assert!(!payer.is_near_limit(NOW));
    }

    #[test]
    fn a_clock_that_is_set_back_forgets_what_was_spent_in_the_future() {
        let payer = payer(100, 1);
        payer.charge(100, NOW + 600 * MINUTE_MS);
        assert!(reserve(&payer, 100, NOW).is_ok());
    }
}
